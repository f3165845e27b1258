use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookseal::inbox::{EventStatus, HandlerError};

use crate::{Place, idle, on_every_store, receive, retrying, status};

on_every_store! {
    events_of_a_key_keep_their_order_through_failures
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
