//! The sender in numbers.

use napi::Env;
use napi_derive::napi;

use super::Sender;
use crate::answer::{Promise, promise};
use crate::error::Result;
use crate::time::instant;

/// Counters since the sender was opened, and gauges of this moment.
#[napi(object, object_from_js = false)]
pub struct Stats {
    /// Messages that were stored.
    pub sent: i64,
    /// Messages that were there already.
    pub duplicates: i64,
    /// Attempts that were answered 2xx.
    pub attempts_succeeded: i64,
    /// Attempts that were not.
    pub attempts_failed: i64,
    /// Deliveries that succeeded.
    pub delivered: i64,
    /// Deliveries that failed for good.
    pub failed: i64,
    /// Failed attempts that are tried again.
    pub retried: i64,
    /// Endpoints that were disabled by failures or by their receiver.
    pub disabled: i64,
    /// Commits of the store.
    pub commits: i64,
    /// Operations in them.
    pub committed: i64,
    /// Commits that failed.
    pub commit_errors: i64,
    /// Requests on their way.
    pub in_flight: i64,
    /// Attempts that ended and whose outcome is not stored yet.
    pub unsettled: i64,
    /// Operations that wait for their commit.
    pub queued: i64,
    /// Deliveries that wait for an attempt.
    pub pending: i64,
    /// Deliveries that are held because their endpoint is disabled.
    pub held: i64,
    /// Whether this process is the one that delivers.
    pub dispatching: bool,
}

/// What successful deliveries cost.
#[napi(object, object_from_js = false)]
pub struct Usage {
    /// Successful deliveries that cost something.
    pub deliveries: i64,
    /// What they cost.
    pub credits: i64,
}

#[napi]
impl Sender {
    /// What successful deliveries cost, between two instants in milliseconds since 1970.
    #[napi(catch_unwind, ts_return_type = "Promise<Usage | Failure>")]
    pub fn usage<'env>(
        &self,
        env: &'env Env,
        tenant: Option<String>,
        since: f64,
        until: f64,
    ) -> Result<Promise<'env, Usage>> {
        let (sender, since, until) = (self.0.clone(), instant(since)?, instant(until)?);
        promise(env, async move {
            let usage = sender.usage(tenant.as_deref(), since, until).await?;
            Ok(Usage { deliveries: usage.deliveries as i64, credits: usage.credits as i64 })
        })
    }

    /// The sender in numbers.
    #[napi(catch_unwind, ts_return_type = "Promise<Stats | Failure>")]
    pub fn stats<'env>(&self, env: &'env Env) -> Result<Promise<'env, Stats>> {
        let sender = self.0.clone();
        promise(env, async move { sender.stats().await.map(Stats::from) })
    }

    /// The same as Prometheus reads it.
    #[napi(catch_unwind, ts_return_type = "Promise<string | Failure>")]
    pub fn prometheus<'env>(&self, env: &'env Env) -> Result<Promise<'env, String>> {
        let sender = self.0.clone();
        promise(env, async move { sender.prometheus().await })
    }
}

impl From<hookseal::sender::Stats> for Stats {
    fn from(stats: hookseal::sender::Stats) -> Self {
        Self {
            sent: stats.sent as i64,
            duplicates: stats.duplicates as i64,
            attempts_succeeded: stats.attempts_succeeded as i64,
            attempts_failed: stats.attempts_failed as i64,
            delivered: stats.delivered as i64,
            failed: stats.failed as i64,
            retried: stats.retried as i64,
            disabled: stats.disabled as i64,
            commits: stats.commits as i64,
            committed: stats.committed as i64,
            commit_errors: stats.commit_errors as i64,
            in_flight: stats.in_flight as i64,
            unsettled: stats.unsettled as i64,
            queued: stats.queued as i64,
            pending: stats.pending as i64,
            held: stats.held as i64,
            dispatching: stats.dispatching,
        }
    }
}
