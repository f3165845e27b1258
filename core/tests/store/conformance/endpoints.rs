use hookseal::Code;
use hookseal::store::{
    DeliveryState, DisableReason, EndpointId, EndpointQuery, EndpointSpec, EndpointStatus, Verdict, Window,
    Write, Written,
};

use crate::support::{Bench, anything, endpoint, message_of, secret, spec};

const OFF: EndpointStatus = EndpointStatus::Disabled(DisableReason::User);

pub(super) fn endpoints_come_back_as_they_were_made(bench: &Bench) {
    let spec = EndpointSpec { ordered: true, ..spec(Some("one"), &["a.*", "b", "*"]) };
    let create = Write::CreateEndpoint { spec: spec.clone(), secrets: vec![secret(1)], now: 5 };
    let made = endpoint(bench.write(create).unwrap());
    assert_eq!(made.spec, spec);
    assert_eq!((made.status, made.disabled_at), (EndpointStatus::Active, None));
    assert_eq!((made.version, made.generation, made.failures), (1, 1, 0));
    assert_eq!((made.created_at, made.updated_at, made.last_attempt_at), (5, 5, None));
    assert_eq!(bench.store.endpoint(made.id).unwrap(), Some(made));
    assert_eq!(bench.store.endpoint(EndpointId(4242)).unwrap(), None);
}

pub(super) fn updates_do_not_overwrite_each_other(bench: &Bench) {
    let id = bench.endpoint(spec(None, &["invoice.*"]));
    let update = |version, name: &str, now| {
        let spec = EndpointSpec { name: name.to_owned(), ..anything() };
        bench.write(Write::UpdateEndpoint { id, version, spec, now })
    };
    let updated = endpoint(update(Some(1), "first", 7).unwrap());
    assert_eq!((updated.version, updated.updated_at, updated.spec.name.as_str()), (2, 7, "first"));
    assert_eq!(update(Some(1), "second", 8).unwrap_err().code(), Code::Conflict);
    assert_eq!(endpoint(update(None, "third", 9).unwrap()).version, 3);
    assert_eq!(bench.record(id).spec.name, "third");
    // Who gets what follows at once.
    bench.send_one("a", 10);

    let missing = Write::UpdateEndpoint { id: EndpointId(4242), version: None, spec: anything(), now: 1 };
    assert_eq!(bench.write(missing).unwrap_err().code(), Code::NotFound);
}

pub(super) fn disabling_holds_and_enabling_resumes(bench: &Bench) {
    let id = bench.endpoint(anything());
    let waiting = bench.send_one("a", 10);
    let (disabled, changed) = bench.set_status(id, OFF, 20);
    assert!(changed);
    assert_eq!((disabled.status, disabled.disabled_at, disabled.generation), (OFF, Some(20), 1));
    let reason = EndpointStatus::Disabled(DisableReason::Failures);
    assert_eq!(bench.set_status(id, reason, 21), (disabled, false));

    assert_eq!(bench.state(waiting.id), DeliveryState::Held);
    assert_eq!(bench.store.ready(None, 9).unwrap(), []);
    let window = Window::Due { after: None, until: i64::MAX };
    assert_eq!(bench.store.due(id, window, 9).unwrap(), []);
    assert_eq!(bench.store.next_due().unwrap(), None);
    assert!(bench.send(crate::support::message("b", 22)).deliveries.is_empty());
    let stats = bench.store.stats().unwrap();
    assert_eq!((stats.pending, stats.held, stats.disabled_endpoints), (0, 1, 1));

    let (enabled, changed) = bench.set_status(id, EndpointStatus::Active, 30);
    assert!(changed);
    assert_eq!((enabled.status, enabled.disabled_at, enabled.generation), (EndpointStatus::Active, None, 2));
    assert!(!bench.set_status(id, EndpointStatus::Active, 31).1);
    assert_eq!(bench.record(id).generation, 2);
    assert_eq!(bench.state(waiting.id), DeliveryState::Pending);
    assert_eq!(bench.store.due(id, window, 9).unwrap().len(), 1);
}

pub(super) fn deleting_cancels(bench: &Bench) {
    let id = bench.endpoint(anything());
    let (waiting, begun) = (bench.send_one("a", 10), bench.send_one("b", 10));
    let late = bench.outcome(begun.id, Verdict::Delivered, 30);
    bench.write(Write::DeleteEndpoint { id, now: 20 }).unwrap();

    let canceled = bench.delivery(waiting.id);
    assert_eq!((canceled.state, canceled.done_at, canceled.due), (DeliveryState::Canceled, Some(20), None));
    assert_eq!(bench.store.endpoint(id).unwrap(), None);
    assert_eq!(bench.store.secrets(id).unwrap(), []);
    assert_eq!(bench.store.endpoints(&EndpointQuery::default(), None, 9).unwrap(), []);
    assert_eq!(bench.store.ready(None, 9).unwrap(), []);
    let again = bench.write(Write::DeleteEndpoint { id, now: 21 });
    assert_eq!(again.unwrap_err().code(), Code::NotFound);

    // What was in flight is logged, and changes nothing.
    let settled = bench.settle(late);
    assert_eq!((settled.applied, settled.state), (true, Some(DeliveryState::Canceled)));
    assert_eq!(bench.store.attempts(begun.id).unwrap().len(), 1);
    assert_ne!(bench.endpoint(anything()), id);
}

pub(super) fn secrets_are_replaced(bench: &Bench) {
    let id = bench.endpoint(anything());
    assert_eq!(bench.store.secrets(id).unwrap(), [secret(1)]);
    let mut old = secret(1);
    old.expires_at = Some(99);
    let secrets = vec![secret(2), old];
    let put = Write::PutSecrets { id, secrets: secrets.clone(), now: 2 };
    let Written::Endpoint { endpoint, .. } = bench.write(put).unwrap() else { panic!("no endpoint") };
    assert_eq!(endpoint.version, 2);
    assert_eq!(bench.store.secrets(id).unwrap(), secrets);
    assert!(!format!("{secrets:?}").contains("key of"));
}

pub(super) fn pages_of_endpoints(bench: &Bench) {
    let all: Vec<_> = [None, Some("one"), Some("two"), Some("one")]
        .into_iter()
        .map(|tenant| bench.endpoint(spec(tenant, &[])))
        .collect();
    bench.set_status(all[3], OFF, 1);
    let page = |query: EndpointQuery, after, limit| {
        let page = bench.store.endpoints(&query, after, limit).unwrap();
        page.into_iter().map(|endpoint| endpoint.id).collect::<Vec<_>>()
    };
    let tenant = |name: &str| EndpointQuery { tenant: Some(name.to_owned()), active: None };
    assert_eq!(page(EndpointQuery::default(), None, 3), all[..3]);
    assert_eq!(page(EndpointQuery::default(), Some(all[2]), 3), all[3..]);
    assert_eq!(page(tenant("one"), None, 9), [all[1], all[3]]);
    assert_eq!(page(EndpointQuery { active: Some(true), ..tenant("one") }, None, 9), [all[1]]);
    assert_eq!(page(EndpointQuery { active: Some(false), tenant: None }, None, 9), [all[3]]);
    assert_eq!(bench.send(message_of("one", "a", 1)).deliveries.len(), 2);
}
