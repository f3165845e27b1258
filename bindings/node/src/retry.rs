//! The retry policy.

use std::time::SystemTime;

use hookseal::{Code, Next, Outcome};
use napi::Either;
use napi_derive::napi;

use crate::error::{Result, invalid_argument, thrown};
use crate::time::{duration, millis, optional_instant};

/// When a failed delivery is tried again.
#[napi]
pub struct RetryPolicy(pub(crate) hookseal::RetryPolicy);

/// What to do after an attempt.
#[napi(object, object_from_js = false)]
pub struct Decision {
    /// What to do.
    #[napi(ts_type = "'done' | 'retry' | 'give_up' | 'disable'")]
    pub action: &'static str,
    /// When to try again, in milliseconds since 1970.
    pub at: Option<f64>,
    /// The same in seconds from now.
    pub delay: Option<f64>,
}

#[napi]
impl RetryPolicy {
    /// A policy with these delays, in seconds.
    #[napi(factory, catch_unwind)]
    pub fn from_delays(delays: Vec<f64>, jitter: f64) -> Result<Self> {
        let delays = delays.into_iter().map(duration).collect::<Result<Vec<_>>>()?;
        hookseal::RetryPolicy::from_delays(delays)
            .and_then(|policy| policy.with_jitter(jitter))
            .map(Self)
            .map_err(thrown)
    }

    /// `count` delays, each `factor` times the one before.
    #[napi(factory, catch_unwind)]
    pub fn exponential(first: f64, factor: f64, count: u32, cap: Option<f64>, jitter: f64) -> Result<Self> {
        let cap = cap.map(duration).transpose()?;
        hookseal::RetryPolicy::exponential(duration(first)?, factor, cap, count)
            .and_then(|policy| policy.with_jitter(jitter))
            .map(Self)
            .map_err(thrown)
    }

    /// The delays in seconds.
    #[napi(catch_unwind)]
    pub fn delays(&self) -> Vec<f64> {
        self.0.delays().iter().map(|delay| delay.as_secs_f64()).collect()
    }

    /// How many attempts there are at most.
    #[napi(catch_unwind)]
    pub fn max_attempts(&self) -> u32 {
        self.0.max_attempts()
    }

    /// What to do after an attempt that ended with a status code or with the code of an error.
    #[napi(catch_unwind)]
    pub fn next(
        &self,
        attempt: u32,
        outcome: Either<u32, String>,
        retry_after: Option<String>,
        now: Option<f64>,
        jitter: f64,
    ) -> Result<Decision> {
        let now = optional_instant(now)?.unwrap_or_else(SystemTime::now);
        let decision = self.0.next(attempt, &outcome_of(outcome, retry_after)?, now, jitter);
        Ok(match decision {
            Next::Done => Decision { action: "done", at: None, delay: None },
            Next::GiveUp => Decision { action: "give_up", at: None, delay: None },
            Next::Disable => Decision { action: "disable", at: None, delay: None },
            Next::RetryAt(at) => Decision {
                action: "retry",
                at: Some(millis(at)),
                delay: Some(at.duration_since(now).unwrap_or_default().as_secs_f64()),
            },
        })
    }
}

fn outcome_of(outcome: Either<u32, String>, retry_after: Option<String>) -> Result<Outcome> {
    let known = match &outcome {
        Either::A(code) => u16::try_from(*code).ok().map(|code| Outcome::Status { code, retry_after }),
        Either::B(code) => Code::parse(code).map(Outcome::Failed),
    };
    known.ok_or_else(|| invalid_argument("The outcome is a status code or the code of an error."))
}
