//! The addon behind the npm package `hookseal`: one thin file for each thing that crosses over.
//!
//! Nothing here is public API; the TypeScript in `node/src` is.

mod answer;
pub mod cancellation;
pub mod client;
pub mod dedup;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod explanation;
pub mod handshake;
pub mod headers;
pub mod inbox;
pub mod notices;
mod provider;
pub mod receive;
pub mod retry;
mod runtime;
pub mod secret;
pub mod sender;
pub mod testing;
mod time;
pub mod typegen;
pub mod webhook;
