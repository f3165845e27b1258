//! What can be written to a store, and what comes of it.

use bytes::Bytes;

use super::filter::EventFilter;
use super::record::{
    AttemptRecord, DeliveryId, DeliveryState, EndpointId, EndpointRecord, EndpointSpec, EndpointStatus,
    Fresh, JobId, JobRecord, MessageKey, NoticeKind, SecretRecord, Trigger,
};
use crate::health::HealthRule;
use crate::timestamp::Millis;

/// One change. Changes of a batch are applied in order, each as a whole or not at all.
#[derive(Clone, Debug)]
pub enum Write {
    /// Stores a message and its deliveries: [`Written::Sent`]. `conflict` if the tenant has another message of
    /// this id; `not_found` if a recipient or the outbox row does not exist.
    Send(NewMessage),
    /// Creates an endpoint: [`Written::Endpoint`].
    CreateEndpoint {
        /// What it is.
        spec: EndpointSpec,
        /// Its keys, newest first.
        secrets: Vec<SecretRecord>,
        /// The time.
        now: Millis,
    },
    /// Replaces what an endpoint is: [`Written::Endpoint`]. `not_found`, or `conflict` if `version` is given and
    /// not the present one.
    UpdateEndpoint {
        /// Which one.
        id: EndpointId,
        /// The version that the change is based on.
        version: Option<i64>,
        /// What it is from now on.
        spec: EndpointSpec,
        /// The time.
        now: Millis,
    },
    /// Enables or disables an endpoint: [`Written::Endpoint`], with `changed` if it was not enabled or disabled
    /// before. Enabling forgets its failures and begins a new generation; what was held is pending again.
    SetStatus {
        /// Which one.
        id: EndpointId,
        /// What it shall be.
        status: EndpointStatus,
        /// The time.
        now: Millis,
    },
    /// Deletes an endpoint and its keys: [`Written::Endpoint`], as it was. Its pending deliveries are canceled.
    DeleteEndpoint {
        /// Which one.
        id: EndpointId,
        /// The time.
        now: Millis,
    },
    /// Replaces an endpoint's keys: [`Written::Endpoint`], of a new version.
    PutSecrets {
        /// Whose.
        id: EndpointId,
        /// The keys, newest first.
        secrets: Vec<SecretRecord>,
        /// The time.
        now: Millis,
    },
    /// Notes that an attempt begins, which may be the end of this process: [`Written::Changed`], false if it must not
    /// begin, because the right to dispatch is lost, or the delivery is not pending, or this is not its next attempt.
    Begin {
        /// The right to dispatch under which it begins.
        epoch: i64,
        /// Of which delivery.
        delivery: DeliveryId,
        /// Which attempt.
        number: u32,
        /// The time.
        now: Millis,
    },
    /// Records an attempt and what follows from it: [`Written::Settled`].
    Settle(Settle),
    /// Records an attempt that was begun and cut short: [`Written::Settled`]. The delivery stays due.
    Lost {
        /// The right to dispatch under which it was begun.
        epoch: i64,
        /// Of which delivery.
        delivery: DeliveryId,
        /// Which attempt; as in [`Settle`], only the next one is taken.
        number: u32,
        /// When it was begun.
        started_at: Millis,
        /// The time.
        now: Millis,
    },
    /// Delivers once more: [`Written::Retried`]. A terminal delivery gets a new one beside it; of a pending one the
    /// next attempt is pulled forward to now. `not_found`, or `conflict` if the body is gone or the endpoint is
    /// disabled or deleted.
    Retry {
        /// What to repeat.
        delivery: DeliveryId,
        /// The time.
        now: Millis,
    },
    /// Begins a job: [`Written::Job`].
    CreateJob(NewJob),
    /// Does a part of a job: [`Written::Job`] with the deliveries that it made. Does nothing once it is done.
    StepJob {
        /// Which one.
        job: JobId,
        /// How many failed deliveries to look at.
        limit: usize,
        /// The time.
        now: Millis,
    },
    /// Cancels a pending or held delivery: [`Written::Changed`], false if it was terminal. An attempt in flight
    /// is logged when it ends and changes nothing else.
    Cancel {
        /// Which one.
        delivery: DeliveryId,
        /// The time.
        now: Millis,
    },
    /// Deletes a message's body and what receivers answered to it, and cancels its pending deliveries:
    /// [`Written::Changed`], false if the body was gone.
    Expunge {
        /// Which one.
        message: MessageKey,
        /// The time.
        now: Millis,
    },
    /// Deletes the notice and all before it: [`Written::Changed`].
    AckNotices {
        /// The last one that was dealt with.
        upto: i64,
    },
    /// Takes a row that can never be sent out of the outbox's queue; it stays with the reason beside it:
    /// [`Written::Changed`].
    RejectOutbox {
        /// The row.
        seq: i64,
        /// Why.
        reason: String,
    },
    /// Does a part of the housekeeping: [`Written::Swept`].
    Sweep(Sweep),
}

impl Write {
    /// Whether it must be on disk before anybody hears of it. Losing one of the others in a power cut repeats
    /// work and loses nothing.
    pub fn needs_sync(&self) -> bool {
        !matches!(
            self,
            Self::Begin { .. }
                | Self::Settle(_)
                | Self::Lost { .. }
                | Self::AckNotices { .. }
                | Self::Sweep(_)
        )
    }
}

/// A message to store.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// The event's id.
    pub id: String,
    /// Whose event it is; not empty if given.
    pub tenant: Option<String>,
    /// Such as `booking.created`.
    pub event_type: String,
    /// When the event happened.
    pub timestamp: Millis,
    /// The exact bytes.
    pub body: Bytes,
    /// What makes two messages of one id the same. Not the body's hash: a body holds the time it was made at.
    pub digest: [u8; 32],
    /// Who gets it.
    pub to: Recipients,
    /// The outbox row that this message comes from. It is deleted with it.
    pub outbox: Option<i64>,
    /// The time.
    pub now: Millis,
}

/// Who gets a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipients {
    /// Every active endpoint of the tenant, or of none, that wants events of this type.
    Matching,
    /// A test of these endpoints, whatever they want and even if they are disabled.
    Test(Vec<EndpointId>),
    /// One endpoint, whatever it wants.
    Only {
        /// Which one.
        endpoint: EndpointId,
        /// Deliveries to an endpoint that have the same key wait for each other: each is due when those before it are
        /// terminal. One that fails is in the way of no other key's. Such an endpoint is not to be disabled.
        order_key: Option<String>,
    },
}

impl Recipients {
    /// What such deliveries are made by.
    pub fn trigger(&self) -> Trigger {
        match self {
            Self::Matching | Self::Only { .. } => Trigger::Event,
            Self::Test(_) => Trigger::Test,
        }
    }

    pub(crate) fn order_key(&self) -> Option<&str> {
        match self {
            Self::Only { order_key, .. } => order_key.as_deref(),
            Self::Matching | Self::Test(_) => None,
        }
    }
}

/// Whose a store is: what a sender wrote is nothing that an inbox could read, and the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A sender's.
    Sender,
    /// An inbox's.
    Inbox,
}

impl Role {
    /// As text, such as `inbox`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::Inbox => "inbox",
        }
    }
}

/// An attempt that ended.
#[derive(Clone, Debug)]
pub struct Settle {
    /// The right to dispatch under which it was begun. Under another one it is not applied.
    pub epoch: i64,
    /// Of which delivery.
    pub delivery: DeliveryId,
    /// The attempt. Only number `attempts + 1` is applied, so none is applied twice.
    pub attempt: AttemptRecord,
    /// What the policy makes of it.
    pub verdict: Verdict,
    /// The endpoint's generation when the attempt began.
    pub generation: i64,
    /// By which rule it counts for the endpoint's health; `None` if it does not, such as for a blocked address.
    pub health: Option<HealthRule>,
    /// What a success costs.
    pub credits: u32,
    /// The time: when the attempt ended.
    pub now: Millis,
}

/// What the retry policy says about an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver accepted it.
    Delivered,
    /// Try again at this time.
    Retry(Millis),
    /// It failed for good.
    Failed,
    /// It failed for good, and the receiver wants no more events.
    Refused,
    /// It ends as canceled: who was to get it does not want it.
    Discarded,
}

/// A job to begin: deliver again what failed.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Since when.
    pub since: Millis,
    /// Only to this endpoint.
    pub endpoint: Option<EndpointId>,
    /// Only messages of this tenant.
    pub tenant: Option<String>,
    /// Only messages of these types.
    pub events: EventFilter,
    /// The time.
    pub now: Millis,
}

/// A part of the housekeeping.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// How long things are kept.
    pub retention: Retention,
    /// Where the last part ended; `None` to begin a pass.
    pub from: Option<SweepCursor>,
    /// How many rows to look at.
    pub limit: usize,
    /// The time.
    pub now: Millis,
}

/// How long things are kept, in milliseconds. Ages count from the end of the delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Deliveries of a disabled endpoint, from when it was disabled.
    pub held: Millis,
    /// Attempts.
    pub attempts: Millis,
    /// Bodies.
    pub bodies: Millis,
    /// Deliveries, with whatever attempts are left of them.
    pub deliveries: Millis,
    /// Messages without body and deliveries, and with them the ids that must not come twice. From when they were
    /// stored.
    pub ids: Millis,
    /// What was counted for `usage`.
    pub usage: Millis,
}

impl Default for Retention {
    fn default() -> Self {
        const DAY: Millis = 24 * 60 * 60 * 1000;
        Self {
            held: 7 * DAY,
            attempts: 30 * DAY,
            bodies: 30 * DAY,
            deliveries: 90 * DAY,
            ids: 90 * DAY,
            usage: 400 * DAY,
        }
    }
}

/// How far a pass of housekeeping has come. Only a store reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SweepCursor {
    pub(crate) stage: u8,
    pub(crate) after: i64,
}

/// What came of a [`Write`].
#[derive(Clone, Debug)]
pub enum Written {
    /// A message is stored, now or before.
    Sent(Sent),
    /// An endpoint, as it is now.
    Endpoint {
        /// The endpoint.
        endpoint: Box<EndpointRecord>,
        /// Whether the write changed it.
        changed: bool,
    },
    /// An attempt was recorded, or not.
    Settled(Settled),
    /// A delivery waits for an attempt.
    Retried(Fresh),
    /// A job, as it is now.
    Job {
        /// The job.
        job: Box<JobRecord>,
        /// The deliveries that this step made.
        deliveries: Vec<Fresh>,
    },
    /// Whether something changed.
    Changed(bool),
    /// What the housekeeping did.
    Swept(Swept),
}

/// A message that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its name in the store.
    pub key: MessageKey,
    /// Whether it was there before; then nothing was written, and these are the facts of the first one.
    pub duplicate: bool,
    /// When the event happened.
    pub timestamp: Millis,
    /// When it was stored.
    pub created_at: Millis,
    /// The deliveries that were made: none for a duplicate.
    pub deliveries: Vec<Fresh>,
}

/// What came of a [`Settle`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Whether it was recorded. If not, it was recorded before, or the delivery is gone, or somebody else has the
    /// right to dispatch.
    pub applied: bool,
    /// Where the delivery stands now, if it exists.
    pub state: Option<DeliveryState>,
    /// Whether this attempt disabled the endpoint.
    pub disabled: bool,
    /// The notices that were made.
    pub notices: Vec<NoticeKind>,
}

/// What a part of the housekeeping did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Deliveries that were held for too long, or whose endpoint was deleted.
    pub canceled: u64,
    /// Attempts that were deleted.
    pub attempts: u64,
    /// Bodies that were deleted.
    pub bodies: u64,
    /// Deliveries that were deleted.
    pub deliveries: u64,
    /// Messages that were deleted.
    pub messages: u64,
    /// Usage entries that were deleted.
    pub usage: u64,
    /// Where to go on; `None` at the end of a pass.
    pub next: Option<SweepCursor>,
}
