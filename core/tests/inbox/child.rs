//! Processes that receive and handle: this test's own binary, told what to be by its environment.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child as Process, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver as Lines, RecvTimeoutError};
use std::time::{Duration, Instant};

use hookseal::inbox::{HandlerError, Handling, Inbox, InboxOptions};

use crate::{receive, retrying, webhook};

/// Handlers that run at once.
pub(crate) const CONCURRENCY: usize = 8;
const PER_ROUND: usize = 200;

#[test]
fn process() {
    let Ok(url) = std::env::var("HOOKSEAL_INBOX_STORE") else { return };
    let mode = std::env::var("HOOKSEAL_INBOX_MODE").unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!();
    runtime.block_on(async {
        match mode.split_once(':') {
            Some(("pour", round)) => pour(&url, round).await,
            Some(("poison", _)) => poison(&url).await,
            Some(("stall", _)) => stall(&url).await,
            #[cfg(feature = "axum")]
            Some(("serve", at)) => {
                let (vendor, port) = at.split_once(':').unwrap();
                crate::vendors_killed::serve(&url, vendor, port).await;
            }
            _ => panic!("{mode}?"),
        }
    });
    std::process::exit(0);
}

/// The inbox of all that are killed: it retries soon and often.
pub(crate) fn open(url: &str) -> Inbox {
    let mut options: InboxOptions = retrying(&[40; 60]);
    options.concurrency = CONCURRENCY;
    Inbox::open(url, webhook(), options).unwrap()
}

/// Notes in a file, which outlives the process, that an event was handled. One in ten fails at its first try.
pub(crate) fn handle(inbox: &Inbox, log: &str) {
    let file = Arc::new(OpenOptions::new().create(true).append(true).open(log).unwrap());
    inbox
        .on("*", move |handling: Handling| {
            let file = file.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(2)).await;
                let id = handling.event.id().unwrap();
                if handling.number == 1 && id.ends_with('7') {
                    return Err(HandlerError::failed("the first time"));
                }
                (&*file).write_all(format!("{id}\n").as_bytes()).unwrap();
                Ok(())
            }
        })
        .unwrap();
}

/// Receives every event twice, side by side, and says what was acknowledged.
async fn pour(url: &str, round: &str) {
    let inbox = open(url);
    handle(&inbox, &std::env::var("HOOKSEAL_INBOX_LOG").unwrap());
    inbox.start().unwrap();
    let next = Arc::new(AtomicUsize::new(0));
    for _ in 0..16 {
        let (inbox, next, round) = (inbox.clone(), next.clone(), round.to_owned());
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                if number >= 2 * PER_ROUND {
                    return;
                }
                let id = format!("evt_{round}_{}", number / 2);
                receive(&inbox, &id, "a").await;
                say(&format!("got {id}"));
            }
        });
    }
    std::future::pending::<()>().await;
}

/// One of the events ends the process that handles it.
async fn poison(url: &str) {
    let mut options = retrying(&[10, 10]);
    options.concurrency = CONCURRENCY;
    let inbox = Inbox::open(url, webhook(), options).unwrap();
    inbox
        .on("*", |handling: Handling| async move {
            if handling.event.event_type() == Some("poison") {
                std::process::abort();
            }
            Ok::<(), HandlerError>(())
        })
        .unwrap();
    receive(&inbox, "poison", "poison").await;
    for number in 0..20 {
        receive(&inbox, &format!("good_{number}"), "good").await;
    }
    inbox.start().unwrap();
    crate::idle(&inbox).await;
    say("idle");
}

/// Handles for a while, and is then of another opinion than everybody else.
async fn stall(url: &str) {
    let inbox = Inbox::open(url, webhook(), retrying(&[10, 10])).unwrap();
    inbox
        .on("*", |_| async {
            say("begun");
            let _ends = SaysWhenItEnds;
            tokio::time::sleep(Duration::from_millis(700)).await;
            Err::<(), _>(HandlerError::failed("too late"))
        })
        .unwrap();
    inbox.start().unwrap();
    std::future::pending::<()>().await;
}

/// By itself, or because its process has lost what it was about.
struct SaysWhenItEnds;

impl Drop for SaysWhenItEnds {
    fn drop(&mut self) {
        say("ended");
    }
}

pub(crate) fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what}").unwrap();
    out.flush().unwrap();
}

/// A process, killed when this is dropped.
pub(crate) struct Child {
    process: Process,
    lines: Lines<String>,
}

impl Child {
    pub(crate) fn start(url: &str, mode: &str, environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["child::process", "--exact", "--nocapture", "--test-threads=1"]);
        command.env("HOOKSEAL_INBOX_STORE", url).env("HOOKSEAL_INBOX_MODE", mode);
        command.envs(environment.iter().copied());
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        let (tell, lines) = mpsc::channel();
        std::thread::spawn(move || {
            // A line that was cut off by the kill has no end, and does not count.
            for line in out.split(b'\n').map_while(Result::ok) {
                if tell.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    return;
                }
            }
        });
        Self { process, lines }
    }

    /// The next line, if there is one within this time.
    pub(crate) fn line(&self, within: Duration) -> Result<String, RecvTimeoutError> {
        self.lines.recv_timeout(within)
    }

    pub(crate) fn expect(&self, what: &str) {
        let until = Instant::now() + Duration::from_secs(60);
        while self.line(until.saturating_duration_since(Instant::now())).unwrap() != what {}
    }

    /// SIGKILL; gives what it said before it died.
    pub(crate) fn kill(&mut self) -> Vec<String> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.lines.iter().collect()
    }

    /// Waits for its end; whether that was a good one.
    pub(crate) fn ended_well(&mut self) -> bool {
        self.process.wait().unwrap().success()
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.process.id().to_string()]).status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
