//! Long jobs and how far they are.

use std::time::SystemTime;

use hookseal::store::JobRecord;
use pyo3::prelude::*;

use crate::arguments::instant;

/// A job that delivers again what failed. It goes on in the background, across restarts too.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct Job {
    /// Its id.
    id: i64,
    /// It covers what failed at or after this time, in UTC.
    since: SystemTime,
    /// When it was made, in UTC.
    created_at: SystemTime,
    /// How many deliveries it covers.
    total: u64,
    /// How many of them it has dealt with.
    done: u64,
    /// How many it delivers again.
    retried: u64,
    /// How many it passed over: reached by a retry since, or without body or active endpoint.
    skipped: u64,
    /// Whether it is at its end.
    finished: bool,
}

impl Job {
    pub(crate) fn new(job: &JobRecord) -> Self {
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

#[pymethods]
impl Job {
    fn __repr__(&self) -> String {
        format!("<Job {} {} of {}>", self.id, self.done, self.total)
    }
}
