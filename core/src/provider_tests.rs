use super::*;

fn refusal(toml: &str) -> String {
    let error = Provider::from_toml(toml).unwrap_err();
    assert_eq!(error.code(), Code::InvalidProvider);
    error.to_string()
}

const GOOD: &str = r#"
id = "own"
name = "Own"
sources = []
confidence = "own"
[signature]
header = "X-Signature"
mac = "hmac-sha256"
encoding = "hex"
"#;

#[test]
fn every_builtin_reads_and_is_named_as_its_file() {
    for id in Provider::ids() {
        let provider = Provider::builtin(id).unwrap();
        assert_eq!(provider.id(), id);
        assert!(!provider.sources().is_empty(), "{id} has no sources");
    }
}

#[test]
fn unknown_names_get_a_hint() {
    let error = Provider::builtin("stripes").unwrap_err();
    assert_eq!(error.code(), Code::UnknownProvider);
    assert!(error.message().contains("\"stripe\""), "{error}");
    assert!(Provider::builtin("").is_err());
}

#[test]
fn errors_name_file_key_and_reason() {
    assert!(Provider::from_toml(GOOD).is_ok());
    let message = refusal(&GOOD.replace("hmac-sha256", "hmac-md5"));
    assert!(message.contains("line 8, key \"mac\"") && message.contains("hmac-md5"), "{message}");
    let message = refusal(&format!("{GOOD}encodign = \"hex\"\n"));
    assert!(message.contains("encodign"), "{message}");
    let message = refusal(&format!("{GOOD}signed = \"{{bodi}}\"\n"));
    assert!(message.contains("signature.signed") && message.contains("{bodi}"), "{message}");
    let message = refusal(&format!("{GOOD}signed = \"{{timestamp}}{{body}}\"\n"));
    assert!(message.contains("signature.timestamp"), "{message}");
    let message = refusal("id = ");
    assert!(message.contains("line 1"), "{message}");
    assert!(refusal(&GOOD.replace("\"own\"\nname", "\"../x\"\nname")).contains("id:"));
    let missing = Provider::load("/no/such/file.toml").unwrap_err();
    assert!(missing.message().starts_with("/no/such/file.toml"), "{missing}");
}

#[test]
fn senseless_policies_are_refused() {
    for delivery in [
        "timeout = 0",
        "timeout = -1",
        "timeout = nan",
        "timeout = 1e9",
        "retry = { delays = [1], first = 1 }",
        "retry = { first = 1, factor = 2 }",
        "retry = { delays = [1], jitter = 2 }",
        "disable_after = { failures = 0, unit = \"delivery\" }",
    ] {
        refusal(&format!("{GOOD}\n[delivery]\n{delivery}\n"));
    }
    assert!(
        refusal(&format!("{GOOD}\n[[event]]\ntype = \"a\"\ndescription = \"b\"\nexample = \"{{\"\n"))
            .contains("\"a\"")
    );
}

#[test]
fn the_founding_vendors_policies() {
    let seconds = |list: &[u64]| list.iter().copied().map(Duration::from_secs).collect::<Vec<_>>();
    let provider = |id| Provider::builtin(id).unwrap();
    assert_eq!(provider("kagibag").retry().delays(), seconds(&[30, 120, 480, 1920, 7680]));
    assert_eq!(provider("kakiyo").retry().delays(), seconds(&[1, 2, 4]));
    assert_eq!(provider("webkasa").retry().delays(), seconds(&[60, 300, 1800, 7200, 86400]));
    assert_eq!(provider("kazinex").retry().max_attempts(), 1);
    let timeouts = ["kagibag", "kakiyo", "webkasa", "kazinex"].map(|id| provider(id).timeout().as_secs());
    assert_eq!(timeouts, [10, 10, 15, 10]);
    let https = ["kagibag", "kakiyo", "webkasa", "kazinex"].map(|id| provider(id).https_only());
    assert_eq!(https, [false, true, true, false]);
    let limits = ["kagibag", "kakiyo", "webkasa", "kazinex"].map(|id| provider(id).health().limit());
    assert_eq!(limits, [Some(10), Some(4), None, None]);
    assert_eq!(provider("kakiyo").credits(), 2);
    assert!(provider("kakiyo").secret_optional() && !provider("webkasa").secret_optional());
    assert_eq!(
        provider("standard").retry().next(
            1,
            &crate::Outcome::Status { code: 410, retry_after: None },
            SystemTime::now(),
            0.0
        ),
        crate::Next::Disable
    );
}

#[test]
fn every_example_reads_back_as_what_it_was() {
    for id in Provider::ids() {
        let provider = Provider::builtin(id).unwrap();
        for known in provider.event_types() {
            let event = provider.example(&known.name).unwrap();
            assert_eq!(event.event_type(), Some(known.name.as_str()));
            let body: serde_json::Value = event.payload().unwrap();
            let data: serde_json::Value = serde_json::from_str(known.example.as_ref().unwrap()).unwrap();
            assert!(body.is_object(), "{id} {}", known.name);
            assert_eq!(event.data::<serde_json::Value>().unwrap(), data, "{id} {}", known.name);
        }
    }
    assert!(provider_error("webkasa", "no.such").contains("booking.created"));
}

fn provider_error(id: &str, event_type: &str) -> String {
    Provider::builtin(id).unwrap().example(event_type).unwrap_err().to_string()
}

#[test]
fn envelopes_are_the_vendors() {
    let options = EventOptions {
        id: Some("wh_evt_abc123"),
        timestamp: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_705_314_600)),
        tenant: Some("team_1"),
    };
    let body = |id: &str| {
        let event =
            Provider::builtin(id).unwrap().event("a.b", &serde_json::json!({"n": 1}), &options).unwrap();
        String::from_utf8(event.into_body()).unwrap()
    };
    assert_eq!(
        body("webkasa"),
        r#"{"id":"wh_evt_abc123","type":"a.b","created_at":"2024-01-15T10:30:00Z","data":{"n":1}}"#
    );
    assert_eq!(
        body("kakiyo"),
        r#"{"event":"a.b","teamId":"team_1","timestamp":"2024-01-15T10:30:00.000Z","data":{"n":1}}"#
    );
    assert_eq!(
        body("kazinex"),
        r#"{"event":"a.b","organisation_id":"team_1","project_id":null,"timestamp":"2024-01-15T10:30:00.000Z","data":{"n":1}}"#
    );
    assert!(body("kagibag").starts_with(r#"{"id":"wh_evt_abc123","type":"a.b","timestamp":""#));
}

#[test]
fn ids_and_types_are_printable() {
    let provider = Provider::builtin("webkasa").unwrap();
    for wrong in ["", "a b", "a\n", "é", &"x".repeat(257)] {
        let options = EventOptions { id: Some(wrong), ..EventOptions::default() };
        assert!(provider.event("a.b", &(), &options).is_err(), "{wrong:?}");
        assert!(provider.event(wrong, &(), &EventOptions::default()).is_err(), "{wrong:?}");
    }
}

#[test]
fn ids_that_could_be_read_in_two_ways_are_refused_at_once() {
    let options = EventOptions { id: Some("a.b"), ..EventOptions::default() };
    let event = |id| Provider::builtin(id).unwrap().event("a.b", &(), &options);
    assert_eq!(event("standard").unwrap_err().code(), Code::InvalidArgument);
    assert!(event("webkasa").is_ok());
}

#[test]
fn secrets_are_made_as_the_providers_are() {
    for id in Provider::ids() {
        let provider = Provider::builtin(id).unwrap();
        let Ok(secret) = provider.generate_secret() else { continue };
        let webhook = crate::Webhook::with_provider(&provider, &[secret]).unwrap();
        assert!(webhook.warnings().is_empty(), "{id}");
    }
    let standard = Provider::builtin("standard").unwrap();
    assert!(standard.generate_secret().unwrap().expose().unwrap().starts_with("whsec_"));
    let private = standard.generate_private_key().unwrap();
    assert!(private.expose().unwrap().starts_with("whsk_"));
    assert!(private.public().unwrap().expose().unwrap().starts_with("whpk_"));
    assert!(Provider::builtin("webkasa").unwrap().generate_private_key().is_err());
}

#[test]
fn what_is_told_of_signatures() {
    let one = |id: &str| Provider::builtin(id).unwrap().signatures().remove(0);
    let stripe = one("stripe");
    assert_eq!(stripe.headers, ["stripe-signature"]);
    assert_eq!((stripe.algorithm, stripe.encoding), ("hmac-sha256", Some("hex")));
    assert_eq!(stripe.signed, "{timestamp}.{body}");
    assert_eq!(stripe.tolerance, Some(Tolerance::both(Duration::from_secs(300))));
    assert!(stripe.several && stripe.covers_body);
    let github = one("github");
    assert!(github.tolerance.is_none() && !github.several && github.covers_body);
    assert!(one("docusign").several);
    assert!(one("mailgun").headers.is_empty());
    for uncovered in ["mailgun", "favro", "gitlab-token", "postmark"] {
        assert!(!one(uncovered).covers_body, "{uncovered}");
    }
    for covered in ["twilio", "tebex", "walmart", "discord"] {
        assert!(one(covered).covers_body, "{covered}");
    }
    assert_eq!(Provider::builtin("standard").unwrap().signatures().len(), 2);
    // A token vouches for nothing, whatever a file has it sign.
    let token = Provider::from_toml(&GOOD.replace("hmac-sha256", "token").replace("encoding = \"hex\"", ""));
    assert!(!token.unwrap().signatures()[0].covers_body);
}

#[test]
fn what_keeps_requests_from_being_accepted_twice() {
    for (id, expected) in [
        ("stripe", ReplayProtection::Timestamp),
        ("linear", ReplayProtection::Timestamp),
        ("notion", ReplayProtection::SignedId),
        ("github", ReplayProtection::UnsignedId),
        ("gitlab-token", ReplayProtection::UnsignedId),
        ("dropbox", ReplayProtection::Nothing),
    ] {
        assert_eq!(Provider::builtin(id).unwrap().replay_protection(), expected, "{id}");
    }
}

#[test]
fn separators_are_a_few_ascii_characters() {
    let with = |separator: &str| Provider::from_toml(&format!("{GOOD}item_separator = \"{separator}\"\n"));
    assert!(with(", ").is_ok());
    for wrong in ["", "é"] {
        assert_eq!(with(wrong).unwrap_err().code(), Code::InvalidProvider, "{wrong:?}");
    }
}

#[test]
fn handshakes_that_make_no_sense_are_refused() {
    let refused = |table: &str| refusal(&format!("{GOOD}\n[handshake]\n{table}\n"));
    let found = "found = \"json:type\"";
    for (table, why) in [
        ("verified_by = \"nothing\"\nanswer = \"\"", "found"),
        ("method = \"GET\"\nis = \"a\"\nverified_by = \"nothing\"\nanswer = \"\"", "found"),
        (&format!("{found}\nverified_by = \"token\"\nanswer = \"\""), "token"),
        (&format!("{found}\nverified_by = \"nothing\"\ntoken = \"query:t\"\nanswer = \"\""), "token"),
        (&format!("{found}\nverified_by = \"trust\"\nanswer = \"\""), "trust"),
        (&format!("{found}\nanswer = \"\""), "verified_by"),
        (&format!("{found}\nverified_by = \"nothing\"\nanswer = \"{{value}}\""), "value"),
        (&format!("{found}\nverified_by = \"nothing\"\nvalue = \"json:c\"\nanswer = \"\""), "value"),
        (&format!("{found}\nverified_by = \"nothing\"\nvalue = \"json:c\"\nanswer = \"{{key}}\""), "{key}"),
        (
            &format!("{found}\nverified_by = \"nothing\"\nvalue = \"body:c\"\nanswer = \"{{value}}\""),
            "body:c",
        ),
        (&format!("{found}\nverified_by = \"nothing\"\nvalue = \"json:c\"\nanswer = \"{{value\""), "closed"),
        ("found = \"header:a b\"\nverified_by = \"nothing\"\nanswer = \"\"", "a b"),
    ] {
        let message = refused(table);
        assert!(message.contains(why), "{table}: {message}");
    }
    // Nobody gets the plain hash of a text, or the token, for a signature.
    let signs = "\n[handshake]\nfound = \"json:a\"\nverified_by = \"nothing\"\nvalue = \"json:a\"\nanswer = \"{mac}\"\n";
    assert!(Provider::from_toml(&format!("{GOOD}{signs}")).is_ok());
    let token = GOOD.replace("hmac-sha256", "token");
    assert!(refusal(&format!("{token}{signs}")).contains("HMAC"));
}
