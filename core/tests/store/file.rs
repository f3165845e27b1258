//! What only a store in a file has: other programs, damage, and the application's own transactions.

use std::path::PathBuf;
use std::time::Duration;

use hookseal::store::{MessageRef, SqliteStore, Store, Write, Written};
use hookseal::{Code, Kind};
use rusqlite::Connection;

use crate::support::{anything, message, secret, tempfile};

struct Place {
    directory: tempfile::Directory,
}

impl Place {
    fn new() -> Self {
        Self { directory: tempfile::Directory::new() }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("store.db")
    }

    fn open(&self) -> hookseal::Result<SqliteStore> {
        SqliteStore::open_patiently(self.path(), Duration::from_millis(50))
    }

    fn refused(&self) -> Code {
        let error = self.open().err().expect("the file should be refused");
        assert_eq!(error.kind(), Kind::Store, "{error}");
        error.code()
    }
}

fn with_endpoint(store: &SqliteStore) {
    let create = Write::CreateEndpoint { spec: anything(), secrets: vec![secret(1)], now: 1 };
    store.commit(&[create]).unwrap().remove(0).unwrap();
}

#[test]
fn what_was_written_is_there_after_opening_again() {
    let place = Place::new();
    let store = place.open().unwrap();
    with_endpoint(&store);
    store.commit(&[Write::Send(message("a", 2))]).unwrap();
    store.close().unwrap();
    // All of it is in the one file, which can be copied.
    assert!(!place.directory.path().join("store.db-wal").exists());
    let store = place.open().unwrap();
    assert_eq!(store.stats().unwrap().pending, 1);
}

#[test]
fn a_newer_file_is_not_touched() {
    let place = Place::new();
    place.open().unwrap().close().unwrap();
    let newer = Connection::open(place.path()).unwrap();
    newer.execute("UPDATE hookseal_meta SET value = 999 WHERE key = 'schema'", []).unwrap();
    assert_eq!(place.refused(), Code::StoreSchema);
}

#[test]
fn files_of_other_programs_are_not_touched() {
    let place = Place::new();
    let other = Connection::open(place.path()).unwrap();
    other.execute_batch("PRAGMA application_id = 77; CREATE TABLE mine (x)").unwrap();
    drop(other);
    assert_eq!(place.refused(), Code::StoreSchema);

    let place = Place::new();
    std::fs::write(place.path(), "a text, and not a short one: ".repeat(100)).unwrap();
    assert_eq!(place.refused(), Code::StoreSchema);

    let place = Place::new();
    let other = Connection::open(place.path()).unwrap();
    other.execute_batch("CREATE TABLE hookseal_meta (something TEXT)").unwrap();
    assert_eq!(place.refused(), Code::StoreSchema);
}

#[test]
fn what_cannot_be_opened_says_so() {
    let place = Place::new();
    std::fs::create_dir(place.path()).unwrap();
    assert_eq!(place.refused(), Code::StoreUnavailable);
    let nowhere = SqliteStore::open(place.directory.path().join("no/such/directory.db"));
    assert_eq!(nowhere.err().unwrap().code(), Code::StoreUnavailable);
}

#[test]
fn a_locked_file_says_so_and_loses_nothing() {
    let place = Place::new();
    let store = place.open().unwrap();
    with_endpoint(&store);
    let other = Connection::open(place.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let locked = store.commit(&[Write::Send(message("a", 2))]);
    assert_eq!(locked.unwrap_err().code(), Code::StoreLocked);
    // Reading goes on.
    assert_eq!(store.stats().unwrap().pending, 0);
    other.execute_batch("ROLLBACK").unwrap();
    store.commit(&[Write::Send(message("a", 2))]).unwrap().remove(0).unwrap();
    assert_eq!(store.stats().unwrap().pending, 1);
}

#[test]
fn a_damaged_file_says_so() {
    let place = Place::new();
    let store = place.open().unwrap();
    with_endpoint(&store);
    for n in 0..200 {
        store.commit(&[Write::Send(message(&format!("m{n}"), 2))]).unwrap();
    }
    store.close().unwrap();
    let mut bytes = std::fs::read(place.path()).unwrap();
    let page = 8192;
    bytes[page..].fill(0xa5);
    std::fs::write(place.path(), bytes).unwrap();
    let code = match place.open() {
        Ok(store) => store.stats().unwrap_err().code(),
        Err(error) => error.code(),
    };
    assert_eq!(code, Code::StoreCorrupt);
}

#[test]
fn it_lives_in_the_applications_own_database() {
    let place = Place::new();
    let mut application = Connection::open(place.path()).unwrap();
    application.execute_batch("CREATE TABLE booking (id INTEGER PRIMARY KEY, guest TEXT)").unwrap();
    let before = SqliteStore::send_in(&application.transaction().unwrap(), &message("a", 1));
    assert_eq!(before.unwrap_err().code(), Code::StoreSchema);

    let store = place.open().unwrap();
    with_endpoint(&store);
    store.changes().unwrap();
    let book = |application: &mut Connection, id: &str, commit: bool| {
        let transaction = application.transaction().unwrap();
        transaction.execute("INSERT INTO booking (guest) VALUES ('Ada')", []).unwrap();
        let sent = SqliteStore::send_in(&transaction, &message(id, 5)).unwrap();
        if commit {
            transaction.commit().unwrap();
        }
        sent
    };
    book(&mut application, "rolled back", false);
    assert!(store.changes().unwrap().is_empty());
    assert_eq!(store.message(MessageRef::Id { tenant: None, id: "rolled back" }).unwrap(), None);

    let sent = book(&mut application, "committed", true);
    assert!(!store.changes().unwrap().is_empty());
    assert_eq!(store.stats().unwrap().pending, 1);
    assert!(store.message(MessageRef::Key(sent.key)).unwrap().is_some());
    // The store's own numbers go on behind it, and its ids are known.
    let Ok(Written::Sent(next)) = store.commit(&[Write::Send(message("next", 6))]).unwrap().remove(0) else {
        panic!("not sent")
    };
    assert!(next.key > sent.key && next.deliveries[0].id > sent.deliveries[0].id);
    assert!(book(&mut application, "next", true).duplicate);
}
