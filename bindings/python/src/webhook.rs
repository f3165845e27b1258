//! A provider and its secrets: verify and sign.

use hookseal::{ExplainOptions, Warning};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::body::Body;
use crate::error::{Result, SecretWarning};
use crate::event::Event;
use crate::explanation::{Explanation, Framework, add_note};
use crate::handshake::{HandshakeAnswer, Question};
use crate::headers::Headers;
use crate::provider::{Provider, ProviderArgument};
use crate::secret::Secrets;
use crate::text::{Text, maybe_switch};
use crate::time::{Instant, Tolerance};

/// A provider and its secrets: one, or several with the newest first.
///
/// ``provider`` is a ``Provider`` or the id of one that is built in, Standard Webhooks by default. ``tolerance`` is how far a timestamp may lie off: a ``timedelta`` or seconds, or ``(past, future)``; the
/// provider's own by default. Raises ``ConfigError`` (``invalid_secret``, ``unknown_provider``) and warns with
/// ``SecretWarning`` of secrets that are weak or had whitespace around them.
///
/// ``explain_failures`` is for development: the errors that ``verify`` raises have what ``explain`` says as their
/// ``notes``, and adapters log it. By default it is on only where ``HOOKSEAL_EXPLAIN=1`` is in the environment.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Webhook {
    pub(crate) core: hookseal::Webhook,
    explains: bool,
}

#[pymethods]
impl Webhook {
    #[new]
    #[pyo3(signature = (
        secret, *, provider = ProviderArgument::standard(), tolerance = None,
        explain_failures: "bool | None" = None
    ))]
    fn new(
        py: Python<'_>,
        secret: Secrets,
        provider: ProviderArgument,
        tolerance: Option<Tolerance>,
        #[pyo3(from_py_with = maybe_switch)] explain_failures: Option<bool>,
    ) -> Result<Self> {
        let mut webhook = hookseal::Webhook::with_provider(&provider.0, &secret.0)?;
        if let Some(Tolerance(tolerance)) = tolerance {
            webhook = webhook.with_tolerance(tolerance);
        }
        warn(py, webhook.warnings())?;
        let explains = explain_failures.unwrap_or_else(hookseal::Webhook::explains_by_environment);
        Ok(Self { core: webhook, explains })
    }

    /// Verifies a request and returns its event. ``body`` is the raw body as it came, not the parsed JSON;
    /// ``headers`` are the request's headers in any form a framework has them. ``url`` and ``method`` are for
    /// the providers that sign them, ``now`` is for tests, ``framework`` is named in the notes of errors. Raises
    /// ``VerificationError``.
    #[pyo3(signature = (body, headers, *, now = None, url = None, method = None, framework = None))]
    #[allow(clippy::too_many_arguments, reason = "they are keywords")]
    fn verify(
        &self,
        py: Python<'_>,
        body: Body,
        headers: Headers<'_>,
        now: Option<Instant>,
        url: Option<Text>,
        method: Option<Text>,
        framework: Option<Framework>,
    ) -> Result<Event> {
        let options = hookseal::VerifyOptions {
            now: now.map(|at| at.0),
            url: url.as_ref().map(Text::as_str),
            method: method.as_ref().map(Text::as_str),
        };
        let bytes = body.to_py(py);
        let event = if body.as_ref().len() < DETACH_FROM {
            self.core.verify_with(body, &headers.named(self.core.header_names()), &options)
        } else {
            let lines = headers.lines(self.core.header_names());
            py.detach(|| self.core.verify_with(body, &lines, &options))
        };
        match event {
            Ok(event) => Ok(Event::received(event, bytes)),
            Err(error) if self.explains => {
                let hookseal::VerifyOptions { now, url, method } = options;
                let framework = framework.map(|framework| framework.0);
                let options = ExplainOptions { now, url, method, framework, ..Default::default() };
                Err(add_note(py, error, &self.core, bytes.as_bytes(py), &headers.all(), &options).into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Says why a request does not verify, and what to do: for its developer, never for whoever sent it. It takes
    /// what ``verify`` takes, and all headers of the request. ``framework`` makes the remedies those of one's own;
    /// ``other_secrets`` are more secrets of the same owner, one of which may have signed the request.
    #[pyo3(signature = (
        body, headers, *, now = None, url = None, method = None, framework = None, other_secrets = None
    ))]
    #[allow(clippy::too_many_arguments, reason = "they are keywords")]
    fn explain(
        &self,
        py: Python<'_>,
        body: Body,
        headers: Headers<'_>,
        now: Option<Instant>,
        url: Option<Text>,
        method: Option<Text>,
        framework: Option<Framework>,
        other_secrets: Option<Secrets>,
    ) -> Explanation {
        let options = ExplainOptions {
            now: now.map(|at| at.0),
            url: url.as_ref().map(Text::as_str),
            method: method.as_ref().map(Text::as_str),
            framework: framework.map(|framework| framework.0),
            other_secrets: other_secrets.as_ref().map(|secrets| &*secrets.0).unwrap_or_default(),
        };
        let lines = headers.all();
        Explanation(py.detach(|| self.core.explain(body.as_ref(), &lines, &options)))
    }

    /// The answer to a vendor's handshake, by which it finds out whether the endpoint is its owner's (Slack, Zoom,
    /// Meta, X …); ``None`` if the request is none. Ask before ``verify``, for requests of every method. ``url`` is
    /// the request's, or its path and query: several vendors ask there. ``verify_token`` is the token that was
    /// agreed on with the vendor (Meta), no signing secret. Raises ``VerificationError``.
    #[pyo3(signature = (body, headers, *, now = None, url = None, method = None, verify_token = None))]
    #[allow(clippy::too_many_arguments, reason = "they are keywords")]
    fn handshake(
        &self,
        body: Body,
        headers: Headers<'_>,
        now: Option<Instant>,
        url: Option<Text>,
        method: Option<Text>,
        verify_token: Option<Text>,
    ) -> Result<Option<HandshakeAnswer>> {
        let question = Question { headers, now, url, method, verify_token };
        let headers = question.headers.named(self.core.header_names());
        let answer = self.core.handshake(body.as_ref(), &headers, &question.options())?;
        Ok(answer.map(HandshakeAnswer))
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
        for (name, value) in self.core.sign_with(body.as_ref(), &options)? {
            headers.set_item(name, value)?;
        }
        Ok(headers)
    }

    /// The provider whose conventions are followed.
    #[getter]
    fn provider(&self) -> Provider {
        Provider(self.core.provider().clone())
    }

    /// The names of the headers that ``verify`` reads, in lower case.
    #[getter]
    fn header_names(&self) -> Vec<&str> {
        self.core.header_names().iter().map(String::as_str).collect()
    }

    fn __repr__(&self) -> String {
        format!("<Webhook provider='{}'>", self.core.provider().id())
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
