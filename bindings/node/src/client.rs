//! Delivering. Everything a delivery needs is owned by it, so JavaScript may change or drop what it passed.

use std::sync::Arc;

use napi::bindgen_prelude::{ClassInstance, PromiseRaw, Uint8Array};
use napi::{Either, Env};
use napi_derive::napi;

use crate::cancellation::{Cancellation, canceled_by};
use crate::endpoint::{Endpoint, allow_private};
use crate::error::{Failure, Result, thrown};
use crate::event::Event;
use crate::time::{duration, millis};

/// Delivers events, over connections that it keeps.
#[napi]
pub struct Client(hookseal::deliver::Client);

/// What a client may do.
#[napi(object, object_to_js = false)]
pub struct ClientOptions {
    /// Whether plain http is allowed.
    pub allow_http: bool,
    /// Which private networks are allowed.
    pub allow_private: Either<bool, Vec<String>>,
    /// Further certificate authorities, in PEM.
    pub ca_certificates: Option<Uint8Array>,
    /// Seconds for a connection.
    pub connect_timeout: Option<f64>,
}

/// What came of a delivery, or why there was none.
#[napi(object, object_from_js = false)]
pub struct Outcome {
    /// What came of it.
    pub delivery: Option<Delivery>,
    /// What was wrong before the first attempt.
    pub failure: Option<Failure>,
}

/// What came of a delivery.
#[napi(object, object_from_js = false)]
pub struct Delivery {
    /// How it ended.
    #[napi(ts_type = "'delivered' | 'failed'")]
    pub status: &'static str,
    /// Every attempt, in order.
    pub attempts: Vec<Attempt>,
    /// Whether the receiver wants no more events.
    pub disable_endpoint: bool,
}

/// One request and its outcome.
#[napi(object, object_from_js = false)]
pub struct Attempt {
    /// Which it was, from 1.
    pub number: u32,
    /// When it began, in milliseconds since 1970.
    pub started_at: f64,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// The status code.
    pub response_code: Option<u32>,
    /// Why there is no complete response.
    pub error: Option<Failure>,
    /// The beginning of the response's body.
    pub response_body: Uint8Array,
    /// Whether the body went on.
    pub response_truncated: bool,
    /// The response's headers.
    pub response_headers: Vec<(String, String)>,
    /// The request's headers.
    pub request_headers: Vec<(String, String)>,
    /// Whether some of the host's addresses were forbidden.
    pub mixed_dns: bool,
    /// Whether the receiver answered 2xx.
    pub succeeded: bool,
}

#[napi]
impl Client {
    /// A client.
    #[napi(constructor, catch_unwind)]
    pub fn new(options: ClientOptions) -> Result<Self> {
        let mut client = hookseal::deliver::Client::builder()
            .allow_http(options.allow_http)
            .allow_private(allow_private(options.allow_private)?);
        if let Some(pem) = &options.ca_certificates {
            client = client.root_certificates(pem);
        }
        if let Some(seconds) = options.connect_timeout {
            client = client.connect_timeout(duration(seconds)?);
        }
        client.build().map(Self).map_err(thrown)
    }

    /// Delivers an event, with retries; never rejects.
    #[napi(catch_unwind, ts_return_type = "Promise<Outcome>")]
    pub fn deliver<'env>(
        &self,
        env: &'env Env,
        endpoint: &Endpoint,
        event: &Event,
        cancellation: Option<ClassInstance<Cancellation>>,
    ) -> napi::Result<PromiseRaw<'env, Outcome>> {
        let (client, endpoint, event) = (self.0.clone(), endpoint.0.clone(), Arc::clone(&event.0));
        let cancellation = canceled_by(cancellation);
        env.spawn_future(async move {
            Ok(match cancellation.or(client.deliver(&endpoint, &event)).await {
                Ok(delivery) => Outcome { delivery: Some(delivery.into()), failure: None },
                Err(error) => Outcome { delivery: None, failure: Some(Failure::from(&error)) },
            })
        })
    }
}

impl From<hookseal::deliver::Delivery> for Delivery {
    fn from(delivery: hookseal::deliver::Delivery) -> Self {
        Self {
            status: delivery.status.as_str(),
            attempts: delivery.attempts.into_iter().map(Attempt::from).collect(),
            disable_endpoint: delivery.disable_endpoint,
        }
    }
}

impl From<hookseal::deliver::Attempt> for Attempt {
    fn from(attempt: hookseal::deliver::Attempt) -> Self {
        Self {
            number: attempt.number,
            started_at: millis(attempt.started_at),
            duration_ms: attempt.duration.as_secs_f64() * 1e3,
            response_code: attempt.response_code.map(u32::from),
            error: attempt.error.as_ref().map(Failure::from),
            succeeded: attempt.succeeded(),
            response_body: attempt.response_body.into(),
            response_truncated: attempt.response_truncated,
            response_headers: attempt.response_headers.to_vec(),
            request_headers: attempt.request_headers.to_vec(),
            mixed_dns: attempt.mixed_dns,
        }
    }
}
