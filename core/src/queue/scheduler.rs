//! What runs beside the attempts: reading windows, waking what is due, and watching for other processes.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::carrier::Target;
use super::dispatch::{Dispatch, Filling, Read};
use super::engine::Engine;
use super::work::{self, Parcel, Work};
use crate::error::Result;
use crate::store::{Changes, Due, EndpointId, EndpointStatus, Grant, Store, Window};
use crate::timestamp::Millis;

/// Fills windows and wakes what is due, sleeping until there is something to do.
pub(crate) async fn schedule(engine: Arc<Engine>) {
    loop {
        let reads = engine.drive(|dispatch, now| {
            dispatch.tick(now);
            dispatch.reads()
        });
        if !reads.is_empty() {
            read(&engine, reads).await;
            continue;
        }
        let now = engine.clock.millis();
        let sleep = {
            let mut dispatch = engine.dispatch();
            let next = dispatch.next_tick();
            // Never for long: the clock may jump, and a request may turn out slow.
            let longest = (dispatch.is_flying() || next.is_some()).then_some(LONGEST);
            let sleep =
                longest.map(|longest| next.map_or(longest, |at| at.saturating_sub(now).clamp(0, longest)));
            dispatch.arm(sleep.map_or(Millis::MAX, |sleep| now.saturating_add(sleep)));
            sleep
        };
        match sleep {
            None => engine.attention.notified().await,
            Some(sleep) => {
                let sleep = Duration::from_millis(sleep.unsigned_abs());
                let _ = tokio::time::timeout(sleep, engine.attention.notified()).await;
            }
        }
    }
}

/// Has the right to dispatch asked for until it is given, and then looks for what others have written.
pub(crate) async fn watch(engine: Arc<Engine>) {
    let waker = Arc::downgrade(&engine);
    let told = engine.store.wake(Arc::new(move || {
        if let Some(engine) = waker.upgrade() {
            engine.others.notify_one();
        }
    }));
    let grant = acquire(&engine, told).await;
    engine.jobs.notify_one();
    let mut keeper = Keeper { engine: Arc::clone(&engine), grant };
    let first = keeper.keep_at_last().await;
    let shared = first.is_some();
    let watcher = Watcher { engine, grant, told, shared, known: false, calm: 0, scan_at: None };
    match first {
        // Side by side: what others wrote may be much, and the lanes must be kept meanwhile.
        Some(until) => {
            let (mut keeping, mut watching) = (pin!(keeper.run(until)), pin!(watcher.run()));
            // Neither ends.
            poll_fn(|context| {
                let _ = keeping.as_mut().poll(context);
                watching.as_mut().poll(context)
            })
            .await;
        }
        None => watcher.run().await,
    }
}

/// Keeps the lanes, where they are shared out.
struct Keeper {
    engine: Arc<Engine>,
    grant: Grant,
}

impl Keeper {
    /// Requests end with the time in which the lanes are ours for sure: others may begin theirs then.
    async fn run(mut self, mut until: Instant) {
        let engine = Arc::clone(&self.engine);
        loop {
            let mut kept = pin!(self.keep_in_time(until));
            let next = match tokio::time::timeout_at(until.into(), &mut kept).await {
                Ok(next) => next,
                Err(_) => {
                    engine.crew.abort();
                    kept.await
                }
            };
            let Some(next) = next else { return std::future::pending().await };
            until = next;
        }
    }

    /// Gives away what others want until it is time to keep the rest, and keeps it.
    async fn keep_in_time(&mut self, until: Instant) -> Option<Instant> {
        let keep_at = in_time(until);
        loop {
            self.hand_over().await;
            let _ = tokio::time::timeout_at(keep_at.into(), self.engine.retired.notified()).await;
            if keep_at <= Instant::now() {
                return self.keep_at_last().await;
            }
        }
    }

    /// Tries until it works.
    async fn keep_at_last(&mut self) -> Option<Instant> {
        loop {
            match self.keep().await {
                Ok(until) => return until,
                Err(error) => {
                    tracing::error!(%error, "the lanes could not be kept");
                    tokio::time::sleep(KEEP_AGAIN).await;
                }
            }
        }
    }

    /// Makes sure of the lanes, and lets go those that are lost or wanted by others.
    async fn keep(&mut self) -> Result<Option<Instant>> {
        let grant = self.grant;
        let tenure = self.engine.read(move |store| store.keep(grant)).await?;
        self.engine.drive(|dispatch, _| {
            dispatch.until(tenure.until);
            tenure.lost.iter().for_each(|endpoint| dispatch.revoke(*endpoint));
            tenure.surplus.iter().for_each(|endpoint| dispatch.retire(*endpoint));
        });
        if !tenure.lost.is_empty() {
            self.engine.crew.abort();
        }
        Ok(tenure.until)
    }

    async fn hand_over(&self) {
        let retired = self.engine.dispatch().retired();
        if retired.is_empty() {
            return;
        }
        let grant = self.grant;
        // What stays with us by mistake is found, and taken up again, when there is something to do.
        if let Err(error) = self.engine.read(move |store| store.hand_over(grant, &retired)).await {
            tracing::error!(%error, "lanes could not be handed over");
        }
    }
}

/// Long before the end of a tenure, so that an attempt may fail or two.
fn in_time(until: Instant) -> Instant {
    let now = Instant::now();
    now + until.saturating_duration_since(now) / 3
}

impl Watcher {
    async fn run(mut self) {
        loop {
            let pause = match self.round().await {
                Ok(()) => self.pause(),
                Err(error) => {
                    // What others wrote is told only once, so all is looked at again.
                    self.known = false;
                    tracing::error!(%error, "what others wrote could not be taken over");
                    tokio::time::sleep(AGAIN).await;
                    continue;
                }
            };
            let _ = tokio::time::timeout(pause, self.engine.others.notified()).await;
        }
    }
}

async fn acquire(engine: &Arc<Engine>, told: bool) -> Grant {
    loop {
        let turn = engine.asking.lock().await;
        let held = engine.epoch.load(Ordering::Acquire);
        if held > 0 {
            return Grant { epoch: held };
        }
        let grant = engine.read(|store| store.acquire()).await;
        if let Ok(Some(grant)) = grant {
            tracing::info!(epoch = grant.epoch, "this process dispatches");
            engine.take_over(grant);
            return grant;
        }
        drop(turn);
        if let Err(error) = grant {
            tracing::error!(%error, "the right to dispatch could not be asked for");
            tokio::time::sleep(AGAIN).await;
        } else {
            let pause = if told { LOOK_ANYWAY } else { TAKE_OVER };
            let _ = tokio::time::timeout(pause, engine.others.notified()).await;
        }
    }
}

/// What whoever dispatches does beside its attempts.
struct Watcher {
    engine: Arc<Engine>,
    grant: Grant,
    /// Whether the store tells by itself when others write.
    told: bool,
    /// Whether lanes are shared out among several processes.
    shared: bool,
    /// Whether all that is due was looked at once.
    known: bool,
    /// Looks without a change.
    calm: u32,
    /// When to look at everything, where others may have left something.
    scan_at: Option<Instant>,
}

impl Watcher {
    async fn round(&mut self) -> Result<()> {
        let mut changes = self.engine.store.changes()?;
        self.calm = if changes.is_empty() { self.calm.saturating_add(1) } else { 0 };
        let scan = self.scan_at.is_some_and(|at| at <= Instant::now());
        changes.all |= !self.known;
        changes.outbox |= changes.all || scan;
        self.take_in(&changes).await?;
        if changes.all || scan {
            self.scan().await?;
            self.scan_at = self.shared.then(|| Instant::now() + BETWEEN_SCANS);
        }
        self.known = true;
        Ok(())
    }

    async fn take_in(&self, changes: &Changes) -> Result<()> {
        let engine = &self.engine;
        if changes.jobs {
            engine.jobs.notify_one();
        }
        if changes.outbox {
            super::outbox::drain(engine).await?;
        }
        if changes.all {
            engine.drive(Dispatch::all_changed);
        }
        let mut wanted = engine.wanted();
        wanted.extend(&changes.due);
        engine.drive(|dispatch, now| {
            let held = changes.endpoints.iter().filter(|endpoint| engine.store.holds(**endpoint));
            held.for_each(|endpoint| dispatch.changed(*endpoint, now));
        });
        // An endpoint that was enabled may have something to do.
        wanted.extend(&changes.endpoints);
        wanted.sort_unstable();
        wanted.dedup();
        self.take(wanted).await
    }

    /// Goes through all endpoints that have something to do.
    async fn scan(&self) -> Result<()> {
        let mut after = None;
        loop {
            let page = self.engine.read(move |store| store.ready(after, READY_PAGE)).await?;
            let now = self.engine.clock.millis();
            let free = page.iter().filter(|ready| {
                ready.due <= now.saturating_add(SOON) && !self.engine.store.holds(ready.endpoint)
            });
            self.take(free.map(|ready| ready.endpoint).collect()).await?;
            self.engine.drive(|dispatch, now| {
                for ready in page.iter().filter(|ready| self.engine.store.holds(ready.endpoint)) {
                    dispatch.due_at(ready.endpoint, ready.due, now);
                }
            });
            after = page.last().map(|ready| ready.endpoint);
            if page.len() < READY_PAGE {
                return Ok(());
            }
        }
    }

    /// Begins with the deliveries of these endpoints, as far as their lanes are ours or can be had.
    async fn take(&self, endpoints: Vec<EndpointId>) -> Result<()> {
        let grant = self.grant;
        for endpoints in endpoints.chunks(READY_PAGE) {
            let endpoints = endpoints.to_vec();
            let taken = self.engine.read(move |store| store.take(grant, &endpoints)).await?;
            self.engine.drive(|dispatch, now| {
                // Some may have been lost again meanwhile.
                let held = taken.iter().filter(|endpoint| self.engine.store.holds(**endpoint));
                held.for_each(|endpoint| dispatch.due_at(*endpoint, now, now));
            });
        }
        Ok(())
    }

    fn pause(&self) -> Duration {
        let look = match self.calm {
            _ if self.told => LOOK_ANYWAY,
            ..RESTLESS => LOOK_OFTEN,
            RESTLESS..CALM => LOOK,
            CALM.. => LOOK_SELDOM,
        };
        self.scan_at.map_or(look, |next| look.min(next.saturating_duration_since(Instant::now())))
    }
}

async fn read(engine: &Arc<Engine>, reads: Vec<Read>) {
    let reader = Arc::clone(engine);
    let filled = engine
        .read(move |store| {
            let now = reader.clock.millis();
            let filled = reads.into_iter().map(|read| (fill(&reader, store, &read, now), read));
            Ok(filled.collect::<Vec<_>>())
        })
        .await;
    let Ok(filled) = filled else { return };
    engine.drive(|dispatch, now| {
        for (filling, read) in filled {
            let filling = filling
                .inspect_err(|error| {
                    tracing::error!(%error, endpoint = %read.endpoint, "an endpoint could not be read");
                })
                .ok();
            dispatch.fill(&read, filling, now);
        }
    });
}

fn fill(engine: &Engine, store: &dyn Store, read: &Read, now: Millis) -> Result<Filling> {
    let target = if read.target { target(engine, store, read.endpoint, now)? } else { None };
    let ordered = match &target {
        Some(target) => target.ordered,
        None if read.target => {
            return Ok(Filling { target, works: Vec::new(), upto: None, next_due: None });
        }
        None => read.ordered,
    };
    let window = match ordered {
        true => Window::Sequence { after: None },
        false => Window::Due { after: read.after, until: Millis::MAX },
    };
    let due = store.due(read.endpoint, window, read.size)?;
    let ready = due.iter().take_while(|due| due.due <= now).count();
    let full = due.len() == read.size && ready == due.len();
    Ok(Filling {
        target,
        works: works(engine, store, &due[..ready], read.endpoint)?,
        upto: due.last().filter(|_| full).map(|due| (due.due, due.id)),
        next_due: due.get(ready).map(|due| due.due),
    })
}

/// Reads the contents too, as long as there is room for them in memory.
fn works(engine: &Engine, store: &dyn Store, due: &[Due], endpoint: EndpointId) -> Result<Vec<Work>> {
    let mut works: Vec<_> = due.iter().map(|due| Work::due(due, endpoint)).collect();
    for works in works.chunks_mut(PAYLOADS) {
        if engine.shelf.load(Ordering::Relaxed) > work::MOST_HELD {
            break;
        }
        let keys: Vec<_> = works.iter().map(|work| work.message).collect();
        for (work, payload) in works.iter_mut().zip(store.payloads(&keys)?) {
            work.parcel = payload.map(|payload| Arc::new(Parcel::stored(payload, &engine.shelf)));
        }
    }
    Ok(works)
}

/// The endpoint, if it is active.
fn target(
    engine: &Engine,
    store: &dyn Store,
    endpoint: EndpointId,
    now: Millis,
) -> Result<Option<Arc<Target>>> {
    let Some(record) = store.endpoint(endpoint)?.filter(|record| record.status == EndpointStatus::Active)
    else {
        return Ok(None);
    };
    let secrets = store.secrets(endpoint)?;
    engine.carrier.aim(&record, &secrets, now).map(|target| Some(Arc::new(target)))
}

/// In milliseconds: after at most so long, a jump of the clock is noticed.
const LONGEST: Millis = 1000;
const TAKE_OVER: Duration = Duration::from_millis(100);
const AGAIN: Duration = Duration::from_secs(1);
const KEEP_AGAIN: Duration = Duration::from_millis(200);
/// Where the store tells by itself; what it cannot hear is found then.
const LOOK_ANYWAY: Duration = Duration::from_secs(1);
/// How often to look for what others left, where lanes are shared out.
const BETWEEN_SCANS: Duration = Duration::from_secs(2);
/// In milliseconds: lanes are taken so long before there is something to do.
const SOON: Millis = 3000;
/// While others write, and for a while after.
const LOOK_OFTEN: Duration = Duration::from_millis(25);
const LOOK: Duration = Duration::from_millis(100);
/// So seldom that an idle process costs less than a thousandth of a core.
const LOOK_SELDOM: Duration = Duration::from_millis(250);
/// Looks without a change.
const RESTLESS: u32 = 40;
const CALM: u32 = 140;
/// Contents that are read at once.
const PAYLOADS: usize = 64;
const READY_PAGE: usize = 1024;
