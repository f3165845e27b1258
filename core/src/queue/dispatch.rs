//! Who is next: a state machine without clock, store or network, which the engine tells what happens.
//!
//! Every endpoint has a lane with slots of its own, so one that hangs costs only these. Lanes wait in rings by
//! tenant. Endpoints that answer slowly wait in a second ring, whose requests together may hold a quarter of
//! all slots. Claims live here alone: a process that dies forgets them, and what was claimed is due again.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::carrier::Target;
use super::lane::{Lane, Place, Readiness, SLOW_MILLIS};
use super::ring::Ring;
use super::work::Work;
use crate::store::{DeliveryId, EndpointId};
use crate::timestamp::Millis;

pub(crate) struct Dispatch {
    lanes: HashMap<EndpointId, Lane>,
    quick: Ring<Option<Arc<str>>, EndpointId>,
    slow: Ring<Option<Arc<str>>, EndpointId>,
    /// When the store's next delivery of an endpoint is due, for those not in a window.
    due: Timers,
    /// When an endpoint's rate limit lets the next one pass.
    tokens: BTreeSet<(Millis, EndpointId)>,
    slots: Vec<Option<Flight>>,
    free: Vec<usize>,
    slow_flying: u32,
    /// Attempts that ended and whose outcome is not committed.
    unsettled: u32,
    reads: Vec<Read>,
    /// Whether requests may leave: this process has the right to dispatch, and is not closing.
    open: bool,
    version: u64,
    turn: u32,
    /// When somebody will call [`tick`](Self::tick) anyway.
    armed: Millis,
    /// Until when requests may leave, unless that is kept up.
    until: Option<Instant>,
    /// Lanes to be given to somebody else, once their outcomes are committed.
    retiring: Vec<EndpointId>,
    /// Whether endpoints that take long get fewer slots.
    paced: bool,
}

struct Flight {
    endpoint: EndpointId,
    since: Instant,
}

/// A delivery to attempt now, in a slot that has to be given back.
pub(crate) struct Grant {
    pub(crate) slot: usize,
    pub(crate) work: Work,
    pub(crate) target: Arc<Target>,
}

/// A window to be filled from the store.
pub(crate) struct Read {
    pub(crate) endpoint: EndpointId,
    pub(crate) size: usize,
    /// Where the last read ended.
    pub(crate) after: Option<Place>,
    /// Whether the endpoint itself has to be read too.
    pub(crate) target: bool,
    /// Whether order matters, as far as is known.
    pub(crate) ordered: bool,
    version: u64,
}

/// What filled it.
pub(crate) struct Filling {
    pub(crate) target: Option<Arc<Target>>,
    pub(crate) works: Vec<Work>,
    /// Where to go on, if there is more that is due.
    pub(crate) upto: Option<Place>,
    pub(crate) next_due: Option<Millis>,
}

impl Dispatch {
    pub(crate) fn new(slots: usize, paced: bool) -> Self {
        Self {
            lanes: HashMap::new(),
            quick: Ring::new(),
            slow: Ring::new(),
            due: Timers::default(),
            tokens: BTreeSet::new(),
            slots: (0..slots).map(|_| None).collect(),
            free: (0..slots).rev().collect(),
            slow_flying: 0,
            unsettled: 0,
            reads: Vec::new(),
            open: false,
            version: 0,
            turn: 0,
            armed: Millis::MAX,
            until: None,
            retiring: Vec::new(),
            paced,
        }
    }

    pub(crate) fn open(&mut self) {
        self.open = true;
    }

    /// No more requests leave. What is on its way ends and is settled.
    pub(crate) fn close(&mut self) {
        self.open = false;
    }

    /// Requests may leave until then; `None` is for ever.
    pub(crate) fn until(&mut self, until: Option<Instant>) {
        self.until = until;
    }

    /// Somebody else dispatches this endpoint now, until [`add`](Self::add) or [`due_at`](Self::due_at) says that it is
    /// ours again.
    pub(crate) fn revoke(&mut self, endpoint: EndpointId) {
        self.due.forget(endpoint);
        self.retiring.retain(|retiring| *retiring != endpoint);
        self.version += 1;
        if let Some(lane) = self.lanes.get_mut(&endpoint) {
            lane.revoked(self.version);
        }
    }

    /// Somebody else shall dispatch this endpoint: no more requests leave for it.
    pub(crate) fn retire(&mut self, endpoint: EndpointId) {
        self.revoke(endpoint);
        self.retiring.push(endpoint);
    }

    /// Whether there are endpoints to give away.
    pub(crate) fn has_retired(&self) -> bool {
        self.retiring.iter().any(|endpoint| self.is_settled(*endpoint))
    }

    /// The endpoints to give away: nothing of theirs is on its way or not committed.
    pub(crate) fn retired(&mut self) -> Vec<EndpointId> {
        let (settled, retiring) =
            std::mem::take(&mut self.retiring).into_iter().partition(|endpoint| self.is_settled(*endpoint));
        self.retiring = retiring;
        settled
    }

    fn is_settled(&self, endpoint: EndpointId) -> bool {
        self.lanes.get(&endpoint).is_none_or(Lane::is_settled)
    }

    /// A delivery that is due now was committed.
    pub(crate) fn add(&mut self, work: Work, now: Millis) {
        if !self.open {
            return;
        }
        let endpoint = work.endpoint;
        let lane = self.lane(endpoint);
        lane.returned();
        lane.push(work);
        self.attend(endpoint, now);
    }

    /// The store has something for this endpoint, due at this time.
    pub(crate) fn due_at(&mut self, endpoint: EndpointId, at: Millis, now: Millis) {
        if !self.open {
            return;
        }
        if let Some(lane) = self.lanes.get_mut(&endpoint) {
            lane.returned();
        }
        if at > now {
            self.due.set(endpoint, at);
            return self.attend(endpoint, now);
        }
        self.lane(endpoint).due();
        self.attend(endpoint, now);
    }

    /// The endpoint was changed, disabled, enabled or deleted.
    pub(crate) fn changed(&mut self, endpoint: EndpointId, now: Millis) {
        // Who takes over reads everything.
        if !self.open {
            return;
        }
        self.version += 1;
        let version = self.version;
        self.lane(endpoint).changed(version);
        self.attend(endpoint, now);
    }

    /// Any endpoint may have changed. Those with nothing to do are read when they have.
    pub(crate) fn all_changed(&mut self, now: Millis) {
        self.lanes.retain(|_, lane| !lane.is_forgettable());
        let endpoints: Vec<_> = self.lanes.keys().copied().collect();
        for endpoint in endpoints {
            self.changed(endpoint, now);
        }
    }

    /// A delivery is attempted outside the lanes; it ends with [`settled`](Self::settled).
    pub(crate) fn claim(&mut self, endpoint: EndpointId, id: DeliveryId) {
        self.unsettled += 1;
        self.lane(endpoint).claim(id);
    }

    /// A delivery was canceled: it is not to be attempted if it was not already.
    pub(crate) fn forget(&mut self, endpoint: EndpointId, id: DeliveryId) {
        if let Some(lane) = self.lanes.get_mut(&endpoint) {
            lane.forget(id);
        }
    }

    /// Lets time pass: what waited for it is due.
    pub(crate) fn tick(&mut self, now: Millis) {
        while let Some(endpoint) = self.due.pop(now) {
            self.lane(endpoint).due();
            self.attend(endpoint, now);
        }
        while let Some(&(at, endpoint)) = self.tokens.first()
            && at <= now
        {
            self.tokens.pop_first();
            self.attend(endpoint, now);
        }
        self.mark_slow();
    }

    /// When to call [`tick`](Self::tick) next.
    pub(crate) fn next_tick(&self) -> Option<Millis> {
        let token = self.tokens.first().map(|(at, _)| *at);
        [self.due.first(), token].into_iter().flatten().min()
    }

    /// Somebody will call [`tick`](Self::tick) at this time; `Millis::MAX` if only when there is a reason to.
    pub(crate) fn arm(&mut self, at: Millis) {
        self.armed = at;
    }

    /// Whether there are reads to make, or a tick before the one that is planned.
    pub(crate) fn wants_attention(&self) -> bool {
        let unwatched = self.armed == Millis::MAX && self.is_flying();
        unwatched || !self.reads.is_empty() || self.next_tick().is_some_and(|at| at < self.armed)
    }

    /// Whether requests are on their way, so that some may turn out slow.
    pub(crate) fn is_flying(&self) -> bool {
        self.free.len() < self.slots.len()
    }

    /// The next delivery to attempt, if a slot is free.
    pub(crate) fn next(&mut self, now: Millis) -> Option<Grant> {
        if self.until.is_some_and(|until| until <= Instant::now()) {
            return None;
        }
        loop {
            if !self.open || self.unsettled as usize >= UNSETTLED_PER_SLOT * self.slots.len() {
                return None;
            }
            let slot = *self.free.last()?;
            let (endpoint, from_slow) = self.whose_turn()?;
            let Some(lane) = self.lanes.get_mut(&endpoint) else { continue };
            lane.queued = false;
            if lane.pace.slow == from_slow
                && matches!(lane.readiness(now), Readiness::Now)
                && let Some(target) = lane.target.clone()
                && let Some(work) = lane.take(now)
            {
                self.slow_flying += u32::from(lane.pace.slow);
                self.free.pop();
                self.slots[slot] = Some(Flight { endpoint, since: Instant::now() });
                self.attend(endpoint, now);
                return Some(Grant { slot, work, target });
            }
            // It became slow or quick, or its turn came too early: it stands in line again where it belongs.
            self.attend(endpoint, now);
        }
    }

    /// The request has ended; its outcome is about to be committed.
    pub(crate) fn landed(&mut self, slot: usize, took: Duration, timed_out: bool, now: Millis) {
        let Some(flight) = self.slots[slot].take() else { return };
        self.free.push(slot);
        self.unsettled += 1;
        if let Some(lane) = self.lanes.get_mut(&flight.endpoint) {
            let before = if lane.pace.slow { lane.flying } else { 0 };
            lane.flying -= 1;
            if self.paced {
                lane.pace.observe(Millis::try_from(took.as_millis()).unwrap_or(Millis::MAX), timed_out);
            }
            let after = if lane.pace.slow { lane.flying } else { 0 };
            self.slow_flying = self.slow_flying + after - before;
        }
        self.attend(flight.endpoint, now);
    }

    /// No request left; the delivery is read again.
    pub(crate) fn give_back(&mut self, slot: usize, id: DeliveryId, now: Millis) {
        let Some(flight) = self.slots[slot].take() else { return };
        self.free.push(slot);
        if let Some(lane) = self.lanes.get_mut(&flight.endpoint) {
            self.slow_flying -= u32::from(lane.pace.slow);
            lane.flying -= 1;
            lane.unclaim(id);
        }
        self.attend(flight.endpoint, now);
    }

    /// The outcome is in the store; `retry_at` if the delivery goes on later.
    pub(crate) fn settled(
        &mut self,
        endpoint: EndpointId,
        id: DeliveryId,
        retry_at: Option<Millis>,
        now: Millis,
    ) {
        self.unsettled = self.unsettled.saturating_sub(1);
        self.version += 1;
        if let Some(lane) = self.lanes.get_mut(&endpoint) {
            lane.settled(id, retry_at.is_some(), self.version);
        }
        let away = self.lanes.get(&endpoint).is_some_and(|lane| lane.away);
        if let Some(at) = retry_at.filter(|_| !away) {
            self.due.set(endpoint, at);
        }
        self.attend(endpoint, now);
    }

    /// The windows to be filled now; each is answered by [`fill`](Self::fill).
    pub(crate) fn reads(&mut self) -> Vec<Read> {
        std::mem::take(&mut self.reads)
    }

    /// A read's result, or `None` if it failed and is to be made again.
    pub(crate) fn fill(&mut self, read: &Read, filling: Option<Filling>, now: Millis) {
        let Some(lane) = self.lanes.get_mut(&read.endpoint).filter(|lane| lane.version == read.version)
        else {
            return;
        };
        let Some(filling) = filling else {
            lane.give_up_reading();
            // Not at once: the store has a problem.
            return self.due.set(read.endpoint, now.saturating_add(READ_AGAIN));
        };
        if let Some(target) = filling.target {
            lane.aim(target, now);
        }
        if lane.target.is_some() {
            lane.fill(filling.works, filling.upto);
        } else {
            // Not active: it is asked about again when it changes.
            lane.fill([], None);
        }
        if let Some(at) = filling.next_due {
            self.due.set(read.endpoint, at);
        }
        self.attend(read.endpoint, now);
    }

    /// Whether nothing is on its way, unsettled or known to be due.
    pub(crate) fn is_idle(&self) -> bool {
        !self.is_flying() && self.unsettled == 0 && self.lanes.values().all(Lane::is_idle)
    }

    pub(crate) fn flying(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub(crate) fn unsettled(&self) -> u32 {
        self.unsettled
    }

    /// Puts a lane in line if it may send, and has its window filled if it runs low.
    fn attend(&mut self, endpoint: EndpointId, now: Millis) {
        let Some(lane) = self.lanes.get_mut(&endpoint) else { return };
        if self.open
            && let Some((size, after)) = lane.begin_read()
        {
            let target = lane.target.is_none();
            let ordered = lane.target.as_ref().is_some_and(|target| target.ordered);
            self.reads.push(Read { endpoint, size, after, target, ordered, version: lane.version });
        }
        if lane.queued {
            return;
        }
        match (lane.readiness(now), &lane.target) {
            (Readiness::Now, Some(target)) => {
                let ring = if lane.pace.slow { &mut self.slow } else { &mut self.quick };
                ring.push(&target.tenant, endpoint);
                lane.queued = true;
            }
            (Readiness::At(at), _) => drop(self.tokens.insert((at, endpoint))),
            _ => {
                if self.lanes.len() > MOST_LANES
                    && self.lanes.get(&endpoint).is_some_and(Lane::is_forgettable)
                {
                    self.lanes.remove(&endpoint);
                }
            }
        }
    }

    /// Quick ones first; every fourth turn is a slow one's, as long as they hold less than their share.
    fn whose_turn(&mut self) -> Option<(EndpointId, bool)> {
        let share = (self.slots.len() / SLOW_SHARE).max(1);
        let may_be_slow = (self.slow_flying as usize) < share && !self.slow.is_empty();
        if may_be_slow && (self.quick.is_empty() || self.turn >= QUICK_TURNS) {
            self.turn = 0;
            return self.slow.pop().map(|endpoint| (endpoint, true));
        }
        self.turn = self.turn.saturating_add(1);
        self.quick.pop().map(|endpoint| (endpoint, false))
    }

    /// Does not wait for the end of a request that takes long.
    fn mark_slow(&mut self) {
        if !self.paced {
            return;
        }
        for flight in self.slots.iter().flatten() {
            #[expect(clippy::cast_precision_loss, reason = "only compared with two seconds")]
            let is_long = flight.since.elapsed().as_millis() as f64 > SLOW_MILLIS;
            if is_long
                && let Some(lane) = self.lanes.get_mut(&flight.endpoint)
                && !lane.pace.slow
            {
                lane.pace.slow = true;
                self.slow_flying += lane.flying;
            }
        }
    }

    fn lane(&mut self, endpoint: EndpointId) -> &mut Lane {
        let version = self.version;
        self.lanes.entry(endpoint).or_insert_with(|| Lane::new(version))
    }
}

/// One time for each endpoint: the earliest it was given.
#[derive(Default)]
struct Timers {
    order: BTreeSet<(Millis, EndpointId)>,
    of: HashMap<EndpointId, Millis>,
}

impl Timers {
    fn set(&mut self, endpoint: EndpointId, at: Millis) {
        if let Some(known) = self.of.get(&endpoint) {
            if *known <= at {
                return;
            }
            self.order.remove(&(*known, endpoint));
        }
        self.of.insert(endpoint, at);
        self.order.insert((at, endpoint));
    }

    fn forget(&mut self, endpoint: EndpointId) {
        if let Some(at) = self.of.remove(&endpoint) {
            self.order.remove(&(at, endpoint));
        }
    }

    fn pop(&mut self, now: Millis) -> Option<EndpointId> {
        let (at, endpoint) = *self.order.first()?;
        if at > now {
            return None;
        }
        self.order.pop_first();
        self.of.remove(&endpoint);
        Some(endpoint)
    }

    fn first(&self) -> Option<Millis> {
        self.order.first().map(|(at, _)| *at)
    }
}

/// For every slot, attempts that may have ended without their outcome being committed; a crash repeats them.
const UNSETTLED_PER_SLOT: usize = 2;
/// Slow endpoints together get one slot in this many.
const SLOW_SHARE: usize = 4;
const QUICK_TURNS: u32 = 3;
/// Lanes beyond these are forgotten as soon as they have nothing to do.
const MOST_LANES: usize = 4096;
/// How long to wait, in milliseconds, after the store could not be read.
const READ_AGAIN: Millis = 1000;

#[cfg(test)]
#[path = "dispatch_tests.rs"]
mod tests;
