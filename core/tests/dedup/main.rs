//! What every deduplicator must do, on each store; races of threads and processes, and holders that die.
//!
//! Run by `scripts/postgres run scripts/redis run cargo test --features postgres,redis,sqlite --test dedup`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod conformance;
mod place;
mod processes;
mod servers;
mod tls;
