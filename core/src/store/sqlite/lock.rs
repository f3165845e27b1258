//! The right to dispatch: a lock of the operating system on a file beside the store, which it frees at once when
//! the holder dies, however it dies.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::{Code, Error, Result};

pub(super) struct DispatchLock {
    path: PathBuf,
    held: Option<File>,
}

impl DispatchLock {
    pub(super) fn beside(database: &Path) -> Self {
        let mut path = OsString::from(database);
        path.push("-dispatch");
        Self { path: path.into(), held: None }
    }

    /// Whether it was free and is held now.
    pub(super) fn take(&mut self) -> Result<bool> {
        if self.held.is_some() {
            return Ok(false);
        }
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&self.path);
        let file = file.map_err(|error| unusable(&error))?;
        match file.try_lock() {
            Ok(()) => {
                self.held = Some(file);
                Ok(true)
            }
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(unusable(&error)),
        }
    }

    /// Frees it. Closing the file does; a copy of it that a fork left in a child keeps it until the child ends.
    pub(super) fn free(&mut self) {
        if let Some(file) = self.held.take() {
            // It is freed with the file in any case; this frees it also from copies in children.
            let _ = file.unlock();
        }
    }
}

fn unusable(error: &std::io::Error) -> Error {
    let code = match error.kind() {
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => Code::StoreReadOnly,
        std::io::ErrorKind::StorageFull => Code::StoreFull,
        _ => Code::StoreUnavailable,
    };
    Error::new(code, format!("Could not lock the store for dispatching: {error}."))
}
