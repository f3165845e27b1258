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
//!
//! The store is the queue. One thread writes: what arrives while it commits is its next commit, so a sync is paid
//! once for all who wait. A message that was committed goes straight to the dispatcher, which gives every endpoint
//! slots of its own and turns in a circle. Claims live in memory; outcomes are committed with whatever else is
//! written. A process that dies forgets its claims, and what was on its way is sent again.

mod attempt;
mod clock;
mod commit;
mod compose;
mod deliveries;
mod dispatch;
mod endpoints;
mod engine;
mod export;
mod face;
mod failpoint;
mod jobs;
mod lane;
mod lifecycle;
mod messages;
mod metrics;
mod notices;
mod options;
mod outbox;
mod page;
mod ring;
mod scheduler;
mod seal;
mod span;
mod target;
mod trial;
mod work;
mod writer;

pub use clock::Clock;
pub use compose::NewMessage;
pub use deliveries::{Deliveries, DeliveryDetail, RetryFilter};
pub use endpoints::{Created, Endpoint, EndpointChanges, Endpoints, NewEndpoint};
pub use face::{SendOptions, Sender};
pub use messages::{Message, Messages, StoredMessage};
pub use metrics::Stats;
pub use notices::Notices;
pub use options::SenderOptions;
pub use page::Page;
pub use trial::{TestResult, TestTarget};
