//! The processes that work: this test's own binary, told what to be by its environment and what to do by its input.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver as Lines};
use std::time::{Duration, Instant};

use crate::{open, send};

#[test]
fn process() {
    let Ok(url) = std::env::var("HOOKSEAL_WORKER_STORE") else { return };
    let name = std::env::var("HOOKSEAL_WORKER_NAME").unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!();
    let types = std::env::var("HOOKSEAL_WORKER_SENDS").ok();
    runtime.block_on(async {
        match types {
            None => deliver(&url, &name).await,
            Some(types) => keep_sending(&url, &name, &types.split(',').collect::<Vec<_>>()).await,
        }
    });
    say("closed");
    // Not as the tests' harness ends.
    std::process::exit(0);
}

async fn deliver(url: &str, name: &str) {
    let sender = loop {
        // The database may be away.
        match hookseal::sender::Sender::open(url, crate::options(name)) {
            Ok(sender) => break sender,
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    };
    sender.start().unwrap();
    say("ready");
    told_to_close().await;
    sender.close().await.unwrap();
}

async fn keep_sending(url: &str, name: &str, types: &[&str]) {
    let sender = open(url, name);
    say("ready");
    let mut closing = std::pin::pin!(told_to_close());
    for number in 0_usize.. {
        let event_type = types[number % types.len()];
        let id = format!("{event_type}_{name}_{number:06}");
        while let Err(error) = send(&sender, event_type, &id).await {
            assert_eq!(error.kind(), hookseal::Kind::Store, "{error}");
            say(&format!("refused {error}"));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        say(&format!("sent {event_type} {id}"));
        let pause = tokio::time::sleep(Duration::from_millis(12));
        tokio::select! {
            () = pause => {}
            () = &mut closing => break,
        }
    }
    sender.close().await.unwrap();
}

async fn told_to_close() {
    let input = tokio::task::spawn_blocking(|| std::io::stdin().lock().lines().next());
    let _ = input.await;
}

fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    // Who started it may be gone.
    let _ = writeln!(out, "{what}").and_then(|()| out.flush());
}

/// A process, killed when this is dropped.
pub(crate) struct Worker {
    pub(crate) name: String,
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<String>,
}

impl Worker {
    /// One that delivers; ready when this returns.
    pub(crate) fn start(url: &str, name: &str) -> Self {
        let worker = Self::spawn(url, name, None);
        worker.expect("ready");
        worker
    }

    /// One that delivers, or sends events of these types, each until it is accepted.
    pub(crate) fn spawn(url: &str, name: &str, sends: Option<&str>) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["child::process", "--exact", "--nocapture", "--test-threads=1"]);
        command.env("HOOKSEAL_WORKER_STORE", url).env("HOOKSEAL_WORKER_NAME", name);
        if let Some(types) = sends {
            command.env("HOOKSEAL_WORKER_SENDS", types);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in out.split(b'\n').map_while(Result::ok) {
                if tell.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    return;
                }
            }
        });
        Self { name: name.to_owned(), input: child.stdin.take(), child, lines }
    }

    pub(crate) fn expect(&self, what: &str) {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let line = self.lines.recv_timeout(until.saturating_duration_since(Instant::now()));
            if line.unwrap_or_else(|_| panic!("{} says {what}", self.name)) == what {
                return;
            }
        }
    }

    /// What it said since it was last asked.
    pub(crate) fn said(&self) -> Vec<String> {
        self.lines.try_iter().collect()
    }

    /// Ends it as it should end.
    pub(crate) fn close(&mut self) -> Vec<String> {
        drop(self.input.take());
        assert!(self.child.wait().unwrap().success(), "{} ends well", self.name);
        self.lines.iter().collect()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn stop(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
