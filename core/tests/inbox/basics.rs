use std::time::Duration;

use hookseal::inbox::{EventStatus, HandlerError, Inbox, InboxOptions};
use hookseal::{Code, SignOptions, refusal};
use serde_json::json;

use crate::{Place, Seen, detail, idle, on_every_store, receive, request, status, webhook, webhook_of};

on_every_store! {
    what_was_received_is_handled_once
    duplicates_in_parallel_reach_the_handler_once
    what_is_not_verified_is_not_stored
    events_without_an_id_are_known_by_their_body
    strange_ids_and_types_are_kept
    what_was_received_before_the_start_is_handled
    the_inbox_in_numbers
}

async fn what_was_received_is_handled_once(place: Place) {
    let inbox = place.open(InboxOptions::default());
    let seen = Seen::default();
    let noted = seen.clone();
    let keys = Seen::default();
    let known = keys.clone();
    inbox
        .on("invoice.*", move |handling| {
            noted.note(&handling);
            assert_eq!(handling.event.event_type(), Some("invoice.paid"));
            let data: serde_json::Value = handling.event.data().unwrap();
            assert_eq!(data["id"], handling.event.id().unwrap());
            assert!(handling.received_at.elapsed().unwrap() < Duration::from_secs(60));
            known.note(&handling);
            async { Ok::<(), HandlerError>(()) }
        })
        .unwrap();
    inbox.start().unwrap();
    let receipt = receive(&inbox, "evt_1", "invoice.paid").await;
    assert_eq!((receipt.id.as_str(), receipt.duplicate), ("evt_1", false));
    idle(&inbox).await;
    let again = receive(&inbox, "evt_1", "invoice.paid").await;
    assert_eq!((again.id.as_str(), again.key, again.duplicate), ("evt_1", receipt.key, true));
    idle(&inbox).await;
    assert_eq!(seen.all(), [("evt_1".to_owned(), 1)]);

    let detail = detail(&inbox, "evt_1").await;
    assert_eq!((detail.event.status, detail.event.tries), (EventStatus::Handled, 1));
    assert_eq!(detail.body.unwrap(), request("evt_1", "invoice.paid").0);
    assert_eq!(detail.timestamp, 1_767_323_045_000);
    assert_eq!((detail.tries.len(), detail.tries[0].number, &detail.tries[0].error), (1, 1, &None));
    inbox.close().await.unwrap();
    let closed = crate::try_receive(&inbox, "evt_2", "invoice.paid").await.unwrap_err();
    assert_eq!((closed.code(), closed.message()), (Code::Closed, "The inbox was closed."));
    assert_eq!(refusal(&closed).status, 503);
}

async fn duplicates_in_parallel_reach_the_handler_once(place: Place) {
    let inbox = place.open(InboxOptions::default());
    let seen = Seen::default();
    let noted = seen.clone();
    inbox
        .on("*", move |handling| {
            noted.note(&handling);
            async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok::<(), HandlerError>(())
            }
        })
        .unwrap();
    inbox.start().unwrap();
    let tasks: Vec<_> = (0..96)
        .map(|number| {
            let inbox = inbox.clone();
            tokio::spawn(async move { receive(&inbox, &format!("evt_{}", number % 6), "a").await })
        })
        .collect();
    let mut fresh = 0;
    for task in tasks {
        fresh += u32::from(!task.await.unwrap().duplicate);
    }
    idle(&inbox).await;
    let mut ids = seen.ids();
    ids.sort();
    assert_eq!((fresh, ids.len()), (6, 6));
    ids.dedup();
    assert_eq!(ids.len(), 6);
    inbox.close().await.unwrap();
}

async fn what_is_not_verified_is_not_stored(place: Place) {
    let mut options = InboxOptions::default();
    options.max_body = 200;
    let inbox = place.open(options);
    let (body, headers) = request("evt_1", "a");
    let mut changed = body.clone();
    changed[0] = b' ';
    let refused = inbox.receive(changed, &headers[..]).await.unwrap_err();
    assert_eq!((refused.code(), refusal(&refused).status), (Code::SignatureMismatch, 401));
    let refused = inbox.receive(vec![b'x'; 201], &headers[..]).await.unwrap_err();
    assert_eq!((refused.code(), refusal(&refused).status), (Code::RequestTooLarge, 413));
    let none: [(&str, &str); 0] = [];
    assert_eq!(inbox.receive(body, &none[..]).await.unwrap_err().code(), Code::MissingHeader);
    assert_eq!(inbox.stats().await.unwrap().pending, 0);
    assert_eq!(inbox.events().list(&Default::default(), None, 9).await.unwrap().items, []);
    inbox.close().await.unwrap();
}

async fn events_without_an_id_are_known_by_their_body(place: Place) {
    let webhook = || webhook_of("kakiyo");
    let inbox = Inbox::open(&place.url, webhook(), InboxOptions::default()).unwrap();
    let body = json!({"event": "lead.created", "teamId": "team_7", "data": {}}).to_string().into_bytes();
    let headers = webhook().sign(&body).unwrap();
    let receipt = inbox.receive(body.clone(), &headers[..]).await.unwrap();
    assert!(receipt.id.starts_with("sha256:") && receipt.id.len() == 71, "{}", receipt.id);
    assert!(inbox.receive(body.clone(), &headers[..]).await.unwrap().duplicate);
    let other = [&body[..], b" "].concat();
    let headers = webhook().sign(&other).unwrap();
    assert!(!inbox.receive(other, &headers[..]).await.unwrap().duplicate);

    let seen = Seen::default();
    let noted = seen.clone();
    inbox
        .on("lead.*", move |handling| {
            assert_eq!((handling.event.id(), handling.event.tenant()), (None, Some("team_7")));
            noted.note(&handling);
            async { Ok::<(), HandlerError>(()) }
        })
        .unwrap();
    inbox.start().unwrap();
    idle(&inbox).await;
    assert_eq!(seen.all().len(), 2);
    assert_eq!(detail(&inbox, &receipt.id).await.event.tenant.as_deref(), Some("team_7"));
    inbox.close().await.unwrap();
}

/// The vendor has signed it, so it is taken whatever it looks like.
async fn strange_ids_and_types_are_kept(place: Place) {
    let webhook = || webhook_of("webkasa");
    let inbox = Inbox::open(&place.url, webhook(), InboxOptions::default()).unwrap();
    let seen = Seen::default();
    let noted = seen.clone();
    inbox
        .on("*", move |handling| {
            noted.note(&handling);
            async { Ok::<(), HandlerError>(()) }
        })
        .unwrap();
    inbox.start().unwrap();
    let long = "long".repeat(20_000);
    let strange = ["\0", &long, "", "a\nb", "🦀", "'; DROP TABLE delivery; --"];
    for id in strange {
        let body = json!({"id": id, "type": id, "created_at": "yesterday", "data": id}).to_string();
        let headers = webhook().sign(body.as_bytes()).unwrap();
        let receipt = inbox.receive(body.clone(), &headers[..]).await.unwrap();
        assert!(!receipt.duplicate && receipt.id.len() <= 255, "{}", receipt.id);
        let again = inbox.receive(body, &headers[..]).await.unwrap();
        assert!(again.duplicate && again.id == receipt.id);
        assert_eq!(inbox.events().get(&receipt.id).await.unwrap().event.id, receipt.id);
    }
    let bodies: [&[u8]; 3] = [b"", b"\xff\x00", b"[1, 2"];
    for body in bodies {
        let headers = webhook().sign(body).unwrap();
        assert!(!inbox.receive(body.to_vec(), &headers[..]).await.unwrap().duplicate);
    }
    idle(&inbox).await;
    let mut ids = seen.ids();
    ids.retain(|id| !id.is_empty());
    ids.sort();
    let mut expected: Vec<_> = strange.into_iter().filter(|id| !id.is_empty()).map(str::to_owned).collect();
    expected.sort();
    assert_eq!(ids, expected, "handlers get what the vendor wrote");
    assert_eq!(inbox.stats().await.unwrap().handled, 9);
    inbox.close().await.unwrap();
}

async fn what_was_received_before_the_start_is_handled(place: Place) {
    let inbox = place.open(InboxOptions::default());
    for number in 0..200 {
        receive(&inbox, &format!("evt_{number}"), "a").await;
    }
    assert_eq!(inbox.stats().await.unwrap().pending, 200);
    let seen = Seen::default();
    let noted = seen.clone();
    inbox
        .on("a", move |handling| {
            noted.note(&handling);
            async { Ok::<(), HandlerError>(()) }
        })
        .unwrap();
    inbox.start().unwrap();
    idle(&inbox).await;
    let mut ids = seen.ids();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 200);
    inbox.close().await.unwrap();
}

async fn the_inbox_in_numbers(place: Place) {
    let inbox = place.open(crate::retrying(&[1]));
    inbox.on("good", |_| async { Ok::<(), HandlerError>(()) }).unwrap();
    inbox.on("bad", |_| async { Err::<(), _>(HandlerError::failed("no")) }).unwrap();
    inbox.start().unwrap();
    for id in ["good", "good", "bad", "ugly"] {
        receive(&inbox, id, id).await;
    }
    idle(&inbox).await;
    let stats = inbox.stats().await.unwrap();
    assert_eq!((stats.received, stats.duplicates, stats.pending), (3, 1, 0));
    assert_eq!((stats.handled, stats.failed, stats.discarded, stats.retried), (1, 1, 1, 1));
    assert_eq!((stats.tries_succeeded, stats.tries_failed), (1, 3));
    assert!(stats.handling);
    let text = inbox.prometheus().await.unwrap();
    for line in [
        "hookseal_inbox_received_total{result=\"duplicate\"} 1",
        "hookseal_inbox_events_total{result=\"failed\"} 1",
        "hookseal_inbox_try_seconds_count 4",
    ] {
        assert!(text.lines().any(|has| has == line), "{line} in\n{text}");
    }
    assert_eq!(status(&inbox, "ugly").await, EventStatus::Discarded);
    inbox.close().await.unwrap();
}

#[test]
fn senseless_options_are_refused() {
    let refused = |change: fn(&mut InboxOptions)| {
        let mut options = InboxOptions::default();
        change(&mut options);
        Inbox::open("memory:", webhook(), options).unwrap_err().code()
    };
    assert_eq!(refused(|options| options.concurrency = 0), Code::InvalidArgument);
    assert_eq!(refused(|options| options.timeout = Duration::ZERO), Code::InvalidArgument);
    let inbox = Inbox::open("memory:", webhook(), InboxOptions::default()).unwrap();
    let pattern = inbox.on("a*", |_| async { Ok::<(), HandlerError>(()) }).unwrap_err();
    assert_eq!(pattern.code(), Code::InvalidArgument);
    assert_eq!(inbox.start().unwrap_err().code(), Code::InvalidArgument, "there is no runtime");
}

/// What a vendor repeats after its own id is the same event, though other bytes.
#[tokio::test]
async fn the_same_id_is_the_same_event() {
    let inbox = Place::memory().open(InboxOptions::default());
    receive(&inbox, "evt_1", "a").await;
    let body = br#"{"type": "a", "api_version": 2, "data": {}}"#;
    let options = SignOptions { id: Some("evt_1"), ..SignOptions::default() };
    let headers = webhook().sign_with(body, &options).unwrap();
    assert!(inbox.receive(&body[..], &headers[..]).await.unwrap().duplicate);
}
