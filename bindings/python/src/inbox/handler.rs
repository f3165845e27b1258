//! Handlers: Python is told to begin, and says when it is done.

use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use hookseal::inbox::{self, Handler, HandlerError};
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pyo3::{import_exception, intern};
use tokio::sync::oneshot;

use crate::body::Body;
use crate::event::Event;
use crate::runtime::Engine;
use crate::time::Seconds;

import_exception!(hookseal.handling, Discard);
import_exception!(hookseal.handling, RetryIn);

/// A handler that has Python `run` it.
pub(super) fn handler(run: &Arc<Py<PyAny>>, engine: &'static Engine) -> Handler {
    let run = Arc::clone(run);
    Arc::new(move |handling| {
        let run = Arc::clone(&run);
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            let begin = move || {
                let mut has_begun = false;
                engine.enter_python(|py| {
                    has_begun = true;
                    begin(py, &run, handling, answer);
                });
                has_begun
            };
            // On a thread that may block: Python may be busy.
            if !tokio::task::spawn_blocking(begin).await.unwrap_or(false) {
                // Python is ending, and the process with it: this try is lost, and did not fail.
                return pending().await;
            }
            let ended = answered.await;
            ended.unwrap_or_else(|_| Err(HandlerError::failed("The handler was dropped before its end.")))
        })
    })
}

fn begin(
    py: Python<'_>,
    run: &Py<PyAny>,
    inbox::Handling { event, number, idempotency_key, received_at, .. }: inbox::Handling,
    answer: Answer,
) {
    let outcome = Outcome(Arc::new(Mutex::new(Some(answer))));
    let told = outcome.clone();
    let begun = (|| -> PyResult<_> {
        let body = PyBytes::new(py, event.body());
        let event = event.map_body(|_| Body::from(body.clone()));
        let event = Py::new(py, Event::received(event, body.unbind()))?;
        let handling = Py::new(py, Handling { number, idempotency_key, received_at })?;
        run.call1(py, (event, handling, Py::new(py, outcome)?))
    })();
    if let Err(error) = begun {
        told.end(Err(failed(&error)));
    }
}

/// Which try of an event this is, for its handler.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct Handling {
    /// Which try, from 1; it begins anew where somebody asked for another one by hand.
    number: u32,
    /// The same for every try of this event, and another for every other event: for what the handler does elsewhere.
    idempotency_key: String,
    /// When the event was received first, in UTC.
    received_at: SystemTime,
}

#[pymethods]
impl Handling {
    fn __repr__(&self) -> String {
        format!("<Handling {} of '{}'>", self.number, self.idempotency_key)
    }
}

type Answer = oneshot::Sender<Result<(), HandlerError>>;

/// Where a handler says that it is done.
#[pyclass(frozen, module = "hookseal._native")]
#[derive(Clone)]
pub(crate) struct Outcome(Arc<Mutex<Option<Answer>>>);

#[pymethods]
impl Outcome {
    /// It is done, or failed by this exception. Only the first word counts.
    fn settle(&self, error: Option<Bound<'_, PyBaseException>>) {
        self.end(match error {
            None => Ok(()),
            Some(error) => Err(said(&error)),
        });
    }
}

impl Outcome {
    fn end(&self, result: Result<(), HandlerError>) {
        let answer = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Nobody hears of it when its time is over.
        let _ = answer.map(|answer| answer.send(result));
    }
}

fn said(raised: &Bound<'_, PyBaseException>) -> HandlerError {
    let py = raised.py();
    let error = PyErr::from_value(raised.clone().into_any());
    if error.is_instance_of::<Discard>(py) {
        return HandlerError::discard(raised);
    }
    if error.is_instance_of::<RetryIn>(py) {
        return match delay(raised) {
            Ok(Seconds(delay)) => HandlerError::retry_in(delay, raised),
            Err(error) => failed(&error),
        };
    }
    failed(&error)
}

fn delay(error: &Bound<'_, PyBaseException>) -> PyResult<Seconds> {
    error.getattr(intern!(error.py(), "delay"))?.extract()
}

/// With the name of its type, as tracebacks end.
fn failed(error: &PyErr) -> HandlerError {
    HandlerError::failed(error)
}
