//! Instants and lengths of time: `datetime` or unix seconds, `timedelta` or seconds.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDelta, PyTuple};
use pyo3::{intern, type_hint_identifier};

use crate::error::{Error, Result};
use crate::text::number;

/// An aware `datetime` or unix seconds, within the years 1970 to 9999.
pub(crate) struct Instant(pub(crate) SystemTime);

impl<'py> FromPyObject<'_, 'py> for Instant {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.types", "Time");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let at = match object.cast::<PyDateTime>() {
            Ok(_) if object.call_method0(intern!(object.py(), "utcoffset"))?.is_none() => {
                return Err(Error::argument(
                    "This datetime has no time zone; use an aware one, such as datetime.now(timezone.utc).",
                )
                .into());
            }
            Ok(_) => object.extract().ok(),
            Err(_) => match number(&object) {
                Ok(seconds) => since_epoch(seconds),
                Err(_) => return Err(Error::unexpected("an aware datetime or unix seconds", &object).into()),
            },
        };
        at.map(Self).ok_or_else(|| {
            Error::argument("This time lies outside the years 1970 to 9999; numbers are unix seconds.").into()
        })
    }
}

/// A `timedelta` or seconds; not negative.
pub(crate) struct Seconds(pub(crate) Duration);

impl<'py> FromPyObject<'_, 'py> for Seconds {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.types", "Seconds");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let length = match object.cast::<PyDelta>() {
            Ok(_) => object.extract().ok(),
            Err(_) => match number(&object) {
                Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
                Err(_) => return Err(Error::unexpected("a timedelta or seconds", &object).into()),
            },
        };
        let length = length.map(Self);
        length.ok_or_else(|| Error::argument("A length of time is finite and not negative.").into())
    }
}

/// How far a timestamp may lie off: one length for both directions, or `(past, future)`.
pub(crate) struct Tolerance(pub(crate) hookseal::Tolerance);

impl<'py> FromPyObject<'_, 'py> for Tolerance {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.types", "Tolerance");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let Ok(pair) = object.cast::<PyTuple>() else {
            return Ok(Self(hookseal::Tolerance::both(object.extract::<Seconds>()?.0)));
        };
        let Ok((past, future)) = pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>() else {
            return Err(Error::argument("A tolerance is one length of time or (past, future).").into());
        };
        let (Seconds(past), Seconds(future)) = (past.extract()?, future.extract()?);
        Ok(Self(hookseal::Tolerance { past, future }))
    }
}

/// An instant as `datetime` in UTC.
pub(crate) fn datetime(py: Python<'_>, at: SystemTime) -> Result<Bound<'_, PyDateTime>> {
    // The conversion itself panics on instants before 1970.
    at.max(UNIX_EPOCH)
        .into_pyobject(py)
        .map_err(|cause| Error::argument("This time lies outside the years 1970 to 9999.").because(py, cause))
}

/// Unix seconds to the microsecond, which is what `datetime` holds and a `float` of today still has.
fn since_epoch(seconds: f64) -> Option<SystemTime> {
    const YEAR_10000: f64 = 253_402_300_800.0;
    if !(0.0..YEAR_10000).contains(&seconds) {
        return None;
    }
    UNIX_EPOCH.checked_add(Duration::from_micros((seconds * 1e6).round() as u64))
}
