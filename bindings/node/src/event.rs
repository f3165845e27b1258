//! Events. JavaScript parses the JSON itself, several times faster than objects can be built from here; it is
//! told where the JSON is.

use std::sync::Arc;

use bytes::Bytes;
use napi::bindgen_prelude::{Float64ArraySlice, Uint8Array};
use napi_derive::napi;

use crate::error::{Result, thrown};
use crate::time::{millis, optional_instant};

/// An event, with a copy of its body that JavaScript cannot change.
#[napi]
pub struct Event(pub(crate) Arc<hookseal::Event<Bytes>>);

/// What is known about an event: one text of its id, type and tenant and of why it has no data, one behind the
/// other. The eight numbers of `Measures` say how long the first three are, or -1 for none; when it happened, in
/// milliseconds since 1970, or NaN; where the whole JSON begins and ends in the body, and where the data do.
///
/// Because every value that crosses by itself takes JavaScript's engine 100 ns, and a list of them 2000.
#[napi]
pub type EventFacts = String;

/// What somebody else knows about an event.
#[napi(object, object_to_js = false)]
pub struct TrustedFacts {
    /// Its id.
    pub id: Option<String>,
    /// Its type.
    pub event_type: Option<String>,
    /// Whose it is.
    pub tenant: Option<String>,
    /// When it happened, in milliseconds since 1970.
    pub timestamp: Option<f64>,
    /// Where in the body the data are.
    pub data: Option<String>,
}

#[napi]
impl Event {
    /// With a copy of the body.
    pub(crate) fn new<B: AsRef<[u8]>>(event: hookseal::Event<B>) -> Self {
        Self(Arc::new(event.map_body(|body| Bytes::copy_from_slice(body.as_ref()))))
    }

    /// An event of a request that somebody else has verified.
    #[napi(factory, catch_unwind)]
    pub fn trusted(body: &[u8], facts: TrustedFacts) -> Result<Self> {
        let facts = hookseal::TrustedFacts {
            id: facts.id.as_deref(),
            event_type: facts.event_type.as_deref(),
            tenant: facts.tenant.as_deref(),
            timestamp: optional_instant(facts.timestamp)?,
            data: facts.data.as_deref(),
        };
        hookseal::Event::trusted(body, &facts).map(Self::new).map_err(thrown)
    }

    /// A copy of its body.
    #[napi(catch_unwind)]
    pub fn body(&self) -> Uint8Array {
        self.0.body().to_vec().into()
    }

    /// Which of the secrets it was signed with.
    #[napi(catch_unwind)]
    pub fn key_index(&self) -> u32 {
        self.0.key_index() as u32
    }

    /// What is known about it.
    #[napi(catch_unwind)]
    pub fn facts(&self, measures: Float64ArraySlice<'_>) -> EventFacts {
        facts_of(&self.0, measures)
    }
}

pub(crate) fn facts_of<B: AsRef<[u8]>>(
    event: &hookseal::Event<B>,
    mut measures: Float64ArraySlice<'_>,
) -> EventFacts {
    let (payload, data) = (event.payload_json(), event.data_json());
    let texts = [event.id(), event.event_type(), event.tenant()];
    let fault = data.as_ref().err().map(hookseal::Error::message);
    let (payload, data) = (span(payload.as_deref(), event.body()), span(data.as_deref(), event.body()));
    let [id, event_type, tenant] = texts.map(length);
    let timestamp = event.timestamp().map_or(f64::NAN, millis);
    let all = [id, event_type, tenant, timestamp, payload.0, payload.1, data.0, data.1];
    // SAFETY: JavaScript waits meanwhile, and no other thread has this array.
    let measures = unsafe { measures.as_mut() };
    measures.iter_mut().zip(all).for_each(|(place, measure)| *place = measure);
    texts.into_iter().chain([fault]).flatten().collect()
}

/// How long JavaScript finds a text.
fn length(text: Option<&str>) -> f64 {
    text.map_or(-1.0, |text| if text.is_ascii() { text.len() } else { text.encode_utf16().count() } as f64)
}

/// Where a part of the body begins and ends; nowhere is 0 to 0.
fn span(part: std::result::Result<&[u8], &hookseal::Error>, body: &[u8]) -> (f64, f64) {
    part.map_or((0.0, 0.0), |part| {
        let start = part.as_ptr().addr() - body.as_ptr().addr();
        (start as f64, (start + part.len()) as f64)
    })
}
