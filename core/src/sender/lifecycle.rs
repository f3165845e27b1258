//! From the first delivery to the last: starting, waiting for the end of all work, and closing.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::engine::closed;
use super::face::{Inner, Sender};
use super::{jobs, scheduler};
use crate::error::{Code, Error, Result};

impl Sender {
    /// Begins to deliver, on the tokio runtime that it is called in. More calls change nothing.
    ///
    /// # Errors
    /// `closed`; `invalid_argument` outside of a tokio runtime.
    pub fn start(&self) -> Result<()> {
        let engine = &self.inner.engine;
        if engine.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        let runtime = Handle::try_current().map_err(|_| {
            Error::new(Code::InvalidArgument, "Call start() within the tokio runtime that shall deliver.")
        })?;
        if engine.started(runtime.clone()) {
            let mut tasks = self.inner.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            tasks.push(runtime.spawn(scheduler::schedule(Arc::clone(engine))));
            tasks.push(runtime.spawn(scheduler::watch(Arc::clone(engine))));
            tasks.push(runtime.spawn(jobs::work(Arc::clone(engine))));
            tasks.push(runtime.spawn(jobs::sweep(Arc::clone(engine))));
        }
        Ok(())
    }

    /// Waits until no delivery is pending: all have succeeded, failed for good, were canceled, or are held. False
    /// if that takes longer than `timeout`; with retries ahead, it can take days.
    ///
    /// # Errors
    /// Those of the store; `closed`.
    pub async fn wait_idle(&self, timeout: Option<Duration>) -> Result<bool> {
        let engine = &self.inner.engine;
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let quiet = engine.quiet.notified();
            if self.is_idle().await? {
                return Ok(true);
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(false);
            }
            if engine.closed.load(Ordering::Acquire) {
                return Err(closed());
            }
            // Not every change is told: another process may be the one who delivers.
            let wait = left.unwrap_or(LOOK_AGAIN).min(LOOK_AGAIN);
            let _ = tokio::time::timeout(wait, quiet).await;
        }
    }

    /// Stops: sends are refused, requests on their way get ten seconds to end, and what was not delivered is when
    /// the store is opened again. More calls wait for the first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn close(&self) -> Result<()> {
        self.close_within(GRACE).await
    }

    /// As [`close`](Self::close), with another time for the requests on their way; those that do not end within
    /// it are cut short, recorded as lost, and repeated later.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn close_within(&self, grace: Duration) -> Result<()> {
        let engine = &self.inner.engine;
        let first = !engine.closed.swap(true, Ordering::AcqRel);
        let mut written = self.inner.written.clone();
        if first {
            engine.dispatch().close();
            self.settle_within(grace).await;
            engine.abort_workers();
            self.settle_within(LAST_WORDS).await;
            self.inner.stop();
        }
        // An error means that the thread is gone, which is as good.
        let _ = written.wait_for(|ended| *ended).await;
        if first { engine.read(|store| store.close()).await } else { Ok(()) }
    }

    async fn settle_within(&self, limit: Duration) {
        let engine = &self.inner.engine;
        let settled = async {
            loop {
                let quiet = engine.quiet.notified();
                let busy = {
                    let dispatch = engine.dispatch();
                    dispatch.is_flying() || dispatch.unsettled() > 0
                };
                if !busy {
                    return;
                }
                let _ = tokio::time::timeout(LOOK_AGAIN, quiet).await;
            }
        };
        let _ = tokio::time::timeout(limit, settled).await;
    }

    async fn is_idle(&self) -> Result<bool> {
        let engine = &self.inner.engine;
        if engine.queued() > 0 || !engine.dispatch().is_idle() {
            return Ok(false);
        }
        engine.read(|store| Ok(store.next_due()?.is_none() && store.outbox(1)?.is_empty())).await
    }
}

impl Inner {
    fn stop(&self) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.drain(..).for_each(|task| task.abort());
        self.engine.close_queue();
    }
}

impl Drop for Inner {
    /// Without `close`, requests on their way are cut short.
    fn drop(&mut self) {
        self.engine.closed.store(true, Ordering::Release);
        self.engine.dispatch().close();
        self.engine.abort_workers();
        self.stop();
    }
}

const GRACE: Duration = Duration::from_secs(10);
const LAST_WORDS: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(50);
