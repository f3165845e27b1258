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
mod receiver;
#[cfg(feature = "sqlite")]
mod restart;
#[cfg(feature = "postgres")]
#[path = "../shared/server.rs"]
mod server;
#[path = "../shared/receiver.rs"]
mod shared;
mod trial;
mod turns;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hookseal::deliver::AllowPrivate;
use hookseal::sender::{Created, Message, NewEndpoint, SendOptions, Sender, SenderOptions};
use hookseal::{Provider, RetryPolicy, Secret};
use serde_json::json;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Runs a test on every store that is compiled in.
macro_rules! on_every_store {
    ($($name:ident)*) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn memory() {
                crate::ends(super::$name(crate::Place::memory())).await;
            }

            #[cfg(feature = "sqlite")]
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                crate::ends(super::$name(crate::Place::sqlite())).await;
            }

            #[cfg(feature = "postgres")]
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                crate::ends(super::$name(crate::Place::postgres())).await;
            }
        }
    )*};
}
pub(crate) use on_every_store;

/// Where a store is.
pub(crate) struct Place {
    pub(crate) url: String,
    /// Removed with the place.
    _directory: Option<Directory>,
    #[cfg(feature = "postgres")]
    _schema: Option<server::Schema>,
}

impl Place {
    pub(crate) fn memory() -> Self {
        Self::at("memory:".to_owned())
    }

    /// Somewhere that is cleared away by somebody else.
    pub(crate) fn at(url: String) -> Self {
        Self {
            url,
            _directory: None,
            #[cfg(feature = "postgres")]
            _schema: None,
        }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn postgres() -> Self {
        let schema = server::Schema::new();
        let url = schema.url();
        Self { _schema: Some(schema), ..Self::at(url) }
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn sqlite() -> Self {
        let directory = Directory::new();
        let url = format!("sqlite:{}", directory.0.join("hooks.db").display());
        Self { _directory: Some(directory), ..Self::at(url) }
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn path(&self) -> &std::path::Path {
        self.url.strip_prefix("sqlite:").unwrap().as_ref()
    }

    pub(crate) fn open(&self) -> Sender {
        self.open_with(options())
    }

    pub(crate) fn open_with(&self, options: SenderOptions) -> Sender {
        let sender = Sender::open(&self.url, options).unwrap();
        sender.start().unwrap();
        sender
    }
}

/// A directory that is gone with the test.
pub(crate) struct Directory(pub(crate) std::path::PathBuf);

#[cfg(feature = "sqlite")]
impl Directory {
    pub(crate) fn new() -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("hookseal-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
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
