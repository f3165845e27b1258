//! `cargo +nightly fuzz run provider_file tests/corpus/provider_file` in the root of the repository.
#![no_main]

#[path = "../../core/tests/fuzz/targets.rs"]
#[allow(dead_code, missing_docs)]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::provider_file(data));
