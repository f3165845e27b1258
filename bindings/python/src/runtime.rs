//! The threads that deliver: started by the first delivery, never by the import.
//!
//! They belong to one process (see `per_process.rs`) and live until it ends. What they call back into Python must
//! not happen while the interpreter goes away, so an `atexit` hook closes that door and waits for those inside.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use crate::error::Result;
use crate::per_process::PerProcess;

/// The runtime of this process and the door back into Python.
pub(crate) struct Engine {
    runtime: Runtime,
    leaving: AtomicBool,
    inside: AtomicUsize,
}

/// The engine of this process, started at the first call.
pub(crate) fn engine(py: Python<'_>) -> Result<&'static Engine> {
    ENGINE.get_or_try_init(|| {
        py.import("atexit")?.call_method1("register", (wrap_pyfunction!(close_the_door, py)?,))?;
        Engine::start()
    })
}

impl Engine {
    fn start() -> Result<Self> {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("hookseal")
            .enable_all()
            .build()
            .map_err(PyErr::from)?;
        Ok(Self { runtime, leaving: AtomicBool::new(false), inside: AtomicUsize::new(0) })
    }

    /// Waits for the future without holding up other Python threads. Signal handlers run meanwhile, so Ctrl-C
    /// raises here and drops the future.
    pub(crate) fn wait<F>(&self, py: Python<'_>, future: F) -> Result<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        let mut future = pin!(future);
        loop {
            // Handlers run between the slices, not inside them: they may deliver something themselves.
            let slice = py.detach(|| {
                let slice = async { tokio::time::timeout(SIGNALS_EVERY, future.as_mut()).await };
                self.runtime.block_on(slice)
            });
            match slice {
                Ok(output) => return Ok(output),
                Err(_elapsed) => py.check_signals()?,
            }
        }
    }

    /// Runs the future in the background.
    pub(crate) fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.runtime.spawn(future)
    }

    /// Calls into Python from one of our threads, unless the interpreter is on its way out.
    pub(crate) fn enter_python(&self, call: impl FnOnce(Python<'_>)) {
        self.inside.fetch_add(1, Ordering::SeqCst);
        if !self.leaving.load(Ordering::SeqCst) {
            // `None` is an interpreter that went away without its exit hooks: nobody waits for the call.
            let _called = Python::try_attach(call);
        }
        self.inside.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Lets no more calls into Python begin and waits for those that have.
#[pyfunction]
fn close_the_door(py: Python<'_>) {
    let Some(engine) = ENGINE.get() else { return };
    engine.leaving.store(true, Ordering::SeqCst);
    py.detach(|| {
        while engine.inside.load(Ordering::SeqCst) > 0 {
            thread::sleep(Duration::from_millis(1));
        }
    });
}

static ENGINE: PerProcess<Engine> = PerProcess::new();

const MOST_THREADS: usize = 4;
const SIGNALS_EVERY: Duration = Duration::from_millis(50);
