//! What may have happened to the headers.

use crate::encoding::Encoding;
use crate::explain::case::Case;
use crate::explain::finding::{Finding, FindingCode};
use crate::explain::seen::shown;
use crate::lookup::{Wanted, trim};
use crate::scheme::{Place, Scheme, Source};

/// A change of the headers after which the signature is right.
pub(crate) fn proof(case: &Case<'_>) -> Option<Finding> {
    renamed(case).filter(|(_, holds)| *holds).map(|(finding, _)| finding).or_else(|| rewritten(case))
}

/// What the headers look like, where nothing could be proven.
pub(crate) fn hints(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(duplicated(case));
    if let Some((finding, _)) = renamed(case) {
        findings.push(finding);
    } else {
        findings.extend(missing(case));
    }
    findings
}

/// Another header where one is missing, and whether the request verifies with it.
fn renamed(case: &Case<'_>) -> Option<(Finding, bool)> {
    let wanted = names(case);
    let alike = |name: &str| {
        let mut known = case.seen.lines().iter();
        let is_own = |known: &[u8]| wanted.iter().any(|name| name.as_bytes() == known);
        known.find(|(known, _)| plain(known) == plain(name.as_bytes()) && !is_own(known))
    };
    let pairs: Vec<_> = wanted
        .iter()
        .filter(|name| case.seen.get(name).is_none())
        .filter_map(|name| Some((name.as_str(), alike(name)?)))
        .collect();
    let (name, (known, _)) = *pairs.first()?;
    let mut headers = case.seen.lines().to_vec();
    headers.extend(pairs.iter().map(|(name, (_, value))| (name.as_bytes().to_vec(), value.clone())));
    let holds = case.fits(|trial| trial.headers = &headers);
    let what = format!("The header {name} is missing, and there is {} instead.", shown(known));
    let remedy = "Something before the application renames headers (a proxy, API Gateway, a CGI environment): let it \
                  pass them as they are, or pass them on under their own names.";
    let finding = if holds { Finding::certain::<String, &str> } else { Finding::likely };
    Some((finding(FindingCode::HeaderRenamed, what, remedy), holds))
}

fn missing(case: &Case<'_>) -> Option<Finding> {
    let of_scheme = |scheme: &Scheme| match &scheme.place {
        Place::Headers(names) => {
            names.iter().all(|name| case.seen.get(name).is_none()).then(|| names.join(" or "))
        }
        Place::Json(_) => None,
    };
    let signature = case.webhook.rings().find_map(|(scheme, _)| of_scheme(scheme));
    let is_signed = case.webhook.rings().any(|(scheme, _)| of_scheme(scheme).is_none());
    if let Some(names) = signature.filter(|_| !is_signed) {
        if case.webhook.provider().secret_optional() {
            let what = format!("The request is unsigned: it has no {names} header.");
            let remedy = "This provider signs only for endpoints that have a secret: set one there. Do not accept \
                          unsigned requests, which anybody can send.";
            return Some(Finding::likely(FindingCode::UnsignedDelivery, what, remedy));
        }
        let what = format!("The request has no {names} header.");
        let remedy = "Was it sent by the provider? Tools, health checks and some test buttons send unsigned requests, \
                      and some proxies drop headers that they do not know.";
        return Some(Finding::certain(FindingCode::HeaderMissing, what, remedy));
    }
    let mut others = names(case);
    others.retain(|name| case.seen.get(name).is_none());
    let name = case.webhook.rings().find_map(|(scheme, _)| {
        let stamp = match &scheme.timestamp.as_ref()?.from {
            Source::Headers(names) => names.first(),
            _ => None,
        };
        stamp.into_iter().chain(scheme.id.first()).find(|name| others.contains(name))
    })?;
    let what = format!("The request is signed, but has no {name} header, which is signed too.");
    let remedy =
        "Let whatever stands before the application (a proxy, a gateway, a filter of headers) pass it.";
    Some(Finding::certain(FindingCode::HeaderMissing, what, remedy))
}

fn duplicated(case: &Case<'_>) -> Option<Finding> {
    let is_signature = |name: &String| {
        case.webhook
            .rings()
            .any(|(scheme, _)| matches!(&scheme.place, Place::Headers(names) if names.contains(name)))
    };
    let name = names(case).into_iter().filter(|name| !is_signature(name)).find(|name| {
        let mut values = case.seen.all(name);
        values.next().is_some_and(|first| values.any(|other| other != first))
    })?;
    let what =
        format!("The header {name} came twice with different values, so nobody can say which was signed.");
    let remedy =
        "Find out what adds the second one: a proxy, a middleware, or somebody who tries to smuggle a value.";
    Some(Finding::certain(FindingCode::HeaderDuplicated, what, remedy))
}

/// The signature written anew, as the provider's file has it.
fn rewritten(case: &Case<'_>) -> Option<Finding> {
    case.webhook.rings().find_map(|(scheme, keys)| {
        let (Place::Headers(names), Some(encoding)) = (&scheme.place, scheme.encoding) else { return None };
        let name = names.iter().find(|name| case.seen.get(name).is_some())?;
        let stamp = stamp(case, scheme);
        let mut others = case.seen.lines().to_vec();
        others.retain(|(known, _)| !names.iter().any(|name| known == name.as_bytes()));
        let mut seen = 0;
        case.seen.all(name).flat_map(readings).find_map(|Reading { text, how }| {
            let bytes = decoded(scheme, encoding, &text)?;
            seen += 1;
            if seen > MOST_READINGS {
                return None;
            }
            let value = scheme.header_value(stamp.as_deref(), &[encoding.encode(&bytes.0)]);
            let mut headers = others.clone();
            headers.push((name.clone().into_bytes(), value.into_bytes()));
            let mut trial = case.trial(scheme, keys);
            trial.headers = &headers;
            case.holds(&trial).then(|| finding(scheme, name, how, bytes.1))
        })
    })
}

fn finding(scheme: &Scheme, name: &str, how: How, other: Option<Encoding>) -> Finding {
    let form = scheme.form();
    if let Some(other) = other {
        let expected = scheme.encoding.map(Encoding::name).unwrap_or_default();
        let what = format!(
            "The signature in {name} is right, but is written in {} instead of {expected}.",
            other.name()
        );
        let remedy = "Write it as the provider does, if you are the sender; else its file has the wrong `encoding`, \
                      or it is another provider.";
        return Finding::certain(FindingCode::SignatureEncoding, what, remedy);
    }
    match how {
        How::Item => {
            let what = format!("The signature in {name} is right, but its form is not `{form}`.");
            let remedy = "Pass the header's value as it came, with its prefix. If it came so, the sender's form is not \
                          the one of the provider's file.";
            Finding::certain(FindingCode::SignatureForm, what, remedy)
        }
        How::Merged => {
            let what =
                format!("Several {name} headers were merged into one with commas, and one of them is right.");
            let remedy =
                "Pass each line of the header by itself: a list of pairs, or the framework's own headers.";
            Finding::certain(FindingCode::HeaderMerged, what, remedy)
        }
        How::Altered(change) => {
            let what = format!("The signature in {name} is right, but {change}.");
            let remedy = "Pass the header's value as it came. Find out what has changed it on the way.";
            Finding::certain(FindingCode::SignatureAltered, what, remedy)
        }
    }
}

/// A part of a header's value that may be the signature.
struct Reading {
    text: Vec<u8>,
    how: How,
}

#[derive(Clone, Copy)]
enum How {
    /// It stands there, but not in the form that was expected.
    Item,
    Merged,
    Altered(&'static str),
}

/// Everything in a value that may be the signature, first in the value as it is, then with each damage undone.
fn readings(value: &[u8]) -> impl Iterator<Item = Reading> {
    mended(value).flat_map(|(value, damage)| {
        let merged = value.contains(&b',') && value.contains(&b' ');
        let items = value.split(|byte| b", ;".contains(byte)).map(trim).filter(|item| !item.is_empty());
        let parts = std::iter::once(&*value).chain(items).take(MOST_READINGS);
        let readings: Vec<_> = parts
            .flat_map(|part| {
                let how = match damage {
                    Some(damage) => How::Altered(damage),
                    None if merged && part.len() < value.len() => How::Merged,
                    None => How::Item,
                };
                let after = part.iter().position(|byte| b"=,:".contains(byte)).map(|at| &part[at + 1..]);
                let texts = [Some(part), after].into_iter().flatten();
                texts.map(move |text| Reading { text: text.to_vec(), how })
            })
            .collect();
        readings
    })
}

/// A value as it is, and with each kind of damage undone.
fn mended(value: &[u8]) -> impl Iterator<Item = (Vec<u8>, Option<&'static str>)> {
    let bare = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    let plus = value.iter().map(|byte| if *byte == b' ' { b'+' } else { *byte });
    let changed = [
        (bare.to_vec(), "has quotes around it"),
        (percent_decoded(value), "is percent-encoded"),
        (plus.collect(), "its plus signs were turned to spaces"),
    ];
    let is_other = changed.map(|(other, damage)| (other != value).then_some((other, Some(damage))));
    std::iter::once((value.to_vec(), None)).chain(is_other.into_iter().flatten())
}

/// The signature's bytes, and the encoding if it is not the provider's.
fn decoded(scheme: &Scheme, own: Encoding, text: &[u8]) -> Option<(Vec<u8>, Option<Encoding>)> {
    let length = length_of(scheme);
    let fits = |bytes: &Vec<u8>| length.is_none_or(|length| bytes.len() == length) && bytes.len() >= 16;
    if let Some(bytes) = own.decode(text).filter(fits) {
        return Some((bytes, None));
    }
    let others = [Encoding::Hex, Encoding::Base64, Encoding::Base64Url, Encoding::Base64Hex];
    others.into_iter().find_map(|other| Some((other.decode(text).filter(fits)?, Some(other))))
}

/// How many bytes the scheme's signatures have; nothing where it depends.
pub(crate) fn length_of(scheme: &Scheme) -> Option<usize> {
    use crate::mac::Algorithm::*;
    match scheme.key.algorithm() {
        HmacSha1 | Sha1 => Some(20),
        HmacSha256 | Sha256 => Some(32),
        HmacSha512 | Ed25519 => Some(64),
        Token | EcdsaP256 => None,
    }
}

/// The text of a timestamp in the signature header, wherever it stands there.
fn stamp(case: &Case<'_>, scheme: &Scheme) -> Option<String> {
    let Source::Field(field) = &scheme.timestamp.as_ref()?.from else { return None };
    let mut wanted = Wanted::default();
    scheme.want(&mut wanted);
    let lines = wanted.pick(case.seen.lines()).ok()?;
    let value = match scheme.field(&lines, field) {
        Ok(value) => value.to_vec(),
        Err(_) => {
            let Place::Headers(names) = &scheme.place else { return None };
            let value = case.seen.get(names.first()?)?;
            let mut items = value.split(|byte| b", ;".contains(byte)).map(trim);
            let start = format!("{field}=");
            items.find_map(|item| item.strip_prefix(start.as_bytes()))?.to_vec()
        }
    };
    String::from_utf8(value).ok()
}

/// Every header that the webhook's schemes read.
fn names(case: &Case<'_>) -> Vec<String> {
    let mut wanted = Wanted::default();
    case.webhook.rings().for_each(|(scheme, _)| scheme.want(&mut wanted));
    wanted.names().to_vec()
}

/// What is left of a name without what proxies and gateways do to it.
fn plain(name: &[u8]) -> Vec<u8> {
    let mut name: Vec<u8> =
        name.iter().map(|byte| if *byte == b'_' { b'-' } else { byte.to_ascii_lowercase() }).collect();
    for prefix in ["http-", "x-amzn-remapped-", "x-forwarded-", "x-original-", "x-"] {
        if let Some(rest) = name.strip_prefix(prefix.as_bytes()) {
            name = rest.to_vec();
        }
    }
    name
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let pair = (*byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match pair.and_then(|pair| Encoding::Hex.decode(pair)) {
            Some(byte) => {
                out.extend(byte);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}

const MOST_READINGS: usize = 16;
