//! Instants are milliseconds since 1970 and durations seconds, as JavaScript has them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::{Result, invalid_argument};

/// The instant, to the microsecond: beyond it a double only has noise.
pub(crate) fn instant(millis: f64) -> Result<SystemTime> {
    let micros = (millis * 1e3).round();
    let since = (0.0..1e18).contains(&micros).then(|| Duration::from_micros(micros as u64));
    let at = since.and_then(|since| UNIX_EPOCH.checked_add(since));
    at.ok_or_else(|| invalid_argument(format!("{millis} ms is no instant.")))
}

pub(crate) fn optional_instant(millis: Option<f64>) -> Result<Option<SystemTime>> {
    millis.map(instant).transpose()
}

pub(crate) fn millis(at: SystemTime) -> f64 {
    match at.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_secs_f64() * 1e3,
        Err(before) => before.duration().as_secs_f64() * -1e3,
    }
}

pub(crate) fn duration(seconds: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(seconds).map_err(|_| invalid_argument(format!("{seconds} s is no duration.")))
}
