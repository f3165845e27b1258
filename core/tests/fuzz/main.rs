//! Every parser on its corpus and on what is made from it, without a fuzzer: it runs with the tests.
//!
//! `HOOKSEAL_FUZZ_SECONDS` is how long all targets take together; `HOOKSEAL_FUZZ_SEED` makes other inputs. An input
//! that fails belongs into `tests/corpus/<target>/`, where it is tried first from then on.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod mutator;
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mutator::Mutator;
use targets::{TARGETS, Target};

#[test]
fn provider_file() {
    fuzz("provider_file");
}

#[test]
fn headers() {
    fuzz("headers");
}

#[test]
fn signature_header() {
    fuzz("signature_header");
}

#[test]
fn envelope() {
    fuzz("envelope");
}

#[test]
fn explain() {
    fuzz("explain");
}

#[test]
fn every_target_has_a_corpus() {
    for (name, _) in TARGETS {
        assert!(corpus(name).len() > 4, "tests/corpus/{name} is too small");
    }
}

fn fuzz(name: &str) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).unwrap();
    let mut inputs = corpus(name);
    inputs.iter().for_each(|input| run(name, *target, input));
    if name == "provider_file" {
        inputs.extend(files(&root().join("core/providers")));
    }
    let seed = setting("HOOKSEAL_FUZZ_SEED").unwrap_or(0x9e37_79b9_7f4a_7c15);
    let budget = Duration::from_secs(setting("HOOKSEAL_FUZZ_SECONDS").unwrap_or(5)) / TARGETS.len() as u32;
    let mut mutator = Mutator::new(seed, inputs);
    let (start, mut count) = (Instant::now(), 0_u64);
    while start.elapsed() < budget || count < 100 {
        let input = mutator.next_input();
        run(name, *target, &input);
        count += 1;
        if count.is_multiple_of(16) {
            mutator.keep(input);
        }
    }
    println!("{name}: {count} inputs in {:.1} s", start.elapsed().as_secs_f64());
}

fn run(name: &str, target: Target, input: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| target(input))).is_err() {
        panic!("{name} fails on this input: b\"{}\"", input.escape_ascii());
    }
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    files(&root().join("tests/corpus").join(name))
}

/// The files of a folder, always in the same order.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
