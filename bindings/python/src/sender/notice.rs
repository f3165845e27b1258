//! What the owners of endpoints must be told: read one after the other, or called back.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use hookseal::sender::{Notices, Sender};
use hookseal::store::{self, NoticeKind};
use hookseal::{Code, Result as CoreResult};
use pyo3::PyTypeInfo;
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::arguments::instant;
use super::open::Open;
use super::work::Work;
use crate::error::{Error, Result};
use crate::runtime::{Engine, engine};
use crate::text::Text;

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
pub(crate) struct NoticeReader(Arc<tokio::sync::Mutex<Reading>>);

struct Reading {
    notices: Notices,
    /// What was handed out last.
    last: Option<store::Notice>,
}

impl NoticeReader {
    pub(crate) fn new(sender: &Sender) -> Self {
        Self(Arc::new(tokio::sync::Mutex::new(Reading { notices: sender.notices(), last: None })))
    }
}

#[pymethods]
impl NoticeReader {
    /// The next notice as soon as there is one; ``None`` when the sender was closed.
    fn next(&self) -> Work {
        let reading = Arc::clone(&self.0);
        let next = async move {
            match reading.lock().await.next().await {
                Ok(notice) => Ok(Some(notice)),
                Err(error) if error.code() == Code::Closed => Ok(None),
                Err(error) => Err(error),
            }
        };
        Work::new(next, |_, notice| Ok(notice.as_ref().map(Notice::new)))
    }
}

impl Reading {
    async fn next(&mut self) -> CoreResult<store::Notice> {
        if let Some(last) = &self.last {
            self.notices.ack(last).await?;
            self.last = None;
        }
        let notice = self.notices.next().await?;
        self.last = Some(notice.clone());
        Ok(notice)
    }
}

/// The callbacks of a sender.
#[derive(Default)]
pub(crate) struct Listeners {
    callbacks: Mutex<Vec<(NoticeKind, Py<PyAny>)>>,
    /// The process that calls them.
    process: AtomicU32,
}

impl Listeners {
    /// One more callback. The first one of a process begins the reading.
    pub(crate) fn add(
        self: &Arc<Self>,
        py: Python<'_>,
        open: &Open,
        kind: NoticeKind,
        callback: Py<PyAny>,
    ) -> Result<()> {
        callable(callback.bind(py))?;
        let (notices, engine) = (open.sender()?.notices(), engine(py)?);
        self.callbacks.lock().unwrap_or_else(PoisonError::into_inner).push((kind, callback));
        let process = std::process::id();
        if self.process.swap(process, Ordering::AcqRel) != process {
            engine.spawn(Arc::clone(self).tell(notices, engine));
        }
        Ok(())
    }

    /// Reads notices until the sender is closed.
    async fn tell(self: Arc<Self>, mut notices: Notices, engine: &'static Engine) {
        loop {
            let notice = match notices.next().await {
                Ok(notice) => notice,
                Err(error) if error.code() == Code::Closed => return,
                Err(_) => {
                    tokio::time::sleep(FIRST_PAUSE).await;
                    continue;
                }
            };
            let mut pause = FIRST_PAUSE;
            while !Arc::clone(&self).told(notice.clone(), engine).await {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            // If this fails, the notice is told again after the next start.
            let _ = notices.ack(&notice).await;
        }
    }

    /// Whether every callback returned.
    async fn told(self: Arc<Self>, notice: store::Notice, engine: &'static Engine) -> bool {
        // On a thread that may block: a callback may wait for the sender itself.
        let call = tokio::task::spawn_blocking(move || {
            let mut told = false;
            engine.enter_python(|py| told = self.call(py, &notice));
            told
        });
        call.await.unwrap_or(false)
    }

    fn call(&self, py: Python<'_>, notice: &store::Notice) -> bool {
        let callbacks: Vec<_> = {
            let callbacks = self.callbacks.lock().unwrap_or_else(PoisonError::into_inner);
            let wanted = callbacks.iter().filter(|(kind, _)| *kind == notice.kind);
            wanted.map(|(_, callback)| callback.clone_ref(py)).collect()
        };
        callbacks.iter().all(|callback| match callback.call1(py, (Notice::new(notice),)) {
            Ok(_) => true,
            Err(error) => {
                error.write_unraisable(py, Some(callback.bind(py)));
                false
            }
        })
    }
}

/// Refuses what cannot be called.
pub(crate) fn callable(callback: &Bound<'_, PyAny>) -> Result<()> {
    if callback.is_callable() { Ok(()) } else { Err(Error::unexpected("a callback", callback)) }
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

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
