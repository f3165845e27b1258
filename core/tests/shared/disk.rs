//! A disk that is really full: a small one in memory, mounted for a process of its own, which is this test's own binary.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hookseal::Code;
use hookseal::store::SqliteStore;
use rusqlite::Connection;

use crate::{Directory, Place};

/// Runs a test of this binary in a process that sees a disk of 24 MiB at `HOOKSEAL_DISK`.
pub(crate) fn on_a_small_disk(test: &str) {
    const MOUNT: &str = r#"mount -t tmpfs -o size=24m tmpfs "$1" && shift && exec "$@""#;
    let directory = Directory::new();
    // As root, and as anybody where users may have namespaces of their own.
    let flags = ["-m", "-rm"];
    let unshare = |flags: &str| {
        let mut command = Command::new("unshare");
        command.args([flags, "sh", "-c", MOUNT, "sh"]).arg(&directory.0);
        command
    };
    let works =
        |flags: &&&str| unshare(flags).arg("true").stderr(Stdio::null()).status().is_ok_and(|s| s.success());
    let Some(flags) = flags.iter().find(works) else {
        println!("skipped: nothing can be mounted here, neither as root nor in a namespace");
        return;
    };
    let mut command = unshare(flags);
    command.arg(std::env::current_exe().unwrap()).args([test, "--exact", "--nocapture", "--test-threads=1"]);
    let status = command.env("HOOKSEAL_DISK", &directory.0).status().unwrap();
    assert!(status.success(), "{test}: {status}");
}

/// The small disk, and a store on it.
pub(crate) struct Disk {
    pub(crate) path: PathBuf,
    pub(crate) place: Place,
}

impl Disk {
    /// The disk of this process, if it was started to have one.
    pub(crate) fn here() -> Option<Self> {
        let path = PathBuf::from(std::env::var_os("HOOKSEAL_DISK")?);
        let place = Place::at(format!("sqlite:{}", path.join("hooks.db").display()));
        Some(Self { path, place })
    }

    /// Takes so many MiB.
    pub(crate) fn ballast(&self, size: usize) -> Ballast {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let path = self.path.join(format!("ballast-{}", NEXT.fetch_add(1, Ordering::SeqCst)));
        fill_file(&path, size << 20);
        Ballast(path)
    }

    /// Takes all that is left.
    pub(crate) fn rest(&self) -> Ballast {
        let path = self.path.join("rest");
        fill_file(&path, usize::MAX);
        Ballast(path)
    }

    pub(crate) fn opens_or_is_full(&self) {
        if let Err(error) = SqliteStore::open(self.place.path()) {
            assert_eq!(error.code(), Code::StoreFull, "{error}");
        }
    }

    /// Nothing in the file is damaged.
    pub(crate) fn check(&self) {
        let file = Connection::open(self.place.path()).unwrap();
        let check: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
    }
}

/// A file that is in the way until it is dropped.
pub(crate) struct Ballast(PathBuf);

impl Drop for Ballast {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

pub(crate) fn fill_file(path: &Path, size: usize) {
    let mut file = File::create(path).unwrap();
    let begun = Instant::now();
    let mut left = size;
    while left > 0 && begun.elapsed() < Duration::from_secs(30) {
        match file.write(&[0; 4096]) {
            Ok(written) => left = left.saturating_sub(written),
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::StorageFull, "{error}");
                return;
            }
        }
    }
}
