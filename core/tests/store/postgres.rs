//! What only a store in a database has: others who share it, lanes, rights, and a server that may go away.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hookseal::deliver::HeaderText;
use hookseal::store::{
    Changes, DeliveryId, DeliveryState, EndpointId, EventFilter, Fresh, Grant, MessageRef, NewJob,
    NewMessage, PostgresOptions, PostgresStore, Recipients, Retention, Settle, Settled, Store, Sweep,
    Verdict, Window, Write, Written,
};
use hookseal::{Code, HealthRule, Kind};

use crate::server::{Heard, Schema, sql, try_sql, until, url};
use crate::support::{anything, attempt, endpoint, message, message_of, ordered, secret, spec};

fn write(store: &PostgresStore, write: Write) -> Written {
    store.commit(&[write]).unwrap().remove(0).unwrap()
}

fn create(store: &PostgresStore, tenant: Option<&str>) -> EndpointId {
    endpoint(write(
        store,
        Write::CreateEndpoint { spec: spec(tenant, &[]), secrets: vec![secret(1)], now: 0 },
    ))
    .id
}

fn send(store: &PostgresStore, message: NewMessage) -> Vec<Fresh> {
    let Written::Sent(sent) = write(store, Write::Send(message)) else { panic!("not sent") };
    sent.deliveries
}

fn delivered(grant: Grant, delivery: DeliveryId) -> Write {
    Write::Settle(Settle {
        epoch: grant.epoch,
        delivery,
        attempt: attempt(1, Verdict::Delivered, 20),
        verdict: Verdict::Delivered,
        generation: 1,
        health: Some(HealthRule::never()),
        credits: 1,
        now: 20,
    })
}

fn settle(store: &PostgresStore, grant: Grant, delivery: DeliveryId) -> Settled {
    let Written::Settled(settled) = write(store, delivered(grant, delivery)) else { panic!("not settled") };
    settled
}

/// A whole pass of housekeeping.
fn sweep(store: &PostgresStore, retention: Retention, now: i64) {
    let mut from = None;
    loop {
        let sweep = Sweep { retention, from, limit: 10, now };
        let Written::Swept(swept) = write(store, Write::Sweep(sweep)) else { panic!("not swept") };
        from = swept.next;
        if from.is_none() {
            return;
        }
    }
}

fn short(schema: &Schema) -> PostgresStore {
    let mut options = schema.options();
    options.lease = Duration::from_millis(600);
    PostgresStore::open(&url(), options).unwrap()
}

/// The url with these parameters besides.
fn with(parameters: &str) -> String {
    let url = url();
    format!("{url}{}{parameters}", if url.contains('?') { '&' } else { '?' })
}

#[test]
fn lanes_are_shared_out_and_settled_by_who_has_them() {
    let schema = Schema::new();
    let (one, other) = (schema.open(), schema.open());
    let endpoints: Vec<_> = (0..10).map(|n| create(&one, Some(&format!("t{n}")))).collect();
    let deliveries: Vec<_> =
        (0..10).map(|n| send(&one, message_of(&format!("t{n}"), "a", 1))[0].id).collect();
    let first = one.acquire().unwrap().unwrap();
    // Alone it gets all.
    assert_eq!(one.take(first, &endpoints).unwrap(), endpoints);
    assert!(endpoints.iter().all(|id| one.holds(*id) && !other.holds(*id)));

    let second = other.acquire().unwrap().unwrap();
    assert!(second.epoch > first.epoch);
    assert_eq!(other.take(second, &endpoints).unwrap(), []);
    assert!(!settle(&other, second, deliveries[0]).applied);

    let tenure = one.keep(first).unwrap();
    assert_eq!((tenure.lost, tenure.surplus.len()), (vec![], 5));
    // Those that leave are not attempted any more, but settled until they are handed over.
    let leaving = tenure.surplus;
    assert!(leaving.iter().all(|id| !one.holds(*id)));
    assert_eq!(one.keep(first).unwrap().surplus, leaving);
    assert_eq!(one.take(first, &leaving).unwrap(), []);
    let place = endpoints.iter().position(|id| *id == leaving[0]).unwrap();
    assert!(settle(&one, first, deliveries[place]).applied);

    other.changes().unwrap();
    let heard = Heard::of(&other);
    heard.during(|| one.hand_over(first, &leaving).unwrap());
    assert_eq!(other.changes().unwrap().due, leaving);
    let mut taken = other.take(second, &endpoints).unwrap();
    taken.sort_unstable();
    assert_eq!(taken, leaving);
    let place = endpoints.iter().position(|id| *id == leaving[1]).unwrap();
    assert!(!settle(&one, first, deliveries[place]).applied);
    assert!(settle(&other, second, deliveries[place]).applied);
    assert_eq!(one.keep(first).unwrap().surplus, []);

    // Who leaves gives all of them back at once, and says so.
    let heard = Heard::of(&one);
    heard.during(|| other.release(second).unwrap());
    assert!(one.changes().unwrap().all);
    assert_eq!(one.take(first, &endpoints).unwrap().len(), 10);
    assert!(!other.holds(leaving[0]));
}

#[test]
fn whoever_is_not_heard_of_loses_its_lanes() {
    let schema = Schema::new();
    let (paused, next) = (short(&schema), short(&schema));
    let id = create(&paused, None);
    let fresh = send(&paused, message("a", 1))[0].clone();
    let (first, second) = (paused.acquire().unwrap().unwrap(), next.acquire().unwrap().unwrap());
    assert_eq!(paused.take(first, &[id]).unwrap(), [id]);
    let kept = paused.keep(first).unwrap();
    assert!(kept.until.unwrap() > std::time::Instant::now());
    assert_eq!(next.take(second, &[id]).unwrap(), []);
    until("the end of the lease", || {
        next.keep(second).unwrap();
        next.take(second, &[id]).unwrap() == [id]
    });
    // It knows by itself that it may not any more, before others may.
    assert!(!paused.holds(id));
    let settled = settle(&paused, first, fresh.id);
    assert_eq!((settled.applied, settled.state), (false, Some(DeliveryState::Pending)));
    assert_eq!(paused.keep(first).unwrap().lost, [id]);
    assert!(!paused.holds(id));
    assert!(settle(&next, second, fresh.id).applied);
    // It goes on under its old name, without lanes.
    next.hand_over(second, &[id]).unwrap();
    assert_eq!(paused.take(first, &[id]).unwrap(), [id]);
}

#[test]
fn a_takeover_waits_for_a_settlement_that_is_under_way() {
    let schema = Schema::new();
    let (one, other) = (short(&schema), short(&schema));
    let id = create(&one, None);
    let (first, second) = (one.acquire().unwrap().unwrap(), other.acquire().unwrap().unwrap());
    one.take(first, &[id]).unwrap();
    let fresh = send(&one, message("a", 1))[0].clone();
    // The settlement waits behind this lock, with its worker's row held.
    let blocked = std::thread::spawn({
        let name = schema.name.clone();
        move || {
            sql(&format!(
                "BEGIN; SELECT endpoint FROM {name}.health FOR UPDATE; SELECT pg_sleep(2)::text; COMMIT"
            ))
        }
    });
    until("the lock", || {
        !sql("SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)::text%' AND pid <> pg_backend_pid()").is_empty()
    });
    let settled = std::thread::scope(|scope| {
        let settling = scope.spawn(|| settle(&one, first, fresh.id));
        std::thread::sleep(Duration::from_millis(1000));
        other.keep(second).unwrap();
        assert_eq!(other.take(second, &[id]).unwrap(), [], "the lease is over, but it settles");
        settling.join().unwrap()
    });
    assert!(settled.applied);
    blocked.join().unwrap();
    until("the takeover", || {
        other.keep(second).unwrap();
        other.take(second, &[id]).unwrap() == [id]
    });
}

#[test]
fn stores_hear_of_what_others_wrote() {
    let schema = Schema::new();
    let (one, other) = (schema.open(), schema.open());
    let heard = Heard::of(&one);
    let id = heard.during(|| create(&other, None));
    let changes = one.changes().unwrap();
    assert_eq!(changes, Changes { endpoints: vec![id], ..Changes::default() });
    // What the first one remembered about who gets what is forgotten.
    assert_eq!(send(&one, message("a", 1)).len(), 1);
    heard.during(|| send(&other, message("b", 1)));
    assert_eq!(one.changes().unwrap(), Changes { due: vec![id], ..Changes::default() });
    assert!(one.changes().unwrap().is_empty());
    let job = NewJob { since: 0, endpoint: None, tenant: None, events: EventFilter::all(), now: 1 };
    heard.during(|| drop(write(&other, Write::CreateJob(job))));
    assert_eq!(one.changes().unwrap(), Changes { jobs: true, ..Changes::default() });
    // Who has the lane keeps it to itself.
    let grant = other.acquire().unwrap().unwrap();
    other.take(grant, &[id]).unwrap();
    send(&other, message("c", 1));
    let test = NewMessage { to: Recipients::Test(vec![id]), ..message("d", 1) };
    send(&other, test);
    std::thread::sleep(Duration::from_millis(200));
    assert!(one.changes().unwrap().is_empty());
    // Nobody hears their own words.
    assert_eq!(other.changes().unwrap().due, [id]);
}

#[test]
fn an_outbox_is_filled_within_a_transaction() {
    let schema = Schema::new();
    let (store, other) = (schema.open(), schema.open());
    create(&store, None);
    let grant = store.acquire().unwrap().unwrap();
    store.changes().unwrap();
    let heard = Heard::of(&store);
    let ids = heard.during(|| {
        schema.sql(
            "BEGIN; SELECT hookseal_send('a.b', '{\"n\":  1.50, \"n\": 2}'); COMMIT;
             BEGIN; SELECT hookseal_send('a.b', '2'); ROLLBACK",
        )
    });
    assert!(store.changes().unwrap().outbox);
    let rows = store.outbox(9).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].event_type.as_str(), rows[0].id.as_ref()), ("a.b", ids.first()));
    assert_eq!(&*rows[0].data, b"{\"n\":  1.50, \"n\": 2}");
    assert!(ids[0].starts_with("msg_") && ids[0].len() == 36, "{ids:?}");

    let all = "SELECT hookseal_send('x', '[]', id => 'mine', tenant => 'one', \"timestamp\" => '1970-01-01 00:00:01.5Z')";
    assert_eq!(schema.sql(all), ["mine"]);
    let row = store.outbox(9).unwrap().remove(1);
    assert_eq!(
        (row.tenant.as_deref(), row.id.as_deref(), row.timestamp),
        (Some("one"), Some("mine"), Some(1500))
    );
    for refused in ["SELECT hookseal_send('x', '{')", "SELECT hookseal_send('x', '1', tenant => '')"] {
        assert!(try_sql(&url(), &format!("SET search_path = {}; {refused}", schema.name)).is_err());
    }

    // One worker takes them, and who does not work does not see them.
    assert!(other.outbox(9).unwrap().is_empty());
    let second = other.acquire().unwrap().unwrap();
    assert!(other.outbox(9).unwrap().is_empty());
    store.release(grant).unwrap();
    assert_eq!(other.outbox(9).unwrap().len(), 2);
    other.release(second).unwrap();
}

/// Without a lock, one who sends slowly would make an older delivery visible after a younger one.
#[test]
fn ordered_endpoints_get_their_deliveries_in_order() {
    let schema = Schema::new();
    let stores: Vec<_> = (0..4).map(|_| schema.open()).collect();
    let create = Write::CreateEndpoint { spec: ordered(), secrets: vec![], now: 0 };
    let id = endpoint(write(&stores[0], create)).id;
    let sending = AtomicBool::new(true);
    std::thread::scope(|scope| {
        let senders: Vec<_> = stores
            .iter()
            .enumerate()
            .map(|(place, store)| {
                scope.spawn(move || {
                    for n in 0..40 {
                        let batch: Vec<_> = (0..1 + n % 7)
                            .map(|m| Write::Send(message(&format!("{place}-{n}-{m}"), 5)))
                            .collect();
                        store.commit(&batch).unwrap();
                    }
                })
            })
            .collect();
        let watcher = scope.spawn(|| {
            let (reader, mut last) = (schema.open(), DeliveryId(0));
            let mut seen = 0;
            loop {
                let more = sending.load(Ordering::Acquire);
                let all = reader.due(id, Window::Sequence { after: None }, 10_000).unwrap();
                let new = all.iter().filter(|due| due.id > last).count();
                assert_eq!(all.len(), seen + new, "an older one came after a younger one");
                (seen, last) = (all.len(), all.last().map_or(last, |due| due.id));
                if !more {
                    return seen;
                }
            }
        });
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        sending.store(false, Ordering::Release);
        assert_eq!(watcher.join().unwrap(), 4 * (0..40).map(|n| 1 + n % 7).sum::<usize>());
    });
}

#[test]
fn the_same_ids_at_once_are_one_message() {
    let schema = Schema::new();
    let stores: Vec<_> = (0..4).map(|_| schema.open()).collect();
    create(&stores[0], None);
    let made: usize = std::thread::scope(|scope| {
        let senders: Vec<_> = stores
            .iter()
            .enumerate()
            .map(|(place, store)| {
                scope.spawn(move || {
                    let mut made = 0;
                    for n in 0..20 {
                        // Each in an order of its own.
                        let batch: Vec<_> = (0..8)
                            .map(|m| Write::Send(message(&format!("{n}-{}", (m * (2 * place + 1)) % 8), 5)))
                            .collect();
                        for written in store.commit(&batch).unwrap() {
                            let Ok(Written::Sent(sent)) = written else { panic!("{written:?}") };
                            made += usize::from(!sent.duplicate);
                        }
                    }
                    made
                })
            })
            .collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).sum()
    });
    assert_eq!((made, stores[0].stats().unwrap().pending), (160, 160));
}

#[test]
fn all_may_open_at_once_and_again() {
    let schema = Schema::new();
    std::thread::scope(|scope| {
        let opening: Vec<_> = (0..6).map(|_| scope.spawn(|| schema.try_open(&url()))).collect();
        for opened in opening {
            opened.join().unwrap().unwrap();
        }
    });
    // What an administrator runs is the same, and changes nothing where all is there.
    sql(&PostgresStore::migrations(&schema.name));
    schema.open();
}

#[test]
fn newer_and_foreign_schemas_are_told_apart() {
    let schema = Schema::new();
    let code = || schema.try_open(&url()).err().map(|error| error.code());
    schema.open();
    schema.sql("UPDATE meta SET version = 99");
    assert_eq!(code(), None, "a newer one that this version can work beside");
    schema.sql("UPDATE meta SET min_reader = 99");
    assert_eq!(code(), Some(Code::StoreSchema));
    let name = &schema.name;
    sql(&format!("DROP SCHEMA {name} CASCADE; CREATE SCHEMA {name}; CREATE TABLE {name}.mine (x int)"));
    assert_eq!(code(), Some(Code::StoreSchema));
    sql(&format!("CREATE TABLE {name}.meta (x int)"));
    assert_eq!(code(), Some(Code::StoreSchema));
}

/// A role of its own, with the password `secret`.
struct Role(String);

impl Role {
    fn new(schema: &Schema) -> Self {
        let name = format!("role_{}", schema.name);
        sql(&format!("CREATE ROLE {name} LOGIN PASSWORD 'secret'"));
        Self(name)
    }

    fn url(&self, password: &str) -> String {
        let url = url();
        let (scheme, rest) = url.split_once("://").unwrap();
        let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
        format!("{scheme}://{}:{password}@{place}", self.0)
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        let name = &self.0;
        sql(&format!("DROP OWNED BY {name} CASCADE; DROP ROLE {name}"));
    }
}

#[test]
fn roles_need_no_more_than_their_rights() {
    let schema = Schema::new();
    let role = Role::new(&schema);
    let open = || schema.try_open(&role.url("secret"));
    let refused = open().err().unwrap();
    assert_eq!(refused.code(), Code::StoreReadOnly, "{refused}");
    assert!(refused.message().contains("PostgresStore::migrations"), "{refused}");

    sql(&PostgresStore::migrations(&schema.name));
    let refused = open().err().unwrap();
    assert_eq!(refused.code(), Code::StoreReadOnly, "{refused}");
    sql(&PostgresStore::grants(&schema.name, &role.0));
    let store = open().unwrap();
    let id = create(&store, None);
    let fresh = send(&store, message("a", 1))[0].clone();
    let grant = store.acquire().unwrap().unwrap();
    store.take(grant, &[id]).unwrap();
    assert!(settle(&store, grant, fresh.id).applied);
    // Days are cut and dropped by those who may not change tables.
    for day in [3, 400] {
        sweep(&store, Retention::default(), day * DAY);
    }
    assert!(store.delivery(fresh.id).unwrap().is_none());

    // The application needs to send alone.
    let (sender, name) = (Schema::new(), &schema.name);
    let application = Role::new(&sender);
    sql(&format!(
        "GRANT USAGE ON SCHEMA {name} TO {role}; GRANT EXECUTE ON FUNCTION {name}.hookseal_send TO {role}",
        role = application.0
    ));
    let run = |text: &str| try_sql(&application.url("secret"), text);
    assert_eq!(run(&format!("SELECT {name}.hookseal_send('a', '1', id => 'b')")).unwrap(), ["b"]);
    for forbidden in
        ["SELECT 1 FROM outbox", "SELECT cut_day(1)", "SELECT take_lanes(1, '{1}')", "DELETE FROM worker"]
    {
        assert!(run(&format!("SET search_path = {name}; {forbidden}")).is_err(), "{forbidden}");
    }
    assert_eq!(store.outbox(9).unwrap().len(), 1);
}

#[test]
fn what_cannot_be_reached_says_so() {
    let schema = Schema::new();
    let role = Role::new(&schema);
    let refused = |url: &str| {
        let error = schema.try_open(url).err().expect("it should be refused");
        assert_eq!(error.kind(), Kind::Store, "{error}");
        assert!(!error.message().contains("wrong-word"), "{error}");
        error.code()
    };
    assert_eq!(refused(&role.url("wrong-word")), Code::StoreUnavailable);
    assert_eq!(refused("postgres://u:wrong-word@127.0.0.1:1/d"), Code::StoreUnavailable);
    assert_eq!(refused("postgres://u:wrong-word@no.such.host.invalid/d"), Code::StoreUnavailable);
    let url = url();
    let (server, _) = url.rsplit_once('/').unwrap();
    assert_eq!(refused(&format!("{server}/no_such_database")), Code::StoreUnavailable);
}

#[test]
fn a_connection_that_was_cut_is_made_again() {
    let schema = Schema::new();
    let name = format!("cut_{}", schema.name);
    let store = schema.try_open(&with(&format!("application_name={name}"))).unwrap();
    let cut = || {
        sql(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"
        ))
        .len()
    };
    create(&store, None);
    store.stats().unwrap();
    let heard = Heard::of(&store);
    // The one that listens has missed nothing, or may have missed anything.
    heard.during(|| assert_eq!(cut(), 3));
    assert!(store.changes().unwrap().all);
    until("reading", || store.stats().is_ok());
    until("writing", || store.commit(&[Write::Send(message("a", 1))]).is_ok());
    heard.during(|| send(&schema.open(), message("b", 1)));

    // In the middle of everything. What was told to be stored is, and nothing twice.
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Acquire) {
                std::thread::sleep(Duration::from_millis(15));
                cut();
            }
        });
        let (mut n, mut broken) = (0, 0);
        while n < 150 {
            let batch: Vec<_> = (0..8).map(|m| Write::Send(message(&format!("m{n}-{m}"), 5))).collect();
            match store.commit(&batch) {
                Ok(written) => {
                    assert!(written.iter().all(Result::is_ok));
                    n += 1;
                }
                Err(error) => {
                    assert_eq!(error.code(), Code::StoreUnavailable, "{error}");
                    broken += 1;
                }
            }
        }
        ended.store(true, Ordering::Release);
        assert!(broken > 0);
    });
    until("reading", || store.stats().is_ok());
    assert_eq!(store.stats().unwrap().pending, 150 * 8 + 2);
}

/// As a sender does: it is opened, asked and dropped where async code runs.
#[tokio::test]
async fn async_code_may_hold_it() {
    let schema = Schema::new();
    let name = schema.name.clone();
    let store = tokio::task::spawn_blocking(move || schema).await.map(|schema| {
        let store = schema.open();
        let grant = store.acquire().unwrap().unwrap();
        store.release(grant).unwrap();
        store.acquire().unwrap();
        assert!(store.endpoint(EndpointId(1)).unwrap().is_none());
        (store, schema)
    });
    let (store, schema) = store.unwrap();
    drop(store);
    tokio::task::spawn_blocking(move || {
        until("leaving", || sql(&format!("SELECT id FROM {name}.worker")).is_empty());
        drop(schema);
    })
    .await
    .unwrap();
}

#[test]
fn what_the_database_cannot_hold_fails_alone() {
    let schema = Schema::new();
    let store = schema.open();
    let id = create(&store, None);
    let batch = [
        Write::Send(message("a", 1)),
        Write::Send(message_of("zero\0", "b", 1)),
        Write::Send(message_of(&"t".repeat(5000), "c", 1)),
        Write::Send(message("d", 1)),
    ];
    let written = store.commit(&batch).unwrap();
    let codes: Vec<_> =
        written.iter().map(|written| written.as_ref().err().map(hookseal::Error::code)).collect();
    assert_eq!(codes, [None, Some(Code::InvalidArgument), Some(Code::InvalidArgument), None]);
    let spec = hookseal::store::EndpointSpec { name: "a\0".to_owned(), ..anything() };
    let update = Write::UpdateEndpoint { id, version: None, spec, now: 1 };
    assert_eq!(store.commit(&[update]).unwrap().remove(0).unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(store.message(MessageRef::Id { tenant: Some("zero\0"), id: "b" }).unwrap(), None);

    // What a stranger answered is kept as well as may be.
    let grant = store.acquire().unwrap().unwrap();
    store.take(grant, &[id]).unwrap();
    let Ok(Written::Sent(sent)) = &written[0] else { panic!("not sent") };
    let Write::Settle(mut answered) = delivered(grant, sent.deliveries[0].id) else { panic!("no settle") };
    answered.attempt.response_headers = HeaderText::from_iter([("x", "a\0b")]);
    write(&store, Write::Settle(answered));
    let logged = store.attempts(sent.deliveries[0].id).unwrap();
    assert_eq!(logged[0].response_headers.iter().collect::<Vec<_>>(), [("x", "a\u{fffd}b")]);
}

/// Whole days are dropped; what outlives its day lies in the net.
#[test]
fn days_are_cut_and_dropped() {
    let schema = Schema::new();
    let store = schema.open();
    let id = create(&store, None);
    let grant = store.acquire().unwrap().unwrap();
    store.take(grant, &[id]).unwrap();
    let retention = Retention {
        held: 90 * DAY,
        attempts: DAY,
        bodies: DAY,
        deliveries: DAY,
        ids: 2 * DAY,
        usage: 2 * DAY,
    };
    sweep(&store, retention, 20_000 * DAY);
    let at = 20_000 * DAY + 5;
    let (done, open) =
        (send(&store, message("done", at))[0].clone(), send(&store, message("open", at))[0].clone());
    let Write::Settle(outcome) = delivered(grant, done.id) else { panic!("no settle") };
    write(&store, Write::Settle(Settle { now: at, ..outcome }));
    let count = |table: &str| schema.sql(&format!("SELECT count(*) FROM {table}"))[0].clone();
    for (table, rows) in [("message", "2"), ("body", "2"), ("history", "1"), ("attempt", "1"), ("usage", "1")]
    {
        assert_eq!(count(&format!("{table}_20241004")), rows, "{table}");
        assert_eq!(count(&format!("{table}_rest")), "0", "{table}");
    }
    sweep(&store, retention, 20_001 * DAY + 6);
    assert!(store.delivery(done.id).unwrap().is_some(), "the day is not over for long enough");
    sweep(&store, retention, 20_002 * DAY);
    assert!(store.delivery(done.id).unwrap().is_none());
    assert_eq!((count("body_rest"), count("message_20241004")), ("1".to_owned(), "2".to_owned()));
    assert!(store.payloads(&[open.message]).unwrap()[0].is_some());
    sweep(&store, retention, 20_003 * DAY);
    assert_eq!(
        (count("message_rest"), count("message"), count("message_id")),
        ("1".into(), "1".into(), "1".into())
    );
    assert!(try_sql(&url(), &format!("SELECT FROM {}.message_20241004", schema.name)).is_err());
    // It can still be delivered, and then it goes too.
    let due = store.due(id, Window::Due { after: None, until: i64::MAX }, 9).unwrap();
    assert_eq!((due.len(), due[0].id), (1, open.id));
    let Write::Settle(outcome) = delivered(grant, open.id) else { panic!("no settle") };
    write(&store, Write::Settle(Settle { now: 20_003 * DAY, ..outcome }));
    sweep(&store, retention, 20_008 * DAY);
    sweep(&store, retention, 20_008 * DAY);
    assert_eq!((count("message"), count("message_id"), count("body")), ("0".into(), "0".into(), "0".into()));
}

#[test]
fn a_day_of_many_messages_goes_in_small_steps() {
    const LIMIT: usize = 10;
    let schema = Schema::new();
    let store = schema.open();
    let id = create(&store, None);
    let grant = store.acquire().unwrap().unwrap();
    store.take(grant, &[id]).unwrap();
    let retention = Retention { held: 90 * DAY, attempts: 0, bodies: 0, deliveries: 0, ids: 0, usage: 0 };
    sweep(&store, retention, 20_000 * DAY);
    let at = 20_000 * DAY + 5;
    for n in 0..95 {
        let fresh = send(&store, message(&format!("m{n}"), at)).remove(0);
        if n % 20 > 0 {
            let Write::Settle(outcome) = delivered(grant, fresh.id) else { panic!("no settle") };
            write(&store, Write::Settle(Settle { now: at, ..outcome }));
        }
    }
    let (mut from, mut freed, mut steps) = (None, 0, 0);
    loop {
        let step = Sweep { retention, from, limit: LIMIT, now: 20_002 * DAY };
        let Written::Swept(swept) = write(&store, Write::Sweep(step)) else { panic!("not swept") };
        assert!(swept.messages <= LIMIT as u64, "nobody waits for more than a few at a time: {swept:?}");
        (freed, steps) = (freed + swept.messages, steps + 1);
        from = swept.next;
        if from.is_none() {
            break;
        }
    }
    assert_eq!(freed, 90);
    assert!(steps >= 9, "{steps} steps");
    // The ids of those that are gone are free, and those that wait are as they were.
    let ids = schema.sql("SELECT id FROM message_id ORDER BY id");
    assert_eq!(ids, ["m0", "m20", "m40", "m60", "m80"]);
    let due = store.due(id, Window::Due { after: None, until: i64::MAX }, 9).unwrap();
    let bodies = store.payloads(&due.iter().map(|due| due.message).collect::<Vec<_>>()).unwrap();
    assert!(due.len() == 5 && bodies.iter().all(Option::is_some));
}

/// The server's own certificate is made here, and is put where it reads it by its own means.
#[test]
fn the_connection_is_encrypted_and_the_server_known() {
    if std::env::var_os("HOOKSEAL_TEST_POSTGRES_OWN").is_none() {
        // It turns TLS on with a key of its own, which is nothing to do to somebody's server.
        println!("skipped: only on the server of scripts/postgres");
        return;
    }
    let mut authority = rcgen::CertificateParams::new(vec![]).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let root = authority.self_signed(&authority_key).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let named = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let certificate = named.signed_by(&key, &issuer).unwrap();
    for (file, pem) in [("server.crt", certificate.pem()), ("server.key", key.serialize_pem())] {
        sql(&format!("COPY (SELECT '{pem}') TO PROGRAM 'umask 077; printf %b \"$(cat)\" > {file}'"));
    }
    sql("ALTER SYSTEM SET ssl = on");
    sql("SELECT pg_reload_conf()");
    until("TLS", || sql("SHOW ssl") == ["on"]);
    let schema = Schema::new();
    let path = std::env::temp_dir().join(format!("hookseal-root-{}.pem", schema.name));
    std::fs::write(&path, root.pem()).unwrap();
    let open = |mode: &str, root: Option<&Path>| {
        let root = root.map_or(String::new(), |root| format!("&sslrootcert={}", root.display()));
        let name = format!("tls_{}", schema.name);
        let store = schema.try_open(&with(&format!("sslmode={mode}&application_name={name}{root}")));
        store.map(|store| {
            let seen = sql(&format!(
                "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = '{name}'"
            ));
            drop(store);
            until("closing", || sql(&format!("SELECT pid FROM pg_stat_activity WHERE application_name = '{name}'")).is_empty());
            seen[0] == "t"
        })
    };
    assert!(!open("disable", None).unwrap());
    assert!(open("prefer", None).unwrap());
    assert!(open("verify-ca", Some(&path)).unwrap());
    // By its address it is not known, only by its name.
    for (mode, root) in
        [("require", None), ("require", Some(&*path)), ("verify-full", Some(&*path)), ("verify-ca", None)]
    {
        let error = open(mode, root).unwrap_err();
        assert_eq!(error.code(), Code::StoreUnavailable, "{mode}: {error}");
    }
    let by_name = with(&format!("sslmode=verify-full&sslrootcert={}", path.display()))
        .replace("127.0.0.1", "localhost");
    if by_name.contains("localhost") {
        schema.try_open(&by_name).unwrap();
    }
    let nowhere = open("verify-full", Some(Path::new("/no/such/file"))).unwrap_err();
    assert_eq!(nowhere.code(), Code::InvalidArgument);
    std::fs::remove_file(path).unwrap();
    sql("ALTER SYSTEM RESET ssl");
    sql("SELECT pg_reload_conf()");
}

#[test]
fn a_pool_is_no_larger_than_it_may_be() {
    let schema = Schema::new();
    let mut options: PostgresOptions = schema.options();
    options.pool = 2;
    let name = format!("pool_{}", schema.name);
    let store = PostgresStore::open(&with(&format!("application_name={name}")), options).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..20).for_each(|_| assert_eq!(store.stats().unwrap().pending, 0)));
        }
    });
    // One that writes and one that listens besides.
    assert_eq!(
        sql(&format!("SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}'")),
        ["4"]
    );
}

const DAY: i64 = 24 * 60 * 60 * 1000;
