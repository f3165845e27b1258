//! Who sends need not deliver, and who delivers need not send.

use std::time::{Duration, Instant};

use crate::child::Worker;
use crate::receiver::Receiver;
use crate::{Site, ends, open, until};

const A_SECOND: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_web_process_sends_arrives_within_a_second() {
    let site = Site::new(Receiver::always(200).await).await;
    let _workers: Vec<Worker> = ["one", "two"].map(|name| site.worker(name)).into();
    for path in ["a", "b", "c"] {
        site.endpoint(path, |_| ()).await;
    }
    ends(async {
        for round in 0..10 {
            for path in ["a", "b", "c"] {
                let id = format!("{path}_{round}");
                site.send(path, &id).await;
                let sent = Instant::now();
                until("a delivery", || site.receiver.has(&id)).await;
                assert!(sent.elapsed() < A_SECOND, "{id} took {:?}", sent.elapsed());
            }
        }
        site.idle().await;
    })
    .await;
    assert_eq!(site.receiver.count(), 30);
    assert!(site.receiver.arrivals().iter().all(|arrival| arrival.worker != "web"));
    let stats = site.web.stats().await.unwrap();
    assert!(!stats.dispatching && stats.pending == 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_sends_within_the_transaction_of_its_caller() {
    let site = Site::new(Receiver::always(200).await).await;
    let _worker = site.worker("one");
    site.endpoint("a", |_| ()).await;
    let (mut client, connection) =
        tokio_postgres::connect(&crate::server::url(), tokio_postgres::NoTls).await.unwrap();
    let driving = tokio::spawn(connection);
    let send = format!("SELECT {}.hookseal_send('a', json_build_object('n', $1::int), $2)", site.schema.name);
    for (number, commits) in [(0, true), (1, false), (2, true)] {
        let id = format!("evt_{number}");
        let transaction = client.transaction().await.unwrap();
        let row = transaction.query_one(&send, &[&number, &id]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), id);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!site.receiver.has(&id), "it is not sent yet");
        if !commits {
            transaction.rollback().await.unwrap();
            continue;
        }
        transaction.commit().await.unwrap();
        let took = until("a delivery", || site.receiver.has(&id)).await;
        assert!(took < A_SECOND, "{id} took {took:?}");
    }
    // As from psql: one statement is a transaction too.
    let text = format!("SELECT {}.hookseal_send('a', '{{\"n\": 3}}', 'evt_3')", site.schema.name);
    client.simple_query(&text).await.unwrap();
    assert!(until("a delivery", || site.receiver.has("evt_3")).await < A_SECOND);
    site.idle().await;
    let ids: Vec<_> = site.receiver.arrivals().into_iter().map(|arrival| arrival.id).collect();
    assert_eq!(ids, ["evt_0", "evt_2", "evt_3"]);
    drop(client);
    driving.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_may_do_both() {
    let site = Site::new(Receiver::always(200).await).await;
    let both = open(&site.schema.url(), "both");
    both.start().unwrap();
    let _worker = site.worker("one");
    for path in ["a", "b", "c", "d"] {
        site.endpoint(path, |_| ()).await;
    }
    for round in 0..40 {
        for path in ["a", "b", "c", "d"] {
            let sender = if round % 2 == 0 { &both } else { &site.web };
            crate::send(sender, path, &format!("{path}_{round}")).await.unwrap();
        }
    }
    site.idle().await;
    let arrivals = site.receiver.arrivals();
    assert_eq!(arrivals.len(), 160, "each once");
    both.close().await.unwrap();
}
