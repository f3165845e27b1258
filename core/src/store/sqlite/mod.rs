//! The store in a SQLite file.
//!
//! One connection writes, behind a lock that one thread takes; others read, which in WAL mode never waits for the
//! writer. What is in flight stands in no table: only the holder of a lock on the file `<store>-dispatch` dispatches,
//! so its memory is enough, and what it had in hand when it died is due again. The epoch in the file guards against
//! file systems on which that lock does not hold.
//!
//! Whether a pending delivery is held, or canceled with its endpoint, is seen through the endpoint's row: disabling
//! an endpoint of a million deliveries writes one row.

mod cache;
mod checkpoint;
pub(crate) mod connect;
mod control;
mod endpoints;
pub(crate) mod failure;
mod lock;
mod log;
mod read;
pub(crate) mod schema;
mod send;
mod settle;
mod sweep;
#[cfg(test)]
mod tests;
mod value;
#[cfg(target_os = "linux")]
mod watch;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction};

use self::cache::{Cache, Tx};
use self::failure::Context;
use self::lock::DispatchLock;
#[cfg(target_os = "linux")]
use self::watch::Watch;
use self::writer::Writer;
use super::Store;
#[cfg(target_os = "linux")]
use super::Wake;
use super::query::{Changes, DeliveryQuery, EndpointQuery, Grant, MessageRef, Stats, Usage, Window};
use super::record::{
    AttemptRecord, DeliveryId, DeliveryRecord, Due, EndpointId, EndpointRecord, EndpointSpec, JobId,
    JobRecord, MessageKey, MessageRecord, Notice, OutboxRow, Payload, Ready, SecretRecord,
};
use super::write::{NewMessage, Role, Sent, Write, Written};
use crate::error::{Code, Error, Result};
use crate::timestamp::Millis;

/// A store in a SQLite file, which several processes may have open. It may be the application's own database: all
/// tables are called `hookseal_…`.
pub struct SqliteStore {
    path: PathBuf,
    patience: Duration,
    desk: Arc<Desk>,
    readers: Mutex<Vec<Connection>>,
    lock: Mutex<DispatchLock>,
    #[cfg(target_os = "linux")]
    watch: Mutex<Option<Watch>>,
    closed: AtomicBool,
}

/// Where the writer sits.
struct Desk {
    writer: Mutex<Option<Writer>>,
    /// Whether the writer came upon what others wrote, since `changes` was asked.
    foreign: AtomicBool,
}

impl SqliteStore {
    /// Opens the file, or creates it, and waits up to five seconds for others who hold it locked.
    ///
    /// # Errors
    /// `store_unavailable` if it cannot be opened, `store_locked`, `store_read_only`, `store_full`,
    /// `store_corrupt`; `store_schema` if it belongs to another program or a newer version wrote it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_patiently(path, Duration::from_secs(5))
    }

    /// As [`open`](Self::open), waiting up to `patience` whenever others hold the file locked.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_patiently(path: impl AsRef<Path>, patience: Duration) -> Result<Self> {
        let mut connection = connect::writer(path.as_ref(), patience)?;
        schema::prepare(&mut connection)?;
        // Absolute: the process may change its directory before the next reader is opened.
        let path = std::path::absolute(path.as_ref()).unwrap_or_else(|_| path.as_ref().to_owned());
        let path = path.canonicalize().unwrap_or(path);
        Ok(Self {
            lock: Mutex::new(DispatchLock::beside(&path)),
            desk: Arc::new(Desk {
                writer: Mutex::new(Some(Writer::new(connection, &path, patience)?)),
                foreign: AtomicBool::new(false),
            }),
            readers: Mutex::default(),
            #[cfg(target_os = "linux")]
            watch: Mutex::default(),
            closed: AtomicBool::new(false),
            patience,
            path,
        })
    }

    /// Stores a message in a transaction of the application's own, on the same file: it becomes visible, and is
    /// delivered, when and if that commits. Whoever has the right to dispatch finds it by
    /// [`changes`](Store::changes).
    ///
    /// # Errors
    /// `conflict` and `not_found` as for [`Write::Send`]; `store_schema` if the file has no store in it.
    pub fn send_in(transaction: &Transaction<'_>, message: &NewMessage) -> Result<Sent> {
        let connection: &Connection = transaction;
        if !connection.table_exists(None, "hookseal_message").context("look for the store")? {
            let message = "The transaction's database has no store in it: open it as a store first.";
            return Err(Error::new(Code::StoreSchema, message));
        }
        let mut cache = Cache::default();
        let mut tx = Tx::new(connection, &mut cache);
        let sent = tx.send(message)?;
        tx.flush()?;
        Ok(sent)
    }

    fn reading<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        let idle = hold(&self.readers).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect::reader(&self.path, self.patience)?,
        };
        let result = read(&connection);
        let mut idle = hold(&self.readers);
        if result.is_ok() && idle.len() < MOST_IDLE_READERS && !self.closed.load(Ordering::Acquire) {
            idle.push(connection);
        }
        result
    }
}

impl Desk {
    fn writing<T>(&self, write: impl FnOnce(&mut Writer) -> Result<T>) -> Result<T> {
        let mut writer = hold(&self.writer);
        let writer = writer.as_mut().ok_or_else(closed)?;
        let result = write(writer);
        self.note(writer);
        result
    }

    /// Whether others have written, as far as is known: a writer that is at work is not disturbed, for it notices
    /// by itself, before each transaction.
    fn look(&self) -> Result<bool> {
        if let Ok(mut writer) = self.writer.try_lock() {
            let writer = writer.as_mut().ok_or_else(closed)?;
            writer.notice_others()?;
            self.note(writer);
        }
        Ok(self.foreign.load(Ordering::Acquire))
    }

    fn note(&self, writer: &mut Writer) {
        if writer.take_foreign() {
            self.foreign.store(true, Ordering::Release);
        }
    }
}

impl Store for SqliteStore {
    fn commit(&self, batch: &[Write]) -> Result<Vec<Result<Written>>> {
        self.desk.writing(|writer| writer.commit(batch))
    }

    fn found(&self, role: Role, endpoints: &[EndpointSpec], now: Millis) -> Result<()> {
        self.desk.writing(|writer| writer.found(role, endpoints, now))
    }

    fn is_file(&self, path: &Path) -> bool {
        path == self.path || path.canonicalize().is_ok_and(|path| path == self.path)
    }

    fn acquire(&self) -> Result<Option<Grant>> {
        let mut lock = hold(&self.lock);
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        if !lock.take()? {
            return Ok(None);
        }
        match self.desk.writing(Writer::next_epoch) {
            Ok(epoch) => Ok(Some(Grant { epoch })),
            Err(error) => {
                lock.free();
                Err(error)
            }
        }
    }

    fn release(&self, grant: Grant) -> Result<()> {
        let mut lock = hold(&self.lock);
        if self.desk.writing(Writer::epoch)? == grant.epoch {
            lock.free();
        }
        Ok(())
    }

    fn changes(&self) -> Result<Changes> {
        self.desk.look()?;
        let foreign = self.desk.foreign.swap(false, Ordering::AcqRel);
        Ok(if foreign { Changes::all() } else { Changes::default() })
    }

    #[cfg(target_os = "linux")]
    fn wake(&self, wake: Wake) -> bool {
        let mut watch = hold(&self.watch);
        if self.closed.load(Ordering::Acquire) {
            return false;
        }
        match Watch::start(&self.path, Arc::downgrade(&self.desk), wake) {
            Ok(started) => {
                *watch = Some(started);
                true
            }
            Err(error) => {
                tracing::debug!(%error, "the store's file cannot be watched");
                false
            }
        }
    }

    fn ready(&self, after: Option<EndpointId>, limit: usize) -> Result<Vec<Ready>> {
        self.reading(|connection| read::ready(connection, after, limit))
    }

    fn due(&self, endpoint: EndpointId, window: Window, limit: usize) -> Result<Vec<Due>> {
        self.reading(|connection| read::due(connection, endpoint, window, limit))
    }

    fn payloads(&self, messages: &[MessageKey]) -> Result<Vec<Option<Payload>>> {
        self.reading(|connection| messages.iter().map(|key| read::payload(connection, *key)).collect())
    }

    fn endpoint(&self, id: EndpointId) -> Result<Option<EndpointRecord>> {
        self.reading(|connection| endpoints::endpoint(connection, id))
    }

    fn endpoints(
        &self,
        query: &EndpointQuery,
        after: Option<EndpointId>,
        limit: usize,
    ) -> Result<Vec<EndpointRecord>> {
        self.reading(|connection| endpoints::endpoints(connection, query, after, limit))
    }

    fn secrets(&self, endpoint: EndpointId) -> Result<Vec<SecretRecord>> {
        self.reading(|connection| endpoints::secrets(connection, endpoint))
    }

    fn message(&self, message: MessageRef<'_>) -> Result<Option<MessageRecord>> {
        self.reading(|connection| read::message(connection, message))
    }

    fn delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRecord>> {
        self.reading(|connection| log::delivery(connection, id))
    }

    fn deliveries(
        &self,
        query: &DeliveryQuery,
        before: Option<DeliveryId>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>> {
        self.reading(|connection| log::deliveries(connection, query, before, limit))
    }

    fn attempts(&self, delivery: DeliveryId) -> Result<Vec<AttemptRecord>> {
        self.reading(|connection| log::attempts(connection, delivery))
    }

    fn notices(&self, after: i64, limit: usize) -> Result<Vec<Notice>> {
        self.reading(|connection| read::notices(connection, after, limit))
    }

    fn job(&self, id: JobId) -> Result<Option<JobRecord>> {
        self.reading(|connection| control::job(connection, id))
    }

    fn open_jobs(&self) -> Result<Vec<JobRecord>> {
        self.reading(control::open_jobs)
    }

    fn outbox(&self, limit: usize) -> Result<Vec<OutboxRow>> {
        self.reading(|connection| read::outbox(connection, limit))
    }

    fn usage(&self, tenant: Option<&str>, since: Millis, until: Millis) -> Result<Usage> {
        self.reading(|connection| read::usage(connection, tenant, since, until))
    }

    fn stats(&self) -> Result<Stats> {
        self.reading(read::stats)
    }

    fn close(&self) -> Result<()> {
        self.closed.store(true, Ordering::Release);
        hold(&self.readers).clear();
        #[cfg(target_os = "linux")]
        drop(hold(&self.watch).take());
        let writer = hold(&self.desk.writer).take();
        let result = writer.map_or(Ok(()), Writer::close);
        hold(&self.lock).free();
        result
    }
}

/// What a panic left behind is whole: transactions are rolled back, and caches forgotten with them.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn closed() -> Error {
    Error::new(Code::Closed, "The store was closed.")
}

const MOST_IDLE_READERS: usize = 4;
