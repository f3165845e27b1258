//! The library behind Hookseal for Kotlin and Swift: one thin file for each thing that crosses over.
//!
//! Nothing here is public API; what stands in `kotlin` and `swift` is. Every function returns a `Result`, though some
//! cannot fail: a panic in a function that does not would end a Swift program.

pub mod cancellation;
pub mod client;
pub mod dedup;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod explanation;
pub mod headers;
pub mod inbox;
pub mod json;
pub mod provider;
pub mod receive;
pub mod retry;
mod runtime;
pub mod secret;
pub mod sender;
mod time;
pub mod transport;
pub mod typegen;
pub mod webhook;

uniffi::setup_scaffolding!("hookseal");
