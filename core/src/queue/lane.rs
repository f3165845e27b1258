//! What the dispatcher knows about one endpoint.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use super::carrier::Target;
use super::work::Work;
use crate::store::DeliveryId;
use crate::timestamp::Millis;

/// An endpoint with something to do.
///
/// The store holds all deliveries; the window holds the next few of them, so that picking one reads nothing.
pub(crate) struct Lane {
    /// How to deliver here; absent until it was read.
    pub(crate) target: Option<Arc<Target>>,
    window: VecDeque<Work>,
    /// Deliveries that must not be picked again: their request is on its way or its outcome is not committed.
    busy: HashSet<DeliveryId>,
    /// Requests on their way.
    pub(crate) flying: u32,
    /// Whether the store may have due deliveries that the window has not.
    pub(crate) more: bool,
    reading: Option<Reading>,
    /// Up to where the store was read, while it has more.
    read_upto: Option<Place>,
    reads: u32,
    /// Whether it stands in a ring, waiting for its turn.
    pub(crate) queued: bool,
    /// Somebody else dispatches this endpoint.
    pub(crate) away: bool,
    /// While an ordered endpoint's first delivery waits to be tried again, the others wait with it.
    blocked: bool,
    /// The youngest delivery that was ever in the window.
    newest: DeliveryId,
    pub(crate) pace: Pace,
    bucket: Option<Bucket>,
    /// Changes with the endpoint; what was read before is not used after.
    pub(crate) version: u64,
}

/// A place in the order in which deliveries are due.
pub(crate) type Place = (Millis, DeliveryId);

/// A read of the window that is under way.
#[derive(Default)]
pub(crate) struct Reading {
    /// What was settled since it began, and may stand in its result as if it were pending.
    settled: HashSet<DeliveryId>,
    /// What was added since it began, and may or may not stand in its result.
    added: VecDeque<Work>,
    /// Whether there were too many of them to keep.
    missed: bool,
}

impl Lane {
    pub(crate) fn new(version: u64) -> Self {
        Self {
            target: None,
            window: VecDeque::new(),
            busy: HashSet::new(),
            flying: 0,
            more: true,
            reading: None,
            read_upto: None,
            reads: 0,
            queued: false,
            away: false,
            blocked: false,
            newest: DeliveryId(0),
            pace: Pace::default(),
            bucket: None,
            version,
        }
    }

    pub(crate) fn aim(&mut self, target: Arc<Target>, now: Millis) {
        self.bucket = target.rate.map(|rate| match self.bucket.take() {
            Some(bucket) if bucket.rate.to_bits() == rate.to_bits() => bucket,
            _ => Bucket::new(rate, now),
        });
        self.target = Some(target);
    }

    /// Adds a delivery that was just committed, or notes that it has to be read: where the store has something
    /// before it that the window has not, or may have, because somebody else sent it and we did not hear of it yet.
    pub(crate) fn push(&mut self, work: Work) {
        // Ids grow, so only an older one can be known already, from a read that was faster than this call.
        if work.id <= self.newest && (self.busy.contains(&work.id) || self.waits(work.id)) {
            return;
        }
        if let Some(reading) = &mut self.reading {
            reading.missed |= self.blocked || reading.added.len() >= MOST_FRESH;
            if !reading.missed {
                reading.added.push_back(work);
            }
            return;
        }
        let any_order = self.target.as_ref().is_some_and(|target| !target.ordered);
        let in_turn = !self.more && !self.blocked && any_order;
        if in_turn && self.window.len() < MOST_FRESH {
            self.newest = self.newest.max(work.id);
            self.window.push_back(work);
        } else {
            self.more = true;
        }
    }

    /// Begins to read, if it is time to: how many deliveries, and behind which place.
    pub(crate) fn begin_read(&mut self) -> Option<(usize, Option<Place>)> {
        let size = self.target.as_ref().map_or(WINDOW, |target| WINDOW.max(2 * target.concurrency as usize));
        if self.away || !self.more || self.reading.is_some() || self.window.len() > size / 2 {
            return None;
        }
        self.reading = Some(Reading::default());
        // From the beginning, those that are busy come first.
        let busy = if self.read_upto.is_none() { self.busy.len() } else { 0 };
        Some((size + busy, self.read_upto))
    }

    /// Takes what was read, except what is on its way already. `upto` is the place to go on at, if the store has
    /// more that is due.
    pub(crate) fn fill(&mut self, read: impl IntoIterator<Item = Work>, upto: Option<Place>) {
        let mut reading = self.reading.take().unwrap_or_default();
        let ordered = self.target.as_ref().is_some_and(|target| target.ordered);
        reading.missed |= ordered && !reading.added.is_empty();
        // It begins again at the end and now and then, for what came behind its back: a write that waited long for
        // its commit, or a clock that was set back.
        self.reads += 1;
        self.read_upto = upto.filter(|_| !self.reads.is_multiple_of(READS_UNTIL_AGAIN));
        self.more = upto.is_some() || reading.missed;
        if self.more || self.target.is_none() {
            // They come after what was not read yet, or wait until the endpoint is active: they will be read too.
            reading.added.clear();
        }
        for work in read.into_iter().chain(reading.added) {
            let settled = reading.settled.contains(&work.id);
            let known = work.id <= self.newest && (self.busy.contains(&work.id) || self.waits(work.id));
            if !settled && !known {
                self.newest = self.newest.max(work.id);
                self.window.push_back(work);
            }
        }
    }

    /// Why or why not a request may leave now.
    pub(crate) fn readiness(&self, now: Millis) -> Readiness {
        let Some(target) = &self.target else {
            return Readiness::Nothing;
        };
        if self.away || self.window.is_empty() || self.blocked {
            return Readiness::Nothing;
        }
        // What is not yet committed counts where order matters.
        let busy = if target.ordered { self.busy.len() } else { self.flying as usize };
        let limit = if self.pace.probing() { 1 } else { target.concurrency as usize };
        if busy >= limit {
            return Readiness::Nothing;
        }
        match self.bucket.as_ref().and_then(|bucket| bucket.ready_at(now)) {
            Some(at) => Readiness::At(at),
            None => Readiness::Now,
        }
    }

    pub(crate) fn take(&mut self, now: Millis) -> Option<Work> {
        let work = self.window.pop_front()?;
        self.busy.insert(work.id);
        self.flying += 1;
        if let Some(bucket) = &mut self.bucket {
            bucket.take(now);
        }
        Some(work)
    }

    /// The outcome is in the store; `again` if the delivery goes on later. Older reads do
    /// not apply where order forbids it: then the lane has this version.
    pub(crate) fn settled(&mut self, id: DeliveryId, again: bool, version: u64) {
        self.busy.remove(&id);
        if let Some(reading) = &mut self.reading {
            reading.settled.insert(id);
        }
        if !again {
            return;
        }
        match &self.target {
            Some(target) if !target.ordered => return,
            // The others wait with it, also those that are being read.
            Some(_) => (self.blocked, self.more) = (true, false),
            // Whether they do is being read, with a view of it from before: that is read once more.
            None => self.more = true,
        }
        self.window.clear();
        self.reading = None;
        self.read_upto = None;
        self.version = version;
    }

    /// Nothing came of a claim: it is to be read again.
    pub(crate) fn unclaim(&mut self, id: DeliveryId) {
        self.busy.remove(&id);
        self.read_upto = None;
        self.more = true;
        if self.target.as_ref().is_some_and(|target| target.ordered) {
            // They come after it.
            self.window.clear();
        }
    }

    /// Somebody else attempts this delivery.
    pub(crate) fn claim(&mut self, id: DeliveryId) {
        self.window.retain(|work| work.id != id);
        self.newest = self.newest.max(id);
        self.busy.insert(id);
    }

    fn waits(&self, id: DeliveryId) -> bool {
        self.window.iter().any(|work| work.id == id)
    }

    /// A delivery was canceled.
    pub(crate) fn forget(&mut self, id: DeliveryId) {
        self.window.retain(|work| work.id != id);
        if let Some(reading) = &mut self.reading {
            reading.settled.insert(id);
        }
    }

    /// Something is due: a retry's time has come, or somebody else added deliveries.
    pub(crate) fn due(&mut self) {
        self.blocked = false;
        self.more = true;
        if let Some(reading) = &mut self.reading {
            reading.missed = true;
        }
    }

    /// The endpoint changed: what is known of it has to be read again.
    pub(crate) fn changed(&mut self, version: u64) {
        self.target = None;
        self.window.clear();
        self.reading = None;
        self.read_upto = None;
        self.blocked = false;
        self.more = true;
        self.version = version;
    }

    /// Somebody else dispatches this endpoint.
    pub(crate) fn revoked(&mut self, version: u64) {
        self.changed(version);
        self.away = true;
    }

    /// It is ours again: whatever there is has to be read.
    pub(crate) fn returned(&mut self) {
        if std::mem::take(&mut self.away) {
            self.blocked = false;
            self.more = true;
        }
    }

    /// Nothing is on its way or not committed.
    pub(crate) fn is_settled(&self) -> bool {
        self.busy.is_empty()
    }

    /// The read failed; it is made again when something is due.
    pub(crate) fn give_up_reading(&mut self) {
        self.reading = None;
    }

    /// Nothing is to be done here now.
    pub(crate) fn is_idle(&self) -> bool {
        let nothing = self.window.is_empty() && !self.more && self.reading.is_none() && !self.queued;
        self.busy.is_empty() && (nothing || self.away)
    }

    /// As [`is_idle`](Self::is_idle), and nothing is lost by forgetting it.
    pub(crate) fn is_forgettable(&self) -> bool {
        self.is_idle() && self.bucket.is_none() && !self.pace.slow && !self.blocked
    }
}

pub(crate) enum Readiness {
    Now,
    At(Millis),
    Nothing,
}

/// How fast an endpoint answers.
#[derive(Default)]
pub(crate) struct Pace {
    average: f64,
    timeouts: u32,
    pub(crate) slow: bool,
}

impl Pace {
    pub(crate) fn observe(&mut self, millis: Millis, timed_out: bool) {
        #[expect(clippy::cast_precision_loss, reason = "an average")]
        let millis = millis.max(0) as f64;
        self.average = self.average.mul_add(0.75, millis * 0.25);
        self.timeouts = if timed_out { self.timeouts + 1 } else { 0 };
        self.slow = self.average > SLOW_MILLIS || self.probing();
    }

    /// One request at a time, until one does not time out.
    pub(crate) fn probing(&self) -> bool {
        self.timeouts >= TIMEOUTS_TO_PROBE
    }
}

/// A token bucket that holds one second's worth.
struct Bucket {
    rate: f64,
    tokens: f64,
    at: Millis,
}

impl Bucket {
    fn new(rate: f64, now: Millis) -> Self {
        Self { rate, tokens: rate.max(1.0), at: now }
    }

    fn take(&mut self, now: Millis) {
        self.tokens = self.tokens_at(now) - 1.0;
        self.at = now;
    }

    /// When there is a token, if there is none now.
    fn ready_at(&self, now: Millis) -> Option<Millis> {
        let missing = 1.0 - self.tokens_at(now);
        // A thousandth of a token: sums of fractions do not always reach the whole.
        if missing <= 0.001 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "casts of floats saturate")]
        let wait = (missing / self.rate * 1000.0).ceil() as Millis;
        Some(now.saturating_add(wait.max(1)))
    }

    fn tokens_at(&self, now: Millis) -> f64 {
        // A clock that was set back gives nothing; one that was set forward a second's worth.
        #[expect(clippy::cast_precision_loss, reason = "it is capped at a second's worth below")]
        let passed = now.saturating_sub(self.at).max(0) as f64 / 1000.0;
        passed.mul_add(self.rate, self.tokens).min(self.rate.max(1.0))
    }
}

/// How many deliveries are read at once, at least.
const WINDOW: usize = 64;
const READS_UNTIL_AGAIN: u32 = 16;
/// The most deliveries of one endpoint that wait in memory straight from their commit.
const MOST_FRESH: usize = 4096;
/// From this average on an endpoint is slow; also how long a request may take before it is looked at.
pub(crate) const SLOW_MILLIS: f64 = 2000.0;
const TIMEOUTS_TO_PROBE: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_rate() {
        let mut bucket = Bucket::new(2.0, 0);
        bucket.take(0);
        assert_eq!(bucket.ready_at(0), None);
        bucket.take(0);
        assert_eq!(bucket.ready_at(0), Some(500));
        assert_eq!(bucket.ready_at(500), None);
        assert_eq!(bucket.ready_at(-1000), Some(-500), "a clock that was set back");
        bucket.take(500);
        assert_eq!(bucket.ready_at(1_000_000), None);
        bucket.take(1_000_000);
        bucket.take(1_000_000);
        assert!(bucket.ready_at(1_000_000).is_some(), "no more than a second's worth is saved up");
    }

    #[test]
    fn three_timeouts_make_it_probe_and_one_answer_ends_that() {
        let mut pace = Pace::default();
        (0..3).for_each(|_| pace.observe(100, true));
        assert!(pace.slow && pace.probing());
        pace.observe(100, false);
        assert!(!pace.slow && !pace.probing());
        (0..3).for_each(|_| pace.observe(10_000, false));
        assert!(pace.slow && !pace.probing());
    }
}
