//! What the adapters for web frameworks share.

use hookseal::{Code, Error};
use napi_derive::napi;

/// How many bytes of a request the adapters read, unless they are told another limit.
#[napi(catch_unwind)]
pub fn max_body() -> u32 {
    hookseal::MAX_BODY.try_into().unwrap_or(u32::MAX)
}

/// The url to verify a request with: the registered one, and of the request's path and query what it leaves out.
#[napi(catch_unwind)]
pub fn public_url(registered: String, target: String) -> String {
    hookseal::public_url(&registered, &target)
}

/// What to answer to a request that led to an error.
#[napi(object, object_from_js = false)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The seconds to send as `Retry-After`, if the sender shall try again.
    pub retry_after: Option<f64>,
}

/// What to answer to a request that led to an error of this code.
#[napi(catch_unwind)]
pub fn refusal(code: String) -> Refusal {
    let Some(code) = Code::parse(&code) else { return Refusal { status: 500, retry_after: None } };
    let refusal = hookseal::refusal(&Error::new(code, code.sentence()));
    Refusal { status: refusal.status, retry_after: refusal.retry_after.map(|seconds| seconds as f64) }
}
