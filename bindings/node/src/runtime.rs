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
use tokio::runtime::{Builder, Handle, Runtime};

/// Runs when the addon is loaded; it starts nothing.
#[napi_derive::module_init]
fn init() {
    register_async_runtime(Lazy);
}

/// Runs a task that no promise waits for.
pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) -> napi::Result<()> {
    started()?.spawn(task);
    Ok(())
}

struct Lazy;

// SAFETY: napi asks that no code of the addon runs after `shutdown` if the addon is unloaded then. napi never
// unloads an addon that has registered a runtime, so threads that outlive the wait below find their code.
unsafe impl AsyncRuntime for Lazy {
    fn spawn(&self, task: AsyncRuntimeTask) -> Result<(), AsyncRuntimeRejection<AsyncRuntimeTask>> {
        match started() {
            Ok(runtime) => {
                runtime.spawn(task);
                Ok(())
            }
            Err(error) => Err(AsyncRuntimeRejection::new(task, error)),
        }
    }

    fn block_on(&self, _: Pin<&mut dyn Future<Output = ()>>) -> napi::Result<()> {
        Err(napi::Error::from_reason("Nothing here waits for a future on the JavaScript thread."))
    }

    fn shutdown(&self) -> napi::Result<()> {
        let runtime = runtime().take();
        if let Some(runtime) = runtime {
            runtime.shutdown_timeout(LONGEST_GOODBYE);
        }
        Ok(())
    }
}

fn started() -> napi::Result<Handle> {
    let mut runtime = runtime();
    if let Some(runtime) = &*runtime {
        return Ok(runtime.handle().clone());
    }
    let started = Builder::new_multi_thread()
        .worker_threads(THREADS)
        .thread_name("hookseal")
        .enable_all()
        .build()
        .map_err(napi::Error::from)?;
    Ok(runtime.insert(started).handle().clone())
}

fn runtime() -> MutexGuard<'static, Option<Runtime>> {
    RUNTIME.lock().unwrap_or_else(PoisonError::into_inner)
}

static RUNTIME: Mutex<Option<Runtime>> = Mutex::new(None);
/// Deliveries wait for the network, not for a processor.
const THREADS: usize = 2;
/// Idle threads leave at once; a busy one does not hold up the exit of the process for longer.
const LONGEST_GOODBYE: Duration = Duration::from_millis(100);
