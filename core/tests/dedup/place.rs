//! Where the stores are, and events to claim.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hookseal::{Deduplicator, DeduplicatorOptions, Event, EventOptions, Provider};

/// A store of a test's own, removed at the end.
pub(crate) struct Place {
    pub(crate) url: String,
    folder: Option<PathBuf>,
    schema: Option<String>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Memory,
    Sqlite,
    Postgres,
    Redis,
}

impl Place {
    pub(crate) fn new(kind: Kind) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("dedup_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        match kind {
            Kind::Memory => Self { url: "memory:".to_owned(), folder: None, schema: None },
            Kind::Sqlite => {
                let folder = std::env::temp_dir().join(format!("hookseal-{name}"));
                std::fs::create_dir(&folder).unwrap();
                let url = format!("sqlite:{}", folder.join("seen.db").display());
                Self { url, folder: Some(folder), schema: None }
            }
            Kind::Postgres => {
                let url = format!("{}?hookseal_schema={name}", server("POSTGRES", "postgres"));
                Self { url, folder: None, schema: Some(name) }
            }
            // The server is a private one, and keys end by themselves.
            Kind::Redis => {
                let url = format!("{}?hookseal_prefix={name}:", server("REDIS", "redis"));
                Self { url, folder: None, schema: None }
            }
        }
    }

    pub(crate) fn open(&self, lease: Duration) -> Deduplicator {
        let mut options = DeduplicatorOptions::default();
        options.lease = lease;
        Deduplicator::open(&self.url, options).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
        if let Some(schema) = &self.schema {
            sql(&server("POSTGRES", "postgres"), &format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).unwrap();
        }
    }
}

/// The url of a server to test on.
pub(crate) fn server(name: &str, script: &str) -> String {
    std::env::var(format!("HOOKSEAL_TEST_{name}")).unwrap_or_else(|_| {
        panic!("these tests need a server: run them by `scripts/{script} run cargo test …`")
    })
}

/// Runs statements as any program could.
pub(crate) fn sql(url: &str, text: &str) -> Result<(), tokio_postgres::Error> {
    std::thread::scope(|scope| {
        let run = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
                tokio::spawn(connection);
                client.batch_execute(&format!("SET client_min_messages = error; {text}")).await
            })
        };
        scope.spawn(run).join().unwrap()
    })
}

pub(crate) fn event(id: &str) -> Event {
    let options = EventOptions { id: Some(id), ..Default::default() };
    Provider::builtin("webkasa").unwrap().event("booking.created", &serde_json::json!({}), &options).unwrap()
}
