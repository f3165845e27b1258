//! From what a caller says to what is stored.

use std::time::SystemTime;

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest as _, Sha256};

use super::carrier::HttpCarrier;
use super::face::Post;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::provider::{EventOptions, Provider};
use crate::queue::work::Draft;
use crate::store::{self, Recipients};
use crate::timestamp;

/// An event to send; see [`Sender::send_many`](super::Sender::send_many).
#[derive(Clone, Debug)]
pub struct NewMessage {
    pub(crate) event_type: String,
    pub(crate) data: Box<RawValue>,
    pub(crate) id: Option<String>,
    pub(crate) tenant: Option<String>,
    pub(crate) timestamp: Option<SystemTime>,
}

impl NewMessage {
    /// An event of this type.
    ///
    /// # Errors
    /// `invalid_argument` if the data is no JSON.
    pub fn new(event_type: &str, data: &(impl Serialize + ?Sized)) -> Result<Self> {
        let data = to_raw_value(data).map_err(|error| {
            Error::argument(format!("The event's data can not be written as JSON: {error}."))
        })?;
        Ok(Self { event_type: event_type.to_owned(), data, id: None, tenant: None, timestamp: None })
    }

    /// An event of this type, whose data is JSON already.
    ///
    /// # Errors
    /// `invalid_argument` if it is not.
    pub fn from_json(event_type: &str, data: &str) -> Result<Self> {
        let data = serde_json::from_str::<&RawValue>(data)
            .map_err(|error| Error::argument(format!("The event's data is not JSON: {error}.")))?;
        Ok(Self {
            event_type: event_type.to_owned(),
            data: data.to_owned(),
            id: None,
            tenant: None,
            timestamp: None,
        })
    }

    /// With an id of one's own: the same one again is the same message, whoever sends it.
    pub fn id(self, id: &str) -> Self {
        Self { id: Some(id.to_owned()), ..self }
    }

    /// Of this tenant.
    pub fn tenant(self, tenant: &str) -> Self {
        Self { tenant: Some(tenant.to_owned()), ..self }
    }

    /// When it happened; now if nothing is said.
    pub fn timestamp(self, timestamp: SystemTime) -> Self {
        Self { timestamp: Some(timestamp), ..self }
    }

    pub(crate) fn draft(self, post: &Post, outbox: Option<i64>) -> Result<Draft> {
        self.draft_to(post, Recipients::Matching, outbox)
    }

    pub(crate) fn draft_to(self, post: &Post, to: Recipients, outbox: Option<i64>) -> Result<Draft> {
        let message = self.compose(&post.carrier, post.engine.clock.now(), to, outbox)?;
        Ok(Draft::new(message, &post.engine.shelf))
    }

    /// The row as it is stored, with its body in the provider's envelope.
    pub(crate) fn compose(
        self,
        carrier: &HttpCarrier,
        now: SystemTime,
        to: Recipients,
        outbox: Option<i64>,
    ) -> Result<store::NewMessage> {
        carrier.check_type(&self.event_type)?;
        check_tenant(self.tenant.as_deref())?;
        let options = EventOptions {
            id: self.id.as_deref(),
            timestamp: Some(self.timestamp.unwrap_or(now)),
            tenant: self.tenant.as_deref(),
        };
        let event = carrier.provider.event_from_json(&self.event_type, &self.data, &options)?;
        let digest = digest(&self.event_type, &self.data);
        let id = id_of(&event);
        let at = timestamp::from_system(self.timestamp.unwrap_or(now));
        let body = Bytes::from(event.into_body());
        if body.len() > carrier.max_body {
            return Err(Error::new(
                Code::PayloadTooLarge,
                format!(
                    "The body has {} bytes, more than the {} that the sender allows.",
                    body.len(),
                    carrier.max_body
                ),
            ));
        }
        Ok(store::NewMessage {
            id,
            tenant: self.tenant,
            event_type: self.event_type,
            timestamp: at,
            body,
            digest,
            to,
            outbox,
            now: timestamp::from_system(now),
        })
    }
}

impl HttpCarrier {
    /// An unknown type may be a slip of the pen; where the catalog is the law, it is an error.
    fn check_type(&self, event_type: &str) -> Result<()> {
        let catalog = self.provider.event_types();
        if catalog.is_empty() || catalog.iter().any(|known| known.name == event_type) {
            return Ok(());
        }
        if self.strict_events {
            return Err(unknown_type(&self.provider, event_type));
        }
        tracing::warn!(event_type, provider = self.provider.id(), "the provider has no event of this type");
        Ok(())
    }
}

fn unknown_type(provider: &Provider, event_type: &str) -> Error {
    let names: Vec<_> = provider.event_types().iter().map(|known| known.name.as_str()).collect();
    let shown: String = event_type.chars().take(64).collect();
    Error::new(
        Code::UnknownEventType,
        format!("{} has no event {shown:?}; there are: {}.", provider.name(), names.join(", ")),
    )
}

fn id_of(event: &Event) -> String {
    event.id().unwrap_or_default().to_owned()
}

/// What makes two messages of one id the same: type and data, not the time they were made at.
fn digest(event_type: &str, data: &RawValue) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((event_type.len() as u64).to_be_bytes());
    hash.update(event_type);
    hash.update(data.get());
    hash.finalize().into()
}

/// Refuses an empty tenant: a variable that is not set must not mean everybody.
pub(crate) fn check_tenant(tenant: Option<&str>) -> Result<()> {
    if tenant == Some("") {
        return Err(Error::argument("The tenant is empty; leave it out instead."));
    }
    Ok(())
}
