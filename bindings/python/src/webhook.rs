//! A provider and its secrets: verify and sign.

use hookseal::Warning;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::body::Body;
use crate::error::{Result, SecretWarning};
use crate::event::Event;
use crate::headers::Headers;
use crate::provider::ProviderArgument;
use crate::secret::Secrets;
use crate::text::Text;
use crate::time::{Instant, Tolerance};

/// A provider and its secrets: one, or several with the newest first.
///
/// ``provider`` is a ``Provider`` or the id of one that is built in, Standard Webhooks by default. ``tolerance`` is how far a timestamp may lie off: a ``timedelta`` or seconds, or ``(past, future)``; the
/// provider's own by default. Raises ``ConfigError`` (``invalid_secret``, ``unknown_provider``) and warns with
/// ``SecretWarning`` of secrets that are weak or had whitespace around them.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Webhook(pub(crate) hookseal::Webhook);

#[pymethods]
impl Webhook {
    #[new]
    #[pyo3(signature = (secret, *, provider = ProviderArgument::standard(), tolerance = None))]
    fn new(
        py: Python<'_>,
        secret: Secrets,
        provider: ProviderArgument,
        tolerance: Option<Tolerance>,
    ) -> Result<Self> {
        let mut webhook = hookseal::Webhook::with_provider(&provider.0, &secret.0)?;
        if let Some(Tolerance(tolerance)) = tolerance {
            webhook = webhook.with_tolerance(tolerance);
        }
        warn(py, webhook.warnings())?;
        Ok(Self(webhook))
    }

    /// Verifies a request and returns its event. ``body`` is the raw body as it came, not the parsed JSON;
    /// ``headers`` are the request's headers in any form a framework has them. ``url`` and ``method`` are for
    /// the providers that sign them, ``now`` is for tests. Raises ``VerificationError``.
    #[pyo3(signature = (body, headers, *, now = None, url = None, method = None))]
    fn verify(
        &self,
        py: Python<'_>,
        body: Body,
        headers: Headers<'_>,
        now: Option<Instant>,
        url: Option<Text>,
        method: Option<Text>,
    ) -> Result<Event> {
        let options = hookseal::VerifyOptions {
            now: now.map(|at| at.0),
            url: url.as_ref().map(Text::as_str),
            method: method.as_ref().map(Text::as_str),
        };
        let bytes = body.to_py(py);
        let event = if body.as_ref().len() < DETACH_FROM {
            self.0.verify_with(body, &headers.named(self.0.header_names()), &options)
        } else {
            let lines = headers.lines(self.0.header_names());
            py.detach(|| self.0.verify_with(body, &lines, &options))
        };
        Ok(Event::received(event?, bytes))
    }

    /// Every header to send with this body. ``id`` and ``timestamp`` are made where they are not given;
    /// ``type``, ``url`` and ``method`` are for the providers that send or sign them.
    #[pyo3(signature = (
        body, *, id = None, timestamp = None, r#type = None, url = None, method = None
    ) -> "dict[str, str]")]
    #[allow(clippy::too_many_arguments, reason = "they are keywords")]
    fn sign<'py>(
        &self,
        py: Python<'py>,
        body: Body,
        id: Option<Text>,
        timestamp: Option<Instant>,
        r#type: Option<Text>,
        url: Option<Text>,
        method: Option<Text>,
    ) -> Result<Bound<'py, PyDict>> {
        let options = hookseal::SignOptions {
            id: id.as_ref().map(Text::as_str),
            timestamp: timestamp.map(|at| at.0),
            event_type: r#type.as_ref().map(Text::as_str),
            url: url.as_ref().map(Text::as_str),
            method: method.as_ref().map(Text::as_str),
        };
        let headers = PyDict::new(py);
        for (name, value) in self.0.sign_with(body.as_ref(), &options)? {
            headers.set_item(name, value)?;
        }
        Ok(headers)
    }

    /// The names of the headers that ``verify`` reads, in lower case.
    #[getter]
    fn header_names(&self) -> Vec<&str> {
        self.0.header_names().iter().map(String::as_str).collect()
    }

    fn __repr__(&self) -> String {
        format!("<Webhook provider='{}'>", self.0.provider().id())
    }
}

/// Python's own warnings, so that its filters apply: shown once for each line of code that caused one.
fn warn(py: Python<'_>, warnings: &[Warning]) -> Result<()> {
    for warning in warnings {
        let warning = py.get_type::<SecretWarning>().call1((warning.message(), warning.code().as_str()))?;
        py.import(intern!(py, "warnings"))?.call_method1(intern!(py, "warn"), (warning,))?;
    }
    Ok(())
}

/// From this many bytes on other threads may run while we hash; below, letting them costs more than it gives.
pub(crate) const DETACH_FROM: usize = 32 * 1024;
