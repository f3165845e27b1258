//! Events that are stored in a transaction of the application's own.

use std::sync::Arc;

use hookseal::inbox::{EventStatus, HandlerError, InboxOptions};
use hookseal::{Code, VerifyOptions};

use crate::{Place, Seen, ends, idle, receive, request, server, status, try_receive};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_are_committed_or_neither() {
    ends(async {
        let place = Place::postgres();
        let mut options = InboxOptions::default();
        options.order_by = Some(Arc::new(|event| event.event_type().map(str::to_owned)));
        let inbox = place.open(options);
        let seen = Seen::default();
        let noted = seen.clone();
        inbox
            .on("*", move |handling| {
                assert_eq!(
                    handling.event.data::<serde_json::Value>().unwrap()["id"],
                    handling.event.id().unwrap()
                );
                noted.note(&handling);
                async { Ok::<(), HandlerError>(()) }
            })
            .unwrap();
        inbox.start().unwrap();
        let (mut client, connection) =
            tokio_postgres::connect(&server::url(), tokio_postgres::NoTls).await.unwrap();
        let driving = tokio::spawn(connection);

        for (id, commits) in [("evt_1", false), ("evt_1", true), ("evt_2", true)] {
            let (body, headers) = request(id, "a");
            let prepared = inbox.prepare(body, &headers[..], &VerifyOptions::default()).unwrap();
            assert_eq!(prepared.id, id);
            let transaction = client.transaction().await.unwrap();
            for new in [true, false] {
                let row =
                    transaction.query_one(&prepared.sql, &[&prepared.facts, &&*prepared.body]).await.unwrap();
                assert_eq!(row.get::<_, bool>(0), new);
            }
            match commits {
                true => transaction.commit().await.unwrap(),
                false => transaction.rollback().await.unwrap(),
            }
        }
        seen.wait_for(2).await;
        idle(&inbox).await;
        assert_eq!(seen.ids(), ["evt_1", "evt_2"], "in their order, and what was rolled back once");
        assert_eq!(status(&inbox, "evt_2").await, EventStatus::Handled);
        assert!(receive(&inbox, "evt_1", "a").await.duplicate);

        let (body, _) = request("evt_3", "a");
        let none: [(&str, &str); 0] = [];
        let refused = inbox.prepare(body, &none[..], &VerifyOptions::default()).unwrap_err();
        assert_eq!(refused.code(), Code::MissingHeader);
        assert!(!try_receive(&inbox, "evt_3", "b").await.unwrap().duplicate);
        idle(&inbox).await;
        drop(client);
        let _ = driving.await;
        inbox.close().await.unwrap();
    })
    .await;
}

#[test]
fn only_a_database_has_such_transactions() {
    let inbox = Place::memory().open(InboxOptions::default());
    let (body, headers) = request("evt_1", "a");
    let refused = inbox.prepare(body, &headers[..], &VerifyOptions::default()).unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}
