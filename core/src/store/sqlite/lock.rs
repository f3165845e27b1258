//! The right to dispatch: a lock of the operating system on a file beside the store, which it frees at once when
//! the holder dies, however it dies.
//!
//! The file is closed when the right is given back, or its holder dies, and at no other time: those who wait for the
//! right listen for that. So who was refused keeps the file open, to ask again.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::{Code, Error, Result};

pub(super) struct DispatchLock {
    path: PathBuf,
    file: Option<File>,
    held: bool,
}

/// Where the lock of this database is.
pub(super) fn beside(database: &Path) -> PathBuf {
    let mut path = OsString::from(database);
    path.push("-dispatch");
    path.into()
}

impl DispatchLock {
    pub(super) fn beside(database: &Path) -> Self {
        Self { path: beside(database), file: None, held: false }
    }

    /// Whether it was free and is held now.
    pub(super) fn take(&mut self) -> Result<bool> {
        if self.held {
            return Ok(false);
        }
        let file = match self.file.take().filter(|file| is_at(file, &self.path)) {
            Some(file) => file,
            None => {
                let file = OpenOptions::new().create(true).truncate(false).write(true).open(&self.path);
                file.map_err(|error| unusable(&error))?
            }
        };
        match self.file.insert(file).try_lock() {
            Ok(()) => {
                self.held = true;
                Ok(true)
            }
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(unusable(&error)),
        }
    }

    /// Frees it, and closes the file.
    pub(super) fn free(&mut self) {
        if let Some(file) = self.file.take()
            && std::mem::take(&mut self.held)
        {
            // It is freed with the file in any case; this frees it also from copies that a fork left in children.
            let _ = file.unlock();
            // Those copies keep the file open, so that nobody would hear of it.
            let _ = File::open(&self.path);
        }
    }
}

/// Whether the file is still the one at this path, and not one that somebody removed.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let place = |data: std::fs::Metadata| (data.dev(), data.ino());
    match (file.metadata(), path.metadata()) {
        (Ok(ours), Ok(there)) => place(ours) == place(there),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

fn unusable(error: &std::io::Error) -> Error {
    let code = match error.kind() {
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => Code::StoreReadOnly,
        std::io::ErrorKind::StorageFull => Code::StoreFull,
        _ => Code::StoreUnavailable,
    };
    Error::new(code, format!("Could not lock the store for dispatching: {error}."))
}
