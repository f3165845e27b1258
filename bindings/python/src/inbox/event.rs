//! Events: the log of what was received, and trying again.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookseal::inbox::{EventDetail, EventRecord, Try};
use hookseal::store::{DeliveryId, JobId};
use hookseal::{Code, Error as CoreError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::arguments::query;
use super::open::Open;
use crate::arguments::{Id, Patterns, instant, length};
use crate::error::Result;
use crate::sender::Job;
use crate::sender::export::Destination;
use crate::text::{Count, Text};
use crate::time::Instant;
use crate::work::Work;

/// An event as the log shows it.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct StoredEvent {
    /// The event's id, or ``sha256:`` and the hash of the body where the provider gives none.
    id: String,
    /// What happened, such as ``"booking.created"``; empty if the event has no type.
    r#type: String,
    /// Whose event it is, where the provider says.
    tenant: Option<String>,
    /// ``"pending"``, ``"handled"``, ``"failed"`` or ``"discarded"``.
    status: &'static str,
    /// How many tries there were, since it was last retried by hand.
    try_count: u32,
    /// When the next try is due, in UTC, while it is pending.
    next_try: Option<SystemTime>,
    /// When it was received, in UTC.
    received_at: SystemTime,
    /// When it was handled, failed or discarded, in UTC.
    done_at: Option<SystemTime>,
    /// Why the last try failed, such as ``"handler_failed"`` or ``"timeout"``.
    error_code: Option<&'static str>,
    /// When it happened, as far as the provider says, in UTC; ``None`` in a list of events.
    timestamp: Option<SystemTime>,
    /// All its tries, in order; ``None`` in a list of events.
    tries: Option<Vec<Py<StoredTry>>>,
    /// The exact bytes that were received; ``None`` in a list of events, or if they are not kept any more.
    body: Option<Py<PyBytes>>,
}

impl StoredEvent {
    fn new(event: EventRecord) -> Self {
        Self {
            id: event.id,
            r#type: event.event_type,
            tenant: event.tenant,
            status: event.status.as_str(),
            try_count: event.tries,
            next_try: event.next_try.map(instant),
            received_at: instant(event.received_at),
            done_at: event.done_at.map(instant),
            error_code: event.last_error.map(Code::as_str),
            timestamp: None,
            tries: None,
            body: None,
        }
    }

    fn whole(py: Python<'_>, detail: EventDetail) -> PyResult<Self> {
        let tries = detail.tries.into_iter().map(|one| Py::new(py, StoredTry::new(one)));
        Ok(Self {
            timestamp: Some(instant(detail.timestamp)),
            tries: Some(tries.collect::<PyResult<_>>()?),
            body: detail.body.map(|body| PyBytes::new(py, &body).unbind()),
            ..Self::new(detail.event)
        })
    }
}

#[pymethods]
impl StoredEvent {
    fn __repr__(&self) -> String {
        format!("<StoredEvent '{}' type='{}' '{}'>", self.id, self.r#type, self.status)
    }
}

/// One try to handle an event, as the log shows it.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct StoredTry {
    /// Which one, from 1; it begins anew with every retry by hand.
    number: u32,
    /// When it began, in UTC.
    started_at: SystemTime,
    /// How long it took.
    duration: Duration,
    /// The same in milliseconds.
    duration_ms: i64,
    /// Why it failed, in the handler's own words; ``None`` if it succeeded.
    error: Option<String>,
    /// Why it failed: ``"handler_failed"``, ``"timeout"``, ``"discarded"``, ``"no_handler"``, or ``"lost"`` if the
    /// process ended.
    error_code: Option<&'static str>,
}

impl StoredTry {
    fn new(one: Try) -> Self {
        let error = one.error.as_ref();
        Self {
            number: one.number,
            started_at: instant(one.started_at),
            duration: length(one.duration),
            duration_ms: one.duration,
            error: error.map(|error| error.message().to_owned()),
            error_code: error.map(CoreError::code).map(Code::as_str),
        }
    }
}

#[pymethods]
impl StoredTry {
    /// Whether the handler has handled it.
    #[getter]
    fn succeeded(&self) -> bool {
        self.error_code.is_none()
    }

    fn __repr__(&self) -> String {
        format!("<StoredTry {} '{}'>", self.number, self.error_code.unwrap_or("handled"))
    }
}

/// Events, and where the next ones begin.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct EventPage {
    /// The events, newest first.
    items: Vec<Py<StoredEvent>>,
    /// Where the next page begins; ``None`` if this is the last one.
    cursor: Option<i64>,
}

#[pymethods]
impl EventPage {
    fn __repr__(&self) -> String {
        format!("<EventPage of {}>", self.items.len())
    }
}

/// Events of an inbox.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Events(pub(crate) Arc<Open>);

#[pymethods]
impl Events {
    /// A page of the log.
    #[pyo3(signature = (filter: "Mapping[str, object]", cursor, limit))]
    fn list(&self, filter: &Bound<'_, PyDict>, cursor: Option<Id>, limit: Count) -> Result<Work> {
        let (inbox, query, limit) = (self.0.inbox()?, query(filter)?, limit.0 as usize);
        let cursor = cursor.map(|Id(id)| DeliveryId(id));
        let page = async move { inbox.events().list(&query, cursor, limit).await };
        Ok(Work::new(page, |py, page| {
            let items = page.items.into_iter().map(|event| Py::new(py, StoredEvent::new(event)));
            Ok(EventPage { items: items.collect::<PyResult<_>>()?, cursor: page.next.map(|id| id.0) })
        }))
    }

    /// An event with its tries.
    fn get(&self, id: Text) -> Result<Work> {
        let (inbox, id) = (self.0.inbox()?, id.as_str().to_owned());
        let found = async move { inbox.events().get(&id).await };
        Ok(Work::new(found, |py, detail| Ok(StoredEvent::whole(py, detail)?)))
    }

    /// Has an event handled once more.
    fn retry(&self, id: Text) -> Result<Work> {
        let (inbox, id) = (self.0.inbox()?, id.as_str().to_owned());
        Ok(Work::new(async move { inbox.events().retry(&id).await }, |_, ()| Ok(())))
    }

    /// Retries what failed.
    #[pyo3(signature = (since, *, r#type = None))]
    fn retry_failed(&self, since: Instant, r#type: Option<Patterns>) -> Result<Work> {
        let inbox = self.0.inbox()?;
        let types = r#type.map(|patterns| patterns.0).unwrap_or_default();
        let job = async move { inbox.events().retry_failed(since.0, &types).await };
        Ok(Work::new(job, |_, job| Ok(Job::new(&job))))
    }

    /// Ends an event that is pending.
    fn discard(&self, id: Text) -> Result<Work> {
        let (inbox, id) = (self.0.inbox()?, id.as_str().to_owned());
        Ok(Work::new(async move { inbox.events().discard(&id).await }, |_, changed| Ok(changed)))
    }

    /// Deletes what an event says.
    fn expunge(&self, id: Text) -> Result<Work> {
        let (inbox, id) = (self.0.inbox()?, id.as_str().to_owned());
        Ok(Work::new(async move { inbox.events().expunge(&id).await }, |_, changed| Ok(changed)))
    }

    /// Writes the log as JSON lines to a path or a binary file.
    #[pyo3(signature = (to, filter: "Mapping[str, object]"))]
    fn export(&self, to: Destination, filter: &Bound<'_, PyDict>) -> Result<Work> {
        let (inbox, query) = (self.0.inbox()?, query(filter)?);
        let to = to.open()?;
        Ok(Work::new(async move { inbox.events().export(&query, to).await }, |_, count| Ok(count)))
    }

    /// How far a job is.
    fn job(&self, id: Id) -> Result<Work> {
        let inbox = self.0.inbox()?;
        let job = async move { inbox.events().job(JobId(id.0)).await };
        Ok(Work::new(job, |_, job| Ok(Job::new(&job))))
    }
}
