//! What can be asked of a store.

use std::time::Instant;

use super::filter::EventFilter;
use super::record::{DeliveryId, DeliveryState, EndpointId, MessageKey, Trigger};
use crate::timestamp::Millis;

/// The right to dispatch: of one holder at a time in all processes together, or of several who share out the lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Grows with every grant; what was begun under an older one is not settled.
    pub epoch: i64,
}

/// How long a dispatcher has its lanes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tenure {
    /// Until when, at least; `None` is for as long as the grant lasts.
    pub until: Option<Instant>,
    /// Lanes that somebody else has now: their attempts are not settled any more.
    pub lost: Vec<EndpointId>,
    /// Lanes to be [handed over](super::Store::hand_over) once their attempts are settled, because other dispatchers
    /// have fewer. The store does not count them as held any more, except for settling.
    pub surplus: Vec<EndpointId>,
}

/// What others have written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Anything, so that all that was read may be out of date: for stores that can tell no more.
    pub all: bool,
    /// There may be new rows in the outbox.
    pub outbox: bool,
    /// There may be new jobs.
    pub jobs: bool,
    /// Endpoints that have deliveries that are due now.
    pub due: Vec<EndpointId>,
    /// Endpoints that were changed, enabled, disabled or deleted, or that got other keys.
    pub endpoints: Vec<EndpointId>,
}

impl Changes {
    /// Whatever there may be.
    pub fn all() -> Self {
        Self { all: true, outbox: true, jobs: true, ..Self::default() }
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Which pending deliveries of an endpoint to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// In the order they are due.
    Due {
        /// Only those behind this place.
        after: Option<(Millis, DeliveryId)>,
        /// Only those due by then.
        until: Millis,
    },
    /// In the order of their messages, whenever they are due: for ordered endpoints, and empty for others.
    Sequence {
        /// Only those behind this one.
        after: Option<DeliveryId>,
    },
}

/// Which message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageRef<'a> {
    /// By its name in the store.
    Key(MessageKey),
    /// By the event's id, which is unique within the tenant.
    Id {
        /// Whose event.
        tenant: Option<&'a str>,
        /// The event's id.
        id: &'a str,
    },
    /// By the event's id, whosever it is: the newest of that id.
    AnyTenant {
        /// The event's id.
        id: &'a str,
    },
}

/// Which endpoints; `None` is any.
#[derive(Clone, Debug, Default)]
pub struct EndpointQuery {
    /// Those of this tenant alone, without those that get the events of all.
    pub tenant: Option<String>,
    /// Only active, or only disabled ones.
    pub active: Option<bool>,
}

/// Which deliveries; `None` is any.
#[derive(Clone, Debug, Default)]
pub struct DeliveryQuery {
    /// To this endpoint.
    pub endpoint: Option<EndpointId>,
    /// Of this message.
    pub message: Option<MessageKey>,
    /// In this state.
    pub state: Option<DeliveryState>,
    /// Made by this.
    pub trigger: Option<Trigger>,
    /// Of events of these types; the empty filter is any.
    pub events: EventFilter,
    /// Of this tenant's messages.
    pub tenant: Option<String>,
    /// Whose last response had a status code in this range, ends included: 500 to 599.
    pub code: Option<(u16, u16)>,
    /// Made at or after this time.
    pub since: Option<Millis>,
    /// Made before this time.
    pub until: Option<Millis>,
    /// Only those that were not delivered again since: of an event that was retried by hand, its last delivery.
    pub last: bool,
}

/// What was counted in a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Successful deliveries that cost something.
    pub deliveries: u64,
    /// What they cost.
    pub credits: u64,
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Endpoints that get events.
    pub active_endpoints: u64,
    /// Endpoints that get none.
    pub disabled_endpoints: u64,
    /// Deliveries that wait for an attempt.
    pub pending: u64,
    /// Deliveries that wait for their endpoint.
    pub held: u64,
    /// When the longest waiting pending delivery was due.
    pub oldest_due: Option<Millis>,
    /// Rows in the outbox that wait.
    pub outbox: u64,
    /// Rows in the outbox that can never be sent.
    pub rejected: u64,
    /// Notices that nobody has acknowledged.
    pub notices: u64,
}
