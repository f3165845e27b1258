//! Messages.

use hookseal::sender::{self, NewMessage};
use hookseal::store::MessageKey;
use napi::bindgen_prelude::Uint8Array;
use napi::{Either, Env};
use napi_derive::napi;

use super::Sender;
use crate::answer::{Promise, promise};
use crate::error::{Result, thrown};
use crate::time::instant;

/// An event to send.
#[napi(object, object_to_js = false)]
pub struct Outgoing {
    /// The type.
    #[napi(js_name = "type")]
    pub event_type: String,
    /// The JSON of its data.
    pub data: String,
    /// The id.
    pub id: Option<String>,
    /// Whose it is.
    pub tenant: Option<String>,
    /// When it happened, in milliseconds since 1970.
    pub timestamp: Option<f64>,
}

/// A message that was stored.
#[napi(object, object_from_js = false)]
pub struct Message {
    /// Its name in the store.
    pub key: i64,
    /// The event's id.
    pub id: String,
    /// The event's type.
    #[napi(js_name = "type")]
    pub event_type: String,
    /// Whose event it is.
    pub tenant: Option<String>,
    /// When it happened, in milliseconds since 1970.
    pub timestamp: f64,
    /// When it was stored, in milliseconds since 1970.
    pub created_at: f64,
    /// Whether it was sent before.
    pub duplicate: bool,
    /// The ids of its deliveries.
    pub deliveries: Vec<i64>,
}

/// A message with its body.
#[napi(object, object_from_js = false)]
pub struct StoredMessage {
    /// Its name in the store.
    pub key: i64,
    /// The event's id.
    pub id: String,
    /// The event's type.
    #[napi(js_name = "type")]
    pub event_type: String,
    /// Whose event it is.
    pub tenant: Option<String>,
    /// When it happened, in milliseconds since 1970.
    pub timestamp: f64,
    /// When it was stored, in milliseconds since 1970.
    pub created_at: f64,
    /// The bytes that are delivered.
    pub body: Option<Uint8Array>,
}

#[napi]
impl Sender {
    /// A message by its name in the store, or by the event's id.
    #[napi(catch_unwind, ts_return_type = "Promise<StoredMessage | Failure>")]
    pub fn message<'env>(
        &self,
        env: &'env Env,
        id: Either<i64, String>,
        tenant: Option<String>,
    ) -> Result<Promise<'env, StoredMessage>> {
        let sender = self.0.clone();
        promise(env, async move { find(&sender, &id, tenant.as_deref()).await.map(StoredMessage::from) })
    }

    /// Deletes what a message says; false if that was done before.
    #[napi(catch_unwind, ts_return_type = "Promise<boolean | Failure>")]
    pub fn expunge<'env>(
        &self,
        env: &'env Env,
        id: Either<i64, String>,
        tenant: Option<String>,
    ) -> Result<Promise<'env, bool>> {
        let sender = self.0.clone();
        promise(env, async move {
            let key = find(&sender, &id, tenant.as_deref()).await?.record.key;
            sender.messages().expunge(key).await
        })
    }
}

async fn find(
    sender: &sender::Sender,
    id: &Either<i64, String>,
    tenant: Option<&str>,
) -> hookseal::Result<sender::StoredMessage> {
    match id {
        Either::A(key) => sender.messages().get(MessageKey(*key)).await,
        Either::B(id) => sender.messages().find(tenant, id).await,
    }
}

impl Outgoing {
    pub(crate) fn into_core(self) -> Result<NewMessage> {
        let mut message = NewMessage::from_json(&self.event_type, &self.data).map_err(thrown)?;
        if let Some(id) = &self.id {
            message = message.id(id);
        }
        if let Some(tenant) = &self.tenant {
            message = message.tenant(tenant);
        }
        if let Some(at) = self.timestamp {
            message = message.timestamp(instant(at)?);
        }
        Ok(message)
    }
}

impl From<sender::Message> for Message {
    fn from(message: sender::Message) -> Self {
        Self {
            key: message.key.0,
            id: message.id,
            event_type: message.event_type,
            tenant: message.tenant,
            timestamp: message.timestamp as f64,
            created_at: message.created_at as f64,
            duplicate: message.duplicate,
            deliveries: message.deliveries.iter().map(|id| id.0).collect(),
        }
    }
}

impl From<sender::StoredMessage> for StoredMessage {
    fn from(message: sender::StoredMessage) -> Self {
        let record = message.record;
        Self {
            key: record.key.0,
            id: record.id,
            event_type: record.event_type,
            tenant: record.tenant,
            timestamp: record.timestamp as f64,
            created_at: record.created_at as f64,
            body: message.body.map(|body| body.to_vec().into()),
        }
    }
}
