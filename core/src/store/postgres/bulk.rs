//! What there is much of: messages to store and attempts to settle, mixed as they come. A run of them is read, decided
//! on in memory in its order, and written, in three or four round trips however many they are.

use std::collections::{BTreeSet, HashMap};

use super::link::Step;
use super::send::Sending;
use super::settle::{ENDED, Settling};
use super::tx::Tx;
use super::value;
use crate::error::Result;
use crate::store::write::{Write, Written};

impl Tx<'_> {
    /// Applies all writes but housekeeping.
    pub(super) fn apply(&mut self, batch: &[Write]) -> Result<Vec<Result<Written>>> {
        let batch: Vec<_> = batch.iter().filter(|write| !matches!(write, Write::Sweep(_))).collect();
        let mut written = Vec::with_capacity(batch.len());
        let mut rest = &batch[..];
        while let Some(first) = rest.first() {
            let run = rest.iter().take_while(|write| is_bulk(write)).count();
            if run == 0 {
                match self.control(first) {
                    // The store failed, not the write: nothing of the batch can be relied on.
                    Err(error) if error.kind() == crate::error::Kind::Store => return Err(error),
                    result => written.push(result),
                }
                rest = &rest[1..];
            } else {
                written.extend(self.bulk(&rest[..run], run == rest.len())?);
                rest = &rest[run..];
            }
        }
        Ok(written)
    }

    fn bulk(&mut self, run: &[&Write], last: bool) -> Result<Vec<Result<Written>>> {
        let mut sending = Sending::of(run);
        let mut settling = Settling::of(run);
        let mut steps = sending.probe();
        let probes = steps.len();
        steps.extend(settling.probe());
        let mut answers = self.run(steps)?;
        let of_settling = answers.split_off(probes);
        sending.probed(answers)?;
        let ended = settling.probed(of_settling)?;
        if !ended.is_empty() {
            let answers = self.run(vec![Step::new(ENDED, &[&ended])])?;
            settling.probed(answers)?;
        }
        if sending.any() {
            self.cache.load(self.link, sending.tenants())?;
        }
        let steps = settling.standings(sending.lines());
        if !steps.is_empty() {
            let answers = self.run(steps)?;
            settling.stand(answers)?;
        }

        let mut outcomes = Vec::with_capacity(run.len());
        for write in run {
            outcomes.push(match write {
                Write::Send(message) => sending.send(message, self.cache),
                Write::Begin { epoch, delivery, number, now } => {
                    Outcome::Done(Ok(Written::Changed(settling.begin(*epoch, *delivery, *number, *now))))
                }
                Write::Settle(settle) => {
                    Outcome::Done(Ok(Written::Settled(settling.settle(settle, self.cache))))
                }
                Write::Lost { epoch, delivery, number, started_at, now } => Outcome::Done(Ok(
                    Written::Settled(settling.lost(*epoch, *delivery, *number, *started_at, *now)),
                )),
                _ => continue,
            });
        }

        for endpoint in settling.disabled() {
            self.reroute(endpoint)?;
        }
        sending.number(self)?;
        self.news.due.extend(sending.reached());
        let rows = sending.rows();
        let settled = settling.rows();
        let mut steps: Vec<Step<'_>> = rows.steps();
        steps.extend(settled.steps());
        match last {
            true => self.run_last(steps)?,
            false => self.run(steps)?,
        };
        Ok(outcomes.into_iter().map(|outcome| sending.written(outcome)).collect())
    }

    /// Numbers of a sequence, in their order.
    pub(super) fn numbers(&mut self, sequence: &'static str, count: usize) -> Result<Vec<i64>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let rows = self.query(sequence, &[&value::rows(count)])?;
        rows.iter().map(|row| value::get(row, 0)).collect()
    }
}

/// What comes of a write, as far as it is known before its numbers are.
pub(super) enum Outcome {
    Done(Result<Written>),
    /// The new message at this place.
    New(usize),
    /// The same id as the new message at this place.
    Again(usize),
}

fn is_bulk(write: &Write) -> bool {
    matches!(write, Write::Send(_) | Write::Begin { .. } | Write::Settle(_) | Write::Lost { .. })
}

/// The places of things by what names them, sorted so that all lock them in the same order.
pub(super) fn sorted<T: Ord + Copy>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Rows by the number in their first column.
pub(super) fn by_number<T>(
    rows: &[tokio_postgres::Row],
    read: impl Fn(&tokio_postgres::Row) -> Result<T>,
) -> Result<HashMap<i64, T>> {
    rows.iter().map(|row| Ok((value::get(row, 0)?, read(row)?))).collect()
}

pub(super) const MESSAGE_KEYS: &str = "SELECT nextval('message_key') FROM generate_series(1, $1::bigint)";
pub(super) const DELIVERY_IDS: &str = "SELECT nextval('delivery_id') FROM generate_series(1, $1::bigint)";
