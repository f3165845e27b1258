//! One attempt: a request leaves, and whatever comes back is read within its limits.

use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use reqwest::{Method, Request, Response};
use url::Url;

use super::address::AllowPrivate;
use super::delivery::Attempt;
use super::{failure, resolve};
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

impl Outgoing<'_> {
    /// Sends it over this pool. All that can go wrong is in the attempt.
    pub(crate) async fn send(self, pool: &reqwest::Client, number: u32, started_at: SystemTime) -> Attempt {
        let started = Instant::now();
        let mut attempt = Attempt {
            number,
            started_at,
            duration: Duration::ZERO,
            response_code: None,
            error: None,
            response_body: Vec::new(),
            response_truncated: false,
            response_headers: Vec::new(),
            request_headers: text(&self.headers),
            mixed_dns: false,
        };
        let timeout = self.timeout;
        let exchange = tokio::time::timeout(timeout, self.exchange(pool, &mut attempt));
        let (outcome, mixed_dns) = resolve::watch_mixed(exchange).await;
        attempt.error = match outcome {
            Ok(outcome) => outcome.err(),
            Err(_) => Some(Error::new(Code::Timeout, format!("The attempt did not end within {timeout:?}."))),
        };
        attempt.mixed_dns = mixed_dns;
        attempt.duration = started.elapsed();
        attempt
    }

    /// Fills in the response as far as it comes.
    async fn exchange(self, pool: &reqwest::Client, attempt: &mut Attempt) -> Result<()> {
        let https = self.url.scheme() == "https";
        let mut request = Request::new(Method::POST, self.url.clone());
        *request.headers_mut() = self.headers;
        *request.body_mut() = Some(self.body.into());
        let mut response = pool.execute(request).await.map_err(|error| failure::explain(&error, https))?;

        // A second net under the resolver and the check of IP literals. Nothing of the answer is kept: an
        // attempt is shown to people who must not read the inner network through it.
        if response.remote_addr().is_some_and(|peer| !self.allow_private.permits(peer.ip())) {
            return Err(resolve::blocked());
        }
        attempt.response_code = Some(response.status().as_u16());
        if size(response.headers()) > MOST_HEADER_BYTES {
            return Err(Error::new(Code::ProtocolError, "The response's headers are larger than 64 KiB."));
        }
        attempt.response_headers = text(response.headers());
        read_body(&mut response, https, attempt).await
    }
}

/// Reads until the end or the cap, whichever comes first. Where the cap does, the connection is closed.
async fn read_body(response: &mut Response, https: bool, attempt: &mut Attempt) -> Result<()> {
    let until_closed =
        [CONTENT_LENGTH, TRANSFER_ENCODING].iter().all(|name| !response.headers().contains_key(name));
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok(()),
            Err(error) if until_closed && failure::is_rude_end(&error) => return Ok(()),
            Err(error) => return Err(failure::explain(&error, https)),
        };
        let room = MOST_BODY_BYTES - attempt.response_body.len();
        attempt.response_body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            attempt.response_truncated = true;
            return Ok(());
        }
    }
}

fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum()
}

fn text(headers: &HeaderMap) -> Vec<(String, String)> {
    let value = |value: &http::HeaderValue| match value.is_sensitive() {
        true => "[redacted]".to_owned(),
        false => String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    headers.iter().map(|(name, of)| (name.to_string(), value(of))).collect()
}

const MOST_BODY_BYTES: usize = 64 * 1024;
const MOST_HEADER_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::deliver::tls;
    use crate::deliver::transport::Transport;

    /// Were the resolver and the check of the url both passed by, nothing of the answer would be seen.
    #[tokio::test]
    async fn the_peer_is_looked_at_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_buf(&mut Vec::with_capacity(4096)).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nx: y\r\ncontent-length: 6\r\n\r\nsecret").await.unwrap();
        });
        let tls = tls::config(Vec::new()).unwrap();
        let transport = Transport::new(tls, Arc::new(resolve::System), Duration::from_secs(10));
        let outgoing = Outgoing {
            url: &url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            allow_private: &AllowPrivate::No,
            timeout: Duration::from_secs(10),
        };
        let attempt = outgoing.send(&transport.pool(&AllowPrivate::All).unwrap(), 1, SystemTime::now()).await;
        assert_eq!(attempt.error, Some(resolve::blocked()));
        assert_eq!(
            (attempt.response_code, attempt.response_headers, attempt.response_body),
            (None, vec![], vec![])
        );
    }
}
