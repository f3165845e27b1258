//! The one connection that writes.

use std::time::Instant;

use super::cache::Cache;
use super::link::{Connector, Link};
use super::tx::{News, Tx};
use super::value;
use crate::error::{Kind, Result};
use crate::store::record::EndpointSpec;
use crate::store::rules;
use crate::store::write::{Role, Write, Written};
use crate::timestamp::Millis;

pub(super) struct Writer {
    connector: Connector,
    link: Option<Link>,
    cache: Cache,
}

impl Writer {
    pub(super) fn new(connector: Connector, link: Link) -> Self {
        Self { connector, link: Some(link), cache: Cache::default() }
    }

    /// Applies a batch in one transaction, and says what others may have to know of it. Housekeeping comes after it,
    /// in transactions of its own: it changes nothing that the others see, and may wait for locks.
    pub(super) fn commit(&mut self, batch: &[Write]) -> Result<(Vec<Result<Written>>, News)> {
        let sweeps = batch.iter().filter(|write| matches!(write, Write::Sweep(_))).count();
        let (mut written, news) = match sweeps == batch.len() {
            true => (Vec::new(), News::default()),
            false => self.transaction(batch.iter().any(Write::needs_sync), |tx| tx.apply(batch))?,
        };
        if sweeps > 0 {
            let link = self.link()?;
            for (place, write) in batch.iter().enumerate() {
                if let Write::Sweep(sweep) = write {
                    written.insert(place, super::sweep::sweep(link, sweep).map(Written::Swept));
                }
            }
        }
        Ok((written, news))
    }

    /// Makes the schema this one's, unless it is that already.
    pub(super) fn found(&mut self, role: Role, endpoints: &[EndpointSpec], now: Millis) -> Result<()> {
        let rows = self.link()?.query("SELECT role FROM config", &[])?;
        let found: Option<String> = rows.first().map_or(Ok(None), |row| value::get(row, 0))?;
        if let Some(found) = found {
            return rules::check_role(&found, role);
        }
        let founding = self.transaction(true, |tx| {
            let row = tx.first("SELECT role FROM config FOR UPDATE", &[])?;
            // Somebody else may have been faster.
            if let Some(found) = row.map_or(Ok(None), |row| value::get::<Option<String>>(&row, 0))? {
                return rules::check_role(&found, role);
            }
            tx.execute("UPDATE config SET role = $1", &[&role.as_str()])?;
            endpoints.iter().try_for_each(|spec| tx.create_endpoint(spec, &[], now).map(drop))
        });
        founding.map(drop)
    }

    /// Tries again what failed only because somebody else was faster, or because the connection had broken since it was
    /// last used.
    fn transaction<T>(&mut self, sync: bool, write: impl Fn(&mut Tx<'_>) -> Result<T>) -> Result<(T, News)> {
        let (begun, mut tries, mut anew) = (Instant::now(), 0, false);
        loop {
            tries += 1;
            self.link()?;
            let Self { link: Some(link), cache, .. } = self else { continue };
            let mut tx = Tx::new(link, cache, sync);
            let result = write(&mut tx).and_then(|written| {
                tx.commit()?;
                Ok((written, std::mem::take(&mut tx.news)))
            });
            let certain = !tx.is_committing();
            drop(tx);
            let Err(error) = result else { return result };
            let passing = link.take_passing();
            self.cache = Cache::default();
            if link.is_broken() || link.batch("ROLLBACK").is_err() {
                self.link = None;
            }
            // Nothing was committed, and the server did not keep us waiting.
            if self.link.is_none() && certain && !anew && begun.elapsed() < self.connector.limit() {
                anew = true;
                continue;
            }
            if !passing || tries >= MOST_TRIES || error.kind() != Kind::Store {
                return Err(error);
            }
        }
    }

    pub(super) fn into_link(self) -> Option<Link> {
        self.link
    }

    /// The connection, made anew if it broke.
    pub(super) fn link(&mut self) -> Result<&Link> {
        if self.link.as_ref().is_none_or(Link::is_broken) {
            self.cache = Cache::default();
            self.link = None;
            self.link = Some(self.connector.connect()?);
        }
        self.link.as_ref().ok_or_else(super::closed)
    }
}

pub(super) const MOST_TRIES: u32 = 8;
