//! A call on a store that has not begun: a thread waits for it, or an event loop is told of its end.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use pyo3::IntoPyObjectExt;
use pyo3::panic::PanicException;
use pyo3::prelude::*;
use tokio::task::AbortHandle;

use crate::error::{Error, Result};
use crate::runtime::engine;

/// One call on a sender; ``wait`` or ``start`` it, once.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Work(Mutex<Option<Running>>);

type Running = Pin<Box<dyn Future<Output = hookseal::Result<Answer>> + Send>>;
/// Makes the Python object, which only the thread that holds the interpreter may do.
type Answer = Box<dyn FnOnce(Python<'_>) -> Result<Py<PyAny>> + Send>;

impl Work {
    /// What the future gives is answered by what `convert` makes of it.
    pub(crate) fn new<T, P>(
        future: impl Future<Output = hookseal::Result<T>> + Send + 'static,
        convert: impl FnOnce(Python<'_>, T) -> Result<P> + Send + 'static,
    ) -> Self
    where
        T: Send + 'static,
        P: for<'py> IntoPyObject<'py>,
    {
        let running = async move {
            let value = future.await?;
            let answer: Answer = Box::new(move |py| Ok(convert(py, value)?.into_py_any(py)?));
            Ok(answer)
        };
        Self(Mutex::new(Some(Box::pin(running))))
    }

    fn take(&self) -> Result<Running> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.take().ok_or_else(|| Error::argument("This call was begun before."))
    }
}

#[pymethods]
impl Work {
    /// Does it and returns the result. Other threads run meanwhile, and Ctrl-C ends the waiting.
    fn wait(&self, py: Python<'_>) -> Result<Py<PyAny>> {
        let running = self.take()?;
        let answer = engine(py)?.wait(py, running)?;
        answer?(py)
    }

    /// Begins it and returns at once. ``settle`` is called with the result or an exception, on another thread,
    /// unless the task was cancelled.
    fn start(&self, py: Python<'_>, settle: Py<PyAny>) -> Result<Task> {
        let running = self.take()?;
        let engine = engine(py)?;
        let work = engine.spawn(running);
        let task = Task(work.abort_handle());
        engine.spawn(async move {
            let result = match work.await {
                Ok(result) => result.map_err(Error::from),
                Err(error) if error.is_cancelled() => return,
                Err(_) => Err(Error::Python(PanicException::new_err("A call ended by a bug in hookseal."))),
            };
            engine.enter_python(|py| {
                let outcome = result.and_then(|answer| answer(py));
                let outcome = outcome.unwrap_or_else(|error| PyErr::from(error).into_value(py).into_any());
                if let Err(error) = settle.call1(py, (outcome,)) {
                    error.write_unraisable(py, None);
                }
            });
        });
        Ok(task)
    }
}

/// A call in the background.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Task(AbortHandle);

#[pymethods]
impl Task {
    /// Waits for it no more; what it had begun to write may be written all the same.
    fn cancel(&self) {
        self.0.abort();
    }
}
