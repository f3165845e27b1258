//! The store in Redis, or what speaks its protocol. Every question is one script, which the server runs alone.
//!
//! All questions share one connection, on which any number are on their way at once. The crate `redis` speaks the
//! protocol; the socket and TLS are ours, so that nobody else in the process decides by which provider and roots.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, ConnectionAddr, ErrorKind, IntoConnectionInfo, RedisConnectionInfo, RedisError,
    ServerErrorKind,
};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::driver::silent;
use super::key::hex;
use super::server::{Failure, Remote, Server};
use super::store::{Act, Answer, Op, duration, millis};
use crate::error::{Code, Error, Result};

pub(super) type Redis = Remote<Host>;

pub(super) struct Host {
    name: String,
    port: u16,
    settings: RedisConnectionInfo,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    prefix: String,
}

impl Redis {
    pub(super) fn at(url: &str) -> Result<Self> {
        Remote::open(Host::parse(url)?, 1)
    }
}

impl Server for Host {
    type Link = MultiplexedConnection;

    async fn connect(&self) -> Result<MultiplexedConnection> {
        timeout(CONNECT, self.dial()).await.map_err(|_| silent())?
    }

    async fn ask(&self, link: &Arc<MultiplexedConnection>, op: Op) -> Result<Answer, Failure> {
        let token = hex(&op.token);
        let (script, span) = match op.act {
            Act::Claim { lease } => (CLAIM, millis(lease)),
            Act::Extend { lease } => (EXTEND, millis(lease)),
            Act::Done { keep } => (DONE, millis(keep)),
            Act::Release => (RELEASE, 0),
        };
        let mut connection = MultiplexedConnection::clone(link);
        let mut command = redis::cmd("EVAL");
        command.arg(script).arg(1).arg(format!("{}{}", self.prefix, hex(&op.key))).arg(token).arg(span);
        let answer: Result<(i64, i64), RedisError> = command.query_async(&mut connection).await;
        match answer {
            Ok((OURS, _)) => Ok(Answer::Yes),
            Ok((HELD, left)) => Ok(Answer::Held(duration(left))),
            Ok(_) => Ok(Answer::Done),
            Err(error) => {
                let is_broken = error.is_unrecoverable_error() || error.is_timeout();
                Err(Failure { error: explain(&error), is_broken })
            }
        }
    }
}

impl Host {
    fn parse(url: &str) -> Result<Self> {
        let (scheme, rest) = url.split_once("://").ok_or_else(unreadable)?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (mut prefix, mut root, mut kept) = ("hookseal:".to_owned(), None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = form_urlencoded::parse(pair.as_bytes()).next().unwrap_or_default();
            match &*name {
                "hookseal_prefix" => prefix = value.into_owned(),
                "sslrootcert" => root = Some(value.into_owned()),
                // The protocol's version.
                "protocol" => kept.push(pair),
                _ => {
                    let message = "A redis url has the parameters hookseal_prefix, sslrootcert and protocol.";
                    return Err(Error::argument(message));
                }
            }
        }
        let info = format!("redis://{place}?{}", kept.join("&"));
        let info = info.as_str().into_connection_info().map_err(|_| unreadable())?;
        let ConnectionAddr::Tcp(name, port) = info.addr() else { return Err(unreadable()) };
        let tls = match scheme {
            "redis" => None,
            _ => {
                let server = ServerName::try_from(name.clone()).map_err(|_| unreadable())?;
                Some((tls(root.as_deref().map(Path::new))?, server))
            }
        };
        Ok(Self { name: name.clone(), port: *port, settings: info.redis_settings().clone(), tls, prefix })
    }

    async fn dial(&self) -> Result<MultiplexedConnection> {
        let connecting = TcpStream::connect((self.name.as_str(), self.port));
        let socket = connecting.await.map_err(|error| unreachable(&error))?;
        socket.set_nodelay(true).map_err(|error| unreachable(&error))?;
        match &self.tls {
            None => self.greet(socket).await,
            Some((tls, server)) => {
                let stream = tls.connect(server.clone(), socket).await;
                self.greet(stream.map_err(|error| unreachable(&error))?).await
            }
        }
    }

    async fn greet(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    ) -> Result<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(ANSWER));
        let made = MultiplexedConnection::new_with_config(&self.settings, stream, config).await;
        let (mut connection, wire) = made.map_err(|error| explain(&error))?;
        tokio::spawn(wire);
        // Who may not do anything here is told at once.
        let () = redis::cmd("EVAL")
            .arg(CLAIM_NOTHING)
            .arg(1)
            .arg(&self.prefix)
            .query_async(&mut connection)
            .await
            .map_err(|error| explain(&error))?;
        Ok(connection)
    }
}

fn tls(root: Option<&Path>) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    match root {
        Some(path) => {
            let unusable = |error: &dyn std::fmt::Display| {
                Error::argument(format!("The sslrootcert {} cannot be used: {error}.", path.display()))
            };
            let certificates = CertificateDer::pem_file_iter(path).map_err(|error| unusable(&error))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| unusable(&error))?;
                roots.add(certificate).map_err(|error| unusable(&error))?;
            }
            if roots.is_empty() {
                return Err(unusable(&"there is no certificate in it"));
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring does the versions that are rustls's defaults")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// What the server said, or why it could not be asked. Neither holds a password.
fn explain(error: &RedisError) -> Error {
    let (code, advice) = match error.kind() {
        ErrorKind::Server(ServerErrorKind::ReadOnly) => {
            (Code::StoreReadOnly, "The server is a replica: use the primary.")
        }
        ErrorKind::Server(ServerErrorKind::NoPerm) => (
            Code::StoreReadOnly,
            "The user needs the commands EVAL, GET, SET, DEL, PTTL and PEXPIRE on the keys of the prefix.",
        ),
        ErrorKind::AuthenticationFailed => (Code::StoreUnavailable, "Are user and password right?"),
        _ => match error.code() {
            Some("OOM") => (Code::StoreFull, "The server's memory is full."),
            Some("NOAUTH" | "WRONGPASS") => (Code::StoreUnavailable, "Are user and password right?"),
            Some("MISCONF") => (Code::StoreUnavailable, "The server cannot write to its disk."),
            Some("MOVED" | "ASK" | "CROSSSLOT" | "CLUSTERDOWN") => {
                (Code::StoreUnavailable, "A Redis cluster cannot be used, only a single primary.")
            }
            _ => (Code::StoreUnavailable, "Is the server, and the network, well?"),
        },
    };
    let what = error.to_string();
    Error::new(code, format!("Could not use Redis: {}. {advice}", what.trim_end_matches('.')))
}

fn unreachable(error: &std::io::Error) -> Error {
    Error::new(
        Code::StoreUnavailable,
        format!("Could not connect to Redis: {error}. Is the address right, and the server running?"),
    )
}

fn unreadable() -> Error {
    Error::argument(
        "The url cannot be read: it is not of the form redis://user:password@host:port/0, or rediss:// with TLS.",
    )
}

const OURS: i64 = 1;
const HELD: i64 = 2;
/// Key, token, lease. The value is `<lease>:<token>` while it is held, and `done:<token>`. Where more than the whole
/// lease is left, the clock was set back.
const CLAIM: &str = "local mine = ARGV[2] .. ':' .. ARGV[1]
local value = redis.call('GET', KEYS[1])
if not value or value == mine then
    redis.call('SET', KEYS[1], mine, 'PX', ARGV[2])
    return {1, 0}
end
local lease = tonumber(string.match(value, '^(%d+):'))
if not lease then return {0, 0} end
local left = redis.call('PTTL', KEYS[1])
if left > lease then
    redis.call('PEXPIRE', KEYS[1], lease)
    left = lease
end
return {2, left}";
const EXTEND: &str = "local mine = ARGV[2] .. ':' .. ARGV[1]
local value = redis.call('GET', KEYS[1])
if value and value ~= mine then return {0, 0} end
redis.call('SET', KEYS[1], mine, 'PX', ARGV[2])
return {1, 0}";
const DONE: &str = "local done = 'done:' .. ARGV[1]
local value = redis.call('GET', KEYS[1])
if value and value ~= done and string.match(value, '^%d+:(.*)$') ~= ARGV[1] then return {0, 0} end
redis.call('SET', KEYS[1], done, 'PX', ARGV[2])
return {1, 0}";
const RELEASE: &str = "local value = redis.call('GET', KEYS[1])
if value and string.match(value, '^%d+:(.*)$') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return {1, 0}";
const CLAIM_NOTHING: &str = "redis.call('GET', KEYS[1])";
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(5);
