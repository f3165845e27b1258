//! How a sender is set up.

use std::sync::Arc;
use std::time::Duration;

use hookseal::{sender, store};

use crate::endpoint::AllowPrivate;
use crate::error::Result;
use crate::provider::Provider;
use crate::time::{from_millis, whole_millis};
use crate::transport::{Foreign, Transport};

/// What a sender may do. What is missing has the core's default.
#[derive(Clone, Debug, uniffi::Record)]
pub struct SenderOptions {
    /// Whether plain http is allowed.
    #[uniffi(default = false)]
    pub allow_http: bool,
    /// Which private networks are allowed; none if nothing is given.
    #[uniffi(default = None)]
    pub allow_private: Option<AllowPrivate>,
    /// Further certificate authorities, in PEM.
    #[uniffi(default = None)]
    pub ca_certificates: Option<Vec<u8>>,
    /// Whether events that are not in the provider's catalog are refused.
    #[uniffi(default = false)]
    pub strict: bool,
    /// The largest body in bytes: 1 MiB.
    #[uniffi(default = None)]
    pub max_body: Option<u64>,
    /// The most requests on their way at once: 256.
    #[uniffi(default = None)]
    pub concurrency: Option<u32>,
    /// How long things are kept.
    #[uniffi(default = None)]
    pub retention: Option<RetentionRule>,
}

/// How long things are kept.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum RetentionRule {
    /// For ever.
    Forever,
    /// As long as this says.
    Limited {
        /// The times.
        retention: Retention,
    },
}

/// How long each kind of thing is kept.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Retention {
    /// Deliveries of a disabled endpoint.
    pub held: Duration,
    /// Attempts.
    pub attempts: Duration,
    /// Bodies.
    pub bodies: Duration,
    /// Deliveries.
    pub deliveries: Duration,
    /// Ids that must not come twice.
    pub ids: Duration,
    /// What was counted.
    pub usage: Duration,
}

/// How long things are kept unless something else is said.
#[uniffi::export]
pub fn default_retention() -> Result<Retention> {
    let defaults = store::Retention::default();
    Ok(Retention {
        held: from_millis(defaults.held),
        attempts: from_millis(defaults.attempts),
        bodies: from_millis(defaults.bodies),
        deliveries: from_millis(defaults.deliveries),
        ids: from_millis(defaults.ids),
        usage: from_millis(defaults.usage),
    })
}

impl SenderOptions {
    pub(crate) fn into_core(
        self,
        provider: &Provider,
        key: Option<hookseal::Secret>,
        transport: Option<Arc<dyn Transport>>,
    ) -> hookseal::Result<sender::SenderOptions> {
        let mut options = sender::SenderOptions::new(&provider.0);
        options.key = key;
        options.allow_http = self.allow_http;
        if let Some(allow) = self.allow_private {
            options.allow_private = allow.into_core()?;
        }
        options.root_certificates = self.ca_certificates;
        options.strict_events = self.strict;
        if let Some(bytes) = self.max_body {
            options.max_body = usize::try_from(bytes).unwrap_or(usize::MAX);
        }
        if let Some(concurrency) = self.concurrency {
            options.concurrency = concurrency as usize;
        }
        match self.retention {
            None => {}
            Some(RetentionRule::Forever) => options.retention = None,
            Some(RetentionRule::Limited { retention }) => options.retention = Some(retention.into_core()),
        }
        if let Some(transport) = transport {
            options.transport = Some(Arc::new(Foreign(transport)));
        }
        Ok(options)
    }
}

impl Retention {
    fn into_core(self) -> store::Retention {
        store::Retention {
            held: whole_millis(self.held),
            attempts: whole_millis(self.attempts),
            bodies: whole_millis(self.bodies),
            deliveries: whole_millis(self.deliveries),
            ids: whole_millis(self.ids),
            usage: whole_millis(self.usage),
        }
    }
}
