//! `cargo +nightly fuzz run headers tests/corpus/headers` in the root of the repository.
#![no_main]

#[path = "../../core/tests/fuzz/targets.rs"]
#[allow(dead_code, missing_docs)]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::headers(data));
