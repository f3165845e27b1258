//! The log of deliveries and attempts, for people.

use bytes::Bytes;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::link::Link;
use super::value::{self, get, get_u32};
use crate::error::Result;
use crate::store::query::DeliveryQuery;
use crate::store::record::{
    AttemptRecord, DeliveryId, DeliveryRecord, DeliveryState, EndpointId, MessageKey,
};
use crate::store::rules;
use crate::timestamp::Millis;

pub(super) fn delivery(link: &Link, id: DeliveryId) -> Result<Option<DeliveryRecord>> {
    let sql = select("d.id = $1", "true", "$2");
    link.query(&sql, &[&id.0, &1_i64])?.first().map(read).transpose()
}

pub(super) fn deliveries(
    link: &Link,
    query: &DeliveryQuery,
    before: Option<DeliveryId>,
    limit: usize,
) -> Result<Vec<DeliveryRecord>> {
    if query.tenant.as_ref().is_some_and(|tenant| tenant.contains('\0')) {
        return Ok(Vec::new());
    }
    let (mut page, mut before) = (Vec::new(), before);
    // Types are matched here, so that more may have to be read than is wanted.
    let size = if query.events.patterns().next().is_some() { MOST_ROWS } else { limit.min(MOST_ROWS) };
    while page.len() < limit {
        let (sql, values) = statement(query, before, value::rows(size));
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as _).collect();
        let rows = link.query(&sql, &values)?;
        for row in &rows {
            if page.len() < limit && query.events.matches(get(row, EVENT_TYPE)?) {
                page.push(read(row)?);
            }
        }
        match rows.last() {
            Some(last) if rows.len() == size => before = Some(DeliveryId(get(last, 0)?)),
            _ => break,
        }
    }
    Ok(page)
}

pub(super) fn attempts(link: &Link, delivery: DeliveryId) -> Result<Vec<AttemptRecord>> {
    let read = |row: &Row| {
        let body: Vec<u8> = get(row, 9)?;
        Ok(AttemptRecord {
            number: get_u32(row, 0)?,
            started_at: get(row, 1)?,
            duration: get(row, 2)?,
            response_code: value::get_status_code(row, 3)?,
            error: value::get_error(row, 4)?,
            response_truncated: get(row, 6)?,
            request_headers: value::get_headers(row, 7)?,
            response_headers: value::get_headers(row, 8)?,
            response_body: Bytes::from(body),
        })
    };
    link.query(ATTEMPTS, &[&delivery.0])?.iter().map(read).collect()
}

/// The statement of a query: one for each set of conditions, so that each finds its index.
pub(super) fn statement(
    query: &DeliveryQuery,
    before: Option<DeliveryId>,
    limit: i64,
) -> (String, Vec<Box<dyn ToSql + Sync>>) {
    let mut values: Vec<Box<dyn ToSql + Sync>> = Vec::new();
    // Conditions on the delivery itself, and on what is beside it.
    let (mut own, mut beside) = (Vec::new(), Vec::new());
    let mut also = |to: &mut Vec<String>, condition: &str, value: Box<dyn ToSql + Sync>| {
        values.push(value);
        to.push(condition.replace('?', &format!("${}", values.len())));
    };
    if let Some(endpoint) = query.endpoint {
        also(&mut own, "d.endpoint = ?", Box::new(endpoint.0));
    }
    if let Some(message) = query.message {
        also(&mut own, "d.message = ?", Box::new(message.0));
    }
    if let Some(trigger) = query.trigger {
        also(&mut own, "d.cause = ?", Box::new(value::trigger(trigger)));
    }
    if let Some((first, last)) = query.code {
        also(&mut own, "d.code >= ?", Box::new(i32::from(first)));
        also(&mut own, "d.code <= ?", Box::new(i32::from(last)));
    }
    if let Some(since) = query.since {
        also(&mut own, "d.created_at >= ?", Box::new(since));
    }
    if let Some(until) = query.until {
        also(&mut own, "d.created_at < ?", Box::new(until));
    }
    if let Some(before) = before {
        also(&mut own, "d.id < ?", Box::new(before.0));
    }
    if let Some(tenant) = &query.tenant {
        also(&mut beside, "m.tenant = ?", Box::new(tenant.clone()));
    }
    beside.extend(query.state.map(|state| {
        match state {
            DeliveryState::Pending => "d.state = 0 AND e.status = 0",
            DeliveryState::Held => "d.state = 0 AND e.status NOT IN (0, 9)",
            DeliveryState::Canceled => "(d.state = 3 OR (d.state = 0 AND e.status = 9))",
            DeliveryState::Delivered => "d.state = 1",
            DeliveryState::Failed => "d.state = 2",
        }
        .to_owned()
    }));
    if query.last {
        beside.push(LAST.to_owned());
    }
    values.push(Box::new(limit));
    let all = |conditions: Vec<String>| match conditions.is_empty() {
        true => "true".to_owned(),
        false => conditions.join(" AND "),
    };
    (select(&all(own), &all(beside), &format!("${}", values.len())), values)
}

/// Newest first, from what waits and what ended, each along its index, with its message and endpoint.
fn select(own: &str, beside: &str, limit: &str) -> String {
    let columns = "d.id, d.message, d.message_at, d.endpoint, d.cause, d.parent, d.attempts, d.lost, d.created_at, d.code,
        d.error, d.duration";
    format!(
        "SELECT d.id, d.message, m.id, m.type, m.tenant, d.endpoint, d.state, e.status, e.deleted_at, d.cause, d.parent,
            d.attempts, d.lost, d.due, d.done_at, d.created_at, d.code, d.error, d.duration
        FROM (SELECT {columns}, 0::smallint AS state, d.due, NULL::bigint AS done_at FROM delivery d WHERE {own}
            UNION ALL SELECT {columns}, d.state, NULL, d.done_at FROM history d WHERE {own}) d
        CROSS JOIN LATERAL (SELECT id, type, tenant FROM message m
            WHERE m.key = d.message AND m.created_at = d.message_at OFFSET 0) m
        CROSS JOIN LATERAL (SELECT status, deleted_at FROM endpoint e WHERE e.id = d.endpoint OFFSET 0) e
        WHERE {beside} ORDER BY d.id DESC LIMIT {limit}"
    )
}

fn read(row: &Row) -> Result<DeliveryRecord> {
    let state = match value::get_state(row, 6)? {
        DeliveryState::Pending => rules::seen(value::get_status(row, 7)?),
        terminal => terminal,
    };
    let (done_at, deleted_at): (Option<Millis>, Option<Millis>) = (get(row, 14)?, get(row, 8)?);
    Ok(DeliveryRecord {
        id: DeliveryId(get(row, 0)?),
        message: MessageKey(get(row, 1)?),
        message_id: get(row, 2)?,
        event_type: get(row, EVENT_TYPE)?,
        tenant: value::get_tenant(row, 4)?,
        endpoint: EndpointId(get(row, 5)?),
        state,
        trigger: value::get_trigger(row, 9)?,
        parent: get::<Option<i64>>(row, 10)?.map(DeliveryId),
        attempts: get_u32(row, 11)?,
        lost: get_u32(row, 12)?,
        due: get::<Option<Millis>>(row, 13)?.filter(|due| !state.is_terminal() && *due < rules::IN_LINE),
        done_at: done_at.or(deleted_at.filter(|_| state.is_terminal())),
        created_at: get(row, 15)?,
        last_code: value::get_status_code(row, 16)?,
        last_error: value::get_code(row, 17)?,
        last_duration: get(row, 18)?,
    })
}

/// The first one knows which one repeats it last.
const LAST: &str =
    "coalesce((SELECT p.retry FROM history p WHERE p.id = coalesce(d.parent, d.id) LIMIT 1), d.id) = d.id";
const EVENT_TYPE: usize = 3;
const MOST_ROWS: usize = 500;
/// What ended says in which day its attempts lie.
pub(super) const ATTEMPTS: &str =
    "SELECT number, started_at, duration, code, error, reason, truncated, request_headers, response_headers, response_body
    FROM attempt_open WHERE delivery = $1
    UNION ALL SELECT number, started_at, duration, code, error, reason, truncated, request_headers, response_headers,
        response_body
    FROM attempt WHERE delivery = $1 AND done_at = (SELECT done_at FROM history WHERE id = $1 LIMIT 1)
    ORDER BY 1";
