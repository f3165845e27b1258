//! The thread that drives the connections to a server. What waits for it may run on any runtime, or on none.

use std::future::Future;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc;

use crate::error::{Code, Error, Result};

/// The thread ends with the last that it is to do, when this is dropped.
pub(super) struct Driver {
    handle: Handle,
    alive: mpsc::Sender<()>,
}

impl Driver {
    pub(super) fn start() -> Result<Self> {
        let unstartable = |error: std::io::Error| {
            Error::new(
                Code::StoreUnavailable,
                format!("No thread for the deduplicator could be started: {error}."),
            )
        };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(unstartable)?;
        let handle = runtime.handle().clone();
        let (alive, mut ended) = mpsc::channel(1);
        std::thread::Builder::new()
            .name("hookseal-dedup".to_owned())
            .spawn(move || runtime.block_on(async { while ended.recv().await.is_some() {} }))
            .map_err(unstartable)?;
        Ok(Self { handle, alive })
    }

    /// Does something whether or not anybody waits for it.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let alive = self.alive.clone();
        self.handle.spawn(async move {
            work.await;
            drop(alive);
        });
    }

    /// Does something while this thread waits for it.
    pub(super) fn block<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
        limit: Duration,
    ) -> Option<T> {
        let (tell, told) = sync_channel(1);
        self.spawn(async move { drop(tell.send(work.await)) });
        told.recv_timeout(limit).ok()
    }
}

/// A server that says nothing any more.
pub(super) fn silent() -> Error {
    Error::new(
        Code::StoreUnavailable,
        "The deduplicator's server does not answer. Is it, and the network, well?",
    )
}
