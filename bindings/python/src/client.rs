//! The way out: takes an endpoint and an event, and tells what came of it.

use std::sync::atomic::{AtomicBool, Ordering};

use hookseal::{Code, deliver as core};
use pyo3::inspect::PyStaticExpr;
use pyo3::panic::PanicException;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use pyo3::{PyTypeInfo, type_hint_identifier};
use tokio::task::AbortHandle;

use crate::body::bytes_like;
use crate::delivery::Delivery;
use crate::endpoint::{AllowPrivate, Endpoint};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::per_process::PerProcess;
use crate::runtime::engine;
use crate::text::{Text, switch};

/// Delivers events, over connections that it keeps for the next ones.
///
/// Only https and public addresses, unless ``allow_http`` and ``allow_private`` (``True``, or a list of CIDR
/// ranges) say otherwise. ``ca_certificates`` (PEM) are trusted besides the public authorities. One client serves
/// any number of threads; after a fork the child has connections of its own.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Client {
    allow_http: bool,
    allow_private: core::AllowPrivate,
    ca_certificates: Option<Vec<u8>>,
    core: PerProcess<core::Client>,
    closed: AtomicBool,
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (
        *, allow_http: "bool" = false, allow_private = AllowPrivate(core::AllowPrivate::No), ca_certificates = None
    ))]
    fn new(
        #[pyo3(from_py_with = switch)] allow_http: bool,
        allow_private: AllowPrivate,
        ca_certificates: Option<Certificates>,
    ) -> Result<Self> {
        let client = Self {
            allow_http,
            allow_private: allow_private.0,
            ca_certificates: ca_certificates.map(|pem| pem.0),
            core: PerProcess::new(),
            closed: AtomicBool::new(false),
        };
        client.open()?;
        Ok(client)
    }

    /// Delivers the event, with the endpoint's retries, and returns how that went. It waits for as long as the
    /// retries take (a day and more with some providers); other threads run meanwhile, and Ctrl-C ends it.
    ///
    /// Raises ``ConfigError`` or ``DeliveryError`` only for what is wrong before the first attempt; what goes
    /// wrong in an attempt is told in the delivery.
    fn deliver(&self, py: Python<'_>, endpoint: EndpointArgument, event: EventArgument) -> Result<Delivery> {
        let (core, endpoint, event) = (self.open()?, &endpoint.0.get().0, event.0.get());
        let delivery = engine(py)?.wait(py, event.deliver(core, endpoint))?;
        Delivery::new(py, delivery?)
    }

    /// Refuses further deliveries.
    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception: "object"))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) {
        self.close();
    }

    fn __repr__(&self) -> &'static str {
        "<Client>"
    }
}

impl Client {
    /// The client of this process.
    fn open(&self) -> Result<&core::Client> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(hookseal::Error::new(Code::Closed, "This client is closed.").into());
        }
        Ok(self.core.get_or_try_init(|| {
            let builder =
                core::Client::builder().allow_http(self.allow_http).allow_private(self.allow_private.clone());
            match &self.ca_certificates {
                Some(pem) => builder.root_certificates(pem).build(),
                None => builder.build(),
            }
        })?)
    }
}

/// Starts a delivery and returns at once. ``settle`` is called with the ``Delivery`` or an exception, on another
/// thread, unless the task was cancelled.
#[pyfunction]
pub(crate) fn start_delivery(
    py: Python<'_>,
    client: &Client,
    endpoint: EndpointArgument,
    event: EventArgument,
    settle: Py<PyAny>,
) -> Result<DeliveryTask> {
    let core = client.open()?.clone();
    let engine = engine(py)?;
    let work = async move { event.0.get().deliver(&core, &endpoint.0.get().0).await };
    let work = engine.spawn(work);
    let task = DeliveryTask(work.abort_handle());
    engine.spawn(async move {
        let result = match work.await {
            Ok(result) => result.map_err(Error::from),
            Err(error) if error.is_cancelled() => return,
            Err(_) => Err(Error::Python(PanicException::new_err("A delivery ended by a bug in hookseal."))),
        };
        engine.enter_python(|py| {
            let delivery =
                result.and_then(|delivery| Ok(Py::new(py, Delivery::new(py, delivery)?)?.into_any()));
            let outcome = delivery.unwrap_or_else(|error| PyErr::from(error).into_value(py).into_any());
            if let Err(error) = settle.call1(py, (outcome,)) {
                error.write_unraisable(py, None);
            }
        });
    });
    Ok(task)
}

/// A delivery in the background.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct DeliveryTask(AbortHandle);

#[pymethods]
impl DeliveryTask {
    /// Ends the delivery where it stands; does nothing to one that has ended.
    fn cancel(&self) {
        self.0.abort();
    }
}

/// An `Endpoint`.
pub(crate) struct EndpointArgument(Py<Endpoint>);

impl<'py> FromPyObject<'_, 'py> for EndpointArgument {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = Endpoint::TYPE_HINT;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.cast::<Endpoint>() {
            Ok(endpoint) => Ok(Self(endpoint.to_owned().unbind())),
            Err(_) => Err(Error::unexpected("an Endpoint", &object).into()),
        }
    }
}

/// An `Event`.
pub(crate) struct EventArgument(pub(crate) Py<Event>);

impl<'py> FromPyObject<'_, 'py> for EventArgument {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = Event::TYPE_HINT;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.cast::<Event>() {
            Ok(event) => Ok(Self(event.to_owned().unbind())),
            Err(_) => Err(Error::unexpected(
                "an Event, such as Webhook.verify gives or Provider.event makes",
                &object,
            )
            .into()),
        }
    }
}

/// Certificates as PEM text.
pub(crate) struct Certificates(pub(crate) Vec<u8>);

impl<'py> FromPyObject<'_, 'py> for Certificates {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.types", "Certificates");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyString>() {
            return Ok(Self(object.extract::<Text>()?.as_str().as_bytes().to_vec()));
        }
        match bytes_like(object)? {
            Some(pem) => Ok(Self(pem.to_vec())),
            None => Err(Error::unexpected("certificates as PEM text", &object).into()),
        }
    }
}
