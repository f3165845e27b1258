//! How the secret may have been meant.

use zeroize::Zeroizing;

use crate::encoding::Encoding;
use crate::explain::case::Case;
use crate::explain::finding::{Finding, FindingCode};
use crate::json;
use crate::lookup::Wanted;
use crate::mac::Key;
use crate::scheme::{Candidates, Place, Scheme};
use crate::secret::Secret;
use crate::webhook::RingKey;

/// Another reading of a secret, or another secret, with which the signature is right.
pub(crate) fn proof(case: &Case<'_>) -> Option<Finding> {
    other_secret(case).or_else(|| {
        let several = case.webhook.secrets().len() > 1;
        case.webhook.secrets().iter().enumerate().find_map(|(nth, secret)| {
            let name = if several { format!("Secret {nth}") } else { "The secret".to_owned() };
            characters(case, secret, &name).or_else(|| encoding(case, secret, &name))
        })
    })
}

/// What the secrets look like.
pub(crate) fn hints(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(kind_of_request(case));
    findings.extend(case.webhook.secrets().iter().find_map(kind_of_secret));
    findings.extend(environment(case));
    findings
}

fn other_secret(case: &Case<'_>) -> Option<Finding> {
    let others = case.options.other_secrets.iter().take(MOST_OTHERS).enumerate();
    let (nth, _) = others.into_iter().find(|(_, secret)| {
        case.webhook.provider().schemes.iter().any(|scheme| {
            let keys = scheme.key.keys(secret).unwrap_or_default();
            holds(case, scheme, keys)
        })
    })?;
    let what = format!("The request was signed with secret {nth} of `other_secrets`.");
    let remedy = "Make the webhook with that secret, or with both: one secret of several is enough.";
    Some(Finding::certain(FindingCode::SecretOther, what, remedy))
}

/// What does not belong to the secret is taken off, or what was lost is put back.
fn characters(case: &Case<'_>, secret: &Secret, name: &str) -> Option<Finding> {
    let text = Zeroizing::new(text_of(secret)?.to_owned());
    let unquoted = text.trim_matches(['"', '\'', '`']);
    let assigned =
        text.split_once('=').filter(|(name, _)| is_variable(name)).map_or(&**text, |(_, value)| value);
    let bare = assigned.trim_matches(['"', '\'', '`', ';', ' ']);
    let token = text.strip_prefix("Bearer ").unwrap_or(&text);
    let dense = Zeroizing::new(text.split_whitespace().collect::<String>());
    let literal = text.trim_end_matches("\\n").trim_end_matches("\\r");
    let tries = [
        (unquoted, "has quotes around it that are not part of it"),
        (bare, "has the name of a setting before it"),
        (token, "has `Bearer` before it"),
        (literal, "ends in a backslash and an n, which was meant to be a line break"),
        (&dense, "has white space inside that is not part of it"),
    ];
    let found =
        tries.iter().filter(|(tried, _)| !tried.is_empty() && *tried != &**text).find(|(tried, _)| {
            let Ok(tried) = Secret::new(tried) else { return false };
            case.webhook
                .rings()
                .any(|(scheme, _)| holds(case, scheme, scheme.key.keys(&tried).unwrap_or_default()))
        });
    if let Some((_, how)) = found {
        let what = format!("{name} {how}: without, the signature is right.");
        let remedy = "Correct the setting or environment variable that holds the secret.";
        return Some(Finding::certain(FindingCode::SecretCharacters, what, remedy));
    }
    ["\n", "\r\n"].iter().find(|end| holds_with(case, &[text.as_bytes(), end.as_bytes()].concat()))?;
    let what = format!("{name} has a line break at its end where requests are signed, and has none here.");
    let remedy = "Take the line break off at the sender. If you cannot, pass the key by `Secret.from_bytes`.";
    Some(Finding::certain(FindingCode::SecretCharacters, what, remedy))
}

/// The secret's text read in every other way.
fn encoding(case: &Case<'_>, secret: &Secret, name: &str) -> Option<Finding> {
    let text = text_of(secret)?;
    let own = case.webhook.rings().find_map(|(scheme, _)| scheme.key.prefix());
    let stem = own
        .and_then(|prefix| text.strip_prefix(prefix))
        .or_else(|| text.strip_prefix("whsec_"))
        .unwrap_or(text);
    let decode = |encoding: Encoding, text: &str| encoding.decode(text.as_bytes());
    let base64 = decode(Encoding::Base64, stem).or_else(|| decode(Encoding::Base64Url, stem));
    // Somebody has encoded the key once more, or has shown it in another encoding.
    let twice = base64.as_ref().and_then(|key| Encoding::Base64.decode(key));
    let tries = [
        (Some(text.as_bytes().to_vec()), "as its text, with its prefix"),
        (Some(stem.as_bytes().to_vec()), "as its text, without a prefix"),
        (base64, "decoded from Base64"),
        (decode(Encoding::Hex, stem), "decoded from hex"),
        (decode(Encoding::Hex, text), "decoded from hex"),
        (Some([b"whsec_", text.as_bytes()].concat()), "as its text with whsec_ before it, which is missing"),
        (twice, "decoded from Base64 twice"),
    ];
    let tries = tries.map(|(key, how)| (key.map(Zeroizing::new), how));
    let (_, how) = tries.iter().find(|(key, _)| key.as_ref().is_some_and(|key| holds_with(case, key)))?;
    let what = format!("{name} is the right one, but the sender uses it {how}.");
    let remedy = "Copy the secret as the provider shows it. If you did, the provider's file says another `key.encoding` \
                  or `key.prefix` than the sender uses; raw key bytes can be passed by `Secret.from_bytes`.";
    Some(Finding::certain(FindingCode::SecretEncoding, what, remedy))
}

/// Signatures of another of the provider's schemes, for which there is no key.
fn kind_of_request(case: &Case<'_>) -> Option<Finding> {
    let signed_by = |scheme: &Scheme| {
        let mut wanted = Wanted::default();
        scheme.want(&mut wanted);
        let Ok(lines) = wanted.pick(case.seen.lines()) else { return false };
        let mut candidates = Candidates::default();
        matches!(scheme.place, Place::Headers(_))
            && scheme.find_candidates(&lines, &mut candidates).is_ok()
            && !candidates.as_slice().is_empty()
    };
    let ours: Vec<_> = case.webhook.rings().map(|(scheme, _)| scheme).collect();
    if ours.iter().any(|scheme| signed_by(scheme)) {
        return None;
    }
    let is_other = |scheme: &&Scheme| !ours.iter().any(|ours| std::ptr::eq(*ours, *scheme));
    let other = case.webhook.provider().schemes.iter().filter(is_other).find(|scheme| signed_by(scheme))?;
    let what = format!(
        "The request is signed with {}, and the secret is a key for {}.",
        other.key.algorithm().name(),
        ours.first().map_or("another algorithm", |scheme| scheme.key.algorithm().name())
    );
    let remedy = match other.key.prefix() {
        Some(prefix) => format!("Make the webhook with the secret that begins with {prefix}, or with both."),
        None => "Make the webhook with a secret of that kind, or with both.".to_owned(),
    };
    Some(Finding::certain(FindingCode::SecretKind, what, remedy))
}

fn kind_of_secret(secret: &Secret) -> Option<Finding> {
    let text = text_of(secret)?;
    let (_, kind) = KINDS.iter().find(|(prefix, _)| text.starts_with(prefix))?;
    let what = format!("A secret looks like {kind}, and not like one that requests are signed with.");
    let remedy = "Copy the signing secret of this endpoint, often on the page of the webhook itself.";
    Some(Finding::likely(FindingCode::SecretKind, what, remedy))
}

fn environment(case: &Case<'_>) -> Option<Finding> {
    let text = json::text(case.body).ok()?;
    let value = |path: &str| json::Path::parse(path).and_then(|path| json::at(text, &path));
    let is_test = value("livemode") == Some("false")
        || ["test", "test_mode", "testmode", "is_test", "sandbox"]
            .iter()
            .any(|name| value(name) == Some("true"))
        || ["environment", "env", "mode"]
            .iter()
            .any(|name| matches!(value(name), Some("\"test\"" | "\"sandbox\"" | "\"TEST\"" | "\"SANDBOX\"")));
    is_test.then(|| {
        let what =
            "The body says that it is of the sender's test environment, which may have a secret of its own.";
        Finding::possible(FindingCode::SecretEnvironment, what, "Use the secret of the same environment.")
    })
}

/// Whether a key of these bytes fits one of the webhook's symmetric schemes.
fn holds_with(case: &Case<'_>, bytes: &[u8]) -> bool {
    case.webhook.rings().any(|(scheme, _)| {
        let algorithm = scheme.key.algorithm();
        algorithm.is_symmetric() && holds(case, scheme, algorithm.key(bytes).into_iter().collect())
    })
}

fn holds(case: &Case<'_>, scheme: &Scheme, keys: Vec<Key>) -> bool {
    let keys: Vec<_> = keys.into_iter().map(|key| RingKey { secret: 0, key }).collect();
    !keys.is_empty() && case.holds(&case.trial(scheme, &keys))
}

fn text_of(secret: &Secret) -> Option<&str> {
    std::str::from_utf8(secret.bytes()).ok()
}

fn is_variable(name: &str) -> bool {
    let name = name.trim_start_matches("export ");
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

const MOST_OTHERS: usize = 16;
/// What is pasted by mistake, by how it begins.
const KINDS: &[(&str, &str)] = &[
    ("sk_", "an API key (sk_)"),
    ("pk_", "a publishable key (pk_)"),
    ("rk_", "a restricted API key (rk_)"),
    ("ghp_", "an access token (ghp_)"),
    ("github_pat_", "an access token (github_pat_)"),
    ("xoxb-", "a bot token (xoxb-)"),
    ("eyJ", "a JSON web token"),
    ("http://", "a url"),
    ("https://", "a url"),
    ("we_", "the id of an endpoint (we_)"),
    ("ep_", "the id of an endpoint (ep_)"),
];
