//! Long jobs.

use std::time::SystemTime;

use hookseal::sender::RetryFilter;
use hookseal::store::{EndpointId, JobId, JobRecord};
use napi::Env;
use napi_derive::napi;

use super::Sender;
use crate::answer::{Promise, promise};
use crate::error::Result;
use crate::time::instant;

/// How far a job is.
#[napi(object, object_from_js = false)]
pub struct Job {
    /// Its name in the store.
    pub id: i64,
    /// What it covers begins here, in milliseconds since 1970.
    pub since: f64,
    /// When it was made, in milliseconds since 1970.
    pub created_at: f64,
    /// How many deliveries it covers.
    pub total: i64,
    /// How many of them it has dealt with.
    pub done: i64,
    /// How many it delivers again.
    pub retried: i64,
    /// How many it passed over.
    pub skipped: i64,
    /// Whether it is at its end.
    pub finished: bool,
}

#[napi]
impl Sender {
    /// Delivers again what failed since a time.
    #[napi(catch_unwind, ts_return_type = "Promise<Job | Failure>")]
    pub fn retry_failed<'env>(
        &self,
        env: &'env Env,
        since: f64,
        endpoint: Option<i64>,
        tenant: Option<String>,
        types: Vec<String>,
    ) -> Result<Promise<'env, Job>> {
        let (sender, since): (_, SystemTime) = (self.0.clone(), instant(since)?);
        let filter = RetryFilter { endpoint: endpoint.map(EndpointId), tenant, events: types };
        promise(env, async move { sender.deliveries().retry_failed(since, filter).await.map(Job::from) })
    }

    /// How far a job is.
    #[napi(catch_unwind, ts_return_type = "Promise<Job | Failure>")]
    pub fn job<'env>(&self, env: &'env Env, id: i64) -> Result<Promise<'env, Job>> {
        let sender = self.0.clone();
        promise(env, async move { sender.deliveries().job(JobId(id)).await.map(Job::from) })
    }
}

impl From<JobRecord> for Job {
    fn from(job: JobRecord) -> Self {
        Self {
            id: job.id.0,
            since: job.since as f64,
            created_at: job.created_at as f64,
            total: job.total as i64,
            done: (job.retried + job.skipped) as i64,
            retried: job.retried as i64,
            skipped: job.skipped as i64,
            finished: job.done,
        }
    }
}
