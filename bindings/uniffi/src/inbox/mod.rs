//! The durable inbox: one file for each part of it.

pub mod events;
pub mod export;
pub mod handlers;
pub mod notices;
pub mod options;
pub mod stats;

use std::sync::Arc;
use std::time::Duration;

use options::InboxOptions;

use crate::cancellation::Cancellation;
use crate::error::Result;
use crate::event::Event;
use crate::headers::{Header, lines};
use crate::runtime;
use crate::webhook::{RequestOptions, Webhook};

/// Receives events durably.
#[derive(uniffi::Object)]
pub struct Inbox {
    pub(crate) core: hookseal::inbox::Inbox,
    timeout: Duration,
}

/// A request that was verified, to be given its key and kept.
#[derive(uniffi::Object)]
pub struct Received(hookseal::inbox::Received);

/// An event that is stored.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Receipt {
    /// The event's id, or what stands for it.
    pub id: String,
    /// Whether it was received before.
    pub duplicate: bool,
}

#[uniffi::export]
impl Inbox {
    /// Opens a store.
    #[uniffi::constructor]
    pub fn open(url: String, webhook: &Webhook, options: InboxOptions) -> Result<Arc<Self>> {
        let options = options.into_core()?;
        let timeout = options.timeout;
        Ok(Arc::new(Self { core: hookseal_files::open_inbox(&url, webhook.0.clone(), options)?, timeout }))
    }

    /// The largest body in bytes.
    pub fn max_body(&self) -> Result<u64> {
        Ok(self.core.max_body() as u64)
    }

    /// How long a try may take.
    pub fn timeout(&self) -> Result<Duration> {
        Ok(self.timeout)
    }

    /// Verifies a request and stores its event, which waits for no other.
    pub async fn receive(
        &self,
        body: Vec<u8>,
        headers: Vec<Header>,
        options: RequestOptions,
    ) -> Result<Receipt> {
        let received = self.core.verify(body, &lines(headers), &options.verify())?;
        self.stored(received).await
    }

    /// Verifies a request; its event may be given a key before it is kept.
    pub fn verify(
        &self,
        body: Vec<u8>,
        headers: Vec<Header>,
        options: RequestOptions,
    ) -> Result<Arc<Received>> {
        Ok(Arc::new(Received(self.core.verify(body, &lines(headers), &options.verify())?)))
    }

    /// Stores the event of a verified request, which waits for others of the same key.
    pub async fn keep(&self, received: &Received, order_key: Option<String>) -> Result<Receipt> {
        self.stored(received.0.clone().ordered_by(order_key.as_deref())).await
    }

    /// Begins to handle.
    pub async fn start(&self) -> Result<()> {
        let inbox = self.core.clone();
        runtime::run(async move { inbox.start() }).await
    }

    /// Waits until nothing is pending; false if that takes longer.
    pub async fn wait_idle(
        &self,
        timeout: Option<Duration>,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<bool> {
        let inbox = self.core.clone();
        runtime::run_until(cancellation, async move { inbox.wait_idle(timeout).await }).await
    }

    /// Stops; what was not handled is when the store is opened again. More calls wait for the first.
    pub async fn shutdown(&self) -> Result<()> {
        let inbox = self.core.clone();
        runtime::run(async move { inbox.close().await }).await
    }
}

impl Inbox {
    async fn stored(&self, received: hookseal::inbox::Received) -> Result<Receipt> {
        let inbox = self.core.clone();
        runtime::run(async move {
            let receipt = inbox.keep(received).await?;
            Ok(Receipt { id: receipt.id, duplicate: receipt.duplicate })
        })
        .await
    }
}

#[uniffi::export]
impl Received {
    /// The event.
    pub fn event(&self) -> Result<Arc<Event>> {
        Ok(Event::of(self.0.event().clone().map_body(|body| body.to_vec())))
    }
}
