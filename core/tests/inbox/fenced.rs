//! A process that was stopped while it handled, and comes back when others have gone on without it.

use std::time::Duration;

use hookseal::Code;
use hookseal::inbox::{EventStatus, HandlerError};

use crate::child::Child;
use crate::{Place, detail, ends, receive, retrying, status};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_process_overwrites_nothing() {
    ends(async {
        let place = Place::postgres();
        let web = place.open(retrying(&[10, 10]));
        let url = place.url.clone();
        let stalled = tokio::task::spawn_blocking(move || Child::start(&url, "stall:", &[])).await.unwrap();
        receive(&web, "evt_1", "a").await;
        stalled.expect("begun");
        stalled.signal("-STOP");

        let other = place.open(retrying(&[10, 10]));
        other.on("*", |_| async { Ok::<(), HandlerError>(()) }).unwrap();
        other.start().unwrap();
        while status(&web, "evt_1").await != EventStatus::Handled {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let before = detail(&web, "evt_1").await;
        let codes: Vec<_> =
            before.tries.iter().map(|try_| try_.error.as_ref().map(|error| error.code())).collect();
        assert_eq!(codes, [Some(Code::Lost), None], "it is seen that a try was lost");

        // What it says now is nobody's business any more.
        stalled.signal("-CONT");
        stalled.expect("ended");
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(detail(&web, "evt_1").await, before);
        web.close().await.unwrap();
        other.close().await.unwrap();
    })
    .await;
}
