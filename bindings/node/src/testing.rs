//! Requests and a receiver for tests.

use hookseal::testing as core;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::error::{Result, invalid_argument, thrown};
use crate::provider::Provider;
use crate::secret::Secret;
use crate::time::{duration, millis, optional_instant};

/// What a request for a test may be given.
#[napi(object, object_to_js = false)]
pub struct SignedRequestOptions {
    /// The type of the event.
    pub event_type: Option<String>,
    /// The JSON of its data.
    pub data: Option<String>,
    /// The body as it is.
    pub body: Option<Uint8Array>,
    /// The event's id.
    pub id: Option<String>,
    /// Whose it is.
    pub tenant: Option<String>,
    /// When it is sent, in milliseconds since 1970.
    pub now: Option<f64>,
    /// The url of the receiver.
    pub url: Option<String>,
    /// The method.
    pub method: Option<String>,
}

/// A request for a test, or a variant of it.
#[napi]
pub struct SignedRequest(core::SignedRequest);

/// What is known about such a request.
#[napi(object, object_from_js = false)]
pub struct SignedRequestFacts {
    /// The method.
    pub method: String,
    /// The url it is sent to.
    pub url: String,
    /// Every header.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Uint8Array,
    /// The event's id.
    pub id: String,
    /// When it is sent, in milliseconds since 1970.
    pub now: f64,
    /// The code of the error it is refused with.
    pub expected: Option<&'static str>,
}

#[napi]
impl SignedRequest {
    /// A request of a provider.
    #[napi(factory, catch_unwind)]
    pub fn of(provider: &Provider, secret: &Secret, options: SignedRequestOptions) -> Result<Self> {
        let options = core::RequestOptions {
            event_type: options.event_type.as_deref(),
            data: options.data.as_deref(),
            body: options.body.as_deref(),
            id: options.id.as_deref(),
            tenant: options.tenant.as_deref(),
            now: optional_instant(options.now)?,
            url: options.url.as_deref(),
            method: options.method.as_deref(),
        };
        core::SignedRequest::new(&provider.0, &secret.0, &options).map(Self).map_err(thrown)
    }

    /// What is known about it.
    #[napi(catch_unwind)]
    pub fn facts(&self) -> SignedRequestFacts {
        SignedRequestFacts {
            method: self.0.method().to_owned(),
            url: self.0.url().to_owned(),
            headers: self.0.headers().to_vec(),
            body: self.0.body().to_vec().into(),
            id: self.0.id().to_owned(),
            now: millis(self.0.now()),
            expected: self.0.expected().map(hookseal::Code::as_str),
        }
    }

    /// The variant of this name.
    #[napi(catch_unwind)]
    pub fn variant(&self, name: String) -> Result<Self> {
        let variant = core::Variant::parse(&name);
        let variant = variant.ok_or_else(|| invalid_argument(format!("There is no variant \"{name}\".")))?;
        self.0.variant(variant).map(Self).map_err(thrown)
    }

    /// The names of the variants that this provider has.
    #[napi(catch_unwind)]
    pub fn variants(&self) -> Result<Vec<&'static str>> {
        let variants = self.0.variants().map_err(thrown)?;
        Ok(variants.into_iter().map(|(variant, _)| variant.as_str()).collect())
    }

    /// The same signed with another secret.
    #[napi(catch_unwind)]
    pub fn rotated(&self, secret: &Secret) -> Result<Self> {
        self.0.rotated(&secret.0).map(Self).map_err(thrown)
    }
}

/// How a recorder replies.
#[napi(object, object_to_js = false)]
pub struct Reply {
    /// Whether it answers, closes the connection, or does nothing.
    #[napi(ts_type = "'answer' | 'refuse' | 'hang'")]
    pub kind: String,
    /// The status of the answer.
    pub status: u32,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Option<Uint8Array>,
    /// Seconds before it.
    pub delay: f64,
    /// How many requests are replied to so; all if nothing is given.
    pub times: Option<u32>,
}

/// A request that was recorded.
#[napi(object, object_from_js = false)]
pub struct RecordedRequest {
    /// The method.
    pub method: String,
    /// The path and query.
    pub target: String,
    /// Every header line.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Uint8Array,
    /// When it had come, in milliseconds since 1970.
    pub at: f64,
}

/// An HTTP server that records requests.
#[napi]
pub struct Recorder(core::Recorder);

#[napi]
impl Recorder {
    /// Begins to listen.
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Result<Self> {
        core::Recorder::start().map(Self).map_err(thrown)
    }

    /// Where it listens.
    #[napi(catch_unwind)]
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// How many requests have come.
    #[napi(catch_unwind)]
    pub fn count(&self) -> u32 {
        self.0.count().try_into().unwrap_or(u32::MAX)
    }

    /// What has come.
    #[napi(catch_unwind)]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        let requests = self.0.requests().into_iter();
        requests
            .map(|core::RecordedRequest { method, target, headers, body, at }| RecordedRequest {
                method,
                target,
                headers,
                body: body.into(),
                at: millis(at),
            })
            .collect()
    }

    /// How to reply.
    #[napi(catch_unwind)]
    pub fn reply(&self, reply: Reply) -> Result<()> {
        let status = u16::try_from(reply.status).ok().filter(|status| (200..600).contains(status));
        let status = status.ok_or_else(|| invalid_argument("A status lies between 200 and 599."))?;
        let made = match reply.kind.as_str() {
            "refuse" => core::Reply::refuse(),
            "hang" => core::Reply::hang(),
            _ => core::Reply::status(status).with_body(reply.body.as_deref().unwrap_or_default()),
        };
        let made = reply.headers.iter().fold(made, |made, (name, value)| made.with_header(name, value));
        self.0.reply(made.with_delay(duration(reply.delay)?), reply.times);
        Ok(())
    }

    /// Forgets what has come.
    #[napi(catch_unwind)]
    pub fn clear(&self) {
        self.0.clear();
    }

    /// Stops listening.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.0.close();
    }
}
