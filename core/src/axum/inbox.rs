//! An inbox as a service that answers by itself.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::axum::BoxError;
use ::axum::body::Body;
use ::axum::extract::Request;
use ::axum::http::{self, StatusCode};
use ::axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tower_service::Service;

use super::Rejection;
use super::incoming::Settings;
use crate::error::Result;
use crate::inbox::{Inbox, Receipt};

/// Receives into an [`Inbox`], and answers: 200 when an event is stored, and to one that was before; the status of the
/// error's [refusal](crate::refusal) otherwise.
///
/// ```
/// use axum::{Router, routing::post_service};
/// use hookseal::Webhook;
/// use hookseal::axum::InboxEndpoint;
/// use hookseal::inbox::{Inbox, InboxOptions};
///
/// let webhook = Webhook::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?;
/// let inbox = Inbox::open("memory:", webhook, InboxOptions::default())?;
/// let app: Router = Router::new().route("/hooks", post_service(InboxEndpoint::new(inbox)));
/// # Ok::<(), hookseal::Error>(())
/// ```
#[derive(Clone)]
pub struct InboxEndpoint {
    inbox: Inbox,
    settings: Settings,
}

impl InboxEndpoint {
    /// Receives what the inbox's webhook verifies, up to the inbox's largest body.
    pub fn new(inbox: Inbox) -> Self {
        let settings = Settings::new(inbox.max_body());
        Self { inbox, settings }
    }

    /// Sets the url that is registered with the provider, where urls are signed; the request's path and query are added
    /// if it has none ([`public_url`](crate::public_url)).
    pub fn with_url(self, url: &str) -> Self {
        Self { settings: Settings { url: Some(url.into()), ..self.settings }, ..self }
    }

    /// Sets the token that was agreed on with the vendor, for handshakes that have one (Meta); no signing secret.
    pub fn with_verify_token(self, token: &str) -> Self {
        Self { settings: Settings { verify_token: Some(token.into()), ..self.settings }, ..self }
    }

    /// As [`Receiver::with_explanations`](super::Receiver::with_explanations).
    pub fn with_explanations(self, explains: bool) -> Self {
        Self { settings: Settings { explains, ..self.settings }, ..self }
    }

    async fn receive(&self, request: Request) -> Result<Receipt, Rejection> {
        let arrival = self.settings.read(request).await?;
        let incoming = arrival.incoming();
        if let Some(answer) = incoming.handshake(self.inbox.webhook())? {
            return Err(Rejection::Handshake(answer));
        }
        let received = self.inbox.verify(arrival.body.clone(), &arrival.parts.headers, &incoming.options());
        let received = received.inspect_err(|_| incoming.explain(self.inbox.webhook()))?;
        Ok(self.inbox.keep(received).await?)
    }
}

impl<B> Service<http::Request<B>> for InboxEndpoint
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = std::convert::Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let endpoint = self.clone();
        Box::pin(async move {
            Ok(match endpoint.receive(request.map(Body::new)).await {
                Ok(_) => StatusCode::OK.into_response(),
                Err(rejection) => rejection.into_response(),
            })
        })
    }
}

impl fmt::Debug for InboxEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboxEndpoint").field("inbox", &self.inbox).finish_non_exhaustive()
    }
}
