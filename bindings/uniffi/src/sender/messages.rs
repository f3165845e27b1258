//! Messages.

use std::time::SystemTime;

use hookseal::sender::{self, NewMessage};
use hookseal::store::MessageKey;

use super::Sender;
use crate::error::{Failure, Result};
use crate::runtime::run;
use crate::time::instant;

/// An event to send.
#[derive(Clone, uniffi::Record)]
pub struct Outgoing {
    /// The type, such as `booking.created`.
    pub event_type: String,
    /// The JSON of its data.
    pub data: String,
    /// The id; a random one if nothing is given. The same one again is the same message.
    #[uniffi(default = None)]
    pub id: Option<String>,
    /// Whose it is.
    #[uniffi(default = None)]
    pub tenant: Option<String>,
    /// When it happened; now if nothing is given.
    #[uniffi(default = None)]
    pub timestamp: Option<SystemTime>,
}

/// A message that was stored.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Message {
    /// Its name in the store.
    pub key: i64,
    /// The event's id, the same on every delivery.
    pub id: String,
    /// The event's type.
    pub event_type: String,
    /// Whose event it is.
    pub tenant: Option<String>,
    /// When the event happened.
    pub timestamp: SystemTime,
    /// When it was stored.
    pub created_at: SystemTime,
    /// Whether it was sent before: then nothing was stored now.
    pub duplicate: bool,
    /// Its deliveries, one for every endpoint that wants it.
    pub deliveries: Vec<i64>,
}

/// What came of one of many messages: one of the two.
#[derive(Clone, Debug, uniffi::Record)]
pub struct SendResult {
    /// The message.
    pub message: Option<Message>,
    /// Why it was not stored.
    pub failure: Option<Failure>,
}

/// A message with its body.
#[derive(Clone, uniffi::Record)]
pub struct StoredMessage {
    /// Its name in the store.
    pub key: i64,
    /// The event's id.
    pub id: String,
    /// The event's type.
    pub event_type: String,
    /// Whose event it is.
    pub tenant: Option<String>,
    /// When the event happened.
    pub timestamp: SystemTime,
    /// When it was stored.
    pub created_at: SystemTime,
    /// The bytes that are delivered, unless they were expunged or too old to be kept.
    pub body: Option<Vec<u8>>,
}

/// How a message is named.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum MessageName {
    /// By its name in the store.
    Key {
        /// The name.
        key: i64,
    },
    /// By the event's id, which is unique within its tenant.
    Id {
        /// The event's id.
        id: String,
        /// Whose event it is.
        tenant: Option<String>,
    },
}

#[uniffi::export]
impl Sender {
    /// A message.
    pub async fn message(&self, name: MessageName) -> Result<StoredMessage> {
        let sender = self.0.clone();
        run(async move { find(&sender, &name).await.map(StoredMessage::from) }).await
    }

    /// Deletes what a message says; false if that was done before.
    pub async fn expunge(&self, name: MessageName) -> Result<bool> {
        let sender = self.0.clone();
        run(async move {
            let key = find(&sender, &name).await?.record.key;
            sender.messages().expunge(key).await
        })
        .await
    }
}

async fn find(sender: &sender::Sender, name: &MessageName) -> hookseal::Result<sender::StoredMessage> {
    match name {
        MessageName::Key { key } => sender.messages().get(MessageKey(*key)).await,
        MessageName::Id { id, tenant } => sender.messages().find(tenant.as_deref(), id).await,
    }
}

impl Outgoing {
    pub(crate) fn into_core(self) -> hookseal::Result<NewMessage> {
        let mut message = NewMessage::from_json(&self.event_type, &self.data)?;
        if let Some(id) = &self.id {
            message = message.id(id);
        }
        if let Some(tenant) = &self.tenant {
            message = message.tenant(tenant);
        }
        if let Some(at) = self.timestamp {
            message = message.timestamp(at);
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
            timestamp: instant(message.timestamp),
            created_at: instant(message.created_at),
            duplicate: message.duplicate,
            deliveries: message.deliveries.iter().map(|id| id.0).collect(),
        }
    }
}

impl From<hookseal::Result<sender::Message>> for SendResult {
    fn from(sent: hookseal::Result<sender::Message>) -> Self {
        match sent {
            Ok(message) => Self { message: Some(message.into()), failure: None },
            Err(error) => Self { message: None, failure: Some(Failure::from(&error)) },
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
            timestamp: instant(record.timestamp),
            created_at: instant(record.created_at),
            body: message.body.map(|body| body.to_vec()),
        }
    }
}
