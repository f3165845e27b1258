//! A batch on its way into the store, and everybody told what came of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::dispatch::Dispatch;
use super::engine::{Engine, Reply, Settling};
use super::failpoint;
use super::work::{Parcel, Work};
use super::writer::Op;
use crate::error::{Error, Result};
use crate::store::{DeliveryState, Fresh, NoticeKind, Write, Written};
use crate::timestamp::Millis;

impl Engine {
    /// One commit, and everybody told.
    pub(crate) fn commit(self: &Arc<Self>, writes: &mut Vec<Write>, replies: &mut Vec<Reply>) {
        let begun = Instant::now();
        let settles = replies.iter().any(|reply| matches!(reply, Reply::Settle(_)));
        if settles {
            failpoint::reach("before_outcome_commit");
        }
        let results = self.store.commit(writes);
        self.metrics.commits.add(1);
        self.metrics.commit_seconds.observe(begun.elapsed());
        match results {
            Ok(results) => {
                if settles {
                    failpoint::reach("after_outcome_commit");
                }
                if replies.iter().any(|reply| matches!(reply, Reply::Caller { .. })) {
                    failpoint::reach("after_enqueue_commit");
                }
                self.metrics.committed.add(writes.len() as u64);
                self.committed(replies, results);
            }
            Err(error) => self.not_committed(writes, replies, &error),
        }
    }

    fn committed(self: &Arc<Self>, replies: &mut Vec<Reply>, results: Vec<Result<Written>>) {
        let mut answers = Vec::with_capacity(replies.len());
        let mut notices = 0;
        self.drive(|dispatch, now| {
            for (reply, result) in replies.drain(..).zip(results) {
                match reply {
                    Reply::Caller { answer, parcel, own, room } => {
                        self.added(dispatch, &result, parcel.as_ref(), own, now);
                        answers.push((answer, result, room));
                    }
                    Reply::Settle(settling) => notices += self.settled(dispatch, &settling, &result, now),
                }
            }
        });
        for (answer, result, room) in answers {
            drop(room);
            // Who gave up waiting finds the message in the store all the same.
            let _ = answer.send(result);
        }
        if notices > 0 {
            self.noticed.send_modify(|count| *count += notices);
        }
    }

    /// New deliveries go straight to the dispatcher.
    fn added(
        &self,
        dispatch: &mut Dispatch,
        result: &Result<Written>,
        parcel: Option<&Arc<Parcel>>,
        own: bool,
        now: Millis,
    ) {
        let Ok(written) = result else { return };
        let (ours, others): (Vec<_>, Vec<_>) =
            fresh(written).iter().partition(|fresh| self.store.holds(fresh.endpoint));
        match written {
            Written::Sent(_) if own => {
                ours.iter().for_each(|fresh| dispatch.claim(fresh.endpoint, fresh.id));
            }
            Written::Sent(sent) => {
                let counter = if sent.duplicate { &self.metrics.duplicates } else { &self.metrics.sent };
                counter.add(1);
                let parcel = parcel.filter(|parcel| !parcel.is_too_much());
                for fresh in ours {
                    match fresh.in_line {
                        // Whether it is its turn the store knows.
                        true => dispatch.due_at(fresh.endpoint, fresh.due, now),
                        false => dispatch.add(Work::fresh(fresh, parcel.cloned()), now),
                    }
                }
            }
            // It may be one that was pending before, with attempts behind it, so it is read.
            Written::Retried(_) | Written::Job { .. } => {
                ours.iter().for_each(|fresh| dispatch.due_at(fresh.endpoint, fresh.due, now));
            }
            Written::Endpoint { endpoint, .. } if self.store.holds(endpoint.id) => {
                dispatch.changed(endpoint.id, now);
            }
            // What it holds is due again if it was enabled.
            Written::Endpoint { endpoint, .. } => self.want(&[endpoint.id]),
            Written::Settled(_) | Written::Changed(_) | Written::Swept(_) => {}
        }
        self.want(&others.iter().map(|fresh| fresh.endpoint).collect::<Vec<_>>());
    }

    /// Gives the number of notices that were made.
    fn settled(
        &self,
        dispatch: &mut Dispatch,
        settling: &Settling,
        result: &Result<Written>,
        now: Millis,
    ) -> u64 {
        let Settling { endpoint, delivery, retry_at, in_line } = *settling;
        let settled = match result {
            Ok(Written::Settled(settled)) => settled,
            Ok(_) => {
                dispatch.settled(endpoint, delivery, None, now);
                if in_line && self.store.holds(endpoint) {
                    dispatch.due_at(endpoint, now, now);
                }
                return 0;
            }
            Err(error) => {
                let attempt = self.terms.words.attempt;
                tracing::error!(%error, %delivery, "the outcome of the {attempt} was refused by the store");
                dispatch.settled(endpoint, delivery, None, now);
                if self.store.holds(endpoint) {
                    dispatch.changed(endpoint, now);
                }
                return 0;
            }
        };
        // It may have been canceled meanwhile.
        let goes_on = settled.state == Some(DeliveryState::Pending);
        dispatch.settled(endpoint, delivery, retry_at.filter(|_| goes_on), now);
        if in_line && !goes_on && self.store.holds(endpoint) {
            dispatch.due_at(endpoint, now, now);
        }
        if !settled.applied && goes_on && self.store.holds(endpoint) {
            // The lane was somebody else's meanwhile, and what is known of it is no good any more.
            dispatch.changed(endpoint, now);
        }
        if settled.applied {
            match settled.state {
                Some(DeliveryState::Delivered) => self.metrics.delivered.add(1),
                Some(DeliveryState::Failed) => self.metrics.failed.add(1),
                Some(DeliveryState::Pending) => self.metrics.retried.add(1),
                Some(DeliveryState::Canceled) => self.metrics.discarded.add(1),
                _ => {}
            }
        }
        if settled.disabled {
            self.metrics.disabled.add(1);
            tracing::warn!(%endpoint, "endpoint disabled");
            if self.store.holds(endpoint) {
                dispatch.changed(endpoint, now);
            }
        }
        if settled.notices.contains(&NoticeKind::DeliveryFailed) {
            tracing::warn!(%delivery, %endpoint, "{} failed", self.terms.words.delivery);
        }
        settled.notices.len() as u64
    }

    /// Callers are told; outcomes are tried again, because their requests cannot be unsent.
    fn not_committed(&self, writes: &mut Vec<Write>, replies: &mut Vec<Reply>, error: &Error) {
        self.metrics.commit_errors.add(1);
        tracing::error!(%error, operations = writes.len(), "the store could not be written");
        let mut again = Vec::new();
        for (write, reply) in writes.drain(..).zip(replies.drain(..)) {
            match reply {
                Reply::Caller { answer, .. } => drop(answer.send(Err(error.clone()))),
                Reply::Settle(settling) => again.push(Op { write, size: 0, reply: Reply::Settle(settling) }),
            }
        }
        if !again.is_empty() {
            std::thread::sleep(COMMIT_AGAIN);
        }
        for op in again {
            self.requeue(op);
        }
    }
}

/// The deliveries that a write made or made due.
fn fresh(written: &Written) -> &[Fresh] {
    match written {
        Written::Sent(sent) => &sent.deliveries,
        Written::Retried(fresh) => std::slice::from_ref(fresh),
        Written::Job { deliveries, .. } => deliveries,
        _ => &[],
    }
}

const COMMIT_AGAIN: Duration = Duration::from_millis(100);
