//! How long a vendor waits for its answer, while handlers take their time.

use std::time::{Duration, Instant};

use hookseal::Webhook;
use hookseal::inbox::{HandlerError, Inbox, InboxOptions};

use crate::report::Report;
use crate::system::{Scratch, number};

/// 500 events a second for ten seconds, each of which is handled for one.
pub(crate) async fn row(report: &mut Report) {
    const PACE: Duration = Duration::from_millis(2);
    let events = number("HOOKSEAL_BENCH_EVENTS", 5000);
    let store = Scratch::new("inbox");
    let webhook = || Webhook::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let inbox = Inbox::open(
        &format!("sqlite:{}", store.file("inbox.db").display()),
        webhook(),
        InboxOptions::default(),
    )
    .unwrap();
    inbox
        .on("*", |_| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<(), HandlerError>(())
        })
        .unwrap();
    inbox.start().unwrap();
    let body = format!(r#"{{"type": "booking.created", "data": "{}"}}"#, "x".repeat(900));
    let begun = tokio::time::Instant::now();
    let mut waiting = Vec::with_capacity(events);
    for number in 0..events {
        tokio::time::sleep_until(begun + PACE * u32::try_from(number).unwrap()).await;
        let headers = webhook().sign(body.as_bytes()).unwrap();
        let (inbox, body) = (inbox.clone(), body.clone());
        waiting.push(tokio::spawn(async move {
            let asked = Instant::now();
            inbox.receive(body, &headers[..]).await.unwrap();
            asked.elapsed()
        }));
    }
    let mut took = Vec::with_capacity(events);
    for answer in waiting {
        took.push(answer.await.unwrap());
    }
    took.sort_unstable();
    inbox.close_within(Duration::ZERO).await.unwrap();
    let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)].as_secs_f64() * 1000.0;
    println!("inbox: {events} events, receive p50 {:.1} ms, p99 {:.1} ms", at(50), at(99));
    report.at_most("an inbox's answer at 500 events/s and handlers of 1 s, p99 in ms", at(99), 50.0);
}
