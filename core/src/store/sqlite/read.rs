//! What the dispatcher reads: little, often, and never by looking through rows that it does not want.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row};

use super::failure::Plain;
use super::send;
use super::value;
use crate::error::Result;
use crate::store::query::{MessageRef, Stats, Usage, Window};
use crate::store::record::{
    DeliveryId, Due, EndpointId, EndpointStatus, MessageKey, MessageRecord, Notice, NoticeKind, OutboxRow,
    Payload, Ready,
};
use crate::store::rules;
use crate::timestamp::Millis;

/// Jumps from endpoint to endpoint along the index of what is pending.
pub(super) fn ready(connection: &Connection, after: Option<EndpointId>, limit: usize) -> Result<Vec<Ready>> {
    let mut next = connection.prepare_cached(NEXT_READY).plain()?;
    let mut ready = Vec::new();
    let mut after = after.map_or(i64::MIN, |after| after.0);
    while ready.len() < limit {
        let found = next.query_row([after], |row| Ok((row.get(0)?, row.get(1)?))).optional().plain()?;
        let Some((endpoint, due)) = found else { break };
        after = endpoint;
        let endpoint = EndpointId(endpoint);
        let due = match order(connection, endpoint)? {
            // All wait for one that is not there.
            Some(false) if due == rules::IN_LINE => continue,
            Some(false) => due,
            Some(true) => head(connection, endpoint)?.unwrap_or(due),
            None => continue,
        };
        ready.push(Ready { endpoint, due });
    }
    Ok(ready)
}

pub(super) fn due(
    connection: &Connection,
    endpoint: EndpointId,
    window: Window,
    limit: usize,
) -> Result<Vec<Due>> {
    if order(connection, endpoint)?.is_none() {
        return Ok(Vec::new());
    }
    let read = |row: &Row<'_>| {
        Ok(Due {
            id: DeliveryId(row.get(0)?),
            message: MessageKey(row.get(1)?),
            trigger: value::read_trigger(row, 2)?,
            attempts: row.get(3)?,
            lost: row.get(4)?,
            due: row.get(5)?,
            in_line: row.get(6)?,
            begun_at: row.get(7)?,
            was_lost: row.get(8)?,
        })
    };
    let rows: rusqlite::Result<Vec<_>> = match window {
        Window::Due { after, until } => {
            let (at, id) = after.unwrap_or((Millis::MIN, DeliveryId(i64::MIN)));
            let mut statement = connection.prepare_cached(DUE).plain()?;
            let until = until.min(rules::IN_LINE - 1);
            statement.query_map((endpoint.0, at, id.0, until, value::rows(limit)), read).plain()?.collect()
        }
        Window::Sequence { after } => {
            let after = after.map_or(i64::MIN, |after| after.0);
            let mut statement = connection.prepare_cached(SEQUENCE).plain()?;
            statement.query_map((endpoint.0, after, value::rows(limit)), read).plain()?.collect()
        }
    };
    rows.plain()
}

pub(super) fn payload(connection: &Connection, key: MessageKey) -> Result<Option<Payload>> {
    let mut statement = connection.prepare_cached(PAYLOAD).plain()?;
    let found = statement.query_row([key.0], |row| {
        let body: Vec<u8> = row.get(7)?;
        Ok(Payload { message: read_message(row)?, body: Bytes::from(body) })
    });
    found.optional().plain()
}

pub(super) fn message(connection: &Connection, message: MessageRef<'_>) -> Result<Option<MessageRecord>> {
    let key = match message {
        MessageRef::Key(key) => Some(key),
        MessageRef::Id { tenant, id } => send::key_of(connection, value::tenant(tenant), id)?,
        MessageRef::AnyTenant { id } => send::key_of_any(connection, id)?,
    };
    let Some(key) = key else { return Ok(None) };
    let mut statement = connection.prepare_cached(MESSAGE).plain()?;
    statement.query_row([key.0], read_message).optional().plain()
}

pub(super) fn notices(connection: &Connection, after: i64, limit: usize) -> Result<Vec<Notice>> {
    let mut statement = connection.prepare_cached(NOTICES).plain()?;
    let rows = statement.query_map((after, value::rows(limit)), |row| {
        let kind = NoticeKind::parse(row.get_ref(1)?.as_str().map_err(|_| value::odd(1))?);
        Ok(Notice {
            seq: row.get(0)?,
            kind: kind.ok_or_else(|| value::odd(1))?,
            endpoint: EndpointId(row.get(2)?),
            delivery: DeliveryId(row.get(3)?),
            failures: row.get(4)?,
            created_at: row.get(5)?,
        })
    });
    rows.plain()?.collect::<rusqlite::Result<_>>().plain()
}

pub(super) fn outbox(connection: &Connection, limit: usize) -> Result<Vec<OutboxRow>> {
    let mut statement = connection.prepare_cached(OUTBOX).plain()?;
    // Others write these rows: SQLite does not look whether a text is UTF-8, and one that is not must not be in
    // the way of the others.
    let text = |row: &Row<'_>, column: usize| -> rusqlite::Result<Option<String>> {
        let bytes = row.get_ref(column)?.as_bytes_or_null()?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
    };
    let rows = statement.query_map([value::rows(limit)], |row| {
        Ok(OutboxRow {
            seq: row.get(0)?,
            event_type: text(row, 1)?.unwrap_or_default(),
            data: Bytes::copy_from_slice(row.get_ref(2)?.as_bytes()?),
            id: text(row, 3)?,
            tenant: text(row, 4)?.filter(|tenant| !tenant.is_empty()),
            timestamp: row.get(5)?,
        })
    });
    rows.plain()?.collect::<rusqlite::Result<_>>().plain()
}

pub(super) fn usage(
    connection: &Connection,
    tenant: Option<&str>,
    since: Millis,
    until: Millis,
) -> Result<Usage> {
    let read = |row: &Row<'_>| {
        let (deliveries, credits): (i64, i64) = (row.get(0)?, row.get(1)?);
        Ok(Usage { deliveries: deliveries.unsigned_abs(), credits: credits.unsigned_abs() })
    };
    match tenant {
        Some(tenant) => {
            let mut statement = connection.prepare_cached(USAGE_OF_TENANT).plain()?;
            statement.query_row((since, until, tenant), read).plain()
        }
        None => connection.prepare_cached(USAGE).plain()?.query_row((since, until), read).plain(),
    }
}

pub(super) fn stats(connection: &Connection) -> Result<Stats> {
    let mut stats = connection
        .prepare_cached(STATS)
        .plain()?
        .query_row([], |row| {
            let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
            Ok(Stats {
                active_endpoints: count(0)?,
                disabled_endpoints: count(1)?,
                outbox: count(2)?,
                rejected: count(3)?,
                notices: count(4)?,
                ..Stats::default()
            })
        })
        .plain()?;
    let mut waiting = connection.prepare_cached(WAITING).plain()?;
    let rows = waiting.query_map([], |row| {
        let (count, first): (i64, Millis) = (row.get(1)?, row.get(2)?);
        Ok((value::read_status(row, 0)?, count.unsigned_abs(), first))
    });
    for row in rows.plain()? {
        match row.plain()? {
            (Some(EndpointStatus::Active), count, first) => {
                stats.pending += count;
                stats.oldest_due = stats.oldest_due.into_iter().chain([first]).min();
            }
            (Some(EndpointStatus::Disabled(_)), count, _) => stats.held += count,
            (None, ..) => {}
        }
    }
    Ok(stats)
}

/// Whether an active endpoint wants order; `None` if it is not active.
fn order(connection: &Connection, endpoint: EndpointId) -> Result<Option<bool>> {
    let mut statement = connection.prepare_cached(ORDER).plain()?;
    statement.query_row([endpoint.0], |row| row.get(0)).optional().plain()
}

/// When the oldest pending delivery is due.
fn head(connection: &Connection, endpoint: EndpointId) -> Result<Option<Millis>> {
    let mut statement = connection.prepare_cached(SEQUENCE).plain()?;
    statement.query_row((endpoint.0, i64::MIN, 1), |row| row.get(5)).optional().plain()
}

fn read_message(row: &Row<'_>) -> rusqlite::Result<MessageRecord> {
    Ok(MessageRecord {
        key: MessageKey(row.get(0)?),
        id: row.get(1)?,
        tenant: value::read_tenant(row, 2)?,
        event_type: row.get(3)?,
        timestamp: row.get(4)?,
        created_at: row.get(5)?,
        has_body: row.get(6)?,
    })
}

// The indexes are named where a mistake would cost most: nobody's ANALYZE changes the way then.
pub(super) const NEXT_READY: &str = "SELECT endpoint, due FROM hookseal_delivery
    INDEXED BY hookseal_delivery_pending WHERE state = 0 AND endpoint > ?1 ORDER BY endpoint, due, id LIMIT 1";
pub(super) const ORDER: &str = "SELECT ordered FROM hookseal_endpoint WHERE id = ?1 AND status = 0";
pub(super) const DUE: &str = "SELECT id, message, cause, attempts, lost, due, order_key IS NOT NULL, begun_at,
    error IS 'lost' FROM hookseal_delivery
    INDEXED BY hookseal_delivery_pending WHERE state = 0 AND endpoint = ?1 AND (due, id) > (?2, ?3) AND due <= ?4 ORDER BY due, id LIMIT ?5";
pub(super) const SEQUENCE: &str = "SELECT id, message, cause, attempts, lost, due, order_key IS NOT NULL, begun_at,
    error IS 'lost' FROM hookseal_delivery
    INDEXED BY hookseal_delivery_sequence WHERE state = 0 AND ordered = 1 AND endpoint = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
pub(super) const PAYLOAD: &str = "SELECT m.key, m.id, m.tenant, m.type, m.timestamp, m.created_at, 1, b.body
    FROM hookseal_message m JOIN hookseal_body b ON b.message = m.key WHERE m.key = ?1";
pub(super) const MESSAGE: &str = "SELECT key, id, tenant, type, timestamp, created_at,
    EXISTS (SELECT 1 FROM hookseal_body WHERE message = key) FROM hookseal_message WHERE key = ?1";
pub(super) const NOTICES: &str =
    "SELECT seq, kind, endpoint, delivery, failures, created_at FROM hookseal_notice
    WHERE seq > ?1 ORDER BY seq LIMIT ?2";
pub(super) const OUTBOX: &str = "SELECT seq, type, data, id, tenant, timestamp FROM hookseal_outbox
    WHERE rejected IS NULL ORDER BY seq LIMIT ?1";
const USAGE: &str =
    "SELECT count(*), coalesce(sum(credits), 0) FROM hookseal_usage WHERE at >= ?1 AND at < ?2";
pub(super) const USAGE_OF_TENANT: &str = "SELECT count(*), coalesce(sum(credits), 0) FROM hookseal_usage
    WHERE at >= ?1 AND at < ?2 AND tenant = ?3";
const STATS: &str = "SELECT
    (SELECT count(*) FROM hookseal_endpoint WHERE status = 0),
    (SELECT count(*) FROM hookseal_endpoint WHERE status NOT IN (0, 9)),
    (SELECT count(*) FROM hookseal_outbox WHERE rejected IS NULL),
    (SELECT count(*) FROM hookseal_outbox WHERE rejected IS NOT NULL),
    (SELECT count(*) FROM hookseal_notice)";
const WAITING: &str = "SELECT e.status, w.count, w.first
    FROM (SELECT endpoint, count(*) AS count, min(due) AS first FROM hookseal_delivery WHERE state = 0
        GROUP BY endpoint) w JOIN hookseal_endpoint e ON e.id = w.endpoint";
