//! What can be seen only from inside: how statements find their rows, and a full disk.

use std::io::{Read, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use rusqlite::types::Value;

use super::*;
use super::{control, log, read};
use crate::deliver::AllowPrivate;
use crate::provider::Provider;
use crate::sender::{NewEndpoint, SendOptions, Sender, SenderOptions};
use crate::store::{DeliveryState, EventFilter, Recipients, Trigger};

struct File {
    store: SqliteStore,
    directory: PathBuf,
}

impl File {
    fn new(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("hookseal-inside-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        Self { store: SqliteStore::open(directory.join("store.db")).unwrap(), directory }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = self.store.close();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// How SQLite finds the rows of a statement, one line a step.
fn plan(store: &SqliteStore, sql: &str) -> Vec<String> {
    let explain = |connection: &Connection| {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).context("explain")?;
        for place in 1..=statement.parameter_count() {
            statement.raw_bind_parameter(place, Value::Integer(1)).context("bind")?;
        }
        let (mut plan, mut rows) = (Vec::new(), statement.raw_query());
        while let Some(row) = rows.next().context("explain")? {
            plan.push(row.get::<_, String>(3).context("explain")?);
        }
        Ok(plan)
    };
    store.reading(explain).unwrap()
}

#[test]
fn nothing_that_is_asked_often_looks_through_a_table() {
    let file = File::new("plans");
    let statements = [
        (read::NEXT_READY, Some("hookseal_delivery_pending")),
        (read::DUE, Some("hookseal_delivery_pending")),
        (read::SEQUENCE, Some("hookseal_delivery_sequence")),
        (control::FAILED, Some("hookseal_delivery_failed")),
        (send::KEY, Some("hookseal_message_id")),
        (send::KEY_OF_ANY, Some("hookseal_message_id")),
        (send::FIRST_OF_LINE, Some("hookseal_delivery_line")),
        (sweep::CANCEL, Some("hookseal_delivery_pending")),
        (cache::ROUTES, Some("hookseal_endpoint_route")),
        (sweep::NEEDS, Some("hookseal_delivery_later")),
        (control::DELIVERIES_OF, Some("hookseal_delivery_later")),
        (read::USAGE_OF_TENANT, Some("hookseal_usage_tenant")),
        (read::ORDER, None),
        (read::PAYLOAD, None),
        (read::MESSAGE, None),
        (read::NOTICES, None),
        (cache::HOT, None),
        (settle::ROW, None),
        (settle::UPDATE_ALL, None),
        (sweep::BODIES, None),
        (sweep::DELIVERIES, None),
        (sweep::MESSAGES, None),
    ];
    for (sql, index) in statements {
        let plan = plan(&file.store, sql);
        let text = plan.join("\n");
        assert!(plan.iter().all(|step| !step.starts_with("SCAN")), "{sql}\n{text}");
        assert!(!text.contains("TEMP B-TREE FOR ORDER BY") || sql == control::DELIVERIES_OF, "{sql}\n{text}");
        assert!(index.is_none_or(|index| text.contains(index)), "{sql}\n{text}");
    }
}

#[test]
fn logs_are_read_along_an_index_newest_first() {
    let file = File::new("logs");
    let endpoint = Some(EndpointId(1));
    let any = DeliveryQuery::default;
    let queries = [
        (DeliveryQuery { endpoint, ..any() }, "hookseal_delivery_log"),
        (DeliveryQuery { endpoint, state: Some(DeliveryState::Failed), ..any() }, "hookseal_delivery_log"),
        (
            DeliveryQuery { endpoint, trigger: Some(Trigger::Manual), code: Some((500, 599)), ..any() },
            "hookseal_delivery_log",
        ),
        (DeliveryQuery { message: Some(MessageKey(1)), ..any() }, "USING INTEGER PRIMARY KEY"),
    ];
    for (query, index) in queries {
        let (sql, _) = log::select(&query, Some(DeliveryId(9)));
        let plan = plan(&file.store, &sql);
        assert!(plan[0].contains(index), "{plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("FOR ORDER BY")), "{plan:#?}");
    }
}

#[test]
fn a_full_disk_says_so_and_loses_nothing() {
    let file = File::new("full");
    let message = |id: String, size| NewMessage {
        id,
        tenant: None,
        event_type: "a".to_owned(),
        timestamp: 1,
        body: vec![b'x'; size].into(),
        digest: [0; 32],
        to: Recipients::Matching,
        outbox: None,
        now: 1,
    };
    file.store.commit(&[Write::Send(message("first".to_owned(), 10))]).unwrap();
    let limit = |pages: &str| {
        let limit = format!("PRAGMA max_page_count = {pages}");
        file.store.desk.writing(|writer| writer.pragma(&limit)).unwrap();
    };
    limit("60");
    let batch: Vec<_> = (0..20).map(|n| Write::Send(message(n.to_string(), 100_000))).collect();
    assert_eq!(file.store.commit(&batch).unwrap_err().code(), Code::StoreFull);
    assert!(file.store.message(MessageRef::Id { tenant: None, id: "0" }).unwrap().is_none());
    assert!(file.store.message(MessageRef::Id { tenant: None, id: "first" }).unwrap().is_some());

    limit("100000");
    for written in file.store.commit(&batch).unwrap() {
        written.unwrap();
    }
    assert!(file.store.message(MessageRef::Id { tenant: None, id: "19" }).unwrap().is_some());
}

/// A sender whose file cannot be written for a while, in the ways that only the writing connection can be made
/// to see.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_goes_on_where_it_can_write_again() {
    for (name, fail, mend, code) in [
        ("sender-full", "PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1073741823", Code::StoreFull),
        ("sender-read-only", "PRAGMA query_only = 1", "PRAGMA query_only = 0", Code::StoreReadOnly),
    ] {
        let file = File::new(name);
        let store = Arc::new(SqliteStore::open(file.directory.join("store.db")).unwrap());
        let pragma = |sql: &str| store.desk.writing(|writer| writer.pragma(sql)).unwrap();
        let mut options = SenderOptions::new(&Provider::builtin("standard").unwrap());
        (options.allow_http, options.allow_private) = (true, AllowPrivate::All);
        let sender = Sender::with_store(store.clone(), options).unwrap();
        sender.start().unwrap();
        let (url, received) = slow_receiver();
        sender.endpoints().create(NewEndpoint::new(&url)).await.unwrap();

        let id = |id| SendOptions { id: Some(id), ..SendOptions::default() };
        sender.send("a", &"x", &id("before")).await.unwrap();
        pragma(fail);
        // More than what is free within the pages that there are.
        let large = "x".repeat(500_000);
        let refused = sender.send("a", &large, &id("refused")).await.unwrap_err();
        assert_eq!(refused.code(), code, "{refused}");
        assert_eq!(sender.messages().find(None, "refused").await.unwrap_err().code(), Code::NotFound);
        // The outcome of the first comes meanwhile.
        tokio::time::sleep(Duration::from_millis(500)).await;
        pragma(mend);
        assert!(!sender.send("a", &large, &id("refused")).await.unwrap().duplicate);
        assert!(sender.wait_idle(Some(Duration::from_secs(20))).await.unwrap());
        assert_eq!(received.load(Ordering::SeqCst), 2, "one request for each message");
        let stats = sender.stats().await.unwrap();
        assert_eq!((stats.delivered, stats.unsettled), (2, 0), "{stats:?}");
        sender.close().await.unwrap();
    }
}

/// Answers 200 after a while to whoever connects, and counts them.
fn slow_receiver() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(200));
            // All of the request must be read, or closing would reset the connection.
            stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
            while stream.read(&mut [0; 65536]).is_ok_and(|length| length > 0) {}
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.write_all(answer).unwrap();
        }
    });
    (url, count)
}

#[test]
fn sqlite_is_new_enough() {
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}

#[test]
fn no_filter_is_every_event() {
    assert_eq!(EventFilter::parse("").unwrap(), EventFilter::all());
}
