//! Events. JavaScript parses the JSON itself, several times faster than objects can be built from here; it is
//! told where the JSON is.

use std::sync::Arc;

use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::time::millis;

/// An event, with a copy of its body that JavaScript cannot change.
#[napi]
pub struct Event(pub(crate) Arc<hookseal::Event>);

/// What is known about an event: id, type, time in milliseconds since 1970, tenant; where the whole JSON begins
/// and ends in the body, and where the data do; and why one of these is missing.
///
/// A list, because an object takes JavaScript's engine 900 ns longer to build.
#[napi]
pub type EventFacts =
    (Option<String>, Option<String>, Option<f64>, Option<String>, u32, u32, u32, u32, Option<String>);

#[napi]
impl Event {
    pub(crate) fn new(event: hookseal::Event) -> Self {
        Self(Arc::new(event))
    }

    /// A copy of its body.
    #[napi(catch_unwind)]
    pub fn body(&self) -> Uint8Array {
        self.0.body().to_vec().into()
    }

    /// What is known about it.
    #[napi(catch_unwind)]
    pub fn facts(&self) -> EventFacts {
        facts_of(&self.0)
    }
}

pub(crate) fn facts_of<B: AsRef<[u8]>>(event: &hookseal::Event<B>) -> EventFacts {
    let (payload, data) = (event.payload_json(), event.data_json());
    let fault = data.as_ref().err().map(|error| error.message().to_owned());
    let (payload, data) = (span(payload, event.body()), span(data, event.body()));
    (
        event.id().map(str::to_owned),
        event.event_type().map(str::to_owned),
        event.timestamp().map(millis),
        event.tenant().map(str::to_owned),
        payload.0,
        payload.1,
        data.0,
        data.1,
        fault,
    )
}

/// Where a part of the body begins and ends; nowhere is 0 to 0. No engine has bodies of 4 GiB.
fn span(part: hookseal::Result<&[u8]>, body: &[u8]) -> (u32, u32) {
    part.map_or((0, 0), |part| {
        let start = part.as_ptr().addr() - body.as_ptr().addr();
        (start as u32, (start + part.len()) as u32)
    })
}
