//! Names become addresses here, and forbidden addresses go no further.
//!
//! The connector dials exactly the addresses this module returns, so there is no second look-up that could
//! give another answer (DNS rebinding). It does not ask for hosts that are IP literals: those are checked
//! with the url before every attempt.

use std::cell::Cell;
use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::AllowPrivate;
use crate::error::{Code, Error};

/// The answer of a [`Resolver`], to be awaited.
pub type Lookup<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Finds the addresses of a name; implement it to bring your own DNS.
///
/// Whatever it answers is judged by [`AllowPrivate`]: a resolver cannot open what the policy closes.
pub trait Resolver: Send + Sync + 'static {
    /// The addresses of `name`, which ends in a dot where search domains must not be appended to it.
    fn resolve<'a>(&'a self, name: &'a str) -> Lookup<'a>;
}

/// The operating system's resolver.
pub(crate) struct System;

impl Resolver for System {
    fn resolve<'a>(&'a self, name: &'a str) -> Lookup<'a> {
        Box::pin(async move {
            let answers = tokio::net::lookup_host((name, 0)).await?;
            Ok(answers.map(|answer| answer.ip()).collect())
        })
    }
}

/// A resolver whose forbidden answers are dropped.
pub(crate) struct Guarded {
    resolver: Arc<dyn Resolver>,
    policy: AllowPrivate,
}

impl Guarded {
    pub(crate) fn new(resolver: Arc<dyn Resolver>, policy: AllowPrivate) -> Self {
        Self { resolver, policy }
    }

    /// Where only public hosts are allowed, the name is the whole name: the search domains of this machine
    /// must not turn a stranger's `example.com` into `example.com.cluster.local`. Private names keep their
    /// spelling, because a hosts file does not know them with a dot.
    fn query(&self, name: &str) -> String {
        match self.policy {
            AllowPrivate::No if !name.ends_with('.') => format!("{name}."),
            _ => name.to_owned(),
        }
    }

    /// An IPv4 address in IPv6 clothes has no business in DNS, whatever it is.
    fn permits(&self, answer: &IpAddr) -> bool {
        let mapped = matches!(answer, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
        !mapped && self.policy.permits(*answer)
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let query = self.query(name.as_str());
        let guard = Self::new(self.resolver.clone(), self.policy.clone());
        Box::pin(async move {
            let answers = match guard.resolver.resolve(&query).await {
                Ok(answers) if !answers.is_empty() => answers,
                Ok(_) => return Err(unknown(&query, &"no address")),
                Err(error) => return Err(unknown(&query, &error)),
            };
            let (allowed, refused): (Vec<_>, Vec<_>) =
                answers.into_iter().partition(|answer| guard.permits(answer));
            if !refused.is_empty() {
                // For the operator's eyes only: addresses of the inner network are not the endpoint owner's to see.
                tracing::debug!(name = %query, ?refused, "dropped forbidden addresses");
            }
            if allowed.is_empty() {
                return Err(blocked().into());
            }
            if !refused.is_empty() {
                // Absent only where a connection goes on being made after its attempt found a pooled one.
                let _ = MIXED.try_with(|mixed| mixed.set(true));
            }
            Ok(Box::new(allowed.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

/// Awaits an attempt; also tells whether the look-up in it gave forbidden addresses besides allowed ones.
pub(crate) async fn watch_mixed<T>(attempt: impl Future<Output = T>) -> (T, bool) {
    let watched = async { (attempt.await, MIXED.with(Cell::get)) };
    MIXED.scope(Cell::new(false), watched).await
}

/// One message for all that is blocked, so that nobody can map the inner network with it.
pub(crate) fn blocked() -> Error {
    Error::new(
        Code::BlockedAddress,
        "The host is at an address that is not public; to deliver to private networks, set allow_private.",
    )
}

fn unknown(query: &str, detail: &dyn std::fmt::Display) -> Box<dyn StdError + Send + Sync> {
    tracing::debug!(name = %query, %detail, "name not resolved");
    Error::new(Code::DnsFailed, "The host's name could not be resolved.").into()
}

tokio::task_local! {
    static MIXED: Cell<bool>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_names_are_whole_names() {
        let query = |policy, name| Guarded::new(Arc::new(System), policy).query(name);
        assert_eq!(query(AllowPrivate::No, "example.com"), "example.com.");
        assert_eq!(query(AllowPrivate::No, "example.com."), "example.com.");
        assert_eq!(query(AllowPrivate::All, "localhost"), "localhost");
        assert_eq!(query(AllowPrivate::Only(Vec::new()), "db.internal"), "db.internal");
    }

    #[test]
    fn mapped_answers_are_dropped_even_if_public() {
        let guard = Guarded::new(Arc::new(System), AllowPrivate::All);
        for (answer, permitted) in
            [("8.8.8.8", true), ("127.0.0.1", true), ("::ffff:8.8.8.8", false), ("169.254.169.254", false)]
        {
            assert_eq!(guard.permits(&answer.parse().unwrap()), permitted, "{answer}");
        }
    }
}
