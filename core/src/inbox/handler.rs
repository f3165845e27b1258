//! Handlers: which one gets an event, and what it may say.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::error::Result;
use crate::event::Event;
use crate::store::EventFilter;

/// An event to handle, for one try.
#[derive(Debug)]
#[non_exhaustive]
pub struct Handling {
    /// The event, as it was verified.
    pub event: Event<Bytes>,
    /// Which try, from 1; it begins anew where somebody asked for another one by hand.
    pub number: u32,
    /// The same for every try of this event, and another for every other event: for what the handler does elsewhere.
    pub idempotency_key: String,
    /// When the event was received first.
    pub received_at: SystemTime,
}

/// Why a handler did not handle an event. Any error is one that is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandlerError {
    pub(crate) what: What,
    pub(crate) message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Failed,
    Discard,
    RetryIn(Duration),
}

/// What a handler does, until it has ended.
pub type HandlerFuture = Pin<Box<dyn Future<Output = Result<(), HandlerError>> + Send>>;

/// A handler.
pub type Handler = Arc<dyn Fn(Handling) -> HandlerFuture + Send + Sync>;

/// What becomes of a handler whose time is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnDeadline {
    /// Its future is dropped, which ends it.
    #[default]
    Drop,
    /// It goes on, because nothing can end it, such as a thread. The event is not tried again before it has returned;
    /// what it returns then is not heard.
    Leave,
}

impl HandlerError {
    /// It failed, and is tried again as the inbox's policy says.
    pub fn failed(message: impl fmt::Display) -> Self {
        Self::new(What::Failed, message)
    }

    /// It failed, and is tried again after this time; the policy says how often.
    pub fn retry_in(delay: Duration, message: impl fmt::Display) -> Self {
        Self::new(What::RetryIn(delay), message)
    }

    /// The event is not to be handled: it ends as discarded.
    pub fn discard(message: impl fmt::Display) -> Self {
        Self::new(What::Discard, message)
    }

    /// What is logged.
    pub fn message(&self) -> &str {
        &self.message
    }

    fn new(what: What, message: impl fmt::Display) -> Self {
        let text = message.to_string();
        let cut = text.char_indices().nth(LONGEST_MESSAGE).map_or(text.len(), |(at, _)| at);
        Self { what, message: text[..cut].to_owned() }
    }
}

impl<E: std::error::Error> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self::failed(error)
    }
}

/// All handlers of an inbox, in the order in which they were registered.
#[derive(Default)]
pub(crate) struct Handlers {
    all: RwLock<Vec<Registered>>,
}

#[derive(Clone)]
pub(crate) struct Registered {
    wants: EventFilter,
    pub(crate) handler: Handler,
    pub(crate) on_deadline: OnDeadline,
}

impl Handlers {
    pub(crate) fn add(&self, pattern: &str, handler: Handler, on_deadline: OnDeadline) -> Result<()> {
        let wants = EventFilter::new([pattern])?;
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.push(Registered { wants, handler, on_deadline });
        Ok(())
    }

    /// The first that wants events of this type.
    pub(crate) fn of(&self, event_type: &str) -> Option<Registered> {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|registered| registered.wants.matches(event_type)).cloned()
    }
}

/// In characters.
const LONGEST_MESSAGE: usize = 2000;
