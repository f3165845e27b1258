//! From a url to a connection: look-up, TCP and TLS, to allowed addresses only.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::address::AllowPrivate;
use super::connection::Connection;
use super::failure;
use super::resolve::{self, Resolver};
use crate::error::{Code, Error, Result};

/// How connections are made.
pub(crate) struct Connector {
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) resolver: Arc<dyn Resolver>,
    /// For name, TCP and TLS together.
    pub(crate) timeout: Duration,
}

/// Bytes in both directions, encrypted or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Connector {
    /// Connects to where the url says; `mixed_dns` is set if its name also has addresses that are forbidden.
    pub(crate) async fn connect(
        &self,
        url: &Url,
        policy: &AllowPrivate,
        mixed_dns: &mut bool,
    ) -> Result<Connection> {
        match tokio::time::timeout(self.timeout, self.dial(url, policy, mixed_dns)).await {
            Ok(connection) => connection,
            Err(_) => Err(Error::new(Code::Timeout, "No connection was made in the time allowed for it.")),
        }
    }

    async fn dial(&self, url: &Url, policy: &AllowPrivate, mixed_dns: &mut bool) -> Result<Connection> {
        let addresses = resolve::allowed(&*self.resolver, policy, url, mixed_dns).await?;
        let tcp = first_of(addresses).await.map_err(|error| failure::not_connected(&error))?;
        let peer = tcp.peer_addr().map_err(|error| failure::not_connected(&error))?.ip();
        // Requests are written whole; to hold back their last part would only delay it.
        let _ = tcp.set_nodelay(true);
        let stream: Box<dyn Stream> = match url.scheme() {
            "https" => Box::new(self.encrypt(tcp, url).await?),
            _ => Box::new(tcp),
        };
        Connection::new(stream, peer).await.map_err(|error| failure::explain(&error))
    }

    async fn encrypt(&self, tcp: TcpStream, url: &Url) -> Result<impl Stream + use<>> {
        let name = match url.host().ok_or_else(resolve::no_host)? {
            Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned()),
            Host::Ipv4(ip) => Ok(ServerName::from(IpAddr::from(ip))),
            Host::Ipv6(ip) => Ok(ServerName::from(IpAddr::from(ip))),
        };
        let name =
            name.map_err(|_| Error::new(Code::TlsFailed, "The host's name cannot stand in a certificate."))?;
        let handshake = TlsConnector::from(Arc::clone(&self.tls)).connect(name, tcp);
        handshake.await.map_err(|error| failure::no_handshake(&error))
    }
}

/// The first that connects. Each has a head start over the next, as in RFC 8305 ("happy eyeballs"), so that a dead
/// address costs a quarter of a second and not the attempt.
async fn first_of(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    if let [only] = addresses[..] {
        return TcpStream::connect(only).await;
    }
    let mut waiting = addresses.into_iter();
    let mut dials = JoinSet::new();
    let mut failed = io::Error::from(io::ErrorKind::AddrNotAvailable);
    loop {
        let more = match waiting.next() {
            Some(address) => {
                dials.spawn(TcpStream::connect(address));
                true
            }
            None => false,
        };
        let ended = match more && waiting.len() > 0 {
            true => tokio::time::timeout(HEAD_START, dials.join_next()).await,
            false => Ok(dials.join_next().await),
        };
        match ended {
            Ok(Some(Ok(Ok(stream)))) => return Ok(stream),
            Ok(Some(Ok(Err(error)))) => failed = error,
            Ok(Some(Err(_))) | Err(_) => {}
            Ok(None) => return Err(failed),
        }
    }
}

const HEAD_START: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_dead_address_is_passed_over() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let alive = listener.local_addr().unwrap();
        let dead = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let stream = first_of(vec![dead, alive]).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), alive);
        // Documentation addresses lead nowhere, and most networks say nothing about it.
        let nowhere = "192.0.2.1:9".parse().unwrap();
        let stream = first_of(vec![nowhere, alive]).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), alive);
        let error = first_of(vec![dead, dead]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }
}
