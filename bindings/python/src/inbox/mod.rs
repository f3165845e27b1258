//! The durable inbox, as `hookseal/inbox.py` and `hookseal/async_inbox.py` drive it.

mod arguments;
mod core;
mod event;
mod handler;
mod notice;
mod open;
mod order;
mod prepared;
mod stats;

pub(crate) use self::core::{InboxCore, Receipt};
pub(crate) use self::event::{EventPage, Events, StoredEvent, StoredTry};
pub(crate) use self::handler::{Handling, Outcome};
pub(crate) use self::notice::{EventNotice, EventNoticeReader};
pub(crate) use self::prepared::Prepared;
pub(crate) use self::stats::InboxStats;
