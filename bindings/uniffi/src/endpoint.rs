//! Endpoints.

use std::sync::Arc;
use std::time::Duration;

use hookseal::deliver;

use crate::error::Result;
use crate::headers::Header;
use crate::provider::Provider;
use crate::retry::RetryPolicy;
use crate::secret::{self, Secret};

/// Where events are delivered.
#[derive(uniffi::Object)]
pub struct Endpoint(pub(crate) deliver::Endpoint);

/// How an endpoint differs from what its provider and the client say.
#[derive(Clone, Debug, uniffi::Record)]
pub struct EndpointOptions {
    /// For a whole attempt.
    #[uniffi(default = None)]
    pub timeout: Option<Duration>,
    /// When to try again.
    #[uniffi(default = None)]
    pub retry: Option<RetryPolicy>,
    /// Headers for every request, such as `authorization`; their values are never shown.
    #[uniffi(default = [])]
    pub headers: Vec<Header>,
    /// Whether plain http is allowed here.
    #[uniffi(default = None)]
    pub allow_http: Option<bool>,
    /// The private networks allowed here.
    #[uniffi(default = None)]
    pub allow_private: Option<AllowPrivate>,
}

/// The private networks that events may be delivered to.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum AllowPrivate {
    /// None: only public addresses.
    No,
    /// All but those of metadata services.
    All,
    /// These.
    Only {
        /// In CIDR notation, such as `10.0.0.0/8`.
        networks: Vec<String>,
    },
}

#[uniffi::export]
impl Endpoint {
    /// An endpoint; the first secret is the newest.
    #[uniffi::constructor]
    pub fn new(
        url: String,
        provider: &Provider,
        secrets: Vec<Arc<Secret>>,
        options: EndpointOptions,
    ) -> Result<Arc<Self>> {
        let mut endpoint = deliver::Endpoint::new(&url, &provider.0, &secret::all(&secrets))?;
        if let Some(timeout) = options.timeout {
            endpoint = endpoint.timeout(timeout)?;
        }
        if let Some(policy) = options.retry {
            endpoint = endpoint.retry(policy.into_core()?);
        }
        for Header { name, value } in &options.headers {
            endpoint = endpoint.header(name, value)?;
        }
        if let Some(allow) = options.allow_http {
            endpoint = endpoint.allow_http(allow);
        }
        if let Some(allow) = options.allow_private {
            endpoint = endpoint.allow_private(allow.into_core()?);
        }
        Ok(Arc::new(Self(endpoint)))
    }

    /// The url, in the spelling that is signed and dialled.
    pub fn url(&self) -> Result<String> {
        Ok(self.0.url().to_string())
    }
}

impl AllowPrivate {
    pub(crate) fn into_core(self) -> hookseal::Result<deliver::AllowPrivate> {
        match self {
            Self::No => Ok(deliver::AllowPrivate::No),
            Self::All => Ok(deliver::AllowPrivate::All),
            Self::Only { networks } => deliver::AllowPrivate::only(networks),
        }
    }
}

impl From<deliver::AllowPrivate> for AllowPrivate {
    fn from(allow: deliver::AllowPrivate) -> Self {
        match allow {
            deliver::AllowPrivate::No => Self::No,
            deliver::AllowPrivate::All => Self::All,
            deliver::AllowPrivate::Only(networks) => {
                Self::Only { networks: networks.iter().map(ToString::to_string).collect() }
            }
        }
    }
}
