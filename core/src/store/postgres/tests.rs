//! What can be seen only from inside: how statements find their rows, whatever the tables held when they were prepared.

use super::link::Step;
use super::*;
use super::{bulk, cache, control, log, outcome, read, send, settle, sweep};
use crate::store::{DeliveryState, Trigger};

struct Place {
    store: PostgresStore,
}

impl Place {
    fn new(name: &str) -> Self {
        let url = std::env::var("HOOKSEAL_TEST_POSTGRES")
            .expect("these tests need a server: run them by `scripts/postgres run cargo test …`");
        let schema = format!("inside_{name}_{}", std::process::id());
        let options = PostgresOptions { schema, ..PostgresOptions::default() };
        Self { store: PostgresStore::open(&url, options).unwrap() }
    }

    fn run(&self, sql: &str) {
        self.store.writing(|writer| writer.link()?.batch(sql)).unwrap();
    }

    /// How the server finds the rows of a statement that was prepared now, one line a step.
    fn plan(&self, sql: &str) -> Vec<String> {
        let values = (1..).take_while(|n| sql.contains(&format!("${n}"))).count();
        let values =
            if values == 0 { String::new() } else { format!("({})", vec!["NULL"; values].join(", ")) };
        self.store
            .writing(|writer| {
                let link = writer.link()?;
                link.batch(&format!("PREPARE explained AS {sql}"))?;
                // Not prepared itself: its text is always the same.
                let rows = link.query(&format!("EXPLAIN EXECUTE explained{values} -- {}", nonce()), &[])?;
                link.batch("DEALLOCATE explained")?;
                rows.iter().map(|row| value::get(row, 0)).collect()
            })
            .unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let schema = &self.store.connector.options.schema;
        self.run(&format!("DROP SCHEMA {schema} CASCADE"));
    }
}

fn nonce() -> usize {
    use std::sync::atomic::AtomicUsize;
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Steps that look through a table, or through all of an index.
fn scans(plan: &[String]) -> Vec<&String> {
    let looks = |place: usize| {
        let step = &plan[place];
        let rest = plan[place + 1..].iter().take_while(|line| !line.contains("->"));
        let conditional = || rest.clone().any(|line| line.contains("Index Cond"));
        let along = step.contains("Index Scan") || step.contains("Index Only Scan");
        step.contains("Seq Scan on") || (along && !conditional())
    };
    (0..plan.len()).filter(|place| looks(*place)).map(|place| &plan[place]).collect()
}

#[test]
fn no_statistics_turn_a_statement_into_a_scan() {
    let place = Place::new("plans");
    let any = DeliveryQuery::default;
    let queries = [
        DeliveryQuery { endpoint: Some(EndpointId(1)), ..any() },
        DeliveryQuery { endpoint: Some(EndpointId(1)), state: Some(DeliveryState::Failed), ..any() },
        DeliveryQuery {
            endpoint: Some(EndpointId(1)),
            trigger: Some(Trigger::Manual),
            code: Some((500, 599)),
            ..any()
        },
        DeliveryQuery { message: Some(MessageKey(1)), ..any() },
        any(),
    ];
    let logs: Vec<_> = queries.iter().map(|query| log::statement(query, Some(DeliveryId(9)), 9).0).collect();
    let mut statements = vec![
        read::READY,
        read::DUE,
        read::SEQUENCE,
        read::PAYLOADS,
        read::MESSAGE,
        read::MESSAGE_OF_ID,
        read::MESSAGE_OF_ANY,
        cache::ROUTES,
        send::KNOWN,
        send::TURNSTILES,
        settle::LOCK,
        settle::ENDED,
        settle::HEALTH,
        outcome::DELETE,
        outcome::UPDATE,
        outcome::ADVANCE,
        outcome::MOVE_ATTEMPTS,
        control::OPEN_OF_MESSAGE,
        control::END,
        control::END_ATTEMPTS,
        control::FAILED,
        log::ATTEMPTS,
        control::FORGET,
        sweep::STALE,
        sweep::PAGE_OF_ENDPOINT,
        sweep::DELETE_BODIES,
        sweep::DELETE_MESSAGES,
        sweep::OLD_MESSAGES,
        sweep::FREE_MESSAGES,
    ];
    statements.extend(logs.iter().map(String::as_str));
    let along = [
        (read::READY, "delivery_due"),
        (read::DUE, "delivery_due"),
        (read::SEQUENCE, "delivery_sequence"),
        (settle::LOCK, "delivery_pkey"),
        (outcome::DELETE, "delivery_pkey"),
        (outcome::UPDATE, "delivery_pkey"),
        (control::OPEN_OF_MESSAGE, "delivery_message"),
        (sweep::PAGE_OF_ENDPOINT, "delivery_sequence"),
    ];
    let check = |when: &str| {
        let plans = statements.iter().map(|sql| (*sql, place.plan(sql)));
        let wrong = |sql: &str, plan: &[String]| {
            let strays =
                along.iter().any(|(of, index)| *of == sql && !plan.iter().any(|step| step.contains(index)));
            strays || !scans(plan).is_empty()
        };
        let wrong: Vec<_> = plans
            .filter(|(sql, plan)| wrong(sql, plan))
            .map(|(sql, plan)| format!("{sql}\n{}", plan.join("\n")))
            .collect();
        assert!(wrong.is_empty(), "{when}:\n{}", wrong.join("\n\n"));
    };

    check("empty");
    place.run("ANALYZE");
    check("empty and analyzed");
    place.run(
        "SELECT cut_day(day) FROM generate_series(0, 2) day;
         INSERT INTO endpoint (tenant, ordered, events, url, name, settings, headers, created_at, updated_at)
         SELECT 't' || g % 9, g % 2 = 0, '', '', '', '', '', 0, 0 FROM generate_series(1, 2000) g;
         INSERT INTO health SELECT g FROM generate_series(1, 2000) g;
         INSERT INTO message SELECT g, g, g, g, '', 'a' FROM generate_series(1, 60000) g;
         INSERT INTO message_id SELECT g, '', g, g, g, '' FROM generate_series(1, 60000) g;
         INSERT INTO body SELECT g, g, '' FROM generate_series(1, 60000) g;
         INSERT INTO delivery (id, message, message_at, endpoint, tenant, cause, due, created_at)
         SELECT g, 1 + g % 60000, 1 + g % 60000, 1 + g * 7 % 2000, '', 0, g, g FROM generate_series(1, 120000) g;
         INSERT INTO history (id, done_at, message, message_at, endpoint, cause, state, attempts, lost, created_at)
         SELECT g, g * 20, g, g, 1 + g % 2000, 0, 1 + g % 2, 1, 0, 0 FROM generate_series(1, 30000) g",
    );
    check("full");
    place.run("ANALYZE");
    check("full and analyzed");
    place.run("DELETE FROM delivery");
    check("just emptied");
    place.run("VACUUM ANALYZE delivery");
    check("emptied and analyzed");
    place.run(
        "INSERT INTO delivery (id, message, message_at, endpoint, tenant, cause, due, created_at)
         SELECT g, 1 + g % 60000, 1 + g % 60000, 1, '', 0, g, g FROM generate_series(1, 120000) g",
    );
    check("full of one endpoint's, and unknown");
}

/// What a statement costs says more than its plan: what waits must not slow what is asked.
#[test]
fn what_waits_is_not_looked_through() {
    let place = Place::new("cost");
    place.run(
        "INSERT INTO endpoint (tenant, ordered, events, url, name, settings, headers, created_at, updated_at)
         SELECT '', g = 1, '', '', '', '', '', 0, 0 FROM generate_series(1, 3) g;
         INSERT INTO delivery (id, message, message_at, endpoint, tenant, cause, due, created_at)
         SELECT g, g, g, 1 + g % 3, '', 0, g, g FROM generate_series(1, 100000) g",
    );
    let read_blocks = |sql: &str, values: &str| -> i64 {
        place.run(&format!("PREPARE asked AS {sql}"));
        let explain = format!(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT TEXT, TIMING off) EXECUTE asked({values}) -- {}",
            nonce()
        );
        let lines: Vec<String> = place
            .store
            .writing(|writer| {
                writer.link()?.query(&explain, &[])?.iter().map(|row| value::get(row, 0)).collect()
            })
            .unwrap();
        place.run("DEALLOCATE asked");
        let buffers = lines.iter().find(|line| line.contains("Buffers:")).unwrap();
        buffers.split(['=', ' ']).filter_map(|word| word.parse::<i64>().ok()).sum()
    };
    for (sql, values) in [
        (read::READY, "0, 100"),
        (read::NEXT_DUE, ""),
        (read::DUE, "2, 0, 0, 10"),
        (read::SEQUENCE, "1, 0, 10"),
        (settle::LOCK, "'{500}'"),
    ] {
        let blocks = if values.is_empty() {
            read_blocks(&format!("{sql} AND $1::int IS NULL"), "NULL")
        } else {
            read_blocks(sql, values)
        };
        assert!(blocks < 100, "{blocks} blocks: {sql}");
    }
}

#[test]
fn what_is_sent_goes_in_few_round_trips() {
    // What is run at once is one round trip; this is what the numbers of a batch rest on.
    let place = Place::new("trips");
    let answers = place
        .store
        .writing(|writer| {
            let count = 3_i64;
            let steps = [
                Step::new("BEGIN", &[]),
                Step::new(bulk::MESSAGE_KEYS, &[&count]),
                Step::new(bulk::DELIVERY_IDS, &[&count]),
                Step::new("COMMIT", &[]),
            ];
            writer.link()?.run(&steps)
        })
        .unwrap();
    let sizes: Vec<_> = answers.iter().map(|answer| answer.rows.len()).collect();
    assert_eq!(sizes, [0, 3, 3, 0]);
    let failed = place.store.writing(|writer| {
        let link = writer.link()?;
        let zero = 0_i64;
        let steps =
            [Step::new("BEGIN", &[]), Step::new("SELECT 1 / $1::bigint", &[&zero]), Step::new("COMMIT", &[])];
        link.run(&steps).map(drop)
    });
    assert!(failed.unwrap_err().message().contains("division by zero"));
}

#[test]
fn a_lane_that_leaves_is_not_held() {
    let mut lanes = Lanes::default();
    let grant = Grant { epoch: 7 };
    let soon = Instant::now() + std::time::Duration::from_secs(60);
    assert!(!lanes.holds(EndpointId(1)));
    lanes.begin(grant, soon);
    assert_eq!(lanes.took(Grant { epoch: 6 }, vec![EndpointId(1)]), []);
    assert_eq!(lanes.took(grant, vec![EndpointId(1)]), [EndpointId(1)]);
    assert!(lanes.holds(EndpointId(1)) && !lanes.holds(EndpointId(2)));
    lanes.begin(grant, Instant::now());
    lanes.took(grant, vec![EndpointId(1)]);
    assert!(!lanes.holds(EndpointId(1)), "the tenure is over");
    assert!(!lanes.end(Grant { epoch: 6 }) && lanes.end(grant));
}
