//! What the sender's calls take besides text and numbers.

use hookseal::Secret;
use hookseal::store::Retention;
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};
use pyo3::{PyTypeInfo, type_hint_identifier, type_hint_union};

use crate::arguments::text;
use crate::error::Error;
use crate::secret::Secrets;
use crate::time::Seconds;

/// One secret: `str` or `Secret`.
pub(crate) struct OneSecret(pub(crate) Secret);

impl<'py> FromPyObject<'_, 'py> for OneSecret {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_union!(PyString::TYPE_HINT, crate::secret::Secret::TYPE_HINT);

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let mut secrets = object.extract::<Secrets>()?.0.into_iter();
        match (secrets.next(), secrets.next()) {
            (Some(secret), None) => Ok(Self(secret)),
            _ => Err(Error::argument("Here it is one secret, not several.").into()),
        }
    }
}

/// How long things are kept: `True` for the usual times, `False` for ever, or a mapping of some of them.
pub(crate) struct KeepFor(pub(crate) Option<Retention>);

impl<'py> FromPyObject<'_, 'py> for KeepFor {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.sender_types", "Retention");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(switch) = object.cast::<PyBool>() {
            return Ok(Self(switch.is_true().then(Retention::default)));
        }
        let Ok(times) = object.cast::<PyDict>() else {
            return Err(Error::unexpected("True, False or a dict of times to keep", &object).into());
        };
        let mut kept = Retention::default();
        for (key, value) in &*times {
            let place = match text(&key)?.as_str() {
                "held" => &mut kept.held,
                "attempts" => &mut kept.attempts,
                "bodies" => &mut kept.bodies,
                "deliveries" => &mut kept.deliveries,
                "ids" => &mut kept.ids,
                "usage" => &mut kept.usage,
                _ => {
                    let known = "What is kept are held, attempts, bodies, deliveries, ids and usage.";
                    return Err(Error::argument(known).into());
                }
            };
            *place = i64::try_from(value.extract::<Seconds>()?.0.as_millis()).unwrap_or(i64::MAX);
        }
        Ok(Self(Some(kept)))
    }
}
