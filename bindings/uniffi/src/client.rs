//! Delivering.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookseal::deliver;

use crate::cancellation::Cancellation;
use crate::endpoint::{AllowPrivate, Endpoint};
use crate::error::{Failure, Result};
use crate::event::Event;
use crate::headers::{Header, records};
use crate::runtime;
use crate::transport::{Foreign, Transport};

/// Delivers events, over connections that it keeps.
#[derive(uniffi::Object)]
pub struct Client(deliver::Client);

/// What a client may do.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ClientOptions {
    /// Whether plain http is allowed.
    #[uniffi(default = false)]
    pub allow_http: bool,
    /// Which private networks are allowed; none if nothing is given.
    #[uniffi(default = None)]
    pub allow_private: Option<AllowPrivate>,
    /// Further certificate authorities, in PEM.
    #[uniffi(default = None)]
    pub ca_certificates: Option<Vec<u8>>,
    /// For name, TCP and TLS together.
    #[uniffi(default = None)]
    pub connect_timeout: Option<Duration>,
}

/// What came of a delivery.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Delivery {
    /// Whether the receiver accepted the event.
    pub delivered: bool,
    /// Every attempt, in order; there is at least one.
    pub attempts: Vec<Attempt>,
    /// Whether the receiver asked for no more events.
    pub disable_endpoint: bool,
}

/// One request and its outcome.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Attempt {
    /// Which attempt of its delivery, from 1.
    pub number: u32,
    /// When it began.
    pub started_at: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// The status code, if the receiver got as far as answering.
    pub response_code: Option<u16>,
    /// Why there is no complete response.
    pub error: Option<Failure>,
    /// The response's body, as far as it was read.
    pub response_body: Vec<u8>,
    /// Whether the body went on.
    pub response_truncated: bool,
    /// The response's headers.
    pub response_headers: Vec<Header>,
    /// The headers that were sent.
    pub request_headers: Vec<Header>,
    /// Whether some of the host's addresses were forbidden.
    pub mixed_dns: bool,
    /// Whether the receiver answered 2xx, completely and in time.
    pub succeeded: bool,
}

#[uniffi::export]
impl Client {
    /// A client; with a transport of the host's own, or with Hookseal's.
    #[uniffi::constructor]
    pub fn new(options: ClientOptions, transport: Option<Arc<dyn Transport>>) -> Result<Arc<Self>> {
        let mut client = deliver::Client::builder().allow_http(options.allow_http);
        if let Some(allow) = options.allow_private {
            client = client.allow_private(allow.into_core()?);
        }
        if let Some(pem) = &options.ca_certificates {
            client = client.root_certificates(pem);
        }
        if let Some(timeout) = options.connect_timeout {
            client = client.connect_timeout(timeout);
        }
        if let Some(transport) = transport {
            client = client.transport(Arc::new(Foreign(transport)));
        }
        Ok(Arc::new(Self(client.build()?)))
    }

    /// Delivers an event, with retries, until it was accepted, has failed for good, or is canceled.
    pub async fn deliver(
        &self,
        endpoint: &Endpoint,
        event: &Event,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<Delivery> {
        let (client, endpoint, event) = (self.0.clone(), endpoint.0.clone(), Arc::clone(&event.0));
        let delivered = async move { client.deliver(&endpoint, &event).await.map(Delivery::from) };
        runtime::run_until(cancellation, delivered).await
    }
}

impl From<deliver::Delivery> for Delivery {
    fn from(delivery: deliver::Delivery) -> Self {
        Self {
            delivered: delivery.delivered(),
            attempts: delivery.attempts.into_iter().map(Attempt::from).collect(),
            disable_endpoint: delivery.disable_endpoint,
        }
    }
}

impl From<deliver::Attempt> for Attempt {
    fn from(attempt: deliver::Attempt) -> Self {
        Self {
            number: attempt.number,
            started_at: attempt.started_at,
            duration: attempt.duration,
            response_code: attempt.response_code,
            error: attempt.error.as_ref().map(Failure::from),
            succeeded: attempt.succeeded(),
            response_body: attempt.response_body,
            response_truncated: attempt.response_truncated,
            response_headers: records(attempt.response_headers.to_vec()),
            request_headers: records(attempt.request_headers.to_vec()),
            mixed_dns: attempt.mixed_dns,
        }
    }
}
