//! Events: the log of what was received, and trying again.

use std::time::{Duration, SystemTime};

use hookseal::inbox::{self, EventQuery};
use hookseal::store::{DeliveryId, JobId};

use super::Inbox;
use crate::error::{Failure, Result};
use crate::runtime::run;
use crate::sender::jobs::RetryJob;
use crate::time::{from_millis, instant};

/// Where an event stands; the last three are its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum EventStatus {
    /// It waits for a try, or is in one.
    Pending,
    /// A handler has handled it.
    Handled,
    /// No try is left.
    Failed,
    /// It is not to be handled, or it had no handler.
    Discarded,
}

/// Which events.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct EventFilter {
    /// In this state.
    #[uniffi(default = None)]
    pub status: Option<EventStatus>,
    /// Of these types; empty for all.
    #[uniffi(default = [])]
    pub types: Vec<String>,
    /// Of this tenant.
    #[uniffi(default = None)]
    pub tenant: Option<String>,
    /// Received, or retried by hand, at or after this time.
    #[uniffi(default = None)]
    pub since: Option<SystemTime>,
    /// Received, or retried by hand, before this time.
    #[uniffi(default = None)]
    pub until: Option<SystemTime>,
}

/// An event as the log shows it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct StoredEvent {
    /// The event's id, or what stands for it.
    pub id: String,
    /// The event's type; empty if it has none.
    pub event_type: String,
    /// Whose event it is.
    pub tenant: Option<String>,
    /// Where it stands.
    pub status: EventStatus,
    /// How many tries there were, since it was last retried by hand.
    pub try_count: u32,
    /// When the next one is due.
    pub next_try: Option<SystemTime>,
    /// When it was received.
    pub received_at: SystemTime,
    /// When it came to its end.
    pub done_at: Option<SystemTime>,
    /// Why the last try failed.
    pub error_code: Option<String>,
}

/// One try as the log shows it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct StoredTry {
    /// Which it was, from 1.
    pub number: u32,
    /// When it began.
    pub started_at: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// Why it failed.
    pub error: Option<Failure>,
}

/// An event with its tries.
#[derive(Clone, Debug, uniffi::Record)]
pub struct EventDetail {
    /// The event.
    pub event: StoredEvent,
    /// When it happened; else when it was received.
    pub timestamp: SystemTime,
    /// Its tries, in order.
    pub tries: Vec<StoredTry>,
    /// What was received, unless it was expunged or too old to be kept.
    pub body: Option<Vec<u8>>,
}

/// Some events.
#[derive(Clone, Debug, uniffi::Record)]
pub struct EventPage {
    /// The events.
    pub items: Vec<StoredEvent>,
    /// Where the next page begins; nothing on the last one.
    pub cursor: Option<i64>,
}

#[uniffi::export]
impl Inbox {
    /// Events, newest first.
    pub async fn list_events(
        &self,
        filter: EventFilter,
        cursor: Option<i64>,
        limit: u32,
    ) -> Result<EventPage> {
        let (inbox, query) = (self.core.clone(), filter.query());
        run(async move {
            let page = inbox.events().list(&query, cursor.map(DeliveryId), limit as usize).await?;
            let items = page.items.into_iter().map(StoredEvent::from).collect();
            Ok(EventPage { items, cursor: page.next.map(|id| id.0) })
        })
        .await
    }

    /// An event with its tries and what was received.
    pub async fn event(&self, id: String) -> Result<EventDetail> {
        let inbox = self.core.clone();
        run(async move {
            let detail = inbox.events().get(&id).await?;
            Ok(EventDetail {
                event: detail.event.into(),
                timestamp: instant(detail.timestamp),
                tries: detail.tries.into_iter().map(StoredTry::from).collect(),
                body: detail.body.map(|body| body.to_vec()),
            })
        })
        .await
    }

    /// Has an event handled once more, with all tries of the policy.
    pub async fn retry_event(&self, id: String) -> Result<()> {
        let inbox = self.core.clone();
        run(async move { inbox.events().retry(&id).await }).await
    }

    /// Retries what failed since a time.
    pub async fn retry_failed(&self, since: SystemTime, types: Vec<String>) -> Result<RetryJob> {
        let inbox = self.core.clone();
        run(async move { inbox.events().retry_failed(since, &types).await.map(RetryJob::from) }).await
    }

    /// How far a job is.
    pub async fn job(&self, id: i64) -> Result<RetryJob> {
        let inbox = self.core.clone();
        run(async move { inbox.events().job(JobId(id)).await.map(RetryJob::from) }).await
    }

    /// Ends an event that is pending; false if it was at its end.
    pub async fn discard_event(&self, id: String) -> Result<bool> {
        let inbox = self.core.clone();
        run(async move { inbox.events().discard(&id).await }).await
    }

    /// Deletes what an event says; false if that was done before.
    pub async fn expunge_event(&self, id: String) -> Result<bool> {
        let inbox = self.core.clone();
        run(async move { inbox.events().expunge(&id).await }).await
    }
}

impl EventFilter {
    pub(crate) fn query(self) -> EventQuery {
        EventQuery {
            status: self.status.map(EventStatus::into_core),
            types: self.types,
            tenant: self.tenant,
            since: self.since,
            until: self.until,
        }
    }
}

impl EventStatus {
    fn into_core(self) -> inbox::EventStatus {
        match self {
            Self::Pending => inbox::EventStatus::Pending,
            Self::Handled => inbox::EventStatus::Handled,
            Self::Failed => inbox::EventStatus::Failed,
            Self::Discarded => inbox::EventStatus::Discarded,
        }
    }
}

impl From<inbox::EventStatus> for EventStatus {
    fn from(status: inbox::EventStatus) -> Self {
        match status {
            inbox::EventStatus::Pending => Self::Pending,
            inbox::EventStatus::Handled => Self::Handled,
            inbox::EventStatus::Failed => Self::Failed,
            inbox::EventStatus::Discarded => Self::Discarded,
        }
    }
}

impl From<inbox::EventRecord> for StoredEvent {
    fn from(event: inbox::EventRecord) -> Self {
        Self {
            id: event.id,
            event_type: event.event_type,
            tenant: event.tenant,
            status: event.status.into(),
            try_count: event.tries,
            next_try: event.next_try.map(instant),
            received_at: instant(event.received_at),
            done_at: event.done_at.map(instant),
            error_code: event.last_error.map(|code| code.to_string()),
        }
    }
}

impl From<inbox::Try> for StoredTry {
    fn from(one: inbox::Try) -> Self {
        Self {
            number: one.number,
            started_at: instant(one.started_at),
            duration: from_millis(one.duration),
            error: one.error.as_ref().map(Failure::from),
        }
    }
}
