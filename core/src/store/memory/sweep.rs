//! Housekeeping: everything in one step.

use super::model::{Delivery, Model};
use crate::store::record::{DeliveryState, EndpointStatus};
use crate::store::write::{Sweep, Swept};
use crate::timestamp::Millis;

impl Model {
    pub(super) fn sweep(&mut self, sweep: &Sweep) -> Swept {
        let Sweep { retention, now, .. } = *sweep;
        let canceled = self.cancel_stale(now, retention.held);

        let old = |delivery: &Delivery, age: Millis| {
            delivery.state.is_terminal() && delivery.done_at.is_some_and(|done_at| done_at <= now - age)
        };
        let mut swept = Swept { canceled, ..Swept::default() };
        for delivery in self.deliveries.values_mut().filter(|delivery| old(delivery, retention.attempts)) {
            swept.attempts += delivery.log.len() as u64;
            delivery.log.clear();
        }
        for (key, message) in &mut self.messages {
            let mut deliveries = self.deliveries.values().filter(|delivery| delivery.message == *key);
            if message.record.created_at <= now - retention.bodies
                && deliveries.all(|delivery| old(delivery, retention.bodies))
                && message.body.take().is_some()
            {
                message.record.has_body = false;
                swept.bodies += 1;
            }
        }
        self.deliveries.retain(|_, delivery| {
            let goes = old(delivery, retention.deliveries);
            swept.deliveries += u64::from(goes);
            swept.attempts += if goes { delivery.log.len() as u64 } else { 0 };
            !goes
        });
        self.messages.retain(|key, message| {
            let goes = message.record.created_at <= now - retention.ids
                && message.body.is_none()
                && self.deliveries.values().all(|delivery| delivery.message != *key);
            swept.messages += u64::from(goes);
            !goes
        });
        self.keys.retain(|_, key| self.messages.contains_key(key));
        self.usage.retain(|_, entry| {
            let goes = entry.at <= now - retention.usage;
            swept.usage += u64::from(goes);
            !goes
        });
        swept
    }

    /// Writes down what is canceled already because its endpoint was deleted, and cancels what was held too long.
    fn cancel_stale(&mut self, now: Millis, held: Millis) -> u64 {
        let mut canceled = Vec::new();
        for (endpoint, _, id) in &self.pending {
            let Some(endpoint) = self.endpoints.get(endpoint) else { continue };
            let disabled = matches!(endpoint.record.status, EndpointStatus::Disabled(_));
            let since = endpoint.record.disabled_at.filter(|at| disabled && *at <= now - held);
            if let Some(at) = endpoint.deleted_at.or(since.map(|_| now)) {
                canceled.push((*id, at));
            }
        }
        for (id, at) in &canceled {
            self.finish(*id, DeliveryState::Canceled, *at);
        }
        canceled.len() as u64
    }
}
