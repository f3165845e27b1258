//! What one endpoint that never answers costs the 199 beside it.

use std::time::{Duration, Instant};

use hookseal::sender::{NewEndpoint, SendOptions};

use crate::load::{data, sender};
use crate::receiver::Receiver;
use crate::report::Report;
use crate::rounds;
use crate::system::{Scratch, median, number};

const NEIGHBOURS: u64 = 199;

pub(crate) async fn row(receiver: &Receiver, report: &mut Report) {
    let events = number("HOOKSEAL_BENCH_FANOUT", 200);
    println!(
        "{events} events, each to {NEIGHBOURS} endpoints that answer and to one more; their deliveries/s"
    );
    println!("{:<8}{:>12}{:>12}{:>8}", "round", "it answers", "it hangs", "ratio");
    let mut ratios = Vec::new();
    for round in 0..=rounds() {
        let answers = rate(receiver, receiver.uncounted(), events).await;
        let hangs = rate(receiver, receiver.hanging(), events).await;
        println!("{round:<8}{answers:>12.0}{hangs:>12.0}{:>8.2}", hangs / answers);
        if round > 0 {
            ratios.push(hangs / answers);
        }
    }
    report.at_least("199 endpoints beside one that hangs / beside one that answers", median(&ratios), 0.9);
}

/// Deliveries per second to the neighbours, until they have all.
async fn rate(receiver: &Receiver, other: String, events: usize) -> f64 {
    let store = Scratch::new("neighbours");
    let sender = sender(&store);
    sender.endpoints().create(NewEndpoint::new(&other)).await.unwrap();
    for _ in 0..NEIGHBOURS {
        sender.endpoints().create(NewEndpoint::new(&receiver.url())).await.unwrap();
    }
    let before = receiver.seen().requests;
    let deliveries = NEIGHBOURS * events as u64;
    let begun = Instant::now();
    let tasks: Vec<_> = (0..events)
        .map(|_| {
            let sender = sender.clone();
            tokio::spawn(async move { sender.send("bench", &data(), &SendOptions::default()).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    while receiver.seen().requests - before < deliveries {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let rate = deliveries as f64 / begun.elapsed().as_secs_f64();
    sender.close_within(Duration::from_millis(100)).await.unwrap();
    rate
}
