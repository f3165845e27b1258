//! What the owners of endpoints must be told.

use std::sync::Arc;
use std::time::SystemTime;

use hookseal::Result as CoreResult;
use hookseal::sender::{Notices, Sender};
use hookseal::store::{self, NoticeKind};
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::PyString;
use pyo3::{IntoPyObjectExt, PyTypeInfo};

use crate::arguments::instant;
use crate::error::Error;
use crate::notices::{Reading, Source};
use crate::text::Text;
use crate::work::Work;

/// Something the owner of an endpoint must be told.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct Notice {
    /// Its place in the order of all notices.
    seq: i64,
    /// ``"endpoint.disabled"``, ``"endpoint.failing"``, ``"delivery.failed"`` or ``"delivery.recovered"``.
    kind: &'static str,
    /// The endpoint's id.
    endpoint: i64,
    /// The id of the delivery that caused it.
    delivery: i64,
    /// The endpoint's failures in a row at that moment.
    failures: u32,
    /// When it happened, in UTC.
    created_at: SystemTime,
}

impl Notice {
    fn new(notice: &store::Notice) -> Self {
        Self {
            seq: notice.seq,
            kind: notice.kind.as_str(),
            endpoint: notice.endpoint.0,
            delivery: notice.delivery.0,
            failures: notice.failures,
            created_at: instant(notice.created_at),
        }
    }
}

#[pymethods]
impl Notice {
    fn __repr__(&self) -> String {
        format!("<Notice {} '{}' endpoint={}>", self.seq, self.kind, self.endpoint)
    }
}

/// Reads notices; each is acknowledged when the next one is asked for.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct NoticeReader(Arc<tokio::sync::Mutex<Reading<Notices>>>);

impl NoticeReader {
    pub(crate) fn new(sender: &Sender) -> Self {
        Self(Reading::new(sender.notices()))
    }
}

#[pymethods]
impl NoticeReader {
    /// The next notice as soon as there is one; ``None`` when the sender was closed.
    fn next(&self) -> Work {
        let reading = Arc::clone(&self.0);
        let next = async move { reading.lock().await.next().await };
        Work::new(next, |_, notice| Ok(notice.as_ref().map(Notice::new)))
    }
}

impl Source for Notices {
    type Notice = store::Notice;
    type Kind = NoticeKind;

    async fn next(&mut self) -> CoreResult<store::Notice> {
        Notices::next(self).await
    }

    async fn ack(&self, notice: &store::Notice) -> CoreResult<()> {
        Notices::ack(self, notice).await
    }

    fn kind(notice: &store::Notice) -> NoticeKind {
        notice.kind
    }

    fn told(py: Python<'_>, notice: &store::Notice) -> PyResult<Py<PyAny>> {
        Notice::new(notice).into_py_any(py)
    }
}

/// The name of a kind of notice.
pub(crate) struct NoticeKindArgument(pub(crate) NoticeKind);

impl<'py> FromPyObject<'_, 'py> for NoticeKindArgument {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = PyString::TYPE_HINT;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let kind = NoticeKind::parse(object.extract::<Text>()?.as_str());
        let kinds = || NoticeKind::ALL.map(NoticeKind::as_str).join(", ");
        kind.map(Self).ok_or_else(|| Error::argument(format!("The kinds of notices are {}.", kinds())).into())
    }
}
