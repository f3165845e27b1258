//! Several processes on one database: who only sends, who delivers, and what becomes of the work when they come and
//! go. The workers are processes of their own, made of this test's own binary.

#![cfg(all(feature = "postgres", unix))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod chaos;
mod child;
mod controls;
#[cfg(target_os = "linux")]
mod disk;
mod failures;
mod lanes;
#[path = "../shared/own.rs"]
mod own;
mod receiver;
mod roles;
#[path = "../shared/server.rs"]
mod server;
#[path = "../shared/receiver.rs"]
mod shared;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookseal::deliver::AllowPrivate;
use hookseal::sender::{Created, Message, NewEndpoint, SendOptions, Sender, SenderOptions};
use hookseal::{Code, Provider, RetryPolicy, Secret};
use serde_json::json;

use crate::child::Worker;
use crate::receiver::Receiver;
use crate::server::Schema;

/// As [`Schema::url`] says.
pub(crate) const LEASE: Duration = Duration::from_secs(3);
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A process that only sends, which is this one, workers, and somebody who receives.
pub(crate) struct Site {
    pub(crate) web: Sender,
    pub(crate) receiver: Receiver,
    pub(crate) schema: Schema,
}

impl Site {
    pub(crate) async fn new(receiver: Receiver) -> Self {
        let schema = Schema::new();
        let web = open(&schema.url(), "web");
        Self { web, receiver, schema }
    }

    /// Starts a worker, which is ready when this returns.
    pub(crate) fn worker(&self, name: &str) -> Worker {
        Worker::start(&self.schema.url(), name)
    }

    /// An endpoint that gets the events of its own type, which is its path too.
    pub(crate) async fn endpoint(&self, path: &str, change: impl FnOnce(&mut NewEndpoint)) -> Created {
        let mut new = NewEndpoint {
            events: vec![path.to_owned()],
            secret: Some(Secret::new(SECRET).unwrap()),
            retry: Some(RetryPolicy::none()),
            ..NewEndpoint::new(&self.receiver.url(path))
        };
        change(&mut new);
        self.web.endpoints().create(new).await.unwrap()
    }

    pub(crate) async fn send(&self, path: &str, id: &str) -> Message {
        send(&self.web, path, id).await.unwrap()
    }

    /// Waits until nothing is to be delivered any more.
    pub(crate) async fn idle(&self) {
        assert!(self.web.wait_idle(Some(Duration::from_secs(30))).await.unwrap(), "it is never idle");
    }
}

pub(crate) async fn send(sender: &Sender, path: &str, id: &str) -> hookseal::Result<Message> {
    let options = SendOptions { id: Some(id), ..SendOptions::default() };
    sender.send(path, &json!({"id": id}), &options).await
}

/// A sender that signs in a header with its own name, so that the receiver knows who it is. While the database is away,
/// it is tried again, as whoever starts processes would.
pub(crate) fn open(url: &str, name: &str) -> Sender {
    let begun = Instant::now();
    loop {
        match Sender::open(url, options(name)) {
            Err(error) if error.code() == Code::StoreUnavailable && begun.elapsed().as_secs() < 20 => {
                std::thread::sleep(Duration::from_millis(100));
            }
            sender => return sender.unwrap(),
        }
    }
}

pub(crate) fn options(name: &str) -> SenderOptions {
    const STANDARD: &str = include_str!("../../providers/standard.toml");
    let own = format!("\"{}{name}\"", receiver::SIGNED_BY);
    let text = STANDARD.replace("\"webhook-signature\"", &own);
    // So that what is to be paid for can be counted.
    let text = text.replace("https_only = false", "https_only = false\ncredits = 1");
    let provider = Arc::new(Provider::from_toml(&text).unwrap());
    let mut options = SenderOptions::new(&provider);
    options.allow_http = true;
    options.allow_private = AllowPrivate::All;
    options.concurrency = 64;
    options
}

pub(crate) fn retries(milliseconds: &[u64]) -> Option<RetryPolicy> {
    let delays: Vec<_> = milliseconds.iter().copied().map(Duration::from_millis).collect();
    Some(RetryPolicy::from_delays(delays).unwrap())
}

/// Awaits something that must end; the limit is far above what a busy machine takes.
pub(crate) async fn ends<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(90), future).await.expect("it ends within its deadline")
}

/// Waits for something to become true, and says how long it took.
pub(crate) async fn until(what: &str, mut is: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what} takes too long");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    begun.elapsed()
}

/// A list of names: `e0`, `e1` and so on.
pub(crate) fn paths(count: usize) -> Vec<Arc<str>> {
    (0..count).map(|number| format!("e{number}").into()).collect()
}
