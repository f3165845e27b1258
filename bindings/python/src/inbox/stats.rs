//! The inbox in numbers.

use hookseal::inbox;
use pyo3::prelude::*;

/// Counters since the inbox was opened, and what is there at this moment.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct InboxStats {
    /// Events that were stored.
    received: u64,
    /// Events that had been received before.
    duplicates: u64,
    /// Tries that succeeded.
    tries_succeeded: u64,
    /// Tries that did not.
    tries_failed: u64,
    /// Events that were handled.
    handled: u64,
    /// Events that failed for good.
    failed: u64,
    /// Events that a handler discarded, or that had none.
    discarded: u64,
    /// Failed tries that are repeated.
    retried: u64,
    /// Commits of the store.
    commits: u64,
    /// Operations in them.
    committed: u64,
    /// Commits that failed.
    commit_errors: u64,
    /// Handlers that run now.
    in_flight: u64,
    /// Tries that ended and whose outcome is not stored yet.
    unsettled: u64,
    /// Operations that wait for their commit.
    queued: u64,
    /// Events in the store that wait to be handled.
    pending: u64,
    /// Whether this process handles events.
    handling: bool,
}

impl InboxStats {
    pub(crate) fn new(stats: inbox::InboxStats) -> Self {
        Self {
            received: stats.received,
            duplicates: stats.duplicates,
            tries_succeeded: stats.tries_succeeded,
            tries_failed: stats.tries_failed,
            handled: stats.handled,
            failed: stats.failed,
            discarded: stats.discarded,
            retried: stats.retried,
            commits: stats.commits,
            committed: stats.committed,
            commit_errors: stats.commit_errors,
            in_flight: stats.in_flight,
            unsettled: stats.unsettled,
            queued: stats.queued,
            pending: stats.pending,
            handling: stats.handling,
        }
    }
}

#[pymethods]
impl InboxStats {
    fn __repr__(&self) -> String {
        format!("<InboxStats received={} handled={} pending={}>", self.received, self.handled, self.pending)
    }
}
