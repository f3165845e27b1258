//! The heart of a queue: the store, its writing thread and the dispatcher, and what runs between them.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot, watch};

use super::carrier::{Carrier, Terms};
use super::clock::Clock;
use super::crew::Crew;
use super::dispatch::{self, Dispatch};
use super::metrics::Metrics;
use super::work::Parcel;
use super::writer::{Op, Queue};
use crate::error::{Code, Error, Result};
use crate::store::{DeliveryId, EndpointId, Grant, Retention, Store, Write, Written};
use crate::timestamp::Millis;

/// What all parts of one queue share.
pub(crate) struct Engine {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) carrier: Arc<dyn Carrier>,
    pub(crate) terms: Terms,
    pub(crate) clock: Clock,
    pub(crate) metrics: Metrics,
    pub(crate) retention: Option<Retention>,
    /// The epoch under which this process dispatches; 0 while it does not.
    pub(crate) epoch: AtomicI64,
    /// The turn to ask for the right to dispatch: of whoever watches for it, or of a test that borrows it.
    pub(crate) asking: Arc<tokio::sync::Mutex<()>>,
    pub(crate) closed: AtomicBool,
    /// Wakes the scheduler: there is something to read, or to do earlier than planned.
    pub(crate) attention: Notify,
    /// Wakes whoever looks for what others have written.
    pub(crate) others: Notify,
    /// Wakes whoever keeps the lanes: some are to be handed over.
    pub(crate) retired: Notify,
    /// Endpoints that have something to do and whose lanes are not ours.
    wanted: Mutex<Vec<EndpointId>>,
    /// Wakes those who wait for the end of all work.
    pub(crate) quiet: Notify,
    /// Wakes those who wait for notices.
    pub(crate) noticed: watch::Sender<u64>,
    /// Wakes the keeper of jobs.
    pub(crate) jobs: Notify,
    /// The memory that contents take.
    pub(crate) shelf: Arc<AtomicUsize>,
    queue: Arc<Queue<Write, Reply>>,
    dispatch: Mutex<Dispatch>,
    runtime: OnceLock<Handle>,
    /// Who makes the attempts. Ending all of them at once records each attempt as lost.
    pub(crate) crew: Crew,
    /// The turn of those whose last attempt ended with its process.
    pub(crate) suspects: Semaphore,
    /// What callers may have in the queue, in KiB.
    room: Arc<Semaphore>,
}

/// What the parts of an engine are made of.
pub(crate) struct Parts {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) carrier: Arc<dyn Carrier>,
    pub(crate) clock: Clock,
    pub(crate) retention: Option<Retention>,
    pub(crate) concurrency: usize,
}

/// Whom to tell about a write.
pub(crate) enum Reply {
    /// Somebody who waits; `parcel` is the content of the message that was written.
    Caller {
        answer: oneshot::Sender<Result<Written>>,
        parcel: Option<Arc<Parcel>>,
        /// Whether this caller attempts the deliveries itself.
        own: bool,
        room: OwnedSemaphorePermit,
    },
    /// The dispatcher: the outcome of an attempt.
    Settle(Settling),
}

/// An outcome on its way into the store.
pub(crate) struct Settling {
    pub(crate) endpoint: EndpointId,
    pub(crate) delivery: DeliveryId,
    pub(crate) retry_at: Option<Millis>,
    /// Whether others may be due when it has ended.
    pub(crate) in_line: bool,
}

impl Engine {
    pub(crate) fn new(parts: Parts) -> Arc<Self> {
        let terms = parts.carrier.terms();
        Arc::new(Self {
            store: parts.store,
            carrier: parts.carrier,
            terms,
            clock: parts.clock,
            metrics: Metrics::default(),
            retention: parts.retention,
            epoch: AtomicI64::new(0),
            asking: Arc::default(),
            closed: AtomicBool::new(false),
            attention: Notify::new(),
            others: Notify::new(),
            retired: Notify::new(),
            wanted: Mutex::default(),
            quiet: Notify::new(),
            noticed: watch::Sender::new(0),
            jobs: Notify::new(),
            shelf: Arc::default(),
            queue: Queue::new(),
            dispatch: Mutex::new(Dispatch::new(parts.concurrency, terms.paced)),
            runtime: OnceLock::new(),
            crew: Crew::default(),
            suspects: Semaphore::new(1),
            room: Arc::new(Semaphore::new(ROOM_KIB)),
        })
    }

    /// Writes until the queue is closed; the body of the writing thread.
    pub(crate) fn write(self: &Arc<Self>) {
        self.queue.run(|writes, replies| self.commit(writes, replies));
    }

    /// Takes no more writes; those in the queue are still committed.
    pub(crate) fn close_queue(&self) {
        self.queue.close();
    }

    pub(crate) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Commits a write and waits for it.
    pub(crate) async fn submit(&self, write: Write) -> Result<Written> {
        self.submit_with(write, 0, None, false).await
    }

    /// As [`submit`](Self::submit), with the content of the message.
    pub(crate) async fn submit_with(
        &self,
        write: Write,
        size: usize,
        parcel: Option<Arc<Parcel>>,
        own: bool,
    ) -> Result<Written> {
        let waiting = self.enqueue(write, size, parcel, own).await?;
        waiting.await.map_err(|_| self.refusal())?
    }

    /// Puts a write into the queue, in its order, as soon as there is room.
    pub(crate) async fn enqueue(
        &self,
        write: Write,
        size: usize,
        parcel: Option<Arc<Parcel>>,
        own: bool,
    ) -> Result<oneshot::Receiver<Result<Written>>> {
        if self.closed.load(Ordering::Acquire) {
            return Err(self.refusal());
        }
        let kib = u32::try_from(1 + size / 1024).unwrap_or(u32::MAX).min(ROOM_KIB as u32);
        let room = Arc::clone(&self.room).acquire_many_owned(kib).await.map_err(|_| self.refusal())?;
        let (answer, waiting) = oneshot::channel();
        let reply = Reply::Caller { answer, parcel, own, room };
        self.queue.push(Op { write, size, reply }).map_err(|_| self.refusal())?;
        Ok(waiting)
    }

    /// Hands the outcome of an attempt to the writer. Attempts whose outcome waits are few, so it waits for nothing.
    pub(crate) fn settle(&self, write: Write, settling: Settling) {
        let size = match &write {
            Write::Settle(settle) => settle.attempt.response_body.len(),
            _ => 0,
        };
        // A closed queue: the process ends, and the delivery is due again in the next one.
        let _ = self.queue.push(Op { write, size, reply: Reply::Settle(settling) });
    }

    /// Puts an outcome back, to be tried again.
    pub(crate) fn requeue(&self, op: Op<Write, Reply>) {
        let _ = self.queue.push(op);
    }

    /// Reads from the store, beside the threads that must not block.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let store = Arc::clone(&self.store);
        tokio::task::spawn_blocking(move || read(&*store)).await.map_err(|_| self.refusal())?
    }

    pub(crate) fn started(&self, runtime: Handle) -> bool {
        self.runtime.set(runtime).is_ok()
    }

    pub(crate) fn is_started(&self) -> bool {
        self.runtime.get().is_some()
    }

    /// Changes what the dispatcher knows, and lets go whatever may leave then.
    pub(crate) fn drive<T>(self: &Arc<Self>, change: impl FnOnce(&mut Dispatch, Millis) -> T) -> T {
        let now = self.clock.millis();
        let mut dispatch = self.dispatch();
        let result = change(&mut dispatch, now);
        self.launch(dispatch, now);
        result
    }

    /// A request has ended: frees its slot and takes the next delivery, for the same task to go on with.
    pub(crate) fn land(
        self: &Arc<Self>,
        slot: usize,
        took: Duration,
        timed_out: bool,
    ) -> Option<dispatch::Grant> {
        let now = self.clock.millis();
        let mut dispatch = self.dispatch();
        dispatch.landed(slot, took, timed_out, now);
        let next = dispatch.next(now);
        self.launch(dispatch, now);
        next
    }

    /// Looks at the dispatcher.
    pub(crate) fn dispatch(&self) -> MutexGuard<'_, Dispatch> {
        self.dispatch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This process dispatches from now on.
    pub(crate) fn take_over(&self, grant: Grant) {
        self.epoch.store(grant.epoch, Ordering::Release);
        self.dispatch().open();
    }

    /// Notes that these have something to do that is not ours yet.
    pub(crate) fn want(&self, endpoints: &[EndpointId]) {
        if endpoints.is_empty() || self.epoch.load(Ordering::Acquire) == 0 {
            return;
        }
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).extend(endpoints);
        self.others.notify_one();
    }

    /// What was noted by [`want`](Self::want).
    pub(crate) fn wanted(&self) -> Vec<EndpointId> {
        std::mem::take(&mut self.wanted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn launch(self: &Arc<Self>, mut dispatch: MutexGuard<'_, Dispatch>, now: Millis) {
        let Some(runtime) = self.runtime.get() else { return };
        let mut grants = Vec::new();
        while let Some(grant) = dispatch.next(now) {
            grants.push(grant);
        }
        let attention = dispatch.wants_attention();
        let quiet = !dispatch.is_flying() && dispatch.unsettled() == 0;
        let retired = dispatch.has_retired();
        drop(dispatch);
        if retired {
            self.retired.notify_one();
        }
        if attention {
            self.attention.notify_one();
        }
        if quiet && grants.is_empty() {
            self.quiet.notify_waiters();
        }
        for grant in grants {
            self.crew.attempt(self, runtime, grant);
        }
    }

    /// What is said once it was closed.
    pub(crate) fn refusal(&self) -> Error {
        Error::new(Code::Closed, format!("The {} was closed.", self.terms.words.owner))
    }
}

/// A store that answers a write with the result of another.
pub(crate) fn strange() -> Error {
    Error::new(Code::StoreUnavailable, "The store gave an answer that does not belong to the question.")
}

/// 64 MiB.
const ROOM_KIB: usize = 64 * 1024;
