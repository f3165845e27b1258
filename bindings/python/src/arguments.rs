//! What the calls of sender and inbox have in common: ids, patterns, times as the stores keep them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyString};
use pyo3::{PyTypeInfo, type_hint_identifier};

use crate::error::Error;
use crate::text::{Text, number};

/// An id that the store gave.
pub(crate) struct Id(pub(crate) i64);

impl<'py> FromPyObject<'_, 'py> for Id {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = PyInt::TYPE_HINT;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if !object.is_instance_of::<PyInt>() || object.is_instance_of::<PyBool>() {
            return Err(Error::unexpected("an id, which is an int", &object).into());
        }
        let id = object.extract();
        id.map(Self)
            .map_err(|cause| Error::argument("No id is that large.").because(object.py(), cause).into())
    }
}

/// Patterns of event types: one, or several.
pub(crate) struct Patterns(pub(crate) Vec<String>);

impl<'py> FromPyObject<'_, 'py> for Patterns {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.sender_types", "Patterns");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyString>() {
            return Ok(Self(vec![text(&object)?]));
        }
        let Ok(items) = object.try_iter() else {
            return Err(Error::unexpected("a list of event types, such as [\"invoice.*\"]", &object).into());
        };
        items.map(|item| text(&item?)).collect::<PyResult<_>>().map(Self)
    }
}

/// Owned text.
pub(crate) fn text(object: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(object.extract::<Text>()?.as_str().to_owned())
}

/// A number or nothing.
pub(crate) fn maybe_number(object: &Bound<'_, PyAny>) -> PyResult<Option<f64>> {
    if object.is_none() { Ok(None) } else { number(object).map(Some) }
}

/// Owned text of an argument that may be left out.
pub(crate) fn owned(text: Option<Text>) -> Option<String> {
    text.map(|text| text.as_str().to_owned())
}

/// Milliseconds since 1970 as an instant that `datetime` can hold.
pub(crate) fn instant(at: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(at.clamp(0, LAST).unsigned_abs())
}

/// An instant as milliseconds since 1970.
pub(crate) fn millis(at: SystemTime) -> i64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Milliseconds as a length of time.
pub(crate) fn length(millis: i64) -> Duration {
    Duration::from_millis(millis.max(0).unsigned_abs())
}

/// The end of the year 9999.
const LAST: i64 = 253_402_300_799_999;
