//! What the sender counts, and how Prometheus reads it.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counters since the sender was opened.
#[derive(Default)]
pub(crate) struct Metrics {
    pub(crate) sent: Counter,
    pub(crate) duplicates: Counter,
    pub(crate) attempts_succeeded: Counter,
    pub(crate) attempts_failed: Counter,
    pub(crate) delivered: Counter,
    pub(crate) failed: Counter,
    pub(crate) retried: Counter,
    pub(crate) disabled: Counter,
    pub(crate) commits: Counter,
    pub(crate) committed: Counter,
    pub(crate) commit_errors: Counter,
    pub(crate) commit_seconds: Histogram,
    pub(crate) attempt_seconds: Histogram,
}

/// A number that only grows.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, by: u64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    pub(crate) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How long things took.
#[derive(Default)]
pub(crate) struct Histogram {
    buckets: [AtomicU64; BOUNDS.len()],
    count: AtomicU64,
    micros: AtomicU64,
}

impl Histogram {
    pub(crate) fn observe(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(at) = BOUNDS.iter().position(|(bound, _)| micros <= *bound) {
            self.buckets[at].fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    fn write(&self, text: &mut String, name: &str, help: &str) {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} histogram");
        let mut below = 0;
        for ((_, bound), bucket) in BOUNDS.iter().zip(&self.buckets) {
            below += bucket.load(Ordering::Relaxed);
            let _ = writeln!(text, "{name}_bucket{{le=\"{bound}\"}} {below}");
        }
        let count = self.count.load(Ordering::Relaxed);
        let micros = self.micros.load(Ordering::Relaxed);
        let _ = writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {count}");
        let _ = writeln!(text, "{name}_sum {}.{:06}", micros / 1_000_000, micros % 1_000_000);
        let _ = writeln!(text, "{name}_count {count}");
    }
}

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

impl Metrics {
    pub(crate) fn stats(&self) -> Stats {
        Stats {
            sent: self.sent.value(),
            duplicates: self.duplicates.value(),
            attempts_succeeded: self.attempts_succeeded.value(),
            attempts_failed: self.attempts_failed.value(),
            delivered: self.delivered.value(),
            failed: self.failed.value(),
            retried: self.retried.value(),
            disabled: self.disabled.value(),
            commits: self.commits.value(),
            committed: self.committed.value(),
            commit_errors: self.commit_errors.value(),
            ..Stats::default()
        }
    }

    /// The text that Prometheus scrapes.
    pub(crate) fn prometheus(&self, stats: &Stats) -> String {
        let mut text = String::new();
        let mut family = |name: &str, kind: &str, help: &str, rows: &[(&str, u64)]| {
            let _ = writeln!(text, "# HELP hookseal_{name} {help}\n# TYPE hookseal_{name} {kind}");
            for (labels, value) in rows {
                let _ = writeln!(text, "hookseal_{name}{labels} {value}");
            }
        };
        let (counter, gauge) = ("counter", "gauge");
        family(
            "messages_total",
            counter,
            "Messages sent.",
            &[("{result=\"stored\"}", stats.sent), ("{result=\"duplicate\"}", stats.duplicates)],
        );
        family(
            "attempts_total",
            counter,
            "Requests that ended.",
            &[
                ("{result=\"succeeded\"}", stats.attempts_succeeded),
                ("{result=\"failed\"}", stats.attempts_failed),
            ],
        );
        family(
            "deliveries_total",
            counter,
            "Deliveries that ended.",
            &[("{result=\"delivered\"}", stats.delivered), ("{result=\"failed\"}", stats.failed)],
        );
        family("retries_total", counter, "Failed attempts that are tried again.", &[("", stats.retried)]);
        family("endpoints_disabled_total", counter, "Endpoints disabled.", &[("", stats.disabled)]);
        family("commits_total", counter, "Commits of the store.", &[("", stats.commits)]);
        family("commit_operations_total", counter, "Operations committed.", &[("", stats.committed)]);
        family("commit_errors_total", counter, "Commits that failed.", &[("", stats.commit_errors)]);
        family("in_flight", gauge, "Requests on their way.", &[("", stats.in_flight)]);
        family("unsettled", gauge, "Ended attempts not yet stored.", &[("", stats.unsettled)]);
        family("queued", gauge, "Operations that wait for their commit.", &[("", stats.queued)]);
        family(
            "deliveries",
            gauge,
            "Deliveries that wait.",
            &[("{state=\"pending\"}", stats.pending), ("{state=\"held\"}", stats.held)],
        );
        family("dispatching", gauge, "Whether this process delivers.", &[("", stats.dispatching.into())]);
        self.commit_seconds.write(&mut text, "hookseal_commit_seconds", "Duration of commits.");
        self.attempt_seconds.write(&mut text, "hookseal_attempt_seconds", "Duration of requests.");
        text
    }
}

/// Upper bounds in microseconds, and in seconds as text.
const BOUNDS: &[(u64, &str)] = &[
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (1_000_000, "1"),
    (5_000_000, "5"),
    (10_000_000, "10"),
    (30_000_000, "30"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_reads_it() {
        let metrics = Metrics::default();
        metrics.sent.add(3);
        metrics.attempt_seconds.observe(Duration::from_millis(3));
        metrics.attempt_seconds.observe(Duration::from_secs(60));
        let text = metrics.prometheus(&Stats { pending: 7, ..metrics.stats() });
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
