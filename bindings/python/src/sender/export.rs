//! Where the log is exported to.

use std::fs::File;
use std::io;

use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pyo3::{intern, type_hint_identifier};

use crate::error::{Error, Result};
use crate::provider::FilePath;

/// A path, or an object with `write` that takes bytes.
pub(crate) enum Destination {
    Path(FilePath),
    File(Py<PyAny>),
}

impl Destination {
    pub(crate) fn open(self) -> Result<Box<dyn io::Write + Send>> {
        match self {
            Self::File(file) => Ok(Box::new(PythonFile(file))),
            Self::Path(path) => match File::create(path.0) {
                Ok(file) => Ok(Box::new(file)),
                Err(error) => Err(Error::argument(format!("The log could not be written: {error}."))),
            },
        }
    }
}

impl<'py> FromPyObject<'_, 'py> for Destination {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.sender_types", "Destination");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.hasattr(intern!(object.py(), "write"))? {
            return Ok(Self::File(object.to_owned().unbind()));
        }
        match object.extract() {
            Ok(path) => Ok(Self::Path(path)),
            Err(_) => Err(Error::unexpected("a path or a binary file", &object).into()),
        }
    }
}

struct PythonFile(Py<PyAny>);

impl io::Write for PythonFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = Python::try_attach(|py| {
            let write = self.0.call_method1(py, intern!(py, "write"), (PyBytes::new(py, bytes),));
            write.map(drop).map_err(io::Error::from)
        });
        written.unwrap_or_else(|| Err(io::Error::other("Python is ending")))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
