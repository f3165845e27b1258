//! What an endpoint's row says, read and opened.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::seal::{Purpose, Sealer};
use crate::deliver::{AllowPrivate, Endpoint};
use crate::error::{Code, Error, Result};
use crate::provider::Provider;
use crate::retry::RetryPolicy;
use crate::secret::Secret;

/// What a user sets beside url, name, events, tenant, order and headers; stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) concurrency: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate_limit: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retry: Option<Retry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) allow_http: Option<bool>,
    /// `["*"]` for all, `[]` for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) allow_private: Option<Vec<String>>,
}

/// A retry policy as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retry {
    delays_ms: Vec<u64>,
    #[serde(default)]
    jitter: f64,
    #[serde(default)]
    disable_on: Vec<u16>,
}

impl Settings {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|_| Error::new(Code::StoreSchema, "The store has endpoint settings of a newer version."))
    }

    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("numbers, booleans and strings are JSON")
    }

    /// The endpoint with these settings; fails if a setting makes no sense.
    pub(crate) fn endpoint(
        &self,
        url: &str,
        provider: &Arc<Provider>,
        secrets: &[Secret],
        headers: &[(String, String)],
    ) -> Result<Endpoint> {
        let mut endpoint = Endpoint::new(url, provider, secrets)?;
        if let Some(timeout) = self.timeout_ms {
            endpoint = endpoint.timeout(Duration::from_millis(timeout))?;
        }
        if self.concurrency == Some(0) {
            return Err(Error::argument("An endpoint's concurrency is at least 1."));
        }
        if self.rate_limit.is_some_and(|rate| !(rate.is_finite() && rate >= SLOWEST_RATE)) {
            return Err(Error::argument("An endpoint's rate limit is at least one request in 1000 seconds."));
        }
        if let Some(retry) = &self.retry {
            endpoint = endpoint.retry(retry.policy()?);
        }
        if let Some(allow) = self.allow_http {
            endpoint = endpoint.allow_http(allow);
        }
        if let Some(allow) = self.allow_private()? {
            endpoint = endpoint.allow_private(allow);
        }
        headers.iter().try_fold(endpoint, |endpoint, (name, value)| endpoint.header(name, value))
    }

    pub(crate) fn allow_private(&self) -> Result<Option<AllowPrivate>> {
        Ok(match self.allow_private.as_deref() {
            None => None,
            Some([]) => Some(AllowPrivate::No),
            Some([all]) if all == "*" => Some(AllowPrivate::All),
            Some(networks) => Some(AllowPrivate::only(networks)?),
        })
    }
}

impl Retry {
    pub(crate) fn new(policy: &RetryPolicy) -> Self {
        let millis = |delay: &Duration| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        Self {
            delays_ms: policy.delays().iter().map(millis).collect(),
            jitter: policy.jitter(),
            disable_on: policy.disable_on().to_vec(),
        }
    }

    pub(crate) fn policy(&self) -> Result<RetryPolicy> {
        let delays: Vec<_> = self.delays_ms.iter().copied().map(Duration::from_millis).collect();
        Ok(RetryPolicy::from_delays(delays)?
            .with_jitter(self.jitter)?
            .with_disable_on(self.disable_on.clone()))
    }
}

/// [`AllowPrivate`] as it is stored.
pub(crate) fn networks(allow: &AllowPrivate) -> Vec<String> {
    match allow {
        AllowPrivate::No => Vec::new(),
        AllowPrivate::All => vec!["*".to_owned()],
        AllowPrivate::Only(networks) => networks.iter().map(ToString::to_string).collect(),
    }
}

pub(crate) fn seal_headers(headers: &[(String, String)], sealer: &Sealer) -> Result<Vec<u8>> {
    if headers.is_empty() {
        return Ok(Vec::new());
    }
    let text = serde_json::to_vec(headers).expect("strings are JSON");
    sealer.seal(&text, Purpose::Headers)
}

pub(crate) fn open_headers(stored: &[u8], sealer: &Sealer) -> Result<Vec<(String, String)>> {
    if stored.is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_slice(&sealer.open(stored, Purpose::Headers)?)
        .map_err(|_| Error::new(Code::StoreCorrupt, "An endpoint's headers in the store are damaged."))
}

/// Requests on their way to one endpoint, if it does not say otherwise.
pub(crate) const CONCURRENCY: u32 = 16;
const SLOWEST_RATE: f64 = 0.001;
