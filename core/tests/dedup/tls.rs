//! Redis behind TLS: a server of the test's own, for which one authority vouches.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hookseal::{Code, Deduplicator, DeduplicatorOptions};

use crate::place::event;

/// Ended, and its files removed, when this is dropped.
struct Server {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Server {
    fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("hookseal-dedup-tls-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        certificates(&folder);
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let file = |name: &str| folder.join(name).display().to_string();
        let (port_text, place) = (port.to_string(), folder.display().to_string());
        let process = Command::new("redis-server")
            .args([
                "--port",
                "0",
                "--tls-port",
                &port_text,
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--dir",
                &place,
            ])
            .args(["--tls-cert-file", &file("server.pem"), "--tls-key-file", &file("key.pem")])
            .args(["--tls-ca-cert-file", &file("ca.pem"), "--tls-auth-clients", "no"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { process, folder, port };
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    fn url(&self, scheme: &str, host: &str, query: &str) -> String {
        format!("{scheme}://{host}:{}/0?{query}", self.port)
    }

    fn trusted(&self) -> String {
        format!("sslrootcert={}", self.folder.join("ca.pem").display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// An authority, and what it vouches for: `localhost`.
fn certificates(folder: &Path) {
    let mut authority = rcgen::CertificateParams::new(vec![]).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let root = authority.self_signed(&authority_key).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let server = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let server = server.signed_by(&key, &rcgen::Issuer::new(authority, authority_key)).unwrap();
    for (name, text) in
        [("ca.pem", root.pem()), ("server.pem", server.pem()), ("key.pem", key.serialize_pem())]
    {
        std::fs::write(folder.join(name), text).unwrap();
    }
}

#[tokio::test]
async fn redis_behind_tls_is_checked_and_used() {
    let server = Server::start();
    let open = |url: &str| Deduplicator::open(url, DeduplicatorOptions::default());
    let deduplicator = open(&server.url("rediss", "localhost", &server.trusted())).unwrap();
    deduplicator.claim(&event("a")).await.unwrap().done().await.unwrap();
    let again = deduplicator.claim(&event("a")).await.err().unwrap();
    assert_eq!(again.code(), Code::DuplicateEvent);
    for (url, why) in [
        (server.url("rediss", "localhost", ""), "an authority that nobody knows"),
        (server.url("rediss", "127.0.0.1", &server.trusted()), "another name"),
        (server.url("redis", "localhost", ""), "no TLS"),
    ] {
        let error = open(&url).expect_err(why);
        assert_eq!(error.code(), Code::StoreUnavailable, "{why}: {error}");
    }
    let missing = open(&server.url("rediss", "localhost", "sslrootcert=/no/such/file")).unwrap_err();
    assert_eq!(missing.code(), Code::InvalidArgument, "{missing}");
}
