//! What holds of everything that is exported: a panic must be able to become an exception.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_exported_function_can_fail() {
    let mut count = 0;
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        let exported = text.split("#[uniffi::export").skip(1);
        for block in exported.map(|block| block.split("\n}\n").next().unwrap_or_default()) {
            let functions = block.lines().enumerate().filter(|(_, line)| is_function(line));
            for (nth, line) in functions {
                let rest: String = block.lines().skip(nth).collect();
                let head = rest.split(['{', ';']).next().unwrap_or_default();
                let returns = head.split_once("->").map(|(_, returns)| returns.trim_start());
                assert!(
                    returns.is_some_and(|returns| returns.starts_with("Result<")),
                    "{}: {line} returns no Result",
                    file.display()
                );
                count += 1;
            }
        }
    }
    assert!(count > 60, "only {count} functions were found");
}

fn is_function(line: &str) -> bool {
    let line = line.trim_start();
    ["pub fn ", "pub async fn ", "async fn "].iter().any(|start| line.starts_with(start))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(sources(&path)),
            false => found.push(path),
        }
    }
    found
}
