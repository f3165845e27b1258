//! Where events are delivered to.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use url::Url;

use super::address::AllowPrivate;
use super::egress::{self, EgressPolicy};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::provider::{LONGEST_TIMEOUT, Provider};
use crate::retry::RetryPolicy;
use crate::secret::Secret;
use crate::webhook::{SignOptions, Webhook};

/// A url that wants events, with its secrets and how it is treated.
///
/// Timeout and retries are the provider's until they are set.
#[derive(Clone)]
pub struct Endpoint {
    url: Url,
    provider: Arc<Provider>,
    webhook: Arc<Webhook>,
    timeout: Duration,
    retry: RetryPolicy,
    headers: HeaderMap,
    allow_http: Option<bool>,
    allow_private: Option<AllowPrivate>,
}

impl Endpoint {
    /// An endpoint of this provider's kind; the first secret is the newest and signs. Without secrets events go
    /// unsigned, where the provider does that at all.
    ///
    /// # Errors
    /// `invalid_url` if the url is no http(s) url, or has a user name, a password or a fragment;
    /// `invalid_secret` if a secret is not a key of the provider's kind or none is given where one is needed.
    /// Whether plain http and private addresses are allowed is checked when it is delivered to.
    pub fn new(url: &str, provider: &Arc<Provider>, secrets: &[Secret]) -> Result<Self> {
        let url = egress::parse(url)?;
        let webhook = match secrets {
            [] if provider.secret_optional() => Webhook::unsigned(provider),
            _ => Webhook::with_provider(provider, secrets)?,
        };
        Ok(Self {
            url,
            provider: Arc::clone(provider),
            webhook: Arc::new(webhook),
            timeout: provider.timeout(),
            retry: provider.retry().clone(),
            headers: HeaderMap::new(),
            allow_http: None,
            allow_private: None,
        })
    }

    /// The time for a whole attempt, from looking up the host to the last byte of the response.
    ///
    /// # Errors
    /// `invalid_argument` if it is zero or longer than five minutes.
    pub fn timeout(self, timeout: Duration) -> Result<Self> {
        if timeout.is_zero() || timeout > LONGEST_TIMEOUT {
            return Err(Error::argument(format!(
                "The timeout of an attempt is more than 0 and at most {} s, not {} s.",
                LONGEST_TIMEOUT.as_secs(),
                timeout.as_secs_f64()
            )));
        }
        Ok(Self { timeout, ..self })
    }

    /// Whether plain http is allowed here, whatever the client says and even where the provider delivers to https
    /// only.
    pub fn allow_http(self, allow: bool) -> Self {
        Self { allow_http: Some(allow), ..self }
    }

    /// The private networks allowed here, whatever the client says.
    pub fn allow_private(self, allow: AllowPrivate) -> Self {
        Self { allow_private: Some(allow), ..self }
    }

    /// Adds a header to every request, such as `authorization`; it replaces one of the same name. Its value is
    /// not shown in attempts.
    ///
    /// # Errors
    /// `invalid_argument` if it is no header, is one of the provider's, or is one that frames the request.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self> {
        let key = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Error::argument(format!("{name:?} is not the name of a header.")))?;
        let ours = self.webhook.header_names();
        if RESERVED.contains(&key.as_str()) || ours.iter().any(|ours| ours == key.as_str()) {
            return Err(Error::argument(format!(
                "The header {key} is set by Hookseal and cannot be replaced."
            )));
        }
        // The value is not quoted: it is most likely a token.
        let printable = value.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_control());
        let (true, Ok(mut value)) = (printable, HeaderValue::from_str(value)) else {
            return Err(Error::argument(format!("The value of the header {key} is not printable ASCII.")));
        };
        value.set_sensitive(true);
        self.headers.insert(key, value);
        Ok(self)
    }

    /// When to try again, in place of the provider's policy: its delays, and its codes that disable the endpoint.
    pub fn retry(self, retry: RetryPolicy) -> Self {
        Self { retry, ..self }
    }

    /// The url, in the spelling that is signed and dialled.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The provider whose conventions are followed.
    pub fn provider(&self) -> &Arc<Provider> {
        &self.provider
    }

    pub(crate) fn attempt_timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn retry_policy(&self) -> &RetryPolicy {
        &self.retry
    }

    /// What may be talked to: the endpoint's word where it has one, else the client's.
    pub(crate) fn egress(&self, client: &EgressPolicy) -> EgressPolicy {
        EgressPolicy {
            allow_http: self.allow_http.unwrap_or(client.allow_http),
            allow_private: self.allow_private.as_ref().unwrap_or(&client.allow_private).clone(),
        }
    }

    /// The headers of a request that leaves now. The signature is as fresh as its timestamp; the id stays.
    pub(crate) fn request_headers<B: AsRef<[u8]>>(
        &self,
        event: &Event<B>,
        now: SystemTime,
    ) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("hookseal/", env!("CARGO_PKG_VERSION"))));
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        let options = SignOptions {
            timestamp: Some(now),
            url: Some(self.url.as_str()),
            method: Some("POST"),
            ..SignOptions::default()
        };
        for (name, value) in self.webhook.sign_event(event, &options)? {
            let (Ok(key), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value))
            else {
                return Err(Error::argument(format!(
                    "What the event puts into the header {name} cannot stand in one."
                )));
            };
            headers.insert(key, value);
        }
        Ok(headers)
    }
}

impl fmt::Debug for Endpoint {
    /// Paths and queries of urls often hold tokens, so only the origin is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("origin", &self.url.origin().ascii_serialization())
            .field("provider", &self.provider.id())
            .finish_non_exhaustive()
    }
}

/// Headers that decide where a request goes or where it ends.
const RESERVED: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
