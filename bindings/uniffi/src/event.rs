//! Events. Their JSON crosses as text, for whichever parser is there.

use std::sync::Arc;
use std::time::SystemTime;

use hookseal::{Code, Error};

use crate::error::Result;

/// An event, with the exact bytes of its body.
#[derive(uniffi::Object)]
pub struct Event(pub(crate) Arc<hookseal::Event>);

/// What is known about an event besides its data.
#[derive(Clone, Debug, uniffi::Record)]
pub struct EventFacts {
    /// The id, the same on every delivery of it.
    pub id: Option<String>,
    /// The type, such as `booking.created`.
    pub event_type: Option<String>,
    /// Whose event it is, where the provider says so.
    pub tenant: Option<String>,
    /// When it happened or, if the envelope does not say, when the request was signed.
    pub timestamp: Option<SystemTime>,
    /// Which of the secrets it was signed with; 0 is the newest.
    pub key_index: u32,
}

#[uniffi::export]
impl Event {
    /// What is known about it.
    pub fn facts(&self) -> Result<EventFacts> {
        Ok(EventFacts {
            id: self.0.id().map(str::to_owned),
            event_type: self.0.event_type().map(str::to_owned),
            tenant: self.0.tenant().map(str::to_owned),
            timestamp: self.0.timestamp(),
            key_index: u32::try_from(self.0.key_index()).unwrap_or(u32::MAX),
        })
    }

    /// The JSON of its data.
    pub fn data(&self) -> Result<String> {
        text(self.0.data_json())
    }

    /// The JSON of the whole body.
    pub fn payload(&self) -> Result<String> {
        text(self.0.payload_json())
    }

    /// A copy of its body.
    pub fn body(&self) -> Result<Vec<u8>> {
        Ok(self.0.body().to_vec())
    }
}

impl Event {
    pub(crate) fn of(event: hookseal::Event) -> Arc<Self> {
        Arc::new(Self(Arc::new(event)))
    }
}

fn text(json: hookseal::Result<&[u8]>) -> Result<String> {
    let text = String::from_utf8(json?.to_vec());
    Ok(text.map_err(|_| Error::new(Code::InvalidPayload, "The JSON is not UTF-8."))?)
}
