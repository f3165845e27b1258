//! The log as JSON lines, in chunks: JavaScript writes them wherever it wants.

use std::io;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use tokio::sync::{Mutex, mpsc};

use super::Sender;
use super::deliveries::DeliveryFilter;
use crate::answer::{Promise, promise};
use crate::error::Result;

/// An export that goes on as it is read.
#[napi]
pub struct Export {
    sender: hookseal::sender::Sender,
    query: hookseal::store::DeliveryQuery,
    chunks: Arc<Mutex<mpsc::Receiver<Vec<u8>>>>,
    input: std::sync::Mutex<Option<mpsc::Sender<Vec<u8>>>>,
}

#[napi]
impl Sender {
    /// The deliveries with their attempts, one a line, newest first.
    #[napi(catch_unwind)]
    pub fn export(&self, filter: DeliveryFilter) -> Result<Export> {
        let (input, chunks) = mpsc::channel(CHUNKS);
        Ok(Export {
            sender: self.0.clone(),
            query: filter.query()?,
            chunks: Arc::new(Mutex::new(chunks)),
            input: std::sync::Mutex::new(Some(input)),
        })
    }
}

#[napi]
impl Export {
    /// Reads the log until all chunks were taken, and tells how many deliveries there were.
    #[napi(catch_unwind, ts_return_type = "Promise<number | Failure>")]
    pub fn run<'env>(&self, env: &'env Env) -> Result<Promise<'env, i64>> {
        let (sender, query) = (self.sender.clone(), self.query.clone());
        let input = self.input.lock().map(|mut input| input.take()).unwrap_or_default();
        promise(env, async move {
            let Some(input) = input else { return Ok(0) };
            sender.deliveries().export(query, Pipe(input)).await.map(|count| count as i64)
        })
    }

    /// The next chunk; null after the last.
    #[napi(catch_unwind, ts_return_type = "Promise<Uint8Array | null | Failure>")]
    pub fn chunk<'env>(&self, env: &'env Env) -> Result<Promise<'env, Option<Uint8Array>>> {
        let chunks = Arc::clone(&self.chunks);
        promise(env, async move { Ok(chunks.lock().await.recv().await.map(Uint8Array::from)) })
    }

    /// Takes no more chunks, which ends it.
    #[napi(catch_unwind, ts_return_type = "Promise<undefined | Failure>")]
    pub fn end<'env>(&self, env: &'env Env) -> Result<Promise<'env, ()>> {
        let chunks = Arc::clone(&self.chunks);
        promise(env, async move {
            chunks.lock().await.close();
            Ok(())
        })
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
