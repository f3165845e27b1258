//! Storing messages and their deliveries.

use rusqlite::Connection;

use super::cache::Tx;
use super::value;
use crate::error::Result;
use crate::store::record::{DeliveryId, EndpointId, Fresh, MessageKey, Trigger};
use crate::store::rules::{self, missing};
use crate::store::write::{NewMessage, Recipients, Sent};
use crate::timestamp::Millis;

/// A delivery to make.
pub(super) struct NewDelivery {
    pub(super) message: MessageKey,
    pub(super) endpoint: EndpointId,
    pub(super) ordered: bool,
    pub(super) trigger: Trigger,
    pub(super) parent: Option<DeliveryId>,
    pub(super) now: Millis,
}

impl Tx<'_> {
    pub(super) fn send(&mut self, new: &NewMessage) -> Result<Sent> {
        if let Some(seq) = new.outbox
            && self.first("SELECT 1 FROM hookseal_outbox WHERE seq = ?1", [seq], |_| Ok(()))?.is_none()
        {
            return Err(missing("outbox row", seq));
        }
        let tenant = value::tenant(new.tenant.as_deref());
        if let Some(sent) = self.sent_before(tenant, new)? {
            self.leave_outbox(new)?;
            return Ok(sent);
        }
        let recipients = self.recipients(tenant, new)?;

        let key = self.next_message()?;
        let trigger = new.to.trigger();
        let mut deliveries = Vec::with_capacity(recipients.len());
        for (endpoint, ordered) in recipients {
            let delivery =
                NewDelivery { message: key, endpoint, ordered, trigger, parent: None, now: new.now };
            deliveries.push(self.deliver(&delivery)?);
        }
        let first = deliveries.first().map_or(0, |delivery| delivery.id.0);
        self.run(
            INSERT_MESSAGE,
            (
                key.0,
                first,
                value::rows(deliveries.len()),
                new.timestamp,
                new.now,
                tenant,
                &new.id,
                &new.event_type,
                &new.digest,
            ),
        )?;
        self.run("INSERT INTO hookseal_body VALUES (?1, ?2)", (key.0, new.body.as_ref()))?;
        self.leave_outbox(new)?;
        let (timestamp, created_at) = (new.timestamp, new.now);
        Ok(Sent { key, duplicate: false, timestamp, created_at, deliveries })
    }

    pub(super) fn deliver(&mut self, new: &NewDelivery) -> Result<Fresh> {
        let id = self.next_delivery()?;
        let (message, endpoint, trigger, due) = (new.message, new.endpoint, new.trigger, new.now);
        let parent = new.parent.map(|parent| parent.0);
        self.run(
            INSERT_DELIVERY,
            (id.0, message.0, endpoint.0, value::trigger(trigger), new.ordered, due, parent),
        )?;
        if let Some(parent) = parent {
            self.run("UPDATE hookseal_delivery SET retry = ?2 WHERE id = ?1", (parent, id.0))?;
        }
        Ok(Fresh { id, message, endpoint, trigger, due })
    }

    fn sent_before(&self, tenant: &str, new: &NewMessage) -> Result<Option<Sent>> {
        let Some(key) = key_of(self.connection, tenant, &new.id)? else { return Ok(None) };
        let found = self.first(SENT, [key.0], |row| {
            let same = row.get_ref(0)?.as_blob().is_ok_and(|digest| digest == new.digest);
            let (timestamp, created_at) = (row.get(1)?, row.get(2)?);
            Ok((same, Sent { key, duplicate: true, timestamp, created_at, deliveries: Vec::new() }))
        })?;
        match found {
            Some((false, _)) => Err(rules::conflicting_id(&new.id)),
            found => Ok(found.map(|(_, sent)| sent)),
        }
    }

    /// In the order of their ids, with whether they want order.
    fn recipients(&mut self, tenant: &str, new: &NewMessage) -> Result<Vec<(EndpointId, bool)>> {
        let mut recipients = Vec::new();
        match &new.to {
            Recipients::Matching => {
                let mut add = |tenant: &str| -> Result<()> {
                    let routes = self.routes(tenant)?.iter();
                    let wanted = routes.filter(|route| route.events.matches(&new.event_type));
                    recipients.extend(wanted.map(|route| (route.endpoint, route.ordered)));
                    Ok(())
                };
                add("")?;
                if !tenant.is_empty() {
                    add(tenant)?;
                    recipients.sort_unstable_by_key(|(id, _)| *id);
                }
            }
            Recipients::Test(ids) => {
                for id in ids {
                    let hot = self.hot(*id)?.filter(|hot| hot.status.is_some());
                    recipients.push((*id, hot.ok_or_else(|| missing("endpoint", id))?.ordered));
                }
            }
        }
        Ok(recipients)
    }

    fn leave_outbox(&self, new: &NewMessage) -> Result<()> {
        match new.outbox {
            Some(seq) => self.run("DELETE FROM hookseal_outbox WHERE seq = ?1", [seq]).map(drop),
            None => Ok(()),
        }
    }
}

/// The message of this id, if the tenant has one.
pub(super) fn key_of(connection: &Connection, tenant: &str, id: &str) -> Result<Option<MessageKey>> {
    use super::failure::Plain;
    use rusqlite::OptionalExtension;
    let mut statement = connection.prepare_cached(KEY).plain()?;
    let found = statement.query_row((id, tenant), |row| row.get(0).map(MessageKey));
    found.optional().plain()
}

pub(super) const KEY: &str = "SELECT key FROM hookseal_message WHERE id = ?1 AND tenant = ?2";
const SENT: &str = "SELECT digest, timestamp, created_at FROM hookseal_message WHERE key = ?1";
const INSERT_MESSAGE: &str = "INSERT INTO hookseal_message (key, first, count, timestamp, created_at, tenant,
    id, type, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const INSERT_DELIVERY: &str =
    "INSERT INTO hookseal_delivery (id, message, endpoint, cause, state, ordered, attempts,
    lost, due, created_at, parent, recovered) VALUES (?1, ?2, ?3, ?4, 0, ?5, 0, 0, ?6, ?6, ?7, 0)";
