//! What adapters for web frameworks share.

use std::time::Duration;

use hookseal::{Code, Error};

use crate::error::Result;

/// How many bytes of a request an adapter reads, unless it is told another limit.
#[uniffi::export]
pub fn max_body() -> Result<u64> {
    Ok(hookseal::MAX_BODY as u64)
}

/// The url to verify a request with: the registered one, and of the request's path and query what it leaves out.
#[uniffi::export]
pub fn public_url(registered: String, target: String) -> Result<String> {
    Ok(hookseal::public_url(&registered, &target))
}

/// What to answer to a request that led to an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// What to send as `Retry-After`, if the sender shall try again.
    pub retry_after: Option<Duration>,
}

/// What to answer to a request that led to an error of this code.
#[uniffi::export]
pub fn refusal(code: String) -> Result<Refusal> {
    let Some(code) = Code::parse(&code) else { return Ok(Refusal { status: 500, retry_after: None }) };
    let refusal = hookseal::refusal(&Error::new(code, code.sentence()));
    Ok(Refusal { status: refusal.status, retry_after: refusal.retry_after.map(Duration::from_secs) })
}
