//! An inbox as a service: what it answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::routing::{any_service, post_service};
use hookseal::axum::InboxEndpoint;
use hookseal::inbox::{EventQuery, HandlerError, Inbox, InboxOptions};
use http_body_util::BodyExt;
use tower_service::Service;

use crate::{LIMIT, handshakes, signed, webhook};

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

/// Answered, and not stored.
#[tokio::test]
async fn an_inbox_answers_handshakes() {
    let meta = "/hooks?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";
    let slack = r#"{"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRN"}"#;
    let signed = handshakes::webhook("slack").sign(slack.as_bytes()).unwrap();
    let event = r#"{"type": "event_callback", "event_id": "Ev1"}"#;
    let events = handshakes::webhook("slack").sign(event.as_bytes()).unwrap();
    type Question<'q> = (Method, String, &'q [(String, String)], &'q str, u16, Option<&'q str>);
    let questions: [(&str, Vec<Question<'_>>, usize); 2] = [
        (
            "meta",
            vec![
                (Method::GET, format!("{meta}agreed"), &[], "", 200, Some("1158201444")),
                (Method::GET, format!("{meta}guessed"), &[], "", 401, None),
                (Method::GET, "/hooks".to_owned(), &[], "", 401, None),
            ],
            0,
        ),
        (
            "slack",
            vec![
                (Method::POST, "/hooks".to_owned(), &signed, slack, 200, Some("3eZbrw1aBm2rZgRN")),
                (Method::POST, "/hooks".to_owned(), &[], slack, 401, None),
                (Method::POST, "/hooks".to_owned(), &events, event, 200, Some("")),
            ],
            1,
        ),
    ];
    for (provider, questions, stored) in questions {
        let inbox = Inbox::open("memory:", handshakes::webhook(provider), InboxOptions::default()).unwrap();
        let endpoint = InboxEndpoint::new(inbox.clone()).with_verify_token("agreed");
        let mut app = Router::new().route("/hooks", any_service(endpoint));
        for (method, target, headers, body, status, answer) in questions {
            let (came, _, text) = handshakes::ask(&mut app, method, &target, headers, body).await;
            assert_eq!(came, status, "{target} {text}");
            assert!(answer.is_none_or(|answer| text == answer), "{text}");
        }
        let page = inbox.events().list(&EventQuery::default(), None, 10).await.unwrap();
        assert_eq!(page.items.len(), stored, "{provider}");
        inbox.close().await.unwrap();
    }
}
