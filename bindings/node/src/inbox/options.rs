//! How an inbox is set up.

use hookseal::{Tolerance, Webhook, inbox, store};
use napi::Either;
use napi_derive::napi;

use crate::error::Result;
use crate::time::duration;

/// What an inbox may be told. What is missing has the core's default.
#[napi(object, object_to_js = false)]
pub struct InboxOptions {
    /// The most handlers that run at once.
    pub concurrency: Option<u32>,
    /// How many seconds a try may take.
    pub timeout: Option<f64>,
    /// How long things are kept; false for ever.
    pub retention: Option<Either<bool, EventRetention>>,
    /// How many seconds a timestamp may lie in the past.
    pub past: Option<f64>,
    /// How many seconds a timestamp may lie in the future.
    pub future: Option<f64>,
    /// The largest body in bytes.
    pub max_body: Option<u32>,
}

/// How long things are kept, in seconds.
#[napi(object, object_to_js = false)]
pub struct EventRetention {
    /// Tries.
    pub tries: Option<f64>,
    /// Bodies.
    pub bodies: Option<f64>,
    /// Events.
    pub events: Option<f64>,
    /// Ids that are not received twice.
    pub ids: Option<f64>,
}

impl InboxOptions {
    pub(crate) fn webhook(&self, webhook: Webhook) -> Result<Webhook> {
        let (Some(past), Some(future)) = (self.past, self.future) else { return Ok(webhook) };
        Ok(webhook.with_tolerance(Tolerance { past: duration(past)?, future: duration(future)? }))
    }

    pub(crate) fn into_core(self, retry: Option<hookseal::RetryPolicy>) -> Result<inbox::InboxOptions> {
        let mut options = inbox::InboxOptions::default();
        if let Some(concurrency) = self.concurrency {
            options.concurrency = concurrency as usize;
        }
        if let Some(seconds) = self.timeout {
            options.timeout = duration(seconds)?;
        }
        if let Some(policy) = retry {
            options.retry = policy;
        }
        match self.retention {
            None | Some(Either::A(true)) => {}
            Some(Either::A(false)) => options.retention = None,
            Some(Either::B(times)) => options.retention = Some(times.over(options.retention)?),
        }
        if let Some(bytes) = self.max_body {
            options.max_body = bytes as usize;
        }
        Ok(options)
    }
}

impl EventRetention {
    fn over(self, usual: Option<store::Retention>) -> Result<store::Retention> {
        let mut kept = usual.unwrap_or_default();
        let given = [
            (&mut kept.attempts, self.tries),
            (&mut kept.bodies, self.bodies),
            (&mut kept.deliveries, self.events),
            (&mut kept.ids, self.ids),
        ];
        for (place, seconds) in given {
            if let Some(seconds) = seconds {
                *place = i64::try_from(duration(seconds)?.as_millis()).unwrap_or(i64::MAX);
            }
        }
        Ok(kept)
    }
}
