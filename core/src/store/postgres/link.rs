//! Connections. A thread of the store's own drives them all; callers wait for it as for anything else that blocks,
//! within async code or without.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use futures_util::future::join_all;
use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Connection, Row, Socket, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure;
use super::hold;
use super::options::{Address, PostgresOptions};
use super::tls;
use crate::error::{Code, Error, Result};

/// The thread that drives the connections. It ends with the last of them.
pub(super) struct Driver {
    handle: Handle,
    alive: mpsc::Sender<()>,
}

impl Driver {
    pub(super) fn start() -> Result<Self> {
        let unstartable = |error: std::io::Error| {
            Error::new(
                Code::StoreUnavailable,
                format!("No thread for the database could be started: {error}."),
            )
        };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(unstartable)?;
        let handle = runtime.handle().clone();
        let (alive, mut ended) = mpsc::channel(1);
        std::thread::Builder::new()
            .name("hookseal-postgres".to_owned())
            .spawn(move || runtime.block_on(async { while ended.recv().await.is_some() {} }))
            .map_err(unstartable)?;
        Ok(Self { handle, alive })
    }
}

/// Makes connections.
#[derive(Clone)]
pub(super) struct Connector {
    config: Config,
    tls: MakeRustlsConnect,
    pub(super) options: PostgresOptions,
    handle: Handle,
    alive: mpsc::Sender<()>,
}

pub(super) type Wire = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

impl Connector {
    pub(super) fn new(address: Address, driver: &Driver) -> Result<Self> {
        Ok(Self {
            tls: tls::connector(&address.trust)?,
            config: address.config,
            options: address.options,
            handle: driver.handle.clone(),
            alive: driver.alive.clone(),
        })
    }

    /// The connection itself, to be driven by whoever asks.
    pub(super) async fn wire(&self) -> Result<(Client, Wire), tokio_postgres::Error> {
        self.config.connect(self.tls.clone()).await
    }

    /// Runs something on the thread that drives the connections, which lives as long as it.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        let alive = self.alive.clone();
        let task = self.handle.spawn(async move {
            let _alive = alive;
            task.await;
        });
        task.abort_handle()
    }

    pub(super) fn connect(&self) -> Result<Link> {
        let (connector, alive) = (self.clone(), self.alive.clone());
        let connecting = self.handle.spawn(async move {
            let (client, wire) = connector.wire().await?;
            let driving = tokio::spawn(async move {
                let _alive = alive;
                // How it ended is told to whoever uses it.
                let _ = wire.await;
            });
            Ok((client, driving.abort_handle()))
        });
        // The driver's own limit is for each address that the host has.
        let made = wait(connecting, 4 * self.limit()).ok_or_else(failure::silent)?;
        let made = made.map_err(|_| failure::silent())?;
        let (client, driving) =
            made.map_err(|error: tokio_postgres::Error| failure::store(&error, "connect to the database"))?;
        let link = Link {
            client,
            driving,
            statements: Mutex::default(),
            broken: AtomicBool::new(false),
            passing: AtomicBool::new(false),
            limit: self.limit(),
        };
        link.batch(&self.settings())?;
        Ok(link)
    }

    /// After this long without an answer a connection is given up: the server's own limit has passed then.
    pub(super) fn limit(&self) -> Duration {
        self.options.patience + Duration::from_secs(10)
    }

    /// What holds for a session. No statistics may turn a statement's way along an index into a look through the
    /// table, however full or empty that was when they were made: plans are the same for all values, and where an
    /// index can be used it is.
    fn settings(&self) -> String {
        let PostgresOptions { schema, patience, lock_patience, lease, .. } = &self.options;
        // A process that was stopped within a transaction must not hold up those who wait for its locks, or for its
        // lanes, for longer than they do.
        let idle = lease.min(lock_patience);
        format!(
            "SET search_path = \"{schema}\", pg_temp; SET plan_cache_mode = force_generic_plan;
             SET enable_seqscan = off; SET enable_incremental_sort = off; SET jit = off; SET max_parallel_workers_per_gather = 0;
             SET statement_timeout = {}; SET lock_timeout = {};
             SET idle_in_transaction_session_timeout = {}; SET client_min_messages = warning;
             SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
            patience.as_millis(),
            lock_patience.as_millis(),
            idle.as_millis(),
        )
    }
}

/// A statement with its values.
pub(super) struct Step<'s> {
    sql: &'s str,
    values: Vec<&'s (dyn ToSql + Sync)>,
}

impl<'s> Step<'s> {
    pub(super) fn new(sql: &'s str, values: &[&'s (dyn ToSql + Sync)]) -> Self {
        Self { sql, values: values.to_vec() }
    }
}

/// What came of a statement.
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    pub(super) affected: u64,
}

/// A connection with its prepared statements.
pub(super) struct Link {
    client: Client,
    driving: AbortHandle,
    statements: Mutex<HashMap<String, Statement>>,
    broken: AtomicBool,
    passing: AtomicBool,
    limit: Duration,
}

impl Link {
    /// Runs statements in one go: all are sent before the first answers. Gives the first error.
    pub(super) fn run(&self, steps: &[Step<'_>]) -> Result<Vec<Answer>> {
        let answers = self.wait(async {
            let mut statements = Vec::with_capacity(steps.len());
            for step in steps {
                statements.push(self.prepared(step.sql).await?);
            }
            let answers = steps.iter().zip(&statements).map(|(step, statement)| async move {
                let rows = self.client.query_raw(statement, step.values.iter().copied()).await?;
                let mut rows = pin!(rows);
                let mut found = Vec::new();
                while let Some(row) = rows.try_next().await? {
                    found.push(row);
                }
                Ok(Answer { rows: found, affected: rows.rows_affected().unwrap_or(0) })
            });
            join_all(answers).await.into_iter().collect()
        })?;
        Ok(answers)
    }

    pub(super) fn query(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
        let mut answers = self.run(&[Step::new(sql, values)])?;
        Ok(answers.pop().map(|answer| answer.rows).unwrap_or_default())
    }

    /// Statements without values, as one text.
    pub(super) fn batch(&self, sql: &str) -> Result<()> {
        self.wait(self.client.batch_execute(sql))
    }

    /// The last words of a store that is dropped.
    pub(super) async fn farewell(&self, worker: i64, schema: &str, said: &str) {
        if let Ok(statement) = self.client.prepare(super::lanes::LEAVE).await
            && self.client.query(&statement, &[&worker]).await.is_ok()
        {
            let _ = self.client.query("SELECT pg_notify($1, $2)", &[&schema, &said]).await;
        }
    }

    /// Whether it can not be used any more.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire) || self.client.is_closed()
    }

    /// It is not to be used any more.
    pub(super) fn abandon(&self) {
        self.broken.store(true, Ordering::Release);
    }

    /// Whether the last transaction failed for a reason that passes.
    pub(super) fn take_passing(&self) -> bool {
        self.passing.swap(false, Ordering::AcqRel)
    }

    async fn prepared(&self, sql: &str) -> Result<Statement, tokio_postgres::Error> {
        let known = hold(&self.statements).get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await?;
        let mut statements = hold(&self.statements);
        if statements.len() >= MOST_STATEMENTS {
            statements.clear();
        }
        statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn wait<T>(&self, work: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T> {
        match wait(work, self.limit) {
            Some(Ok(done)) => Ok(done),
            Some(Err(error)) => {
                if failure::is_broken(&error) {
                    self.abandon();
                }
                self.passing.store(failure::is_passing(&error), Ordering::Release);
                Err(failure::store(&error, "use the database"))
            }
            None => {
                self.abandon();
                self.driving.abort();
                Err(failure::silent())
            }
        }
    }
}

/// Blocks this thread until the work is done, or the time is up. Unlike a runtime's own way to wait, it may be called
/// from a thread that runs async code: the work is done on another.
pub(super) fn wait<T>(work: impl Future<Output = T>, limit: Duration) -> Option<T> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut work = pin!(work);
    let until = Instant::now() + limit;
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut context) {
            return Some(done);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        std::thread::park_timeout(left);
    }
}

/// Each set of conditions on the log is a statement of its own.
const MOST_STATEMENTS: usize = 256;
