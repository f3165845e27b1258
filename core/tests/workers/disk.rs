//! A disk of the database that is really full: who sends is told, what was accepted stays, and all goes on where there
//! is room again.
//!
//! The disk is a small one in memory, mounted for a process of its own: this test's own binary. It holds the tables,
//! not the server's log, without which no server stays up.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hookseal::sender::{NewEndpoint, SendOptions, Sender};
use hookseal::store::{DeliveryQuery, DeliveryState};
use hookseal::{Code, Kind, RetryPolicy, Secret};
use serde_json::json;

use crate::own::Own;
use crate::receiver::Receiver;
use crate::{SECRET, ends, open};

const MIB: u64 = 1024 * 1024;

#[test]
fn a_full_disk_loses_nothing() {
    const MOUNT: &str = r#"mount -t tmpfs -o size=40m,mode=755 tmpfs "$1" && shift && exec "$@""#;
    let directory = std::env::temp_dir().join(format!("hookseal-disk-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", MOUNT, "sh"]).arg(&directory);
        command
    };
    // Only as root: the server's user must be another than ours, and has to be let in.
    let works = unshare().arg("true").stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if works {
        let mut command = unshare();
        command.arg(std::env::current_exe().unwrap());
        command.args(["disk::inside", "--exact", "--nocapture", "--test-threads=1"]);
        let status = command.env("HOOKSEAL_DISK", &directory).status().unwrap();
        assert!(status.success(), "{status}");
    } else {
        println!("skipped: nothing can be mounted here");
    }
    std::fs::remove_dir_all(&directory).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside() {
    let Ok(disk) = std::env::var("HOOKSEAL_DISK").map(PathBuf::from) else { return };
    let server = tokio::task::block_in_place(Own::start);
    let space = disk.join("space");
    std::fs::create_dir(&space).unwrap();
    assert!(Command::new("chown").args(["postgres", space.to_str().unwrap()]).status().unwrap().success());
    server.sql(&format!("CREATE TABLESPACE small LOCATION '{}'", space.display()));
    server.sql("ALTER DATABASE postgres SET default_tablespace = small");
    let ballast = disk.join("ballast");
    File::create(&ballast).unwrap();
    std::fs::write(&ballast, vec![1; (20 * MIB) as usize]).unwrap();

    // Long enough that the disk is full when the outcomes come.
    let receiver = Receiver::start(|_, _| (200, Duration::from_secs(2))).await;
    let sender = open(&server.store(60), "me");
    sender.start().unwrap();
    let new = NewEndpoint {
        secret: Some(Secret::new(SECRET).unwrap()),
        retry: Some(RetryPolicy::none()),
        concurrency: Some(1000),
        ..NewEndpoint::new(&receiver.url("a"))
    };
    sender.endpoints().create(new).await.unwrap();
    let mut accepted = 0;
    let refused = loop {
        match send(&sender, accepted).await {
            Ok(()) => accepted += 1,
            Err(error) => break error,
        }
        assert!(accepted < 5000, "the disk is never full");
    };
    println!("{accepted} messages, then {refused}");
    assert_eq!((refused.code(), refused.kind()), (Code::StoreFull, Kind::Store), "{refused}");
    assert!(refused.to_string().contains("disk is full"), "{refused}");
    assert!(accepted > 30);
    // Requests end meanwhile, and their outcomes cannot all be written.
    tokio::time::sleep(Duration::from_secs(4)).await;
    std::fs::remove_file(&ballast).unwrap();
    let begun = Instant::now();
    while let Err(error) = send(&sender, accepted).await {
        assert!(begun.elapsed() < Duration::from_secs(10), "{error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    accepted += 1;
    assert!(ends(sender.wait_idle(Some(Duration::from_secs(60)))).await.unwrap());
    assert_eq!(receiver.count(), accepted, "each once");
    let (mut cursor, mut logged) = (None, 0);
    loop {
        let page = sender.deliveries().list(DeliveryQuery::default(), cursor, 500).await.unwrap();
        logged += page.items.len();
        for delivery in &page.items {
            assert_eq!(delivery.state, DeliveryState::Delivered, "{delivery:?}");
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(logged, accepted);
    sender.close().await.unwrap();
    server.sql("ALTER DATABASE postgres RESET default_tablespace");
}

/// A message of about 190 KiB that does not shrink.
async fn send(sender: &Sender, number: usize) -> hookseal::Result<()> {
    let mut state = number as u64 + 1;
    let mut pad = String::new();
    while pad.len() < 190 * 1024 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        pad.push_str(&format!("{:08x}", state >> 32));
    }
    let id = format!("evt_{number}");
    let options = SendOptions { id: Some(&id), ..SendOptions::default() };
    sender.send("a", &json!({"pad": pad}), &options).await.map(drop)
}
