//! Many workers on one PostgreSQL, beside SQLite in the same run: all is sent first, then delivered.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hookseal::sender::{NewEndpoint, SendOptions, Sender};

use crate::load::{data, durable_with, events, open};
use crate::receiver::Receiver;
use crate::report::Report;
use crate::rounds;
use crate::system::{Scratch, median};

const ENDPOINTS: usize = 64;
const SENDERS: usize = 256;
pub(crate) const NO_SERVER: &str = "run under scripts/postgres run";

pub(crate) async fn row(receiver: &Receiver, report: &mut Report) {
    let Some(_) = Schema::new() else { return report.skipped("PostgreSQL", NO_SERVER) };
    let events = events();
    println!(
        "{events} events of 1 KiB, {SENDERS} tasks; sent and delivered at once by one process, per second"
    );
    println!("{:<10}{:>12}{:>12}{:>8}", "round", "sqlite", "postgres", "ratio");
    let mut ratios = Vec::new();
    for round in 0..=rounds().min(3) {
        let scratch = Scratch::new("durable");
        let file = open(&format!("sqlite:{}", scratch.file("hooks.db").display()));
        file.start().unwrap();
        let sqlite = durable_with(file, &receiver.url(), events, SENDERS).await.run.rate;
        let schema = Schema::new().unwrap();
        let server = open(&schema.url());
        server.start().unwrap();
        let postgres = durable_with(server, &receiver.url(), events, SENDERS).await.run.rate;
        println!("{round:<10}{sqlite:>12.0}{postgres:>12.0}{:>8.2}", postgres / sqlite);
        if round > 0 {
            ratios.push(postgres / sqlite);
        }
    }
    report.figure("PostgreSQL / SQLite, one process: rate", median(&ratios));

    println!("the same, to {ENDPOINTS} endpoints; delivered after all was sent, per second");
    println!(
        "{:<10}{:>12}{:>12}{:>12}{:>12}{:>12}",
        "round", "sqlite", "1 worker", "2 workers", "4 workers", "sent/s"
    );
    let mut figures: [Vec<f64>; 4] = Default::default();
    for round in 0..=rounds().min(3) {
        let scratch = Scratch::new("workers");
        let sender = open(&format!("sqlite:{}", scratch.file("hooks.db").display()));
        fill(&sender, receiver, events).await;
        let sqlite = delivering(receiver, events, || sender.start().unwrap()).await;
        sender.close().await.unwrap();
        let (mut rates, mut filled) = (vec![sqlite], 0.0);
        for count in [1, 2, 4] {
            let schema = Schema::new().unwrap();
            let sender = open(&schema.url());
            filled = fill(&sender, receiver, events).await;
            sender.close().await.unwrap();
            let mut workers = Vec::new();
            rates.push(
                delivering(receiver, events, || workers.extend((0..count).map(|_| Worker::start(&schema))))
                    .await,
            );
        }
        print!("{round:<10}");
        rates.iter().for_each(|rate| print!("{rate:>12.0}"));
        println!("{filled:>12.0}");
        if round > 0 {
            figures.iter_mut().zip(rates).for_each(|(figures, rate)| figures.push(rate));
        }
    }
    let [sqlite, one, two, four] = figures.each_ref().map(|figures| median(figures));
    report.figure("PostgreSQL, 1 worker / SQLite: deliveries", one / sqlite);
    report.figure("PostgreSQL, 2 workers / 1 worker", two / one);
    report.figure("PostgreSQL, 4 workers / 1 worker", four / one);
}

/// What a worker's process does.
pub(crate) fn run(url: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let sender = open(url);
        sender.start().unwrap();
        // Until the bench lets go of it.
        let ended = || std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        tokio::task::spawn_blocking(ended).await.unwrap().unwrap();
        sender.close().await.unwrap();
    });
}

struct Worker {
    child: Child,
}

impl Worker {
    fn start(schema: &Schema) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env("HOOKSEAL_BENCH_WORKER", schema.url()).stdin(Stdio::piped());
        Self { child: command.spawn().unwrap() }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Sends all events, each to one endpoint in turn; how many per second.
async fn fill(sender: &Sender, receiver: &Receiver, events: usize) -> f64 {
    for place in 0..ENDPOINTS {
        let events = vec![format!("bench.{place}")];
        let endpoint = NewEndpoint { events, ..NewEndpoint::new(&receiver.url()) };
        sender.endpoints().create(endpoint).await.unwrap();
    }
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let tasks: Vec<_> = (0..SENDERS)
        .map(|_| {
            let (sender, next) = (sender.clone(), next.clone());
            tokio::spawn(async move {
                let data = data();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= events {
                        return;
                    }
                    let event = format!("bench.{}", number % ENDPOINTS);
                    sender.send(&event, &data, &SendOptions::default()).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    events as f64 / begun.elapsed().as_secs_f64()
}

/// Requests per second from the first tenth of them to the last, so that nobody's start counts.
async fn delivering(receiver: &Receiver, events: usize, start: impl FnOnce()) -> f64 {
    let before = receiver.seen().requests;
    start();
    let (mut first, begun) = (None, Instant::now());
    loop {
        let seen = (receiver.seen().requests - before) as usize;
        if first.is_none() && seen > events / 10 {
            first = Some((seen, Instant::now()));
        }
        if seen >= events {
            let (had, since) = first.unwrap();
            return (events - had) as f64 / since.elapsed().as_secs_f64();
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "{seen} of {events} were delivered");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A schema of its own, removed at the end.
pub(crate) struct Schema {
    server: String,
    name: String,
}

impl Schema {
    /// Nothing without a server.
    pub(crate) fn new() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("HOOKSEAL_TEST_POSTGRES").ok()?;
        let name = format!("bench_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Some(Self { server, name })
    }

    pub(crate) fn url(&self) -> String {
        format!("{}?hookseal_schema={}", self.server, self.name)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let sql = format!("SET client_min_messages = error; DROP SCHEMA IF EXISTS {} CASCADE", self.name);
        let server = &self.server;
        // On a thread of its own, because this may run on a runtime.
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let (client, connection) =
                        tokio_postgres::connect(server, tokio_postgres::NoTls).await.unwrap();
                    tokio::spawn(connection);
                    client.batch_execute(&sql).await.unwrap();
                });
            });
        });
    }
}
