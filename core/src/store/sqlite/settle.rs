//! Recording attempts and what follows from them.

use rusqlite::OptionalExtension;

use super::cache::Tx;
use super::failure::Plain;
use super::value;
use crate::deliver::HeaderText;
use crate::error::{Error, Result};
use crate::store::record::{
    AttemptRecord, DeliveryId, DeliveryState, EndpointId, EndpointStatus, MessageKey, NoticeKind, Trigger,
};
use crate::store::rules::{self, Effects, Open, Standing};
use crate::store::write::{Settle, Settled};
use crate::timestamp::Millis;

/// A delivery, as far as writes need it.
pub(super) struct Row {
    pub(super) message: MessageKey,
    pub(super) endpoint: EndpointId,
    pub(super) trigger: Trigger,
    /// As it is stored: pending whatever its endpoint is.
    pub(super) state: DeliveryState,
    pub(super) attempts: u32,
    pub(super) due: Millis,
    pub(super) parent: Option<DeliveryId>,
    pub(super) order_key: Option<String>,
}

impl Tx<'_> {
    pub(super) fn begin(&mut self, epoch: i64, id: DeliveryId, number: u32, now: Millis) -> Result<bool> {
        let Some(row) = self.row(id)? else { return Ok(false) };
        let begins = self.seen(&row)? == DeliveryState::Pending && self.is_next(epoch, &row, number)?;
        if begins {
            self.run("UPDATE hookseal_delivery SET begun_at = ?2 WHERE id = ?1", (id.0, now))?;
            self.cache.remember(id, row);
        }
        Ok(begins)
    }

    pub(super) fn settle(&mut self, settle: &Settle) -> Result<Settled> {
        let id = settle.delivery;
        let Some(row) = self.row(id)? else { return Ok(unapplied(None)) };
        let before = self.seen(&row)?;
        if !self.is_next(settle.epoch, &row, settle.attempt.number)? {
            return Ok(unapplied(Some(before)));
        }
        self.log(id, &settle.attempt)?;
        let recovers = match row.parent {
            Some(parent) => self.first(RECOVERS, [parent.0], |_| Ok(()))?.is_some(),
            None => false,
        };
        let Some(hot) = self.hot(row.endpoint)?.filter(|hot| hot.status.is_some()) else {
            self.update(id, &row, &settle.attempt, None, settle.now)?;
            return Ok(applied(before));
        };
        hot.last_attempt_at = Some(settle.now);
        hot.last_code = settle.attempt.response_code;
        hot.last_error = settle.attempt.error.as_ref().map(Error::code);
        hot.changed = true;
        if before.is_terminal() {
            self.update(id, &row, &settle.attempt, None, settle.now)?;
            return Ok(applied(before));
        }

        let status = hot.status.unwrap_or(EndpointStatus::Active);
        let standing = Standing { status, generation: hot.generation, failures: hot.failures };
        let effects = rules::settle(Open { trigger: row.trigger, recovers }, standing, settle);
        hot.failures = effects.failures;
        if effects.metered {
            let of_all = hot.tenant.clone();
            self.meter(id, row.message, of_all.as_deref(), settle)?;
        }
        self.update(id, &row, &settle.attempt, Some(&effects), settle.now)?;
        if effects.due.is_none() {
            self.advance(row.endpoint, row.order_key.as_deref(), settle.now)?;
        }
        if recovers && effects.state == DeliveryState::Delivered {
            let parent = row.parent.map(|parent| parent.0);
            self.run("UPDATE hookseal_delivery SET recovered = 1 WHERE id = ?1", [parent])?;
        }
        for kind in &effects.notices {
            self.notify(*kind, row.endpoint, id, effects.failures, settle.now)?;
        }
        if let Some(reason) = effects.disables {
            self.disable(row.endpoint, EndpointStatus::Disabled(reason), settle.now)?;
        }
        let state = if effects.due.is_some() { self.seen(&row)? } else { effects.state };
        let disabled = effects.disables.is_some();
        Ok(Settled { applied: true, state: Some(state), disabled, notices: effects.notices })
    }

    pub(super) fn lost(
        &mut self,
        epoch: i64,
        id: DeliveryId,
        number: u32,
        started_at: Millis,
        now: Millis,
    ) -> Result<Settled> {
        let Some(row) = self.row(id)? else { return Ok(unapplied(None)) };
        let state = self.seen(&row)?;
        if !self.is_next(epoch, &row, number)? {
            return Ok(unapplied(Some(state)));
        }
        let attempt = AttemptRecord {
            number,
            started_at,
            duration: (now - started_at).max(0),
            response_code: None,
            error: Some(rules::lost()),
            request_headers: HeaderText::default(),
            response_headers: HeaderText::default(),
            response_body: bytes::Bytes::new(),
            response_truncated: false,
        };
        self.log(id, &attempt)?;
        self.update(id, &row, &attempt, None, now)?;
        self.run("UPDATE hookseal_delivery SET lost = lost + 1 WHERE id = ?1", [id.0])?;
        Ok(applied(state))
    }

    pub(super) fn row(&mut self, id: DeliveryId) -> Result<Option<Row>> {
        if let Some(row) = self.cache.recall(id) {
            return Ok(Some(row));
        }
        self.first(ROW, [id.0], |row| {
            Ok(Row {
                message: MessageKey(row.get(0)?),
                endpoint: EndpointId(row.get(1)?),
                trigger: value::read_trigger(row, 2)?,
                state: value::read_state(row, 3)?,
                attempts: row.get(4)?,
                due: row.get(5)?,
                parent: row.get::<_, Option<i64>>(6)?.map(DeliveryId),
                order_key: row.get(7)?,
            })
        })
    }

    /// Where a delivery stands for all to see.
    pub(super) fn seen(&mut self, row: &Row) -> Result<DeliveryState> {
        if row.state != DeliveryState::Pending {
            return Ok(row.state);
        }
        Ok(rules::seen(self.hot(row.endpoint)?.and_then(|hot| hot.status)))
    }

    fn is_next(&mut self, epoch: i64, row: &Row, number: u32) -> Result<bool> {
        Ok(self.epoch()? == epoch && row.attempts + 1 == number && number <= rules::MOST_ATTEMPTS)
    }

    fn log(&self, id: DeliveryId, attempt: &AttemptRecord) -> Result<()> {
        self.run(
            INSERT_ATTEMPT,
            (
                first_attempt(id) + i64::from(attempt.number),
                attempt.started_at,
                attempt.duration,
                attempt.response_code,
                attempt.error.as_ref().map(|error| error.code().as_str()),
                attempt.error.as_ref().and_then(value::reason),
                attempt.response_truncated,
                attempt.request_headers.as_text(),
                attempt.response_headers.as_text(),
                attempt.response_body.as_ref(),
            ),
        )
        .map(drop)
    }

    /// Without effects only what the attempt was changes.
    fn update(
        &self,
        id: DeliveryId,
        row: &Row,
        attempt: &AttemptRecord,
        effects: Option<&Effects>,
        now: Millis,
    ) -> Result<()> {
        let error = attempt.error.as_ref().map(|error| error.code().as_str());
        let facts = (id.0, attempt.number, attempt.response_code, error, attempt.duration);
        let Some(effects) = effects else {
            return self.run(UPDATE_FACTS, facts).map(drop);
        };
        let (id, number, code, error, duration) = facts;
        let due = effects.due.unwrap_or(row.due);
        let done_at = effects.due.is_none().then_some(now);
        let state = value::state(effects.state);
        self.run(UPDATE_ALL, (id, number, code, error, duration, state, due, done_at)).map(drop)
    }

    fn meter(
        &self,
        id: DeliveryId,
        message: MessageKey,
        of_all: Option<&str>,
        settle: &Settle,
    ) -> Result<()> {
        let mut find =
            self.connection.prepare_cached("SELECT tenant FROM hookseal_message WHERE key = ?1").plain()?;
        let tenant: Option<String> = find.query_row([message.0], |row| row.get(0)).optional().plain()?;
        let tenant = tenant.filter(|tenant| !tenant.is_empty());
        let tenant = tenant.as_deref().or(of_all).unwrap_or_default();
        let values = (id.0, tenant, settle.credits, settle.now);
        self.run("INSERT INTO hookseal_usage VALUES (?1, ?2, ?3, ?4)", values).map(drop)
    }

    fn notify(
        &self,
        kind: NoticeKind,
        endpoint: EndpointId,
        delivery: DeliveryId,
        failures: u32,
        now: Millis,
    ) -> Result<()> {
        self.run(INSERT_NOTICE, (kind.as_str(), endpoint.0, delivery.0, failures, now)).map(drop)
    }
}

/// Where a delivery's attempts begin; the number is added.
pub(super) fn first_attempt(id: DeliveryId) -> i64 {
    id.0.saturating_mul(i64::from(rules::MOST_ATTEMPTS) + 1)
}

fn applied(state: DeliveryState) -> Settled {
    Settled { applied: true, state: Some(state), disabled: false, notices: Vec::new() }
}

fn unapplied(state: Option<DeliveryState>) -> Settled {
    Settled { applied: false, state, disabled: false, notices: Vec::new() }
}

pub(super) const ROW: &str = "SELECT message, endpoint, cause, state, attempts, due, parent, order_key FROM hookseal_delivery WHERE id = ?1";
const RECOVERS: &str =
    "SELECT 1 FROM hookseal_delivery WHERE id = ?1 AND cause = 0 AND state = 2 AND recovered = 0";
const INSERT_ATTEMPT: &str =
    "INSERT INTO hookseal_attempt (id, started_at, duration, code, error, reason, truncated,
    request_headers, response_headers, response_body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const UPDATE_FACTS: &str = "UPDATE hookseal_delivery SET attempts = ?2, code = ?3, error = ?4, duration = ?5, begun_at = NULL WHERE id = ?1";
pub(super) const UPDATE_ALL: &str =
    "UPDATE hookseal_delivery SET attempts = ?2, code = ?3, error = ?4, duration = ?5, state = ?6,
    due = ?7, done_at = ?8, begun_at = NULL WHERE id = ?1";
const INSERT_NOTICE: &str = "INSERT INTO hookseal_notice (kind, endpoint, delivery, failures, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5)";
