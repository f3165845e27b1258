//! What can be set on clients and endpoints, and what cannot.

use std::time::Duration;

use hookseal::deliver::{AllowPrivate, Client, Endpoint};
use hookseal::{Code, Provider, Secret};

use super::receiver::{Answer, Receiver};
use super::{client, endpoint, ends, event};

#[tokio::test]
async fn the_endpoint_has_the_last_word() {
    let receiver = Receiver::always(Answer::status(200)).await;
    let (closed, open, event) = (Client::new().unwrap(), client(), event());

    let error = ends(closed.deliver(&endpoint(&receiver.url()), &event)).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidUrl);
    assert!(error.message().contains("allow_http"), "{error}");

    let opened = endpoint(&receiver.url())
        .allow_http(true)
        .allow_private(AllowPrivate::only(["127.0.0.0/8"]).unwrap());
    assert!(ends(closed.deliver(&opened, &event)).await.unwrap().delivered());

    let without_http = endpoint(&receiver.url()).allow_http(false);
    assert_eq!(ends(open.deliver(&without_http, &event)).await.unwrap_err().code(), Code::InvalidUrl);
    let public_only = endpoint(&receiver.url()).allow_private(AllowPrivate::No);
    assert_eq!(ends(open.attempt(&public_only, &event)).await.unwrap_err().code(), Code::BlockedAddress);
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn plain_http_can_be_allowed_even_where_the_provider_has_https_only() {
    let provider = Provider::builtin("webkasa").unwrap();
    assert!(provider.https_only());
    let receiver = Receiver::always(Answer::status(200)).await;
    let endpoint = Endpoint::new(&receiver.url(), &provider, &[Secret::new("secret").unwrap()]).unwrap();
    let name = provider.event_types()[0].name.clone();
    assert!(ends(client().deliver(&endpoint, &provider.example(&name).unwrap())).await.unwrap().delivered());
}

#[tokio::test]
async fn headers_are_sent_and_not_shown() {
    let receiver = Receiver::always(Answer::status(200)).await;
    let endpoint = endpoint(&receiver.url())
        .header("Authorization", "Bearer one")
        .and_then(|endpoint| endpoint.header("authorization", "Bearer two"))
        .and_then(|endpoint| endpoint.header("User-Agent", "acme/1"))
        .unwrap();
    let attempt = ends(client().attempt(&endpoint, &event())).await.unwrap();
    let request = receiver.request();
    assert_eq!(request.header("authorization"), Some("Bearer two"));
    assert_eq!(request.header("user-agent"), Some("acme/1"));
    assert!(attempt.request_headers.iter().any(|header| header == ("authorization", "[redacted]")));
    assert!(!format!("{attempt:?}").contains("Bearer"));
    request.verified();
}

#[test]
fn some_headers_are_not_the_users() {
    for name in [
        "host",
        "Host",
        "Content-Length",
        "transfer-encoding",
        "connection",
        "Keep-Alive",
        "upgrade",
        "expect",
        "te",
        "trailer",
        "content-encoding",
        "proxy-authorization",
        "webhook-id",
        "Webhook-Signature",
        "webhook-timestamp",
        "",
        " ",
        "a b",
        "a:b",
        "a\r\nb",
        "ä",
        "a\u{0}",
    ] {
        let error = endpoint("https://example.com/").header(name, "value").unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{name:?}");
    }
    for value in ["a\r\nx-injected: 1", "a\nb", "a\rb", "a\u{0}b", "\u{7f}", "é"] {
        let error = endpoint("https://example.com/").header("x-token", value).expect_err(value);
        assert_eq!(error.code(), Code::InvalidArgument, "{value:?}");
        assert!(!error.message().contains(value), "{error}");
    }
    for (name, value) in
        [("x-empty", ""), ("authorization", "Bearer x"), ("content-type", "application/cloudevents+json")]
    {
        endpoint("https://example.com/").header(name, value).unwrap();
    }
}

#[test]
fn an_attempt_has_some_time_but_not_for_ever() {
    let with = |timeout| endpoint("https://example.com/").timeout(timeout).map(|_| ());
    for wrong in [Duration::ZERO, Duration::from_millis(300_001), Duration::MAX] {
        assert_eq!(with(wrong).unwrap_err().code(), Code::InvalidArgument, "{wrong:?}");
    }
    assert!(with(Duration::from_nanos(1)).is_ok());
    assert!(with(Duration::from_secs(300)).is_ok());
}

#[test]
fn an_endpoint_has_a_url_that_could_be_delivered_to() {
    let secret = Secret::new(super::SECRET).unwrap();
    let provider = Provider::builtin("standard").unwrap();
    for url in [
        "",
        "example.com",
        "ftp://example.com/",
        "https://user:password@example.com/",
        "https://example.com/#a",
        "https://",
    ] {
        let error = Endpoint::new(url, &provider, std::slice::from_ref(&secret)).unwrap_err();
        assert_eq!(error.code(), Code::InvalidUrl, "{url}");
    }
    assert_eq!(endpoint("HTTPS://EXAMPLE.com:443/a b").url().as_str(), "https://example.com/a%20b");
}

#[test]
fn roots_have_to_be_certificates() {
    for pem in [
        "",
        "nonsense",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!\n",
    ] {
        let error = Client::builder().root_certificates(pem.as_bytes()).build().unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{pem}");
    }
}
