//! The log as JSON lines, in chunks: the host writes them wherever it wants.

use std::io;
use std::sync::{Arc, PoisonError};

use tokio::sync::{Mutex, mpsc};

use super::Sender;
use super::deliveries::DeliveryFilter;
use crate::cancellation::Cancellation;
use crate::error::Result;
use crate::runtime::{run, run_until};

/// An export that goes on as it is read.
#[derive(uniffi::Object)]
pub struct Export {
    sender: hookseal::sender::Sender,
    query: hookseal::store::DeliveryQuery,
    chunks: Arc<Mutex<mpsc::Receiver<Vec<u8>>>>,
    input: std::sync::Mutex<Option<mpsc::Sender<Vec<u8>>>>,
}

#[uniffi::export]
impl Sender {
    /// The deliveries with their attempts, one a line, newest first.
    pub fn export(&self, filter: DeliveryFilter) -> Result<Arc<Export>> {
        let (input, chunks) = mpsc::channel(CHUNKS);
        Ok(Arc::new(Export {
            sender: self.0.clone(),
            query: filter.query()?,
            chunks: Arc::new(Mutex::new(chunks)),
            input: std::sync::Mutex::new(Some(input)),
        }))
    }
}

#[uniffi::export]
impl Export {
    /// Reads the log until all chunks were taken, and tells how many deliveries there were.
    pub async fn run(&self) -> Result<u64> {
        let (sender, query) = (self.sender.clone(), self.query.clone());
        let input = self.input.lock().unwrap_or_else(PoisonError::into_inner).take();
        run(async move {
            let Some(input) = input else { return Ok(0) };
            sender.deliveries().export(query, Pipe(input)).await
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

/// Waits while nobody takes what was written: the log may be larger than the memory.
pub(crate) struct Pipe(pub(crate) mpsc::Sender<Vec<u8>>);

impl io::Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(bytes.to_vec());
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) const CHUNKS: usize = 4;
