//! Proxies in the environment are ignored: one would resolve and dial by itself, past all checks. Alone in its
//! program because it changes the environment.

#![cfg(feature = "deliver")]
#![allow(clippy::unwrap_used, reason = "a test")]

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, thread};

use hookseal::deliver::{AllowPrivate, Client, Endpoint, Lookup, Resolver};
use hookseal::{EventOptions, Provider, RetryPolicy};

struct Here;

impl Resolver for Here {
    fn resolve<'a>(&'a self, _: &'a str) -> Lookup<'a> {
        Box::pin(async { Ok(vec![[127, 0, 0, 1].into()]) })
    }
}

#[test]
fn the_environment_has_no_say() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    thread::spawn({
        let asked = asked.clone();
        move || {
            for _ in proxy.incoming() {
                asked.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        // SAFETY: the only test of this program; no other thread reads the environment yet.
        unsafe { env::set_var(name, &url) };
    }
    for name in ["NO_PROXY", "no_proxy", "REQUEST_METHOD"] {
        // SAFETY: as above.
        unsafe { env::remove_var(name) };
    }

    // Port 1 on loopback: nobody listens, so an attempt that fails to connect went there itself.
    let provider = Provider::builtin("standard").unwrap();
    let event = provider.event("a.b", &1, &EventOptions::default()).unwrap();
    let client =
        Client::builder().allow_http(true).allow_private(AllowPrivate::All).resolver(Here).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for url in ["http://hooks.example.com:1/", "https://hooks.example.com:1/", "http://127.0.0.1:1/"] {
        let secret = provider.generate_secret().unwrap();
        let endpoint = Endpoint::new(url, &provider, &[secret]).unwrap().retry(RetryPolicy::none());
        let delivery = runtime.block_on(client.deliver(&endpoint, &event)).unwrap();
        let error = delivery.attempts[0].error.as_ref().unwrap();
        assert_eq!(error.code(), hookseal::Code::ConnectFailed, "{url}: {error}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}
