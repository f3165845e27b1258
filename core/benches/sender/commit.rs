//! What the store's own part of an event costs: it is stored, and later the attempt that delivered it is recorded.

use std::time::Instant;

use hookseal::deliver::HeaderText;
use hookseal::store::{AttemptRecord, DeliveryId, Settle, SqliteStore, Store, Verdict, Write, Written};

use crate::pending::{NOW, create, message};
use crate::report::Report;
use crate::rounds;
use crate::system::{Scratch, cpu, median, number};

pub(crate) fn row(report: &mut Report) {
    let events = number("HOOKSEAL_BENCH_EVENTS", 20_000);
    println!("{events} events of 1 KiB into SQLite, and as many attempts recorded; microseconds per event");
    println!("{:<8}{:>12}{:>12}{:>12}", "round", "in a batch", "time", "cpu");
    for (batch, events) in [(64, events), (1, events / 10)] {
        let mut costs = Vec::new();
        for round in 0..=rounds() {
            let [time, cpu] = measure(batch, events);
            println!("{round:<8}{batch:>12}{time:>12.1}{cpu:>12.1}");
            if round > 0 {
                costs.push(cpu);
            }
        }
        report.figure(
            &format!("cpu of the store per event, {batch} in a commit, microseconds"),
            median(&costs),
        );
    }
}

fn measure(batch: usize, events: usize) -> [f64; 2] {
    let scratch = Scratch::new("commit");
    let store = SqliteStore::open(scratch.file("hooks.db")).unwrap();
    let epoch = store.acquire().unwrap().unwrap().epoch;
    create(&store, "one");
    let batches: Vec<Vec<_>> = (0..events / batch)
        .map(|round| (0..batch).map(|at| message(round * batch + at, "one", NOW)).collect())
        .collect();
    let (begun, before) = (Instant::now(), cpu());
    let mut ended = Vec::new();
    for mut writes in batches {
        writes.append(&mut ended);
        for written in store.commit(&writes).unwrap() {
            if let Written::Sent(sent) = written.unwrap() {
                ended.extend(sent.deliveries.iter().map(|fresh| delivered(epoch, fresh.id)));
            }
        }
    }
    let (time, cpu) = (begun.elapsed(), cpu() - before);
    store.close().unwrap();
    [time, cpu].map(|span| span.as_secs_f64() * 1_000_000.0 / events as f64)
}

fn delivered(epoch: i64, delivery: DeliveryId) -> Write {
    Write::Settle(Settle {
        epoch,
        delivery,
        attempt: AttemptRecord {
            number: 1,
            started_at: NOW,
            duration: 3,
            response_code: Some(200),
            error: None,
            request_headers: REQUEST_HEADERS.iter().copied().collect(),
            response_headers: HeaderText::from_iter([("content-length", "0")]),
            response_body: bytes::Bytes::new(),
            response_truncated: false,
        },
        verdict: Verdict::Delivered,
        generation: 0,
        health: None,
        credits: 0,
        now: NOW,
    })
}

const REQUEST_HEADERS: &[(&str, &str)] = &[
    ("webhook-id", "msg_019aa8d1f8e97c6d8f5d6a1b2c3d4e5f"),
    ("webhook-timestamp", "1800000000"),
    ("webhook-signature", "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="),
    ("content-type", "application/json"),
    ("user-agent", "hookseal/0.1.0"),
    ("host", "127.0.0.1:8080"),
    ("content-length", "1024"),
];
