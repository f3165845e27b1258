//! The inbox in numbers.

use napi::Env;
use napi_derive::napi;

use super::Inbox;
use crate::answer::{Promise, promise};
use crate::error::Result;

/// Counters since the inbox was opened, and gauges of this moment.
#[napi(object, object_from_js = false)]
pub struct InboxStats {
    /// Events that were stored.
    pub received: i64,
    /// Events that had been received before.
    pub duplicates: i64,
    /// Tries that succeeded.
    pub tries_succeeded: i64,
    /// Tries that did not.
    pub tries_failed: i64,
    /// Events that were handled.
    pub handled: i64,
    /// Events that failed for good.
    pub failed: i64,
    /// Events that a handler discarded, or that had none.
    pub discarded: i64,
    /// Failed tries that are repeated.
    pub retried: i64,
    /// Commits of the store.
    pub commits: i64,
    /// Operations in them.
    pub committed: i64,
    /// Commits that failed.
    pub commit_errors: i64,
    /// Handlers that run.
    pub in_flight: i64,
    /// Tries that ended and whose outcome is not stored yet.
    pub unsettled: i64,
    /// Operations that wait for their commit.
    pub queued: i64,
    /// Events that wait to be handled.
    pub pending: i64,
    /// Whether this process handles events.
    pub handling: bool,
}

#[napi]
impl Inbox {
    /// The inbox in numbers.
    #[napi(catch_unwind, ts_return_type = "Promise<InboxStats | Failure>")]
    pub fn stats<'env>(&self, env: &'env Env) -> Result<Promise<'env, InboxStats>> {
        let inbox = self.core.clone();
        promise(env, async move { inbox.stats().await.map(InboxStats::from) })
    }

    /// The same as Prometheus reads it.
    #[napi(catch_unwind, ts_return_type = "Promise<string | Failure>")]
    pub fn prometheus<'env>(&self, env: &'env Env) -> Result<Promise<'env, String>> {
        let inbox = self.core.clone();
        promise(env, async move { inbox.prometheus().await })
    }
}

impl From<hookseal::inbox::InboxStats> for InboxStats {
    fn from(stats: hookseal::inbox::InboxStats) -> Self {
        Self {
            received: stats.received as i64,
            duplicates: stats.duplicates as i64,
            tries_succeeded: stats.tries_succeeded as i64,
            tries_failed: stats.tries_failed as i64,
            handled: stats.handled as i64,
            failed: stats.failed as i64,
            discarded: stats.discarded as i64,
            retried: stats.retried as i64,
            commits: stats.commits as i64,
            committed: stats.committed as i64,
            commit_errors: stats.commit_errors as i64,
            in_flight: stats.in_flight as i64,
            unsettled: stats.unsettled as i64,
            queued: stats.queued as i64,
            pending: stats.pending as i64,
            handling: stats.handling,
        }
    }
}
