//! The tables. They have a prefix and a version of their own, so that they can live in an application's database.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::failure::{Context, store};
use crate::error::{Code, Error, Result};

/// Makes the tables or brings them up to date. Several processes may do so at once.
pub(super) fn prepare(connection: &mut Connection) -> Result<()> {
    if version(connection)? == Some(latest()) {
        return Ok(());
    }
    refuse_strangers(connection)?;
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).context(OPENING)?;
    let present = version(&transaction)?;
    for step in MIGRATIONS.iter().skip(usize::try_from(present.unwrap_or(0)).unwrap_or(usize::MAX)) {
        transaction.execute_batch(step).context(OPENING)?;
    }
    transaction
        .execute("INSERT OR REPLACE INTO hookseal_meta VALUES ('schema', ?1)", [latest()])
        .context(OPENING)?;
    transaction.commit().context(OPENING)
}

/// The version of the tables in a file; `None` if it has none.
fn version(connection: &Connection) -> Result<Option<i64>> {
    let there: bool = connection
        .query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'hookseal_meta')", [], |row| {
            row.get(0)
        })
        .context(OPENING)?;
    if !there {
        return Ok(None);
    }
    let found = connection
        .query_row("SELECT value FROM hookseal_meta WHERE key = 'schema'", [], |row| row.get(0))
        .optional();
    match found {
        Ok(Some(version)) if (1..=latest()).contains(&version) => Ok(Some(version)),
        Ok(Some(version)) => Err(Error::new(
            Code::StoreSchema,
            format!(
                "The store has schema {version}, but this version of Hookseal knows schemas up to {}: it was \
                 written by a newer one.",
                latest()
            ),
        )),
        Ok(None) => Err(foreign()),
        // A table of this name that does not have our columns.
        Err(rusqlite::Error::SqlInputError { .. }) => Err(foreign()),
        Err(error) => Err(store(&error, OPENING)),
    }
}

/// A file that says it belongs to another program is not touched. One that says nothing may be the
/// application's own, which the tables are added to.
pub(crate) fn refuse_strangers(connection: &Connection) -> Result<()> {
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).context(OPENING)?;
    if id == 0 || id == APPLICATION_ID { Ok(()) } else { Err(foreign()) }
}

fn foreign() -> Error {
    Error::new(Code::StoreSchema, "The file belongs to another program: choose another one for the store.")
}

fn latest() -> i64 {
    i64::try_from(MIGRATIONS.len()).expect("there are few migrations")
}

/// What marks a file of our own, set where the file was empty: "Hook".
pub(super) const APPLICATION_ID: i64 = 0x486f_6f6b;
const OPENING: &str = "open the store";

/// Each brings the tables from its own number to the next one. Published ones never change.
const MIGRATIONS: &[&str] = &["
CREATE TABLE hookseal_meta (
    key TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO hookseal_meta VALUES ('epoch', 0), ('message', 0), ('delivery', 0);

-- Whose the store is: a sender's or an inbox's.
CREATE TABLE hookseal_role (role TEXT NOT NULL) STRICT;

-- Any program may insert here, in a transaction of its own: type, data (JSON), and what else it knows.
CREATE TABLE hookseal_outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    id TEXT,
    tenant TEXT,
    timestamp INTEGER,
    rejected TEXT
) STRICT;

CREATE TABLE hookseal_endpoint (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    status INTEGER NOT NULL,
    ordered INTEGER NOT NULL,
    events TEXT NOT NULL,
    url TEXT NOT NULL,
    name TEXT NOT NULL,
    settings TEXT NOT NULL,
    headers BLOB NOT NULL,
    version INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    disabled_at INTEGER,
    deleted_at INTEGER
) STRICT;
CREATE INDEX hookseal_endpoint_route ON hookseal_endpoint (tenant, id) WHERE status = 0;

-- What attempts change, apart from what is large.
CREATE TABLE hookseal_health (
    endpoint INTEGER PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_attempt_at INTEGER,
    last_code INTEGER,
    last_error TEXT
) STRICT;

CREATE TABLE hookseal_secret (
    endpoint INTEGER NOT NULL,
    place INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (endpoint, place)
) STRICT, WITHOUT ROWID;

-- `first` and `count` are the deliveries made with the message, which need no index that way.
CREATE TABLE hookseal_message (
    key INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    count INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    digest BLOB NOT NULL
) STRICT;
-- Ids that begin with the time are written side by side here, which random ones are not.
CREATE UNIQUE INDEX hookseal_message_id ON hookseal_message (id, tenant);

CREATE TABLE hookseal_body (
    message INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE hookseal_delivery (
    id INTEGER PRIMARY KEY,
    message INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    cause INTEGER NOT NULL,
    state INTEGER NOT NULL,
    ordered INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    lost INTEGER NOT NULL,
    due INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    done_at INTEGER,
    code INTEGER,
    error TEXT,
    duration INTEGER,
    parent INTEGER,
    retry INTEGER,
    recovered INTEGER NOT NULL,
    order_key TEXT,
    begun_at INTEGER
) STRICT;
CREATE INDEX hookseal_delivery_pending ON hookseal_delivery (endpoint, due, id) WHERE state = 0;
CREATE INDEX hookseal_delivery_sequence ON hookseal_delivery (endpoint, id) WHERE state = 0 AND ordered = 1;
CREATE INDEX hookseal_delivery_line ON hookseal_delivery (endpoint, order_key, id)
    WHERE state = 0 AND order_key IS NOT NULL;
CREATE INDEX hookseal_delivery_log ON hookseal_delivery (endpoint, id);
CREATE INDEX hookseal_delivery_failed ON hookseal_delivery (done_at, id) WHERE state = 2;
CREATE INDEX hookseal_delivery_later ON hookseal_delivery (message) WHERE cause <> 0;

-- The id is the delivery's, times 65536, plus the attempt's number.
CREATE TABLE hookseal_attempt (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    code INTEGER,
    error TEXT,
    reason TEXT,
    truncated INTEGER NOT NULL,
    request_headers TEXT NOT NULL,
    response_headers TEXT NOT NULL,
    response_body BLOB NOT NULL
) STRICT;

CREATE TABLE hookseal_usage (
    delivery INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    credits INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX hookseal_usage_tenant ON hookseal_usage (tenant, at);
CREATE INDEX hookseal_usage_at ON hookseal_usage (at);

CREATE TABLE hookseal_notice (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    endpoint INTEGER NOT NULL,
    delivery INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE hookseal_job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    since INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    endpoint INTEGER,
    tenant TEXT NOT NULL,
    events TEXT NOT NULL,
    cursor_at INTEGER NOT NULL,
    cursor_id INTEGER NOT NULL,
    total INTEGER NOT NULL,
    retried INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    done INTEGER NOT NULL
) STRICT;
"];
