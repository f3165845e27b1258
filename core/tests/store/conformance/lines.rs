use hookseal::Code;
use hookseal::store::{
    DeliveryId, DeliveryQuery, DeliveryState, EndpointId, EndpointQuery, Fresh, MessageRef, NewMessage,
    Recipients, Role, Verdict, Window, Write, Written,
};

use crate::support::{Bench, anything, message, message_of};

fn send(bench: &Bench, endpoint: EndpointId, id: &str, key: Option<&str>, now: i64) -> Fresh {
    let to = Recipients::Only { endpoint, order_key: key.map(str::to_owned) };
    let sent = bench.send(NewMessage { to, ..message(id, now) });
    assert_eq!(sent.deliveries.len(), 1);
    let fresh = sent.deliveries[0].clone();
    assert_eq!(fresh.in_line, key.is_some());
    fresh
}

fn due(bench: &Bench, endpoint: EndpointId) -> Vec<(DeliveryId, i64)> {
    let window = Window::Due { after: None, until: i64::MAX };
    bench.store.due(endpoint, window, 99).unwrap().iter().map(|due| (due.id, due.due)).collect()
}

pub(super) fn one_endpoint_is_named(bench: &Bench) {
    let deaf = bench.endpoint(crate::support::spec(Some("one"), &["nothing"]));
    bench.endpoint(anything());
    let fresh = send(bench, deaf, "a", None, 10);
    assert_eq!((fresh.endpoint, fresh.trigger.as_str()), (deaf, "event"));
    let to = Recipients::Only { endpoint: EndpointId(77), order_key: None };
    let gone = bench.write(Write::Send(NewMessage { to, ..message("b", 12) }));
    assert_eq!(gone.unwrap_err().code(), Code::NotFound);
}

pub(super) fn of_an_order_only_the_first_is_due(bench: &Bench) {
    let (one, two) = (bench.endpoint(anything()), bench.endpoint(anything()));
    let a1 = send(bench, one, "a1", Some("a"), 10);
    let a2 = send(bench, one, "a2", Some("a"), 11);
    let a3 = send(bench, one, "a3", Some("a"), 12);
    let b1 = send(bench, one, "b1", Some("b"), 13);
    let free = send(bench, one, "free", None, 14);
    let other = send(bench, two, "c", Some("a"), 15);
    assert_eq!(due(bench, one), [(a1.id, 10), (b1.id, 13), (free.id, 14)]);
    assert_eq!(due(bench, two), [(other.id, 15)]);
    assert_eq!((bench.delivery(a1.id).due, bench.delivery(a2.id).due), (Some(10), None));
    assert_eq!(bench.store.stats().unwrap().pending, 6);

    // One that fails holds up its own key alone, for as long as it is tried again.
    bench.attempt(a1.id, Verdict::Retry(500), 20);
    bench.attempt(b1.id, Verdict::Delivered, 21);
    assert_eq!(due(bench, one), [(free.id, 14), (a1.id, 500)]);
    bench.attempt(a1.id, Verdict::Failed, 510);
    assert_eq!(due(bench, one), [(free.id, 14), (a2.id, 510)]);
    // What waits is pulled forward by nobody.
    let Written::Retried(fresh) = bench.write(Write::Retry { delivery: a3.id, now: 520 }).unwrap() else {
        panic!("not retried")
    };
    assert_eq!((fresh.id, fresh.in_line), (a3.id, true));
    assert_eq!(due(bench, one), [(free.id, 14), (a2.id, 510)]);

    // What is repeated by hand stands at the end.
    let Written::Retried(again) = bench.write(Write::Retry { delivery: a1.id, now: 530 }).unwrap() else {
        panic!("not retried")
    };
    assert_eq!(due(bench, one), [(free.id, 14), (a2.id, 510)]);
    bench.write(Write::Cancel { delivery: a2.id, now: 540 }).unwrap();
    assert_eq!(due(bench, one), [(free.id, 14), (a3.id, 540)]);
    bench.write(Write::Expunge { message: a3.message, now: 550 }).unwrap();
    assert_eq!(due(bench, one), [(free.id, 14), (again.id, 550)]);
    bench.attempt(again.id, Verdict::Delivered, 560);
    let b2 = send(bench, one, "b2", Some("b"), 570);
    assert_eq!(due(bench, one), [(free.id, 14), (b2.id, 570)]);
}

pub(super) fn an_order_of_many_in_one_commit(bench: &Bench) {
    let endpoint = bench.endpoint(anything());
    let first = send(bench, endpoint, "first", Some("a"), 10);
    let write = |id: &str, key: &str| {
        let to = Recipients::Only { endpoint, order_key: Some(key.to_owned()) };
        Write::Send(NewMessage { to, ..message(id, 20) })
    };
    let settle = Write::Settle(bench.outcome(first.id, Verdict::Delivered, 21));
    let batch = [write("a1", "a"), write("b1", "b"), settle, write("a2", "a"), write("b2", "b")];
    let written = bench.store.commit(&batch).unwrap();
    let id = |place: usize| match &written[place] {
        Ok(Written::Sent(sent)) => sent.deliveries[0].id,
        other => panic!("{other:?}"),
    };
    let mut heads: Vec<_> = due(bench, endpoint).into_iter().map(|(id, _)| id).collect();
    heads.sort_unstable();
    assert_eq!(heads, [id(0), id(1)]);
}

pub(super) fn begun_attempts_say_so_until_they_are_settled(bench: &Bench) {
    let endpoint = bench.endpoint(anything());
    let fresh = bench.send_one("a", 10);
    let begin = |epoch, number, now| {
        let begin = Write::Begin { epoch, delivery: fresh.id, number, now };
        assert!(!begin.needs_sync());
        match bench.write(begin).unwrap() {
            Written::Changed(begins) => begins,
            other => panic!("{other:?}"),
        }
    };
    let begun_at = || {
        let window = Window::Due { after: None, until: i64::MAX };
        bench.store.due(endpoint, window, 9).unwrap()[0].begun_at
    };
    let epoch = bench.grant.epoch;
    assert!(!begin(epoch - 1, 1, 20) && !begin(epoch, 2, 20));
    assert_eq!(begun_at(), None);
    assert!(begin(epoch, 1, 20));
    assert_eq!(begun_at(), Some(20));
    bench.attempt(fresh.id, Verdict::Retry(100), 30);
    assert_eq!(begun_at(), None);
    assert!(!begin(epoch, 1, 110) && begin(epoch, 2, 111));
    let lost = Write::Lost { epoch, delivery: fresh.id, number: 2, started_at: 111, now: 120 };
    bench.write(lost).unwrap();
    assert_eq!(begun_at(), None);
    bench.write(Write::Cancel { delivery: fresh.id, now: 130 }).unwrap();
    assert!(!begin(epoch, 3, 140), "it is not pending");
}

pub(super) fn what_is_discarded_is_no_failure(bench: &Bench) {
    bench.endpoint(anything());
    let fresh = bench.send_one("a", 10);
    let settled = bench.attempt(fresh.id, Verdict::Discarded, 20);
    assert_eq!((settled.state, settled.notices), (Some(DeliveryState::Canceled), vec![]));
    let record = bench.delivery(fresh.id);
    assert_eq!((record.state, record.done_at, record.attempts), (DeliveryState::Canceled, Some(20), 1));
    assert_eq!(bench.store.attempts(fresh.id).unwrap().len(), 1);
    assert!(matches!(
        bench.write(Write::Retry { delivery: fresh.id, now: 30 }).unwrap(),
        Written::Retried(_)
    ));
}

pub(super) fn the_last_delivery_of_an_event(bench: &Bench) {
    bench.endpoint(anything());
    let (a, b) = (bench.send_one("a", 10), bench.send_one("b", 11));
    bench.attempt(a.id, Verdict::Failed, 20);
    let retry = |id, now| match bench.write(Write::Retry { delivery: id, now }).unwrap() {
        Written::Retried(fresh) => fresh.id,
        other => panic!("{other:?}"),
    };
    let last = |state| {
        let query = DeliveryQuery { last: true, state, ..DeliveryQuery::default() };
        let page = bench.store.deliveries(&query, None, 9).unwrap();
        page.into_iter().map(|delivery| delivery.id).collect::<Vec<_>>()
    };
    assert_eq!(last(None), [b.id, a.id]);
    let second = retry(a.id, 30);
    assert_eq!(last(None), [second, b.id]);
    assert_eq!(last(Some(DeliveryState::Failed)), []);
    bench.attempt(second, Verdict::Failed, 40);
    let third = retry(second, 50);
    assert_eq!(last(None), [third, b.id]);
    bench.attempt(third, Verdict::Delivered, 60);
    assert_eq!(last(Some(DeliveryState::Delivered)), [third]);
    assert_eq!(last(Some(DeliveryState::Pending)), [b.id]);
}

pub(super) fn messages_are_found_whosever_they_are(bench: &Bench) {
    let first = bench.send(message_of("one", "a", 10));
    let found = |id| bench.store.message(MessageRef::AnyTenant { id }).unwrap().map(|message| message.key);
    assert_eq!(found("a"), Some(first.key));
    let second = bench.send(message_of("two", "a", 11));
    assert_eq!((found("a"), found("b"), found("\0")), (Some(second.key), None, None));
}

pub(super) fn a_store_is_a_senders_or_an_inboxs(bench: &Bench) {
    bench.store.found(Role::Inbox, &[anything(), anything()], 10).unwrap();
    bench.store.found(Role::Inbox, &[anything()], 11).unwrap();
    let endpoints = bench.store.endpoints(&EndpointQuery::default(), None, 9).unwrap();
    assert_eq!(endpoints.iter().map(|endpoint| endpoint.created_at).collect::<Vec<_>>(), [10, 10]);
    let error = bench.store.found(Role::Sender, &[], 12).unwrap_err();
    assert_eq!(error.code(), Code::StoreSchema);
    assert!(error.message().contains("is an inbox's"), "{error}");
    send(bench, endpoints[0].id, "a", None, 13);
}
