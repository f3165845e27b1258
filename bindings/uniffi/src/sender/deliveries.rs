//! Deliveries: the log, and delivering once more.

use std::time::{Duration, SystemTime};

use hookseal::store::{self, DeliveryId, DeliveryQuery, EndpointId, EventFilter};

use super::Sender;
use crate::error::{Failure, Result};
use crate::headers::{Header, records};
use crate::runtime::run;
use crate::time::{from_millis, instant, millis};

/// Where a delivery stands. The last three never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum DeliveryStatus {
    /// It waits for its next attempt, or is in one.
    Pending,
    /// It waits until its endpoint is enabled.
    Held,
    /// The receiver accepted it.
    Delivered,
    /// It failed for good.
    Failed,
    /// Somebody canceled it, its endpoint was deleted, or it was held for too long.
    Canceled,
}

/// What made a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Trigger {
    /// An event: it is retried, and counts for health, credits and notices.
    Event,
    /// Somebody asked for it again.
    Manual,
    /// A test.
    Test,
}

/// Which deliveries.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct DeliveryFilter {
    /// To this endpoint.
    #[uniffi(default = None)]
    pub endpoint: Option<i64>,
    /// In this state.
    #[uniffi(default = None)]
    pub status: Option<DeliveryStatus>,
    /// Of these types of events; empty for all.
    #[uniffi(default = [])]
    pub types: Vec<String>,
    /// Of this tenant's messages.
    #[uniffi(default = None)]
    pub tenant: Option<String>,
    /// The first digit of the last response's status code.
    #[uniffi(default = None)]
    pub response_class: Option<u8>,
    /// Made at or after this time.
    #[uniffi(default = None)]
    pub since: Option<SystemTime>,
    /// Made before this time.
    #[uniffi(default = None)]
    pub until: Option<SystemTime>,
}

/// A delivery as the log shows it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct StoredDelivery {
    /// Its name in the store.
    pub id: i64,
    /// The event's id.
    pub message: String,
    /// The message's name in the store.
    pub message_key: i64,
    /// The event's type.
    pub event_type: String,
    /// Whose event it is.
    pub tenant: Option<String>,
    /// Where to.
    pub endpoint: i64,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// What made it.
    pub trigger: Trigger,
    /// The delivery that this one repeats.
    pub parent: Option<i64>,
    /// How many attempts there were.
    pub attempt_count: u32,
    /// When the next one is due.
    pub due: Option<SystemTime>,
    /// When it was made.
    pub created_at: SystemTime,
    /// When it came to its end.
    pub done_at: Option<SystemTime>,
    /// The last response's status code.
    pub response_code: Option<u16>,
    /// Why the last attempt got no response.
    pub error_code: Option<String>,
    /// How long the last attempt took.
    pub duration: Option<Duration>,
}

/// One attempt as the log shows it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct StoredAttempt {
    /// Which it was, from 1.
    pub number: u32,
    /// When it began.
    pub started_at: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// Whether the receiver answered 2xx.
    pub succeeded: bool,
    /// The status code.
    pub response_code: Option<u16>,
    /// Why there is no complete response.
    pub error: Option<Failure>,
    /// The response's headers.
    pub response_headers: Vec<Header>,
    /// The beginning of the response's body.
    pub response_body: Vec<u8>,
    /// Whether the body went on.
    pub response_truncated: bool,
    /// The headers that were sent.
    pub request_headers: Vec<Header>,
}

/// A delivery with its attempts.
#[derive(Clone, Debug, uniffi::Record)]
pub struct DeliveryDetail {
    /// The delivery.
    pub delivery: StoredDelivery,
    /// Its attempts, in order.
    pub attempts: Vec<StoredAttempt>,
    /// What was sent, unless it was expunged or too old to be kept.
    pub body: Option<Vec<u8>>,
}

/// Some deliveries.
#[derive(Clone, Debug, uniffi::Record)]
pub struct DeliveryPage {
    /// The deliveries.
    pub items: Vec<StoredDelivery>,
    /// Where the next page begins; nothing on the last one.
    pub cursor: Option<i64>,
}

#[uniffi::export]
impl Sender {
    /// Deliveries, newest first.
    pub async fn list_deliveries(
        &self,
        filter: DeliveryFilter,
        cursor: Option<i64>,
        limit: u32,
    ) -> Result<DeliveryPage> {
        let (sender, query) = (self.0.clone(), filter.query()?);
        run(async move {
            let page = sender.deliveries().list(query, cursor.map(DeliveryId), limit as usize).await?;
            let items = page.items.into_iter().map(StoredDelivery::from).collect();
            Ok(DeliveryPage { items, cursor: page.next.map(|id| id.0) })
        })
        .await
    }

    /// A delivery with its attempts and what was sent.
    pub async fn delivery(&self, id: i64) -> Result<DeliveryDetail> {
        let sender = self.0.clone();
        run(async move {
            let detail = sender.deliveries().get(DeliveryId(id)).await?;
            let message = sender.messages().get(detail.delivery.message).await?;
            Ok(DeliveryDetail {
                delivery: detail.delivery.into(),
                attempts: detail.attempts.into_iter().map(StoredAttempt::from).collect(),
                body: message.body.map(|body| body.to_vec()),
            })
        })
        .await
    }

    /// Delivers once more, and tells which delivery does it; of a pending one the next attempt is pulled forward.
    pub async fn retry_delivery(&self, id: i64) -> Result<i64> {
        let sender = self.0.clone();
        run(async move { sender.deliveries().retry(DeliveryId(id)).await.map(|id| id.0) }).await
    }

    /// Cancels a delivery; false if it was at its end.
    pub async fn cancel_delivery(&self, id: i64) -> Result<bool> {
        let sender = self.0.clone();
        run(async move { sender.deliveries().cancel(DeliveryId(id)).await }).await
    }
}

impl DeliveryFilter {
    pub(crate) fn query(self) -> hookseal::Result<DeliveryQuery> {
        let class = |class: u8| (u16::from(class) * 100, u16::from(class) * 100 + 99);
        Ok(DeliveryQuery {
            endpoint: self.endpoint.map(EndpointId),
            state: self.status.map(DeliveryStatus::into_core),
            events: EventFilter::new(&self.types)?,
            tenant: self.tenant,
            code: self.response_class.map(class),
            since: self.since.map(millis),
            until: self.until.map(millis),
            ..DeliveryQuery::default()
        })
    }
}

impl DeliveryStatus {
    fn into_core(self) -> store::DeliveryState {
        match self {
            Self::Pending => store::DeliveryState::Pending,
            Self::Held => store::DeliveryState::Held,
            Self::Delivered => store::DeliveryState::Delivered,
            Self::Failed => store::DeliveryState::Failed,
            Self::Canceled => store::DeliveryState::Canceled,
        }
    }
}

impl From<store::DeliveryState> for DeliveryStatus {
    fn from(state: store::DeliveryState) -> Self {
        match state {
            store::DeliveryState::Pending => Self::Pending,
            store::DeliveryState::Held => Self::Held,
            store::DeliveryState::Delivered => Self::Delivered,
            store::DeliveryState::Failed => Self::Failed,
            store::DeliveryState::Canceled => Self::Canceled,
        }
    }
}

impl From<store::Trigger> for Trigger {
    fn from(trigger: store::Trigger) -> Self {
        match trigger {
            store::Trigger::Event => Self::Event,
            store::Trigger::Manual => Self::Manual,
            store::Trigger::Test => Self::Test,
        }
    }
}

impl From<store::DeliveryRecord> for StoredDelivery {
    fn from(delivery: store::DeliveryRecord) -> Self {
        Self {
            id: delivery.id.0,
            message: delivery.message_id,
            message_key: delivery.message.0,
            event_type: delivery.event_type,
            tenant: delivery.tenant,
            endpoint: delivery.endpoint.0,
            status: delivery.state.into(),
            trigger: delivery.trigger.into(),
            parent: delivery.parent.map(|parent| parent.0),
            attempt_count: delivery.attempts,
            due: delivery.due.map(instant),
            created_at: instant(delivery.created_at),
            done_at: delivery.done_at.map(instant),
            response_code: delivery.last_code,
            error_code: delivery.last_error.map(|code| code.to_string()),
            duration: delivery.last_duration.map(from_millis),
        }
    }
}

impl From<store::AttemptRecord> for StoredAttempt {
    fn from(attempt: store::AttemptRecord) -> Self {
        Self {
            number: attempt.number,
            started_at: instant(attempt.started_at),
            duration: from_millis(attempt.duration),
            succeeded: attempt.error.is_none()
                && attempt.response_code.is_some_and(|code| (200..300).contains(&code)),
            response_code: attempt.response_code,
            error: attempt.error.as_ref().map(Failure::from),
            response_headers: records(attempt.response_headers.to_vec()),
            response_body: attempt.response_body.to_vec(),
            response_truncated: attempt.response_truncated,
            request_headers: records(attempt.request_headers.to_vec()),
        }
    }
}
