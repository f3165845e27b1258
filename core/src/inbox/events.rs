//! Events: the log of what was received and what became of it, and trying again.

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;

use super::export;
use crate::error::{Code, Error, Result};
use crate::queue::engine::Engine;
use crate::queue::{Page, control};
use crate::store::{
    DeliveryId, DeliveryQuery, DeliveryRecord, DeliveryState, EventFilter, JobId, JobRecord, MessageRef,
    NewJob, Store,
};
use crate::timestamp::{self, Millis};

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventStatus {
    /// It waits for a try, or is in one.
    Pending,
    /// A handler has handled it.
    Handled,
    /// No try is left: it waits for somebody to look at it.
    Failed,
    /// A handler or somebody said that it is not to be handled, or it had no handler.
    Discarded,
}

/// An event as the log shows it. Instants are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventRecord {
    /// The event's id, or `sha256:` and the hash of the body where the provider gives none.
    pub id: String,
    /// Its type; empty if it has none.
    pub event_type: String,
    /// Whose event it is, where the provider says.
    pub tenant: Option<String>,
    /// Where it stands.
    pub status: EventStatus,
    /// How many tries there were, since it was last retried by hand.
    pub tries: u32,
    /// When the next try is due, while it is pending; `None` also while it waits for another of its key.
    pub next_try: Option<Millis>,
    /// When it was received.
    pub received_at: Millis,
    /// When it was handled, failed or discarded.
    pub done_at: Option<Millis>,
    /// Why the last try failed.
    pub last_error: Option<Code>,
    /// Where a page that begins behind it begins.
    pub cursor: DeliveryId,
}

/// One try as the log shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Try {
    /// Which one, from 1; it begins anew with every retry by hand.
    pub number: u32,
    /// When it began.
    pub started_at: Millis,
    /// How long it took, in milliseconds.
    pub duration: i64,
    /// Why it failed: `handler_failed` with the handler's own words, `timeout`, `lost` if the process ended.
    pub error: Option<Error>,
}

/// An event with its body and all its tries.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventDetail {
    /// The event.
    pub event: EventRecord,
    /// When it happened, as far as the provider says; else when it was received.
    pub timestamp: Millis,
    /// The exact bytes that were received, unless they were expunged or too old to be kept.
    pub body: Option<Bytes>,
    /// Its tries, in order.
    pub tries: Vec<Try>,
}

/// Which events; `None` is any.
#[derive(Clone, Debug, Default)]
pub struct EventQuery {
    /// Those that stand here.
    pub status: Option<EventStatus>,
    /// Those of these types: exact ones, `booking.*` or `*`; empty for any.
    pub types: Vec<String>,
    /// Those of this tenant.
    pub tenant: Option<String>,
    /// Received, or retried by hand, at or after this time.
    pub since: Option<SystemTime>,
    /// Received, or retried by hand, before this time.
    pub until: Option<SystemTime>,
}

/// See [`Inbox::events`](super::Inbox::events).
#[derive(Clone, Copy)]
pub struct Events<'i> {
    pub(crate) engine: &'i Arc<Engine>,
}

impl Events<'_> {
    /// At most `limit` events, newest first, from the first page or from where another one says that the next begins.
    ///
    /// # Errors
    /// `invalid_argument` for a limit of 0 or a pattern that makes no sense, and those of the store.
    pub async fn list(
        &self,
        query: &EventQuery,
        cursor: Option<DeliveryId>,
        limit: usize,
    ) -> Result<Page<EventRecord, DeliveryId>> {
        let query = query.deliveries()?;
        self.engine
            .read(move |store| {
                Page::read(
                    limit,
                    |last: &DeliveryRecord| last.id,
                    |limit| store.deliveries(&query, cursor, limit),
                )?
                .try_map(|delivery| EventRecord::read(store, delivery))
            })
            .await
    }

    /// An event with its tries.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn get(&self, id: &str) -> Result<EventDetail> {
        let id = id.to_owned();
        self.engine.read(move |store| detail(store, &id)).await
    }

    /// Has an event handled once more, whatever became of it, with all the tries of the policy. Of one that is pending
    /// the next try is pulled forward to now.
    ///
    /// # Errors
    /// `not_found`; `conflict` if its body is gone; and those of the store.
    pub async fn retry(&self, id: &str) -> Result<()> {
        let delivery = self.last(id).await?.id;
        self.engine.retry(delivery).await.map(drop)
    }

    /// Retries all that failed at or after `since`, of these types; of all if there are none. The job goes on in the
    /// background, across restarts too; [`job`](Self::job) tells how far it is.
    ///
    /// # Errors
    /// `invalid_argument` for a pattern that makes no sense, and those of the store.
    pub async fn retry_failed(&self, since: SystemTime, types: &[String]) -> Result<JobRecord> {
        let (endpoint, tenant) = (None, None);
        let (since, events) = (timestamp::from_system(since), EventFilter::new(types)?);
        let now = self.engine.clock.millis();
        self.engine.begin_job(NewJob { since, endpoint, tenant, events, now }).await
    }

    /// How far a job is.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn job(&self, id: JobId) -> Result<JobRecord> {
        self.engine.job(id).await
    }

    /// Ends an event that is pending: it is not tried any more. A try that is under way ends, and changes nothing.
    /// False if the event was at its end.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn discard(&self, id: &str) -> Result<bool> {
        let delivery = self.last(id).await?.id;
        self.engine.cancel(delivery).await
    }

    /// Deletes what the event says, now, and discards it if it is pending. Its id stays known, so that it is not received
    /// again. False if its body was gone already.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn expunge(&self, id: &str) -> Result<bool> {
        let message = self.last(id).await?.message;
        self.engine.expunge(message).await
    }

    /// Writes events with their tries as JSON, one a line, newest first, and tells how many.
    ///
    /// # Errors
    /// `invalid_argument` if `to` cannot be written, and those of the store.
    pub async fn export(&self, query: &EventQuery, to: impl io::Write + Send + 'static) -> Result<u64> {
        let query = query.deliveries()?;
        self.engine.read(move |store| export::lines(store, &query, to)).await
    }

    /// The delivery that says where the event stands.
    async fn last(&self, id: &str) -> Result<DeliveryRecord> {
        let id = id.to_owned();
        self.engine.read(move |store| last(store, &id)).await
    }
}

impl EventStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Handled, Self::Failed, Self::Discarded];

    /// As text, such as `handled`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Handled => "handled",
            Self::Failed => "failed",
            Self::Discarded => "discarded",
        }
    }

    /// The status with this text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    fn of(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Pending | DeliveryState::Held => Self::Pending,
            DeliveryState::Delivered => Self::Handled,
            DeliveryState::Failed => Self::Failed,
            DeliveryState::Canceled => Self::Discarded,
        }
    }

    fn state(self) -> DeliveryState {
        match self {
            Self::Pending => DeliveryState::Pending,
            Self::Handled => DeliveryState::Delivered,
            Self::Failed => DeliveryState::Failed,
            Self::Discarded => DeliveryState::Canceled,
        }
    }
}

impl EventQuery {
    fn deliveries(&self) -> Result<DeliveryQuery> {
        Ok(DeliveryQuery {
            state: self.status.map(EventStatus::state),
            events: EventFilter::new(&self.types)?,
            tenant: self.tenant.clone(),
            since: self.since.map(timestamp::from_system),
            until: self.until.map(timestamp::from_system),
            // What was retried by hand stands where its last delivery stands.
            last: true,
            ..DeliveryQuery::default()
        })
    }
}

impl EventRecord {
    pub(super) fn read(store: &dyn Store, delivery: DeliveryRecord) -> Result<Self> {
        let message = match delivery.parent {
            Some(_) => store.message(MessageRef::Key(delivery.message))?,
            None => None,
        };
        Ok(Self {
            id: delivery.message_id,
            event_type: delivery.event_type,
            tenant: delivery.tenant,
            status: EventStatus::of(delivery.state),
            tries: delivery.attempts,
            next_try: delivery.due,
            received_at: message.map_or(delivery.created_at, |message| message.created_at),
            done_at: delivery.done_at,
            last_error: delivery.last_error,
            cursor: delivery.id,
        })
    }
}

/// All tries of an event, from the first on.
pub(super) fn tries(store: &dyn Store, of: &DeliveryRecord) -> Result<Vec<Try>> {
    let query = DeliveryQuery { message: Some(of.message), ..DeliveryQuery::default() };
    let mut all = Vec::new();
    for delivery in store.deliveries(&query, None, MOST_RETRIES)?.iter().rev() {
        all.extend(store.attempts(delivery.id)?.into_iter().map(|attempt| Try {
            number: attempt.number,
            started_at: attempt.started_at,
            duration: attempt.duration,
            error: attempt.error,
        }));
    }
    Ok(all)
}

fn detail(store: &dyn Store, id: &str) -> Result<EventDetail> {
    let message = store.message(MessageRef::AnyTenant { id })?.ok_or_else(|| missing(id))?;
    let (delivery, _) = control::with_attempts(store, last(store, id)?.id)?;
    let body = store.payloads(&[message.key])?.pop().flatten().map(|payload| payload.body);
    let tries = tries(store, &delivery)?;
    Ok(EventDetail { event: EventRecord::read(store, delivery)?, timestamp: message.timestamp, body, tries })
}

fn last(store: &dyn Store, id: &str) -> Result<DeliveryRecord> {
    let message = store.message(MessageRef::AnyTenant { id })?.ok_or_else(|| missing(id))?;
    let query = DeliveryQuery { message: Some(message.key), last: true, ..DeliveryQuery::default() };
    store.deliveries(&query, None, 1)?.pop().ok_or_else(|| missing(id))
}

fn missing(id: &str) -> Error {
    let shown: String = id.chars().take(100).collect();
    Error::new(Code::NotFound, format!("There is no event {shown:?}."))
}

const MOST_RETRIES: usize = 1000;
