//! Handlers: JavaScript is told to begin, and says when it is done.

use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use hookseal::inbox::{self, HandlerError, OnDeadline};
use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;
use tokio::sync::oneshot;

use super::Inbox;
use crate::error::{Result, invalid_argument, thrown};
use crate::event::Event;
use crate::time::{duration, millis};

type Answer = oneshot::Sender<std::result::Result<(), HandlerError>>;

/// A try of an event, and where its handler says that it is done. Only the first word counts.
#[napi]
pub struct Handling {
    event: Arc<hookseal::Event<Bytes>>,
    number: u32,
    idempotency_key: String,
    received_at: f64,
    answer: Mutex<Option<Answer>>,
}

#[napi]
impl Handling {
    /// The event.
    #[napi(catch_unwind)]
    pub fn event(&self) -> Event {
        Event(Arc::clone(&self.event))
    }

    /// Which try, from 1.
    #[napi(catch_unwind)]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The same for every try of this event.
    #[napi(catch_unwind)]
    pub fn idempotency_key(&self) -> String {
        self.idempotency_key.clone()
    }

    /// When the event was received, in milliseconds since 1970.
    #[napi(catch_unwind)]
    pub fn received_at(&self) -> f64 {
        self.received_at
    }

    /// It is done.
    #[napi(catch_unwind)]
    pub fn succeeded(&self) {
        self.end(Ok(()));
    }

    /// It failed.
    #[napi(catch_unwind)]
    pub fn failed(&self, message: String) {
        self.end(Err(HandlerError::failed(message)));
    }

    /// It is to be tried again in so many seconds.
    #[napi(catch_unwind)]
    pub fn retry_in(&self, delay: f64, message: String) -> Result<()> {
        self.end(Err(HandlerError::retry_in(duration(delay)?, message)));
        Ok(())
    }

    /// The event is not to be handled.
    #[napi(catch_unwind)]
    pub fn discarded(&self, message: String) {
        self.end(Err(HandlerError::discard(message)));
    }
}

impl Handling {
    fn new(handling: inbox::Handling, answer: Answer) -> Self {
        let inbox::Handling { event, number, idempotency_key, received_at, .. } = handling;
        Self {
            event: Arc::new(event),
            number,
            idempotency_key,
            received_at: millis(received_at),
            answer: Mutex::new(Some(answer)),
        }
    }

    fn end(&self, result: std::result::Result<(), HandlerError>) {
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Nobody hears of it when its time is over.
        let _ = answer.map(|answer| answer.send(result));
    }
}

#[napi]
impl Inbox {
    /// Has this function begin a handler for events of these types. It does not keep the process alive.
    #[napi(catch_unwind)]
    pub fn register(&self, pattern: String, begin: Function<'_, Handling, ()>) -> Result<()> {
        let begin = begin.build_threadsafe_function().weak::<true>().build();
        let begin = begin.map_err(|error| invalid_argument(error.reason.to_string()))?;
        let handler: inbox::Handler = Arc::new(move |handling| {
            let (answer, answered) = oneshot::channel();
            let called = begin.call(Handling::new(handling, answer), ThreadsafeFunctionCallMode::NonBlocking);
            Box::pin(async move {
                if called != Status::Ok {
                    // JavaScript is ending, and the process with it: this try is lost, and did not fail.
                    return pending().await;
                }
                let ended = answered.await;
                ended.unwrap_or_else(|_| Err(HandlerError::failed("The handler was dropped before its end.")))
            })
        });
        // Nothing ends a promise.
        self.core.register(&pattern, handler, OnDeadline::Leave).map_err(thrown)
    }
}
