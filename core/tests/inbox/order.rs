use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookseal::Code;
use hookseal::inbox::{EventStatus, HandlerError, InboxOptions};

use crate::{Place, idle, on_every_store, receive, request, retrying, status};

on_every_store! {
    events_of_a_key_keep_their_order_through_failures
}

#[tokio::test]
async fn a_key_is_asked_for_what_was_verified() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (noted, mut options) = (asked.clone(), InboxOptions::default());
    options.order_by = Some(Arc::new(move |event| {
        noted.lock().unwrap().push(event.id().unwrap().to_owned());
        None
    }));
    options.max_body = 200;
    let inbox = Place::memory().open(options);
    let (body, headers) = request("evt_1", "k1.0");
    let none: [(&str, &str); 0] = [];
    let refused = inbox.receive(body.clone(), &none[..]).await.unwrap_err();
    assert_eq!(refused.code(), Code::MissingHeader);
    let (large, signed) = request("evt_2", &"k".repeat(200));
    let refused = inbox.receive(large, &signed[..]).await.unwrap_err();
    assert_eq!(refused.code(), Code::RequestTooLarge);
    assert!(asked.lock().unwrap().is_empty());
    inbox.receive(body, &headers[..]).await.unwrap();
    assert_eq!(*asked.lock().unwrap(), ["evt_1"]);
    inbox.close().await.unwrap();
}

/// Which key, and which of its events: the type is `key.number`.
fn place_of(event_type: &str) -> (String, u32) {
    let (key, number) = event_type.split_once('.').unwrap();
    (key.to_owned(), number.parse().unwrap())
}

async fn events_of_a_key_keep_their_order_through_failures(place: Place) {
    let mut options = retrying(&[15, 15]);
    options.order_by = Some(Arc::new(|event| Some(place_of(event.event_type()?).0)));
    let inbox = place.open(options);
    let (done, running) =
        (Arc::new(Mutex::new(HashMap::<_, Vec<u32>>::new())), Arc::new(Mutex::new(HashSet::new())));
    let (noted, busy) = (done.clone(), running.clone());
    inbox
        .on("*", move |handling| {
            let (key, number) = place_of(handling.event.event_type().unwrap());
            let (noted, busy) = (noted.clone(), busy.clone());
            async move {
                assert!(busy.lock().unwrap().insert(key.clone()), "two of one key");
                tokio::time::sleep(Duration::from_millis(2)).await;
                busy.lock().unwrap().remove(&key);
                // Every third needs a second try, and one never succeeds.
                if (number % 3 == 1 && handling.number == 1) || (key == "k1" && number == 4) {
                    return Err(HandlerError::failed("not yet"));
                }
                noted.lock().unwrap().entry(key).or_default().push(number);
                Ok(())
            }
        })
        .unwrap();
    inbox.start().unwrap();
    for number in 0..12 {
        for key in 0..5 {
            receive(&inbox, &format!("e{key}_{number}"), &format!("k{key}.{number}")).await;
        }
    }
    idle(&inbox).await;
    let done = done.lock().unwrap().clone();
    for key in 0..5 {
        let expected: Vec<_> = (0..12).filter(|number| (key, *number) != (1, 4)).collect();
        assert_eq!(done[&format!("k{key}")], expected);
    }
    assert_eq!(status(&inbox, "e1_4").await, EventStatus::Failed);
    inbox.close().await.unwrap();
}
