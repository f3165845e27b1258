//! Receivers that are broken or mean: each attempt ends in time, in little memory, with the right code.

use std::time::Duration;

use hookseal::deliver::{Attempt, DeliveryStatus};
use hookseal::{Code, EventOptions};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::receiver::{Answer, Receiver};
use super::{client, endpoint, ends, event, single};

const CAP: usize = 64 * 1024;

/// One attempt, with this much time.
async fn attempt_within(answer: Answer, milliseconds: u64) -> Attempt {
    let receiver = Receiver::always(answer).await;
    let endpoint = endpoint(&receiver.url()).timeout(Duration::from_millis(milliseconds)).unwrap();
    let delivery = ends(client().deliver(&endpoint, &event())).await.unwrap();
    let attempt = single(&delivery).clone();
    assert_eq!(attempt.succeeded(), delivery.status == DeliveryStatus::Delivered);
    attempt
}

async fn attempt(answer: Answer) -> Attempt {
    attempt_within(answer, 20_000).await
}

fn code(attempt: &Attempt) -> Option<Code> {
    attempt.error.as_ref().map(|error| error.code())
}

fn chunked(body: &str) -> Answer {
    Answer::Close(format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{body}").into())
}

#[tokio::test]
async fn the_deadline_covers_every_part_of_the_response() {
    let forever =
        |first: &str, again: &str| Answer::Endless(first.into(), again.into(), Duration::from_millis(20));
    let attempts = [
        (Answer::Hang, None),
        (forever("", "H"), None),
        (forever("HTTP/1.1 200 OK\r\nx-slow: ", "a"), None),
        (forever("HTTP/1.1 200 OK\r\n", "a: b\r\n"), None),
        (forever("", "HTTP/1.1 100 Continue\r\n\r\n"), None),
        (forever("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", "x"), Some(200)),
        (forever("HTTP/1.1 200 OK\r\n\r\n", "x"), Some(200)),
        (forever("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\nx\r\n"), Some(200)),
        (forever("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", "x"), Some(200)),
        (Answer::Keep("HTTP/1.1 500 Slow\r\ncontent-length: 5\r\n\r\nx".into()), Some(500)),
    ]
    .map(|(answer, status)| (tokio::spawn(attempt_within(answer, 500)), status));
    for (attempt, status) in attempts {
        let attempt = attempt.await.unwrap();
        assert_eq!((code(&attempt), attempt.response_code), (Some(Code::Timeout), status), "{attempt:?}");
        assert!(attempt.duration >= Duration::from_millis(500), "{attempt:?}");
    }
}

#[tokio::test]
async fn a_flood_of_interim_responses_ends() {
    for interim in ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"] {
        let flood = Answer::Endless(Vec::new(), interim.repeat(1000).into(), Duration::ZERO);
        assert_eq!(code(&attempt_within(flood, 500).await), Some(Code::Timeout));
        let few = format!("{}HTTP/1.1 204 No Content\r\n\r\n", interim.repeat(50));
        assert!(attempt(Answer::Keep(few.into())).await.succeeded());
    }
}

#[tokio::test]
async fn the_body_is_read_up_to_its_cap() {
    for (length, truncated) in [(0, false), (CAP - 1, false), (CAP, false), (CAP + 1, true), (50 * CAP, true)]
    {
        let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").into_bytes();
        answer.resize(answer.len() + length, b'x');
        let attempt = attempt(Answer::Keep(answer)).await;
        assert!(attempt.succeeded(), "{:?}", attempt.error);
        assert_eq!((attempt.response_body.len(), attempt.response_truncated), (length.min(CAP), truncated));
    }
}

#[tokio::test]
async fn an_endless_body_is_cut_off() {
    let piece = vec![b'x'; 4096];
    let mut chunk = b"1000\r\n".to_vec();
    chunk.extend_from_slice(&piece);
    chunk.extend_from_slice(b"\r\n");
    for (head, piece) in [
        ("HTTP/1.1 200 OK\r\n\r\n", piece.clone()),
        ("HTTP/1.1 500 Oops\r\ncontent-length: 9223372036854775807\r\n\r\n", piece),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk),
    ] {
        let attempt = attempt(Answer::Endless(head.into(), piece, Duration::ZERO)).await;
        assert_eq!(
            (attempt.response_body.len(), attempt.response_truncated, code(&attempt)),
            (CAP, true, None)
        );
    }
}

#[tokio::test]
async fn nothing_is_decompressed() {
    // The head of a gzip stream; decoding it would fail or grow, keeping it does neither.
    let bytes = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0xed; 4096]].concat();
    for encoding in ["gzip", "br", "zstd", "deflate", "gzip, gzip"] {
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: {}\r\n\r\n",
            bytes.len()
        )
        .into_bytes();
        answer.extend_from_slice(&bytes);
        let attempt = attempt(Answer::Keep(answer)).await;
        assert!(attempt.succeeded());
        assert_eq!(attempt.response_body, bytes);
    }
}

#[tokio::test]
async fn what_is_not_http_is_a_protocol_error() {
    let many_headers = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(101));
    let large_header = format!("HTTP/1.1 200 OK\r\nx-large: {}\r\n\r\n", "a".repeat(100_000));
    let huge_header = format!("HTTP/1.1 200 OK\r\nx-huge: {}\r\n\r\n", "a".repeat(2_000_000));
    for answer in [
        "",
        "\r\n\r\n\r\n\r\nx",
        "SSH-2.0-OpenSSH_9.6\r\n",
        "220 mail.example.com ESMTP\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 -200 OK\r\n\r\n",
        "HTTP/1.1\r\n\r\n",
        "<html>hello</html>",
        "{\"ok\":true}",
        "\u{0}\u{1}\u{2}",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\na: b\u{0}c\r\n\r\n",
        "HTTP/1.1 200 OK\r\na\u{0}: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n",
        &many_headers,
        &large_header,
        &huge_header,
    ] {
        let attempt = attempt(Answer::close(answer)).await;
        assert_eq!(code(&attempt), Some(Code::ProtocolError), "{:.80?} gave {attempt:?}", answer);
    }
}

#[tokio::test]
async fn a_response_that_breaks_off_is_a_protocol_error() {
    for answer in [
        Answer::close("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"),
        Answer::Reset("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".into()),
        Answer::Reset("HTTP/1.1 200 OK\r\n\r\nabc".into()),
        chunked("5\r\nhello\r\n"),
        chunked("5\r\nhel"),
        chunked("no number\r\n"),
        chunked("-1\r\n"),
        chunked("fffffffffffffffff\r\n"),
        chunked("5\r\nhello world\r\n"),
    ] {
        let attempt = attempt(answer).await;
        assert_eq!(
            (code(&attempt), attempt.response_code),
            (Some(Code::ProtocolError), Some(200)),
            "{attempt:?}"
        );
    }
    for answer in [Answer::close(""), Answer::Reset(Vec::new()), Answer::Reset("HTTP/1.1 200".into())] {
        let attempt = attempt(answer).await;
        assert_eq!((code(&attempt), attempt.response_code), (Some(Code::ProtocolError), None), "{attempt:?}");
    }
}

#[tokio::test]
async fn odd_but_complete_responses_count() {
    for (answer, status) in [
        ("HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", 200),
        ("HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n", 200),
        ("HTTP/1.0 200 OK\r\n\r\nuntil closed", 200),
        ("HTTP/1.1 200 OK\nA: b\n\nuntil closed", 200),
        ("HTTP/1.1 204 No Content\r\n\r\nbody that must not be there", 204),
        ("HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n", 204),
        ("HTTP/1.1 200 OK\r\nx: \u{e9}\r\ncontent-length: 0\r\n\r\n", 200),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nHTTP/1.1 500 Smuggled\r\n\r\n", 200),
        ("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", 101),
    ] {
        let attempt = attempt(Answer::close(answer)).await;
        assert_eq!(
            (code(&attempt), attempt.response_code),
            (None, Some(status)),
            "{answer:?} gave {attempt:?}"
        );
        assert_eq!(attempt.succeeded(), status != 101);
    }
}

#[tokio::test]
async fn an_answer_before_the_end_of_a_large_event_ends_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.readable().await.unwrap();
            stream
                .write_all(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .await
                .unwrap();
        }
    });
    let data = "x".repeat(4 * 1024 * 1024);
    let event = super::standard().event("large.event", &data, &EventOptions::default()).unwrap();
    let attempt = ends(client().attempt(&endpoint(&url), &event)).await.unwrap();
    // The receiver hangs up with most of the event unread, which may overtake its answer.
    assert!(attempt.response_code == Some(413) || code(&attempt) == Some(Code::ProtocolError), "{attempt:?}");
}

#[tokio::test]
async fn a_refused_port_is_a_failed_connection() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let delivery =
        ends(client().deliver(&endpoint(&format!("http://127.0.0.1:{port}/")), &event())).await.unwrap();
    assert_eq!(code(single(&delivery)), Some(Code::ConnectFailed));
}

#[tokio::test]
async fn no_error_tells_what_must_not_be_told() {
    for answer in [Answer::close("nonsense"), Answer::close(""), Answer::Reset(Vec::new())] {
        let receiver = Receiver::always(answer).await;
        let endpoint = endpoint(&format!("{}?token=hunter2", receiver.url()))
            .header("authorization", "hunter2")
            .unwrap();
        let attempt = ends(client().attempt(&endpoint, &event())).await.unwrap();
        let error = attempt.error.as_ref().unwrap();
        let signature =
            attempt.request_headers.iter().find(|(name, _)| *name == "webhook-signature").unwrap().1;
        for secret in ["hunter2", super::SECRET, signature] {
            assert!(!error.message().contains(secret), "{error}");
        }
        assert!(error.message().chars().count() <= 201);
        assert!(!format!("{attempt:?} {endpoint:?}").contains("hunter2"));
    }
}
