//! HTTP by the host's own client.

use std::sync::Arc;
use std::time::Duration;

use hookseal::deliver;
use hookseal::{Code, Error};

use crate::headers::{Header, pairs, records};

/// Makes requests by the host's own means. The url and the addresses were judged; the deadline is kept here too.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait Transport: Send + Sync {
    /// Sends a request and reads its answer, of whatever status.
    async fn send(&self, request: TransportRequest) -> Result<TransportResponse, TransportError>;
}

/// A POST request that is ready to leave.
#[derive(Clone, uniffi::Record)]
pub struct TransportRequest {
    /// Where to.
    pub url: String,
    /// The addresses that were checked, with the port: `203.0.113.7:443`, `[2001:db8::7]:443`.
    pub addresses: Vec<String>,
    /// Every header but those that frame the request.
    pub headers: Vec<Header>,
    /// The bytes that are signed.
    pub body: Vec<u8>,
    /// For the whole attempt; nobody waits any longer.
    pub timeout: Duration,
    /// How many bytes of the response's body are of use.
    pub response_limit: u64,
}

/// What a receiver answered.
#[derive(Clone, Debug, uniffi::Record)]
pub struct TransportResponse {
    /// The status code.
    pub status: u16,
    /// The headers, in order.
    pub headers: Vec<Header>,
    /// The body, without decompression.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error, uniffi::Error)]
pub enum TransportError {
    /// No complete answer.
    #[error("{reason}")]
    Failed {
        /// Such as `connect_failed`; one that is none of delivering counts as `protocol_error`.
        code: String,
        /// For people, with no part of the request.
        reason: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for TransportError {
    /// The reason is the host's own text, and may quote the request.
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        let reason = "The transport threw an exception.".to_owned();
        Self::Failed { code: Code::ProtocolError.to_string(), reason }
    }
}

/// The host's transport as the core calls it.
pub(crate) struct Foreign(pub(crate) Arc<dyn Transport>);

impl deliver::Transport for Foreign {
    fn send(&self, request: deliver::TransportRequest) -> deliver::Answer<'_> {
        let request = TransportRequest {
            url: request.url.to_string(),
            addresses: request.addresses.iter().map(ToString::to_string).collect(),
            headers: records(request.headers),
            body: request.body.to_vec(),
            timeout: request.timeout,
            response_limit: request.response_limit as u64,
        };
        Box::pin(async move {
            match self.0.send(request).await {
                Ok(response) => Ok(deliver::TransportResponse {
                    status: response.status,
                    headers: pairs(response.headers),
                    body: response.body,
                }),
                Err(TransportError::Failed { code, reason }) => {
                    Err(Error::new(Code::parse(&code).unwrap_or(Code::ProtocolError), reason))
                }
            }
        })
    }
}
