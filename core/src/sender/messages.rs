//! Messages: what was sent.

use std::sync::Arc;

use bytes::Bytes;

use crate::error::{Code, Error, Result};
use crate::queue::engine::Engine;
use crate::store::{DeliveryId, MessageKey, MessageRecord, MessageRef};
use crate::timestamp::Millis;

/// What [`send`](super::Sender::send) returns: a message that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// Its name in the store.
    pub key: MessageKey,
    /// The event's id, the same on every delivery.
    pub id: String,
    /// Such as `booking.created`.
    pub event_type: String,
    /// Whose event it is.
    pub tenant: Option<String>,
    /// When the event happened, in milliseconds since 1970.
    pub timestamp: Millis,
    /// When it was stored, in milliseconds since 1970.
    pub created_at: Millis,
    /// Whether it was sent before: then nothing was stored now.
    pub duplicate: bool,
    /// Its deliveries, one for every endpoint that wants it. None for a duplicate.
    pub deliveries: Vec<DeliveryId>,
}

/// A message with its body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredMessage {
    /// The message.
    pub record: MessageRecord,
    /// The exact bytes that are delivered, unless they were expunged or too old to be kept.
    pub body: Option<Bytes>,
}

/// See [`Sender::messages`](super::Sender::messages).
#[derive(Clone, Copy)]
pub struct Messages<'s> {
    pub(crate) engine: &'s Arc<Engine>,
}

impl Messages<'_> {
    /// A message by its place in the store.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn get(&self, key: MessageKey) -> Result<StoredMessage> {
        self.engine
            .read(move |store| {
                let record = store.message(MessageRef::Key(key))?.ok_or_else(|| missing(&key.to_string()))?;
                with_body(store, record)
            })
            .await
    }

    /// A message by the event's id, which is unique within its tenant.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn find(&self, tenant: Option<&str>, id: &str) -> Result<StoredMessage> {
        let (tenant, id) = (tenant.map(str::to_owned), id.to_owned());
        self.engine
            .read(move |store| {
                let of = MessageRef::Id { tenant: tenant.as_deref(), id: &id };
                let record = store.message(of)?.ok_or_else(|| missing(&id))?;
                with_body(store, record)
            })
            .await
    }

    /// Deletes what the message says and what receivers answered to it, now, and cancels its pending deliveries.
    /// False if its body was gone already.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn expunge(&self, key: MessageKey) -> Result<bool> {
        self.engine.expunge(key).await
    }
}

fn with_body(store: &dyn crate::store::Store, record: MessageRecord) -> Result<StoredMessage> {
    let payload = store.payloads(&[record.key])?.pop().flatten();
    Ok(StoredMessage { record, body: payload.map(|payload| payload.body) })
}

fn missing(what: &str) -> Error {
    Error::new(Code::NotFound, format!("There is no message {what}."))
}
