//! One try of an event at a time, also where an earlier one did not end when it should have.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::store::MessageKey;

/// Whose turn it is.
#[derive(Default)]
pub(crate) struct Turns {
    taken: Mutex<HashSet<MessageKey>>,
    freed: Notify,
}

/// The turn to handle an event, until this is dropped.
pub(crate) struct Turn {
    turns: Arc<Turns>,
    event: MessageKey,
}

impl Turns {
    /// As soon as nobody else handles the event.
    pub(crate) async fn take(self: &Arc<Self>, event: MessageKey) -> Turn {
        loop {
            let mut freed = pin!(self.freed.notified());
            // From here on it hears of every turn that ends.
            freed.as_mut().enable();
            if self.taken().insert(event) {
                return Turn { turns: Arc::clone(self), event };
            }
            freed.await;
        }
    }

    fn taken(&self) -> MutexGuard<'_, HashSet<MessageKey>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.taken().remove(&self.event);
        self.turns.freed.notify_waiters();
    }
}
