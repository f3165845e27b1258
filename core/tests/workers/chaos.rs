//! Four workers and two senders, and everything that may happen to them and to their database.
//!
//! `HOOKSEAL_CHAOS_SECONDS` says for how long (20), `HOOKSEAL_CHAOS_SEED` repeats the faults of another run.
//!
//! What is judged, and what cannot be:
//!
//! * Every message whose `send` returned is delivered, or failed in the log, to each endpoint that wanted it; what the
//!   log says was delivered was received.
//! * A message is received twice with success only if the first time was on its way, or not yet committed, at a fault
//!   that may take an outcome away: its worker was killed, or stopped for longer than others wait; or the database
//!   ended without writing down what it had confirmed as not yet durable, or was away for so long. Connections that
//!   are cut, short stops and a database that ends in order excuse nothing.
//! * No more requests of an endpoint are on their way than it allows. One whose worker is stopped, or cannot reach the
//!   database, for longer than its lease counts as over from then on: nobody can tell its worker that it lost the lane.
//! * The first successes of an ordered endpoint come in the order of its deliveries.
//! * What is to be paid for is what was delivered.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hookseal::RetryPolicy;
use hookseal::Secret;
use hookseal::sender::{NewEndpoint, Sender};
use hookseal::store::{DeliveryQuery, DeliveryRecord, DeliveryState, EndpointId};

use crate::child::Worker;
use crate::own::Own;
use crate::receiver::{Arrival, Receiver, ended, most_at_once};
use crate::{LEASE, SECRET, open, retries};

const WORKERS: usize = 4;
/// From when on a worker that is out of touch may have lost its lanes: it was last heard of a while before.
const UNHEARD: Duration = Duration::from_millis(1500);
/// A worker needs so long between two faults to be heard of.
const BREATH: Duration = Duration::from_millis(500);
/// How long an outcome may take from the answer to its commit, and be lost by a database that ends at once after it.
const UNWRITTEN: Duration = Duration::from_millis(1500);

/// An endpoint and what is special about it.
struct Place {
    path: String,
    id: EndpointId,
    concurrency: usize,
    ordered: bool,
}

/// Something that was done.
#[derive(Clone, Debug)]
struct Fault {
    kind: Kind,
    /// Who it was done to, if not to all.
    worker: Option<String>,
    from: Instant,
    to: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Kill,
    ShortStop,
    LongStop,
    SenderStop,
    Fast,
    Immediate,
    Cut,
    Toggle,
}

impl Fault {
    fn concerns(&self, worker: &str) -> bool {
        self.worker.as_ref().is_none_or(|own| own == worker)
    }

    /// Whether its worker, or all of them, are out of touch with the database as long as it lasts.
    fn is_away(&self) -> bool {
        matches!(self.kind, Kind::LongStop | Kind::ShortStop | Kind::Fast | Kind::Immediate)
    }
}

/// A time in which a worker was out of touch for so long that it may have lost its lanes.
#[derive(Clone, Copy, Debug)]
struct Silence {
    kind: Kind,
    from: Instant,
    to: Instant,
}

/// All that was done, in its order.
struct Faults(Vec<Fault>);

impl Faults {
    /// The faults that keep this worker out of touch, in the order in which they began.
    fn away(&self, worker: &str) -> Vec<&Fault> {
        let mut away: Vec<_> =
            self.0.iter().filter(|fault| fault.is_away() && fault.concerns(worker)).collect();
        away.sort_unstable_by_key(|fault| fault.from);
        away
    }

    /// When this worker was out of touch for long, be it by one fault or by several, one after the other.
    fn silences(&self, worker: &str) -> Vec<Silence> {
        let mut silences: Vec<Silence> = Vec::new();
        for fault in self.away(worker) {
            match silences.last_mut() {
                Some(last) if fault.from <= last.to + BREATH => last.to = last.to.max(fault.to),
                _ => silences.push(Silence { kind: fault.kind, from: fault.from, to: fault.to }),
            }
        }
        silences.retain(|silence| silence.to - silence.from >= UNHEARD);
        silences
    }

    /// The fault for which this request may have been repeated although it succeeded.
    fn excuse(&self, arrival: &Arrival) -> Option<Kind> {
        let mut written = ended(arrival) + UNWRITTEN;
        for fault in self.away(&arrival.worker) {
            // Its outcome waits in memory for as long.
            if fault.from <= written && arrival.begun <= fault.to {
                written = written.max(fault.to + UNWRITTEN);
            }
        }
        let during = |from, to| arrival.begun <= to && from <= written;
        let mut silences = self.silences(&arrival.worker).into_iter();
        let mut ends = self.0.iter().filter(|fault| {
            matches!(fault.kind, Kind::Kill | Kind::Immediate) && fault.concerns(&arrival.worker)
        });
        let end = ends.find(|fault| during(fault.from, fault.to)).map(|fault| fault.kind);
        end.or_else(|| silences.find(|silence| during(silence.from, silence.to)).map(|silence| silence.kind))
    }

    /// Until when each of these requests counts.
    fn over(&self, arrivals: &[Arrival]) -> Vec<Arrival> {
        let mut silences: HashMap<&str, Vec<Silence>> = HashMap::new();
        let counted = arrivals.iter().map(|arrival| {
            let silences = silences.entry(&arrival.worker).or_insert_with(|| self.silences(&arrival.worker));
            let end = ended(arrival);
            let lost =
                silences.iter().find(|silence| arrival.begun <= silence.to && end >= silence.from + UNHEARD);
            let end = lost.map_or(end, |silence| end.min(silence.from + UNHEARD)).max(arrival.begun);
            Arrival { ended: Some(end), ..arrival.clone() }
        });
        counted.collect()
    }

    fn counts(&self) -> BTreeMap<Kind, usize> {
        let mut counts = BTreeMap::new();
        self.0.iter().for_each(|fault| *counts.entry(fault.kind).or_default() += 1);
        counts
    }
}

/// The processes, their database, and what was done to them.
struct Fleet {
    server: Own,
    workers: Vec<Worker>,
    /// Names of those that are stopped, when that began, and until when they are to be.
    stopped: Vec<(String, Kind, Instant, Instant)>,
    senders: Vec<Worker>,
    said: Vec<String>,
    born: usize,
    begun: Instant,
    faults: Faults,
}

impl Fleet {
    fn new(server: Own, types: &str) -> Self {
        let url = server.store(3);
        let senders = ["s0", "s1"].map(|name| Worker::spawn(&url, name, Some(types))).into();
        let mut fleet = Self {
            server,
            workers: Vec::new(),
            stopped: Vec::new(),
            senders,
            said: Vec::new(),
            born: 0,
            begun: Instant::now(),
            faults: Faults(Vec::new()),
        };
        (0..WORKERS).for_each(|_| fleet.hire());
        fleet
    }

    fn hire(&mut self) {
        let name = format!("w{}", self.born);
        self.born += 1;
        self.workers.push(Worker::spawn(&self.server.store(3), &name, None));
    }

    fn note(&mut self, kind: Kind, worker: Option<String>, from: Instant, to: Instant) {
        println!(
            "{:8.3} s to {:8.3} s: {kind:?} {}",
            (from - self.begun).as_secs_f64(),
            (to - self.begun).as_secs_f64(),
            worker.as_deref().unwrap_or_default()
        );
        self.faults.0.push(Fault { kind, worker, from, to });
    }

    /// Does something bad.
    async fn fault(&mut self, random: &mut Random, places: &[Place], people: &Sender) {
        self.resume(Instant::now());
        self.said.extend(self.senders.iter().flat_map(Worker::said));
        let from = Instant::now();
        match random.below(100) {
            0..25 => {
                if let Some(place) = self.running(random) {
                    let mut worker = self.workers.remove(place);
                    worker.kill();
                    self.note(Kind::Kill, Some(worker.name.clone()), from, Instant::now());
                    self.hire();
                }
            }
            25..37 => {
                let length = Duration::from_millis(100 + random.below(900));
                self.stop(random, Kind::ShortStop, length);
            }
            37..49 => {
                let length = LEASE + Duration::from_millis(200 + random.below(4000));
                self.stop(random, Kind::LongStop, length);
            }
            49..53 => {
                // It may stop within a transaction that others wait for.
                let sender = &self.senders[random.place(self.senders.len())];
                sender.stop();
                std::thread::sleep(Duration::from_millis(100 + random.below(1500)));
                sender.resume();
                let name = sender.name.clone();
                self.note(Kind::SenderStop, Some(name), from, Instant::now());
            }
            53..61 => {
                let (mode, kind) = match random.below(2) {
                    0 => ("fast", Kind::Fast),
                    _ => ("immediate", Kind::Immediate),
                };
                let long = if random.below(4) == 0 { LEASE } else { Duration::ZERO };
                self.server.down(mode);
                std::thread::sleep(long + Duration::from_millis(random.below(500)));
                self.server.up();
                // Until all are connected again.
                self.note(kind, None, from, Instant::now() + Duration::from_millis(500));
            }
            61..82 => {
                let most = 1 + random.below(6);
                let cut = format!(
                    "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity
                     WHERE application_name = 'hookseal' ORDER BY random() LIMIT {most}) victims"
                );
                self.server.sql(&cut);
                self.note(Kind::Cut, None, from, Instant::now());
            }
            _ => {
                let place = &places[random.place(places.len())];
                insist(async || people.endpoints().disable(place.id).await).await;
                tokio::time::sleep(Duration::from_millis(random.below(600))).await;
                insist(async || people.endpoints().enable(place.id).await).await;
                self.note(Kind::Toggle, Some(place.path.clone()), from, Instant::now());
            }
        }
    }

    fn stop(&mut self, random: &mut Random, kind: Kind, length: Duration) {
        // One works on.
        if self.stopped.len() + 1 < WORKERS
            && let Some(place) = self.running(random)
        {
            let worker = &self.workers[place];
            let now = Instant::now();
            worker.stop();
            self.stopped.push((worker.name.clone(), kind, now, now + length));
        }
    }

    /// Lets those go on whose time has come.
    fn resume(&mut self, now: Instant) {
        let (over, stopped) = std::mem::take(&mut self.stopped).into_iter().partition(|stop| stop.3 <= now);
        self.stopped = stopped;
        let over: Vec<_> = over;
        for (name, kind, from, _) in over {
            if let Some(worker) = self.workers.iter().find(|worker| worker.name == name) {
                worker.resume();
            }
            self.note(kind, Some(name), from, Instant::now());
        }
    }

    /// The place of a worker that is not stopped.
    fn running(&self, random: &mut Random) -> Option<usize> {
        let running = |worker: &Worker| !self.stopped.iter().any(|(name, ..)| *name == worker.name);
        let places: Vec<_> = (0..self.workers.len()).filter(|place| running(&self.workers[*place])).collect();
        if places.is_empty() { None } else { Some(places[random.place(places.len())]) }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_whatever_happens() {
    let seconds = std::env::var("HOOKSEAL_CHAOS_SECONDS").map_or(20, |text| text.parse().unwrap());
    let mut random = Random::new();
    let calm = Arc::new(AtomicBool::new(false));
    let receiver = moody(random.fork(), &calm).await;
    let server = tokio::task::block_in_place(Own::start);
    let people = open(&server.store(3), "people");
    let places = places(&people, &receiver).await;
    let types: Vec<_> = places.iter().map(|place| place.path.as_str()).collect();

    let mut fleet = Fleet::new(server, &types.join(","));
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(200 + random.below(900))).await;
        fleet.fault(&mut random, &places, &people).await;
    }
    println!("{:8.3} s: no more faults", fleet.begun.elapsed().as_secs_f64());
    calm.store(true, Ordering::SeqCst);
    fleet.resume(Instant::now() + LEASE * 10);
    tokio::task::block_in_place(|| {
        for sender in &mut fleet.senders {
            fleet.said.extend(sender.close());
        }
    });
    let calmed = Instant::now();
    while !people.wait_idle(Some(Duration::from_secs(5))).await.unwrap_or(false) {
        let pending = fleet.server.sql(
            "SELECT format('%s to %s due %s ago, attempts %s', id, endpoint,
                extract(epoch FROM clock_timestamp())::numeric(16, 3) - due / 1000.0, attempts)
             FROM hookseal.delivery ORDER BY due LIMIT 5",
        );
        let lanes = fleet.server.sql("SELECT format('%s of %s', endpoint, worker) FROM hookseal.lane");
        println!("still pending: {pending:?}; lanes: {lanes:?}");
        assert!(calmed.elapsed() < Duration::from_secs(60), "something is never delivered");
    }
    println!("idle {:?} after the last fault", calmed.elapsed());
    tokio::task::block_in_place(|| fleet.workers.iter_mut().for_each(|worker| drop(worker.close())));
    judge(&fleet, &places, &people, &receiver).await;
    people.close().await.unwrap();
}

async fn judge(fleet: &Fleet, places: &[Place], people: &Sender, receiver: &Receiver) {
    let accepted: Vec<&str> =
        fleet.said.iter().filter_map(|line| line.strip_prefix("sent ")?.split(' ').nth(1)).collect();
    let refused = fleet.said.iter().filter(|line| line.starts_with("refused ")).count();
    let arrivals = receiver.arrivals();
    let log = log(people).await;

    let mut of_message: HashMap<&str, &DeliveryRecord> = HashMap::new();
    for delivery in &log {
        assert!(of_message.insert(&delivery.message_id, delivery).is_none(), "stored twice: {delivery:?}");
    }
    let mut successes: HashMap<&str, Vec<&Arrival>> = HashMap::new();
    for arrival in arrivals.iter().filter(|arrival| arrival.code == 200) {
        successes.entry(&arrival.id).or_default().push(arrival);
    }
    // Nothing is lost.
    let (mut delivered, mut failed) = (0_u64, 0);
    for delivery in &log {
        match delivery.state {
            DeliveryState::Delivered => delivered += 1,
            DeliveryState::Failed => failed += 1,
            _ => panic!("neither delivered nor failed: {delivery:?}"),
        }
        let received = successes.contains_key(delivery.message_id.as_str());
        assert!(received || delivery.state == DeliveryState::Failed, "never received: {delivery:?}");
    }
    let mut without = 0;
    for id in &accepted {
        if !of_message.contains_key(id) {
            assert!(people.messages().find(None, id).await.is_ok(), "{id} was accepted, and is not stored");
            without += 1;
        }
    }
    let toggled = fleet.faults.0.iter().any(|fault| fault.kind == Kind::Toggle);
    assert!(without == 0 || toggled, "{without} messages were for nobody, though all endpoints were active");

    // Nothing is repeated without a fault.
    let mut repeats: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for repeated in successes.values().filter(|arrivals| arrivals.len() > 1) {
        for (place, arrival) in repeated[..repeated.len() - 1].iter().enumerate() {
            match fleet.faults.excuse(arrival) {
                Some(kind) => *repeats.entry(kind).or_default() += 1,
                None => wrong.push(format!(
                    "{} by {} from {} to {} and again by {} from {}: {:?}",
                    arrival.id,
                    arrival.worker,
                    fleet.at(arrival.begun),
                    fleet.at(ended(arrival)),
                    repeated[place + 1].worker,
                    fleet.at(repeated[place + 1].begun),
                    of_message.get(arrival.id.as_str()),
                )),
            }
        }
    }
    println!(
        "{} messages accepted, {refused} refusals, {} for nobody; {delivered} deliveries succeeded and {failed} failed \
         in {} requests; repeats: {repeats:?}; faults: {:?}",
        accepted.len(),
        without,
        arrivals.len(),
        fleet.faults.counts(),
    );
    assert!(wrong.is_empty(), "{} repeated for nothing: {wrong:#?}", wrong.len());

    // Not too much at once, and in order.
    let mut most = BTreeMap::new();
    let counted = fleet.faults.over(&arrivals);
    for place in places {
        let at_once = most_at_once(&counted, &place.path, ended);
        most.insert(&place.path, format!("{at_once} of {}", place.concurrency));
        assert!(
            at_once <= place.concurrency,
            "{}: {at_once} at once\n{}",
            place.path,
            fleet.crowd(&counted, place)
        );
        if place.ordered {
            in_order(fleet, place, &log, &arrivals, &successes);
        }
    }
    println!("most at once: {most:?}");

    // What is paid for is what was delivered.
    let ahead = SystemTime::now() + Duration::from_secs(3600);
    let usage = people.usage(None, UNIX_EPOCH, ahead).await.unwrap();
    let credits = u64::from(people.provider().credits());
    assert_eq!(usage.credits, delivered * credits, "{usage:?}");
    assert!(credits > 0 && usage.deliveries == delivered, "{usage:?}");
}

impl Fleet {
    fn at(&self, at: Instant) -> String {
        format!("{:.3} s", at.saturating_duration_since(self.begun).as_secs_f64())
    }

    /// The requests that were too many, for people to read.
    fn crowd(&self, arrivals: &[Arrival], place: &Place) -> String {
        let of_place: Vec<_> = arrivals.iter().filter(|arrival| arrival.path == place.path).collect();
        let beside = |arrival: &&Arrival| {
            let begun = arrival.begun;
            let beside = of_place.iter().filter(|other| other.begun <= begun && begun < ended(other));
            beside.copied().collect::<Vec<_>>()
        };
        let crowd = of_place.iter().map(beside).find(|beside| beside.len() > place.concurrency);
        crowd.unwrap_or_default().into_iter().map(|arrival| self.line(arrival)).collect()
    }

    /// What happened at the same place a little before and after.
    fn around(&self, arrivals: &[Arrival], middle: &Arrival) -> String {
        let near = |arrival: &&Arrival| {
            let (early, late) = (arrival.begun.min(middle.begun), arrival.begun.max(middle.begun));
            arrival.path == middle.path && late - early < Duration::from_secs(5)
        };
        arrivals.iter().filter(near).map(|arrival| self.line(arrival)).collect()
    }

    fn line(&self, arrival: &Arrival) -> String {
        let (begun, ended) = (self.at(arrival.begun), self.at(ended(arrival)));
        format!("{} by {} from {begun} to {ended}: {}\n", arrival.id, arrival.worker, arrival.code)
    }
}

fn in_order(
    fleet: &Fleet,
    place: &Place,
    log: &[DeliveryRecord],
    arrivals: &[Arrival],
    successes: &HashMap<&str, Vec<&Arrival>>,
) {
    let mut deliveries: Vec<_> = log.iter().filter(|delivery| delivery.endpoint == place.id).collect();
    deliveries.sort_unstable_by_key(|delivery| delivery.id);
    let mut before: Option<(&Arrival, &DeliveryRecord)> = None;
    for delivery in deliveries {
        let Some(first) = successes.get(delivery.message_id.as_str()).map(|arrivals| arrivals[0]) else {
            continue;
        };
        if let Some((earlier, its)) = before {
            assert!(
                earlier.begun <= first.begun,
                "{} came after {}, which was sent later:\n{its:#?}\n{delivery:#?}\n{}",
                earlier.id,
                first.id,
                fleet.around(arrivals, earlier)
            );
        }
        before = Some((first, delivery));
    }
}

async fn log(people: &Sender) -> Vec<DeliveryRecord> {
    let (mut log, mut cursor) = (Vec::new(), None);
    loop {
        let page = people.deliveries().list(DeliveryQuery::default(), cursor, 500).await.unwrap();
        log.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return log;
        }
    }
}

/// Answers as receivers do: mostly well, sometimes not, and now and then, until all is calm, not at all.
async fn moody(random: Random, calm: &Arc<AtomicBool>) -> Receiver {
    let (random, calm) = (Mutex::new(random), Arc::clone(calm));
    Receiver::start(move |_, arrival| {
        let mut random = random.lock().unwrap();
        let pause = Duration::from_millis(random.below(25));
        let failing = if arrival.path == "once" { 2 } else { 8 };
        match random.below(100) {
            0 if !calm.load(Ordering::SeqCst) && random.below(3) == 0 => (0, pause),
            mood if mood < failing => (500, pause),
            _ => (200, pause),
        }
    })
    .await
}

async fn places(people: &Sender, receiver: &Receiver) -> Vec<Place> {
    let mut places = Vec::new();
    for number in 0..10 {
        let ordered = number % 3 == 0;
        let path = if number == 1 { "once".to_owned() } else { format!("e{number}") };
        let concurrency = if ordered { 1 } else { 1 + number % 3 * 2 };
        let new = NewEndpoint {
            events: vec![path.clone()],
            secret: Some(Secret::new(SECRET).unwrap()),
            ordered,
            concurrency: Some(u32::try_from(concurrency).unwrap()),
            timeout: Some(Duration::from_secs(4)),
            retry: if number == 1 {
                Some(RetryPolicy::none())
            } else {
                retries(&[50, 100, 200, 400, 400, 400, 400, 400])
            },
            ..NewEndpoint::new(&receiver.url(&path))
        };
        let id = people.endpoints().create(new).await.unwrap().endpoint.id;
        places.push(Place { path, id, concurrency, ordered });
    }
    places
}

/// Does something until the database is there to do it.
async fn insist<T>(mut attempt: impl AsyncFnMut() -> hookseal::Result<T>) -> T {
    let begun = Instant::now();
    loop {
        match attempt().await {
            Ok(done) => return done,
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(30), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

struct Random(u64);

impl Random {
    fn new() -> Self {
        let seed = std::env::var("HOOKSEAL_CHAOS_SEED").ok().and_then(|text| text.parse().ok());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let seed = seed.unwrap_or(now.as_nanos() as u64);
        println!("HOOKSEAL_CHAOS_SEED={seed}");
        Self(seed | 1)
    }

    fn fork(&mut self) -> Self {
        Self(self.0.rotate_left(17) | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % limit
    }

    fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }
}
