//! The log as JSON lines, in chunks: the host writes them wherever it wants.

use std::sync::{Arc, PoisonError};

use tokio::sync::{Mutex, mpsc};

use super::Inbox;
use super::events::EventFilter;
use crate::cancellation::Cancellation;
use crate::error::Result;
use crate::runtime::{run, run_until};
use crate::sender::export::{CHUNKS, Pipe};

/// An export that goes on as it is read.
#[derive(uniffi::Object)]
pub struct EventExport {
    inbox: hookseal::inbox::Inbox,
    query: hookseal::inbox::EventQuery,
    chunks: Arc<Mutex<mpsc::Receiver<Vec<u8>>>>,
    input: std::sync::Mutex<Option<mpsc::Sender<Vec<u8>>>>,
}

#[uniffi::export]
impl Inbox {
    /// The events with their tries, one a line, newest first.
    pub fn export(&self, filter: EventFilter) -> Result<Arc<EventExport>> {
        let (input, chunks) = mpsc::channel(CHUNKS);
        Ok(Arc::new(EventExport {
            inbox: self.core.clone(),
            query: filter.query(),
            chunks: Arc::new(Mutex::new(chunks)),
            input: std::sync::Mutex::new(Some(input)),
        }))
    }
}

#[uniffi::export]
impl EventExport {
    /// Reads the log until all chunks were taken, and tells how many events there were.
    pub async fn run(&self) -> Result<u64> {
        let (inbox, query) = (self.inbox.clone(), self.query.clone());
        let input = self.input.lock().unwrap_or_else(PoisonError::into_inner).take();
        run(async move {
            let Some(input) = input else { return Ok(0) };
            inbox.events().export(&query, Pipe(input)).await
        })
        .await
    }

    /// The next chunk; nothing after the last.
    pub async fn chunk(&self, cancellation: Option<Arc<Cancellation>>) -> Result<Option<Vec<u8>>> {
        let chunks = Arc::clone(&self.chunks);
        run_until(cancellation, async move { Ok(chunks.lock().await.recv().await) }).await
    }

    /// Takes no more chunks, which ends it.
    pub async fn end(&self) -> Result<()> {
        let chunks = Arc::clone(&self.chunks);
        run(async move {
            chunks.lock().await.close();
            Ok(())
        })
        .await
    }
}
