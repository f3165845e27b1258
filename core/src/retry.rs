//! When to try again: a pure function of policy, attempt, outcome, clock and chance.

use std::time::{Duration, SystemTime};

use crate::error::{Code, Error, Result};
use crate::timestamp::{self, Unit};

/// When a failed delivery is tried again, and when no more.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    delays: Vec<Duration>,
    jitter: f64,
    disable_on: Vec<u16>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered.
    Status {
        /// The status code.
        code: u16,
        /// The `Retry-After` header, as it came.
        retry_after: Option<String>,
    },
    /// There was no answer, for the reason of this code, such as [`Code::Timeout`].
    Failed(Code),
}

/// What to do after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It was delivered.
    Done,
    /// Try again, not before this instant.
    RetryAt(SystemTime),
    /// It failed for good.
    GiveUp,
    /// It failed for good, and the receiver asked for no more events: disable the endpoint.
    Disable,
}

impl RetryPolicy {
    /// One attempt, no retries.
    pub fn none() -> Self {
        Self { delays: Vec::new(), jitter: 0.0, disable_on: Vec::new() }
    }

    /// The delay before each retry; one attempt more than there are delays.
    ///
    /// # Errors
    /// `invalid_argument` for more than 1000 delays or one of more than 366 days.
    pub fn from_delays(delays: impl Into<Vec<Duration>>) -> Result<Self> {
        let delays = delays.into();
        if delays.len() > MOST_RETRIES as usize {
            return Err(Error::argument(format!(
                "A retry policy has at most {MOST_RETRIES} delays, not {}.",
                delays.len()
            )));
        }
        if let Some(delay) = delays.iter().find(|delay| **delay > LONGEST_DELAY) {
            return Err(Error::argument(format!(
                "A retry delay is at most 366 days, not {} s.",
                delay.as_secs()
            )));
        }
        Ok(Self { delays, ..Self::none() })
    }

    /// `count` retries: the first after `first`, each later one after `factor` times the delay before it, none
    /// after more than `cap`.
    ///
    /// # Errors
    /// `invalid_argument` for a factor below 1 or not finite, more than 1000 retries, or delays of more
    /// than 366 days (set a `cap`).
    pub fn exponential(first: Duration, factor: f64, cap: Option<Duration>, count: u32) -> Result<Self> {
        if !(factor.is_finite() && factor >= 1.0) {
            return Err(Error::argument(format!(
                "The factor of a retry policy is a number of at least 1, not {factor}."
            )));
        }
        if count > MOST_RETRIES {
            return Err(Error::argument(format!(
                "A retry policy has at most {MOST_RETRIES} retries, not {count}."
            )));
        }
        let cap = cap.unwrap_or(Duration::MAX);
        let delays: Vec<_> =
            (0..count).map(|nth| scale(first, factor.powi(nth.cast_signed())).min(cap)).collect();
        Self::from_delays(delays)
    }

    /// Spreads retries: every delay above ten seconds grows by a random part of up to this ratio of itself.
    /// Delays never shrink, so none fires before its time.
    ///
    /// # Errors
    /// `invalid_argument` if the ratio is not between 0 and 1.
    pub fn with_jitter(self, ratio: f64) -> Result<Self> {
        if !(0.0..=1.0).contains(&ratio) {
            return Err(Error::argument(format!(
                "The jitter of a retry policy lies between 0 and 1, not {ratio}."
            )));
        }
        Ok(Self { jitter: ratio, ..self })
    }

    /// Status codes by which a receiver asks for no more events, such as 410 under Standard Webhooks.
    pub fn with_disable_on(self, codes: impl Into<Vec<u16>>) -> Self {
        Self { disable_on: codes.into(), ..self }
    }

    /// The delay before each retry, before jitter.
    pub fn delays(&self) -> &[Duration] {
        &self.delays
    }

    /// The largest part of itself by which a delay grows at random.
    pub fn jitter(&self) -> f64 {
        self.jitter
    }

    /// The status codes by which a receiver asks for no more events.
    pub fn disable_on(&self) -> &[u16] {
        &self.disable_on
    }

    /// How many attempts there are at most, the first included.
    pub fn max_attempts(&self) -> u32 {
        u32::try_from(self.delays.len()).expect("there are at most 1000 delays") + 1
    }

    /// All delays one after the other, with all the jitter there may be.
    pub(crate) fn longest(&self) -> Duration {
        let longest = |delay: &Duration| self.spread(*delay, 1.0);
        self.delays.iter().map(longest).fold(Duration::ZERO, Duration::saturating_add)
    }

    /// What to do after attempt number `attempt` (the first is 1) ended at `now` with `outcome`; `chance`
    /// between 0 and 1 picks within the jitter.
    ///
    /// 2xx is success. A `Retry-After` of a 429 or 503 can only lengthen the wait, by up to a day. A blocked
    /// address is never tried again: asking more often does not make it allowed.
    pub fn next(&self, attempt: u32, outcome: &Outcome, now: SystemTime, chance: f64) -> Next {
        self.next_by(attempt, outcome, now, || chance)
    }

    /// The same; `chance` is asked only where there is something to pick.
    pub(crate) fn next_by(
        &self,
        attempt: u32,
        outcome: &Outcome,
        now: SystemTime,
        chance: impl FnOnce() -> f64,
    ) -> Next {
        let hint = match outcome {
            Outcome::Status { code: 200..=299, .. } => return Next::Done,
            Outcome::Status { code, .. } if self.disable_on.contains(code) => return Next::Disable,
            Outcome::Status { code: 429 | 503, retry_after } => retry_after.as_deref(),
            Outcome::Failed(Code::BlockedAddress | Code::Canceled) => return Next::GiveUp,
            Outcome::Status { .. } | Outcome::Failed(_) => None,
        };
        let Some(delay) = self.delays.get(attempt.max(1) as usize - 1) else {
            return Next::GiveUp;
        };
        let hint = hint.and_then(|text| retry_after(text, now)).unwrap_or_default();
        let delay = self.spread(*delay, chance()).max(hint.min(LONGEST_HINT));
        match now.checked_add(delay) {
            Some(at) => Next::RetryAt(at),
            None => Next::GiveUp,
        }
    }

    fn spread(&self, delay: Duration, chance: f64) -> Duration {
        if delay <= EXACT_UP_TO {
            return delay;
        }
        let chance = if chance.is_finite() { chance.clamp(0.0, 1.0) } else { 0.0 };
        delay.saturating_add(scale(delay, self.jitter * chance))
    }
}

/// A `Retry-After` value (RFC 9110 §10.2.3): whole seconds or an HTTP date. Anything else is no hint.
fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit()) {
        return Some(text.parse().map_or(LONGEST_HINT, Duration::from_secs));
    }
    let at = timestamp::to_system(Unit::HttpDate.parse(text.as_bytes())?)?;
    at.duration_since(now).ok()
}

/// `delay × factor`, or the longest duration where that is out of range.
fn scale(delay: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(delay.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

const MOST_RETRIES: u32 = 1000;
const LONGEST_DELAY: Duration = Duration::from_secs(366 * 24 * 60 * 60);
const LONGEST_HINT: Duration = Duration::from_secs(24 * 60 * 60);
/// Delays up to this long are kept to the letter: a documented "1s, 2s, 4s" means just that.
const EXACT_UP_TO: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::UNIX_EPOCH;

    fn seconds(list: &[u64]) -> Vec<Duration> {
        list.iter().copied().map(Duration::from_secs).collect()
    }

    fn status(code: u16, retry_after: Option<&str>) -> Outcome {
        Outcome::Status { code, retry_after: retry_after.map(str::to_owned) }
    }

    fn wait(policy: &RetryPolicy, outcome: &Outcome) -> Option<u64> {
        match policy.next(1, outcome, UNIX_EPOCH, 0.0) {
            Next::RetryAt(at) => Some(at.duration_since(UNIX_EPOCH).unwrap().as_secs()),
            _ => None,
        }
    }

    #[test]
    fn exponential_delays() {
        let kagibag = RetryPolicy::exponential(Duration::from_secs(30), 4.0, None, 5).unwrap();
        assert_eq!(kagibag.delays(), seconds(&[30, 120, 480, 1920, 7680]));
        assert_eq!(kagibag.max_attempts(), 6);
        let capped =
            RetryPolicy::exponential(Duration::from_secs(1), 2.0, Some(Duration::from_secs(5)), 5).unwrap();
        assert_eq!(capped.delays(), seconds(&[1, 2, 4, 5, 5]));
    }

    #[test]
    fn senseless_policies_are_refused() {
        let second = Duration::from_secs(1);
        for policy in [
            RetryPolicy::exponential(second, f64::NAN, None, 3),
            RetryPolicy::exponential(second, 0.5, None, 3),
            RetryPolicy::exponential(second, 2.0, None, 100),
            RetryPolicy::exponential(second, 1.0, None, 1001),
            RetryPolicy::from_delays([Duration::MAX]),
            RetryPolicy::none().with_jitter(1.5),
            RetryPolicy::none().with_jitter(f64::NAN),
        ] {
            assert_eq!(policy.unwrap_err().code(), Code::InvalidArgument);
        }
    }

    #[test]
    fn follows_the_delays_then_gives_up() {
        let policy = RetryPolicy::from_delays(seconds(&[1, 2, 4])).unwrap();
        let outcome = Outcome::Failed(Code::Timeout);
        for (attempt, delay) in [(1, 1), (2, 2), (3, 4)] {
            let at = UNIX_EPOCH + Duration::from_secs(delay);
            assert_eq!(policy.next(attempt, &outcome, UNIX_EPOCH, 1.0), Next::RetryAt(at));
        }
        assert_eq!(policy.next(4, &outcome, UNIX_EPOCH, 1.0), Next::GiveUp);
        assert_eq!(policy.next(u32::MAX, &outcome, UNIX_EPOCH, 1.0), Next::GiveUp);
        assert_eq!(RetryPolicy::none().next(1, &outcome, UNIX_EPOCH, 1.0), Next::GiveUp);
    }

    #[test]
    fn some_outcomes_end_it() {
        let policy = RetryPolicy::from_delays(seconds(&[1])).unwrap().with_disable_on([410]);
        let next = |outcome| policy.next(1, &outcome, UNIX_EPOCH, 0.0);
        assert_eq!(next(status(204, None)), Next::Done);
        assert_eq!(next(status(410, None)), Next::Disable);
        assert_eq!(next(Outcome::Failed(Code::BlockedAddress)), Next::GiveUp);
        for failed in [199, 301, 400, 404, 500] {
            assert!(matches!(next(status(failed, None)), Next::RetryAt(_)), "{failed}");
        }
    }

    #[test]
    fn retry_after_only_lengthens_and_within_limits() {
        let policy = RetryPolicy::from_delays(seconds(&[60])).unwrap();
        for (hint, expected) in [
            ("120", 120),
            (" 120 ", 120),
            ("5", 60),
            ("1000000000000", 86_400),
            ("99999999999999999999999", 86_400),
            ("-5", 60),
            ("NaN", 60),
            ("1.5", 60),
            ("", 60),
            ("Thu, 01 Jan 1970 00:05:00 GMT", 300),
            ("Thu, 31 Dec 9998 23:59:59 GMT", 86_400),
            ("Fri, 99 Dec 9999 23:59:59 GMT", 60),
            ("Wed, 31 Dec 1969 23:59:59 GMT", 60),
        ] {
            assert_eq!(wait(&policy, &status(429, Some(hint))), Some(expected), "{hint:?}");
            assert_eq!(wait(&policy, &status(503, Some(hint))), Some(expected), "{hint:?}");
        }
        assert_eq!(wait(&policy, &status(500, Some("120"))), Some(60));
    }

    proptest! {
        #[test]
        fn never_early(delay in 0..100_000_u64, jitter in 0.0..=1.0, chance: f64, hint: String) {
            let delay = Duration::from_secs(delay);
            let policy = RetryPolicy::from_delays([delay]).unwrap().with_jitter(jitter).unwrap();
            let Next::RetryAt(at) = policy.next(1, &status(503, Some(&hint)), UNIX_EPOCH, chance) else {
                panic!("one retry is left");
            };
            let wait = at.duration_since(UNIX_EPOCH).unwrap();
            prop_assert!(wait >= delay);
            prop_assert!(wait <= (delay * 2).max(LONGEST_HINT));
        }
    }
}
