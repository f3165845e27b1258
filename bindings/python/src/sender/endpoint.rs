//! Endpoints: who gets events.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookseal::Code;
use hookseal::deliver::AllowPrivate as Networks;
use hookseal::sender::{self as core, EndpointChanges, NewEndpoint};
use hookseal::store::{DisableReason, EndpointId, EndpointQuery};
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyString};
use pyo3::{IntoPyObjectExt, PyTypeInfo, type_hint_subscript, type_hint_union};

use super::arguments::OneSecret;
use super::open::Open;
use crate::arguments::{Id, Patterns, maybe_number, owned, text};
use crate::endpoint::{AllowPrivate, OwnHeaders, RetryArgument};
use crate::error::{Error, Result};
use crate::retry::RetryPolicy;
use crate::secret::Secret;
use crate::text::{Count, Text, maybe_switch, switch};
use crate::time::Seconds;
use crate::work::Work;

/// An endpoint of a sender, as it is stored.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct StoredEndpoint {
    /// Its id.
    id: i64,
    /// Where to.
    url: String,
    /// For people.
    name: String,
    /// Which events: types, ``"booking.*"`` or ``"*"``; an empty list wants all.
    events: Vec<String>,
    /// How many types of the provider's catalog these are.
    subscribed: usize,
    /// Whose events; ``None`` for those of all tenants.
    tenant: Option<String>,
    /// What requests are signed with, of an endpoint that was just created: it is not shown again.
    secret: Option<Py<Secret>>,
    /// The names of its custom headers.
    header_names: Vec<String>,
    /// For a whole attempt, if it is not the provider's.
    timeout: Option<Duration>,
    /// The most requests on their way at once.
    concurrency: u32,
    /// The most requests in a second.
    rate_limit: Option<f64>,
    /// Whether deliveries go out one at a time, in order.
    ordered: bool,
    /// When to try again, if it is not the provider's policy.
    retry: Option<Py<RetryPolicy>>,
    /// Whether plain http is allowed, if it is not the sender's to say.
    allow_http: Option<bool>,
    /// Whether private addresses are allowed, or which networks of them, if it is not the sender's to say.
    allow_private: Option<Private>,
    /// ``"active"`` or ``"disabled"``.
    status: &'static str,
    /// Why it is disabled: ``"user"``, ``"failures"`` or ``"refused"`` (the receiver asked for no more events).
    disabled_reason: Option<&'static str>,
    /// Since when it is disabled, in UTC.
    disabled_at: Option<SystemTime>,
    /// Failures in a row, as the provider's rule counts them.
    failures: u32,
    /// When the last attempt ended, in UTC.
    last_attempt_at: Option<SystemTime>,
    /// The last response's status code.
    last_response_code: Option<u16>,
    /// Why the last attempt got no response, such as ``"timeout"``.
    last_error_code: Option<&'static str>,
    /// Grows with every change.
    version: i64,
    /// When it was created, in UTC.
    created_at: SystemTime,
    /// When it was changed last, in UTC.
    updated_at: SystemTime,
}

impl StoredEndpoint {
    fn new(py: Python<'_>, endpoint: core::Endpoint, secret: Option<hookseal::Secret>) -> Result<Self> {
        Ok(Self {
            id: endpoint.id.0,
            url: endpoint.url,
            name: endpoint.name,
            events: endpoint.events,
            subscribed: endpoint.subscribed,
            tenant: endpoint.tenant,
            secret: secret.map(|secret| Py::new(py, Secret(secret))).transpose()?,
            header_names: endpoint.header_names,
            timeout: endpoint.timeout,
            concurrency: endpoint.concurrency,
            rate_limit: endpoint.rate_limit,
            ordered: endpoint.ordered,
            retry: endpoint.retry.map(|retry| Py::new(py, RetryPolicy(retry))).transpose()?,
            allow_http: endpoint.allow_http,
            allow_private: endpoint.allow_private.map(Private),
            status: if endpoint.disabled.is_some() { "disabled" } else { "active" },
            disabled_reason: endpoint.disabled.map(reason),
            disabled_at: endpoint.disabled_at,
            failures: endpoint.failures,
            last_attempt_at: endpoint.last_attempt_at,
            last_response_code: endpoint.last_code,
            last_error_code: endpoint.last_error.map(Code::as_str),
            version: endpoint.version,
            created_at: endpoint.created_at,
            updated_at: endpoint.updated_at,
        })
    }
}

#[pymethods]
impl StoredEndpoint {
    fn __repr__(&self) -> String {
        format!("<StoredEndpoint {} '{}' '{}'>", self.id, self.name, self.status)
    }
}

/// Endpoints, and where the next ones begin.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct EndpointPage {
    /// The endpoints, in the order of their creation.
    items: Vec<Py<StoredEndpoint>>,
    /// Where the next page begins; ``None`` if this is the last one.
    cursor: Option<i64>,
}

#[pymethods]
impl EndpointPage {
    fn __repr__(&self) -> String {
        format!("<EndpointPage of {}>", self.items.len())
    }
}

/// Endpoints of a sender.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Endpoints(pub(crate) Arc<Open>);

#[pymethods]
impl Endpoints {
    /// Creates an endpoint; settings that are ``None`` are the default.
    #[pyo3(signature = (url, secret, settings: "Mapping[str, object]"))]
    fn create(&self, url: Text, secret: Option<OneSecret>, settings: &Bound<'_, PyDict>) -> Result<Work> {
        let sender = self.0.sender()?;
        let settings = changes(settings, true)?;
        let new = NewEndpoint {
            url: url.as_str().to_owned(),
            name: settings.name.unwrap_or_default(),
            events: settings.events.unwrap_or_default(),
            tenant: settings.tenant.flatten(),
            secret: secret.map(|secret| secret.0),
            headers: settings.headers.unwrap_or_default(),
            timeout: settings.timeout.flatten(),
            concurrency: settings.concurrency.flatten(),
            rate_limit: settings.rate_limit.flatten(),
            ordered: settings.ordered.unwrap_or_default(),
            retry: settings.retry.flatten(),
            allow_http: settings.allow_http.flatten(),
            allow_private: settings.allow_private.flatten(),
        };
        let created = async move { sender.endpoints().create(new).await };
        Ok(Work::new(created, |py, created| StoredEndpoint::new(py, created.endpoint, created.secret)))
    }

    /// An endpoint.
    fn get(&self, id: Id) -> Result<Work> {
        let sender = self.0.sender()?;
        let found = async move { sender.endpoints().get(EndpointId(id.0)).await };
        Ok(Work::new(found, |py, endpoint| StoredEndpoint::new(py, endpoint, None)))
    }

    /// A page of endpoints.
    #[pyo3(signature = (tenant, active: "bool | None", cursor, limit))]
    fn list(
        &self,
        tenant: Option<Text>,
        #[pyo3(from_py_with = maybe_switch)] active: Option<bool>,
        cursor: Option<Id>,
        limit: Count,
    ) -> Result<Work> {
        let (sender, limit) = (self.0.sender()?, limit.0 as usize);
        let query = EndpointQuery { tenant: owned(tenant), active };
        let cursor = cursor.map(|Id(id)| EndpointId(id));
        let page = async move { sender.endpoints().list(query, cursor, limit).await };
        Ok(Work::new(page, |py, page| {
            let items = page.items.into_iter();
            let items = items.map(|endpoint| Ok(Py::new(py, StoredEndpoint::new(py, endpoint, None)?)?));
            Ok(EndpointPage { items: items.collect::<Result<_>>()?, cursor: page.next.map(|id| id.0) })
        }))
    }

    /// Changes an endpoint; settings that are ``None`` go back to the default.
    #[pyo3(signature = (id, settings: "Mapping[str, object]"))]
    fn update(&self, id: Id, settings: &Bound<'_, PyDict>) -> Result<Work> {
        let (sender, changes) = (self.0.sender()?, changes(settings, false)?);
        let updated = async move { sender.endpoints().update(EndpointId(id.0), changes).await };
        Ok(Work::new(updated, |py, endpoint| StoredEndpoint::new(py, endpoint, None)))
    }

    /// Enables an endpoint.
    fn enable(&self, id: Id) -> Result<Work> {
        let sender = self.0.sender()?;
        Ok(Work::new(async move { sender.endpoints().enable(EndpointId(id.0)).await }, |_, changed| {
            Ok(changed)
        }))
    }

    /// Disables an endpoint.
    fn disable(&self, id: Id) -> Result<Work> {
        let sender = self.0.sender()?;
        Ok(Work::new(async move { sender.endpoints().disable(EndpointId(id.0)).await }, |_, changed| {
            Ok(changed)
        }))
    }

    /// Deletes an endpoint.
    fn delete(&self, id: Id) -> Result<Work> {
        let sender = self.0.sender()?;
        Ok(Work::new(async move { sender.endpoints().delete(EndpointId(id.0)).await }, |_, ()| Ok(())))
    }

    /// Gives an endpoint another secret.
    fn rotate_secret(&self, id: Id, secret: Option<OneSecret>, overlap: Seconds) -> Result<Work> {
        let sender = self.0.sender()?;
        let secret = secret.map(|secret| secret.0);
        let rotated =
            async move { sender.endpoints().rotate_secret(EndpointId(id.0), secret, overlap.0).await };
        Ok(Work::new(rotated, |_, secret| Ok(Secret(secret))))
    }
}

/// The settings of an endpoint. `None` is the default: a change, or nothing where the endpoint is new.
fn changes(settings: &Bound<'_, PyDict>, new: bool) -> Result<EndpointChanges> {
    let mut changes = EndpointChanges::default();
    for (key, value) in settings {
        if new && value.is_none() {
            continue;
        }
        let optional = (!value.is_none()).then_some(&value);
        match text(&key)?.as_str() {
            "url" if !new => changes.url = Some(text(&value)?),
            "version" if !new => {
                changes.version = optional.map(|value| value.extract::<Id>()).transpose()?.map(|id| id.0)
            }
            "name" => changes.name = Some(text(&value)?),
            "events" => {
                let events = optional.map(|value| value.extract::<Patterns>()).transpose()?;
                changes.events = Some(events.map(|patterns| patterns.0).unwrap_or_default());
            }
            "tenant" => changes.tenant = Some(optional.map(text).transpose()?),
            "headers" => {
                let headers = optional.map(|value| value.extract::<OwnHeaders>()).transpose()?;
                changes.headers = Some(headers.map(OwnHeaders::owned).unwrap_or_default());
            }
            "timeout" => {
                let timeout = optional.map(|value| value.extract::<Seconds>()).transpose()?;
                changes.timeout = Some(timeout.map(|timeout| timeout.0));
            }
            "concurrency" => {
                let requests = optional.map(|value| value.extract::<Count>()).transpose()?;
                changes.concurrency = Some(requests.map(|requests| requests.0));
            }
            "rate_limit" => changes.rate_limit = Some(maybe_number(&value)?),
            "ordered" => changes.ordered = Some(switch(&value)?),
            "retry" => {
                let retry = optional.map(|value| value.extract::<RetryArgument>()).transpose()?;
                changes.retry = Some(retry.map(|retry| retry.0));
            }
            "allow_http" => changes.allow_http = Some(maybe_switch(&value)?),
            "allow_private" => {
                let allow = optional.map(|value| value.extract::<AllowPrivate>()).transpose()?;
                changes.allow_private = Some(allow.map(|allow| allow.0));
            }
            unknown => return Err(Error::argument(format!("An endpoint has no setting {unknown:?}."))),
        }
    }
    Ok(changes)
}

/// Shown as it is given: ``True``, ``False`` or a list of networks.
#[derive(Clone)]
struct Private(Networks);

impl<'py> IntoPyObject<'py> for Private {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;
    const OUTPUT_TYPE: PyStaticExpr =
        type_hint_union!(PyBool::TYPE_HINT, type_hint_subscript!(PyList::TYPE_HINT, PyString::TYPE_HINT));

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        match self.0 {
            Networks::No => false.into_bound_py_any(py),
            Networks::All => true.into_bound_py_any(py),
            Networks::Only(networks) => {
                networks.iter().map(ToString::to_string).collect::<Vec<_>>().into_bound_py_any(py)
            }
        }
    }
}

fn reason(reason: DisableReason) -> &'static str {
    match reason {
        DisableReason::User => "user",
        DisableReason::Failures => "failures",
        DisableReason::Refused => "refused",
    }
}
