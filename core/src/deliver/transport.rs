//! Requests on their way: over a connection that is there already, or a new one.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use url::{Position, Url};

use super::address::AllowPrivate;
use super::connect::Connector;
use super::connection::{Connection, Unanswered};
use super::pool::Pool;
use super::{failure, resolve};
use crate::error::Result;

/// One connection pool for each set of private networks that endpoints allow.
///
/// The pools must not be one. Connections are pooled by scheme, host and port, and one that an endpoint with
/// more trust opened to a private address would be given to an endpoint with less, past all checks. Within a
/// pool every connection was dialled under the very policy it is used under. (`allow_http` needs no pool of its
/// own: it is decided by the url alone, and the scheme is part of what connections are pooled by.)
pub(crate) struct Http {
    connector: Connector,
    pools: Mutex<Vec<(AllowPrivate, Arc<Pool>)>>,
}

/// A response whose body was not read yet, and the connection that brings it.
pub(crate) struct Exchange<'t> {
    pub(crate) response: Response<Incoming>,
    pub(crate) connection: Connection,
    pool: Arc<Pool>,
    origin: &'t str,
}

impl Http {
    pub(crate) fn new(connector: Connector) -> Self {
        Self { connector, pools: Mutex::default() }
    }

    /// Sends a request to where the url says, and waits for the head of the response. `mixed_dns` is set if the
    /// host's name was looked up and also has addresses that are forbidden.
    pub(crate) async fn send<'t>(
        &self,
        url: &'t Url,
        policy: &AllowPrivate,
        request: Request<Full<Bytes>>,
        mixed_dns: &mut bool,
    ) -> Result<Exchange<'t>> {
        let pool = self.pool(policy);
        let origin = &url[..Position::BeforePath];
        let mut request = request;
        loop {
            let (mut connection, used) = match pool.take(origin) {
                Some(mut idle) => match idle.is_ready().await {
                    true => (idle, true),
                    false => continue,
                },
                None => (self.connector.connect(url, policy, mixed_dns).await?, false),
            };
            // A second net under the look-up and the check of the url. Nothing of an answer would be kept: an
            // attempt is shown to people who must not read the inner network through it.
            if !policy.permits(connection.peer()) {
                return Err(resolve::blocked());
            }
            match connection.send(request).await {
                Ok(response) => return Ok(Exchange { response, connection, pool, origin }),
                // The peer hung up before anything was sent.
                Err(Unanswered { unsent: Some(unsent), .. }) if used => request = unsent,
                Err(unanswered) => return Err(failure::explain(&unanswered.error)),
            }
        }
    }

    /// The pool for this policy; the least recently used one makes room where there are too many.
    fn pool(&self, policy: &AllowPrivate) -> Arc<Pool> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pool)) = pools.first().filter(|(of, _)| of == policy) {
            return Arc::clone(pool);
        }
        let pool = match pools.iter().position(|(of, _)| of == policy) {
            Some(index) => pools.remove(index),
            None => (policy.clone(), Arc::default()),
        };
        let found = Arc::clone(&pool.1);
        pools.insert(0, pool);
        pools.truncate(MOST_POOLS);
        found
    }
}

impl Exchange<'_> {
    /// The body was read to its end: the connection may be used again.
    pub(crate) async fn ended(mut self) {
        if self.connection.is_ready().await {
            self.pool.put(self.origin, self.connection);
        }
    }
}

const MOST_POOLS: usize = 16;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::deliver::tls;

    fn transport() -> Http {
        Http::new(Connector {
            tls: Arc::new(tls::config(Vec::new()).unwrap()),
            resolver: Arc::new(resolve::System),
            timeout: Duration::from_secs(5),
        })
    }

    fn request() -> Request<Full<Bytes>> {
        Request::post("/").header("host", "here").body(Full::default()).unwrap()
    }

    /// Answers every connection once, and counts them.
    async fn receiver(answer: &'static [u8]) -> (Url, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.read_buf(&mut Vec::with_capacity(4096)).await.unwrap();
                stream.write_all(answer).await.unwrap();
                stream.flush().await.unwrap();
            }
        });
        (url, task)
    }

    #[test]
    fn pools_are_few_and_the_latest_stay() {
        let transport = transport();
        let policy = |nth: usize| AllowPrivate::only([format!("10.0.0.{nth}")]).unwrap();
        for nth in 0..MOST_POOLS {
            transport.pool(&policy(nth));
        }
        transport.pool(&policy(0));
        transport.pool(&policy(MOST_POOLS));
        let kept = |nth| transport.pools.lock().unwrap().iter().any(|(of, _)| *of == policy(nth));
        assert!(kept(0) && !kept(1) && kept(MOST_POOLS));
        assert_eq!(transport.pools.lock().unwrap().len(), MOST_POOLS);
    }

    /// Were the look-up and the check of the url both passed by, nothing of the answer would be seen.
    #[tokio::test]
    async fn the_peer_is_looked_at_again() {
        let (url, _receiver) = receiver(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret").await;
        let transport = transport();
        let mixed = &mut false;
        let exchange = transport.send(&url, &AllowPrivate::All, request(), mixed).await.unwrap();
        transport.pool(&AllowPrivate::No).put(&url[..Position::BeforePath], exchange.connection);
        let Err(error) = transport.send(&url, &AllowPrivate::No, request(), mixed).await else {
            panic!("an answer came through")
        };
        assert_eq!(error, resolve::blocked());
    }

    /// The receiver hangs up after each answer without having said so.
    #[tokio::test]
    async fn a_connection_that_was_closed_meanwhile_costs_no_attempt() {
        let (url, _receiver) = receiver(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let transport = transport();
        for _ in 0..3 {
            let exchange = transport.send(&url, &AllowPrivate::All, request(), &mut false).await.unwrap();
            assert_eq!(exchange.response.status(), 200);
            exchange.ended().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
