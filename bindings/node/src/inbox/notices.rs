//! Notices.

use hookseal::inbox::{EventNotice as CoreNotice, EventNotices as Core};
use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Function};
use napi_derive::napi;

use super::Inbox;
use crate::answer::Promise;
use crate::cancellation::Cancellation;
use crate::error::{Failure, Result};
use crate::notices::{Reader, Source};

/// An event that could not be handled, or was handled after all.
#[napi(object, object_from_js = false)]
pub struct EventNotice {
    /// Its place in the order of all notices.
    pub seq: i64,
    /// What happened.
    #[napi(ts_type = "'event.failed' | 'event.recovered'")]
    pub kind: &'static str,
    /// The event's id.
    pub id: String,
    /// The event's type.
    #[napi(js_name = "type")]
    pub event_type: String,
    /// Why the last try failed.
    pub error: Option<Failure>,
    /// When it happened, in milliseconds since 1970.
    pub created_at: f64,
}

/// A reader of notices.
#[napi]
pub struct EventNotices(Reader<Core>);

#[napi]
impl Inbox {
    /// A reader of notices, from the oldest that was not acknowledged.
    #[napi(catch_unwind)]
    pub fn notices(&self) -> EventNotices {
        EventNotices(Reader::new(self.core.notices()))
    }
}

#[napi]
impl EventNotices {
    /// The next notice, as soon as there is one.
    #[napi(catch_unwind, ts_return_type = "Promise<EventNotice | Failure>")]
    pub fn next<'env>(
        &self,
        env: &'env Env,
        cancellation: Option<ClassInstance<Cancellation>>,
    ) -> Result<Promise<'env, EventNotice>> {
        self.0.next(env, cancellation)
    }

    /// Calls back once, as soon as there is a notice to read or an error; false if the inbox was closed. Other than
    /// a promise it does not keep the process alive.
    #[napi(catch_unwind)]
    pub fn when_ready(&self, ready: Function<'_, bool, ()>) -> napi::Result<()> {
        self.0.when_ready(ready)
    }

    /// The next notice, if there is one now.
    #[napi(catch_unwind, ts_return_type = "Promise<EventNotice | null | Failure>")]
    pub fn try_next<'env>(&self, env: &'env Env) -> Result<Promise<'env, Option<EventNotice>>> {
        self.0.try_next(env)
    }

    /// The notice that was read last was dealt with, and those before it.
    #[napi(catch_unwind, ts_return_type = "Promise<undefined | Failure>")]
    pub fn ack<'env>(&self, env: &'env Env) -> Result<Promise<'env, ()>> {
        self.0.ack(env)
    }
}

impl Source for Core {
    type Notice = CoreNotice;
    type Told = EventNotice;

    async fn next(&mut self) -> hookseal::Result<CoreNotice> {
        Core::next(self).await
    }

    async fn try_next(&mut self) -> hookseal::Result<Option<CoreNotice>> {
        Core::try_next(self).await
    }

    async fn ack(&self, notice: &CoreNotice) -> hookseal::Result<()> {
        Core::ack(self, notice).await
    }
}

impl From<&CoreNotice> for EventNotice {
    fn from(notice: &CoreNotice) -> Self {
        Self {
            seq: notice.seq,
            kind: notice.kind.as_str(),
            id: notice.id.clone(),
            event_type: notice.event_type.clone(),
            error: notice.error.as_ref().map(Failure::from),
            created_at: notice.created_at as f64,
        }
    }
}
