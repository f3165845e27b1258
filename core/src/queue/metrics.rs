//! What a queue counts.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counters since it was opened.
#[derive(Default)]
pub(crate) struct Metrics {
    pub(crate) sent: Counter,
    pub(crate) duplicates: Counter,
    pub(crate) attempts_succeeded: Counter,
    pub(crate) attempts_failed: Counter,
    pub(crate) delivered: Counter,
    pub(crate) failed: Counter,
    pub(crate) discarded: Counter,
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

    pub(crate) fn write(&self, text: &mut String, name: &str, help: &str) {
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

/// What a queue has at hand.
pub(crate) struct UnderWay {
    /// What attempts are called, with a capital letter.
    pub(crate) attempts: &'static str,
    pub(crate) in_flight: u64,
    pub(crate) unsettled: u64,
    pub(crate) queued: u64,
}

/// The text that Prometheus scrapes, in the making.
pub(crate) struct Exposition {
    prefix: &'static str,
    text: String,
}

impl Exposition {
    /// All names begin with this.
    pub(crate) fn new(prefix: &'static str) -> Self {
        Self { prefix, text: String::new() }
    }

    /// Each row has its labels, if any, and its value.
    pub(crate) fn counter(&mut self, name: &str, help: &str, rows: &[(&str, u64)]) {
        self.family(name, "counter", help, rows);
    }

    pub(crate) fn gauge(&mut self, name: &str, help: &str, rows: &[(&str, u64)]) {
        self.family(name, "gauge", help, rows);
    }

    /// What every queue has: its commits, and what is under way.
    pub(crate) fn queue(&mut self, metrics: &Metrics, now: &UnderWay) {
        self.counter("commits_total", "Commits of the store.", &[("", metrics.commits.value())]);
        self.counter("commit_operations_total", "Operations committed.", &[("", metrics.committed.value())]);
        self.counter("commit_errors_total", "Commits that failed.", &[("", metrics.commit_errors.value())]);
        self.gauge("in_flight", &format!("{} that run.", now.attempts), &[("", now.in_flight)]);
        let ended = format!("{} that ended and whose outcome is not stored yet.", now.attempts);
        self.gauge("unsettled", &ended, &[("", now.unsettled)]);
        self.gauge("queued", "Operations that wait for their commit.", &[("", now.queued)]);
        self.histogram("commit_seconds", "Duration of commits.", &metrics.commit_seconds);
    }

    pub(crate) fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) {
        histogram.write(&mut self.text, &format!("{}{name}", self.prefix), help);
    }

    pub(crate) fn text(self) -> String {
        self.text
    }

    fn family(&mut self, name: &str, kind: &str, help: &str, rows: &[(&str, u64)]) {
        let Self { prefix, text } = self;
        let _ = writeln!(text, "# HELP {prefix}{name} {help}\n# TYPE {prefix}{name} {kind}");
        for (labels, value) in rows {
            let _ = writeln!(text, "{prefix}{name}{labels} {value}");
        }
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
