use hookseal::Code;
use hookseal::store::{
    DeliveryId, DeliveryQuery, DeliveryState, DisableReason, EndpointStatus, EventFilter, Fresh, JobRecord,
    MessageRef, NewJob, NewMessage, NoticeKind, Recipients, Retention, Sweep, Swept, Trigger, Verdict, Write,
    Written,
};

use crate::support::{Bench, anything, message, message_of, spec};

const OFF: EndpointStatus = EndpointStatus::Disabled(DisableReason::User);

fn retry(bench: &Bench, delivery: DeliveryId, now: i64) -> hookseal::Result<Fresh> {
    bench.write(Write::Retry { delivery, now }).map(|written| match written {
        Written::Retried(fresh) => fresh,
        other => panic!("{other:?}"),
    })
}

pub(super) fn manual_retries_are_new_deliveries(bench: &Bench) {
    let id = bench.endpoint(anything());
    let first = bench.send_one("a", 1);
    assert_eq!(retry(bench, first.id, 2).unwrap(), Fresh { due: 2, ..first.clone() });
    bench.attempt(first.id, Verdict::Failed, 3);
    let failed = bench.delivery(first.id);

    let second = retry(bench, first.id, 4).unwrap();
    assert_ne!(second.id, first.id);
    assert_eq!((second.message, second.endpoint, second.trigger), (first.message, id, Trigger::Manual));
    let settled = bench.attempt(second.id, Verdict::Failed, 5);
    assert_eq!(settled.notices, []);
    // However often it is repeated, the first one is what recovers, and once.
    let third = retry(bench, second.id, 6).unwrap();
    assert_eq!(bench.delivery(third.id).parent, Some(first.id));
    assert_eq!(bench.attempt(third.id, Verdict::Delivered, 7).notices, [NoticeKind::DeliveryRecovered]);
    let fourth = retry(bench, third.id, 8).unwrap();
    assert_eq!(bench.attempt(fourth.id, Verdict::Delivered, 9).notices, []);
    assert_eq!(bench.delivery(first.id), failed);
    assert_eq!(bench.record(id).failures, 1);
    let of_message = DeliveryQuery { message: Some(first.message), ..DeliveryQuery::default() };
    let ids: Vec<_> =
        bench.store.deliveries(&of_message, None, 9).unwrap().iter().map(|delivery| delivery.id).collect();
    assert_eq!(ids, [fourth.id, third.id, second.id, first.id]);
}

pub(super) fn what_cannot_be_retried(bench: &Bench) {
    let id = bench.endpoint(anything());
    let code = |delivery| retry(bench, delivery, 9).unwrap_err().code();
    assert_eq!(code(DeliveryId(4242)), Code::NotFound);

    let test = NewMessage { to: Recipients::Test(vec![id]), ..message("t", 1) };
    let test = bench.send(test).deliveries[0].id;
    bench.attempt(test, Verdict::Failed, 2);
    assert_eq!(code(test), Code::Conflict);

    let (done, held) = (bench.send_one("a", 1), bench.send_one("b", 1));
    bench.attempt(done.id, Verdict::Delivered, 2);
    bench.set_status(id, OFF, 3);
    assert_eq!((code(done.id), code(held.id)), (Code::Conflict, Code::Conflict));
    bench.set_status(id, EndpointStatus::Active, 4);
    bench.write(Write::Expunge { message: done.message, now: 5 }).unwrap();
    assert_eq!(code(done.id), Code::Conflict);
    retry(bench, held.id, 6).unwrap();
    bench.write(Write::DeleteEndpoint { id, now: 7 }).unwrap();
    assert_eq!(code(held.id), Code::Conflict);
}

pub(super) fn jobs_resume(bench: &Bench) {
    let id = bench.endpoint(spec(Some("one"), &[]));
    let other = bench.endpoint(spec(Some("two"), &[]));
    let fail = |tenant, name: &str, now| {
        let fresh = bench.send(message_of(tenant, name, now)).deliveries[0].clone();
        bench.attempt(fresh.id, Verdict::Failed, now);
        fresh.id
    };
    fail("one", "before", 5);
    let failed: Vec<_> = (0..5).map(|n| fail("one", &format!("m{n}"), 10 + n)).collect();
    fail("two", "other", 12);
    let recovered = retry(bench, failed[1], 20).unwrap();
    bench.attempt(recovered.id, Verdict::Delivered, 21);
    retry(bench, failed[2], 22).unwrap();

    let job = |written: Written| match written {
        Written::Job { job, deliveries } => (*job, deliveries),
        other => panic!("{other:?}"),
    };
    let new = NewJob {
        since: 10,
        endpoint: None,
        tenant: Some("one".to_owned()),
        events: EventFilter::all(),
        now: 30,
    };
    let (made, _) = job(bench.write(Write::CreateJob(new)).unwrap());
    assert_eq!((made.total, made.done), (5, false));
    assert_eq!(bench.store.open_jobs().unwrap(), std::slice::from_ref(&made));
    fail("one", "after", 31);

    let step = || job(bench.write(Write::StepJob { job: made.id, limit: 2, now: 40 }).unwrap());
    let (mut again, mut last) = (Vec::new(), made.clone());
    for _ in 0..4 {
        let (job, deliveries) = step();
        assert_eq!(bench.store.job(made.id).unwrap(), Some(job.clone()));
        again.extend(deliveries.into_iter().map(|fresh| bench.delivery(fresh.id).parent));
        last = job;
    }
    assert_eq!(again, [Some(failed[0]), Some(failed[3]), Some(failed[4])]);
    let JobRecord { done, retried, skipped, .. } = last;
    assert_eq!((done, retried, skipped), (true, 3, 2));
    assert!(step().1.is_empty());
    assert_eq!(bench.store.open_jobs().unwrap(), []);

    let all = NewJob { since: 0, endpoint: Some(other), tenant: None, events: EventFilter::all(), now: 50 };
    assert_eq!(job(bench.write(Write::CreateJob(all)).unwrap()).0.total, 1);
    assert_eq!(bench.record(id).failures, 7);
}

pub(super) fn expunged_bodies_are_gone(bench: &Bench) {
    bench.endpoint(anything());
    let fresh = bench.send_one("a", 1);
    bench.attempt(fresh.id, Verdict::Retry(9), 2);
    let expunge = || bench.write(Write::Expunge { message: fresh.message, now: 3 }).unwrap();
    assert!(matches!(expunge(), Written::Changed(true)));
    assert!(matches!(expunge(), Written::Changed(false)));
    assert_eq!(bench.store.payloads(&[fresh.message]).unwrap(), [None]);
    assert_eq!(bench.state(fresh.id), DeliveryState::Canceled);
    let attempts = bench.store.attempts(fresh.id).unwrap();
    assert_eq!((attempts.len(), attempts[0].response_body.len()), (1, 0));
    let message = bench.store.message(MessageRef::Key(fresh.message)).unwrap().unwrap();
    assert!(!message.has_body);
    // Its id is still taken.
    assert!(bench.send(crate::support::message("a", 4)).duplicate);
    let unknown = Write::Expunge { message: hookseal::store::MessageKey(4242), now: 1 };
    assert_eq!(bench.write(unknown).unwrap_err().code(), Code::NotFound);
}

pub(super) fn notices_stay_until_acknowledged(bench: &Bench) {
    bench.endpoint(anything());
    for (name, now) in [("a", 1), ("b", 2), ("c", 3)] {
        let fresh = bench.send_one(name, now);
        bench.attempt(fresh.id, Verdict::Failed, now);
    }
    let notices = bench.store.notices(0, 9).unwrap();
    assert_eq!(notices.len(), 3);
    assert_eq!(bench.store.notices(0, 2).unwrap(), notices[..2]);
    assert_eq!(bench.store.notices(notices[0].seq, 9).unwrap(), notices[1..]);
    let ack = || bench.write(Write::AckNotices { upto: notices[1].seq }).unwrap();
    assert!(matches!(ack(), Written::Changed(true)));
    assert!(matches!(ack(), Written::Changed(false)));
    assert_eq!(bench.store.notices(0, 9).unwrap(), notices[2..]);
    assert_eq!(bench.store.stats().unwrap().notices, 1);
}

pub(super) fn logs_are_filtered_and_paged(bench: &Bench) {
    let one = bench.endpoint(spec(Some("one"), &[]));
    bench.endpoint(anything());
    let mut all = Vec::new();
    for n in 0..6_i64 {
        let event_type = if n % 2 == 0 { "booking.created" } else { "invoice.paid" }.to_owned();
        let message = NewMessage { event_type, ..message_of("one", &format!("m{n}"), 10 + n) };
        all.extend(bench.send(message).deliveries);
    }
    bench.attempt(all[0].id, Verdict::Delivered, 20);
    bench.attempt(all[1].id, Verdict::Failed, 21);
    bench.attempt(all[2].id, Verdict::Retry(99), 22);
    bench.write(Write::Cancel { delivery: all[3].id, now: 23 }).unwrap();

    let ids = |query: DeliveryQuery| {
        let page = bench.store.deliveries(&query, None, 99).unwrap();
        let mut ids: Vec<_> = page.into_iter().map(|delivery| delivery.id).collect();
        assert!(ids.is_sorted_by(|newer, older| newer > older));
        ids.reverse();
        ids
    };
    let any = DeliveryQuery::default;
    let pick = |places: &[usize]| places.iter().map(|place| all[*place].id).collect::<Vec<_>>();
    let state = |state| DeliveryQuery { state: Some(state), ..any() };
    assert_eq!(ids(any()).len(), 12);
    assert_eq!(ids(DeliveryQuery { endpoint: Some(one), ..any() }), pick(&[0, 2, 4, 6, 8, 10]));
    assert_eq!(ids(state(DeliveryState::Delivered)), pick(&[0]));
    assert_eq!(ids(state(DeliveryState::Failed)), pick(&[1]));
    assert_eq!(ids(state(DeliveryState::Canceled)), pick(&[3]));
    assert_eq!(ids(DeliveryQuery { code: Some((500, 599)), ..any() }), pick(&[2]));
    assert_eq!(
        ids(DeliveryQuery { code: Some((200, 299)), tenant: Some("one".into()), ..any() }),
        pick(&[0])
    );
    assert_eq!(ids(DeliveryQuery { tenant: Some("two".into()), ..any() }), []);
    assert_eq!(ids(DeliveryQuery { since: Some(11), until: Some(12), ..any() }), pick(&[2, 3]));
    assert_eq!(ids(DeliveryQuery { trigger: Some(Trigger::Manual), ..any() }), []);
    let paid = EventFilter::new(["invoice.*"]).unwrap();
    assert_eq!(ids(DeliveryQuery { events: paid, ..any() }), pick(&[2, 3, 6, 7, 10, 11]));
    let message = Some(all[4].message);
    assert_eq!(ids(DeliveryQuery { message, ..any() }), pick(&[4, 5]));
    assert_eq!(
        ids(DeliveryQuery { message, endpoint: Some(one), ..state(DeliveryState::Pending) }),
        pick(&[4])
    );

    bench.set_status(one, OFF, 30);
    assert_eq!(ids(state(DeliveryState::Held)), pick(&[2, 4, 6, 8, 10]));
    assert_eq!(ids(state(DeliveryState::Pending)), pick(&[5, 7, 9, 11]));
    bench.write(Write::DeleteEndpoint { id: one, now: 40 }).unwrap();
    assert_eq!(ids(state(DeliveryState::Canceled)), pick(&[2, 3, 4, 6, 8, 10]));

    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = bench.store.deliveries(&any(), before, 5).unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        seen.extend(page.into_iter().map(|delivery| delivery.id));
    }
    seen.reverse();
    assert_eq!(seen, pick(&(0..12).collect::<Vec<_>>()));
}

/// The last moment of a day: stores may keep things until the day in which they ended is old enough.
fn day(number: i64) -> i64 {
    (number + 1) * DAY - 1
}

pub(super) fn old_things_go(bench: &Bench) {
    let keep = bench.endpoint(spec(Some("keep"), &[]));
    let off = bench.endpoint(spec(Some("off"), &[]));
    let gone = bench.endpoint(spec(Some("gone"), &[]));
    let send = |tenant, name: &str, now| bench.send(message_of(tenant, name, now)).deliveries[0].clone();
    let done: Vec<_> = (0..20).map(|n| send("keep", &format!("m{n}"), day(n))).collect();
    let (held, orphan, open) =
        (send("off", "h", day(20)), send("gone", "o", day(20)), send("keep", "open", day(20)));
    for fresh in &done {
        bench.attempt(fresh.id, Verdict::Retry(day(21)), day(21));
        bench.settle(hookseal::store::Settle {
            credits: 1,
            ..bench.outcome(fresh.id, Verdict::Delivered, day(22))
        });
    }
    bench.attempt(open.id, Verdict::Retry(day(9999)), day(22));
    bench.set_status(off, OFF, day(30));
    bench.write(Write::DeleteEndpoint { id: gone, now: day(40) }).unwrap();

    let retention = Retention {
        held: 100 * DAY,
        attempts: 200 * DAY,
        bodies: 300 * DAY,
        deliveries: 400 * DAY,
        ids: 500 * DAY,
        usage: 600 * DAY,
    };
    // A pass of small steps, as the sender does it.
    let pass = |number| {
        let now = day(number);
        let (mut sum, mut from) = (Swept::default(), None);
        loop {
            let write = Write::Sweep(Sweep { retention, from, limit: 3, now });
            let Written::Swept(swept) = bench.write(write).unwrap() else { panic!("not swept") };
            sum.canceled += swept.canceled;
            sum.attempts += swept.attempts;
            sum.bodies += swept.bodies;
            sum.deliveries += swept.deliveries;
            sum.messages += swept.messages;
            sum.usage += swept.usage;
            from = swept.next;
            if from.is_none() {
                return sum;
            }
        }
    };
    let nothing = Swept::default();
    assert_eq!(pass(100), Swept { canceled: 1, ..nothing });
    assert_eq!(bench.delivery(orphan.id).done_at, Some(day(40)));
    assert_eq!(bench.state(held.id), DeliveryState::Held);
    assert_eq!(pass(130), Swept { canceled: 1, ..nothing });
    assert_eq!(bench.delivery(held.id).done_at, Some(day(130)));
    assert_eq!(pass(222), Swept { attempts: 40, ..nothing });
    assert_eq!(bench.delivery(done[0].id).attempts, 2);
    assert_eq!(pass(322), Swept { bodies: 20, ..nothing });
    assert_eq!(bench.store.payloads(&[done[0].message]).unwrap(), [None]);
    assert_eq!(pass(450), Swept { bodies: 2, deliveries: 21, ..nothing });
    assert_eq!(bench.store.delivery(done[0].id).unwrap(), None);
    assert_eq!(pass(530), Swept { deliveries: 1, messages: 22, ..nothing });
    assert_eq!(pass(622), Swept { usage: 20, ..nothing });
    assert_eq!(pass(100_000), nothing);

    // What is open stays, however old it is.
    assert_eq!(bench.state(open.id), DeliveryState::Pending);
    assert!(bench.store.payloads(&[open.message]).unwrap()[0].is_some());
    assert_eq!(bench.store.attempts(open.id).unwrap().len(), 1);
    assert_eq!(bench.record(keep).failures, 0);
    // Ids are free again, numbers are not.
    let again = send("keep", "m0", day(100_001));
    assert!(again.id > open.id && again.message > open.message);
}

pub(super) fn nothing_works_after_close(bench: &Bench) {
    bench.store.close().unwrap();
    bench.store.close().unwrap();
    assert_eq!(bench.store.commit(&[Write::Send(message("a", 1))]).unwrap_err().code(), Code::Closed);
    assert_eq!(bench.store.stats().unwrap_err().code(), Code::Closed);
    assert_eq!(bench.store.acquire().unwrap_err().code(), Code::Closed);
    assert_eq!(bench.store.changes().unwrap_err().code(), Code::Closed);
}

const DAY: i64 = 24 * 60 * 60 * 1000;
