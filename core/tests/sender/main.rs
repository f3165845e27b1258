//! The durable sender against receivers on real sockets, on every store.

#![cfg(feature = "sender")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod basics;
#[cfg(feature = "sqlite")]
mod crash;
#[cfg(all(feature = "sqlite", target_os = "linux"))]
mod disk;
#[cfg(feature = "sqlite")]
mod files;
mod health;
mod hostile;
mod log;
#[cfg(feature = "sqlite")]
mod outbox;
#[path = "../shared/place.rs"]
mod place;
mod receiver;
#[cfg(feature = "sqlite")]
mod restart;
#[cfg(feature = "postgres")]
#[path = "../shared/server.rs"]
mod server;
#[path = "../shared/receiver.rs"]
mod shared;
#[cfg(all(feature = "sqlite", target_os = "linux"))]
#[path = "../shared/disk.rs"]
mod small_disk;
mod trial;
mod turns;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hookseal::deliver::AllowPrivate;
use hookseal::sender::{Created, Message, NewEndpoint, SendOptions, Sender, SenderOptions};
use hookseal::{Provider, RetryPolicy, Secret};
use serde_json::json;

#[cfg(feature = "sqlite")]
pub(crate) use place::Directory;
pub(crate) use place::{Place, on_every_store};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

impl Place {
    pub(crate) fn open(&self) -> Sender {
        self.open_with(options())
    }

    pub(crate) fn open_with(&self, options: SenderOptions) -> Sender {
        let sender = Sender::open(&self.url, options).unwrap();
        sender.start().unwrap();
        sender
    }
}

pub(crate) fn standard() -> Arc<Provider> {
    Provider::builtin("standard").unwrap()
}

pub(crate) fn options() -> SenderOptions {
    options_of(&standard())
}

/// May talk to the receivers of these tests.
pub(crate) fn options_of(provider: &Arc<Provider>) -> SenderOptions {
    let mut options = SenderOptions::new(provider);
    options.allow_http = true;
    options.allow_private = AllowPrivate::All;
    options
}

/// An endpoint that is tried once.
pub(crate) fn endpoint(url: &str) -> NewEndpoint {
    NewEndpoint {
        secret: Some(Secret::new(SECRET).unwrap()),
        retry: Some(RetryPolicy::none()),
        ..NewEndpoint::new(url)
    }
}

pub(crate) fn retries(milliseconds: &[u64]) -> RetryPolicy {
    RetryPolicy::from_delays(milliseconds.iter().copied().map(Duration::from_millis).collect::<Vec<_>>())
        .unwrap()
}

pub(crate) async fn create(sender: &Sender, new: NewEndpoint) -> Created {
    sender.endpoints().create(new).await.unwrap()
}

pub(crate) async fn send(sender: &Sender, number: usize) -> Message {
    sender.send("invoice.paid", &json!({"number": number}), &SendOptions::default()).await.unwrap()
}

pub(crate) async fn idle(sender: &Sender) {
    assert!(sender.wait_idle(Some(Duration::from_secs(20))).await.unwrap(), "it is never idle");
}

/// Awaits something that must end; the limit is far above what a busy machine takes.
pub(crate) async fn ends<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("it ends within its deadline")
}
