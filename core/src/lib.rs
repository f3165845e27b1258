//! Webhooks from both ends: sign, verify and deliver.
//!
//! [`Webhook`] signs requests and verifies them, for every [`Provider`]; a provider is a file of data.
//! Feature `deliver` adds the delivery client, `axum` what receives with axum and tower,
//! `testing` requests and a receiver for tests.
#![forbid(unsafe_code)]

// The typed events are written as they are for other crates.
extern crate self as hookseal;

mod dedup;
mod encoding;
mod envelope;
mod error;
mod event;
mod explain;
mod file;
mod handshake;
mod headers;
mod health;
mod json;
mod key;
mod lookup;
mod mac;
mod provider;
mod receive;
mod request;
mod retry;
mod scheme;
mod secret;
mod shape;
mod template;
mod timestamp;
mod warning;
mod webhook;

pub mod events;
pub mod typegen;

#[cfg(feature = "axum")]
pub mod axum;
#[cfg(feature = "deliver")]
pub mod deliver;
#[cfg(feature = "sender")]
pub mod store;

#[cfg(feature = "sender")]
pub mod inbox;
#[cfg(feature = "sender")]
mod queue;
#[cfg(feature = "sender")]
pub mod sender;
#[cfg(feature = "testing")]
pub mod testing;

pub use dedup::{Claim, Deduplicator, DeduplicatorOptions};
pub use error::{Code, Error, Kind, Result};
pub use event::{Event, TrustedFacts, TypedEvent};
pub use explain::{Certainty, ExplainOptions, Explanation, Finding, FindingCode, Framework, Verdict};
pub use file::TestScope;
pub use handshake::{HandshakeAnswer, HandshakeOptions};
pub use headers::Headers;
pub use health::{FailureUnit, Health, HealthRule, Observation};
pub use provider::{EventOptions, EventType, Provider, ReplayProtection, SignatureForm, TestRule};
pub use receive::{MAX_BODY, Refusal, public_url, refusal};
pub use retry::{Next, Outcome, RetryPolicy};
pub use secret::Secret;
pub use timestamp::Tolerance;
pub use warning::{Warning, WarningCode};
pub use webhook::{SignOptions, VerifyOptions, Webhook};

/// The README's Rust is compiled and run with the tests.
#[cfg(all(doctest, feature = "axum", feature = "sender"))]
#[doc = include_str!("../../README.md")]
struct Readme;

/// So is that of the page on tests.
#[cfg(all(doctest, feature = "testing"))]
#[doc = include_str!("../../docs/testing.md")]
struct TestingPage;
