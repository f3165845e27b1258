//! Files that cannot be written for a while: who sends is told, what was accepted stays, and all goes on after.

use std::sync::Arc;
use std::time::Duration;

use hookseal::sender::{EndpointChanges, RetryFilter, SendOptions, Sender, TestTarget};
use hookseal::store::{DeliveryId, DeliveryQuery, DeliveryState, EndpointId, MessageKey, SqliteStore};
use hookseal::{Code, Kind};
use rusqlite::Connection;
use serde_json::json;

use crate::receiver::Receiver;
use crate::{Place, create, endpoint, ends, idle, options, send};

/// Soon tired of waiting for a lock.
fn impatient(place: &Place) -> Sender {
    let store = SqliteStore::open_patiently(place.path(), Duration::from_millis(50)).unwrap();
    let sender = Sender::with_store(Arc::new(store), options()).unwrap();
    sender.start().unwrap();
    sender
}

#[tokio::test]
async fn a_locked_file_says_so_and_loses_nothing() {
    let place = Place::sqlite();
    let receiver = Receiver::start(|_, _| (200, Duration::from_millis(100))).await;
    let sender = impatient(&place);
    create(&sender, endpoint(&receiver.url())).await;
    let first = send(&sender, 1).await;

    // The answer to the first comes while its outcome cannot be written, and so does a row of the outbox.
    let other = Connection::open(place.path()).unwrap();
    other
        .execute_batch(
            "INSERT INTO hookseal_outbox (type, data, id) VALUES ('a', '1', 'outbox'); BEGIN IMMEDIATE",
        )
        .unwrap();
    let named = SendOptions { id: Some("named"), ..SendOptions::default() };
    let locked = sender.send("a", &json!(1), &named).await.unwrap_err();
    assert_eq!((locked.code(), locked.kind()), (Code::StoreLocked, Kind::Store), "{locked}");
    assert!(locked.message().contains("Another program holds the file locked"), "{locked}");
    tokio::time::sleep(Duration::from_millis(600)).await;
    let detail = sender.deliveries().get(first.deliveries[0]).await.unwrap();
    assert_eq!(detail.delivery.state, DeliveryState::Pending, "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();

    let again = sender.send("a", &json!(1), &named).await.unwrap();
    assert!(!again.duplicate, "what failed was not stored");
    ends(async {
        while receiver.count() < 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    idle(&sender).await;
    let mut ids = receiver.ids();
    assert_eq!(ids.remove(0), first.id, "its outcome was kept until it could be written");
    ids.sort();
    assert_eq!(ids, ["named", "outbox"]);
    let stats = sender.stats().await.unwrap();
    assert!(stats.commit_errors > 0 && stats.unsettled == 0, "{stats:?}");
    sender.close().await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_locked_for_long_is_not_opened() {
    let place = Place::sqlite();
    let other = Connection::open(place.path()).unwrap();
    other.execute_batch("CREATE TABLE mine (x); BEGIN EXCLUSIVE").unwrap();
    let refused = SqliteStore::open_patiently(place.path(), Duration::from_millis(50)).err().unwrap();
    assert_eq!(refused.code(), Code::StoreLocked, "{refused}");
    other.execute_batch("COMMIT").unwrap();
    impatient(&place).close().await.unwrap();
}

#[tokio::test]
async fn a_closed_sender_says_so_whatever_it_is_asked() {
    let place = Place::sqlite();
    let sender = place.open();
    sender.close().await.unwrap();
    let (endpoints, deliveries) = (sender.endpoints(), sender.deliveries());
    let (endpoint_id, delivery_id) = (EndpointId(1), DeliveryId(1));
    let since = std::time::UNIX_EPOCH;
    let to = TestTarget::Endpoint(endpoint_id);
    let codes = [
        sender.send("a", &1, &SendOptions::default()).await.map(drop),
        sender.send_many(vec![hookseal::sender::NewMessage::new("a", &1).unwrap()]).await.remove(0).map(drop),
        sender.send_test(&to, Some("a"), Some(&json!(1))).await.map(drop),
        sender.usage(None, since, since).await.map(drop),
        sender.stats().await.map(drop),
        sender.start(),
        sender.wait_idle(None).await.map(drop),
        endpoints.create(endpoint("https://example.com/")).await.map(drop),
        endpoints.get(endpoint_id).await.map(drop),
        endpoints.update(endpoint_id, EndpointChanges::default()).await.map(drop),
        endpoints.enable(endpoint_id).await.map(drop),
        endpoints.delete(endpoint_id).await,
        deliveries.list(DeliveryQuery::default(), None, 1).await.map(drop),
        deliveries.get(delivery_id).await.map(drop),
        deliveries.retry(delivery_id).await.map(drop),
        deliveries.cancel(delivery_id).await.map(drop),
        deliveries.retry_failed(since, RetryFilter::default()).await.map(drop),
        sender.messages().get(MessageKey(1)).await.map(drop),
        sender.messages().expunge(MessageKey(1)).await.map(drop),
        sender.notices().next().await.map(drop),
    ]
    .map(|result| result.unwrap_err().code());
    assert_eq!(codes, [Code::Closed; 20]);
}
