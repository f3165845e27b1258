//! Random histories, written to a store that lasts and to the one in memory: they agree on every answer. Every step takes
//! days, at whose end everything happens, because stores may keep things until their day is old enough.

use std::num::NonZeroU32;

use hookseal::store::{
    DeliveryId, DeliveryQuery, DisableReason, EndpointId, EndpointQuery, EndpointSpec, EndpointStatus,
    EventFilter, Grant, JobId, MemoryStore, MessageKey, MessageRef, NewJob, NewMessage, Recipients,
    Retention, Settle, Store, Sweep, Swept, Verdict, Window, Write, Written,
};
use hookseal::{FailureUnit, HealthRule};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::{attempt, message, secret, spec};

/// One step; the small numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
    Send { id: u8, tenant: u8, kind: u8, same: bool },
    Test { id: u8, endpoint: u8 },
    Only { id: u8, endpoint: u8, key: Option<u8> },
    Begin { delivery: u8, stale: bool },
    Create { tenant: u8, filter: u8, ordered: bool },
    Update { endpoint: u8, tenant: u8, filter: u8, ordered: bool, version: Option<u8> },
    Secrets { endpoint: u8 },
    Enable { endpoint: u8 },
    Disable { endpoint: u8 },
    Delete { endpoint: u8 },
    Settle { delivery: u8, verdict: u8, again: bool, stale: bool, old: bool },
    Lost { delivery: u8 },
    Retry { delivery: u8 },
    Cancel { delivery: u8 },
    Expunge { message: u8 },
    Job { back: u8, endpoint: Option<u8> },
    WorkOff { job: u8, limit: u8 },
    Ack { upto: u8 },
    Sweep { limit: u8 },
    Wait { long: u16 },
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let some = any::<u8>;
    prop_oneof![
        8 => (0..12_u8, 0..3_u8, 0..3_u8, prop::bool::weighted(0.9))
            .prop_map(|(id, tenant, kind, same)| Step::Send { id, tenant, kind, same }),
        1 => (some(), some()).prop_map(|(id, endpoint)| Step::Test { id, endpoint }),
        8 => (0..40_u8, some(), prop::option::of(0..2_u8))
            .prop_map(|(id, endpoint, key)| Step::Only { id, endpoint, key }),
        3 => (some(), prop::bool::weighted(0.1)).prop_map(|(delivery, stale)| Step::Begin { delivery, stale }),
        2 => (0..3_u8, 0..4_u8, any::<bool>())
            .prop_map(|(tenant, filter, ordered)| Step::Create { tenant, filter, ordered }),
        1 => (some(), 0..3_u8, 0..4_u8, any::<bool>(), prop::option::of(1..4_u8)).prop_map(
            |(endpoint, tenant, filter, ordered, version)| Step::Update { endpoint, tenant, filter, ordered, version }
        ),
        1 => some().prop_map(|endpoint| Step::Secrets { endpoint }),
        3 => some().prop_map(|endpoint| Step::Enable { endpoint }),
        1 => some().prop_map(|endpoint| Step::Disable { endpoint }),
        1 => some().prop_map(|endpoint| Step::Delete { endpoint }),
        16 => (some(), 0..9_u8, prop::bool::weighted(0.1), prop::bool::weighted(0.05), prop::bool::weighted(0.1))
            .prop_map(|(delivery, verdict, again, stale, old)| Step::Settle { delivery, verdict, again, stale, old }),
        1 => some().prop_map(|delivery| Step::Lost { delivery }),
        3 => some().prop_map(|delivery| Step::Retry { delivery }),
        1 => some().prop_map(|delivery| Step::Cancel { delivery }),
        1 => some().prop_map(|message| Step::Expunge { message }),
        1 => (some(), prop::option::of(some())).prop_map(|(back, endpoint)| Step::Job { back, endpoint }),
        2 => (some(), 1..4_u8).prop_map(|(job, limit)| Step::WorkOff { job, limit }),
        1 => some().prop_map(|upto| Step::Ack { upto }),
        2 => (1..20_u8).prop_map(|limit| Step::Sweep { limit }),
        3 => (0..400_u16).prop_map(|long| Step::Wait { long }),
        1 => Just(Step::Reopen),
    ]
}

struct Machine {
    model: MemoryStore,
    /// Opens the other one, again and again.
    open: Box<dyn Fn() -> Box<dyn Store>>,
    other: Option<Box<dyn Store>>,
    grants: (Grant, Grant),
    now: i64,
    counts: Counts,
}

/// How many there ever were.
#[derive(Default)]
struct Counts {
    endpoints: i64,
    messages: i64,
    deliveries: i64,
    jobs: i64,
}

impl Machine {
    fn new(open: Box<dyn Fn() -> Box<dyn Store>>) -> Self {
        let model = MemoryStore::new();
        let other = open();
        let grants = (model.acquire().unwrap().unwrap(), other.acquire().unwrap().unwrap());
        Self { model, open, other: Some(other), grants, now: 1000 * DAY - 1, counts: Counts::default() }
    }

    fn other(&self) -> &dyn Store {
        &**self.other.as_ref().unwrap()
    }

    /// Takes the lanes of all endpoints, as soon as a store that was dropped has given them back.
    fn take_all(&self) {
        let all: Vec<_> = (1..=self.counts.endpoints).map(EndpointId).collect();
        while self.other().take(self.grants.1, &all).unwrap().len() < all.len() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    fn run(&mut self, step: Step) {
        let now = self.now;
        let endpoint = |place: u8, counts: &Counts| EndpointId(i64::from(place) % (counts.endpoints + 1) + 1);
        // The last few are the interesting ones.
        let delivery =
            |place: u8, counts: &Counts| DeliveryId((counts.deliveries - i64::from(place) % 12).max(1));
        let write = match step {
            Step::Send { id, tenant, kind, same } => Write::Send(NewMessage {
                tenant: name(tenant),
                event_type: ["booking.created", "booking.gone", "invoice.paid"][usize::from(kind)].to_owned(),
                digest: [if same { 0 } else { 1 }; 32],
                ..message(&format!("m{id}"), now)
            }),
            Step::Test { id, endpoint: place } => Write::Send(NewMessage {
                to: Recipients::Test(vec![endpoint(place, &self.counts)]),
                ..message(&format!("t{id}"), now)
            }),
            Step::Only { id, endpoint: place, key } => Write::Send(NewMessage {
                to: Recipients::Only {
                    endpoint: endpoint(place, &self.counts),
                    order_key: key.map(|key| ["k", ""][usize::from(key)].to_owned()),
                },
                ..message(&format!("o{id}"), now)
            }),
            Step::Begin { delivery: place, stale } => {
                let id = delivery(place, &self.counts);
                let number = self.model.delivery(id).unwrap().map_or(0, |record| record.attempts) + 1;
                let begin =
                    |epoch| Write::Begin { epoch: epoch - i64::from(stale), delivery: id, number, now };
                let (model, other) = self.grants;
                return self.compare(begin(model.epoch), begin(other.epoch));
            }
            Step::Create { tenant, filter, ordered } => {
                Write::CreateEndpoint { spec: what(tenant, filter, ordered), secrets: vec![secret(now)], now }
            }
            Step::Update { endpoint: place, tenant, filter, ordered, version } => Write::UpdateEndpoint {
                id: endpoint(place, &self.counts),
                version: version.map(i64::from),
                spec: what(tenant, filter, ordered),
                now,
            },
            Step::Secrets { endpoint: place } => Write::PutSecrets {
                id: endpoint(place, &self.counts),
                secrets: vec![secret(now), secret(1)],
                now,
            },
            Step::Enable { endpoint: place } => {
                Write::SetStatus { id: endpoint(place, &self.counts), status: EndpointStatus::Active, now }
            }
            Step::Disable { endpoint: place } => Write::SetStatus {
                id: endpoint(place, &self.counts),
                status: EndpointStatus::Disabled(DisableReason::User),
                now,
            },
            Step::Delete { endpoint: place } => {
                Write::DeleteEndpoint { id: endpoint(place, &self.counts), now }
            }
            Step::Settle { delivery: place, verdict, again, stale, old } => {
                let id = delivery(place, &self.counts);
                return self.settle(id, verdict, again, stale, old);
            }
            Step::Lost { delivery: place } => {
                let id = delivery(place, &self.counts);
                let number = self.model.delivery(id).unwrap().map_or(0, |record| record.attempts) + 1;
                let lost = |epoch| Write::Lost { epoch, delivery: id, number, started_at: now - 5, now };
                let (model, other) = self.grants;
                return self.compare(lost(model.epoch), lost(other.epoch));
            }
            Step::Retry { delivery: place } => Write::Retry { delivery: delivery(place, &self.counts), now },
            Step::Cancel { delivery: place } => {
                Write::Cancel { delivery: delivery(place, &self.counts), now }
            }
            Step::Expunge { message } => {
                let message = MessageKey((self.counts.messages - i64::from(message) % 12).max(1));
                Write::Expunge { message, now }
            }
            Step::Job { back, endpoint: place } => Write::CreateJob(NewJob {
                since: now - i64::from(back) * DAY,
                endpoint: place.map(|place| endpoint(place, &self.counts)),
                tenant: None,
                events: EventFilter::new(["booking.*"]).unwrap(),
                now,
            }),
            Step::WorkOff { job, limit } => Write::StepJob {
                job: JobId(i64::from(job) % (self.counts.jobs + 1) + 1),
                limit: usize::from(limit),
                now,
            },
            Step::Ack { upto } => Write::AckNotices { upto: i64::from(upto % 32) },
            Step::Sweep { limit } => return self.sweep(usize::from(limit)),
            Step::Wait { long } => {
                self.now += i64::from(long) * DAY;
                return;
            }
            Step::Reopen => return self.reopen(),
        };
        self.compare(write.clone(), write);
    }

    fn compare(&mut self, model: Write, other: Write) {
        let model = self.model.commit(&[model]).unwrap().remove(0);
        let other = self.other().commit(&[other]).unwrap().remove(0);
        assert_eq!(format!("{other:?}"), format!("{model:?}"));
        match model {
            Ok(Written::Sent(sent)) if !sent.duplicate => {
                self.counts.messages += 1;
                self.counts.deliveries += i64::try_from(sent.deliveries.len()).unwrap();
            }
            Ok(Written::Endpoint { endpoint, .. }) => {
                self.counts.endpoints = self.counts.endpoints.max(endpoint.id.0);
                self.take_all();
            }
            Ok(Written::Retried(fresh)) => self.counts.deliveries = self.counts.deliveries.max(fresh.id.0),
            Ok(Written::Job { job, deliveries }) => {
                self.counts.jobs = self.counts.jobs.max(job.id.0);
                self.counts.deliveries += i64::try_from(deliveries.len()).unwrap();
            }
            _ => {}
        }
    }

    fn settle(&mut self, id: DeliveryId, verdict: u8, again: bool, stale: bool, old: bool) {
        let verdict = match verdict {
            0..=2 => Verdict::Delivered,
            3..=4 => Verdict::Retry(self.now + 30 * DAY),
            5..=6 => Verdict::Failed,
            7 => Verdict::Discarded,
            _ => Verdict::Refused,
        };
        let record = self.model.delivery(id).unwrap();
        let generation = record.as_ref().and_then(|record| self.model.endpoint(record.endpoint).unwrap());
        let number = record.map_or(0, |record| record.attempts) + u32::from(!again);
        let rule = HealthRule::after(NonZeroU32::new(3).unwrap(), FailureUnit::Delivery);
        let settle = |grant: Grant| {
            Write::Settle(Settle {
                epoch: grant.epoch - i64::from(stale),
                delivery: id,
                attempt: attempt(number.max(1), verdict, self.now),
                verdict,
                generation: generation.as_ref().map_or(1, |endpoint| endpoint.generation) - i64::from(old),
                health: Some(rule),
                credits: 2,
                now: self.now,
            })
        };
        let (model, other) = self.grants;
        self.compare(settle(model), settle(other));
    }

    /// A whole pass: how it is cut into steps is the store's own.
    fn sweep(&mut self, limit: usize) {
        let retention = Retention {
            held: 200 * DAY,
            attempts: 300 * DAY,
            bodies: 400 * DAY,
            deliveries: 500 * DAY,
            ids: 600 * DAY,
            usage: 700 * DAY,
        };
        let pass = |store: &dyn Store| {
            let (mut sum, mut from) = (Swept::default(), None);
            loop {
                let sweep = Write::Sweep(Sweep { retention, from, limit, now: self.now });
                let Ok(Written::Swept(swept)) = store.commit(&[sweep]).unwrap().remove(0) else { panic!() };
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
        assert_eq!(pass(self.other()), pass(&self.model));
    }

    fn reopen(&mut self) {
        // Half of the time without a word, as a crash does.
        if self.now / DAY % 2 == 0 {
            self.other().close().unwrap();
        }
        self.other = None;
        let other = (self.open)();
        self.model.release(self.grants.0).unwrap();
        self.grants = (self.model.acquire().unwrap().unwrap(), other.acquire().unwrap().unwrap());
        self.other = Some(other);
        self.take_all();
    }

    /// Everything that can be asked.
    fn agree(&self) {
        let (model, other) = (&self.model, self.other());
        assert_eq!(other.stats().unwrap(), model.stats().unwrap());
        assert_eq!(other.next_due().unwrap(), model.next_due().unwrap());
        assert_eq!(other.ready(None, 99).unwrap(), model.ready(None, 99).unwrap());
        assert_eq!(other.notices(0, 999).unwrap(), model.notices(0, 999).unwrap());
        assert_eq!(other.open_jobs().unwrap(), model.open_jobs().unwrap());
        for tenant in [None, Some("one"), Some("two")] {
            let usage = |store: &dyn Store| store.usage(tenant, self.now - 100 * DAY, self.now).unwrap();
            assert_eq!(usage(other), usage(model));
        }
        let endpoints = model.endpoints(&EndpointQuery::default(), None, 999).unwrap();
        assert_eq!(other.endpoints(&EndpointQuery::default(), None, 999).unwrap(), endpoints);
        for endpoint in endpoints {
            let id = endpoint.id;
            assert_eq!(other.secrets(id).unwrap(), model.secrets(id).unwrap());
            let until = Window::Due { after: Some((0, DeliveryId(0))), until: self.now };
            for window in [until, Window::Sequence { after: None }] {
                assert_eq!(other.due(id, window, 5).unwrap(), model.due(id, window, 5).unwrap());
            }
        }
        let log = model.deliveries(&DeliveryQuery::default(), None, 9999).unwrap();
        assert_eq!(other.deliveries(&DeliveryQuery::default(), None, 9999).unwrap(), log);
        let last = || DeliveryQuery { last: true, ..DeliveryQuery::default() };
        assert_eq!(
            other.deliveries(&last(), None, 9999).unwrap(),
            model.deliveries(&last(), None, 9999).unwrap()
        );
        for delivery in log {
            let named = MessageRef::AnyTenant { id: &delivery.message_id };
            assert_eq!(other.message(named).unwrap(), model.message(named).unwrap());
            assert_eq!(other.attempts(delivery.id).unwrap(), model.attempts(delivery.id).unwrap());
        }
        let keys: Vec<_> = (1..=self.counts.messages).map(MessageKey).collect();
        assert_eq!(other.payloads(&keys).unwrap(), model.payloads(&keys).unwrap());
    }
}

/// `PROPTEST_CASES`, or few: each history waits for the disk at every step.
fn cases(few: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(few)
}

fn name(tenant: u8) -> Option<String> {
    [None, Some("one"), Some("two")][usize::from(tenant)].map(str::to_owned)
}

fn what(tenant: u8, filter: u8, ordered: bool) -> EndpointSpec {
    let filters: [&[&str]; 4] = [&[], &["booking.*"], &["invoice.paid", "booking.gone"], &["*"]];
    EndpointSpec { ordered, ..spec(name(tenant).as_deref(), filters[usize::from(filter)]) }
}

fn histories(few: u32, open: impl Fn() -> Box<dyn Fn() -> Box<dyn Store>>) {
    let config = ProptestConfig { cases: cases(few), failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in vec(step(), 1..150))| {
        let mut machine = Machine::new(open());
        machine.run(Step::Create { tenant: 0, filter: 0, ordered: false });
        for (count, step) in steps.into_iter().enumerate() {
            machine.now += DAY;
            machine.run(step);
            if count % 8 == 0 {
                machine.agree();
            }
        }
        machine.agree();
    });
}

#[cfg(feature = "sqlite")]
#[test]
fn the_file_does_what_the_model_does() {
    histories(48, || {
        let directory = crate::support::tempfile::Directory::new();
        Box::new(move || {
            Box::new(hookseal::store::SqliteStore::open(directory.path().join("store.db")).unwrap())
        })
    });
}

#[cfg(feature = "postgres")]
#[test]
fn the_database_does_what_the_model_does() {
    histories(12, || {
        let schema = crate::server::Schema::new();
        Box::new(move || Box::new(schema.open()))
    });
}

const DAY: i64 = 24 * 60 * 60 * 1000;
