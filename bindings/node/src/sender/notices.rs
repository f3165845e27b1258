//! Notices.

use std::sync::Arc;

use hookseal::{Code, store};
use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Function};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;
use tokio::sync::Mutex;

use super::Sender;
use super::answer::{Promise, promise};
use crate::cancellation::{Cancellation, canceled_by};
use crate::error::Result;
use crate::runtime;

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
    /// The notice that is there already, for whoever asks next.
    next: Option<store::Notice>,
    /// The notice that was read last.
    last: Option<store::Notice>,
}

#[napi]
impl Sender {
    /// A reader of notices, from the oldest that was not acknowledged.
    #[napi(catch_unwind)]
    pub fn notices(&self) -> Notices {
        Notices(Arc::new(Mutex::new(Reader { notices: self.0.notices(), next: None, last: None })))
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
        let reader = Arc::clone(&self.0);
        let next = async move {
            let mut reader = reader.lock().await;
            reader.wait().await?;
            let notice = reader.next.take().expect("it was waited for, and nobody else reads");
            Ok(reader.read(notice))
        };
        promise(env, canceled_by(cancellation).or(next))
    }

    /// Calls back once, as soon as there is a notice to read or an error; false if the sender was closed. Other than
    /// a promise it does not keep the process alive.
    #[napi(catch_unwind)]
    pub fn when_ready(&self, ready: Function<'_, bool, ()>) -> napi::Result<()> {
        let ready = ready.build_threadsafe_function().weak::<true>().build()?;
        let reader = Arc::clone(&self.0);
        runtime::spawn(async move {
            let ended = reader.lock().await.wait().await.err();
            let is_open = ended.is_none_or(|error| error.code() != Code::Closed);
            ready.call(is_open, ThreadsafeFunctionCallMode::NonBlocking);
        })
    }

    /// The next notice, if there is one now.
    #[napi(catch_unwind, ts_return_type = "Promise<Notice | null | Failure>")]
    pub fn try_next<'env>(&self, env: &'env Env) -> Result<Promise<'env, Option<Notice>>> {
        let reader = Arc::clone(&self.0);
        promise(env, async move {
            let mut reader = reader.lock().await;
            let notice = match reader.next.take() {
                Some(notice) => Some(notice),
                None => reader.notices.try_next().await?,
            };
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
    async fn wait(&mut self) -> hookseal::Result<()> {
        if self.next.is_none() {
            self.next = Some(self.notices.next().await?);
        }
        Ok(())
    }

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
