//! Notices.

use std::sync::Arc;
use std::time::SystemTime;

use hookseal::inbox;
use tokio::sync::Mutex;

use super::Inbox;
use crate::cancellation::Cancellation;
use crate::error::{Failure, Result};
use crate::runtime::{run, run_until};
use crate::time::instant;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum EventNoticeKind {
    /// No try is left, and the event waits for somebody to look at it.
    EventFailed,
    /// A retry handled it after all.
    EventRecovered,
    /// One that this version does not know.
    Other,
}

/// An event that could not be handled, or was handled after all.
#[derive(Clone, Debug, uniffi::Record)]
pub struct EventNotice {
    /// Its place in the order of all notices.
    pub seq: i64,
    /// What happened.
    pub kind: EventNoticeKind,
    /// What happened as text, such as `event.failed`.
    pub kind_name: String,
    /// The event's id.
    pub id: String,
    /// The event's type; empty if it has none.
    pub event_type: String,
    /// Why the last try failed.
    pub error: Option<Failure>,
    /// When it happened.
    pub created_at: SystemTime,
}

/// A reader of notices.
#[derive(uniffi::Object)]
pub struct EventNotices(Arc<Mutex<Reader>>);

struct Reader {
    notices: inbox::EventNotices,
    /// The notice that was read last.
    last: Option<inbox::EventNotice>,
}

#[uniffi::export]
impl Inbox {
    /// A reader of notices, from the oldest that was not acknowledged.
    pub fn notices(&self) -> Result<Arc<EventNotices>> {
        let reader = Reader { notices: self.core.notices(), last: None };
        Ok(Arc::new(EventNotices(Arc::new(Mutex::new(reader)))))
    }
}

#[uniffi::export]
impl EventNotices {
    /// The next notice, as soon as there is one.
    pub async fn next(&self, cancellation: Option<Arc<Cancellation>>) -> Result<EventNotice> {
        let reader = Arc::clone(&self.0);
        let next = async move {
            let mut reader = reader.lock().await;
            let notice = reader.notices.next().await?;
            Ok(reader.read(notice))
        };
        run_until(cancellation, next).await
    }

    /// The notice that was read last was dealt with, and those before it.
    pub async fn ack(&self) -> Result<()> {
        let reader = Arc::clone(&self.0);
        run(async move {
            let mut reader = reader.lock().await;
            let Some(last) = reader.last.take() else { return Ok(()) };
            reader.notices.ack(&last).await
        })
        .await
    }
}

impl Reader {
    fn read(&mut self, notice: inbox::EventNotice) -> EventNotice {
        let told = EventNotice {
            seq: notice.seq,
            kind: notice.kind.into(),
            kind_name: notice.kind.as_str().to_owned(),
            id: notice.id.clone(),
            event_type: notice.event_type.clone(),
            error: notice.error.as_ref().map(Failure::from),
            created_at: instant(notice.created_at),
        };
        self.last = Some(notice);
        told
    }
}

impl From<inbox::EventNoticeKind> for EventNoticeKind {
    fn from(kind: inbox::EventNoticeKind) -> Self {
        match kind {
            inbox::EventNoticeKind::Failed => Self::EventFailed,
            inbox::EventNoticeKind::Recovered => Self::EventRecovered,
            _ => Self::Other,
        }
    }
}
