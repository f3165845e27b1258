//! What came of a delivery.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDateTime};

use hookseal::deliver as core;

use crate::error::Result;
use crate::time;

/// One event's way to one endpoint: every attempt, and how it ended.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Delivery {
    status: core::DeliveryStatus,
    disable_endpoint: bool,
    attempts: Vec<Py<Attempt>>,
}

impl Delivery {
    pub(crate) fn new(py: Python<'_>, delivery: core::Delivery) -> Result<Self> {
        let (status, disable_endpoint) = (delivery.status, delivery.disable_endpoint);
        let attempts = delivery.attempts.into_iter().map(|attempt| Py::new(py, Attempt(attempt)));
        Ok(Self { status, disable_endpoint, attempts: attempts.collect::<PyResult<_>>()? })
    }
}

#[pymethods]
impl Delivery {
    /// Whether the receiver accepted the event.
    #[getter]
    fn delivered(&self) -> bool {
        self.status == core::DeliveryStatus::Delivered
    }

    /// ``"delivered"`` or ``"failed"``.
    #[getter]
    fn status(&self) -> &'static str {
        self.status.as_str()
    }

    /// Every attempt, in order; there is at least one.
    #[getter]
    fn attempts(&self, py: Python<'_>) -> Vec<Py<Attempt>> {
        self.attempts.iter().map(|attempt| attempt.clone_ref(py)).collect()
    }

    /// Whether the receiver asked for no more events (such as by 410 under Standard Webhooks).
    #[getter]
    fn disable_endpoint(&self) -> bool {
        self.disable_endpoint
    }

    fn __repr__(&self) -> String {
        format!("<Delivery '{}' attempts={}>", self.status.as_str(), self.attempts.len())
    }
}

/// One HTTP request and its outcome.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Attempt(core::Attempt);

#[pymethods]
impl Attempt {
    /// Which attempt of its delivery it was, from 1.
    #[getter]
    fn number(&self) -> u32 {
        self.0.number
    }

    /// When it began, in UTC.
    #[getter]
    fn started_at<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyDateTime>> {
        time::datetime(py, self.0.started_at)
    }

    /// How long it took, from the look-up of the host's name to the last byte of the response.
    #[getter]
    fn duration(&self) -> Duration {
        self.0.duration
    }

    /// The duration in whole milliseconds.
    #[getter]
    fn duration_ms(&self) -> u128 {
        self.0.duration.as_millis()
    }

    /// The status code, if the receiver got as far as answering.
    #[getter]
    fn response_code(&self) -> Option<u16> {
        self.0.response_code
    }

    /// Why there is no complete response, for people; ``None`` for an answer of any status.
    #[getter]
    fn error(&self) -> Option<&str> {
        self.0.error.as_ref().map(|error| error.message())
    }

    /// Why there is no complete response, such as ``"timeout"``; ``None`` for an answer of any status.
    #[getter]
    fn error_code(&self) -> Option<&'static str> {
        self.0.error.as_ref().map(|error| error.code().as_str())
    }

    /// The first 64 KiB of the response's body, as they came.
    #[getter]
    fn response_body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.response_body)
    }

    /// Whether the body went on; the rest was not read.
    #[getter]
    fn response_truncated(&self) -> bool {
        self.0.response_truncated
    }

    /// The response's headers, in order.
    #[getter]
    fn response_headers(&self) -> Vec<(&str, &str)> {
        self.0.response_headers.iter().collect()
    }

    /// The headers that were sent, signature included. Those of the endpoint itself stand as ``[redacted]``.
    #[getter]
    fn request_headers(&self) -> Vec<(&str, &str)> {
        self.0.request_headers.iter().collect()
    }

    /// Whether the host's name resolved to forbidden addresses besides the allowed ones that were tried.
    #[getter]
    fn mixed_dns(&self) -> bool {
        self.0.mixed_dns
    }

    /// Whether the receiver answered 2xx, completely and in time.
    #[getter]
    fn succeeded(&self) -> bool {
        self.0.succeeded()
    }

    fn __repr__(&self) -> String {
        match (self.0.response_code, self.error_code()) {
            (Some(code), None) => format!("<Attempt {} {code}>", self.0.number),
            (_, error) => format!("<Attempt {} '{}'>", self.0.number, error.unwrap_or_default()),
        }
    }
}
