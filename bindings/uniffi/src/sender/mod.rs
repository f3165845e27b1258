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

use std::sync::Arc;
use std::time::Duration;

use messages::{Message, Outgoing, SendResult};
use options::SenderOptions;

use crate::cancellation::Cancellation;
use crate::error::Result;
use crate::event::Event;
use crate::provider::Provider;
use crate::runtime;
use crate::secret::Secret;
use crate::transport::Transport;

/// Sends events durably.
#[derive(uniffi::Object)]
pub struct Sender(hookseal::sender::Sender);

#[uniffi::export]
impl Sender {
    /// Opens a store; the key seals what is secret in it. With a transport of the host's own, or with Hookseal's.
    #[uniffi::constructor]
    pub fn open(
        url: String,
        provider: &Provider,
        key: Option<Arc<Secret>>,
        options: SenderOptions,
        transport: Option<Arc<dyn Transport>>,
    ) -> Result<Arc<Self>> {
        let key = key.map(|key| key.0.clone());
        let options = options.into_core(provider, key, transport)?;
        Ok(Arc::new(Self(hookseal_files::open(&url, options)?)))
    }

    /// Begins to deliver.
    pub async fn start(&self) -> Result<()> {
        let sender = self.0.clone();
        runtime::run(async move { sender.start() }).await
    }

    /// Stores an event for every endpoint that wants it. It is durable when this returns.
    pub async fn send(&self, message: Outgoing) -> Result<Message> {
        let (sender, message) = (self.0.clone(), message.into_core()?);
        runtime::run(async move { sender.send_new(message).await.map(Message::from) }).await
    }

    /// Stores many events; each has an answer of its own.
    pub async fn send_many(&self, messages: Vec<Outgoing>) -> Result<Vec<SendResult>> {
        let sender = self.0.clone();
        let messages = messages.into_iter().map(Outgoing::into_core).collect::<hookseal::Result<_>>()?;
        let sent = async move { Ok(sender.send_many(messages).await) };
        Ok(runtime::run(sent).await?.into_iter().map(SendResult::from).collect())
    }

    /// Waits until nothing is pending; false if that takes longer.
    pub async fn wait_idle(
        &self,
        timeout: Option<Duration>,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<bool> {
        let sender = self.0.clone();
        runtime::run_until(cancellation, async move { sender.wait_idle(timeout).await }).await
    }

    /// Stops; what was not delivered is when the store is opened again. More calls wait for the first.
    pub async fn shutdown(&self) -> Result<()> {
        let sender = self.0.clone();
        runtime::run(async move { sender.close().await }).await
    }

    /// The catalog's example of an event.
    pub fn example(&self, event_type: String) -> Result<Arc<Event>> {
        Ok(Event::of(self.0.example(&event_type)?))
    }

    /// Whose conventions are followed.
    pub fn provider(&self) -> Result<Arc<Provider>> {
        Ok(Provider::of(Arc::clone(self.0.provider())))
    }
}
