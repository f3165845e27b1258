//! Requests by somebody else's means: the guard and the deadline stay ours.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookseal::deliver::{
    AllowPrivate, Answer, Attempt, Client, Endpoint, Lookup, Resolver, Transport, TransportRequest,
    TransportResponse,
};
use hookseal::{Code, Error, Result, Webhook};

use super::{SECRET, endpoint, ends, event};

type Behaviour = fn(&TransportRequest) -> Result<TransportResponse>;

/// Keeps what it was handed, and answers as it is told; never if that is nothing.
struct Scripted {
    handed: Mutex<Vec<TransportRequest>>,
    behaviour: Option<Behaviour>,
}

impl Transport for Scripted {
    fn send(&self, request: TransportRequest) -> Answer<'_> {
        self.handed.lock().unwrap().push(request.clone());
        Box::pin(async move {
            match self.behaviour {
                Some(behaviour) => behaviour(&request),
                None => std::future::pending().await,
            }
        })
    }
}

struct Names(HashMap<&'static str, Vec<&'static str>>);

impl Resolver for Names {
    fn resolve<'a>(&'a self, name: &'a str) -> Lookup<'a> {
        let ips = self.0.get(name.trim_end_matches('.'));
        let ips = ips.map(|ips| ips.iter().map(|ip| ip.parse::<IpAddr>().unwrap()).collect());
        Box::pin(async move { ips.ok_or_else(|| io::Error::other("NXDOMAIN")) })
    }
}

fn scripted(behaviour: Option<Behaviour>) -> (Client, Arc<Scripted>) {
    let transport = Arc::new(Scripted { handed: Mutex::default(), behaviour });
    let names = Names(HashMap::from([
        ("public.example", vec!["93.184.215.14", "2606:2800:21f:cb07::1"]),
        ("mixed.example", vec!["10.0.0.7", "93.184.215.14"]),
        ("inner.example", vec!["10.0.0.7", "127.0.0.1"]),
    ]));
    let client = Client::builder().resolver(names).transport(transport.clone()).build().unwrap();
    (client, transport)
}

fn answer(status: u16, body: &[u8]) -> TransportResponse {
    TransportResponse { status, headers: vec![("Retry-After".into(), "7".into())], body: body.to_vec() }
}

async fn attempt(client: &Client, endpoint: &Endpoint) -> Attempt {
    ends(client.attempt(endpoint, &event())).await.unwrap()
}

fn code(attempt: &Attempt) -> Option<Code> {
    attempt.error.as_ref().map(Error::code)
}

#[tokio::test]
async fn is_handed_the_signed_request_and_the_checked_addresses() {
    let (client, transport) = scripted(Some(|_| Ok(answer(200, b"ok"))));
    let endpoint =
        endpoint("https://public.example/hook?a=b").header("authorization", "Bearer token").unwrap();
    let attempt = attempt(&client, &endpoint).await;
    assert!(attempt.succeeded());
    assert_eq!(attempt.response_body, b"ok");
    assert_eq!(attempt.response_headers.to_vec(), [("retry-after".to_owned(), "7".to_owned())]);
    assert!(attempt.request_headers.iter().any(|header| header == ("authorization", "[redacted]")));

    let handed = transport.handed.lock().unwrap();
    let [request] = &handed[..] else { panic!("one request is handed over") };
    assert_eq!(request.url.as_str(), "https://public.example/hook?a=b");
    let addresses: Vec<_> = request.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["93.184.215.14:443", "[2606:2800:21f:cb07::1]:443"]);
    assert!(request.headers.contains(&("authorization".into(), "Bearer token".into())));
    assert!(!format!("{request:?}").contains("token"));
    Webhook::new(SECRET).unwrap().verify(&request.body, &request.headers).unwrap();
}

#[tokio::test]
async fn forbidden_addresses_are_never_handed_over() {
    let (client, transport) = scripted(Some(|_| Ok(answer(200, b""))));
    let inner = attempt(&client, &endpoint("https://inner.example/")).await;
    assert_eq!(code(&inner), Some(Code::BlockedAddress));
    let unknown = attempt(&client, &endpoint("https://unknown.example/")).await;
    assert_eq!(code(&unknown), Some(Code::DnsFailed));
    for url in ["http://public.example/", "https://127.0.0.1/", "https://[::1]/"] {
        ends(client.attempt(&endpoint(url), &event())).await.unwrap_err();
    }
    assert!(transport.handed.lock().unwrap().is_empty());

    let mixed = attempt(&client, &endpoint("https://mixed.example/")).await;
    assert!(mixed.succeeded() && mixed.mixed_dns);
    let open = endpoint("https://10.0.0.7/").allow_private(AllowPrivate::only(["10.0.0.7"]).unwrap());
    assert!(attempt(&client, &open).await.succeeded());
    let handed = transport.handed.lock().unwrap();
    let addresses: Vec<_> = handed.iter().map(|request| request.addresses[0].to_string()).collect();
    assert_eq!(addresses, ["93.184.215.14:443", "10.0.0.7:443"]);
    assert_eq!(handed[0].addresses.len(), 1);
}

#[tokio::test]
async fn the_deadline_holds() {
    let (client, _) = scripted(None);
    let endpoint = endpoint("https://public.example/").timeout(Duration::from_millis(50)).unwrap();
    assert_eq!(code(&attempt(&client, &endpoint).await), Some(Code::Timeout));
}

#[tokio::test]
async fn what_is_too_much_is_cut_and_what_is_wrong_is_told() {
    let (client, _) = scripted(Some(|request| Ok(answer(500, &vec![b'x'; request.response_limit + 1]))));
    let long = attempt(&client, &endpoint("https://public.example/")).await;
    assert_eq!((long.response_code, long.response_body.len()), (Some(500), 64 * 1024));
    assert!(long.response_truncated && long.error.is_none());

    let wrong: [(Behaviour, Code); 5] = [
        (|_| Ok(answer(42, b"")), Code::ProtocolError),
        (
            |_| Ok(TransportResponse { headers: vec![("a b".into(), "c".into())], ..answer(200, b"") }),
            Code::ProtocolError,
        ),
        (
            |_| Ok(TransportResponse { headers: vec![("a".into(), "x".repeat(70_000))], ..answer(200, b"") }),
            Code::ProtocolError,
        ),
        (|_| Err(Error::new(Code::ConnectFailed, "Refused.")), Code::ConnectFailed),
        (|_| Err(Error::new(Code::InvalidSecret, "Not of delivering.")), Code::ProtocolError),
    ];
    for (behaviour, expected) in wrong {
        let (client, _) = scripted(Some(behaviour));
        assert_eq!(code(&attempt(&client, &endpoint("https://public.example/")).await), Some(expected));
    }
}
