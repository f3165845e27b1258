//! What holds on each store.

use std::time::{Duration, Instant};

use hookseal::{Claim, Code, Deduplicator, DeduplicatorOptions, Error, Provider, Secret, Webhook};

use crate::place::{Kind, Place, event};

/// Long enough for no test to see its end, or short enough to wait for.
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_secs(2);

macro_rules! on_each_store {
    ($($test:ident)*) => {
        mod memory { $(#[tokio::test] async fn $test() { super::$test(super::Kind::Memory).await } )* }
        mod sqlite { $(#[tokio::test] async fn $test() { super::$test(super::Kind::Sqlite).await } )* }
        mod postgres { $(#[tokio::test] async fn $test() { super::$test(super::Kind::Postgres).await } )* }
        mod redis { $(#[tokio::test] async fn $test() { super::$test(super::Kind::Redis).await } )* }
    };
}

on_each_store! {
    once_done_it_is_a_duplicate
    what_is_released_or_dropped_is_free
    a_lease_ends_and_not_before
    a_stalled_holder_is_fenced
    who_comes_late_but_first_is_done
    an_extended_lease_holds
    what_was_kept_is_forgotten
    namespaces_and_providers_are_apart
    hostile_ids_are_ids
    of_many_threads_one_gets_it
    who_waits_no_more_holds_nothing
    closed_is_closed
}

async fn refusal(deduplicator: &Deduplicator, id: &str) -> Error {
    deduplicator.claim(&event(id)).await.expect_err("somebody else has it")
}

async fn claim(deduplicator: &Deduplicator, id: &str) -> Claim {
    deduplicator.claim(&event(id)).await.unwrap()
}

async fn once_done_it_is_a_duplicate(kind: Kind) {
    let place = Place::new(kind);
    let deduplicator = place.open(LONG);
    let held = claim(&deduplicator, "a").await;
    let in_progress = refusal(&deduplicator, "a").await;
    assert_eq!(in_progress.code(), Code::EventInProgress);
    assert_eq!(in_progress.code().http_status(), 503);
    let retry_after = in_progress.retry_after().unwrap();
    assert!((50..=60).contains(&retry_after), "{retry_after}");
    claim(&deduplicator, "b").await.done().await.unwrap();
    held.done().await.unwrap();
    held.done().await.unwrap();
    // That is for good, whatever happens to the claim.
    held.release().await.unwrap();
    assert_eq!(held.extend().await.unwrap_err().code(), Code::InvalidArgument);
    drop(held);
    for id in ["a", "b", "a"] {
        let duplicate = refusal(&deduplicator, id).await;
        assert_eq!((duplicate.code(), duplicate.retry_after()), (Code::DuplicateEvent, None));
    }
}

async fn what_is_released_or_dropped_is_free(kind: Kind) {
    let place = Place::new(kind);
    let deduplicator = place.open(LONG);
    let held = claim(&deduplicator, "a").await;
    held.release().await.unwrap();
    let again = claim(&deduplicator, "a").await;
    // The old claim has no say any more.
    held.release().await.unwrap();
    assert_eq!(held.done().await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(refusal(&deduplicator, "a").await.code(), Code::EventInProgress);
    drop(again);
    soon_free(&deduplicator, "a").await;
}

/// What is dropped is released in the background.
async fn soon_free(deduplicator: &Deduplicator, id: &str) {
    let begun = Instant::now();
    loop {
        match deduplicator.claim(&event(id)).await {
            Ok(_) => return,
            Err(error) if error.code() == Code::EventInProgress => {
                assert!(begun.elapsed() < Duration::from_secs(10), "it was never released");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

async fn a_lease_ends_and_not_before(kind: Kind) {
    let place = Place::new(kind);
    let deduplicator = place.open(SHORT);
    let begun = Instant::now();
    let held = claim(&deduplicator, "a").await;
    let free = loop {
        match deduplicator.claim(&event("a")).await {
            Ok(claim) => break claim,
            Err(error) => assert_eq!(error.code(), Code::EventInProgress),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    // Stores count whole milliseconds.
    assert!(begun.elapsed() >= SHORT - Duration::from_millis(2), "{:?}", begun.elapsed());
    assert!(begun.elapsed() < 20 * SHORT);
    drop((held, free));
}

async fn a_stalled_holder_is_fenced(kind: Kind) {
    let place = Place::new(kind);
    let deduplicator = place.open(SHORT);
    let stalled = claim(&deduplicator, "a").await;
    tokio::time::sleep(SHORT + Duration::from_millis(50)).await;
    let next = claim(&deduplicator, "a").await;
    assert_eq!(stalled.extend().await.unwrap_err().code(), Code::ClaimLost);
    assert_eq!(stalled.done().await.unwrap_err().code(), Code::ClaimLost);
    stalled.release().await.unwrap();
    assert_eq!(refusal(&deduplicator, "a").await.code(), Code::EventInProgress);
    next.done().await.unwrap();
    assert_eq!(stalled.done().await.unwrap_err().code(), Code::ClaimLost);
    drop(stalled);
    assert_eq!(refusal(&deduplicator, "a").await.code(), Code::DuplicateEvent);
}

async fn who_comes_late_but_first_is_done(kind: Kind) {
    let place = Place::new(kind);
    let deduplicator = place.open(SHORT);
    let (late, extended) = (claim(&deduplicator, "a").await, claim(&deduplicator, "b").await);
    tokio::time::sleep(SHORT + Duration::from_millis(50)).await;
    // Others come and go, so that what is over is taken away.
    for n in 0..10 {
        claim(&deduplicator, &format!("other-{n}")).await.done().await.unwrap();
    }
    late.done().await.unwrap();
    assert_eq!(refusal(&deduplicator, "a").await.code(), Code::DuplicateEvent);
    extended.extend().await.unwrap();
    assert_eq!(refusal(&deduplicator, "b").await.code(), Code::EventInProgress);
}

async fn an_extended_lease_holds(kind: Kind) {
    let place = Place::new(kind);
    let deduplicator = place.open(SHORT);
    let held = claim(&deduplicator, "a").await;
    for _ in 0..4 {
        tokio::time::sleep(SHORT / 2).await;
        held.extend().await.unwrap();
        assert_eq!(refusal(&deduplicator, "a").await.code(), Code::EventInProgress);
    }
    held.done().await.unwrap();
}

async fn what_was_kept_is_forgotten(kind: Kind) {
    let place = Place::new(kind);
    let mut options = DeduplicatorOptions::default();
    options.keep = Some(SHORT);
    let deduplicator = Deduplicator::open(&place.url, options).unwrap();
    claim(&deduplicator, "a").await.done().await.unwrap();
    assert_eq!(refusal(&deduplicator, "a").await.code(), Code::DuplicateEvent);
    tokio::time::sleep(SHORT + Duration::from_millis(50)).await;
    claim(&deduplicator, "a").await.done().await.unwrap();
}

async fn namespaces_and_providers_are_apart(kind: Kind) {
    let place = Place::new(kind);
    let deduplicator = place.open(LONG);
    claim(&deduplicator, "a").await.done().await.unwrap();
    let mut options = DeduplicatorOptions::default();
    options.namespace = "another endpoint".to_owned();
    let other = Deduplicator::open(&place.url, options).unwrap();
    claim(&other, "a").await.done().await.unwrap();
    // Without an id it is the body that counts.
    let provider = Provider::builtin("kazinex").unwrap();
    let webhook =
        Webhook::with_provider(&provider, &[Secret::new("a secret of some length").unwrap()]).unwrap();
    let verified = |body: &'static str| {
        webhook.verify(body.as_bytes(), &webhook.sign(body.as_bytes()).unwrap()).unwrap()
    };
    deduplicator.claim(&verified(r#"{"event": "a"}"#)).await.unwrap().done().await.unwrap();
    deduplicator.claim(&verified(r#"{"event": "b"}"#)).await.unwrap().done().await.unwrap();
    let again = deduplicator.claim(&verified(r#"{"event": "a"}"#)).await.err().unwrap();
    assert_eq!(again.code(), Code::DuplicateEvent);
}

async fn hostile_ids_are_ids(kind: Kind) {
    let place = Place::new(kind);
    let deduplicator = place.open(LONG);
    let provider = Provider::builtin("webkasa").unwrap();
    let webhook =
        Webhook::with_provider(&provider, &[Secret::new("a secret of some length").unwrap()]).unwrap();
    let long = "x".repeat(100_000);
    for id in ["a\0b", "a\0", "a", "'; DROP TABLE claim; --", "\u{1f4a9}\r\n\u{202e}", "*", &long] {
        let body = serde_json::json!({ "id": id, "type": "a", "data": {} }).to_string();
        let event = webhook.verify(body.as_bytes(), &webhook.sign(body.as_bytes()).unwrap()).unwrap();
        assert_eq!(event.id(), Some(id));
        deduplicator.claim(&event).await.unwrap().done().await.unwrap();
        assert_eq!(deduplicator.claim(&event).await.err().unwrap().code(), Code::DuplicateEvent);
    }
}

async fn of_many_threads_one_gets_it(kind: Kind) {
    let place = Place::new(kind);
    let deduplicator = place.open(LONG);
    for round in 0..8 {
        let id = round.to_string();
        let barrier = std::sync::Barrier::new(32);
        let race = || {
            barrier.wait();
            // Without a runtime: what it needs, it has.
            pollster(deduplicator.claim(&event(&id)))
        };
        let results: Vec<_> = std::thread::scope(|scope| {
            let racing: Vec<_> = (0..32).map(|_| scope.spawn(race)).collect();
            racing.into_iter().map(|racing| racing.join().unwrap()).collect()
        });
        let won = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(won, 1, "{kind:?}");
        for lost in results.iter().filter_map(|result| result.as_ref().err()) {
            assert_eq!(lost.code(), Code::EventInProgress);
        }
    }
}

async fn who_waits_no_more_holds_nothing(kind: Kind) {
    let place = Place::new(kind);
    let deduplicator = place.open(LONG);
    for n in 0..20 {
        let id = n.to_string();
        let event = event(&id);
        let mut claiming = Box::pin(deduplicator.claim(&event));
        // Asked, and not waited for: the peer went away.
        std::future::poll_fn(|context| {
            let _ = claiming.as_mut().poll(context);
            std::task::Poll::Ready(())
        })
        .await;
        drop(claiming);
        soon_free(&deduplicator, &id).await;
    }
}

async fn closed_is_closed(kind: Kind) {
    let place = Place::new(kind);
    let deduplicator = place.open(LONG);
    let held = claim(&deduplicator, "a").await;
    deduplicator.close().await;
    deduplicator.close().await;
    assert_eq!(refusal(&deduplicator, "b").await.code(), Code::Closed);
    assert_eq!(held.done().await.unwrap_err().code(), Code::Closed);
}

/// Waits without any runtime.
fn pollster<T>(work: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut work = std::pin::pin!(work);
    loop {
        match work.as_mut().poll(&mut context) {
            std::task::Poll::Ready(done) => return done,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}
