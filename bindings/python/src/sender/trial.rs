//! Tests: an event that is sent now, once, and whose outcome is the answer.

use hookseal::sender as core;
use hookseal::sender::TestTarget;
use hookseal::store::EndpointId;
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyString};
use pyo3::{PyTypeInfo, type_hint_union};

use super::delivery::StoredAttempt;
use crate::arguments::{Id, text};
use crate::error::{Error, Result};

/// What came of a test at one endpoint.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct TestResult {
    /// The endpoint's id.
    endpoint: i64,
    /// The delivery's id in the log.
    delivery: i64,
    /// Whether the receiver accepted it.
    delivered: bool,
    /// The attempt; ``None`` if no process delivered it in time.
    attempt: Option<Py<StoredAttempt>>,
}

impl TestResult {
    pub(crate) fn new(py: Python<'_>, result: core::TestResult) -> Result<Self> {
        let attempt = result.attempt.map(|attempt| Py::new(py, StoredAttempt(attempt))).transpose()?;
        let (endpoint, delivery) = (result.endpoint.0, result.delivery.0);
        Ok(Self { endpoint, delivery, delivered: result.delivered, attempt })
    }
}

#[pymethods]
impl TestResult {
    fn __repr__(&self) -> String {
        let outcome = if self.delivered { "delivered" } else { "failed" };
        format!("<TestResult endpoint={} '{outcome}'>", self.endpoint)
    }
}

/// An endpoint's id, or a type of event.
pub(crate) enum TargetArgument {
    Endpoint(EndpointId),
    Type(String),
}

impl TargetArgument {
    /// Only a type of event has a tenant to be named: an endpoint has its own.
    pub(crate) fn of(self, tenant: Option<String>) -> Result<TestTarget> {
        match self {
            Self::Endpoint(_) if tenant.is_some() => {
                Err(Error::argument("An endpoint has its own tenant; leave the tenant out."))
            }
            Self::Endpoint(id) => Ok(TestTarget::Endpoint(id)),
            Self::Type(event_type) => Ok(TestTarget::EventType { event_type, tenant }),
        }
    }
}

impl<'py> FromPyObject<'_, 'py> for TargetArgument {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_union!(PyInt::TYPE_HINT, PyString::TYPE_HINT);

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyString>() {
            return Ok(Self::Type(text(&object)?));
        }
        match object.extract::<Id>() {
            Ok(Id(id)) => Ok(Self::Endpoint(EndpointId(id))),
            Err(_) => Err(Error::unexpected("an endpoint's id or a type of event", &object).into()),
        }
    }
}
