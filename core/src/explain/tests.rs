use std::collections::HashSet;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;

use super::*;
use crate::encoding::Encoding;
use crate::mac::counted;
use crate::provider::Provider;
use crate::webhook::SignOptions;

const KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PLAIN: &str = "a-secret-of-more-than-16-characters";
const NOW: u64 = 1_614_265_330;
const BODY: &str = r#"{"id":"evt_1","type":"order.paid","data":{"name":"Zoë","note":"1/2"}}"#;
const URL: &str = "https://shop.example/hooks";

type Lines = Vec<(String, String)>;

/// A request: as a vendor sends it, and then with one thing broken.
struct Sent {
    provider: Arc<Provider>,
    secrets: Vec<String>,
    body: Vec<u8>,
    headers: Lines,
    url: Option<String>,
    method: Option<String>,
    now: u64,
    framework: Option<Framework>,
    others: Vec<Secret>,
}

impl Sent {
    fn by(provider: &str, secret: &str, body: impl AsRef<[u8]>) -> Self {
        Self::of(Provider::builtin(provider).unwrap(), secret, body.as_ref())
    }

    fn of(provider: Arc<Provider>, secret: &str, body: &[u8]) -> Self {
        Self::signed(provider, &Secret::new(secret).unwrap(), secret, body)
    }

    /// Signed with one key, and to be verified with a secret's text.
    fn signed(provider: Arc<Provider>, key: &Secret, secret: &str, body: &[u8]) -> Self {
        let webhook = Webhook::with_provider(&provider, std::slice::from_ref(key)).unwrap();
        let at = UNIX_EPOCH + Duration::from_secs(NOW);
        let options = SignOptions {
            id: Some("msg_1"),
            timestamp: Some(at),
            url: Some(URL),
            method: Some("POST"),
            event_type: None,
        };
        let headers = webhook.sign_with(body, &options).unwrap();
        Self {
            provider,
            secrets: vec![secret.to_owned()],
            body: body.to_vec(),
            headers,
            url: Some(URL.to_owned()),
            method: Some("POST".to_owned()),
            now: NOW,
            framework: None,
            others: Vec::new(),
        }
    }

    fn body(self, body: impl AsRef<[u8]>) -> Self {
        Self { body: body.as_ref().to_vec(), ..self }
    }

    fn secret(self, secret: &str) -> Self {
        Self { secrets: vec![secret.to_owned()], ..self }
    }

    fn now(self, now: u64) -> Self {
        Self { now, ..self }
    }

    fn url(self, url: &str) -> Self {
        Self { url: Some(url.to_owned()), ..self }
    }

    fn provider(self, provider: &str) -> Self {
        Self { provider: Provider::builtin(provider).unwrap(), ..self }
    }

    fn and(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    fn changed(mut self, name: &str, change: impl Fn(&str) -> String) -> Self {
        let value = &mut self.headers.iter_mut().find(|(known, _)| known == name).unwrap().1;
        *value = change(value);
        self
    }

    fn explained(&self) -> Explanation {
        let secrets: Vec<_> = self.secrets.iter().map(|secret| Secret::new(secret).unwrap()).collect();
        let webhook = Webhook::with_provider(&self.provider, &secrets).unwrap();
        let at = UNIX_EPOCH + Duration::from_secs(self.now);
        let options = ExplainOptions {
            now: Some(at),
            url: self.url.as_deref(),
            method: self.method.as_deref(),
            framework: self.framework,
            other_secrets: &self.others,
        };
        let explanation = webhook.explain(&self.body, &self.headers, &options);
        let verify = VerifyOptions { now: Some(at), url: options.url, method: options.method };
        let verdict = webhook.verify_with(&self.body, &self.headers, &verify);
        assert_eq!(explanation.verdict().code(), verdict.err().map(|error| error.code()));
        explanation
    }
}

#[track_caller]
fn found(sent: &Sent, code: FindingCode, certainty: Certainty) {
    let explanation = sent.explained();
    let first = explanation.findings().first().map(|finding| (finding.code(), finding.certainty()));
    assert_eq!(first, Some((code, certainty)), "\n{explanation}");
}

#[track_caller]
fn certain(sent: &Sent, code: FindingCode) {
    found(sent, code, Certainty::Certain);
}

fn standard() -> Sent {
    Sent::by("standard", SECRET, BODY)
}

fn github() -> Sent {
    Sent::by("github", PLAIN, BODY)
}

fn own(toml: &str) -> Arc<Provider> {
    let head = "id = \"own\"\nname = \"Own\"\nsources = []\nconfidence = \"own\"\n[signature]\n";
    Arc::new(Provider::from_toml(&format!("{head}{toml}")).unwrap())
}

#[test]
fn nothing_is_found_about_a_right_request() {
    let explanation = standard().explained();
    assert_eq!(explanation.verdict(), &Verdict::Verified);
    assert_eq!(explanation.findings(), []);
    assert_eq!(explanation.to_string(), "verified (standard)");
}

#[test]
fn bodies_written_again() {
    let signed = [
        r#"{"id":"evt_1","n":1.50,"name":"Zoë","url":"a/b"}"#,
        r#"{"id": "evt_1", "n": 1.50, "name": "Zo\u00eb", "url": "a/b"}"#,
        r#"{"id":"evt_1","n":1.50,"name":"Zo\u00eb","url":"a\/b"}"#,
        "{\n  \"id\": \"evt_1\",\n  \"n\": 1.50,\n  \"name\": \"Zoë\",\n  \"url\": \"a/b\"\n}",
        "{\"id\":\"evt_1\",\"n\":1.50,\"name\":\"Zoë\",\"url\":\"a/b\"}\n",
    ];
    for one in signed {
        for other in signed.iter().filter(|other| other.trim_end() != one.trim_end()) {
            certain(&Sent::by("github", PLAIN, one).body(other), FindingCode::BodyReserialized);
        }
    }
    let sorted = Sent::by("github", PLAIN, r#"{"a":1,"b":[{"c":2,"d":3}]}"#);
    certain(&sorted.body(r#"{"b": [{"d": 3, "c": 2}], "a": 1}"#), FindingCode::BodyReserialized);
    let numbers = Sent::by("github", PLAIN, r#"{"a":1,"b":0.5,"c":1e+21}"#);
    certain(&numbers.body(r#"{"a":1.0,"b":5e-1,"c":1E21}"#), FindingCode::BodyReserialized);
}

#[test]
fn bodies_changed_on_the_way() {
    let lines = "{\n\"a\": \"b c\"\n}\n";
    certain(&Sent::by("github", PLAIN, "a: b\n").body("a: b"), FindingCode::BodyNewline);
    certain(&Sent::by("github", PLAIN, "a: b").body("a: b\r\n"), FindingCode::BodyNewline);
    certain(&Sent::by("github", PLAIN, lines).body(lines.trim()), FindingCode::BodyNewline);
    certain(
        &Sent::by("github", PLAIN, lines).body(lines.replace('\n', "\r\n")),
        FindingCode::BodyLineEndings,
    );
    certain(
        &Sent::by("github", PLAIN, lines.replace('\n', "\r\n")).body(lines),
        FindingCode::BodyLineEndings,
    );
    certain(&github().body(format!("\u{feff}{BODY}")), FindingCode::BodyBom);
    certain(&Sent::by("github", PLAIN, format!("\u{feff}{BODY}")).body(BODY), FindingCode::BodyBom);
    certain(&github().body(serde_json::to_string(BODY).unwrap()), FindingCode::BodyDoubleEncoded);
    certain(&github().body(Encoding::Base64.encode(BODY.as_bytes())), FindingCode::BodyBase64);
    certain(&github().body(Encoding::Base64Url.encode(BODY.as_bytes())), FindingCode::BodyBase64);
    let mojibake: String = BODY.bytes().map(char::from).collect();
    certain(&github().body(mojibake), FindingCode::BodyCharset);
    let latin: Vec<u8> = BODY.chars().map(|char| u8::try_from(char).unwrap()).collect();
    certain(&github().body(latin), FindingCode::BodyCharset);
    let lossy = Sent::by("github", PLAIN, b"{\"a\":\"\xff\"}").body("{\"a\":\"\u{fffd}\"}");
    found(&lossy, FindingCode::BodyLossy, Certainty::Likely);
}

#[test]
fn compressed_bodies() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(BODY.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    certain(&github().body(&gzip), FindingCode::BodyCompressed);
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(BODY.as_bytes()).unwrap();
    certain(&github().body(zlib.finish().unwrap()), FindingCode::BodyCompressed);
    let decompressed = Sent::by("github", PLAIN, &gzip).body(BODY).and("Content-Encoding", "gzip");
    found(&decompressed, FindingCode::BodyDecompressed, Certainty::Likely);
    // A body that is small only as long as it is compressed.
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    (0..64).for_each(|_| bomb.write_all(&[b'0'; 1 << 20]).unwrap());
    let bomb = bomb.finish().unwrap();
    assert!(inflate::inflate(&bomb).is_none());
    assert!(!github().body(bomb).explained().findings().is_empty());
}

#[test]
fn forms() {
    let form = form_urlencoded::Serializer::new(String::new()).append_pair("payload", BODY).finish();
    certain(&github().body(&form), FindingCode::BodyForm);
    certain(&Sent::by("github", PLAIN, &form).body(BODY), FindingCode::BodyForm);
}

#[test]
fn bodies_that_are_gone() {
    certain(&github().body("").and("content-length", "70"), FindingCode::BodyEmpty);
    found(&github().body(""), FindingCode::BodyEmpty, Certainty::Possible);
    certain(&github().body(&BODY[..20]).and("content-length", "70"), FindingCode::BodyLength);
    let large = "x".repeat(case::LONGEST_BODY + 1);
    found(
        &Sent::by("github", PLAIN, &large).body(large + "y"),
        FindingCode::NotExamined,
        Certainty::Possible,
    );
}

#[test]
fn secrets_read_otherwise() {
    let raw = |key: &[u8]| Secret::from_bytes(key).unwrap();
    let standard = Provider::builtin("standard").unwrap();
    let github = Provider::builtin("github").unwrap();
    // As the text, with its prefix and without; hex given where the key's bytes were meant; Base64 of the Base64.
    for key in [SECRET.as_bytes(), KEY.as_bytes()] {
        certain(
            &Sent::signed(Arc::clone(&standard), &raw(key), SECRET, BODY.as_bytes()),
            FindingCode::SecretEncoding,
        );
    }
    let bytes = Encoding::Base64.decode(KEY.as_bytes()).unwrap();
    let hex = Encoding::Hex.encode(&bytes);
    for secret in [&*hex, KEY, SECRET] {
        let sent = Sent::signed(Arc::clone(&github), &raw(&bytes), secret, BODY.as_bytes());
        certain(&sent, FindingCode::SecretEncoding);
    }
    let sent = Sent::signed(
        Arc::clone(&standard),
        &raw(&bytes),
        &Encoding::Base64.encode(KEY.as_bytes()),
        BODY.as_bytes(),
    );
    certain(&sent, FindingCode::SecretEncoding);
    certain(&Sent::by("stripe", SECRET, BODY).secret(KEY), FindingCode::SecretEncoding);
}

#[test]
fn secrets_with_something_around_them() {
    for secret in [
        format!("\"{PLAIN}\""),
        format!("'{PLAIN}'"),
        format!("WEBHOOK_SECRET={PLAIN}"),
        format!("export WEBHOOK_SECRET=\"{PLAIN}\""),
        format!("{PLAIN}\\n"),
        format!("Bearer {PLAIN}"),
        PLAIN.replace("than", "than \n"),
    ] {
        certain(&github().secret(&secret), FindingCode::SecretCharacters);
    }
    let with_newline = Secret::from_bytes(format!("{PLAIN}\n").as_bytes()).unwrap();
    let github = Provider::builtin("github").unwrap();
    certain(&Sent::signed(github, &with_newline, PLAIN, BODY.as_bytes()), FindingCode::SecretCharacters);
}

#[test]
fn secrets_of_others() {
    let mut sent = github().secret("quite-another-secret-of-ours");
    let first = |sent: &Sent| sent.explained().findings()[0].clone();
    assert_eq!(first(&sent).code(), FindingCode::SecretUnknown);
    sent.others = ["x-x-x-x-x-x-x-x-x", PLAIN].map(|text| Secret::new(text).unwrap()).to_vec();
    certain(&sent, FindingCode::SecretOther);
    assert!(first(&sent).what().contains("secret 1 of"));
    found(&github().secret("sk_live_4eC39HqLyjWDarjtT1zdp7dc"), FindingCode::SecretKind, Certainty::Likely);
    let test = Sent::by("github", PLAIN, r#"{"livemode": false}"#).secret("the-secret-of-production");
    found(&test, FindingCode::SecretEnvironment, Certainty::Possible);
    // A key pair's signature, and a shared secret to verify it.
    let standard = Provider::builtin("standard").unwrap();
    let private = standard.generate_private_key().unwrap();
    let sent = Sent::signed(standard, &private, SECRET, BODY.as_bytes());
    certain(&sent, FindingCode::SecretKind);
}

#[test]
fn what_cannot_be_told_is_only_possible() {
    let codes: Vec<_> = github()
        .body("{}")
        .explained()
        .findings()
        .iter()
        .map(|finding| (finding.code(), finding.certainty()))
        .collect();
    assert_eq!(
        codes,
        [(FindingCode::SecretUnknown, Certainty::Possible), (FindingCode::BodyChanged, Certainty::Possible)]
    );
}

#[test]
fn headers_gone_or_renamed() {
    certain(&github().without("x-hub-signature-256"), FindingCode::HeaderMissing);
    certain(&standard().without("webhook-timestamp"), FindingCode::HeaderMissing);
    certain(&standard().without("webhook-id"), FindingCode::HeaderMissing);
    found(
        &Sent::by("kakiyo", PLAIN, BODY).without("x-kakiyo-signature"),
        FindingCode::UnsignedDelivery,
        Certainty::Likely,
    );
    for name in [
        "X_HUB_SIGNATURE_256",
        "X-Amzn-Remapped-X-Hub-Signature-256",
        "hub-signature-256",
        "HTTP_X_HUB_SIGNATURE_256",
    ] {
        let mut sent = github();
        sent.headers[0].0 = name.to_owned();
        sent.headers.retain(|(known, _)| known == name);
        certain(&sent, FindingCode::HeaderRenamed);
    }
    let mut sent = standard();
    sent.headers.iter_mut().for_each(|(name, _)| *name = name.replace('-', "_"));
    certain(&sent, FindingCode::HeaderRenamed);
    let forged = github().without("x-hub-signature-256").and("hub_signature_256", "sha256=00");
    found(&forged, FindingCode::HeaderRenamed, Certainty::Likely);
}

#[test]
fn headers_twice_or_merged() {
    certain(&standard().and("Webhook-Id", "msg_2"), FindingCode::HeaderDuplicated);
    let merged = standard().changed("webhook-signature", |value| format!("{value}, v1,AAAA"));
    certain(&merged, FindingCode::HeaderMerged);
    let other = Encoding::Hex.encode(&[0; 32]);
    let merged = github().changed("x-hub-signature-256", |value| format!("sha256={other}, {value}"));
    certain(&merged, FindingCode::HeaderMerged);
    certain(
        &github().changed("x-hub-signature-256", |_| "nonsense".to_owned()),
        FindingCode::HeaderMalformed,
    );
}

#[test]
fn signatures_of_other_forms() {
    let header = "x-hub-signature-256";
    let rest = |value: &str| value.trim_start_matches("sha256=").to_owned();
    let recoded = |value: &str, encoding: Encoding| {
        encoding.encode(&Encoding::Hex.decode(rest(value).as_bytes()).unwrap())
    };
    certain(&github().changed(header, rest), FindingCode::SignatureForm);
    certain(&github().changed(header, |value| format!("v1={}", rest(value))), FindingCode::SignatureForm);
    certain(
        &github().changed(header, |value| format!("sha256={}", recoded(value, Encoding::Base64))),
        FindingCode::SignatureEncoding,
    );
    certain(
        &github().changed(header, |value| recoded(value, Encoding::Base64Url)),
        FindingCode::SignatureEncoding,
    );
    certain(&github().changed(header, |value| format!("\"{value}\"")), FindingCode::SignatureAltered);
    certain(&github().changed(header, |value| value.replace('=', "%3D")), FindingCode::SignatureAltered);
    // A signature with plus signs, which a form's decoding turns to spaces.
    let with_plus = (0..)
        .map(|nth| Sent::by("shopify", PLAIN, format!("{{\"nth\":{nth}}}")))
        .find(|sent| sent.headers[0].1.contains('+'))
        .unwrap();
    certain(
        &with_plus.changed("x-shopify-hmac-sha256", |value| value.replace('+', " ")),
        FindingCode::SignatureAltered,
    );
    let quoted =
        Sent::by("shopify", PLAIN, BODY).changed("x-shopify-hmac-sha256", |value| format!("\"{value}\""));
    certain(&quoted, FindingCode::SignatureAltered);
    certain(&github().changed(header, |value| value[..50].to_owned()), FindingCode::SignatureLength);
}

#[test]
fn algorithms_and_templates() {
    let sha512 = own("header = \"x-hub-signature-256\"\nmac = \"hmac-sha512\"\nencoding = \"hex\"\n\
         field_separator = \"=\"\nfield = \"sha256\"");
    let mut sent = Sent::of(sha512, PLAIN, BODY.as_bytes());
    sent.provider = Provider::builtin("github").unwrap();
    certain(&sent, FindingCode::SignatureAlgorithm);
    found(&sent.secret("quite-another-secret-of-ours"), FindingCode::SignatureAlgorithm, Certainty::Likely);
    let stamped = "header = \"x-own\"\nmac = \"hmac-sha256\"\nencoding = \"hex\"\n\
                   timestamp = { from = \"header:x-time\", unit = \"s\" }\n";
    let sender = own(&format!("{stamped}signed = \"{{timestamp}}:{{body}}\""));
    let receiver = own(&format!("{stamped}signed = \"{{timestamp}}.{{body}}\""));
    let mut sent = Sent::of(sender, PLAIN, BODY.as_bytes());
    sent.provider = receiver;
    certain(&sent, FindingCode::SignedTemplate);
}

#[test]
fn other_providers() {
    found(&github().provider("standard").secret(KEY), FindingCode::WrongProvider, Certainty::Likely);
    certain(&github().provider("stripe"), FindingCode::WrongProvider);
    certain(&standard().provider("github"), FindingCode::WrongProvider);
    let stripe = Sent::by("stripe", SECRET, BODY).provider("github").secret("quite-another-secret-of-ours");
    let explanation = stripe.explained();
    assert!(
        explanation.findings().iter().any(|finding| {
            finding.code() == FindingCode::WrongProvider && finding.what().contains("Stripe")
        }),
        "{explanation}"
    );
}

#[test]
fn handshakes() {
    let slack = Sent::by("slack", PLAIN, r#"{"type":"url_verification","challenge":"abc"}"#);
    certain(&slack, FindingCode::HandshakeRequest);
    assert_eq!(slack.explained().verdict(), &Verdict::Verified);
}

#[test]
fn urls() {
    let square = || Sent::by("square", PLAIN, BODY);
    certain(&square().url("http://shop.example/hooks"), FindingCode::UrlScheme);
    certain(&square().url("https://shop.example:443/hooks"), FindingCode::UrlScheme);
    certain(&square().url("http://shop.example:3000/hooks"), FindingCode::UrlScheme);
    certain(&square().url("https://shop.example/hooks/"), FindingCode::UrlPath);
    certain(&square().url("https://shop.example/hooks?utm=1"), FindingCode::UrlQuery);
    let proxied =
        square().url("http://10.0.0.7/hooks").and("X-Forwarded-Host", "shop.example, inner.example");
    certain(&proxied, FindingCode::UrlHost);
    certain(
        &square().url("https://shop.example/inner").and("X-Original-URI", "/hooks"),
        FindingCode::UrlPath,
    );
    let mut without = square();
    without.url = None;
    certain(&without, FindingCode::UrlMissing);
    let mut hubspot = Sent::by("hubspot", PLAIN, BODY);
    hubspot.method = Some("PUT".to_owned());
    certain(&hubspot, FindingCode::MethodDiffers);
}

#[test]
fn clocks() {
    certain(&standard().now(NOW + 1200), FindingCode::TimestampOld);
    certain(&standard().now(NOW - 1200), FindingCode::ClockSkew);
    certain(&standard().now(NOW - 3 * 86400), FindingCode::TimestampFuture);
    found(&standard().now(NOW + 2 * 3600 + 3), FindingCode::TimestampTimezone, Certainty::Likely);
    found(&standard().now(NOW - 5 * 3600), FindingCode::TimestampTimezone, Certainty::Likely);
    let what = standard().now(NOW + 1200).explained().findings()[0].what().to_owned();
    assert_eq!(what, "The request was signed 1200 s ago, and 300 s are allowed.");
}

#[test]
fn units_and_forms_of_timestamps() {
    let rules = |unit: &str| {
        own(&format!(
            "header = \"x-own\"\nmac = \"hmac-sha256\"\nencoding = \"hex\"\n\
             signed = \"{{timestamp}}.{{body}}\"\n\
             timestamp = {{ from = \"header:x-time\", unit = \"{unit}\" }}"
        ))
    };
    for (sender, receiver) in
        [("ms", "s"), ("s", "ms"), ("iso8601", "s"), ("s", "iso8601"), ("http-date", "ms")]
    {
        let mut sent = Sent::of(rules(sender), PLAIN, BODY.as_bytes());
        sent.provider = rules(receiver);
        certain(&sent, FindingCode::TimestampUnit);
    }
    certain(&standard().changed("webhook-timestamp", |_| "yesterday".to_owned()), FindingCode::TimestampForm);
}

#[test]
fn what_is_refused_next_is_told_too() {
    let explanation = standard().body(BODY.replace(':', ": ")).now(NOW + 9000).explained();
    let codes: Vec<_> = explanation.findings().iter().map(Finding::code).collect();
    assert_eq!(codes[..2], [FindingCode::BodyReserialized, FindingCode::TimestampOld]);
}

#[test]
fn remedies_are_those_of_the_framework() {
    let remedies: HashSet<_> = Framework::ALL
        .iter()
        .map(|framework| {
            let mut sent = github().body(BODY.replace(':', ": "));
            sent.framework = Some(*framework);
            sent.explained().findings()[0].remedy().to_owned()
        })
        .collect();
    assert_eq!(remedies.len(), Framework::ALL.len());
    for (framework, remedy) in [
        ("express", "express.raw"),
        ("ktor", "call.receive<ByteArray>()"),
        ("spring", "request.inputStream.readAllBytes()"),
    ] {
        let mut sent = github().body(BODY.replace(':', ": "));
        sent.framework = Framework::parse(framework);
        assert!(sent.explained().findings()[0].remedy().contains(remedy), "{framework}");
    }
}

#[test]
fn work_is_bounded_whatever_is_asked() {
    let members: Vec<_> = (0..60_000).map(|nth| format!("{{\"k{nth}\":\"é/\"}}")).collect();
    let body = format!("[{}]", members.join(","));
    assert!(body.len() > 900_000 && body.len() < case::LONGEST_BODY);
    let mut sent =
        Sent::by("standard", SECRET, &body).body(body + " ").secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
    sent.secrets = (0..16).map(|nth| format!("whsec_{}", Encoding::Base64.encode(&[nth; 24]))).collect();
    sent.headers[2].1 = format!("{} v1,AAAA v1,x v2,y", sent.headers[2].1);
    let (explanation, judged) = counted::during(|| sent.explained());
    // `verify` is called twice besides: by `explain`, and by the test.
    assert!(judged <= case::MOST_MACS + 2 * 16, "{judged}");
    assert!(!explanation.findings().is_empty());
    let mut small = standard().body("{}");
    small.secrets = sent.secrets;
    let (_, judged) = counted::during(|| small.explained());
    assert!(judged <= case::MOST_MACS + 2 * 16, "{judged}");
}

#[test]
fn every_code_and_framework_is_in_the_shared_list() {
    let shared = include_str!("../../../tests/findings.json");
    let shared: serde_json::Value = serde_json::from_str(shared).unwrap();
    let ours: Vec<_> = FindingCode::ALL
        .iter()
        .map(|code| serde_json::json!({ "code": code.as_str(), "sentence": code.sentence() }))
        .collect();
    assert_eq!(shared["findings"], serde_json::Value::from(ours));
    let frameworks: Vec<_> = Framework::ALL.iter().map(|framework| framework.as_str()).collect();
    assert_eq!(shared["frameworks"], serde_json::json!(frameworks));
    let certainties: Vec<_> = Certainty::ALL.iter().map(|certainty| certainty.as_str()).collect();
    assert_eq!(shared["certainties"], serde_json::json!(certainties));
    for code in FindingCode::ALL {
        assert_eq!(FindingCode::parse(code.as_str()), Some(*code));
    }
    let page = include_str!("../../../docs/explain.md");
    for code in FindingCode::ALL {
        assert!(
            page.contains(&format!("| `{code}` | {} |", code.sentence())),
            "docs/explain.md lacks {code}"
        );
    }
}

#[test]
fn the_page_shows_what_is_really_printed() {
    let page = include_str!("../../../docs/explain.md");
    let mut sent =
        Sent::by("webkasa", PLAIN, "{\"type\":\"booking.created\"}").body("{\"type\": \"booking.created\"}");
    sent.framework = Framework::parse("express");
    let shown = format!("```text\n{}\n```", sent.explained());
    assert!(page.contains(&shown), "docs/explain.md lacks\n{shown}");
}

const ENCODINGS: [Encoding; 5] =
    [Encoding::Hex, Encoding::HexUpper, Encoding::Base64, Encoding::Base64Url, Encoding::Base64Hex];

proptest! {
    #[test]
    fn agrees_with_verify_on_anything(
        body: Vec<u8>,
        names in proptest::collection::vec(
            "webhook-(id|timestamp|signature)|x_hub_signature_256|host|content-length|[a-z-]{1,9}",
            0..6,
        ),
        values in proptest::collection::vec(".{0,40}|v1,[A-Za-z0-9+/]{43}=|[0-9]{10}", 6),
        url in proptest::option::of(".{0,30}"),
        provider in 0_usize..160,
    ) {
        let ids: Vec<_> = Provider::ids().collect();
        let provider = Provider::builtin(ids[provider % ids.len()]).unwrap();
        let Ok(secret) = provider.generate_secret() else { return Ok(()) };
        let webhook = Webhook::with_provider(&provider, &[secret]).unwrap();
        let headers: Lines = names.into_iter().zip(values).collect();
        let now = Some(UNIX_EPOCH + Duration::from_secs(NOW));
        let options = ExplainOptions { now, url: url.as_deref(), ..Default::default() };
        let explanation = webhook.explain(&body, &headers, &options);
        let verify = VerifyOptions { now, url: url.as_deref(), method: None };
        let verdict = webhook.verify_with(&body, &headers, &verify);
        prop_assert_eq!(explanation.verdict().code(), verdict.err().map(|error| error.code()));
        let text = explanation.to_text(true);
        prop_assert!(text.chars().all(|char| char == '\n' || char == '\x1b' || !char.is_control()), "{}", text);
    }

    #[test]
    fn shows_no_signature_and_no_secret(
        body in "\\{\"a\":\"[a-zé/ ]{0,20}\"\\}\n?",
        received in "\\{\"a\" ?: ?\"[a-zé/ ]{0,20}\"\\}",
        same: bool,
        which in 0_usize..6,
        late in 0_u64..1000,
    ) {
        let id = ["standard", "github", "stripe", "slack", "shopify", "square"][which];
        let secret = if id == "standard" { SECRET } else { PLAIN };
        let sent = Sent::by(id, secret, &body);
        let right = sent.headers.clone();
        let received = if same { body.replace(':', " : ") } else { received };
        let sent = sent.body(&received).now(NOW + late);
        // What would be right for the body that came is as secret as what was right for the one that was sent.
        let expected = Sent::by(id, secret, &received).headers;
        let explanation = sent.explained();
        let shown = format!("{explanation} {explanation:?} {} {}", explanation.to_json(), explanation.to_text(true));
        let shown = shown.to_lowercase();
        let is_signature = |name: &str| name.contains("sig") || name.contains("hmac");
        for (name, value) in right.iter().chain(&expected).filter(|(name, _)| is_signature(name)) {
            for part in value.split([',', '=', ' ']).filter(|part| part.len() >= 16) {
                let padded = format!("{part}=");
                let bytes = Encoding::Hex.decode(part.as_bytes());
                let bytes = bytes.or_else(|| Encoding::Base64.decode(padded.as_bytes())).unwrap();
                for encoding in ENCODINGS {
                    let text = encoding.encode(&bytes).to_lowercase();
                    prop_assert!(!shown.contains(&text[..12]), "{} {}", name, shown);
                }
                let raw: Vec<_> = bytes.iter().map(u8::to_string).collect();
                prop_assert!(!shown.contains(&raw[..6].join(", ")));
            }
        }
        prop_assert!(!shown.contains(&secret.to_lowercase()) && !shown.contains(&KEY.to_lowercase()));
    }
}
