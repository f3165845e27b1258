//! TLS: trusted certificates only, and clear words for all else.

use std::time::Duration;

use hookseal::Code;
use hookseal::deliver::{AllowPrivate, Attempt, Client, Lookup, Resolver};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::receiver::{Answer, Receiver};
use super::{endpoint, ends, event};

/// An authority of our own.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// The settings of a server that this authority certifies for a name.
    fn server(&self, name: &str, until_year: i32) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until_year, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap()
    }

    /// A client that trusts it, for which every name is on this machine.
    fn client(&self) -> Client {
        struct Here;
        impl Resolver for Here {
            fn resolve<'a>(&'a self, _: &'a str) -> Lookup<'a> {
                Box::pin(async { Ok(vec![[127, 0, 0, 1].into()]) })
            }
        }
        let builder = Client::builder().allow_private(AllowPrivate::All).resolver(Here);
        builder.root_certificates(self.pem.as_bytes()).build().unwrap()
    }
}

async fn attempt(client: &Client, host: &str, port: u16) -> Attempt {
    let endpoint = endpoint(&format!("https://{host}:{port}/hook")).timeout(Duration::from_secs(20)).unwrap();
    ends(client.attempt(&endpoint, &event())).await.unwrap()
}

fn code(attempt: &Attempt) -> Option<Code> {
    attempt.error.as_ref().map(|error| error.code())
}

#[tokio::test]
async fn a_trusted_receiver_is_delivered_to() {
    let authority = Authority::new();
    for host in ["hooks.example.com", "127.0.0.1"] {
        let receiver = Receiver::tls(authority.server(host, 2999), Answer::status(200)).await;
        let attempt = attempt(&authority.client(), host, receiver.port()).await;
        assert!(attempt.succeeded(), "{attempt:?}");
        receiver.request().verified();
    }
}

#[tokio::test]
async fn a_stranger_a_namesake_and_an_expired_one_are_not() {
    let (ours, other) = (Authority::new(), Authority::new());
    for (server, client) in [
        (ours.server("hooks.example.com", 2999), other.client()),
        (ours.server("other.example.com", 2999), ours.client()),
        (ours.server("hooks.example.com", 2021), ours.client()),
    ] {
        let receiver = Receiver::tls(server, Answer::status(200)).await;
        let attempt = attempt(&client, "hooks.example.com", receiver.port()).await;
        assert_eq!(code(&attempt), Some(Code::TlsFailed), "{attempt:?}");
        assert!(receiver.requests().is_empty());
    }
}

#[tokio::test]
async fn what_does_not_speak_tls() {
    let client = Authority::new().client();
    let plain = Receiver::always(Answer::status(200)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closing = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            drop(listener.accept().await);
        }
    });
    // The plain receiver waits for the end of a head that never comes.
    let endpoint = endpoint(&format!("https://127.0.0.1:{}/", plain.port()))
        .timeout(Duration::from_millis(300))
        .unwrap();
    let waiting = ends(client.attempt(&endpoint, &event())).await.unwrap();
    assert_eq!(code(&waiting), Some(Code::Timeout));
    let closed = attempt(&client, "127.0.0.1", closing).await;
    assert_eq!(code(&closed), Some(Code::TlsFailed), "{closed:?}");
}

#[tokio::test]
async fn nonsense_instead_of_a_handshake() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
            // Kept open: it is the bytes that are judged.
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(30)).await;
                drop(stream);
            });
        }
    });
    let attempt = attempt(&Authority::new().client(), "127.0.0.1", port).await;
    assert_eq!(code(&attempt), Some(Code::TlsFailed), "{attempt:?}");
}

#[tokio::test]
async fn a_response_without_goodbye_counts_if_it_could_be_complete() {
    let authority = Authority::new();
    let server = || authority.server("127.0.0.1", 2999);
    let receiver = Receiver::tls(server(), Answer::close("HTTP/1.1 200 OK\r\n\r\nuntil closed")).await;
    let complete = attempt(&authority.client(), "127.0.0.1", receiver.port()).await;
    assert!(complete.succeeded(), "{complete:?}");
    assert_eq!(complete.response_body, b"until closed");

    let receiver =
        Receiver::tls(server(), Answer::close("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nbroken off"))
            .await;
    let broken = attempt(&authority.client(), "127.0.0.1", receiver.port()).await;
    assert_eq!((code(&broken), broken.response_code), (Some(Code::ProtocolError), Some(200)), "{broken:?}");
}
