//! How fast the store in a file is. Prints its rates (`--nocapture`); asserts only what no machine fails.
//! `HOOKSEAL_STORE_PENDING` sets how many retries wait meanwhile.

use std::time::{Duration, Instant};

use hookseal::HealthRule;
use hookseal::store::{
    DeliveryId, EndpointId, Grant, NewMessage, Settle, SqliteStore, Store, Verdict, Window, Write, Written,
};

use crate::support::{attempt, message, secret, spec, tempfile};

const GROUP: usize = 256;

struct Rig {
    store: SqliteStore,
    grant: Grant,
    endpoints: Vec<EndpointId>,
    sent: usize,
    random_ids: bool,
    _directory: tempfile::Directory,
}

impl Rig {
    fn new() -> Self {
        let directory = tempfile::Directory::new();
        let store = SqliteStore::open(directory.path().join("store.db")).unwrap();
        let grant = store.acquire().unwrap().unwrap();
        let create = |n: usize| Write::CreateEndpoint {
            spec: spec(Some(&format!("t{n}")), &[]),
            secrets: vec![secret(1)],
            now: 1,
        };
        let written = store.commit(&(0..50).map(create).collect::<Vec<_>>()).unwrap();
        let id = |written| match written {
            Ok(Written::Endpoint { endpoint, .. }) => endpoint.id,
            other => panic!("{other:?}"),
        };
        let endpoints = written.into_iter().map(id).collect();
        Self {
            store,
            grant,
            endpoints,
            sent: 0,
            random_ids: std::env::var_os("HOOKSEAL_RANDOM_IDS").is_some(),
            _directory: directory,
        }
    }

    /// A group of messages, one delivery each.
    fn send(&mut self, now: i64) -> Vec<DeliveryId> {
        let batch: Vec<_> = (0..GROUP)
            .map(|_| {
                self.sent += 1;
                Write::Send(NewMessage {
                    tenant: Some(format!("t{}", self.sent % 50)),
                    body: vec![b'x'; 1024].into(),
                    ..message(&self.id(), now)
                })
            })
            .collect();
        let written = self.store.commit(&batch).unwrap();
        let fresh = |written| match written {
            Ok(Written::Sent(sent)) => sent.deliveries[0].id,
            other => panic!("{other:?}"),
        };
        written.into_iter().map(fresh).collect()
    }

    /// As ours are: the time, and something random.
    fn id(&self) -> String {
        let random = (self.sent as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        match self.random_ids {
            true => format!("msg_{random:016x}{:016x}", self.sent),
            false => format!("msg_{:016x}{random:016x}", self.sent / 16),
        }
    }

    fn settlements(&self, deliveries: &[DeliveryId], verdict: Verdict) -> Vec<Write> {
        let settle = |delivery: &DeliveryId| {
            Write::Settle(Settle {
                epoch: self.grant.epoch,
                delivery: *delivery,
                attempt: attempt(1, verdict, 20),
                verdict,
                generation: 1,
                health: Some(HealthRule::never()),
                credits: 0,
                now: 20,
            })
        };
        deliveries.iter().map(settle).collect()
    }
}

#[test]
fn whole_lives_in_groups() {
    let mut rig = Rig::new();
    let groups = if cfg!(debug_assertions) { 20 } else { 200 };
    let (mut enqueue, mut settle) = (Duration::ZERO, Duration::ZERO);
    let started = Instant::now();
    for _ in 0..groups {
        let begun = Instant::now();
        let deliveries = rig.send(10);
        enqueue += begun.elapsed();
        let settlements = rig.settlements(&deliveries, Verdict::Delivered);
        let begun = Instant::now();
        for written in rig.store.commit(&settlements).unwrap() {
            assert!(matches!(written, Ok(Written::Settled(settled)) if settled.applied));
        }
        settle += begun.elapsed();
    }
    let rate = |time: Duration| (groups * GROUP) as f64 / time.as_secs_f64();
    println!(
        "whole lives: {:.0}/s (enqueue alone {:.0}/s, settle alone {:.0}/s, with making them {:.0}/s)",
        rate(enqueue + settle),
        rate(enqueue),
        rate(settle),
        rate(started.elapsed())
    );
    assert_eq!(rig.store.stats().unwrap().pending, 0);
}

#[test]
fn what_waits_does_not_slow_what_is_asked() {
    let pending = std::env::var("HOOKSEAL_STORE_PENDING").ok().and_then(|text| text.parse().ok());
    let mut rig = Rig::new();
    let report = |rig: &mut Rig, waiting: usize| {
        let begun = Instant::now();
        for _ in 0..100 {
            for endpoint in &rig.endpoints {
                let window = Window::Due { after: None, until: 15 };
                assert!(rig.store.due(*endpoint, window, 64).unwrap().is_empty());
            }
        }
        let due = begun.elapsed() / 5000;
        let begun = Instant::now();
        for _ in 0..100 {
            assert!(rig.store.ready(None, 99).unwrap().len() <= 50);
        }
        let ready = begun.elapsed() / 100;
        let begun = Instant::now();
        let deliveries = rig.send(1_000_000);
        let insert = begun.elapsed();
        println!("{waiting} waiting: due {due:?}, ready of 50 {ready:?}, 256 inserts {insert:?}");
        deliveries.len()
    };
    let mut waiting = report(&mut rig, 0);
    let most = pending.unwrap_or(if cfg!(debug_assertions) { 5_000 } else { 100_000 });
    while waiting < most {
        let later = i64::try_from(waiting).unwrap() + 1_000;
        waiting += rig.send(later).len();
    }
    report(&mut rig, waiting);
    let ready = rig.store.ready(None, 99).unwrap();
    assert_eq!(ready.len(), 50);
}

#[test]
fn polling_for_others_costs_next_to_nothing() {
    let rig = Rig::new();
    rig.store.changes().unwrap();
    let begun = Instant::now();
    for _ in 0..1000 {
        assert!(rig.store.changes().unwrap().is_empty());
    }
    let each = begun.elapsed() / 1000;
    println!("changed: {each:?}");
    // Twenty a second are then less than a thousandth of a core.
    assert!(each < Duration::from_micros(500), "{each:?}");
}
