//! Names become addresses here, and forbidden addresses go no further.
//!
//! The connector dials exactly the addresses this module returns, so there is no second look-up that could
//! give another answer (DNS rebinding).

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

use url::{Host, Url};

use super::address::AllowPrivate;
use crate::error::{Code, Error, Result};

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

/// The addresses of a name that may be dialled.
struct Allowed {
    allowed: Vec<IpAddr>,
    /// Whether there were others.
    mixed: bool,
}

/// Where a url may lead; `mixed_dns` is set if its name also has addresses that are forbidden.
pub(crate) async fn allowed(
    resolver: &dyn Resolver,
    policy: &AllowPrivate,
    url: &Url,
    mixed_dns: &mut bool,
) -> Result<Vec<SocketAddr>> {
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err(no_host());
    };
    let addresses = match host {
        Host::Domain(name) => {
            let answer = addresses(resolver, policy, name).await?;
            *mixed_dns = answer.mixed;
            answer.allowed
        }
        Host::Ipv4(ip) => literal(ip.into(), policy)?,
        Host::Ipv6(ip) => literal(ip.into(), policy)?,
    };
    Ok(addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
}

/// Looks a name up and drops what is forbidden.
async fn addresses(resolver: &dyn Resolver, policy: &AllowPrivate, name: &str) -> Result<Allowed> {
    let query = query(policy, name);
    let answers = match resolver.resolve(&query).await {
        Ok(answers) if !answers.is_empty() => answers,
        Ok(_) => return Err(unknown(&query, &"no address")),
        Err(error) => return Err(unknown(&query, &error)),
    };
    let (allowed, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| permits(policy, answer));
    if !refused.is_empty() {
        // For the operator's eyes only: addresses of the inner network are not the endpoint owner's to see.
        tracing::debug!(name = %query, ?refused, "dropped forbidden addresses");
    }
    if allowed.is_empty() {
        return Err(blocked());
    }
    Ok(Allowed { allowed, mixed: !refused.is_empty() })
}

/// Where only public hosts are allowed, the name is the whole name: the search domains of this machine must not
/// turn a stranger's `example.com` into `example.com.cluster.local`. Private names keep their spelling, because a
/// hosts file does not know them with a dot.
fn query(policy: &AllowPrivate, name: &str) -> String {
    match policy {
        AllowPrivate::No if !name.ends_with('.') => format!("{name}."),
        _ => name.to_owned(),
    }
}

/// An IPv4 address in IPv6 clothes has no business in DNS, whatever it is.
fn permits(policy: &AllowPrivate, answer: &IpAddr) -> bool {
    let mapped = matches!(answer, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
    !mapped && policy.permits(*answer)
}

/// One message for all that is blocked, so that nobody can map the inner network with it.
pub(crate) fn blocked() -> Error {
    Error::new(
        Code::BlockedAddress,
        "The host is at an address that is not public; to deliver to private networks, set allow_private.",
    )
}

pub(crate) fn no_host() -> Error {
    Error::new(Code::InvalidUrl, "The url has no host.")
}

fn literal(ip: IpAddr, policy: &AllowPrivate) -> Result<Vec<IpAddr>> {
    if policy.permits(ip) { Ok(vec![ip]) } else { Err(blocked()) }
}

fn unknown(query: &str, detail: &dyn std::fmt::Display) -> Error {
    tracing::debug!(name = %query, %detail, "name not resolved");
    Error::new(Code::DnsFailed, "The host's name could not be resolved.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_names_are_whole_names() {
        assert_eq!(query(&AllowPrivate::No, "example.com"), "example.com.");
        assert_eq!(query(&AllowPrivate::No, "example.com."), "example.com.");
        assert_eq!(query(&AllowPrivate::All, "localhost"), "localhost");
        assert_eq!(query(&AllowPrivate::Only(Vec::new()), "db.internal"), "db.internal");
    }

    #[test]
    fn mapped_answers_are_dropped_even_if_public() {
        for (answer, permitted) in
            [("8.8.8.8", true), ("127.0.0.1", true), ("::ffff:8.8.8.8", false), ("169.254.169.254", false)]
        {
            assert_eq!(permits(&AllowPrivate::All, &answer.parse().unwrap()), permitted, "{answer}");
        }
    }
}
