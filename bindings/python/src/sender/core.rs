//! The sender itself: sending, and its life from opening to closing.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use hookseal::deliver::AllowPrivate as Networks;
use hookseal::sender::{NewMessage, Notices, SenderOptions};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::arguments::{KeepFor, OneSecret};
use super::delivery::Deliveries;
use super::endpoint::Endpoints;
use super::export;
use super::message::{Message, Messages};
use super::notice::{NoticeKindArgument, NoticeReader};
use super::open::Open;
use super::stats::{Stats, Usage};
use super::trial::{TargetArgument, TestResult};
use crate::arguments::{instant, owned, text};
use crate::client::Certificates;
use crate::endpoint::AllowPrivate;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::json;
use crate::notices::{Listeners, callable};
use crate::provider::ProviderArgument;
use crate::text::{Count, Text, switch};
use crate::time::{Instant, Seconds};
use crate::work::Work;

/// What ``Sender`` and ``AsyncSender`` are made of.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct SenderCore {
    open: Arc<Open>,
    listeners: Arc<Listeners<Notices>>,
}

#[pymethods]
impl SenderCore {
    #[new]
    #[pyo3(signature = (
        url, *, provider = ProviderArgument::standard(), allow_http: "bool" = false,
        allow_private = AllowPrivate(Networks::No), ca_certificates = None, key = None, strict: "bool" = false,
        max_body = None, concurrency = None, retention = KeepFor(Some(Default::default()))
    ))]
    #[allow(clippy::too_many_arguments, reason = "they are keywords")]
    fn new(
        url: Text,
        provider: ProviderArgument,
        #[pyo3(from_py_with = switch)] allow_http: bool,
        allow_private: AllowPrivate,
        ca_certificates: Option<Certificates>,
        key: Option<OneSecret>,
        #[pyo3(from_py_with = switch)] strict: bool,
        max_body: Option<Count>,
        concurrency: Option<Count>,
        retention: KeepFor,
    ) -> Result<Self> {
        let mut options = SenderOptions::new(&provider.0);
        options.allow_http = allow_http;
        options.allow_private = allow_private.0;
        options.root_certificates = ca_certificates.map(|pem| pem.0);
        options.key = key.map(|key| key.0);
        options.strict_events = strict;
        options.retention = retention.0;
        if let Some(Count(bytes)) = max_body {
            options.max_body = bytes as usize;
        }
        if let Some(Count(requests)) = concurrency {
            options.concurrency = requests as usize;
        }
        Ok(Self { open: Open::new(url.as_str(), options)?, listeners: Arc::default() })
    }

    /// Stores one event.
    #[pyo3(signature = (r#type, data, *, id = None, tenant = None, timestamp = None))]
    fn send(
        &self,
        r#type: Text,
        data: &Bound<'_, PyAny>,
        id: Option<Text>,
        tenant: Option<Text>,
        timestamp: Option<Instant>,
    ) -> Result<Work> {
        let sender = self.open.sender()?;
        let mut message = NewMessage::new(r#type.as_str(), &json::dump(data)?)?;
        if let Some(id) = &id {
            message = message.id(id.as_str());
        }
        if let Some(tenant) = &tenant {
            message = message.tenant(tenant.as_str());
        }
        if let Some(Instant(at)) = timestamp {
            message = message.timestamp(at);
        }
        let sent = async move { sender.send_new(message).await };
        Ok(Work::new(sent, |_, message| Ok(Message::new(message))))
    }

    /// Stores many events; each has a result of its own, a message or an error.
    fn send_many(&self, messages: &Bound<'_, PyAny>) -> Result<Work> {
        let sender = self.open.sender()?;
        let Ok(items) = messages.try_iter() else {
            return Err(Error::unexpected("a list of messages", messages));
        };
        let messages = items.map(|item| new_message(&item?)).collect::<Result<Vec<_>>>()?;
        let sent = async move { Ok(sender.send_many(messages).await) };
        Ok(Work::new(sent, |py, results| {
            let results = results.into_iter().map(|result| match result {
                Ok(message) => Ok(Message::new(message).into_py_any(py)?),
                Err(error) => Ok(PyErr::from(Error::from(error)).into_value(py).into_any()),
            });
            results.collect::<Result<Vec<_>>>()
        }))
    }

    /// Sends a test now and tells what came of it.
    #[pyo3(signature = (target, *, r#type = None, data = None, tenant = None))]
    fn send_test(
        &self,
        target: TargetArgument,
        r#type: Option<Text>,
        data: Option<&Bound<'_, PyAny>>,
        tenant: Option<Text>,
    ) -> Result<Work> {
        let sender = self.open.sender()?;
        let (target, r#type) = (target.of(owned(tenant))?, owned(r#type));
        let data = data.map(json::dump).transpose()?;
        let data = data.map(|data| serde_json::from_str(data.get()).expect("it was written as JSON"));
        let test = async move { sender.send_test(&target, r#type.as_deref(), data.as_ref()).await };
        Ok(Work::new(test, |py, results| {
            results.into_iter().map(|result| TestResult::new(py, result)).collect::<Result<Vec<_>>>()
        }))
    }

    /// The provider's example of an event. Nothing is stored or sent.
    fn example(&self, py: Python<'_>, r#type: Text) -> Result<Event> {
        Ok(Event::made(py, self.open.options().provider.example(r#type.as_str())?))
    }

    /// What successful deliveries cost.
    #[pyo3(signature = (*, tenant = None, since = None, until = None))]
    fn usage(&self, tenant: Option<Text>, since: Option<Instant>, until: Option<Instant>) -> Result<Work> {
        let (sender, tenant) = (self.open.sender()?, owned(tenant));
        let since = since.map_or(UNIX_EPOCH, |at| at.0);
        let until = until.map_or_else(|| instant(i64::MAX), |at| at.0);
        let usage = async move { sender.usage(tenant.as_deref(), since, until).await };
        Ok(Work::new(usage, |_, usage| Ok(Usage::new(usage))))
    }

    /// The sender in numbers.
    fn stats(&self) -> Result<Work> {
        let sender = self.open.sender()?;
        Ok(Work::new(async move { sender.stats().await }, |_, stats| Ok(Stats::new(stats))))
    }

    /// The sender in numbers, as Prometheus reads them.
    fn prometheus(&self) -> Result<Work> {
        let sender = self.open.sender()?;
        Ok(Work::new(async move { sender.prometheus().await }, |_, text| Ok(text)))
    }

    /// Writes the log as JSON lines to a path or a binary file.
    #[pyo3(signature = (to, filter: "Mapping[str, object]"))]
    fn export(&self, to: export::Destination, filter: &Bound<'_, PyDict>) -> Result<Work> {
        let sender = self.open.sender()?;
        let query = super::delivery::query(filter)?;
        let to = to.open()?;
        Ok(Work::new(async move { sender.deliveries().export(query, to).await }, |_, count| Ok(count)))
    }

    /// Endpoints.
    #[getter]
    fn endpoints(&self) -> Endpoints {
        Endpoints(Arc::clone(&self.open))
    }

    /// Deliveries and jobs.
    #[getter]
    fn deliveries(&self) -> Deliveries {
        Deliveries(Arc::clone(&self.open))
    }

    /// Messages.
    #[getter]
    fn messages(&self) -> Messages {
        Messages(Arc::clone(&self.open))
    }

    /// Calls back for every notice of this kind, from a thread of its own; it is acknowledged when all callbacks
    /// have returned, and told again after a while if one raises.
    fn on(&self, py: Python<'_>, kind: NoticeKindArgument, callback: Py<PyAny>) -> Result<()> {
        self.listeners.add(py, self.open.sender()?.notices(), kind.0, callback)
    }

    /// Refuses what ``on`` would.
    #[staticmethod]
    fn check_callback(_kind: NoticeKindArgument, callback: &Bound<'_, PyAny>) -> Result<()> {
        callable(callback)
    }

    /// Reads the notices that nobody has acknowledged, and then those to come.
    fn notices(&self) -> Result<NoticeReader> {
        Ok(NoticeReader::new(&self.open.sender()?))
    }

    /// Begins to deliver.
    fn start(&self) -> Result<Work> {
        let sender = self.open.sender()?;
        Ok(Work::new(async move { sender.start() }, |_, ()| Ok(())))
    }

    /// Waits until nothing is pending.
    #[pyo3(signature = (timeout = None))]
    fn wait_idle(&self, timeout: Option<Seconds>) -> Result<Work> {
        let sender = self.open.sender()?;
        let timeout = timeout.map(|timeout| timeout.0);
        Ok(Work::new(async move { sender.wait_idle(timeout).await }, |_, idle| Ok(idle)))
    }

    /// Stops, in order.
    fn close(&self) -> Work {
        let sender = self.open.close();
        let closed = async move {
            match sender {
                Some(sender) => sender.close().await,
                None => Ok(()),
            }
        };
        Work::new(closed, |_, ()| Ok(()))
    }

    /// Whose conventions are followed, and where the store is.
    fn __repr__(&self) -> String {
        format!("'{}' provider='{}'", self.open.place(), self.open.options().provider.id())
    }
}

/// A mapping with `type` and `data`, and the options of `send`.
fn new_message(item: &Bound<'_, PyAny>) -> Result<NewMessage> {
    let Ok(fields) = item.cast::<PyDict>() else {
        return Err(Error::unexpected("a dict with type and data", item));
    };
    let (mut kind, mut data) = (None, None);
    let (mut id, mut tenant, mut timestamp) = (None, None, None::<SystemTime>);
    for (key, value) in fields {
        let optional = !value.is_none();
        match text(&key)?.as_str() {
            "type" => kind = Some(text(&value)?),
            "data" => data = Some(json::dump(&value)?),
            "id" => id = optional.then(|| text(&value)).transpose()?,
            "tenant" => tenant = optional.then(|| text(&value)).transpose()?,
            "timestamp" => {
                timestamp = optional.then(|| value.extract::<Instant>()).transpose()?.map(|at| at.0)
            }
            _ => return Err(Error::argument("A message has type, data, id, tenant and timestamp.")),
        }
    }
    let (Some(kind), Some(data)) = (kind, data) else {
        return Err(Error::argument("A message has at least type and data."));
    };
    let mut message = NewMessage::new(&kind, &data)?;
    if let Some(id) = id {
        message = message.id(&id);
    }
    if let Some(tenant) = tenant {
        message = message.tenant(&tenant);
    }
    Ok(match timestamp {
        Some(at) => message.timestamp(at),
        None => message,
    })
}
