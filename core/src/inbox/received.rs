//! From a verified request to what is stored of it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::partition::Partitions;
use crate::encoding::Encoding;
use crate::envelope::Envelope;
use crate::event::{Event, Facts};
use crate::queue::work::Parcel;
use crate::scheme::Source;
use crate::store::{NewMessage, Recipients};
use crate::timestamp::{self, Millis};

/// A request that was verified, ready to be [kept](super::Inbox::keep).
#[derive(Clone)]
pub struct Received {
    event: Event<Bytes>,
    id: String,
    order_key: Option<String>,
    at: Millis,
}

/// What stores an event in a transaction of the application's own, on the inbox's database.
///
/// Run `sql` with the two values, in any driver: it gives true if the event is new, and false for a duplicate.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Prepared {
    /// `SELECT "hookseal_inbox".hookseal_receive($1, $2)`.
    pub sql: String,
    /// The function alone, for drivers that write parameters in another way.
    pub function: String,
    /// The first value, text: what the request says besides its body.
    pub facts: String,
    /// The second value, `bytea`: the body.
    pub body: Bytes,
    /// The event's id, as a receipt has it.
    pub id: String,
}

impl Prepared {
    pub(crate) fn new(function: String, message: NewMessage) -> Self {
        let (partition, order_key) = match message.to {
            Recipients::Only { endpoint, order_key } => (Some(endpoint.0), order_key),
            Recipients::Matching | Recipients::Test(_) => (None, None),
        };
        let facts = serde_json::json!({
            "partition": partition,
            "id": message.id,
            "type": message.event_type,
            "tenant": message.tenant,
            "timestamp": message.timestamp,
            "received_at": message.now,
            "order_key": order_key,
        });
        let (body, id) = (message.body, message.id);
        Self { sql: format!("SELECT {function}($1, $2)"), function, facts: facts.to_string(), body, id }
    }
}

impl Received {
    pub(crate) fn new(event: Event<Bytes>, at: Millis) -> Self {
        Self { id: name(&event), event, order_key: None, at }
    }

    /// The same with this key: events of one key are handled one after the other, in the order in which they were
    /// received. `None` has it wait for no other. It replaces the key that
    /// [`order_by`](super::InboxOptions::order_by) gave; one of more than 255 bytes is known by its hash.
    #[must_use]
    pub fn ordered_by(self, key: Option<&str>) -> Self {
        Self { order_key: key.map(bounded), ..self }
    }

    /// The event's id, or what stands for it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The event.
    pub fn event(&self) -> &Event<Bytes> {
        &self.event
    }

    /// What is stored, in one of these partitions.
    pub(crate) fn into_message(self, partitions: &Partitions) -> NewMessage {
        let Self { event, id, order_key, at } = self;
        let endpoint = partitions.for_key(order_key.as_deref().unwrap_or(&id));
        NewMessage {
            id,
            tenant: event.tenant().filter(|tenant| !tenant.is_empty()).map(bounded),
            event_type: event.event_type().map(bounded).unwrap_or_default(),
            timestamp: event.timestamp().map_or(at, timestamp::from_system),
            // The id says it all: a vendor's repetition may differ in what surrounds the event.
            digest: [0; 32],
            to: Recipients::Only { endpoint, order_key },
            outbox: None,
            now: at,
            body: event.into_body(),
        }
    }
}

// Neither shows any part of the body.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").field("id", &self.id()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("id", &self.id).field("sql", &self.sql).finish_non_exhaustive()
    }
}

/// The event of a stored request: what the body says is read from it anew, and what headers said was stored.
pub(crate) fn event(parcel: &Parcel, envelope: &Arc<Envelope>) -> Event<Bytes> {
    let in_header = |source: &Option<Source>| matches!(source, Some(Source::Headers(_)));
    let stored = |source, text: &str| (in_header(source) && !text.is_empty()).then(|| text.to_owned());
    let outside = Facts {
        id: stored(&envelope.id, &parcel.id),
        event_type: stored(&envelope.event_type, &parcel.event_type),
        tenant: stored(&envelope.tenant, parcel.tenant.as_deref().unwrap_or_default()),
        timestamp: None,
    };
    Event::new(parcel.body.clone(), Arc::clone(envelope), outside, Some(parcel.timestamp), 0)
}

/// The same for every try of an event, whichever store it is in.
pub(crate) fn idempotency_key(provider: &str, parcel: &Parcel) -> String {
    let mut hash = Sha256::new();
    for part in [provider, parcel.tenant.as_deref().unwrap_or_default(), &parcel.id] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Encoding::Hex.encode(&hash.finalize()[..16])
}

/// What an event is called in the store: its id, or the hash of its body where it has none.
fn name(event: &Event<Bytes>) -> String {
    match event.id() {
        Some(id) if !id.is_empty() => bounded(id),
        _ => hashed(event.body()),
    }
}

/// The text, as far as every store can hold it and people can read it. One that is longer is known by its hash.
fn bounded(text: &str) -> String {
    if text.len() > LONGEST || text.contains('\0') {
        return hashed(text.as_bytes());
    }
    text.to_owned()
}

fn hashed(bytes: &[u8]) -> String {
    format!("sha256:{}", Encoding::Hex.encode(&Sha256::digest(bytes)))
}

/// In bytes.
const LONGEST: usize = 255;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use std::collections::HashSet;
    use std::time::SystemTime;

    use super::*;
    use crate::inbox::{Inbox, InboxOptions};
    use crate::queue::Clock;
    use crate::store::EndpointId;
    use crate::webhook::{SignOptions, VerifyOptions, Webhook};

    #[test]
    fn a_key_is_the_same_whoever_gives_it() {
        let (longest, longer) = ("k".repeat(LONGEST), "k".repeat(LONGEST + 1));
        let keys = [None, Some(""), Some("room 1"), Some(&*longest), Some(&*longer), Some("a\0b")];
        let mut recipients = HashSet::new();
        for key in keys {
            let by_option = stored(received(key));
            let order_key = key.map(bounded);
            let endpoint = partitions().for_key(order_key.as_deref().unwrap_or("evt_1"));
            assert_eq!(by_option.to, Recipients::Only { endpoint, order_key });
            recipients.insert(format!("{:?}", by_option.to));
            for other in keys {
                let by_method = stored(received(other).ordered_by(key));
                assert_eq!(format!("{by_method:?}"), format!("{by_option:?}"), "after {other:?}");
            }
        }
        assert_eq!(recipients.len(), keys.len());
        assert_eq!(bounded(&longest), longest);
        assert_eq!(bounded(&longer).len(), "sha256:".len() + 64);
    }

    #[test]
    fn it_has_the_event_that_was_verified() {
        let received = received(None);
        assert_eq!(received.id(), "evt_1");
        assert_eq!(received.event().id(), Some("evt_1"));
        assert_eq!(received.event().body(), BODY);
        assert_eq!(stored(received).event_type, "thing.made");
    }

    /// What an inbox has verified whose `order_by` finds this key.
    fn received(key: Option<&str>) -> Received {
        let webhook = Webhook::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let key = key.map(str::to_owned);
        let options = InboxOptions {
            order_by: Some(Arc::new(move |_| key.clone())),
            clock: Clock::new(|| SystemTime::UNIX_EPOCH),
            ..InboxOptions::default()
        };
        let now = Some(SystemTime::UNIX_EPOCH);
        let signing = SignOptions { id: Some("evt_1"), timestamp: now, ..SignOptions::default() };
        let headers = webhook.sign_with(BODY, &signing).unwrap();
        let verifying = VerifyOptions { now, ..VerifyOptions::default() };
        Inbox::open("memory:", webhook, options).unwrap().verify(BODY, &headers[..], &verifying).unwrap()
    }

    fn stored(received: Received) -> NewMessage {
        received.into_message(&partitions())
    }

    fn partitions() -> Partitions {
        Partitions((0..16).map(EndpointId).collect())
    }

    const BODY: &[u8] = br#"{"type": "thing.made", "data": {}}"#;
}
