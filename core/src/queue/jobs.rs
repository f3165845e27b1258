//! Long work in small steps: jobs that deliver again, and housekeeping.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::engine::{Engine, strange};
use crate::error::Result;
use crate::store::{JobId, Sweep, SweepCursor, Write, Written};

/// Does the steps of all open jobs, in the process that dispatches.
pub(crate) async fn work(engine: Arc<Engine>) {
    loop {
        if engine.epoch.load(Ordering::Acquire) > 0
            && let Err(error) = all(&engine).await
        {
            tracing::error!(%error, "a job could not go on");
        }
        // Another process may have begun one.
        let _ = tokio::time::timeout(LOOK_AGAIN, engine.jobs.notified()).await;
    }
}

async fn all(engine: &Arc<Engine>) -> Result<()> {
    for job in engine.read(|store| store.open_jobs()).await? {
        finish(engine, job.id).await?;
    }
    Ok(())
}

async fn finish(engine: &Arc<Engine>, job: JobId) -> Result<()> {
    loop {
        let now = engine.clock.millis();
        let step = Write::StepJob { job, limit: STEP, now };
        let Written::Job { job, .. } = engine.submit(step).await? else {
            return Err(strange());
        };
        if job.done {
            tracing::info!(job = %job.id, retried = job.retried, skipped = job.skipped, "job done");
            return Ok(());
        }
    }
}

/// Deletes what is too old, a little at a time.
pub(crate) async fn sweep(engine: Arc<Engine>) {
    let Some(retention) = engine.retention else { return };
    let mut from = None;
    loop {
        let mut pause = PAUSE;
        if engine.epoch.load(Ordering::Acquire) > 0 {
            let now = engine.clock.millis();
            match step(&engine, Sweep { retention, from, limit: ROWS, now }).await {
                Ok(next) => {
                    from = next;
                    pause = if from.is_some() { BREATH } else { PAUSE };
                }
                Err(error) => tracing::error!(%error, "housekeeping failed"),
            }
        }
        tokio::time::sleep(pause).await;
    }
}

/// Where to go on, if there is more to do.
async fn step(engine: &Engine, sweep: Sweep) -> Result<Option<SweepCursor>> {
    let beside = sweep.clone();
    if let Some(swept) = engine.read(move |store| store.sweep(&beside).transpose()).await? {
        return Ok(swept.next);
    }
    match engine.submit(Write::Sweep(sweep)).await? {
        Written::Swept(swept) => Ok(swept.next),
        _ => Err(strange()),
    }
}

const STEP: usize = 200;
const ROWS: usize = 500;
const LOOK_AGAIN: Duration = Duration::from_secs(10);
const BREATH: Duration = Duration::from_millis(50);
const PAUSE: Duration = Duration::from_secs(60);
