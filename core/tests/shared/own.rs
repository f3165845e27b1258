//! A server that these tests may stop and start.
#![allow(dead_code, reason = "no suite uses all of it")]

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Removed with all that is in it when this is dropped.
pub(crate) struct Own {
    folder: PathBuf,
    url: String,
}

impl Own {
    pub(crate) fn start() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("hookseal-postgres-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let output = script(&["start", folder.to_str().unwrap()]).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "a server cannot be started");
        Self { folder, url: String::from_utf8(output.stdout).unwrap().trim().to_owned() }
    }

    /// The url of a store in it, with a lease of so many seconds.
    pub(crate) fn store(&self, lease: u32) -> String {
        format!("{}?hookseal_lease={lease}", self.url)
    }

    /// Ends the server: `fast` or `immediate`.
    pub(crate) fn down(&self, mode: &str) {
        self.run(&["down", self.folder.to_str().unwrap(), mode]);
    }

    pub(crate) fn up(&self) {
        self.run(&["up", self.folder.to_str().unwrap()]);
    }

    pub(crate) fn sql(&self, text: &str) -> Vec<String> {
        crate::server::try_sql(&self.url, text).unwrap()
    }

    fn run(&self, arguments: &[&str]) {
        assert!(script(arguments).status().unwrap().success(), "{arguments:?}");
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = script(&["stop", self.folder.to_str().unwrap()]).status();
    }
}

fn script(arguments: &[&str]) -> Command {
    let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/postgres"));
    command.args(arguments);
    command
}
