//! The same four vendors, whose receiver is killed again and again while they send: with their retries, all that they
//! sent is handled, and little of it twice.

use std::collections::HashMap;
use std::time::Duration;

use hookseal::inbox::{HandlerError, Handling, Inbox, InboxOptions};

use crate::child::{CONCURRENCY, Child, say};
use crate::http::Served;
use crate::vendor::Vendor;
use crate::{Directory, Place, ends, idle, retrying};

const EVENTS: usize = 200;
const KILLS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kagibag() {
    ends(vendor("kagibag")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kakiyo() {
    ends(vendor("kakiyo")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webkasa() {
    ends(vendor("webkasa")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kazinex() {
    ends(vendor("kazinex")).await;
}

async fn vendor(name: &str) {
    let (place, directory) = (Place::sqlite(), Directory::new());
    let log = directory.0.join("handled").to_str().unwrap().to_owned();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let vendor = Vendor::new(name, &format!("http://127.0.0.1:{port}/hooks"), 2_000).await;
    for life in 0..=KILLS {
        let mode = format!("serve:{name}:{port}");
        let child = Child::start(&place.url, &mode, &[("HOOKSEAL_INBOX_LOG", &log)]);
        let mut child = tokio::task::spawn_blocking(move || {
            child.expect("listening");
            child
        })
        .await
        .unwrap();
        if life < KILLS {
            vendor.burst(life * EVENTS / KILLS..(life + 1) * EVENTS / KILLS).await;
            // In the midst of it: handlers take 20 ms each.
            tokio::time::sleep(Duration::from_millis(40 + 25 * life as u64)).await;
        } else {
            vendor.insist().await;
        }
        child.kill();
    }
    vendor.close().await;

    let inbox = open(&place.url, name, &log);
    inbox.start().unwrap();
    idle(&inbox).await;
    inbox.close().await.unwrap();
    let mut handled: HashMap<usize, usize> = HashMap::new();
    for number in std::fs::read_to_string(log).unwrap().lines() {
        *handled.entry(number.parse().unwrap()).or_default() += 1;
    }
    let lost: Vec<_> = (0..EVENTS).filter(|number| !handled.contains_key(number)).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    assert_eq!(handled.len(), EVENTS);
    let repeats: usize = handled.values().map(|times| times - 1).sum();
    assert!(repeats <= (KILLS + 1) * 3 * CONCURRENCY, "{repeats} repeats");
}

/// Receives and handles until it is killed.
pub(crate) async fn serve(url: &str, name: &str, port: &str) {
    let inbox = open(url, name, &std::env::var("HOOKSEAL_INBOX_LOG").unwrap());
    inbox.start().unwrap();
    let _served = Served::at(&inbox, &format!("127.0.0.1:{port}")).await;
    say("listening");
    std::future::pending().await
}

fn open(url: &str, name: &str, log: &str) -> Inbox {
    let mut options: InboxOptions = retrying(&[40; 60]);
    options.concurrency = CONCURRENCY;
    let inbox = Inbox::open(url, Vendor::webhook(name), options).unwrap();
    let file = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
    let file = std::sync::Arc::new(file);
    inbox
        .on("*", move |handling: Handling| {
            let file = file.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                let data: serde_json::Value = handling.event.data()?;
                std::io::Write::write_all(&mut &*file, format!("{}\n", data["number"]).as_bytes())?;
                Ok::<(), HandlerError>(())
            }
        })
        .unwrap();
    inbox
}
