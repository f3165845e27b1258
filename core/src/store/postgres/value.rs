//! How values stand in columns.

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::failure::odd;
use crate::deliver::HeaderText;
use crate::error::{Code, Error, Result};
use crate::store::filter::EventFilter;
use crate::store::record::{DeliveryState, DisableReason, EndpointStatus, Trigger};

/// What the column `state` of history holds.
pub(super) const DELIVERED: i16 = 1;
pub(super) const FAILED: i16 = 2;
pub(super) const CANCELED: i16 = 3;

/// What the column `status` holds, besides the reasons why an endpoint is disabled.
pub(super) const ACTIVE: i16 = 0;
pub(super) const DELETED: i16 = 9;

/// Reads a column.
pub(super) fn get<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T> {
    row.try_get(column).map_err(|_| odd(column))
}

pub(super) fn get_u32(row: &Row, column: usize) -> Result<u32> {
    get::<i32>(row, column)?.try_into().map_err(|_| odd(column))
}

pub(super) fn get_u64(row: &Row, column: usize) -> Result<u64> {
    get::<i64>(row, column)?.try_into().map_err(|_| odd(column))
}

/// A response's status code.
pub(super) fn get_status_code(row: &Row, column: usize) -> Result<Option<u16>> {
    get::<Option<i32>>(row, column)?.map(|code| code.try_into().map_err(|_| odd(column))).transpose()
}

/// Terminal states alone; what is pending has a table of its own.
pub(super) fn state(state: DeliveryState) -> i16 {
    match state {
        DeliveryState::Delivered => DELIVERED,
        DeliveryState::Failed => FAILED,
        DeliveryState::Pending | DeliveryState::Held | DeliveryState::Canceled => CANCELED,
    }
}

pub(super) fn get_state(row: &Row, column: usize) -> Result<DeliveryState> {
    Ok(match get::<i16>(row, column)? {
        0 => DeliveryState::Pending,
        DELIVERED => DeliveryState::Delivered,
        FAILED => DeliveryState::Failed,
        CANCELED => DeliveryState::Canceled,
        _ => return Err(odd(column)),
    })
}

pub(super) fn status(status: EndpointStatus) -> i16 {
    match status {
        EndpointStatus::Active => ACTIVE,
        EndpointStatus::Disabled(DisableReason::User) => 1,
        EndpointStatus::Disabled(DisableReason::Failures) => 2,
        EndpointStatus::Disabled(DisableReason::Refused) => 3,
    }
}

/// `None` if the endpoint was deleted.
pub(super) fn get_status(row: &Row, column: usize) -> Result<Option<EndpointStatus>> {
    let disabled = |reason| Some(EndpointStatus::Disabled(reason));
    Ok(match get::<i16>(row, column)? {
        ACTIVE => Some(EndpointStatus::Active),
        1 => disabled(DisableReason::User),
        2 => disabled(DisableReason::Failures),
        3 => disabled(DisableReason::Refused),
        DELETED => None,
        _ => return Err(odd(column)),
    })
}

pub(super) fn trigger(trigger: Trigger) -> i16 {
    match trigger {
        Trigger::Event => 0,
        Trigger::Manual => 1,
        Trigger::Test => 2,
    }
}

pub(super) fn get_trigger(row: &Row, column: usize) -> Result<Trigger> {
    Ok(match get::<i16>(row, column)? {
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

pub(super) fn get_tenant(row: &Row, column: usize) -> Result<Option<String>> {
    let tenant: String = get(row, column)?;
    Ok((!tenant.is_empty()).then_some(tenant))
}

pub(super) fn get_filter(row: &Row, column: usize) -> Result<EventFilter> {
    EventFilter::parse(get(row, column)?).map_err(|_| odd(column))
}

pub(super) fn get_code(row: &Row, column: usize) -> Result<Option<Code>> {
    let text: Option<&str> = get(row, column)?;
    text.map(|text| Code::parse(text).ok_or_else(|| odd(column))).transpose()
}

/// An error in two columns: its code, and the sentence where that is not the code's own.
pub(super) fn get_error(row: &Row, column: usize) -> Result<Option<Error>> {
    let reason: Option<String> = get(row, column + 1)?;
    Ok(get_code(row, column)?.map(|code| match reason {
        Some(reason) => Error::new(code, reason),
        None => Error::new(code, code.sentence()),
    }))
}

pub(super) fn reason(error: &Error) -> Option<String> {
    (error.message() != error.code().sentence()).then(|| text(error.message()))
}

/// Headers as they stand on the wire, which nothing in them can break: neither names nor values hold line ends.
pub(super) fn headers(headers: &HeaderText) -> String {
    text(headers.as_text())
}

pub(super) fn get_headers(row: &Row, column: usize) -> Result<HeaderText> {
    get(row, column).map(HeaderText::from_text)
}

/// What strangers said, as PostgreSQL can hold it: a zero byte is the one character that it cannot.
fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Refuses what PostgreSQL cannot hold before it fails a whole batch.
pub(super) fn storable(what: &str, text: &str) -> Result<()> {
    if text.contains('\0') {
        return Err(Error::new(Code::InvalidArgument, format!("The {what} has a zero byte in it.")));
    }
    Ok(())
}

/// A number of rows.
pub(super) fn rows(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A number of attempts or failures.
pub(super) fn count(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
