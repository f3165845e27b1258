//! What the store in memory holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;

use crate::error::Code;
use crate::store::record::{
    AttemptRecord, DeliveryId, DeliveryRecord, DeliveryState, Due, EndpointId, EndpointRecord,
    EndpointStatus, JobId, JobRecord, MessageKey, MessageRecord, Notice, OutboxRow, SecretRecord, Trigger,
};
use crate::store::rules;
use crate::store::write::Role;
use crate::timestamp::Millis;

#[derive(Default)]
pub(super) struct Model {
    pub(super) closed: bool,
    pub(super) poked: bool,
    pub(super) granted: bool,
    pub(super) epoch: i64,
    pub(super) last: Last,
    pub(super) role: Option<Role>,
    pub(super) endpoints: BTreeMap<EndpointId, Endpoint>,
    pub(super) messages: BTreeMap<MessageKey, Message>,
    pub(super) keys: HashMap<(Option<String>, String), MessageKey>,
    pub(super) deliveries: BTreeMap<DeliveryId, Delivery>,
    /// Those stored as pending, whatever their endpoint is.
    pub(super) pending: BTreeSet<(EndpointId, Millis, DeliveryId)>,
    /// Those of them that have an order.
    pub(super) lines: BTreeSet<(EndpointId, String, DeliveryId)>,
    pub(super) notices: BTreeMap<i64, Notice>,
    pub(super) jobs: BTreeMap<JobId, JobRecord>,
    /// With the reason why it was rejected.
    pub(super) outbox: BTreeMap<i64, (OutboxRow, Option<String>)>,
    pub(super) usage: BTreeMap<DeliveryId, Entry>,
}

pub(super) struct Endpoint {
    pub(super) record: EndpointRecord,
    pub(super) secrets: Vec<SecretRecord>,
    pub(super) deleted_at: Option<Millis>,
}

pub(super) struct Message {
    pub(super) record: MessageRecord,
    pub(super) body: Option<Bytes>,
    pub(super) digest: [u8; 32],
}

pub(super) struct Delivery {
    pub(super) message: MessageKey,
    pub(super) endpoint: EndpointId,
    pub(super) trigger: Trigger,
    pub(super) parent: Option<DeliveryId>,
    pub(super) order_key: Option<String>,
    pub(super) begun_at: Option<Millis>,
    /// The delivery that repeats this one, the last if there are several.
    pub(super) retry: Option<DeliveryId>,
    /// Whether one of them succeeded after this one had failed.
    pub(super) recovered: bool,
    /// Pending, delivered, failed or canceled.
    pub(super) state: DeliveryState,
    pub(super) due: Millis,
    pub(super) attempts: u32,
    pub(super) lost: u32,
    pub(super) log: Vec<AttemptRecord>,
    pub(super) created_at: Millis,
    pub(super) done_at: Option<Millis>,
    pub(super) last_code: Option<u16>,
    pub(super) last_error: Option<Code>,
    pub(super) last_duration: Option<i64>,
}

pub(super) struct Entry {
    pub(super) tenant: Option<String>,
    pub(super) credits: u32,
    pub(super) at: Millis,
}

/// The last ids that were given.
#[derive(Default)]
pub(super) struct Last {
    pub(super) endpoint: i64,
    pub(super) message: i64,
    pub(super) delivery: i64,
    pub(super) notice: i64,
    pub(super) job: i64,
    pub(super) outbox: i64,
}

/// The id after the last one.
pub(super) fn next(last: &mut i64) -> i64 {
    *last += 1;
    *last
}

impl Model {
    pub(super) fn endpoint(&self, id: EndpointId) -> Option<&Endpoint> {
        self.endpoints.get(&id).filter(|endpoint| endpoint.deleted_at.is_none())
    }

    pub(super) fn endpoint_mut(&mut self, id: EndpointId) -> Option<&mut Endpoint> {
        self.endpoints.get_mut(&id).filter(|endpoint| endpoint.deleted_at.is_none())
    }

    pub(super) fn active(&self) -> impl Iterator<Item = &EndpointRecord> {
        let present = self.endpoints.values().filter(|endpoint| endpoint.deleted_at.is_none());
        present.map(|endpoint| &endpoint.record).filter(|endpoint| endpoint.status == EndpointStatus::Active)
    }

    pub(super) fn key_of(&self, tenant: Option<&str>, id: &str) -> Option<MessageKey> {
        self.keys.get(&(tenant.map(str::to_owned), id.to_owned())).copied()
    }

    /// In the order they are due.
    pub(super) fn pending_of(&self, endpoint: EndpointId) -> impl Iterator<Item = (Millis, DeliveryId)> {
        let first = (endpoint, Millis::MIN, DeliveryId(i64::MIN));
        let last = (endpoint, Millis::MAX, DeliveryId(i64::MAX));
        self.pending.range(first..=last).map(|(_, due, id)| (*due, *id))
    }

    pub(super) fn due(&self, id: DeliveryId) -> Option<Due> {
        let delivery = self.deliveries.get(&id)?;
        let Delivery { message, trigger, attempts, lost, due, begun_at, .. } = *delivery;
        let in_line = delivery.order_key.is_some();
        let was_lost = delivery.last_error == Some(Code::Lost);
        Some(Due { id, message, trigger, attempts, lost, due, in_line, was_lost, begun_at })
    }

    /// Where it stands for all to see.
    pub(super) fn state(&self, delivery: &Delivery) -> DeliveryState {
        match delivery.state {
            DeliveryState::Pending => {
                rules::seen(self.endpoint(delivery.endpoint).map(|endpoint| endpoint.record.status))
            }
            terminal => terminal,
        }
    }

    pub(super) fn record(&self, id: DeliveryId, delivery: &Delivery) -> Option<DeliveryRecord> {
        let message = &self.messages.get(&delivery.message)?.record;
        let state = self.state(delivery);
        let deleted_at = self.endpoints.get(&delivery.endpoint).and_then(|endpoint| endpoint.deleted_at);
        Some(DeliveryRecord {
            id,
            message: delivery.message,
            message_id: message.id.clone(),
            event_type: message.event_type.clone(),
            tenant: message.tenant.clone(),
            endpoint: delivery.endpoint,
            state,
            trigger: delivery.trigger,
            parent: delivery.parent,
            attempts: delivery.attempts,
            lost: delivery.lost,
            due: (!state.is_terminal() && delivery.due < rules::IN_LINE).then_some(delivery.due),
            created_at: delivery.created_at,
            done_at: delivery.done_at.or(deleted_at.filter(|_| state.is_terminal())),
            last_code: delivery.last_code,
            last_error: delivery.last_error,
            last_duration: delivery.last_duration,
        })
    }

    /// Changes when a pending delivery is due.
    pub(super) fn reschedule(&mut self, id: DeliveryId, due: Millis) {
        if let Some(delivery) = self.deliveries.get_mut(&id) {
            self.pending.remove(&(delivery.endpoint, delivery.due, id));
            delivery.due = due;
            self.pending.insert((delivery.endpoint, due, id));
        }
    }

    /// Ends a pending delivery.
    pub(super) fn finish(&mut self, id: DeliveryId, state: DeliveryState, now: Millis) {
        if let Some(delivery) = self.deliveries.get_mut(&id) {
            self.pending.remove(&(delivery.endpoint, delivery.due, id));
            delivery.state = state;
            delivery.done_at = Some(now);
            let endpoint = delivery.endpoint;
            if let Some(key) = delivery.order_key.clone() {
                self.lines.remove(&(endpoint, key.clone(), id));
                if let Some(next) = self.first_of(endpoint, &key)
                    && self.deliveries[&next].due == rules::IN_LINE
                {
                    self.reschedule(next, now);
                }
            }
        }
    }

    /// The first pending delivery of an order.
    pub(super) fn first_of(&self, endpoint: EndpointId, key: &str) -> Option<DeliveryId> {
        let first = (endpoint, key.to_owned(), DeliveryId(i64::MIN));
        let found = self.lines.range(first..).next();
        found.filter(|(of, with, _)| (*of, with.as_str()) == (endpoint, key)).map(|(.., id)| *id)
    }

    /// Whether it was not delivered again since.
    pub(super) fn is_last(&self, id: DeliveryId) -> bool {
        let Some(delivery) = self.deliveries.get(&id) else { return false };
        let root = self.deliveries.get(&delivery.parent.unwrap_or(id));
        root.and_then(|root| root.retry).is_none_or(|last| last == id)
    }
}
