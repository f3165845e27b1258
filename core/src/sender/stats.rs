//! The sender in numbers.

use crate::queue::metrics::{Exposition, Metrics, UnderWay};

/// The sender's state in numbers: counters since it was opened, and gauges of this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Messages that were stored.
    pub sent: u64,
    /// Messages that were there already.
    pub duplicates: u64,
    /// Attempts that were answered 2xx.
    pub attempts_succeeded: u64,
    /// Attempts that were not.
    pub attempts_failed: u64,
    /// Deliveries that succeeded.
    pub delivered: u64,
    /// Deliveries that failed for good.
    pub failed: u64,
    /// Failed attempts that are tried again.
    pub retried: u64,
    /// Endpoints that were disabled by failures or by their receiver.
    pub disabled: u64,
    /// Commits of the store, and …
    pub commits: u64,
    /// … operations in them.
    pub committed: u64,
    /// Commits that failed.
    pub commit_errors: u64,
    /// Requests on their way now.
    pub in_flight: u64,
    /// Attempts that ended and whose outcome is not stored yet.
    pub unsettled: u64,
    /// Operations that wait for their commit.
    pub queued: u64,
    /// Deliveries in the store that wait for an attempt.
    pub pending: u64,
    /// Deliveries in the store that are held because their endpoint is disabled.
    pub held: u64,
    /// Whether this process is the one that delivers.
    pub dispatching: bool,
}

impl Stats {
    pub(crate) fn of(metrics: &Metrics) -> Self {
        Self {
            sent: metrics.sent.value(),
            duplicates: metrics.duplicates.value(),
            attempts_succeeded: metrics.attempts_succeeded.value(),
            attempts_failed: metrics.attempts_failed.value(),
            delivered: metrics.delivered.value(),
            failed: metrics.failed.value(),
            retried: metrics.retried.value(),
            disabled: metrics.disabled.value(),
            commits: metrics.commits.value(),
            committed: metrics.committed.value(),
            commit_errors: metrics.commit_errors.value(),
            ..Self::default()
        }
    }

    /// The text that Prometheus scrapes.
    pub(crate) fn prometheus(&self, metrics: &Metrics) -> String {
        let mut page = Exposition::new("hookseal_");
        page.counter(
            "messages_total",
            "Messages sent.",
            &[("{result=\"stored\"}", self.sent), ("{result=\"duplicate\"}", self.duplicates)],
        );
        page.counter(
            "attempts_total",
            "Requests that ended.",
            &[
                ("{result=\"succeeded\"}", self.attempts_succeeded),
                ("{result=\"failed\"}", self.attempts_failed),
            ],
        );
        page.counter(
            "deliveries_total",
            "Deliveries that ended.",
            &[("{result=\"delivered\"}", self.delivered), ("{result=\"failed\"}", self.failed)],
        );
        page.counter("retries_total", "Failed attempts that are tried again.", &[("", self.retried)]);
        page.counter("endpoints_disabled_total", "Endpoints disabled.", &[("", self.disabled)]);
        let Self { in_flight, unsettled, queued, .. } = *self;
        page.queue(metrics, &UnderWay { attempts: "Requests", in_flight, unsettled, queued });
        page.gauge(
            "deliveries",
            "Deliveries that wait.",
            &[("{state=\"pending\"}", self.pending), ("{state=\"held\"}", self.held)],
        );
        page.gauge("dispatching", "Whether this process delivers.", &[("", self.dispatching.into())]);
        page.histogram("attempt_seconds", "Duration of requests.", &metrics.attempt_seconds);
        page.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn prometheus_reads_it() {
        let metrics = Metrics::default();
        metrics.sent.add(3);
        metrics.attempt_seconds.observe(Duration::from_millis(3));
        metrics.attempt_seconds.observe(Duration::from_secs(60));
        let text = Stats { pending: 7, ..Stats::of(&metrics) }.prometheus(&metrics);
        for line in [
            "hookseal_messages_total{result=\"stored\"} 3",
            "hookseal_deliveries{state=\"pending\"} 7",
            "hookseal_attempt_seconds_bucket{le=\"0.0025\"} 0",
            "hookseal_attempt_seconds_bucket{le=\"0.005\"} 1",
            "hookseal_attempt_seconds_bucket{le=\"+Inf\"} 2",
            "hookseal_attempt_seconds_sum 60.003000",
        ] {
            assert!(text.lines().any(|has| has == line), "{line} in\n{text}");
        }
        let names = |line: &&str| line.starts_with("hookseal_");
        assert!(text.lines().filter(names).all(|line| line.split(' ').count() == 2));
    }
}
