//! What the dispatcher reads: little, often, and never by looking through rows that it does not want.

use bytes::Bytes;
use tokio_postgres::Row;

use super::link::Link;
use super::value::{self, get, get_u32, get_u64};
use crate::error::Result;
use crate::store::query::{MessageRef, Stats, Usage, Window};
use crate::store::record::{
    DeliveryId, Due, EndpointId, EndpointStatus, MessageKey, MessageRecord, Notice, NoticeKind, OutboxRow,
    Payload, Ready,
};
use crate::store::rules;
use crate::timestamp::Millis;

pub(super) fn ready(link: &Link, after: Option<EndpointId>, limit: usize) -> Result<Vec<Ready>> {
    let after = after.map_or(i64::MIN, |after| after.0);
    let rows = link.query(READY, &[&after, &value::rows(limit)])?;
    rows.iter().map(|row| Ok(Ready { endpoint: EndpointId(get(row, 0)?), due: get(row, 1)? })).collect()
}

pub(super) fn due(link: &Link, endpoint: EndpointId, window: Window, limit: usize) -> Result<Vec<Due>> {
    let (rows, until) = match window {
        Window::Due { after, until } => {
            let (at, id) = after.unwrap_or((Millis::MIN, DeliveryId(i64::MIN)));
            let rows = link.query(DUE, &[&endpoint.0, &at, &id.0, &value::rows(limit)])?;
            (rows, until.min(rules::IN_LINE - 1))
        }
        Window::Sequence { after } => {
            let after = after.map_or(i64::MIN, |after| after.0);
            (link.query(SEQUENCE, &[&endpoint.0, &after, &value::rows(limit)])?, Millis::MAX)
        }
    };
    let read = |row: &Row| {
        Ok(Due {
            id: DeliveryId(get(row, 0)?),
            message: MessageKey(get(row, 1)?),
            trigger: value::get_trigger(row, 2)?,
            attempts: get_u32(row, 3)?,
            lost: get_u32(row, 4)?,
            due: get(row, 5)?,
            in_line: get(row, 6)?,
            begun_at: get(row, 7)?,
            was_lost: get(row, 8)?,
        })
    };
    let due = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    Ok(due.into_iter().take_while(|due| due.due <= until).collect())
}

pub(super) fn next_due(link: &Link) -> Result<Option<Millis>> {
    link.query(NEXT_DUE, &[])?.first().map_or(Ok(None), |row| get(row, 0))
}

pub(super) fn payloads(link: &Link, keys: &[MessageKey]) -> Result<Vec<Option<Payload>>> {
    let mut payloads = vec![None; keys.len()];
    // Those without a delivery that waits lie in a day that nothing tells, so all are looked into.
    for sql in [PAYLOADS, PAYLOADS_ANYWHERE] {
        let missing = |(key, found): (&MessageKey, &Option<Payload>)| found.is_none().then_some(key.0);
        let left: Vec<Option<i64>> = keys.iter().zip(&payloads).map(missing).collect();
        if left.iter().all(Option::is_none) {
            break;
        }
        for row in link.query(sql, &[&left])? {
            let place = usize::try_from(get::<i64>(&row, 8)? - 1).unwrap_or(usize::MAX);
            let body: Vec<u8> = get(&row, 7)?;
            if let Some(payload) = payloads.get_mut(place) {
                *payload = Some(Payload { message: read_message(&row)?, body: Bytes::from(body) });
            }
        }
    }
    Ok(payloads)
}

pub(super) fn message(link: &Link, message: MessageRef<'_>) -> Result<Option<MessageRecord>> {
    let rows = match message {
        MessageRef::Key(key) => link.query(MESSAGE, &[&key.0])?,
        MessageRef::Id { tenant, id } => {
            let tenant = value::tenant(tenant);
            if id.contains('\0') || tenant.contains('\0') {
                return Ok(None);
            }
            link.query(MESSAGE_OF_ID, &[&id, &tenant])?
        }
        MessageRef::AnyTenant { id } if id.contains('\0') => return Ok(None),
        MessageRef::AnyTenant { id } => link.query(MESSAGE_OF_ANY, &[&id])?,
    };
    rows.first().map(read_message).transpose()
}

pub(super) fn notices(link: &Link, after: i64, limit: usize) -> Result<Vec<Notice>> {
    let read = |row: &Row| {
        Ok(Notice {
            seq: get(row, 0)?,
            kind: NoticeKind::parse(get(row, 1)?).ok_or_else(|| super::failure::odd(1))?,
            endpoint: EndpointId(get(row, 2)?),
            delivery: DeliveryId(get(row, 3)?),
            failures: get_u32(row, 4)?,
            created_at: get(row, 5)?,
        })
    };
    link.query(NOTICES, &[&after, &value::rows(limit)])?.iter().map(read).collect()
}

pub(super) fn outbox(link: &Link, limit: usize) -> Result<Vec<OutboxRow>> {
    let read = |row: &Row| {
        let data: &str = get(row, 2)?;
        Ok(OutboxRow {
            seq: get(row, 0)?,
            event_type: get(row, 1)?,
            data: Bytes::copy_from_slice(data.as_bytes()),
            id: get(row, 3)?,
            tenant: get::<Option<String>>(row, 4)?.filter(|tenant| !tenant.is_empty()),
            timestamp: get(row, 5)?,
        })
    };
    link.query(OUTBOX, &[&value::rows(limit)])?.iter().map(read).collect()
}

pub(super) fn usage(link: &Link, tenant: Option<&str>, since: Millis, until: Millis) -> Result<Usage> {
    let rows = match tenant {
        Some(tenant) if tenant.contains('\0') => return Ok(Usage::default()),
        Some(tenant) => link.query(USAGE_OF_TENANT, &[&since, &until, &tenant])?,
        None => link.query(USAGE, &[&since, &until])?,
    };
    rows.first().map_or(Ok(Usage::default()), |row| {
        Ok(Usage { deliveries: get_u64(row, 0)?, credits: get_u64(row, 1)? })
    })
}

pub(super) fn stats(link: &Link) -> Result<Stats> {
    let mut stats = Stats::default();
    for row in link.query(STATS, &[])? {
        stats = Stats {
            active_endpoints: get_u64(&row, 0)?,
            disabled_endpoints: get_u64(&row, 1)?,
            outbox: get_u64(&row, 2)?,
            rejected: get_u64(&row, 3)?,
            notices: get_u64(&row, 4)?,
            ..stats
        };
    }
    for row in link.query(WAITING, &[])? {
        let (count, first): (u64, Millis) = (get_u64(&row, 1)?, get(&row, 2)?);
        match value::get_status(&row, 0)? {
            Some(EndpointStatus::Active) => {
                stats.pending += count;
                stats.oldest_due = stats.oldest_due.into_iter().chain([first]).min();
            }
            Some(EndpointStatus::Disabled(_)) => stats.held += count,
            None => {}
        }
    }
    Ok(stats)
}

fn read_message(row: &Row) -> Result<MessageRecord> {
    Ok(MessageRecord {
        key: MessageKey(get(row, 0)?),
        id: get(row, 1)?,
        tenant: value::get_tenant(row, 2)?,
        event_type: get(row, 3)?,
        timestamp: get(row, 4)?,
        created_at: get(row, 5)?,
        has_body: get(row, 6)?,
    })
}

/// Jumps from endpoint to endpoint along the index of what is due, and stops when there are enough.
pub(super) const READY: &str = "WITH RECURSIVE e (endpoint, due) AS (
        (SELECT endpoint, due FROM delivery WHERE endpoint > $1 ORDER BY endpoint, due, seq LIMIT 1)
        UNION ALL SELECT n.endpoint, n.due FROM e CROSS JOIN LATERAL
            (SELECT endpoint, due FROM delivery WHERE endpoint > e.endpoint ORDER BY endpoint, due, seq LIMIT 1) n
    )
    SELECT e.endpoint, CASE WHEN s.ordered
        THEN (SELECT d.due FROM delivery d WHERE d.endpoint >= e.endpoint ORDER BY d.endpoint, d.seq LIMIT 1) ELSE e.due END
    FROM e CROSS JOIN LATERAL (SELECT status, ordered FROM endpoint s WHERE s.id = e.endpoint OFFSET 0) s
    WHERE s.status = 0 LIMIT $2";
pub(super) const NEXT_DUE: &str = "WITH RECURSIVE e (endpoint, due) AS (
        (SELECT endpoint, due FROM delivery ORDER BY endpoint, due, seq LIMIT 1)
        UNION ALL SELECT n.endpoint, n.due FROM e CROSS JOIN LATERAL
            (SELECT endpoint, due FROM delivery WHERE endpoint > e.endpoint ORDER BY endpoint, due, seq LIMIT 1) n
    )
    SELECT min(CASE WHEN s.ordered
        THEN (SELECT d.due FROM delivery d WHERE d.endpoint >= e.endpoint ORDER BY d.endpoint, d.seq LIMIT 1) ELSE e.due END)
    FROM e CROSS JOIN LATERAL (SELECT status, ordered FROM endpoint s WHERE s.id = e.endpoint OFFSET 0) s
    WHERE s.status = 0";
// Places in an index are compared as a whole, and rows are asked for in its order: were the endpoint just equal to one,
// the index of another order would seem to do while the table is small. Such a comparison says where a scan begins, but
// only its first column where it ends; so a time to end at is looked at here.
pub(super) const DUE: &str =
    "SELECT id, message, cause, attempts, lost, due, order_key IS NOT NULL, begun_at,
    error IS NOT DISTINCT FROM 'lost' FROM delivery
    WHERE (endpoint, due, seq) > ($1, $2, $3) AND endpoint <= $1
        AND EXISTS (SELECT FROM endpoint WHERE id = $1 AND status = 0)
    ORDER BY endpoint, due, seq LIMIT $4";
pub(super) const SEQUENCE: &str =
    "SELECT id, message, cause, attempts, lost, due, order_key IS NOT NULL, begun_at,
    error IS NOT DISTINCT FROM 'lost' FROM delivery
    WHERE (endpoint, seq) > ($1, $2) AND endpoint <= $1
        AND EXISTS (SELECT FROM endpoint WHERE id = $1 AND status = 0 AND ordered)
    ORDER BY endpoint, seq LIMIT $3";
/// A delivery that waits says in which day its message lies.
pub(super) const PAYLOADS: &str = "SELECT m.key, m.id, m.tenant, m.type, m.timestamp, m.created_at, true, b.body, u.place
    FROM unnest($1::bigint[]) WITH ORDINALITY u (key, place)
    CROSS JOIN LATERAL (SELECT message_at AS at FROM delivery WHERE message = u.key LIMIT 1) d
    CROSS JOIN LATERAL (SELECT * FROM message m WHERE m.key = u.key AND m.created_at = d.at OFFSET 0) m
    CROSS JOIN LATERAL (SELECT b.body FROM body b WHERE b.message = u.key AND b.created_at = d.at OFFSET 0) b";
const PAYLOADS_ANYWHERE: &str =
    "SELECT m.key, m.id, m.tenant, m.type, m.timestamp, m.created_at, true, b.body, u.place
    FROM unnest($1::bigint[]) WITH ORDINALITY u (key, place)
    CROSS JOIN LATERAL (SELECT * FROM message m WHERE m.key = u.key OFFSET 0) m
    CROSS JOIN LATERAL (SELECT b.body FROM body b WHERE b.message = u.key AND b.created_at = m.created_at OFFSET 0) b";
pub(super) const MESSAGE: &str = "SELECT key, id, tenant, type, timestamp, created_at,
    EXISTS (SELECT FROM body WHERE message = m.key AND body.created_at = m.created_at) FROM message m WHERE key = $1";
pub(super) const MESSAGE_OF_ID: &str = "SELECT m.key, m.id, m.tenant, m.type, m.timestamp, m.created_at,
        EXISTS (SELECT FROM body b WHERE b.message = m.key AND b.created_at = m.created_at)
    FROM message_id i
    CROSS JOIN LATERAL (SELECT * FROM message m WHERE m.key = i.message AND m.created_at = i.created_at OFFSET 0) m
    WHERE i.id = $1 AND i.tenant = $2";
pub(super) const MESSAGE_OF_ANY: &str = "SELECT m.key, m.id, m.tenant, m.type, m.timestamp, m.created_at,
        EXISTS (SELECT FROM body b WHERE b.message = m.key AND b.created_at = m.created_at)
    FROM (SELECT * FROM message_id k WHERE k.id = $1 ORDER BY k.message DESC LIMIT 1) i
    CROSS JOIN LATERAL (SELECT * FROM message m WHERE m.key = i.message AND m.created_at = i.created_at OFFSET 0) m";
const NOTICES: &str = "SELECT seq, kind, endpoint, delivery, failures, created_at FROM notice
    WHERE seq > $1 ORDER BY seq LIMIT $2";
const OUTBOX: &str = "SELECT seq, type, data::text, id, tenant, timestamp FROM outbox
    WHERE rejected IS NULL ORDER BY seq LIMIT $1";
const USAGE: &str =
    "SELECT count(*), coalesce(sum(credits), 0)::bigint FROM usage WHERE at >= $1 AND at < $2";
const USAGE_OF_TENANT: &str = "SELECT count(*), coalesce(sum(credits), 0)::bigint FROM usage
    WHERE at >= $1 AND at < $2 AND tenant = $3";
const STATS: &str = "SELECT
    (SELECT count(*) FROM endpoint WHERE status = 0),
    (SELECT count(*) FROM endpoint WHERE status NOT IN (0, 9)),
    (SELECT count(*) FROM outbox WHERE rejected IS NULL),
    (SELECT count(*) FROM outbox WHERE rejected IS NOT NULL),
    (SELECT count(*) FROM notice)";
const WAITING: &str = "SELECT e.status, w.count, w.first
    FROM (SELECT endpoint, count(*) AS count, min(due) AS first FROM delivery GROUP BY endpoint) w
    JOIN endpoint e ON e.id = w.endpoint";
