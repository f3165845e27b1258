//! Long jobs.

use std::time::SystemTime;

use hookseal::sender::RetryFilter;
use hookseal::store::{EndpointId, JobId, JobRecord};

use super::Sender;
use crate::error::Result;
use crate::runtime::run;
use crate::time::instant;

/// How far a job is that delivers again what failed.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RetryJob {
    /// Its name in the store.
    pub id: i64,
    /// What it covers begins here.
    pub since: SystemTime,
    /// When it was made.
    pub created_at: SystemTime,
    /// How many deliveries it covers.
    pub total: u64,
    /// How many of them it has dealt with.
    pub done: u64,
    /// How many it delivers again.
    pub retried: u64,
    /// How many it passed over.
    pub skipped: u64,
    /// Whether it is at its end.
    pub finished: bool,
}

#[uniffi::export]
impl Sender {
    /// Delivers again what failed since a time.
    pub async fn retry_failed(
        &self,
        since: SystemTime,
        endpoint: Option<i64>,
        tenant: Option<String>,
        types: Vec<String>,
    ) -> Result<RetryJob> {
        let sender = self.0.clone();
        let filter = RetryFilter { endpoint: endpoint.map(EndpointId), tenant, events: types };
        run(async move { sender.deliveries().retry_failed(since, filter).await.map(RetryJob::from) }).await
    }

    /// How far a job is.
    pub async fn job(&self, id: i64) -> Result<RetryJob> {
        let sender = self.0.clone();
        run(async move { sender.deliveries().job(JobId(id)).await.map(RetryJob::from) }).await
    }
}

impl From<JobRecord> for RetryJob {
    fn from(job: JobRecord) -> Self {
        Self {
            id: job.id.0,
            since: instant(job.since),
            created_at: instant(job.created_at),
            total: job.total,
            done: job.retried + job.skipped,
            retried: job.retried,
            skipped: job.skipped,
            finished: job.done,
        }
    }
}
