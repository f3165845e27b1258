//! What becomes of events where the store is somebody else's, is locked, or is shared by processes.

use std::sync::Arc;
use std::time::Duration;

use hookseal::inbox::{HandlerError, Inbox, InboxOptions};
use hookseal::sender::{Sender, SenderOptions};
use hookseal::store::SqliteStore;
use hookseal::{Code, Provider, refusal};

use crate::{Place, Seen, idle, receive, try_receive, webhook};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_senders_store_is_no_inbox() {
    let provider = Provider::builtin("standard").unwrap();
    let place = Place::sqlite();
    Sender::open(&place.url, SenderOptions::new(&provider)).unwrap().close().await.unwrap();
    let refused = Inbox::open(&place.url, webhook(), InboxOptions::default()).unwrap_err();
    assert_eq!(refused.code(), Code::StoreSchema);
    assert!(refused.message().contains("a sender's"), "{refused}");

    let place = Place::sqlite();
    place.open(InboxOptions::default()).close().await.unwrap();
    let refused = Sender::open(&place.url, SenderOptions::new(&provider)).unwrap_err();
    assert!(refused.code() == Code::StoreSchema && refused.message().contains("an inbox's"), "{refused}");
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_senders_schema_is_no_inbox() {
    let provider = Provider::builtin("standard").unwrap();
    let place = Place::postgres();
    let (one, two) = (place.open(InboxOptions::default()), place.open(InboxOptions::default()));
    let refused = Sender::open(&place.url, SenderOptions::new(&provider)).unwrap_err();
    assert!(refused.code() == Code::StoreSchema && refused.message().contains("an inbox's"), "{refused}");
    // The same to all processes.
    receive(&one, "evt_1", "a").await;
    assert!(receive(&two, "evt_1", "a").await.duplicate);
    one.close().await.unwrap();
    two.close().await.unwrap();
}

/// The vendor is told to come back, and its next attempt brings the event.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_store_is_locked_vendors_are_asked_to_come_back() {
    let place = Place::sqlite();
    let store = SqliteStore::open_patiently(place.path(), Duration::from_millis(50)).unwrap();
    let inbox = Inbox::with_store(Arc::new(store), webhook(), InboxOptions::default()).unwrap();
    let seen = Seen::default();
    let noted = seen.clone();
    inbox
        .on("*", move |handling| {
            noted.note(&handling);
            async { Ok::<(), HandlerError>(()) }
        })
        .unwrap();
    inbox.start().unwrap();
    receive(&inbox, "evt_1", "a").await;
    idle(&inbox).await;

    let other = rusqlite::Connection::open(place.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = try_receive(&inbox, "evt_2", "a").await.unwrap_err();
    assert_eq!(refused.code(), Code::StoreLocked);
    let answer = refusal(&refused);
    assert_eq!((answer.status, answer.retry_after), (503, Some(10)));
    other.execute_batch("COMMIT").unwrap();
    drop(other);
    assert!(!receive(&inbox, "evt_2", "a").await.duplicate);
    idle(&inbox).await;
    assert_eq!(seen.ids(), ["evt_1", "evt_2"]);
    inbox.close().await.unwrap();
}

/// One that only receives, as the workers of a web server do, and one that handles.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_receives_and_another_handles() {
    let mut places = vec![Place::sqlite()];
    #[cfg(feature = "postgres")]
    places.push(Place::postgres());
    for place in places {
        let (web, worker) = (place.open(InboxOptions::default()), place.open(InboxOptions::default()));
        let seen = Seen::default();
        let noted = seen.clone();
        worker
            .on("*", move |handling| {
                noted.note(&handling);
                async { Ok::<(), HandlerError>(()) }
            })
            .unwrap();
        worker.start().unwrap();
        for number in 0..50 {
            receive(&web, &format!("evt_{number}"), "a").await;
        }
        crate::ends(seen.wait_for(50)).await;
        idle(&web).await;
        assert_eq!(seen.all().len(), 50);
        web.close().await.unwrap();
        worker.close().await.unwrap();
    }
}
