//! The test kit: what it makes is what every provider's webhook accepts and refuses, and the recorder is a real server.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime};

use hookseal::testing::{Recorder, Reply, RequestOptions, SignedRequest, Variant};
use hookseal::{Code, Provider, ReplayProtection, Secret, VerifyOptions, Webhook};

fn verify(webhook: &Webhook, request: &SignedRequest) -> Option<Code> {
    let options =
        VerifyOptions { now: Some(request.now()), url: Some(request.url()), method: Some(request.method()) };
    webhook.verify_with(request.body(), request.headers(), &options).err().map(|error| error.code())
}

#[test]
fn every_provider_that_others_can_sign_for() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
    let mut made = 0;
    for id in Provider::ids() {
        let provider = Provider::builtin(id).unwrap();
        let Ok(secret) = provider.generate_secret() else { continue };
        let options = RequestOptions { now: Some(now), ..RequestOptions::default() };
        let request = match SignedRequest::new(&provider, &secret, &options) {
            Ok(request) => request,
            // Only the provider itself can sign, or it signs a part of the body that this one does not have.
            Err(error) => {
                assert!(
                    matches!(error.code(), Code::InvalidArgument | Code::InvalidPayload),
                    "{id}: {error}"
                );
                continue;
            }
        };
        made += 1;
        if request.expected().is_some() {
            continue;
        }
        let webhook = Webhook::with_provider(&provider, &[secret]).unwrap();
        assert_eq!(verify(&webhook, &request), None, "{id}");
        let variants = request.variants().unwrap();
        for (variant, request) in &variants {
            assert_eq!(verify(&webhook, request), request.expected(), "{id} {}", variant.as_str());
            assert_eq!(
                request.expected().is_none(),
                *variant == Variant::Duplicate,
                "{id} {}",
                variant.as_str()
            );
        }
        let names: BTreeSet<_> = variants.iter().map(|(variant, _)| variant.as_str()).collect();
        assert!(names.is_superset(&["duplicate", "wrong_secret", "unsigned"].into()), "{id}: {names:?}");
        let covers = provider.signatures().iter().all(|form| form.covers_body);
        assert!(!covers || names.contains("tampered"), "{id}: {names:?}");
        let stamped = provider.replay_protection() == ReplayProtection::Timestamp;
        assert_eq!(stamped, names.contains("stale") && names.contains("future"), "{id}: {names:?}");
    }
    assert!(made > 140, "{made}");
}

#[test]
fn what_each_variant_is() {
    let provider = Provider::builtin("standard").unwrap();
    let secret = provider.generate_secret().unwrap();
    let options = RequestOptions {
        event_type: Some("user.created"),
        data: Some(r#"{"n": 1}"#),
        id: Some("msg_1"),
        url: Some("https://example.org/a"),
        ..RequestOptions::default()
    };
    let request = SignedRequest::new(&provider, &secret, &options).unwrap();
    assert_eq!((request.method(), request.url(), request.id()), ("POST", "https://example.org/a", "msg_1"));
    let codes: Vec<_> = request.variants().unwrap();
    let codes: Vec<_> =
        codes.iter().map(|(variant, request)| (variant.as_str(), request.expected())).collect();
    assert_eq!(
        codes,
        [
            ("duplicate", None),
            ("tampered", Some(Code::SignatureMismatch)),
            ("stale", Some(Code::TimestampTooOld)),
            ("future", Some(Code::TimestampTooNew)),
            ("wrong_secret", Some(Code::SignatureMismatch)),
            ("empty_key", Some(Code::SignatureMismatch)),
            ("unsigned", Some(Code::MissingHeader)),
        ]
    );
    let again = request.variant(Variant::Duplicate).unwrap();
    assert_eq!((again.body(), again.headers()), (request.body(), request.headers()));
    let tampered = request.variant(Variant::Tampered).unwrap();
    assert_eq!(tampered.headers(), request.headers());
    let changed = tampered.body().iter().zip(request.body()).filter(|(a, b)| a != b).count();
    assert_eq!((changed, tampered.body().len()), (1, request.body().len()));

    let old = provider.generate_secret().unwrap();
    let rotated = request.rotated(&old).unwrap();
    assert_eq!(rotated.expected(), None);
    let both = Webhook::with_provider(&provider, &[secret.clone(), old]).unwrap();
    assert_eq!(both.verify(rotated.body(), rotated.headers()).unwrap().key_index(), 1);
    let only = Webhook::with_provider(&provider, &[secret]).unwrap();
    assert_eq!(verify(&only, &rotated), Some(Code::SignatureMismatch));
}

#[test]
fn asymmetric_signatures_and_their_absent_variant() {
    let provider = Provider::builtin("standard").unwrap();
    let secret = provider.generate_private_key().unwrap();
    let request = SignedRequest::new(&provider, &secret, &RequestOptions::default()).unwrap();
    let public = Webhook::with_provider(&provider, &[secret.public().unwrap()]).unwrap();
    assert_eq!(verify(&public, &request), None);
    assert_eq!(request.variant(Variant::EmptyKey).unwrap_err().code(), Code::InvalidArgument);
    let wrong = request.variant(Variant::WrongSecret).unwrap();
    assert_eq!(verify(&public, &wrong), Some(Code::SignatureMismatch));
}

#[test]
fn mistakes() {
    let provider = Provider::builtin("webkasa").unwrap();
    let secret = Secret::new("a-secret-that-is-long-enough").unwrap();
    let made = |options: RequestOptions<'_>| SignedRequest::new(&provider, &secret, &options).map(|_| ());
    let code = |options: RequestOptions<'_>| made(options).unwrap_err().code();
    let none = RequestOptions::default();
    assert_eq!(made(none), Ok(()));
    assert_eq!(code(RequestOptions { event_type: Some("no.such"), ..none }), Code::InvalidArgument);
    assert_eq!(code(RequestOptions { data: Some("{"), ..none }), Code::InvalidArgument);
    assert_eq!(code(RequestOptions { data: Some("1"), body: Some(b"1"), ..none }), Code::InvalidArgument);
    let slack = Provider::builtin("slack").unwrap();
    let data = RequestOptions { data: Some("1"), ..none };
    assert_eq!(SignedRequest::new(&slack, &secret, &data).unwrap_err().code(), Code::InvalidArgument);
    let github = SignedRequest::new(&Provider::builtin("github").unwrap(), &secret, &none).unwrap();
    assert_eq!(github.variant(Variant::Stale).unwrap_err().code(), Code::InvalidArgument);
}

/// What the server answers to these bytes.
fn ask(recorder: &Recorder, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(recorder.url().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

const POST: &[u8] =
    b"POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-Name:  a \r\nx-name: b\r\nContent-Length: 3\r\n\r\nabc";

#[test]
fn a_recorder_records_and_answers_as_it_is_told() {
    let recorder = Recorder::start().unwrap();
    assert!(ask(&recorder, POST).starts_with("HTTP/1.1 200 "));
    let [request] = &recorder.requests()[..] else { panic!("one came") };
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/a?b=c"));
    let line = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(request.headers[1..3], [line("X-Name", "a"), line("x-name", "b")]);
    assert_eq!(request.body, b"abc");

    let told = Reply::status(503).with_header("retry-after", "1\r\nx: y").with_body("later");
    recorder.reply(told, Some(2));
    recorder.reply(Reply::refuse(), Some(1));
    recorder.reply(Reply::status(410), None);
    let answers: Vec<_> = (0..5).map(|_| ask(&recorder, POST)).collect();
    assert!(answers[0].starts_with("HTTP/1.1 503 ") && answers[0].contains("retry-after: 1x: y\r\n"));
    assert!(answers[1].ends_with("\r\n\r\nlater"));
    assert_eq!(answers[2], "");
    assert!(answers[3].starts_with("HTTP/1.1 410 ") && answers[4].starts_with("HTTP/1.1 410 "));
    assert_eq!(recorder.wait(6, Duration::ZERO).unwrap().len(), 6);
    assert_eq!(recorder.wait(7, Duration::from_millis(20)).unwrap_err().code(), Code::Timeout);

    recorder.clear();
    assert_eq!(recorder.count(), 0);
    recorder.reply(Reply::status(200).with_delay(Duration::from_millis(300)), Some(1));
    let started = Instant::now();
    ask(&recorder, POST);
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[test]
fn a_recorder_that_hangs_ends_when_it_is_closed() {
    let recorder = Recorder::start().unwrap();
    recorder.reply(Reply::hang(), None);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| ask(&recorder, POST));
        recorder.wait(1, Duration::from_secs(20)).unwrap();
        assert!(!waiting.is_finished());
        recorder.close();
        assert_eq!(waiting.join().unwrap(), "");
    });
    assert_eq!(recorder.requests().len(), 1);
    assert!(TcpStream::connect(recorder.url().trim_start_matches("http://")).is_err());
}

#[test]
fn a_recorder_reads_chunks_and_bears_nonsense() {
    let recorder = Recorder::start().unwrap();
    let chunked = b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
    assert!(ask(&recorder, chunked).starts_with("HTTP/1.1 200 "));
    assert_eq!(recorder.requests()[0].body, b"abc");
    for nonsense in [
        &b"\r\n"[..],
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ] {
        assert_eq!(ask(&recorder, nonsense), "");
    }
    assert_eq!(recorder.count(), 1);
    assert!(ask(&recorder, POST).starts_with("HTTP/1.1 200 "));
}
