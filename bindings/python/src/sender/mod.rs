//! The durable sender, as `hookseal/sender.py` and `hookseal/async_sender.py` drive it.
//!
//! Every call gives a [`Work`](crate::work::Work): one Python class waits for it, the other awaits it.

mod arguments;
mod core;
mod delivery;
mod endpoint;
pub(crate) mod export;
mod job;
pub(crate) mod log;
mod message;
mod notice;
pub(crate) mod open;
mod stats;
mod trial;

pub(crate) use self::core::SenderCore;
pub(crate) use self::delivery::{Deliveries, DeliveryPage, StoredAttempt, StoredDelivery};
pub(crate) use self::endpoint::{EndpointPage, Endpoints, StoredEndpoint};
pub(crate) use self::job::Job;
pub(crate) use self::message::{Message, Messages, StoredMessage};
pub(crate) use self::notice::{Notice, NoticeReader};
pub(crate) use self::stats::{Stats, Usage};
pub(crate) use self::trial::TestResult;
