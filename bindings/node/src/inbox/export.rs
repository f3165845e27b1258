//! The log as JSON lines, in chunks.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use tokio::sync::{Mutex, mpsc};

use super::Inbox;
use super::events::EventFilter;
use crate::answer::{Promise, promise};
use crate::error::Result;
use crate::sender::export::{CHUNKS, Pipe};

/// An export that goes on as it is read.
#[napi]
pub struct EventExport {
    inbox: hookseal::inbox::Inbox,
    query: hookseal::inbox::EventQuery,
    chunks: Arc<Mutex<mpsc::Receiver<Vec<u8>>>>,
    input: std::sync::Mutex<Option<mpsc::Sender<Vec<u8>>>>,
}

#[napi]
impl Inbox {
    /// The events with their tries, one a line, newest first.
    #[napi(catch_unwind)]
    pub fn export(&self, filter: EventFilter) -> Result<EventExport> {
        let (input, chunks) = mpsc::channel(CHUNKS);
        Ok(EventExport {
            inbox: self.core.clone(),
            query: filter.query()?,
            chunks: Arc::new(Mutex::new(chunks)),
            input: std::sync::Mutex::new(Some(input)),
        })
    }
}

#[napi]
impl EventExport {
    /// Reads the log until all chunks were taken, and tells how many events there were.
    #[napi(catch_unwind, ts_return_type = "Promise<number | Failure>")]
    pub fn run<'env>(&self, env: &'env Env) -> Result<Promise<'env, i64>> {
        let (inbox, query) = (self.inbox.clone(), self.query.clone());
        let input = self.input.lock().map(|mut input| input.take()).unwrap_or_default();
        promise(env, async move {
            let Some(input) = input else { return Ok(0) };
            inbox.events().export(&query, Pipe(input)).await.map(|count| count as i64)
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
