//! Bringing the write-ahead log into the file itself, beside the writer.
//!
//! SQLite would do it within a commit, which then waits for two more syncs and all the pages between them. Here a thread
//! with a connection of its own does it, which never holds up the writer. Only under a load without the shortest pause
//! does the log outrun it: then the writer itself brings in the little that is left, so that the log starts anew.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::connect;
use super::failure::Context;
use crate::error::{Code, Error, Result};

/// The thread that does it.
pub(super) struct Checkpointer {
    asked_at: Instant,
    overgrown: Arc<AtomicBool>,
    ask: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    process: u32,
}

impl Checkpointer {
    pub(super) fn start(path: &Path, patience: Duration) -> Result<Self> {
        let connection = connect::checkpointer(path, patience)?;
        // One question waits at most: more would get the same answer.
        let (ask, asked) = sync_channel(1);
        let overgrown = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&overgrown);
        let thread = std::thread::Builder::new()
            .name("hookseal-checkpoint".to_owned())
            .spawn(move || work(&connection, &asked, &flag))
            .map_err(|error| {
                Error::new(Code::StoreUnavailable, format!("No thread could be started: {error}."))
            })?;
        Ok(Self {
            asked_at: Instant::now(),
            overgrown,
            ask: Some(ask),
            thread: Some(thread),
            process: std::process::id(),
        })
    }

    /// The writer has committed. True if it has to bring the log in itself.
    pub(super) fn committed(&mut self) -> bool {
        if self.asked_at.elapsed() >= BETWEEN_LOOKS {
            self.asked_at = Instant::now();
            if let Some(ask) = &self.ask {
                let _ = ask.try_send(());
            }
        }
        self.overgrown.swap(false, Ordering::AcqRel)
    }
}

impl Drop for Checkpointer {
    /// Ends the thread and waits for it, so that its connection is closed; a process that was forked has none.
    fn drop(&mut self) {
        self.ask = None;
        if let Some(thread) = self.thread.take().filter(|_| self.process == std::process::id()) {
            let _ = thread.join();
        }
    }
}

fn work(connection: &Connection, asked: &Receiver<()>, overgrown: &AtomicBool) {
    while asked.recv().is_ok() {
        // An error is the writer's to find; without checkpoints the log only grows.
        let Ok((log, done)) = state(connection, "PRAGMA wal_checkpoint(NOOP)") else { continue };
        if log - done < WORTHWHILE {
            continue;
        }
        if let Ok((log, done)) = state(connection, "PRAGMA wal_checkpoint(PASSIVE)")
            && log > LONGEST
            && log > done
        {
            overgrown.store(true, Ordering::Release);
        }
    }
}

/// The pages in the log, and how many of them are in the file already.
pub(super) fn state(connection: &Connection, sql: &str) -> Result<(i64, i64)> {
    connection.query_row(sql, [], |row| Ok((row.get(1)?, row.get(2)?))).context("bring the store's log in")
}

const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// In pages of 8 KiB.
const WORTHWHILE: i64 = 2000;
/// Shorter than what the file of the log may keep, so that its room on the disk is used again instead of being given back.
const LONGEST: i64 = 6000;
