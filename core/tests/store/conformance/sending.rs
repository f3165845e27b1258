use hookseal::Code;
use hookseal::store::{
    DeliveryQuery, DisableReason, EndpointStatus, MessageRef, NewMessage, Recipients, Trigger, Write, Written,
};

use crate::support::{Bench, anything, message, message_of, spec};

pub(super) fn fans_out_to_whom_it_concerns(bench: &Bench) {
    let all = bench.endpoint(spec(None, &["*"]));
    let one = bench.endpoint(spec(Some("one"), &["booking.*"]));
    let other = bench.endpoint(spec(Some("two"), &[]));
    let deaf = bench.endpoint(spec(None, &["invoice.paid"]));
    let off = bench.endpoint(anything());
    bench.set_status(off, EndpointStatus::Disabled(DisableReason::User), 1);

    let reached = |message| {
        let sent = bench.send(message);
        sent.deliveries.iter().map(|fresh| fresh.endpoint).collect::<Vec<_>>()
    };
    assert_eq!(reached(message("a", 10)), [all]);
    assert_eq!(reached(message_of("one", "a", 11)), [all, one]);
    assert_eq!(reached(message_of("two", "a", 12)), [all, other]);
    assert_eq!(reached(message_of("three", "a", 13)), [all]);
    let paid = NewMessage { event_type: "invoice.paid".to_owned(), ..message_of("one", "b", 14) };
    assert_eq!(reached(paid), [all, deaf]);

    let log = bench.store.deliveries(&DeliveryQuery::default(), None, 100).unwrap();
    assert_eq!(log.len(), 8);
    assert!(log.iter().all(|delivery| delivery.trigger == Trigger::Event && delivery.attempts == 0));
    assert_eq!(bench.store.stats().unwrap().pending, 8);
}

pub(super) fn the_same_id_is_the_same_message(bench: &Bench) {
    bench.endpoint(anything());
    let first = bench.send(message("a", 10));
    assert!(!first.duplicate);

    let again = bench.send(NewMessage { body: "other bytes".into(), ..message("a", 99) });
    assert!(again.duplicate);
    assert_eq!((again.key, again.timestamp, again.created_at), (first.key, 9, 10));
    assert!(again.deliveries.is_empty());

    let different = NewMessage { digest: [8; 32], ..message("a", 99) };
    assert_eq!(bench.write(Write::Send(different)).unwrap_err().code(), Code::Conflict);
    assert!(!bench.send(message_of("one", "a", 99)).duplicate);
    assert_eq!(bench.store.stats().unwrap().pending, 2);
}

pub(super) fn tests_go_to_whom_they_name(bench: &Bench) {
    let deaf = bench.endpoint(spec(Some("one"), &["nothing"]));
    let to = Recipients::Test(vec![deaf]);
    let sent = bench.send(NewMessage { to, ..message("a", 10) });
    assert_eq!(sent.deliveries[0].endpoint, deaf);
    assert_eq!(sent.deliveries[0].trigger, Trigger::Test);

    bench.write(Write::DeleteEndpoint { id: deaf, now: 11 }).unwrap();
    let to = Recipients::Test(vec![deaf]);
    let gone = bench.write(Write::Send(NewMessage { to, ..message("b", 12) }));
    assert_eq!(gone.unwrap_err().code(), Code::NotFound);
    assert_eq!(bench.store.message(MessageRef::Id { tenant: None, id: "b" }).unwrap(), None);
}

pub(super) fn payloads_are_exact(bench: &Bench) {
    let body: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let sent = bench.send(NewMessage { body: body.clone().into(), ..message_of("one", "a", 10) });
    let unknown = hookseal::store::MessageKey(4242);
    let payloads = bench.store.payloads(&[unknown, sent.key]).unwrap();
    assert_eq!(payloads[0], None);
    let payload = payloads[1].as_ref().unwrap();
    assert_eq!(payload.body, body);
    assert_eq!(payload.message.id, "a");
    assert_eq!(payload.message.tenant.as_deref(), Some("one"));
    assert_eq!((payload.message.timestamp, payload.message.created_at), (9, 10));

    let by_id = bench.store.message(MessageRef::Id { tenant: Some("one"), id: "a" }).unwrap().unwrap();
    assert_eq!(by_id, payload.message);
    assert_eq!(bench.store.message(MessageRef::Key(sent.key)).unwrap(), Some(by_id));
    assert_eq!(bench.store.message(MessageRef::Id { tenant: None, id: "a" }).unwrap(), None);
}

pub(super) fn the_outbox_is_drained_once(bench: &Bench) {
    bench.endpoint(anything());
    let put = |tenant, id, data: &str| (bench.put_outbox)(&*bench.store, tenant, "booking.created", id, data);
    bench.store.changes().unwrap();
    assert!(bench.store.changes().unwrap().is_empty());
    put(Some("one"), Some("a"), "{\"x\": 1}");
    put(None, None, "2");
    assert!(!bench.store.changes().unwrap().is_empty());
    assert!(bench.store.changes().unwrap().is_empty());

    let rows = bench.store.outbox(10).unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].tenant.as_deref(), rows[0].id.as_deref()), (Some("one"), Some("a")));
    assert_eq!((&*rows[0].data, rows[0].event_type.as_str()), (&b"{\"x\": 1}"[..], "booking.created"));
    assert_eq!((&rows[1].tenant, &rows[1].id), (&None, &None));

    let drained = NewMessage { outbox: Some(rows[0].seq), ..message_of("one", "a", 10) };
    assert!(!bench.send(drained.clone()).duplicate);
    assert_eq!(bench.write(Write::Send(drained)).unwrap_err().code(), Code::NotFound);
    assert_eq!(bench.store.outbox(10).unwrap(), rows[1..]);

    let reject = Write::RejectOutbox { seq: rows[1].seq, reason: "not an object".to_owned() };
    assert!(matches!(bench.write(reject.clone()).unwrap(), Written::Changed(true)));
    assert!(matches!(bench.write(reject).unwrap(), Written::Changed(false)));
    assert_eq!(bench.store.outbox(10).unwrap(), []);
    let stats = bench.store.stats().unwrap();
    assert_eq!((stats.outbox, stats.rejected), (0, 1));
}

pub(super) fn a_batch_is_applied_in_order(bench: &Bench) {
    let create = Write::CreateEndpoint { spec: anything(), secrets: vec![], now: 1 };
    let conflict = NewMessage { digest: [9; 32], ..message("a", 2) };
    let batch = [create, Write::Send(message("a", 2)), Write::Send(conflict), Write::Send(message("b", 2))];
    let written = bench.store.commit(&batch).unwrap();
    let Ok(Written::Sent(first)) = &written[1] else { panic!("{written:?}") };
    assert_eq!(first.deliveries.len(), 1);
    assert_eq!(written[2].as_ref().unwrap_err().code(), Code::Conflict);
    assert!(written[3].is_ok());
    assert!(bench.store.commit(&[]).unwrap().is_empty());
    assert_eq!(bench.store.stats().unwrap().pending, 2);
}
