use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hookseal::Provider;
use hookseal::sender::{NewEndpoint, Sender};
use hookseal::store::{DisableReason, NoticeKind};

use crate::receiver::Receiver;
use crate::{Place, create, endpoint, idle, on_every_store, options_of, send};

on_every_store! {
    failures_in_a_row_disable_with_one_notice
    a_success_resets_the_count
    attempts_begun_before_enabling_do_not_count
    a_receiver_that_refuses_disables_at_once
    manual_retries_recover_and_do_not_count
}

/// Disables after three failed deliveries, without retries.
fn three() -> Arc<Provider> {
    let text = r#"
        id = "three"
        name = "Three"
        sources = ["made"]
        confidence = "own"
        [signature]
        header = "webhook-signature"
        mac = "hmac-sha256"
        encoding = "hex"
        signed = "{body}"
        key = { encoding = "utf8" }
        [envelope]
        id = "header:webhook-id"
        [delivery]
        https_only = false
        disable_after = { failures = 3, unit = "delivery" }
        disable_on = [410]
        credits = 2
    "#;
    Arc::new(Provider::from_toml(text).unwrap())
}

async fn kinds(sender: &Sender) -> Vec<NoticeKind> {
    let mut notices = sender.notices();
    let mut kinds = Vec::new();
    while let Some(notice) = notices.try_next().await.unwrap() {
        kinds.push(notice.kind);
    }
    kinds
}

fn count(kinds: &[NoticeKind], kind: NoticeKind) -> usize {
    kinds.iter().filter(|seen| **seen == kind).count()
}

async fn failures_in_a_row_disable_with_one_notice(place: Place) {
    let receiver = Receiver::always(500).await;
    let sender = place.open_with(options_of(&three()));
    let id = create(&sender, endpoint(&receiver.url())).await.endpoint.id;
    // All at once: the outcomes of some arrive when the endpoint is disabled already.
    let sends = (0..20).map(|number| {
        tokio::spawn({
            let sender = sender.clone();
            async move { send(&sender, number).await }
        })
    });
    for task in sends.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    idle(&sender).await;
    let endpoint = sender.endpoints().get(id).await.unwrap();
    assert_eq!(endpoint.disabled, Some(DisableReason::Failures));
    let seen = kinds(&sender).await;
    assert_eq!(count(&seen, NoticeKind::EndpointDisabled), 1, "{seen:?}");
    assert_eq!(count(&seen, NoticeKind::EndpointFailing), 1, "{seen:?}");
    assert_eq!(count(&seen, NoticeKind::DeliveryFailed), receiver.count(), "{seen:?}");
    assert_eq!(sender.stats().await.unwrap().disabled, 1);

    // Another reader sees the same; after an acknowledgement nobody does.
    let mut notices = sender.notices();
    let mut last = notices.next().await.unwrap();
    while let Some(notice) = notices.try_next().await.unwrap() {
        last = notice;
    }
    notices.ack(&last).await.unwrap();
    assert!(kinds(&sender).await.is_empty());
}

async fn a_success_resets_the_count(place: Place) {
    let receiver =
        Receiver::start(|number, _| (if number % 3 == 2 { 200 } else { 500 }, Duration::ZERO)).await;
    let sender = place.open_with(options_of(&three()));
    let id = create(&sender, endpoint(&receiver.url())).await.endpoint.id;
    for number in 0..9 {
        send(&sender, number).await;
        idle(&sender).await;
    }
    let endpoint = sender.endpoints().get(id).await.unwrap();
    assert_eq!((endpoint.disabled, endpoint.failures, endpoint.last_code), (None, 0, Some(200)));
    assert_eq!(count(&kinds(&sender).await, NoticeKind::EndpointDisabled), 0);
}

async fn attempts_begun_before_enabling_do_not_count(place: Place) {
    let receiver = Receiver::start(|_, _| (500, Duration::from_millis(400))).await;
    let sender = place.open_with(options_of(&three()));
    let id = create(&sender, endpoint(&receiver.url())).await.endpoint.id;
    for number in 0..5 {
        send(&sender, number).await;
    }
    while receiver.count() < 5 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(sender.endpoints().disable(id).await.unwrap());
    assert!(sender.endpoints().enable(id).await.unwrap());
    idle(&sender).await;
    let endpoint = sender.endpoints().get(id).await.unwrap();
    assert_eq!((endpoint.disabled, endpoint.failures), (None, 0));
    assert_eq!(receiver.count(), 5, "what was on its way was not sent twice");
}

async fn a_receiver_that_refuses_disables_at_once(place: Place) {
    let receiver = Receiver::always(410).await;
    let sender = place.open_with(options_of(&three()));
    let new = NewEndpoint { retry: None, ..endpoint(&receiver.url()) };
    let id = create(&sender, new).await.endpoint.id;
    send(&sender, 1).await;
    idle(&sender).await;
    assert_eq!(sender.endpoints().get(id).await.unwrap().disabled, Some(DisableReason::Refused));
    assert_eq!(count(&kinds(&sender).await, NoticeKind::EndpointDisabled), 1);
}

async fn manual_retries_recover_and_do_not_count(place: Place) {
    let good = Arc::new(AtomicBool::new(false));
    let receiver = Receiver::start({
        let good = good.clone();
        move |_, _| (if good.load(Ordering::SeqCst) { 200 } else { 500 }, Duration::ZERO)
    })
    .await;
    let sender = place.open_with(options_of(&three()));
    let id = create(&sender, endpoint(&receiver.url())).await.endpoint.id;
    let message = send(&sender, 1).await;
    idle(&sender).await;
    for _ in 0..5 {
        sender.deliveries().retry(message.deliveries[0]).await.unwrap();
        idle(&sender).await;
    }
    let endpoint = sender.endpoints().get(id).await.unwrap();
    assert_eq!((endpoint.disabled, endpoint.failures), (None, 1));
    good.store(true, Ordering::SeqCst);
    sender.deliveries().retry(message.deliveries[0]).await.unwrap();
    idle(&sender).await;
    let seen = kinds(&sender).await;
    assert_eq!(count(&seen, NoticeKind::DeliveryFailed), 1, "{seen:?}");
    assert_eq!(count(&seen, NoticeKind::DeliveryRecovered), 1, "{seen:?}");
}
