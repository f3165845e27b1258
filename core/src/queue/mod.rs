//! What sender and inbox share: a queue in a store, worked off by this process.
//!
//! The store is the queue. One thread writes: what arrives while it commits is its next commit, so that a sync is paid
//! once for all who wait. What was committed goes straight to the dispatcher, which gives every endpoint slots of its
//! own and turns in a circle. Claims live in memory; outcomes are committed with whatever else is written. A process
//! that dies forgets its claims, and what it had in hand is due again.
//!
//! What an attempt is, the queue does not know: a [`Carrier`](carrier::Carrier) makes it. The sender's sends a request,
//! the inbox's runs a handler.

pub(crate) mod attempt;
pub(crate) mod carrier;
mod clock;
mod commit;
pub(crate) mod control;
mod crew;
mod dispatch;
pub(crate) mod engine;
pub(crate) mod failpoint;
mod jobs;
mod lane;
pub(crate) mod lifecycle;
pub(crate) mod metrics;
mod notices;
mod outbox;
mod page;
mod ring;
mod scheduler;
pub(crate) mod span;
pub(crate) mod work;
mod writer;

pub use clock::Clock;
pub use notices::Notices;
pub use page::Page;
