//! Notices.

use std::sync::Arc;

use hookseal::store;
use napi::Env;
use napi_derive::napi;
use tokio::sync::Mutex;

use super::answer::{Promise, promise};
use super::{Sender, Stop};
use crate::error::Result;

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
pub struct Notices(Arc<Mutex<Reader>>);

struct Reader {
    notices: hookseal::sender::Notices,
    /// The notice that was read last.
    last: Option<store::Notice>,
}

#[napi]
impl Sender {
    /// A reader of notices, from the oldest that was not acknowledged.
    #[napi(catch_unwind)]
    pub fn notices(&self) -> Notices {
        Notices(Arc::new(Mutex::new(Reader { notices: self.0.notices(), last: None })))
    }
}

#[napi]
impl Notices {
    /// The next notice, as soon as there is one.
    #[napi(catch_unwind, ts_return_type = "Promise<Notice | Failure>")]
    pub fn next<'env>(&self, env: &'env Env, stop: &Stop) -> Result<Promise<'env, Notice>> {
        let (reader, stop) = (Arc::clone(&self.0), stop.clone());
        promise(
            env,
            stop.or(async move {
                let mut reader = reader.lock().await;
                let notice = reader.notices.next().await?;
                Ok(reader.read(notice))
            }),
        )
    }

    /// The next notice, if there is one now.
    #[napi(catch_unwind, ts_return_type = "Promise<Notice | null | Failure>")]
    pub fn try_next<'env>(&self, env: &'env Env) -> Result<Promise<'env, Option<Notice>>> {
        let reader = Arc::clone(&self.0);
        promise(env, async move {
            let mut reader = reader.lock().await;
            let notice = reader.notices.try_next().await?;
            Ok(notice.map(|notice| reader.read(notice)))
        })
    }

    /// The notice that was read last was dealt with, and those before it.
    #[napi(catch_unwind, ts_return_type = "Promise<undefined | Failure>")]
    pub fn ack<'env>(&self, env: &'env Env) -> Result<Promise<'env, ()>> {
        let reader = Arc::clone(&self.0);
        promise(env, async move {
            let mut reader = reader.lock().await;
            let Some(last) = reader.last.take() else { return Ok(()) };
            reader.notices.ack(&last).await
        })
    }
}

impl Reader {
    fn read(&mut self, notice: store::Notice) -> Notice {
        let told = Notice {
            seq: notice.seq,
            kind: notice.kind.as_str(),
            endpoint: notice.endpoint.0,
            delivery: notice.delivery.0,
            failures: notice.failures,
            created_at: notice.created_at as f64,
        };
        self.last = Some(notice);
        told
    }
}
