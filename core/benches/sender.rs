//! Durable sending beside the bare HTTP client: `cargo bench -p hookseal --features sqlite --bench sender`.
//!
//! 256 tasks send events of 1 KiB to a receiver in another process, once by the client alone and once through the
//! sender and its file, every message synced to disk before `send` returns. Both run in turn; the table shows
//! each round and the median ratios, because machines drift.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hookseal::deliver::{AllowPrivate, Client, Endpoint};
use hookseal::sender::{NewEndpoint, SendOptions, Sender, SenderOptions};
use hookseal::{EventOptions, Provider, Secret};
use serde_json::{Value, json};

fn main() {
    if std::env::var_os("HOOKSEAL_BENCH_RECEIVER").is_some() {
        return receive();
    }
    let number =
        |name: &str, default| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let events = number("HOOKSEAL_BENCH_EVENTS", 20_000);
    let rounds = number("HOOKSEAL_BENCH_ROUNDS", 5);
    let senders = number("HOOKSEAL_BENCH_SENDERS", 256);
    let receiver = Receiver::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!("{events} events of 1 KiB by {senders} tasks; cpu in microseconds per event");
    println!(
        "{:<8}{:>12}{:>8}{:>12}{:>8}{:>8}{:>10}{:>10}{:>12}",
        "round", "bare/s", "cpu", "durable/s", "cpu", "ratio", "cpu", "p99 ms", "ops/commit"
    );
    let (mut ratios, mut costs) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let bare = runtime.block_on(bare(&receiver.url, events, senders));
        let durable = runtime.block_on(durable(&receiver.url, events, senders));
        let (ratio, cost) = (durable.run.rate / bare.rate, durable.run.cpu / bare.cpu);
        // The first round warms up.
        let name = if round == 0 { "warm-up".to_owned() } else { round.to_string() };
        println!(
            "{name:<8}{:>12.0}{:>8.1}{:>12.0}{:>8.1}{ratio:>8.2}{cost:>10.2}{:>10.1}{:>12.0}",
            bare.rate, bare.cpu, durable.run.rate, durable.run.cpu, durable.p99, durable.per_commit
        );
        if round > 0 {
            ratios.push(ratio);
            costs.push(cost);
        }
    }
    let medians = (median(ratios), median(costs));
    println!("median: {:.2} of the bare client's rate at {:.2} of its cpu", medians.0, medians.1);
    println!("an idle sender takes {:.3} % of a core", runtime.block_on(idle()));
}

struct Run {
    rate: f64,
    cpu: f64,
}

struct Durable {
    run: Run,
    p99: f64,
    per_commit: f64,
}

async fn bare(url: &str, events: usize, senders: usize) -> Run {
    let provider = Provider::builtin("standard").unwrap();
    let client = Client::builder().allow_http(true).allow_private(AllowPrivate::All).build().unwrap();
    let secret = provider.generate_secret().unwrap();
    let endpoint = Arc::new(Endpoint::new(url, &provider, &[secret]).unwrap());
    let left = Arc::new(AtomicUsize::new(events));
    let (begun, cpu) = (Instant::now(), cpu());
    let tasks: Vec<_> = (0..senders)
        .map(|_| {
            let (client, endpoint, left) = (client.clone(), endpoint.clone(), left.clone());
            let provider = provider.clone();
            tokio::spawn(async move {
                let data = data();
                while take(&left) {
                    let event = provider.event("bench", &data, &EventOptions::default()).unwrap();
                    assert!(client.attempt(&endpoint, &event).await.unwrap().succeeded());
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    run(events, begun, cpu)
}

async fn durable(url: &str, events: usize, senders: usize) -> Durable {
    let directory = std::env::temp_dir().join(format!("hookseal-bench-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let provider = Provider::builtin("standard").unwrap();
    let mut options = SenderOptions::new(&provider);
    options.allow_http = true;
    options.allow_private = AllowPrivate::All;
    let store = match std::env::var_os("HOOKSEAL_BENCH_MEMORY") {
        Some(_) => "memory:".to_owned(),
        None => format!("sqlite:{}", directory.join("hooks.db").display()),
    };
    let sender = Sender::open(&store, options).unwrap();
    sender.start().unwrap();
    let new = NewEndpoint {
        concurrency: Some(256),
        secret: Some(Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap()),
        ..NewEndpoint::new(url)
    };
    sender.endpoints().create(new).await.unwrap();
    let left = Arc::new(AtomicUsize::new(events));
    let (begun, cpu) = (Instant::now(), cpu());
    let tasks: Vec<_> = (0..senders)
        .map(|_| {
            let (sender, left) = (sender.clone(), left.clone());
            tokio::spawn(async move {
                let data = data();
                let mut waits = Vec::new();
                while take(&left) {
                    let begun = Instant::now();
                    sender.send("bench", &data, &SendOptions::default()).await.unwrap();
                    waits.push(begun.elapsed());
                }
                waits
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.unwrap());
    }
    let sent = begun.elapsed();
    assert!(sender.wait_idle(Some(Duration::from_secs(120))).await.unwrap());
    let run = run(events, begun, cpu);
    let stats = sender.stats().await.unwrap();
    assert_eq!(stats.delivered, events as u64);
    if std::env::var_os("HOOKSEAL_BENCH_VERBOSE").is_some() {
        println!("sent after {sent:?}, {stats:?}");
    }
    sender.close().await.unwrap();
    let _ = std::fs::remove_dir_all(&directory);
    waits.sort();
    Durable {
        run,
        p99: waits[waits.len() * 99 / 100].as_secs_f64() * 1000.0,
        per_commit: stats.committed as f64 / stats.commits as f64,
    }
}

/// A sender with nothing to do, once it has calmed down.
async fn idle() -> f64 {
    const SPAN: Duration = Duration::from_secs(10);
    let path = std::env::temp_dir().join(format!("hookseal-idle-{}.db", std::process::id()));
    let options = SenderOptions::new(&Provider::builtin("standard").unwrap());
    let sender = Sender::open(&format!("sqlite:{}", path.display()), options).unwrap();
    sender.start().unwrap();
    sender.endpoints().create(NewEndpoint::new("https://example.com/")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(13)).await;
    let before = threads();
    tokio::time::sleep(SPAN).await;
    // Threads that ended meanwhile were idle.
    let used: u64 = threads().iter().map(|(name, used)| used - before.get(name).copied().unwrap_or(0)).sum();
    sender.close().await.unwrap();
    for end in ["", "-wal", "-shm", "-dispatch"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
    used as f64 / SPAN.as_nanos() as f64 * 100.0
}

/// What each thread of this process has used in nanoseconds.
fn threads() -> HashMap<std::ffi::OsString, u64> {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return HashMap::new() };
    let of = |task: std::fs::DirEntry| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        Some((task.file_name(), text.split(' ').next()?.parse().ok()?))
    };
    tasks.filter_map(|task| of(task.ok()?)).collect()
}

fn data() -> Value {
    json!({"text": "x".repeat(900)})
}

fn take(left: &AtomicUsize) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

fn run(events: usize, begun: Instant, before: Duration) -> Run {
    let count = events as f64;
    Run {
        rate: count / begun.elapsed().as_secs_f64(),
        cpu: (cpu() - before).as_secs_f64() * 1_000_000.0 / count,
    }
}

/// What this process has used so far, where the system tells it.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 =
        after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A receiver in a process of its own, so that its work is not counted as ours.
struct Receiver {
    url: String,
    child: Child,
}

impl Receiver {
    fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env("HOOKSEAL_BENCH_RECEIVER", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { url: format!("http://{}/hook", line.trim()), child }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn receive() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    std::io::stdout().flush().unwrap();
    listener.set_nonblocking(true).unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream.into_std().unwrap()));
        }
    });
}

/// Counts bytes rather than reading them: requests have a length, and arrive in one piece or a few.
async fn answer(stream: TcpStream) -> Option<()> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::from_std(stream).ok()?;
    stream.set_nodelay(true).ok()?;
    let mut bytes = Vec::with_capacity(16 * 1024);
    loop {
        let head = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let text = std::str::from_utf8(&bytes[..head]).ok()?;
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "))?;
        let end = head + length.parse::<usize>().ok()?;
        while bytes.len() < end {
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        }
        bytes.drain(..end);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.ok()?;
    }
}
