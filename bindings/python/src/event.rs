//! What `verify` returns, and what a client delivers.

use hookseal::deliver as core;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDateTime};

use crate::body::Body;
use crate::error::Result;
use crate::json;
use crate::text::Text;
use crate::time::{self, Instant};

/// An event that was verified, or one made by ``Provider.event`` to be delivered.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Event {
    core: hookseal::Event<Body>,
    /// The body for Python: where it came as `bytes`, that object.
    body: Py<PyBytes>,
    data: PyOnceLock<Py<PyAny>>,
    payload: PyOnceLock<Py<PyAny>>,
}

impl Event {
    pub(crate) fn received(core: hookseal::Event<Body>, body: Py<PyBytes>) -> Self {
        Self { core, body, data: PyOnceLock::new(), payload: PyOnceLock::new() }
    }

    pub(crate) fn made(py: Python<'_>, core: hookseal::Event) -> Self {
        let body = PyBytes::new(py, core.body());
        Self::received(core.map_body(|_| Body::from(body.clone())), body.unbind())
    }

    pub(crate) async fn deliver(
        &self,
        client: &core::Client,
        endpoint: &core::Endpoint,
    ) -> hookseal::Result<core::Delivery> {
        client.deliver(endpoint, &self.core).await
    }
}

#[pymethods]
impl Event {
    /// An event of a request that you have verified yourself, by other means than a ``Webhook``: a certificate, a
    /// JWT. Nothing is checked here. ``data`` is where in the JSON of the body the data are, such as
    /// ``"detail.data"``; the whole body by default.
    #[staticmethod]
    #[pyo3(signature = (body, *, id = None, r#type = None, timestamp = None, tenant = None, data = None))]
    fn trusted(
        py: Python<'_>,
        body: Body,
        id: Option<Text>,
        r#type: Option<Text>,
        timestamp: Option<Instant>,
        tenant: Option<Text>,
        data: Option<Text>,
    ) -> Result<Self> {
        let facts = hookseal::TrustedFacts {
            id: id.as_ref().map(Text::as_str),
            event_type: r#type.as_ref().map(Text::as_str),
            tenant: tenant.as_ref().map(Text::as_str),
            timestamp: timestamp.map(|at| at.0),
            data: data.as_ref().map(Text::as_str),
        };
        let bytes = body.to_py(py);
        Ok(Self::received(hookseal::Event::trusted(body, &facts)?, bytes))
    }

    /// The event's id, the same in every delivery of it; ``None`` where the provider sends none.
    #[getter]
    fn id(&self) -> Option<&str> {
        self.core.id()
    }

    /// What happened, such as ``"booking.created"``; ``None`` where the provider sends none.
    #[getter]
    fn r#type(&self) -> Option<&str> {
        self.core.event_type()
    }

    /// When it happened or, where the body does not say, when it was signed; in UTC.
    #[getter]
    fn timestamp<'py>(&self, py: Python<'py>) -> Result<Option<Bound<'py, PyDateTime>>> {
        self.core.timestamp().map(|at| time::datetime(py, at)).transpose()
    }

    /// The customer, team or organisation it belongs to, where the provider names one.
    #[getter]
    fn tenant(&self) -> Option<&str> {
        self.core.tenant()
    }

    /// What the event is about, parsed at the first use; the whole payload where the provider has no envelope.
    /// Raises ``VerificationError`` (``invalid_payload``) if the body is not JSON.
    #[getter]
    fn data(&self, py: Python<'_>) -> Result<Py<PyAny>> {
        let data = self.data.get_or_try_init(py, || json::load(py, self.core.data_json()?));
        Ok(data?.clone_ref(py))
    }

    /// The whole body, parsed at the first use. Raises ``VerificationError`` (``invalid_payload``) if it is not
    /// JSON.
    #[getter]
    fn payload(&self, py: Python<'_>) -> Result<Py<PyAny>> {
        let payload = self.payload.get_or_try_init(py, || json::load(py, self.core.payload_json()?));
        Ok(payload?.clone_ref(py))
    }

    /// The raw body, as it was signed.
    #[getter]
    fn body(&self, py: Python<'_>) -> Py<PyBytes> {
        self.body.clone_ref(py)
    }

    /// Which of the secrets verified it; 0 is the newest.
    #[getter]
    fn key_index(&self) -> usize {
        self.core.key_index()
    }

    fn __repr__(&self) -> String {
        format!("<Event id={:?} type={:?}>", self.id().unwrap_or_default(), self.r#type().unwrap_or_default())
    }
}
