//! How a deduplicator is set up.

use std::time::Duration;

use crate::envelope::Origin;
use crate::error::{Error, Result};

/// How a [`Deduplicator`](super::Deduplicator) is set up.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeduplicatorOptions {
    /// How long an event that is done is remembered; `None` is seven days, or for as long as the event's provider
    /// retries if that is longer.
    pub keep: Option<Duration>,
    /// For how long a claim holds without being extended, if its holder dies: 60 seconds. Longer than any handler takes.
    pub lease: Duration,
    /// How many events `memory:` remembers at most: 100 000, which take some 25 MB. The oldest that are done are
    /// forgotten first.
    pub capacity: usize,
    /// Keeps apart what shares a store. Two endpoints that both get the same event of one provider, and both are to
    /// handle it, need one each.
    pub namespace: String,
}

impl Default for DeduplicatorOptions {
    fn default() -> Self {
        Self { keep: None, lease: Duration::from_secs(60), capacity: 100_000, namespace: String::new() }
    }
}

impl DeduplicatorOptions {
    pub(super) fn check(self) -> Result<Self> {
        if self.lease < SHORTEST || self.lease > LONGEST_LEASE {
            return Err(Error::argument("The lease of a claim lasts between 0.1 seconds and one day."));
        }
        if self.keep.is_some_and(|keep| keep < SHORTEST || keep > LONGEST_KEEP) {
            return Err(Error::argument("Events are kept for between 0.1 seconds and ten years."));
        }
        if self.capacity == 0 {
            return Err(Error::argument("The capacity is at least one event."));
        }
        Ok(self)
    }

    /// How long an event from there is remembered.
    pub(super) fn keep(&self, origin: &Origin) -> Duration {
        self.keep.unwrap_or_else(|| origin.retried_for.clamp(USUAL_KEEP, LONGEST_KEEP))
    }
}

const SHORTEST: Duration = Duration::from_millis(100);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const LONGEST_LEASE: Duration = DAY;
const LONGEST_KEEP: Duration = Duration::from_secs(3650 * 24 * 60 * 60);
/// What providers do not write down, such as sending again by hand, happens within days.
const USUAL_KEEP: Duration = Duration::from_secs(7 * 24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Provider;

    fn kept(provider: &Provider) -> Duration {
        DeduplicatorOptions::default().keep(&provider.envelope.origin)
    }

    #[test]
    fn events_are_kept_for_as_long_as_they_may_come_again() {
        for id in Provider::ids() {
            let provider = Provider::builtin(id).unwrap();
            let delays: Duration = provider.retry().delays().iter().sum();
            assert!(kept(&provider) >= delays.max(7 * DAY), "{id}");
        }
        let slow = Provider::from_toml(
            r#"
            id = "slow"
            name = "Slow"
            sources = ["a test"]
            confidence = "own"
            [signature]
            header = "x-signature"
            mac = "hmac-sha256"
            encoding = "hex"
            signed = "{body}"
            [delivery]
            timeout = 10
            retry = { delays = [432000, 864000], jitter = 0.5 }
            "#,
        )
        .unwrap();
        assert_eq!(kept(&slow), DAY * 45 / 2 + Duration::from_secs(30));
    }

    #[test]
    fn senseless_options_are_refused() {
        let usual = DeduplicatorOptions::default;
        for options in [
            DeduplicatorOptions { lease: Duration::ZERO, ..usual() },
            DeduplicatorOptions { lease: 2 * DAY, ..usual() },
            DeduplicatorOptions { keep: Some(Duration::ZERO), ..usual() },
            DeduplicatorOptions { keep: Some(Duration::MAX), ..usual() },
            DeduplicatorOptions { capacity: 0, ..usual() },
        ] {
            assert_eq!(options.check().unwrap_err().code(), crate::Code::InvalidArgument);
        }
    }
}
