//! Promises: N-API's reject without a code, so these resolve to what came of it or to what went wrong.

use std::future::Future;
use std::sync::Arc;

use hookseal::{Code, Error};
use napi::bindgen_prelude::{PromiseRaw, ToNapiValue};
use napi::{Either, Env};
use napi_derive::napi;
use tokio::sync::Notify;

use crate::error::{Failure, Result, thrown};

/// What came of it, or what went wrong.
pub(crate) type Answer<T> = Either<T, Failure>;

pub(crate) type Promise<'env, T> = PromiseRaw<'env, Answer<T>>;

/// A promise of what this work gives.
pub(crate) fn promise<'env, T: ToNapiValue + Send + 'static>(
    env: &'env Env,
    work: impl Future<Output = hookseal::Result<T>> + Send + 'static,
) -> Result<Promise<'env, T>>
where
    Answer<T>: ToNapiValue,
{
    env.spawn_future(async move { Ok(answer(work.await)) })
        .map_err(|error| thrown(Error::new(Code::StoreUnavailable, error.reason.to_string())))
}

pub(crate) fn answer<T>(result: hookseal::Result<T>) -> Answer<T> {
    match result {
        Ok(value) => Either::A(value),
        Err(error) => Either::B(Failure::from(&error)),
    }
}

/// Ends a wait before its time.
#[napi]
#[derive(Clone, Default)]
pub struct Stop(Arc<Notify>);

#[napi]
impl Stop {
    /// One that was not asked for yet.
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the wait.
    #[napi(catch_unwind)]
    pub fn stop(&self) {
        self.0.notify_one();
    }
}

impl Stop {
    /// Waits until the work is done or the wait is stopped.
    pub(crate) async fn or<T>(self, work: impl Future<Output = hookseal::Result<T>>) -> hookseal::Result<T> {
        tokio::select! {
            biased;
            () = self.0.notified() => Err(Error::new(Code::Canceled, "The wait was stopped.")),
            done = work => done,
        }
    }
}
