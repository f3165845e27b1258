//! Typed events, as a program reads them.
#![allow(clippy::unwrap_used, reason = "a test")]

#[allow(dead_code, unreachable_pub, reason = "it is made whole, and for others")]
mod acme;
mod reading;
#[allow(unreachable_pub, reason = "as it stands on the page")]
mod recipe;
