//! The handshakes of vendors, and verifiers of one's own.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::Method;
use axum::routing::any;
use hookseal::axum::{Incoming, Received, Receiver, Verified, Verifier, Verifying};
use hookseal::{
    Code, Error, Event, HandshakeAnswer, HandshakeOptions, Provider, Secret, TrustedFacts, Webhook,
};
use http_body_util::BodyExt;
use tower_service::Service;

const KEY: &str = "0123456789abcdef0123456789abcdef";

async fn body(Verified(event): Verified) -> Bytes {
    event.into_body()
}

fn app(receiver: Receiver) -> Router {
    Router::new().route("/hooks", any(body)).with_state(receiver)
}

pub(crate) fn webhook(provider: &str) -> Webhook {
    let provider = Provider::builtin(provider).unwrap();
    Webhook::with_provider(&provider, &[Secret::new(KEY).unwrap()]).unwrap()
}

pub(crate) async fn ask(
    app: &mut Router,
    method: Method,
    target: &str,
    headers: &[(String, String)],
    body: &str,
) -> (u16, Vec<(String, String)>, String) {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let response = app.call(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let lines = response.headers().iter();
    let lines = lines.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, lines, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn signed_ones() {
    let slack = webhook("slack");
    let mut app = app(Receiver::new(webhook("slack")));
    let question = r#"{"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRN"}"#;
    let headers = slack.sign(question.as_bytes()).unwrap();
    let (status, lines, answer) = ask(&mut app, Method::POST, "/hooks", &headers, question).await;
    assert_eq!((status, answer.as_str()), (200, "3eZbrw1aBm2rZgRN"));
    assert!(lines.contains(&("x-content-type-options".to_owned(), "nosniff".to_owned())));
    assert!(lines.contains(&("content-type".to_owned(), "text/plain; charset=utf-8".to_owned())));
    assert_eq!(ask(&mut app, Method::POST, "/hooks", &[], question).await.0, 401);
    let event = r#"{"type": "event_callback"}"#;
    let headers = slack.sign(event.as_bytes()).unwrap();
    assert_eq!(ask(&mut app, Method::POST, "/hooks", &headers, event).await.2, event);
}

#[tokio::test]
async fn those_with_a_token() {
    let mut app = app(Receiver::new(webhook("meta")).with_verify_token("agreed"));
    let target = "/hooks?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";
    let (status, _, answer) = ask(&mut app, Method::GET, &format!("{target}agreed"), &[], "").await;
    assert_eq!((status, answer.as_str()), (200, "1158201444"));
    assert_eq!(ask(&mut app, Method::GET, &format!("{target}guessed"), &[], "").await.0, 401);
    assert_eq!(ask(&mut app, Method::GET, "/hooks", &[], "").await.0, 401);
}

#[tokio::test]
async fn behind_the_layer() {
    let receiver = Receiver::new(webhook("twitter"));
    let mut app = Router::new().route("/hooks", any(|| async { "let through" })).layer(receiver);
    let (status, _, answer) = ask(&mut app, Method::GET, "/hooks?crc_token=abc", &[], "").await;
    assert_eq!(status, 200);
    assert!(answer.starts_with(r#"{"response_token":"sha256="#), "{answer}");
}

/// Keeps the first secret that Asana gives away, and has no use for another.
struct FirstSecret {
    provider: Arc<Provider>,
    kept: Mutex<Option<Secret>>,
}

impl Verifier for FirstSecret {
    fn verify<'r>(&'r self, request: &'r Incoming<'r>) -> Verifying<'r> {
        Box::pin(async move {
            let mut kept = self.kept.lock().unwrap();
            if let Some(secret) = &*kept {
                return request
                    .verify(&Webhook::with_provider(&self.provider, std::slice::from_ref(secret))?);
            }
            let options = HandshakeOptions::default();
            let answer = self.provider.handshake(request.body, &request.parts.headers, &options)?;
            let unknown = || Error::new(Code::SignatureMismatch, "There is no secret yet.");
            let answer = answer.ok_or_else(unknown)?;
            *kept = answer.secret()?;
            Ok(Received::Handshake(answer))
        })
    }
}

#[tokio::test]
async fn the_first_secret_is_kept_and_no_other() {
    let provider = Provider::builtin("asana").unwrap();
    let first = FirstSecret { provider, kept: Mutex::new(None) };
    let mut app = app(Receiver::with_verifier(first));
    let headers = webhook("asana").sign(b"{}").unwrap();
    assert_eq!(ask(&mut app, Method::POST, "/hooks", &headers, "{}").await.0, 401);
    let given = [("X-Hook-Secret".to_owned(), KEY.to_owned())];
    let (status, lines, _) = ask(&mut app, Method::POST, "/hooks", &given, "{}").await;
    assert_eq!(status, 200);
    assert!(lines.contains(&("x-hook-secret".to_owned(), KEY.to_owned())));
    assert_eq!(ask(&mut app, Method::POST, "/hooks", &headers, "{}").await.0, 200);
    assert_eq!(ask(&mut app, Method::POST, "/hooks", &given, "{}").await.0, 401);
}

/// Verifies by a word.
struct Polite;

impl Verifier for Polite {
    fn verify<'r>(&'r self, request: &'r Incoming<'r>) -> Verifying<'r> {
        Box::pin(async move {
            assert_eq!((request.target, request.url), ("/hooks?a=b", None));
            if request.body.as_ref() == b"hello?" {
                let headers = vec![("x-hello".to_owned(), "you".to_owned())];
                return Ok(Received::Handshake(HandshakeAnswer::new(headers, "hello".to_owned())));
            }
            if !request.body.ends_with(b"please") {
                return Err(Error::new(Code::SignatureMismatch, "It lacks the word."));
            }
            let facts = TrustedFacts { id: Some("1"), ..TrustedFacts::default() };
            Event::trusted(request.body.clone(), &facts).map(Received::Event)
        })
    }
}

#[tokio::test]
async fn a_verifier_of_ones_own() {
    let mut app = app(Receiver::with_verifier(Polite));
    assert_eq!(ask(&mut app, Method::POST, "/hooks?a=b", &[], "this please").await.2, "this please");
    assert_eq!(ask(&mut app, Method::POST, "/hooks?a=b", &[], "this").await.0, 401);
    let (status, lines, answer) = ask(&mut app, Method::POST, "/hooks?a=b", &[], "hello?").await;
    assert_eq!((status, answer.as_str()), (200, "hello"));
    assert!(lines.contains(&("x-hello".to_owned(), "you".to_owned())));
}
