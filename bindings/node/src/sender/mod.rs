//! The durable sender: one file for each part of it.

pub mod deliveries;
pub mod endpoints;
pub mod export;
pub mod jobs;
pub mod messages;
pub mod notices;
pub mod options;
pub mod stats;
pub mod trial;

use napi::Env;
use napi::bindgen_prelude::ClassInstance;
use napi_derive::napi;

use messages::{Message, Outgoing};
use options::SenderOptions;

use crate::answer::{Answer, Promise, answer, promise};
use crate::cancellation::{Cancellation, canceled_by};
use crate::error::{Result, thrown};
use crate::event::Event;
use crate::provider::Provider;
use crate::secret::Secret;
use crate::time::duration;

/// Sends events durably.
#[napi]
pub struct Sender(pub(crate) hookseal::sender::Sender);

#[napi]
impl Sender {
    /// Opens a store; the key seals what is secret in it.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        url: String,
        provider: &Provider,
        key: Option<ClassInstance<Secret>>,
        options: SenderOptions,
    ) -> Result<Self> {
        let key = key.map(|key| key.0.clone());
        let options = options.into_core(provider, key)?;
        hookseal_files::open(&url, options).map(Self).map_err(thrown)
    }

    /// Begins to deliver.
    #[napi(catch_unwind, ts_return_type = "Promise<undefined | Failure>")]
    pub fn start<'env>(&self, env: &'env Env) -> Result<Promise<'env, ()>> {
        let sender = self.0.clone();
        promise(env, async move { sender.start() })
    }

    /// Stores an event for every endpoint that wants it. What is canceled may have been stored.
    #[napi(catch_unwind, ts_return_type = "Promise<Message | Failure>")]
    pub fn send<'env>(
        &self,
        env: &'env Env,
        message: Outgoing,
        cancellation: Option<ClassInstance<Cancellation>>,
    ) -> Result<Promise<'env, Message>> {
        let (sender, message) = (self.0.clone(), message.into_core()?);
        let sent = async move { sender.send_new(message).await.map(Message::from) };
        promise(env, canceled_by(cancellation).or(sent))
    }

    /// Stores many events; each has an answer of its own.
    #[napi(catch_unwind, ts_return_type = "Promise<(Message | Failure)[] | Failure>")]
    pub fn send_many<'env>(
        &self,
        env: &'env Env,
        messages: Vec<Outgoing>,
        cancellation: Option<ClassInstance<Cancellation>>,
    ) -> Result<Promise<'env, Vec<Answer<Message>>>> {
        let sender = self.0.clone();
        let messages = messages.into_iter().map(Outgoing::into_core).collect::<Result<_>>()?;
        let sent = async move {
            let sent = sender.send_many(messages).await;
            Ok(sent.into_iter().map(|sent| answer(sent.map(Message::from))).collect())
        };
        promise(env, canceled_by(cancellation).or(sent))
    }

    /// Waits until nothing is pending; false if that takes longer than so many seconds.
    #[napi(catch_unwind, ts_return_type = "Promise<boolean | Failure>")]
    pub fn wait_idle<'env>(
        &self,
        env: &'env Env,
        timeout: Option<f64>,
        cancellation: Option<ClassInstance<Cancellation>>,
    ) -> Result<Promise<'env, bool>> {
        let (sender, timeout) = (self.0.clone(), timeout.map(duration).transpose()?);
        promise(env, canceled_by(cancellation).or(async move { sender.wait_idle(timeout).await }))
    }

    /// Stops.
    #[napi(catch_unwind, ts_return_type = "Promise<undefined | Failure>")]
    pub fn close<'env>(&self, env: &'env Env) -> Result<Promise<'env, ()>> {
        let sender = self.0.clone();
        promise(env, async move { sender.close().await })
    }

    /// The catalog's example of an event.
    #[napi(catch_unwind)]
    pub fn example(&self, event_type: String) -> Result<Event> {
        self.0.example(&event_type).map(Event::new).map_err(thrown)
    }
}
