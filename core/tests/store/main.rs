//! What every store must do, run on each of them; and what only the one in a file has.
#![cfg(feature = "sender")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod conformance;
#[cfg(feature = "sqlite")]
mod file;
#[cfg(feature = "sqlite")]
mod machine;
#[cfg(feature = "sqlite")]
mod processes;
#[cfg(feature = "sqlite")]
mod speed;
mod support;
