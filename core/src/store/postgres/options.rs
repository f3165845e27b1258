//! How a store in PostgreSQL is set up, and what its url says.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

use crate::error::{Code, Error, Result};

/// How a [`PostgresStore`](super::PostgresStore) is set up. A url overrules it: `hookseal_schema`, `hookseal_pool` and
/// `hookseal_lease` (in seconds) among its parameters.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PostgresOptions {
    /// The schema that holds the tables, and the channel for notifications: `hookseal`.
    pub schema: String,
    /// How many connections read at most, besides the one that writes and the one that listens: 4.
    pub pool: usize,
    /// How long after a worker was last heard of others take its lanes: 15 seconds.
    pub lease: Duration,
    /// How long a statement may take: 30 seconds.
    pub patience: Duration,
    /// How long to wait for what others hold locked: 5 seconds.
    pub lock_patience: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            schema: "hookseal".to_owned(),
            pool: 4,
            lease: Duration::from_secs(15),
            patience: Duration::from_secs(30),
            lock_patience: Duration::from_secs(5),
        }
    }
}

impl PostgresOptions {
    fn check(self) -> Result<Self> {
        let schema = &self.schema;
        let name = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        if schema.is_empty()
            || schema.len() > MOST_NAME
            || !schema.chars().all(name)
            || schema.starts_with(|first: char| first.is_ascii_digit())
            || schema.starts_with("pg_")
            || schema == "public"
        {
            return Err(argument(
                "The schema's name consists of a-z, 0-9 and _, and is not public or the server's own.",
            ));
        }
        if !(1..=MOST_POOL).contains(&self.pool) {
            return Err(argument("The pool has 1 to 100 connections."));
        }
        if self.lease < SHORTEST_LEASE || self.lease > LONGEST_LEASE {
            return Err(argument("The lease lasts between half a second and an hour."));
        }
        Ok(self)
    }
}

/// Where the database is and how to talk to it.
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) trust: Trust,
    pub(crate) options: PostgresOptions,
}

/// Which servers' certificates are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Any: encryption is taken where it is offered, against those who only listen.
    Anybody,
    /// One that a trusted authority signed, whatever name it has.
    Authority(Option<PathBuf>),
    /// One that a trusted authority signed for this name.
    Name(Option<PathBuf>),
}

impl Address {
    pub(crate) fn parse(url: &str, options: PostgresOptions) -> Result<Self> {
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut options, mut mode, mut root) = (options, None, None);
        let mut kept = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = form_urlencoded::parse(pair.as_bytes()).next().unwrap_or_default();
            match &*name {
                "hookseal_schema" => options.schema = value.into_owned(),
                "hookseal_pool" => options.pool = number(&name, &value)?,
                "hookseal_lease" => options.lease = Duration::from_secs(number(&name, &value)?),
                "sslmode" => mode = Some(value.into_owned()),
                "sslrootcert" => root = Some(PathBuf::from(&*value)),
                _ => kept.push(pair),
            }
        }
        let rest = if kept.is_empty() { place.to_owned() } else { format!("{place}?{}", kept.join("&")) };
        let mut config: Config = rest
            .parse()
            .map_err(|error| argument(format!("The database's url cannot be read: {}.", Plain(error))))?;
        let (ssl, trust) = match mode.as_deref() {
            Some("disable") => (SslMode::Disable, Trust::Anybody),
            None | Some("prefer" | "allow") if root.is_none() => (SslMode::Prefer, Trust::Anybody),
            Some("verify-ca") => (SslMode::Require, Trust::Authority(root)),
            None | Some("prefer" | "allow" | "require" | "verify-full") => {
                (SslMode::Require, Trust::Name(root))
            }
            Some(_) => {
                return Err(argument("sslmode is disable, prefer, require, verify-ca or verify-full."));
            }
        };
        config.ssl_mode(ssl).keepalives(true).keepalives_idle(KEEPALIVE).keepalives_interval(KEEPALIVE);
        config.keepalives_retries(3).tcp_user_timeout(UNANSWERED);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_application_name().is_none() {
            config.application_name("hookseal");
        }
        Ok(Self { config, trust, options: options.check()? })
    }
}

/// The driver's sentence without what it was about, which may be a password.
struct Plain(tokio_postgres::Error);

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cause = std::error::Error::source(&self.0).map(ToString::to_string).unwrap_or_default();
        // `unknown option `x`` and its like name options; anything else may hold more.
        f.write_str(if cause.starts_with("unknown option") {
            &cause
        } else {
            "it is not of the form postgres://user:password@host:port/database"
        })
    }
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T> {
    value.parse().map_err(|_| argument(format!("{name} is a number.")))
}

fn argument(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Code::InvalidArgument, message)
}

/// PostgreSQL cuts longer names.
const MOST_NAME: usize = 63;
const MOST_POOL: usize = 100;
const SHORTEST_LEASE: Duration = Duration::from_millis(500);
const LONGEST_LEASE: Duration = Duration::from_secs(3600);
const CONNECT: Duration = Duration::from_secs(5);
/// After about half a minute a server that vanished is known to be gone.
const KEEPALIVE: Duration = Duration::from_secs(8);
const UNANSWERED: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Address> {
        Address::parse(url, PostgresOptions::default())
    }

    #[test]
    fn our_parameters_are_taken_out() {
        let address = parse(
            "postgresql://u:p@h:99/d?hookseal_schema=mine&connect_timeout=2&hookseal_pool=7&hookseal_lease=3",
        )
        .unwrap();
        let Address { config, options, .. } = address;
        assert_eq!(
            (options.schema.as_str(), options.pool, options.lease),
            ("mine", 7, Duration::from_secs(3))
        );
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(2)));
        assert_eq!((config.get_dbname(), config.get_application_name()), (Some("d"), Some("hookseal")));
    }

    #[test]
    fn encryption_is_as_it_was_asked_for() {
        let root = Some(PathBuf::from("/ca.pem"));
        for (query, mode, trust) in [
            ("", SslMode::Prefer, Trust::Anybody),
            ("?sslmode=disable", SslMode::Disable, Trust::Anybody),
            ("?sslmode=prefer", SslMode::Prefer, Trust::Anybody),
            ("?sslmode=require", SslMode::Require, Trust::Name(None)),
            ("?sslmode=verify-full&sslrootcert=/ca.pem", SslMode::Require, Trust::Name(root.clone())),
            ("?sslmode=verify-ca&sslrootcert=%2Fca.pem", SslMode::Require, Trust::Authority(root.clone())),
            ("?sslrootcert=/ca.pem", SslMode::Require, Trust::Name(root)),
        ] {
            let address = parse(&format!("postgres://h/d{query}")).unwrap();
            assert_eq!((address.config.get_ssl_mode(), address.trust), (mode, trust), "{query}");
        }
    }

    #[test]
    fn senseless_urls_are_refused_without_their_password() {
        for url in [
            "postgres://u:hunter2@h:port/d",
            "postgres://u:hunter2@h/d?sslmode=maybe",
            "postgres://u:hunter2@h/d?hookseal_pool=many",
            "postgres://u:hunter2@h/d?hookseal_pool=0",
            "postgres://u:hunter2@h/d?hookseal_schema=public",
            "postgres://u:hunter2@h/d?hookseal_schema=Mine%22",
            "postgres://u:hunter2@h/d?hookseal_lease=0",
            "postgres://u:hunter2@h/d?no_such_option=1",
        ] {
            let error = parse(url).err().unwrap();
            assert_eq!(error.code(), Code::InvalidArgument, "{url}");
            assert!(!error.message().contains("hunter2"), "{error}");
        }
    }
}
