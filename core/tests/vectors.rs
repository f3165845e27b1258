//! Every case of `tests/vectors`, as the README there describes them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64ct::{Base64, Encoding as _};
use hookseal::{
    Event, HandshakeAnswer, HandshakeOptions, Provider, Result, Secret, SignOptions, VerifyOptions, Webhook,
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct File {
    provider: Option<String>,
    toml: Option<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    secrets: Vec<String>,
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_base64: Option<String>,
    method: Option<String>,
    url: Option<String>,
    now: Option<f64>,
    expect: String,
    event: Option<Expected>,
    key_index: Option<usize>,
    sign: Option<Sign>,
    toml: Option<String>,
}

#[derive(Deserialize)]
struct Handshakes {
    handshakes: Vec<Handshake>,
}

#[derive(Deserialize)]
struct Handshake {
    name: String,
    provider: String,
    secrets: Vec<String>,
    headers: Vec<(String, String)>,
    body: String,
    method: String,
    url: Option<String>,
    verify_token: Option<String>,
    now: Option<f64>,
    expect: String,
    body_sent: Option<String>,
    json_sent: Option<Value>,
    #[serde(default)]
    headers_sent: Vec<(String, String)>,
    secret_given: Option<String>,
}

/// What is absent is not compared; what is null must not be there.
#[derive(Deserialize)]
struct Expected {
    #[serde(default, deserialize_with = "present")]
    id: Option<Option<String>>,
    #[serde(default, rename = "type", deserialize_with = "present")]
    event_type: Option<Option<String>>,
    timestamp: Option<u64>,
}

#[derive(Deserialize)]
struct Sign {
    id: Option<String>,
    timestamp: Option<f64>,
    #[serde(rename = "type")]
    event_type: Option<String>,
    url: Option<String>,
    method: Option<String>,
}

#[test]
fn all_cases_hold() {
    let mut count = 0;
    let mut failures = Vec::new();
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let file: File =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for case in &file.cases {
            count += 1;
            if let Err(why) = check(&file, case) {
                failures.push(format!("{} {}: {why}", path.file_name().unwrap().display(), case.name));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count} cases fail:\n{}", failures.len(), failures.join("\n"));
    assert!(count > 500, "only {count} cases were found");
}

#[test]
fn every_provider_has_vectors() {
    let with_vectors: BTreeSet<_> =
        files().iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    for id in Provider::ids() {
        assert!(with_vectors.contains(id), "{id} has no tests/vectors/{id}.json");
    }
}

#[test]
fn all_handshakes_hold() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/handshakes.json");
    let file: Handshakes = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let failures: Vec<_> = file
        .handshakes
        .iter()
        .filter_map(|case| check_handshake(case).err().map(|why| format!("{}: {why}", case.name)))
        .collect();
    assert!(failures.is_empty(), "{} handshakes fail:\n{}", failures.len(), failures.join("\n"));
    let asked: BTreeSet<_> = file.handshakes.iter().map(|case| case.provider.as_str()).collect();
    for id in Provider::ids() {
        let has_handshake = Provider::builtin(id).unwrap().has_handshake();
        assert!(!has_handshake || asked.contains(id), "the handshake of {id} has no vectors");
    }
}

fn check_handshake(case: &Handshake) -> Result<(), String> {
    let outcome = shake(case);
    let got = match &outcome {
        Ok(Some(_)) => "answer",
        Ok(None) => "none",
        Err(error) => error.code().as_str(),
    };
    if got != case.expect {
        return Err(format!("expected {}, got {got} ({:?})", case.expect, outcome.err()));
    }
    let Ok(Some(answer)) = outcome else {
        return Ok(());
    };
    let json: Option<Value> = case.json_sent.as_ref().map(|_| serde_json::from_str(answer.body()).unwrap());
    if json != case.json_sent || case.body_sent.as_ref().is_some_and(|body| body != answer.body()) {
        return Err(format!("the answer is {:?}", answer.body()));
    }
    if answer.headers() != case.headers_sent || answer.status() != 200 {
        return Err(format!("the headers of the answer are {:?}", answer.headers()));
    }
    let secret = answer.secret().unwrap().map(|secret| secret.expose().unwrap().to_owned());
    if secret != case.secret_given {
        return Err(format!("the secret given is {secret:?}"));
    }
    Ok(())
}

fn shake(case: &Handshake) -> Result<Option<HandshakeAnswer>> {
    let options = HandshakeOptions {
        method: Some(&case.method),
        url: case.url.as_deref(),
        verify_token: case.verify_token.as_deref(),
        now: case.now.map(instant),
    };
    let provider = Provider::builtin(&case.provider)?;
    if case.secrets.is_empty() {
        return provider.handshake(&case.body, &case.headers, &options);
    }
    let secrets: Result<Vec<_>> = case.secrets.iter().map(|secret| Secret::new(secret)).collect();
    Webhook::with_provider(&provider, &secrets?)?.handshake(&case.body, &case.headers, &options)
}

fn check(file: &File, case: &Case) -> Result<(), String> {
    let outcome = verify(file, case);
    let code = outcome.as_ref().map_or_else(|error| error.code().as_str(), |_| "valid");
    if code != case.expect {
        let message = outcome.map_or_else(|error| error.to_string(), |_| String::new());
        return Err(format!("expected {}, got {code} ({message})", case.expect));
    }
    if let (Ok(event), Some(expected)) = (&outcome, &case.event) {
        let at = event.timestamp().map(|at| at.duration_since(UNIX_EPOCH).unwrap().as_millis() as u64);
        for (expected, got) in [(&expected.id, event.id()), (&expected.event_type, event.event_type())] {
            if expected.as_ref().is_some_and(|expected| expected.as_deref() != got) {
                return Err(format!("the event has {got:?}, not {expected:?}"));
            }
        }
        if expected.timestamp.is_some() && expected.timestamp != at {
            return Err(format!("the event's time is {at:?}, not {:?}", expected.timestamp));
        }
    }
    if let (Ok(event), Some(key_index)) = (&outcome, case.key_index)
        && event.key_index() != key_index
    {
        return Err(format!("key {} matched, not {key_index}", event.key_index()));
    }
    match &case.sign {
        Some(sign) => check_sign(file, case, sign),
        None => Ok(()),
    }
}

fn check_sign(file: &File, case: &Case, sign: &Sign) -> Result<(), String> {
    let options = SignOptions {
        id: sign.id.as_deref(),
        timestamp: sign.timestamp.map(instant),
        event_type: sign.event_type.as_deref(),
        url: sign.url.as_deref(),
        method: sign.method.as_deref(),
    };
    let webhook = webhook(file, case).map_err(|error| error.to_string())?;
    let signed = webhook.sign_with(&body(case), &options).map_err(|error| error.to_string())?;
    let signed: BTreeSet<_> = signed.into_iter().collect();
    let expected: BTreeSet<_> =
        case.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    if signed == expected { Ok(()) } else { Err(format!("signed {signed:?}, not {expected:?}")) }
}

fn verify(file: &File, case: &Case) -> Result<Event> {
    let options = VerifyOptions {
        now: case.now.map(instant),
        url: case.url.as_deref(),
        method: case.method.as_deref(),
    };
    webhook(file, case)?.verify_with(body(case), &case.headers, &options)
}

fn webhook(file: &File, case: &Case) -> Result<Webhook> {
    let provider = match case.toml.as_ref().or(file.toml.as_ref()) {
        Some(toml) => Arc::new(Provider::from_toml(toml)?),
        None => Provider::builtin(file.provider.as_deref().unwrap_or_default())?,
    };
    let secrets: Result<Vec<_>> = case.secrets.iter().map(|secret| Secret::new(secret)).collect();
    Webhook::with_provider(&provider, &secrets?)
}

fn body(case: &Case) -> Vec<u8> {
    match (&case.body, &case.body_base64) {
        (Some(text), None) => text.as_bytes().to_vec(),
        (None, Some(base64)) => Base64::decode_vec(base64).unwrap(),
        _ => panic!("{}: a case has either body or body_base64", case.name),
    }
}

fn present<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(reader).map(Some)
}

fn instant(seconds: f64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis((seconds * 1000.0).round() as u64)
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.ends_with(".json")
                && !matches!(name, "published.json" | "wycheproof-source.json" | "handshakes.json")
        })
        .collect();
    files.sort();
    files
}
