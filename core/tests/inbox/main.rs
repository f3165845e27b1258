//! The durable inbox with handlers that behave and misbehave, on every store.

#![cfg(feature = "sender")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod basics;
#[cfg(all(feature = "sqlite", unix))]
mod child;
#[cfg(all(feature = "sqlite", unix))]
mod crash;
#[cfg(all(feature = "sqlite", feature = "axum", target_os = "linux"))]
mod disk;
mod events;
#[cfg(all(feature = "postgres", unix))]
mod fenced;
#[cfg(all(feature = "postgres", feature = "axum"))]
mod gone;
mod handlers;
#[cfg(feature = "axum")]
mod http;
mod order;
#[cfg(all(feature = "postgres", feature = "axum"))]
#[path = "../shared/own.rs"]
mod own;
#[path = "../shared/place.rs"]
mod place;
#[cfg(feature = "postgres")]
mod prepared;
#[cfg(feature = "postgres")]
#[path = "../shared/server.rs"]
mod server;
#[path = "../shared/receiver.rs"]
mod shared;
#[cfg(all(feature = "sqlite", feature = "axum", target_os = "linux"))]
#[path = "../shared/disk.rs"]
mod small_disk;
#[cfg(feature = "sqlite")]
mod stores;
#[cfg(feature = "axum")]
mod vendor;
#[cfg(feature = "axum")]
mod vendors;
#[cfg(all(feature = "axum", feature = "sqlite", unix))]
mod vendors_killed;

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookseal::inbox::{EventDetail, EventStatus, Handling, Inbox, InboxOptions, Receipt};
use hookseal::{Provider, Result, RetryPolicy, Secret, SignOptions, Webhook};
use serde_json::json;

#[cfg(feature = "sqlite")]
pub(crate) use place::Directory;
pub(crate) use place::{Place, on_every_store};

pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

impl Place {
    /// An inbox that is not started.
    pub(crate) fn open(&self, options: InboxOptions) -> Inbox {
        Inbox::open(&self.url, webhook(), options).unwrap()
    }
}

pub(crate) fn webhook() -> Webhook {
    Webhook::new(SECRET).unwrap()
}

/// A webhook of any provider, with a secret of its kind.
pub(crate) fn webhook_of(provider: &str) -> Webhook {
    let provider = Provider::builtin(provider).unwrap();
    Webhook::with_provider(&provider, &[Secret::new("a secret that is long enough").unwrap()]).unwrap()
}

/// Tries again after so many milliseconds.
pub(crate) fn retrying(milliseconds: &[u64]) -> InboxOptions {
    let delays: Vec<_> = milliseconds.iter().copied().map(Duration::from_millis).collect();
    let mut options = InboxOptions::default();
    options.retry = RetryPolicy::from_delays(delays).unwrap();
    options
}

pub(crate) type Request = (Vec<u8>, Vec<(String, String)>);

/// A request of Standard Webhooks.
pub(crate) fn request(id: &str, event_type: &str) -> Request {
    request_with(id, event_type, &json!({"id": id}))
}

pub(crate) fn request_with(id: &str, event_type: &str, data: &serde_json::Value) -> Request {
    let body = json!({"type": event_type, "timestamp": "2026-01-02T03:04:05Z", "data": data});
    let body = body.to_string().into_bytes();
    let options = SignOptions { id: Some(id), ..SignOptions::default() };
    let headers = webhook().sign_with(&body, &options).unwrap();
    (body, headers)
}

pub(crate) async fn try_receive(inbox: &Inbox, id: &str, event_type: &str) -> Result<Receipt> {
    let (body, headers) = request(id, event_type);
    inbox.receive(body, &headers[..]).await
}

pub(crate) async fn receive(inbox: &Inbox, id: &str, event_type: &str) -> Receipt {
    try_receive(inbox, id, event_type).await.unwrap()
}

pub(crate) async fn idle(inbox: &Inbox) {
    assert!(inbox.wait_idle(Some(Duration::from_secs(30))).await.unwrap(), "it is never idle");
}

pub(crate) async fn status(inbox: &Inbox, id: &str) -> EventStatus {
    detail(inbox, id).await.event.status
}

pub(crate) async fn detail(inbox: &Inbox, id: &str) -> EventDetail {
    inbox.events().get(id).await.unwrap()
}

/// What handlers were given, in order.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<(String, u32)>>>);

impl Seen {
    pub(crate) fn note(&self, handling: &Handling) -> u32 {
        let id = handling.event.id().unwrap_or_default().to_owned();
        self.0.lock().unwrap().push((id, handling.number));
        handling.number
    }

    pub(crate) fn all(&self) -> Vec<(String, u32)> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.all().into_iter().map(|(id, _)| id).collect()
    }

    /// Waits until so many tries began.
    pub(crate) async fn wait_for(&self, count: usize) {
        while self.0.lock().unwrap().len() < count {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

/// Awaits something that must end; the limit is far above what a busy machine takes.
pub(crate) async fn ends<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(90), future).await.expect("it ends within its deadline")
}
