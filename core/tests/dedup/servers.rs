//! What only servers have: rights, addresses that are wrong, and connections that break.

use std::time::Duration;

use hookseal::{Code, Deduplicator, DeduplicatorOptions};

use crate::place::{Kind, Place, event, server, sql};

const LONG: Duration = Duration::from_secs(60);

fn refused(url: &str) -> hookseal::Error {
    Deduplicator::open(url, DeduplicatorOptions::default()).expect_err("it cannot be opened")
}

#[test]
fn urls_that_make_no_sense() {
    for url in ["", "memory", "memory:x", "sqlite:", "mysql://h/d", "redis:host", "redis://h/0?no_such=1"] {
        assert_eq!(refused(url).code(), Code::InvalidArgument, "{url}");
    }
}

#[test]
fn servers_that_are_not_there_or_do_not_let_us_in() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let redis = server("REDIS", "redis");
    let stranger = format!("redis://:hunter2@{}", redis.rsplit_once('@').unwrap().1);
    for url in [format!("redis://:hunter2@{gone}/0"), format!("postgres://u:hunter2@{gone}/d"), stranger] {
        let error = refused(&url);
        assert_eq!(error.code(), Code::StoreUnavailable, "{error}");
        assert!(!error.message().contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn a_role_that_may_make_nothing_uses_what_is_there() {
    let place = Place::new(Kind::Postgres);
    let base = server("POSTGRES", "postgres");
    let schema = place.url.rsplit_once('=').unwrap().1.to_owned();
    let role = format!("{schema}_role");
    let statement = |text: &str| sql(&base, text).unwrap();
    statement(&format!("CREATE ROLE {role} LOGIN PASSWORD 'hunter2'"));
    let address = base.rsplit_once('@').unwrap().1;
    let url = format!("postgres://{role}:hunter2@{address}?hookseal_schema={schema}");
    let unmade = refused(&url);
    // Whoever may makes the table; the page says how.
    drop(place.open(LONG));
    statement(&format!(
        "GRANT USAGE ON SCHEMA {schema} TO {role}; GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.claim TO {role}"
    ));
    let opened = Deduplicator::open(&url, DeduplicatorOptions::default());
    let claimed = match &opened {
        Ok(deduplicator) => deduplicator.claim(&event("a")).await.map(drop),
        Err(error) => Err(error.clone()),
    };
    drop(opened);
    statement(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    assert_eq!(unmade.code(), Code::StoreReadOnly, "{unmade}");
    claimed.unwrap();
}

#[tokio::test]
async fn connections_that_were_cut_are_made_anew_postgres() {
    let place = Place::new(Kind::Postgres);
    let url = format!("{}&application_name=hookseal_cut_{}", place.url, std::process::id());
    let deduplicator = Deduplicator::open(&url, DeduplicatorOptions::default()).unwrap();
    for n in 0..8 {
        let claim = deduplicator.claim(&event(&n.to_string())).await.unwrap();
        let cut = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hookseal_cut_{}'",
            std::process::id()
        );
        sql(&server("POSTGRES", "postgres"), &cut).unwrap();
        claim.done().await.unwrap();
        let again = deduplicator.claim(&event(&n.to_string())).await.err().unwrap();
        assert_eq!(again.code(), Code::DuplicateEvent);
    }
}

#[tokio::test]
async fn connections_that_were_cut_are_made_anew_redis() {
    let place = Place::new(Kind::Redis);
    let deduplicator = place.open(LONG);
    for n in 0..4 {
        let claim = deduplicator.claim(&event(&n.to_string())).await.unwrap();
        let cut = std::process::Command::new("redis-cli")
            .args(["-u", &server("REDIS", "redis"), "--no-auth-warning", "CLIENT", "KILL", "TYPE", "normal"])
            .output()
            .unwrap();
        assert!(cut.status.success());
        claim.done().await.unwrap();
        let again = deduplicator.claim(&event(&n.to_string())).await.err().unwrap();
        assert_eq!(again.code(), Code::DuplicateEvent);
    }
}
