//! The store in a PostgreSQL database. Every question is one statement, which the server decides alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Socket, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::server::{Failure, Remote, Server};
use super::store::{Act, Answer, Op, duration, millis};
use crate::error::{Code, Error, Result};
use crate::store::PostgresOptions;
use crate::store::postgres::failure;
use crate::store::postgres::options::Address;
use crate::store::postgres::tls;

pub(super) type Postgres = Remote<Database>;

pub(super) struct Database {
    config: Config,
    tls: MakeRustlsConnect,
    schema: String,
    claims: AtomicU64,
}

/// A connection with its statements.
pub(super) struct Link {
    client: Client,
    claim: Statement,
    extend: Statement,
    done: Statement,
    release: Statement,
    sweep: Statement,
}

impl Postgres {
    pub(super) fn at(url: &str) -> Result<Self> {
        // A schema of its own: that of a sender is the sender's alone.
        let options = PostgresOptions { schema: "hookseal_dedup".to_owned(), ..PostgresOptions::default() };
        let Address { config, trust, options } = Address::parse(url, options)?;
        let tls = tls::connector(&trust)?;
        let database = Database { config, tls, schema: options.schema, claims: AtomicU64::new(0) };
        Remote::open(database, options.pool)
    }
}

impl Server for Database {
    type Link = Link;

    async fn connect(&self) -> Result<Link> {
        let connecting = connect(&self.config, self.tls.clone());
        let client = connecting.await.map_err(|error| failure::store(&error, "connect to the database"))?;
        client.batch_execute(SETTINGS).await.map_err(|error| self.explain(&error))?;
        match self.prepare(&client).await {
            Err(error) if is_missing(&error) => self.make(&client).await?,
            Err(error) => return Err(self.explain(&error)),
            Ok([claim, extend, done, release, sweep]) => {
                return Ok(Link { client, claim, extend, done, release, sweep });
            }
        }
        let statements = self.prepare(&client).await;
        let [claim, extend, done, release, sweep] = statements.map_err(|error| self.explain(&error))?;
        Ok(Link { client, claim, extend, done, release, sweep })
    }

    async fn ask(&self, link: &Arc<Link>, op: Op) -> Result<Answer, Failure> {
        let answer = link.ask(op).await;
        if matches!(op.act, Act::Claim { .. })
            && self.claims.fetch_add(1, Ordering::Relaxed).is_multiple_of(CLAIMS_PER_SWEEP)
        {
            let link = Arc::clone(link);
            // More than was added, so that what is over never piles up; if it fails, the next one does more.
            tokio::spawn(async move { link.client.execute(&link.sweep, &[]).await });
        }
        answer.map_err(|error| Failure {
            is_broken: failure::is_broken(&error) || link.client.is_closed(),
            error: self.explain(&error),
        })
    }
}

impl Database {
    async fn prepare(&self, client: &Client) -> Result<[Statement; 5], tokio_postgres::Error> {
        let text = |sql: &str| sql.replace("@claim@", &format!("\"{}\".claim", self.schema));
        let prepare = |sql| async move { client.prepare(&text(sql)).await };
        Ok([
            prepare(CLAIM).await?,
            prepare(EXTEND).await?,
            prepare(DONE).await?,
            prepare(RELEASE).await?,
            prepare(SWEEP).await?,
        ])
    }

    /// Makes the table. Several processes may do so at once.
    async fn make(&self, client: &Client) -> Result<()> {
        let Self { schema, .. } = self;
        let script = format!(
            "BEGIN;
             SELECT pg_advisory_xact_lock(hashtextextended('hookseal/{schema}/claim', 0));
             DO $hookseal$ BEGIN IF to_regnamespace('{schema}') IS NULL THEN CREATE SCHEMA \"{schema}\"; END IF; END $hookseal$;
             {}
             COMMIT",
            TABLE.replace("@claim@", &format!("\"{schema}\".claim"))
        );
        let made = client.batch_execute(&script).await;
        made.map_err(|error| self.explain(&error))
    }

    fn explain(&self, error: &tokio_postgres::Error) -> Error {
        let error = failure::store(error, "use the deduplicator's table");
        match error.code() {
            Code::StoreReadOnly => Error::new(
                Code::StoreReadOnly,
                format!(
                    "The role may not use or make the table claim in the schema {:?}, or the server is read-only. \
                     docs/duplicates.md has the statements that somebody who may has to run.",
                    self.schema
                ),
            ),
            Code::StoreSchema => Error::new(
                Code::StoreSchema,
                format!(
                    "The schema {:?} has no table claim, or not the one of this version of Hookseal: choose another \
                     schema with hookseal_schema in the url.",
                    self.schema
                ),
            ),
            _ => error,
        }
    }
}

impl Link {
    async fn ask(&self, op: Op) -> Result<Answer, tokio_postgres::Error> {
        let (key, token) = (&op.key[..], &op.token[..]);
        let ours = match op.act {
            Act::Claim { lease } => {
                let row = self.client.query_one(&self.claim, &[&key, &token, &millis(lease)]).await?;
                let (ours, lease): (bool, i64) = (row.try_get(0)?, row.try_get(1)?);
                return Ok(match (ours, lease) {
                    (true, _) => Answer::Yes,
                    (false, 0) => Answer::Done,
                    (false, _) => Answer::Held(duration(row.try_get(2)?)),
                });
            }
            Act::Extend { lease } => {
                self.client.execute(&self.extend, &[&key, &token, &millis(lease)]).await?
            }
            Act::Done { keep } => self.client.execute(&self.done, &[&key, &token, &millis(keep)]).await?,
            Act::Release => {
                self.client.execute(&self.release, &[&key, &token]).await?;
                1
            }
        };
        Ok(if ours > 0 { Answer::Yes } else { Answer::Done })
    }
}

/// Connects, and has the connection driven by the runtime that this runs on.
async fn connect(config: &Config, tls: MakeRustlsConnect) -> Result<Client, tokio_postgres::Error>
where
    <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream: Send,
{
    let (client, wire) = config.connect(tls).await?;
    // How it ended is told to whoever uses it.
    tokio::spawn(async move { drop(wire.await) });
    Ok(client)
}

fn is_missing(error: &tokio_postgres::Error) -> bool {
    use tokio_postgres::error::SqlState;

    error.code().is_some_and(|code| [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME].contains(code))
}

/// What holds for a session, whatever the role's defaults are. No question takes long.
const SETTINGS: &str = "SET default_transaction_isolation = 'read committed'; SET statement_timeout = 5000;
    SET client_min_messages = warning";
/// `lease` is 0 where it is done, and `until` when that is forgotten, or when the lease is over: in milliseconds since
/// 1970, by the server's clock.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS @claim@ (
    key bytea PRIMARY KEY,
    token bytea NOT NULL,
    until bigint NOT NULL,
    lease bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS claim_until ON @claim@ (until);";
/// Where more than the whole lease is left, the clock was set back. A row that stays as it is is written all the same,
/// so that one statement decides, and tells what it found.
const CLAIM: &str = "WITH moment AS (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now)
INSERT INTO @claim@ AS c (key, token, until, lease) SELECT $1, $2, now + $3::bigint, $3 FROM moment
ON CONFLICT (key) DO UPDATE SET
    token = CASE WHEN c.until <= excluded.until - excluded.lease THEN excluded.token ELSE c.token END,
    until = CASE WHEN c.until <= excluded.until - excluded.lease OR c.token = excluded.token THEN excluded.until
        WHEN c.lease > 0 THEN least(c.until, excluded.until - excluded.lease + c.lease) ELSE c.until END,
    lease = CASE WHEN c.until <= excluded.until - excluded.lease THEN excluded.lease ELSE c.lease END
RETURNING c.token = $2, c.lease, c.until - (SELECT now FROM moment)";
const EXTEND: &str = "INSERT INTO @claim@ AS c (key, token, until, lease)
VALUES ($1, $2, (extract(epoch FROM clock_timestamp()) * 1000)::bigint + $3::bigint, $3)
ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE c.token = excluded.token AND c.lease > 0";
const DONE: &str = "INSERT INTO @claim@ AS c (key, token, until, lease)
VALUES ($1, $2, (extract(epoch FROM clock_timestamp()) * 1000)::bigint + $3::bigint, 0)
ON CONFLICT (key) DO UPDATE SET until = excluded.until, lease = 0 WHERE c.token = excluded.token";
const RELEASE: &str = "DELETE FROM @claim@ WHERE key = $1 AND token = $2 AND lease > 0";
const SWEEP: &str = "DELETE FROM @claim@ WHERE key IN (SELECT key FROM @claim@
    WHERE until <= (extract(epoch FROM clock_timestamp()) * 1000)::bigint ORDER BY until LIMIT 128 FOR UPDATE SKIP LOCKED)";
const CLAIMS_PER_SWEEP: u64 = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_the_table() {
        let page = include_str!("../../../docs/duplicates.md");
        let table = TABLE.replace("IF NOT EXISTS ", "").replace("@claim@", "hookseal_dedup.claim");
        assert!(page.contains(&table), "docs/duplicates.md lacks {table}");
    }
}
