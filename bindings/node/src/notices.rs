//! Notices: read one after the other, or called back. What they are about is the sender's or the inbox's own.

use std::future::Future;
use std::sync::Arc;

use hookseal::Code;
use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Function, ToNapiValue};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use tokio::sync::Mutex;

use crate::answer::{Promise, promise};
use crate::cancellation::{Cancellation, canceled_by};
use crate::error::Result;
use crate::runtime;

/// Where notices come from, and what JavaScript gets of them.
pub(crate) trait Source: Send + Sync + 'static {
    type Notice: Send + Sync + 'static;
    type Told: ToNapiValue + for<'n> From<&'n Self::Notice> + Send + 'static;

    fn next(&mut self) -> impl Future<Output = hookseal::Result<Self::Notice>> + Send;
    fn try_next(&mut self) -> impl Future<Output = hookseal::Result<Option<Self::Notice>>> + Send;
    fn ack(&self, notice: &Self::Notice) -> impl Future<Output = hookseal::Result<()>> + Send;
}

/// A reader of notices.
pub(crate) struct Reader<S: Source>(Arc<Mutex<Reading<S>>>);

struct Reading<S: Source> {
    source: S,
    /// The notice that is there already, for whoever asks next.
    next: Option<S::Notice>,
    /// The notice that was read last.
    last: Option<S::Notice>,
}

impl<S: Source> Reader<S> {
    pub(crate) fn new(source: S) -> Self {
        Self(Arc::new(Mutex::new(Reading { source, next: None, last: None })))
    }

    pub(crate) fn next<'env>(
        &self,
        env: &'env Env,
        cancellation: Option<ClassInstance<Cancellation>>,
    ) -> Result<Promise<'env, S::Told>> {
        let reading = Arc::clone(&self.0);
        let next = async move {
            let mut reading = reading.lock().await;
            reading.wait().await?;
            let notice = reading.next.take().expect("it was waited for, and nobody else reads");
            Ok(reading.read(notice))
        };
        promise(env, canceled_by(cancellation).or(next))
    }

    pub(crate) fn when_ready(&self, ready: Function<'_, bool, ()>) -> napi::Result<()> {
        let ready = ready.build_threadsafe_function().weak::<true>().build()?;
        let reading = Arc::clone(&self.0);
        runtime::spawn(async move {
            let ended = reading.lock().await.wait().await.err();
            let is_open = ended.is_none_or(|error| error.code() != Code::Closed);
            ready.call(is_open, ThreadsafeFunctionCallMode::NonBlocking);
        })
    }

    pub(crate) fn try_next<'env>(&self, env: &'env Env) -> Result<Promise<'env, Option<S::Told>>> {
        let reading = Arc::clone(&self.0);
        promise(env, async move {
            let mut reading = reading.lock().await;
            let notice = match reading.next.take() {
                Some(notice) => Some(notice),
                None => reading.source.try_next().await?,
            };
            Ok(notice.map(|notice| reading.read(notice)))
        })
    }

    pub(crate) fn ack<'env>(&self, env: &'env Env) -> Result<Promise<'env, ()>> {
        let reading = Arc::clone(&self.0);
        promise(env, async move {
            let mut reading = reading.lock().await;
            let Some(last) = reading.last.take() else { return Ok(()) };
            reading.source.ack(&last).await
        })
    }
}

impl<S: Source> Reading<S> {
    async fn wait(&mut self) -> hookseal::Result<()> {
        if self.next.is_none() {
            self.next = Some(self.source.next().await?);
        }
        Ok(())
    }

    fn read(&mut self, notice: S::Notice) -> S::Told {
        let told = S::Told::from(&notice);
        self.last = Some(notice);
        told
    }
}
