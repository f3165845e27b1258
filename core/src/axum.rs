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

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::axum::BoxError;
use ::axum::body::Body;
use ::axum::extract::{FromRef, FromRequest, OriginalUri, Request};
use ::axum::http::request::Parts;
use ::axum::http::{self, StatusCode, header};
use ::axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tower_layer::Layer;
use tower_service::Service;

use crate::dedup::{Claim, Deduplicator};
use crate::error::{Code, Error};
use crate::event::Event;
use crate::explain::{ExplainOptions, Framework};
use crate::handshake::{HandshakeAnswer, HandshakeOptions};
use crate::receive::{MAX_BODY, Refusal, public_url, refusal};
use crate::webhook::{VerifyOptions, Webhook};

#[cfg(feature = "sender")]
pub use self::inbox::InboxEndpoint;

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
    max_body: usize,
    url: Option<Arc<str>>,
    deduplicator: Option<Deduplicator>,
    verify_token: Option<Arc<str>>,
    explains: bool,
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

/// A request as a [`Verifier`] gets it.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'r> {
    /// The raw body, all of it.
    pub body: &'r Bytes,
    /// The method, the headers and all the rest.
    pub parts: &'r Parts,
    /// The path and query as they came, where routers have not taken of them yet.
    pub target: &'r str,
    /// The url as it is registered with the provider, if [`with_url`](Receiver::with_url) was told.
    pub url: Option<&'r str>,
    /// What [`with_verify_token`](Receiver::with_verify_token) was told.
    pub verify_token: Option<&'r str>,
    /// Whether refusals are explained.
    explains: bool,
}

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
        let explains = Webhook::explains_by_environment();
        Self { verifier, max_body: MAX_BODY, url: None, verify_token: None, deduplicator: None, explains }
    }

    /// Reads no more than this many bytes of a body, instead of [`MAX_BODY`]; larger ones are refused with 413.
    pub fn with_max_body(self, max_body: usize) -> Self {
        Self { max_body, ..self }
    }

    /// Sets the url that is registered with the provider, where urls are signed; the request's path and query
    /// are added if it has none ([`public_url`]).
    pub fn with_url(self, url: &str) -> Self {
        Self { url: Some(url.into()), ..self }
    }

    /// Drops duplicates: for [`Claimed`], and as a layer.
    pub fn with_deduplicator(self, deduplicator: Deduplicator) -> Self {
        Self { deduplicator: Some(deduplicator), ..self }
    }

    /// Sets the token that was agreed on with the vendor, for handshakes that have one (Meta); no signing secret.
    pub fn with_verify_token(self, token: &str) -> Self {
        Self { verify_token: Some(token.into()), ..self }
    }

    /// Whether the [explanation](Webhook::explain) of each refusal is logged, as a warning of `tracing`: in development
    /// only. Where nothing is said it is, if `HOOKSEAL_EXPLAIN` is 1 in the environment.
    pub fn with_explanations(self, explains: bool) -> Self {
        Self { explains, ..self }
    }

    /// Reads the request's body and verifies it. The request comes back in parts.
    async fn receive(&self, request: Request) -> Result<(Parts, Bytes, Event<Bytes>), Rejection> {
        let (parts, body) = request.into_parts();
        let body = read(body, self.max_body).await?;
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let url = self.url.as_deref().map(|registered| public_url(registered, target));
        let verify_token = self.verify_token.as_deref();
        let (url, explains) = (url.as_deref(), self.explains);
        let incoming = Incoming { body: &body, parts: &parts, target, url, verify_token, explains };
        match self.verifier.verify(&incoming).await? {
            Received::Event(event) => Ok((parts, body, event)),
            Received::Handshake(answer) => Err(Rejection::Handshake(answer)),
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
    fn explain(&self, webhook: &Webhook) {
        if !self.explains {
            return;
        }
        let VerifyOptions { url, method, now } = self.options();
        let options =
            ExplainOptions { url, method, now, framework: Some(Framework::Axum), ..Default::default() };
        tracing::warn!("{}", webhook.explain(self.body, &self.parts.headers, &options));
    }

    /// The answer to a handshake that gives no secret away.
    fn handshake(&self, webhook: &Webhook) -> Result<Option<HandshakeAnswer>, Error> {
        let method = Some(self.parts.method.as_str());
        let (url, verify_token) = (self.url.or(Some(self.target)), self.verify_token);
        let asked = HandshakeOptions { method, url, verify_token, now: None };
        let answer = webhook.handshake(self.body, &self.parts.headers, &asked)?;
        match &answer {
            Some(given) if given.secret()?.is_some() => Ok(None),
            _ => Ok(answer),
        }
    }

    fn options(&self) -> VerifyOptions<'_> {
        VerifyOptions { url: self.url, method: Some(self.parts.method.as_str()), now: None }
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
        f.debug_struct("Receiver").field("max_body", &self.max_body).finish_non_exhaustive()
    }
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
