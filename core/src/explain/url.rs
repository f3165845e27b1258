//! Urls that are signed: what proxies and tunnels make of them.

use std::borrow::Cow;

use crate::explain::case::Case;
use crate::explain::finding::{Finding, FindingCode};
use crate::template::Segment;

/// Another url or method with which the signature is right.
pub(crate) fn proof(case: &Case<'_>) -> Option<Finding> {
    if !signs_url(case) && !signs(case, &[Segment::Method]) {
        return None;
    }
    let url = case.options.url?;
    let mut seen = vec![url.to_owned()];
    variants(case, url)
        .into_iter()
        .find(|variant| {
            let is_new = !seen.contains(&variant.url);
            if is_new {
                seen.push(variant.url.clone());
            }
            is_new && case.fits(|trial| trial.url = Some(&variant.url))
        })
        .map(|variant| Finding::certain(variant.code, variant.what, REMEDY))
        .or_else(|| method(case))
}

/// That a url is needed.
pub(crate) fn hint(case: &Case<'_>) -> Option<Finding> {
    (case.options.url.is_none() && signs_url(case)).then(|| {
        Finding::certain(
            FindingCode::UrlMissing,
            "The provider signs the url, and no `url` was given.",
            REMEDY,
        )
    })
}

fn method(case: &Case<'_>) -> Option<Finding> {
    if !signs(case, &[Segment::Method]) {
        return None;
    }
    let given = case.options.method.unwrap_or("POST");
    let method = ["POST", "PUT", "GET", "PATCH", "DELETE"]
        .into_iter()
        .filter(|method| *method != given)
        .find(|method| case.fits(|trial| trial.method = Some(method)))?;
    let what = format!("The request was signed for the method {method}.");
    let remedy = "Pass the request's own method as `method`, in capitals.";
    Some(Finding::certain(FindingCode::MethodDiffers, what, remedy))
}

struct Variant {
    code: FindingCode,
    what: Cow<'static, str>,
    url: String,
}

fn variants(case: &Case<'_>, url: &str) -> Vec<Variant> {
    let mut list = Vec::new();
    let mut add =
        |code, what: &str, url: String| list.push(Variant { code, what: what.to_owned().into(), url });
    let (scheme, host, path, query) = parts(url);
    let swapped = if scheme == "https://" { "http://" } else { "https://" };
    let join = |scheme: &str, host: &str, path: &str, query: &str| format!("{scheme}{host}{path}{query}");
    add(
        FindingCode::UrlScheme,
        &format!("The url that was signed begins with {swapped}"),
        join(swapped, host, path, query),
    );
    let (bare, port) = host.rsplit_once(':').map_or((host, None), |(bare, port)| (bare, Some(port)));
    if port.is_some() {
        add(FindingCode::UrlScheme, "The url that was signed has no port.", join(scheme, bare, path, query));
        add(
            FindingCode::UrlScheme,
            &format!("The url that was signed has no port, and begins with {swapped}"),
            join(swapped, bare, path, query),
        );
    } else {
        let default = if scheme == "https://" { ":443" } else { ":80" };
        let with_port = format!("{host}{default}");
        let what = format!("The url that was signed has the port {default}.");
        add(FindingCode::UrlScheme, &what, join(scheme, &with_port, path, query));
    }
    let slashed = match path.strip_suffix('/') {
        Some(path) => path.to_owned(),
        None => format!("{path}/"),
    };
    let what = if slashed.len() > path.len() { "ends in a slash" } else { "has no slash at its end" };
    add(
        FindingCode::UrlPath,
        &format!("The path of the url that was signed {what}."),
        join(scheme, host, &slashed, query),
    );
    if !query.is_empty() {
        add(FindingCode::UrlQuery, "The url that was signed has no query.", join(scheme, host, path, ""));
    }
    for name in ["x-forwarded-host", "host", "x-original-host"] {
        let Some(other) = case.seen.text(name).and_then(|hosts| hosts.split(',').next()).map(str::trim)
        else {
            continue;
        };
        let what = format!("The url that was signed has the host of the header {name}.");
        add(FindingCode::UrlHost, &what, join(scheme, other, path, query));
        add(FindingCode::UrlHost, &what, join(swapped, other, path, query));
    }
    for name in ["x-original-uri", "x-original-url", "x-rewrite-url", "x-forwarded-uri"] {
        let Some(target) = case.seen.text(name) else { continue };
        let (_, _, path, query) = parts(target);
        let what = format!("The url that was signed has the path and query of the header {name}.");
        add(FindingCode::UrlPath, &what, join(scheme, host, path, query));
    }
    if let Some(prefix) = case.seen.text("x-forwarded-prefix") {
        let path = format!("{}{path}", prefix.trim_end_matches('/'));
        let what = "The path of the url that was signed begins with the header x-forwarded-prefix.";
        add(FindingCode::UrlPath, what, join(scheme, host, &path, query));
    }
    list
}

/// Scheme with its slashes, host with its port, path, and query with its question mark.
fn parts(url: &str) -> (&str, &str, &str, &str) {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = url.split_at(after_scheme);
    let host_end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, rest) = rest.split_at(host_end);
    let path_end = rest.find('?').unwrap_or(rest.len());
    let (path, query) = rest.split_at(path_end);
    (scheme, host, path, query)
}

fn signs_url(case: &Case<'_>) -> bool {
    signs(case, &[Segment::Url, Segment::PathQuery])
        || case.webhook.rings().any(|(scheme, _)| {
            scheme.signed.segments().iter().any(|segment| matches!(segment, Segment::Query(_)))
        })
}

fn signs(case: &Case<'_>, segments: &[Segment]) -> bool {
    case.webhook.rings().any(|(scheme, _)| segments.iter().any(|segment| scheme.signed.has(segment)))
}

const REMEDY: &str = "Pass `url` as it is registered with the provider, letter by letter: behind a proxy or tunnel the \
                      request does not know it.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_urls_apart() {
        for (url, expected) in [
            ("https://a.example:1/b/c?d=e", ("https://", "a.example:1", "/b/c", "?d=e")),
            ("https://a.example", ("https://", "a.example", "", "")),
            ("http://a?b=/c://", ("http://", "a", "", "?b=/c://")),
            ("/b", ("", "", "/b", "")),
            ("", ("", "", "", "")),
        ] {
            assert_eq!(parts(url), expected, "{url}");
        }
    }
}
