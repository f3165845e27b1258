use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hookseal::Code;
use hookseal::inbox::{EventNoticeKind, EventStatus, HandlerError};

use crate::{Place, Seen, detail, idle, on_every_store, receive, retrying, status};

on_every_store! {
    a_handler_that_fails_is_tried_again_until_it_is_dead
    what_a_handler_may_say
    a_panic_is_a_failed_try
    a_handler_that_hangs_blocks_nobody
    a_handler_that_cannot_be_ended_is_waited_for
    the_first_handler_that_matches_gets_it
    a_close_gives_back_what_runs
}

async fn a_handler_that_fails_is_tried_again_until_it_is_dead(place: Place) {
    let inbox = place.open(retrying(&[20, 40]));
    let seen = Seen::default();
    let noted = seen.clone();
    inbox
        .on("*", move |handling| {
            let number = noted.note(&handling);
            let recovers = handling.event.event_type() == Some("recovers");
            async move {
                match recovers && number == 3 {
                    true => Ok(()),
                    false => Err(std::io::Error::other(format!("try {number} failed"))),
                }
            }
        })
        .unwrap();
    inbox.start().unwrap();
    receive(&inbox, "dead", "dies").await;
    receive(&inbox, "alive", "recovers").await;
    idle(&inbox).await;
    let dead = detail(&inbox, "dead").await;
    assert_eq!((dead.event.status, dead.event.tries), (EventStatus::Failed, 3));
    assert_eq!(dead.event.last_error, Some(Code::HandlerFailed));
    let said: Vec<_> =
        dead.tries.iter().map(|try_| try_.error.clone().unwrap().message().to_owned()).collect();
    assert_eq!(said, ["try 1 failed", "try 2 failed", "try 3 failed"]);
    for (tries, pause) in dead.tries.windows(2).zip([20, 40]) {
        assert!(tries[1].started_at >= tries[0].started_at + pause, "it came early");
    }
    assert_eq!(status(&inbox, "alive").await, EventStatus::Handled);

    let mut notices = inbox.notices();
    let notice = notices.next().await.unwrap();
    assert_eq!((notice.kind, notice.id.as_str()), (EventNoticeKind::Failed, "dead"));
    assert_eq!(notice.error.as_ref().unwrap().message(), "try 3 failed");
    assert_eq!(notices.try_next().await.unwrap(), None);
    notices.ack(&notice).await.unwrap();
    assert_eq!(inbox.notices().try_next().await.unwrap(), None);
    inbox.close().await.unwrap();
}

async fn what_a_handler_may_say(place: Place) {
    let inbox = place.open(retrying(&[1]));
    inbox.on("discard", |_| async { Err::<(), _>(HandlerError::discard("not ours")) }).unwrap();
    inbox
        .on("later", |handling| async move {
            match handling.number {
                1 => Err(HandlerError::retry_in(Duration::from_millis(300), "busy")),
                _ => Ok(()),
            }
        })
        .unwrap();
    inbox.on("talks", |_| async { Err::<(), _>(HandlerError::failed("é".repeat(100_000))) }).unwrap();
    inbox.start().unwrap();
    for what in ["discard", "later", "talks"] {
        receive(&inbox, what, what).await;
    }
    idle(&inbox).await;
    let discarded = detail(&inbox, "discard").await;
    assert_eq!((discarded.event.status, discarded.tries.len()), (EventStatus::Discarded, 1));
    let error = discarded.tries[0].error.clone().unwrap();
    assert_eq!((error.code(), error.message()), (Code::Discarded, "not ours"));
    let later = detail(&inbox, "later").await;
    assert_eq!((later.event.status, later.tries.len()), (EventStatus::Handled, 2));
    assert!(later.tries[1].started_at >= later.tries[0].started_at + 300);
    let talks = detail(&inbox, "talks").await;
    assert_eq!(talks.tries[0].error.as_ref().unwrap().message().chars().count(), 2000);
    // What is discarded is nobody's failure.
    assert_eq!(inbox.notices().try_next().await.unwrap().unwrap().id, "talks");
    inbox.close().await.unwrap();
}

async fn a_panic_is_a_failed_try(place: Place) {
    let inbox = place.open(retrying(&[1]));
    inbox.on("at once", |_| async { Ok::<(), HandlerError>(()) }).expect_err("patterns have no spaces");
    inbox
        .on("call", |handling| {
            assert!(handling.number > 1, "in the call");
            async { Ok::<(), HandlerError>(()) }
        })
        .unwrap();
    inbox
        .on("future", |handling| async move {
            assert!(handling.number > 1, "in the future");
            Ok::<(), HandlerError>(())
        })
        .unwrap();
    inbox
        .on_blocking("thread", |handling| {
            assert!(handling.number > 1, "in the thread");
            Ok::<(), HandlerError>(())
        })
        .unwrap();
    inbox.start().unwrap();
    for what in ["call", "future", "thread"] {
        receive(&inbox, what, what).await;
    }
    idle(&inbox).await;
    for what in ["call", "future", "thread"] {
        let detail = detail(&inbox, what).await;
        assert_eq!((detail.event.status, detail.tries.len()), (EventStatus::Handled, 2), "{what}");
        let error = detail.tries[0].error.clone().unwrap();
        assert!(error.code() == Code::HandlerFailed && error.message().contains("panicked"), "{error}");
    }
    inbox.close().await.unwrap();
}

async fn a_handler_that_hangs_blocks_nobody(place: Place) {
    let mut options = retrying(&[1]);
    options.timeout = Duration::from_millis(400);
    options.concurrency = 4;
    let inbox = place.open(options);
    let seen = Seen::default();
    let noted = seen.clone();
    inbox.on("hangs", |_| std::future::pending::<Result<(), HandlerError>>()).unwrap();
    inbox
        .on("quick", move |handling| {
            noted.note(&handling);
            async { Ok::<(), HandlerError>(()) }
        })
        .unwrap();
    inbox.start().unwrap();
    receive(&inbox, "hangs", "hangs").await;
    for number in 0..20 {
        receive(&inbox, &format!("quick_{number}"), "quick").await;
    }
    seen.wait_for(20).await;
    assert_eq!(status(&inbox, "hangs").await, EventStatus::Pending, "the others did not wait for it");
    idle(&inbox).await;
    let detail = detail(&inbox, "hangs").await;
    assert_eq!((detail.event.status, detail.tries.len()), (EventStatus::Failed, 2));
    for try_ in detail.tries {
        assert_eq!(try_.error.unwrap().code(), Code::Timeout);
        assert!((400..5000).contains(&try_.duration), "{}", try_.duration);
    }
    inbox.close().await.unwrap();
}

async fn a_handler_that_cannot_be_ended_is_waited_for(place: Place) {
    let mut options = retrying(&[1, 1, 1, 1, 1, 1, 1, 1]);
    options.timeout = Duration::from_millis(150);
    let inbox = place.open(options);
    let (running, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (now, peak) = (running.clone(), most.clone());
    inbox
        .on_blocking("slow", move |handling| {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            if handling.number == 1 {
                std::thread::sleep(Duration::from_millis(500));
            }
            now.fetch_sub(1, Ordering::SeqCst);
            Ok::<(), HandlerError>(())
        })
        .unwrap();
    inbox.start().unwrap();
    receive(&inbox, "slow", "slow").await;
    idle(&inbox).await;
    let detail = detail(&inbox, "slow").await;
    assert_eq!(detail.event.status, EventStatus::Handled);
    assert!(detail.tries.len() >= 3, "{:?}", detail.tries);
    assert_eq!(most.load(Ordering::SeqCst), 1, "one at a time");
    inbox.close().await.unwrap();
}

async fn the_first_handler_that_matches_gets_it(place: Place) {
    let inbox = place.open(retrying(&[]));
    let seen = [Seen::default(), Seen::default(), Seen::default()];
    for (pattern, seen) in ["booking.created", "booking.*", "*"].into_iter().zip(seen.clone()) {
        inbox
            .on(pattern, move |handling| {
                seen.note(&handling);
                async { Ok::<(), HandlerError>(()) }
            })
            .unwrap();
    }
    inbox.start().unwrap();
    for event_type in ["booking.created", "booking.gone", "booking", "invoice.paid"] {
        receive(&inbox, &event_type.replace('.', "_"), event_type).await;
    }
    idle(&inbox).await;
    assert_eq!(seen[0].ids(), ["booking_created"]);
    assert_eq!(seen[1].ids(), ["booking_gone"]);
    assert_eq!(seen[2].ids().len(), 2);
    inbox.close().await.unwrap();
}

async fn a_close_gives_back_what_runs(place: Place) {
    if place.url == "memory:" {
        // Forgets all with the inbox.
        return;
    }
    let seen = Seen::default();
    {
        let inbox = place.open(retrying(&[]));
        let noted = seen.clone();
        inbox
            .on("*", move |handling| {
                noted.note(&handling);
                std::future::pending::<Result<(), HandlerError>>()
            })
            .unwrap();
        inbox.start().unwrap();
        receive(&inbox, "evt_1", "a").await;
        seen.wait_for(1).await;
        inbox.close_within(Duration::from_millis(50)).await.unwrap();
    }
    let inbox = place.open(retrying(&[]));
    inbox.on("*", |_| async { Ok::<(), HandlerError>(()) }).unwrap();
    inbox.start().unwrap();
    idle(&inbox).await;
    let detail = detail(&inbox, "evt_1").await;
    assert_eq!(detail.event.status, EventStatus::Handled, "without a retry in the policy");
    let codes: Vec<_> =
        detail.tries.iter().map(|try_| try_.error.as_ref().map(|error| error.code())).collect();
    assert_eq!(codes, [Some(Code::Lost), None]);
    inbox.close().await.unwrap();
}
