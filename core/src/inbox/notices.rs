//! What somebody must be told: stored with what caused it, and kept until it is acknowledged.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::queue::Notices;
use crate::queue::engine::Engine;
use crate::store::{self, NoticeKind};
use crate::timestamp::Millis;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventNoticeKind {
    /// `event.failed`: no try is left, and the event waits for somebody to look at it.
    Failed,
    /// `event.recovered`: it was handled after all, by a retry.
    Recovered,
}

/// An event that could not be handled, or was handled after all.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventNotice {
    /// Its place in the order of all notices; never used again.
    pub seq: i64,
    /// What happened.
    pub kind: EventNoticeKind,
    /// The event's id.
    pub id: String,
    /// Its type; empty if it has none.
    pub event_type: String,
    /// Why the last try failed.
    pub error: Option<Error>,
    /// When it happened, in milliseconds since 1970.
    pub created_at: Millis,
}

/// The notices that nobody has acknowledged, from the oldest, and then those to come.
///
/// Each reader sees all of them; one that comes back after a crash begins with the oldest that was not acknowledged.
pub struct EventNotices {
    engine: Arc<Engine>,
    notices: Notices,
}

impl EventNoticeKind {
    /// As text, such as `event.failed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "event.failed",
            Self::Recovered => "event.recovered",
        }
    }
}

impl EventNotices {
    pub(crate) fn new(engine: &Arc<Engine>) -> Self {
        Self { engine: Arc::clone(engine), notices: Notices::new(engine) }
    }

    /// The next notice, as soon as there is one.
    ///
    /// # Errors
    /// `closed`, and those of the store.
    pub async fn next(&mut self) -> Result<EventNotice> {
        loop {
            let notice = self.notices.next().await?;
            if let Some(notice) = self.about_event(notice).await? {
                return Ok(notice);
            }
        }
    }

    /// The next notice, if there is one now.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn try_next(&mut self) -> Result<Option<EventNotice>> {
        while let Some(notice) = self.notices.try_next().await? {
            if let Some(notice) = self.about_event(notice).await? {
                return Ok(Some(notice));
            }
        }
        Ok(None)
    }

    /// Deletes this notice and those before it: they were dealt with.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn ack(&self, notice: &EventNotice) -> Result<()> {
        self.notices.ack_upto(notice.seq).await
    }

    /// `None` if it is about something that an inbox has not, or whose event is gone.
    async fn about_event(&self, notice: store::Notice) -> Result<Option<EventNotice>> {
        let kind = match notice.kind {
            NoticeKind::DeliveryFailed => EventNoticeKind::Failed,
            NoticeKind::DeliveryRecovered => EventNoticeKind::Recovered,
            NoticeKind::EndpointDisabled | NoticeKind::EndpointFailing => return Ok(None),
        };
        let id = notice.delivery;
        let (delivery, last) =
            self.engine.read(move |store| Ok((store.delivery(id)?, store.attempts(id)?.pop()))).await?;
        Ok(delivery.map(|delivery| EventNotice {
            seq: notice.seq,
            kind,
            id: delivery.message_id,
            event_type: delivery.event_type,
            error: last.and_then(|attempt| attempt.error),
            created_at: notice.created_at,
        }))
    }
}
