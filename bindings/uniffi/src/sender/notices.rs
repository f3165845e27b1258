//! Notices.

use std::sync::Arc;
use std::time::SystemTime;

use hookseal::store;
use tokio::sync::Mutex;

use super::Sender;
use crate::cancellation::Cancellation;
use crate::error::Result;
use crate::runtime::{run, run_until};
use crate::time::instant;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum NoticeKind {
    /// Failures or the receiver itself disabled an endpoint.
    EndpointDisabled,
    /// Half of the failures that disable an endpoint have come in a row.
    EndpointFailing,
    /// An event will not reach an endpoint.
    DeliveryFailed,
    /// A manual retry reached the endpoint after all.
    DeliveryRecovered,
}

/// What the owner of an endpoint must be told.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Notice {
    /// Its place in the order of all notices.
    pub seq: i64,
    /// What happened.
    pub kind: NoticeKind,
    /// What happened as text, such as `endpoint.disabled`.
    pub kind_name: String,
    /// The endpoint it is about.
    pub endpoint: i64,
    /// The delivery that caused it.
    pub delivery: i64,
    /// The endpoint's failures in a row at that moment.
    pub failures: u32,
    /// When it happened.
    pub created_at: SystemTime,
}

/// A reader of notices.
#[derive(uniffi::Object)]
pub struct Notices(Arc<Mutex<Reader>>);

struct Reader {
    notices: hookseal::sender::Notices,
    /// The notice that was read last.
    last: Option<store::Notice>,
}

#[uniffi::export]
impl Sender {
    /// A reader of notices, from the oldest that was not acknowledged.
    pub fn notices(&self) -> Result<Arc<Notices>> {
        let reader = Reader { notices: self.0.notices(), last: None };
        Ok(Arc::new(Notices(Arc::new(Mutex::new(reader)))))
    }
}

#[uniffi::export]
impl Notices {
    /// The next notice, as soon as there is one.
    pub async fn next(&self, cancellation: Option<Arc<Cancellation>>) -> Result<Notice> {
        let reader = Arc::clone(&self.0);
        let next = async move {
            let mut reader = reader.lock().await;
            let notice = reader.notices.next().await?;
            Ok(reader.read(notice))
        };
        run_until(cancellation, next).await
    }

    /// The next notice, if there is one now.
    pub async fn try_next(&self) -> Result<Option<Notice>> {
        let reader = Arc::clone(&self.0);
        run(async move {
            let mut reader = reader.lock().await;
            let notice = reader.notices.try_next().await?;
            Ok(notice.map(|notice| reader.read(notice)))
        })
        .await
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
    fn read(&mut self, notice: store::Notice) -> Notice {
        let told = Notice {
            seq: notice.seq,
            kind: notice.kind.into(),
            kind_name: notice.kind.as_str().to_owned(),
            endpoint: notice.endpoint.0,
            delivery: notice.delivery.0,
            failures: notice.failures,
            created_at: instant(notice.created_at),
        };
        self.last = Some(notice);
        told
    }
}

impl From<store::NoticeKind> for NoticeKind {
    fn from(kind: store::NoticeKind) -> Self {
        match kind {
            store::NoticeKind::EndpointDisabled => Self::EndpointDisabled,
            store::NoticeKind::EndpointFailing => Self::EndpointFailing,
            store::NoticeKind::DeliveryFailed => Self::DeliveryFailed,
            store::NoticeKind::DeliveryRecovered => Self::DeliveryRecovered,
        }
    }
}
