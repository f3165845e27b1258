//! How an event gets to its handler, and what comes of it.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tracing::Instrument as _;
use tracing::field::Empty;

use super::handler::{HandlerError, HandlerFuture, Handlers, Handling, OnDeadline, Registered, What};
use super::received;
use super::turns::Turns;
use crate::error::{Code, Error, Result};
use crate::health::HealthRule;
use crate::provider::Provider;
use crate::queue::attempt;
use crate::queue::carrier::{Carriage, Carried, Carrier, Destination, Ending, Target, Terms, Words};
use crate::queue::engine::Engine;
use crate::queue::failpoint;
use crate::queue::work::Draft;
use crate::retry::{Outcome, RetryPolicy};
use crate::store::{EndpointRecord, OutboxRow, SecretRecord};
use crate::timestamp::{self, Millis};

/// What is the inbox's own beside its queue.
pub(crate) struct HandlerCarrier {
    pub(crate) desk: Arc<Desk>,
    pub(crate) concurrency: u32,
}

/// Where all events are handled.
pub(crate) struct Desk {
    pub(crate) provider: Arc<Provider>,
    pub(crate) handlers: Handlers,
    pub(crate) timeout: Duration,
    pub(crate) retry: RetryPolicy,
    pub(crate) turns: Arc<Turns>,
}

impl Carrier for HandlerCarrier {
    fn aim(&self, record: &EndpointRecord, _: &[SecretRecord], _: Millis) -> Result<Target> {
        Ok(Target {
            to: Arc::<Desk>::clone(&self.desk),
            tenant: None,
            generation: record.generation,
            concurrency: self.concurrency,
            rate: None,
            ordered: false,
            valid_until: Millis::MAX,
        })
    }

    fn draft(&self, _: &Engine, _: &OutboxRow) -> Result<Draft> {
        Err(Error::argument("An inbox takes only what a provider has signed: nothing from an outbox."))
    }

    fn terms(&self) -> Terms {
        Terms {
            words: Words { owner: "inbox", delivery: "event", attempt: "try" },
            health: HealthRule::never(),
            credits: 0,
            marks: true,
            paced: false,
            persists: true,
        }
    }
}

impl Destination for Desk {
    fn carry<'c>(&'c self, delivery: &'c Carriage<'c>) -> Pin<Box<dyn Future<Output = Carried> + Send + 'c>> {
        let span = span(delivery);
        let within = span.clone();
        let carried = async move {
            let begun = Instant::now();
            let result = self.handle(delivery).await;
            let took = begun.elapsed();
            if let Err(refusal) = &result {
                span.record("error", refusal.error.code().as_str());
            }
            failpoint::reach("after_handler");
            let (error, ending) = match result {
                Ok(()) => (None, Ending::Outcome(DONE)),
                Err(Refusal { error, ending }) => (Some(error), ending),
            };
            let record = attempt::unanswered(delivery.number, delivery.now, took, error);
            Carried { record, ending }
        };
        Box::pin(carried.instrument(within))
    }

    fn policy(&self) -> &RetryPolicy {
        &self.retry
    }
}

/// Why an event was not handled, and what follows.
struct Refusal {
    error: Error,
    ending: Ending,
}

impl Desk {
    async fn handle(&self, delivery: &Carriage<'_>) -> Result<(), Refusal> {
        let Carriage { work, parcel, number, .. } = *delivery;
        let event = received::event(parcel, &self.provider.envelope);
        let Some(registered) = self.handlers.of(event.event_type().unwrap_or_default()) else {
            let error = Error::new(Code::NoHandler, Code::NoHandler.sentence());
            return Err(Refusal { error, ending: Ending::Discard });
        };
        let until = tokio::time::Instant::now() + self.timeout;
        let turn = tokio::time::timeout_at(until, self.turns.take(work.message)).await;
        let turn = turn.map_err(|_| {
            timed_out("An earlier try of this event has not returned yet, though its time was over long ago.")
        })?;
        let handling = Handling {
            event,
            number,
            idempotency_key: received::idempotency_key(self.provider.id(), parcel),
            received_at: timestamp::to_system(parcel.stored_at).unwrap_or(std::time::UNIX_EPOCH),
        };
        let Registered { handler, on_deadline, .. } = registered;
        let work = async move {
            // Held for as long as the handler runs.
            let _turn = turn;
            Caught(Box::pin(async move { handler(handling).await })).await
        };
        let result = match on_deadline {
            OnDeadline::Drop => tokio::time::timeout_at(until, work).await,
            OnDeadline::Leave => {
                let task = tokio::spawn(work.in_current_span());
                // The runtime is about to end if the task does without a result.
                tokio::time::timeout_at(until, task).await.map(|ended| ended.unwrap_or_else(|_| Err(gone())))
            }
        };
        match result {
            Ok(result) => result.map_err(refusal),
            Err(_) => {
                Err(timed_out(&format!("The handler did not end within {} s.", self.timeout.as_secs_f64())))
            }
        }
    }
}

/// A handler whose panic is an error.
struct Caught(HandlerFuture);

impl Future for Caught {
    type Output = Result<(), HandlerError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let future = &mut self.0;
        // It is never polled again.
        catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))).unwrap_or_else(|panic| {
            let said = panic.downcast_ref::<&str>().copied();
            let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            Poll::Ready(Err(HandlerError::failed(format_args!(
                "The handler panicked: {}",
                said.unwrap_or("?")
            ))))
        })
    }
}

fn refusal(error: HandlerError) -> Refusal {
    let (code, ending) = match error.what {
        What::Failed => (Code::HandlerFailed, Ending::Outcome(Outcome::Failed(Code::HandlerFailed))),
        What::RetryIn(delay) => (Code::HandlerFailed, Ending::RetryIn(delay)),
        What::Discard => (Code::Discarded, Ending::Discard),
    };
    let message = if error.message.is_empty() { code.sentence().to_owned() } else { error.message };
    Refusal { error: Error::new(code, message), ending }
}

fn timed_out(message: &str) -> Refusal {
    let error = Error::new(Code::Timeout, message.to_owned());
    Refusal { error, ending: Ending::Outcome(Outcome::Failed(Code::Timeout)) }
}

fn gone() -> HandlerError {
    HandlerError::failed("The handler was ended with its runtime.")
}

fn span(delivery: &Carriage<'_>) -> tracing::Span {
    let Carriage { work, parcel, number, .. } = delivery;
    tracing::info_span!(
        "handle",
        event_type = parcel.event_type,
        tenant = parcel.tenant,
        event_id = parcel.id,
        delivery = work.id.0,
        number,
        error = Empty,
    )
}

const DONE: Outcome = Outcome::Status { code: 200, retry_after: None };
