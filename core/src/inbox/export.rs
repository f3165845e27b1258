//! The log as JSON lines.

use std::io::{self, BufWriter, Write as _};

use serde_json::json;

use super::events::{self, EventRecord, Try};
use crate::error::{Error, Result};
use crate::store::{DeliveryQuery, Store};

/// Writes all events of this query, newest first, and tells how many.
pub(super) fn lines(store: &dyn Store, query: &DeliveryQuery, to: impl io::Write) -> Result<u64> {
    let mut to = BufWriter::new(to);
    let (mut count, mut before) = (0, None);
    loop {
        let page = store.deliveries(query, before, PAGE)?;
        before = page.last().map(|delivery| delivery.id);
        let is_last = page.len() < PAGE;
        for delivery in page {
            let tries = events::tries(store, &delivery)?;
            let line = line(&EventRecord::read(store, delivery)?, &tries);
            writeln!(to, "{line}").map_err(|error| unwritable(&error))?;
            count += 1;
        }
        if is_last {
            to.flush().map_err(|error| unwritable(&error))?;
            return Ok(count);
        }
    }
}

fn line(event: &EventRecord, tries: &[Try]) -> serde_json::Value {
    json!({
        "id": event.id,
        "type": event.event_type,
        "tenant": event.tenant,
        "status": event.status.as_str(),
        "received_at": event.received_at,
        "done_at": event.done_at,
        "next_try": event.next_try,
        "tries": tries.iter().map(one).collect::<Vec<_>>(),
    })
}

fn one(of: &Try) -> serde_json::Value {
    json!({
        "number": of.number,
        "started_at": of.started_at,
        "duration_ms": of.duration,
        "error": of.error.as_ref().map(|error| error.code().as_str()),
        "message": of.error.as_ref().map(Error::message),
    })
}

fn unwritable(error: &io::Error) -> Error {
    Error::argument(format!("The log could not be written: {error}."))
}

const PAGE: usize = 500;
