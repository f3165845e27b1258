use std::num::NonZeroU32;

use hookseal::store::{
    DeliveryId, DeliveryState, DisableReason, EndpointStatus, NoticeKind, Ready, Settle, Usage, Verdict,
    Window, Write, Written,
};
use hookseal::{Code, FailureUnit, HealthRule};

use crate::support::{Bench, anything, message_of, ordered, spec};

fn after(failures: u32) -> Option<HealthRule> {
    Some(HealthRule::after(NonZeroU32::new(failures).unwrap(), FailureUnit::Delivery))
}

pub(super) fn due_in_the_order_of_time(bench: &Bench) {
    let id = bench.endpoint(anything());
    let first = bench.send_one("a", 10);
    let second = bench.send_one("b", 10);
    let third = bench.send_one("c", 5);
    bench.attempt(first.id, Verdict::Retry(100), 20);

    let due = |after, until, limit| {
        let due = bench.store.due(id, Window::Due { after, until }, limit).unwrap();
        due.iter().map(|due| due.id).collect::<Vec<_>>()
    };
    assert_eq!(due(None, 1000, 9), [third.id, second.id, first.id]);
    assert_eq!(due(None, 99, 9), [third.id, second.id]);
    assert_eq!(due(None, 1000, 1), [third.id]);
    assert_eq!(due(Some((5, third.id)), 1000, 9), [second.id, first.id]);
    assert_eq!(due(Some((10, second.id)), 1000, 9), [first.id]);
    let retry = bench.store.due(id, Window::Due { after: Some((99, DeliveryId(0))), until: 100 }, 9).unwrap();
    assert_eq!((retry[0].attempts, retry[0].lost, retry[0].due), (1, 0, 100));

    let other = bench.endpoint(spec(Some("one"), &[]));
    bench.send(message_of("one", "d", 3));
    let ready = [Ready { endpoint: id, due: 3 }, Ready { endpoint: other, due: 3 }];
    assert_eq!(bench.store.ready(None, 9).unwrap(), ready);
    assert_eq!(bench.store.ready(None, 1).unwrap(), ready[..1]);
    assert_eq!(bench.store.ready(Some(id), 9).unwrap(), ready[1..]);
    assert_eq!(bench.store.next_due().unwrap(), Some(3));
}

pub(super) fn ordered_endpoints_wait_for_the_head(bench: &Bench) {
    let id = bench.endpoint(ordered());
    let (first, second) = (bench.send_one("a", 10), bench.send_one("b", 11));
    bench.attempt(first.id, Verdict::Retry(100), 20);

    let sequence = |after| {
        let due = bench.store.due(id, Window::Sequence { after }, 9).unwrap();
        due.iter().map(|due| (due.id, due.due)).collect::<Vec<_>>()
    };
    assert_eq!(sequence(None), [(first.id, 100), (second.id, 11)]);
    assert_eq!(sequence(Some(first.id)), [(second.id, 11)]);
    assert_eq!(bench.store.ready(None, 9).unwrap(), [Ready { endpoint: id, due: 100 }]);

    let update = |spec| bench.write(Write::UpdateEndpoint { id, version: None, spec, now: 30 }).unwrap();
    update(anything());
    assert_eq!(sequence(None), []);
    assert_eq!(bench.store.ready(None, 9).unwrap(), [Ready { endpoint: id, due: 11 }]);
    update(ordered());
    assert_eq!(sequence(None).len(), 2);
}

pub(super) fn an_attempt_is_settled_once(bench: &Bench) {
    bench.endpoint(anything());
    let fresh = bench.send_one("a", 10);
    let retry = bench.outcome(fresh.id, Verdict::Retry(100), 20);
    let delivered = Settle { verdict: Verdict::Delivered, ..bench.outcome(fresh.id, Verdict::Delivered, 21) };

    let settled = bench.settle(retry.clone());
    assert_eq!((settled.applied, settled.state), (true, Some(DeliveryState::Pending)));
    for again in [retry, delivered] {
        let settled = bench.settle(again);
        assert_eq!((settled.applied, settled.state), (false, Some(DeliveryState::Pending)));
    }
    let record = bench.delivery(fresh.id);
    assert_eq!((record.attempts, record.due, record.last_code), (1, Some(100), Some(503)));

    assert_eq!(bench.attempt(fresh.id, Verdict::Delivered, 110).state, Some(DeliveryState::Delivered));
    let record = bench.delivery(fresh.id);
    assert_eq!((record.state, record.done_at, record.due), (DeliveryState::Delivered, Some(110), None));
    // Terminal is terminal, whatever is told about it.
    let settled = bench.attempt(fresh.id, Verdict::Failed, 120);
    assert_eq!((settled.applied, settled.state), (true, Some(DeliveryState::Delivered)));
    assert_eq!(settled.notices, []);
    assert_eq!(bench.state(fresh.id), DeliveryState::Delivered);
    assert_eq!(bench.store.stats().unwrap().pending, 0);

    let unknown = bench.settle(bench.outcome(DeliveryId(4242), Verdict::Delivered, 1));
    assert_eq!((unknown.applied, unknown.state), (false, None));
}

pub(super) fn only_the_holder_settles(bench: &Bench) {
    bench.endpoint(anything());
    let fresh = bench.send_one("a", 10);
    assert_eq!(bench.store.acquire().unwrap(), None);
    let stale = bench.outcome(fresh.id, Verdict::Delivered, 20);
    bench.store.release(bench.grant).unwrap();
    let grant = bench.store.acquire().unwrap().unwrap();
    assert!(grant.epoch > bench.grant.epoch);
    // Giving back what one does not hold changes nothing.
    bench.store.release(bench.grant).unwrap();
    assert_eq!(bench.store.acquire().unwrap(), None);

    assert_eq!(bench.store.take(grant, &[fresh.endpoint]).unwrap(), [fresh.endpoint]);
    assert!(!bench.settle(stale.clone()).applied);
    assert_eq!(bench.state(fresh.id), DeliveryState::Pending);
    assert!(bench.settle(Settle { epoch: grant.epoch, ..stale }).applied);
}

pub(super) fn attempts_are_logged(bench: &Bench) {
    let id = bench.endpoint(anything());
    let fresh = bench.send_one("a", 10);
    let verdicts = [Verdict::Retry(50), Verdict::Retry(60), Verdict::Failed];
    let mut logged = Vec::new();
    for (now, verdict) in (40..).step_by(10).zip(verdicts) {
        let settle = bench.outcome(fresh.id, verdict, now);
        logged.push(settle.attempt.clone());
        bench.settle(settle);
    }
    assert_eq!(bench.store.attempts(fresh.id).unwrap(), logged);
    assert_eq!(bench.store.attempts(DeliveryId(4242)).unwrap(), []);
    let record = bench.delivery(fresh.id);
    assert_eq!((record.attempts, record.last_code, record.last_error), (3, None, Some(Code::Timeout)));
    assert_eq!((record.last_duration, record.state), (Some(20), DeliveryState::Failed));
    let endpoint = bench.record(id);
    assert_eq!((endpoint.last_attempt_at, endpoint.last_error), (Some(60), Some(Code::Timeout)));
}

pub(super) fn lost_attempts_do_not_end_anything(bench: &Bench) {
    let id = bench.endpoint(anything());
    let fresh = bench.send_one("a", 10);
    let lost = |number, now| {
        let epoch = bench.grant.epoch;
        let write = Write::Lost { epoch, delivery: fresh.id, number, started_at: 15, now };
        match bench.write(write).unwrap() {
            Written::Settled(settled) => settled,
            other => panic!("{other:?}"),
        }
    };
    assert!(lost(1, 20).applied);
    assert!(!lost(1, 20).applied);
    let due = bench.store.due(id, Window::Due { after: None, until: 10 }, 9).unwrap();
    assert_eq!((due[0].attempts, due[0].lost), (1, 1));
    let attempt = &bench.store.attempts(fresh.id).unwrap()[0];
    assert_eq!(attempt.error.as_ref().unwrap().code(), Code::Lost);
    assert_eq!((attempt.started_at, attempt.duration), (15, 5));
    assert!(bench.attempt(fresh.id, Verdict::Delivered, 30).applied);
    assert!(lost(3, 40).applied);
    assert_eq!(bench.state(fresh.id), DeliveryState::Delivered);
}

pub(super) fn failures_in_a_row_disable_once(bench: &Bench) {
    let id = bench.endpoint(anything());
    let fail = |message: &str, now| {
        let fresh = bench.send_one(message, now);
        bench.attempt(fresh.id, Verdict::Retry(now), now);
        bench.settle(Settle { health: after(4), ..bench.outcome(fresh.id, Verdict::Failed, now) })
    };
    fail("a", 1);
    let fresh = bench.send_one("b", 2);
    bench.settle(Settle { health: after(4), ..bench.outcome(fresh.id, Verdict::Delivered, 2) });
    assert_eq!(bench.record(id).failures, 0);

    // Begun before, and ending after the endpoint was disabled.
    let late = bench.send_one("late", 3);
    assert_eq!(fail("c", 3).notices, [NoticeKind::DeliveryFailed]);
    assert_eq!(fail("d", 4).notices, [NoticeKind::DeliveryFailed, NoticeKind::EndpointFailing]);
    assert_eq!(fail("e", 5).notices, [NoticeKind::DeliveryFailed]);
    let fatal = fail("f", 6);
    assert!(fatal.disabled);
    assert_eq!(fatal.notices, [NoticeKind::DeliveryFailed, NoticeKind::EndpointDisabled]);
    let endpoint = bench.record(id);
    assert_eq!(endpoint.status, EndpointStatus::Disabled(DisableReason::Failures));
    assert_eq!((endpoint.failures, endpoint.disabled_at), (4, Some(6)));

    let settled = bench.settle(Settle { health: after(4), ..bench.outcome(late.id, Verdict::Failed, 7) });
    assert!(!settled.disabled);
    assert_eq!(settled.notices, [NoticeKind::DeliveryFailed]);
    let notices = bench.store.notices(0, 99).unwrap();
    let disabled: Vec<_> =
        notices.iter().filter(|notice| notice.kind == NoticeKind::EndpointDisabled).collect();
    assert_eq!(disabled.len(), 1);
    assert_eq!((disabled[0].endpoint, disabled[0].failures, disabled[0].created_at), (id, 4, 6));
}

pub(super) fn old_results_do_not_count(bench: &Bench) {
    let id = bench.endpoint(anything());
    let begun: Vec<_> = ["a", "b", "c"].map(|name| bench.send_one(name, 1)).to_vec();
    let failed = |delivery, generation| Settle {
        health: after(1),
        generation,
        ..bench.outcome(delivery, Verdict::Failed, 5)
    };
    assert!(bench.settle(failed(begun[0].id, 1)).disabled);
    bench.set_status(id, EndpointStatus::Active, 6);
    assert_eq!(bench.record(id).failures, 0);

    let settled = bench.settle(failed(begun[1].id, 1));
    assert_eq!((settled.disabled, settled.state), (false, Some(DeliveryState::Failed)));
    assert_eq!(bench.record(id).failures, 0);
    assert!(bench.settle(failed(begun[2].id, 2)).disabled);
}

pub(super) fn a_refusal_disables(bench: &Bench) {
    let id = bench.endpoint(anything());
    let fresh = bench.send_one("a", 1);
    let waiting = bench.send_one("b", 1);
    let settled = bench.attempt(fresh.id, Verdict::Refused, 2);
    assert_eq!(settled.notices, [NoticeKind::DeliveryFailed, NoticeKind::EndpointDisabled]);
    assert_eq!(bench.record(id).status, EndpointStatus::Disabled(DisableReason::Refused));
    // One in flight meanwhile is held with the rest if it is to be tried again.
    let settled = bench.attempt(waiting.id, Verdict::Retry(50), 3);
    assert_eq!(settled.state, Some(DeliveryState::Held));
}

pub(super) fn successes_are_paid_once(bench: &Bench) {
    let own = bench.endpoint(spec(Some("one"), &[]));
    let sent = bench.send(message_of("one", "a", 1));
    let paid = |delivery, verdict, now| {
        let settle = Settle { credits: 2, ..bench.outcome(delivery, verdict, now) };
        bench.settle(settle.clone());
        bench.settle(settle);
    };
    let id = sent.deliveries[0].id;
    paid(id, Verdict::Retry(5), 4);
    paid(id, Verdict::Delivered, 6);
    let Written::Retried(manual) = bench.write(Write::Retry { delivery: id, now: 7 }).unwrap() else {
        panic!("not retried")
    };
    paid(manual.id, Verdict::Delivered, 8);
    let usage = |tenant, since, until| bench.store.usage(tenant, since, until).unwrap();
    let once = Usage { deliveries: 1, credits: 2 };
    assert_eq!(usage(Some("one"), 0, 100), once);
    assert_eq!(usage(None, 6, 7), once);
    assert_eq!(usage(None, 0, 6), Usage::default());
    assert_eq!(usage(Some("two"), 0, 100), Usage::default());
    bench.write(Write::DeleteEndpoint { id: own, now: 9 }).unwrap();
    assert_eq!(usage(Some("one"), 0, 100), once);
}

pub(super) fn a_cancelled_delivery_stays_so(bench: &Bench) {
    bench.endpoint(anything());
    let fresh = bench.send_one("a", 1);
    let begun = bench.outcome(fresh.id, Verdict::Delivered, 9);
    let cancel = || bench.write(Write::Cancel { delivery: fresh.id, now: 5 }).unwrap();
    assert!(matches!(cancel(), Written::Changed(true)));
    assert!(matches!(cancel(), Written::Changed(false)));
    let settled = bench.settle(Settle { credits: 2, ..begun });
    assert_eq!((settled.applied, settled.state), (true, Some(DeliveryState::Canceled)));
    let record = bench.delivery(fresh.id);
    assert_eq!((record.state, record.attempts, record.done_at), (DeliveryState::Canceled, 1, Some(5)));
    assert_eq!(bench.store.usage(None, 0, 99).unwrap(), Usage::default());
    let unknown = bench.write(Write::Cancel { delivery: DeliveryId(4242), now: 1 });
    assert_eq!(unknown.unwrap_err().code(), Code::NotFound);
}
