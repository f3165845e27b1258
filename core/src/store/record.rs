//! What a store holds, as plain data. Instants are milliseconds since 1970.

use std::fmt;

use bytes::Bytes;

use super::filter::EventFilter;
use crate::deliver::HeaderText;
use crate::error::{Code, Error};
use crate::timestamp::Millis;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// Names an endpoint. Never used again, not even after the endpoint is gone.
    EndpointId
    /// Names a message within its store; its public name is the event's id. Grows with every message.
    MessageKey
    /// Names a delivery. Grows with every delivery, and is never used again.
    DeliveryId
    /// Names a job.
    JobId
}

/// A message as it was stored; the body is kept apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// Its name in the store.
    pub key: MessageKey,
    /// The event's id; no two messages of a tenant have the same.
    pub id: String,
    /// Whose event it is.
    pub tenant: Option<String>,
    /// Such as `booking.created`.
    pub event_type: String,
    /// When the event happened.
    pub timestamp: Millis,
    /// When it was stored.
    pub created_at: Millis,
    /// Whether the body is still there: retention or `Expunge` remove it.
    pub has_body: bool,
}

/// What an attempt sends: one message with its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The message.
    pub message: MessageRecord,
    /// The exact bytes.
    pub body: Bytes,
}

/// What an endpoint is, as its owner says it. The store reads `events`, `tenant` and `ordered`; `settings` and
/// `headers` are the sender's own and opaque here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointSpec {
    /// Where to.
    pub url: String,
    /// For people.
    pub name: String,
    /// Which events.
    pub events: EventFilter,
    /// Whose events; `None` receives those of all tenants.
    pub tenant: Option<String>,
    /// Whether deliveries go out one at a time, in the order of their messages.
    pub ordered: bool,
    /// Timeout, limits, retry policy: whatever the sender writes here.
    pub settings: String,
    /// Custom headers, sealed by the sender where it has a key, for their values are tokens.
    pub headers: Vec<u8>,
}

/// Whether an endpoint gets events, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndpointStatus {
    /// It gets events.
    Active,
    /// It gets none, and its pending deliveries are held.
    Disabled(DisableReason),
}

/// Why an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DisableReason {
    /// Its owner said so.
    User,
    /// Too many failures in a row.
    Failures,
    /// The receiver asked for no more events.
    Refused,
}

/// An endpoint as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointRecord {
    /// Its name.
    pub id: EndpointId,
    /// What its owner said.
    pub spec: EndpointSpec,
    /// Whether it gets events.
    pub status: EndpointStatus,
    /// When it was disabled, while it is.
    pub disabled_at: Option<Millis>,
    /// Grows with every change of `spec`, for updates that must not overwrite each other.
    pub version: i64,
    /// Grows whenever it is enabled: results of attempts begun under an older one do not count for its health.
    pub generation: i64,
    /// Failures in a row, as the provider's rule counts them.
    pub failures: u32,
    /// When the last attempt ended.
    pub last_attempt_at: Option<Millis>,
    /// How the last attempt ended: the response's status code, if there was one.
    pub last_code: Option<u16>,
    /// Why the last attempt got no response, if it got none.
    pub last_error: Option<Code>,
    /// When it was created.
    pub created_at: Millis,
    /// When its owner changed it last.
    pub updated_at: Millis,
}

/// A signing key as the sender gave it: sealed where it has a key, opaque here.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretRecord {
    /// The key, or what it was sealed into.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Millis,
    /// Until when it signs beside its successor; `None` for the newest.
    pub expires_at: Option<Millis>,
}

impl fmt::Debug for SecretRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SecretRecord");
        shown.field("created_at", &self.created_at).field("expires_at", &self.expires_at);
        shown.finish_non_exhaustive()
    }
}

/// Where a delivery stands. The last three are terminal and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryState {
    /// It waits for its next attempt, or is in one.
    Pending,
    /// It waits until its endpoint is enabled.
    Held,
    /// The receiver accepted it.
    Delivered,
    /// It failed for good.
    Failed,
    /// Somebody canceled it, its endpoint was deleted, or it was held for too long.
    Canceled,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Held, Self::Delivered, Self::Failed, Self::Canceled];

    /// As text, such as `delivered`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Held => "held",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// The state with this text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether nothing more happens to it.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Delivered | Self::Failed | Self::Canceled)
    }
}

/// What made a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// An event: it is retried, and counts for health, credits and notices.
    Event,
    /// Somebody asked for it again.
    Manual,
    /// A test.
    Test,
}

impl Trigger {
    /// As text, such as `manual`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Manual => "manual",
            Self::Test => "test",
        }
    }
}

/// A delivery as the log shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Its name.
    pub id: DeliveryId,
    /// The message in the store.
    pub message: MessageKey,
    /// The event's id.
    pub message_id: String,
    /// The event's type.
    pub event_type: String,
    /// Whose event it is.
    pub tenant: Option<String>,
    /// Where to.
    pub endpoint: EndpointId,
    /// Where it stands.
    pub state: DeliveryState,
    /// What made it.
    pub trigger: Trigger,
    /// The delivery that this one repeats, for manual ones.
    pub parent: Option<DeliveryId>,
    /// How many attempts the log has of it.
    pub attempts: u32,
    /// How many of them were cut short; they do not count toward the policy's attempts.
    pub lost: u32,
    /// When the next attempt is due, while it is pending or held; `None` also while it waits for another of its order.
    pub due: Option<Millis>,
    /// When it was made.
    pub created_at: Millis,
    /// When it became terminal.
    pub done_at: Option<Millis>,
    /// The last response's status code.
    pub last_code: Option<u16>,
    /// Why the last attempt got no response.
    pub last_error: Option<Code>,
    /// How long the last attempt took, in milliseconds.
    pub last_duration: Option<i64>,
}

/// One attempt as the log shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRecord {
    /// Which attempt of its delivery, from 1.
    pub number: u32,
    /// When it began.
    pub started_at: Millis,
    /// How long it took, in milliseconds.
    pub duration: i64,
    /// The response's status code.
    pub response_code: Option<u16>,
    /// Why there is no complete response. [`Code::Lost`] if the attempt was cut short.
    pub error: Option<Error>,
    /// The headers that were sent.
    pub request_headers: HeaderText,
    /// The response's headers.
    pub response_headers: HeaderText,
    /// The response's body, as far as it was read.
    pub response_body: Bytes,
    /// Whether the body went on.
    pub response_truncated: bool,
}

/// A delivery that was made just now and waits for its first attempt. The dispatcher can take it from here
/// without reading the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// Its name.
    pub id: DeliveryId,
    /// What to send.
    pub message: MessageKey,
    /// Where to.
    pub endpoint: EndpointId,
    /// What made it.
    pub trigger: Trigger,
    /// When its first attempt is due, if no other of its order is before it.
    pub due: Millis,
    /// Whether it has to wait for others of its order; then the store alone knows when it is due.
    pub in_line: bool,
}

/// A delivery that waits for its next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its name.
    pub id: DeliveryId,
    /// What to send.
    pub message: MessageKey,
    /// What made it.
    pub trigger: Trigger,
    /// How many attempts the log has of it; the next one is number `attempts + 1`.
    pub attempts: u32,
    /// How many of them were cut short: for the policy the next one is number `attempts - lost + 1`.
    pub lost: u32,
    /// When the next attempt is due.
    pub due: Millis,
    /// Whether others of its order wait for it.
    pub in_line: bool,
    /// Whether its last attempt was cut short.
    pub was_lost: bool,
    /// When an attempt [began](super::Write::Begin) of which nobody has said how it ended.
    pub begun_at: Option<Millis>,
}

/// An active endpoint that has pending deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// When its first one is due; of an ordered endpoint that is the oldest one.
    pub due: Millis,
}

/// What the owner must be told. Kept until it is acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its place in the order of all notices; never used again.
    pub seq: i64,
    /// What happened.
    pub kind: NoticeKind,
    /// The endpoint it is about.
    pub endpoint: EndpointId,
    /// The delivery that caused it.
    pub delivery: DeliveryId,
    /// The endpoint's failures in a row at that moment.
    pub failures: u32,
    /// When it happened.
    pub created_at: Millis,
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    /// `endpoint.disabled`: failures or the receiver itself disabled an endpoint.
    EndpointDisabled,
    /// `endpoint.failing`: half of the failures that disable it have come in a row.
    EndpointFailing,
    /// `delivery.failed`: an event will not reach an endpoint.
    DeliveryFailed,
    /// `delivery.recovered`: a manual retry reached the endpoint after all.
    DeliveryRecovered,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 4] =
        [Self::EndpointDisabled, Self::EndpointFailing, Self::DeliveryFailed, Self::DeliveryRecovered];

    /// As text, such as `endpoint.disabled`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EndpointDisabled => "endpoint.disabled",
            Self::EndpointFailing => "endpoint.failing",
            Self::DeliveryFailed => "delivery.failed",
            Self::DeliveryRecovered => "delivery.recovered",
        }
    }

    /// The kind with this text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A long job: deliver again what failed since a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    /// Its name.
    pub id: JobId,
    /// What it covers: deliveries of events that failed at or after this time …
    pub since: Millis,
    /// … and before the job was made.
    pub created_at: Millis,
    /// Only those of this endpoint.
    pub endpoint: Option<EndpointId>,
    /// Only those of this tenant's messages.
    pub tenant: Option<String>,
    /// Only those of matching types.
    pub events: EventFilter,
    /// Up to which failed delivery it has come, in the order of their end.
    pub cursor: (Millis, DeliveryId),
    /// How many deliveries it covered when it was made.
    pub total: u64,
    /// How many it delivers again.
    pub retried: u64,
    /// How many it passed over: reached by a manual retry since, or without body or active endpoint.
    pub skipped: u64,
    /// Whether it is at its end.
    pub done: bool,
}

/// A row that somebody put into the outbox in a transaction of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its place.
    pub seq: i64,
    /// Whose event it is.
    pub tenant: Option<String>,
    /// The event's type.
    pub event_type: String,
    /// The event's id, if one was given.
    pub id: Option<String>,
    /// The event's data: JSON text.
    pub data: Bytes,
    /// When the event happened.
    pub timestamp: Option<Millis>,
}
