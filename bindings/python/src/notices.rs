//! Notices: read one after the other, or called back. What they are about is the sender's or the inbox's own.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hookseal::{Code, Result as CoreResult};
use pyo3::prelude::*;

use crate::error::{Error, Result};
use crate::runtime::{Engine, engine};

/// Where notices come from.
pub(crate) trait Source: Send + Sync + 'static {
    type Notice: Clone + Send + Sync + 'static;
    type Kind: PartialEq + Send + Sync + 'static;

    fn next(&mut self) -> impl Future<Output = CoreResult<Self::Notice>> + Send;
    fn ack(&self, notice: &Self::Notice) -> impl Future<Output = CoreResult<()>> + Send;
    fn kind(notice: &Self::Notice) -> Self::Kind;
    fn told(py: Python<'_>, notice: &Self::Notice) -> PyResult<Py<PyAny>>;
}

/// Reads notices; each is acknowledged when the next one is asked for.
pub(crate) struct Reading<S: Source> {
    source: S,
    /// What was handed out last.
    last: Option<S::Notice>,
}

impl<S: Source> Reading<S> {
    pub(crate) fn new(source: S) -> Arc<tokio::sync::Mutex<Self>> {
        Arc::new(tokio::sync::Mutex::new(Self { source, last: None }))
    }

    /// The next notice as soon as there is one; `None` when what they are about was closed.
    pub(crate) async fn next(&mut self) -> CoreResult<Option<S::Notice>> {
        if let Some(last) = &self.last {
            self.source.ack(last).await?;
            self.last = None;
        }
        match self.source.next().await {
            Ok(notice) => {
                self.last = Some(notice.clone());
                Ok(Some(notice))
            }
            Err(error) if error.code() == Code::Closed => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The callbacks of a sender or an inbox.
pub(crate) struct Listeners<S: Source> {
    callbacks: Mutex<Vec<(S::Kind, Py<PyAny>)>>,
    /// The process that calls them.
    process: AtomicU32,
}

impl<S: Source> Default for Listeners<S> {
    fn default() -> Self {
        Self { callbacks: Mutex::default(), process: AtomicU32::default() }
    }
}

impl<S: Source> Listeners<S> {
    /// One more callback. The first one of a process begins the reading.
    pub(crate) fn add(
        self: &Arc<Self>,
        py: Python<'_>,
        source: S,
        kind: S::Kind,
        callback: Py<PyAny>,
    ) -> Result<()> {
        callable(callback.bind(py))?;
        let engine = engine(py)?;
        self.callbacks.lock().unwrap_or_else(PoisonError::into_inner).push((kind, callback));
        let process = std::process::id();
        if self.process.swap(process, Ordering::AcqRel) != process {
            engine.spawn(Arc::clone(self).tell(source, engine));
        }
        Ok(())
    }

    /// Reads notices until there will be no more.
    async fn tell(self: Arc<Self>, mut source: S, engine: &'static Engine) {
        loop {
            let notice = match source.next().await {
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
            let _ = source.ack(&notice).await;
        }
    }

    /// Whether every callback returned.
    async fn told(self: Arc<Self>, notice: S::Notice, engine: &'static Engine) -> bool {
        // On a thread that may block: a callback may wait for the sender itself.
        let call = tokio::task::spawn_blocking(move || {
            let mut told = false;
            engine.enter_python(|py| told = self.call(py, &notice));
            told
        });
        call.await.unwrap_or(false)
    }

    fn call(&self, py: Python<'_>, notice: &S::Notice) -> bool {
        let kind = S::kind(notice);
        let callbacks: Vec<_> = {
            let callbacks = self.callbacks.lock().unwrap_or_else(PoisonError::into_inner);
            let wanted = callbacks.iter().filter(|(wanted, _)| *wanted == kind);
            wanted.map(|(_, callback)| callback.clone_ref(py)).collect()
        };
        callbacks.iter().all(|callback| {
            let called = S::told(py, notice).and_then(|notice| callback.call1(py, (notice,)));
            match called {
                Ok(_) => true,
                Err(error) => {
                    error.write_unraisable(py, Some(callback.bind(py)));
                    false
                }
            }
        })
    }
}

/// Refuses what cannot be called.
pub(crate) fn callable(callback: &Bound<'_, PyAny>) -> Result<()> {
    if callback.is_callable() { Ok(()) } else { Err(Error::unexpected("a callback", callback)) }
}

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
