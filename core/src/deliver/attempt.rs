//! One attempt: a request leaves, and whatever comes back is read within its limits.

use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH, HOST, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use http::{Method, Request};
use http_body_util::Full;
use url::{Position, Url};

use super::address::AllowPrivate;
use super::delivery::Attempt;
use super::failure;
use super::header_text::HeaderText;
use super::host::Host;
use super::transport::{Exchange, Http};
use crate::error::{Code, Error, Result};

/// A request that is ready to leave.
pub(crate) struct Outgoing<'a> {
    pub(crate) url: &'a Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) allow_private: &'a AllowPrivate,
    /// Over everything: name, connection, TLS, request, headers and body.
    pub(crate) timeout: Duration,
}

/// Who makes the requests.
pub(crate) enum Wire {
    Http(Http),
    Host(Host),
}

impl Outgoing<'_> {
    /// Sends it. All that can go wrong is in the attempt.
    pub(crate) async fn send(self, wire: &Wire, number: u32, started_at: SystemTime) -> Attempt {
        let started = Instant::now();
        let mut attempt = Attempt {
            number,
            started_at,
            duration: Duration::ZERO,
            response_code: None,
            error: None,
            response_body: Vec::new(),
            response_truncated: false,
            response_headers: HeaderText::default(),
            request_headers: text(&self.headers),
            mixed_dns: false,
        };
        let timeout = self.timeout;
        attempt.error = match tokio::time::timeout(timeout, self.exchange(wire, &mut attempt)).await {
            Ok(outcome) => outcome.err(),
            Err(_) => Some(Error::new(Code::Timeout, format!("The attempt did not end within {timeout:?}."))),
        };
        attempt.duration = started.elapsed();
        attempt
    }

    /// Fills in the response as far as it comes.
    async fn exchange(self, wire: &Wire, attempt: &mut Attempt) -> Result<()> {
        match wire {
            Wire::Http(http) => self.exchange_by(http, attempt).await,
            Wire::Host(host) => self.hand_over(host, attempt).await,
        }
    }

    async fn exchange_by(self, http: &Http, attempt: &mut Attempt) -> Result<()> {
        let mixed_dns = &mut attempt.mixed_dns;
        let request = request(self.url, self.headers, self.body)?;
        let mut exchange = http.send(self.url, self.allow_private, request, mixed_dns).await?;
        attempt.answered(exchange.response.status().as_u16(), exchange.response.headers())?;
        if read_body(&mut exchange, attempt).await? {
            exchange.ended().await;
        }
        Ok(())
    }

    /// The same by somebody else's means.
    async fn hand_over(self, host: &Host, attempt: &mut Attempt) -> Result<()> {
        let Outgoing { url, mut headers, body, allow_private, timeout } = self;
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        let (limits, mixed_dns) = ((timeout, MOST_BODY_BYTES), &mut attempt.mixed_dns);
        let (status, headers, mut body) =
            host.send(url, allow_private, &headers, body, limits, mixed_dns).await?;
        attempt.answered(status, &headers)?;
        attempt.response_truncated = body.len() > MOST_BODY_BYTES;
        body.truncate(MOST_BODY_BYTES);
        attempt.response_body = body;
        Ok(())
    }
}

impl Attempt {
    fn answered(&mut self, status: u16, headers: &HeaderMap) -> Result<()> {
        self.response_code = Some(status);
        if size(headers) > MOST_HEADER_BYTES {
            return Err(Error::new(Code::ProtocolError, "The response's headers are larger than 64 KiB."));
        }
        self.response_headers = text(headers);
        Ok(())
    }
}

fn request(url: &Url, mut headers: HeaderMap, body: Bytes) -> Result<Request<Full<Bytes>>> {
    let unsendable = || Error::new(Code::InvalidUrl, "The url cannot stand in a request.");
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort]);
    headers.insert(HOST, host.map_err(|_| unsendable())?);
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url[Position::BeforePath..Position::AfterQuery].parse().map_err(|_| unsendable())?;
    *request.headers_mut() = headers;
    Ok(request)
}

/// Reads until the end, or until the cap: then false, and the connection is to be closed.
async fn read_body(exchange: &mut Exchange<'_>, attempt: &mut Attempt) -> Result<bool> {
    let Exchange { response, connection, .. } = exchange;
    let until_closed =
        [CONTENT_LENGTH, TRANSFER_ENCODING].iter().all(|name| !response.headers().contains_key(name));
    let body = response.body_mut();
    loop {
        let chunk = match connection.frame(body).await {
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            None => return Ok(true),
            Some(Err(error)) if until_closed && failure::is_rude_end(&error) => return Ok(false),
            Some(Err(error)) => return Err(failure::explain(&error)),
        };
        let room = MOST_BODY_BYTES - attempt.response_body.len();
        attempt.response_body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            attempt.response_truncated = true;
            return Ok(false);
        }
    }
}

fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum()
}

fn text(headers: &HeaderMap) -> HeaderText {
    let mut text = HeaderText::with_capacity(size(headers));
    for (name, value) in headers {
        match value.is_sensitive() {
            true => text.push(name.as_str(), "[redacted]"),
            false => text.push(name.as_str(), &String::from_utf8_lossy(value.as_bytes())),
        }
    }
    text
}

const MOST_BODY_BYTES: usize = 64 * 1024;
const MOST_HEADER_BYTES: usize = 64 * 1024;
