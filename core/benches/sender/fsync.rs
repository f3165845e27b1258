//! A disk whose every sync takes 4 ms longer: a library in front of the system's, built here with `cc`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::load::{durable, events, latency_at_pace, syncs};
use crate::receiver::Receiver;
use crate::report::Report;
use crate::rounds;
use crate::system::{median, number};

fn senders() -> usize {
    number("HOOKSEAL_BENCH_SENDERS", 1024)
}

pub(crate) fn row(receiver: &Receiver, report: &mut Report) {
    let Some(library) = library() else {
        return report.skipped("a disk that is 4 ms slower", "needs Linux and cc");
    };
    println!("{} events of 1 KiB by {} tasks, in a process of their own: durable/s", events(), senders());
    println!("{:<8}{:>12}{:>12}{:>8}{:>22}", "round", "as it is", "+ 4 ms", "ratio", "a sync, ms");
    let mut ratios = Vec::new();
    for round in 0..=rounds().min(3) {
        let usual = child(receiver, "rate", None);
        let slow = child(receiver, "rate", Some(&library));
        // Or else the library was not used.
        assert!(slow[1] >= 0.004, "a sync took less than four milliseconds");
        let ratio = slow[0] / usual[0];
        let sync = (usual[1] * 1000.0, slow[1] * 1000.0);
        println!("{round:<8}{:>12.0}{:>12.0}{ratio:>8.2}{:>11.2}{:>11.2}", usual[0], slow[0], sync.0, sync.1);
        if round > 0 {
            ratios.push(ratio);
        }
    }
    report.at_least("a disk that is 4 ms slower / as it is, 1024 senders: rate", median(&ratios), 0.75);
}

/// How long `send` takes at a steady pace, in units of a sync of the same disk: as it is, and 4 ms slower.
pub(crate) fn latency(receiver: &Receiver, report: &mut Report) {
    println!("one send every 2 ms for 5 s; a sync is an append of 4 KiB and fdatasync; in milliseconds");
    println!("the least is a thread that appends what waits to a file, syncs, and answers");
    let library = library();
    let disks = [("the disk as it is", None), ("a disk that is 4 ms slower", library.as_deref())];
    for (disk, library) in disks.into_iter().take(1 + usize::from(library.is_some())) {
        println!(
            "{disk}\n{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}",
            "sync p50", "sync p99", "least p50", "least p99", "send p50", "send p99", "p99"
        );
        let (mut halves, mut least, mut most) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds().min(3) {
            let times = child(receiver, "latency", library);
            let [unit, _, _, floor, half, late] = times[..] else { unreachable!("six figures") };
            times.iter().for_each(|seconds| print!("{:>10.2}", seconds * 1000.0));
            println!("{:>10.2}", late / unit);
            halves.push(half / unit);
            least.push(floor / unit);
            most.push(late / unit);
        }
        report.figure(&format!("the least at 500/s, p99, in median syncs of {disk}"), median(&least));
        report.at_most(format!("send at 500/s, p50, in median syncs of {disk}"), median(&halves), 3.0);
        report.at_most(format!("send at 500/s, p99, in median syncs of {disk}"), median(&most), 3.0);
    }
}

/// What the process does that [`child`] starts.
pub(crate) fn run(what: &str) {
    let url = std::env::var("HOOKSEAL_BENCH_URL").unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let figures = if what == "rate" {
        let durable = runtime.block_on(durable(&url, events(), senders()));
        vec![durable.run.rate, median(&syncs())]
    } else {
        runtime.block_on(latency_at_pace(&url)).to_vec()
    };
    println!("{}", figures.iter().map(f64::to_string).collect::<Vec<_>>().join(" "));
}

/// Figures from a process of its own, with that library in front of the system's.
fn child(receiver: &Receiver, what: &str, library: Option<&Path>) -> Vec<f64> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env("HOOKSEAL_BENCH_CHILD", what).env("HOOKSEAL_BENCH_URL", receiver.url());
    if let Some(library) = library {
        command.env("LD_PRELOAD", library);
    }
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    text.split_whitespace().map(|figure| figure.parse().unwrap()).collect()
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
