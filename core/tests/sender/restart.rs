//! Stores that outlive a sender, and that several share.

use std::time::Duration;

use hookseal::sender::{NewEndpoint, Sender};
use hookseal::{Code, Secret};

use crate::receiver::Receiver;
use crate::{Place, create, endpoint, ends, idle, options, retries, send};

#[tokio::test]
async fn retries_go_on_at_their_times() {
    let receiver = Receiver::start(|number, _| (if number == 0 { 500 } else { 200 }, Duration::ZERO)).await;
    let place = Place::sqlite();
    let sender = place.open();
    create(&sender, NewEndpoint { retry: Some(retries(&[1500])), ..endpoint(&receiver.url()) }).await;
    let message = send(&sender, 1).await;
    while sender.deliveries().get(message.deliveries[0]).await.unwrap().attempts.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sender.close().await.unwrap();
    drop(sender);
    let sender = place.open();
    idle(&sender).await;
    let requests = receiver.requests();
    let waited = requests[1].at - requests[0].at;
    assert!(waited >= Duration::from_millis(1500) && waited < Duration::from_secs(5), "{waited:?}");
    assert_eq!((requests.len(), requests[0].id()), (2, requests[1].id()));
}

#[tokio::test]
async fn what_was_sent_without_start_is_delivered_later() {
    let receiver = Receiver::always(200).await;
    let place = Place::sqlite();
    let sender = Sender::open(&place.url, options()).unwrap();
    create(&sender, endpoint(&receiver.url())).await;
    for number in 0..200 {
        send(&sender, number).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(receiver.count(), 0);
    sender.close().await.unwrap();
    let sender = place.open();
    idle(&sender).await;
    assert_eq!(receiver.count(), 200);
}

/// Each of several senders on one file may send; one delivers, and another takes over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn senders_share_a_file() {
    let receiver = Receiver::always(200).await;
    let place = Place::sqlite();
    let first = place.open();
    create(&first, endpoint(&receiver.url())).await;
    while !first.stats().await.unwrap().dispatching {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let second = place.open();
    for number in 0..50 {
        send(&second, number).await;
        send(&first, number).await;
    }
    ends(idle(&second)).await;
    assert_eq!(receiver.count(), 100);
    assert!(!second.stats().await.unwrap().dispatching);

    // The second one's changes are the first one's too.
    let endpoints = second.endpoints().list(Default::default(), None, 10).await.unwrap().items;
    let other = Receiver::always(200).await;
    let changes = hookseal::sender::EndpointChanges { url: Some(other.url()), ..Default::default() };
    second.endpoints().update(endpoints[0].id, changes).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    send(&first, 1).await;
    ends(idle(&second)).await;
    assert_eq!((receiver.count(), other.count()), (100, 1));

    first.close().await.unwrap();
    send(&second, 1).await;
    ends(idle(&second)).await;
    assert_eq!(other.count(), 2);
    assert!(second.stats().await.unwrap().dispatching);
}

#[tokio::test]
async fn what_is_cut_short_is_recorded_as_lost_and_sent_again() {
    let receiver = Receiver::start(|number, _| (if number == 0 { 0 } else { 200 }, Duration::ZERO)).await;
    let place = Place::sqlite();
    let sender = place.open();
    create(&sender, endpoint(&receiver.url())).await;
    let message = send(&sender, 1).await;
    while receiver.count() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sender.close_within(Duration::from_millis(50)).await.unwrap();
    let sender = place.open();
    idle(&sender).await;
    let detail = sender.deliveries().get(message.deliveries[0]).await.unwrap();
    let codes: Vec<_> =
        detail.attempts.iter().map(|attempt| attempt.error.as_ref().map(|e| e.code())).collect();
    assert_eq!(codes, [Some(Code::Lost), None]);
    assert_eq!(receiver.ids(), [message.id.clone(), message.id]);
}

#[tokio::test]
async fn sealed_secrets_open_with_their_key_only() {
    let place = Place::sqlite();
    let with = |key: Option<&str>| {
        let mut options = options();
        options.key = key.map(|key| Secret::new(key).unwrap());
        Sender::open(&place.url, options)
    };
    let sender = with(Some("a key")).unwrap();
    let headers = vec![("authorization".to_owned(), "Bearer hunter2".to_owned())];
    create(&sender, NewEndpoint { headers, ..endpoint("https://example.com/") }).await;
    sender.close().await.unwrap();
    let path = place.url.strip_prefix("sqlite:").unwrap();
    let bytes = std::fs::read(path).unwrap();
    for secret in ["hunter2", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
    for wrong in [None, Some("another key")] {
        assert_eq!(with(wrong).unwrap_err().code(), Code::InvalidSecret);
    }
    assert!(with(Some("a key")).is_ok());
}

#[tokio::test]
async fn bad_files_are_told_so() {
    let place = Place::sqlite();
    let path = place.url.strip_prefix("sqlite:").unwrap();
    std::fs::write(path, "this is no database, only a text of some length".repeat(100)).unwrap();
    let error = Sender::open(&place.url, options()).unwrap_err();
    assert!(matches!(error.code(), Code::StoreCorrupt | Code::StoreSchema), "{error:?}");
    let error = Sender::open("sqlite:/nowhere/at/all.db", options()).unwrap_err();
    assert_eq!(error.code(), Code::StoreUnavailable);
    for url in ["", "sqlite:", "memory", "memory:x", "mysql:x"] {
        assert_eq!(Sender::open(url, options()).unwrap_err().code(), Code::InvalidArgument, "{url}");
    }
}
