//! What the writer remembers between transactions. All of it stands in the file too; it is forgotten as soon as
//! somebody else has written there, or a transaction of ours failed.

use std::cell::RefCell;
use std::collections::HashMap;

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::failure::Plain;
use super::settle::Row;
use super::value;
use crate::error::{Code, Result};
use crate::store::filter::EventFilter;
use crate::store::record::{DeliveryId, EndpointId, EndpointStatus, MessageKey};
use crate::timestamp::Millis;

#[derive(Default)]
pub(super) struct Cache {
    epoch: Option<i64>,
    ids: Option<Ids>,
    /// Active endpoints by tenant.
    routes: HashMap<String, Vec<Route>>,
    endpoints: HashMap<EndpointId, Hot>,
    /// Deliveries that were just made and will soon be settled, as they stand in the file.
    deliveries: HashMap<DeliveryId, Row>,
}

impl Cache {
    /// Keeps a delivery's row for the writes that follow.
    pub(super) fn remember(&mut self, id: DeliveryId, row: Row) {
        if self.deliveries.len() >= MOST_DELIVERIES {
            self.deliveries.clear();
        }
        self.deliveries.insert(id, row);
    }

    /// What was remembered of a delivery, which is about to be changed.
    pub(super) fn recall(&mut self, id: DeliveryId) -> Option<Row> {
        self.deliveries.remove(&id)
    }

    /// Something changes deliveries in another way than by settling them.
    pub(super) fn forget_deliveries(&mut self) {
        self.deliveries.clear();
    }
}

/// The last ids that were given.
struct Ids {
    message: i64,
    delivery: i64,
    changed: bool,
}

#[derive(Clone)]
pub(super) struct Route {
    pub(super) endpoint: EndpointId,
    pub(super) ordered: bool,
    pub(super) events: EventFilter,
}

/// What attempts need to know about an endpoint, and change.
#[derive(Clone)]
pub(super) struct Hot {
    /// `None` if it was deleted.
    pub(super) status: Option<EndpointStatus>,
    pub(super) generation: i64,
    pub(super) tenant: Option<String>,
    pub(super) ordered: bool,
    pub(super) failures: u32,
    pub(super) last_attempt_at: Option<Millis>,
    pub(super) last_code: Option<u16>,
    pub(super) last_error: Option<Code>,
    /// Whether the last four are to be written.
    pub(super) changed: bool,
}

/// One transaction: its connection, and what is known about what it sees.
pub(super) struct Tx<'t> {
    pub(super) connection: &'t Connection,
    pub(super) cache: &'t mut Cache,
    /// Statements that were run, by where their text lies: the connection's own cache finds them by their text, at a
    /// tenth of what it costs to send a message.
    statements: RefCell<Vec<(&'static str, CachedStatement<'t>)>>,
}

impl<'t> Tx<'t> {
    pub(super) fn new(connection: &'t Connection, cache: &'t mut Cache) -> Self {
        Self { connection, cache, statements: RefCell::default() }
    }
}

impl Tx<'_> {
    /// Runs a statement; how many rows it changed.
    pub(super) fn run(&self, sql: &'static str, values: impl rusqlite::Params) -> Result<usize> {
        let mut statements = self.statements.borrow_mut();
        let known = statements.iter().position(|(text, _)| std::ptr::eq(*text, sql));
        let place = match known {
            Some(place) => place,
            None => {
                statements.push((sql, self.connection.prepare_cached(sql).plain()?));
                statements.len() - 1
            }
        };
        statements[place].1.execute(values).plain()
    }

    /// The first row, if there is one.
    pub(super) fn first<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        self.connection.prepare_cached(sql).plain()?.query_row(values, read).optional().plain()
    }

    /// All rows.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql).plain()?;
        let rows = statement.query_map(values, read).plain()?;
        rows.collect::<rusqlite::Result<_>>().plain()
    }

    pub(super) fn epoch(&mut self) -> Result<i64> {
        if let Some(epoch) = self.cache.epoch {
            return Ok(epoch);
        }
        let epoch = self.meta("epoch")?;
        self.cache.epoch = Some(epoch);
        Ok(epoch)
    }

    pub(super) fn next_epoch(&mut self) -> Result<i64> {
        let epoch = self.meta("epoch")? + 1;
        self.set_meta("epoch", epoch)?;
        self.cache.epoch = Some(epoch);
        Ok(epoch)
    }

    /// The names of the next message and of the next delivery; they are free until they are [used](Self::use_names).
    pub(super) fn next_names(&mut self) -> Result<(MessageKey, DeliveryId)> {
        let ids = self.ids()?;
        Ok((MessageKey(ids.message + 1), DeliveryId(ids.delivery + 1)))
    }

    pub(super) fn use_names(&mut self, messages: i64, deliveries: usize) -> Result<()> {
        let ids = self.ids()?;
        ids.message += messages;
        ids.delivery += value::rows(deliveries);
        ids.changed = true;
        Ok(())
    }

    /// The active endpoints of a tenant; those that get the events of all are under the empty one.
    pub(super) fn routes(&mut self, tenant: &str) -> Result<&[Route]> {
        if !self.cache.routes.contains_key(tenant) {
            if self.cache.routes.len() >= MOST_TENANTS {
                self.cache.routes.clear();
            }
            let routes = self.all(ROUTES, [tenant], |row| {
                let (endpoint, ordered) = (EndpointId(row.get(0)?), row.get(1)?);
                Ok(Route { endpoint, ordered, events: value::read_filter(row, 2)? })
            })?;
            self.cache.routes.insert(tenant.to_owned(), routes);
        }
        Ok(self.cache.routes.get(tenant).map(Vec::as_slice).unwrap_or_default())
    }

    /// An endpoint, if there ever was one of this id.
    pub(super) fn hot(&mut self, id: EndpointId) -> Result<Option<&mut Hot>> {
        if !self.cache.endpoints.contains_key(&id) {
            let hot = self.first(HOT, [id.0], |row| {
                Ok(Hot {
                    status: value::read_status(row, 0)?,
                    generation: row.get(1)?,
                    tenant: value::read_tenant(row, 2)?,
                    ordered: row.get(3)?,
                    failures: row.get(4)?,
                    last_attempt_at: row.get(5)?,
                    last_code: row.get(6)?,
                    last_error: value::read_code(row, 7)?,
                    changed: false,
                })
            })?;
            let Some(hot) = hot else { return Ok(None) };
            self.cache.endpoints.insert(id, hot);
        }
        Ok(self.cache.endpoints.get_mut(&id))
    }

    /// Forgets who gets what, after an endpoint changed.
    pub(super) fn forget_endpoint(&mut self, id: EndpointId) -> Result<()> {
        self.flush()?;
        self.cache.routes.clear();
        self.cache.endpoints.remove(&id);
        Ok(())
    }

    /// Writes what was only remembered so far. Part of every transaction, at its end.
    pub(super) fn flush(&mut self) -> Result<()> {
        if let Some(ids) = &mut self.cache.ids
            && std::mem::take(&mut ids.changed)
        {
            let (message, delivery) = (ids.message, ids.delivery);
            self.set_meta("message", message)?;
            self.set_meta("delivery", delivery)?;
        }
        let mut update = self.connection.prepare_cached(UPDATE_HEALTH).plain()?;
        for (id, hot) in self.cache.endpoints.iter_mut().filter(|(_, hot)| hot.changed) {
            let error = hot.last_error.map(Code::as_str);
            let values = (id.0, hot.failures, hot.last_attempt_at, hot.last_code, error);
            update.execute(values).plain()?;
            hot.changed = false;
        }
        drop(update);
        if self.cache.endpoints.len() > MOST_ENDPOINTS {
            self.cache.endpoints.clear();
        }
        Ok(())
    }

    fn ids(&mut self) -> Result<&mut Ids> {
        let ids = match self.cache.ids.take() {
            Some(ids) => ids,
            None => Ids { message: self.meta("message")?, delivery: self.meta("delivery")?, changed: false },
        };
        Ok(self.cache.ids.insert(ids))
    }

    fn meta(&self, key: &str) -> Result<i64> {
        let found = self.first("SELECT value FROM hookseal_meta WHERE key = ?1", [key], |row| row.get(0))?;
        found.ok_or_else(|| rusqlite::Error::QueryReturnedNoRows).plain()
    }

    fn set_meta(&self, key: &str, value: i64) -> Result<()> {
        self.run("UPDATE hookseal_meta SET value = ?2 WHERE key = ?1", (key, value)).map(drop)
    }
}

pub(super) const ROUTES: &str =
    "SELECT id, ordered, events FROM hookseal_endpoint WHERE tenant = ?1 AND status = 0 ORDER BY id";
pub(super) const HOT: &str =
    "SELECT e.status, e.generation, e.tenant, e.ordered, h.failures, h.last_attempt_at, h.last_code,
    h.last_error FROM hookseal_endpoint e JOIN hookseal_health h ON h.endpoint = e.id WHERE e.id = ?1";
const UPDATE_HEALTH: &str = "UPDATE hookseal_health SET failures = ?2, last_attempt_at = ?3, last_code = ?4,
    last_error = ?5 WHERE endpoint = ?1";
const MOST_DELIVERIES: usize = 10_000;
const MOST_TENANTS: usize = 10_000;
const MOST_ENDPOINTS: usize = 100_000;
