//! What each write does to the model.

use super::model::{Delivery, Endpoint, Entry, Message, Model, next};
use crate::deliver::HeaderText;
use crate::error::{Error, Result};
use crate::store::record::{
    AttemptRecord, DeliveryId, DeliveryState, EndpointId, EndpointRecord, EndpointSpec, EndpointStatus,
    Fresh, JobId, JobRecord, MessageKey, MessageRecord, Notice, SecretRecord, Trigger,
};
use crate::store::rules::{self, missing};
use crate::store::write::{NewJob, NewMessage, Recipients, Sent, Settle, Settled, Write, Written};
use crate::timestamp::Millis;

impl Model {
    pub(super) fn apply(&mut self, write: &Write) -> Result<Written> {
        match write {
            Write::Send(message) => self.send(message).map(Written::Sent),
            Write::CreateEndpoint { spec, secrets, now } => Ok(self.create_endpoint(spec, secrets, *now)),
            Write::UpdateEndpoint { id, version, spec, now } => {
                self.update_endpoint(*id, *version, |endpoint| {
                    endpoint.record.spec = spec.clone();
                    endpoint.record.updated_at = *now;
                })
            }
            Write::PutSecrets { id, secrets, now } => self.update_endpoint(*id, None, |endpoint| {
                endpoint.secrets.clone_from(secrets);
                endpoint.record.updated_at = *now;
            }),
            Write::SetStatus { id, status, now } => self.set_status(*id, *status, *now),
            Write::DeleteEndpoint { id, now } => self.delete_endpoint(*id, *now),
            Write::Begin { epoch, delivery, number, now } => {
                Ok(Written::Changed(self.begin(*epoch, *delivery, *number, *now)))
            }
            Write::Settle(settle) => Ok(Written::Settled(self.settle(settle))),
            Write::Lost { epoch, delivery, number, started_at, now } => {
                Ok(Written::Settled(self.lost(*epoch, *delivery, *number, *started_at, *now)))
            }
            Write::Retry { delivery, now } => self.retry(*delivery, *now).map(Written::Retried),
            Write::CreateJob(job) => Ok(self.create_job(job)),
            Write::StepJob { job, limit, now } => self.step_job(*job, *limit, *now),
            Write::Cancel { delivery, now } => self.cancel(*delivery, *now).map(Written::Changed),
            Write::Expunge { message, now } => self.expunge(*message, *now).map(Written::Changed),
            Write::AckNotices { upto } => {
                let before = self.notices.len();
                self.notices.retain(|seq, _| seq > upto);
                Ok(Written::Changed(self.notices.len() < before))
            }
            Write::RejectOutbox { seq, reason } => {
                let row = self.outbox.get_mut(seq).ok_or_else(|| missing("outbox row", seq))?;
                Ok(Written::Changed(row.1.replace(reason.clone()).is_none()))
            }
            Write::Sweep(sweep) => Ok(Written::Swept(self.sweep(sweep))),
        }
    }

    fn send(&mut self, new: &NewMessage) -> Result<Sent> {
        if let Some(seq) = new.outbox
            && !self.outbox.contains_key(&seq)
        {
            return Err(missing("outbox row", seq));
        }
        if let Some(key) = self.key_of(new.tenant.as_deref(), &new.id) {
            let first = &self.messages[&key];
            if first.digest != new.digest {
                return Err(rules::conflicting_id(&new.id));
            }
            let MessageRecord { timestamp, created_at, .. } = first.record;
            self.outbox.retain(|seq, _| Some(*seq) != new.outbox);
            return Ok(Sent { key, duplicate: true, timestamp, created_at, deliveries: Vec::new() });
        }
        let recipients = self.recipients(new)?;
        let key = MessageKey(next(&mut self.last.message));
        let record = MessageRecord {
            key,
            id: new.id.clone(),
            tenant: new.tenant.clone(),
            event_type: new.event_type.clone(),
            timestamp: new.timestamp,
            created_at: new.now,
            has_body: true,
        };
        self.messages.insert(key, Message { record, body: Some(new.body.clone()), digest: new.digest });
        self.keys.insert((new.tenant.clone(), new.id.clone()), key);
        self.outbox.retain(|seq, _| Some(*seq) != new.outbox);
        let trigger = new.to.trigger();
        let order_key = new.to.order_key();
        let deliver = |endpoint| self.deliver(key, endpoint, trigger, order_key, None, new.now);
        let deliveries = recipients.into_iter().map(deliver).collect();
        let (timestamp, created_at) = (new.timestamp, new.now);
        Ok(Sent { key, duplicate: false, timestamp, created_at, deliveries })
    }

    fn recipients(&self, new: &NewMessage) -> Result<Vec<EndpointId>> {
        match &new.to {
            Recipients::Matching => Ok(self
                .active()
                .filter(|endpoint| endpoint.spec.tenant.is_none() || endpoint.spec.tenant == new.tenant)
                .filter(|endpoint| endpoint.spec.events.matches(&new.event_type))
                .map(|endpoint| endpoint.id)
                .collect()),
            Recipients::Test(ids) => {
                let present = |id: &EndpointId| self.endpoint(*id).map(|_| *id);
                ids.iter().map(|id| present(id).ok_or_else(|| missing("endpoint", id))).collect()
            }
            Recipients::Only { endpoint, .. } => {
                self.endpoint(*endpoint).map(|_| vec![*endpoint]).ok_or_else(|| missing("endpoint", endpoint))
            }
        }
    }

    fn deliver(
        &mut self,
        message: MessageKey,
        endpoint: EndpointId,
        trigger: Trigger,
        order_key: Option<&str>,
        parent: Option<DeliveryId>,
        now: Millis,
    ) -> Fresh {
        let id = DeliveryId(next(&mut self.last.delivery));
        let waits = order_key.is_some_and(|key| self.first_of(endpoint, key).is_some());
        let due = if waits { rules::IN_LINE } else { now };
        if let Some(key) = order_key {
            self.lines.insert((endpoint, key.to_owned(), id));
        }
        let delivery = Delivery {
            message,
            endpoint,
            trigger,
            parent,
            order_key: order_key.map(str::to_owned),
            begun_at: None,
            retry: None,
            recovered: false,
            state: DeliveryState::Pending,
            due,
            attempts: 0,
            lost: 0,
            log: Vec::new(),
            created_at: now,
            done_at: None,
            last_code: None,
            last_error: None,
            last_duration: None,
        };
        self.deliveries.insert(id, delivery);
        self.pending.insert((endpoint, due, id));
        if let Some(parent) = parent.and_then(|parent| self.deliveries.get_mut(&parent)) {
            parent.retry = Some(id);
        }
        Fresh { id, message, endpoint, trigger, due: now, in_line: order_key.is_some() }
    }

    pub(super) fn create_endpoint(
        &mut self,
        spec: &EndpointSpec,
        secrets: &[SecretRecord],
        now: Millis,
    ) -> Written {
        let id = EndpointId(next(&mut self.last.endpoint));
        let record = EndpointRecord {
            id,
            spec: spec.clone(),
            status: EndpointStatus::Active,
            disabled_at: None,
            version: 1,
            generation: 1,
            failures: 0,
            last_attempt_at: None,
            last_code: None,
            last_error: None,
            created_at: now,
            updated_at: now,
        };
        let endpoint = Box::new(record.clone());
        self.endpoints.insert(id, Endpoint { record, secrets: secrets.to_vec(), deleted_at: None });
        Written::Endpoint { endpoint, changed: true }
    }

    fn update_endpoint(
        &mut self,
        id: EndpointId,
        version: Option<i64>,
        change: impl FnOnce(&mut Endpoint),
    ) -> Result<Written> {
        let endpoint = self.endpoint_mut(id).ok_or_else(|| missing("endpoint", id))?;
        if version.is_some_and(|version| version != endpoint.record.version) {
            return Err(rules::conflicting_version());
        }
        change(endpoint);
        endpoint.record.version += 1;
        Ok(Written::Endpoint { endpoint: Box::new(endpoint.record.clone()), changed: true })
    }

    fn set_status(&mut self, id: EndpointId, status: EndpointStatus, now: Millis) -> Result<Written> {
        let endpoint = &mut self.endpoint_mut(id).ok_or_else(|| missing("endpoint", id))?.record;
        let active = |status| status == EndpointStatus::Active;
        let changed = active(endpoint.status) != active(status);
        if changed {
            endpoint.status = status;
            endpoint.updated_at = now;
            endpoint.disabled_at = Some(now);
            if active(status) {
                endpoint.disabled_at = None;
                endpoint.failures = 0;
                endpoint.generation += 1;
            }
        }
        Ok(Written::Endpoint { endpoint: Box::new(endpoint.clone()), changed })
    }

    fn delete_endpoint(&mut self, id: EndpointId, now: Millis) -> Result<Written> {
        let endpoint = self.endpoint_mut(id).ok_or_else(|| missing("endpoint", id))?;
        endpoint.deleted_at = Some(now);
        endpoint.secrets.clear();
        Ok(Written::Endpoint { endpoint: Box::new(endpoint.record.clone()), changed: true })
    }

    fn begin(&mut self, epoch: i64, id: DeliveryId, number: u32, now: Millis) -> bool {
        let Some(delivery) = self.deliveries.get(&id) else { return false };
        let held = epoch == self.epoch && number <= rules::MOST_ATTEMPTS;
        let begins =
            held && delivery.attempts + 1 == number && self.state(delivery) == DeliveryState::Pending;
        if begins && let Some(delivery) = self.deliveries.get_mut(&id) {
            delivery.begun_at = Some(now);
        }
        begins
    }

    fn settle(&mut self, settle: &Settle) -> Settled {
        let Some(state) = self.log(settle.epoch, settle.delivery, &settle.attempt) else {
            return self.unapplied(settle.delivery);
        };
        let unchanged = Settled { applied: true, state: Some(state), disabled: false, notices: Vec::new() };
        let delivery = &self.deliveries[&settle.delivery];
        let (id, trigger, message, parent) =
            (delivery.endpoint, delivery.trigger, delivery.message, delivery.parent);
        let recovers = parent.and_then(|parent| self.deliveries.get(&parent)).is_some_and(|parent| {
            parent.trigger == Trigger::Event && parent.state == DeliveryState::Failed && !parent.recovered
        });
        let Some(endpoint) = self.endpoint_mut(id) else { return unchanged };
        endpoint.record.last_attempt_at = Some(settle.now);
        endpoint.record.last_code = settle.attempt.response_code;
        endpoint.record.last_error = settle.attempt.error.as_ref().map(Error::code);
        if state.is_terminal() {
            return unchanged;
        }

        let EndpointRecord { status, generation, failures, .. } = endpoint.record;
        let standing = rules::Standing { status, generation, failures };
        let effects = rules::settle(rules::Open { trigger, recovers }, standing, settle);
        endpoint.record.failures = effects.failures;
        if let Some(reason) = effects.disables {
            endpoint.record.status = EndpointStatus::Disabled(reason);
            endpoint.record.disabled_at = Some(settle.now);
        }
        let of_all = endpoint.record.spec.tenant.clone();
        match effects.due {
            Some(due) => self.reschedule(settle.delivery, due),
            None => self.finish(settle.delivery, effects.state, settle.now),
        }
        if effects.metered {
            let tenant = self.messages[&message].record.tenant.clone().or(of_all);
            self.usage.insert(settle.delivery, Entry { tenant, credits: settle.credits, at: settle.now });
        }
        if effects.state == DeliveryState::Delivered
            && recovers
            && let Some(parent) = parent.and_then(|parent| self.deliveries.get_mut(&parent))
        {
            parent.recovered = true;
        }
        for kind in &effects.notices {
            let seq = next(&mut self.last.notice);
            let (delivery, failures, created_at) = (settle.delivery, effects.failures, settle.now);
            let notice = Notice { seq, kind: *kind, endpoint: id, delivery, failures, created_at };
            self.notices.insert(seq, notice);
        }
        let state = Some(self.state(&self.deliveries[&settle.delivery]));
        Settled { applied: true, state, disabled: effects.disables.is_some(), notices: effects.notices }
    }

    fn lost(&mut self, epoch: i64, id: DeliveryId, number: u32, started_at: Millis, now: Millis) -> Settled {
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
        let Some(state) = self.log(epoch, id, &attempt) else { return self.unapplied(id) };
        if let Some(delivery) = self.deliveries.get_mut(&id) {
            delivery.lost += 1;
        }
        Settled { applied: true, state: Some(state), disabled: false, notices: Vec::new() }
    }

    /// Writes an attempt into the log, if it is the next one and the right to dispatch is held.
    fn log(&mut self, epoch: i64, id: DeliveryId, attempt: &AttemptRecord) -> Option<DeliveryState> {
        let is_next = |delivery: &&mut Delivery| delivery.attempts + 1 == attempt.number;
        let held = epoch == self.epoch && attempt.number <= rules::MOST_ATTEMPTS;
        let delivery = self.deliveries.get_mut(&id).filter(|delivery| held && is_next(delivery))?;
        delivery.attempts = attempt.number;
        delivery.begun_at = None;
        delivery.last_code = attempt.response_code;
        delivery.last_error = attempt.error.as_ref().map(Error::code);
        delivery.last_duration = Some(attempt.duration);
        delivery.log.push(attempt.clone());
        Some(self.state(&self.deliveries[&id]))
    }

    fn unapplied(&self, id: DeliveryId) -> Settled {
        let state = self.deliveries.get(&id).map(|delivery| self.state(delivery));
        Settled { applied: false, state, disabled: false, notices: Vec::new() }
    }

    fn retry(&mut self, id: DeliveryId, now: Millis) -> Result<Fresh> {
        let delivery = self.deliveries.get(&id).ok_or_else(|| missing("delivery", id))?;
        let Delivery { message, endpoint, trigger, due, .. } = *delivery;
        let root = delivery.parent.unwrap_or(id);
        let order_key = delivery.order_key.clone();
        match self.state(delivery) {
            DeliveryState::Pending => {
                if due < rules::IN_LINE {
                    self.reschedule(id, now);
                }
                Ok(Fresh { id, message, endpoint, trigger, due: now, in_line: order_key.is_some() })
            }
            DeliveryState::Held => Err(rules::not_enabled()),
            _ if trigger == Trigger::Test => Err(rules::no_retry_of_tests()),
            _ if !self.is_active(endpoint) => Err(rules::not_enabled()),
            _ if !self.has_body(message) => Err(rules::no_body()),
            _ => {
                let order_key = order_key.as_deref();
                Ok(self.deliver(message, endpoint, Trigger::Manual, order_key, Some(root), now))
            }
        }
    }

    fn is_active(&self, id: EndpointId) -> bool {
        self.endpoint(id).is_some_and(|endpoint| endpoint.record.status == EndpointStatus::Active)
    }

    fn has_body(&self, key: MessageKey) -> bool {
        self.messages.get(&key).is_some_and(|message| message.body.is_some())
    }

    fn create_job(&mut self, new: &NewJob) -> Written {
        let mut job = JobRecord {
            id: JobId(next(&mut self.last.job)),
            since: new.since,
            created_at: new.now,
            endpoint: new.endpoint,
            tenant: new.tenant.clone(),
            events: new.events.clone(),
            cursor: (new.since, DeliveryId(0)),
            total: 0,
            retried: 0,
            skipped: 0,
            done: false,
        };
        job.total = self.failed(&job).iter().filter(|(_, id)| self.covers(&job, *id)).count() as u64;
        self.jobs.insert(job.id, job.clone());
        Written::Job { job: Box::new(job), deliveries: Vec::new() }
    }

    fn step_job(&mut self, id: JobId, limit: usize, now: Millis) -> Result<Written> {
        let mut job = self.jobs.get(&id).cloned().ok_or_else(|| missing("job", id))?;
        let mut deliveries = Vec::new();
        if !job.done {
            let failed: Vec<_> = self.failed(&job).into_iter().take(limit).collect();
            job.done = failed.len() < limit;
            for place in failed {
                job.cursor = place;
                if !self.covers(&job, place.1) {
                    continue;
                }
                let delivery = &self.deliveries[&place.1];
                let (message, endpoint) = (delivery.message, delivery.endpoint);
                let order_key = delivery.order_key.clone();
                let waits = delivery.retry.and_then(|retry| self.deliveries.get(&retry));
                let waits = waits.is_some_and(|retry| retry.state == DeliveryState::Pending);
                if delivery.recovered || waits || !self.has_body(message) || !self.is_active(endpoint) {
                    job.skipped += 1;
                } else {
                    job.retried += 1;
                    let (order_key, root) = (order_key.as_deref(), Some(place.1));
                    deliveries.push(self.deliver(message, endpoint, Trigger::Manual, order_key, root, now));
                }
            }
            self.jobs.insert(id, job.clone());
        }
        Ok(Written::Job { job: Box::new(job), deliveries })
    }

    /// Deliveries of events that failed in the job's time and behind its cursor, in the order of their end.
    fn failed(&self, job: &JobRecord) -> Vec<(Millis, DeliveryId)> {
        let failed = self.deliveries.iter().filter(|(_, delivery)| {
            delivery.trigger == Trigger::Event && delivery.state == DeliveryState::Failed
        });
        let places = failed.filter_map(|(id, delivery)| Some((delivery.done_at?, *id)));
        let mut places: Vec<_> =
            places.filter(|place| *place > job.cursor && place.0 <= job.created_at).collect();
        places.sort_unstable();
        places
    }

    fn covers(&self, job: &JobRecord, id: DeliveryId) -> bool {
        let delivery = &self.deliveries[&id];
        let message = &self.messages[&delivery.message].record;
        job.endpoint.is_none_or(|endpoint| delivery.endpoint == endpoint)
            && job.tenant.as_ref().is_none_or(|tenant| message.tenant.as_ref() == Some(tenant))
            && job.events.matches(&message.event_type)
    }

    fn cancel(&mut self, id: DeliveryId, now: Millis) -> Result<bool> {
        let delivery = self.deliveries.get(&id).ok_or_else(|| missing("delivery", id))?;
        let open = !self.state(delivery).is_terminal();
        if open {
            self.finish(id, DeliveryState::Canceled, now);
        }
        Ok(open)
    }

    fn expunge(&mut self, key: MessageKey, now: Millis) -> Result<bool> {
        let message = self.messages.get_mut(&key).ok_or_else(|| missing("message", key))?;
        let there = message.body.take().is_some();
        message.record.has_body = false;
        let of_it = self.deliveries.iter().filter(|(_, delivery)| delivery.message == key);
        let ids: Vec<_> = of_it.map(|(id, _)| *id).collect();
        for id in ids {
            self.cancel(id, now)?;
            if let Some(delivery) = self.deliveries.get_mut(&id) {
                delivery.log.iter_mut().for_each(|attempt| attempt.response_body.clear());
            }
        }
        Ok(there)
    }
}
