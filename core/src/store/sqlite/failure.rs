//! SQLite's errors as ours: one clear code for each way in which a file can be unusable.

use rusqlite::ErrorCode;

use crate::error::{Code, Error, Result};

/// Says what was being done when SQLite failed.
pub(crate) trait Context<T> {
    fn context(self, doing: &str) -> Result<T>;
}

impl<T> Context<T> for rusqlite::Result<T> {
    fn context(self, doing: &str) -> Result<T> {
        self.map_err(|error| store(&error, doing))
    }
}

/// Within writes and reads, where there is nothing to add.
pub(super) trait Plain<T> {
    fn plain(self) -> Result<T>;
}

impl<T> Plain<T> for rusqlite::Result<T> {
    fn plain(self) -> Result<T> {
        self.map_err(|error| store(&error, "use the store"))
    }
}

pub(super) fn store(error: &rusqlite::Error, doing: &str) -> Error {
    let code = code(error);
    let advice = match code {
        Code::StoreLocked => "Another program holds the file locked: keep its transactions short.",
        Code::StoreReadOnly => "The file, its directory or the disk cannot be written.",
        Code::StoreFull => "The disk, or the quota, is full.",
        Code::StoreCorrupt => "The file is damaged: restore it from a backup.",
        Code::StoreSchema => "The file is no store of Hookseal's.",
        _ => "Is the path right, and its directory there?",
    };
    Error::new(code, format!("Could not {doing}: {error}. {advice}"))
}

fn code(error: &rusqlite::Error) -> Code {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
            Code::StoreLocked
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Code::StoreReadOnly,
        Some(ErrorCode::DiskFull | ErrorCode::TooBig) => Code::StoreFull,
        // There is no room for the index of the log.
        Some(_) if extended(error) == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE) => Code::StoreFull,
        Some(ErrorCode::DatabaseCorrupt) => Code::StoreCorrupt,
        Some(ErrorCode::NotADatabase | ErrorCode::SchemaChanged) => Code::StoreSchema,
        // A column that does not hold what we wrote there was changed by somebody else.
        None if matches!(
            error,
            rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
        ) =>
        {
            Code::StoreCorrupt
        }
        _ => Code::StoreUnavailable,
    }
}

fn extended(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_be_unusable_has_its_code() {
        for (sqlite, ours) in [
            (5, Code::StoreLocked),
            (6, Code::StoreLocked),
            (8, Code::StoreReadOnly),
            (10, Code::StoreUnavailable),
            (11, Code::StoreCorrupt),
            (13, Code::StoreFull),
            (14, Code::StoreUnavailable),
            (rusqlite::ffi::SQLITE_IOERR_SHMSIZE, Code::StoreFull),
            (26, Code::StoreSchema),
        ] {
            let cause = rusqlite::ffi::Error::new(sqlite);
            let error = store(&rusqlite::Error::SqliteFailure(cause, None), "open the store");
            assert_eq!(error.code(), ours, "{sqlite}");
            assert!(error.message().starts_with("Could not open the store: "), "{error}");
        }
    }
}
