//! Housekeeping in small steps. Days that are over are dropped as a whole, which costs the same however much was in
//! them; only what lies in the net under them is deleted row by row. So things go when the day in which they ended is
//! old enough.

use tokio_postgres::Row;

use super::control::{END, END_ATTEMPTS};
use super::link::{Link, Step};
use super::value::{self, get, get_u64};
use crate::error::Result;
use crate::store::write::{Sweep, SweepCursor, Swept};
use crate::timestamp::Millis;

pub(super) fn sweep(link: &Link, sweep: &Sweep) -> Result<Swept> {
    let mut swept = Swept::default();
    let mut at = sweep.from.unwrap_or(SweepCursor { stage: 0, after: 0 });
    if sweep.from.is_none() {
        cut(link, sweep.now)?;
    }
    let mut room = sweep.limit.max(1);
    while at.stage < STAGES {
        let (looked_at, last) = step(link, sweep, at, room, &mut swept)?;
        room = room.saturating_sub(looked_at);
        at = match last {
            Some(after) => SweepCursor { after, ..at },
            None => SweepCursor { stage: at.stage + 1, after: 0 },
        };
        if room == 0 && at.stage < STAGES {
            swept.next = Some(at);
            break;
        }
    }
    Ok(swept)
}

/// Gives the tables their next days.
fn cut(link: &Link, now: Millis) -> Result<()> {
    let today = now.div_euclid(DAY);
    for day in today..=today + DAYS_AHEAD {
        link.query("SELECT cut_day($1)", &[&day])?;
    }
    Ok(())
}

/// How many rows were looked at, and where to go on; `None` if the stage is at its end.
type Looked = (usize, Option<i64>);

fn step(link: &Link, sweep: &Sweep, at: SweepCursor, room: usize, swept: &mut Swept) -> Result<Looked> {
    let Sweep { retention, now, .. } = *sweep;
    let deliveries = now - retention.deliveries;
    match at.stage {
        0 => cancel_stale(link, sweep, at.after, room, swept),
        // With a delivery its attempts go too.
        1 => {
            let before = deliveries.max(now - retention.attempts);
            let old = Old { drop: "SELECT drop_day('attempt', $1)", rest: REST_OF_ATTEMPTS, before };
            days(link, &old, room, &mut swept.attempts)
        }
        2 => {
            let before = now - retention.bodies;
            let delete = |keys: &[i64]| link.query(DELETE_BODIES, &[&keys, &before]);
            let old = Old { drop: "SELECT drop_bodies($1)", rest: BODIES, before };
            survivors(link, &old, delete, at.after, room, &mut swept.bodies)
        }
        3 => {
            let old =
                Old { drop: "SELECT drop_day('history', $1)", rest: REST_OF_HISTORY, before: deliveries };
            days(link, &old, room, &mut swept.deliveries)
        }
        4 => free(link, now - retention.ids, at.after, room, &mut swept.messages),
        5 => {
            let delete = |keys: &[i64]| link.query(DELETE_MESSAGES, &[&keys]);
            let old = Old { drop: "SELECT drop_messages($1)", rest: MESSAGES, before: now - retention.ids };
            survivors(link, &old, delete, at.after, room, &mut swept.messages)
        }
        _ => {
            let before = now - retention.usage;
            let old = Old { drop: "SELECT drop_day('usage', $1)", rest: REST_OF_USAGE, before };
            days(link, &old, room, &mut swept.usage)
        }
    }
}

/// What is too old in one table.
struct Old<'o> {
    /// Drops a day.
    drop: &'o str,
    /// Finds, or deletes, what lies in the net.
    rest: &'o str,
    before: Millis,
}

/// Writes down what is canceled already because its endpoint was deleted, and cancels what was held too long.
/// The place is the endpoint before the one that is worked on.
fn cancel_stale(link: &Link, sweep: &Sweep, after: i64, room: usize, swept: &mut Swept) -> Result<Looked> {
    let held_since = sweep.now - sweep.retention.held;
    let stale = link.query(STALE, &[&after, &held_since])?;
    let Some(row) = stale.first() else { return Ok((0, None)) };
    let (endpoint, deleted_at): (i64, Option<Millis>) = (get(row, 0)?, get(row, 1)?);
    let done_at = deleted_at.unwrap_or(sweep.now);
    let canceled = transaction(link, || {
        let page = link.query(PAGE_OF_ENDPOINT, &[&endpoint, &held_since, &value::rows(room)])?;
        let ids: Vec<i64> = page.iter().map(|row| get(row, 0)).collect::<Result<_>>()?;
        link.run(&[Step::new(END, &[&ids, &done_at]), Step::new(END_ATTEMPTS, &[&ids, &done_at])])?;
        Ok(ids.len())
    })?;
    swept.canceled += canceled as u64;
    let finished = canceled < room;
    Ok((canceled.max(1).min(room), Some(if finished { endpoint } else { after })))
}

/// Deletes messages of days that are over, with their ids, while their days are still there: dropping these is then
/// short, which it must be, because nobody sends meanwhile. The place is the last message that was looked at.
fn free(link: &Link, before: Millis, after: i64, room: usize, swept: &mut u64) -> Result<Looked> {
    let end = (before + 1).div_euclid(DAY) * DAY;
    let (keys, deleted) = transaction(link, || {
        let page = link.query(OLD_MESSAGES, &[&after, &end, &value::rows(room)])?;
        let keys: Vec<i64> = page.iter().map(|row| get(row, 0)).collect::<Result<_>>()?;
        let deleted = if keys.is_empty() { 0 } else { link.query(FREE_MESSAGES, &[&keys, &end])?.len() };
        Ok((keys, deleted))
    })?;
    *swept += deleted as u64;
    Ok((keys.len(), keys.last().copied().filter(|_| keys.len() == room)))
}

/// Drops one day, or deletes some of what lies in the net.
fn days(link: &Link, old: &Old<'_>, room: usize, swept: &mut u64) -> Result<Looked> {
    if let Some(rows) = drop_one(link, old)? {
        *swept += rows;
        return Ok((room, Some(0)));
    }
    let deleted = link.query(old.rest, &[&old.before, &value::rows(room)])?.len();
    *swept += deleted as u64;
    Ok((deleted, (deleted == room).then_some(0)))
}

/// As `days`, where some of what is old is still needed and stays in the net. The place is the last message that was
/// looked at there.
fn survivors(
    link: &Link,
    old: &Old<'_>,
    delete: impl FnOnce(&[i64]) -> Result<Vec<Row>>,
    after: i64,
    room: usize,
    swept: &mut u64,
) -> Result<Looked> {
    if let Some(rows) = drop_one(link, old)? {
        *swept += rows;
        return Ok((room, Some(0)));
    }
    let (keys, deleted) = transaction(link, || {
        // Locked first, so that nobody begins to need them while it is found out who does.
        let page = link.query(old.rest, &[&after, &old.before, &value::rows(room)])?;
        let keys: Vec<i64> = page.iter().map(|row| get(row, 0)).collect::<Result<_>>()?;
        let deleted = if keys.is_empty() { 0 } else { delete(&keys)?.len() };
        Ok((keys, deleted))
    })?;
    *swept += deleted as u64;
    Ok((keys.len(), keys.last().copied().filter(|_| keys.len() == room)))
}

fn drop_one(link: &Link, old: &Old<'_>) -> Result<Option<u64>> {
    let rows = link.query(old.drop, &[&old.before])?;
    let Some(row) = rows.first() else { return Ok(None) };
    let dropped: Option<i64> = get(row, 0)?;
    dropped.map(|_| get_u64(row, 0)).transpose()
}

fn transaction<T>(link: &Link, work: impl FnOnce() -> Result<T>) -> Result<T> {
    link.batch("BEGIN")?;
    let result = work().and_then(|done| link.batch("COMMIT").map(|()| done));
    if result.is_err() && !link.is_broken() {
        link.batch("ROLLBACK")?;
    }
    result
}

const STAGES: u8 = 7;
const DAY: Millis = 24 * 60 * 60 * 1000;
const DAYS_AHEAD: i64 = 2;
pub(super) const STALE: &str = "SELECT e.id, e.deleted_at FROM endpoint e
    WHERE e.id > $1 AND e.status <> 0 AND (e.deleted_at IS NOT NULL OR e.disabled_at <= $2)
        AND EXISTS (SELECT FROM delivery d WHERE d.endpoint = e.id OFFSET 0)
    ORDER BY e.id LIMIT 1";
/// None if the endpoint was enabled meanwhile.
pub(super) const PAGE_OF_ENDPOINT: &str = "SELECT id FROM delivery d WHERE d.endpoint >= $1 AND d.endpoint <= $1
        AND EXISTS (SELECT FROM endpoint WHERE id = $1 AND (deleted_at IS NOT NULL OR (status <> 0 AND disabled_at <= $2)))
    ORDER BY d.endpoint, d.seq LIMIT $3 FOR UPDATE OF d SKIP LOCKED";
const REST_OF_ATTEMPTS: &str = "DELETE FROM attempt_rest WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM attempt_rest WHERE done_at <= $1 ORDER BY done_at LIMIT $2)) RETURNING 1";
const REST_OF_HISTORY: &str = "DELETE FROM history_rest WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM history_rest WHERE done_at <= $1 ORDER BY done_at LIMIT $2)) RETURNING 1";
const REST_OF_USAGE: &str = "DELETE FROM usage_rest WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM usage_rest WHERE at <= $1 ORDER BY at LIMIT $2)) RETURNING 1";
const BODIES: &str = "SELECT message FROM body_rest WHERE message > $1 AND created_at <= $2
    ORDER BY message LIMIT $3 FOR UPDATE";
/// Each row asks along an index, which `OFFSET` keeps the planner from making a join of.
pub(super) const DELETE_BODIES: &str = "DELETE FROM body_rest b WHERE b.message = ANY($1)
    AND NOT EXISTS (SELECT FROM delivery d WHERE d.message = b.message OFFSET 0)
    AND NOT EXISTS (SELECT FROM history h WHERE h.message = b.message AND h.done_at > $2 OFFSET 0) RETURNING 1";
/// In days, and in the net under them.
pub(super) const OLD_MESSAGES: &str = "SELECT key FROM message WHERE key > $1 AND created_at < $2
    ORDER BY key LIMIT $3 FOR UPDATE";
/// Only what nobody needs.
pub(super) const FREE_MESSAGES: &str =
    "WITH gone AS MATERIALIZED (DELETE FROM message m WHERE m.key = ANY($1) AND m.created_at < $2
        AND NOT EXISTS (SELECT FROM body b WHERE b.message = m.key AND b.created_at = m.created_at OFFSET 0)
        AND NOT EXISTS (SELECT FROM delivery d WHERE d.message = m.key OFFSET 0)
        AND NOT EXISTS (SELECT FROM history h WHERE h.message = m.key OFFSET 0)
        RETURNING m.key, m.id, m.tenant),
    freed AS (DELETE FROM message_id WHERE ctid = ANY(ARRAY(SELECT i.ctid FROM gone CROSS JOIN LATERAL
        (SELECT i.ctid FROM message_id i WHERE i.id = gone.id AND i.tenant = gone.tenant AND i.message = gone.key
            OFFSET 0) i)))
    SELECT 1 FROM gone";
const MESSAGES: &str = "SELECT key FROM message_rest WHERE key > $1 AND created_at <= $2
    ORDER BY key LIMIT $3 FOR UPDATE";
pub(super) const DELETE_MESSAGES: &str =
    "WITH gone AS MATERIALIZED (DELETE FROM message_rest m WHERE m.key = ANY($1)
        AND NOT EXISTS (SELECT FROM body b WHERE b.message = m.key AND b.created_at = m.created_at OFFSET 0)
        AND NOT EXISTS (SELECT FROM delivery d WHERE d.message = m.key OFFSET 0)
        AND NOT EXISTS (SELECT FROM history h WHERE h.message = m.key OFFSET 0)
        RETURNING m.key, m.id, m.tenant),
    freed AS (DELETE FROM message_id WHERE ctid = ANY(ARRAY(SELECT i.ctid FROM gone CROSS JOIN LATERAL
        (SELECT i.ctid FROM message_id i WHERE i.id = gone.id AND i.tenant = gone.tenant AND i.message = gone.key
            OFFSET 0) i)))
    SELECT 1 FROM gone";
