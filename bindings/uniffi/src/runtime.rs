//! The tokio runtime: none until the first call that waits, and then one for the whole process.
//!
//! Work runs as a task of this runtime and not in the future that crosses over: Kotlin drops that future when a
//! coroutine is canceled, and Swift does not. So what is not cancelable goes on in both, and what is ends in both.

use std::future::Future;
use std::panic;
use std::sync::{Arc, Mutex, PoisonError};

use hookseal::{Code, Error};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use crate::cancellation::Cancellation;
use crate::error::Result;

/// Does the work to its end, also when nobody waits for it any more.
pub(crate) async fn run<T: Send + 'static>(
    work: impl Future<Output = hookseal::Result<T>> + Send + 'static,
) -> Result<T> {
    Ok(ended(handle()?.spawn(work)).await?)
}

/// Does the work until its end, its cancellation, or until nobody waits for it any more.
pub(crate) async fn run_until<T: Send + 'static>(
    cancellation: Option<Arc<Cancellation>>,
    work: impl Future<Output = hookseal::Result<T>> + Send + 'static,
) -> Result<T> {
    let cancellation = cancellation.unwrap_or_default();
    let mut task = Abort(handle()?.spawn(async move { cancellation.or(work).await }));
    Ok(ended(&mut task.0).await?)
}

/// What came of a task; its panic goes on here, where it becomes an exception.
async fn ended<T>(
    task: impl Future<Output = std::result::Result<hookseal::Result<T>, tokio::task::JoinError>>,
) -> hookseal::Result<T> {
    match task.await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(reason) => panic::resume_unwind(reason),
            Err(_) => Err(Error::new(Code::Canceled, "It was canceled.")),
        },
    }
}

/// A task that ends with whoever waits for it.
struct Abort<T>(JoinHandle<T>);

impl<T> Drop for Abort<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn handle() -> hookseal::Result<Handle> {
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = &*runtime {
        return Ok(runtime.handle().clone());
    }
    let started =
        Builder::new_multi_thread().worker_threads(THREADS).thread_name("hookseal").enable_all().build();
    let started = started.map_err(|error| {
        Error::new(Code::StoreUnavailable, format!("No thread for waiting could be started: {error}."))
    })?;
    Ok(runtime.insert(started).handle().clone())
}

static RUNTIME: Mutex<Option<Runtime>> = Mutex::new(None);
/// Deliveries wait for the network, not for a processor.
const THREADS: usize = 2;
