//! Connections and how they are set up.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::failure::Context;
use super::schema::APPLICATION_ID;
use crate::error::{Code, Error, Result};

/// The connection that writes. Creates the file if there is none.
pub(crate) fn writer(path: &Path, patience: Duration) -> Result<Connection> {
    check_version()?;
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, patience)?;
    if connection.is_readonly("main").context(OPENING)? {
        return Err(Error::new(Code::StoreReadOnly, "The store's file cannot be written."));
    }
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).context(OPENING)?;
    if pages == 0 {
        // These can be chosen only while the file is empty.
        let set = format!(
            "PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = {APPLICATION_ID}"
        );
        connection.execute_batch(&set).context(OPENING)?;
    }
    let mode = with_log(&connection, patience).context(OPENING)?;
    if mode != "wal" {
        return Err(Error::new(
            Code::StoreUnavailable,
            "The store's file cannot be used with a write-ahead log: it must lie on a local disk.",
        ));
    }
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA mmap_size = 0; PRAGMA cache_size = -32768;
             PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864",
        )
        .context(OPENING)?;
    Ok(connection)
}

/// A connection that reads beside the writer.
pub(super) fn reader(path: &Path, patience: Duration) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, patience)?;
    connection.execute_batch("PRAGMA mmap_size = 0; PRAGMA cache_size = -8192").context(OPENING)?;
    Ok(connection)
}

/// A connection that brings the log into the file, beside the writer.
pub(super) fn checkpointer(path: &Path, patience: Duration) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, patience)?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -256").context(OPENING)?;
    Ok(connection)
}

/// Has changes written to a log. Several may open a new file at once; SQLite does not wait for others here, for
/// each of them would wait for the rest to stop reading.
fn with_log(connection: &Connection, patience: Duration) -> rusqlite::Result<String> {
    let begun = Instant::now();
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0)) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && begun.elapsed() < patience =>
            {
                std::thread::sleep(Duration::from_millis(2));
            }
            mode => return mode,
        }
    }
}

fn open(path: &Path, flags: OpenFlags, patience: Duration) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags).context(OPENING)?;
    connection.busy_timeout(patience).context(OPENING)?;
    connection.set_prepared_statement_cache_capacity(64);
    // A statement's plan does not depend on what is bound to it. Otherwise SQLite plans some anew whenever they run.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).context(OPENING)?;
    Ok(connection)
}

/// Before 3.51.3 two connections that write and checkpoint at once could damage a file.
fn check_version() -> Result<()> {
    if rusqlite::version_number() >= 3_051_003 {
        return Ok(());
    }
    let message = format!("SQLite {} is too old for the store: 3.51.3 is needed.", rusqlite::version());
    Err(Error::new(Code::StoreUnavailable, message))
}

const OPENING: &str = "open the store";
