//! The extractor and the layer, with axum itself; and what the documentation shows, as it shows it.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use axum::body::{Body, Bytes};
use axum::extract::{FromRef, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::post;
use axum::{Extension, Router};
use hookseal::axum::{Receiver, Refused, Rejection, Verified};
use hookseal::{Code, Event, MAX_BODY, Provider, Secret, SignOptions, Webhook};
use http_body_util::BodyExt;
use tower_service::Service;

mod dedup;
mod explained;
mod handshakes;
#[cfg(feature = "sender")]
mod inbox;
#[allow(unreachable_pub, reason = "as the documentation shows it")]
mod layer;
#[allow(unreachable_pub, reason = "as the documentation shows it")]
mod recipe;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const LIMIT: usize = 1000;

/// Whoever parses this and writes it again has other bytes.
const ODD: &str = "{ \"type\":\"a\",\n\t\"z\":1, \"a\": \"Grüße 🪝 \\u00fc\" , \"data\" : {\"n\": 1.0}}\r\n";

type Headers = Vec<(String, String)>;

/// Answers with the raw body, having read the data.
async fn extracted(Verified(event): Verified) -> Result<Bytes, Refused> {
    event.data_json()?;
    Ok(event.into_body())
}

async fn behind(Extension(event): Extension<Arc<Event<Bytes>>>, body: Bytes) -> Result<Bytes, Refused> {
    event.data_json()?;
    assert_eq!(event.body(), body);
    Ok(body)
}

fn apps(receiver: &Receiver) -> [Router; 2] {
    [
        Router::new().route("/hooks", post(extracted)).with_state(receiver.clone()),
        Router::new().route("/hooks", post(behind)).layer(receiver.clone()),
    ]
}

fn webhook() -> Webhook {
    Webhook::new(SECRET).unwrap()
}

fn signed(body: &[u8]) -> Headers {
    webhook().sign(body).unwrap()
}

fn request(body: impl Into<Body>, headers: &Headers) -> Request {
    let mut request = Request::post("/hooks?a=b").body(body.into()).unwrap();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        request.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
    }
    request
}

/// A body of unknown length, in pieces.
fn chunked(body: &[u8]) -> Body {
    let mut pieces: Vec<Bytes> = body.chunks(7).map(Bytes::copy_from_slice).collect();
    pieces.reverse();
    Body::new(Pieces(pieces))
}

struct Pieces(Vec<Bytes>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        std::task::Poll::Ready(self.0.pop().map(|piece| Ok(http_body::Frame::data(piece))))
    }
}

async fn ask(app: &mut Router, request: Request) -> (StatusCode, Bytes) {
    let response: Response = Service::call(app, request).await.unwrap();
    let status = response.status();
    (status, response.into_body().collect().await.unwrap().to_bytes())
}

/// What both apps answer, which is the same.
async fn both(receiver: &Receiver, make: impl Fn() -> Request) -> (u16, Bytes) {
    let [mut extractor, mut layer] = apps(receiver);
    let answer = ask(&mut extractor, make()).await;
    assert_eq!(answer, ask(&mut layer, make()).await);
    (answer.0.as_u16(), answer.1)
}

fn refusal(code: Code) -> (u16, Bytes) {
    (code.http_status(), format!(r#"{{"code":"{code}"}}"#).into())
}

#[tokio::test]
async fn the_raw_bytes_are_what_is_verified() {
    let receiver = Receiver::new(webhook());
    let headers = signed(ODD.as_bytes());
    assert_eq!(both(&receiver, || request(ODD, &headers)).await, (200, ODD.into()));
    assert_eq!(both(&receiver, || request(chunked(ODD.as_bytes()), &headers)).await, (200, ODD.into()));
    let parsed: serde_json::Value = serde_json::from_str(ODD).unwrap();
    let again = both(&receiver, || request(parsed.to_string(), &headers)).await;
    assert_eq!(again, refusal(Code::SignatureMismatch));
}

#[tokio::test]
async fn what_is_refused() {
    let receiver = Receiver::new(webhook());
    let tampered = both(&receiver, || request(format!("{ODD} "), &signed(ODD.as_bytes()))).await;
    assert_eq!(tampered, refusal(Code::SignatureMismatch));
    for (timestamp, code) in [
        (SystemTime::now() - Duration::from_secs(1000), Code::TimestampTooOld),
        (SystemTime::now() + Duration::from_secs(1000), Code::TimestampTooNew),
    ] {
        let options = SignOptions { timestamp: Some(timestamp), ..Default::default() };
        let headers = webhook().sign_with(ODD.as_bytes(), &options).unwrap();
        assert_eq!(both(&receiver, || request(ODD, &headers)).await, refusal(code));
    }
    assert_eq!(both(&receiver, || request(ODD, &Vec::new())).await, refusal(Code::MissingHeader));
    let mut malformed = signed(ODD.as_bytes());
    malformed.iter_mut().find(|(name, _)| name == "webhook-timestamp").unwrap().1 = "now".into();
    assert_eq!(both(&receiver, || request(ODD, &malformed)).await, refusal(Code::MalformedTimestamp));
    let not_text = b"\xff\xfe\x00";
    let headers = signed(not_text);
    assert_eq!(both(&receiver, || request(&not_text[..], &headers)).await, refusal(Code::InvalidPayload));
    let empty = both(&receiver, || request(Body::empty(), &signed(b""))).await;
    assert_eq!(empty, refusal(Code::InvalidPayload));
}

#[tokio::test]
async fn headers_twice() {
    let receiver = Receiver::new(webhook());
    let mut headers = signed(ODD.as_bytes());
    headers.push(("webhook-id".into(), "other".into()));
    assert_eq!(both(&receiver, || request(ODD, &headers)).await, refusal(Code::MalformedHeader));
    let mut forged = signed(ODD.as_bytes());
    forged.retain(|(name, _)| name != "webhook-signature");
    for signature in ["v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1,AAAA"] {
        forged.push(("webhook-signature".into(), signature.into()));
    }
    assert_eq!(both(&receiver, || request(ODD, &forged)).await, refusal(Code::SignatureMismatch));
}

/// An event of so many bytes.
fn padded(length: usize) -> String {
    let event = r#"{"type":"a","data":1}"#;
    event.to_owned() + &" ".repeat(length - event.len())
}

#[tokio::test]
async fn too_large() {
    let receiver = Receiver::new(webhook()).with_max_body(LIMIT);
    let exactly = padded(LIMIT);
    let larger = format!("{exactly} ");
    for make in [|body: &str| Body::from(body.to_owned()), |body: &str| chunked(body.as_bytes())] {
        let headers = signed(exactly.as_bytes());
        assert_eq!(both(&receiver, || request(make(&exactly), &headers)).await.0, 200);
        let headers = signed(larger.as_bytes());
        assert_eq!(
            both(&receiver, || request(make(&larger), &headers)).await,
            refusal(Code::RequestTooLarge)
        );
    }
    let receiver = Receiver::new(webhook());
    for (length, status) in [(MAX_BODY, 200), (MAX_BODY + 1, 413)] {
        let body = padded(length);
        let headers = signed(body.as_bytes());
        assert_eq!(both(&receiver, || request(body.clone(), &headers)).await.0, status);
    }
}

#[tokio::test]
async fn an_endless_body() {
    struct Endless(Arc<AtomicUsize>);
    impl http_body::Body for Endless {
        type Data = Bytes;
        type Error = Infallible;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
            self.0.fetch_add(100, Ordering::Relaxed);
            std::task::Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from_static(&[b' '; 100])))))
        }
    }
    let receiver = Receiver::new(webhook()).with_max_body(LIMIT);
    for app in &mut apps(&receiver) {
        let read = Arc::new(AtomicUsize::new(0));
        let answer = ask(app, request(Body::new(Endless(Arc::clone(&read))), &signed(b""))).await;
        assert_eq!((answer.0.as_u16(), answer.1), refusal(Code::RequestTooLarge));
        assert!(read.load(Ordering::Relaxed) <= LIMIT + 100);
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_and_one_that_was_taken() {
    let receiver = Receiver::new(webhook());
    let headers = signed(ODD.as_bytes());
    let broken = || Body::new(Broken(Some(Bytes::from_static(b"{"))));
    assert_eq!(both(&receiver, || request(broken(), &headers)).await, refusal(Code::InvalidPayload));
    // A middleware that took the body leaves an empty one, which nobody signed.
    assert_eq!(both(&receiver, || request(Body::empty(), &headers)).await, refusal(Code::SignatureMismatch));
}

/// The beginning of a body, and then a failure.
struct Broken(Option<Bytes>);

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        let piece = self.0.take().map(http_body::Frame::data);
        std::task::Poll::Ready(Some(piece.ok_or_else(|| std::io::Error::other("reset"))))
    }
}

#[tokio::test]
async fn schemes_that_sign_the_url() {
    let twilio = || {
        let provider = Provider::builtin("twilio").unwrap();
        Webhook::with_provider(&provider, &[Secret::new(&"a".repeat(32)).unwrap()]).unwrap()
    };
    let options = SignOptions { url: Some("https://example.com/hooks?a=b"), ..Default::default() };
    let headers = twilio().sign_with(b"", &options).unwrap();
    // An empty body is no JSON, of which the handlers want to read: that it comes so far says it was verified.
    for url in ["https://example.com", "https://example.com/hooks"] {
        let receiver = Receiver::new(twilio()).with_url(url);
        assert_eq!(both(&receiver, || request("", &headers)).await, refusal(Code::InvalidPayload));
        // What a router was mounted under belongs to the url.
        let mut nested = Router::new()
            .nest("/hooks", Router::new().route("/", post(extracted)).with_state::<()>(receiver));
        let answer = ask(&mut nested, request("", &headers)).await;
        assert_eq!((answer.0.as_u16(), answer.1), refusal(Code::InvalidPayload));
    }
    let other = Receiver::new(twilio()).with_url("https://example.org");
    assert_eq!(both(&other, || request("", &headers)).await, refusal(Code::SignatureMismatch));
    let unset = Receiver::new(twilio());
    assert_eq!(both(&unset, || request("", &headers)).await, refusal(Code::InvalidArgument));
}

#[tokio::test]
async fn as_a_part_of_the_state() {
    #[derive(Clone)]
    struct State {
        receiver: Receiver,
        name: &'static str,
    }
    impl FromRef<State> for Receiver {
        fn from_ref(state: &State) -> Self {
            state.receiver.clone()
        }
    }
    async fn hook(
        axum::extract::State(state): axum::extract::State<State>,
        event: Result<Verified, Rejection>,
    ) -> String {
        match event {
            Ok(_) => state.name.to_owned(),
            Err(Rejection::Refused(Refused(error))) => error.code().to_string(),
            Err(Rejection::Handshake(answer)) => answer.body().to_owned(),
        }
    }
    let state = State { receiver: Receiver::new(webhook()), name: "verified" };
    let mut app = Router::new().route("/hooks", post(hook)).with_state(state);
    assert_eq!(ask(&mut app, request(ODD, &signed(ODD.as_bytes()))).await.1, "verified");
    assert_eq!(ask(&mut app, request(ODD, &Vec::new())).await.1, "missing_header");
}

#[tokio::test]
async fn the_recipes_of_the_documentation() {
    let page = include_str!("../../../docs/receive.md");
    for (mut app, recipe) in [
        (recipe::app(SECRET).unwrap(), include_str!("recipe.rs")),
        (layer::app(SECRET).unwrap(), include_str!("layer.rs")),
    ] {
        assert!(page.contains(&format!("```rust\n{recipe}```")), "docs/receive.md has another recipe");
        assert_eq!(ask(&mut app, request(ODD, &signed(ODD.as_bytes()))).await.0, 200);
        assert_eq!(ask(&mut app, request(ODD, &Vec::new())).await.0, 401);
    }
}

#[test]
fn refusals_show_the_error_and_receivers_no_secret() {
    let refused = Refused(hookseal::Error::new(Code::MissingHeader, "it is not there"));
    assert_eq!(refused.to_string(), "it is not there");
    assert!(std::error::Error::source(&refused).is_some());
    assert_eq!(format!("{:?}", Receiver::new(webhook())), "Receiver { max_body: 1048576, .. }");
}
