//! Storing messages and their deliveries.

use rusqlite::Connection;

use super::cache::Tx;
use super::settle::Row;
use super::value;
use crate::error::Result;
use crate::store::record::{DeliveryId, DeliveryState, EndpointId, Fresh, MessageKey, Trigger};
use crate::store::rules::{self, missing};
use crate::store::write::{NewMessage, Recipients, Sent};
use crate::timestamp::Millis;

/// A delivery to make.
pub(super) struct NewDelivery {
    pub(super) message: MessageKey,
    pub(super) endpoint: EndpointId,
    pub(super) ordered: bool,
    pub(super) trigger: Trigger,
    pub(super) order_key: Option<String>,
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
        if !matches!(new.to, Recipients::Matching)
            && let Some(sent) = self.sent_before(tenant, new)?
        {
            return Ok(sent);
        }
        let recipients = self.recipients(tenant, new)?;
        let (key, first) = self.next_names()?;
        let inserted = self.run(
            INSERT_MESSAGE,
            (
                key.0,
                if recipients.is_empty() { 0 } else { first.0 },
                value::rows(recipients.len()),
                new.timestamp,
                new.now,
                tenant,
                &new.id,
                &new.event_type,
                &new.digest,
            ),
        )?;
        if inserted == 0 {
            let sent = self.sent_before(tenant, new)?;
            self.leave_outbox(new)?;
            return sent.ok_or_else(|| rules::conflicting_id(&new.id));
        }
        self.use_names(1, recipients.len())?;
        let trigger = new.to.trigger();
        let mut deliveries = Vec::with_capacity(recipients.len());
        for (id, (endpoint, ordered)) in (first.0..).map(DeliveryId).zip(recipients) {
            let order_key = new.to.order_key().map(str::to_owned);
            let delivery = NewDelivery {
                message: key,
                endpoint,
                ordered,
                trigger,
                order_key,
                parent: None,
                now: new.now,
            };
            deliveries.push(self.deliver(id, &delivery)?);
        }
        self.run("INSERT INTO hookseal_body VALUES (?1, ?2)", (key.0, new.body.as_ref()))?;
        self.leave_outbox(new)?;
        let (timestamp, created_at) = (new.timestamp, new.now);
        Ok(Sent { key, duplicate: false, timestamp, created_at, deliveries })
    }

    pub(super) fn deliver(&mut self, id: DeliveryId, new: &NewDelivery) -> Result<Fresh> {
        let (message, endpoint, trigger, now) = (new.message, new.endpoint, new.trigger, new.now);
        let parent = new.parent.map(|parent| parent.0);
        let key = new.order_key.as_deref();
        let waits = match key {
            Some(key) => self.first(FIRST_OF_LINE, (endpoint.0, key), |_| Ok(()))?.is_some(),
            None => false,
        };
        let due = if waits { rules::IN_LINE } else { now };
        self.run(
            INSERT_DELIVERY,
            (id.0, message.0, endpoint.0, value::trigger(trigger), new.ordered, due, now, parent, key),
        )?;
        if let Some(parent) = parent {
            self.run("UPDATE hookseal_delivery SET retry = ?2 WHERE id = ?1", (parent, id.0))?;
        }
        let row = Row {
            message,
            endpoint,
            trigger,
            state: DeliveryState::Pending,
            attempts: 0,
            due,
            parent: new.parent,
            order_key: new.order_key.clone(),
        };
        let in_line = row.order_key.is_some();
        self.cache.remember(id, row);
        Ok(Fresh { id, message, endpoint, trigger, due: now, in_line })
    }

    /// One of these has ended: the next one is due.
    pub(super) fn advance(&mut self, endpoint: EndpointId, key: Option<&str>, now: Millis) -> Result<()> {
        let Some(key) = key else { return Ok(()) };
        let next =
            self.first(FIRST_OF_LINE, (endpoint.0, key), |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?;
        if let Some((id, rules::IN_LINE)) = next {
            self.run("UPDATE hookseal_delivery SET due = ?2 WHERE id = ?1", (id, now))?;
            self.cache.recall(DeliveryId(id));
        }
        Ok(())
    }

    /// The message that has this id already, if there is one.
    fn sent_before(&self, tenant: &str, new: &NewMessage) -> Result<Option<Sent>> {
        let found = self.first(SENT, (&new.id, tenant), |row| {
            let same = row.get_ref(1)?.as_blob().is_ok_and(|digest| digest == new.digest);
            let (key, timestamp, created_at) = (MessageKey(row.get(0)?), row.get(2)?, row.get(3)?);
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
            Recipients::Only { endpoint: id, .. } => {
                let hot = self.hot(*id)?.filter(|hot| hot.status.is_some());
                recipients.push((*id, hot.ok_or_else(|| missing("endpoint", id))?.ordered));
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

/// The newest message of this id, whosever it is.
pub(super) fn key_of_any(connection: &Connection, id: &str) -> Result<Option<MessageKey>> {
    use super::failure::Plain;
    let mut statement = connection.prepare_cached(KEY_OF_ANY).plain()?;
    let key: Option<i64> = statement.query_row([id], |row| row.get(0)).plain()?;
    Ok(key.map(MessageKey))
}

pub(super) const KEY_OF_ANY: &str = "SELECT max(key) FROM hookseal_message WHERE id = ?1";
pub(super) const KEY: &str = "SELECT key FROM hookseal_message WHERE id = ?1 AND tenant = ?2";
const SENT: &str =
    "SELECT key, digest, timestamp, created_at FROM hookseal_message WHERE id = ?1 AND tenant = ?2";
const INSERT_MESSAGE: &str = "INSERT INTO hookseal_message (key, first, count, timestamp, created_at, tenant,
    id, type, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id, tenant) DO NOTHING";
const INSERT_DELIVERY: &str =
    "INSERT INTO hookseal_delivery (id, message, endpoint, cause, state, ordered, attempts,
    lost, due, created_at, parent, recovered, order_key) VALUES (?1, ?2, ?3, ?4, 0, ?5, 0, 0, ?6, ?7, ?8, 0, ?9)";
pub(super) const FIRST_OF_LINE: &str =
    "SELECT id, due FROM hookseal_delivery INDEXED BY hookseal_delivery_line
    WHERE state = 0 AND order_key IS NOT NULL AND endpoint = ?1 AND order_key = ?2 ORDER BY id LIMIT 1";
