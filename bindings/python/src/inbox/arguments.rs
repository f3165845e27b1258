//! What an inbox takes besides text and numbers.

use hookseal::inbox::{EventQuery, EventStatus};
use hookseal::store::Retention;
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict};
use pyo3::{PyTypeInfo, type_hint_identifier};

use crate::arguments::{Patterns, text};
use crate::error::{Error, Result};
use crate::notices::callable;
use crate::retry::RetryPolicy;
use crate::time::{Instant, Seconds};
use crate::webhook::Webhook;

/// A `Webhook`.
pub(super) struct WebhookArgument(pub(super) hookseal::Webhook);

impl<'py> FromPyObject<'_, 'py> for WebhookArgument {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = Webhook::TYPE_HINT;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.cast::<Webhook>() {
            Ok(webhook) => Ok(Self(webhook.get().core.clone())),
            Err(_) => Err(Error::unexpected("a Webhook", &object).into()),
        }
    }
}

/// A `RetryPolicy`.
pub(super) struct RetryArgument(pub(super) hookseal::RetryPolicy);

impl<'py> FromPyObject<'_, 'py> for RetryArgument {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = RetryPolicy::TYPE_HINT;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.cast::<RetryPolicy>() {
            Ok(policy) => Ok(Self(policy.get().0.clone())),
            Err(_) => Err(Error::unexpected("a RetryPolicy", &object).into()),
        }
    }
}

/// A callable.
pub(super) struct OrderBy(pub(super) Py<PyAny>);

impl<'py> FromPyObject<'_, 'py> for OrderBy {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.inbox_types", "OrderBy");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        callable(&object)?;
        Ok(Self(object.to_owned().unbind()))
    }
}

/// How long things are kept: `True` for the usual times, `False` for ever, or a mapping of some of them.
pub(super) enum KeepFor {
    Usual,
    Ever,
    These(Vec<(String, i64)>),
}

impl KeepFor {
    pub(super) fn over(self, usual: Option<Retention>) -> Result<Option<Retention>> {
        let times = match self {
            Self::Usual => return Ok(usual),
            Self::Ever => return Ok(None),
            Self::These(times) => times,
        };
        let mut kept = usual.unwrap_or_default();
        for (name, time) in times {
            let place = match name.as_str() {
                "tries" => &mut kept.attempts,
                "bodies" => &mut kept.bodies,
                "events" => &mut kept.deliveries,
                "ids" => &mut kept.ids,
                _ => return Err(Error::argument("What is kept are tries, bodies, events and ids.")),
            };
            *place = time;
        }
        Ok(Some(kept))
    }
}

impl<'py> FromPyObject<'_, 'py> for KeepFor {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.inbox_types", "EventRetention");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(switch) = object.cast::<PyBool>() {
            return Ok(if switch.is_true() { Self::Usual } else { Self::Ever });
        }
        let Ok(times) = object.cast::<PyDict>() else {
            return Err(Error::unexpected("True, False or a dict of times to keep", &object).into());
        };
        let times = times.iter().map(|(name, time)| {
            let millis = time.extract::<Seconds>()?.0.as_millis();
            Ok((text(&name)?, i64::try_from(millis).unwrap_or(i64::MAX)))
        });
        times.collect::<PyResult<_>>().map(Self::These)
    }
}

/// Which events; what is `None` is any.
pub(super) fn query(filter: &Bound<'_, PyDict>) -> Result<EventQuery> {
    let mut query = EventQuery::default();
    for (key, value) in filter {
        if value.is_none() {
            continue;
        }
        match text(&key)?.as_str() {
            "status" => query.status = Some(status(&value)?),
            "type" => query.types = value.extract::<Patterns>()?.0,
            "tenant" => query.tenant = Some(text(&value)?),
            "since" => query.since = Some(value.extract::<Instant>()?.0),
            "until" => query.until = Some(value.extract::<Instant>()?.0),
            _ => {
                return Err(Error::argument("Events are filtered by status, type, tenant, since and until."));
            }
        }
    }
    Ok(query)
}

fn status(value: &Bound<'_, PyAny>) -> Result<EventStatus> {
    let all = || EventStatus::ALL.map(EventStatus::as_str).join(", ");
    EventStatus::parse(&text(value)?)
        .ok_or_else(|| Error::argument(format!("The status of an event is one of {}.", all())))
}
