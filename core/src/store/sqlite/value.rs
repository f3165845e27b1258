//! How values stand in columns.

use rusqlite::Row;
use rusqlite::types::Type;

use crate::deliver::HeaderText;
use crate::error::{Code, Error};
use crate::store::filter::EventFilter;
use crate::store::record::{DeliveryState, DisableReason, EndpointStatus, Trigger};

/// What the column `state` holds; the others are seen through the endpoint.
pub(super) const PENDING: i64 = 0;
pub(super) const DELIVERED: i64 = 1;
pub(super) const FAILED: i64 = 2;
pub(super) const CANCELED: i64 = 3;

/// What the column `status` holds, besides the reasons why an endpoint is disabled.
pub(super) const ACTIVE: i64 = 0;
pub(super) const DELETED: i64 = 9;

pub(super) fn state(state: DeliveryState) -> i64 {
    match state {
        DeliveryState::Pending | DeliveryState::Held => PENDING,
        DeliveryState::Delivered => DELIVERED,
        DeliveryState::Failed => FAILED,
        DeliveryState::Canceled => CANCELED,
    }
}

/// The state in a row's column; pending ones are seen through their endpoint.
pub(super) fn read_state(row: &Row<'_>, column: usize) -> rusqlite::Result<DeliveryState> {
    Ok(match row.get::<_, i64>(column)? {
        PENDING => DeliveryState::Pending,
        DELIVERED => DeliveryState::Delivered,
        FAILED => DeliveryState::Failed,
        CANCELED => DeliveryState::Canceled,
        _ => return Err(odd(column)),
    })
}

pub(super) fn status(status: EndpointStatus) -> i64 {
    match status {
        EndpointStatus::Active => ACTIVE,
        EndpointStatus::Disabled(DisableReason::User) => 1,
        EndpointStatus::Disabled(DisableReason::Failures) => 2,
        EndpointStatus::Disabled(DisableReason::Refused) => 3,
    }
}

/// The status in a row's column; `None` if the endpoint was deleted.
pub(super) fn read_status(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<EndpointStatus>> {
    let disabled = |reason| Some(EndpointStatus::Disabled(reason));
    Ok(match row.get::<_, i64>(column)? {
        ACTIVE => Some(EndpointStatus::Active),
        1 => disabled(DisableReason::User),
        2 => disabled(DisableReason::Failures),
        3 => disabled(DisableReason::Refused),
        DELETED => None,
        _ => return Err(odd(column)),
    })
}

pub(super) fn trigger(trigger: Trigger) -> i64 {
    match trigger {
        Trigger::Event => 0,
        Trigger::Manual => 1,
        Trigger::Test => 2,
    }
}

pub(super) fn read_trigger(row: &Row<'_>, column: usize) -> rusqlite::Result<Trigger> {
    Ok(match row.get::<_, i64>(column)? {
        0 => Trigger::Event,
        1 => Trigger::Manual,
        2 => Trigger::Test,
        _ => return Err(odd(column)),
    })
}

/// No tenant is the empty one, so that it can be compared and indexed.
pub(super) fn tenant(tenant: Option<&str>) -> &str {
    tenant.unwrap_or_default()
}

pub(super) fn read_tenant(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    let tenant: String = row.get(column)?;
    Ok((!tenant.is_empty()).then_some(tenant))
}

pub(super) fn read_filter(row: &Row<'_>, column: usize) -> rusqlite::Result<EventFilter> {
    let text: String = row.get(column)?;
    EventFilter::parse(&text).map_err(|_| odd(column))
}

pub(super) fn read_code(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Code>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| Code::parse(&text).ok_or_else(|| odd(column))).transpose()
}

/// An error in two columns: its code, and the sentence where that is not the code's own.
pub(super) fn read_error(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Error>> {
    let reason: Option<String> = row.get(column + 1)?;
    Ok(read_code(row, column)?.map(|code| match reason {
        Some(reason) => Error::new(code, reason),
        None => Error::new(code, code.sentence()),
    }))
}

pub(super) fn reason(error: &Error) -> Option<&str> {
    (error.message() != error.code().sentence()).then(|| error.message())
}

pub(super) fn read_headers(row: &Row<'_>, column: usize) -> rusqlite::Result<HeaderText> {
    row.get(column).map(HeaderText::from_text)
}

pub(super) fn odd(column: usize) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Null, "not a value that Hookseal writes".into())
}

/// A number of rows, as SQLite takes it.
pub(super) fn rows(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
