//! Who delivers what, while workers come and go: nothing twice, nothing too much at once, nothing out of order.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hookseal::store::{DeliveryQuery, DeliveryState};

use crate::child::Worker;
use crate::receiver::{Receiver, ended, most_at_once};
use crate::{LEASE, Site, ends, open, paths, retries, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_worker_gets_its_share() {
    const ENDPOINTS: usize = 40;
    let site = Site::new(Receiver::always(200).await).await;
    for path in paths(ENDPOINTS) {
        site.endpoint(&path, |_| ()).await;
    }
    let mut workers: Vec<Worker> = Vec::new();
    let shares = || -> Vec<usize> {
        let lanes = site.schema.sql("SELECT lanes FROM worker ORDER BY id");
        lanes.iter().map(|lanes| lanes.parse().unwrap()).collect()
    };
    for (count, share) in [(3, 13), (4, 10)] {
        workers.extend((workers.len()..count).map(|number| site.worker(&format!("w{number}"))));
        for path in paths(ENDPOINTS) {
            site.send(&path, &format!("{path}_{count}")).await;
        }
        // Up to a tenth, or one, above the share is kept.
        let fair = |shares: &[usize]| {
            shares.len() == count
                && shares.iter().sum::<usize>() == ENDPOINTS
                && shares.iter().all(|lanes| (share - 3..=share + 2).contains(lanes))
        };
        let begun = Instant::now();
        while !fair(&shares()) {
            assert!(begun.elapsed() < Duration::from_secs(30), "{count} workers have {:?}", shares());
            tokio::time::sleep(Duration::from_millis(100)).await;
            // Lanes are taken when there is something to do.
            for path in paths(ENDPOINTS) {
                site.send(&path, &format!("{path}_{}_{}", count, begun.elapsed().as_millis())).await;
            }
        }
    }
    site.idle().await;
    let before = site.receiver.count();
    for path in paths(ENDPOINTS) {
        site.send(&path, &format!("{path}_last")).await;
    }
    site.idle().await;
    let mut by: BTreeMap<String, usize> = BTreeMap::new();
    for arrival in &site.receiver.arrivals()[before..] {
        *by.entry(arrival.worker.clone()).or_default() += 1;
    }
    assert_eq!(by.len(), 4, "{by:?}");
    let ids: std::collections::HashSet<_> =
        site.receiver.arrivals().into_iter().map(|arrival| arrival.id).collect();
    assert_eq!(ids.len(), site.receiver.count(), "each once, through all that changed hands");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_killed_is_succeeded_after_its_lease() {
    let site = Site::new(Receiver::always(200).await).await;
    let mut workers = work_shared_out(&site).await;
    let killed = Instant::now();
    workers[0].kill();
    for path in paths(8) {
        site.send(&path, &format!("{path}_after")).await;
    }
    until("half of it", || site.receiver.count() >= 8 + 3).await;
    site.idle().await;
    let took = killed.elapsed();
    assert!(took < LEASE + Duration::from_secs(4), "{took:?}");
    assert_eq!(site.receiver.count(), 16, "each once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_closes_is_succeeded_at_once() {
    let site = Site::new(Receiver::always(200).await).await;
    let mut workers = work_shared_out(&site).await;
    tokio::task::block_in_place(|| workers[0].close());
    let closed = Instant::now();
    for path in paths(8) {
        site.send(&path, &format!("{path}_after")).await;
    }
    site.idle().await;
    assert!(closed.elapsed() < Duration::from_secs(2), "{:?}", closed.elapsed());
    assert_eq!(site.receiver.count(), 16, "each once");
    assert!(site.receiver.arrivals()[8..].iter().all(|arrival| arrival.worker == workers[1].name));
}

/// Two workers, of which each has some of eight endpoints and has delivered to them.
async fn work_shared_out(site: &Site) -> Vec<Worker> {
    let workers: Vec<_> = ["one", "two"].map(|name| site.worker(name)).into();
    for path in paths(8) {
        site.endpoint(&path, |_| ()).await;
    }
    for path in paths(8) {
        site.send(&path, &format!("{path}_before")).await;
    }
    site.idle().await;
    let begun = Instant::now();
    while site.schema.sql("SELECT lanes FROM worker WHERE lanes BETWEEN 3 AND 5").len() != 2 {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{:?}",
            site.schema.sql("SELECT lanes FROM worker")
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    workers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_stopped_overwrites_nothing() {
    let receiver = Receiver::start(|_, _| (200, Duration::from_millis(300))).await;
    let site = Site::new(receiver).await;
    site.endpoint("a", |new| new.concurrency = Some(3)).await;
    let stopped = site.worker("stopped");
    for number in 0..30 {
        site.send("a", &format!("evt_{number:02}")).await;
    }
    until("the first requests", || site.receiver.count() >= 7).await;
    stopped.stop();
    // What it had sent is on its way to the receiver.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let at_stop = Instant::now();
    let _successor = site.worker("successor");
    ends(site.idle()).await;
    assert!(at_stop.elapsed() > LEASE / 2);
    stopped.resume();
    let resumed = Instant::now();
    // Its answers wait for it, and it would like to settle them.
    tokio::time::sleep(Duration::from_secs(2)).await;
    site.send("a", "evt_last").await;
    site.idle().await;
    let arrivals = site.receiver.arrivals();
    let late: Vec<_> =
        arrivals.iter().filter(|arrival| arrival.worker == "stopped" && arrival.begun > at_stop).collect();
    assert!(
        late.iter().all(|arrival| arrival.begun > resumed && arrival.id == "evt_last"),
        "it starts nothing that is not its own: {late:?}"
    );
    let log = site.web.deliveries().list(DeliveryQuery::default(), None, 100).await.unwrap().items;
    assert_eq!(log.len(), 31);
    for delivery in log {
        let attempts = site.web.deliveries().get(delivery.id).await.unwrap().attempts;
        assert_eq!((delivery.state, attempts.len()), (DeliveryState::Delivered, 1), "{delivery:?}");
    }
    let repeats = arrivals.len() - 31;
    assert!((1..=6).contains(&repeats), "{repeats}: only what was on its way or not committed");
    let usage = site.web.usage(None, std::time::UNIX_EPOCH, hour_ahead()).await.unwrap();
    assert_eq!(usage.deliveries, 31);
}

fn hour_ahead() -> std::time::SystemTime {
    std::time::SystemTime::now() + Duration::from_secs(3600)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn order_and_concurrency_hold_while_workers_come_and_go() {
    let receiver = Receiver::start(|number, _| {
        // One in six fails and is tried again.
        (if number % 6 == 5 { 500 } else { 200 }, Duration::from_millis(5))
    })
    .await;
    let site = Site::new(receiver).await;
    let both = open(&site.schema.url(), "both");
    both.start().unwrap();
    for path in paths(8) {
        site.endpoint(&path, |new| {
            new.ordered = path.ends_with(['0', '2', '4', '6']);
            new.concurrency = Some(if new.ordered { 1 } else { 3 });
            new.retry = retries(&[40; 8]);
        })
        .await;
    }
    let mut workers: Vec<Worker> = Vec::new();
    let mut orders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for round in 0..60 {
        match round {
            5 | 15 | 25 => workers.push(site.worker(&format!("w{round}"))),
            35 | 45 => drop(tokio::task::block_in_place(|| workers.remove(0).close())),
            _ => {}
        }
        // Two processes send to the same endpoints, one of which delivers too.
        for path in paths(8) {
            for sender in [&site.web, &both] {
                let number = orders.entry(path.to_string()).or_default().len();
                let id = format!("{path}_{number:04}");
                crate::send(sender, &path, &id).await.unwrap();
                orders.get_mut(&*path).unwrap().push(id);
            }
        }
    }
    ends(site.idle()).await;
    let arrivals = site.receiver.arrivals();
    for (path, order) in &orders {
        let delivered: Vec<_> = arrivals
            .iter()
            .filter(|arrival| arrival.path == *path && arrival.code == 200)
            .map(|arrival| arrival.id.clone())
            .collect();
        assert_eq!(delivered.len(), order.len(), "{path}: each once");
        let ordered = path.ends_with(['0', '2', '4', '6']);
        if ordered {
            assert_eq!(delivered, *order, "{path}");
        }
        let most = most_at_once(&arrivals, path, ended);
        assert!(most <= if ordered { 1 } else { 3 }, "{path}: {most} at once");
    }
    let by: std::collections::BTreeSet<_> = arrivals.iter().map(|arrival| &arrival.worker).collect();
    assert!(by.len() >= 3, "{by:?} delivered");
    both.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rates_hold_among_all_workers() {
    let site = Site::new(Receiver::always(200).await).await;
    let _workers: Vec<Worker> = ["one", "two", "three"].map(|name| site.worker(name)).into();
    for path in ["a", "b"] {
        site.endpoint(path, |new| new.rate_limit = Some(10.0)).await;
    }
    for number in 0..40 {
        for path in ["a", "b"] {
            site.send(path, &format!("{path}_{number}")).await;
        }
    }
    ends(site.idle()).await;
    for path in ["a", "b"] {
        let times: Vec<_> = site.receiver.arrivals();
        let times: Vec<_> =
            times.iter().filter(|arrival| arrival.path == path).map(|arrival| arrival.begun).collect();
        assert_eq!(times.len(), 40);
        // A second's worth at once, then ten a second. A worker that joins may get the lane, and begins anew once.
        let took = times[39].duration_since(times[0]);
        assert!(took >= Duration::from_millis(1900), "{path}: {took:?}");
    }
}
