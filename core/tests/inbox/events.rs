use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use hookseal::Code;
use hookseal::inbox::{EventNoticeKind, EventQuery, EventStatus, HandlerError};

use crate::{Place, Seen, detail, idle, on_every_store, receive, retrying, status};

on_every_store! {
    the_log_is_filtered_and_paged
    a_retry_has_all_its_tries_and_counts_as_the_event
    all_that_failed_are_retried
    discarded_and_expunged
    no_handler_is_seen_and_can_be_put_right
}

async fn the_log_is_filtered_and_paged(place: Place) {
    let inbox = place.open(retrying(&[]));
    inbox
        .on("*", |handling| async move {
            match handling.event.event_type() {
                Some("bad.one") => Err(HandlerError::failed("no")),
                _ => Ok(()),
            }
        })
        .unwrap();
    inbox.start().unwrap();
    for number in 0..7 {
        let event_type = ["good.one", "bad.one", "good.two"][number % 3];
        receive(&inbox, &format!("e{number}"), event_type).await;
    }
    idle(&inbox).await;
    let ids = async |query: EventQuery| {
        let page = inbox.events().list(&query, None, 99).await.unwrap();
        page.items.into_iter().map(|event| event.id).collect::<Vec<_>>()
    };
    let any = EventQuery::default;
    assert_eq!(ids(any()).await.len(), 7);
    let failed = EventQuery { status: Some(EventStatus::Failed), ..any() };
    assert_eq!(ids(failed.clone()).await, ["e4", "e1"]);
    assert_eq!(
        ids(EventQuery { types: vec!["good.*".into()], ..any() }).await,
        ["e6", "e5", "e3", "e2", "e0"]
    );
    let hour = Duration::from_secs(3600);
    assert_eq!(ids(EventQuery { since: Some(SystemTime::now() + hour), ..any() }).await, [""; 0]);
    assert_eq!(ids(EventQuery { since: Some(SystemTime::now() - hour), ..any() }).await.len(), 7);
    let first = inbox.events().list(&any(), None, 4).await.unwrap();
    let rest = inbox.events().list(&any(), first.next, 4).await.unwrap();
    assert_eq!((first.items.len(), rest.items.len(), rest.next), (4, 3, None));
    assert_eq!(inbox.events().list(&any(), None, 0).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(inbox.events().get("e7").await.unwrap_err().code(), Code::NotFound);

    let file = Written::default();
    assert_eq!(inbox.events().export(&failed, file.clone()).await.unwrap(), 2);
    let text = String::from_utf8(file.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["id"], &lines[0]["status"]), (&"e4".into(), &"failed".into()));
    assert_eq!(lines[1]["tries"][0]["message"], "no");
    inbox.close().await.unwrap();
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn a_retry_has_all_its_tries_and_counts_as_the_event(place: Place) {
    let inbox = place.open(retrying(&[5]));
    let broken = Arc::new(AtomicBool::new(true));
    let (seen, works) = (Seen::default(), broken.clone());
    let keys = Arc::new(Mutex::new(Vec::new()));
    let (noted, kept) = (seen.clone(), keys.clone());
    inbox
        .on("*", move |handling| {
            let number = noted.note(&handling);
            kept.lock().unwrap().push(handling.idempotency_key.clone());
            let fails = works.load(Ordering::SeqCst) || number == 1;
            async move { if fails { Err(HandlerError::failed("broken")) } else { Ok(()) } }
        })
        .unwrap();
    inbox.start().unwrap();
    receive(&inbox, "e", "a").await;
    idle(&inbox).await;
    assert_eq!(status(&inbox, "e").await, EventStatus::Failed);
    broken.store(false, Ordering::SeqCst);
    inbox.events().retry("e").await.unwrap();
    idle(&inbox).await;
    let detail = detail(&inbox, "e").await;
    assert_eq!(
        (detail.event.status, detail.event.tries),
        (EventStatus::Handled, 2),
        "the first retry failed too"
    );
    assert_eq!(detail.tries.iter().map(|try_| try_.number).collect::<Vec<_>>(), [1, 2, 1, 2]);
    let keys = keys.lock().unwrap().clone();
    assert!(keys.len() == 4 && keys.iter().all(|key| *key == keys[0] && key.len() == 32));
    let events = inbox.events().list(&EventQuery::default(), None, 9).await.unwrap().items;
    assert_eq!((events.len(), events[0].status), (1, EventStatus::Handled));
    assert_eq!(events[0].received_at, detail.event.received_at);

    let mut notices = inbox.notices();
    let kinds = [notices.next().await.unwrap().kind, notices.next().await.unwrap().kind];
    assert_eq!(kinds, [EventNoticeKind::Failed, EventNoticeKind::Recovered]);
    assert_eq!(inbox.events().retry("f").await.unwrap_err().code(), Code::NotFound);
    inbox.close().await.unwrap();
}

async fn all_that_failed_are_retried(place: Place) {
    let inbox = place.open(retrying(&[]));
    let broken = Arc::new(AtomicBool::new(true));
    let works = broken.clone();
    inbox
        .on("*", move |_| {
            let fails = works.load(Ordering::SeqCst);
            async move { if fails { Err(HandlerError::failed("broken")) } else { Ok(()) } }
        })
        .unwrap();
    inbox.start().unwrap();
    for number in 0..5 {
        receive(&inbox, &format!("e{number}"), if number == 4 { "other" } else { "a" }).await;
    }
    idle(&inbox).await;
    broken.store(false, Ordering::SeqCst);
    let since = SystemTime::now() - Duration::from_secs(3600);
    let job = inbox.events().retry_failed(since, &["a".to_owned()]).await.unwrap();
    assert_eq!(job.total, 4);
    while !inbox.events().job(job.id).await.unwrap().done {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    idle(&inbox).await;
    let failed = EventQuery { status: Some(EventStatus::Failed), ..EventQuery::default() };
    let left = inbox.events().list(&failed, None, 9).await.unwrap().items;
    assert_eq!(left.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["e4"]);
    inbox.close().await.unwrap();
}

async fn discarded_and_expunged(place: Place) {
    let inbox = place.open(retrying(&[3_600_000]));
    inbox.on("*", |_| async { Err::<(), _>(HandlerError::failed("later")) }).unwrap();
    inbox.start().unwrap();
    receive(&inbox, "a", "a").await;
    receive(&inbox, "b", "b").await;
    while detail(&inbox, "a").await.tries.is_empty() || detail(&inbox, "b").await.tries.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(detail(&inbox, "a").await.event.next_try.is_some());
    assert!(inbox.events().discard("a").await.unwrap());
    assert!(!inbox.events().discard("a").await.unwrap());
    assert_eq!(status(&inbox, "a").await, EventStatus::Discarded);
    assert!(inbox.events().expunge("b").await.unwrap());
    assert!(!inbox.events().expunge("b").await.unwrap());
    let expunged = detail(&inbox, "b").await;
    assert_eq!((expunged.event.status, expunged.body), (EventStatus::Discarded, None));
    assert_eq!(inbox.events().retry("b").await.unwrap_err().code(), Code::Conflict);
    // It stays known.
    assert!(receive(&inbox, "b", "b").await.duplicate);
    idle(&inbox).await;
    inbox.close().await.unwrap();
}

async fn no_handler_is_seen_and_can_be_put_right(place: Place) {
    let inbox = place.open(retrying(&[1]));
    inbox.start().unwrap();
    receive(&inbox, "a", "a").await;
    idle(&inbox).await;
    let detail = detail(&inbox, "a").await;
    assert_eq!(
        (detail.event.status, detail.event.last_error),
        (EventStatus::Discarded, Some(Code::NoHandler))
    );
    inbox.on("a", |_| async { Ok::<(), HandlerError>(()) }).unwrap();
    inbox.events().retry("a").await.unwrap();
    idle(&inbox).await;
    assert_eq!(status(&inbox, "a").await, EventStatus::Handled);
    inbox.close().await.unwrap();
}
