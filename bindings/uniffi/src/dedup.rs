//! Claims on events.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Result;
use crate::event::Event;
use crate::runtime;

/// Tells events that were handled before from new ones.
#[derive(uniffi::Object)]
pub struct Deduplicator(hookseal::Deduplicator);

/// What a deduplicator may be told. What is missing has the core's default.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct DeduplicatorOptions {
    /// How long an event that is done is remembered.
    #[uniffi(default = None)]
    pub keep: Option<Duration>,
    /// For how long a claim holds if its holder dies.
    #[uniffi(default = None)]
    pub lease: Option<Duration>,
    /// How many events `memory:` remembers at most.
    #[uniffi(default = None)]
    pub capacity: Option<u32>,
    /// Keeps apart what shares a store.
    #[uniffi(default = "")]
    pub namespace: String,
}

/// The right to handle an event.
#[derive(uniffi::Object)]
pub struct Claim(Arc<hookseal::Claim>);

#[uniffi::export]
impl Deduplicator {
    /// Opens a store.
    #[uniffi::constructor]
    pub fn open(url: String, options: DeduplicatorOptions) -> Result<Arc<Self>> {
        Ok(Arc::new(Self(hookseal_files::open_deduplicator(&url, options.into_core())?)))
    }

    /// Claims an event for the caller alone. A claim that nobody waits for any more is released.
    pub async fn claim(&self, event: &Event) -> Result<Arc<Claim>> {
        let (deduplicator, event) = (self.0.clone(), Arc::clone(&event.0));
        let claimed = async move { deduplicator.claim(&event).await };
        Ok(Arc::new(Claim(Arc::new(runtime::run(claimed).await?))))
    }

    /// Closes its file. Claims that are held end with their leases.
    pub async fn shutdown(&self) -> Result<()> {
        let deduplicator = self.0.clone();
        runtime::run(async move {
            deduplicator.close().await;
            Ok(())
        })
        .await
    }
}

#[uniffi::export]
impl Claim {
    /// The event was handled: from now on, it is a duplicate.
    pub async fn done(&self) -> Result<()> {
        let claim = Arc::clone(&self.0);
        runtime::run(async move { claim.done().await }).await
    }

    /// The event was not handled: whoever asks next gets it.
    pub async fn release(&self) -> Result<()> {
        let claim = Arc::clone(&self.0);
        runtime::run(async move { claim.release().await }).await
    }

    /// Has the lease begin anew.
    pub async fn extend(&self) -> Result<()> {
        let claim = Arc::clone(&self.0);
        runtime::run(async move { claim.extend().await }).await
    }

    /// For how long it holds, from when it was made or extended.
    pub fn lease(&self) -> Result<Duration> {
        Ok(self.0.lease())
    }
}

impl DeduplicatorOptions {
    fn into_core(self) -> hookseal::DeduplicatorOptions {
        let mut options = hookseal::DeduplicatorOptions::default();
        options.keep = self.keep;
        if let Some(lease) = self.lease {
            options.lease = lease;
        }
        if let Some(events) = self.capacity {
            options.capacity = events as usize;
        }
        options.namespace = self.namespace;
        options
    }
}
