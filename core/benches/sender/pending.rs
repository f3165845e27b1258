//! What a store with many pending deliveries costs: polls that find nothing, inserts and claims.

use std::time::Instant;

use hookseal::store::{
    EndpointId, EndpointSpec, EventFilter, NewMessage, Recipients, SqliteStore, Store, Window, Write, Written,
};
#[cfg(feature = "postgres")]
use hookseal::store::{PostgresOptions, PostgresStore};

use crate::report::Report;
use crate::system::{Scratch, median, number};

const ENDPOINTS: usize = 10;
const BATCH: usize = 256;
const TIMES: usize = 101;
/// Everything is due within this span after it, which is in the future, as retries are.
const FIRST_DUE: i64 = 2_000_000_000_000;
const SPAN: i64 = 24 * 3600 * 1000;
pub(crate) const NOW: i64 = 1_800_000_000_000;

pub(crate) fn row(report: &mut Report) {
    let many = number("HOOKSEAL_BENCH_PENDING", 1_000_000);
    println!("pending deliveries to {ENDPOINTS} endpoints, bodies of 1 KiB; microseconds");
    println!(
        "{:<10}{:<10}{:>12}{:>14}{:>14}{:>12}",
        "store", "pending", "empty poll", "insert of 256", "claim of 256", "filled s"
    );
    compare(report, "sqlite", many, |pending| {
        let scratch = Scratch::new("pending");
        measure("sqlite", &SqliteStore::open(scratch.file("hooks.db")).unwrap(), pending)
    });
    #[cfg(feature = "postgres")]
    match crate::workers::Schema::new() {
        None => report.skipped("pending deliveries in PostgreSQL", crate::workers::NO_SERVER),
        Some(_) => compare(report, "postgres", many, |pending| {
            let schema = crate::workers::Schema::new().expect("it was there");
            let store = PostgresStore::open(&schema.url(), PostgresOptions::default()).unwrap();
            measure("postgres", &store, pending)
        }),
    }
}

fn compare(report: &mut Report, store: &str, many: usize, measure: impl Fn(usize) -> Times) {
    let (few, much) = (measure(100_000), measure(many));
    for (what, few, much, goal) in [
        ("an empty poll", few.poll, much.poll, 1.25),
        ("an insert of 256", few.insert, much.insert, 1.25),
        ("a claim of 256", few.claim, much.claim, 2.5),
    ] {
        report.at_most(format!("{store}: {what} with {many} pending / with 100000"), much / few, goal);
    }
}

struct Times {
    poll: f64,
    insert: f64,
    claim: f64,
}

fn measure(name: &str, store: &dyn Store, pending: usize) -> Times {
    let endpoints: Vec<_> = (0..ENDPOINTS).map(|_| create(store, "fan.*")).collect();
    // What is inserted while the clock runs goes to one that has nothing else.
    create(store, "one");
    let begun = Instant::now();
    let mut made = 0;
    while made < pending / ENDPOINTS {
        let count = 2000.min(pending / ENDPOINTS - made);
        let batch: Vec<_> =
            (made..made + count).map(|number| message(number, "fan.out", due(number))).collect();
        for written in store.commit(&batch).unwrap() {
            written.unwrap();
        }
        made += count;
    }
    let filled = begun.elapsed();
    // What the fill left to the operating system is not to be measured.
    let _ = std::process::Command::new("sync").status();
    let poll = time(|_| {
        store.changes().unwrap();
        assert!(store.ready(None, 1024).unwrap().iter().all(|ready| ready.due > NOW));
        let window = Window::Due { after: None, until: NOW };
        assert!(store.due(endpoints[0], window, BATCH).unwrap().is_empty());
    });
    let mut after = vec![None; ENDPOINTS];
    let claim = time(|round| {
        let place = round % ENDPOINTS;
        let window = Window::Due { after: after[place], until: i64::MAX };
        let due = store.due(endpoints[place], window, BATCH).unwrap();
        assert_eq!(due.len(), BATCH);
        after[place] = due.last().map(|due| (due.due, due.id));
        let keys: Vec<_> = due.iter().map(|due| due.message).collect();
        assert!(store.payloads(&keys).unwrap().iter().all(Option::is_some));
    });
    let batches: Vec<Vec<_>> = (0..TIMES)
        .map(|round| (0..BATCH).map(|at| message(made + round * BATCH + at, "one", NOW)).collect())
        .collect();
    let insert = time(|round| {
        assert!(store.commit(&batches[round]).unwrap().iter().all(Result::is_ok));
    });
    println!("{name:<10}{pending:<10}{poll:>12.1}{insert:>14.0}{claim:>14.0}{:>12.1}", filled.as_secs_f64());
    Times { poll, insert, claim }
}

/// The median in microseconds.
fn time(mut once: impl FnMut(usize)) -> f64 {
    let mut times = Vec::new();
    for round in 0..TIMES {
        let begun = Instant::now();
        once(round);
        times.push(begun.elapsed().as_secs_f64() * 1_000_000.0);
    }
    median(&times)
}

/// Scattered over the span, as retries are that began at different times.
fn due(number: usize) -> i64 {
    FIRST_DUE + (number as i64).wrapping_mul(0x9E37_79B9).rem_euclid(SPAN)
}

pub(crate) fn create(store: &dyn Store, events: &str) -> EndpointId {
    let spec = EndpointSpec {
        url: "https://example.com/".to_owned(),
        name: String::new(),
        events: EventFilter::new([events]).unwrap(),
        tenant: None,
        ordered: false,
        settings: "{}".to_owned(),
        headers: Vec::new(),
    };
    let created =
        store.commit(&[Write::CreateEndpoint { spec, secrets: Vec::new(), now: NOW }]).unwrap().remove(0);
    match created.unwrap() {
        Written::Endpoint { endpoint, .. } => endpoint.id,
        other => unreachable!("{other:?}"),
    }
}

pub(crate) fn message(number: usize, event_type: &str, now: i64) -> Write {
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&number.to_le_bytes());
    Write::Send(NewMessage {
        id: format!("msg_{number:020}"),
        tenant: None,
        event_type: event_type.to_owned(),
        timestamp: now,
        body: vec![b'x'; 1024].into(),
        digest,
        to: Recipients::Matching,
        outbox: None,
        now,
    })
}
