//! Promises: N-API's reject without a code, so these resolve to what came of it or to what went wrong.

use std::future::Future;

use hookseal::{Code, Error};
use napi::bindgen_prelude::{PromiseRaw, ToNapiValue};
use napi::{Either, Env};

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
