//! The server to test on, and what others do there.
#![allow(dead_code, reason = "each program of tests needs some of it")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use hookseal::store::{PostgresOptions, PostgresStore, Store};
use tokio_postgres::SimpleQueryMessage;

/// Its url.
pub(crate) fn url() -> String {
    std::env::var("HOOKSEAL_TEST_POSTGRES")
        .expect("these tests need a server: run them by `scripts/postgres run cargo test …`")
}

/// A schema of its own, removed at the end.
pub(crate) struct Schema {
    pub(crate) name: String,
}

impl Schema {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // Says what is missing before there is anything to remove.
        let _server = url();
        Self { name: format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)) }
    }

    pub(crate) fn open(&self) -> PostgresStore {
        self.try_open(&url()).unwrap()
    }

    pub(crate) fn try_open(&self, url: &str) -> hookseal::Result<PostgresStore> {
        PostgresStore::open(url, self.options())
    }

    pub(crate) fn options(&self) -> PostgresOptions {
        let mut options = PostgresOptions::default();
        options.schema.clone_from(&self.name);
        options
    }

    /// As a sender opens it, with a lease that is short enough to wait for.
    pub(crate) fn url(&self) -> String {
        format!("{}?hookseal_schema={}&hookseal_lease=3", url(), self.name)
    }

    /// What a program of somebody else's runs here.
    pub(crate) fn sql(&self, text: &str) -> Vec<String> {
        sql(&format!("SET search_path = {}; {text}", self.name))
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        sql(&format!("SET client_min_messages = error; DROP SCHEMA IF EXISTS {} CASCADE", self.name));
    }
}

/// Runs statements; gives the first column of every row.
pub(crate) fn sql(text: &str) -> Vec<String> {
    try_sql(&url(), text).unwrap()
}

pub(crate) fn try_sql(url: &str, text: &str) -> Result<Vec<String>, tokio_postgres::Error> {
    // On a thread of its own, for tests that run on a runtime.
    std::thread::scope(|scope| scope.spawn(|| block_on_sql(url, text)).join().unwrap())
}

fn block_on_sql(url: &str, text: &str) -> Result<Vec<String>, tokio_postgres::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        let driving = tokio::spawn(connection);
        let answers = client.simple_query(text).await?;
        drop(client);
        let _ = driving.await;
        let first = |answer: &SimpleQueryMessage| match answer {
            SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default().to_owned()),
            _ => None,
        };
        Ok(answers.iter().filter_map(first).collect())
    })
}

/// Counts how often a store heard of something.
#[derive(Clone, Default)]
pub(crate) struct Heard {
    count: Arc<(Mutex<u32>, Condvar)>,
}

impl Heard {
    pub(crate) fn of(store: &PostgresStore) -> Self {
        let heard = Self::default();
        let count = Arc::clone(&heard.count);
        assert!(store.wake(Arc::new(move || {
            *count.0.lock().unwrap() += 1;
            count.1.notify_all();
        })));
        heard
    }

    /// Does something, and waits until the store heard of it.
    pub(crate) fn during<T>(&self, doing: impl FnOnce() -> T) -> T {
        let (count, changed) = &*self.count;
        let before = *count.lock().unwrap();
        let done = doing();
        let count = count.lock().unwrap();
        let (_count, waited) =
            changed.wait_timeout_while(count, Duration::from_secs(10), |count| *count == before).unwrap();
        assert!(!waited.timed_out(), "the store heard nothing");
        done
    }
}

/// Waits for something to become true.
pub(crate) fn until(what: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what} takes too long");
        std::thread::sleep(Duration::from_millis(10));
    }
}
