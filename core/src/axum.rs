//! Webhooks received with axum, or behind tower's layers.
//!
//! ```
//! use axum::{Router, routing::post};
//! use hookseal::Webhook;
//! use hookseal::axum::{Receiver, Verified};
//!
//! async fn hook(Verified(event): Verified) {
//!     println!("{:?} {:?}", event.event_type(), event.id());
//! }
//!
//! let webhook = Webhook::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?;
//! let app: Router = Router::new().route("/hooks", post(hook)).with_state(Receiver::new(webhook));
//! # Ok::<(), hookseal::Error>(())
//! ```

#[cfg(feature = "sender")]
mod inbox;
mod incoming;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::axum::BoxError;
use ::axum::body::Body;
use ::axum::extract::{FromRef, FromRequest, Request};
use ::axum::http::request::Parts;
use ::axum::http::{self, StatusCode, header};
use ::axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tower_layer::Layer;
use tower_service::Service;

use self::incoming::Settings;
use crate::dedup::{Claim, Deduplicator};
use crate::error::Error;
use crate::event::Event;
use crate::handshake::HandshakeAnswer;
use crate::receive::{MAX_BODY, Refusal, refusal};
use crate::webhook::Webhook;

#[cfg(feature = "sender")]
pub use self::inbox::InboxEndpoint;
pub use self::incoming::Incoming;

/// The event of a request that was verified, as an argument of a handler. The router's state is, or has, a
/// [`Receiver`].
///
/// What is refused is answered with the status of its code and the code, and no more, and a vendor's handshake with
/// what the vendor wants to read: see [`Rejection`].
#[derive(Debug)]
pub struct Verified(pub Event<Bytes>);

/// The event of a request that was verified and that nobody has handled, and the claim on it, as an argument of a
/// handler. The router's state is, or has, a [`Receiver`] with a deduplicator.
///
/// The handler says that it is [`done`](Claim::done); if it does not, the event is free again. A duplicate is answered
/// with 200, and an event in progress with 503 and `Retry-After`, without the handler; a handshake as by [`Verified`].
#[derive(Debug)]
pub struct Claimed(pub Event<Bytes>, pub Claim);

/// How requests are received: by which webhook, and how large they may be. To clone it costs nothing.
///
/// As the state of a router it serves [`Verified`] and [`Claimed`]. As a layer it lets only verified requests through, with
/// their body as it came and `Arc<Event<Bytes>>` among their extensions; with a deduplicator, each event is handled once,
/// which it is if the answer is 2xx. The handshakes of vendors are answered, for which the route has to take the method
/// that the vendor uses (Meta: GET).
#[derive(Clone)]
pub struct Receiver {
    verifier: Arc<dyn Verifier>,
    settings: Settings,
    deduplicator: Option<Deduplicator>,
}

/// Who says what a request is. A [`Webhook`] does; another is for vendors whose signatures no provider's file can
/// describe, and for secrets that are chosen for each request.
pub trait Verifier: Send + Sync {
    /// The event of a request, or the answer to its handshake.
    ///
    /// # Errors
    /// Any code; those of [`Kind::Verification`](crate::Kind) are answered with their status, others with 500.
    fn verify<'r>(&'r self, request: &'r Incoming<'r>) -> Verifying<'r>;
}

/// What a [`Verifier`] returns: `Box::pin(async move { … })`.
pub type Verifying<'r> = Pin<Box<dyn Future<Output = Result<Received, Error>> + Send + 'r>>;

/// What a request was.
#[allow(clippy::large_enum_variant, reason = "nearly all of them are events, and it is moved once")]
#[derive(Debug)]
pub enum Received {
    /// An event.
    Event(Event<Bytes>),
    /// A vendor's question, with what to answer.
    Handshake(HandshakeAnswer),
}

/// A service behind a [`Receiver`].
#[derive(Clone, Debug)]
pub struct ReceiverService<S> {
    inner: S,
    receiver: Receiver,
}

/// Why a request was refused. The answer has the status of the error's code and the code as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub Error);

/// Why there is no event: the answer is already known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The request is not to be trusted.
    Refused(Refused),
    /// It is a vendor's handshake.
    Handshake(HandshakeAnswer),
}

impl Receiver {
    /// Receives what this webhook verifies, up to [`MAX_BODY`] bytes.
    pub fn new(webhook: impl Into<Arc<Webhook>>) -> Self {
        let webhook: Arc<Webhook> = webhook.into();
        Self::of(webhook)
    }

    /// Receives what this verifier verifies, up to [`MAX_BODY`] bytes.
    pub fn with_verifier(verifier: impl Verifier + 'static) -> Self {
        Self::of(Arc::new(verifier))
    }

    fn of(verifier: Arc<dyn Verifier>) -> Self {
        Self { verifier, settings: Settings::new(MAX_BODY), deduplicator: None }
    }

    /// Reads no more than this many bytes of a body, instead of [`MAX_BODY`]; larger ones are refused with 413.
    pub fn with_max_body(self, max_body: usize) -> Self {
        Self { settings: Settings { max_body, ..self.settings }, ..self }
    }

    /// Sets the url that is registered with the provider, where urls are signed; the request's path and query
    /// are added if it has none ([`public_url`](crate::public_url)).
    pub fn with_url(self, url: &str) -> Self {
        Self { settings: Settings { url: Some(url.into()), ..self.settings }, ..self }
    }

    /// Drops duplicates: for [`Claimed`], and as a layer.
    pub fn with_deduplicator(self, deduplicator: Deduplicator) -> Self {
        Self { deduplicator: Some(deduplicator), ..self }
    }

    /// Sets the token that was agreed on with the vendor, for handshakes that have one (Meta); no signing secret.
    pub fn with_verify_token(self, token: &str) -> Self {
        Self { settings: Settings { verify_token: Some(token.into()), ..self.settings }, ..self }
    }

    /// Whether the [explanation](Webhook::explain) of each refusal is logged, as a warning of `tracing`: in development
    /// only. Where nothing is said it is, if `HOOKSEAL_EXPLAIN` is 1 in the environment.
    pub fn with_explanations(self, explains: bool) -> Self {
        Self { settings: Settings { explains, ..self.settings }, ..self }
    }

    /// Reads the request's body and verifies it. The request comes back in parts.
    async fn receive(&self, request: Request) -> Result<(Parts, Bytes, Event<Bytes>), Rejection> {
        let arrival = self.settings.read(request).await?;
        match self.verifier.verify(&arrival.incoming()).await? {
            Received::Event(event) => Ok((arrival.parts, arrival.body, event)),
            Received::Handshake(answer) => Err(Rejection::Handshake(answer)),
        }
    }
}

impl Verifier for Webhook {
    fn verify<'r>(&'r self, request: &'r Incoming<'r>) -> Verifying<'r> {
        Box::pin(std::future::ready(request.verify(self)))
    }
}

impl<S: Send + Sync> FromRequest<S> for Verified
where
    Receiver: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejection> {
        let receiver = Receiver::from_ref(state);
        if receiver.deduplicator.is_some() {
            let message = "The receiver has a deduplicator: take `Claimed`, which says what came of it.";
            return Err(Error::argument(message).into());
        }
        let (.., event) = receiver.receive(request).await?;
        Ok(Self(event))
    }
}

impl<S: Send + Sync> FromRequest<S> for Claimed
where
    Receiver: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejection> {
        let receiver = Receiver::from_ref(state);
        let missing = || Error::argument("The receiver has no deduplicator: see `with_deduplicator`.");
        let deduplicator = receiver.deduplicator.as_ref().ok_or_else(missing)?;
        let (.., event) = receiver.receive(request).await?;
        let claim = deduplicator.claim(&event).await?;
        Ok(Self(event, claim))
    }
}

impl<S> Layer<S> for Receiver {
    type Service = ReceiverService<S>;

    fn layer(&self, inner: S) -> ReceiverService<S> {
        ReceiverService { inner, receiver: self.clone() }
    }
}

impl<S, B> Service<http::Request<B>> for ReceiverService<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        // The clone takes our place: it is this one that is ready.
        let inner = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, inner);
        let receiver = self.receiver.clone();
        Box::pin(async move {
            let (mut parts, body, event) = match receiver.receive(request.map(Body::new)).await {
                Ok(received) => received,
                Err(rejection) => return Ok(rejection.into_response()),
            };
            let claim = match &receiver.deduplicator {
                None => None,
                Some(deduplicator) => match deduplicator.claim(&event).await {
                    Ok(claim) => Some(claim),
                    Err(error) => return Ok(Refused(error).into_response()),
                },
            };
            parts.extensions.insert(Arc::new(event));
            let response = inner.call(Request::from_parts(parts, body.into())).await?;
            // Dropped otherwise, and so released: whoever sent it comes back.
            if let Some(claim) = claim.filter(|_| response.status().is_success())
                && let Err(error) = claim.done().await
            {
                return Ok(Refused(error).into_response());
            }
            Ok(response)
        })
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let code = self.0.code();
        let Refusal { status, retry_after } = refusal(&self.0);
        let status = StatusCode::from_u16(status).expect("the codes' statuses are those of HTTP");
        let json = [(header::CONTENT_TYPE, "application/json")];
        let mut response = (status, json, format!(r#"{{"code":"{code}"}}"#)).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let answer = match self {
            Self::Refused(refused) => return refused.into_response(),
            Self::Handshake(answer) => answer,
        };
        let mut response = Response::new(Body::from(answer.body().to_owned()));
        *response.status_mut() =
            StatusCode::from_u16(answer.status()).expect("the status of a handshake's answer is one of HTTP");
        for (name, value) in answer.headers() {
            // A header that HTTP does not have stands in an answer of somebody's own only.
            if let (Ok(name), Ok(value)) =
                (name.parse::<header::HeaderName>(), header::HeaderValue::from_str(value))
            {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        Self::Refused(Refused(error))
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("max_body", &self.settings.max_body).finish_non_exhaustive()
    }
}
