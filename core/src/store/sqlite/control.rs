//! What people ask for: once more, not any more, and jobs of many.

use rusqlite::Connection;

use super::cache::Tx;
use super::failure::Plain;
use super::send::NewDelivery;
use super::settle::first_attempt;
use super::value;
use crate::error::Result;
use crate::store::record::{
    DeliveryId, DeliveryState, EndpointId, EndpointStatus, Fresh, JobId, JobRecord, MessageKey, Trigger,
};
use crate::store::rules::{self, missing};
use crate::store::write::{NewJob, Written};
use crate::timestamp::Millis;

impl Tx<'_> {
    pub(super) fn retry(&mut self, id: DeliveryId, now: Millis) -> Result<Fresh> {
        let row = self.row(id)?.ok_or_else(|| missing("delivery", id))?;
        match self.seen(&row)? {
            DeliveryState::Pending => {
                if row.due < rules::IN_LINE {
                    self.run("UPDATE hookseal_delivery SET due = ?2 WHERE id = ?1", (id.0, now))?;
                }
                let (message, endpoint, trigger) = (row.message, row.endpoint, row.trigger);
                let in_line = row.order_key.is_some();
                return Ok(Fresh { id, message, endpoint, trigger, due: now, in_line });
            }
            DeliveryState::Held => return Err(rules::not_enabled()),
            _ if row.trigger == Trigger::Test => return Err(rules::no_retry_of_tests()),
            _ => {}
        }
        let Some(ordered) = self.active(row.endpoint)? else { return Err(rules::not_enabled()) };
        if !self.has_body(row.message)? {
            return Err(rules::no_body());
        }
        let parent = Some(row.parent.unwrap_or(id));
        let (message, endpoint, order_key) = (row.message, row.endpoint, row.order_key);
        let trigger = Trigger::Manual;
        self.repeat(&NewDelivery { message, endpoint, ordered, trigger, order_key, parent, now })
    }

    pub(super) fn cancel(&mut self, id: DeliveryId, now: Millis) -> Result<bool> {
        let row = self.row(id)?.ok_or_else(|| missing("delivery", id))?;
        let open = !self.seen(&row)?.is_terminal();
        if open {
            self.end(id, now)?;
            self.advance(row.endpoint, row.order_key.as_deref(), now)?;
        }
        Ok(open)
    }

    pub(super) fn expunge(&mut self, key: MessageKey, now: Millis) -> Result<bool> {
        let deliveries = deliveries_of(self.connection, key)?.ok_or_else(|| missing("message", key))?;
        // What is deleted is overwritten with zeros, as far as this file goes.
        self.connection.pragma_update(None, "secure_delete", "on").plain()?;
        let there = self.run("DELETE FROM hookseal_body WHERE message = ?1", [key.0])? > 0;
        for id in deliveries {
            self.cancel(id, now)?;
            let first = first_attempt(id);
            self.run(FORGET_RESPONSES, (first, first_attempt(DeliveryId(id.0 + 1))))?;
        }
        self.connection.pragma_update(None, "secure_delete", "off").plain()?;
        Ok(there)
    }

    pub(super) fn create_job(&mut self, new: &NewJob) -> Result<Written> {
        let tenant = value::tenant(new.tenant.as_deref());
        let endpoint = new.endpoint.map(|endpoint| endpoint.0);
        let events = new.events.to_text();
        self.run(INSERT_JOB, (new.since, new.now, endpoint, tenant, events))?;
        let id = JobId(self.connection.last_insert_rowid());
        let mut job = self.job(id)?;
        job.total = self.failed(&job, usize::MAX)?.iter().filter(|failed| failed.covered).count() as u64;
        self.run("UPDATE hookseal_job SET total = ?2 WHERE id = ?1", (id.0, job.total.cast_signed()))?;
        Ok(Written::Job { job: Box::new(job), deliveries: Vec::new() })
    }

    pub(super) fn step_job(&mut self, id: JobId, limit: usize, now: Millis) -> Result<Written> {
        let mut job = self.job(id)?;
        let mut deliveries = Vec::new();
        if !job.done {
            let failed = self.failed(&job, limit)?;
            job.done = failed.len() < limit;
            for failed in failed {
                job.cursor = failed.place;
                if !failed.covered {
                    continue;
                }
                match self.active(failed.endpoint)? {
                    Some(ordered) if !failed.dealt_with && self.has_body(failed.message)? => {
                        job.retried += 1;
                        let (trigger, parent) = (Trigger::Manual, Some(failed.place.1));
                        let FailedDelivery { message, endpoint, order_key, .. } = failed;
                        let again =
                            NewDelivery { message, endpoint, ordered, trigger, order_key, parent, now };
                        deliveries.push(self.repeat(&again)?);
                    }
                    _ => job.skipped += 1,
                }
            }
            let (at, after) = job.cursor;
            let counts = (job.retried.cast_signed(), job.skipped.cast_signed());
            self.run(STEP_JOB, (id.0, at, after.0, counts.0, counts.1, job.done))?;
        }
        Ok(Written::Job { job: Box::new(job), deliveries })
    }

    pub(super) fn reject_outbox(&self, seq: i64, reason: &str) -> Result<bool> {
        let waits = self.first(OUTBOX_ROW, [seq], |row| row.get::<_, bool>(0))?;
        let waits = waits.ok_or_else(|| missing("outbox row", seq))?;
        self.run("UPDATE hookseal_outbox SET rejected = ?2 WHERE seq = ?1", (seq, reason))?;
        Ok(waits)
    }

    pub(super) fn ack_notices(&self, upto: i64) -> Result<bool> {
        Ok(self.run("DELETE FROM hookseal_notice WHERE seq <= ?1", [upto])? > 0)
    }

    /// Cancels a delivery that is stored as pending.
    pub(super) fn end(&self, id: DeliveryId, now: Millis) -> Result<()> {
        let end = "UPDATE hookseal_delivery SET state = 3, done_at = ?2 WHERE id = ?1";
        self.run(end, (id.0, now)).map(drop)
    }

    fn repeat(&mut self, delivery: &NewDelivery) -> Result<Fresh> {
        let (_, id) = self.next_names()?;
        self.use_names(0, 1)?;
        self.deliver(id, delivery)
    }

    /// Whether an active endpoint wants order; `None` if it is not active.
    fn active(&mut self, id: EndpointId) -> Result<Option<bool>> {
        let hot = self.hot(id)?;
        Ok(hot.filter(|hot| hot.status == Some(EndpointStatus::Active)).map(|hot| hot.ordered))
    }

    fn has_body(&self, key: MessageKey) -> Result<bool> {
        let body = "SELECT 1 FROM hookseal_body WHERE message = ?1";
        Ok(self.first(body, [key.0], |_| Ok(()))?.is_some())
    }

    fn job(&self, id: JobId) -> Result<JobRecord> {
        job(self.connection, id)?.ok_or_else(|| missing("job", id))
    }

    /// Deliveries of events that failed in the job's time and behind its cursor, in the order of their end.
    fn failed(&self, job: &JobRecord, limit: usize) -> Result<Vec<FailedDelivery>> {
        let (at, after) = job.cursor;
        self.all(FAILED, (at, after.0, job.created_at, value::rows(limit)), |row| {
            let endpoint = EndpointId(row.get(2)?);
            let tenant = value::read_tenant(row, 5)?;
            let event_type = row.get_ref(6)?.as_str().map_err(|_| value::odd(6))?;
            Ok(FailedDelivery {
                place: (row.get(0)?, DeliveryId(row.get(1)?)),
                endpoint,
                message: MessageKey(row.get(3)?),
                dealt_with: row.get(4)?,
                order_key: row.get(7)?,
                covered: job.endpoint.is_none_or(|only| only == endpoint)
                    && job.tenant.as_ref().is_none_or(|only| tenant.as_ref() == Some(only))
                    && job.events.matches(event_type),
            })
        })
    }
}

struct FailedDelivery {
    place: (Millis, DeliveryId),
    endpoint: EndpointId,
    message: MessageKey,
    order_key: Option<String>,
    /// Whether a repetition succeeded or waits.
    dealt_with: bool,
    /// Whether the job is about it.
    covered: bool,
}

/// All deliveries of a message, oldest first; `None` if there is no such message.
pub(super) fn deliveries_of(connection: &Connection, key: MessageKey) -> Result<Option<Vec<DeliveryId>>> {
    let mut there = connection.prepare_cached("SELECT 1 FROM hookseal_message WHERE key = ?1").plain()?;
    if !there.exists([key.0]).plain()? {
        return Ok(None);
    }
    let mut statement = connection.prepare_cached(DELIVERIES_OF).plain()?;
    let rows = statement.query_map([key.0], |row| row.get(0).map(DeliveryId)).plain()?;
    Ok(Some(rows.collect::<rusqlite::Result<_>>().plain()?))
}

pub(super) fn job(connection: &Connection, id: JobId) -> Result<Option<JobRecord>> {
    let mut jobs = jobs(connection, "WHERE id = ?1", [id.0])?;
    Ok(jobs.pop())
}

pub(super) fn open_jobs(connection: &Connection) -> Result<Vec<JobRecord>> {
    jobs(connection, "WHERE done = 0 ORDER BY id", [])
}

fn jobs(connection: &Connection, which: &str, values: impl rusqlite::Params) -> Result<Vec<JobRecord>> {
    let mut statement = connection.prepare_cached(&format!("{JOBS} {which}")).plain()?;
    let rows = statement.query_map(values, |row| {
        Ok(JobRecord {
            id: JobId(row.get(0)?),
            since: row.get(1)?,
            created_at: row.get(2)?,
            endpoint: row.get::<_, Option<i64>>(3)?.map(EndpointId),
            tenant: value::read_tenant(row, 4)?,
            events: value::read_filter(row, 5)?,
            cursor: (row.get(6)?, DeliveryId(row.get(7)?)),
            total: row.get::<_, i64>(8)?.unsigned_abs(),
            retried: row.get::<_, i64>(9)?.unsigned_abs(),
            skipped: row.get::<_, i64>(10)?.unsigned_abs(),
            done: row.get(11)?,
        })
    });
    rows.plain()?.collect::<rusqlite::Result<_>>().plain()
}

const OUTBOX_ROW: &str = "SELECT rejected IS NULL FROM hookseal_outbox WHERE seq = ?1";
const FORGET_RESPONSES: &str = "UPDATE hookseal_attempt SET response_body = x'' WHERE id > ?1 AND id < ?2";
const INSERT_JOB: &str =
    "INSERT INTO hookseal_job (since, created_at, endpoint, tenant, events, cursor_at, cursor_id,
    total, retried, skipped, done) VALUES (?1, ?2, ?3, ?4, ?5, ?1, 0, 0, 0, 0, 0)";
const STEP_JOB: &str =
    "UPDATE hookseal_job SET cursor_at = ?2, cursor_id = ?3, retried = ?4, skipped = ?5, done = ?6
    WHERE id = ?1";
const JOBS: &str =
    "SELECT id, since, created_at, endpoint, tenant, events, cursor_at, cursor_id, total, retried,
    skipped, done FROM hookseal_job";
/// The message's own deliveries lie side by side; those made later by hand have an index.
pub(super) const DELIVERIES_OF: &str = "SELECT d.id FROM hookseal_message m JOIN hookseal_delivery d
        ON d.id BETWEEN m.first AND m.first + m.count - 1 WHERE m.key = ?1
    UNION SELECT id FROM hookseal_delivery WHERE message = ?1 AND cause <> 0 ORDER BY 1";
pub(super) const FAILED: &str = "SELECT d.done_at, d.id, d.endpoint, d.message,
        d.recovered OR EXISTS (SELECT 1 FROM hookseal_delivery r WHERE r.id = d.retry AND r.state = 0),
        m.tenant, m.type, d.order_key
    FROM hookseal_delivery d JOIN hookseal_message m ON m.key = d.message
    WHERE d.state = 2 AND d.cause = 0 AND (d.done_at, d.id) > (?1, ?2) AND d.done_at <= ?3
    ORDER BY d.done_at, d.id LIMIT ?4";
