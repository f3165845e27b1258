//! Signing and verifying.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookseal::{HandshakeOptions, SignOptions, Tolerance, VerifyOptions};

use crate::error::{Result, Warning};
use crate::event::Event;
use crate::headers::{Header, lines, records};
use crate::provider::Provider;
use crate::secret::{self, Secret};

/// A provider and its secrets.
#[derive(uniffi::Object)]
pub struct Webhook(pub(crate) hookseal::Webhook);

/// What is known of a request besides its body and headers.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct RequestOptions {
    /// The time to compare timestamps with; the system's clock if nothing is given.
    #[uniffi(default = None)]
    pub now: Option<SystemTime>,
    /// The url as it is registered with the provider, where it is signed.
    #[uniffi(default = None)]
    pub url: Option<String>,
    /// The request's method, where it is signed.
    #[uniffi(default = None)]
    pub method: Option<String>,
}

/// What a signature may be given besides the body.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct SignatureOptions {
    /// The event's id, where it has a header; a random one if nothing is given.
    #[uniffi(default = None)]
    pub id: Option<String>,
    /// The time to sign; the system's clock if nothing is given.
    #[uniffi(default = None)]
    pub timestamp: Option<SystemTime>,
    /// The event's type, where it has a header.
    #[uniffi(default = None)]
    pub event_type: Option<String>,
    /// The url of the receiver, where it is signed.
    #[uniffi(default = None)]
    pub url: Option<String>,
    /// The request's method, where it is signed.
    #[uniffi(default = None)]
    pub method: Option<String>,
}

/// What to answer a vendor's handshake.
#[derive(Clone, uniffi::Record)]
pub struct HandshakeAnswer {
    /// The status of the response.
    pub status: u16,
    /// Every header of the response.
    pub headers: Vec<Header>,
    /// The body of the response.
    pub body: String,
    /// The secret that the vendor gives away in this request, and nowhere else.
    pub secret: Option<Arc<Secret>>,
}

#[uniffi::export]
impl Webhook {
    /// A provider and its secrets, newest first; `past` and `future` are the tolerance.
    #[uniffi::constructor]
    pub fn new(
        provider: &Provider,
        secrets: Vec<Arc<Secret>>,
        past: Option<Duration>,
        future: Option<Duration>,
    ) -> Result<Arc<Self>> {
        let webhook = hookseal::Webhook::with_provider(&provider.0, &secret::all(&secrets))?;
        let (Some(past), Some(future)) = (past, future) else { return Ok(Arc::new(Self(webhook))) };
        Ok(Arc::new(Self(webhook.with_tolerance(Tolerance { past, future }))))
    }

    /// Verifies a request and returns its event.
    pub fn verify(&self, body: Vec<u8>, headers: Vec<Header>, options: RequestOptions) -> Result<Arc<Event>> {
        Ok(Event::of(self.0.verify_with(body, &lines(headers), &options.verify())?))
    }

    /// Every header to send with a body.
    pub fn sign(&self, body: Vec<u8>, options: SignatureOptions) -> Result<Vec<Header>> {
        Ok(records(self.0.sign_with(&body, &options.as_core())?))
    }

    /// Every header to send with an event.
    pub fn sign_event(&self, event: &Event, options: SignatureOptions) -> Result<Vec<Header>> {
        Ok(records(self.0.sign_event(&event.0, &options.as_core())?))
    }

    /// The answer to a vendor's handshake; nothing if the request is none.
    pub fn handshake(
        &self,
        body: Vec<u8>,
        headers: Vec<Header>,
        options: RequestOptions,
        verify_token: Option<String>,
    ) -> Result<Option<HandshakeAnswer>> {
        let options = options.handshake(verify_token.as_deref());
        let answer = self.0.handshake(body, &lines(headers), &options)?;
        Ok(answer.map(HandshakeAnswer::of).transpose()?)
    }

    /// The names of the headers it reads, in lower case.
    pub fn header_names(&self) -> Result<Vec<String>> {
        Ok(self.0.header_names().to_vec())
    }

    /// What is questionable about its secrets.
    pub fn warnings(&self) -> Result<Vec<Warning>> {
        Ok(self.0.warnings().iter().map(Warning::from).collect())
    }

    /// Its provider.
    pub fn provider(&self) -> Result<Arc<Provider>> {
        Ok(Provider::of(Arc::clone(self.0.provider())))
    }
}

impl RequestOptions {
    pub(crate) fn verify(&self) -> VerifyOptions<'_> {
        VerifyOptions { now: self.now, url: self.url.as_deref(), method: self.method.as_deref() }
    }

    pub(crate) fn handshake<'o>(&'o self, verify_token: Option<&'o str>) -> HandshakeOptions<'o> {
        let VerifyOptions { now, url, method } = self.verify();
        HandshakeOptions { method, url, verify_token, now }
    }
}

impl SignatureOptions {
    fn as_core(&self) -> SignOptions<'_> {
        SignOptions {
            id: self.id.as_deref(),
            timestamp: self.timestamp,
            event_type: self.event_type.as_deref(),
            url: self.url.as_deref(),
            method: self.method.as_deref(),
        }
    }
}

impl HandshakeAnswer {
    pub(crate) fn of(answer: hookseal::HandshakeAnswer) -> hookseal::Result<Self> {
        Ok(Self {
            status: answer.status(),
            headers: records(answer.headers().iter().cloned()),
            body: answer.body().to_owned(),
            secret: answer.secret()?.map(Secret::of),
        })
    }
}
