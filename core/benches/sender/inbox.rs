//! How long a vendor waits for its answer, while handlers take their time.

use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::post_service;
use hookseal::axum::InboxEndpoint;
use hookseal::deliver::{AllowPrivate, Client, Endpoint};
use hookseal::inbox::{HandlerError, Inbox, InboxOptions};
use hookseal::{EventOptions, Provider, Secret, Webhook};
use tokio::net::TcpListener;

use crate::load::{data, syncs};
use crate::report::Report;
use crate::system::{Scratch, load_average, number, percentile};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// 500 events a second for ten seconds, each of which is handled for one: by as many handlers as that takes, and by the
/// usual 64, behind which events pile up.
pub(crate) async fn row(report: &mut Report) {
    for (name, concurrency) in [("500", 1000), ("64", 64)] {
        let answers = answers(concurrency).await;
        let at = |percent| percentile(&answers, percent) * 1000.0;
        let disk = percentile(&syncs(), 99) * 1000.0;
        println!(
            "inbox, {name} handlers at once: {} answers, p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms; a sync of the \
             disk p99 {disk:.1} ms; load average {}",
            answers.len(),
            at(50),
            at(99),
            at(100),
            load_average()
        );
        let what = format!("answer of an inbox at 500/s with {name} handlers of 1 s at once, p99 in ms");
        report.at_most(what, at(99), 50.0);
    }
}

/// How long each of them took, in seconds, as its sender sees it.
async fn answers(concurrency: usize) -> Vec<f64> {
    const PACE: Duration = Duration::from_millis(2);
    let store = Scratch::new("inbox");
    let mut options = InboxOptions::default();
    options.concurrency = concurrency;
    let url = format!("sqlite:{}", store.file("inbox.db").display());
    let inbox = Inbox::open(&url, Webhook::new(SECRET).unwrap(), options).unwrap();
    inbox
        .on("*", |_| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<(), HandlerError>(())
        })
        .unwrap();
    inbox.start().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    let app: Router = Router::new().route("/hooks", post_service(InboxEndpoint::new(inbox.clone())));
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });

    let provider = Provider::builtin("standard").unwrap();
    let client = Client::builder().allow_http(true).allow_private(AllowPrivate::All).build().unwrap();
    let secret = Secret::new(SECRET).unwrap();
    let endpoint = std::sync::Arc::new(Endpoint::new(&url, &provider, &[secret]).unwrap());
    let begun = tokio::time::Instant::now();
    let mut waiting = Vec::new();
    for number in 0..number("HOOKSEAL_BENCH_EVENTS", 5000) {
        tokio::time::sleep_until(begun + PACE * u32::try_from(number).unwrap()).await;
        let event = provider.event("booking.created", &data(), &EventOptions::default()).unwrap();
        let (client, endpoint) = (client.clone(), endpoint.clone());
        waiting.push(tokio::spawn(async move {
            let asked = Instant::now();
            assert!(client.attempt(&endpoint, &event).await.unwrap().succeeded());
            asked.elapsed().as_secs_f64()
        }));
    }
    let mut took = Vec::new();
    for answer in waiting {
        took.push(answer.await.unwrap());
    }
    let stats = inbox.stats().await.unwrap();
    println!("  received {}, handled {}, running {}", stats.received, stats.handled, stats.in_flight);
    serving.abort();
    inbox.close_within(Duration::ZERO).await.unwrap();
    took
}
