//! The reference: the plainest code that does what a store must. What it holds is gone when it is dropped.

mod apply;
mod model;
mod sweep;

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use self::model::Model;
use super::query::{Changes, DeliveryQuery, EndpointQuery, Grant, MessageRef, Stats, Usage, Window};
use super::record::{
    AttemptRecord, DeliveryId, DeliveryRecord, DeliveryState, Due, EndpointId, EndpointRecord, EndpointSpec,
    EndpointStatus, JobId, JobRecord, MessageKey, MessageRecord, Notice, OutboxRow, Payload, Ready,
    SecretRecord,
};
use super::write::{Role, Write, Written};
use super::{Store, rules};
use crate::error::{Code, Error, Result};
use crate::timestamp::Millis;

/// A store in memory, for tests and for senders that may forget.
#[derive(Default)]
pub struct MemoryStore {
    model: Mutex<Model>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a row into the outbox, as a program does with SQL where there is a file.
    pub fn put_outbox(&self, tenant: Option<&str>, event_type: &str, id: Option<&str>, data: &[u8]) {
        let mut model = self.hold();
        let seq = model::next(&mut model.last.outbox);
        model.poked = true;
        let row = OutboxRow {
            seq,
            tenant: tenant.map(str::to_owned),
            event_type: event_type.to_owned(),
            id: id.map(str::to_owned),
            data: Bytes::copy_from_slice(data),
            timestamp: None,
        };
        model.outbox.insert(seq, (row, None));
    }

    fn hold(&self) -> MutexGuard<'_, Model> {
        // Writes change nothing before they know that they can, so what a panic left behind is whole.
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Result<MutexGuard<'_, Model>> {
        let model = self.hold();
        if model.closed { Err(Error::new(Code::Closed, "The store was closed.")) } else { Ok(model) }
    }
}

impl Store for MemoryStore {
    fn commit(&self, batch: &[Write]) -> Result<Vec<Result<Written>>> {
        let mut model = self.open()?;
        Ok(batch.iter().map(|write| model.apply(write)).collect())
    }

    fn found(&self, role: Role, endpoints: &[EndpointSpec], now: Millis) -> Result<()> {
        let mut model = self.open()?;
        if let Some(found) = model.role {
            return rules::check_role(found.as_str(), role);
        }
        model.role = Some(role);
        for spec in endpoints {
            model.create_endpoint(spec, &[], now);
        }
        Ok(())
    }

    fn acquire(&self) -> Result<Option<Grant>> {
        let mut model = self.open()?;
        if model.granted {
            return Ok(None);
        }
        model.granted = true;
        model.epoch += 1;
        Ok(Some(Grant { epoch: model.epoch }))
    }

    fn release(&self, grant: Grant) -> Result<()> {
        let mut model = self.open()?;
        if model.epoch == grant.epoch {
            model.granted = false;
        }
        Ok(())
    }

    fn changes(&self) -> Result<Changes> {
        let poked = std::mem::take(&mut self.open()?.poked);
        Ok(Changes { outbox: poked, ..Changes::default() })
    }

    fn ready(&self, after: Option<EndpointId>, limit: usize) -> Result<Vec<Ready>> {
        let model = self.open()?;
        let behind = model.active().filter(|endpoint| after.is_none_or(|after| endpoint.id > after));
        let ready = behind.filter_map(|endpoint| {
            let mut pending = model.pending_of(endpoint.id);
            let due = match endpoint.spec.ordered {
                true => pending.min_by_key(|(_, id)| *id)?.0,
                false => pending.next().filter(|(due, _)| *due < rules::IN_LINE)?.0,
            };
            Some(Ready { endpoint: endpoint.id, due })
        });
        Ok(ready.take(limit).collect())
    }

    fn due(&self, endpoint: EndpointId, window: Window, limit: usize) -> Result<Vec<Due>> {
        let model = self.open()?;
        let Some(endpoint) = model.active().find(|active| active.id == endpoint) else {
            return Ok(Vec::new());
        };
        let mut pending: Vec<_> = match window {
            Window::Due { after, until } => model
                .pending_of(endpoint.id)
                .take_while(|(due, _)| *due <= until && *due < rules::IN_LINE)
                .filter(|place| after.is_none_or(|after| *place > after))
                .map(|(_, id)| id)
                .collect(),
            Window::Sequence { after } if endpoint.spec.ordered => {
                let ids = model.pending_of(endpoint.id).map(|(_, id)| id);
                ids.filter(|id| after.is_none_or(|after| *id > after)).collect()
            }
            Window::Sequence { .. } => Vec::new(),
        };
        if let Window::Sequence { .. } = window {
            pending.sort_unstable();
        }
        Ok(pending.into_iter().take(limit).filter_map(|id| model.due(id)).collect())
    }

    fn payloads(&self, messages: &[MessageKey]) -> Result<Vec<Option<Payload>>> {
        let model = self.open()?;
        let payload = |key: &MessageKey| {
            let message = model.messages.get(key)?;
            Some(Payload { message: message.record.clone(), body: message.body.clone()? })
        };
        Ok(messages.iter().map(payload).collect())
    }

    fn endpoint(&self, id: EndpointId) -> Result<Option<EndpointRecord>> {
        Ok(self.open()?.endpoint(id).map(|endpoint| endpoint.record.clone()))
    }

    fn endpoints(
        &self,
        query: &EndpointQuery,
        after: Option<EndpointId>,
        limit: usize,
    ) -> Result<Vec<EndpointRecord>> {
        let model = self.open()?;
        let wanted = model.endpoints.values().filter(|endpoint| endpoint.deleted_at.is_none());
        let wanted = wanted.map(|endpoint| &endpoint.record).filter(|endpoint| {
            after.is_none_or(|after| endpoint.id > after)
                && query.tenant.as_ref().is_none_or(|tenant| endpoint.spec.tenant.as_ref() == Some(tenant))
                && query.active.is_none_or(|active| (endpoint.status == EndpointStatus::Active) == active)
        });
        Ok(wanted.take(limit).cloned().collect())
    }

    fn secrets(&self, endpoint: EndpointId) -> Result<Vec<SecretRecord>> {
        Ok(self.open()?.endpoint(endpoint).map(|endpoint| endpoint.secrets.clone()).unwrap_or_default())
    }

    fn message(&self, message: MessageRef<'_>) -> Result<Option<MessageRecord>> {
        let model = self.open()?;
        let key = match message {
            MessageRef::Key(key) => Some(key),
            MessageRef::Id { tenant, id } => model.key_of(tenant, id),
            MessageRef::AnyTenant { id } => model
                .messages
                .values()
                .rev()
                .find(|message| message.record.id == id)
                .map(|found| found.record.key),
        };
        Ok(key.and_then(|key| model.messages.get(&key)).map(|message| message.record.clone()))
    }

    fn delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRecord>> {
        let model = self.open()?;
        Ok(model.deliveries.get(&id).and_then(|delivery| model.record(id, delivery)))
    }

    fn deliveries(
        &self,
        query: &DeliveryQuery,
        before: Option<DeliveryId>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>> {
        let model = self.open()?;
        let older = model.deliveries.iter().rev().filter(|(id, _)| before.is_none_or(|before| **id < before));
        let records = older.filter_map(|(id, delivery)| model.record(*id, delivery));
        let last = |delivery: &DeliveryRecord| !query.last || model.is_last(delivery.id);
        Ok(records.filter(|delivery| wanted(query, delivery) && last(delivery)).take(limit).collect())
    }

    fn attempts(&self, delivery: DeliveryId) -> Result<Vec<AttemptRecord>> {
        Ok(self.open()?.deliveries.get(&delivery).map(|delivery| delivery.log.clone()).unwrap_or_default())
    }

    fn notices(&self, after: i64, limit: usize) -> Result<Vec<Notice>> {
        let model = self.open()?;
        Ok(model.notices.values().filter(|notice| notice.seq > after).take(limit).cloned().collect())
    }

    fn job(&self, id: JobId) -> Result<Option<JobRecord>> {
        Ok(self.open()?.jobs.get(&id).cloned())
    }

    fn open_jobs(&self) -> Result<Vec<JobRecord>> {
        Ok(self.open()?.jobs.values().filter(|job| !job.done).cloned().collect())
    }

    fn outbox(&self, limit: usize) -> Result<Vec<OutboxRow>> {
        let model = self.open()?;
        let waiting = model.outbox.values().filter(|(_, rejected)| rejected.is_none());
        Ok(waiting.take(limit).map(|(row, _)| row.clone()).collect())
    }

    fn usage(&self, tenant: Option<&str>, since: Millis, until: Millis) -> Result<Usage> {
        let model = self.open()?;
        let counted = model.usage.values().filter(|entry| {
            (since..until).contains(&entry.at)
                && tenant.is_none_or(|tenant| entry.tenant.as_deref() == Some(tenant))
        });
        Ok(counted.fold(Usage::default(), |sum, entry| Usage {
            deliveries: sum.deliveries + 1,
            credits: sum.credits + u64::from(entry.credits),
        }))
    }

    fn stats(&self) -> Result<Stats> {
        let model = self.open()?;
        let mut stats = Stats { notices: model.notices.len() as u64, ..Stats::default() };
        for endpoint in model.endpoints.values().filter(|endpoint| endpoint.deleted_at.is_none()) {
            let waiting = model.pending_of(endpoint.record.id).count() as u64;
            let first = model.pending_of(endpoint.record.id).next().map(|(due, _)| due);
            if rules::seen(Some(endpoint.record.status)) == DeliveryState::Pending {
                stats.active_endpoints += 1;
                stats.pending += waiting;
                stats.oldest_due = stats.oldest_due.into_iter().chain(first).min();
            } else {
                stats.disabled_endpoints += 1;
                stats.held += waiting;
            }
        }
        stats.rejected = model.outbox.values().filter(|(_, rejected)| rejected.is_some()).count() as u64;
        stats.outbox = model.outbox.len() as u64 - stats.rejected;
        Ok(stats)
    }

    fn close(&self) -> Result<()> {
        let mut model = self.hold();
        model.closed = true;
        Ok(())
    }
}

fn wanted(query: &DeliveryQuery, delivery: &DeliveryRecord) -> bool {
    let code = |(first, last)| delivery.last_code.is_some_and(|code| (first..=last).contains(&code));
    query.endpoint.is_none_or(|endpoint| delivery.endpoint == endpoint)
        && query.message.is_none_or(|message| delivery.message == message)
        && query.state.is_none_or(|state| delivery.state == state)
        && query.trigger.is_none_or(|trigger| delivery.trigger == trigger)
        && query.tenant.as_ref().is_none_or(|tenant| delivery.tenant.as_ref() == Some(tenant))
        && query.since.is_none_or(|since| delivery.created_at >= since)
        && query.until.is_none_or(|until| delivery.created_at < until)
        && query.code.is_none_or(code)
        && query.events.matches(&delivery.event_type)
}
