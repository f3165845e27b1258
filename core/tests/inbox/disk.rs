//! A disk that is really full: the vendor is asked to come back, nothing is claimed that was not stored, and what was
//! answered for is handled.

use std::time::Duration;

use hookseal::Code;
use hookseal::inbox::{EventStatus, HandlerError};
use serde_json::json;

use crate::http::{Served, come_back, fine};
use crate::small_disk::{Disk, on_a_small_disk};
use crate::{Request, Seen, ends, idle, request_with, retrying, status};

#[test]
fn a_full_disk_loses_nothing() {
    on_a_small_disk("disk::inside");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside() {
    let Some(disk) = Disk::here() else { return };
    let ballast = disk.ballast(18);
    let mut options = retrying(&[50; 20]);
    options.concurrency = 1000;
    let inbox = disk.place.open(options);
    let seen = Seen::default();
    let noted = seen.clone();
    inbox
        .on("*", move |handling| {
            noted.note(&handling);
            async {
                // Long enough that the disk is full when the outcomes come.
                tokio::time::sleep(Duration::from_secs(2)).await;
                Ok::<(), HandlerError>(())
            }
        })
        .unwrap();
    inbox.start().unwrap();
    let served = Served::start(&inbox).await;

    let mut accepted = Vec::new();
    let refused = loop {
        let id = format!("evt_{}", accepted.len());
        let answer = served.post(&large(&id)).await;
        if answer != fine() {
            assert_eq!(answer, come_back("store_full"));
            break id;
        }
        accepted.push(id);
        assert!(accepted.len() < 5000, "the disk is never full");
    };
    println!("{} were received until the disk was full", accepted.len());
    assert!(accepted.len() > 50);
    let rest = disk.rest();
    // What was not stored is no duplicate, however often it comes.
    for _ in 0..3 {
        assert_eq!(served.post(&large(&refused)).await, come_back("store_full"));
    }
    assert_eq!(inbox.events().get(&refused).await.unwrap_err().code(), Code::NotFound);
    // One that was received before may be looked up only where there is room to write; either answer is true.
    let again = served.post(&large(&accepted[0])).await;
    assert!(again == fine() || again == come_back("store_full"), "{again:?}");
    // Handlers end, and their outcomes cannot be written.
    ends(async {
        loop {
            let stats = inbox.stats().await.unwrap();
            if stats.in_flight == 0 && stats.unsettled > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    disk.opens_or_is_full();

    drop((ballast, rest));
    assert_eq!(served.post(&large(&refused)).await, fine(), "its retry brings it back");
    accepted.push(refused);
    idle(&inbox).await;
    for id in &accepted {
        assert_eq!(status(&inbox, id).await, EventStatus::Handled, "{id}");
    }
    let mut ids = seen.ids();
    ids.sort_unstable();
    accepted.sort_unstable();
    assert_eq!(ids, accepted, "each once: outcomes waited for the disk");
    inbox.close().await.unwrap();
    disk.check();
}

/// Too much for what a commit that failed may have left.
fn large(id: &str) -> Request {
    request_with(id, "a", &json!({"id": id, "pad": "x".repeat(20_000)}))
}
