//! What people ask for: once more, not any more, and jobs of many.

use tokio_postgres::Row as SqlRow;

use super::bulk::{DELIVERY_IDS, sorted};
use super::link::{Link, Step};
use super::outcome::ADVANCE;
use super::send::TURNSTILES;
use super::settle::{ENDED, HEALTH, LOCK, Row};
use super::tx::Tx;
use super::value::{self, get, get_u64};
use crate::error::Result;
use crate::store::record::{
    DeliveryId, DeliveryState, EndpointId, EndpointStatus, Fresh, JobId, JobRecord, MessageKey, Trigger,
};
use crate::store::rules::{self, missing};
use crate::store::write::{NewJob, Write, Written};
use crate::timestamp::Millis;

impl Tx<'_> {
    /// Applies a write of which there is not much.
    pub(super) fn control(&mut self, write: &Write) -> Result<Written> {
        match write {
            Write::CreateEndpoint { spec, secrets, now } => self.create_endpoint(spec, secrets, *now),
            Write::UpdateEndpoint { id, version, spec, now } => {
                self.update_endpoint(*id, *version, spec, *now)
            }
            Write::SetStatus { id, status, now } => self.set_status(*id, *status, *now),
            Write::DeleteEndpoint { id, now } => self.delete_endpoint(*id, *now),
            Write::PutSecrets { id, secrets, now } => self.put_secrets(*id, secrets, *now),
            Write::Retry { delivery, now } => self.retry(*delivery, *now).map(Written::Retried),
            Write::CreateJob(job) => self.create_job(job),
            Write::StepJob { job, limit, now } => self.step_job(*job, *limit, *now),
            Write::Cancel { delivery, now } => self.cancel(*delivery, *now).map(Written::Changed),
            Write::Expunge { message, now } => self.expunge(*message, *now).map(Written::Changed),
            Write::AckNotices { upto } => {
                let deleted = self.execute("DELETE FROM notice WHERE seq <= $1", &[upto])?;
                Ok(Written::Changed(deleted > 0))
            }
            Write::RejectOutbox { seq, reason } => self.reject_outbox(*seq, reason).map(Written::Changed),
            Write::Send(_)
            | Write::Begin { .. }
            | Write::Settle(_)
            | Write::Lost { .. }
            | Write::Sweep(_) => Ok(Written::Changed(false)),
        }
    }

    fn retry(&mut self, id: DeliveryId, now: Millis) -> Result<Fresh> {
        let row = self.row(id)?.ok_or_else(|| missing("delivery", id))?;
        match self.seen(&row)? {
            DeliveryState::Pending => {
                if row.due < rules::IN_LINE {
                    self.execute("UPDATE delivery SET due = $2 WHERE id = $1", &[&id.0, &now])?;
                }
                self.news.due.insert(row.endpoint);
                let (message, endpoint, trigger) = (MessageKey(row.message), row.endpoint, row.trigger);
                let in_line = row.order_key.is_some();
                return Ok(Fresh { id, message, endpoint, trigger, due: now, in_line });
            }
            DeliveryState::Held => return Err(rules::not_enabled()),
            _ if row.trigger == Trigger::Test => return Err(rules::no_retry_of_tests()),
            _ => {}
        }
        let Some(ordered) = self.active(row.endpoint)? else { return Err(rules::not_enabled()) };
        if !self.has_body(MessageKey(row.message), row.message_at)? {
            return Err(rules::no_body());
        }
        self.repeat(&row, ordered, row.parent.unwrap_or(id), now)
    }

    fn cancel(&mut self, id: DeliveryId, now: Millis) -> Result<bool> {
        let row = self.row(id)?.ok_or_else(|| missing("delivery", id))?;
        let open = !self.seen(&row)?.is_terminal();
        if open {
            self.end(&[id.0], now)?;
        }
        Ok(open)
    }

    fn expunge(&mut self, key: MessageKey, now: Millis) -> Result<bool> {
        if self.first("SELECT FROM message WHERE key = $1", &[&key.0])?.is_none() {
            return Err(missing("message", key));
        }
        // First the body, so that nobody delivers it once more meanwhile.
        let there = self.execute("DELETE FROM body WHERE message = $1", &[&key.0])? > 0;
        let (mut open, mut live) = (Vec::new(), Vec::new());
        for row in self.query(OPEN_OF_MESSAGE, &[&key.0])? {
            let id: i64 = get(&row, 0)?;
            open.push(id);
            // Those of a deleted endpoint are canceled already, and end with its time.
            live.extend(value::get_status(&row, 1)?.map(|_| id));
        }
        self.end(&live, now)?;
        self.run(vec![Step::new(FORGET_OPEN, &[&open]), Step::new(FORGET, &[&key.0])])?;
        Ok(there)
    }

    fn create_job(&mut self, new: &NewJob) -> Result<Written> {
        let endpoint = new.endpoint.map(|endpoint| endpoint.0);
        if let Some(tenant) = &new.tenant {
            value::storable("tenant", tenant)?;
        }
        let row =
            self.first(INSERT_JOB, &[&new.since, &new.now, &endpoint, &new.tenant, &new.events.to_text()])?;
        let id = JobId(row.map(|row| get(&row, 0)).transpose()?.unwrap_or_default());
        let mut job = self.job(id)?;
        let mut behind = job.clone();
        loop {
            let page = self.failed(&behind, PAGE)?;
            job.total += page.iter().filter(|failed| failed.covered).count() as u64;
            match page.last() {
                Some(last) if page.len() == PAGE => behind.cursor = last.place,
                _ => break,
            }
        }
        self.execute("UPDATE job SET total = $2 WHERE id = $1", &[&id.0, &job.total.cast_signed()])?;
        self.news.jobs = true;
        Ok(Written::Job { job: Box::new(job), deliveries: Vec::new() })
    }

    fn step_job(&mut self, id: JobId, limit: usize, now: Millis) -> Result<Written> {
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
                let row = self.ended(failed.place.1)?;
                let again = match row {
                    Some(row) if !failed.dealt_with => match self.active(row.endpoint)? {
                        Some(ordered) if self.has_body(MessageKey(row.message), row.message_at)? => {
                            Some((row, ordered))
                        }
                        _ => None,
                    },
                    _ => None,
                };
                match again {
                    Some((row, ordered)) => {
                        job.retried += 1;
                        deliveries.push(self.repeat(&row, ordered, failed.place.1, now)?);
                    }
                    None => job.skipped += 1,
                }
            }
            let (at, after) = job.cursor;
            let (retried, skipped) = (job.retried.cast_signed(), job.skipped.cast_signed());
            self.execute(STEP_JOB, &[&id.0, &at, &after.0, &retried, &skipped, &job.done])?;
        }
        Ok(Written::Job { job: Box::new(job), deliveries })
    }

    fn reject_outbox(&mut self, seq: i64, reason: &str) -> Result<bool> {
        let waits = self.first("SELECT rejected IS NULL FROM outbox WHERE seq = $1 FOR UPDATE", &[&seq])?;
        let waits: bool = get(&waits.ok_or_else(|| missing("outbox row", seq))?, 0)?;
        let reason = reason.replace('\0', "\u{fffd}");
        self.execute("UPDATE outbox SET rejected = $2 WHERE seq = $1", &[&seq, &reason])?;
        Ok(waits)
    }

    /// Cancels deliveries that are not terminal.
    fn end(&mut self, ids: &[i64], now: Millis) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let rows = self.query(LINES, &[&ids])?;
        let endpoints: Vec<i64> = rows.iter().map(|row| get(row, 0)).collect::<Result<_>>()?;
        let keys: Vec<&str> = rows.iter().map(|row| get(row, 1)).collect::<Result<_>>()?;
        let at = vec![now; keys.len()];
        let mut steps = vec![Step::new(END, &[&ids, &now]), Step::new(END_ATTEMPTS, &[&ids, &now])];
        if !endpoints.is_empty() {
            // Nobody gets in line meanwhile.
            self.query(HEALTH, &[&sorted(endpoints.iter().copied())])?;
            steps.push(Step::new(ADVANCE, &[&endpoints, &keys, &at]));
        }
        self.run(steps).map(drop)
    }

    fn repeat(&mut self, of: &Row, ordered: bool, parent: DeliveryId, now: Millis) -> Result<Fresh> {
        if ordered {
            self.query(TURNSTILES, &[&sorted([of.endpoint.0].into_iter())])?;
        }
        if of.order_key.is_some() {
            self.query(HEALTH, &[&[of.endpoint.0].as_slice()])?;
        }
        let id = self.numbers(DELIVERY_IDS, 1)?.first().copied().unwrap_or_default();
        let (message, endpoint, trigger) = (MessageKey(of.message), of.endpoint, Trigger::Manual);
        self.run(vec![
            Step::new(
                REPEAT,
                &[&id, &of.message, &of.message_at, &endpoint.0, &now, &parent.0, &of.order_key],
            ),
            Step::new("UPDATE history SET retry = $2 WHERE id = $1", &[&parent.0, &id]),
        ])?;
        self.news.due.insert(endpoint);
        let in_line = of.order_key.is_some();
        Ok(Fresh { id: DeliveryId(id), message, endpoint, trigger, due: now, in_line })
    }

    /// A delivery, locked if it is not terminal.
    fn row(&mut self, id: DeliveryId) -> Result<Option<Row>> {
        match self.first(LOCK, &[&[id.0].as_slice()])? {
            Some(row) => Row::read(&row).map(Some),
            None => self.ended(id),
        }
    }

    fn ended(&mut self, id: DeliveryId) -> Result<Option<Row>> {
        self.first(ENDED, &[&[id.0].as_slice()])?.map(|row| Row::read(&row)).transpose()
    }

    /// Where a delivery stands for all to see.
    fn seen(&mut self, row: &Row) -> Result<DeliveryState> {
        if row.state != DeliveryState::Pending {
            return Ok(row.state);
        }
        let found = self.first("SELECT status FROM endpoint WHERE id = $1", &[&row.endpoint.0])?;
        let status = found.map(|row| value::get_status(&row, 0)).transpose()?;
        Ok(rules::seen(status.flatten()))
    }

    /// Whether an active endpoint wants order; `None` if it is not active.
    fn active(&mut self, id: EndpointId) -> Result<Option<bool>> {
        let found = self.first("SELECT status, ordered FROM endpoint WHERE id = $1", &[&id.0])?;
        let Some(row) = found else { return Ok(None) };
        let active = value::get_status(&row, 0)? == Some(EndpointStatus::Active);
        Ok(if active { Some(get(&row, 1)?) } else { None })
    }

    /// Whether there is one, which stays until this is committed.
    fn has_body(&mut self, key: MessageKey, at: Millis) -> Result<bool> {
        let body = "SELECT FROM body WHERE message = $1 AND created_at = $2 FOR KEY SHARE";
        Ok(self.first(body, &[&key.0, &at])?.is_some())
    }

    fn job(&mut self, id: JobId) -> Result<JobRecord> {
        let row = self.first(&format!("{JOBS} WHERE id = $1 FOR UPDATE"), &[&id.0])?;
        read_job(&row.ok_or_else(|| missing("job", id))?)
    }

    /// Deliveries of events that failed in the job's time and behind its cursor, in the order of their end.
    fn failed(&mut self, job: &JobRecord, limit: usize) -> Result<Vec<FailedDelivery>> {
        let (at, after) = job.cursor;
        let rows = self.query(FAILED, &[&at, &after.0, &job.created_at, &value::rows(limit)])?;
        let read = |row: &SqlRow| {
            let endpoint = EndpointId(get(row, 2)?);
            let tenant = value::get_tenant(row, 4)?;
            Ok(FailedDelivery {
                place: (get(row, 0)?, DeliveryId(get(row, 1)?)),
                dealt_with: get(row, 3)?,
                covered: job.endpoint.is_none_or(|only| only == endpoint)
                    && job.tenant.as_ref().is_none_or(|only| tenant.as_ref() == Some(only))
                    && job.events.matches(get(row, 5)?),
            })
        };
        rows.iter().map(read).collect()
    }
}

struct FailedDelivery {
    place: (Millis, DeliveryId),
    /// Whether a repetition succeeded or waits.
    dealt_with: bool,
    /// Whether the job is about it.
    covered: bool,
}

pub(super) fn job(link: &Link, id: JobId) -> Result<Option<JobRecord>> {
    let rows = link.query(&format!("{JOBS} WHERE id = $1"), &[&id.0])?;
    rows.first().map(read_job).transpose()
}

pub(super) fn open_jobs(link: &Link) -> Result<Vec<JobRecord>> {
    link.query(&format!("{JOBS} WHERE NOT done ORDER BY id"), &[])?.iter().map(read_job).collect()
}

fn read_job(row: &SqlRow) -> Result<JobRecord> {
    Ok(JobRecord {
        id: JobId(get(row, 0)?),
        since: get(row, 1)?,
        created_at: get(row, 2)?,
        endpoint: get::<Option<i64>>(row, 3)?.map(EndpointId),
        tenant: get(row, 4)?,
        events: value::get_filter(row, 5)?,
        cursor: (get(row, 6)?, DeliveryId(get(row, 7)?)),
        total: get_u64(row, 8)?,
        retried: get_u64(row, 9)?,
        skipped: get_u64(row, 10)?,
        done: get(row, 11)?,
    })
}

const PAGE: usize = 1000;
/// Sorted, all the same: an index in the order of the ids would do without sorting, and be looked through as a whole.
pub(super) const OPEN_OF_MESSAGE: &str =
    "SELECT d.id, (SELECT e.status FROM endpoint e WHERE e.id = d.endpoint) FROM delivery d
    WHERE d.message = $1 ORDER BY d.id + 0 FOR UPDATE OF d";
/// Also used where much is canceled at once.
pub(super) const END: &str = "WITH gone AS MATERIALIZED (DELETE FROM delivery WHERE id = ANY($1) RETURNING *)
    INSERT INTO history (id, done_at, message, message_at, endpoint, cause, state, attempts, lost, created_at, code,
        error, duration, parent, order_key)
    SELECT id, $2::bigint, message, message_at, endpoint, cause, 3, attempts, lost, created_at, code, error, duration, parent,
        order_key
    FROM gone";
pub(super) const END_ATTEMPTS: &str =
    "WITH moved AS MATERIALIZED (DELETE FROM attempt_open WHERE delivery = ANY($1) RETURNING *)
    INSERT INTO attempt SELECT $2::bigint, m.* FROM moved m";
const FORGET_OPEN: &str = "UPDATE attempt_open SET response_body = '' WHERE delivery = ANY($1)";
pub(super) const FORGET: &str = "UPDATE attempt SET response_body = '' WHERE delivery = ANY(ARRAY(
    SELECT id FROM history WHERE message = $1))";
const REPEAT: &str =
    "INSERT INTO delivery (id, message, message_at, endpoint, tenant, cause, due, created_at, parent, order_key)
    SELECT $1::bigint, $2::bigint, $3::bigint, $4::bigint,
        coalesce((SELECT tenant FROM message WHERE key = $2 AND created_at = $3), ''), 1,
        CASE WHEN $7::text IS NOT NULL AND first_in_line($4, $7) IS NOT NULL THEN 9223372036854775807 ELSE $5::bigint END, $5::bigint, $6::bigint, $7::text";
/// In which orders these are.
const LINES: &str =
    "SELECT DISTINCT endpoint, order_key FROM delivery WHERE id = ANY($1) AND order_key IS NOT NULL";
const INSERT_JOB: &str = "INSERT INTO job (since, created_at, endpoint, tenant, events, cursor_at, cursor_id)
    VALUES ($1, $2, $3, $4, $5, $1, 0) RETURNING id";
const STEP_JOB: &str =
    "UPDATE job SET cursor_at = $2, cursor_id = $3, retried = $4, skipped = $5, done = $6 WHERE id = $1";
const JOBS: &str =
    "SELECT id, since, created_at, endpoint, tenant, events, cursor_at, cursor_id, total, retried,
    skipped, done FROM job";
pub(super) const FAILED: &str = "SELECT h.done_at, h.id, h.endpoint,
        h.recovered OR EXISTS (SELECT FROM delivery r WHERE r.id = h.retry OFFSET 0), m.tenant, m.type
    FROM history h
    CROSS JOIN LATERAL (SELECT tenant, type FROM message m WHERE m.key = h.message AND m.created_at = h.message_at OFFSET 0) m
    WHERE h.state = 2 AND h.cause = 0 AND (h.done_at, h.id) > ($1, $2) AND h.done_at <= $3
    ORDER BY h.done_at, h.id LIMIT $4";
