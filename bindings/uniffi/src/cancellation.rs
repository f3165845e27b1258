//! What ends work that goes on here: in Swift, a canceled task does not drop what it waits for.

use std::future::Future;
use std::sync::Arc;

use hookseal::{Code, Error};
use tokio::sync::Notify;

use crate::error::Result;

/// Ends work before its time.
#[derive(Default, uniffi::Object)]
pub struct Cancellation(Notify);

#[uniffi::export]
impl Cancellation {
    /// One that was not asked for yet.
    #[uniffi::constructor]
    pub fn new() -> Result<Arc<Self>> {
        Ok(Arc::default())
    }

    /// Ends the work, at whatever point it is.
    pub fn cancel(&self) -> Result<()> {
        self.0.notify_one();
        Ok(())
    }
}

impl Cancellation {
    /// Goes on until the work is done or canceled.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = hookseal::Result<T>>) -> hookseal::Result<T> {
        tokio::select! {
            biased;
            () = self.0.notified() => Err(Error::new(Code::Canceled, "It was canceled.")),
            done = work => done,
        }
    }
}
