//! What happens every day: success, retries, and receivers that ask for patience or for silence.

use std::time::Duration;

use hookseal::deliver::DeliveryStatus;
use hookseal::{Code, Outcome, Provider, RetryPolicy, Secret};

use super::receiver::{Answer, Receiver};
use super::{client, endpoint, ends, event, retries, single, standard};
use hookseal::deliver::Endpoint;

#[tokio::test]
async fn an_event_arrives_as_it_was_made() {
    let receiver = Receiver::always(Answer::Keep(
        "HTTP/1.1 202 Accepted\r\nx-trace: 7\r\ncontent-length: 2\r\n\r\nok".into(),
    ))
    .await;
    let event = event();
    let url = format!("{}?a=1&b=%20", receiver.url());
    let delivery = ends(client().deliver(&endpoint(&url), &event)).await.unwrap();

    assert_eq!(delivery.status, DeliveryStatus::Delivered);
    assert!(delivery.delivered() && !delivery.disable_endpoint);
    let attempt = single(&delivery);
    assert_eq!((attempt.number, attempt.response_code, &attempt.error), (1, Some(202), &None));
    assert_eq!((attempt.response_body.as_slice(), attempt.response_truncated), (b"ok".as_slice(), false));
    assert!(attempt.response_headers.iter().any(|header| header == ("x-trace", "7")));
    assert!(attempt.succeeded() && !attempt.mixed_dns);

    let request = receiver.request();
    assert_eq!(request.line, "POST /hook?a=1&b=%20 HTTP/1.1");
    assert_eq!(request.body, event.body());
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert!(request.header("user-agent").unwrap().starts_with("hookseal/"));
    assert_eq!(request.header("accept-encoding"), None);
    assert_eq!(request.header("referer"), None);
    for (name, value) in attempt.request_headers.iter() {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    let verified = request.verified();
    assert_eq!(verified.id(), event.id());
    assert_eq!(verified.event_type(), Some("invoice.paid"));
}

#[tokio::test]
async fn every_answer_of_the_200s_is_success() {
    for code in [200, 201, 204, 226, 299] {
        let receiver =
            Receiver::always(Answer::close(&format!("HTTP/1.1 {code} Fine\r\nconnection: close\r\n\r\n")))
                .await;
        let delivery = ends(client().deliver(&endpoint(&receiver.url()), &event())).await.unwrap();
        assert!(delivery.delivered(), "{delivery:?}");
    }
    for code in [301, 304, 400, 404, 410, 429, 500, 503, 599, 999] {
        let receiver = Receiver::always(Answer::status(code)).await;
        let delivery = ends(client().deliver(&endpoint(&receiver.url()), &event())).await.unwrap();
        assert_eq!(delivery.status, DeliveryStatus::Failed, "{delivery:?}");
        assert_eq!((single(&delivery).response_code, &single(&delivery).error), (Some(code), &None));
    }
}

#[tokio::test]
async fn a_retry_has_the_same_id_and_body_and_a_fresh_signature() {
    let receiver = Receiver::start(|number| Answer::status(if number == 0 { 500 } else { 200 })).await;
    // Timestamps are in seconds: after more than one they differ.
    let endpoint = endpoint(&receiver.url()).retry(retries(&[1001]));
    let delivery = ends(client().deliver(&endpoint, &event())).await.unwrap();

    assert!(delivery.delivered());
    assert_eq!(
        delivery.attempts.iter().map(|attempt| (attempt.number, attempt.response_code)).collect::<Vec<_>>(),
        [(1, Some(500)), (2, Some(200))]
    );
    let [first, second] = receiver.requests().try_into().unwrap();
    assert_eq!(
        (first.body.clone(), first.header("webhook-id")),
        (second.body.clone(), second.header("webhook-id"))
    );
    let timestamp = |header: Option<&str>| header.unwrap().parse::<u64>().unwrap();
    assert!(timestamp(first.header("webhook-timestamp")) < timestamp(second.header("webhook-timestamp")));
    assert_ne!(first.header("webhook-signature"), second.header("webhook-signature"));
    assert_eq!(first.verified().id(), second.verified().id());
}

#[tokio::test]
async fn delays_run_from_the_end_of_the_failed_attempt() {
    let receiver = Receiver::always(Answer::Hang).await;
    let endpoint =
        endpoint(&receiver.url()).timeout(Duration::from_millis(300)).unwrap().retry(retries(&[200]));
    let delivery = ends(client().deliver(&endpoint, &event())).await.unwrap();
    let [first, second] = delivery.attempts.as_slice() else { panic!("{delivery:?}") };
    let between = second.started_at.duration_since(first.started_at).unwrap();
    assert!(between >= Duration::from_millis(495), "{between:?}");
}

#[tokio::test]
async fn retries_end() {
    let receiver = Receiver::always(Answer::status(500)).await;
    let endpoint = endpoint(&receiver.url()).retry(retries(&[1, 1, 1]));
    let delivery = ends(client().deliver(&endpoint, &event())).await.unwrap();
    assert_eq!((delivery.status, delivery.attempts.len()), (DeliveryStatus::Failed, 4));
    assert!(!delivery.disable_endpoint);
    assert_eq!(receiver.requests().len(), 4);
}

#[tokio::test]
async fn a_receiver_that_is_gone_disables_the_endpoint() {
    let receiver = Receiver::always(Answer::status(410)).await;
    let secret = Secret::new(super::SECRET).unwrap();
    let endpoint = Endpoint::new(&receiver.url(), &standard(), &[secret]).unwrap();
    let delivery = ends(client().deliver(&endpoint, &event())).await.unwrap();
    assert!(delivery.disable_endpoint);
    assert_eq!((delivery.status, single(&delivery).response_code), (DeliveryStatus::Failed, Some(410)));
}

#[tokio::test]
async fn an_attempt_is_one_request() {
    let receiver = Receiver::always(Answer::status(500)).await;
    let endpoint = endpoint(&receiver.url()).retry(retries(&[1, 1, 1]));
    let attempt = ends(client().attempt(&endpoint, &event())).await.unwrap();
    assert_eq!((attempt.number, attempt.response_code), (1, Some(500)));
    assert_eq!(receiver.requests().len(), 1);
}

fn busy(retry_after: &str) -> Answer {
    Answer::Keep(
        format!("HTTP/1.1 429 Busy\r\nretry-after: {retry_after}\r\ncontent-length: 0\r\n\r\n").into(),
    )
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let receiver = Receiver::start(|number| if number == 0 { busy("1") } else { Answer::status(200) }).await;
    let endpoint = endpoint(&receiver.url()).retry(retries(&[1]));
    let delivery = ends(client().deliver(&endpoint, &event())).await.unwrap();
    assert!(delivery.delivered());
    let first = &delivery.attempts[0];
    assert_eq!(first.outcome(), Outcome::Status { code: 429, retry_after: Some("1".into()) });
    let between = delivery.attempts[1].started_at.duration_since(first.started_at).unwrap();
    assert!(between >= Duration::from_millis(995), "{between:?}");
}

#[tokio::test]
async fn a_senseless_retry_after_is_no_wait() {
    for hint in [
        "-5",
        "NaN",
        "soon",
        "1e3",
        "",
        "1, 2",
        "Wed, 21 Oct 2015 07:28:00 GMT",
        "Wed, 99 Oct 2015 07:28:00 GMT",
    ] {
        let receiver =
            Receiver::start(move |number| if number == 0 { busy(hint) } else { Answer::status(200) }).await;
        let endpoint = endpoint(&receiver.url()).retry(retries(&[1]));
        let delivery = ends(client().deliver(&endpoint, &event())).await.unwrap();
        assert!(delivery.delivered(), "{hint}");
    }
}

#[tokio::test]
async fn a_long_retry_after_is_kept() {
    for hint in ["1000000000000", "Thu, 31 Dec 9998 23:59:59 GMT"] {
        let receiver = Receiver::always(busy(hint)).await;
        let (client, endpoint, event) = (client(), endpoint(&receiver.url()).retry(retries(&[1])), event());
        let waiting = tokio::time::timeout(Duration::from_secs(1), client.deliver(&endpoint, &event)).await;
        assert!(waiting.is_err(), "{hint} is waited for, up to a day: {waiting:?}");
        assert_eq!(receiver.requests().len(), 1);
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Receiver::always(Answer::status(200)).await;
    for code in [301, 302, 303, 307, 308] {
        let answer =
            format!("HTTP/1.1 {code} Moved\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", elsewhere.url());
        let receiver = Receiver::always(Answer::Keep(answer.into())).await;
        let delivery = ends(client().deliver(&endpoint(&receiver.url()), &event())).await.unwrap();
        assert_eq!((delivery.status, single(&delivery).response_code), (DeliveryStatus::Failed, Some(code)));
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn connections_are_used_again() {
    let receiver = Receiver::always(Answer::status(200)).await;
    let (client, endpoint, event) = (client(), endpoint(&receiver.url()), event());
    for _ in 0..10 {
        assert!(ends(client.deliver(&endpoint, &event)).await.unwrap().delivered());
        // The connection returns to the pool in a task of its own.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(receiver.requests().len(), 10);
    assert!(receiver.connections() < 10, "{}", receiver.connections());
}

#[tokio::test]
async fn a_provider_without_secret_delivers_unsigned() {
    let provider = Provider::builtin("kakiyo").unwrap();
    let receiver = Receiver::always(Answer::status(200)).await;
    let name = provider.event_types()[0].name.clone();
    let endpoint = Endpoint::new(&receiver.url(), &provider, &[]).unwrap();
    let delivery = ends(client().deliver(&endpoint, &provider.example(&name).unwrap())).await.unwrap();
    assert!(delivery.delivered());
    assert_eq!(receiver.request().header("x-kakiyo-signature"), None);

    let error = Endpoint::new(&receiver.url(), &standard(), &[]).unwrap_err();
    assert_eq!(error.code(), Code::InvalidSecret);
}

#[tokio::test]
async fn dropping_the_future_cancels() {
    let receiver = Receiver::always(Answer::status(500)).await;
    let (client, endpoint, event) =
        (client(), endpoint(&receiver.url()).retry(retries(&[200, 200])), event());
    tokio::time::timeout(Duration::from_millis(100), client.deliver(&endpoint, &event)).await.unwrap_err();
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(receiver.requests().len() <= 1);
}

#[test]
fn the_future_can_move_between_threads() {
    fn movable<T: Send>(_: &T) {}
    let (client, endpoint, event) =
        (client(), endpoint("https://example.com/").retry(RetryPolicy::none()), event());
    movable(&client.deliver(&endpoint, &event));
    movable(&client.attempt(&endpoint, &event));
}
