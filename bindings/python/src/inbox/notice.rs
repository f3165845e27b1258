//! Events that could not be handled, or were after all.

use std::sync::Arc;
use std::time::SystemTime;

use hookseal::Result as CoreResult;
use hookseal::inbox::{self, EventNoticeKind, EventNotices, Inbox};
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::PyString;
use pyo3::{IntoPyObjectExt, PyTypeInfo};

use crate::arguments::instant;
use crate::error::Error;
use crate::notices::{Reading, Source};
use crate::text::Text;
use crate::work::Work;

/// An event that could not be handled, or was handled after all.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct EventNotice {
    /// Its place in the order of all notices.
    seq: i64,
    /// ``"event.failed"`` or ``"event.recovered"``.
    kind: &'static str,
    /// The event's id.
    id: String,
    /// What happened, such as ``"booking.created"``; empty if the event has no type.
    r#type: String,
    /// Why the last try failed, for people.
    error: Option<String>,
    /// Why the last try failed, such as ``"handler_failed"`` or ``"timeout"``.
    error_code: Option<&'static str>,
    /// When it happened, in UTC.
    created_at: SystemTime,
}

impl EventNotice {
    fn new(notice: &inbox::EventNotice) -> Self {
        Self {
            seq: notice.seq,
            kind: notice.kind.as_str(),
            id: notice.id.clone(),
            r#type: notice.event_type.clone(),
            error: notice.error.as_ref().map(|error| error.message().to_owned()),
            error_code: notice.error.as_ref().map(|error| error.code().as_str()),
            created_at: instant(notice.created_at),
        }
    }
}

#[pymethods]
impl EventNotice {
    fn __repr__(&self) -> String {
        format!("<EventNotice {} '{}' event='{}'>", self.seq, self.kind, self.id)
    }
}

/// Reads notices; each is acknowledged when the next one is asked for.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct EventNoticeReader(Arc<tokio::sync::Mutex<Reading<EventNotices>>>);

impl EventNoticeReader {
    pub(crate) fn new(inbox: &Inbox) -> Self {
        Self(Reading::new(inbox.notices()))
    }
}

#[pymethods]
impl EventNoticeReader {
    /// The next notice as soon as there is one; ``None`` when the inbox was closed.
    fn next(&self) -> Work {
        let reading = Arc::clone(&self.0);
        let next = async move { reading.lock().await.next().await };
        Work::new(next, |_, notice| Ok(notice.as_ref().map(EventNotice::new)))
    }
}

impl Source for EventNotices {
    type Notice = inbox::EventNotice;
    type Kind = EventNoticeKind;

    async fn next(&mut self) -> CoreResult<inbox::EventNotice> {
        EventNotices::next(self).await
    }

    async fn ack(&self, notice: &inbox::EventNotice) -> CoreResult<()> {
        EventNotices::ack(self, notice).await
    }

    fn kind(notice: &inbox::EventNotice) -> EventNoticeKind {
        notice.kind
    }

    fn told(py: Python<'_>, notice: &inbox::EventNotice) -> PyResult<Py<PyAny>> {
        EventNotice::new(notice).into_py_any(py)
    }
}

/// The name of a kind of notice.
pub(super) struct KindArgument(pub(super) EventNoticeKind);

impl<'py> FromPyObject<'_, 'py> for KindArgument {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = PyString::TYPE_HINT;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let name = object.extract::<Text>()?;
        let kind = KINDS.into_iter().find(|kind| kind.as_str() == name.as_str());
        let kinds = || KINDS.map(EventNoticeKind::as_str).join(", ");
        kind.map(Self).ok_or_else(|| Error::argument(format!("The kinds of notices are {}.", kinds())).into())
    }
}

const KINDS: [EventNoticeKind; 2] = [EventNoticeKind::Failed, EventNoticeKind::Recovered];
