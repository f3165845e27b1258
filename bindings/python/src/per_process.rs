//! A value that each process makes for itself: threads and sockets do not survive `fork`.
//!
//! gunicorn with `preload`, Celery and `multiprocessing` fork after import. The child then holds a runtime whose
//! threads do not exist and connections that its parent reads too. So the value remembers the process that
//! made it; another process makes its own, and leaves the old one where it is: to drop it would be to wait for
//! threads that are gone. There is no lock here that could have been held at the moment of the fork.

use std::process;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

pub(crate) struct PerProcess<T>(AtomicPtr<Made<T>>);

struct Made<T> {
    pid: u32,
    value: T,
}

impl<T: Send + Sync> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// The value that this process made, if it has made one.
    pub(crate) fn get(&self) -> Option<&T> {
        Made::ours(self.0.load(Ordering::Acquire))
    }

    /// The value of this process, made at the first call. Of several threads that call first, all make one, and
    /// one is kept.
    pub(crate) fn get_or_try_init<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let found = self.0.load(Ordering::Acquire);
        if let Some(value) = Made::ours(found) {
            return Ok(value);
        }
        let made = Box::into_raw(Box::new(Made { pid: process::id(), value: make()? }));
        let kept = match self.0.compare_exchange(found, made, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => made,
            Err(earlier) => {
                // SAFETY: `made` came from `into_raw` above and nobody else has seen it.
                drop(unsafe { Box::from_raw(made) });
                earlier
            }
        };
        Ok(Made::ours(kept).expect("what was just stored was made by this process"))
    }
}

impl<T> Made<T> {
    fn ours<'a>(made: *mut Self) -> Option<&'a T> {
        // SAFETY: the pointer is null or came from `into_raw`, and what it points to lives until the cell is
        // dropped, which no borrow of the cell outlives.
        let made = unsafe { made.as_ref() }?;
        (made.pid == process::id()).then_some(&made.value)
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        let made = *self.0.get_mut();
        if Made::ours(made).is_some() {
            // SAFETY: it came from `into_raw`, and `&mut self` says that nobody borrows it.
            drop(unsafe { Box::from_raw(made) });
        }
    }
}
