//! The durable sender: nothing that it accepted is ever lost.
//!
//! ```no_run
//! # async fn run() -> hookseal::Result<()> {
//! use hookseal::Provider;
//! use hookseal::sender::{NewEndpoint, SendOptions, Sender, SenderOptions};
//!
//! let provider = Provider::builtin("standard")?;
//! let sender = Sender::open("memory:", SenderOptions::new(&provider))?;
//! sender.start()?;
//! let created = sender.endpoints().create(NewEndpoint::new("https://example.com/webhooks")).await?;
//! println!("show this once: {}", created.secret.expect("the provider signs").expose()?);
//!
//! // Durable when it returns.
//! sender.send("invoice.paid", &serde_json::json!({"id": 42}), &SendOptions::default()).await?;
//! sender.close().await
//! # }
//! ```

mod carrier;
mod compose;
mod deliveries;
mod endpoints;
mod export;
mod face;
mod messages;
mod options;
mod outbox;
mod seal;
mod settings;
mod span;
mod stats;
mod trial;

pub use compose::NewMessage;
pub use deliveries::{Deliveries, DeliveryDetail, RetryFilter};
pub use endpoints::{Created, Endpoint, EndpointChanges, Endpoints, NewEndpoint};
pub use face::{SendOptions, Sender};
pub use messages::{Message, Messages, StoredMessage};
pub use options::SenderOptions;
pub use stats::Stats;
pub use trial::{TestResult, TestTarget};

pub use crate::queue::{Clock, Notices, Page};
