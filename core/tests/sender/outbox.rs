//! Events in transactions of the application's own, in Rust and in any other language.

use hookseal::sender::{NewMessage, Sender};
use hookseal::{Code, Webhook};
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::json;
use std::time::Duration;

use crate::receiver::Receiver;
use crate::{Place, SECRET, create, endpoint, ends, idle, send};

/// What the documentation tells others to write.
const INSERT: &str =
    "INSERT INTO hookseal_outbox (type, data, id, tenant, timestamp) VALUES (?1, ?2, ?3, ?4, ?5)";

fn application(place: &Place) -> Connection {
    let database = Connection::open(place.path()).unwrap();
    database.execute_batch("CREATE TABLE IF NOT EXISTS booking (guest TEXT)").unwrap();
    database
}

fn begin(database: &mut Connection) -> rusqlite::Transaction<'_> {
    database.transaction_with_behavior(TransactionBehavior::Immediate).unwrap()
}

fn count(database: &Connection, sql: &str) -> i64 {
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Idle does not count what the sender has not seen yet.
async fn received(receiver: &Receiver, count: usize) {
    ends(async {
        while receiver.count() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

fn booked(number: u32) -> NewMessage {
    NewMessage::new("booking.created", &json!({"number": number})).unwrap()
}

async fn started(place: &Place, receiver: &Receiver) -> Sender {
    let sender = place.open();
    create(&sender, endpoint(&receiver.url())).await;
    sender
}

#[tokio::test]
async fn a_send_is_committed_and_rolled_back_with_its_transaction() {
    let place = Place::sqlite();
    let receiver = Receiver::always(200).await;
    let sender = started(&place, &receiver).await;
    let mut database = application(&place);

    let transaction = begin(&mut database);
    transaction.execute("INSERT INTO booking VALUES ('Ada')", []).unwrap();
    sender.send_in(&transaction, booked(1).id("rolled-back")).unwrap();
    transaction.rollback().unwrap();

    let transaction = begin(&mut database);
    transaction.execute("INSERT INTO booking VALUES ('Bob')", []).unwrap();
    let sent = sender.send_in(&transaction, booked(2).id("committed")).unwrap();
    assert_eq!((sent.id.as_str(), sent.deliveries.len(), sent.duplicate), ("committed", 1, false));
    let again = sender.send_in(&transaction, booked(2).id("committed")).unwrap();
    assert_eq!((again.key, again.duplicate), (sent.key, true));
    let other = sender.send_in(&transaction, booked(3).id("committed")).unwrap_err();
    assert_eq!(other.code(), Code::Conflict);
    assert_eq!(receiver.count(), 0, "it was delivered before it was committed");
    transaction.commit().unwrap();

    received(&receiver, 1).await;
    idle(&sender).await;
    // The sender's own numbers go on behind, and its ids are known to it.
    let next = send(&sender, 4).await;
    assert!(next.key > sent.key);
    assert!(sender.send_new(booked(2).id("committed")).await.unwrap().duplicate);
    idle(&sender).await;
    assert_eq!(receiver.ids(), ["committed".to_owned(), next.id]);
    let request = &receiver.requests()[0];
    let event = Webhook::new(SECRET).unwrap().verify(&request.body[..], &request.headers).unwrap();
    assert_eq!(event.data::<serde_json::Value>().unwrap(), json!({"number": 2}));
    assert_eq!(count(&database, "SELECT count(*) FROM booking"), 1);
    let missing = sender.messages().find(None, "rolled-back").await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    sender.close().await.unwrap();
}

#[tokio::test]
async fn a_transaction_elsewhere_is_refused() {
    let (place, other) = (Place::sqlite(), Place::sqlite());
    let (sender, memory) = (place.open(), Place::memory().open());
    other.open().close().await.unwrap();
    let code = |sender: &Sender, database: &mut Connection| {
        sender.send_in(&begin(database), booked(1)).unwrap_err().code()
    };
    assert_eq!(code(&sender, &mut application(&other)), Code::InvalidArgument);
    assert_eq!(code(&sender, &mut Connection::open_in_memory().unwrap()), Code::InvalidArgument);
    assert_eq!(code(&memory, &mut application(&place)), Code::InvalidArgument);

    let mut read_first = application(&place);
    let transaction = read_first.transaction().unwrap();
    transaction.query_row("SELECT count(*) FROM booking", [], |_| Ok(())).unwrap();
    send(&sender, 1).await;
    let stale = sender.send_in(&transaction, booked(1)).unwrap_err();
    assert_eq!(stale.code(), Code::StoreLocked, "it saw what is no more so");
    drop(transaction);

    #[cfg(unix)]
    {
        let link = place.path().with_extension("link");
        std::os::unix::fs::symlink(place.path(), &link).unwrap();
        let mut linked = Connection::open(&link).unwrap();
        sender.send_in(&begin(&mut linked), booked(1)).unwrap();
    }
    sender.close().await.unwrap();
    assert_eq!(code(&sender, &mut read_first), Code::Closed);
}

#[tokio::test]
async fn rows_of_the_outbox_are_delivered_and_bad_ones_set_aside() {
    let place = Place::sqlite();
    let receiver = Receiver::always(200).await;
    let sender = started(&place, &receiver).await;
    send(&sender, 0).await;
    idle(&sender).await;
    let mut database = application(&place);

    let transaction = begin(&mut database);
    transaction.execute(INSERT, params!["a", "{}", "rolled-back", None::<&str>, None::<i64>]).unwrap();
    transaction.rollback().unwrap();

    let transaction = begin(&mut database);
    transaction.execute("INSERT INTO booking VALUES ('Ada')", []).unwrap();
    let none = (None::<&str>, None::<i64>);
    for (event_type, data, id, (tenant, at)) in [
        ("booking.created", r#"{"guest":"Ada"}"#, "first", (Some("t"), Some(1_700_000_000_000))),
        ("a", "{", "no-json", none),
        ("a", "{}", "with.dot", none),
        ("a", "{}", "late", (None, Some(i64::MAX))),
        ("", "{}", "no-type", none),
        ("booking.created", r#"{"guest":"Ada"}"#, "first", (Some("t"), None)),
        ("booking.created", r#"{"guest":"Bob"}"#, "first", (Some("t"), None)),
    ] {
        transaction.execute(INSERT, params![event_type, data, id, tenant, at]).unwrap();
    }
    // SQLite does not look at what is in a text.
    for values in ["CAST(x'ff' AS TEXT), '1', 'odd-type'", "'a', CAST(x'22ff22' AS TEXT), 'odd-data'"] {
        let odd = format!("INSERT INTO hookseal_outbox (type, data, id) VALUES ({values})");
        transaction.execute(&odd, []).unwrap();
    }
    transaction.execute("INSERT INTO hookseal_outbox (type, data) VALUES ('a', '[1]')", []).unwrap();
    transaction.commit().unwrap();

    received(&receiver, 3).await;
    ends(async {
        while count(&database, "SELECT count(*) FROM hookseal_outbox WHERE rejected IS NULL") > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    idle(&sender).await;
    assert_eq!(receiver.count(), 3, "{:?}", receiver.ids());
    let first = sender.messages().find(Some("t"), "first").await.unwrap();
    assert_eq!(first.record.timestamp, 1_700_000_000_000);

    let mut statement = database.prepare("SELECT id, rejected FROM hookseal_outbox ORDER BY seq").unwrap();
    let rejected: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    let ids: Vec<_> = rejected.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["no-json", "with.dot", "late", "no-type", "first", "odd-type", "odd-data"]);
    for ((id, reason), part) in rejected.iter().zip([
        "not JSON",
        "no \".\"",
        "milliseconds since 1970",
        "type",
        "id",
        "not UTF-8",
        "not JSON",
    ]) {
        assert!(reason.contains(part), "{id}: {reason}");
    }

    // Repaired, it is taken.
    database
        .execute("UPDATE hookseal_outbox SET data = '{}', rejected = NULL WHERE id = 'no-json'", [])
        .unwrap();
    received(&receiver, 4).await;
    idle(&sender).await;
    assert_eq!(receiver.ids()[3], "no-json");
    sender.close().await.unwrap();
}

#[tokio::test]
async fn rows_written_while_nothing_ran_are_delivered_at_the_start() {
    let place = Place::sqlite();
    let receiver = Receiver::always(200).await;
    started(&place, &receiver).await.close().await.unwrap();
    let database = application(&place);
    for number in 0..600 {
        let id = format!("evt_{number}");
        database.execute(INSERT, params!["a", "1", id, None::<&str>, None::<i64>]).unwrap();
    }
    let sender = place.open();
    received(&receiver, 600).await;
    idle(&sender).await;
    assert_eq!(receiver.count(), 600);
    assert_eq!(count(&database, "SELECT count(*) FROM hookseal_outbox"), 0);
    sender.close().await.unwrap();
}
