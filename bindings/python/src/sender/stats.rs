//! The sender in numbers.

use hookseal::{sender, store};
use pyo3::prelude::*;

/// What was counted in a span of time.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct Usage {
    /// Successful deliveries that cost something.
    deliveries: u64,
    /// What they cost.
    credits: u64,
}

impl Usage {
    pub(crate) fn new(usage: store::Usage) -> Self {
        Self { deliveries: usage.deliveries, credits: usage.credits }
    }
}

#[pymethods]
impl Usage {
    fn __repr__(&self) -> String {
        format!("<Usage deliveries={} credits={}>", self.deliveries, self.credits)
    }
}

/// Counters since the sender was opened, and what is there at this moment.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct Stats {
    /// Messages that were stored.
    sent: u64,
    /// Messages that were there already.
    duplicates: u64,
    /// Attempts that were answered 2xx.
    attempts_succeeded: u64,
    /// Attempts that were not.
    attempts_failed: u64,
    /// Deliveries that succeeded.
    delivered: u64,
    /// Deliveries that failed for good.
    failed: u64,
    /// Failed attempts that are tried again.
    retried: u64,
    /// Endpoints that were disabled by failures or by their receiver.
    disabled: u64,
    /// Commits of the store.
    commits: u64,
    /// Operations in them.
    committed: u64,
    /// Commits that failed.
    commit_errors: u64,
    /// Requests on their way now.
    in_flight: u64,
    /// Attempts that ended and whose outcome is not stored yet.
    unsettled: u64,
    /// Operations that wait for their commit.
    queued: u64,
    /// Deliveries in the store that wait for an attempt.
    pending: u64,
    /// Deliveries in the store that are held because their endpoint is disabled.
    held: u64,
    /// Whether this process is the one that delivers.
    dispatching: bool,
}

impl Stats {
    pub(crate) fn new(stats: sender::Stats) -> Self {
        Self {
            sent: stats.sent,
            duplicates: stats.duplicates,
            attempts_succeeded: stats.attempts_succeeded,
            attempts_failed: stats.attempts_failed,
            delivered: stats.delivered,
            failed: stats.failed,
            retried: stats.retried,
            disabled: stats.disabled,
            commits: stats.commits,
            committed: stats.committed,
            commit_errors: stats.commit_errors,
            in_flight: stats.in_flight,
            unsettled: stats.unsettled,
            queued: stats.queued,
            pending: stats.pending,
            held: stats.held,
            dispatching: stats.dispatching,
        }
    }
}

#[pymethods]
impl Stats {
    fn __repr__(&self) -> String {
        format!("<Stats sent={} delivered={} pending={}>", self.sent, self.delivered, self.pending)
    }
}
