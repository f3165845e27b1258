//! What runs beside the attempts: reading windows, waking what is due, and watching for other processes.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::dispatch::{Filling, Read};
use super::engine::Engine;
use super::target::Target;
use super::work::{self, Parcel, Work};
use crate::error::Result;
use crate::store::{Due, EndpointId, EndpointStatus, Store, Window};
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

/// Becomes the one who dispatches as soon as nobody else is, and then looks for what others have written.
pub(crate) async fn watch(engine: Arc<Engine>) {
    loop {
        let turn = engine.asking.lock().await;
        if engine.epoch.load(Ordering::Acquire) > 0 {
            break;
        }
        let grant = engine.read(|store| store.acquire()).await;
        if let Ok(Some(grant)) = grant {
            tracing::info!(epoch = grant.epoch, "this process dispatches");
            engine.take_over(grant);
            break;
        }
        drop(turn);
        let Err(error) = grant else {
            tokio::time::sleep(TAKE_OVER).await;
            continue;
        };
        tracing::error!(%error, "the right to dispatch could not be asked for");
        tokio::time::sleep(AGAIN).await;
    }
    engine.jobs.notify_one();
    let mut known = false;
    let mut calm: u32 = 0;
    loop {
        match look(&engine, !known).await {
            Ok(changed) => {
                known = true;
                calm = if changed { 0 } else { calm.saturating_add(1) };
            }
            Err(error) => {
                // What others wrote is told only once, so all is looked at again.
                known = false;
                tracing::error!(%error, "what others wrote could not be taken over");
                tokio::time::sleep(AGAIN).await;
            }
        }
        let pause = match calm {
            ..RESTLESS => LOOK_OFTEN,
            RESTLESS..CALM => LOOK,
            CALM.. => LOOK_SELDOM,
        };
        tokio::time::sleep(pause).await;
    }
}

/// Finds what is due, if somebody else has written since.
async fn look(engine: &Arc<Engine>, first: bool) -> Result<bool> {
    // A read of a few microseconds that never waits, so it is not worth another thread.
    if engine.store.changes()?.is_empty() && !first {
        return Ok(false);
    }
    super::outbox::drain(engine).await?;
    engine.drive(super::dispatch::Dispatch::all_changed);
    let mut after = None;
    loop {
        let page = engine.read(move |store| store.ready(after, READY_PAGE)).await?;
        engine.drive(|dispatch, now| {
            page.iter().for_each(|ready| dispatch.due_at(ready.endpoint, ready.due, now));
        });
        after = page.last().map(|ready| ready.endpoint);
        if page.len() < READY_PAGE {
            return Ok(true);
        }
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
    Target::new(&record, &secrets, &engine.provider, &engine.sealer, now).map(|target| Some(Arc::new(target)))
}

/// In milliseconds: after at most so long, a jump of the clock is noticed.
const LONGEST: Millis = 1000;
const TAKE_OVER: Duration = Duration::from_millis(100);
const AGAIN: Duration = Duration::from_secs(1);
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
