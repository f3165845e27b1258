//! Instants and durations are uniffi's own; the store has milliseconds since 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The instant of a record of the store.
pub(crate) fn instant(millis: i64) -> SystemTime {
    let length = Duration::from_millis(millis.unsigned_abs());
    let at = if millis < 0 { UNIX_EPOCH.checked_sub(length) } else { UNIX_EPOCH.checked_add(length) };
    at.unwrap_or(UNIX_EPOCH)
}

/// The milliseconds of an instant, for questions to the store.
pub(crate) fn millis(at: SystemTime) -> i64 {
    match at.duration_since(UNIX_EPOCH) {
        Ok(after) => whole_millis(after),
        Err(before) => -whole_millis(before.duration()),
    }
}

pub(crate) fn whole_millis(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}

pub(crate) fn from_millis(length: i64) -> Duration {
    Duration::from_millis(u64::try_from(length).unwrap_or_default())
}
