//! The inbox as its users see it.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;

use super::carrier::{Desk, HandlerCarrier};
use super::events::Events;
use super::handler::{Handler, HandlerError, Handlers, Handling, OnDeadline};
use super::notices::EventNotices;
use super::options::{InboxOptions, OrderBy};
use super::partition::Partitions;
use super::received::{Prepared, Received};
use super::stats::InboxStats;
use super::turns::Turns;
use crate::error::{Code, Error, Result};
use crate::headers::Headers;
use crate::queue::engine::{Engine, Parts, strange};
use crate::queue::lifecycle::{GRACE, Running};
use crate::queue::work::Draft;
use crate::store::{self, MessageKey, NewMessage, Store, Written};
use crate::webhook::{VerifyOptions, Webhook};

/// Receives events durably: what [`receive`](Self::receive) returned for is handled, whatever happens to the process.
///
/// Clones share one inbox. It handles in the background once it is [started](Self::start); several processes may open
/// one store, all of them may receive. Of a file one of them handles, of a database all that are started.
#[derive(Clone)]
pub struct Inbox {
    inner: Arc<Inner>,
}

struct Inner {
    running: Running,
    webhook: Webhook,
    desk: Arc<Desk>,
    partitions: Partitions,
    order_by: Option<OrderBy>,
    max_body: usize,
}

/// What [`receive`](Inbox::receive) returns: an event that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// The event's id, or `sha256:` and the hash of the body where the provider gives none.
    pub id: String,
    /// Its name in the store.
    pub key: MessageKey,
    /// Whether it was received before: then nothing was stored now, and it is not handled again.
    pub duplicate: bool,
}

impl Inbox {
    /// Opens the store at `sqlite:path` or `postgres://user:password@host/database`, or a new one in `memory:`. It is
    /// the inbox's own: a sender needs another. In a database it is the schema `hookseal_inbox`, unless the url's
    /// `hookseal_schema` says otherwise.
    ///
    /// # Errors
    /// `invalid_argument` for another url or for options that make no sense; for a store that cannot be used, or is a
    /// sender's, a code that starts with `store_`.
    pub fn open(url: &str, webhook: Webhook, options: InboxOptions) -> Result<Self> {
        options.check()?;
        Self::with_store(store::open(url, Some(SCHEMA))?, webhook, options)
    }

    /// An inbox on a store of one's own.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn with_store(store: Arc<dyn Store>, webhook: Webhook, options: InboxOptions) -> Result<Self> {
        options.check()?;
        let partitions = Partitions::of(&*store, options.clock.millis())?;
        let webhook = match options.tolerance {
            Some(tolerance) => webhook.with_tolerance(tolerance),
            None => webhook,
        };
        let retention = options.retention(webhook.provider().retry());
        let desk = Arc::new(Desk {
            provider: Arc::clone(webhook.provider()),
            handlers: Handlers::default(),
            timeout: options.timeout,
            retry: options.retry,
            turns: Arc::<Turns>::default(),
        });
        let concurrency = u32::try_from(options.concurrency).unwrap_or(u32::MAX);
        let running = Running::new(Parts {
            store,
            carrier: Arc::new(HandlerCarrier { desk: Arc::clone(&desk), concurrency }),
            clock: options.clock,
            retention,
            concurrency: options.concurrency,
        })?;
        let (order_by, max_body) = (options.order_by, options.max_body);
        let inner = Inner { running, webhook, desk, partitions, order_by, max_body };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Has this handler run for events of these types: an exact one, `booking.*`, or `*` for all. An event has one
    /// handler, the first that wants it. Register all before [`start`](Self::start): what has none in the process that
    /// takes it up ends as discarded, with the code `no_handler`.
    ///
    /// # Errors
    /// `invalid_argument` for a pattern that makes no sense.
    pub fn on<F, R, E>(&self, pattern: &str, handler: F) -> Result<()>
    where
        F: Fn(Handling) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<HandlerError>,
    {
        let handler: Handler = Arc::new(move |handling| {
            let handled = handler(handling);
            Box::pin(async move { handled.await.map_err(Into::into) })
        });
        self.register(pattern, handler, OnDeadline::Drop)
    }

    /// As [`on`](Self::on), for a handler that blocks. It runs on a thread of tokio's, and goes on there when its time is
    /// over; the event is tried again after it has returned.
    ///
    /// # Errors
    /// As [`on`](Self::on).
    pub fn on_blocking<F, E>(&self, pattern: &str, handler: F) -> Result<()>
    where
        F: Fn(Handling) -> Result<(), E> + Send + Sync + 'static,
        E: Into<HandlerError>,
    {
        let handler = Arc::new(handler);
        let handler: Handler = Arc::new(move |handling| {
            let handler = Arc::clone(&handler);
            Box::pin(async move {
                let task = tokio::task::spawn_blocking(move || handler(handling).map_err(Into::into));
                task.await.unwrap_or_else(|_| Err(HandlerError::failed("The handler panicked.")))
            })
        });
        self.register(pattern, handler, OnDeadline::Leave)
    }

    /// As [`on`](Self::on), for a handler of any kind.
    ///
    /// # Errors
    /// As [`on`](Self::on).
    pub fn register(&self, pattern: &str, handler: Handler, on_deadline: OnDeadline) -> Result<()> {
        self.inner.desk.handlers.add(pattern, handler, on_deadline)
    }

    /// Verifies a request by the raw bytes of its body and its headers, and stores its event unless that was stored
    /// before. It is durable when this returns: answer 2xx then, also to a duplicate.
    ///
    /// # Errors
    /// As [`Webhook::verify`](crate::Webhook::verify); `request_too_large`; `closed`; and those of the store, after
    /// which the vendor should try again. [`refusal`](crate::refusal) says what to answer.
    pub async fn receive(
        &self,
        body: impl Into<Bytes>,
        headers: &(impl Headers + ?Sized),
    ) -> Result<Receipt> {
        let received = self.verify(body, headers, &VerifyOptions::default());
        self.keep(received?).await
    }

    /// As [`receive`](Self::receive), with a clock of one's own, or the url and method where these are signed.
    ///
    /// # Errors
    /// As [`receive`](Self::receive).
    pub async fn receive_with(
        &self,
        body: impl Into<Bytes>,
        headers: &(impl Headers + ?Sized),
        options: &VerifyOptions<'_>,
    ) -> Result<Receipt> {
        let received = self.verify(body, headers, options);
        self.keep(received?).await
    }

    /// The first half of [`receive`](Self::receive): verifies, and stores nothing. Who finds an event's key by other
    /// means than [`order_by`](InboxOptions::order_by) gives it to what this returns, before it is kept.
    ///
    /// # Errors
    /// As [`Webhook::verify_with`](crate::Webhook::verify_with); `request_too_large`.
    pub fn verify(
        &self,
        body: impl Into<Bytes>,
        headers: &(impl Headers + ?Sized),
        options: &VerifyOptions<'_>,
    ) -> Result<Received> {
        let body = body.into();
        if body.len() > self.inner.max_body {
            let message = format!("The body has more than {} bytes.", self.inner.max_body);
            return Err(Error::new(Code::RequestTooLarge, message));
        }
        let event = self.inner.webhook.verify_with(body, headers, options)?;
        let received = Received::new(event, self.engine().clock.millis());
        let Some(order_by) = &self.inner.order_by else { return Ok(received) };
        let key = order_by(received.event());
        Ok(received.ordered_by(key.as_deref()))
    }

    /// The second half of [`receive`](Self::receive): stores what was verified.
    ///
    /// # Errors
    /// `closed`, and those of the store.
    pub async fn keep(&self, received: Received) -> Result<Receipt> {
        let engine = self.engine();
        let Draft { write, size, parcel, id } = Draft::new(self.message(received), &engine.shelf);
        match engine.submit_with(write, size, Some(parcel), false).await? {
            Written::Sent(sent) => Ok(Receipt { id, key: sent.key, duplicate: sent.duplicate }),
            _ => Err(strange()),
        }
    }

    /// Verifies a request, and says how to store its event in a transaction of the application's own on the inbox's
    /// PostgreSQL database: both are committed, or neither is. It is handled after the commit.
    ///
    /// Keep the transaction short where events have an order: those of the same partition wait for it.
    ///
    /// # Errors
    /// As [`verify`](Self::verify); `invalid_argument` if the inbox is not in PostgreSQL.
    pub fn prepare(
        &self,
        body: impl Into<Bytes>,
        headers: &(impl Headers + ?Sized),
        options: &VerifyOptions<'_>,
    ) -> Result<Prepared> {
        self.prepare_verified(self.verify(body, headers, options)?)
    }

    /// The second half of [`prepare`](Self::prepare), as [`keep`](Self::keep) is that of [`receive`](Self::receive).
    ///
    /// # Errors
    /// `invalid_argument` if the inbox is not in PostgreSQL.
    pub fn prepare_verified(&self, received: Received) -> Result<Prepared> {
        let function = self.engine().store.receive_function().ok_or_else(|| {
            Error::argument(
                "Only an inbox in PostgreSQL can store an event in a transaction of your own: use `receive`, and store \
                 what is yours in the handler.",
            )
        })?;
        Ok(Prepared::new(function, self.message(received)))
    }

    /// Begins to handle, on the tokio runtime that it is called in. More calls change nothing.
    ///
    /// # Errors
    /// `closed`; `invalid_argument` outside of a tokio runtime.
    pub fn start(&self) -> Result<()> {
        self.inner.running.start()
    }

    /// Waits until no event is pending: all are handled, failed for good, or were discarded. False if that takes longer
    /// than `timeout`; with retries ahead, it can take days.
    ///
    /// # Errors
    /// Those of the store; `closed`.
    pub async fn wait_idle(&self, timeout: Option<Duration>) -> Result<bool> {
        self.inner.running.wait_idle(timeout).await
    }

    /// Stops: nothing more is received, handlers that run get ten seconds to end, and what was not handled is when the
    /// store is opened again. More calls wait for the first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn close(&self) -> Result<()> {
        self.close_within(GRACE).await
    }

    /// As [`close`](Self::close), with another time for the handlers that run; those that do not end within it are
    /// dropped, and tried again later, which does not count as a failure.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn close_within(&self, grace: Duration) -> Result<()> {
        self.inner.running.close_within(grace).await
    }

    /// Events: what was received and what became of it, and trying again.
    pub fn events(&self) -> Events<'_> {
        Events { engine: self.engine() }
    }

    /// What somebody must be told: events that could not be handled.
    pub fn notices(&self) -> EventNotices {
        EventNotices::new(self.engine())
    }

    /// What requests are verified with.
    pub fn webhook(&self) -> &Webhook {
        &self.inner.webhook
    }

    /// The largest body in bytes.
    pub fn max_body(&self) -> usize {
        self.inner.max_body
    }

    /// The inbox in numbers.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn stats(&self) -> Result<InboxStats> {
        let engine = self.engine();
        let stored = engine.read(|store| store.stats()).await?;
        let dispatch = engine.dispatch();
        Ok(InboxStats {
            in_flight: dispatch.flying() as u64,
            unsettled: dispatch.unsettled().into(),
            queued: engine.queued() as u64,
            pending: stored.pending + stored.held,
            handling: engine.epoch.load(Ordering::Acquire) > 0,
            ..InboxStats::of(&engine.metrics)
        })
    }

    /// The inbox in numbers, as Prometheus reads them.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn prometheus(&self) -> Result<String> {
        let stats = self.stats().await?;
        Ok(stats.prometheus(&self.engine().metrics))
    }

    fn message(&self, received: Received) -> NewMessage {
        received.into_message(&self.inner.partitions)
    }

    fn engine(&self) -> &Arc<Engine> {
        &self.inner.running.engine
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").field("webhook", &self.inner.webhook).finish_non_exhaustive()
    }
}

const SCHEMA: &str = "hookseal_inbox";
