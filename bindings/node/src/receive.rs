//! What the adapters for web frameworks share.

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
