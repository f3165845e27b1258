//! The answer to a vendor's handshake.

use hookseal::HandshakeOptions;
use napi_derive::napi;

use crate::error::{Result, thrown};
use crate::headers::{HeaderLines, HeaderLists};
use crate::provider::Provider;
use crate::time::optional_instant;
use crate::webhook::WebhookHandle;

/// What to answer a handshake.
#[napi(object, object_from_js = false)]
pub struct HandshakeAnswer {
    /// The status of the response.
    pub status: u16,
    /// Every header of the response.
    pub headers: Vec<(String, String)>,
    /// The body of the response.
    pub body: String,
    /// The secret that the vendor gives away.
    pub secret: Option<String>,
}

/// What is asked, besides body and headers.
#[napi(object, object_to_js = false)]
pub struct Question {
    /// The time, in milliseconds since 1970.
    pub now: Option<f64>,
    /// The url, or its path and query.
    pub url: Option<String>,
    /// The method.
    pub method: Option<String>,
    /// The token that was agreed on.
    pub verify_token: Option<String>,
}

/// The answer of a webhook, if the request is a handshake.
#[napi(catch_unwind)]
pub fn handshake(
    webhook: &WebhookHandle,
    body: &[u8],
    headers: HeaderLists,
    question: Question,
) -> Result<Option<HandshakeAnswer>> {
    let headers = HeaderLines::new(webhook.header_names(), headers);
    answer(&question, |options| webhook.handshake(body, &headers, options))
}

/// The answer of a provider that needs no secret for it; `headers` are those of `handshakeHeaderNames`.
#[napi(catch_unwind)]
pub fn handshake_of_provider(
    provider: &Provider,
    body: &[u8],
    headers: HeaderLists,
    question: Question,
) -> Result<Option<HandshakeAnswer>> {
    let names = provider.0.handshake_header_names();
    let headers = HeaderLines::new(&names, headers);
    answer(&question, |options| provider.0.handshake(body, &headers, options))
}

/// The headers that a provider's handshake reads.
#[napi(catch_unwind)]
pub fn handshake_header_names(provider: &Provider) -> Vec<String> {
    provider.0.handshake_header_names()
}

fn answer(
    question: &Question,
    ask: impl FnOnce(&HandshakeOptions<'_>) -> hookseal::Result<Option<hookseal::HandshakeAnswer>>,
) -> Result<Option<HandshakeAnswer>> {
    let options = HandshakeOptions {
        now: optional_instant(question.now)?,
        url: question.url.as_deref(),
        method: question.method.as_deref(),
        verify_token: question.verify_token.as_deref(),
    };
    let Some(answer) = ask(&options).map_err(thrown)? else { return Ok(None) };
    let secret = answer.secret().map_err(thrown)?;
    let secret = secret.as_ref().map(hookseal::Secret::expose).transpose().map_err(thrown)?;
    Ok(Some(HandshakeAnswer {
        status: answer.status(),
        headers: answer.headers().to_vec(),
        body: answer.body().to_owned(),
        secret: secret.map(str::to_owned),
    }))
}
