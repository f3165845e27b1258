//! A disk that is really full: who sends is told, what was accepted stays, and all goes on where there is room again.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hookseal::sender::{NewEndpoint, SendOptions, Sender};
use hookseal::store::{DeliveryQuery, DeliveryState, SqliteStore};
use hookseal::{Code, Error, Kind};
use serde_json::{Value, json};

use crate::receiver::Receiver;
use crate::small_disk::{Disk, fill_file, on_a_small_disk};
use crate::{create, endpoint, ends, options};

#[test]
fn a_full_disk_loses_nothing() {
    on_a_small_disk("disk::inside::full");
}

#[test]
fn killed_on_a_full_disk_it_loses_nothing() {
    on_a_small_disk("disk::inside::killed");
}

/// What runs on the small disk.
mod inside {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn full() {
        let Some(disk) = Disk::here() else { return };
        // Long enough that the disk is full when the outcomes come.
        let receiver = Receiver::start(|_, _| (200, Duration::from_secs(2))).await;
        let ballast = disk.ballast(18);
        let sender = disk.place.open();
        create(&sender, NewEndpoint { concurrency: Some(1000), ..endpoint(&receiver.url()) }).await;

        let mut sent = HashMap::new();
        let refused = fill(&sender, "a", |id, data| drop(sent.insert(id, data))).await;
        let rest = disk.rest();
        assert!(sent.len() > 50, "{} were sent", sent.len());
        let (code, kind) = (refused.code(), refused.kind());
        assert_eq!((code, kind), (Code::StoreFull, Kind::Store), "{refused}");
        assert!(refused.message().contains("The disk, or the quota, is full."), "{refused}");

        // All are answered, and no outcome can be written; reading goes on.
        ends(async {
            loop {
                let stats = sender.stats().await.unwrap();
                if stats.in_flight == 0 && receiver.count() == sent.len() && stats.unsettled > 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await;
        let error = send(&sender, "refused", &large("refused")).await.unwrap_err();
        assert_eq!(error.code(), Code::StoreFull, "{error}");
        assert_eq!(sender.messages().find(None, "refused").await.unwrap_err().code(), Code::NotFound);
        disk.opens_or_is_full();
        let new = SqliteStore::open(disk.path.join("new.db")).err().map(|error| error.code());
        assert_eq!(new, Some(Code::StoreFull));

        drop((ballast, rest));
        assert!(!send(&sender, "refused", &large("refused")).await.unwrap().duplicate);
        sent.insert("refused".to_owned(), large("refused"));
        judge(&sender, &receiver, &sent).await;
        assert_eq!(receiver.count(), sent.len(), "an outcome that waits costs no second request");
        let stats = sender.stats().await.unwrap();
        assert!(stats.commit_errors > 1, "{stats:?}");
        sender.close().await.unwrap();
        disk.check();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn killed() {
        let Some(disk) = Disk::here() else { return };
        let receiver =
            Receiver::start(|number, _| (if number % 10 == 9 { 500 } else { 200 }, Duration::ZERO)).await;
        {
            let sender = disk.place.open();
            let retry = Some(crate::retries(&[40; 50]));
            create(&sender, NewEndpoint { retry, ..endpoint(&receiver.url()) }).await;
            sender.close().await.unwrap();
        }
        // In the end there must be room for all that is in the log, and so as much as the store may take until then.
        let reserve = disk.ballast(12);
        let mut ballast: Vec<_> = (0..ROUNDS).map(|_| disk.ballast(2)).collect();
        let mut sent = HashMap::new();
        for round in 0..ROUNDS {
            let url = disk.place.url.clone();
            let rest = disk.path.join("rest");
            let lines = tokio::task::spawn_blocking(move || run(&url, round, &rest)).await.unwrap();
            println!("round {round}: {} were sent until the disk was full", lines.len());
            sent.extend(lines.into_iter().map(|id| (id.clone(), large(&id))));
            // Whatever was left half written.
            disk.opens_or_is_full();
            if round == 0 {
                // Not even the index of the log has room.
                std::fs::remove_file(disk.path.join("hooks.db-shm")).unwrap();
                let rest = disk.ballast(usize::MAX >> 20);
                let refused = SqliteStore::open(disk.place.path()).err().map(|error| error.code());
                assert_eq!(refused, Some(Code::StoreFull));
                drop(rest);
            }
            // Some room for the next round.
            std::fs::remove_file(disk.path.join("rest")).unwrap();
            drop(ballast.pop());
        }
        drop(reserve);
        let sender = disk.place.open();
        judge(&sender, &receiver, &sent).await;
        sender.close().await.unwrap();
        disk.check();
    }

    /// Sends until it is killed, on a disk that is full from some time on.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn child() {
        let Ok(url) = std::env::var("HOOKSEAL_DISK_STORE") else { return };
        let round = std::env::var("HOOKSEAL_DISK_ROUND").unwrap();
        let rest = PathBuf::from(std::env::var("HOOKSEAL_DISK_REST").unwrap());
        println!();
        let sender = Sender::open(&url, options()).unwrap();
        sender.start().unwrap();
        let say = |line: &str| {
            let mut out = std::io::stdout().lock();
            writeln!(out, "{line}").unwrap();
            out.flush().unwrap();
        };
        for life in 0.. {
            let name = format!("{round}-{life}");
            let error = fill(&sender, &name, |id, _| say(&format!("sent {id}"))).await;
            assert_eq!(error.code(), Code::StoreFull, "{error}");
            if life == 0 {
                fill_file(&rest, usize::MAX);
                say("full");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// One life of the child, until some time after the disk was full; gives what it said it had sent.
fn run(url: &str, round: usize, rest: &Path) -> Vec<String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["disk::inside::child", "--exact", "--nocapture", "--test-threads=1"]);
    command.env("HOOKSEAL_DISK_STORE", url).env("HOOKSEAL_DISK_ROUND", round.to_string());
    let mut child = command.env("HOOKSEAL_DISK_REST", rest).stdout(Stdio::piped()).spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let (tell, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        out.split(b'\n')
            .map_while(Result::ok)
            .try_for_each(|line| tell.send(String::from_utf8_lossy(&line).into_owned()))
    });
    let mut sent = Vec::new();
    let mut keep = |line: &str| sent.extend(line.strip_prefix("sent ").map(str::to_owned));
    loop {
        let line = lines.recv_timeout(Duration::from_secs(60)).expect("the disk is full at some time");
        if line == "full" {
            break;
        }
        keep(&line);
    }
    std::thread::sleep(Duration::from_millis(150 * round as u64));
    // SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said before it died counts.
    lines.iter().for_each(|line| keep(&line));
    sent
}

/// Sends, several at a time, until it fails, and tells of each that did not.
async fn fill(sender: &Sender, name: &str, mut sent: impl FnMut(String, Value)) -> Error {
    let next = Arc::new(AtomicUsize::new(0));
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    for _ in 0..4 {
        let (sender, next, tell, name) = (sender.clone(), next.clone(), tell.clone(), name.to_owned());
        tokio::spawn(async move {
            loop {
                let id = format!("evt_{name}_{}", next.fetch_add(1, Ordering::SeqCst));
                let data = large(&id);
                let result = send(&sender, &id, &data).await.map(|_| (id, data));
                if tell.send(result.clone()).is_err() || result.is_err() {
                    return;
                }
            }
        });
    }
    drop(tell);
    let mut refused = None;
    while let Some(result) = told.recv().await {
        match result {
            Ok((id, data)) => sent(id, data),
            Err(error) => refused = Some(error),
        }
    }
    refused.expect("each of them ends with an error")
}

async fn send(sender: &Sender, id: &str, data: &Value) -> Result<hookseal::sender::Message, Error> {
    sender.send("a", data, &SendOptions { id: Some(id), ..SendOptions::default() }).await
}

/// Too much for what a commit that failed may have left.
fn large(id: &str) -> Value {
    json!({"id": id, "pad": "x".repeat(20_000)})
}

/// All that was accepted has arrived, and is known to have.
async fn judge(sender: &Sender, receiver: &Receiver, sent: &HashMap<String, Value>) {
    let idle = sender.wait_idle(Some(Duration::from_secs(50))).await.unwrap();
    assert!(idle, "{:?}", sender.stats().await.unwrap());
    let mut bodies: HashMap<String, Vec<u8>> = HashMap::new();
    for request in receiver.requests() {
        let known = bodies.entry(request.id()).or_insert_with(|| request.body.clone());
        assert_eq!(*known, request.body, "an id always comes with the same bytes");
    }
    for (id, data) in sent {
        let body = bodies.get(id).unwrap_or_else(|| panic!("{id} was lost"));
        let body: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(body["data"], *data);
    }
    let mut before = None;
    loop {
        let page = sender.deliveries().list(DeliveryQuery::default(), before, 500).await.unwrap();
        assert!(page.items.iter().all(|delivery| delivery.state == DeliveryState::Delivered));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(sender.stats().await.unwrap().unsettled, 0);
}

const ROUNDS: usize = 4;
