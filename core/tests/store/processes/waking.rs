//! Nobody has to ask again and again: who waits for a change, or for the right to dispatch, is woken.

use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::*;

/// Another process with the same store. It does what it is told on standard input, one word a line.
#[test]
fn child() {
    let Ok(path) = std::env::var("HOOKSEAL_WAKING_STORE") else { return };
    let store = SqliteStore::open(path).unwrap();
    println!();
    let mut grant = None;
    for (number, line) in std::io::stdin().lines().enumerate() {
        match line.unwrap().as_str() {
            "acquire" => grant = store.acquire().unwrap(),
            "release" => store.release(grant.take().unwrap()).unwrap(),
            "send" => drop(store.commit(&[Write::Send(message(&format!("child {number}"), 5))]).unwrap()),
            word => panic!("{word}?"),
        }
        println!("done");
    }
    std::process::exit(0);
}

struct Process {
    child: Child,
    told: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl Process {
    fn start(store: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["processes::waking::child", "--exact", "--nocapture", "--test-threads=1"]);
        command.env("HOOKSEAL_WAKING_STORE", store).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (told, says) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, told, says: BufReader::new(says) }
    }

    /// Returns when it has been done.
    fn tell(&mut self, word: &str) {
        writeln!(self.told, "{word}").unwrap();
        let said = (&mut self.says).lines().map(Result::unwrap).find(|line| line == "done");
        assert!(said.is_some(), "the other process has ended");
    }

    /// SIGKILL.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Is told when the store's waker is called.
fn listen(store: &SqliteStore) -> Receiver<()> {
    let (tell, woken) = mpsc::channel();
    let tell = Mutex::new(tell);
    assert!(store.wake(Arc::new(move || _ = tell.lock().unwrap().send(()))));
    // What was there before is told by no event.
    store.changes().unwrap();
    woken
}

/// Asks each time it is woken, and never else, until the answer is yes; how long that took.
fn until(woken: &Receiver<()>, mut yes: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    loop {
        woken.recv_timeout(Duration::from_secs(10)).expect("it is woken until it has seen it");
        if yes() {
            return begun.elapsed();
        }
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[test]
fn who_waits_for_a_change_is_woken() {
    let (directory, store, _) = two();
    let woken = listen(&store);
    let mut other = Process::start(&directory.path().join("store.db"));
    let times = (0..20).map(|_| {
        other.tell("send");
        until(&woken, || !store.changes().unwrap().is_empty())
    });
    let took = median(times.collect());
    println!("a change is seen {took:?} after its commit has returned");
    assert!(took < Duration::from_millis(100), "{took:?}");
}

#[test]
fn who_waits_for_the_right_is_woken_when_its_holder_dies() {
    let directory = tempfile::Directory::new();
    let path = directory.path().join("store.db");
    let store = SqliteStore::open(&path).unwrap();
    // Nobody has dispatched yet, so the file with the lock comes later.
    let woken = listen(&store);
    let times = (0..5).map(|_| {
        let mut other = Process::start(&path);
        other.tell("acquire");
        assert_eq!(store.acquire().unwrap(), None);
        other.kill();
        let took = until(&woken, || match store.acquire().unwrap() {
            Some(grant) => store.release(grant).map(|()| true).unwrap(),
            None => false,
        });
        while woken.recv_timeout(Duration::from_millis(50)).is_ok() {}
        took
    });
    let took = median(times.collect());
    println!("the right is taken {took:?} after its holder was killed");
    assert!(took < Duration::from_millis(100), "{took:?}");
}

#[test]
fn who_waits_for_the_right_is_woken_when_it_is_given_back() {
    let (directory, store, _) = two();
    let woken = listen(&store);
    let mut other = Process::start(&directory.path().join("store.db"));
    other.tell("acquire");
    assert_eq!(store.acquire().unwrap(), None);
    other.tell("release");
    until(&woken, || store.acquire().unwrap().is_some());
}

/// Those who are refused, however many they are, do not wake each other with it.
#[test]
fn asking_in_vain_wakes_nobody() {
    let (_directory, holder, store) = two();
    let grant = holder.acquire().unwrap().unwrap();
    assert_eq!(store.acquire().unwrap(), None);
    let woken = listen(&store);
    for _ in 0..20 {
        assert_eq!(store.acquire().unwrap(), None);
    }
    assert!(woken.recv_timeout(Duration::from_millis(200)).is_err());
    holder.release(grant).unwrap();
    until(&woken, || store.acquire().unwrap().is_some());
}

#[test]
fn ones_own_commits_wake_nobody() {
    let (_directory, store, other) = two();
    let woken = listen(&store);
    for n in 0..50 {
        store.commit(&[Write::Send(message(&n.to_string(), 5))]).unwrap();
    }
    assert!(woken.recv_timeout(Duration::from_millis(200)).is_err());
    // Nor do they hide those of others.
    other.commit(&[Write::Send(message("foreign", 5))]).unwrap();
    for n in 50..100 {
        store.commit(&[Write::Send(message(&n.to_string(), 5))]).unwrap();
    }
    until(&woken, || !store.changes().unwrap().is_empty());
}

#[test]
fn a_store_that_is_closed_or_dropped_wakes_nobody() {
    for close in [true, false] {
        let (_directory, store, other) = two();
        let waker = Arc::new(|| panic!("there is no store any more"));
        assert!(store.wake(waker.clone()));
        if close {
            store.close().unwrap();
            assert!(!store.wake(Arc::new(|| {})));
        } else {
            drop(store);
        }
        // Its thread has ended, and let go of the waker.
        let begun = Instant::now();
        while Arc::strong_count(&waker) > 1 {
            assert!(begun.elapsed() < Duration::from_secs(10));
            std::thread::sleep(Duration::from_millis(5));
        }
        other.commit(&[Write::Send(message("later", 5))]).unwrap();
    }
}
