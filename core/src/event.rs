//! An event: what `verify` returns to a receiver, and what a sender has delivered.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use serde::de::DeserializeOwned;

use crate::envelope::{Envelope, Origin};
use crate::error::{Code, Error, Result};
use crate::json::{self, Path};
use crate::request::not_json;
use crate::scheme::Source;
use crate::timestamp::{self, Millis, Unit};

/// An event, with the exact bytes of its body.
///
/// `B` is whatever holds the bytes; they are neither copied nor changed, and taken apart only when something
/// of them is asked for. `Debug` shows no part of the body.
#[derive(Clone)]
pub struct Event<B = Vec<u8>> {
    body: B,
    envelope: Arc<Envelope>,
    outside: Facts,
    signed_at: Option<Millis>,
    key_index: usize,
    inside: OnceLock<Inside>,
}

/// What is known about an event.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) id: Option<String>,
    pub(crate) event_type: Option<String>,
    pub(crate) tenant: Option<String>,
    pub(crate) timestamp: Option<Millis>,
}

/// What is known about an event that was verified by other means; see [`Event::trusted`].
#[derive(Clone, Copy, Debug, Default)]
pub struct TrustedFacts<'f> {
    /// The event's id, the same on every delivery of it.
    pub id: Option<&'f str>,
    /// The event's type.
    pub event_type: Option<&'f str>,
    /// The customer, team or organisation that it belongs to.
    pub tenant: Option<&'f str>,
    /// When it happened.
    pub timestamp: Option<SystemTime>,
    /// Where in the JSON of the body the data are, such as `detail.data`; the whole body if nothing is given.
    pub data: Option<&'f str>,
}

/// What the body says.
#[derive(Clone)]
struct Inside {
    facts: Facts,
    /// Where the JSON and, within it, the data are; nothing if the body is not JSON.
    json: Option<Range<usize>>,
    data: Option<Range<usize>>,
}

/// The events of one provider as types: those of [`events`](crate::events), and what
/// [`typegen`](crate::typegen) makes.
pub trait TypedEvent: Sized {
    /// Reads an event's data as what its type says.
    ///
    /// # Errors
    /// `invalid_payload` if the body is not JSON, has no data, or that is not as its type says.
    fn read<B: AsRef<[u8]>>(event: &Event<B>) -> Result<Self>;
}

impl<B: AsRef<[u8]>> Event<B> {
    /// `outside` is what is known besides the body, from headers or from the sender.
    pub(crate) fn new(
        body: B,
        envelope: Arc<Envelope>,
        outside: Facts,
        signed_at: Option<Millis>,
        key_index: usize,
    ) -> Self {
        Self { body, envelope, outside, signed_at, key_index, inside: OnceLock::new() }
    }

    /// An event of a request that was verified by other means than a [`Webhook`](crate::Webhook), such as a
    /// certificate or a JWT. Nothing is checked here: whoever calls this vouches for the body and the facts.
    ///
    /// # Errors
    /// `invalid_argument` if `data` is no path.
    pub fn trusted(body: B, facts: &TrustedFacts<'_>) -> Result<Self> {
        let data = facts.data.map(|path| {
            Path::parse(path)
                .ok_or_else(|| Error::argument("data is a path in the body, such as \"detail.data\"."))
        });
        let envelope = Envelope::of_data(data.transpose()?);
        let known = Facts {
            id: facts.id.map(str::to_owned),
            event_type: facts.event_type.map(str::to_owned),
            tenant: facts.tenant.map(str::to_owned),
            timestamp: facts.timestamp.map(timestamp::from_system),
        };
        Ok(Self::new(body, Arc::new(envelope), known, None, 0))
    }

    /// The event's id, the same on every delivery of it; `None` if the provider gives none.
    pub fn id(&self) -> Option<&str> {
        self.outside.id.as_deref().or_else(|| self.inside().facts.id.as_deref())
    }

    /// The event's type, such as `booking.created`; `None` if the request does not say.
    pub fn event_type(&self) -> Option<&str> {
        self.outside.event_type.as_deref().or_else(|| self.inside().facts.event_type.as_deref())
    }

    /// The customer, team or organisation that the event belongs to, where the provider names one.
    pub fn tenant(&self) -> Option<&str> {
        self.outside.tenant.as_deref().or_else(|| self.inside().facts.tenant.as_deref())
    }

    /// Whose event it is, and for how long it may come again.
    pub(crate) fn origin(&self) -> &Origin {
        &self.envelope.origin
    }

    /// When the event happened or, if the envelope does not say, when the request was signed.
    pub fn timestamp(&self) -> Option<SystemTime> {
        let at = self.outside.timestamp.or_else(|| self.inside().facts.timestamp).or(self.signed_at);
        at.and_then(timestamp::to_system)
    }

    /// The event's data, taken out of its envelope, as `T`.
    ///
    /// # Errors
    /// `invalid_payload` if the body is not JSON, has no data, or is not a `T`.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T> {
        read(self.data_json()?)
    }

    /// The event's data as its type says, such as `event.typed::<webkasa::Event>()?`.
    ///
    /// # Errors
    /// `invalid_payload` if the body is not JSON, has no data, or that is not as its type says.
    pub fn typed<T: TypedEvent>(&self) -> Result<T> {
        T::read(self)
    }

    /// The whole body as `T`.
    ///
    /// # Errors
    /// `invalid_payload` if the body is not the JSON of a `T`.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T> {
        read(self.payload_json()?)
    }

    /// The bytes of [`data`](Self::data) within the body: JSON that was checked, nested at most 128 deep.
    ///
    /// # Errors
    /// `invalid_payload` if the body is not JSON or has no data.
    pub fn data_json(&self) -> Result<&[u8]> {
        let data = self.inside().data.clone();
        match (data, self.payload_json()?, &self.envelope.data) {
            (Some(data), ..) => Ok(&self.body.as_ref()[data]),
            (None, payload, None) => Ok(payload),
            (None, _, Some(path)) => {
                let message = format!("The body has no \"{}\".", path.steps().join("."));
                Err(Error::new(Code::InvalidPayload, message))
            }
        }
    }

    /// The bytes of the JSON in the body, without whitespace or a byte order mark around it.
    ///
    /// # Errors
    /// `invalid_payload` if the body is not JSON.
    pub fn payload_json(&self) -> Result<&[u8]> {
        let json = self.inside().json.clone().ok_or_else(not_json)?;
        Ok(&self.body.as_ref()[json])
    }

    /// The body, byte by byte as it was signed.
    pub fn body(&self) -> &[u8] {
        self.body.as_ref()
    }

    /// The body, without the rest.
    pub fn into_body(self) -> B {
        self.body
    }

    /// The same event with its body in something else that holds it.
    ///
    /// # Panics
    /// If that holds other bytes: nobody vouches for those.
    pub fn map_body<C: AsRef<[u8]>>(self, map: impl FnOnce(&B) -> C) -> Event<C> {
        let body = map(&self.body);
        assert!(body.as_ref() == self.body.as_ref(), "an event keeps its bytes");
        let Self { envelope, outside, signed_at, key_index, inside, .. } = self;
        Event { body, envelope, outside, signed_at, key_index, inside }
    }

    /// Which of the secrets the signature was made with; 0 is the newest.
    pub fn key_index(&self) -> usize {
        self.key_index
    }

    fn inside(&self) -> &Inside {
        self.inside.get_or_init(|| Inside::read(self.body.as_ref(), &self.envelope))
    }
}

impl<B> fmt::Debug for Event<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").field("key_index", &self.key_index).finish_non_exhaustive()
    }
}

impl Inside {
    fn read(body: &[u8], envelope: &Envelope) -> Self {
        let Envelope { id, event_type, tenant, timestamp, data, .. } = envelope;
        let paths = [inside(id), inside(event_type), inside(tenant), inside(timestamp), data.as_ref()];
        let Ok((text, found)) = json::find(body, paths) else {
            return Self { facts: Facts::default(), json: None, data: None };
        };
        let span = |part: &str| {
            let start = part.as_ptr().addr() - body.as_ptr().addr();
            start..start + part.len()
        };
        let [id, event_type, tenant, timestamp, data] = found;
        let unit = envelope.timestamp_format.unwrap_or(Unit::Iso8601);
        let facts = Facts {
            id: id.and_then(json::scalar),
            event_type: event_type.and_then(json::scalar),
            tenant: tenant.and_then(json::scalar),
            timestamp: timestamp.and_then(json::scalar).and_then(|text| unit.parse(text.as_bytes())),
        };
        let data = data.map(span);
        Self { facts, json: Some(span(text)), data }
    }
}

/// The path of what is read from the body.
fn inside(source: &Option<Source>) -> Option<&Path> {
    match source {
        Some(Source::Json(path)) => Some(path),
        _ => None,
    }
}

fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T> {
    // serde_json's message names types and places, and can quote the value itself: only the place is passed on.
    serde_json::from_slice(json).map_err(|error| {
        let message = format!(
            "The JSON is not of the shape asked for (line {}, column {}).",
            error.line(),
            error.column()
        );
        Error::new(Code::InvalidPayload, message)
    })
}
