//! Connections: an HTTP client that is told everything and looks nothing up by itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::ClientConfig;

use super::address::AllowPrivate;
use super::resolve::{Guarded, Resolver};
use crate::error::{Code, Error, Result};

/// One connection pool for each set of private networks that endpoints allow.
///
/// The pools must not be one. Connections are pooled by scheme, host and port, and one that an endpoint with
/// more trust opened to a private address would be given to an endpoint with less, past all checks. Within a
/// pool every connection was dialled under the very policy it is used under. (`allow_http` needs no pool of its
/// own: it is decided by the url alone, and the scheme is part of what connections are pooled by.)
pub(crate) struct Transport {
    tls: ClientConfig,
    resolver: Arc<dyn Resolver>,
    connect_timeout: Duration,
    pools: Mutex<Vec<(AllowPrivate, reqwest::Client)>>,
}

impl Transport {
    pub(crate) fn new(tls: ClientConfig, resolver: Arc<dyn Resolver>, connect_timeout: Duration) -> Self {
        Self { tls, resolver, connect_timeout, pools: Mutex::new(Vec::new()) }
    }

    /// The pool for this policy; the least recently used one makes room where there are too many.
    pub(crate) fn pool(&self, policy: &AllowPrivate) -> Result<reqwest::Client> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let pool = match pools.iter().position(|(of, _)| of == policy) {
            Some(index) => pools.remove(index),
            None => (policy.clone(), self.connect_under(policy)?),
        };
        let client = pool.1.clone();
        pools.insert(0, pool);
        pools.truncate(MOST_POOLS);
        Ok(client)
    }

    /// Everything is said here, even what is the default: another crate in the program may turn on features of
    /// reqwest that change its defaults.
    fn connect_under(&self, policy: &AllowPrivate) -> Result<reqwest::Client> {
        reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .dns_resolver(Guarded::new(self.resolver.clone(), policy.clone()))
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .http1_only()
            .http1_max_headers(MOST_HEADERS)
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(LONGEST_IDLE)
            .pool_max_idle_per_host(MOST_IDLE)
            .build()
            .map_err(|error| {
                Error::new(Code::InvalidArgument, format!("No HTTP client could be made: {error}."))
            })
    }
}

const MOST_POOLS: usize = 16;
const MOST_HEADERS: usize = 100;
/// As many as a sender has requests on their way by default: events come in bursts, and what is kept no longer than
/// four seconds costs less than another handshake.
const MOST_IDLE: usize = 256;
/// Node.js and uvicorn close connections that were idle for five seconds. A connection that closes just as a
/// request leaves costs an attempt, and some policies have only one; so we hang up first.
const LONGEST_IDLE: Duration = Duration::from_secs(4);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::{resolve, tls};

    #[test]
    fn pools_are_few_and_the_latest_stay() {
        let tls = tls::config(Vec::new()).unwrap();
        let transport = Transport::new(tls, Arc::new(resolve::System), Duration::from_secs(1));
        let policy = |nth: usize| AllowPrivate::only([format!("10.0.0.{nth}")]).unwrap();
        for nth in 0..MOST_POOLS {
            transport.pool(&policy(nth)).unwrap();
        }
        transport.pool(&policy(0)).unwrap();
        transport.pool(&policy(MOST_POOLS)).unwrap();
        let kept = |nth| transport.pools.lock().unwrap().iter().any(|(of, _)| *of == policy(nth));
        assert!(kept(0) && !kept(1) && kept(MOST_POOLS));
        assert_eq!(transport.pools.lock().unwrap().len(), MOST_POOLS);
    }
}
