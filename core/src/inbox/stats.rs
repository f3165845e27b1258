//! The inbox in numbers.

use crate::queue::metrics::{Exposition, Metrics, UnderWay};

/// The inbox's state in numbers: counters since it was opened, and gauges of this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InboxStats {
    /// Events that were stored.
    pub received: u64,
    /// Events that had been received before.
    pub duplicates: u64,
    /// Tries that succeeded.
    pub tries_succeeded: u64,
    /// Tries that did not.
    pub tries_failed: u64,
    /// Events that were handled.
    pub handled: u64,
    /// Events that failed for good.
    pub failed: u64,
    /// Events that a handler discarded, or that had none.
    pub discarded: u64,
    /// Failed tries that are repeated.
    pub retried: u64,
    /// Commits of the store, and …
    pub commits: u64,
    /// … operations in them.
    pub committed: u64,
    /// Commits that failed.
    pub commit_errors: u64,
    /// Handlers that run now.
    pub in_flight: u64,
    /// Tries that ended and whose outcome is not stored yet.
    pub unsettled: u64,
    /// Operations that wait for their commit.
    pub queued: u64,
    /// Events in the store that wait to be handled.
    pub pending: u64,
    /// Whether this process handles events.
    pub handling: bool,
}

impl InboxStats {
    pub(crate) fn of(metrics: &Metrics) -> Self {
        Self {
            received: metrics.sent.value(),
            duplicates: metrics.duplicates.value(),
            tries_succeeded: metrics.attempts_succeeded.value(),
            tries_failed: metrics.attempts_failed.value(),
            handled: metrics.delivered.value(),
            failed: metrics.failed.value(),
            discarded: metrics.discarded.value(),
            retried: metrics.retried.value(),
            commits: metrics.commits.value(),
            committed: metrics.committed.value(),
            commit_errors: metrics.commit_errors.value(),
            ..Self::default()
        }
    }

    /// The text that Prometheus scrapes.
    pub(crate) fn prometheus(&self, metrics: &Metrics) -> String {
        let mut page = Exposition::new("hookseal_inbox_");
        page.counter(
            "received_total",
            "Events received.",
            &[("{result=\"stored\"}", self.received), ("{result=\"duplicate\"}", self.duplicates)],
        );
        page.counter(
            "tries_total",
            "Handlers that ended.",
            &[("{result=\"succeeded\"}", self.tries_succeeded), ("{result=\"failed\"}", self.tries_failed)],
        );
        page.counter(
            "events_total",
            "Events that ended.",
            &[
                ("{result=\"handled\"}", self.handled),
                ("{result=\"failed\"}", self.failed),
                ("{result=\"discarded\"}", self.discarded),
            ],
        );
        page.counter("retries_total", "Failed tries that are repeated.", &[("", self.retried)]);
        let Self { in_flight, unsettled, queued, .. } = *self;
        page.queue(metrics, &UnderWay { attempts: "Tries", in_flight, unsettled, queued });
        page.gauge("pending", "Events that wait to be handled.", &[("", self.pending)]);
        page.gauge("handling", "Whether this process handles events.", &[("", self.handling.into())]);
        page.histogram("try_seconds", "Duration of handlers.", &metrics.attempt_seconds);
        page.text()
    }
}
