//! The key by which events wait for each other, which Python finds.

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::error::{Error, Result};
use crate::event::Event;
use crate::text::Text;

/// What `callable` says of this event.
pub(super) fn key_of(py: Python<'_>, callable: &Py<PyAny>, event: Event) -> Result<Option<String>> {
    let key = callable.call1(py, (event,))?.into_bound(py);
    match key.cast::<PyString>() {
        Ok(_) => Ok(Some(key.extract::<Text>()?.as_str().to_owned())),
        Err(_) if key.is_none() => Ok(None),
        Err(_) => Err(Error::unexpected("a str or None from order_by", &key)),
    }
}
