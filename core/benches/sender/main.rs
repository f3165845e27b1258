//! What durable sending costs: `cargo bench -p hookseal --features sqlite --bench sender [row …]`.
//!
//! Every row is a ratio of two things measured in turn in the same run, because machines drift; the figures are the
//! medians of the rounds. The receiver is another process on the same machine. Rows: `durable neighbours loops
//! pending fsync idle inbox latency workers`; none means all. PostgreSQL takes part under `scripts/postgres run`, and
//! `inbox` needs `--all-features`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

mod commit;
mod fsync;
mod idle;
#[cfg(feature = "axum")]
mod inbox;
mod load;
mod loops;
mod neighbours;
mod pending;
mod receiver;
mod report;
mod system;
#[cfg(feature = "postgres")]
mod workers;

use receiver::Receiver;
use report::Report;
use system::number;

fn main() {
    if std::env::var_os("HOOKSEAL_BENCH_RECEIVER").is_some() {
        return receiver::run();
    }
    #[cfg(feature = "postgres")]
    if let Ok(url) = std::env::var("HOOKSEAL_BENCH_WORKER") {
        return workers::run(&url);
    }
    if let Ok(what) = std::env::var("HOOKSEAL_BENCH_CHILD") {
        return fsync::run(&what);
    }
    // Cargo adds options such as `--bench`.
    let rows: Vec<_> = std::env::args().skip(1).filter(|row| !row.starts_with('-')).collect();
    let wanted = |row: &str| rows.is_empty() || rows.iter().any(|wanted| wanted == row);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let receiver = Receiver::start();
    let mut report = Report::default();
    println!("load average: {}", system::load_average());
    if wanted("durable") {
        runtime.block_on(load::row(&receiver, &mut report));
    }
    if wanted("loops") {
        runtime.block_on(loops::row(&receiver, &mut report));
    }
    if wanted("neighbours") {
        runtime.block_on(neighbours::row(&receiver, &mut report));
    }
    if wanted("fsync") {
        fsync::row(&receiver, &mut report);
    }
    if wanted("latency") {
        fsync::latency(&receiver, &mut report);
    }
    if wanted("idle") {
        runtime.block_on(idle::row(&mut report));
    }
    #[cfg(feature = "axum")]
    if wanted("inbox") {
        runtime.block_on(inbox::row(&mut report));
    }
    if wanted("commit") {
        commit::row(&mut report);
    }
    if wanted("pending") {
        pending::row(&mut report);
    }
    #[cfg(feature = "postgres")]
    if wanted("workers") {
        runtime.block_on(workers::row(&receiver, &mut report));
    }
    println!("load average: {}", system::load_average());
    report.print();
}

/// Rounds of each comparison, besides the one that warms up.
fn rounds() -> usize {
    number("HOOKSEAL_BENCH_ROUNDS", 5)
}
