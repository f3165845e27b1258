//! What every store must do, run on each of them; and what only the one in a file or in a database has.
#![cfg(feature = "sender")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod conformance;
#[cfg(feature = "sqlite")]
mod file;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod machine;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod processes;
#[cfg(feature = "postgres")]
#[path = "../shared/server.rs"]
mod server;
#[cfg(feature = "sqlite")]
mod speed;
mod support;
