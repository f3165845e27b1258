//! What may have happened to the body between the sender and `verify`.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::encoding::Encoding;
use crate::explain::case::Case;
use crate::explain::finding::{Finding, FindingCode};
use crate::explain::inflate::inflate;
use crate::explain::rewrite::rewrite;
use crate::explain::style::STYLES;
use crate::json;

/// A change of the body after which the signature is right.
pub(crate) fn proof(case: &Case<'_>) -> Option<Finding> {
    if !case.may_change_body() || !case.signs_body() {
        return None;
    }
    newline(case)
        .or_else(|| line_endings(case))
        .or_else(|| byte_order_mark(case))
        .or_else(|| reserialized(case))
        .or_else(|| double_encoded(case))
        .or_else(|| base64(case))
        .or_else(|| compressed(case))
        .or_else(|| form(case))
        .or_else(|| charset(case))
}

/// What the body looks like, where nothing could be proven.
pub(crate) fn hints(case: &Case<'_>) -> Vec<Finding> {
    let declared = case.seen.text("content-length").and_then(|text| text.parse::<u64>().ok());
    let encoding = case.seen.text("content-encoding").filter(|text| !text.eq_ignore_ascii_case("identity"));
    let length = case.body.len() as u64;
    let remedy = case.raw_body();
    let mut findings = Vec::new();
    if length == 0 && declared.is_some_and(|declared| declared > 0) {
        findings.push(Finding::certain(
            FindingCode::BodyEmpty,
            "The body is empty, but its content-length is not 0: something has read it before.",
            remedy,
        ));
    } else if length == 0 && case.signs_body() {
        findings.push(Finding::possible(
            FindingCode::BodyEmpty,
            "The body is empty. If the sender's is not, something has read it before.",
            remedy,
        ));
    } else if let Some(declared) = declared.filter(|declared| *declared != length && encoding.is_none()) {
        let what = format!("The body has {length} bytes, but its content-length is {declared}.");
        findings.push(Finding::certain(FindingCode::BodyLength, what, remedy));
    }
    if let Some(encoding) = encoding.filter(|_| !is_compressed(case.body)) {
        let what = format!("The content-encoding is {encoding}, but the body is not compressed any more.");
        let remedy = "If the sender signs what it compressed, keep the framework, server or proxy from decompressing \
                      this route's bodies.";
        findings.push(Finding::likely(FindingCode::BodyDecompressed, what, remedy));
    }
    if case.body.windows(3).any(|bytes| bytes == "\u{fffd}".as_bytes()) {
        let what = "The body has replacement characters (U+FFFD): bytes that were no UTF-8 have been decoded as text.";
        findings.push(Finding::likely(FindingCode::BodyLossy, what, remedy));
    }
    if !case.may_change_body() {
        let what = "The body has more than 1 MiB, so it was not tried in other forms.";
        let remedy = "Look at a smaller request of the same sender.";
        findings.push(Finding::possible(FindingCode::NotExamined, what, remedy));
    }
    findings
}

fn newline(case: &Case<'_>) -> Option<Finding> {
    let body = case.body;
    let stripped = body.trim_ascii_end();
    let tries: [(Cow<'_, [u8]>, &str); 5] = [
        ([body, b"\n"].concat().into(), "with a newline at its end, which is missing"),
        ([body, b"\r\n"].concat().into(), "with CRLF at its end, which is missing"),
        (stripped.into(), "without the white space at its end"),
        (body.trim_ascii().into(), "without the white space around it"),
        ([stripped, b"\n"].concat().into(), "with a single newline at its end"),
    ];
    let (_, how) =
        tries.iter().filter(|(body, _)| **body != *case.body).find(|(body, _)| tried(case, body))?;
    let what = format!("The signature is right for the body {how}.");
    Some(Finding::certain(FindingCode::BodyNewline, what, case.raw_body()))
}

fn line_endings(case: &Case<'_>) -> Option<Finding> {
    let unix = replace(case.body, b"\r\n", b"\n");
    let windows = replace(&unix, b"\n", b"\r\n");
    let (_, ends) = [(unix, "LF"), (windows, "CRLF")]
        .into_iter()
        .filter(|(body, _)| **body != *case.body)
        .find(|(body, _)| tried(case, body))?;
    let what = format!("The signature is right for the body with {ends} as line ends.");
    Some(Finding::certain(FindingCode::BodyLineEndings, what, case.raw_body()))
}

fn byte_order_mark(case: &Case<'_>) -> Option<Finding> {
    let (body, how) = match case.body.strip_prefix(MARK) {
        Some(rest) => (rest.to_vec(), "without the byte order mark at its start"),
        None => ([MARK, case.body].concat(), "with a byte order mark at its start, which is missing"),
    };
    tried(case, &body).then(|| {
        let what = format!("The signature is right for the body {how}.");
        Finding::certain(FindingCode::BodyBom, what, case.raw_body())
    })
}

fn reserialized(case: &Case<'_>) -> Option<Finding> {
    let text = json::text(case.body).ok()?;
    let mut known = HashSet::from([fingerprint(case.body)]);
    let mut is_new = |body: &[u8]| known.insert(fingerprint(body));
    let style = STYLES.iter().find(|style| {
        let Some(mut body) = rewrite(text, style) else { return false };
        if is_new(&body) && tried(case, &body) {
            return true;
        }
        // Go's encoder and many tools write a newline after it.
        body.push(b'\n');
        is_new(&body) && tried(case, &body)
    })?;
    let what = format!("The body was parsed and written again: the signature is right for {}.", style.name);
    Some(Finding::certain(FindingCode::BodyReserialized, what, case.raw_body()))
}

fn double_encoded(case: &Case<'_>) -> Option<Finding> {
    let text = json::text(case.body).ok().filter(|text| text.starts_with('"'))?;
    let inner: String = serde_json::from_str(text).ok()?;
    tried(case, inner.as_bytes()).then(|| {
        let what = "The body is a JSON string, and the signature is right for the text in it: JSON.stringify was called \
                    once too often.";
        Finding::certain(FindingCode::BodyDoubleEncoded, what, case.raw_body())
    })
}

fn base64(case: &Case<'_>) -> Option<Finding> {
    let text = case.body.trim_ascii();
    let decoded = Encoding::Base64.decode(text).or_else(|| Encoding::Base64Url.decode(text))?;
    tried(case, &decoded).then(|| {
        let what = "The body is still in Base64: the signature is right for what it decodes to.";
        Finding::certain(
            FindingCode::BodyBase64,
            what,
            case.options
                .framework
                .map_or("Decode the body first; AWS Lambda says so by `isBase64Encoded`.", |_| {
                    case.raw_body()
                }),
        )
    })
}

fn compressed(case: &Case<'_>) -> Option<Finding> {
    let plain = inflate(case.body)?;
    tried(case, &plain).then(|| {
        let what = "The body is still compressed, and was signed before it was: the signature is right for the \
                    decompressed body.";
        Finding::certain(FindingCode::BodyCompressed, what, "Decompress the body, then verify it.")
    })
}

fn form(case: &Case<'_>) -> Option<Finding> {
    let remedy = case.raw_body();
    let decoded: Vec<_> =
        form_urlencoded::parse(case.body).take(MOST_FIELDS).map(|(_, value)| value.into_owned()).collect();
    if decoded.iter().any(|value| value.len() > 1 && tried(case, value.as_bytes())) {
        let what =
            "The body is a form, and the signature is right for the decoded value of one of its fields.";
        return Some(Finding::certain(
            FindingCode::BodyForm,
            what,
            "Pass that field's decoded value as the body.",
        ));
    }
    let text = std::str::from_utf8(case.body).ok()?;
    let forms = ["payload", "data"]
        .map(|name| form_urlencoded::Serializer::new(String::new()).append_pair(name, text).finish());
    // What a form's parser makes of a body that is one: its decoded field is all that is left.
    let form = forms
        .iter()
        .find(|form| tried(case, form.as_bytes()) || tried(case, form.replace('+', "%20").as_bytes()))?;
    let name = form.split('=').next().unwrap_or_default();
    let what =
        format!("The body was sent as the field {name} of a form: the signature is right for the form.");
    Some(Finding::certain(FindingCode::BodyForm, what, remedy))
}

fn charset(case: &Case<'_>) -> Option<Finding> {
    let text = std::str::from_utf8(case.body).ok();
    // Each byte taken for a character, and written as UTF-8.
    let once_decoded: Option<Vec<u8>> =
        text.and_then(|text| text.chars().map(|char| u8::try_from(char).ok()).collect());
    let latin: String = case.body.iter().map(|byte| char::from(*byte)).collect();
    let tries = [
        (once_decoded, "it was decoded as Latin-1 and written as UTF-8"),
        (Some(latin.into_bytes()), "it was sent as UTF-8 and written as Latin-1"),
    ];
    let is_other = |body: &Option<Vec<u8>>| body.as_ref().is_some_and(|body| **body != *case.body);
    let (_, how) = tries
        .iter()
        .filter(|(body, _)| is_other(body))
        .find(|(body, _)| body.as_ref().is_some_and(|body| tried(case, body)))?;
    let what = format!("The characters of the body were changed: {how}.");
    Some(Finding::certain(FindingCode::BodyCharset, what, case.raw_body()))
}

fn tried(case: &Case<'_>, body: &[u8]) -> bool {
    case.fits(|trial| trial.body = body)
}

fn is_compressed(body: &[u8]) -> bool {
    body.starts_with(&[0x1f, 0x8b]) || body.starts_with(&[0x78])
}

fn replace(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.windows(from.len()).position(|bytes| bytes == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// To tell variations apart; two that look alike by chance cost no more than a diagnosis.
fn fingerprint(body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}

const MARK: &[u8] = b"\xef\xbb\xbf";
const MOST_FIELDS: usize = 4;
