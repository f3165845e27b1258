//! `cargo +nightly fuzz run signature_header tests/corpus/signature_header` in the root of the repository.
#![no_main]

#[path = "../../core/tests/fuzz/targets.rs"]
#[allow(dead_code, missing_docs)]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::signature_header(data));
