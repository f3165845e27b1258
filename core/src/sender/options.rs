//! How a sender is set up.

use std::fmt;
use std::sync::Arc;

use crate::deliver::{AllowPrivate, Client, Transport};
use crate::error::{Error, Result};
use crate::provider::Provider;
use crate::queue::Clock;
use crate::secret::Secret;
use crate::store::Retention;

/// What a [`Sender`](super::Sender) needs to know. All but the provider has a default.
#[derive(Clone)]
#[non_exhaustive]
pub struct SenderOptions {
    /// Whose conventions are followed.
    pub provider: Arc<Provider>,
    /// Seals the secrets and headers of endpoints in the store. Without it they are stored in the clear.
    pub key: Option<Secret>,
    /// Whether plain http is allowed to endpoints that do not say otherwise.
    pub allow_http: bool,
    /// The private networks allowed to endpoints that do not say otherwise.
    pub allow_private: AllowPrivate,
    /// Certificate authorities (PEM) that are trusted besides the public ones.
    pub root_certificates: Option<Vec<u8>>,
    /// Makes the requests instead of Hookseal's own client.
    pub transport: Option<Arc<dyn Transport>>,
    /// Whether events that are not in the provider's catalog are refused instead of warned about.
    pub strict_events: bool,
    /// The largest body in bytes: 1 MiB.
    pub max_body: usize,
    /// The most requests on their way at once: 256.
    pub concurrency: usize,
    /// How long things are kept; `None` keeps them for ever.
    pub retention: Option<Retention>,
    /// The time.
    pub clock: Clock,
}

impl SenderOptions {
    /// The defaults for this provider.
    pub fn new(provider: &Arc<Provider>) -> Self {
        Self {
            provider: Arc::clone(provider),
            key: None,
            allow_http: false,
            allow_private: AllowPrivate::No,
            root_certificates: None,
            transport: None,
            strict_events: false,
            max_body: 1024 * 1024,
            concurrency: 256,
            retention: Some(Retention::default()),
            clock: Clock::system(),
        }
    }

    pub(crate) fn client(&self) -> Result<Client> {
        if !(1..=MOST_CONCURRENCY).contains(&self.concurrency) {
            return Err(Error::argument(format!(
                "The sender's concurrency lies between 1 and {MOST_CONCURRENCY}."
            )));
        }
        let mut client =
            Client::builder().allow_http(self.allow_http).allow_private(self.allow_private.clone());
        if let Some(transport) = &self.transport {
            client = client.transport(Arc::clone(transport));
        }
        match &self.root_certificates {
            Some(pem) => client.root_certificates(pem).build(),
            None => client.build(),
        }
    }
}

impl fmt::Debug for SenderOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderOptions")
            .field("provider", &self.provider)
            .field("allow_http", &self.allow_http)
            .field("allow_private", &self.allow_private)
            .field("concurrency", &self.concurrency)
            .field("retention", &self.retention)
            .finish_non_exhaustive()
    }
}

const MOST_CONCURRENCY: usize = 10_000;
