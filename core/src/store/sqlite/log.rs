//! The log of deliveries and attempts, for people.

use bytes::Bytes;
use rusqlite::types::{ToSql, Value};
use rusqlite::{Connection, Row};

use super::failure::Plain;
use super::settle::first_attempt;
use super::value;
use crate::error::Result;
use crate::store::query::DeliveryQuery;
use crate::store::record::{
    AttemptRecord, DeliveryId, DeliveryRecord, DeliveryState, EndpointId, MessageKey,
};
use crate::store::rules;
use crate::timestamp::Millis;

pub(super) fn delivery(connection: &Connection, id: DeliveryId) -> Result<Option<DeliveryRecord>> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE d.id = ?1")).plain()?;
    let mut rows = statement.query([id.0]).plain()?;
    rows.next().plain()?.map(|row| read(row).plain()).transpose()
}

pub(super) fn deliveries(
    connection: &Connection,
    query: &DeliveryQuery,
    before: Option<DeliveryId>,
    limit: usize,
) -> Result<Vec<DeliveryRecord>> {
    let (sql, values) = select(query, before);
    let mut statement = connection.prepare_cached(&sql).plain()?;
    let values: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
    let mut rows = statement.query(&*values).plain()?;
    let mut page = Vec::new();
    while page.len() < limit
        && let Some(row) = rows.next().plain()?
    {
        let wanted = query.events.matches(row.get_ref(EVENT_TYPE).plain()?.as_str().unwrap_or_default());
        if wanted {
            page.push(read(row).plain()?);
        }
    }
    Ok(page)
}

pub(super) fn attempts(connection: &Connection, delivery: DeliveryId) -> Result<Vec<AttemptRecord>> {
    let first = first_attempt(delivery);
    let mut statement = connection.prepare_cached(ATTEMPTS).plain()?;
    let rows = statement.query_map((first, first + i64::from(rules::MOST_ATTEMPTS)), |row| {
        let body: Vec<u8> = row.get(9)?;
        Ok(AttemptRecord {
            number: u32::try_from(row.get::<_, i64>(0)? - first).map_err(|_| value::odd(0))?,
            started_at: row.get(1)?,
            duration: row.get(2)?,
            response_code: row.get(3)?,
            error: value::read_error(row, 4)?,
            response_truncated: row.get(6)?,
            request_headers: value::read_headers(row, 7)?,
            response_headers: value::read_headers(row, 8)?,
            response_body: Bytes::from(body),
        })
    });
    rows.plain()?.collect::<rusqlite::Result<_>>().plain()
}

/// The statement of a query: one for each set of conditions, so that each finds its index.
pub(super) fn select(query: &DeliveryQuery, before: Option<DeliveryId>) -> (String, Vec<Value>) {
    let mut conditions = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    let mut also = |condition: &'static str, of: &[Value]| {
        conditions.push(condition);
        values.extend_from_slice(of);
    };
    if let Some(endpoint) = query.endpoint {
        also("d.endpoint = ?", &[endpoint.0.into()]);
    }
    if let Some(message) = query.message {
        also(OF_MESSAGE, &[message.0.into(), message.0.into()]);
    }
    match query.state {
        Some(DeliveryState::Pending) => also("d.state = 0 AND e.status = 0", &[]),
        Some(DeliveryState::Held) => also("d.state = 0 AND e.status NOT IN (0, 9)", &[]),
        Some(DeliveryState::Canceled) => also("(d.state = 3 OR (d.state = 0 AND e.status = 9))", &[]),
        Some(DeliveryState::Delivered) => also("d.state = 1", &[]),
        // Found along the log, newest first; the index of what failed is in the order of its end.
        Some(DeliveryState::Failed) => also("+d.state = 2", &[]),
        None => {}
    }
    if let Some(trigger) = query.trigger {
        also("+d.cause = ?", &[value::trigger(trigger).into()]);
    }
    if let Some(tenant) = &query.tenant {
        also("m.tenant = ?", &[tenant.clone().into()]);
    }
    if let Some((first, last)) = query.code {
        also("d.code BETWEEN ? AND ?", &[i64::from(first).into(), i64::from(last).into()]);
    }
    if let Some(since) = query.since {
        also("d.created_at >= ?", &[since.into()]);
    }
    if let Some(until) = query.until {
        also("d.created_at < ?", &[until.into()]);
    }
    if query.last {
        also(LAST, &[]);
    }
    if let Some(before) = before {
        also("d.id < ?", &[before.0.into()]);
    }
    let all = if conditions.is_empty() { "1".to_owned() } else { conditions.join(" AND ") };
    (format!("{SELECT} WHERE {all} ORDER BY d.id DESC"), values)
}

fn read(row: &Row<'_>) -> rusqlite::Result<DeliveryRecord> {
    let stored = value::read_state(row, 6)?;
    let state = match stored {
        DeliveryState::Pending => rules::seen(value::read_status(row, 7)?),
        terminal => terminal,
    };
    let (done_at, deleted_at): (Option<Millis>, Option<Millis>) = (row.get(14)?, row.get(8)?);
    Ok(DeliveryRecord {
        id: DeliveryId(row.get(0)?),
        message: MessageKey(row.get(1)?),
        message_id: row.get(2)?,
        event_type: row.get(EVENT_TYPE)?,
        tenant: value::read_tenant(row, 4)?,
        endpoint: EndpointId(row.get(5)?),
        state,
        trigger: value::read_trigger(row, 9)?,
        parent: row.get::<_, Option<i64>>(10)?.map(DeliveryId),
        attempts: row.get(11)?,
        lost: row.get(12)?,
        due: Some(row.get(13)?).filter(|due| !state.is_terminal() && *due < rules::IN_LINE),
        done_at: done_at.or(deleted_at.filter(|_| state.is_terminal())),
        created_at: row.get(15)?,
        last_code: row.get(16)?,
        last_error: value::read_code(row, 17)?,
        last_duration: row.get(18)?,
    })
}

const SELECT: &str =
    "SELECT d.id, d.message, m.id, m.type, m.tenant, d.endpoint, d.state, e.status, e.deleted_at,
    d.cause, d.parent, d.attempts, d.lost, d.due, d.done_at, d.created_at, d.code, d.error, d.duration
    FROM hookseal_delivery d CROSS JOIN hookseal_message m ON m.key = d.message
    CROSS JOIN hookseal_endpoint e ON e.id = d.endpoint";
/// The first one knows which one repeats it last.
const LAST: &str =
    "coalesce((SELECT p.retry FROM hookseal_delivery p WHERE p.id = coalesce(d.parent, d.id)), d.id) = d.id";
const EVENT_TYPE: usize = 3;
/// The message's own deliveries lie side by side; those made later by hand have an index.
const OF_MESSAGE: &str = "d.id IN (SELECT o.id FROM hookseal_message n JOIN hookseal_delivery o
        ON o.id BETWEEN n.first AND n.first + n.count - 1 WHERE n.key = ?
    UNION SELECT l.id FROM hookseal_delivery l WHERE l.message = ? AND l.cause <> 0)";
const ATTEMPTS: &str = "SELECT id, started_at, duration, code, error, reason, truncated, request_headers,
    response_headers, response_body FROM hookseal_attempt WHERE id > ?1 AND id <= ?2 ORDER BY id";
