//! Providers: the published conventions of a vendor, as data.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::PyString;
use pyo3::{PyTypeInfo, type_hint_identifier, type_hint_union};

use crate::error::{Error, Result};
use crate::event::Event;
use crate::json;
use crate::retry::RetryPolicy;
use crate::text::Text;
use crate::time::Instant;

/// The published conventions of one webhook vendor: signature, envelope, delivery and events.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Provider(Arc<hookseal::Provider>);

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
