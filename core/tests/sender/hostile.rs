//! Receivers that are broken or mean, beside one that is well: what each does is recorded, in time, and the one
//! that is well notices nothing.

use std::time::{Duration, Instant};

use hookseal::sender::{DeliveryDetail, NewEndpoint, Sender};
use hookseal::store::{DeliveryId, DeliveryState};
use hookseal::{Code, RetryPolicy};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::receiver::{Receiver, read};
use crate::{Place, create, endpoint, ends, on_every_store, retries, send};

on_every_store! {
    mean_receivers_are_recorded_and_disturb_nobody
}

/// What is answered to every request: `first`, then `again` for ever if there is any, then the end.
#[derive(Clone, Copy)]
struct Mean {
    first: &'static str,
    again: &'static str,
    pause: Duration,
    reset: bool,
}

const MEAN: Mean = Mean { first: "", again: "", pause: Duration::from_millis(20), reset: false };
const DEADLINE: Duration = Duration::from_secs(2);
const DAY: i64 = 24 * 60 * 60 * 1000;

impl Mean {
    /// Its url. It is there until the test ends.
    async fn start(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(self.talk(stream));
            }
        });
        url
    }

    async fn talk(self, mut stream: TcpStream) -> Option<()> {
        read(&mut stream, &mut Vec::new()).await?;
        stream.write_all(self.first.as_bytes()).await.ok()?;
        while !self.again.is_empty() {
            tokio::time::sleep(self.pause).await;
            stream.write_all(self.again.as_bytes()).await.ok()?;
        }
        if self.reset {
            // What was sent has to arrive before the reset that overtakes it.
            tokio::time::sleep(Duration::from_millis(100)).await;
            stream.set_zero_linger().ok()?;
        }
        Some(())
    }
}

async fn mean_receivers_are_recorded_and_disturb_nobody(place: Place) {
    use DeliveryState::{Delivered, Failed, Pending};
    let (ok, unfinished) = ("HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
    let flood: &str = "HTTP/1.1 100 Continue\r\n\r\n".repeat(100).leak();
    let piece: &str = "x".repeat(65536).leak();
    let later = "HTTP/1.1 503 Later\r\nretry-after: 1000000000000\r\ncontent-length: 0\r\n\r\n";
    let now = Duration::ZERO;
    let table = [
        ("drip body", Mean { first: unfinished, again: "x", ..MEAN }, Failed, Some(200), Some(Code::Timeout)),
        (
            "drip head",
            Mean { first: "HTTP/1.1 200 OK\r\nx: ", again: "a", ..MEAN },
            Failed,
            None,
            Some(Code::Timeout),
        ),
        ("endless body", Mean { first: ok, again: piece, pause: now, ..MEAN }, Delivered, Some(200), None),
        ("flood", Mean { again: flood, pause: now, ..MEAN }, Failed, None, Some(Code::Timeout)),
        (
            "reset",
            Mean { first: "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx", reset: true, ..MEAN },
            Failed,
            Some(200),
            Some(Code::ProtocolError),
        ),
        ("nothing", MEAN, Failed, None, Some(Code::ProtocolError)),
        ("garbage", Mean { first: "SSH-2.0-x\r\n", ..MEAN }, Failed, None, Some(Code::ProtocolError)),
        ("never again", Mean { first: later, ..MEAN }, Pending, Some(503), None),
    ];

    let sender = place.open();
    let well = Receiver::always(200).await;
    create(&sender, endpoint(&well.url())).await;
    for (name, mean, state, _, error) in &table {
        let new = NewEndpoint {
            name: (*name).to_owned(),
            // Those who fail at once get time to do so, however busy the machine is.
            timeout: Some(if *error == Some(Code::Timeout) { DEADLINE } else { DEADLINE * 10 }),
            retry: Some(if *state == Pending { retries(&[1]) } else { RetryPolicy::none() }),
            ..endpoint(&mean.start().await)
        };
        create(&sender, new).await;
    }

    let mut messages = Vec::new();
    for number in 0..3 {
        let begun = Instant::now();
        messages.push(send(&sender, number).await);
        ends(async {
            while well.count() <= number {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await;
        assert!(begun.elapsed() < DEADLINE, "the receiver that is well waited for {:?}", begun.elapsed());
    }

    for message in &messages {
        assert_eq!(message.deliveries.len(), table.len() + 1);
        for (id, (name, _, state, code, error)) in message.deliveries[1..].iter().zip(&table) {
            let detail = ends(attempted(&sender, *id)).await;
            let (delivery, [attempt]) = (&detail.delivery, &detail.attempts[..]) else {
                panic!("{name}: {detail:?}");
            };
            assert_eq!(delivery.state, *state, "{name}: {detail:?}");
            let seen = (attempt.response_code, attempt.error.as_ref().map(hookseal::Error::code));
            assert_eq!(seen, (*code, *error), "{name}: {attempt:?}");
            assert!(attempt.response_body.len() <= 64 * 1024, "{name}");
            assert_eq!(attempt.response_truncated, *name == "endless body", "{name}");
            // Far more than the deadline on a busy machine, and far less than what the receiver would take.
            assert!(attempt.duration < 20_000, "{name}: {attempt:?}");
            assert!(*error != Some(Code::Timeout) || attempt.duration >= 2000, "{name}: {attempt:?}");
            if *state == Pending {
                let wait = delivery.due.unwrap() - attempt.started_at;
                assert!((DAY..DAY + 60_000).contains(&wait), "{name}: {wait}");
            }
        }
    }
    sender.close().await.unwrap();
}

/// A delivery after its first attempt.
async fn attempted(sender: &Sender, id: DeliveryId) -> DeliveryDetail {
    loop {
        let detail = sender.deliveries().get(id).await.unwrap();
        if !detail.attempts.is_empty() {
            return detail;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
