//! An inbox as a service that answers by itself.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::axum::BoxError;
use ::axum::body::Body;
use ::axum::extract::{OriginalUri, Request};
use ::axum::http::{self, StatusCode};
use ::axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tower_service::Service;

use super::{Incoming, Rejection, read};
use crate::error::Result;
use crate::inbox::{Inbox, Receipt};
use crate::receive::public_url;
use crate::webhook::Webhook;

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
    url: Option<Arc<str>>,
    verify_token: Option<Arc<str>>,
    explains: bool,
}

impl InboxEndpoint {
    /// Receives what the inbox's webhook verifies, up to the inbox's largest body.
    pub fn new(inbox: Inbox) -> Self {
        Self { inbox, url: None, verify_token: None, explains: Webhook::explains_by_environment() }
    }

    /// Sets the url that is registered with the provider, where urls are signed; the request's path and query are added
    /// if it has none ([`public_url`]).
    pub fn with_url(self, url: &str) -> Self {
        Self { url: Some(url.into()), ..self }
    }

    /// Sets the token that was agreed on with the vendor, for handshakes that have one (Meta); no signing secret.
    pub fn with_verify_token(self, token: &str) -> Self {
        Self { verify_token: Some(token.into()), ..self }
    }

    /// As [`Receiver::with_explanations`](super::Receiver::with_explanations).
    pub fn with_explanations(self, explains: bool) -> Self {
        Self { explains, ..self }
    }

    async fn receive(&self, request: Request) -> Result<Receipt, Rejection> {
        let (parts, body) = request.into_parts();
        let body = read(body, self.inbox.max_body()).await?;
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let url = self.url.as_deref().map(|registered| public_url(registered, target));
        let (url, verify_token) = (url.as_deref(), self.verify_token.as_deref());
        let explains = self.explains;
        let incoming = Incoming { body: &body, parts: &parts, target, url, verify_token, explains };
        if let Some(answer) = incoming.handshake(self.inbox.webhook())? {
            return Err(Rejection::Handshake(answer));
        }
        let received = self.inbox.verify(body.clone(), &parts.headers, &incoming.options());
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
