//! One attempt after the other: a task takes a delivery, has it carried, hands in the outcome and takes the next.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;

use super::carrier::{Carriage, Carried, Ending, Target};
use super::crew::Handover;
use super::dispatch::Grant;
use super::engine::{Engine, Settling};
use super::failpoint;
use super::work::{Parcel, Work};
use crate::deliver::HeaderText;
use crate::error::{Code, Error, Result};
use crate::retry::{Next, Outcome};
use crate::store::{AttemptRecord, Settle, Trigger, Verdict, Write, Written};
use crate::timestamp::{self, Millis};

/// Makes attempts as long as there are any to make.
pub(crate) async fn run(engine: Arc<Engine>, first: Handover, name: u64) {
    let member = Member { engine: &engine, name };
    let mut called = Some(first);
    while let Some(handover) = called {
        let mut next = handover.take();
        while let Some(grant) = next {
            next = attend(member.engine, grant).await;
        }
        called = member.engine.crew.rest().await;
    }
}

struct Member<'e> {
    engine: &'e Arc<Engine>,
    name: u64,
}

impl Drop for Member<'_> {
    fn drop(&mut self) {
        self.engine.crew.left(self.name);
    }
}

async fn attend(engine: &Arc<Engine>, grant: Grant) -> Option<Grant> {
    let Grant { slot, work, target } = grant;
    let mut claim = Claim::new(engine, Some(slot), work, target);
    if claim.target.valid_until <= engine.clock.millis() {
        // One of its secrets has expired.
        let endpoint = claim.work.endpoint;
        claim.give_back();
        engine.drive(|dispatch, now| {
            if engine.store.holds(endpoint) {
                dispatch.changed(endpoint, now);
            }
        });
        return None;
    }
    let parcel = match claim.work.parcel.take() {
        Some(parcel) => parcel,
        None => match fetch(engine, &claim.work).await {
            Ok(Some(parcel)) => Arc::new(parcel),
            Ok(None) => return claim.cancel(),
            Err(error) => {
                let (id, what) = (claim.work.id, engine.terms.words.delivery);
                tracing::error!(%error, delivery = %id, "the {what} could not be read");
                tokio::time::sleep(READ_AGAIN).await;
                claim.give_back();
                return None;
            }
        },
    };
    failpoint::reach("after_claim");
    // Others may have the lane by now, if this process was stopped for a while.
    if !engine.store.holds(claim.work.endpoint) {
        claim.give_back();
        return None;
    }
    // One at a time: so what ends the process a second time is found, and what merely ran beside it is not taken for it.
    let mut alone = None;
    if engine.terms.marks {
        if claim.work.was_lost && claim.work.begun_at.is_none() {
            alone = engine.suspects.acquire().await.ok();
        }
        if let Some(at) = claim.work.begun_at {
            return claim.lost(at);
        }
        if !claim.begins().await {
            claim.give_back();
            return None;
        }
        failpoint::reach("after_begin");
    }
    let next = claim.make(&parcel).await;
    drop(alone);
    next
}

/// Attempts a delivery outside the lanes, for somebody who waits for its outcome.
pub(crate) async fn alone(engine: &Arc<Engine>, work: Work, target: Arc<Target>, parcel: &Parcel) {
    Claim::new(engine, None, work, target).make(parcel).await;
}

/// A delivery that nobody else attempts. However it ends, the dispatcher hears of it.
struct Claim<'e> {
    engine: &'e Arc<Engine>,
    slot: Option<usize>,
    work: Work,
    target: Arc<Target>,
    begun: Option<(SystemTime, Instant)>,
    open: bool,
}

impl<'e> Claim<'e> {
    fn new(engine: &'e Arc<Engine>, slot: Option<usize>, work: Work, target: Arc<Target>) -> Self {
        Self { engine, slot, work, target, begun: None, open: true }
    }

    async fn make(mut self, parcel: &Parcel) -> Option<Grant> {
        let now = self.engine.clock.now();
        let begun = Instant::now();
        self.begun = Some((now, begun));
        let number = self.work.attempts + 1;
        let target = Arc::clone(&self.target);
        let Carried { record, ending } =
            target.to.carry(&Carriage { work: &self.work, parcel, number, now }).await;
        failpoint::reach("after_response");
        self.settle(record, &ending)
    }

    /// Has the store note that an attempt begins; false if it must not.
    async fn begins(&self) -> bool {
        let Work { id: delivery, attempts, .. } = self.work;
        let (epoch, now) = (self.engine.epoch.load(Ordering::Acquire), self.engine.clock.millis());
        match self.engine.submit(Write::Begin { epoch, delivery, number: attempts + 1, now }).await {
            Ok(Written::Changed(true)) => true,
            // It was canceled, or is somebody else's by now.
            Ok(_) => {
                tokio::time::sleep(NOT_OURS).await;
                false
            }
            Err(error) => {
                if error.code() != Code::Closed {
                    let attempt = self.engine.terms.words.attempt;
                    tracing::error!(%error, %delivery, "the {attempt} could not begin");
                    tokio::time::sleep(READ_AGAIN).await;
                }
                false
            }
        }
    }

    /// An attempt began, and the process that made it is gone: it may have been the attempt that ended it, so this
    /// counts as a failure.
    fn lost(mut self, begun_at: Millis) -> Option<Grant> {
        let at = timestamp::to_system(begun_at).unwrap_or(SystemTime::UNIX_EPOCH);
        let took = self.engine.clock.now().duration_since(at).unwrap_or_default();
        let attempt = self.engine.terms.words.attempt;
        let message = format!("The process ended while the {attempt} was under way.");
        let error = Error::new(Code::Lost, message);
        let record = failed(self.work.attempts + 1, at, took, error);
        self.settle(record, &Ending::Outcome(Outcome::Failed(Code::Lost)))
    }

    fn settle(&mut self, attempt: AttemptRecord, ending: &Ending) -> Option<Grant> {
        let engine = self.engine;
        let took = Duration::from_millis(u64::try_from(attempt.duration).unwrap_or_default());
        let succeeded = matches!(ending, Ending::Outcome(Outcome::Status { code: 200..=299, .. }));
        let counter =
            if succeeded { &engine.metrics.attempts_succeeded } else { &engine.metrics.attempts_failed };
        counter.add(1);
        engine.metrics.attempt_seconds.observe(took);
        let now = engine.clock.now();
        let verdict = self.verdict(ending, now);
        let retry_at = match verdict {
            Verdict::Retry(at) => Some(at),
            _ => None,
        };
        let failed_with =
            |code| matches!(ending, Ending::Outcome(Outcome::Failed(failed)) if *failed == code);
        let settle = Settle {
            epoch: engine.epoch.load(Ordering::Acquire),
            delivery: self.work.id,
            attempt,
            verdict,
            generation: self.target.generation,
            health: (!failed_with(Code::BlockedAddress)).then_some(engine.terms.health),
            credits: engine.terms.credits,
            now: timestamp::from_system(now),
        };
        self.end(Write::Settle(settle), retry_at, took, failed_with(Code::Timeout))
    }

    fn verdict(&self, ending: &Ending, now: SystemTime) -> Verdict {
        let (outcome, wait) = match ending {
            Ending::Outcome(outcome) => (outcome, None),
            Ending::RetryIn(wait) => (&Outcome::Failed(Code::HandlerFailed), Some(*wait)),
            Ending::Discard => return Verdict::Discarded,
        };
        // Attempts that were cut short say nothing about the receiver.
        let number = self.work.attempts.saturating_sub(self.work.lost) + 1;
        let again = self.work.trigger == Trigger::Event || self.engine.terms.persists;
        match self.target.to.policy().next_by(number, outcome, now, || self.engine.clock.chance()) {
            Next::Done => Verdict::Delivered,
            Next::RetryAt(at) if again => {
                let at = wait.map_or(Some(at), |wait| now.checked_add(wait)).unwrap_or(at);
                Verdict::Retry(round_up(at))
            }
            // What somebody asked for by hand is tried once.
            Next::RetryAt(_) | Next::GiveUp => Verdict::Failed,
            Next::Disable => Verdict::Refused,
        }
    }

    /// There is no body any more, so there is nothing to send.
    fn cancel(mut self) -> Option<Grant> {
        let now = self.engine.clock.millis();
        self.end(Write::Cancel { delivery: self.work.id, now }, None, Duration::ZERO, false)
    }

    fn end(
        &mut self,
        write: Write,
        retry_at: Option<Millis>,
        took: Duration,
        timed_out: bool,
    ) -> Option<Grant> {
        self.open = false;
        let Work { endpoint, id: delivery, in_line, .. } = self.work;
        let settling = Settling { endpoint, delivery, retry_at, in_line };
        // The slot first: the commit must not be seen before the end of the request.
        let next = self.slot.and_then(|slot| self.engine.land(slot, took, timed_out));
        self.engine.settle(write, settling);
        next
    }

    /// Nothing was sent.
    fn give_back(mut self) {
        self.open = false;
        let (slot, id) = (self.slot, self.work.id);
        if let Some(slot) = slot {
            self.engine.drive(|dispatch, now| dispatch.give_back(slot, id, now));
        }
    }
}

impl Drop for Claim<'_> {
    /// The attempt was cut short, or it panicked.
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        let (number, delivery) = (self.work.attempts + 1, self.work.id);
        let now = self.engine.clock.millis();
        let next = match self.begun {
            // Recorded as a failure that is retried as others are, so that it does not repeat for ever.
            Some((at, begun)) if std::thread::panicking() => {
                let error =
                    Error::new(Code::ProtocolError, "The attempt ended in an error of Hookseal's own.");
                let ending = Ending::Outcome(Outcome::Failed(Code::ProtocolError));
                self.settle(failed(number, at, begun.elapsed(), error), &ending)
            }
            Some((at, begun)) => {
                let epoch = self.engine.epoch.load(Ordering::Acquire);
                let started_at = timestamp::from_system(at);
                let lost = Write::Lost { epoch, delivery, number, started_at, now };
                self.end(lost, Some(now), begun.elapsed(), false)
            }
            None => {
                if let Some(slot) = self.slot.take() {
                    self.engine.drive(|dispatch, now| dispatch.give_back(slot, delivery, now));
                }
                None
            }
        };
        if let Some(grant) = next {
            let id = grant.work.id;
            self.engine.drive(|dispatch, now| dispatch.give_back(grant.slot, id, now));
        }
    }
}

/// Reads what to send; `None` if the body was deleted.
async fn fetch(engine: &Engine, work: &Work) -> Result<Option<Parcel>> {
    let key = work.message;
    let payloads = engine.read(move |store| store.payloads(&[key])).await?;
    Ok(payloads.into_iter().next().flatten().map(|payload| Parcel::stored(payload, &engine.shelf)))
}

/// The log's record of an attempt that got no answer.
pub(crate) fn failed(number: u32, at: SystemTime, took: Duration, error: Error) -> AttemptRecord {
    unanswered(number, at, took, Some(error))
}

/// The same, where no answer may be what was hoped for.
pub(crate) fn unanswered(number: u32, at: SystemTime, took: Duration, error: Option<Error>) -> AttemptRecord {
    AttemptRecord {
        number,
        started_at: timestamp::from_system(at),
        duration: millis(took),
        response_code: None,
        error,
        request_headers: HeaderText::default(),
        response_headers: HeaderText::default(),
        response_body: Bytes::new(),
        response_truncated: false,
    }
}

pub(crate) fn millis(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}

/// Retries never come early, not even by the part of a millisecond that is not stored.
fn round_up(at: SystemTime) -> Millis {
    let millis = timestamp::from_system(at);
    match timestamp::to_system(millis) {
        Some(stored) if stored < at => millis + 1,
        _ => millis,
    }
}

const NOT_OURS: Duration = Duration::from_millis(100);
const READ_AGAIN: Duration = Duration::from_secs(1);
