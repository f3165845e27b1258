//! What the adapters for web frameworks share, in every language.

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
