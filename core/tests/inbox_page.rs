//! The Rust of docs/inbox.md, which stands here as it stands there, and runs.

#![cfg(all(feature = "axum", feature = "postgres", feature = "sqlite"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[path = "shared/server.rs"]
mod server;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::post_service;
use hookseal::axum::InboxEndpoint;
use hookseal::inbox::{HandlerError, Handling, Inbox, InboxOptions, Receipt};
use hookseal::{SignOptions, VerifyOptions, Webhook};
use serde::Deserialize;
use tower_service::Service;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[derive(Deserialize)]
struct Booking {
    id: String,
}

struct Rooms(Mutex<Vec<(String, String)>>);

impl Rooms {
    async fn reserve(&self, booking: Booking, key: &str) -> std::io::Result<()> {
        self.0.lock().unwrap().push((booking.id, key.to_owned()));
        Ok(())
    }
}

#[allow(non_upper_case_globals, reason = "as the page has it")]
static rooms: Rooms = Rooms(Mutex::new(Vec::new()));

#[rustfmt::skip]
async fn at_the_top(webhook: Webhook, body: Vec<u8>, headers: Vec<(String, String)>) -> Result<(Inbox, Receipt)> {
    let inbox = Inbox::open("sqlite:inbox.db", webhook, InboxOptions::default())?;
    inbox.on("booking.*", |handling: Handling| async move {
        let booking: Booking = handling.event.data()?;
        rooms.reserve(booking, &handling.idempotency_key).await?;            // any error is tried again
        Ok::<(), HandlerError>(())
    })?;
    inbox.start()?;                                                          // handles on this tokio runtime
    let receipt = inbox.receive(body, &headers).await?;                      // durable when it returns: answer 2xx
    Ok((inbox, receipt))
}

#[rustfmt::skip]
fn in_order() -> InboxOptions {
    let mut options = InboxOptions::default();
    options.order_by = Some(Arc::new(|event| event.data::<Booking>().ok().map(|booking| booking.id)));
    options
}

#[rustfmt::skip]
async fn in_a_transaction(
    inbox: &Inbox, transaction: &tokio_postgres::Transaction<'_>, body: Vec<u8>, headers: Vec<(String, String)>,
) -> Result<bool> {
    let prepared = inbox.prepare(body, &headers, &VerifyOptions::default())?;
    let new: bool = transaction.query_one(&prepared.sql, &[&prepared.facts, &&*prepared.body]).await?.get(0);
    Ok(new)
}

#[allow(clippy::let_and_return, reason = "as the page has it")]
#[rustfmt::skip]
fn with_axum(inbox: Inbox) -> Router {
    let app = Router::new().route("/hooks", post_service(InboxEndpoint::new(inbox)));
    app
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_page_shows_does_what_it_says() {
    let folder = std::env::temp_dir().join(format!("hookseal-page-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // The page's store is where the program runs; this program is this test alone.
    std::env::set_current_dir(&folder).unwrap();
    let webhook = Webhook::new(SECRET).unwrap();

    let (body, headers) = request(&webhook, "evt_1");
    let (inbox, receipt) = at_the_top(webhook.clone(), body, headers).await.unwrap();
    assert!(receipt.id == "evt_1" && !receipt.duplicate);
    assert!(inbox.wait_idle(Some(Duration::from_secs(20))).await.unwrap());
    let reserved = rooms.0.lock().unwrap().clone();
    assert!(matches!(&reserved[..], [(id, key)] if id == "bk_1" && key.len() == 32), "{reserved:?}");

    let mut app = with_axum(inbox.clone());
    for (id, duplicates) in [("evt_1", 1), ("evt_2", 1)] {
        let (body, headers) = request(&webhook, id);
        let asked =
            headers.iter().fold(Request::post("/hooks"), |asked, (name, value)| asked.header(name, value));
        assert_eq!(app.call(asked.body(Body::from(body)).unwrap()).await.unwrap().status(), 200);
        assert_eq!(inbox.stats().await.unwrap().duplicates, duplicates);
    }
    inbox.close().await.unwrap();

    let schema = server::Schema::new();
    let inbox = Inbox::open(&schema.url(), webhook.clone(), in_order()).unwrap();
    let (mut client, connection) =
        tokio_postgres::connect(&server::url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    for new in [true, false] {
        let (body, headers) = request(&webhook, "evt_1");
        let transaction = client.transaction().await.unwrap();
        assert_eq!(in_a_transaction(&inbox, &transaction, body, headers).await.unwrap(), new);
        transaction.commit().await.unwrap();
    }
    assert_eq!(schema.sql("SELECT order_key FROM delivery"), ["bk_1"]);
    inbox.close().await.unwrap();
    drop(schema);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_page_has_nothing_else() {
    let blank = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let program = blank(include_str!("inbox_page.rs"));
    let page = include_str!("../../docs/inbox.md");
    let snippets: Vec<_> =
        page.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(snippets.len(), 4);
    for snippet in snippets {
        assert!(program.contains(&blank(snippet)), "it does not stand in this file:\n{snippet}");
    }
}

fn request(webhook: &Webhook, id: &str) -> (Vec<u8>, Vec<(String, String)>) {
    let body = br#"{"type": "booking.created", "data": {"id": "bk_1"}}"#.to_vec();
    let options = SignOptions { id: Some(id), ..SignOptions::default() };
    let headers = webhook.sign_with(&body, &options).unwrap();
    (body, headers)
}
