//! What adapters for web frameworks share.

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
