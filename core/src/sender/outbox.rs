//! Messages that were put into the store by somebody's own transaction.

use serde_json::value::RawValue;

use super::compose::NewMessage;
use crate::error::{Error, Result};
use crate::store::OutboxRow;
use crate::timestamp;

/// The message of a row that somebody put into the outbox.
pub(super) fn of_row(row: &OutboxRow) -> Result<NewMessage> {
    let data: &RawValue = serde_json::from_slice(&row.data)
        .map_err(|error| Error::argument(format!("The data is not JSON: {error}.")))?;
    let texts = [Some(&row.event_type), row.id.as_ref(), row.tenant.as_ref()];
    if texts.into_iter().flatten().any(|text| text.contains(char::REPLACEMENT_CHARACTER)) {
        return Err(Error::argument("The type, id or tenant is not UTF-8."));
    }
    let timestamp = match row.timestamp {
        Some(at) => Some(timestamp::to_system(at).ok_or_else(|| {
            Error::argument(format!(
                "The timestamp {at} is not in milliseconds since 1970, before the year 10000."
            ))
        })?),
        None => None,
    };
    Ok(NewMessage {
        event_type: row.event_type.clone(),
        data: data.to_owned(),
        id: row.id.clone(),
        tenant: row.tenant.clone(),
        timestamp,
    })
}
