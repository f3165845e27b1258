//! A disk whose every sync takes 4 ms longer: a library in front of the system's, built here with `cc`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::load::{durable, events};
use crate::receiver::Receiver;
use crate::report::Report;
use crate::rounds;
use crate::system::median;

const SENDERS: usize = 1024;

pub(crate) fn row(receiver: &Receiver, report: &mut Report) {
    let Some(library) = library() else {
        return report.skipped("a disk that is 4 ms slower", "needs Linux and cc");
    };
    println!("{} events of 1 KiB by {SENDERS} tasks, in a process of their own: durable/s", events());
    println!("{:<8}{:>12}{:>12}{:>8}", "round", "as it is", "+ 4 ms", "ratio");
    let mut ratios = Vec::new();
    for round in 0..=rounds().min(3) {
        let usual = rate(receiver, None);
        let slow = rate(receiver, Some(&library));
        println!("{round:<8}{usual:>12.0}{slow:>12.0}{:>8.2}", slow / usual);
        if round > 0 {
            ratios.push(slow / usual);
        }
    }
    report.at_least("a disk that is 4 ms slower / as it is, 1024 senders: rate", median(&ratios), 0.75);
}

/// What the process does that [`rate`] starts.
pub(crate) fn child() {
    let url = std::env::var("HOOKSEAL_BENCH_DURABLE").unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!("{}", runtime.block_on(durable(&url, events(), SENDERS)).run.rate);
}

fn rate(receiver: &Receiver, library: Option<&Path>) -> f64 {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env("HOOKSEAL_BENCH_DURABLE", receiver.url());
    if let Some(library) = library {
        command.env("LD_PRELOAD", library);
    }
    String::from_utf8(command.output().unwrap().stdout).unwrap().trim().parse().unwrap()
}

fn library() -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("slow_fsync.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/sender/slow_fsync.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).args([&library, &source]).status();
    built.is_ok_and(|status| status.success()).then_some(library)
}
