//! Notices.

use std::sync::Arc;

use hookseal::Code;
use hookseal::inbox;
use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Function};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;
use tokio::sync::Mutex;

use super::Inbox;
use crate::cancellation::{Cancellation, canceled_by};
use crate::error::{Failure, Result};
use crate::runtime;
use crate::sender::answer::{Promise, promise};

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
pub struct EventNotices(Arc<Mutex<Reader>>);

struct Reader {
    notices: inbox::EventNotices,
    /// The notice that is there already, for whoever asks next.
    next: Option<inbox::EventNotice>,
    /// The notice that was read last.
    last: Option<inbox::EventNotice>,
}

#[napi]
impl Inbox {
    /// A reader of notices, from the oldest that was not acknowledged.
    #[napi(catch_unwind)]
    pub fn notices(&self) -> EventNotices {
        EventNotices(Arc::new(Mutex::new(Reader { notices: self.core.notices(), next: None, last: None })))
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
        let reader = Arc::clone(&self.0);
        let next = async move {
            let mut reader = reader.lock().await;
            reader.wait().await?;
            let notice = reader.next.take().expect("it was waited for, and nobody else reads");
            Ok(reader.read(notice))
        };
        promise(env, canceled_by(cancellation).or(next))
    }

    /// Calls back once, as soon as there is a notice to read or an error; false if the inbox was closed. Other than
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
    #[napi(catch_unwind, ts_return_type = "Promise<EventNotice | null | Failure>")]
    pub fn try_next<'env>(&self, env: &'env Env) -> Result<Promise<'env, Option<EventNotice>>> {
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

    fn read(&mut self, notice: inbox::EventNotice) -> EventNotice {
        let told = EventNotice {
            seq: notice.seq,
            kind: notice.kind.as_str(),
            id: notice.id.clone(),
            event_type: notice.event_type.clone(),
            error: notice.error.as_ref().map(Failure::from),
            created_at: notice.created_at as f64,
        };
        self.last = Some(notice);
        told
    }
}
