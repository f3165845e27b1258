//! An inbox as a service: what it answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::post_service;
use hookseal::axum::InboxEndpoint;
use hookseal::inbox::{HandlerError, Inbox, InboxOptions};
use http_body_util::BodyExt;
use tower_service::Service;

use crate::{LIMIT, signed, webhook};

async fn ask(
    app: &mut Router,
    body: &str,
    headers: &[(String, String)],
) -> (StatusCode, Option<String>, String) {
    let mut request = Request::post("/hooks");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let response = app.call(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, retry_after, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn an_inbox_answers_by_itself() {
    let mut options = InboxOptions::default();
    options.max_body = LIMIT;
    let inbox = Inbox::open("memory:", webhook(), options).unwrap();
    let handled = Arc::new(AtomicUsize::new(0));
    let count = handled.clone();
    inbox
        .on("*", move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            async { Ok::<(), HandlerError>(()) }
        })
        .unwrap();
    inbox.start().unwrap();
    let mut app = Router::new().route("/hooks", post_service(InboxEndpoint::new(inbox.clone())));

    let body = r#"{"type": "a", "data": 1}"#;
    let headers = signed(body.as_bytes());
    for _ in 0..2 {
        assert_eq!(ask(&mut app, body, &headers).await, (StatusCode::OK, None, String::new()));
    }
    let (status, _, text) = ask(&mut app, "{}", &headers).await;
    assert_eq!((status.as_u16(), text.as_str()), (401, r#"{"code":"signature_mismatch"}"#));
    let (status, ..) = ask(&mut app, &"x".repeat(LIMIT + 1), &headers).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let get = Request::get("/hooks").body(Body::empty()).unwrap();
    assert_eq!(app.call(get).await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);

    assert!(inbox.wait_idle(Some(Duration::from_secs(10))).await.unwrap());
    assert_eq!(handled.load(Ordering::SeqCst), 1);
    inbox.close().await.unwrap();
    // Another process is about to take its place.
    let (status, retry_after, text) = ask(&mut app, body, &headers).await;
    assert_eq!(
        (status.as_u16(), retry_after.as_deref(), text.as_str()),
        (503, Some("10"), r#"{"code":"closed"}"#)
    );
}
