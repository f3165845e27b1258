//! The inbox in numbers.

use super::Inbox;
use crate::error::Result;
use crate::runtime::run;

/// Counters since the inbox was opened, and gauges of this moment.
#[derive(Clone, Debug, uniffi::Record)]
pub struct InboxStats {
    /// Events that were stored.
    pub received: u64,
    /// Events that had been received before.
    pub duplicates: u64,
    /// Tries that succeeded.
    pub tries_succeeded: u64,
    /// Tries that did not.
    pub tries_failed: u64,
    /// Events that were handled.
    pub handled: u64,
    /// Events that failed for good.
    pub failed: u64,
    /// Events that a handler discarded, or that had none.
    pub discarded: u64,
    /// Failed tries that are repeated.
    pub retried: u64,
    /// Commits of the store.
    pub commits: u64,
    /// Operations in them.
    pub committed: u64,
    /// Commits that failed.
    pub commit_errors: u64,
    /// Handlers that run.
    pub in_flight: u64,
    /// Tries that ended and whose outcome is not stored yet.
    pub unsettled: u64,
    /// Operations that wait for their commit.
    pub queued: u64,
    /// Events that wait to be handled.
    pub pending: u64,
    /// Whether this process handles events.
    pub handling: bool,
}

#[uniffi::export]
impl Inbox {
    /// The inbox in numbers.
    pub async fn stats(&self) -> Result<InboxStats> {
        let inbox = self.core.clone();
        run(async move { inbox.stats().await.map(InboxStats::from) }).await
    }

    /// The same as Prometheus reads it.
    pub async fn prometheus(&self) -> Result<String> {
        let inbox = self.core.clone();
        run(async move { inbox.prometheus().await }).await
    }
}

impl From<hookseal::inbox::InboxStats> for InboxStats {
    fn from(stats: hookseal::inbox::InboxStats) -> Self {
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
