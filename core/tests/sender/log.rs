use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use hookseal::sender::{NewEndpoint, RetryFilter, SendOptions, SenderOptions, TestTarget};
use hookseal::store::{DeliveryQuery, DeliveryState, EventFilter};
use hookseal::{Code, Provider};
use serde_json::{Value, json};

use crate::receiver::Receiver;
use crate::{Place, create, endpoint, idle, on_every_store, options, options_of, send};

on_every_store! {
    the_log_is_filtered_paged_and_exported
    all_that_failed_is_delivered_again
    tests_are_sent_at_once_and_count_for_nothing
    tests_of_an_event_reach_all_who_want_it
    successes_are_paid_for_once
    expunged_messages_say_nothing
    unknown_events_are_refused_where_the_catalog_is_the_law
}

async fn the_log_is_filtered_paged_and_exported(place: Place) {
    let receiver =
        Receiver::start(|number, _| (if number % 2 == 0 { 200 } else { 503 }, Duration::ZERO)).await;
    let sender = place.open();
    let new = NewEndpoint { concurrency: Some(1), ..endpoint(&receiver.url()) };
    let id = create(&sender, new).await.endpoint.id;
    for number in 0..10 {
        let event_type = if number < 5 { "a.x" } else { "b.x" };
        sender.send(event_type, &number, &SendOptions::default()).await.unwrap();
    }
    idle(&sender).await;
    let list = |query| async { sender.deliveries().list(query, None, 100).await.unwrap().items.len() };
    assert_eq!(list(DeliveryQuery::default()).await, 10);
    assert_eq!(list(DeliveryQuery { endpoint: Some(id), ..Default::default() }).await, 10);
    assert_eq!(list(DeliveryQuery { state: Some(DeliveryState::Failed), ..Default::default() }).await, 5);
    assert_eq!(list(DeliveryQuery { code: Some((500, 599)), ..Default::default() }).await, 5);
    let events = EventFilter::new(["a.*"]).unwrap();
    assert_eq!(list(DeliveryQuery { events, ..Default::default() }).await, 5);

    let (mut pages, mut cursor) = (Vec::new(), None);
    loop {
        let page = sender.deliveries().list(DeliveryQuery::default(), cursor, 3).await.unwrap();
        pages.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages.len(), 10);
    let all = sender.deliveries().list(DeliveryQuery::default(), None, 10).await.unwrap();
    assert_eq!((all.items.len(), all.next), (10, None));
    let refused = sender.deliveries().list(DeliveryQuery::default(), None, 0).await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
    assert!(pages.windows(2).all(|pair| pair[0].id > pair[1].id));

    let buffer = Buffer::default();
    let count = sender.deliveries().export(DeliveryQuery::default(), buffer.clone()).await.unwrap();
    let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((count, lines.len()), (10, 10));
    assert_eq!(lines[0]["attempts"][0]["response_body"], "ok");
}

async fn all_that_failed_is_delivered_again(place: Place) {
    let good = Arc::new(AtomicBool::new(false));
    let receiver = Receiver::start({
        let good = good.clone();
        move |_, _| (if good.load(Ordering::SeqCst) { 200 } else { 500 }, Duration::ZERO)
    })
    .await;
    let sender = place.open();
    create(&sender, endpoint(&receiver.url())).await;
    let since = SystemTime::now();
    for number in 0..450 {
        send(&sender, number).await;
    }
    idle(&sender).await;
    let mut first = receiver.ids();
    good.store(true, Ordering::SeqCst);
    let mut job = sender.deliveries().retry_failed(since, RetryFilter::default()).await.unwrap();
    assert_eq!(job.total, 450);
    while !job.done {
        tokio::time::sleep(Duration::from_millis(10)).await;
        job = sender.deliveries().job(job.id).await.unwrap();
    }
    assert_eq!((job.retried, job.skipped), (450, 0));
    idle(&sender).await;
    let mut second = receiver.ids().split_off(450);
    first.sort();
    second.sort();
    assert_eq!(first, second);
}

async fn tests_are_sent_at_once_and_count_for_nothing(place: Place) {
    let receiver = Receiver::always(200).await;
    let provider = Provider::builtin("kagibag").unwrap();
    let sender = place.open_with(options_of(&provider));
    let id = create(&sender, NewEndpoint::new(&receiver.url())).await.endpoint.id;
    sender.endpoints().disable(id).await.unwrap();
    let results = sender.send_test(&TestTarget::Endpoint(id), None, None).await.unwrap();
    assert_eq!((results.len(), results[0].delivered), (1, true));
    assert_eq!(results[0].attempt.as_ref().unwrap().response_code, Some(200));
    let body: Value = serde_json::from_slice(&receiver.requests()[0].body).unwrap();
    assert_eq!((&body["type"], &body["data"]["test"]), (&json!("order.paid"), &json!(true)));
    idle(&sender).await;
    assert_eq!(receiver.count(), 1);
    assert_eq!(sender.example("order.paid").unwrap().event_type(), Some("order.paid"));
    assert_eq!(receiver.count(), 1);
}

async fn tests_of_an_event_reach_all_who_want_it(place: Place) {
    let receiver = Receiver::always(500).await;
    let provider = Provider::builtin("kakiyo").unwrap();
    let sender = place.open_with(options_of(&provider));
    for events in [vec!["linkedin.message.sent"], vec!["*"], vec!["linkedin.invitation.sent"]] {
        let events = events.into_iter().map(str::to_owned).collect();
        let new = NewEndpoint { events, ..NewEndpoint::new(&receiver.url()) };
        assert!(create(&sender, new).await.secret.is_none(), "secrets are optional");
    }
    for _ in 0..5 {
        let target = TestTarget::EventType { event_type: "linkedin.message.sent".to_owned(), tenant: None };
        let results = sender.send_test(&target, None, None).await.unwrap();
        assert_eq!(results.len(), 2);
        assert!(results.iter().all(|result| !result.delivered && result.attempt.is_some()));
    }
    idle(&sender).await;
    assert_eq!(receiver.count(), 10, "tests are not retried");
    let endpoints = sender.endpoints().list(Default::default(), None, 10).await.unwrap().items;
    assert!(endpoints.iter().all(|endpoint| endpoint.disabled.is_none() && endpoint.failures == 0));
    assert_eq!((endpoints[0].subscribed, endpoints[1].subscribed), (1, 4));
    let always = sender.usage(None, SystemTime::UNIX_EPOCH, SystemTime::now() + Duration::from_secs(60));
    assert_eq!(always.await.unwrap().credits, 0);
}

async fn successes_are_paid_for_once(place: Place) {
    let receiver = Receiver::start(|number, _| (if number == 0 { 500 } else { 200 }, Duration::ZERO)).await;
    let provider = Provider::builtin("kakiyo").unwrap();
    let sender = place.open_with(options_of(&provider));
    create(&sender, endpoint(&receiver.url())).await;
    let options = SendOptions { tenant: Some("team_1"), ..SendOptions::default() };
    let mut last = None;
    for number in 0..5 {
        last = Some(sender.send("linkedin.message.sent", &number, &options).await.unwrap());
        idle(&sender).await;
    }
    sender.deliveries().retry(last.unwrap().deliveries[0]).await.unwrap();
    idle(&sender).await;
    let until = SystemTime::now() + Duration::from_secs(60);
    let usage = |tenant| sender.usage(tenant, SystemTime::UNIX_EPOCH, until);
    let all = usage(Some("team_1")).await.unwrap();
    assert_eq!((all.deliveries, all.credits), (4, 8), "no failure, no repetition");
    assert_eq!(usage(Some("team_2")).await.unwrap().credits, 0);
    assert_eq!(usage(None).await.unwrap().credits, 8);
}

async fn expunged_messages_say_nothing(place: Place) {
    let receiver = Receiver::always(500).await;
    let sender = place.open();
    create(&sender, endpoint(&receiver.url())).await;
    let message = send(&sender, 1).await;
    idle(&sender).await;
    assert!(sender.messages().get(message.key).await.unwrap().body.is_some());
    assert!(sender.messages().expunge(message.key).await.unwrap());
    assert!(!sender.messages().expunge(message.key).await.unwrap());
    assert!(sender.messages().find(None, &message.id).await.unwrap().body.is_none());
    let error = sender.deliveries().retry(message.deliveries[0]).await.unwrap_err();
    assert_eq!(error.code(), Code::Conflict);
    let attempts = sender.deliveries().get(message.deliveries[0]).await.unwrap().attempts;
    assert!(attempts[0].response_body.is_empty());
}

async fn unknown_events_are_refused_where_the_catalog_is_the_law(place: Place) {
    let provider = Provider::builtin("kagibag").unwrap();
    let strict = |strict_events| {
        let mut options: SenderOptions = options();
        options.provider = provider.clone();
        options.strict_events = strict_events;
        options
    };
    let sender = Place::memory().open_with(strict(true));
    let error = sender.send("order.payed", &1, &SendOptions::default()).await.unwrap_err();
    assert_eq!(error.code(), Code::UnknownEventType);
    let sender = place.open_with(strict(false));
    assert!(sender.send("order.payed", &1, &SendOptions::default()).await.is_ok());
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
