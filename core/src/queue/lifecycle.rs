//! From the first delivery to the last: starting, waiting for the end of all work, and closing.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::engine::{Engine, Parts};
use super::{jobs, scheduler};
use crate::error::{Code, Error, Result};

/// An engine with all that runs for it.
pub(crate) struct Running {
    pub(crate) engine: Arc<Engine>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    /// Tells when the writing thread has ended.
    written: watch::Receiver<bool>,
}

impl Running {
    /// Has a thread write; deliveries wait for [`start`](Self::start).
    pub(crate) fn new(parts: Parts) -> Result<Self> {
        let engine = Engine::new(parts);
        let (ended, written) = watch::channel(false);
        let writer = Arc::clone(&engine);
        std::thread::Builder::new()
            .name("hookseal-writer".to_owned())
            .spawn(move || {
                writer.write();
                let _ = ended.send(true);
            })
            .map_err(|error| {
                Error::new(
                    Code::StoreUnavailable,
                    format!("No thread for writing could be started: {error}."),
                )
            })?;
        Ok(Self { engine, tasks: Mutex::default(), written })
    }

    /// Begins to deliver, on the tokio runtime that it is called in. More calls change nothing.
    pub(crate) fn start(&self) -> Result<()> {
        let engine = &self.engine;
        if engine.closed.load(Ordering::Acquire) {
            return Err(engine.refusal());
        }
        let runtime = Handle::try_current().map_err(|_| {
            Error::new(Code::InvalidArgument, "Call start() within the tokio runtime that shall deliver.")
        })?;
        if engine.started(runtime.clone()) {
            let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            tasks.push(runtime.spawn(scheduler::schedule(Arc::clone(engine))));
            tasks.push(runtime.spawn(scheduler::watch(Arc::clone(engine))));
            tasks.push(runtime.spawn(jobs::work(Arc::clone(engine))));
            tasks.push(runtime.spawn(jobs::sweep(Arc::clone(engine))));
        }
        Ok(())
    }

    /// Waits until no delivery is pending. False if that takes longer than `timeout`.
    pub(crate) async fn wait_idle(&self, timeout: Option<Duration>) -> Result<bool> {
        let engine = &self.engine;
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
                return Err(engine.refusal());
            }
            // Not every change is told: another process may be the one who delivers.
            let wait = left.unwrap_or(LOOK_AGAIN).min(LOOK_AGAIN);
            let _ = tokio::time::timeout(wait, quiet).await;
        }
    }

    /// Stops: writes are refused, and attempts on their way get this long to end; those that do not are cut short,
    /// recorded as lost, and repeated later. More calls wait for the first.
    pub(crate) async fn close_within(&self, grace: Duration) -> Result<()> {
        let engine = &self.engine;
        let first = !engine.closed.swap(true, Ordering::AcqRel);
        let mut written = self.written.clone();
        if first {
            engine.dispatch().close();
            self.settle_within(grace).await;
            engine.crew.abort();
            self.settle_within(LAST_WORDS).await;
            self.stop();
        }
        // An error means that the thread is gone, which is as good.
        let _ = written.wait_for(|ended| *ended).await;
        if first { engine.read(|store| store.close()).await } else { Ok(()) }
    }

    async fn settle_within(&self, limit: Duration) {
        let engine = &self.engine;
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
        let engine = &self.engine;
        if engine.queued() > 0 || !engine.dispatch().is_idle() {
            return Ok(false);
        }
        engine.read(|store| Ok(store.next_due()?.is_none() && store.outbox(1)?.is_empty())).await
    }

    fn stop(&self) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.drain(..).for_each(|task| task.abort());
        self.engine.close_queue();
    }
}

impl Drop for Running {
    /// Without `close`, attempts on their way are cut short.
    fn drop(&mut self) {
        self.engine.closed.store(true, Ordering::Release);
        self.engine.dispatch().close();
        self.engine.crew.abort();
        self.stop();
    }
}

/// How long attempts on their way get if nobody says otherwise.
pub(crate) const GRACE: Duration = Duration::from_secs(10);
const LAST_WORDS: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(50);
