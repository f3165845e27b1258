//! Deliveries to receivers on real sockets, the friendly and the hostile.

#![cfg(feature = "deliver")]
#![allow(clippy::unwrap_used, reason = "a test")]

mod egress;
mod host;
mod hostile;
mod receiver;
mod settings;
#[path = "../shared/receiver.rs"]
mod shared;
mod tls;
mod usual;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hookseal::deliver::{AllowPrivate, Attempt, Client, Delivery, Endpoint};
use hookseal::{Event, EventOptions, Provider, RetryPolicy, Secret};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A client that may talk to the receivers of these tests.
fn client() -> Client {
    Client::builder().allow_http(true).allow_private(AllowPrivate::All).build().unwrap()
}

fn standard() -> Arc<Provider> {
    Provider::builtin("standard").unwrap()
}

/// An endpoint without retries.
fn endpoint(url: &str) -> Endpoint {
    Endpoint::new(url, &standard(), &[Secret::new(SECRET).unwrap()]).unwrap().retry(RetryPolicy::none())
}

fn event() -> Event {
    standard()
        .event("invoice.paid", &serde_json::json!({"id": "in_1", "total": 4200}), &EventOptions::default())
        .unwrap()
}

fn retries(milliseconds: &[u64]) -> RetryPolicy {
    RetryPolicy::from_delays(milliseconds.iter().copied().map(Duration::from_millis).collect::<Vec<_>>())
        .unwrap()
}

/// The only attempt of a delivery.
fn single(delivery: &Delivery) -> &Attempt {
    assert_eq!(delivery.attempts.len(), 1, "{delivery:?}");
    &delivery.attempts[0]
}

/// Awaits something that must end; the limit is far above what a busy machine takes.
async fn ends<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("it ends within its deadline")
}
