//! Deliveries: the log, and delivering once more.

use hookseal::store::{self, DeliveryId, DeliveryQuery, DeliveryState, EndpointId, EventFilter};
use napi::Env;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use super::Sender;
use crate::answer::{Promise, promise};
use crate::error::{Failure, Result, invalid_argument, thrown};

/// Which deliveries.
#[napi(object, object_to_js = false)]
pub struct DeliveryFilter {
    /// To this endpoint.
    pub endpoint: Option<i64>,
    /// In this state.
    pub status: Option<String>,
    /// Of these types of events; empty for all.
    pub types: Vec<String>,
    /// Of this tenant's messages.
    pub tenant: Option<String>,
    /// The first digit of the last response's status code.
    pub response_class: Option<u32>,
    /// Made at or after this time, in milliseconds since 1970.
    pub since: Option<f64>,
    /// Made before this time, in milliseconds since 1970.
    pub until: Option<f64>,
}

/// A delivery as the log shows it.
#[napi(object, object_from_js = false)]
pub struct StoredDelivery {
    /// Its name in the store.
    pub id: i64,
    /// The event's id.
    pub message: String,
    /// The message's name in the store.
    pub message_key: i64,
    /// The event's type.
    #[napi(js_name = "type")]
    pub event_type: String,
    /// Whose event it is.
    pub tenant: Option<String>,
    /// Where to.
    pub endpoint: i64,
    /// Where it stands.
    #[napi(ts_type = "'pending' | 'held' | 'delivered' | 'failed' | 'canceled'")]
    pub status: &'static str,
    /// What made it.
    #[napi(ts_type = "'event' | 'manual' | 'test'")]
    pub trigger: &'static str,
    /// The delivery that this one repeats.
    pub parent: Option<i64>,
    /// How many attempts there were.
    pub attempt_count: u32,
    /// When the next one is due, in milliseconds since 1970.
    pub due: Option<f64>,
    /// When it was made, in milliseconds since 1970.
    pub created_at: f64,
    /// When it came to its end, in milliseconds since 1970.
    pub done_at: Option<f64>,
    /// The last response's status code.
    pub response_code: Option<u32>,
    /// Why the last attempt got no response.
    pub error_code: Option<&'static str>,
    /// How long the last attempt took, in milliseconds.
    pub duration_ms: Option<i64>,
}

/// One attempt as the log shows it.
#[napi(object, object_from_js = false)]
pub struct StoredAttempt {
    /// Which it was, from 1.
    pub number: u32,
    /// When it began, in milliseconds since 1970.
    pub started_at: f64,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// Whether the receiver answered 2xx.
    pub succeeded: bool,
    /// The status code.
    pub response_code: Option<u32>,
    /// Why there is no complete response.
    pub error: Option<Failure>,
    /// The response's headers.
    pub response_headers: Vec<(String, String)>,
    /// The beginning of the response's body.
    pub response_body: Uint8Array,
    /// Whether the body went on.
    pub response_truncated: bool,
    /// The headers that were sent.
    pub request_headers: Vec<(String, String)>,
}

/// A delivery with its attempts.
#[napi(object, object_from_js = false)]
pub struct DeliveryDetail {
    /// The delivery.
    pub delivery: StoredDelivery,
    /// Its attempts, in order.
    pub attempts: Vec<StoredAttempt>,
    /// What was sent.
    pub body: Option<Uint8Array>,
}

/// Some deliveries.
#[napi(object, object_from_js = false)]
pub struct DeliveryPage {
    /// The deliveries.
    pub items: Vec<StoredDelivery>,
    /// Where the next page begins.
    pub cursor: Option<i64>,
}

#[napi]
impl Sender {
    /// Deliveries, newest first.
    #[napi(catch_unwind, ts_return_type = "Promise<DeliveryPage | Failure>")]
    pub fn list_deliveries<'env>(
        &self,
        env: &'env Env,
        filter: DeliveryFilter,
        cursor: Option<i64>,
        limit: u32,
    ) -> Result<Promise<'env, DeliveryPage>> {
        let (sender, query) = (self.0.clone(), filter.query()?);
        promise(env, async move {
            let page = sender.deliveries().list(query, cursor.map(DeliveryId), limit as usize).await?;
            let items = page.items.into_iter().map(StoredDelivery::from).collect();
            Ok(DeliveryPage { items, cursor: page.next.map(|id| id.0) })
        })
    }

    /// A delivery with its attempts and what was sent.
    #[napi(catch_unwind, ts_return_type = "Promise<DeliveryDetail | Failure>")]
    pub fn delivery<'env>(&self, env: &'env Env, id: i64) -> Result<Promise<'env, DeliveryDetail>> {
        let sender = self.0.clone();
        promise(env, async move {
            let detail = sender.deliveries().get(DeliveryId(id)).await?;
            let message = sender.messages().get(detail.delivery.message).await?;
            Ok(DeliveryDetail {
                delivery: detail.delivery.into(),
                attempts: detail.attempts.into_iter().map(StoredAttempt::from).collect(),
                body: message.body.map(|body| body.to_vec().into()),
            })
        })
    }

    /// Delivers once more, and tells which delivery does it; of a pending one the next attempt is pulled forward.
    #[napi(catch_unwind, ts_return_type = "Promise<number | Failure>")]
    pub fn retry_delivery<'env>(&self, env: &'env Env, id: i64) -> Result<Promise<'env, i64>> {
        let sender = self.0.clone();
        promise(env, async move { sender.deliveries().retry(DeliveryId(id)).await.map(|id| id.0) })
    }

    /// Cancels a delivery; false if it was at its end.
    #[napi(catch_unwind, ts_return_type = "Promise<boolean | Failure>")]
    pub fn cancel_delivery<'env>(&self, env: &'env Env, id: i64) -> Result<Promise<'env, bool>> {
        let sender = self.0.clone();
        promise(env, async move { sender.deliveries().cancel(DeliveryId(id)).await })
    }
}

impl DeliveryFilter {
    pub(crate) fn query(self) -> Result<DeliveryQuery> {
        let unknown = |status: &str| invalid_argument(format!("{status:?} is no status of a delivery."));
        let state = |status: String| DeliveryState::parse(&status).ok_or_else(|| unknown(&status));
        Ok(DeliveryQuery {
            endpoint: self.endpoint.map(EndpointId),
            state: self.status.map(state).transpose()?,
            events: EventFilter::new(&self.types).map_err(thrown)?,
            tenant: self.tenant,
            code: self.response_class.map(|class| (class as u16 * 100, class as u16 * 100 + 99)),
            since: self.since.map(|at| at as i64),
            until: self.until.map(|at| at as i64),
            ..DeliveryQuery::default()
        })
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
            status: delivery.state.as_str(),
            trigger: delivery.trigger.as_str(),
            parent: delivery.parent.map(|parent| parent.0),
            attempt_count: delivery.attempts,
            due: delivery.due.map(|at| at as f64),
            created_at: delivery.created_at as f64,
            done_at: delivery.done_at.map(|at| at as f64),
            response_code: delivery.last_code.map(u32::from),
            error_code: delivery.last_error.map(hookseal::Code::as_str),
            duration_ms: delivery.last_duration,
        }
    }
}

impl From<store::AttemptRecord> for StoredAttempt {
    fn from(attempt: store::AttemptRecord) -> Self {
        Self {
            number: attempt.number,
            started_at: attempt.started_at as f64,
            duration_ms: attempt.duration,
            succeeded: attempt.error.is_none()
                && attempt.response_code.is_some_and(|code| (200..300).contains(&code)),
            response_code: attempt.response_code.map(u32::from),
            error: attempt.error.as_ref().map(Failure::from),
            response_headers: attempt.response_headers.to_vec(),
            response_body: attempt.response_body.to_vec().into(),
            response_truncated: attempt.response_truncated,
            request_headers: attempt.request_headers.to_vec(),
        }
    }
}
