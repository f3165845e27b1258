//! Delivering events: signed, retried, and only to where they may go.
//!
//! ```no_run
//! # async fn run() -> hookseal::Result<()> {
//! use hookseal::deliver::{Client, Endpoint};
//! use hookseal::{EventOptions, Provider};
//!
//! let provider = Provider::builtin("standard")?;
//! let secret = provider.generate_secret()?;
//! let endpoint = Endpoint::new("https://example.com/webhooks", &provider, &[secret])?;
//!
//! let event = provider.event("invoice.paid", &serde_json::json!({"id": 42}), &EventOptions::default())?;
//! let delivery = Client::new()?.deliver(&endpoint, &event).await?;
//! assert!(delivery.delivered());
//! # Ok(())
//! # }
//! ```
//!
//! Safe by default: only https and public addresses, where the address that was checked is the one that is
//! dialled; no redirects, no proxies from the environment, no decompression; one deadline over a whole attempt
//! and a cap on all that a receiver can answer. `allow_http` and `allow_private` on [`Client`] and [`Endpoint`]
//! open what tests, demos and inner networks need, and only they do: an explicit `allow_http` counts even where
//! the provider itself delivers to https only.
//!
//! This module keeps nothing: a delivery lives in the task that awaits it, and dropping that future cancels it.

mod address;
mod attempt;
mod client;
mod connect;
mod connection;
mod delivery;
mod egress;
mod endpoint;
mod failure;
mod header_text;
mod host;
mod pool;
mod resolve;
mod tls;
mod transport;

pub use address::AllowPrivate;
pub use client::{Client, ClientBuilder};
pub use delivery::{Attempt, Delivery, DeliveryStatus};
pub use egress::EgressPolicy;
pub use endpoint::Endpoint;
pub use header_text::HeaderText;
pub use host::{Answer, Transport, TransportRequest, TransportResponse};
pub use resolve::{Lookup, Resolver};
#[cfg(feature = "postgres")]
pub(crate) use tls::certificates;

pub use ipnet::IpNet;
pub use url::Url;
