//! The load: tasks that send events of 1 KiB, by the bare client or through a sender and its file, where every
//! message is synced to disk before `send` returns.

use std::fs::File;
use std::future::Future;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hookseal::deliver::{AllowPrivate, Client, Endpoint};
use hookseal::sender::{NewEndpoint, SendOptions, Sender, SenderOptions, Stats};
use hookseal::{EventOptions, Provider, Secret};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::receiver::Receiver;
use crate::report::Report;
use crate::rounds;
use crate::system::{Scratch, cpu, median, number, percentile};

pub(crate) fn events() -> usize {
    number("HOOKSEAL_BENCH_EVENTS", 20_000)
}

/// The durable sender beside the bare client.
pub(crate) async fn row(receiver: &Receiver, report: &mut Report) {
    let (events, senders) = (events(), number("HOOKSEAL_BENCH_SENDERS", 256));
    println!("{events} events of 1 KiB by {senders} tasks; cpu in microseconds per event");
    println!(
        "{:<8}{:>12}{:>8}{:>12}{:>8}{:>8}{:>8}{:>10}{:>12}",
        "round", "bare/s", "cpu", "durable/s", "cpu", "ratio", "cpu", "p99 ms", "ops/commit"
    );
    let (mut ratios, mut costs, mut reused) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds() {
        let bare = bare(&receiver.url(), events, senders).await;
        let before = receiver.seen();
        let durable = durable(&receiver.url(), events, senders).await;
        let after = receiver.seen();
        let (ratio, cost) = (durable.run.rate / bare.rate, durable.run.cpu / bare.cpu);
        // The first round warms up.
        let name = if round == 0 { "warm-up".to_owned() } else { round.to_string() };
        println!(
            "{name:<8}{:>12.0}{:>8.1}{:>12.0}{:>8.1}{ratio:>8.2}{cost:>8.2}{:>10.1}{:>12.0}",
            bare.rate,
            bare.cpu,
            durable.run.rate,
            durable.run.cpu,
            percentile(&durable.waits, 99) * 1000.0,
            durable.stats.committed as f64 / durable.stats.commits as f64
        );
        if round > 0 {
            ratios.push(ratio);
            costs.push(cost);
            let connections = (after.connections - before.connections) as f64;
            reused.push(100.0 - 100.0 * connections / (after.requests - before.requests) as f64);
        }
    }
    report.at_least(format!("durable / bare client, {senders} senders: rate"), median(&ratios), 0.5);
    report.at_most(format!("durable / bare client, {senders} senders: cpu per event"), median(&costs), 2.5);
    report.at_least("requests on a connection that was there, %", median(&reused), 95.0);
}

/// A send every two milliseconds, each in a task of its own: in seconds the median and 99th percentile of a sync, of
/// the least that anybody could do, and of `send`.
pub(crate) async fn latency_at_pace(url: &str) -> [f64; 6] {
    let mut syncs = syncs();
    let least = least_at_pace().await;
    let store = Scratch::new("latency");
    let sender = sender(&store);
    sender.endpoints().create(endpoint(url)).await.unwrap();
    let waits = at_pace(|| {
        let sender = sender.clone();
        async move {
            sender.send("bench", &data(), &SendOptions::default()).await.unwrap();
        }
    })
    .await;
    sender.close().await.unwrap();
    syncs.extend(self::syncs());
    let [syncs, least, waits] = [syncs, least, waits].map(|times| [median(&times), percentile(&times, 99)]);
    [syncs[0], syncs[1], least[0], least[1], waits[0], waits[1]]
}

/// A thread appends what waits to a file, syncs that, and answers.
async fn least_at_pace() -> Vec<f64> {
    let scratch = Scratch::new("least");
    let mut file = File::create(scratch.file("file")).unwrap();
    let (ask, asked) = std::sync::mpsc::channel::<(String, oneshot::Sender<()>)>();
    let thread = std::thread::spawn(move || {
        while let Ok(first) = asked.recv() {
            let (events, answers): (Vec<_>, Vec<_>) = std::iter::once(first).chain(asked.try_iter()).unzip();
            file.write_all(events.concat().as_bytes()).unwrap();
            file.sync_data().unwrap();
            answers.into_iter().for_each(|answer| answer.send(()).unwrap());
        }
    });
    let waits = at_pace(|| {
        let ask = ask.clone();
        async move {
            let (answer, answered) = oneshot::channel();
            ask.send((data().to_string(), answer)).unwrap();
            answered.await.unwrap();
        }
    })
    .await;
    drop(ask);
    thread.join().unwrap();
    waits
}

/// How long each takes of those that begin every two milliseconds, in seconds.
async fn at_pace<F: Future<Output = ()> + Send + 'static>(once: impl Fn() -> F) -> Vec<f64> {
    const PACE: Duration = Duration::from_millis(2);
    const TIMES: u32 = 2500;
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for at in 0..TIMES {
        tokio::time::sleep_until((begun + PACE * at).into()).await;
        let once = once();
        tasks.push(tokio::spawn(async move {
            let begun = Instant::now();
            once.await;
            begun.elapsed().as_secs_f64()
        }));
    }
    let mut waits = Vec::new();
    for task in tasks {
        waits.push(task.await.unwrap());
    }
    waits
}

/// How long syncs of this disk take, in seconds.
pub(crate) fn syncs() -> Vec<f64> {
    let scratch = Scratch::new("sync");
    let mut file = File::create(scratch.file("file")).unwrap();
    let once = || {
        let begun = Instant::now();
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        begun.elapsed().as_secs_f64()
    };
    std::iter::repeat_with(once).take(150).collect()
}

pub(crate) struct Run {
    pub(crate) rate: f64,
    cpu: f64,
}

pub(crate) struct Durable {
    pub(crate) run: Run,
    /// How long each `send` took, in seconds.
    waits: Vec<f64>,
    stats: Stats,
}

async fn bare(url: &str, events: usize, senders: usize) -> Run {
    let provider = Provider::builtin("standard").unwrap();
    let client = Client::builder().allow_http(true).allow_private(AllowPrivate::All).build().unwrap();
    let secret = provider.generate_secret().unwrap();
    let endpoint = Arc::new(Endpoint::new(url, &provider, &[secret]).unwrap());
    let left = Arc::new(AtomicUsize::new(events));
    let (begun, before) = (Instant::now(), cpu());
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
    run(events, begun, before)
}

pub(crate) async fn durable(url: &str, events: usize, senders: usize) -> Durable {
    let store = Scratch::new("durable");
    durable_with(sender(&store), url, events, senders).await
}

/// By a sender that was started.
pub(crate) async fn durable_with(sender: Sender, url: &str, events: usize, senders: usize) -> Durable {
    sender.endpoints().create(endpoint(url)).await.unwrap();
    let left = Arc::new(AtomicUsize::new(events));
    let (begun, before) = (Instant::now(), cpu());
    let tasks: Vec<_> = (0..senders)
        .map(|_| {
            let (sender, left) = (sender.clone(), left.clone());
            tokio::spawn(async move {
                let data = data();
                let mut waits = Vec::new();
                while take(&left) {
                    let begun = Instant::now();
                    sender.send("bench", &data, &SendOptions::default()).await.unwrap();
                    waits.push(begun.elapsed().as_secs_f64());
                }
                waits
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.unwrap());
    }
    assert!(sender.wait_idle(Some(Duration::from_secs(120))).await.unwrap());
    let run = run(events, begun, before);
    let stats = sender.stats().await.unwrap();
    assert_eq!(stats.delivered, events as u64);
    sender.close().await.unwrap();
    Durable { run, waits, stats }
}

/// A sender on a file of its own that delivers to this machine.
pub(crate) fn sender(store: &Scratch) -> Sender {
    let url = match std::env::var_os("HOOKSEAL_BENCH_MEMORY") {
        Some(_) => "memory:".to_owned(),
        None => format!("sqlite:{}", store.file("hooks.db").display()),
    };
    let sender = open(&url);
    sender.start().unwrap();
    sender
}

/// A sender that may deliver to this machine.
pub(crate) fn open(url: &str) -> Sender {
    let provider = Provider::builtin("standard").unwrap();
    let mut options = SenderOptions::new(&provider);
    options.allow_http = true;
    options.allow_private = AllowPrivate::All;
    Sender::open(url, options).unwrap()
}

/// An endpoint that may use all that the sender has.
fn endpoint(url: &str) -> NewEndpoint {
    NewEndpoint {
        concurrency: Some(256),
        secret: Some(Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap()),
        ..NewEndpoint::new(url)
    }
}

pub(crate) fn data() -> Value {
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
