//! The durable inbox: what was answered with 2xx is handled, whatever happens to the process.
//!
//! ```no_run
//! # async fn run(body: Vec<u8>, headers: Vec<(String, String)>) -> hookseal::Result<()> {
//! use hookseal::Webhook;
//! use hookseal::inbox::{Handling, HandlerError, Inbox, InboxOptions};
//!
//! let webhook = Webhook::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?;
//! let inbox = Inbox::open("memory:", webhook, InboxOptions::default())?;
//! inbox.on("invoice.*", |handling: Handling| async move {
//!     let invoice: serde_json::Value = handling.event.data()?;
//!     println!("{} is paid, try {}", invoice["number"], handling.number);
//!     Ok::<(), HandlerError>(())
//! })?;
//! inbox.start()?;
//!
//! // For every request: verified, not seen before, and durable when it returns. Answer 2xx then.
//! let receipt = inbox.receive(body, &headers[..]).await?;
//! println!("{} {}", receipt.id, if receipt.duplicate { "again" } else { "" });
//! inbox.close().await
//! # }
//! ```

mod carrier;
mod events;
mod export;
mod face;
mod handler;
mod notices;
mod options;
mod partition;
mod received;
mod stats;
mod turns;

pub use events::{EventDetail, EventQuery, EventRecord, EventStatus, Events, Try};
pub use face::{Inbox, Receipt};
pub use handler::{Handler, HandlerError, HandlerFuture, Handling, OnDeadline};
pub use notices::{EventNotice, EventNoticeKind, EventNotices};
pub use options::{InboxOptions, OrderBy};
pub use received::{Prepared, Received};
pub use stats::InboxStats;

pub use crate::queue::{Clock, Page};
