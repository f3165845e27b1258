//! A request as it comes in: its body read, its url as it is registered, and what a webhook says to it.

use std::sync::Arc;

use ::axum::body::Body;
use ::axum::extract::{OriginalUri, Request};
use ::axum::http::request::Parts;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::Received;
use crate::error::{Code, Error};
use crate::explain::{ExplainOptions, Framework};
use crate::handshake::{HandshakeAnswer, HandshakeOptions};
use crate::receive::public_url;
use crate::webhook::{VerifyOptions, Webhook};

/// A request as a [`Verifier`](super::Verifier) gets it.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'r> {
    /// The raw body, all of it.
    pub body: &'r Bytes,
    /// The method, the headers and all the rest.
    pub parts: &'r Parts,
    /// The path and query as they came, where routers have not taken of them yet.
    pub target: &'r str,
    /// The url as it is registered with the provider, if [`with_url`](super::Receiver::with_url) was told.
    pub url: Option<&'r str>,
    /// What [`with_verify_token`](super::Receiver::with_verify_token) was told.
    pub verify_token: Option<&'r str>,
    /// Whether refusals are explained.
    explains: bool,
}

/// What is the same for all requests.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) max_body: usize,
    pub(super) url: Option<Arc<str>>,
    pub(super) verify_token: Option<Arc<str>>,
    pub(super) explains: bool,
}

/// A request whose body was read.
pub(super) struct Arrival<'s> {
    pub(super) parts: Parts,
    pub(super) body: Bytes,
    url: Option<String>,
    settings: &'s Settings,
}

impl Settings {
    pub(super) fn new(max_body: usize) -> Self {
        Self { max_body, url: None, verify_token: None, explains: Webhook::explains_by_environment() }
    }

    /// Takes a request apart and reads its body.
    pub(super) async fn read(&self, request: Request) -> Result<Arrival<'_>, Error> {
        let (parts, body) = request.into_parts();
        let body = read(body, self.max_body).await?;
        let url = self.url.as_deref().map(|registered| public_url(registered, target(&parts)));
        Ok(Arrival { parts, body, url, settings: self })
    }
}

impl Arrival<'_> {
    pub(super) fn incoming(&self) -> Incoming<'_> {
        Incoming {
            body: &self.body,
            parts: &self.parts,
            target: target(&self.parts),
            url: self.url.as_deref(),
            verify_token: self.settings.verify_token.as_deref(),
            explains: self.settings.explains,
        }
    }
}

impl Incoming<'_> {
    /// Lets a webhook verify the request, for verifiers that choose one. A handshake is answered first, unless it
    /// gives a secret away: this webhook has one.
    ///
    /// # Errors
    /// As [`Webhook::handshake`] and [`Webhook::verify`].
    pub fn verify(&self, webhook: &Webhook) -> Result<Received, Error> {
        if let Some(answer) = self.handshake(webhook)? {
            return Ok(Received::Handshake(answer));
        }
        let verified = webhook.verify_with(self.body.clone(), &self.parts.headers, &self.options());
        verified.map(Received::Event).inspect_err(|_| self.explain(webhook))
    }

    /// Logs why the webhook refuses the request, where that is asked for; the peer never sees it.
    pub(super) fn explain(&self, webhook: &Webhook) {
        if !self.explains {
            return;
        }
        let VerifyOptions { url, method, now } = self.options();
        let options =
            ExplainOptions { url, method, now, framework: Some(Framework::Axum), ..Default::default() };
        tracing::warn!("{}", webhook.explain(self.body, &self.parts.headers, &options));
    }

    /// The answer to a handshake that gives no secret away.
    pub(super) fn handshake(&self, webhook: &Webhook) -> Result<Option<HandshakeAnswer>, Error> {
        let method = Some(self.parts.method.as_str());
        let (url, verify_token) = (self.url.or(Some(self.target)), self.verify_token);
        let asked = HandshakeOptions { method, url, verify_token, now: None };
        let answer = webhook.handshake(self.body, &self.parts.headers, &asked)?;
        match &answer {
            Some(given) if given.secret()?.is_some() => Ok(None),
            _ => Ok(answer),
        }
    }

    pub(super) fn options(&self) -> VerifyOptions<'_> {
        VerifyOptions { url: self.url, method: Some(self.parts.method.as_str()), now: None }
    }
}

/// The path and query as they came, where routers have not taken of them yet.
fn target(parts: &Parts) -> &str {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    uri.path_and_query().map_or("/", |target| target.as_str())
}

/// Reads a body until it ends or is too large; what says at once that it is, is not read at all.
async fn read(body: Body, max_body: usize) -> Result<Bytes, Error> {
    let size = http_body::Body::size_hint(&body).lower();
    if size > u64::try_from(max_body).unwrap_or(u64::MAX) {
        return Err(too_large(max_body));
    }
    match Limited::new(body, max_body).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if is_limit(&*error) => Err(too_large(max_body)),
        // The peer went away, or did not speak HTTP to the end: what came is not what was sent.
        Err(_) => Err(Error::new(Code::InvalidPayload, "The body of the request ended early.")),
    }
}

/// Whether a limit was exceeded: ours, or a lower one that the application itself has set.
fn is_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<LengthLimitError>() {
            return true;
        }
        next = error.source();
    }
    false
}

fn too_large(max_body: usize) -> Error {
    Error::new(Code::RequestTooLarge, format!("The body has more than {max_body} bytes."))
}
