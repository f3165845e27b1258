//! The same load from loops in Node and Python that sign and post, and keep nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::load::{durable, events};
use crate::receiver::Receiver;
use crate::report::Report;
use crate::rounds;
use crate::system::median;

const SENDERS: usize = 256;

pub(crate) async fn row(receiver: &Receiver, report: &mut Report) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let loops = [
        ("node", PathBuf::from("node"), root.join("node/bench/loop.mjs"), 1.5),
        ("python", root.join(".venv/bin/python"), root.join("python/bench/loop.py"), 3.0),
    ];
    for (name, program, script, goal) in loops {
        let events = events();
        println!("{events} events of 1 KiB, {SENDERS} at a time: durable/s beside {name}/s");
        let mut with = String::new();
        let mut ratios = Vec::new();
        for round in 0..=rounds().min(3) {
            let Some((client, theirs)) = theirs(&program, &script, receiver, events) else { break };
            let ours = durable(&receiver.url(), events, SENDERS).await.run.rate;
            println!("{ours:>12.0}{theirs:>12.0}{:>8.2}  {client}", ours / theirs);
            if round > 0 {
                ratios.push(ours / theirs);
            }
            with = client;
        }
        if ratios.is_empty() {
            report.skipped(&format!("durable / loop in {name}"), "not installed");
        } else {
            report.at_least(format!("durable / loop in {name} ({with}): rate"), median(&ratios), goal);
        }
    }
}

/// What the script says it used, and its requests per second.
fn theirs(program: &Path, script: &Path, receiver: &Receiver, events: usize) -> Option<(String, f64)> {
    let output = Command::new(program)
        .arg(script)
        .args([receiver.url(), events.to_string(), SENDERS.to_string()])
        .output()
        .ok()?;
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    let text = String::from_utf8(output.stdout).ok()?;
    let (client, rate) = text.trim().rsplit_once(' ')?;
    Some((client.to_owned(), rate.parse().ok()?))
}
