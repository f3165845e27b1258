//! Whether the request is another provider's, or signed by other rules than the provider's file has.

use std::collections::HashSet;
use std::sync::Arc;

use crate::encoding::Encoding;
use crate::explain::case::Case;
use crate::explain::finding::{Finding, FindingCode};
use crate::explain::header::length_of;
use crate::lookup::Wanted;
use crate::mac::Algorithm;
use crate::provider::Provider;
use crate::scheme::{Candidates, Place, Scheme, Source};
use crate::template::{Segment, Template};
use crate::webhook::RingKey;

/// Another provider, algorithm or template by which the signature is right.
pub(crate) fn proof(case: &Case<'_>) -> Option<Finding> {
    provider(case).or_else(|| algorithm(case)).or_else(|| template(case))
}

/// What the request looks like, where nothing could be proven.
pub(crate) fn hints(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(foreign(case));
    findings.extend(wrong_length(case));
    findings
}

fn provider(case: &Case<'_>) -> Option<Finding> {
    let found = others(case).into_iter().find(|(_, scheme)| holds(case, scheme))?;
    let (provider, _) = found;
    let what = format!("The request is one of {}: by its rules the signature is right.", provider.name());
    Some(Finding::certain(FindingCode::WrongProvider, what, use_instead(&provider)))
}

/// Headers of another provider where the right ones are missing.
fn foreign(case: &Case<'_>) -> Option<Finding> {
    let has = |scheme: &Scheme| match &scheme.place {
        Place::Headers(names) => names.iter().any(|name| case.seen.get(name).is_some()),
        Place::Json(_) => true,
    };
    if case.webhook.rings().any(|(scheme, _)| has(scheme)) {
        return None;
    }
    let others = others(case);
    let (provider, _) = others.first()?;
    let mut names: Vec<_> = others.iter().map(|(provider, _)| provider.name()).collect();
    names.dedup();
    let what = format!(
        "The request has the headers of {}, and not those of {}.",
        names[..names.len().min(3)].join(", or "),
        case.webhook.provider().name()
    );
    Some(Finding::likely(FindingCode::WrongProvider, what, use_instead(provider)))
}

fn use_instead(provider: &Provider) -> String {
    format!("Make the webhook with the provider \"{}\" and the secret of that endpoint.", provider.id())
}

/// The schemes of other providers that the request's headers fit, those that differ.
fn others(case: &Case<'_>) -> Vec<(Arc<Provider>, Scheme)> {
    let own = case.webhook.provider();
    let mut known: HashSet<String> = own.schemes.iter().map(sketch).collect();
    let mut found = Vec::new();
    // The providers that others are built upon come first.
    let ids = ["standard", "stripe", "github"].into_iter().chain(Provider::ids());
    for id in ids {
        let Ok(provider) = Provider::builtin(id) else { continue };
        for scheme in &provider.schemes {
            if fits(case, scheme) && known.insert(sketch(scheme)) {
                found.push((Arc::clone(&provider), scheme.clone()));
            }
        }
        if found.len() >= MOST_OTHERS {
            break;
        }
    }
    found
}

/// Whether a request has everything that a scheme reads from headers.
fn fits(case: &Case<'_>, scheme: &Scheme) -> bool {
    if !matches!(scheme.place, Place::Headers(_)) {
        return false;
    }
    let mut wanted = Wanted::default();
    scheme.want(&mut wanted);
    let Ok(lines) = wanted.pick(case.seen.lines()) else { return false };
    let mut candidates = Candidates::default();
    let has_time = match scheme.timestamp.as_ref().map(|rule| &rule.from) {
        Some(Source::Headers(names)) => lines.one(names).is_ok_and(|value| value.is_some()),
        Some(Source::Field(field)) => scheme.field(&lines, field).is_ok(),
        _ => true,
    };
    has_time
        && (scheme.id.is_empty() || lines.one(&scheme.id).is_ok_and(|id| id.is_some()))
        && scheme.find_candidates(&lines, &mut candidates).is_ok()
        && !candidates.as_slice().is_empty()
        && scheme.encoding.is_none_or(|encoding| {
            candidates.as_slice().iter().any(|text| {
                let length = encoding.decode(text).map(|bytes| bytes.len());
                length.is_some_and(|length| length_of(scheme).is_none_or(|expected| expected == length))
            })
        })
}

/// What distinguishes a scheme from others.
fn sketch(scheme: &Scheme) -> String {
    format!(
        "{:?} {} {:?} {} {:?}",
        scheme.place,
        scheme.form(),
        scheme.encoding,
        scheme.signed_text,
        scheme.key
    )
}

fn algorithm(case: &Case<'_>) -> Option<Finding> {
    let hmacs = [Algorithm::HmacSha1, Algorithm::HmacSha256, Algorithm::HmacSha512];
    case.webhook.rings().find_map(|(scheme, _)| {
        let own = scheme.key.algorithm();
        if !own.is_hmac() {
            return None;
        }
        let other = hmacs
            .into_iter()
            .filter(|other| *other != own)
            .find(|other| holds(case, &scheme.with_algorithm(*other)))?;
        let what = format!("The request is signed with {}, and {} was expected.", other.name(), own.name());
        let remedy = "If you are the sender, use the provider's algorithm; else its file has the wrong `mac`, \
                      or the header is the one of an older scheme.";
        Some(Finding::certain(FindingCode::SignatureAlgorithm, what, remedy))
    })
}

fn wrong_length(case: &Case<'_>) -> Option<Finding> {
    case.webhook.rings().find_map(|(scheme, _)| {
        let (expected, encoding) = (length_of(scheme)?, scheme.encoding?);
        let mut wanted = Wanted::default();
        scheme.want(&mut wanted);
        let lines = wanted.pick(case.seen.lines()).ok()?;
        let mut candidates = Candidates::default();
        scheme.find_candidates(&lines, &mut candidates).ok()?;
        let lengths: Vec<_> =
            candidates.as_slice().iter().map(|text| length_in(encoding, text)).collect::<Option<_>>()?;
        let length = *lengths.first()?;
        if lengths.contains(&expected) {
            return None;
        }
        let own = scheme.key.algorithm().name();
        let other = match length {
            20 => "SHA-1",
            32 => "SHA-256",
            64 => "SHA-512 or Ed25519",
            _ => {
                let what = format!("The signature has {length} bytes, and those of {own} have {expected}.");
                let remedy =
                    "It was cut short or pasted together on the way: pass the header's value as it came.";
                return Some(Finding::certain(FindingCode::SignatureLength, what, remedy));
            }
        };
        let what = format!("The signature is as long as those of {other}, and {own} was expected.");
        let remedy = "Look for a second signature header with the newer algorithm, or for another provider.";
        Some(Finding::likely(FindingCode::SignatureAlgorithm, what, remedy))
    })
}

/// How many bytes a text stands for, whole or not.
fn length_in(encoding: Encoding, text: &[u8]) -> Option<usize> {
    let digits = text.len() - text.iter().rev().take_while(|byte| **byte == b'=').count();
    match encoding {
        Encoding::Hex | Encoding::HexUpper => {
            text.iter().all(u8::is_ascii_hexdigit).then_some(digits.div_ceil(2))
        }
        Encoding::Base64 | Encoding::Base64Url => {
            let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
            text[..digits].iter().all(is_digit).then_some(digits * 3 / 4)
        }
        Encoding::Base64Hex => None,
    }
}

fn template(case: &Case<'_>) -> Option<Finding> {
    case.webhook.rings().find_map(|(scheme, keys)| {
        let own = scheme.signed.segments();
        let has_time = scheme.timestamp.as_ref().is_some_and(|rule| !matches!(rule.from, Source::Json(_)));
        let may_have = |segment: &Segment| match segment {
            Segment::Timestamp => has_time,
            Segment::Id => !scheme.id.is_empty(),
            Segment::Url | Segment::PathQuery => case.options.url.is_some(),
            _ => true,
        };
        let text = TEMPLATES.iter().find(|text| {
            let Ok(template) = Template::parse(text) else { return false };
            if template.segments() == own || !template.segments().iter().all(may_have) {
                return false;
            }
            let other = scheme.with_signed(template);
            scheme.key.algorithm().is_hmac() && case.holds(&case.trial(&other, keys))
        })?;
        let what = format!("The signature is right for `{text}`, and `{}` was expected.", scheme.signed_text);
        let remedy =
            "If you are the sender, sign what the provider signs; else its file has the wrong `signed`.";
        Some(Finding::certain(FindingCode::SignedTemplate, what, remedy))
    })
}

/// Whether the webhook's secrets sign by this scheme.
fn holds(case: &Case<'_>, scheme: &Scheme) -> bool {
    let keys: Vec<_> = case
        .webhook
        .secrets()
        .iter()
        .filter_map(|secret| scheme.key.keys(secret).ok())
        .flatten()
        .map(|key| RingKey { secret: 0, key })
        .collect();
    !keys.is_empty() && case.holds(&case.trial(scheme, &keys))
}

const MOST_OTHERS: usize = 12;
const TEMPLATES: &[&str] = &[
    "{body}",
    "{timestamp}.{body}",
    "{timestamp}{body}",
    "{timestamp}:{body}",
    "v0:{timestamp}:{body}",
    "{id}.{timestamp}.{body}",
    "{body}{timestamp}",
    "{body}.{timestamp}",
    "{id}{timestamp}{body}",
    "{url}{body}",
    "{body_sha256_hex}",
    "{method}{url}{body}{timestamp}",
    "{method}{path_query}{body}",
];
