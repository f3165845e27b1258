//! What the adapters for web frameworks share, in every language.

use crate::error::{Code, Error, Kind};

/// How many bytes of a request the adapters read, unless they are told another limit.
pub const MAX_BODY: usize = 1024 * 1024;

/// The url to verify a request with, for providers that sign it: the one that is `registered` with the provider,
/// and of the request's `target`, its path and query, what that leaves out.
///
/// `https://example.com` serves every path, `https://example.com/hooks` this one, with whatever query the request
/// has, and a url with a query is taken as it is. What host and scheme a request claims does not count: behind a
/// proxy they are wrong, and whoever sends it chooses them.
pub fn public_url(registered: &str, target: &str) -> String {
    let host = registered.find("://").map_or(0, |at| at + "://".len());
    let target = target.split('#').next().unwrap_or_default();
    let missing = match registered[host..].find(['/', '?']).map(|at| &registered[host + at..]) {
        Some(given) if given.contains('?') => "",
        Some(_) => target.find('?').map_or("", |at| &target[at..]),
        None => target,
    };
    format!("{registered}{missing}")
}

/// How to refuse a request that led to an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The HTTP status. 2xx for a known duplicate, which is refused without a reason to send it again.
    pub status: u16,
    /// The seconds to send as `Retry-After`, if the sender shall try again.
    pub retry_after: Option<u64>,
}

/// What to answer when a request that was received led to this error.
pub fn refusal(error: &Error) -> Refusal {
    let code = error.code();
    // Who closes is about to be replaced.
    let passes = error.kind() == Kind::Store || code == Code::Closed;
    Refusal {
        status: if passes { 503 } else { code.http_status() },
        retry_after: error.retry_after().or(passes.then_some(RETRY_AFTER)),
    }
}

/// In seconds.
const RETRY_AFTER: u64 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_registered_url_leaves_out() {
        for (registered, target, expected) in [
            ("https://a.example", "/b/c?d=e", "https://a.example/b/c?d=e"),
            ("https://a.example", "/", "https://a.example/"),
            ("https://a.example", "", "https://a.example"),
            ("https://a.example/", "/b?c", "https://a.example/?c"),
            ("https://a.example/b", "/inside/b", "https://a.example/b"),
            ("https://a.example/b", "/inside/b?c=d", "https://a.example/b?c=d"),
            ("https://a.example/b?x=y", "/b?c=d", "https://a.example/b?x=y"),
            ("https://a.example?x=y", "/b?c=d", "https://a.example?x=y"),
            ("https://a.example", "/b?c#d", "https://a.example/b?c"),
            ("a.example", "/b", "a.example/b"),
        ] {
            assert_eq!(public_url(registered, target), expected, "{registered} {target}");
        }
    }
}
