//! A database that goes away: the vendor is asked to come back, and does, and nothing is lost or claimed meanwhile.

use std::time::{Duration, Instant};

use hookseal::Code;
use hookseal::inbox::{EventStatus, HandlerError, Inbox, InboxOptions};

use crate::http::{Served, come_back, fine};
use crate::own::Own;
use crate::{Seen, ends, idle, request, status, webhook};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_is_told_and_waited_for() {
    let server = tokio::task::block_in_place(Own::start);
    let inbox = Inbox::open(&server.store(60), webhook(), InboxOptions::default()).unwrap();
    let seen = Seen::default();
    let noted = seen.clone();
    inbox
        .on("*", move |handling| {
            noted.note(&handling);
            async {
                // Long enough that outcomes come while the database is away.
                tokio::time::sleep(Duration::from_millis(700)).await;
                Ok::<(), HandlerError>(())
            }
        })
        .unwrap();
    inbox.start().unwrap();
    let served = Served::start(&inbox).await;
    let mut ids = Vec::new();
    for mode in ["fast", "immediate"] {
        for number in 0..8 {
            let id = format!("{mode}_{number}");
            assert_eq!(served.post(&request(&id, "a")).await, fine());
            ids.push(id);
        }
        ends(seen.wait_for(ids.len())).await;
        tokio::task::block_in_place(|| server.down(mode));
        let away = format!("{mode}_away");
        for _ in 0..3 {
            assert_eq!(served.post(&request(&away, "a")).await, come_back("store_unavailable"));
        }
        // An unverified one is refused as ever.
        let (body, _) = request(&away, "a");
        assert_eq!(served.post(&(body, Vec::new())).await.status, 401);
        tokio::time::sleep(Duration::from_millis(800)).await;
        tokio::task::block_in_place(|| server.up());
        let begun = Instant::now();
        loop {
            let known = inbox.events().get(&away).await;
            match served.post(&request(&away, "a")).await {
                answer if answer == fine() => break,
                answer => assert_eq!(answer, come_back("store_unavailable")),
            }
            // Not before it is answered for.
            assert!(
                known.is_err_and(|error| matches!(error.code(), Code::NotFound | Code::StoreUnavailable))
            );
            assert!(begun.elapsed() < Duration::from_secs(10));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        ids.push(away);
        idle(&inbox).await;
        for id in &ids {
            assert_eq!(status(&inbox, id).await, EventStatus::Handled, "{id}");
        }
    }
    let handled: std::collections::HashSet<_> = seen.ids().into_iter().collect();
    assert_eq!(handled.len(), ids.len(), "all of them");
    inbox.close().await.unwrap();
}
