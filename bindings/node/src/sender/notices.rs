//! Notices.

use hookseal::sender::Notices as Core;
use hookseal::store::Notice as CoreNotice;
use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Function};
use napi_derive::napi;

use super::Sender;
use crate::answer::Promise;
use crate::cancellation::Cancellation;
use crate::error::Result;
use crate::notices::{Reader, Source};

/// What the owners of endpoints must be told.
#[napi(object, object_from_js = false)]
pub struct Notice {
    /// Its place in the order of all notices.
    pub seq: i64,
    /// What happened.
    #[napi(ts_type = "'endpoint.disabled' | 'endpoint.failing' | 'delivery.failed' | 'delivery.recovered'")]
    pub kind: &'static str,
    /// The endpoint it is about.
    pub endpoint: i64,
    /// The delivery that caused it.
    pub delivery: i64,
    /// The endpoint's failures in a row at that moment.
    pub failures: u32,
    /// When it happened, in milliseconds since 1970.
    pub created_at: f64,
}

/// A reader of notices.
#[napi]
pub struct Notices(Reader<Core>);

#[napi]
impl Sender {
    /// A reader of notices, from the oldest that was not acknowledged.
    #[napi(catch_unwind)]
    pub fn notices(&self) -> Notices {
        Notices(Reader::new(self.0.notices()))
    }
}

#[napi]
impl Notices {
    /// The next notice, as soon as there is one.
    #[napi(catch_unwind, ts_return_type = "Promise<Notice | Failure>")]
    pub fn next<'env>(
        &self,
        env: &'env Env,
        cancellation: Option<ClassInstance<Cancellation>>,
    ) -> Result<Promise<'env, Notice>> {
        self.0.next(env, cancellation)
    }

    /// Calls back once, as soon as there is a notice to read or an error; false if the sender was closed. Other than
    /// a promise it does not keep the process alive.
    #[napi(catch_unwind)]
    pub fn when_ready(&self, ready: Function<'_, bool, ()>) -> napi::Result<()> {
        self.0.when_ready(ready)
    }

    /// The next notice, if there is one now.
    #[napi(catch_unwind, ts_return_type = "Promise<Notice | null | Failure>")]
    pub fn try_next<'env>(&self, env: &'env Env) -> Result<Promise<'env, Option<Notice>>> {
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
    type Told = Notice;

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

impl From<&CoreNotice> for Notice {
    fn from(notice: &CoreNotice) -> Self {
        Self {
            seq: notice.seq,
            kind: notice.kind.as_str(),
            endpoint: notice.endpoint.0,
            delivery: notice.delivery.0,
            failures: notice.failures,
            created_at: notice.created_at as f64,
        }
    }
}
