//! The log as JSON lines.

use std::io::{self, BufWriter, Write as _};

use serde_json::json;

use crate::error::{Error, Result};
use crate::store::{AttemptRecord, DeliveryQuery, DeliveryRecord, Store};

/// Writes all deliveries of this query, newest first, and tells how many.
pub(crate) fn lines(store: &dyn Store, query: &DeliveryQuery, to: impl io::Write) -> Result<u64> {
    let mut to = BufWriter::new(to);
    let (mut count, mut before) = (0, None);
    loop {
        let page = store.deliveries(query, before, PAGE)?;
        for delivery in &page {
            let line = line(delivery, &store.attempts(delivery.id)?);
            writeln!(to, "{line}").map_err(|error| unwritable(&error))?;
            count += 1;
        }
        before = page.last().map(|delivery| delivery.id);
        if page.len() < PAGE {
            to.flush().map_err(|error| unwritable(&error))?;
            return Ok(count);
        }
    }
}

fn line(delivery: &DeliveryRecord, attempts: &[AttemptRecord]) -> serde_json::Value {
    json!({
        "delivery": delivery.id.0,
        "message_id": delivery.message_id,
        "type": delivery.event_type,
        "tenant": delivery.tenant,
        "endpoint": delivery.endpoint.0,
        "state": delivery.state.as_str(),
        "trigger": delivery.trigger.as_str(),
        "parent": delivery.parent.map(|parent| parent.0),
        "created_at": delivery.created_at,
        "done_at": delivery.done_at,
        "due": delivery.due,
        "attempts": attempts.iter().map(attempt).collect::<Vec<_>>(),
    })
}

fn attempt(attempt: &AttemptRecord) -> serde_json::Value {
    json!({
        "number": attempt.number,
        "started_at": attempt.started_at,
        "duration_ms": attempt.duration,
        "response_code": attempt.response_code,
        "error": attempt.error.as_ref().map(|error| error.code().as_str()),
        "message": attempt.error.as_ref().map(Error::message),
        "request_headers": attempt.request_headers.to_vec(),
        "response_headers": attempt.response_headers.to_vec(),
        "response_body": String::from_utf8_lossy(&attempt.response_body),
        "response_truncated": attempt.response_truncated,
    })
}

fn unwritable(error: &io::Error) -> Error {
    Error::argument(format!("The log could not be written: {error}."))
}

const PAGE: usize = 500;
