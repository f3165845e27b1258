//! Names and addresses: only what is allowed is ever dialled, whatever the resolver says and when.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookseal::deliver::{AllowPrivate, Client, Endpoint, Lookup, Resolver};
use hookseal::{Code, Error};

use super::receiver::{Answer, Receiver};
use super::{client, endpoint, ends, event, retries, single};

/// Gives one answer after another, the last for ever, and remembers what it was asked.
struct Script {
    answers: Vec<Option<&'static [&'static str]>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Resolver for Script {
    fn resolve<'a>(&'a self, name: &'a str) -> Lookup<'a> {
        let nth = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(name.to_owned());
            asked.len() - 1
        };
        let answer = self.answers[nth.min(self.answers.len() - 1)];
        Box::pin(async move {
            let ips = answer.ok_or_else(|| io::Error::other("NXDOMAIN"))?;
            Ok(ips.iter().map(|ip| ip.parse::<IpAddr>().unwrap()).collect())
        })
    }
}

type Asked = Arc<Mutex<Vec<String>>>;

fn scripted(allow: AllowPrivate, answers: &[Option<&'static [&'static str]>]) -> (Client, Asked) {
    let asked = Asked::default();
    let script = Script { answers: answers.to_vec(), asked: asked.clone() };
    (Client::builder().allow_http(true).allow_private(allow).resolver(script).build().unwrap(), asked)
}

/// Loopback, where the receivers of these tests are, and of that only one address.
fn loopback() -> AllowPrivate {
    AllowPrivate::only(["127.0.0.1"]).unwrap()
}

fn named(receiver: &Receiver) -> Endpoint {
    endpoint(&format!("http://hooks.example.com:{}/hook", receiver.port()))
}

/// Answers and hangs up, so that the next attempt asks the resolver again.
fn once() -> Answer {
    Answer::close("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
}

fn code(error: &Option<Error>) -> Option<Code> {
    error.as_ref().map(Error::code)
}

#[tokio::test]
async fn a_name_is_resolved_once_and_that_answer_is_dialled() {
    let receiver = Receiver::always(once()).await;
    let (client, asked) = scripted(loopback(), &[Some(&["127.0.0.1"])]);
    let attempt = ends(client.attempt(&named(&receiver), &event())).await.unwrap();
    assert!(attempt.succeeded() && !attempt.mixed_dns, "{attempt:?}");
    assert_eq!(*asked.lock().unwrap(), ["hooks.example.com"]);
    assert_eq!(
        receiver.request().header("host"),
        Some(format!("hooks.example.com:{}", receiver.port()).as_str())
    );
}

#[tokio::test]
async fn where_only_public_hosts_are_allowed_search_domains_are_not_appended() {
    let (client, asked) = scripted(AllowPrivate::No, &[None]);
    for host in ["hooks.example.com", "hooks.example.com."] {
        let attempt = ends(client.attempt(&endpoint(&format!("http://{host}/")), &event())).await.unwrap();
        assert_eq!(code(&attempt.error), Some(Code::DnsFailed));
    }
    assert_eq!(*asked.lock().unwrap(), ["hooks.example.com.", "hooks.example.com."]);
}

#[tokio::test]
async fn forbidden_answers_end_the_delivery_at_once() {
    let answers: [&'static [&'static str]; 6] = [
        &["127.0.0.1"],
        &["10.0.0.1", "192.168.0.1", "::1", "fd00::1"],
        &["169.254.169.254"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::7f00:1"],
        &["::ffff:8.8.8.8"],
    ];
    let receiver = Receiver::always(Answer::status(200)).await;
    for answer in answers {
        let (client, asked) = scripted(AllowPrivate::No, &[Some(answer)]);
        let delivery =
            ends(client.deliver(&named(&receiver).retry(retries(&[1, 1, 1])), &event())).await.unwrap();
        let attempt = single(&delivery);
        assert_eq!(
            (code(&attempt.error), attempt.response_code),
            (Some(Code::BlockedAddress), None),
            "{answer:?}"
        );
        let message = attempt.error.as_ref().unwrap().message();
        assert!(
            message.contains("allow_private") && !answer.iter().any(|ip| message.contains(ip)),
            "{message}"
        );
        assert_eq!(asked.lock().unwrap().len(), 1);
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn of_mixed_answers_only_the_allowed_are_dialled() {
    let receiver = Receiver::always(once()).await;
    let elsewhere =
        Receiver::bind(&format!("127.0.0.2:{}", receiver.port()), None, |_| Answer::status(200)).await;
    for answer in [
        &["127.0.0.2", "127.0.0.1"][..],
        &["127.0.0.1", "127.0.0.2"],
        &["127.0.0.2", "127.0.0.1", "127.0.0.2", "::1"],
    ] {
        let (client, _) = scripted(loopback(), &[Some(answer)]);
        let attempt = ends(client.attempt(&named(&receiver), &event())).await.unwrap();
        assert!(attempt.succeeded() && attempt.mixed_dns, "{attempt:?}");
    }
    assert_eq!((receiver.connections(), elsewhere.connections()), (3, 0));
}

#[tokio::test]
async fn a_name_that_moves_inside_is_followed_nowhere() {
    let receiver = Receiver::always(once()).await;
    let inside =
        Receiver::bind(&format!("127.0.0.2:{}", receiver.port()), None, |_| Answer::status(200)).await;
    let (client, asked) =
        scripted(loopback(), &[Some(&["127.0.0.1"]), Some(&["127.0.0.2"]), Some(&["127.0.0.1"])]);
    let mut codes = Vec::new();
    for _ in 0..3 {
        let attempt = ends(client.attempt(&named(&receiver), &event())).await.unwrap();
        codes.push((attempt.response_code, code(&attempt.error)));
    }
    assert_eq!(codes, [(Some(200), None), (None, Some(Code::BlockedAddress)), (Some(200), None)]);
    assert_eq!((asked.lock().unwrap().len(), receiver.connections(), inside.connections()), (3, 2, 0));
}

#[tokio::test]
async fn a_connection_made_with_more_trust_is_not_used_with_less() {
    let receiver = Receiver::always(Answer::status(200)).await;
    let (client, _) = scripted(AllowPrivate::No, &[Some(&["127.0.0.1"])]);
    let (trusted, strict) = (named(&receiver).allow_private(AllowPrivate::All), named(&receiver));
    assert!(ends(client.attempt(&trusted, &event())).await.unwrap().succeeded());
    // Time for the connection to reach its pool.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let attempt = ends(client.attempt(&strict, &event())).await.unwrap();
    assert_eq!(code(&attempt.error), Some(Code::BlockedAddress));
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn a_name_without_address_is_tried_again() {
    let receiver = Receiver::always(once()).await;
    let (client, _) = scripted(loopback(), &[None, Some(&[]), Some(&["127.0.0.1"])]);
    let delivery = ends(client.deliver(&named(&receiver).retry(retries(&[1, 1])), &event())).await.unwrap();
    let codes: Vec<_> = delivery.attempts.iter().map(|attempt| code(&attempt.error)).collect();
    assert_eq!(codes, [Some(Code::DnsFailed), Some(Code::DnsFailed), None]);
}

#[tokio::test]
async fn a_resolver_that_says_nothing_is_cut_off() {
    struct Silent;
    impl Resolver for Silent {
        fn resolve<'a>(&'a self, _: &'a str) -> Lookup<'a> {
            Box::pin(std::future::pending())
        }
    }
    let short = Duration::from_millis(200);
    let build = || Client::builder().allow_http(true).resolver(Silent);
    let endpoint = endpoint("http://hooks.example.com/");
    for (client, endpoint) in [
        (build().build().unwrap(), endpoint.clone().timeout(short).unwrap()),
        (build().connect_timeout(short).build().unwrap(), endpoint.timeout(Duration::from_secs(20)).unwrap()),
    ] {
        let attempt = ends(client.attempt(&endpoint, &event())).await.unwrap();
        assert_eq!(code(&attempt.error), Some(Code::Timeout), "{attempt:?}");
        assert!(attempt.duration < Duration::from_secs(20));
    }
}

#[tokio::test]
async fn the_system_resolver_knows_localhost() {
    let receiver = Receiver::always(Answer::status(200)).await;
    let attempt =
        ends(client().attempt(&endpoint(&format!("http://localhost:{}/", receiver.port())), &event()))
            .await
            .unwrap();
    assert!(attempt.succeeded(), "{attempt:?}");
}

#[tokio::test]
async fn what_the_url_alone_forbids_is_not_attempted() {
    let receiver = Receiver::always(Answer::status(200)).await;
    let open = || Client::builder().allow_http(true);
    for (client, host) in [
        (open().build().unwrap(), "127.0.0.1"),
        (open().build().unwrap(), "0x7f.1"),
        (open().build().unwrap(), "[::ffff:127.0.0.1]"),
        (open().build().unwrap(), "localhost"),
        (open().allow_private(AllowPrivate::only(["10.0.0.0/8"]).unwrap()).build().unwrap(), "127.0.0.1"),
        (open().allow_private(AllowPrivate::All).build().unwrap(), "169.254.169.254"),
    ] {
        let endpoint = endpoint(&format!("http://{host}:{}/", receiver.port()));
        let error = ends(client.deliver(&endpoint, &event())).await.unwrap_err();
        assert_eq!(error.code(), Code::BlockedAddress, "{host}");
        assert!(error.message().contains("allow_private"), "{error}");
    }
    assert_eq!(receiver.connections(), 0);
}
