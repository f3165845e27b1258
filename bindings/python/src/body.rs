//! The raw body of a request, in whatever type a framework has it.

use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyList, PyMemoryView, PyString};
use pyo3::{intern, type_hint_identifier};

use crate::error::{Error, TypeName};
use crate::text::LONE_SURROGATE;

/// `bytes` and `str` are read where they are and kept alive; `bytearray` and `memoryview`, which may change
/// under us, are copied once.
pub(crate) enum Body {
    Bytes(PyBackedBytes),
    Text(PyBackedStr),
}

impl Body {
    /// The body as `bytes`: the same object where it came as one.
    pub(crate) fn to_py(&self, py: Python<'_>) -> Py<PyBytes> {
        match self {
            Self::Bytes(bytes) => match bytes.into_pyobject(py) {
                Ok(bytes) => bytes.unbind(),
                Err(never) => match never {},
            },
            Self::Text(text) => PyBytes::new(py, text.as_bytes()).unbind(),
        }
    }
}

impl From<Bound<'_, PyBytes>> for Body {
    fn from(bytes: Bound<'_, PyBytes>) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Text(text) => text.as_bytes(),
        }
    }
}

impl<'py> FromPyObject<'_, 'py> for Body {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.types", "Body");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = object.cast::<PyBytes>() {
            return Ok(Self::Bytes(PyBackedBytes::from(bytes.to_owned())));
        }
        if let Ok(text) = object.cast::<PyString>() {
            return match PyBackedStr::try_from(text.to_owned()) {
                Ok(text) => Ok(Self::Text(text)),
                Err(cause) => Err(Error::argument(LONE_SURROGATE).because(object.py(), cause).into()),
            };
        }
        match bytes_like(object)? {
            Some(bytes) => Ok(Self::Bytes(bytes)),
            None => Err(not_a_body(object).into()),
        }
    }
}

/// The bytes of a `bytes`, `bytearray` or `memoryview`; nothing for other types.
pub(crate) fn bytes_like(object: Borrowed<'_, '_, PyAny>) -> PyResult<Option<PyBackedBytes>> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(Some(PyBackedBytes::from(bytes.to_owned())));
    }
    if !object.is_instance_of::<PyByteArray>() && !object.is_instance_of::<PyMemoryView>() {
        return Ok(None);
    }
    // The buffer protocol itself is not in the stable ABI of Python 3.10.
    let copy = object.py().get_type::<PyBytes>().call1((object,));
    let copy = copy.and_then(|copy| Ok(PyBackedBytes::from(copy.cast_into::<PyBytes>()?)));
    copy.map(Some).map_err(|cause| {
        Error::argument("The bytes of this object cannot be read.").because(object.py(), cause).into()
    })
}

fn not_a_body(object: Borrowed<'_, '_, PyAny>) -> Error {
    let got = TypeName(&object);
    let hint = if object.is_instance_of::<PyDict>() || object.is_instance_of::<PyList>() {
        "pass the raw request body, not the parsed JSON: what was signed are the bytes as they came."
    } else if object.hasattr(intern!(object.py(), "__await__")).unwrap_or(false) {
        "await it first."
    } else if object.is_callable() {
        "call it first."
    } else {
        "pass the raw request body."
    };
    Error::argument(format!("The body is bytes or str, not {got}; {hint}"))
}
