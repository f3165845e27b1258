//! What an `AbortSignal` does to work that goes on here.

use std::future::Future;
use std::sync::Arc;

use hookseal::{Code, Error};
use napi::bindgen_prelude::ClassInstance;
use napi_derive::napi;
use tokio::sync::Notify;

/// Ends work before its time.
#[napi]
#[derive(Clone, Default)]
pub struct Cancellation(Arc<Notify>);

#[napi]
impl Cancellation {
    /// One that was not asked for yet.
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the work, at whatever point it is.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.0.notify_one();
    }
}

impl Cancellation {
    /// Goes on until the work is done or canceled.
    pub(crate) async fn or<T>(self, work: impl Future<Output = hookseal::Result<T>>) -> hookseal::Result<T> {
        tokio::select! {
            biased;
            () = self.0.notified() => Err(Error::new(Code::Canceled, "It was canceled.")),
            done = work => done,
        }
    }
}

/// What was passed for a signal; nothing never cancels.
pub(crate) fn canceled_by(given: Option<ClassInstance<Cancellation>>) -> Cancellation {
    given.as_deref().cloned().unwrap_or_default()
}
