//! What a sender with nothing to do costs.

use std::collections::HashMap;
use std::ffi::OsString;
use std::time::Duration;

use hookseal::sender::NewEndpoint;

use crate::load::sender;
use crate::report::Report;
use crate::system::Scratch;

pub(crate) async fn row(report: &mut Report) {
    const SPAN: Duration = Duration::from_secs(10);
    let store = Scratch::new("idle");
    let sender = sender(&store);
    sender.endpoints().create(NewEndpoint::new("https://example.com/")).await.unwrap();
    // Once it has calmed down.
    tokio::time::sleep(Duration::from_secs(13)).await;
    let before = threads();
    tokio::time::sleep(SPAN).await;
    // Threads that ended meanwhile were idle.
    let used: u64 = threads().iter().map(|(name, used)| used - before.get(name).copied().unwrap_or(0)).sum();
    sender.close().await.unwrap();
    report.at_most("an idle sender, % of a core", used as f64 / SPAN.as_nanos() as f64 * 100.0, 0.1);
}

/// What each thread of this process has used in nanoseconds.
fn threads() -> HashMap<OsString, u64> {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return HashMap::new() };
    let of = |task: std::fs::DirEntry| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        Some((task.file_name(), text.split(' ').next()?.parse().ok()?))
    };
    tasks.filter_map(|task| of(task.ok()?)).collect()
}
