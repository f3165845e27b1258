//! The right to handle an event, and how it ends.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use super::Inner;
use super::key::{Key, Token};
use super::store::{Act, Answer, Op};
use crate::error::{Code, Error, Result};

/// The right to handle an event, which nobody else has meanwhile.
///
/// It holds for the deduplicator's lease; [`extend`](Self::extend) it where handling takes longer. Dropped before it is
/// done, it is released in the background; if the process dies, it ends with its lease.
pub struct Claim {
    inner: Arc<Inner>,
    key: Key,
    token: Token,
    keep: Duration,
    state: AtomicU8,
}

impl Claim {
    /// The event was handled: from now on, it is a duplicate. If this fails with an error of the store it may be called
    /// again, and the claim is not released when it is dropped.
    ///
    /// # Errors
    /// `claim_lost` if the lease ran out and somebody else has claimed the event since: it may be handled twice.
    /// `invalid_argument` if it was released. Errors of the store.
    pub async fn done(&self) -> Result<()> {
        if self.state.fetch_max(DONE, Ordering::AcqRel) == RELEASED {
            return Err(Error::argument("The claim was released: there is nothing to be done."));
        }
        self.ours(Act::Done { keep: self.keep }).await
    }

    /// The event was not handled: whoever asks next gets it. Does nothing to one that is done, or lost.
    ///
    /// # Errors
    /// Errors of the store: then the claim ends with its lease.
    pub async fn release(&self) -> Result<()> {
        if self.state.compare_exchange(HELD, RELEASED, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            self.inner.store.run(Op { act: Act::Release, ..self.op() }).await?;
        }
        Ok(())
    }

    /// Has the lease begin anew, for handlers that take longer than that.
    ///
    /// # Errors
    /// `claim_lost` if the lease ran out and somebody else has claimed the event since: stop handling it.
    /// `invalid_argument` if it was done or released. Errors of the store.
    pub async fn extend(&self) -> Result<()> {
        if self.state.load(Ordering::Acquire) != HELD {
            return Err(Error::argument("The claim has ended: it can not be extended."));
        }
        self.ours(Act::Extend { lease: self.lease() }).await
    }

    /// For how long it holds, from when it was made or extended.
    pub fn lease(&self) -> Duration {
        self.inner.options.lease
    }

    /// One that nobody has yet.
    pub(super) fn new(inner: Arc<Inner>, key: Key, token: Token, keep: Duration) -> Self {
        Self { inner, key, token, keep, state: AtomicU8::new(HELD) }
    }

    pub(super) fn op(&self) -> Op {
        Op { key: self.key, token: self.token, act: Act::Release }
    }

    /// It is somebody else's.
    pub(super) fn forget(self) {
        self.state.store(RELEASED, Ordering::Release);
    }

    async fn ours(&self, act: Act) -> Result<()> {
        match self.inner.store.run(Op { act, ..self.op() }).await? {
            Answer::Yes => Ok(()),
            Answer::Done | Answer::Held(_) => Err(Error::new(
                Code::ClaimLost,
                format!(
                    "The lease of {:?} ran out before the event was done, and somebody else has claimed it since, so \
                     that it may be handled twice: use a longer lease, or extend it.",
                    self.lease()
                ),
            )),
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if *self.state.get_mut() == HELD {
            self.inner.store.tell(self.op());
        }
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claim")
    }
}

const HELD: u8 = 0;
const DONE: u8 = 1;
const RELEASED: u8 = 2;
