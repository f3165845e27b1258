//! The core's errors as the exceptions of `hookseal/exceptions.py`.

use std::collections::BTreeMap;
use std::fmt::Display;

use hookseal::{Code, Kind};
use pyo3::import_exception;
use pyo3::prelude::*;

import_exception!(hookseal.exceptions, ConfigError);
import_exception!(hookseal.exceptions, DeliveryError);
import_exception!(hookseal.exceptions, SecretWarning);
import_exception!(hookseal.exceptions, StoreError);
import_exception!(hookseal.exceptions, VerificationError);

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// An error of the core, or one that Python raised and that passes through as it is.
pub(crate) enum Error {
    Core(hookseal::Error),
    Python(PyErr),
}

impl Error {
    /// `invalid_argument`: an argument of the wrong type or with a value that makes no sense.
    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::Core(hookseal::Error::new(Code::InvalidArgument, message.into()))
    }

    /// `invalid_argument` that says what was expected and what type came; the value is never shown.
    pub(crate) fn unexpected(expected: impl Display, got: &Bound<'_, PyAny>) -> Self {
        Self::argument(format!("Expected {expected}, not {}.", TypeName(got)))
    }

    /// This error raised from what Python raised, so that the traceback shows both. What is no `Exception`,
    /// such as `KeyboardInterrupt`, takes precedence.
    pub(crate) fn because(self, py: Python<'_>, cause: PyErr) -> Self {
        if !cause.is_instance_of::<pyo3::exceptions::PyException>(py) {
            return Self::Python(cause);
        }
        let error = PyErr::from(self);
        error.set_cause(py, Some(cause));
        Self::Python(error)
    }
}

impl From<hookseal::Error> for Error {
    fn from(error: hookseal::Error) -> Self {
        Self::Core(error)
    }
}

impl From<PyErr> for Error {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        let error = match error {
            Error::Core(error) => error,
            Error::Python(error) => return error,
        };
        if let Some(seconds) = error.retry_after() {
            return VerificationError::new_err((error.message().to_owned(), error.code().as_str(), seconds));
        }
        let arguments = (error.message().to_owned(), error.code().as_str());
        match error.kind() {
            Kind::Verification => VerificationError::new_err(arguments),
            Kind::Config => ConfigError::new_err(arguments),
            Kind::Delivery => DeliveryError::new_err(arguments),
            Kind::Store => StoreError::new_err(arguments),
        }
    }
}

/// The name of a value's type, as error messages show it.
pub(crate) struct TypeName<'a, 'py>(pub(crate) &'a Bound<'py, PyAny>);

impl Display for TypeName<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_none() {
            return f.write_str("None");
        }
        match self.0.get_type().name() {
            Ok(name) => write!(f, "{}", name.to_string_lossy()),
            Err(_) => f.write_str("this type"),
        }
    }
}

/// The HTTP status to answer with when a request that was received led to an error of this code.
#[pyfunction]
pub(crate) fn http_status(code: &str) -> u16 {
    Code::parse(code).map_or(500, Code::http_status)
}

/// The HTTP status to answer with when a request led to an error of this code, and the seconds to send as
/// ``Retry-After`` if the sender shall try again.
#[pyfunction]
pub(crate) fn refusal(code: &str) -> (u16, Option<u64>) {
    let Some(code) = Code::parse(code) else { return (500, None) };
    let refusal = hookseal::refusal(&hookseal::Error::new(code, code.sentence()));
    (refusal.status, refusal.retry_after)
}

/// Every error code, with one sentence that says what it means.
#[pyfunction]
pub(crate) fn errors() -> BTreeMap<&'static str, &'static str> {
    Code::ALL.iter().map(|code| (code.as_str(), code.sentence())).collect()
}
