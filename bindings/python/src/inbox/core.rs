//! The inbox itself: receiving, and its life from opening to closing.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hookseal::VerifyOptions;
use hookseal::inbox::{self, EventNotices, InboxOptions, Received};
use pyo3::prelude::*;

use super::arguments::{KeepFor, OrderBy, RetryArgument, WebhookArgument};
use super::event::Events;
use super::notice::{EventNoticeReader, KindArgument};
use super::open::Open;
use super::order;
use super::prepared::Prepared;
use super::stats::InboxStats;
use crate::body::Body;
use crate::error::Result;
use crate::event::Event;
use crate::headers::Headers;
use crate::notices::{Listeners, callable};
use crate::sender::open::place;
use crate::text::{Count, Text};
use crate::time::{Instant, Seconds, Tolerance};
use crate::webhook::DETACH_FROM;
use crate::work::Work;

/// What ``Inbox`` and ``AsyncInbox`` are made of.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct InboxCore {
    open: Arc<Open>,
    order_by: Option<Py<PyAny>>,
    listeners: Arc<Listeners<EventNotices>>,
}

#[pymethods]
impl InboxCore {
    #[new]
    #[pyo3(signature = (
        url, webhook, *, concurrency = None, timeout = None, retry = None, retention = KeepFor::Usual,
        order_by = None, tolerance = None, max_body = None
    ))]
    #[allow(clippy::too_many_arguments, reason = "they are keywords")]
    fn new(
        url: Text,
        webhook: WebhookArgument,
        concurrency: Option<Count>,
        timeout: Option<Seconds>,
        retry: Option<RetryArgument>,
        retention: KeepFor,
        order_by: Option<OrderBy>,
        tolerance: Option<Tolerance>,
        max_body: Option<Count>,
    ) -> Result<Self> {
        let mut options = InboxOptions::default();
        if let Some(Count(handlers)) = concurrency {
            options.concurrency = handlers as usize;
        }
        if let Some(Seconds(timeout)) = timeout {
            options.timeout = timeout;
        }
        if let Some(RetryArgument(policy)) = retry {
            options.retry = policy;
        }
        options.retention = retention.over(options.retention)?;
        if let Some(Count(bytes)) = max_body {
            options.max_body = bytes as usize;
        }
        let webhook = match tolerance {
            Some(Tolerance(tolerance)) => webhook.0.with_tolerance(tolerance),
            None => webhook.0,
        };
        let order_by = order_by.map(|callable| callable.0);
        Ok(Self { open: Open::new(url.as_str(), webhook, options)?, order_by, listeners: Arc::default() })
    }

    /// Verifies a request, and stores its event when the work is done.
    #[pyo3(signature = (body, headers, *, now = None, url = None, method = None))]
    fn receive(
        &self,
        py: Python<'_>,
        body: Body,
        headers: Headers<'_>,
        now: Option<Instant>,
        url: Option<Text>,
        method: Option<Text>,
    ) -> Result<Work> {
        let inbox = self.open.inbox()?;
        let options = options(now, url.as_ref(), method.as_ref());
        let received = self.verify(py, &inbox, body, &headers, &options)?;
        Ok(Work::new(async move { inbox.keep(received).await }, |_, receipt| Ok(Receipt::new(receipt))))
    }

    /// Verifies a request, and says how to store its event in the caller's own transaction.
    #[pyo3(signature = (body, headers, *, now = None, url = None, method = None))]
    fn prepare(
        &self,
        py: Python<'_>,
        body: Body,
        headers: Headers<'_>,
        now: Option<Instant>,
        url: Option<Text>,
        method: Option<Text>,
    ) -> Result<Prepared> {
        let inbox = self.open.inbox()?;
        let options = options(now, url.as_ref(), method.as_ref());
        let received = self.verify(py, &inbox, body, &headers, &options)?;
        Ok(Prepared::new(py, inbox.prepare_verified(received)?))
    }

    /// Has ``run`` begin a handler for events of these types. It is called with the event, its ``Handling`` and its
    /// ``Outcome``, and returns at once.
    fn register(&self, py: Python<'_>, pattern: Text, run: Py<PyAny>) -> Result<()> {
        self.open.register(py, pattern.as_str(), run)
    }

    /// How long a try may take.
    #[getter]
    fn timeout(&self) -> Duration {
        self.open.options().timeout
    }

    /// The largest body in bytes.
    #[getter]
    fn max_body(&self) -> usize {
        self.open.options().max_body
    }

    /// Events and jobs.
    #[getter]
    fn events(&self) -> Events {
        Events(Arc::clone(&self.open))
    }

    /// The inbox in numbers.
    fn stats(&self) -> Result<Work> {
        let inbox = self.open.inbox()?;
        Ok(Work::new(async move { inbox.stats().await }, |_, stats| Ok(InboxStats::new(stats))))
    }

    /// The inbox in numbers, as Prometheus reads them.
    fn prometheus(&self) -> Result<Work> {
        let inbox = self.open.inbox()?;
        Ok(Work::new(async move { inbox.prometheus().await }, |_, text| Ok(text)))
    }

    /// Calls back for every notice of this kind, from a thread of its own; it is acknowledged when all callbacks
    /// have returned, and told again after a while if one raises.
    fn on_notice(&self, py: Python<'_>, kind: KindArgument, callback: Py<PyAny>) -> Result<()> {
        self.listeners.add(py, self.open.inbox()?.notices(), kind.0, callback)
    }

    /// Refuses what ``on_notice`` would.
    #[staticmethod]
    fn check_callback(_kind: KindArgument, callback: &Bound<'_, PyAny>) -> Result<()> {
        callable(callback)
    }

    /// Reads the notices that nobody has acknowledged, and then those to come.
    fn notices(&self) -> Result<EventNoticeReader> {
        Ok(EventNoticeReader::new(&self.open.inbox()?))
    }

    /// Begins to handle.
    fn start(&self) -> Result<Work> {
        let inbox = self.open.inbox()?;
        Ok(Work::new(async move { inbox.start() }, |_, ()| Ok(())))
    }

    /// Waits until nothing is pending.
    #[pyo3(signature = (timeout = None))]
    fn wait_idle(&self, timeout: Option<Seconds>) -> Result<Work> {
        let inbox = self.open.inbox()?;
        let timeout = timeout.map(|timeout| timeout.0);
        Ok(Work::new(async move { inbox.wait_idle(timeout).await }, |_, idle| Ok(idle)))
    }

    /// Stops, in order.
    fn close(&self) -> Work {
        let inbox = self.open.close();
        let closed = async move {
            match inbox {
                Some(inbox) => inbox.close().await,
                None => Ok(()),
            }
        };
        Work::new(closed, |_, ()| Ok(()))
    }

    /// Whose conventions are followed, and where the store is.
    fn __repr__(&self) -> String {
        format!("'{}' provider='{}'", place(self.open.url()), self.open.webhook().provider().id())
    }
}

impl InboxCore {
    /// Verifies a request, and asks ``order_by`` here, because what it raises is the caller's.
    fn verify(
        &self,
        py: Python<'_>,
        inbox: &inbox::Inbox,
        body: Body,
        headers: &Headers<'_>,
        options: &VerifyOptions<'_>,
    ) -> Result<Received> {
        let names = inbox.webhook().header_names();
        let raw = Bytes::copy_from_slice(body.as_ref());
        let received = if raw.len() < DETACH_FROM {
            inbox.verify(raw, &headers.named(names), options)
        } else {
            let lines = headers.lines(names);
            py.detach(|| inbox.verify(raw, &lines, options))
        }?;
        let Some(order_by) = &self.order_by else { return Ok(received) };
        let bytes = body.to_py(py);
        let event = Event::received(received.event().clone().map_body(|_| body), bytes);
        let key = order::key_of(py, order_by, event)?;
        Ok(received.ordered_by(key.as_deref()))
    }
}

fn options<'a>(now: Option<Instant>, url: Option<&'a Text>, method: Option<&'a Text>) -> VerifyOptions<'a> {
    VerifyOptions { now: now.map(|at| at.0), url: url.map(Text::as_str), method: method.map(Text::as_str) }
}

/// An event that is stored, and will be handled whatever happens to the process.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct Receipt {
    /// The event's id, or ``sha256:`` and the hash of the body where the provider gives none.
    id: String,
    /// Whether it was received before: then nothing was stored now, and it is not handled again.
    duplicate: bool,
}

impl Receipt {
    fn new(receipt: inbox::Receipt) -> Self {
        Self { id: receipt.id, duplicate: receipt.duplicate }
    }
}

#[pymethods]
impl Receipt {
    fn __repr__(&self) -> String {
        format!("<Receipt '{}'{}>", self.id, if self.duplicate { " duplicate" } else { "" })
    }
}
