//! Writing what was decided about a run of attempts, table by table.

use super::link::Step;
use super::settle::{Row, Settling};
use super::value;
use crate::error::Code;
use crate::store::record::AttemptRecord;
use crate::timestamp::Millis;

impl Settling<'_> {
    pub(super) fn rows(&self) -> Rows<'_> {
        let mut rows = Rows { recovered: &self.recovered, ..Rows::default() };
        for (id, row) in self.rows.iter().filter(|(_, row)| row.changed) {
            match (row.open, row.done_at) {
                (Some(before), Some(done_at)) => {
                    rows.ended.push(*id, row, done_at);
                    if let Some(key) = &row.order_key {
                        rows.lines.0.push(row.endpoint.0);
                        rows.lines.1.push(key);
                        rows.lines.2.push(done_at);
                    }
                    if before > 0 {
                        rows.moved.0.push(*id);
                        rows.moved.1.push(done_at);
                    }
                }
                (None, Some(done_at)) => rows.late.push(*id, row, done_at),
                (_, None) => rows.kept.push(*id, row, row.due),
            }
        }
        for (id, at) in &self.begun {
            rows.begins.0.push(*id);
            rows.begins.1.push(*at);
        }
        for (id, attempt) in &self.logged {
            let done_at = self.rows.get(id).and_then(|row| row.done_at);
            let attempts = if done_at.is_some() { &mut rows.closed } else { &mut rows.begun };
            attempts.push(*id, attempt, done_at.unwrap_or_default());
        }
        for (id, endpoint) in self.standings.iter().filter(|(_, endpoint)| endpoint.changed) {
            rows.health.endpoints.push(*id);
            rows.health.failures.push(value::count(endpoint.failures));
            rows.health.at.push(endpoint.last_attempt_at);
            rows.health.codes.push(endpoint.last_code.map(i32::from));
            rows.health.errors.push(endpoint.last_error.map(Code::as_str));
        }
        for (id, tenant, credits, at) in &self.paid {
            rows.paid.0.push(*id);
            rows.paid.1.push(tenant);
            rows.paid.2.push(i64::from(*credits));
            rows.paid.3.push(*at);
        }
        for (kind, endpoint, delivery, failures, at) in &self.notices {
            rows.notices.kinds.push(kind.as_str());
            rows.notices.endpoints.push(*endpoint);
            rows.notices.deliveries.push(*delivery);
            rows.notices.failures.push(value::count(*failures));
            rows.notices.at.push(*at);
        }
        for (endpoint, status, at) in &self.disabled {
            rows.disabled.0.push(endpoint.0);
            rows.disabled.1.push(value::status(*status));
            rows.disabled.2.push(*at);
        }
        rows
    }
}

/// What is to be written, column by column.
#[derive(Default)]
pub(super) struct Rows<'r> {
    ended: Deliveries<'r>,
    kept: Deliveries<'r>,
    /// Attempts of deliveries that had ended before.
    late: Deliveries<'r>,
    /// Deliveries whose earlier attempts end with them, and when.
    moved: (Vec<i64>, Vec<Millis>),
    begun: Attempts<'r>,
    closed: Attempts<'r>,
    health: Health,
    paid: (Vec<i64>, Vec<&'r str>, Vec<i64>, Vec<Millis>),
    notices: Notices,
    disabled: (Vec<i64>, Vec<i16>, Vec<Millis>),
    recovered: &'r [i64],
    /// Attempts that begin, and when.
    begins: (Vec<i64>, Vec<Millis>),
    /// Orders of which one has ended, and when.
    lines: (Vec<i64>, Vec<&'r str>, Vec<Millis>),
}

#[derive(Default)]
struct Health {
    endpoints: Vec<i64>,
    failures: Vec<i32>,
    at: Vec<Option<Millis>>,
    codes: Vec<Option<i32>>,
    errors: Vec<Option<&'static str>>,
}

#[derive(Default)]
struct Notices {
    kinds: Vec<&'static str>,
    endpoints: Vec<i64>,
    deliveries: Vec<i64>,
    failures: Vec<i32>,
    at: Vec<Millis>,
}

#[derive(Default)]
struct Deliveries<'r> {
    ids: Vec<i64>,
    /// When it ended, or is due.
    at: Vec<Millis>,
    messages: Vec<i64>,
    message_at: Vec<Millis>,
    endpoints: Vec<i64>,
    causes: Vec<i16>,
    states: Vec<i16>,
    attempts: Vec<i32>,
    lost: Vec<i32>,
    created: Vec<Millis>,
    codes: Vec<Option<i32>>,
    errors: Vec<Option<&'r str>>,
    durations: Vec<Option<i64>>,
    parents: Vec<Option<i64>>,
    order_keys: Vec<Option<&'r str>>,
}

impl<'r> Deliveries<'r> {
    fn push(&mut self, id: i64, row: &'r Row, at: Millis) {
        self.ids.push(id);
        self.at.push(at);
        self.messages.push(row.message);
        self.message_at.push(row.message_at);
        self.endpoints.push(row.endpoint.0);
        self.causes.push(value::trigger(row.trigger));
        self.states.push(value::state(row.state));
        self.attempts.push(value::count(row.attempts));
        self.lost.push(value::count(row.lost));
        self.created.push(row.created_at);
        self.codes.push(row.code);
        self.errors.push(row.error.as_deref());
        self.durations.push(row.duration);
        self.parents.push(row.parent.map(|parent| parent.0));
        self.order_keys.push(row.order_key.as_deref());
    }

    fn update<'s>(&'s self, sql: &'s str) -> Step<'s> {
        Step::new(
            sql,
            &[&self.ids, &self.at, &self.attempts, &self.lost, &self.codes, &self.errors, &self.durations],
        )
    }
}

#[derive(Default)]
struct Attempts<'r> {
    done_at: Vec<Millis>,
    deliveries: Vec<i64>,
    numbers: Vec<i32>,
    started: Vec<Millis>,
    durations: Vec<i64>,
    codes: Vec<Option<i32>>,
    errors: Vec<Option<&'static str>>,
    reasons: Vec<Option<String>>,
    truncated: Vec<bool>,
    request_headers: Vec<String>,
    response_headers: Vec<String>,
    bodies: Vec<&'r [u8]>,
}

impl<'r> Attempts<'r> {
    fn push(&mut self, delivery: i64, attempt: &'r AttemptRecord, done_at: Millis) {
        self.done_at.push(done_at);
        self.deliveries.push(delivery);
        self.numbers.push(value::count(attempt.number));
        self.started.push(attempt.started_at);
        self.durations.push(attempt.duration);
        self.codes.push(attempt.response_code.map(i32::from));
        self.errors.push(attempt.error.as_ref().map(|error| error.code().as_str()));
        self.reasons.push(attempt.error.as_ref().and_then(value::reason));
        self.truncated.push(attempt.response_truncated);
        self.request_headers.push(value::headers(&attempt.request_headers));
        self.response_headers.push(value::headers(&attempt.response_headers));
        self.bodies.push(&attempt.response_body);
    }

    fn insert<'s>(&'s self, sql: &'s str) -> Step<'s> {
        Step::new(
            sql,
            &[
                &self.done_at,
                &self.deliveries,
                &self.numbers,
                &self.started,
                &self.durations,
                &self.codes,
                &self.errors,
                &self.reasons,
                &self.truncated,
                &self.request_headers,
                &self.response_headers,
                &self.bodies,
            ],
        )
    }
}

impl Rows<'_> {
    pub(super) fn steps(&self) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        if !self.begins.0.is_empty() {
            steps.push(Step::new(BEGIN, &[&self.begins.0, &self.begins.1]));
        }
        let ended = &self.ended;
        if !ended.ids.is_empty() {
            steps.push(Step::new(DELETE, &[&ended.ids]));
            steps.push(Step::new(
                INSERT_HISTORY,
                &[
                    &ended.ids,
                    &ended.at,
                    &ended.messages,
                    &ended.message_at,
                    &ended.endpoints,
                    &ended.causes,
                    &ended.states,
                    &ended.attempts,
                    &ended.lost,
                    &ended.created,
                    &ended.codes,
                    &ended.errors,
                    &ended.durations,
                    &ended.parents,
                    &ended.order_keys,
                ],
            ));
        }
        let (endpoints, keys, at) = &self.lines;
        if !endpoints.is_empty() {
            steps.push(Step::new(ADVANCE, &[endpoints, keys, at]));
        }
        if !self.moved.0.is_empty() {
            steps.push(Step::new(MOVE_ATTEMPTS, &[&self.moved.0, &self.moved.1]));
        }
        if !self.kept.ids.is_empty() {
            steps.push(self.kept.update(UPDATE));
        }
        if !self.late.ids.is_empty() {
            steps.push(self.late.update(UPDATE_HISTORY));
        }
        if !self.begun.deliveries.is_empty() {
            steps.push(self.begun.insert(INSERT_OPEN));
        }
        if !self.closed.deliveries.is_empty() {
            steps.push(self.closed.insert(INSERT_CLOSED));
        }
        if !self.recovered.is_empty() {
            steps.push(Step::new(
                "UPDATE history SET recovered = true WHERE id = ANY($1)",
                &[&self.recovered],
            ));
        }
        if !self.paid.0.is_empty() {
            let (ids, tenants, credits, at) = &self.paid;
            steps.push(Step::new(INSERT_USAGE, &[ids, tenants, credits, at]));
        }
        let Notices { kinds, endpoints, deliveries, failures, at } = &self.notices;
        if !kinds.is_empty() {
            steps.push(Step::new(INSERT_NOTICES, &[kinds, endpoints, deliveries, failures, at]));
        }
        if !self.disabled.0.is_empty() {
            let (ids, status, at) = &self.disabled;
            steps.push(Step::new(DISABLE, &[ids, status, at]));
        }
        let Health { endpoints, failures, at, codes, errors } = &self.health;
        if !endpoints.is_empty() {
            steps.push(Step::new(UPDATE_HEALTH, &[endpoints, failures, at, codes, errors]));
        }
        steps
    }
}

pub(super) const DELETE: &str = "DELETE FROM delivery WHERE id = ANY($1)";
const INSERT_HISTORY: &str =
    "INSERT INTO history (id, done_at, message, message_at, endpoint, cause, state, attempts, lost, created_at, code,
        error, duration, parent, order_key)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::smallint[],
        $7::smallint[], $8::integer[], $9::integer[], $10::bigint[], $11::integer[], $12::text[], $13::bigint[],
        $14::bigint[], $15::text[])";
const BEGIN: &str = "UPDATE delivery d SET begun_at = u.at FROM unnest($1::bigint[], $2::bigint[]) u (id, at)
    WHERE d.id = u.id AND d.id = ANY($1)";
/// The first of each of these orders is due, if it waited.
pub(super) const ADVANCE: &str = "WITH heads AS MATERIALIZED (
        SELECT first_in_line(u.endpoint, u.order_key) AS id, min(u.at) AS at
        FROM unnest($1::bigint[], $2::text[], $3::bigint[]) u (endpoint, order_key, at) GROUP BY 1)
    UPDATE delivery d SET due = h.at FROM heads h
    WHERE d.id = h.id AND d.id = ANY(ARRAY(SELECT id FROM heads)) AND d.due = 9223372036854775807";
pub(super) const MOVE_ATTEMPTS: &str =
    "WITH moved AS MATERIALIZED (DELETE FROM attempt_open WHERE delivery = ANY($1) RETURNING *)
    INSERT INTO attempt SELECT u.at, m.* FROM moved m
    JOIN unnest($1::bigint[], $2::bigint[]) u (id, at) ON u.id = m.delivery";
pub(super) const UPDATE: &str =
    "UPDATE delivery d SET attempts = u.attempts, lost = u.lost, due = u.at, code = u.code, error = u.error,
        duration = u.duration, begun_at = NULL
    FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::integer[], $5::integer[], $6::text[], $7::bigint[])
        u (id, at, attempts, lost, code, error, duration)
    WHERE d.id = u.id AND d.id = ANY($1)";
const UPDATE_HISTORY: &str =
    "UPDATE history h SET attempts = u.attempts, lost = u.lost, code = u.code, error = u.error, duration = u.duration
    FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::integer[], $5::integer[], $6::text[], $7::bigint[])
        u (id, at, attempts, lost, code, error, duration)
    WHERE h.id = u.id AND h.done_at = u.at AND h.id = ANY($1)";
const INSERT_OPEN: &str =
    "INSERT INTO attempt_open SELECT delivery, number, started_at, duration, code, error, reason, truncated,
        request_headers, response_headers, response_body
    FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::bigint[], $5::bigint[], $6::integer[], $7::text[],
        $8::text[], $9::boolean[], $10::text[], $11::text[], $12::bytea[])
        u (done_at, delivery, number, started_at, duration, code, error, reason, truncated, request_headers,
            response_headers, response_body)";
const INSERT_CLOSED: &str =
    "INSERT INTO attempt SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::bigint[], $5::bigint[],
        $6::integer[], $7::text[], $8::text[], $9::boolean[], $10::text[], $11::text[], $12::bytea[])";
const INSERT_USAGE: &str =
    "INSERT INTO usage SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[])";
const INSERT_NOTICES: &str = "INSERT INTO notice (kind, endpoint, delivery, failures, created_at)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::integer[], $5::bigint[])";
const DISABLE: &str = "UPDATE endpoint e SET status = u.status, disabled_at = u.at
    FROM unnest($1::bigint[], $2::smallint[], $3::bigint[]) u (id, status, at) WHERE e.id = u.id";
const UPDATE_HEALTH: &str =
    "UPDATE health h SET failures = u.failures, last_attempt_at = u.at, last_code = u.code, last_error = u.error
    FROM unnest($1::bigint[], $2::integer[], $3::bigint[], $4::integer[], $5::text[]) u (id, failures, at, code, error)
    WHERE h.endpoint = u.id AND h.endpoint = ANY($1)";
