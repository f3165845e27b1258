//! The way out: takes an endpoint and an event, and tells what came of it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::address::AllowPrivate;
use super::attempt::{Outgoing, Wire};
use super::connect::Connector;
use super::delivery::{Attempt, Delivery, DeliveryStatus};
use super::egress::EgressPolicy;
use super::endpoint::Endpoint;
use super::host::{Host, Transport};
use super::resolve::{Resolver, System};
use super::tls;
use super::transport::Http;
use crate::error::Result;
use crate::event::Event;
use crate::retry::Next;

/// Delivers events, over connections that it keeps for the next ones. Clones share them.
///
/// It belongs to the tokio runtime it is first used in.
#[derive(Clone)]
pub struct Client {
    egress: EgressPolicy,
    wire: Arc<Wire>,
}

impl Client {
    /// A client that delivers to https and public addresses.
    ///
    /// # Errors
    /// None that depends on the caller.
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }

    /// A client that is told otherwise.
    pub fn builder() -> ClientBuilder {
        ClientBuilder {
            egress: EgressPolicy::default(),
            roots: None,
            connect_timeout: CONNECT_TIMEOUT,
            resolver: Arc::new(System),
            transport: None,
        }
    }

    /// Delivers an event, with retries, and returns when it was accepted or has failed for good.
    ///
    /// Waiting happens in this call, for as long as the policy says (a day and more with some providers); a
    /// program that ends meanwhile has not delivered. What goes wrong in an attempt is told in the
    /// [`Delivery`]; to cancel, drop the future.
    ///
    /// # Errors
    /// What is wrong before the first attempt: `invalid_url` for plain http without `allow_http`,
    /// `blocked_address` for a private host without `allow_private`, and errors of signing.
    pub async fn deliver<B: AsRef<[u8]>>(&self, endpoint: &Endpoint, event: &Event<B>) -> Result<Delivery> {
        let body = Bytes::copy_from_slice(event.body());
        let mut attempts = Vec::new();
        let mut number = 0;
        loop {
            number += 1;
            let attempt = self.send(endpoint, event, body.clone(), number, SystemTime::now()).await?;
            let outcome = attempt.outcome();
            attempts.push(attempt);
            // Delays run from the end of the failed attempt.
            let now = SystemTime::now();
            let (status, disable_endpoint) =
                match endpoint.retry_policy().next_by(number, &outcome, now, chance) {
                    Next::RetryAt(at) => {
                        tokio::time::sleep(at.duration_since(now).unwrap_or_default()).await;
                        continue;
                    }
                    Next::Done => (DeliveryStatus::Delivered, false),
                    Next::GiveUp => (DeliveryStatus::Failed, false),
                    Next::Disable => (DeliveryStatus::Failed, true),
                };
            return Ok(Delivery { status, attempts, disable_endpoint });
        }
    }

    /// Makes one attempt, without retries.
    ///
    /// # Errors
    /// As [`deliver`](Self::deliver): only what is wrong before anything is sent.
    pub async fn attempt<B: AsRef<[u8]>>(&self, endpoint: &Endpoint, event: &Event<B>) -> Result<Attempt> {
        self.send(endpoint, event, Bytes::copy_from_slice(event.body()), 1, SystemTime::now()).await
    }

    /// What this client allows to endpoints that do not say otherwise.
    #[cfg(feature = "sender")]
    pub(crate) fn egress(&self) -> &EgressPolicy {
        &self.egress
    }

    /// Makes attempt `number`, signed as of `now`; `body` is the event's.
    pub(crate) async fn send<B: AsRef<[u8]>>(
        &self,
        endpoint: &Endpoint,
        event: &Event<B>,
        body: Bytes,
        number: u32,
        now: SystemTime,
    ) -> Result<Attempt> {
        // Before every attempt: policies may differ from one to the next.
        let egress = endpoint.egress(&self.egress);
        egress.check_parsed(endpoint.url())?;
        let outgoing = Outgoing {
            url: endpoint.url(),
            headers: endpoint.request_headers(event, now)?,
            body,
            allow_private: &egress.allow_private,
            timeout: endpoint.attempt_timeout(),
        };
        let attempt = outgoing.send(&self.wire, number, now).await;
        tracing::debug!(
            provider = endpoint.provider().id(),
            host = endpoint.url().host_str(),
            number,
            status = attempt.response_code,
            error = attempt.error.as_ref().map(|error| error.code().as_str()),
            mixed_dns = attempt.mixed_dns,
            duration_ms = u64::try_from(attempt.duration.as_millis()).ok(),
            "attempted a delivery"
        );
        Ok(attempt)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("egress", &self.egress).finish_non_exhaustive()
    }
}

/// What a [`Client`] may do; see [`Client::builder`].
#[must_use = "a builder does nothing until it is built"]
pub struct ClientBuilder {
    egress: EgressPolicy,
    roots: Option<Vec<u8>>,
    connect_timeout: Duration,
    resolver: Arc<dyn Resolver>,
    transport: Option<Arc<dyn Transport>>,
}

impl ClientBuilder {
    /// Allows plain http to every endpoint that does not say otherwise.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.egress.allow_http = allow;
        self
    }

    /// Allows private networks to every endpoint that does not say otherwise.
    pub fn allow_private(mut self, allow: AllowPrivate) -> Self {
        self.egress.allow_private = allow;
        self
    }

    /// Trusts these certificate authorities (PEM, one or several) besides the public ones.
    pub fn root_certificates(mut self, pem: &[u8]) -> Self {
        self.roots = Some(pem.to_vec());
        self
    }

    /// The time for name, TCP and TLS together, 10 seconds by default. An attempt's own timeout ends it earlier
    /// where it is shorter.
    pub fn connect_timeout(self, connect_timeout: Duration) -> Self {
        Self { connect_timeout, ..self }
    }

    /// Resolves names by this instead of the operating system.
    pub fn resolver(self, resolver: impl Resolver) -> Self {
        Self { resolver: Arc::new(resolver), ..self }
    }

    /// Makes requests by this instead of by dialling itself. Certificate authorities and the connect timeout are
    /// its own then; the egress rules and the deadline of an attempt are not.
    pub fn transport(self, transport: Arc<dyn Transport>) -> Self {
        Self { transport: Some(transport), ..self }
    }

    /// The client.
    ///
    /// # Errors
    /// `invalid_argument` if the root certificates cannot be read.
    pub fn build(self) -> Result<Client> {
        let roots = self.roots.as_deref().map(tls::certificates).transpose()?;
        let wire = match self.transport {
            Some(transport) => Wire::Host(Host { transport, resolver: self.resolver }),
            None => Wire::Http(Http::new(Connector {
                tls: Arc::new(tls::config(roots.unwrap_or_default())?),
                resolver: self.resolver,
                timeout: self.connect_timeout,
            })),
        };
        Ok(Client { egress: self.egress, wire: Arc::new(wire) })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("egress", &self.egress).finish_non_exhaustive()
    }
}

/// A number from 0 to 1 that says where within its jitter a retry falls; if there is no randomness to be had,
/// retries come as early as they may.
fn chance() -> f64 {
    getrandom::u32().map_or(0.0, |random| f64::from(random) / f64::from(u32::MAX))
}

/// Leaves time for a second address within the shortest of the providers' timeouts.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
