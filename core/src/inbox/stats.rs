//! The inbox in numbers.

use crate::queue::metrics::{self, Metrics};

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
        let mut text = String::new();
        let mut family = |name: &str, kind: &str, help: &str, rows: &[(&str, u64)]| {
            metrics::family(&mut text, &format!("hookseal_inbox_{name}"), kind, help, rows);
        };
        let (counter, gauge) = ("counter", "gauge");
        family(
            "received_total",
            counter,
            "Events received.",
            &[("{result=\"stored\"}", self.received), ("{result=\"duplicate\"}", self.duplicates)],
        );
        family(
            "tries_total",
            counter,
            "Handlers that ended.",
            &[("{result=\"succeeded\"}", self.tries_succeeded), ("{result=\"failed\"}", self.tries_failed)],
        );
        family(
            "events_total",
            counter,
            "Events that ended.",
            &[
                ("{result=\"handled\"}", self.handled),
                ("{result=\"failed\"}", self.failed),
                ("{result=\"discarded\"}", self.discarded),
            ],
        );
        family("retries_total", counter, "Failed tries that are repeated.", &[("", self.retried)]);
        family("commits_total", counter, "Commits of the store.", &[("", self.commits)]);
        family("commit_operations_total", counter, "Operations committed.", &[("", self.committed)]);
        family("commit_errors_total", counter, "Commits that failed.", &[("", self.commit_errors)]);
        family("in_flight", gauge, "Handlers that run.", &[("", self.in_flight)]);
        family("unsettled", gauge, "Ended tries not yet stored.", &[("", self.unsettled)]);
        family("queued", gauge, "Operations that wait for their commit.", &[("", self.queued)]);
        family("pending", gauge, "Events that wait to be handled.", &[("", self.pending)]);
        family("handling", gauge, "Whether this process handles events.", &[("", self.handling.into())]);
        metrics.commit_seconds.write(&mut text, "hookseal_inbox_commit_seconds", "Duration of commits.");
        metrics.attempt_seconds.write(&mut text, "hookseal_inbox_try_seconds", "Duration of handlers.");
        text
    }
}
