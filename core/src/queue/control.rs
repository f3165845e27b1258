//! What people ask of a queue: once more, not any more, never again.

use std::sync::Arc;

use super::engine::{Engine, strange};
use crate::error::{Code, Error, Result};
use crate::store::{
    AttemptRecord, DeliveryId, DeliveryQuery, DeliveryRecord, JobId, JobRecord, MessageKey, NewJob, Store,
    Write, Written,
};

impl Engine {
    pub(crate) async fn retry(&self, id: DeliveryId) -> Result<DeliveryId> {
        let now = self.clock.millis();
        match self.submit(Write::Retry { delivery: id, now }).await? {
            Written::Retried(fresh) => Ok(fresh.id),
            _ => Err(strange()),
        }
    }

    pub(crate) async fn begin_job(&self, job: NewJob) -> Result<JobRecord> {
        let Written::Job { job, .. } = self.submit(Write::CreateJob(job)).await? else {
            return Err(strange());
        };
        self.jobs.notify_one();
        Ok(*job)
    }

    pub(crate) async fn job(&self, id: JobId) -> Result<JobRecord> {
        let missing = move || Error::new(Code::NotFound, format!("There is no job {id}."));
        self.read(move |store| store.job(id)?.ok_or_else(missing)).await
    }

    /// False if the delivery was at its end.
    pub(crate) async fn cancel(self: &Arc<Self>, id: DeliveryId) -> Result<bool> {
        let delivery = self.read(move |store| store.delivery(id)?.ok_or_else(|| missing(id))).await?;
        let now = self.clock.millis();
        let Written::Changed(changed) = self.submit(Write::Cancel { delivery: id, now }).await? else {
            return Err(strange());
        };
        self.drive(|dispatch, _| dispatch.forget(delivery.endpoint, id));
        Ok(changed)
    }

    /// False if the body was gone already.
    pub(crate) async fn expunge(self: &Arc<Self>, key: MessageKey) -> Result<bool> {
        let pending = self
            .read(move |store| {
                let query = DeliveryQuery { message: Some(key), ..DeliveryQuery::default() };
                store.deliveries(&query, None, MOST_FORGOTTEN)
            })
            .await?;
        let now = self.clock.millis();
        let Written::Changed(changed) = self.submit(Write::Expunge { message: key, now }).await? else {
            return Err(strange());
        };
        // What waits in memory would be attempted all the same.
        self.drive(|dispatch, _| {
            pending.iter().for_each(|delivery| dispatch.forget(delivery.endpoint, delivery.id));
        });
        Ok(changed)
    }
}

/// A delivery and its attempts, as they were at one moment.
pub(crate) fn with_attempts(
    store: &dyn Store,
    id: DeliveryId,
) -> Result<(DeliveryRecord, Vec<AttemptRecord>)> {
    let mut delivery = store.delivery(id)?.ok_or_else(|| missing(id))?;
    loop {
        let attempts = store.attempts(id)?;
        // An outcome may have come between the two reads; each changes the delivery too.
        let after = store.delivery(id)?.ok_or_else(|| missing(id))?;
        if after == delivery {
            return Ok((delivery, attempts));
        }
        delivery = after;
    }
}

fn missing(id: DeliveryId) -> Error {
    Error::new(Code::NotFound, format!("There is no delivery {id}."))
}

const MOST_FORGOTTEN: usize = 100_000;
