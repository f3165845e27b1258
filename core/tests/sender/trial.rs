//! Tests of endpoints, on a sender that was not started and so has to borrow the right to dispatch.

use std::time::Duration;

use hookseal::sender::{Sender, TestTarget};

use crate::receiver::Receiver;
use crate::{Place, create, endpoint, idle, on_every_store, options, send};

on_every_store! {
    several_at_once_without_a_start
    a_start_in_the_middle_of_one
    one_that_is_given_up
    no_tenant_is_not_everybody
}

/// Answers after a tenth of a second.
async fn slow() -> Receiver {
    Receiver::start(|_, _| (200, Duration::from_millis(100))).await
}

async fn several_at_once_without_a_start(place: Place) {
    let receiver = slow().await;
    let sender = Sender::open(&place.url, options()).unwrap();
    let id = create(&sender, endpoint(&receiver.url())).await.endpoint.id;
    let tests: Vec<_> = (0..5)
        .map(|_| {
            let sender = sender.clone();
            tokio::spawn(async move { test(&sender, id).await })
        })
        .collect();
    for test in tests {
        assert!(test.await.unwrap());
    }
    assert_eq!(receiver.count(), 5);
    assert!(!sender.stats().await.unwrap().dispatching, "the right was given back");
}

async fn a_start_in_the_middle_of_one(place: Place) {
    let receiver = slow().await;
    let sender = Sender::open(&place.url, options()).unwrap();
    let id = create(&sender, endpoint(&receiver.url())).await.endpoint.id;
    let first = sender.clone();
    let first = tokio::spawn(async move { test(&first, id).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    sender.start().unwrap();
    assert!(test(&sender, id).await);
    assert!(first.await.unwrap());
    send(&sender, 1).await;
    idle(&sender).await;
    assert_eq!(receiver.count(), 3);
    assert!(sender.stats().await.unwrap().dispatching);
}

async fn one_that_is_given_up(place: Place) {
    let receiver = slow().await;
    let sender = Sender::open(&place.url, options()).unwrap();
    let id = create(&sender, endpoint(&receiver.url())).await.endpoint.id;
    let given_up = tokio::time::timeout(Duration::from_millis(50), test(&sender, id)).await;
    assert!(given_up.is_err());
    assert!(test(&sender, id).await, "the right was given back");
    sender.start().unwrap();
    send(&sender, 1).await;
    idle(&sender).await;
    assert!(sender.stats().await.unwrap().dispatching);
}

async fn no_tenant_is_not_everybody(place: Place) {
    let sender = Sender::open(&place.url, options()).unwrap();
    let mut new = endpoint("http://127.0.0.1:9/");
    new.tenant = Some(String::new());
    let error = sender.endpoints().create(new).await.unwrap_err();
    assert_eq!(error.code(), hookseal::Code::InvalidArgument);
}

async fn test(sender: &Sender, id: hookseal::store::EndpointId) -> bool {
    let results = sender.send_test(&TestTarget::Endpoint(id), Some("invoice.paid"), Some(&true.into())).await;
    results.unwrap()[0].delivered
}
