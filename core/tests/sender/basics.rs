use std::time::{Duration, SystemTime};

use hookseal::sender::{EndpointChanges, NewEndpoint, NewMessage, SendOptions};
use hookseal::store::{DeliveryQuery, DeliveryState};
use hookseal::{Code, Secret, Webhook};
use serde_json::json;

use crate::receiver::Receiver;
use crate::{Place, SECRET, create, endpoint, idle, on_every_store, options, retries, send};

on_every_store! {
    what_is_sent_arrives_signed_and_once
    the_same_id_is_the_same_message
    failures_are_tried_again
    every_matching_endpoint_gets_it
    disabled_endpoints_hold_and_enabled_ones_release
    canceled_deliveries_do_not_leave
    a_manual_retry_sends_the_same_bytes_under_a_fresh_signature
    rotated_secrets_sign_side_by_side
    bad_calls_are_told_so
    closing_ends_it
    many_at_once
}

async fn what_is_sent_arrives_signed_and_once(place: Place) {
    let receiver = Receiver::always(200).await;
    let sender = place.open();
    create(&sender, endpoint(&receiver.url())).await;
    let message = send(&sender, 1).await;
    assert_eq!(message.deliveries.len(), 1);
    idle(&sender).await;
    let [request] = &receiver.requests()[..] else { panic!("{:?}", receiver.requests()) };
    let event = Webhook::new(SECRET).unwrap().verify(&request.body[..], &request.headers).unwrap();
    assert_eq!(event.id(), Some(&*message.id));
    assert_eq!(event.data::<serde_json::Value>().unwrap(), json!({"number": 1}));
    let detail = sender.deliveries().get(message.deliveries[0]).await.unwrap();
    assert_eq!(detail.delivery.state, DeliveryState::Delivered);
    assert_eq!(detail.attempts.len(), 1);
    assert_eq!(detail.attempts[0].response_body, &b"ok"[..]);
    sender.close().await.unwrap();
}

async fn the_same_id_is_the_same_message(place: Place) {
    let receiver = Receiver::always(200).await;
    let sender = place.open();
    create(&sender, endpoint(&receiver.url())).await;
    let options = SendOptions { id: Some("evt_1"), ..SendOptions::default() };
    let first = sender.send("a", &json!(1), &options).await.unwrap();
    let again = sender.send("a", &json!(1), &options).await.unwrap();
    assert!(!first.duplicate && again.duplicate);
    assert_eq!((first.key, &first.timestamp), (again.key, &again.timestamp));
    for (event_type, data) in [("a", json!(2)), ("b", json!(1))] {
        let error = sender.send(event_type, &data, &options).await.unwrap_err();
        assert_eq!(error.code(), Code::Conflict);
    }
    let other_tenant = SendOptions { tenant: Some("t"), ..options };
    assert!(!sender.send("a", &json!(2), &other_tenant).await.unwrap().duplicate);
    idle(&sender).await;
    assert_eq!(receiver.ids(), ["evt_1", "evt_1"]);
}

async fn failures_are_tried_again(place: Place) {
    let receiver = Receiver::start(|number, _| (if number < 2 { 500 } else { 200 }, Duration::ZERO)).await;
    let sender = place.open();
    let new = NewEndpoint { retry: Some(retries(&[100, 300])), ..endpoint(&receiver.url()) };
    create(&sender, new).await;
    let message = send(&sender, 1).await;
    idle(&sender).await;
    let requests = receiver.requests();
    assert_eq!(requests.len(), 3);
    for (pair, delay) in requests.windows(2).zip([100, 300]) {
        let waited = pair[1].at - pair[0].at;
        assert!(waited >= Duration::from_millis(delay), "{waited:?}");
        assert!(waited < Duration::from_millis(delay + 1000), "{waited:?}");
        assert_eq!((pair[0].id(), &pair[0].body), (pair[1].id(), &pair[1].body));
    }
    let detail = sender.deliveries().get(message.deliveries[0]).await.unwrap();
    let codes: Vec<_> = detail.attempts.iter().map(|attempt| attempt.response_code).collect();
    assert_eq!(codes, [Some(500), Some(500), Some(200)]);
    assert_eq!(detail.delivery.state, DeliveryState::Delivered);
}

async fn every_matching_endpoint_gets_it(place: Place) {
    let receiver = Receiver::always(200).await;
    let sender = place.open();
    for (tenant, events) in
        [(None, vec!["*"]), (Some("t"), vec!["a.*"]), (Some("u"), vec![]), (None, vec!["b"])]
    {
        let new = NewEndpoint {
            tenant: tenant.map(str::to_owned),
            events: events.into_iter().map(str::to_owned).collect(),
            ..endpoint(&receiver.url())
        };
        create(&sender, new).await;
    }
    let options = SendOptions { tenant: Some("t"), ..SendOptions::default() };
    assert_eq!(sender.send("a.b", &json!(1), &options).await.unwrap().deliveries.len(), 2);
    assert_eq!(sender.send("b", &json!(1), &options).await.unwrap().deliveries.len(), 2);
    assert_eq!(sender.send("c", &json!(1), &SendOptions::default()).await.unwrap().deliveries.len(), 1);
    idle(&sender).await;
    assert_eq!(receiver.count(), 5);
}

async fn disabled_endpoints_hold_and_enabled_ones_release(place: Place) {
    let receiver = Receiver::start(|number, _| (if number == 0 { 500 } else { 200 }, Duration::ZERO)).await;
    let sender = place.open();
    let new = NewEndpoint { retry: Some(retries(&[200])), ..endpoint(&receiver.url()) };
    let id = create(&sender, new).await.endpoint.id;
    let message = send(&sender, 1).await;
    while receiver.count() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(sender.endpoints().disable(id).await.unwrap());
    assert!(!sender.endpoints().disable(id).await.unwrap());
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(receiver.count(), 1);
    idle(&sender).await;
    let held = sender.deliveries().get(message.deliveries[0]).await.unwrap();
    assert_eq!(held.delivery.state, DeliveryState::Held);
    assert!(send(&sender, 2).await.deliveries.is_empty());
    assert!(sender.endpoints().enable(id).await.unwrap());
    idle(&sender).await;
    assert_eq!(receiver.ids(), [message.id.clone(), message.id]);
}

async fn canceled_deliveries_do_not_leave(place: Place) {
    let receiver = Receiver::always(500).await;
    let sender = place.open();
    let new = NewEndpoint { retry: Some(retries(&[300, 300])), ..endpoint(&receiver.url()) };
    create(&sender, new).await;
    let message = send(&sender, 1).await;
    while sender.deliveries().get(message.deliveries[0]).await.unwrap().attempts.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(sender.deliveries().cancel(message.deliveries[0]).await.unwrap());
    assert!(!sender.deliveries().cancel(message.deliveries[0]).await.unwrap());
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(receiver.count(), 1);
    idle(&sender).await;
}

async fn a_manual_retry_sends_the_same_bytes_under_a_fresh_signature(place: Place) {
    let receiver = Receiver::start(|number, _| (if number == 0 { 500 } else { 200 }, Duration::ZERO)).await;
    let sender = place.open();
    create(&sender, endpoint(&receiver.url())).await;
    let message = send(&sender, 1).await;
    idle(&sender).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let again = sender.deliveries().retry(message.deliveries[0]).await.unwrap();
    assert_ne!(again, message.deliveries[0]);
    idle(&sender).await;
    let [first, second] = &receiver.requests()[..] else { panic!("{:?}", receiver.requests()) };
    assert_eq!((first.id(), &first.body), (second.id(), &second.body));
    assert_ne!(first.header("webhook-signature"), second.header("webhook-signature"));
    let detail = sender.deliveries().get(again).await.unwrap();
    assert_eq!(detail.delivery.parent, Some(message.deliveries[0]));
    assert_eq!(detail.delivery.state, DeliveryState::Delivered);
    let old = sender.deliveries().get(message.deliveries[0]).await.unwrap();
    assert_eq!(old.delivery.state, DeliveryState::Failed, "terminal is terminal");
}

async fn rotated_secrets_sign_side_by_side(place: Place) {
    let receiver = Receiver::always(200).await;
    let sender = place.open();
    let id = create(&sender, endpoint(&receiver.url())).await.endpoint.id;
    let new = sender.endpoints().rotate_secret(id, None, Duration::from_millis(800)).await.unwrap();
    send(&sender, 1).await;
    idle(&sender).await;
    tokio::time::sleep(Duration::from_millis(900)).await;
    send(&sender, 2).await;
    idle(&sender).await;
    let verifies = |secret: &Secret, nth: usize| {
        let request = receiver.requests()[nth].clone();
        Webhook::new(secret.expose().unwrap()).unwrap().verify(request.body, &request.headers).is_ok()
    };
    let old = Secret::new(SECRET).unwrap();
    assert!(verifies(&new, 0) && verifies(&old, 0));
    assert!(verifies(&new, 1) && !verifies(&old, 1));
}

async fn bad_calls_are_told_so(place: Place) {
    let mut strict = options();
    strict.max_body = 1000;
    strict.allow_http = false;
    let sender = place.open_with(strict);
    let code = |new: NewEndpoint| async { sender.endpoints().create(new).await.unwrap_err().code() };
    assert_eq!(code(NewEndpoint::new("http://example.com/")).await, Code::InvalidUrl);
    assert_eq!(code(NewEndpoint::new("ftp://example.com/")).await, Code::InvalidUrl);
    let with = |new| NewEndpoint { url: "https://example.com/".to_owned(), ..new };
    let headers = vec![("webhook-id".to_owned(), "x".to_owned())];
    assert_eq!(code(with(NewEndpoint { headers, ..Default::default() })).await, Code::InvalidArgument);
    let events = vec!["a*".to_owned()];
    assert_eq!(code(with(NewEndpoint { events, ..Default::default() })).await, Code::InvalidArgument);
    let timeout = Some(Duration::ZERO);
    assert_eq!(code(with(NewEndpoint { timeout, ..Default::default() })).await, Code::InvalidArgument);
    let secret = Some(Secret::new("whsec_!").unwrap());
    assert_eq!(code(with(NewEndpoint { secret, ..Default::default() })).await, Code::InvalidSecret);
    let large = sender.send("a", &"x".repeat(1000), &SendOptions::default()).await;
    assert_eq!(large.unwrap_err().code(), Code::PayloadTooLarge);
    let blank = sender.send("", &1, &SendOptions::default()).await;
    assert_eq!(blank.unwrap_err().code(), Code::InvalidArgument);
    let created = create(&sender, with(NewEndpoint::default())).await;
    assert!(created.secret.is_some());
    let id = created.endpoint.id;
    let stale = EndpointChanges { version: Some(created.endpoint.version - 1), ..Default::default() };
    assert_eq!(sender.endpoints().update(id, stale).await.unwrap_err().code(), Code::Conflict);
    let renamed = EndpointChanges { name: Some("CRM".to_owned()), ..Default::default() };
    assert_eq!(sender.endpoints().update(id, renamed).await.unwrap().name, "CRM");
    sender.endpoints().delete(id).await.unwrap();
    assert_eq!(sender.endpoints().get(id).await.unwrap_err().code(), Code::NotFound);
}

async fn closing_ends_it(place: Place) {
    let receiver = Receiver::start(|_, _| (200, Duration::from_millis(300))).await;
    let sender = place.open();
    create(&sender, endpoint(&receiver.url())).await;
    send(&sender, 1).await;
    while receiver.count() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sender.close().await.unwrap();
    sender.close().await.unwrap();
    let error = sender.send("a", &1, &SendOptions::default()).await.unwrap_err();
    assert_eq!(error.code(), Code::Closed);
    assert_eq!(sender.start().unwrap_err().code(), Code::Closed);
    if place.url.starts_with("sqlite") {
        let sender = place.open();
        idle(&sender).await;
        let deliveries = sender.deliveries().list(DeliveryQuery::default(), None, 10).await.unwrap().items;
        assert_eq!(deliveries[0].state, DeliveryState::Delivered);
        assert_eq!(receiver.count(), 1, "what was on its way was settled before the end");
    }
}

async fn many_at_once(place: Place) {
    let receiver = Receiver::always(200).await;
    let sender = place.open();
    let new = NewEndpoint { concurrency: Some(64), ..endpoint(&receiver.url()) };
    create(&sender, new).await;
    let messages = (0..3000).map(|number| {
        NewMessage::new("a", &number).unwrap().id(&format!("evt_{number}")).timestamp(SystemTime::now())
    });
    let results = sender.send_many(messages.collect()).await;
    assert!(results.iter().all(Result::is_ok));
    idle(&sender).await;
    let mut ids = receiver.ids();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), receiver.count()), (3000, 3000));
    let stats = sender.stats().await.unwrap();
    assert_eq!((stats.sent, stats.delivered, stats.pending, stats.in_flight), (3000, 3000, 0, 0));
    assert!(stats.commits < stats.committed, "{stats:?}");
    assert!(receiver.connections() <= 150, "{}", receiver.connections());
}
