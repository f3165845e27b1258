//! Several stores on one file, as several processes have them, and several processes.

use hookseal::store::{MessageRef, SqliteStore, Store, Write, Written};

use crate::support::{anything, message, secret, tempfile};

#[cfg(target_os = "linux")]
mod waking;

fn two() -> (tempfile::Directory, SqliteStore, SqliteStore) {
    let directory = tempfile::Directory::new();
    let open = || SqliteStore::open(directory.path().join("store.db")).unwrap();
    let (one, other) = (open(), open());
    (directory, one, other)
}

#[test]
fn one_dispatches_and_the_other_takes_over() {
    let (_directory, one, other) = two();
    let first = one.acquire().unwrap().unwrap();
    assert_eq!(other.acquire().unwrap(), None);
    drop(one);
    let second = other.acquire().unwrap().unwrap();
    assert!(second.epoch > first.epoch);
    other.release(second).unwrap();
    assert!(other.acquire().unwrap().is_some());
}

#[test]
fn what_one_changes_the_other_follows() {
    let (_directory, one, other) = two();
    let pending = |store: &SqliteStore| store.stats().unwrap().pending;
    let send = |store: &SqliteStore, id: &str| {
        let Ok(Written::Sent(sent)) = store.commit(&[Write::Send(message(id, 5))]).unwrap().remove(0) else {
            panic!("not sent")
        };
        sent
    };
    assert!(send(&one, "nobody wants it").deliveries.is_empty());
    let create = Write::CreateEndpoint { spec: anything(), secrets: vec![secret(1)], now: 1 };
    other.commit(&[create]).unwrap();
    // What the first one remembered about who gets what is forgotten.
    let (a, b) = (send(&one, "a"), send(&other, "b"));
    assert_eq!((a.deliveries.len(), b.deliveries.len()), (1, 1));
    assert!(a.key < b.key && a.deliveries[0].id < b.deliveries[0].id);
    assert!(send(&other, "a").duplicate);
    assert_eq!((pending(&one), pending(&other)), (2, 2));
    assert!(one.message(MessageRef::Key(b.key)).unwrap().is_some());
}

#[test]
fn one_hears_of_what_the_other_wrote() {
    let (_directory, one, other) = two();
    one.changes().unwrap();
    one.commit(&[Write::Send(message("own", 5))]).unwrap();
    assert!(one.changes().unwrap().is_empty());
    other.commit(&[Write::Send(message("foreign", 5))]).unwrap();
    // Also when it was the writer who came upon it.
    one.commit(&[Write::Send(message("own, too", 5))]).unwrap();
    assert!(!one.changes().unwrap().is_empty());
    assert!(one.changes().unwrap().is_empty());
}

#[test]
fn all_may_open_at_once() {
    for _ in 0..5 {
        let directory = tempfile::Directory::new();
        let path = directory.path().join("store.db");
        let open = || {
            let path = path.clone();
            std::thread::spawn(move || SqliteStore::open(path).unwrap().acquire().unwrap().is_some())
        };
        let opening: Vec<_> = (0..8).map(|_| open()).collect();
        let opened: Vec<_> = opening.into_iter().map(|opening| opening.join().unwrap()).collect();
        assert!(opened.contains(&true));
    }
}

#[test]
fn all_may_write_at_once() {
    let (directory, one, other) = two();
    let writers: Vec<_> = [one, other]
        .into_iter()
        .enumerate()
        .map(|(place, store)| {
            std::thread::spawn(move || {
                for n in 0..50 {
                    let batch = [
                        Write::Send(message(&format!("{place}-{n}"), 5)),
                        Write::Send(message(&n.to_string(), 5)),
                    ];
                    for written in store.commit(&batch).unwrap() {
                        written.unwrap();
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    let file = rusqlite::Connection::open(directory.path().join("store.db")).unwrap();
    let messages: i64 =
        file.query_row("SELECT count(*) FROM hookseal_message", [], |row| row.get(0)).unwrap();
    assert_eq!(messages, 150);
    let check: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

#[cfg(unix)]
#[test]
fn the_right_is_that_of_the_file_that_is_there() {
    let (directory, one, other) = two();
    let first = one.acquire().unwrap().unwrap();
    assert_eq!(other.acquire().unwrap(), None);
    std::fs::remove_file(directory.path().join("store.db-dispatch")).unwrap();
    // A third, which knows only the new file, and the one that had the old one open see the same lock.
    let third = SqliteStore::open(directory.path().join("store.db")).unwrap();
    assert!(third.acquire().unwrap().unwrap().epoch > first.epoch);
    drop(one);
    assert_eq!(other.acquire().unwrap(), None);
    drop(third);
    assert!(other.acquire().unwrap().is_some());
}
