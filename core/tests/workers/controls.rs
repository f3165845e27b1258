//! What people ask for, in a process that delivers nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, SystemTime};

use hookseal::sender::{RetryFilter, TestTarget};
use hookseal::store::{DeliveryId, DeliveryState};
use serde_json::json;

use crate::child::Worker;
use crate::receiver::Receiver;
use crate::{Site, ends, retries, until};

/// A receiver that answers with a code that may be changed.
async fn site() -> (Site, Arc<AtomicU16>) {
    let code = Arc::new(AtomicU16::new(200));
    let answer = Arc::clone(&code);
    let receiver = Receiver::start(move |_, _| (answer.load(Ordering::SeqCst), Duration::ZERO)).await;
    (Site::new(receiver).await, code)
}

async fn state(site: &Site, id: DeliveryId) -> DeliveryState {
    site.web.deliveries().get(id).await.unwrap().delivery.state
}

async fn becomes(site: &Site, id: DeliveryId, wanted: DeliveryState) {
    ends(async {
        while state(site, id).await != wanted {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_are_repeated_and_canceled_from_elsewhere() {
    let (site, code) = site().await;
    let _workers: Vec<Worker> = ["one", "two"].map(|name| site.worker(name)).into();
    site.endpoint("once", |_| ()).await;
    site.endpoint("often", |new| new.retry = retries(&[3_600_000])).await;
    code.store(500, Ordering::SeqCst);
    let failed = site.send("once", "evt_once").await.deliveries[0];
    becomes(&site, failed, DeliveryState::Failed).await;
    let waiting = site.send("often", "evt_often").await.deliveries[0];
    let canceled = site.send("often", "evt_canceled").await.deliveries[0];
    until("the first attempts", || site.receiver.count() == 3).await;
    ends(async {
        while site.web.deliveries().get(canceled).await.unwrap().attempts.is_empty()
            || site.web.deliveries().get(waiting).await.unwrap().attempts.is_empty()
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    code.store(200, Ordering::SeqCst);
    assert!(site.web.deliveries().cancel(canceled).await.unwrap());
    // One that waits is due now, one that failed is a new one.
    assert_eq!(site.web.deliveries().retry(waiting).await.unwrap(), waiting);
    let again = site.web.deliveries().retry(failed).await.unwrap();
    becomes(&site, waiting, DeliveryState::Delivered).await;
    becomes(&site, again, DeliveryState::Delivered).await;
    site.idle().await;
    assert_eq!(state(&site, canceled).await, DeliveryState::Canceled);
    assert_eq!(site.receiver.count(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoints_are_disabled_and_enabled_from_elsewhere() {
    let (site, _) = site().await;
    let _workers: Vec<Worker> = ["one", "two"].map(|name| site.worker(name)).into();
    let endpoint = site.endpoint("a", |_| ()).await.endpoint.id;
    let before = site.send("a", "evt_before").await.deliveries[0];
    becomes(&site, before, DeliveryState::Delivered).await;
    for round in 0..5 {
        assert!(site.web.endpoints().disable(endpoint).await.unwrap());
        // What a worker knew may take it a moment to forget; what it reads from then on is right.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let late = site.send("a", &format!("late_{round}")).await;
        assert!(late.deliveries.is_empty(), "who is disabled gets nothing new");
        assert!(site.web.endpoints().enable(endpoint).await.unwrap());
        let sent = site.send("a", &format!("evt_{round}")).await.deliveries[0];
        becomes(&site, sent, DeliveryState::Delivered).await;
    }
    assert_eq!(site.receiver.count(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_goes_on_when_its_endpoint_does() {
    let (site, code) = site().await;
    let _workers: Vec<Worker> = ["one", "two"].map(|name| site.worker(name)).into();
    let endpoint = site.endpoint("a", |new| new.retry = retries(&[1000; 5])).await.endpoint.id;
    code.store(500, Ordering::SeqCst);
    let held = site.send("a", "evt").await.deliveries[0];
    until("an attempt", || site.receiver.count() == 1).await;
    assert!(site.web.endpoints().disable(endpoint).await.unwrap());
    becomes(&site, held, DeliveryState::Held).await;
    code.store(200, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(site.receiver.count(), 1, "it is not tried meanwhile");
    assert!(site.web.endpoints().enable(endpoint).await.unwrap());
    becomes(&site, held, DeliveryState::Delivered).await;
    assert_eq!(site.receiver.count(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tests_are_made_from_elsewhere() {
    let (site, code) = site().await;
    let endpoint = site.endpoint("a", |_| ()).await.endpoint.id;
    let target = TestTarget::Endpoint(endpoint);
    let test = async || {
        let data = json!({"test": true});
        ends(site.web.send_test(&target, Some("a"), Some(&data))).await.unwrap().remove(0)
    };
    // Nobody delivers: whoever asks makes the attempt.
    assert!(test().await.delivered);
    let _workers: Vec<Worker> = ["one", "two"].map(|name| site.worker(name)).into();
    let sent = site.send("a", "evt").await.deliveries[0];
    becomes(&site, sent, DeliveryState::Delivered).await;
    // Somebody has the lane: it makes the attempt, and the answer is found in the log.
    assert!(test().await.delivered);
    code.store(500, Ordering::SeqCst);
    let result = test().await;
    assert_eq!((result.delivered, result.attempt.unwrap().response_code), (false, Some(500)));
    let by: Vec<_> = site.receiver.arrivals().into_iter().map(|arrival| arrival.worker).collect();
    assert_eq!(by[0], "web");
    assert!(by[1..].iter().all(|worker| worker != "web"), "{by:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_are_done_once_by_several() {
    let (site, code) = site().await;
    let _workers: Vec<Worker> = ["one", "two"].map(|name| site.worker(name)).into();
    for path in ["a", "b", "c"] {
        site.endpoint(path, |_| ()).await;
    }
    code.store(500, Ordering::SeqCst);
    let since = SystemTime::now() - Duration::from_secs(60);
    for number in 0..100 {
        for path in ["a", "b", "c"] {
            site.send(path, &format!("{path}_{number}")).await;
        }
    }
    site.idle().await;
    assert_eq!(site.receiver.count(), 300);
    code.store(200, Ordering::SeqCst);
    let job = site.web.deliveries().retry_failed(since, RetryFilter::default()).await.unwrap();
    ends(async {
        while !site.web.deliveries().job(job.id).await.unwrap().done {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        site.idle().await;
    })
    .await;
    let job = site.web.deliveries().job(job.id).await.unwrap();
    assert_eq!((job.total, job.retried, job.skipped), (300, 300, 0));
    assert_eq!(site.receiver.count(), 600, "each once more");
}
