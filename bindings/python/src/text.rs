//! Plain arguments: text, whole numbers and switches, refused with our own error instead of `TypeError`.

use pyo3::PyTypeInfo;
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBool, PyInt, PyString};

use crate::error::Error;

/// A `str`.
pub(crate) struct Text(PyBackedStr);

impl Text {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'py> FromPyObject<'_, 'py> for Text {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = PyString::TYPE_HINT;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let Ok(text) = object.cast::<PyString>() else {
            return Err(Error::unexpected("str", &object).into());
        };
        match PyBackedStr::try_from(text.to_owned()) {
            Ok(text) => Ok(Self(text)),
            Err(cause) => Err(Error::argument(LONE_SURROGATE).because(object.py(), cause).into()),
        }
    }
}

/// An `int` from 0 to `u32::MAX`.
pub(crate) struct Count(pub(crate) u32);

impl<'py> FromPyObject<'_, 'py> for Count {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = PyInt::TYPE_HINT;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if !object.is_instance_of::<PyInt>() || object.is_instance_of::<PyBool>() {
            return Err(Error::unexpected("int", &object).into());
        }
        let count = object.extract();
        count.map(Self).map_err(|cause| {
            Error::argument("Expected a whole number from 0 to 4294967295.")
                .because(object.py(), cause)
                .into()
        })
    }
}

/// A `float` or `int`, finite or not. A plain function, for `from_py_with`, so that signatures show defaults.
pub(crate) fn number(object: &Bound<'_, PyAny>) -> PyResult<f64> {
    let refused = || Error::unexpected("a number", object);
    if object.is_instance_of::<PyBool>() {
        return Err(refused().into());
    }
    object.extract().map_err(|cause| refused().because(object.py(), cause).into())
}

/// `True` or `False`; nothing else stands for them, because a switch here opens the network.
pub(crate) fn switch(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    match object.cast::<PyBool>() {
        Ok(switch) => Ok(switch.is_true()),
        Err(_) => Err(Error::unexpected("True or False", object).into()),
    }
}

/// `True`, `False` or nothing.
pub(crate) fn maybe_switch(object: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
    if object.is_none() { Ok(None) } else { switch(object).map(Some) }
}

/// What is wrong with a `str` that has no UTF-8 form.
pub(crate) const LONE_SURROGATE: &str =
    "This str holds a lone surrogate and has no UTF-8 form; pass the bytes as they came instead.";
