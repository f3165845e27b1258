//! HTTP by other means than ours, such as a phone's own client. What may be talked to stays ours to say.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::address::AllowPrivate;
use super::resolve::{self, Resolver};
use crate::error::{Code, Error, Kind, Result};

/// The answer of a [`Transport`], to be awaited.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<TransportResponse>> + Send + 'a>>;

/// Makes HTTP requests in place of Hookseal's own client; implement it to use a platform's.
///
/// The url and the addresses of its host are judged before every request, and the deadline of the attempt holds: the
/// answer is dropped when it has passed. The rest is the implementer's to keep: to connect to
/// [`addresses`](TransportRequest::addresses) and no others, or the name is looked up a second time and may then
/// lead elsewhere; to follow no redirect; to use no proxy that would look the name up itself; and to read no more of
/// the body than [`response_limit`](TransportRequest::response_limit).
pub trait Transport: Send + Sync + 'static {
    /// Sends a request and reads its answer, of whatever status.
    ///
    /// An error is one of the codes of [`Kind::Delivery`], such as `connect_failed`; any other is recorded as
    /// `protocol_error`.
    fn send(&self, request: TransportRequest) -> Answer<'_>;
}

/// A POST request that is ready to leave. `Debug` shows neither headers nor body, and of the url only the origin.
#[derive(Clone)]
#[non_exhaustive]
pub struct TransportRequest {
    /// Where to, in the spelling that is signed.
    pub url: Url,
    /// The addresses that were checked, with the url's port; there is at least one.
    pub addresses: Vec<SocketAddr>,
    /// Every header but those that frame the request, such as `host` and `content-length`.
    pub headers: Vec<(String, String)>,
    /// The bytes that are signed.
    pub body: Bytes,
    /// For the whole attempt; nobody waits any longer.
    pub timeout: Duration,
    /// How many bytes of the response's body are of use; what is longer is cut.
    pub response_limit: usize,
}

/// What a receiver answered.
#[derive(Clone, Debug, Default)]
pub struct TransportResponse {
    /// The status code.
    pub status: u16,
    /// The headers, in order; names in any case.
    pub headers: Vec<(String, String)>,
    /// The body, without decompression.
    pub body: Vec<u8>,
}

impl fmt::Debug for TransportRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportRequest")
            .field("origin", &self.url.origin().ascii_serialization())
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// A transport behind the guard.
pub(crate) struct Host {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) resolver: Arc<dyn Resolver>,
}

impl Host {
    /// Looks up the host, drops what is forbidden, and hands over.
    pub(crate) async fn send(
        &self,
        url: &Url,
        policy: &AllowPrivate,
        headers: &HeaderMap,
        body: Bytes,
        limits: (Duration, usize),
        mixed_dns: &mut bool,
    ) -> Result<(u16, HeaderMap, Vec<u8>)> {
        let addresses = resolve::allowed(&*self.resolver, policy, url, mixed_dns).await?;
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let request = TransportRequest {
            url: url.clone(),
            addresses,
            headers: headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body,
            timeout: limits.0,
            response_limit: limits.1,
        };
        let response = self.transport.send(request).await.map_err(of_delivery)?;
        if !(100..1000).contains(&response.status) {
            let message = format!("The transport answered with the status {}.", response.status);
            return Err(Error::new(Code::ProtocolError, message));
        }
        Ok((response.status, header_map(&response.headers)?, response.body))
    }
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap> {
    let wrong = || Error::new(Code::ProtocolError, "The transport answered with a header that is none.");
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| wrong())?;
        map.try_append(name, value).map_err(|_| wrong())?;
    }
    Ok(map)
}

/// What is told of an attempt is always a failure of delivering.
fn of_delivery(error: Error) -> Error {
    match error.kind() {
        Kind::Delivery => error,
        _ => Error::new(Code::ProtocolError, error.message().to_owned()),
    }
}
