//! Events: the log of what was received, and trying again.

use hookseal::inbox::{self, EventQuery, EventStatus};
use hookseal::store::{DeliveryId, JobId};
use napi::Env;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use super::Inbox;
use crate::answer::{Promise, promise};
use crate::error::{Failure, Result, invalid_argument};
use crate::sender::jobs::Job;
use crate::time::{instant, optional_instant};

/// Which events.
#[napi(object, object_to_js = false)]
pub struct EventFilter {
    /// In this state.
    pub status: Option<String>,
    /// Of these types; empty for all.
    pub types: Vec<String>,
    /// Of this tenant.
    pub tenant: Option<String>,
    /// Received at or after this time, in milliseconds since 1970.
    pub since: Option<f64>,
    /// Received before this time, in milliseconds since 1970.
    pub until: Option<f64>,
}

/// An event as the log shows it.
#[napi(object, object_from_js = false)]
pub struct StoredEvent {
    /// The event's id, or what stands for it.
    pub id: String,
    /// The event's type.
    #[napi(js_name = "type")]
    pub event_type: String,
    /// Whose event it is.
    pub tenant: Option<String>,
    /// Where it stands.
    #[napi(ts_type = "'pending' | 'handled' | 'failed' | 'discarded'")]
    pub status: &'static str,
    /// How many tries there were, since it was last retried by hand.
    pub try_count: u32,
    /// When the next one is due, in milliseconds since 1970.
    pub next_try: Option<f64>,
    /// When it was received, in milliseconds since 1970.
    pub received_at: f64,
    /// When it came to its end, in milliseconds since 1970.
    pub done_at: Option<f64>,
    /// Why the last try failed.
    pub error_code: Option<&'static str>,
}

/// One try as the log shows it.
#[napi(object, object_from_js = false)]
pub struct StoredTry {
    /// Which it was, from 1.
    pub number: u32,
    /// When it began, in milliseconds since 1970.
    pub started_at: f64,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// Why it failed.
    pub error: Option<Failure>,
}

/// An event with its tries.
#[napi(object, object_from_js = false)]
pub struct EventDetail {
    /// The event.
    pub event: StoredEvent,
    /// When it happened, in milliseconds since 1970.
    pub timestamp: f64,
    /// Its tries, in order.
    pub tries: Vec<StoredTry>,
    /// What was received.
    pub body: Option<Uint8Array>,
}

/// Some events.
#[napi(object, object_from_js = false)]
pub struct EventPage {
    /// The events.
    pub items: Vec<StoredEvent>,
    /// Where the next page begins.
    pub cursor: Option<i64>,
}

#[napi]
impl Inbox {
    /// Events, newest first.
    #[napi(catch_unwind, ts_return_type = "Promise<EventPage | Failure>")]
    pub fn list_events<'env>(
        &self,
        env: &'env Env,
        filter: EventFilter,
        cursor: Option<i64>,
        limit: u32,
    ) -> Result<Promise<'env, EventPage>> {
        let (inbox, query) = (self.core.clone(), filter.query()?);
        promise(env, async move {
            let page = inbox.events().list(&query, cursor.map(DeliveryId), limit as usize).await?;
            let items = page.items.into_iter().map(StoredEvent::from).collect();
            Ok(EventPage { items, cursor: page.next.map(|id| id.0) })
        })
    }

    /// An event with its tries and what was received.
    #[napi(catch_unwind, ts_return_type = "Promise<EventDetail | Failure>")]
    pub fn event<'env>(&self, env: &'env Env, id: String) -> Result<Promise<'env, EventDetail>> {
        let inbox = self.core.clone();
        promise(env, async move {
            let detail = inbox.events().get(&id).await?;
            Ok(EventDetail {
                event: detail.event.into(),
                timestamp: detail.timestamp as f64,
                tries: detail.tries.into_iter().map(StoredTry::from).collect(),
                body: detail.body.map(|body| body.to_vec().into()),
            })
        })
    }

    /// Has an event handled once more.
    #[napi(catch_unwind, ts_return_type = "Promise<undefined | Failure>")]
    pub fn retry_event<'env>(&self, env: &'env Env, id: String) -> Result<Promise<'env, ()>> {
        let inbox = self.core.clone();
        promise(env, async move { inbox.events().retry(&id).await })
    }

    /// Retries what failed since a time.
    #[napi(catch_unwind, ts_return_type = "Promise<Job | Failure>")]
    pub fn retry_failed<'env>(
        &self,
        env: &'env Env,
        since: f64,
        types: Vec<String>,
    ) -> Result<Promise<'env, Job>> {
        let (inbox, since) = (self.core.clone(), instant(since)?);
        promise(env, async move { inbox.events().retry_failed(since, &types).await.map(Job::from) })
    }

    /// How far a job is.
    #[napi(catch_unwind, ts_return_type = "Promise<Job | Failure>")]
    pub fn job<'env>(&self, env: &'env Env, id: i64) -> Result<Promise<'env, Job>> {
        let inbox = self.core.clone();
        promise(env, async move { inbox.events().job(JobId(id)).await.map(Job::from) })
    }

    /// Ends an event that is pending; false if it was at its end.
    #[napi(catch_unwind, ts_return_type = "Promise<boolean | Failure>")]
    pub fn discard_event<'env>(&self, env: &'env Env, id: String) -> Result<Promise<'env, bool>> {
        let inbox = self.core.clone();
        promise(env, async move { inbox.events().discard(&id).await })
    }

    /// Deletes what an event says; false if its body was gone.
    #[napi(catch_unwind, ts_return_type = "Promise<boolean | Failure>")]
    pub fn expunge_event<'env>(&self, env: &'env Env, id: String) -> Result<Promise<'env, bool>> {
        let inbox = self.core.clone();
        promise(env, async move { inbox.events().expunge(&id).await })
    }
}

impl EventFilter {
    pub(crate) fn query(self) -> Result<EventQuery> {
        let unknown = |status: &str| invalid_argument(format!("{status:?} is no status of an event."));
        let status = |status: String| EventStatus::parse(&status).ok_or_else(|| unknown(&status));
        Ok(EventQuery {
            status: self.status.map(status).transpose()?,
            types: self.types,
            tenant: self.tenant,
            since: optional_instant(self.since)?,
            until: optional_instant(self.until)?,
        })
    }
}

impl From<inbox::EventRecord> for StoredEvent {
    fn from(event: inbox::EventRecord) -> Self {
        Self {
            id: event.id,
            event_type: event.event_type,
            tenant: event.tenant,
            status: event.status.as_str(),
            try_count: event.tries,
            next_try: event.next_try.map(|at| at as f64),
            received_at: event.received_at as f64,
            done_at: event.done_at.map(|at| at as f64),
            error_code: event.last_error.map(hookseal::Code::as_str),
        }
    }
}

impl From<inbox::Try> for StoredTry {
    fn from(one: inbox::Try) -> Self {
        Self {
            number: one.number,
            started_at: one.started_at as f64,
            duration_ms: one.duration,
            error: one.error.as_ref().map(Failure::from),
        }
    }
}
