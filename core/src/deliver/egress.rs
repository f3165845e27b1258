//! Which urls events may be delivered to, as far as it can be told without asking anybody.

use std::net::IpAddr;

use url::{Host, Url};

use super::address::AllowPrivate;
use crate::error::{Code, Error, Result};

/// What a sender may talk to: by default https and public addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EgressPolicy {
    /// Whether plain http is allowed, where anybody on the way can read and change events.
    pub allow_http: bool,
    /// The networks allowed besides the public internet.
    pub allow_private: AllowPrivate,
}

impl EgressPolicy {
    /// The url, parsed and in the one spelling that is checked, signed and dialled; call it when a url is saved.
    ///
    /// Names are judged by their look alone here. What they resolve to is judged at each attempt, since that
    /// can change at any time.
    ///
    /// # Errors
    /// `invalid_url` if it is no http(s) url, or has a user name, a password or a fragment;
    /// `blocked_address` if its host is a private address or name.
    pub fn check(&self, url: &str) -> Result<Url> {
        let url = parse(url)?;
        self.check_parsed(&url)?;
        Ok(url)
    }

    /// The part of [`check`](Self::check) that depends on the policy.
    pub(crate) fn check_parsed(&self, url: &Url) -> Result<()> {
        if url.scheme() == "http" && !self.allow_http {
            return Err(invalid("The url is plain http; use https, or set allow_http to send in the clear."));
        }
        match url.host() {
            Some(Host::Ipv4(ip)) => self.check_ip(ip.into()),
            Some(Host::Ipv6(ip)) => self.check_ip(ip.into()),
            Some(Host::Domain(name)) => self.check_name(name),
            None => Err(invalid("The url has no host.")),
        }
    }

    fn check_ip(&self, ip: IpAddr) -> Result<()> {
        if self.allow_private.permits(ip) {
            return Ok(());
        }
        Err(blocked(match self.allow_private {
            AllowPrivate::All => {
                format!("{ip} belongs to a metadata service; list it in allow_private if you mean it.")
            }
            _ => format!("{ip} is not a public address; to deliver to private networks, set allow_private."),
        }))
    }

    fn check_name(&self, name: &str) -> Result<()> {
        let name = name.strip_suffix('.').unwrap_or(name);
        let private = !name.contains('.') || PRIVATE_SUFFIXES.iter().any(|suffix| name.ends_with(suffix));
        if private && self.allow_private == AllowPrivate::No {
            return Err(blocked(format!(
                "{name:?} is a name of a private network; to deliver there, set allow_private."
            )));
        }
        Ok(())
    }
}

/// An http(s) url that names a host and nothing that would get lost on the way to it.
pub(crate) fn parse(text: &str) -> Result<Url> {
    // The parser reports which rule was broken and quotes nothing: urls may hold credentials.
    let url = Url::parse(text).map_err(|error| invalid(format!("This is not a url: {error}.")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid("The url must start with https:// (or http://)."));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid(
            "The url has a user name or password; remove it and set an authorization header on the endpoint.",
        ));
    }
    if url.fragment().is_some() {
        return Err(invalid("The url has a fragment, which is never sent; remove the # and what follows."));
    }
    if url.port() == Some(0) {
        return Err(invalid("The url has port 0, where nothing can listen."));
    }
    if let Some(Host::Domain(name)) = url.host() {
        check_labels(name.strip_suffix('.').unwrap_or(name))?;
    }
    if url.as_str().len() > LONGEST_URL {
        return Err(invalid(format!("The url is longer than {LONGEST_URL} bytes.")));
    }
    if http::Uri::try_from(url.as_str()).is_err() {
        return Err(invalid("The url has characters that no request can carry; percent-encode them."));
    }
    Ok(url)
}

fn check_labels(name: &str) -> Result<()> {
    if name.len() > LONGEST_NAME
        || name.split('.').any(|label| label.is_empty() || label.len() > LONGEST_LABEL)
    {
        return Err(invalid("The url's host is not a name that DNS could hold."));
    }
    Ok(())
}

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Code::InvalidUrl, message)
}

fn blocked(message: String) -> Error {
    Error::new(Code::BlockedAddress, message)
}

/// Names that never belong to the public DNS (RFC 6761, RFC 6762, ICANN's `internal`).
const PRIVATE_SUFFIXES: &[&str] = &[".localhost", ".local", ".internal"];
const LONGEST_URL: usize = 8000;
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> EgressPolicy {
        EgressPolicy { allow_http: true, allow_private: AllowPrivate::All }
    }

    /// Plain http, so that only the host can be what is refused.
    fn public() -> EgressPolicy {
        EgressPolicy { allow_http: true, ..EgressPolicy::default() }
    }

    fn code(policy: &EgressPolicy, url: &str) -> Option<Code> {
        policy.check(url).err().map(|error| error.code())
    }

    #[test]
    fn ordinary_urls_pass() {
        for (url, normal) in [
            ("https://example.com", "https://example.com/"),
            ("HTTPS://EXAMPLE.com:443/Hook?a=B", "https://example.com/Hook?a=B"),
            ("https://example.com:8443/", "https://example.com:8443/"),
            ("https://example.com./hook", "https://example.com./hook"),
            ("https://8.8.8.8/", "https://8.8.8.8/"),
            ("https://[2606:4700:4700::1111]/", "https://[2606:4700:4700::1111]/"),
            ("https://bücher.example/", "https://xn--bcher-kva.example/"),
            ("https://my_host.example.com/", "https://my_host.example.com/"),
            (" https://example.com/\n", "https://example.com/"),
        ] {
            assert_eq!(EgressPolicy::default().check(url).unwrap().as_str(), normal);
        }
    }

    #[test]
    fn what_is_no_url_for_us() {
        for url in [
            "",
            "example.com",
            "//example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "gopher://example.com/",
            "javascript:alert(1)",
            "data:text/plain,x",
            "unix:/run/socket",
            "https://",
            "https:///",
            "http://#",
            "https://?",
            "https://user@example.com/",
            "https://user:password@example.com/",
            "https://:password@example.com/",
            "https://a@127.0.0.1@b/",
            "https://example.com/#fragment",
            "https://example.com/#",
            "https://example.com:0/",
            "https://example.com:65536/",
            "https://example.com:http/",
            "https://exa mple.com/",
            "https://a..b/",
            "https://.example.com/",
            "https://example.com../",
            "https://[::1%25lo]/",
            "https://[::1%lo]/",
            "https://[::1/",
            "https://[127.0.0.1]/",
            "https://256.256.256.256/",
            "https://1.2.3.4.5/",
            "https://0x100000000/",
            "https://09/",
            "https://example.0x/",
            "https://exa<mple.com/",
            "https://%00.example.com/",
            "https://xn--/",
        ] {
            assert_eq!(code(&open(), url), Some(Code::InvalidUrl), "{url}");
        }
        for url in [
            format!("https://{}.com/", "a".repeat(64)),
            format!("https://{}com/", "abcdefg.".repeat(32)),
            format!("https://example.com/{}", "a".repeat(LONGEST_URL)),
        ] {
            assert_eq!(code(&open(), &url), Some(Code::InvalidUrl), "{url}");
        }
    }

    #[test]
    fn whatever_a_path_or_query_holds_can_be_sent() {
        for character in (0..0x300).filter_map(char::from_u32).filter(|character| *character != '#') {
            let url = format!("https://example.com/a{character}b?a{character}b");
            assert_eq!(code(&open(), &url), None, "{url:?}");
        }
    }

    #[test]
    fn plain_http_has_to_be_allowed() {
        let error = EgressPolicy::default().check("http://example.com/").unwrap_err();
        assert_eq!(error.code(), Code::InvalidUrl);
        assert!(error.message().contains("allow_http"), "{error}");
        assert!(public().check("http://example.com/").is_ok());
    }

    #[test]
    fn every_spelling_of_a_private_address_is_seen() {
        for host in [
            "127.0.0.1",
            "127.0.0.1.",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0x7F.0x0.0x0.0x1",
            "0177.0.0.1",
            "017700000001",
            "00000177.0.0.0x1",
            "0",
            "0.0.0.0",
            "0x0",
            "127.0.0.1:8080",
            "10.0.0.1",
            "0xa9fea9fe",
            "169.254.169.254",
            "0xA9.0xFE.0xA9.0xFE",
            "0251.0376.0251.0376",
            "2852039166",
            "168.63.129.16",
            "100.100.100.200",
            "255.255.255.255",
            "%31%32%37.0.0.1",
            "127%2e0%2E0%2e1",
            "①②⑦.⓪.⓪.①",
            "127。0。0。1",
            "１２７．０．０．１",
            "０x7f.1",
            "127.0.0.\t1",
            "127.0\n.0.1",
            "[::]",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::1]:8080",
            "[::ffff:7f00:1]",
            "[::ffff:127.0.0.1]",
            "[::7f00:1]",
            "[::127.0.0.1]",
            "[::ffff:0:7f00:1]",
            "[64:ff9b::a9fe:a9fe]",
            "[64:ff9b::169.254.169.254]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2001:0:7f00:1::]",
            "[fd00:ec2::254]",
            "[FE80::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[5f00::1]",
            "[4000::1]",
        ] {
            let url = format!("http://{host}/");
            assert_eq!(code(&public(), &url), Some(Code::BlockedAddress), "{url}");
        }
        for url in [
            "http:127.0.0.1/",
            "http:/127.0.0.1",
            "http:///127.0.0.1",
            r"http:\\127.0.0.1\hook",
            "\u{1}http://127.0.0.1/",
        ] {
            assert_eq!(code(&public(), url), Some(Code::BlockedAddress), "{url}");
        }
    }

    #[test]
    fn backslashes_and_at_signs_hide_no_host() {
        for (url, host) in [
            (r"http://example.com\@127.0.0.1/", "example.com"),
            ("http://example.com/@127.0.0.1/", "example.com"),
            ("http://example.com?@127.0.0.1/", "example.com"),
            ("http://example.com:80\\.internal/", "example.com"),
        ] {
            assert_eq!(public().check(url).unwrap().host_str(), Some(host), "{url}");
        }
    }

    #[test]
    fn names_of_private_networks() {
        for host in [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "printer.local",
            "db.internal",
            "metadata.google.internal",
            "metadata.google.internal.",
            "METADATA.google.Internal",
            "intranet",
            "kubernetes",
            "ｌｏｃａｌｈｏｓｔ",
            "local%68ost",
            "ⓛocalhost",
            "localhost\u{3002}",
            "lo\u{ad}calhost",
        ] {
            let url = format!("https://{host}/");
            assert_eq!(code(&public(), &url), Some(Code::BlockedAddress), "{url}");
            assert_eq!(code(&open(), &url), None, "{url}");
            let some =
                EgressPolicy { allow_private: AllowPrivate::only(["10.0.0.0/8"]).unwrap(), ..public() };
            assert_eq!(code(&some, &url), None, "{url}");
        }
        for host in [
            "localhost.example.com",
            "notlocal.example",
            "internal.example.com",
            "127.0.0.1.nip.io",
            "evillocalhost.com",
        ] {
            assert_eq!(code(&public(), &format!("https://{host}/")), None, "{host}");
        }
    }

    #[test]
    fn messages_say_what_to_do_and_quote_no_credentials() {
        for url in ["http://127.0.0.1/", "http://localhost/"] {
            assert!(public().check(url).unwrap_err().message().contains("allow_private"));
        }
        let metadata = open().check("http://169.254.169.254/").unwrap_err();
        assert_eq!(metadata.code(), Code::BlockedAddress);
        assert!(metadata.message().contains("allow_private"), "{metadata}");
        for url in ["https://user:hunter2@example.com/", "ftp://example.com/hunter2", "https://hunter2\u{0}/"]
        {
            assert!(!open().check(url).unwrap_err().message().contains("hunter2"));
        }
    }

    #[test]
    fn explicit_permission() {
        let some = EgressPolicy { allow_private: AllowPrivate::only(["10.0.0.0/8"]).unwrap(), ..public() };
        assert_eq!(code(&some, "http://10.1.2.3/"), None);
        assert_eq!(code(&some, "http://[::ffff:10.1.2.3]/"), None);
        assert_eq!(code(&some, "http://127.0.0.1/"), Some(Code::BlockedAddress));
        assert_eq!(code(&open(), "http://127.0.0.1:3000/"), None);
    }
}
