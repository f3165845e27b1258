//! Recording attempts and what follows from them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use tokio_postgres::Row as SqlRow;

use super::bulk::{by_number, sorted};
use super::cache::Cache;
use super::link::{Answer, Step};
use super::value::{self, get, get_u32};
use crate::deliver::HeaderText;
use crate::error::{Code, Error, Result};
use crate::store::record::{
    AttemptRecord, DeliveryId, DeliveryState, EndpointId, EndpointStatus, NoticeKind, Trigger,
};
use crate::store::rules::{self, Open, Standing};
use crate::store::write::{Settle, Settled, Write};
use crate::timestamp::Millis;

/// A delivery, as far as writes need it.
pub(super) struct Row {
    pub(super) message: i64,
    pub(super) message_at: Millis,
    pub(super) endpoint: EndpointId,
    pub(super) tenant: String,
    pub(super) trigger: Trigger,
    /// As it is stored: pending whatever its endpoint is.
    pub(super) state: DeliveryState,
    pub(super) attempts: u32,
    pub(super) parent: Option<DeliveryId>,
    pub(super) lost: u32,
    pub(super) due: Millis,
    pub(super) created_at: Millis,
    pub(super) done_at: Option<Millis>,
    pub(super) code: Option<i32>,
    pub(super) error: Option<String>,
    pub(super) duration: Option<i64>,
    pub(super) order_key: Option<String>,
    /// Whether it is among those that are not terminal, and how many attempts it has there.
    pub(super) open: Option<u32>,
    pub(super) changed: bool,
}

impl Row {
    pub(super) fn read(row: &SqlRow) -> Result<Self> {
        let state = value::get_state(row, 14)?;
        let attempts = get_u32(row, 6)?;
        Ok(Self {
            message: get(row, 1)?,
            message_at: get(row, 2)?,
            endpoint: EndpointId(get(row, 3)?),
            tenant: get(row, 4)?,
            trigger: value::get_trigger(row, 5)?,
            state,
            attempts,
            lost: get_u32(row, 7)?,
            due: get(row, 8)?,
            created_at: get(row, 9)?,
            code: get(row, 10)?,
            error: get(row, 11)?,
            duration: get(row, 12)?,
            parent: get::<Option<i64>>(row, 13)?.map(DeliveryId),
            done_at: get(row, 15)?,
            order_key: get(row, 16)?,
            open: (!state.is_terminal()).then_some(attempts),
            changed: false,
        })
    }
}

/// The attempts of a run of writes.
#[derive(Default)]
pub(super) struct Settling<'w> {
    deliveries: Vec<i64>,
    epochs: Vec<i64>,
    /// Those that are locked: of the deliveries, and those that get some of an order.
    endpoints: Vec<i64>,
    parents: Vec<i64>,
    pub(super) rows: HashMap<i64, Row>,
    /// Those that are still registered.
    workers: HashSet<i64>,
    /// Who has which endpoint.
    lanes: HashSet<(i64, i64)>,
    pub(super) standings: BTreeMap<i64, Endpoint>,
    /// Failed deliveries that a repetition may recover.
    recoverable: HashSet<i64>,
    pub(super) recovered: Vec<i64>,
    pub(super) logged: Vec<(i64, Cow<'w, AttemptRecord>)>,
    pub(super) paid: Vec<(i64, String, u32, Millis)>,
    pub(super) notices: Vec<(NoticeKind, i64, i64, u32, Millis)>,
    pub(super) disabled: Vec<(EndpointId, EndpointStatus, Millis)>,
    /// Attempts that begin.
    pub(super) begun: Vec<(i64, Millis)>,
}

pub(super) struct Endpoint {
    /// `None` if it was deleted.
    status: Option<EndpointStatus>,
    generation: i64,
    tenant: Option<String>,
    pub(super) failures: u32,
    pub(super) last_attempt_at: Option<Millis>,
    pub(super) last_code: Option<u16>,
    pub(super) last_error: Option<Code>,
    pub(super) changed: bool,
}

impl<'w> Settling<'w> {
    pub(super) fn of(run: &[&'w Write]) -> Self {
        let attempts = || {
            run.iter().filter_map(|write| match write {
                Write::Settle(settle) => Some((settle.delivery, settle.epoch)),
                Write::Begin { epoch, delivery, .. } | Write::Lost { epoch, delivery, .. } => {
                    Some((*delivery, *epoch))
                }
                _ => None,
            })
        };
        Self {
            deliveries: sorted(attempts().map(|(delivery, _)| delivery.0)),
            epochs: sorted(attempts().map(|(_, epoch)| epoch)),
            ..Self::default()
        }
    }

    /// Locks the deliveries.
    pub(super) fn probe(&self) -> Vec<Step<'_>> {
        if self.deliveries.is_empty() { Vec::new() } else { vec![Step::new(LOCK, &[&self.deliveries])] }
    }

    /// Gives those that have ended before, or do not exist.
    pub(super) fn probed(&mut self, answers: Vec<Answer>) -> Result<Vec<i64>> {
        for answer in answers {
            self.rows.extend(by_number(&answer.rows, Row::read)?);
        }
        Ok(self.deliveries.iter().copied().filter(|id| !self.rows.contains_key(id)).collect())
    }

    /// Locks who may settle and where it counts, and reads what it counts with. Each statement sees what was committed
    /// before it, so what is read behind a lock is what the lock keeps.
    /// `lines` are endpoints that get deliveries of an order: nobody ends one of theirs meanwhile.
    pub(super) fn standings(&mut self, lines: impl Iterator<Item = i64>) -> Vec<Step<'_>> {
        self.endpoints = sorted(self.rows.values().map(|row| row.endpoint.0).chain(lines));
        if self.endpoints.is_empty() {
            return Vec::new();
        }
        self.parents = sorted(self.rows.values().filter_map(|row| row.parent).map(|id| id.0));
        let mut steps = vec![
            Step::new(WORKERS, &[&self.epochs]),
            Step::new(LANES, &[&self.endpoints, &self.epochs]),
            Step::new(HEALTH, &[&self.endpoints]),
            Step::new(STATUS, &[&self.endpoints]),
        ];
        if !self.parents.is_empty() {
            steps.push(Step::new(RECOVERABLE, &[&self.parents]));
        }
        steps
    }

    pub(super) fn stand(&mut self, answers: Vec<Answer>) -> Result<()> {
        let mut answers = answers.into_iter().map(|answer| answer.rows);
        let mut next = || answers.next().unwrap_or_default();
        for row in next() {
            self.workers.insert(get(&row, 0)?);
        }
        for row in next() {
            self.lanes.insert((get(&row, 0)?, get(&row, 1)?));
        }
        let health = next();
        let mut status = by_number(&next(), |row| {
            Ok((value::get_status(row, 1)?, get::<i64>(row, 2)?, value::get_tenant(row, 3)?))
        })?;
        for row in health {
            let id: i64 = get(&row, 0)?;
            let Some((status, generation, tenant)) = status.remove(&id) else { continue };
            let endpoint = Endpoint {
                status,
                generation,
                tenant,
                failures: get_u32(&row, 1)?,
                last_attempt_at: get(&row, 2)?,
                last_code: value::get_status_code(&row, 3)?,
                last_error: value::get_code(&row, 4)?,
                changed: false,
            };
            self.standings.insert(id, endpoint);
        }
        for row in next() {
            self.recoverable.insert(get(&row, 0)?);
        }
        Ok(())
    }

    pub(super) fn begin(&mut self, epoch: i64, id: DeliveryId, number: u32, now: Millis) -> bool {
        let begins = self.next(epoch, id, number) == Some(DeliveryState::Pending);
        if begins {
            self.begun.push((id.0, now));
        }
        begins
    }

    pub(super) fn settle(&mut self, settle: &'w Settle, cache: &mut Cache) -> Settled {
        let id = settle.delivery;
        let Some(before) = self.next(settle.epoch, id, settle.attempt.number) else {
            return self.unapplied(id);
        };
        self.log(id, Cow::Borrowed(&settle.attempt));
        let Some(row) = self.rows.get_mut(&id.0) else { return self.unapplied(id) };
        let endpoint_id = row.endpoint;
        let Some(endpoint) = self.standings.get_mut(&endpoint_id.0) else { return applied(before) };
        let Some(status) = endpoint.status else { return applied(before) };
        endpoint.last_attempt_at = Some(settle.now);
        endpoint.last_code = settle.attempt.response_code;
        endpoint.last_error = settle.attempt.error.as_ref().map(Error::code);
        endpoint.changed = true;
        if before.is_terminal() {
            return applied(before);
        }

        let recovers = row.parent.is_some_and(|parent| self.recoverable.contains(&parent.0));
        let standing = Standing { status, generation: endpoint.generation, failures: endpoint.failures };
        let effects = rules::settle(Open { trigger: row.trigger, recovers }, standing, settle);
        endpoint.failures = effects.failures;
        match effects.due {
            Some(due) => row.due = due,
            None => {
                row.state = effects.state;
                row.done_at = Some(settle.now);
            }
        }
        if effects.metered {
            let own = (!row.tenant.is_empty()).then(|| row.tenant.clone());
            let tenant = own.or_else(|| endpoint.tenant.clone()).unwrap_or_default();
            self.paid.push((id.0, tenant, settle.credits, settle.now));
        }
        if recovers
            && effects.state == DeliveryState::Delivered
            && let Some(parent) = row.parent
        {
            self.recoverable.remove(&parent.0);
            self.recovered.push(parent.0);
        }
        for kind in &effects.notices {
            self.notices.push((*kind, endpoint_id.0, id.0, effects.failures, settle.now));
        }
        if let Some(reason) = effects.disables {
            let status = EndpointStatus::Disabled(reason);
            endpoint.status = Some(status);
            self.disabled.push((endpoint_id, status, settle.now));
            cache.drop_route(endpoint_id);
        }
        let state = if effects.due.is_some() { rules::seen(endpoint.status) } else { effects.state };
        let disabled = effects.disables.is_some();
        Settled { applied: true, state: Some(state), disabled, notices: effects.notices }
    }

    pub(super) fn lost(
        &mut self,
        epoch: i64,
        id: DeliveryId,
        number: u32,
        started_at: Millis,
        now: Millis,
    ) -> Settled {
        let Some(state) = self.next(epoch, id, number) else { return self.unapplied(id) };
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
        self.log(id, Cow::Owned(attempt));
        if let Some(row) = self.rows.get_mut(&id.0) {
            row.lost += 1;
        }
        applied(state)
    }

    /// Where the delivery stands, if this is its next attempt and was begun by who has its lane.
    fn next(&self, epoch: i64, id: DeliveryId, number: u32) -> Option<DeliveryState> {
        let row = self.rows.get(&id.0)?;
        let held = self.workers.contains(&epoch) && self.lanes.contains(&(row.endpoint.0, epoch));
        let next = row.attempts + 1 == number && number <= rules::MOST_ATTEMPTS;
        if held && next { self.seen(id) } else { None }
    }

    /// Where a delivery stands for all to see, if it exists.
    fn seen(&self, id: DeliveryId) -> Option<DeliveryState> {
        let row = self.rows.get(&id.0)?;
        let endpoint = self.standings.get(&row.endpoint.0);
        let pending = || rules::seen(endpoint.and_then(|endpoint| endpoint.status));
        Some(if row.state == DeliveryState::Pending { pending() } else { row.state })
    }

    fn unapplied(&self, id: DeliveryId) -> Settled {
        Settled { applied: false, state: self.seen(id), disabled: false, notices: Vec::new() }
    }

    fn log(&mut self, id: DeliveryId, attempt: Cow<'w, AttemptRecord>) {
        if let Some(row) = self.rows.get_mut(&id.0) {
            row.attempts = attempt.number;
            row.code = attempt.response_code.map(i32::from);
            row.error = attempt.error.as_ref().map(|error| error.code().as_str().to_owned());
            row.duration = Some(attempt.duration);
            row.changed = true;
            self.logged.push((id.0, attempt));
        }
    }

    /// The endpoints that attempts disabled.
    pub(super) fn disabled(&self) -> Vec<EndpointId> {
        self.disabled.iter().map(|(id, ..)| *id).collect()
    }
}

fn applied(state: DeliveryState) -> Settled {
    Settled { applied: true, state: Some(state), disabled: false, notices: Vec::new() }
}

pub(super) const LOCK: &str = "SELECT id, message, message_at, endpoint, tenant, cause, attempts, lost, due, created_at,
    code, error, duration, parent, 0::smallint, NULL::bigint, order_key FROM delivery WHERE id = ANY($1) ORDER BY id FOR UPDATE";
/// In the same columns.
pub(super) const ENDED: &str =
    "SELECT id, message, message_at, endpoint, '', cause, attempts, lost, 0::bigint, created_at,
    code, error, duration, parent, state, done_at, order_key FROM history WHERE id = ANY($1)";
/// Who evicts a worker locks its row for itself.
const WORKERS: &str = "SELECT id FROM worker WHERE id = ANY($1) ORDER BY id FOR KEY SHARE";
const LANES: &str = "SELECT endpoint, worker FROM lane WHERE endpoint = ANY($1) AND worker = ANY($2)";
pub(super) const HEALTH: &str =
    "SELECT endpoint, failures, last_attempt_at, last_code, last_error FROM health
    WHERE endpoint = ANY($1) ORDER BY endpoint FOR NO KEY UPDATE";
const STATUS: &str = "SELECT id, status, generation, tenant FROM endpoint WHERE id = ANY($1)";
const RECOVERABLE: &str =
    "SELECT id FROM history WHERE id = ANY($1) AND cause = 0 AND state = 2 AND NOT recovered";
