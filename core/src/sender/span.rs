//! The spans of the sender: what they are called and what is in them.

use tracing::Span;
use tracing::field::{self, Empty};

use super::compose::NewMessage;
use super::messages::Message;
use crate::error::{Code, Error, Result};
use crate::queue::carrier::Carriage;

/// A message on its way into the store.
pub(super) fn send(message: &NewMessage) -> Span {
    tracing::info_span!(
        "send",
        event_type = message.event_type,
        tenant = message.tenant,
        message_id = Empty,
        duplicate = Empty,
        deliveries = Empty,
        error = Empty,
    )
}

/// Its id, as soon as it has one.
pub(super) fn named(span: &Span, id: &str) {
    span.record("message_id", id);
}

/// What came of it.
pub(super) fn sent(span: &Span, result: &Result<Message>) {
    match result {
        Ok(message) => {
            span.record("duplicate", message.duplicate);
            span.record("deliveries", message.deliveries.len());
        }
        Err(error) => drop(span.record("error", error.code().as_str())),
    }
}

/// A request to an endpoint, from looking up its host to the last byte of the answer.
pub(super) fn attempt(delivery: &Carriage<'_>) -> Span {
    let Carriage { work, parcel, number, .. } = delivery;
    tracing::info_span!(
        "attempt",
        event_type = parcel.event_type,
        tenant = parcel.tenant,
        message_id = parcel.id,
        delivery = work.id.0,
        endpoint = work.endpoint.0,
        number,
        response_code = Empty,
        error = Empty,
    )
}

/// What the endpoint answered, and what went wrong.
pub(super) fn attempted(span: &Span, response_code: Option<u16>, error: Option<&Error>) {
    span.record("response_code", response_code);
    span.record("error", error.map(|error| error.code()).map(Code::as_str).map(field::display));
}
