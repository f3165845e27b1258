//! How an inbox is set up.

use std::time::Duration;

use hookseal::{Tolerance, inbox, store};

use crate::retry::RetryPolicy;
use crate::time::whole_millis;

/// What an inbox may be told. What is missing has the core's default.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct InboxOptions {
    /// The most handlers that run at once: 64.
    #[uniffi(default = None)]
    pub concurrency: Option<u32>,
    /// How long a try may take: 60 seconds.
    #[uniffi(default = None)]
    pub timeout: Option<Duration>,
    /// When to try again.
    #[uniffi(default = None)]
    pub retry: Option<RetryPolicy>,
    /// How long things are kept.
    #[uniffi(default = None)]
    pub retention: Option<EventRetentionRule>,
    /// How far a timestamp may lie in the past; counts only together with `future`.
    #[uniffi(default = None)]
    pub past: Option<Duration>,
    /// How far a timestamp may lie in the future.
    #[uniffi(default = None)]
    pub future: Option<Duration>,
    /// The largest body in bytes: 1 MiB.
    #[uniffi(default = None)]
    pub max_body: Option<u64>,
}

/// How long events and what belongs to them are kept.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum EventRetentionRule {
    /// For ever.
    Forever,
    /// As long as this says.
    Limited {
        /// The times.
        retention: EventRetention,
    },
}

/// How long each kind of thing is kept, from when the event was handled: 30 days.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct EventRetention {
    /// Tries.
    #[uniffi(default = None)]
    pub tries: Option<Duration>,
    /// Bodies.
    #[uniffi(default = None)]
    pub bodies: Option<Duration>,
    /// Events.
    #[uniffi(default = None)]
    pub events: Option<Duration>,
    /// Ids that are not received twice, at least as long as the provider may send them again.
    #[uniffi(default = None)]
    pub ids: Option<Duration>,
}

impl InboxOptions {
    pub(crate) fn into_core(self) -> hookseal::Result<inbox::InboxOptions> {
        let mut options = inbox::InboxOptions::default();
        if let Some(concurrency) = self.concurrency {
            options.concurrency = concurrency as usize;
        }
        if let Some(timeout) = self.timeout {
            options.timeout = timeout;
        }
        if let Some(policy) = self.retry {
            options.retry = policy.into_core()?;
        }
        match self.retention {
            None => {}
            Some(EventRetentionRule::Forever) => options.retention = None,
            Some(EventRetentionRule::Limited { retention }) => {
                options.retention = Some(retention.over(options.retention));
            }
        }
        if let (Some(past), Some(future)) = (self.past, self.future) {
            options.tolerance = Some(Tolerance { past, future });
        }
        if let Some(bytes) = self.max_body {
            options.max_body = usize::try_from(bytes).unwrap_or(usize::MAX);
        }
        Ok(options)
    }
}

impl EventRetention {
    fn over(self, usual: Option<store::Retention>) -> store::Retention {
        let mut kept = usual.unwrap_or_default();
        let given = [
            (&mut kept.attempts, self.tries),
            (&mut kept.bodies, self.bodies),
            (&mut kept.deliveries, self.events),
            (&mut kept.ids, self.ids),
        ];
        for (place, length) in given {
            *place = length.map_or(*place, whole_millis);
        }
        kept
    }
}
