//! Messages: what was sent.

use std::sync::Arc;
use std::time::SystemTime;

use hookseal::sender as core;
use hookseal::store::MessageKey;
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyString};
use pyo3::{PyTypeInfo, type_hint_union};

use super::open::Open;
use crate::arguments::{Id, instant, owned, text};
use crate::error::{Error, Result};
use crate::text::Text;
use crate::work::Work;

/// A message that is stored, and will be delivered whatever happens to the process.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct Message {
    /// Its number in the store.
    key: i64,
    /// The event's id, the same on every delivery.
    id: String,
    /// What happened, such as ``"booking.created"``.
    r#type: String,
    /// Whose event it is.
    tenant: Option<String>,
    /// When the event happened, in UTC.
    timestamp: SystemTime,
    /// When it was stored, in UTC.
    created_at: SystemTime,
    /// Whether it was sent before: then nothing was stored now.
    duplicate: bool,
    /// The ids of its deliveries, one for every endpoint that wants it; none for a duplicate.
    deliveries: Vec<i64>,
}

impl Message {
    pub(crate) fn new(message: core::Message) -> Self {
        Self {
            key: message.key.0,
            id: message.id,
            r#type: message.event_type,
            tenant: message.tenant,
            timestamp: instant(message.timestamp),
            created_at: instant(message.created_at),
            duplicate: message.duplicate,
            deliveries: message.deliveries.iter().map(|id| id.0).collect(),
        }
    }
}

#[pymethods]
impl Message {
    fn __repr__(&self) -> String {
        format!("<Message '{}' type='{}' deliveries={}>", self.id, self.r#type, self.deliveries.len())
    }
}

/// A message as it is stored.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct StoredMessage {
    /// Its number in the store.
    key: i64,
    /// The event's id, the same on every delivery.
    id: String,
    /// What happened, such as ``"booking.created"``.
    r#type: String,
    /// Whose event it is.
    tenant: Option<String>,
    /// When the event happened, in UTC.
    timestamp: SystemTime,
    /// When it was stored, in UTC.
    created_at: SystemTime,
    /// The exact bytes that are delivered, unless they were expunged or too old to be kept.
    body: Option<Py<PyBytes>>,
}

#[pymethods]
impl StoredMessage {
    fn __repr__(&self) -> String {
        format!("<StoredMessage '{}' type='{}'>", self.id, self.r#type)
    }
}

/// Messages of a sender.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Messages(pub(crate) Arc<Open>);

#[pymethods]
impl Messages {
    /// A message with its body.
    #[pyo3(signature = (id, *, tenant = None))]
    fn get(&self, id: MessageName, tenant: Option<Text>) -> Result<Work> {
        let (sender, tenant) = (self.0.sender()?, owned(tenant));
        let found = async move { id.find(&sender, tenant.as_deref()).await };
        Ok(Work::new(found, |py, stored| {
            let body = stored.body.map(|body| PyBytes::new(py, &body).unbind());
            let record = stored.record;
            Ok(StoredMessage {
                key: record.key.0,
                id: record.id,
                r#type: record.event_type,
                tenant: record.tenant,
                timestamp: instant(record.timestamp),
                created_at: instant(record.created_at),
                body,
            })
        }))
    }

    /// Deletes what the message says, now.
    #[pyo3(signature = (id, *, tenant = None))]
    fn expunge(&self, id: MessageName, tenant: Option<Text>) -> Result<Work> {
        let (sender, tenant) = (self.0.sender()?, owned(tenant));
        let expunged = async move {
            let key = match id {
                MessageName::Key(key) => key,
                name => name.find(&sender, tenant.as_deref()).await?.record.key,
            };
            sender.messages().expunge(key).await
        };
        Ok(Work::new(expunged, |_, changed| Ok(changed)))
    }
}

/// The event's id, or the message's number in the store.
enum MessageName {
    Key(MessageKey),
    Id(String),
}

impl MessageName {
    async fn find(
        &self,
        sender: &core::Sender,
        tenant: Option<&str>,
    ) -> hookseal::Result<core::StoredMessage> {
        match self {
            Self::Key(key) => sender.messages().get(*key).await,
            Self::Id(id) => sender.messages().find(tenant, id).await,
        }
    }
}

impl<'py> FromPyObject<'_, 'py> for MessageName {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_union!(PyString::TYPE_HINT, PyInt::TYPE_HINT);

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyString>() {
            return Ok(Self::Id(text(&object)?));
        }
        match object.extract::<Id>() {
            Ok(Id(key)) => Ok(Self::Key(MessageKey(key))),
            Err(_) => Err(Error::unexpected("a message's id or key", &object).into()),
        }
    }
}
