//! Deliveries: the log of what happened, and delivering once more.

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use super::export;
use crate::error::Result;
use crate::queue::engine::Engine;
use crate::queue::{Page, control};
use crate::store::{
    AttemptRecord, DeliveryId, DeliveryQuery, DeliveryRecord, EndpointId, EventFilter, JobId, JobRecord,
    NewJob, Store,
};
use crate::timestamp;

/// A delivery with all its attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveryDetail {
    /// The delivery.
    pub delivery: DeliveryRecord,
    /// Its attempts, in order.
    pub attempts: Vec<AttemptRecord>,
}

/// Which failed deliveries to deliver again.
#[derive(Clone, Debug, Default)]
pub struct RetryFilter {
    /// Only those to this endpoint.
    pub endpoint: Option<EndpointId>,
    /// Only those of this tenant's messages.
    pub tenant: Option<String>,
    /// Only those of these types; empty for all.
    pub events: Vec<String>,
}

/// See [`Sender::deliveries`](super::Sender::deliveries).
#[derive(Clone, Copy)]
pub struct Deliveries<'s> {
    pub(crate) engine: &'s Arc<Engine>,
}

impl Deliveries<'_> {
    /// At most `limit` deliveries, newest first, from the first page or from where another one says that the next
    /// begins.
    ///
    /// # Errors
    /// `invalid_argument` for a limit of 0, and those of the store.
    pub async fn list(
        &self,
        query: DeliveryQuery,
        cursor: Option<DeliveryId>,
        limit: usize,
    ) -> Result<Page<DeliveryRecord, DeliveryId>> {
        let read = move |store: &dyn Store| {
            Page::read(
                limit,
                |last: &DeliveryRecord| last.id,
                |limit| store.deliveries(&query, cursor, limit),
            )
        };
        self.engine.read(read).await
    }

    /// A delivery with its attempts.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn get(&self, id: DeliveryId) -> Result<DeliveryDetail> {
        let (delivery, attempts) = self.engine.read(move |store| control::with_attempts(store, id)).await?;
        Ok(DeliveryDetail { delivery, attempts })
    }

    /// Delivers once more: the same bytes and id under a fresh signature, one attempt. A pending delivery gets no new
    /// one beside it: its next attempt is pulled forward to now. Returns the delivery that is attempted.
    ///
    /// # Errors
    /// `not_found`; `conflict` if the body is gone or the endpoint is disabled or deleted; and those of the store.
    pub async fn retry(&self, id: DeliveryId) -> Result<DeliveryId> {
        self.engine.retry(id).await
    }

    /// Delivers again what failed at or after `since`. The job goes on in the background, across restarts too;
    /// [`job`](Self::job) tells how far it is.
    ///
    /// # Errors
    /// `invalid_argument` for a pattern that makes no sense, and those of the store.
    pub async fn retry_failed(&self, since: SystemTime, filter: RetryFilter) -> Result<JobRecord> {
        let job = NewJob {
            since: timestamp::from_system(since),
            endpoint: filter.endpoint,
            tenant: filter.tenant,
            events: EventFilter::new(&filter.events)?,
            now: self.engine.clock.millis(),
        };
        self.engine.begin_job(job).await
    }

    /// How far a job is.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn job(&self, id: JobId) -> Result<JobRecord> {
        self.engine.job(id).await
    }

    /// Cancels a delivery that is pending or held; an attempt on its way ends, and none follows. False if the
    /// delivery was at its end.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn cancel(&self, id: DeliveryId) -> Result<bool> {
        self.engine.cancel(id).await
    }

    /// Writes deliveries with their attempts as JSON, one a line, newest first, and tells how many.
    ///
    /// # Errors
    /// `invalid_argument` if `to` cannot be written, and those of the store.
    pub async fn export(&self, query: DeliveryQuery, to: impl io::Write + Send + 'static) -> Result<u64> {
        self.engine.read(move |store| export::lines(store, &query, to)).await
    }
}
