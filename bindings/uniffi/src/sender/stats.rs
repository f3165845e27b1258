//! The sender in numbers.

use std::time::SystemTime;

use super::Sender;
use crate::error::Result;
use crate::runtime::run;

/// Counters since the sender was opened, and gauges of this moment.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Stats {
    /// Messages that were stored.
    pub sent: u64,
    /// Messages that were there already.
    pub duplicates: u64,
    /// Attempts that were answered 2xx.
    pub attempts_succeeded: u64,
    /// Attempts that were not.
    pub attempts_failed: u64,
    /// Deliveries that succeeded.
    pub delivered: u64,
    /// Deliveries that failed for good.
    pub failed: u64,
    /// Failed attempts that are tried again.
    pub retried: u64,
    /// Endpoints that were disabled by failures or by their receiver.
    pub disabled: u64,
    /// Commits of the store.
    pub commits: u64,
    /// Operations in them.
    pub committed: u64,
    /// Commits that failed.
    pub commit_errors: u64,
    /// Requests on their way.
    pub in_flight: u64,
    /// Attempts that ended and whose outcome is not stored yet.
    pub unsettled: u64,
    /// Operations that wait for their commit.
    pub queued: u64,
    /// Deliveries that wait for an attempt.
    pub pending: u64,
    /// Deliveries that are held because their endpoint is disabled.
    pub held: u64,
    /// Whether this process is the one that delivers.
    pub dispatching: bool,
}

/// What successful deliveries cost.
#[derive(Clone, Copy, Debug, uniffi::Record)]
pub struct Usage {
    /// Successful deliveries that cost something.
    pub deliveries: u64,
    /// What they cost.
    pub credits: u64,
}

#[uniffi::export]
impl Sender {
    /// What successful deliveries cost from `since` until before `until`.
    pub async fn usage(&self, tenant: Option<String>, since: SystemTime, until: SystemTime) -> Result<Usage> {
        let sender = self.0.clone();
        run(async move {
            let usage = sender.usage(tenant.as_deref(), since, until).await?;
            Ok(Usage { deliveries: usage.deliveries, credits: usage.credits })
        })
        .await
    }

    /// The sender in numbers.
    pub async fn stats(&self) -> Result<Stats> {
        let sender = self.0.clone();
        run(async move { sender.stats().await.map(Stats::from) }).await
    }

    /// The same as Prometheus reads it.
    pub async fn prometheus(&self) -> Result<String> {
        let sender = self.0.clone();
        run(async move { sender.prometheus().await }).await
    }
}

impl From<hookseal::sender::Stats> for Stats {
    fn from(stats: hookseal::sender::Stats) -> Self {
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
