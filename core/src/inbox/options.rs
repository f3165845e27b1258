//! How an inbox is set up.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::error::{Error, Result};
use crate::event::Event;
use crate::queue::Clock;
use crate::receive::MAX_BODY;
use crate::retry::RetryPolicy;
use crate::store::Retention;
use crate::timestamp::{Millis, Tolerance};

/// The key by which events wait for each other; `None` for one that waits for none.
pub type OrderBy = Arc<dyn Fn(&Event<Bytes>) -> Option<String> + Send + Sync>;

/// What an [`Inbox`](super::Inbox) may be told. All has a default.
#[derive(Clone)]
#[non_exhaustive]
pub struct InboxOptions {
    /// The most handlers that run at once in this process: 64.
    pub concurrency: usize,
    /// How long a try may take: 60 seconds.
    pub timeout: Duration,
    /// When to try again: 8 times, from 5 seconds to 12 hours after the try before.
    pub retry: RetryPolicy,
    /// How long things are kept: 30 days after the event was handled. Ids are kept at least as long as the provider may
    /// send the event again. `None` keeps all for ever.
    pub retention: Option<Retention>,
    /// Has events of the same key handled one after the other, in the order in which they were received. It is asked
    /// once, when an event is received; see also [`Received::ordered_by`](super::Received::ordered_by).
    pub order_by: Option<OrderBy>,
    /// How far signed timestamps may lie from now; the provider's if none is given.
    pub tolerance: Option<Tolerance>,
    /// The largest body in bytes: [`MAX_BODY`].
    pub max_body: usize,
    /// The time, for the schedule; what verification compares with is given to `receive_with`.
    pub clock: Clock,
}

impl InboxOptions {
    pub(crate) fn check(&self) -> Result<()> {
        if !(1..=MOST_CONCURRENCY).contains(&self.concurrency) {
            return Err(Error::argument(format!(
                "The inbox's concurrency lies between 1 and {MOST_CONCURRENCY}."
            )));
        }
        if self.timeout.is_zero() || self.timeout > LONGEST_TIMEOUT {
            return Err(Error::argument("A handler's timeout is more than nothing, and at most a day."));
        }
        Ok(())
    }

    /// The retention, with ids kept for as long as a vendor of this policy may send an event again.
    pub(crate) fn retention(&self, vendor: &RetryPolicy) -> Option<Retention> {
        let delays: Duration = vendor.delays().iter().sum();
        let longest = delays.mul_f64(1.0 + vendor.jitter()).saturating_add(MARGIN);
        let longest = Millis::try_from(longest.as_millis()).unwrap_or(Millis::MAX);
        self.retention.map(|retention| Retention { ids: retention.ids.max(longest), ..retention })
    }
}

impl Default for InboxOptions {
    fn default() -> Self {
        let delays = RETRY_AFTER.map(Duration::from_secs);
        let retry = RetryPolicy::from_delays(delays).and_then(|policy| policy.with_jitter(JITTER));
        Self {
            concurrency: 64,
            timeout: Duration::from_secs(60),
            retry: retry.expect("the delays are within a policy's limits"),
            retention: Some(Retention {
                attempts: 30 * DAY,
                bodies: 30 * DAY,
                deliveries: 30 * DAY,
                ids: 30 * DAY,
                ..Retention::default()
            }),
            order_by: None,
            tolerance: None,
            max_body: MAX_BODY,
            clock: Clock::system(),
        }
    }
}

impl fmt::Debug for InboxOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboxOptions")
            .field("concurrency", &self.concurrency)
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .field("retention", &self.retention)
            .field("ordered", &self.order_by.is_some())
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}

const MOST_CONCURRENCY: usize = 10_000;
const LONGEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);
/// In seconds.
const RETRY_AFTER: [u64; 8] = [5, 30, 2 * 60, 10 * 60, 30 * 60, 2 * 3600, 6 * 3600, 12 * 3600];
const JITTER: f64 = 0.2;
/// For attempts that take long, and queues at the vendor's.
const MARGIN: Duration = Duration::from_secs(24 * 60 * 60);
const DAY: Millis = 24 * 60 * 60 * 1000;
