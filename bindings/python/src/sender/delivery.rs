//! Deliveries: the log of what happened, and delivering once more.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookseal::sender::RetryFilter;
use hookseal::store::{
    AttemptRecord, DeliveryId, DeliveryQuery, DeliveryRecord, DeliveryState, EndpointId, EventFilter, JobId,
};
use hookseal::{Code, sender};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDateTime, PyDict};

use super::job::Job;
use super::open::Open;
use crate::arguments::{Id, Patterns, instant, length, millis, owned, text};
use crate::error::{Error, Result};
use crate::text::{Count, Text};
use crate::time::{self, Instant};
use crate::work::Work;

/// A message's way to one endpoint, as the log shows it.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct StoredDelivery {
    /// Its id.
    id: i64,
    /// The event's id.
    message: String,
    /// The message's number in the store.
    message_key: i64,
    /// What happened, such as ``"booking.created"``.
    r#type: String,
    /// Whose event it is.
    tenant: Option<String>,
    /// The endpoint's id.
    endpoint: i64,
    /// ``"pending"``, ``"held"``, ``"delivered"``, ``"failed"`` or ``"canceled"``.
    status: &'static str,
    /// What made it: ``"event"``, ``"manual"`` or ``"test"``.
    trigger: &'static str,
    /// The delivery that this one repeats, for manual ones.
    parent: Option<i64>,
    /// How many attempts there were.
    attempt_count: u32,
    /// When the next attempt is due, in UTC, while it is pending or held.
    due: Option<SystemTime>,
    /// When it was made, in UTC.
    created_at: SystemTime,
    /// When it came to its end, in UTC.
    done_at: Option<SystemTime>,
    /// The last response's status code.
    response_code: Option<u16>,
    /// Why the last attempt got no response, such as ``"timeout"``.
    error_code: Option<&'static str>,
    /// How long the last attempt took.
    duration: Option<Duration>,
    /// Its attempts, in order; ``None`` in a list of deliveries.
    attempts: Option<Vec<Py<StoredAttempt>>>,
    /// The bytes that were sent; ``None`` in a list of deliveries, or if they are not kept any more.
    body: Option<Py<PyBytes>>,
}

impl StoredDelivery {
    fn new(delivery: DeliveryRecord) -> Self {
        Self {
            id: delivery.id.0,
            message: delivery.message_id,
            message_key: delivery.message.0,
            r#type: delivery.event_type,
            tenant: delivery.tenant,
            endpoint: delivery.endpoint.0,
            status: delivery.state.as_str(),
            trigger: delivery.trigger.as_str(),
            parent: delivery.parent.map(|parent| parent.0),
            attempt_count: delivery.attempts,
            due: delivery.due.map(instant),
            created_at: instant(delivery.created_at),
            done_at: delivery.done_at.map(instant),
            response_code: delivery.last_code,
            error_code: delivery.last_error.map(Code::as_str),
            duration: delivery.last_duration.map(length),
            attempts: None,
            body: None,
        }
    }
}

#[pymethods]
impl StoredDelivery {
    fn __repr__(&self) -> String {
        format!("<StoredDelivery {} '{}' endpoint={}>", self.id, self.status, self.endpoint)
    }
}

/// One HTTP request and its outcome, as the log shows it.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct StoredAttempt(pub(crate) AttemptRecord);

#[pymethods]
impl StoredAttempt {
    /// Which attempt of its delivery it was, from 1.
    #[getter]
    fn number(&self) -> u32 {
        self.0.number
    }

    /// When it began, in UTC.
    #[getter]
    fn started_at<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyDateTime>> {
        time::datetime(py, instant(self.0.started_at))
    }

    /// How long it took.
    #[getter]
    fn duration(&self) -> Duration {
        length(self.0.duration)
    }

    /// The duration in milliseconds.
    #[getter]
    fn duration_ms(&self) -> i64 {
        self.0.duration
    }

    /// The status code, if the receiver got as far as answering.
    #[getter]
    fn response_code(&self) -> Option<u16> {
        self.0.response_code
    }

    /// Why there is no complete response, for people; ``None`` for an answer of any status.
    #[getter]
    fn error(&self) -> Option<&str> {
        self.0.error.as_ref().map(hookseal::Error::message)
    }

    /// Why there is no complete response, such as ``"timeout"`` or ``"lost"``; ``None`` for an answer of any status.
    #[getter]
    fn error_code(&self) -> Option<&'static str> {
        self.0.error.as_ref().map(|error| error.code().as_str())
    }

    /// The headers that were sent, signature included. Those of the endpoint itself stand as ``[redacted]``.
    #[getter]
    fn request_headers(&self) -> Vec<(&str, &str)> {
        self.0.request_headers.iter().collect()
    }

    /// The response's headers, in order.
    #[getter]
    fn response_headers(&self) -> Vec<(&str, &str)> {
        self.0.response_headers.iter().collect()
    }

    /// The beginning of the response's body, as it came.
    #[getter]
    fn response_body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.response_body)
    }

    /// Whether the body went on.
    #[getter]
    fn response_truncated(&self) -> bool {
        self.0.response_truncated
    }

    /// Whether the receiver answered 2xx, completely and in time.
    #[getter]
    fn succeeded(&self) -> bool {
        self.0.error.is_none() && self.0.response_code.is_some_and(|code| (200..300).contains(&code))
    }

    fn __repr__(&self) -> String {
        match (self.0.response_code, self.error_code()) {
            (Some(code), None) => format!("<StoredAttempt {} {code}>", self.0.number),
            (_, error) => format!("<StoredAttempt {} '{}'>", self.0.number, error.unwrap_or_default()),
        }
    }
}

/// Deliveries, and where the next ones begin.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct DeliveryPage {
    /// The deliveries, newest first.
    items: Vec<Py<StoredDelivery>>,
    /// Where the next page begins; ``None`` if this is the last one.
    cursor: Option<i64>,
}

#[pymethods]
impl DeliveryPage {
    fn __repr__(&self) -> String {
        format!("<DeliveryPage of {}>", self.items.len())
    }
}

/// Deliveries and jobs of a sender.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Deliveries(pub(crate) Arc<Open>);

#[pymethods]
impl Deliveries {
    /// A page of the log.
    #[pyo3(signature = (filter: "Mapping[str, object]", cursor, limit))]
    fn list(&self, filter: &Bound<'_, PyDict>, cursor: Option<Id>, limit: Count) -> Result<Work> {
        let (sender, query, limit) = (self.0.sender()?, query(filter)?, limit.0 as usize);
        let cursor = cursor.map(|Id(id)| DeliveryId(id));
        let page = async move { sender.deliveries().list(query, cursor, limit).await };
        Ok(Work::new(page, |py, page| {
            let items = page.items.into_iter();
            let items = items.map(|delivery| Py::new(py, StoredDelivery::new(delivery)));
            Ok(DeliveryPage { items: items.collect::<PyResult<_>>()?, cursor: page.next.map(|id| id.0) })
        }))
    }

    /// A delivery with its attempts and what they sent.
    fn get(&self, id: Id) -> Result<Work> {
        let sender = self.0.sender()?;
        let found = async move {
            let detail = sender.deliveries().get(DeliveryId(id.0)).await?;
            match sender.messages().get(detail.delivery.message).await {
                Ok(message) => Ok((detail, message.body)),
                Err(error) if error.code() == Code::NotFound => Ok((detail, None)),
                Err(error) => Err(error),
            }
        };
        Ok(Work::new(found, |py, (detail, body)| {
            let sender::DeliveryDetail { delivery, attempts, .. } = detail;
            let attempts = attempts.into_iter().map(|attempt| Py::new(py, StoredAttempt(attempt)));
            let attempts = Some(attempts.collect::<PyResult<_>>()?);
            let body = body.map(|body| PyBytes::new(py, &body).unbind());
            Ok(StoredDelivery { attempts, body, ..StoredDelivery::new(delivery) })
        }))
    }

    /// Delivers once more; of a pending delivery the next attempt is pulled forward.
    fn retry(&self, id: Id) -> Result<Work> {
        let sender = self.0.sender()?;
        let retried = async move { sender.deliveries().retry(DeliveryId(id.0)).await };
        Ok(Work::new(retried, |_, id| Ok(id.0)))
    }

    /// Delivers again what failed.
    #[pyo3(signature = (since, *, endpoint = None, tenant = None, r#type = None))]
    fn retry_failed(
        &self,
        since: Instant,
        endpoint: Option<Id>,
        tenant: Option<Text>,
        r#type: Option<Patterns>,
    ) -> Result<Work> {
        let sender = self.0.sender()?;
        let filter = RetryFilter {
            endpoint: endpoint.map(|Id(id)| EndpointId(id)),
            tenant: owned(tenant),
            events: r#type.map(|patterns| patterns.0).unwrap_or_default(),
        };
        let job = async move { sender.deliveries().retry_failed(since.0, filter).await };
        Ok(Work::new(job, |_, job| Ok(Job::new(&job))))
    }

    /// Cancels a delivery.
    fn cancel(&self, id: Id) -> Result<Work> {
        let sender = self.0.sender()?;
        let canceled = async move { sender.deliveries().cancel(DeliveryId(id.0)).await };
        Ok(Work::new(canceled, |_, changed| Ok(changed)))
    }

    /// How far a job is.
    fn job(&self, id: Id) -> Result<Work> {
        let sender = self.0.sender()?;
        let job = async move { sender.deliveries().job(JobId(id.0)).await };
        Ok(Work::new(job, |_, job| Ok(Job::new(&job))))
    }
}

/// Which deliveries; what is `None` is any.
pub(crate) fn query(filter: &Bound<'_, PyDict>) -> Result<DeliveryQuery> {
    let mut query = DeliveryQuery::default();
    for (key, value) in filter {
        if value.is_none() {
            continue;
        }
        match text(&key)?.as_str() {
            "endpoint" => query.endpoint = Some(EndpointId(value.extract::<Id>()?.0)),
            "status" => query.state = Some(state(&value)?),
            "type" => query.events = EventFilter::new(&value.extract::<Patterns>()?.0)?,
            "tenant" => query.tenant = Some(text(&value)?),
            "response_class" => query.code = Some(response_class(&value)?),
            "since" => query.since = Some(millis(value.extract::<Instant>()?.0)),
            "until" => query.until = Some(millis(value.extract::<Instant>()?.0)),
            _ => {
                let known = "endpoint, status, type, tenant, response_class, since and until";
                return Err(Error::argument(format!("Deliveries are filtered by {known}.")));
            }
        }
    }
    Ok(query)
}

fn state(value: &Bound<'_, PyAny>) -> Result<DeliveryState> {
    let states = || DeliveryState::ALL.map(DeliveryState::as_str).join(", ");
    DeliveryState::parse(&text(value)?)
        .ok_or_else(|| Error::argument(format!("The status of a delivery is one of {}.", states())))
}

/// `2xx` to `5xx` as the codes it stands for.
fn response_class(value: &Bound<'_, PyAny>) -> Result<(u16, u16)> {
    match text(value)?.as_str() {
        "1xx" => Ok((100, 199)),
        "2xx" => Ok((200, 299)),
        "3xx" => Ok((300, 399)),
        "4xx" => Ok((400, 499)),
        "5xx" => Ok((500, 599)),
        _ => Err(Error::argument("A class of responses is 1xx, 2xx, 3xx, 4xx or 5xx.")),
    }
}
