//! Several processes on one store, and processes that die.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use hookseal::{Code, Deduplicator};

use crate::place::{Kind, Place, event};

const EVENTS: usize = 100;
const LEASE: Duration = Duration::from_secs(4);

#[tokio::test]
async fn of_four_processes_one_gets_each_sqlite() {
    race(Kind::Sqlite);
}

#[tokio::test]
async fn of_four_processes_one_gets_each_postgres() {
    race(Kind::Postgres);
}

#[tokio::test]
async fn of_four_processes_one_gets_each_redis() {
    race(Kind::Redis);
}

#[tokio::test]
async fn the_claim_of_one_that_was_killed_ends_with_its_lease_sqlite() {
    kill(Kind::Sqlite).await;
}

#[tokio::test]
async fn the_claim_of_one_that_was_killed_ends_with_its_lease_postgres() {
    kill(Kind::Postgres).await;
}

#[tokio::test]
async fn the_claim_of_one_that_was_killed_ends_with_its_lease_redis() {
    kill(Kind::Redis).await;
}

fn race(kind: Kind) {
    let place = Place::new(kind);
    let mut racers: Vec<_> = (0..4).map(|_| Process::start(&place.url, "race")).collect();
    racers.iter_mut().for_each(|racer| assert_eq!(racer.line(), "ready"));
    racers.iter_mut().for_each(Process::go);
    let mut won: Vec<usize> = racers
        .iter_mut()
        .flat_map(|racer| {
            let line = racer.line();
            line.split(' ').filter(|id| !id.is_empty()).map(|id| id.parse().unwrap()).collect::<Vec<_>>()
        })
        .collect();
    won.sort_unstable();
    assert_eq!(won, (0..EVENTS).collect::<Vec<_>>(), "{kind:?}: each is claimed, and once");
}

async fn kill(kind: Kind) {
    let place = Place::new(kind);
    let deduplicator = place.open(LEASE);
    let mut holder = Process::start(&place.url, "hold");
    assert_eq!(holder.line(), "ready");
    let begun = Instant::now();
    holder.go();
    assert_eq!(holder.line(), "held");
    holder.child.kill().unwrap();
    holder.child.wait().unwrap();
    let early = deduplicator.claim(&event("0")).await.err().unwrap();
    assert_eq!(early.code(), Code::EventInProgress);
    loop {
        match deduplicator.claim(&event("0")).await {
            Ok(claim) => break claim.done().await.unwrap(),
            Err(error) => assert_eq!(error.code(), Code::EventInProgress),
        }
        assert!(begun.elapsed() < 10 * LEASE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(begun.elapsed() >= LEASE - Duration::from_millis(2), "{:?}", begun.elapsed());
}

/// The body of the other processes.
#[tokio::test]
async fn process() {
    let (Ok(url), Ok(what)) = (std::env::var("HOOKSEAL_DEDUP_URL"), std::env::var("HOOKSEAL_DEDUP_WHAT"))
    else {
        return;
    };
    let mut options = hookseal::DeduplicatorOptions::default();
    options.lease = LEASE;
    if what == "race" {
        options.lease = Duration::from_secs(60);
    }
    let deduplicator = Deduplicator::open(&url, options).unwrap();
    say("ready");
    std::io::stdin().lock().read_line(&mut String::new()).unwrap();
    if what == "hold" {
        let _held = deduplicator.claim(&event("0")).await.unwrap();
        say("held");
        std::thread::sleep(Duration::from_secs(60));
        return;
    }
    let mut won = Vec::new();
    for n in 0..EVENTS {
        let id = n.to_string();
        if let Ok(claim) = deduplicator.claim(&event(&id)).await {
            claim.done().await.unwrap();
            won.push(id);
        }
    }
    say(&won.join(" "));
}

fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "dedup: {what}").and_then(|()| out.flush()).unwrap();
}

/// A process, killed when this is dropped.
struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(url: &str, what: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["processes::process", "--exact", "--nocapture", "--test-threads=1"]);
        command.env("HOOKSEAL_DEDUP_URL", url).env("HOOKSEAL_DEDUP_WHAT", what);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, input, output: BufReader::new(output) }
    }

    fn go(&mut self) {
        writeln!(self.input).unwrap();
    }

    fn line(&mut self) -> String {
        for line in self.output.by_ref().lines() {
            if let Some((_, said)) = line.unwrap().split_once("dedup: ") {
                return said.to_owned();
            }
        }
        panic!("the process ended")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
