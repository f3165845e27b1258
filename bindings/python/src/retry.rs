//! When a failed delivery is tried again.

use std::time::{Duration, SystemTime};

use hookseal::{Code, Outcome};
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDateTime, PyInt, PyString};
use pyo3::{PyTypeInfo, type_hint_identifier, type_hint_union};

use crate::error::{Error, Result};
use crate::text::{Count, Text, number};
use crate::time::{self, Instant, Seconds};

/// When a failed delivery is tried again: the delay before each retry, as ``timedelta`` or seconds.
///
/// Every delay above ten seconds grows by a random part of up to ``jitter`` (0 to 1) of itself. Raises
/// ``ConfigError`` (``invalid_argument``).
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct RetryPolicy(pub(crate) hookseal::RetryPolicy);

#[pymethods]
impl RetryPolicy {
    #[new]
    #[pyo3(signature = (delays, *, jitter: "float" = 0.0))]
    fn new(delays: Delays, #[pyo3(from_py_with = number)] jitter: f64) -> Result<Self> {
        Ok(Self(hookseal::RetryPolicy::from_delays(delays.0)?.with_jitter(jitter)?))
    }

    /// ``count`` retries, the first after ``first``, each later one after ``factor`` times the delay before it, none
    /// after more than ``cap``.
    #[staticmethod]
    #[pyo3(signature = (first, factor: "float", count, cap = None, *, jitter: "float" = 0.0))]
    fn exponential(
        first: Seconds,
        #[pyo3(from_py_with = number)] factor: f64,
        count: Count,
        cap: Option<Seconds>,
        #[pyo3(from_py_with = number)] jitter: f64,
    ) -> Result<Self> {
        let policy = hookseal::RetryPolicy::exponential(first.0, factor, cap.map(|cap| cap.0), count.0)?;
        Ok(Self(policy.with_jitter(jitter)?))
    }

    /// The delay before each retry, before jitter.
    fn delays(&self) -> Vec<Duration> {
        self.0.delays().to_vec()
    }

    /// How many attempts there are at most, the first included.
    #[getter]
    fn max_attempts(&self) -> u32 {
        self.0.max_attempts()
    }

    /// What to do after attempt number ``attempt`` (the first is 1) ended at ``now``. ``outcome`` is the status
    /// code, or the error code (such as ``"timeout"``) if there was no answer; ``retry_after`` is the header of that
    /// name; ``jitter`` between 0 and 1 picks within the policy's jitter.
    #[pyo3(signature = (attempt, outcome, *, retry_after = None, now = None, jitter: "float" = 0.0))]
    fn next(
        &self,
        attempt: Count,
        outcome: OutcomeArgument,
        retry_after: Option<Text>,
        now: Option<Instant>,
        #[pyo3(from_py_with = number)] jitter: f64,
    ) -> Next {
        let now = now.map_or_else(SystemTime::now, |now| now.0);
        let outcome = match outcome.0 {
            Outcome::Status { code, .. } => {
                Outcome::Status { code, retry_after: retry_after.map(|text| text.as_str().to_owned()) }
            }
            failed => failed,
        };
        Next { core: self.0.next(attempt.0, &outcome, now, jitter), now }
    }

    fn __repr__(&self) -> String {
        let delays: Vec<_> = self.0.delays().iter().map(Duration::as_secs_f64).collect();
        format!("RetryPolicy({delays:?}, jitter={})", self.0.jitter())
    }
}

/// What to do after an attempt.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Next {
    core: hookseal::Next,
    now: SystemTime,
}

#[pymethods]
impl Next {
    /// ``"done"``, ``"retry"``, ``"give_up"`` or ``"disable"``.
    #[getter]
    fn action(&self) -> &'static str {
        match self.core {
            hookseal::Next::Done => "done",
            hookseal::Next::RetryAt(_) => "retry",
            hookseal::Next::GiveUp => "give_up",
            hookseal::Next::Disable => "disable",
        }
    }

    /// When to try again, in UTC; ``None`` if not.
    #[getter]
    fn at<'py>(&self, py: Python<'py>) -> Result<Option<Bound<'py, PyDateTime>>> {
        self.instant().map(|at| time::datetime(py, at)).transpose()
    }

    /// How long to wait before trying again; ``None`` if not.
    #[getter]
    fn delay(&self) -> Option<Duration> {
        self.instant().map(|at| at.duration_since(self.now).unwrap_or_default())
    }

    fn __repr__(&self) -> String {
        match self.delay() {
            Some(delay) => format!("<Next '{}' in {} s>", self.action(), delay.as_secs_f64()),
            None => format!("<Next '{}'>", self.action()),
        }
    }
}

impl Next {
    fn instant(&self) -> Option<SystemTime> {
        match self.core {
            hookseal::Next::RetryAt(at) => Some(at),
            _ => None,
        }
    }
}

/// A list of `timedelta` or seconds.
struct Delays(Vec<Duration>);

impl<'py> FromPyObject<'_, 'py> for Delays {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.types", "Delays");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let expected = "a list of timedelta or seconds";
        if object.is_instance_of::<PyString>() {
            return Err(Error::unexpected(expected, &object).into());
        }
        let Ok(items) = object.try_iter() else {
            return Err(Error::unexpected(expected, &object).into());
        };
        items.map(|item| Ok(item?.extract::<Seconds>()?.0)).collect::<PyResult<_>>().map(Self)
    }
}

/// A status code, or the error code of an attempt without an answer.
struct OutcomeArgument(Outcome);

impl<'py> FromPyObject<'_, 'py> for OutcomeArgument {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_union!(PyInt::TYPE_HINT, PyString::TYPE_HINT);

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyInt>() && !object.is_instance_of::<PyBool>() {
            let code = object.extract::<u16>().ok().filter(|code| (100..1000).contains(code));
            let code = code.ok_or_else(|| Error::argument("A status code is a number from 100 to 999."))?;
            return Ok(Self(Outcome::Status { code, retry_after: None }));
        }
        if !object.is_instance_of::<PyString>() {
            return Err(Error::unexpected("a status code or an error code", &object).into());
        }
        let code = Code::parse(object.extract::<Text>()?.as_str());
        let code =
            code.ok_or_else(|| Error::argument("No error has this code; hookseal.errors lists them."))?;
        Ok(Self(Outcome::Failed(code)))
    }
}
