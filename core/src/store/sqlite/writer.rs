//! The one connection that writes.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::cache::{Cache, Tx};
use super::checkpoint::{self, Checkpointer};
use super::failure::{Context, Plain};
use crate::error::{Code, Kind, Result};
use crate::store::record::EndpointSpec;
use crate::store::rules;
use crate::store::write::{Role, Write, Written};
use crate::timestamp::Millis;

pub(super) struct Writer {
    connection: Connection,
    cache: Cache,
    /// SQLite's count of what others committed.
    data_version: i64,
    /// Whether others committed since this was last asked.
    foreign: bool,
    /// Whether a commit waits for the disk.
    full: bool,
    /// How long to wait for others.
    patience: Duration,
    /// When to make room, after the disk was full.
    cramped: Option<Instant>,
    checkpointer: Option<Checkpointer>,
}

impl Writer {
    pub(super) fn new(connection: Connection, path: &Path, patience: Duration) -> Result<Self> {
        let data_version = data_version(&connection)?;
        let cache = Cache::default();
        let mut writer = Self {
            connection,
            cache,
            data_version,
            foreign: false,
            full: true,
            patience,
            cramped: None,
            checkpointer: None,
        };
        // A process that was killed may have left a long log, on a disk that is full.
        if writer.empty_log().is_err() {
            writer.cramped = Some(Instant::now());
        }
        writer.checkpointer = Some(Checkpointer::start(path, patience)?);
        Ok(writer)
    }

    /// Applies a batch in one transaction.
    pub(super) fn commit(&mut self, batch: &[Write]) -> Result<Vec<Result<Written>>> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let swept = batch.iter().any(|write| matches!(write, Write::Sweep(_)));
        let result = self.transaction(batch.iter().any(Write::needs_sync), |tx| {
            let mut written = Vec::with_capacity(batch.len());
            for write in batch {
                match apply(tx, write) {
                    // The store failed, not the write: nothing of the batch can be relied on.
                    Err(error) if error.kind() == Kind::Store => return Err(error),
                    result => written.push(result),
                }
            }
            Ok(written)
        })?;
        if swept {
            Tx::new(&self.connection, &mut self.cache).shrink()?;
        }
        Ok(result)
    }

    pub(super) fn next_epoch(&mut self) -> Result<i64> {
        self.transaction(true, |tx| tx.next_epoch())
    }

    pub(super) fn epoch(&mut self) -> Result<i64> {
        self.notice_others()?;
        Tx::new(&self.connection, &mut self.cache).epoch()
    }

    /// Makes the file this one's, unless it is that already.
    pub(super) fn found(&mut self, role: Role, endpoints: &[EndpointSpec], now: Millis) -> Result<()> {
        const ROLE: &str = "SELECT role FROM hookseal_role";
        let known = |tx: &Tx<'_>| tx.first(ROLE, [], |row| row.get::<_, String>(0));
        let found = known(&Tx::new(&self.connection, &mut self.cache))?;
        if let Some(found) = found {
            return rules::check_role(&found, role);
        }
        self.transaction(true, |tx| {
            // Somebody else may have been faster.
            if let Some(found) = known(tx)? {
                return rules::check_role(&found, role);
            }
            tx.run("INSERT INTO hookseal_role VALUES (?1)", [role.as_str()])?;
            endpoints.iter().try_for_each(|spec| tx.create_endpoint(spec, &[], now).map(drop))
        })
    }

    /// Forgets what is cached if somebody else has written.
    pub(super) fn notice_others(&mut self) -> Result<()> {
        let data_version = data_version(&self.connection)?;
        if data_version != self.data_version {
            self.data_version = data_version;
            self.cache = Cache::default();
            self.foreign = true;
        }
        Ok(())
    }

    pub(super) fn take_foreign(&mut self) -> bool {
        std::mem::take(&mut self.foreign)
    }

    /// Brings everything into the file itself and closes it. Where readers are in the way the log stays beside it,
    /// which is as good.
    pub(super) fn close(mut self) -> Result<()> {
        self.checkpointer = None;
        self.empty_log().context("bring the store to disk")?;
        self.connection.close().map_err(|(_, error)| error).context("close the store")
    }

    #[cfg(test)]
    pub(super) fn pragma(&self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).plain()
    }

    fn transaction<T>(&mut self, full: bool, write: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        if self.cramped.is_some_and(|at| at <= Instant::now()) {
            self.make_room();
        }
        let result = self.try_transaction(full, write);
        if result.as_ref().is_err_and(|error| error.code() == Code::StoreFull) {
            self.cramped.get_or_insert_with(Instant::now);
        }
        result
    }

    fn try_transaction<T>(&mut self, full: bool, write: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        // A commit that waits for the disk takes with it what earlier ones left to the operating system.
        if self.full != full {
            let mode = if full { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" };
            self.run(mode)?;
            self.full = full;
        }
        self.run("BEGIN IMMEDIATE")?;
        let result = self.notice_others().and_then(|()| {
            let mut tx = Tx::new(&self.connection, &mut self.cache);
            let written = write(&mut tx)?;
            tx.flush()?;
            Ok(written)
        });
        let result = result.and_then(|written| self.run("COMMIT").map(|()| written));
        if self.checkpointer.as_mut().is_some_and(Checkpointer::committed) {
            // Whether that works changes nothing for what was committed.
            let _ = checkpoint::state(&self.connection, "PRAGMA wal_checkpoint(PASSIVE)");
        }
        if result.is_err() {
            self.cache = Cache::default();
            if !self.connection.is_autocommit() {
                self.run("ROLLBACK")?;
            }
        }
        result
    }

    /// Gives the log's room on the disk back. Were it left to grow, it would take whatever becomes free on a disk
    /// that was full, until there is none left to bring it into the file with.
    fn make_room(&mut self) {
        let begun = Instant::now();
        let emptied = self.empty_log();
        // It may have copied much of the log in vain.
        self.cramped = (!emptied.unwrap_or(false)).then(|| Instant::now() + 10 * begun.elapsed());
    }

    /// Brings the log into the file, and says whether nothing is left of it; it is where others are in the way.
    fn empty_log(&self) -> rusqlite::Result<bool> {
        self.connection.busy_timeout(Duration::ZERO)?;
        let emptied = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                row.get::<_, i64>(0).map(|busy| busy == 0)
            })
            .or_else(|error| match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Ok(false),
                _ => Err(error),
            });
        self.connection.busy_timeout(self.patience)?;
        emptied
    }

    fn run(&self, sql: &str) -> Result<()> {
        self.connection.prepare_cached(sql).plain()?.execute([]).plain().map(drop)
    }
}

fn apply(tx: &mut Tx<'_>, write: &Write) -> Result<Written> {
    let settles = matches!(write, Write::Begin { .. } | Write::Settle(_) | Write::Lost { .. });
    if !settles && !matches!(write, Write::Send(_)) {
        tx.cache.forget_deliveries();
    }
    match write {
        Write::Send(message) => tx.send(message).map(Written::Sent),
        Write::CreateEndpoint { spec, secrets, now } => tx.create_endpoint(spec, secrets, *now),
        Write::UpdateEndpoint { id, version, spec, now } => tx.update_endpoint(*id, *version, spec, *now),
        Write::SetStatus { id, status, now } => tx.set_status(*id, *status, *now),
        Write::DeleteEndpoint { id, now } => tx.delete_endpoint(*id, *now),
        Write::PutSecrets { id, secrets, now } => tx.put_secrets(*id, secrets, *now),
        Write::Begin { epoch, delivery, number, now } => {
            tx.begin(*epoch, *delivery, *number, *now).map(Written::Changed)
        }
        Write::Settle(settle) => tx.settle(settle).map(Written::Settled),
        Write::Lost { epoch, delivery, number, started_at, now } => {
            tx.lost(*epoch, *delivery, *number, *started_at, *now).map(Written::Settled)
        }
        Write::Retry { delivery, now } => tx.retry(*delivery, *now).map(Written::Retried),
        Write::CreateJob(job) => tx.create_job(job),
        Write::StepJob { job, limit, now } => tx.step_job(*job, *limit, *now),
        Write::Cancel { delivery, now } => tx.cancel(*delivery, *now).map(Written::Changed),
        Write::Expunge { message, now } => tx.expunge(*message, *now).map(Written::Changed),
        Write::AckNotices { upto } => tx.ack_notices(*upto).map(Written::Changed),
        Write::RejectOutbox { seq, reason } => tx.reject_outbox(*seq, reason).map(Written::Changed),
        Write::Sweep(sweep) => tx.sweep(sweep).map(Written::Swept),
    }
}

fn data_version(connection: &Connection) -> Result<i64> {
    connection.prepare_cached("PRAGMA data_version").plain()?.query_row([], |row| row.get(0)).plain()
}
