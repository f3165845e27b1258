use super::*;
use proptest::prelude::*;
use std::time::{Duration, UNIX_EPOCH};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NOW: u64 = 1_614_265_330;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn provider(id: &str) -> Arc<Provider> {
    Provider::builtin(id).unwrap()
}

fn webhook(id: &str, secrets: &[&str]) -> Webhook {
    let secrets: Vec<_> = secrets.iter().map(|secret| Secret::new(secret).unwrap()).collect();
    Webhook::with_provider(&provider(id), &secrets).unwrap()
}

fn code<T>(result: Result<T>) -> Code {
    match result {
        Ok(_) => panic!("it should have been refused"),
        Err(error) => error.code(),
    }
}

#[test]
fn signs_and_verifies_with_the_systems_clock() {
    let webhook = Webhook::new(SECRET).unwrap();
    let headers = webhook.sign(b"{}").unwrap();
    let event = webhook.verify(b"{}", &headers).unwrap();
    assert!(event.id().unwrap().starts_with("msg_"));
    assert_eq!(code(webhook.verify(b"{} ", &headers)), Code::SignatureMismatch);
}

#[test]
fn during_a_rotation_every_live_key_signs_where_requests_carry_several() {
    let both = webhook("standard", &["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", SECRET]);
    let headers = both.sign(b"{}").unwrap();
    assert_eq!(Webhook::new(SECRET).unwrap().verify(b"{}", &headers).unwrap().key_index(), 0);
    assert_eq!(
        both.verify(b"{}", &Webhook::new(SECRET).unwrap().sign(b"{}").unwrap()).unwrap().key_index(),
        1
    );
    // WebKasa's requests carry one signature: the newest secret's.
    let both = webhook("webkasa", &["a-new-secret-of-32-characters-xx", "an-old-secret-of-32-characters-x"]);
    let headers = both.sign(b"{}").unwrap();
    assert_eq!(both.verify(b"{}", &headers).unwrap().key_index(), 0);
    assert!(webhook("webkasa", &["an-old-secret-of-32-characters-x"]).verify(b"{}", &headers).is_err());
}

#[test]
fn both_kinds_of_standard_signatures_side_by_side() {
    let private = provider("standard").generate_private_key().unwrap();
    let public = private.public().unwrap();
    let symmetric = Secret::new(SECRET).unwrap();
    let standard = provider("standard");
    let sender = Webhook::with_provider(&standard, &[symmetric, private]).unwrap();
    let headers = sender.sign(b"{}").unwrap();
    let signature = &headers.iter().find(|(name, _)| name == "webhook-signature").unwrap().1;
    assert!(signature.starts_with("v1,") && signature.contains(" v1a,"), "{signature}");
    assert!(Webhook::new(SECRET).unwrap().verify(b"{}", &headers).is_ok());
    let receiver = Webhook::with_provider(&standard, &[public]).unwrap();
    assert!(receiver.verify(b"{}", &headers).is_ok());
    assert_eq!(code(receiver.verify(b"[]", &headers)), Code::SignatureMismatch);
    assert_eq!(code(receiver.sign(b"{}")), Code::InvalidSecret);
}

#[test]
fn tolerance_is_the_callers_in_each_direction() {
    let headers = |at: u64| {
        let options = SignOptions { timestamp: Some(self::at(at)), ..SignOptions::default() };
        Webhook::new(SECRET).unwrap().sign_with(b"{}", &options).unwrap()
    };
    let verify = |tolerance: Tolerance, signed: u64| {
        let options = VerifyOptions { now: Some(at(NOW)), ..VerifyOptions::default() };
        let webhook = Webhook::new(SECRET).unwrap().with_tolerance(tolerance);
        webhook.verify_with(b"{}", &headers(signed), &options).map(|_| ())
    };
    let tolerance = Tolerance { past: Duration::from_secs(60), future: Duration::ZERO };
    assert!(verify(tolerance, NOW).is_ok());
    assert!(verify(tolerance, NOW - 60).is_ok());
    assert_eq!(code(verify(tolerance, NOW - 61)), Code::TimestampTooOld);
    assert_eq!(code(verify(tolerance, NOW + 1)), Code::TimestampTooNew);
    assert!(verify(Tolerance::both(Duration::MAX), 1).is_ok());
}

#[test]
fn a_request_of_this_second_is_not_from_the_future() {
    let webhook = Webhook::new(SECRET).unwrap().with_tolerance(Tolerance::both(Duration::ZERO));
    let now = at(NOW) + Duration::from_millis(999);
    let headers =
        webhook.sign_with(b"", &SignOptions { timestamp: Some(now), ..SignOptions::default() }).unwrap();
    assert!(
        webhook
            .verify_with(b"", &headers, &VerifyOptions { now: Some(now), ..VerifyOptions::default() })
            .is_ok()
    );
}

#[test]
fn weak_and_trimmed_secrets_are_told() {
    let warnings = |secret: &str| {
        webhook("kazinex", &[secret]).warnings().iter().map(|warning| warning.code()).collect::<Vec<_>>()
    };
    assert_eq!(warnings("a-secret-of-32-characters-or-more"), []);
    assert_eq!(warnings("short"), [WarningCode::WeakSecret]);
    assert_eq!(warnings("short\n"), [WarningCode::TrimmedSecret, WarningCode::WeakSecret]);
    assert!(Webhook::new(SECRET).unwrap().warnings().is_empty());
}

#[test]
fn secrets_that_are_none_are_refused_with_a_reason() {
    for wrong in ["whsec_", "whsec_!!!!", "whsec_MfKQ-_8G", "whsk_AAAA", "whpk_AAAA", "whsec_MfKQ9r8G KYqr"] {
        let error = Webhook::new(wrong).unwrap_err();
        assert_eq!(error.code(), Code::InvalidSecret, "{wrong}");
        assert!(
            !error.message().contains("MfKQ") && error.message().contains("Standard Webhooks"),
            "{error}"
        );
    }
    assert_eq!(code(Webhook::with_provider(&provider("stripe"), &[])), Code::InvalidSecret);
    let secret = Secret::new("x").unwrap();
    assert_eq!(code(Webhook::with_provider(&provider("stripe"), &vec![secret; 17])), Code::InvalidSecret);
}

#[test]
fn ids_that_could_be_read_in_two_ways_are_not_signed() {
    let sign = |id| {
        let options = SignOptions { id: Some(id), ..SignOptions::default() };
        Webhook::new(SECRET).unwrap().sign_with(b"{}", &options)
    };
    for wrong in ["a.b", "", "a b", "a\r\nx: y", "é"] {
        assert_eq!(code(sign(wrong)), Code::InvalidArgument, "{wrong:?}");
    }
    assert!(sign("msg_1").is_ok());
}

#[test]
fn what_only_the_provider_can_sign_is_said() {
    assert_eq!(code(webhook("square", &["a-secret"]).sign(b"{}")), Code::InvalidArgument);
    assert_eq!(
        code(webhook("square", &["a-secret"]).verify(b"{}", &[("x-square-hmacsha256-signature", "x")])),
        Code::InvalidArgument
    );
}

#[cfg(feature = "deliver")]
#[test]
fn unsigned_requests_still_have_the_headers_of_the_envelope() {
    let provider = provider("github");
    let webhook = Webhook::unsigned(&provider);
    let event = provider
        .event("push", &(), &crate::EventOptions { id: Some("d_1"), ..crate::EventOptions::default() })
        .unwrap();
    let mut headers = webhook.sign_event(&event, &SignOptions::default()).unwrap();
    headers.sort();
    let pairs = [("x-github-delivery", "d_1"), ("x-github-event", "push")];
    assert_eq!(headers, pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(webhook.header_names().iter().any(|name| name == "x-hub-signature-256"));
}

#[test]
fn nothing_of_a_secret_or_body_is_printed() {
    let webhook = webhook("webkasa", &["hunter2-hunter2-hunter2"]);
    let headers = webhook.sign(br#"{"password": "swordfish"}"#).unwrap();
    let event = webhook.verify(&br#"{"password": "swordfish"}"#[..], &headers).unwrap();
    let error = webhook.verify(b"swordfish", &headers).unwrap_err();
    let shape = event.payload::<Vec<u8>>().unwrap_err();
    let printed = format!("{webhook:?} {event:?} {error:?} {error} {shape}");
    assert!(!printed.contains("hunter2") && !printed.contains("swordfish"), "{printed}");
}

#[test]
fn is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Webhook>();
    shared::<Event>();
    shared::<Secret>();
    shared::<Provider>();
}

proptest! {
    #[test]
    fn what_was_signed_verifies_for_every_provider(body: Vec<u8>, nth in 0_usize..1000) {
        let ids: Vec<_> = Provider::ids().collect();
        let provider = provider(ids[nth % ids.len()]);
        let Ok(secret) = provider.generate_secret() else { return Ok(()) };
        let webhook = Webhook::with_provider(&provider, &[secret]).unwrap();
        let url = Some("https://example.com/hooks?a=b");
        let Ok(headers) = webhook.sign_with(&body, &SignOptions { url, ..SignOptions::default() }) else { return Ok(()) };
        let options = VerifyOptions { url, ..VerifyOptions::default() };
        match webhook.verify_with(&body, &headers, &options) {
            Ok(event) => prop_assert_eq!(event.body(), &body),
            // Linear's timestamp is in the body and Twilio's hash in the url, which a random request has not.
            Err(error) => prop_assert!(matches!(error.code(), Code::InvalidPayload | Code::MalformedTimestamp) || provider.id() == "twilio"),
        }
        if !provider.signatures().iter().all(|form| form.covers_body) {
            return Ok(());
        }
        let mut changed = body.clone();
        changed.push(0);
        prop_assert!(webhook.verify_with(&changed, &headers, &options).is_err());
    }

    #[test]
    fn no_header_panics_or_verifies(values in proptest::collection::vec(any::<Vec<u8>>(), 8), body: Vec<u8>, nth in 0_usize..1000) {
        let ids: Vec<_> = Provider::ids().collect();
        let provider = provider(ids[nth % ids.len()]);
        let Ok(secret) = provider.generate_secret() else { return Ok(()) };
        let webhook = Webhook::with_provider(&provider, &[secret]).unwrap();
        let headers: Vec<_> = webhook.header_names().iter().zip(values).collect();
        let options = VerifyOptions { url: Some("https://example.com/"), ..VerifyOptions::default() };
        prop_assert!(webhook.verify_with(body, &headers, &options).is_err());
    }

    #[test]
    fn no_handshake_panics_or_answers_what_is_not_signed(
        values in proptest::collection::vec(any::<Vec<u8>>(), 8), body: Vec<u8>, query: String, nth in 0_usize..1000,
    ) {
        let ids: Vec<_> = Provider::ids().filter(|id| provider(id).has_handshake()).collect();
        let provider = provider(ids[nth % ids.len()]);
        let Ok(secret) = provider.generate_secret() else { return Ok(()) };
        let webhook = Webhook::with_provider(&provider, &[secret]).unwrap();
        let headers: Vec<_> = webhook.header_names().iter().zip(values).collect();
        let url = format!("/?hub.mode=subscribe&challenge={query}&crc_token={query}&challengeCode={query}");
        let bodies = [&body[..], br#"{"type":"url_verification","challenge":"1"}"#, br#"{"eventType":"VERIFY","data":{}}"#];
        for (method, body) in ["GET", "POST", "HEAD"].into_iter().flat_map(|method| bodies.map(|body| (method, body))) {
            let options = HandshakeOptions {
                method: Some(method),
                url: Some(&url),
                verify_token: Some("agreed"),
                ..HandshakeOptions::default()
            };
            let Ok(Some(answer)) = webhook.handshake(body, &headers, &options) else { continue };
            prop_assert!(!matches!(provider.id(), "slack" | "zoom" | "twitch" | "front" | "tebex" | "meta"));
            prop_assert!(answer.body().bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            let lines = answer.headers().iter().flat_map(|(name, value)| [name, value]);
            prop_assert!(lines.flat_map(|text| text.bytes()).all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }
}
