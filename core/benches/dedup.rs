//! What a claim costs: `cargo bench -p hookseal --all-features --bench dedup`, under `scripts/postgres run` and
//! `scripts/redis run` for those two.
//!
//! Each event is claimed and done, by one at a time and by 64 at once, as a server does it that handles so many requests.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::time::{Duration, Instant};

use hookseal::{Deduplicator, DeduplicatorOptions, EventOptions, Provider};

const ROUND: Duration = Duration::from_secs(2);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let folder = std::env::temp_dir().join(format!("hookseal-bench-dedup-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let with = |variable: &str, parameter: &str| {
        std::env::var(variable).ok().map(|url| format!("{url}?{parameter}=bench_{}", std::process::id()))
    };
    let stores = [
        ("memory", Some("memory:".to_owned())),
        ("sqlite", Some(format!("sqlite:{}", folder.join("seen.db").display()))),
        ("postgres", with("HOOKSEAL_TEST_POSTGRES", "hookseal_schema")),
        ("redis", with("HOOKSEAL_TEST_REDIS", "hookseal_prefix")),
    ];
    println!("events a second, claimed and done  1 at a time  64 at once");
    for (name, url) in stores {
        let Some(url) = url else {
            println!("{name:<34} no server");
            continue;
        };
        let deduplicator = Deduplicator::open(&url, DeduplicatorOptions::default()).unwrap();
        let [one, many] = [1, 64].map(|width| runtime.block_on(rate(&deduplicator, width)));
        println!("{name:<34} {one:>11.0} {many:>11.0}");
        runtime.block_on(deduplicator.close());
    }
    std::fs::remove_dir_all(folder).unwrap();
}

async fn rate(deduplicator: &Deduplicator, width: usize) -> f64 {
    let begun = Instant::now();
    let workers: Vec<_> = (0..width)
        .map(|worker| {
            let deduplicator = deduplicator.clone();
            tokio::spawn(async move {
                let provider = Provider::builtin("webkasa").unwrap();
                let mut handled = 0_u32;
                while begun.elapsed() < ROUND {
                    let id = format!("{width}-{worker}-{handled}");
                    let options = EventOptions { id: Some(&id), ..Default::default() };
                    let event = provider.event("a", &serde_json::json!({}), &options).unwrap();
                    deduplicator.claim(&event).await.unwrap().done().await.unwrap();
                    handled += 1;
                }
                handled
            })
        })
        .collect();
    let mut handled = 0;
    for worker in workers {
        handled += worker.await.unwrap();
    }
    f64::from(handled) / begun.elapsed().as_secs_f64()
}
