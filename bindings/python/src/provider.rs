//! Providers: the published conventions of a vendor, as data.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::PyString;
use pyo3::{PyTypeInfo, type_hint_identifier, type_hint_union};

use crate::body::Body;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::handshake::{HandshakeAnswer, Question};
use crate::headers::Headers;
use crate::json;
use crate::retry::RetryPolicy;
use crate::text::Text;
use crate::time::Instant;

/// The published conventions of one webhook vendor: signature, envelope, delivery and events.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Provider(pub(crate) Arc<hookseal::Provider>);

#[pymethods]
impl Provider {
    /// The provider built in under this id. Raises ``ConfigError`` (``unknown_provider``).
    #[staticmethod]
    fn builtin(id: Text) -> Result<Self> {
        Ok(Self(hookseal::Provider::builtin(id.as_str())?))
    }

    /// A provider of your own, from the text of a provider file. Raises ``ConfigError`` (``invalid_provider``).
    #[staticmethod]
    fn from_toml(text: Text) -> Result<Self> {
        Ok(Self(Arc::new(hookseal::Provider::from_toml(text.as_str())?)))
    }

    /// A provider of your own, from a provider file. Raises ``ConfigError`` (``invalid_provider``).
    #[staticmethod]
    fn load(path: FilePath) -> Result<Self> {
        Ok(Self(Arc::new(hookseal::Provider::load(path.0)?)))
    }

    /// The id, such as ``"standard"``.
    #[getter]
    fn id(&self) -> &str {
        self.0.id()
    }

    /// The name people know it by.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// Where the facts come from.
    #[getter]
    fn sources(&self) -> Vec<&str> {
        self.0.sources().iter().map(String::as_str).collect()
    }

    /// How sure they are, such as ``"doc-text-sample"``.
    #[getter]
    fn confidence(&self) -> &str {
        self.0.confidence()
    }

    /// How requests are signed; several forms where a provider has several, as Standard Webhooks has.
    #[getter]
    fn signatures(&self) -> Vec<SignatureForm> {
        self.0.signatures().into_iter().map(SignatureForm).collect()
    }

    /// What keeps a request from being accepted twice: ``"timestamp"`` (a signed one), ``"signed_id"``,
    /// ``"unsigned_id"`` or ``"nothing"``.
    #[getter]
    fn replay_protection(&self) -> &'static str {
        self.0.replay_protection().as_str()
    }

    /// Whether the vendor asks an endpoint to prove that it is its owner's, which ``Webhook.handshake`` answers.
    #[getter]
    fn has_handshake(&self) -> bool {
        self.0.has_handshake()
    }

    /// What a receiver should know besides.
    #[getter]
    fn notes(&self) -> Option<&str> {
        self.0.notes()
    }

    /// The events it sends, as far as it names them.
    #[getter]
    fn events(&self) -> Vec<EventType> {
        (0..self.0.event_types().len()).map(|index| EventType { provider: self.0.clone(), index }).collect()
    }

    /// When a failed delivery is tried again.
    #[getter]
    fn retry(&self) -> RetryPolicy {
        RetryPolicy(self.0.retry().clone())
    }

    /// How long one attempt may take.
    #[getter]
    fn timeout(&self) -> Duration {
        self.0.timeout()
    }

    /// Whether it delivers to https urls only.
    #[getter]
    fn https_only(&self) -> bool {
        self.0.https_only()
    }

    /// Whether it delivers unsigned where an endpoint has no secret.
    #[getter]
    fn secret_optional(&self) -> bool {
        self.0.secret_optional()
    }

    /// What a successful delivery costs.
    #[getter]
    fn credits(&self) -> u32 {
        self.0.credits()
    }

    /// The answer to a handshake that needs no secret, for endpoints that have none yet: Asana sends it this way.
    /// ``None`` if the request is none. Raises ``ConfigError`` if this provider's handshake needs the secret, else as
    /// ``Webhook.handshake``.
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
        let names = self.0.handshake_header_names();
        let answer = self.0.handshake(body.as_ref(), &question.headers.named(&names), &question.options())?;
        Ok(answer.map(HandshakeAnswer))
    }

    /// A new event in the provider's envelope, ready to be delivered. ``data`` is anything that ``json.dumps``
    /// takes; id and timestamp are made where they are not given.
    #[pyo3(signature = (r#type, data, *, id = None, timestamp = None, tenant = None))]
    fn event(
        &self,
        py: Python<'_>,
        r#type: Text,
        data: &Bound<'_, PyAny>,
        id: Option<Text>,
        timestamp: Option<Instant>,
        tenant: Option<Text>,
    ) -> Result<Event> {
        let options = hookseal::EventOptions {
            id: id.as_ref().map(Text::as_str),
            timestamp: timestamp.map(|at| at.0),
            tenant: tenant.as_ref().map(Text::as_str),
        };
        let event = self.0.event(r#type.as_str(), &json::dump(data)?, &options)?;
        Ok(Event::made(py, event))
    }

    /// The provider's own example of an event, with an id and a time of its own. Nothing is sent.
    fn example(&self, py: Python<'_>, r#type: Text) -> Result<Event> {
        Ok(Event::made(py, self.0.example(r#type.as_str())?))
    }

    fn __repr__(&self) -> String {
        format!("<Provider '{}'>", self.0.id())
    }
}

/// One way in which a provider signs.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct SignatureForm(hookseal::SignatureForm);

#[pymethods]
impl SignatureForm {
    /// The headers that are looked at for signatures, in lower case; the first is the one senders write. None where
    /// the signature is part of the body.
    #[getter]
    fn headers(&self) -> Vec<&str> {
        self.0.headers.iter().map(String::as_str).collect()
    }

    /// ``"hmac-sha256"``, ``"ed25519"``, … as in a provider file; ``"token"`` is the secret itself, which proves
    /// nothing of the body.
    #[getter]
    fn algorithm(&self) -> &'static str {
        self.0.algorithm
    }

    /// ``"hex"``, ``"base64"``, … as in a provider file.
    #[getter]
    fn encoding(&self) -> Option<&'static str> {
        self.0.encoding
    }

    /// The template of what is signed, such as ``"{timestamp}.{body}"``.
    #[getter]
    fn signed(&self) -> &str {
        &self.0.signed
    }

    /// How far the signed timestamp may lie from now: ``(past, future)``; ``None`` where none is signed.
    #[getter]
    fn tolerance(&self) -> Option<(Duration, Duration)> {
        self.0.tolerance.map(|tolerance| (tolerance.past, tolerance.future))
    }

    /// Whether a request may carry several signatures, as during a rotation of secrets.
    #[getter]
    fn several(&self) -> bool {
        self.0.several
    }

    /// Whether the body is signed. Where it is not, only what is signed may be trusted.
    #[getter]
    fn covers_body(&self) -> bool {
        self.0.covers_body
    }

    fn __repr__(&self) -> String {
        format!("<SignatureForm {} {:?}>", self.0.algorithm, self.0.headers)
    }
}

/// One kind of event that a provider sends.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct EventType {
    provider: Arc<hookseal::Provider>,
    index: usize,
}

#[pymethods]
impl EventType {
    /// The type as it stands in events, such as ``"booking.created"``.
    #[getter]
    fn name(&self) -> &str {
        &self.core().name
    }

    /// When it is sent.
    #[getter]
    fn description(&self) -> &str {
        &self.core().description
    }

    /// An example of its ``data``, if the provider shows one.
    #[getter]
    fn example(&self, py: Python<'_>) -> Result<Option<Py<PyAny>>> {
        self.core().example.as_ref().map(|example| json::load(py, example.as_bytes())).transpose()
    }

    fn __repr__(&self) -> String {
        format!("<EventType '{}'>", self.name())
    }
}

impl EventType {
    fn core(&self) -> &hookseal::EventType {
        &self.provider.event_types()[self.index]
    }
}

/// The providers that are built in.
#[pyfunction]
pub(crate) fn providers() -> Result<Vec<Provider>> {
    hookseal::Provider::ids().map(|id| Ok(Provider(hookseal::Provider::builtin(id)?))).collect()
}

/// A `Provider`, or the id of one that is built in.
pub(crate) struct ProviderArgument(pub(crate) Arc<hookseal::Provider>);

impl ProviderArgument {
    /// Standard Webhooks, the default everywhere.
    pub(crate) fn standard() -> Self {
        Self(hookseal::Provider::builtin("standard").expect("Standard Webhooks is built in"))
    }
}

impl<'py> FromPyObject<'_, 'py> for ProviderArgument {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_union!(Provider::TYPE_HINT, PyString::TYPE_HINT);

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(provider) = object.cast::<Provider>() {
            return Ok(Self(provider.get().0.clone()));
        }
        if !object.is_instance_of::<PyString>() {
            return Err(Error::unexpected("a Provider or the id of one that is built in", &object).into());
        }
        Ok(Self(Provider::builtin(object.extract()?)?.0))
    }
}

/// A `str` or `os.PathLike`.
pub(crate) struct FilePath(pub(crate) PathBuf);

impl<'py> FromPyObject<'_, 'py> for FilePath {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.types", "FilePath");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let path = object.extract::<PathBuf>();
        path.map(Self)
            .map_err(|cause| Error::unexpected("a path", &object).because(object.py(), cause).into())
    }
}
