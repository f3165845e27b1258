//! A database that cannot be used, as a sender sees it: a clear error with a code, and no message that is lost.

use std::time::{Duration, Instant};

use hookseal::sender::Sender;
use hookseal::store::PostgresStore;
use hookseal::{Code, Error};

use crate::own::Own;
use crate::receiver::Receiver;
use crate::server::{self, Schema};
use crate::{Site, ends, open, options, until};

fn refused(url: &str) -> Error {
    let begun = Instant::now();
    let error = Sender::open(url, options("me")).expect_err("it is refused");
    assert!(begun.elapsed() < Duration::from_secs(20), "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
    error
}

/// The server's url with another user or place.
fn elsewhere(change: impl Fn(&str) -> String) -> String {
    let url = server::url();
    let rest = url.split_once("://").unwrap().1;
    format!("postgres://{}", change(rest))
}

#[test]
fn a_database_that_is_away_at_the_start_is_told() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = refused(&format!("postgres://me:hunter2@127.0.0.1:{port}/d"));
    assert_eq!(error.code(), Code::StoreUnavailable);
    assert!(error.to_string().contains("database running"), "{error}");
}

#[test]
fn who_is_not_let_in_is_told() {
    let error = refused(&elsewhere(|rest| format!("postgres:hunter2@{}", rest.split_once('@').unwrap().1)));
    assert_eq!(error.code(), Code::StoreUnavailable);
    assert!(error.to_string().contains("user and password"), "{error}");
    let error = refused(&elsewhere(|rest| format!("{}/nowhere", rest.rsplit_once('/').unwrap().0)));
    assert_eq!(error.code(), Code::StoreUnavailable);
    assert!(error.to_string().contains("Create the database"), "{error}");
}

#[test]
fn schemas_of_other_versions_are_told() {
    let schema = Schema::new();
    drop(schema.open());
    schema.sql("UPDATE meta SET version = 9999, min_reader = 9999");
    let error = refused(&schema.url());
    assert_eq!(error.code(), Code::StoreSchema);
    assert!(error.to_string().contains("9999"), "{error}");
    // Newer, but this version may run beside it.
    schema.sql("UPDATE meta SET min_reader = 1");
    drop(Sender::open(&schema.url(), options("me")).unwrap());
    // Older, and the role may not bring it up to date.
    let role = Role::new(&schema);
    schema.sql("UPDATE meta SET version = 0, min_reader = 0");
    let error = refused(&role.url);
    assert_eq!(error.code(), Code::StoreReadOnly);
    assert!(error.to_string().contains("migrations"), "{error}");
    schema.sql("DROP TABLE meta");
    assert_eq!(refused(&schema.url()).code(), Code::StoreSchema);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_rights_are_told() {
    let schema = Schema::new();
    drop(schema.open());
    let role = Role::new(&schema);
    let sender = open(&role.url, "me");
    crate::send(&sender, "a", "evt_0").await.unwrap();
    schema.sql(&format!("REVOKE INSERT ON message FROM {}", role.name));
    let error = crate::send(&sender, "a", "evt_1").await.unwrap_err();
    assert_eq!(error.code(), Code::StoreReadOnly);
    assert!(error.to_string().contains("grants"), "{error}");
    schema.sql(&format!("GRANT INSERT ON message TO {}", role.name));
    assert!(!crate::send(&sender, "a", "evt_1").await.unwrap().duplicate, "nothing was left of it");
    sender.close().await.unwrap();
    schema.sql(&format!("REVOKE USAGE ON SCHEMA {} FROM {}", schema.name, role.name));
    let error = refused(&role.url);
    assert_eq!(error.code(), Code::StoreReadOnly);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_for_a_while_is_told_and_waited_for() {
    let server = tokio::task::block_in_place(Own::start);
    // The lease is so long that nothing on its way is lost,
    // and the pause so long that outcomes come while the database is away.
    let receiver = Receiver::start(|_, _| (200, Duration::from_millis(700))).await;
    let sender = open(&server.store(60), "me");
    sender.start().unwrap();
    let new = hookseal::sender::NewEndpoint {
        concurrency: Some(4),
        ..hookseal::sender::NewEndpoint::new(&receiver.url("a"))
    };
    sender.endpoints().create(new).await.unwrap();
    for mode in ["fast", "immediate"] {
        let before = receiver.count();
        for number in 0..8 {
            crate::send(&sender, "a", &format!("{mode}_{number}")).await.unwrap();
        }
        until("the first requests", || receiver.count() >= before + 4).await;
        tokio::task::block_in_place(|| server.down(mode));
        for _ in 0..3 {
            let error = crate::send(&sender, "a", &format!("{mode}_away")).await.unwrap_err();
            assert_eq!(error.code(), Code::StoreUnavailable, "{error}");
            assert_eq!(error.kind(), hookseal::Kind::Store);
            assert!(!error.message().is_empty());
        }
        tokio::time::sleep(Duration::from_millis(800)).await;
        tokio::task::block_in_place(|| server.up());
        let begun = Instant::now();
        let sent = loop {
            match crate::send(&sender, "a", &format!("{mode}_away")).await {
                Ok(sent) => break sent,
                Err(error) => assert!(begun.elapsed() < Duration::from_secs(10), "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert!(!sent.duplicate, "it did not pretend");
        assert!(ends(sender.wait_idle(Some(Duration::from_secs(30)))).await.unwrap());
        assert_eq!(receiver.count() - before, 9, "each once: outcomes waited for the database");
    }
    sender.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_end_when_others_may_have_the_lanes() {
    let server = tokio::task::block_in_place(Own::start);
    // The first is never answered, and would be waited for until its time is up.
    let receiver = Receiver::start(|number, _| (if number == 0 { 0 } else { 200 }, Duration::ZERO)).await;
    let sender = open(&server.store(3), "me");
    sender.start().unwrap();
    let new = hookseal::sender::NewEndpoint {
        timeout: Some(Duration::from_secs(60)),
        ..hookseal::sender::NewEndpoint::new(&receiver.url("a"))
    };
    sender.endpoints().create(new).await.unwrap();
    crate::send(&sender, "a", "evt").await.unwrap();
    until("the request", || receiver.count() == 1).await;
    tokio::task::block_in_place(|| server.down("fast"));
    until("its end", || receiver.arrivals()[0].ended.is_some()).await;
    tokio::task::block_in_place(|| server.up());
    assert!(ends(sender.wait_idle(Some(Duration::from_secs(30)))).await.unwrap());
    assert_eq!(receiver.count(), 2);
    let log = sender.deliveries().list(hookseal::store::DeliveryQuery::default(), None, 10).await.unwrap();
    let detail = sender.deliveries().get(log.items[0].id).await.unwrap();
    let errors: Vec<_> =
        detail.attempts.iter().map(|attempt| attempt.error.as_ref().map(Error::code)).collect();
    assert_eq!(errors, [Some(Code::Lost), None], "the log shows that it was cut short");
    sender.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut_cost_nothing() {
    let receiver = Receiver::start(|_, _| (200, Duration::from_millis(3))).await;
    let site = Site::new(receiver).await;
    let url = format!("{}&application_name=cut_{}", site.schema.url(), site.schema.name);
    let sender = open(&url, "me");
    sender.start().unwrap();
    site.endpoint("a", |new| new.concurrency = Some(4)).await;
    for number in 0..60 {
        if number % 6 == 3 {
            server::sql(&format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE application_name = 'cut_{}' ORDER BY random() LIMIT 3",
                site.schema.name
            ));
        }
        let id = format!("evt_{number}");
        ends(async {
            while let Err(error) = crate::send(&sender, "a", &id).await {
                assert_eq!(error.code(), Code::StoreUnavailable, "{error}");
            }
        })
        .await;
    }
    assert!(ends(sender.wait_idle(Some(Duration::from_secs(30)))).await.unwrap());
    assert_eq!(site.receiver.count(), 60, "each once");
    sender.close().await.unwrap();
}

/// A user that may do what workers do, and no more.
struct Role {
    name: String,
    url: String,
}

impl Role {
    fn new(schema: &Schema) -> Self {
        let name = format!("role_{}", schema.name);
        let rights = PostgresStore::grants(&schema.name, &name);
        server::sql(&format!("CREATE ROLE {name} LOGIN PASSWORD 'hunter2'; {rights}"));
        let place = elsewhere(|rest| format!("{name}:hunter2@{}", rest.split_once('@').unwrap().1));
        Self { url: format!("{place}?hookseal_schema={}", schema.name), name }
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        server::sql(&format!("DROP OWNED BY {0}; DROP ROLE {0}", self.name));
    }
}
