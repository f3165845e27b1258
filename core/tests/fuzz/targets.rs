//! One function per parser of what strangers or files say: no input may make it panic, and what must hold is asserted.
//!
//! `main.rs` beside this file runs them on the corpus and its mutations; `fuzz/` runs the same ones by libFuzzer.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hookseal::{ExplainOptions, Framework, HandshakeOptions, Provider, Secret, VerifyOptions, Webhook};

/// A parser under test.
pub(crate) type Target = fn(&[u8]);

/// All of them, by the name of their corpus.
pub(crate) const TARGETS: &[(&str, Target)] = &[
    ("provider_file", provider_file),
    ("headers", headers),
    ("signature_header", signature_header),
    ("envelope", envelope),
    ("explain", explain),
];

/// A provider file, and a webhook of what was read from it.
pub(crate) fn provider_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(provider) = Provider::from_toml(text) else { return };
    let provider = Arc::new(provider);
    let _ = (provider.signatures(), provider.replay_protection(), format!("{provider:?}"));
    for event in provider.event_types() {
        let _ = provider.example(&event.name);
    }
    let Ok(secret) = provider.generate_secret() else { return };
    let Ok(webhook) = Webhook::with_provider(&provider, &[secret]) else { return };
    let body = b"{\"id\":1}";
    if let Ok(headers) = webhook.sign(body) {
        let _ = webhook.verify(&body[..], &headers);
    }
}

/// The headers of a request, as lines of `name: value`, for several vendors.
pub(crate) fn headers(data: &[u8]) {
    let (lines, body) = request(data);
    for webhook in webhooks() {
        assert!(webhook.verify_with(body, &lines, &options()).is_err(), "{webhook:?} has accepted a forgery");
        let handshake =
            HandshakeOptions { now: options().now, verify_token: Some("token"), ..Default::default() };
        let _ = webhook.handshake(body, &lines, &handshake);
    }
}

/// The value of a signature header; the other headers are right.
pub(crate) fn signature_header(data: &[u8]) {
    const BODY: &[u8] = b"{\"id\":\"1\"}";
    for webhook in webhooks() {
        let Ok(mut signed) = webhook.sign_with(BODY, &sign_options()) else { continue };
        let names: Vec<_> =
            webhook.provider().signatures().iter().flat_map(|form| form.headers.clone()).collect();
        let Some(line) = signed.iter_mut().find(|(name, _)| names.contains(name)) else { continue };
        let right = std::mem::take(&mut line.1);
        let mut lines: Vec<(Vec<u8>, Vec<u8>)> =
            signed.into_iter().map(|(name, value)| (name.into_bytes(), value.into_bytes())).collect();
        let line = lines.iter_mut().find(|(_, value)| value.is_empty()).unwrap();
        line.1 = data.to_vec();
        let accepted = webhook.verify_with(BODY, &lines, &options()).is_ok();
        // The corpus cannot hold what is right: the secrets are not in it.
        let digits =
            right.rsplit(['=', ',']).find(|part| part.len() > 16).unwrap_or(&right).to_ascii_lowercase();
        let has_it = String::from_utf8_lossy(data).to_ascii_lowercase().contains(&digits);
        assert!(!accepted || has_it, "{webhook:?} has accepted a forgery");
    }
}

/// A body that was verified, and what its envelope says.
pub(crate) fn envelope(data: &[u8]) {
    for webhook in webhooks() {
        let Ok(headers) = webhook.sign_with(data, &sign_options()) else { continue };
        // A vendor whose template has a value of the body refuses a body without it, and so does the other side.
        let Ok(event) = webhook.verify_with(data, &headers, &options()) else { continue };
        let _ = (event.id(), event.event_type(), event.tenant(), event.timestamp());
        let is_json = event.payload_json().is_ok();
        assert!(is_json || event.data_json().is_err(), "data without a payload");
        assert_eq!(event.body(), data);
    }
}

/// A request that is explained.
pub(crate) fn explain(data: &[u8]) {
    let (lines, body) = request(data);
    let first = usize::from(data.first().copied().unwrap_or_default());
    let webhook = &webhooks()[first % webhooks().len()];
    let now = options().now;
    let framework = Framework::ALL.get(first % 20).copied();
    let options =
        ExplainOptions { now, url: Some("https://a.example/b?c=d"), framework, ..Default::default() };
    let explanation = webhook.explain(body, &lines, &options);
    let verify = VerifyOptions { now, url: options.url, method: None };
    let verdict = webhook.verify_with(body, &lines, &verify);
    assert_eq!(explanation.verdict().code(), verdict.err().map(|error| error.code()));
    let text = explanation.to_string();
    assert!(text.chars().all(|char| char == '\n' || !char.is_control()), "{text:?}");
    let json: serde_json::Value = serde_json::from_str(&explanation.to_json()).unwrap();
    assert!(json["findings"].as_array().unwrap().len() <= 8);
}

type Line<'d> = (&'d [u8], &'d [u8]);

/// Header lines up to an empty one, and the body behind it.
fn request(data: &[u8]) -> (Vec<Line<'_>>, &[u8]) {
    let (head, body) = match data.windows(2).position(|bytes| bytes == b"\n\n") {
        Some(at) => (&data[..at], &data[at + 2..]),
        None => (data, &[][..]),
    };
    let lines = head.split(|byte| *byte == b'\n').filter_map(|line| {
        let at = line.iter().position(|byte| *byte == b':')?;
        Some((&line[..at], &line[at + 1..]))
    });
    (lines.collect(), body)
}

/// One vendor of each way to sign.
fn webhooks() -> &'static [Webhook] {
    static WEBHOOKS: OnceLock<Vec<Webhook>> = OnceLock::new();
    WEBHOOKS.get_or_init(|| {
        let webhook = |id: &str, secret: &str| {
            Webhook::with_provider(&Provider::builtin(id).unwrap(), &[Secret::new(secret).unwrap()]).unwrap()
        };
        let plain = "k7-Qz_a secret that no corpus has";
        vec![
            webhook("standard", "whsec_VGhpcyBrZXkgaXMgaW4gbm8gY29ycHVzIG9mIG91cnM="),
            webhook("standard", "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="),
            webhook("stripe", plain),
            webhook("github", plain),
            webhook("slack", plain),
            webhook("twitch", plain),
            webhook("shopify", plain),
            webhook("square", plain),
            webhook("twilio", plain),
            webhook("mailgun", plain),
            webhook("gitlab-token", plain),
            webhook("kakiyo", plain),
            webhook("zoom", plain),
            webhook("meta", plain),
        ]
    })
}

fn options() -> VerifyOptions<'static> {
    VerifyOptions { now: Some(now()), url: Some("https://a.example/b?c=d"), method: None }
}

fn sign_options() -> hookseal::SignOptions<'static> {
    hookseal::SignOptions {
        id: Some("msg_1"),
        timestamp: Some(now()),
        url: Some("https://a.example/b?c=d"),
        ..Default::default()
    }
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_614_265_330)
}
