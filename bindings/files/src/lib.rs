//! Opens a sender's store inside somebody else's process.
//!
//! POSIX locks belong to a process, not to whoever took them, and end when any file descriptor of that file is
//! closed. SQLite makes the best of that with one list of open files for the whole process. Two things break it:
//!
//! * **Another SQLite in the process**, such as that of Python's `sqlite3`, of `node:sqlite` or of `better-sqlite3`,
//!   on the same file. Each sees the other's locks as its own: the one that closes first deletes the write-ahead log
//!   under the other, with all that was sent since. So on Linux our locks are those of open files ([`locks`]), which
//!   conflict also within a process, and which nobody else can end; and a descriptor whose closing would end the
//!   other's locks is kept for later ([`parked`]).
//! * **`fork`**, where the child goes on as its parent's copy ([`fork`]).
//!
//! SQLite lets its system calls be replaced, and [`calls`] does that, for our SQLite alone.

// Where pointers are shorter, the types of libc and those that SQLite was compiled with differ.
#[cfg(all(unix, target_pointer_width = "64"))]
mod calls;
#[cfg(all(unix, target_pointer_width = "64"))]
mod fork;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod locks;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod parked;

use hookseal::inbox::{Inbox, InboxOptions};
use hookseal::sender::{Sender, SenderOptions};
use hookseal::{Deduplicator, DeduplicatorOptions, Result, Webhook};

/// Opens a sender in a process that may have another SQLite.
///
/// # Errors
/// As [`Sender::open`].
pub fn open(url: &str, options: SenderOptions) -> Result<Sender> {
    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    if url.starts_with("sqlite:") {
        calls::replace();
    }
    Sender::open(url, options)
}

/// The same in a process that may also `fork` without starting another program. Each child opens the store anew,
/// by this function too. With a database that is enough: its copies of the parent's connections are not used.
///
/// # Errors
/// As [`Sender::open`].
pub fn open_forkable(url: &str, options: SenderOptions) -> Result<Sender> {
    #[cfg(all(unix, target_pointer_width = "64"))]
    if let Some(file) = url.strip_prefix("sqlite:") {
        calls::replace();
        fork::prepare();
        let sender = Sender::open(url, options)?;
        fork::opened(file.as_ref());
        return Ok(sender);
    }
    Sender::open(url, options)
}

/// As [`open`], a deduplicator.
///
/// # Errors
/// As [`Deduplicator::open`].
pub fn open_deduplicator(url: &str, options: DeduplicatorOptions) -> Result<Deduplicator> {
    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    if url.starts_with("sqlite:") {
        calls::replace();
    }
    Deduplicator::open(url, options)
}

/// As [`open_forkable`], a deduplicator.
///
/// # Errors
/// As [`Deduplicator::open`].
pub fn open_forkable_deduplicator(url: &str, options: DeduplicatorOptions) -> Result<Deduplicator> {
    #[cfg(all(unix, target_pointer_width = "64"))]
    if url.starts_with("sqlite:") {
        calls::replace();
        fork::prepare();
    }
    Deduplicator::open(url, options)
}

/// As [`open`], an inbox.
///
/// # Errors
/// As [`Inbox::open`].
pub fn open_inbox(url: &str, webhook: Webhook, options: InboxOptions) -> Result<Inbox> {
    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    if url.starts_with("sqlite:") {
        calls::replace();
    }
    Inbox::open(url, webhook, options)
}

/// As [`open_forkable`], an inbox.
///
/// # Errors
/// As [`Inbox::open`].
pub fn open_forkable_inbox(url: &str, webhook: Webhook, options: InboxOptions) -> Result<Inbox> {
    #[cfg(all(unix, target_pointer_width = "64"))]
    if let Some(file) = url.strip_prefix("sqlite:") {
        calls::replace();
        fork::prepare();
        let inbox = Inbox::open(url, webhook, options)?;
        fork::opened(file.as_ref());
        return Ok(inbox);
    }
    Inbox::open(url, webhook, options)
}
