//! One delivery that is due, as it waits in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use crate::store::{DeliveryId, Due, EndpointId, Fresh, MessageKey, NewMessage, Payload, Trigger, Write};
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
    /// Whether others wait for it to end.
    pub(crate) in_line: bool,
    /// Whether its last attempt was cut short.
    pub(crate) was_lost: bool,
    /// When an attempt began that was cut short with the process that made it.
    pub(crate) begun_at: Option<Millis>,
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
            in_line: fresh.in_line,
            was_lost: false,
            begun_at: None,
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
            in_line: due.in_line,
            was_lost: due.was_lost,
            begun_at: due.begun_at,
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
    pub(crate) stored_at: Millis,
    pub(crate) body: Bytes,
    held: Held,
}

impl Parcel {
    pub(crate) fn fresh(message: &NewMessage, shelf: &Arc<AtomicUsize>) -> Self {
        Self {
            id: message.id.clone(),
            event_type: message.event_type.clone(),
            tenant: message.tenant.clone(),
            timestamp: message.timestamp,
            stored_at: message.now,
            body: message.body.clone(),
            held: Held::new(message.body.len(), shelf),
        }
    }

    pub(crate) fn stored(payload: Payload, shelf: &Arc<AtomicUsize>) -> Self {
        let message = payload.message;
        Self {
            id: message.id,
            event_type: message.event_type,
            tenant: message.tenant,
            timestamp: message.timestamp,
            stored_at: message.created_at,
            held: Held::new(payload.body.len(), shelf),
            body: payload.body,
        }
    }

    /// Whether contents together take more memory than they should.
    pub(crate) fn is_too_much(&self) -> bool {
        self.held.shelf.load(Ordering::Relaxed) > MOST_HELD
    }
}

/// A message that is ready to be stored.
pub(crate) struct Draft {
    pub(crate) write: Write,
    pub(crate) size: usize,
    pub(crate) parcel: Arc<Parcel>,
    pub(crate) id: String,
}

impl Draft {
    pub(crate) fn new(message: NewMessage, shelf: &Arc<AtomicUsize>) -> Self {
        let parcel = Parcel::fresh(&message, shelf);
        let (id, size) = (message.id.clone(), message.body.len());
        Self { write: Write::Send(message), size, parcel: Arc::new(parcel), id }
    }
}

/// Counts the memory of contents that are alive.
struct Held {
    size: usize,
    shelf: Arc<AtomicUsize>,
}

impl Held {
    fn new(length: usize, shelf: &Arc<AtomicUsize>) -> Self {
        let size = length + PARCEL_OVERHEAD;
        shelf.fetch_add(size, Ordering::Relaxed);
        Self { size, shelf: Arc::clone(shelf) }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shelf.fetch_sub(self.size, Ordering::Relaxed);
    }
}

const PARCEL_OVERHEAD: usize = 256;
/// Contents beyond this are read again when their turn comes.
pub(crate) const MOST_HELD: usize = 64 * 1024 * 1024;
