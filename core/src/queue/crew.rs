//! The tasks that make attempts. One that has nothing to do rests until the next delivery comes, because a new task
//! costs more than waking one that is there.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::attempt;
use super::dispatch::Grant;
use super::engine::Engine;

#[derive(Default)]
pub(crate) struct Crew {
    members: Mutex<HashMap<u64, AbortHandle>>,
    next_name: AtomicU64,
    resting: Mutex<Vec<oneshot::Sender<Handover>>>,
}

impl Crew {
    /// Has somebody attempt a delivery.
    pub(crate) fn attempt(&self, engine: &Arc<Engine>, runtime: &Handle, grant: Grant) {
        let mut handover = Handover { engine: Arc::clone(engine), grant: Some(grant) };
        while let Some(call) = self.call() {
            match call.send(handover) {
                Ok(()) => return,
                Err(back) => handover = back,
            }
        }
        let name = self.next_name.fetch_add(1, Ordering::Relaxed);
        // Held until the task is in the list: it takes itself out when it ends.
        let mut members = hold(&self.members);
        let task = runtime.spawn(attempt::run(Arc::clone(engine), handover, name));
        members.insert(name, task.abort_handle());
    }

    /// Waits for a delivery to attempt; `None` if there are others enough who do.
    pub(crate) async fn rest(&self) -> Option<Handover> {
        let (call, called) = oneshot::channel();
        {
            let mut resting = hold(&self.resting);
            if resting.len() >= MOST_RESTING {
                return None;
            }
            resting.push(call);
        }
        called.await.ok()
    }

    pub(crate) fn left(&self, name: u64) {
        hold(&self.members).remove(&name);
    }

    /// Ends all of them at once, whatever they do.
    pub(crate) fn abort(&self) {
        hold(&self.members).values().for_each(AbortHandle::abort);
        hold(&self.resting).clear();
    }

    fn call(&self) -> Option<oneshot::Sender<Handover>> {
        hold(&self.resting).pop()
    }
}

/// A delivery on its way to the task that attempts it. Should none take it, the dispatcher has it back.
pub(crate) struct Handover {
    engine: Arc<Engine>,
    grant: Option<Grant>,
}

impl Handover {
    pub(crate) fn take(mut self) -> Option<Grant> {
        self.grant.take()
    }
}

impl Drop for Handover {
    fn drop(&mut self) {
        if let Some(Grant { slot, work, .. }) = self.grant.take() {
            // Nothing is let go here: whoever drops this may hold locks, and the runtime may be gone.
            let now = self.engine.clock.millis();
            self.engine.dispatch().give_back(slot, work.id, now);
            self.engine.attention.notify_one();
        }
    }
}

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const MOST_RESTING: usize = 256;
