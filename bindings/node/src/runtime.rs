//! The tokio runtime: none until the first delivery.
//!
//! napi's own runtime starts its threads when the addon is loaded, so an application that only verifies would
//! pay for it, in each of its processes. This one starts with the first task. All worker threads of a process
//! share it; it is shut down with the last of them, and a task that is still running then is dropped.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use napi::bindgen_prelude::{AsyncRuntime, AsyncRuntimeRejection, AsyncRuntimeTask, register_async_runtime};
use tokio::runtime::{Builder, Runtime};

/// Runs when the addon is loaded; it starts nothing.
#[napi_derive::module_init]
fn init() {
    register_async_runtime(Lazy(Mutex::new(None)));
}

struct Lazy(Mutex<Option<Runtime>>);

impl Lazy {
    fn lock(&self) -> MutexGuard<'_, Option<Runtime>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// SAFETY: napi asks that no code of the addon runs after `shutdown` if the addon is unloaded then. napi never
// unloads an addon that has registered a runtime, so threads that outlive the wait below find their code.
unsafe impl AsyncRuntime for Lazy {
    fn spawn(&self, task: AsyncRuntimeTask) -> Result<(), AsyncRuntimeRejection<AsyncRuntimeTask>> {
        let mut runtime = self.lock();
        let started = match runtime.take() {
            Some(started) => Ok(started),
            None => Builder::new_multi_thread()
                .worker_threads(THREADS)
                .thread_name("hookseal")
                .enable_all()
                .build(),
        };
        match started {
            Ok(started) => {
                started.spawn(task);
                *runtime = Some(started);
                Ok(())
            }
            Err(error) => Err(AsyncRuntimeRejection::new(task, napi::Error::from(error))),
        }
    }

    fn block_on(&self, _: Pin<&mut dyn Future<Output = ()>>) -> napi::Result<()> {
        Err(napi::Error::from_reason("Nothing here waits for a future on the JavaScript thread."))
    }

    fn shutdown(&self) -> napi::Result<()> {
        let runtime = self.lock().take();
        if let Some(runtime) = runtime {
            runtime.shutdown_timeout(LONGEST_GOODBYE);
        }
        Ok(())
    }
}

/// Deliveries wait for the network, not for a processor.
const THREADS: usize = 2;
/// Idle threads leave at once; a busy one does not hold up the exit of the process for longer.
const LONGEST_GOODBYE: Duration = Duration::from_millis(100);
