//! Each event handled once, by the extractor and by the layer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use hookseal::axum::{Claimed, Receiver, Verified};
use hookseal::{Code, Deduplicator, DeduplicatorOptions};
use tower_service::Service as _;

use crate::{ODD, ask, refusal, request, signed, webhook};

/// Handlers that answer with a status, how often they were called, and a receiver that drops duplicates.
#[derive(Clone)]
struct App {
    receiver: Receiver,
    deduplicator: Deduplicator,
    status: Arc<AtomicU16>,
    called: Arc<AtomicUsize>,
}

impl App {
    fn new() -> Self {
        let deduplicator = Deduplicator::open("memory:", DeduplicatorOptions::default()).unwrap();
        let receiver = Receiver::new(webhook()).with_deduplicator(deduplicator.clone());
        Self { receiver, deduplicator, status: Arc::new(AtomicU16::new(500)), called: Arc::default() }
    }

    fn answer(&self) -> StatusCode {
        self.called.fetch_add(1, Ordering::Relaxed);
        StatusCode::from_u16(self.status.load(Ordering::Relaxed)).unwrap()
    }

    fn extractor(&self) -> Router {
        let app = self.clone();
        let hook = |Claimed(_event, claim): Claimed| async move {
            let status = app.answer();
            if status.is_success() {
                claim.done().await.unwrap();
            }
            status
        };
        Router::new().route("/hooks", post(hook)).with_state(self.receiver.clone())
    }

    fn layer(&self) -> Router {
        let app = self.clone();
        Router::new().route("/hooks", post(|| async move { app.answer() })).layer(self.receiver.clone())
    }
}

#[tokio::test]
async fn what_failed_comes_again_and_what_succeeded_does_not() {
    for make in [App::extractor, App::layer] {
        let app = App::new();
        let mut router = make(&app);
        let headers = signed(ODD.as_bytes());
        for (status, expected, called) in [(500, 500, 1), (404, 404, 2), (202, 202, 3), (202, 200, 3)] {
            app.status.store(status, Ordering::Relaxed);
            let answer = ask(&mut router, request(ODD, &headers)).await;
            assert_eq!(answer.0.as_u16(), expected);
            assert_eq!(app.called.load(Ordering::Relaxed), called);
        }
        let duplicate = ask(&mut router, request(ODD, &headers)).await;
        assert_eq!((duplicate.0.as_u16(), duplicate.1), refusal(Code::DuplicateEvent));
        let another = ask(&mut router, request(ODD, &signed(ODD.as_bytes()))).await;
        assert_eq!((another.0.as_u16(), app.called.load(Ordering::Relaxed)), (202, 4));
    }
}

#[tokio::test]
async fn what_is_in_progress_is_put_off() {
    for make in [App::extractor, App::layer] {
        let app = App::new();
        let headers = signed(ODD.as_bytes());
        let event = webhook().verify(ODD, &headers).unwrap();
        let _held = app.deduplicator.claim(&event).await.unwrap();
        let response: Response = make(&app).call(request(ODD, &headers)).await.unwrap();
        assert_eq!(response.status(), 503);
        let seconds: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&Duration::from_secs(seconds).as_secs()));
        assert_eq!(app.called.load(Ordering::Relaxed), 0);
    }
}

#[tokio::test]
async fn an_extractor_that_could_not_say_what_came_of_it_is_refused() {
    let app = App::new();
    let headers = signed(ODD.as_bytes());
    let hook = |_: Verified| async {};
    let mut router = Router::new().route("/hooks", post(hook)).with_state(app.receiver.clone());
    let answer = ask(&mut router, request(ODD, &headers)).await;
    assert_eq!((answer.0.as_u16(), answer.1), refusal(Code::InvalidArgument));
    let hook = |_: Claimed| async {};
    let without = Receiver::new(webhook());
    let mut router = Router::new().route("/hooks", post(hook)).with_state(without);
    let answer = ask(&mut router, request(ODD, &headers)).await;
    assert_eq!((answer.0.as_u16(), answer.1), refusal(Code::InvalidArgument));
}
