//! JSON in and out.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use serde_json::value::RawValue;

use hookseal::Code;

use crate::error::{Error, Result};
use crate::json_reader;

/// The value of a JSON text that the core has checked. Raises `VerificationError` (`invalid_payload`) for what
/// Python will not hold all the same, such as a number of thousands of digits.
pub(crate) fn load(py: Python<'_>, json: &[u8]) -> Result<Py<PyAny>> {
    let text = std::str::from_utf8(json).expect("the core checked that it is JSON");
    match json_reader::read(py, text) {
        Ok(value) => Ok(value.unbind()),
        Err(cause) => {
            let error = hookseal::Error::new(
                Code::InvalidPayload,
                "The JSON of this event holds what Python cannot.",
            );
            Err(Error::from(error).because(py, cause))
        }
    }
}

/// The JSON text of a value. Raises `ConfigError` (`invalid_argument`) for what has none.
pub(crate) fn dump(value: &Bound<'_, PyAny>) -> Result<Box<RawValue>> {
    let py = value.py();
    let text = dumps(value).map_err(|cause| {
        Error::argument("This data has no JSON form; pass what json.dumps takes.").because(py, cause)
    })?;
    RawValue::from_string(text).map_err(|_| Error::argument("This data has no JSON form."))
}

fn dumps(value: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = value.py();
    let options = PyDict::new(py);
    options.set_item(intern!(py, "allow_nan"), false)?;
    options.set_item(intern!(py, "ensure_ascii"), false)?;
    options.set_item(intern!(py, "separators"), (",", ":"))?;
    let text = py.import(intern!(py, "json"))?.call_method(intern!(py, "dumps"), (value,), Some(&options))?;
    Ok(text.cast_into::<PyString>()?.to_str()?.to_owned())
}
