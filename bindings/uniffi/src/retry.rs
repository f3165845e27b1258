//! Retries.

use std::time::{Duration, SystemTime};

use hookseal::{Code, Next, Outcome};

use crate::error::{Result, invalid_argument};

/// When a failed delivery is tried again. It is checked where it is used.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RetryPolicy {
    /// The delay before each retry; one attempt more than there are delays.
    pub delays: Vec<Duration>,
    /// Every delay above ten seconds grows by a random part of up to this ratio of itself.
    #[uniffi(default = 0.0)]
    pub jitter: f64,
    /// Status codes by which a receiver asks for no more events.
    #[uniffi(default = [])]
    pub disable_on: Vec<u16>,
}

/// How an attempt ended.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum AttemptOutcome {
    /// The receiver answered.
    Status {
        /// The status code.
        code: u16,
        /// The `Retry-After` header, as it came.
        retry_after: Option<String>,
    },
    /// There was no answer, for the reason of this code, such as `timeout`.
    Failed {
        /// The stable code.
        code: String,
    },
}

/// What to do after an attempt.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum Decision {
    /// It was delivered.
    Done,
    /// Try again.
    Retry {
        /// Not before this instant.
        at: SystemTime,
    },
    /// It failed for good.
    GiveUp,
    /// It failed for good, and the receiver asked for no more events.
    Disable,
}

/// `count` retries: the first after `first`, each later one after `factor` times the delay before it, none after more
/// than `cap`.
#[uniffi::export]
pub fn exponential_retry(
    first: Duration,
    factor: f64,
    count: u32,
    cap: Option<Duration>,
    jitter: f64,
) -> Result<RetryPolicy> {
    let policy = hookseal::RetryPolicy::exponential(first, factor, cap, count)?.with_jitter(jitter)?;
    Ok(RetryPolicy::from(&policy))
}

/// What to do after attempt number `attempt` ended at `now`; `chance` between 0 and 1 picks within the jitter.
#[uniffi::export]
pub fn next_attempt(
    policy: RetryPolicy,
    attempt: u32,
    outcome: AttemptOutcome,
    now: Option<SystemTime>,
    chance: f64,
) -> Result<Decision> {
    let outcome = match outcome {
        AttemptOutcome::Status { code, retry_after } => Outcome::Status { code, retry_after },
        AttemptOutcome::Failed { code } => Outcome::Failed(
            Code::parse(&code)
                .ok_or_else(|| invalid_argument(format!("{code:?} is no code of an error.")))?,
        ),
    };
    let now = now.unwrap_or_else(SystemTime::now);
    Ok(match policy.into_core()?.next(attempt, &outcome, now, chance) {
        Next::Done => Decision::Done,
        Next::RetryAt(at) => Decision::Retry { at },
        Next::GiveUp => Decision::GiveUp,
        Next::Disable => Decision::Disable,
    })
}

impl RetryPolicy {
    pub(crate) fn into_core(self) -> hookseal::Result<hookseal::RetryPolicy> {
        let policy = hookseal::RetryPolicy::from_delays(self.delays)?.with_jitter(self.jitter)?;
        Ok(policy.with_disable_on(self.disable_on))
    }
}

impl From<&hookseal::RetryPolicy> for RetryPolicy {
    fn from(policy: &hookseal::RetryPolicy) -> Self {
        Self {
            delays: policy.delays().to_vec(),
            jitter: policy.jitter(),
            disable_on: policy.disable_on().to_vec(),
        }
    }
}
