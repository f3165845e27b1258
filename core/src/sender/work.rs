//! One delivery that is due, as it waits in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use crate::store::{DeliveryId, Due, EndpointId, Fresh, MessageKey, Payload, Trigger};
use crate::timestamp::Millis;

/// A delivery that is due.
pub(crate) struct Work {
    pub(crate) id: DeliveryId,
    pub(crate) endpoint: EndpointId,
    pub(crate) message: MessageKey,
    pub(crate) trigger: Trigger,
    /// How many attempts the log has of it.
    pub(crate) attempts: u32,
    /// How many of them do not count, because they were cut short.
    pub(crate) lost: u32,
    /// What to send, where it is still in memory; else it is read when its turn comes.
    pub(crate) parcel: Option<Arc<Parcel>>,
}

impl Work {
    pub(crate) fn fresh(fresh: &Fresh, parcel: Option<Arc<Parcel>>) -> Self {
        Self {
            id: fresh.id,
            endpoint: fresh.endpoint,
            message: fresh.message,
            trigger: fresh.trigger,
            attempts: 0,
            lost: 0,
            parcel,
        }
    }

    pub(crate) fn due(due: &Due, endpoint: EndpointId) -> Self {
        Self {
            id: due.id,
            endpoint,
            message: due.message,
            trigger: due.trigger,
            attempts: due.attempts,
            lost: due.lost,
            parcel: None,
        }
    }
}

/// A message's content; deliveries of one message share it.
pub(crate) struct Parcel {
    pub(crate) id: String,
    pub(crate) event_type: String,
    pub(crate) tenant: Option<String>,
    pub(crate) timestamp: Millis,
    pub(crate) body: Bytes,
    held: Held,
}

impl Parcel {
    pub(crate) fn new(
        id: String,
        event_type: String,
        tenant: Option<String>,
        timestamp: Millis,
        body: Bytes,
        shelf: &Arc<AtomicUsize>,
    ) -> Self {
        let size = body.len() + PARCEL_OVERHEAD;
        shelf.fetch_add(size, Ordering::Relaxed);
        let held = Held { size, shelf: Arc::clone(shelf) };
        Self { id, event_type, tenant, timestamp, body, held }
    }

    pub(crate) fn stored(payload: Payload, shelf: &Arc<AtomicUsize>) -> Self {
        let message = payload.message;
        Self::new(message.id, message.event_type, message.tenant, message.timestamp, payload.body, shelf)
    }

    /// Whether contents together take more memory than they should.
    pub(crate) fn is_too_much(&self) -> bool {
        self.held.shelf.load(Ordering::Relaxed) > MOST_HELD
    }
}

/// Counts the memory of contents that are alive.
struct Held {
    size: usize,
    shelf: Arc<AtomicUsize>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shelf.fetch_sub(self.size, Ordering::Relaxed);
    }
}

const PARCEL_OVERHEAD: usize = 256;
/// Contents beyond this are read again when their turn comes.
pub(crate) const MOST_HELD: usize = 64 * 1024 * 1024;
