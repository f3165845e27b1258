//! Claims on events, as `hookseal/deduplicator.py` drives them.

use std::mem;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hookseal::{Claim, Code, Deduplicator, DeduplicatorOptions};
use pyo3::prelude::*;

use crate::client::EventArgument;
use crate::error::Result;
use crate::per_process::PerProcess;
use crate::text::{Count, Text};
use crate::time::Seconds;
use crate::work::Work;

/// What ``Deduplicator`` and ``AsyncDeduplicator`` are made of.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct DeduplicatorCore {
    url: String,
    options: DeduplicatorOptions,
    /// Files, connections and threads do not survive `fork`.
    core: PerProcess<Deduplicator>,
    closed: AtomicBool,
}

#[pymethods]
impl DeduplicatorCore {
    #[new]
    #[pyo3(signature = (url, *, keep = None, lease = None, capacity = None, namespace = None))]
    fn new(
        py: Python<'_>,
        url: Text,
        keep: Option<Seconds>,
        lease: Option<Seconds>,
        capacity: Option<Count>,
        namespace: Option<Text>,
    ) -> Result<Self> {
        let mut options = DeduplicatorOptions::default();
        options.keep = keep.map(|keep| keep.0);
        if let Some(Seconds(lease)) = lease {
            options.lease = lease;
        }
        if let Some(Count(events)) = capacity {
            options.capacity = events as usize;
        }
        if let Some(namespace) = namespace {
            options.namespace = namespace.as_str().to_owned();
        }
        let url = url.as_str().to_owned();
        let deduplicator = Self { url, options, core: PerProcess::new(), closed: AtomicBool::new(false) };
        deduplicator.open(py)?;
        Ok(deduplicator)
    }

    /// Claims an event.
    fn claim(&self, py: Python<'_>, event: EventArgument) -> Result<Work> {
        let core = self.open(py)?.clone();
        let claimed = async move { event.0.get().claim(&core).await };
        Ok(Work::new(claimed, |_, claim| {
            Ok(ClaimCore { claim: Some(Arc::new(claim)), process: process::id() })
        }))
    }

    /// Closes files and connections.
    fn close(&self) -> Work {
        self.closed.store(true, Ordering::Release);
        let core = self.core.get().cloned();
        let closed = async move {
            if let Some(core) = core {
                core.close().await;
            }
            Ok(())
        };
        Work::new(closed, |_, ()| Ok(()))
    }

    fn __repr__(&self) -> String {
        // Without what an address may hold.
        format!("'{}:'", self.url.split_once(':').map_or("", |(scheme, _)| scheme))
    }
}

impl DeduplicatorCore {
    /// That of this process.
    fn open(&self, py: Python<'_>) -> Result<&Deduplicator> {
        if self.closed.load(Ordering::Acquire) {
            return Err(hookseal::Error::new(Code::Closed, "This deduplicator is closed.").into());
        }
        // A server may be far away: other threads run meanwhile.
        Ok(self.core.get_or_try_init(|| {
            py.detach(|| hookseal_files::open_forkable_deduplicator(&self.url, self.options.clone()))
        })?)
    }
}

/// The right to handle an event.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct ClaimCore {
    claim: Option<Arc<Claim>>,
    process: u32,
}

#[pymethods]
impl ClaimCore {
    /// The event was handled.
    fn done(&self) -> Work {
        let claim = self.claim();
        Work::new(async move { claim.done().await }, |_, ()| Ok(()))
    }

    /// The event was not handled.
    fn release(&self) -> Work {
        let claim = self.claim();
        Work::new(async move { claim.release().await }, |_, ()| Ok(()))
    }

    /// Has the lease begin anew.
    fn extend(&self) -> Work {
        let claim = self.claim();
        Work::new(async move { claim.extend().await }, |_, ()| Ok(()))
    }
}

impl ClaimCore {
    fn claim(&self) -> Arc<Claim> {
        Arc::clone(self.claim.as_ref().expect("it is there until this is dropped"))
    }
}

impl Drop for ClaimCore {
    fn drop(&mut self) {
        if self.process != process::id() {
            // A forked child's copy: the claim is its parent's, and so are the threads that would release it.
            mem::forget(self.claim.take());
        }
    }
}
