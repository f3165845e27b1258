//! What can be seen only from inside: how statements find their rows, and a full disk.

use rusqlite::types::Value;

use super::*;
use super::{control, log, read};
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
        file.store.writing(|writer| writer.pragma(&limit)).unwrap();
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

#[test]
fn sqlite_is_new_enough() {
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}

#[test]
fn headers_stand_in_one_column() {
    let given = vec![("a".to_owned(), "b: c".to_owned()), ("empty".to_owned(), String::new())];
    let text = value::headers(&given);
    let connection = Connection::open_in_memory().unwrap();
    let read = connection.query_row("SELECT ?1", [text], |row| value::read_headers(row, 0)).unwrap();
    assert_eq!(read, given);
    assert_eq!(EventFilter::parse("").unwrap(), EventFilter::all());
}
