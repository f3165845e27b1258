//! Where events are delivered to.

use hookseal::deliver as core;
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyMapping, PyString};
use pyo3::{PyTypeInfo, type_hint_identifier, type_hint_subscript};

use crate::error::{Error, Result};
use crate::provider::ProviderArgument;
use crate::retry::RetryPolicy;
use crate::secret::Secrets;
use crate::text::{Text, maybe_switch};
use crate::time::Seconds;

/// An url that wants events, with its secrets and how it is treated.
///
/// One secret or several, the newest first: it signs. Timeout and retries are the provider's until they are set;
/// ``headers`` are sent with every request; ``allow_http`` and ``allow_private`` count here, whatever the client
/// says. Raises ``ConfigError`` (``invalid_url``, ``invalid_secret``, ``invalid_argument``).
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Endpoint(pub(crate) core::Endpoint);

#[pymethods]
impl Endpoint {
    #[new]
    #[pyo3(signature = (
        url, secret = None, *, provider = ProviderArgument::standard(), timeout = None,
        allow_http: "bool | None" = None, allow_private = None, headers = None, retry = None
    ))]
    #[allow(clippy::too_many_arguments, reason = "they are keywords")]
    fn new(
        url: Text,
        secret: Option<Secrets>,
        provider: ProviderArgument,
        timeout: Option<Seconds>,
        #[pyo3(from_py_with = maybe_switch)] allow_http: Option<bool>,
        allow_private: Option<AllowPrivate>,
        headers: Option<OwnHeaders>,
        retry: Option<RetryArgument>,
    ) -> Result<Self> {
        let secrets = secret.map(|secrets| secrets.0).unwrap_or_default();
        let mut endpoint = core::Endpoint::new(url.as_str(), &provider.0, &secrets)?;
        if let Some(Seconds(timeout)) = timeout {
            endpoint = endpoint.timeout(timeout)?;
        }
        if let Some(allow) = allow_http {
            endpoint = endpoint.allow_http(allow);
        }
        if let Some(AllowPrivate(allow)) = allow_private {
            endpoint = endpoint.allow_private(allow);
        }
        for (name, value) in headers.iter().flat_map(|headers| &headers.0) {
            endpoint = endpoint.header(name.as_str(), value.as_str())?;
        }
        if let Some(RetryArgument(retry)) = retry {
            endpoint = endpoint.retry(retry);
        }
        Ok(Self(endpoint))
    }

    /// The url, in the spelling that is signed and dialled.
    #[getter]
    fn url(&self) -> &str {
        self.0.url().as_str()
    }

    fn __repr__(&self) -> String {
        // Paths and queries of urls often hold tokens.
        let origin = self.0.url().origin().ascii_serialization();
        format!("<Endpoint '{origin}' provider='{}'>", self.0.provider().id())
    }
}

/// A `bool`, or the CIDR ranges that are allowed.
pub(crate) struct AllowPrivate(pub(crate) core::AllowPrivate);

impl<'py> FromPyObject<'_, 'py> for AllowPrivate {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.types", "AllowPrivate");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(switch) = object.cast::<PyBool>() {
            let allow = if switch.is_true() { core::AllowPrivate::All } else { core::AllowPrivate::No };
            return Ok(Self(allow));
        }
        let unexpected = || Error::unexpected("True, False or a list of CIDR ranges", &object);
        if object.is_instance_of::<PyString>() {
            return Err(unexpected().into());
        }
        let Ok(items) = object.try_iter() else {
            return Err(unexpected().into());
        };
        let networks = items.map(|item| item?.extract()).collect::<PyResult<Vec<Text>>>()?;
        let networks = core::AllowPrivate::only(networks.iter().map(Text::as_str)).map_err(Error::from)?;
        Ok(Self(networks))
    }
}

/// A `RetryPolicy`.
pub(crate) struct RetryArgument(pub(crate) hookseal::RetryPolicy);

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

/// Headers to send: a mapping of `str` to `str`. What it holds besides is an error, not passed over.
pub(crate) struct OwnHeaders(Vec<(Text, Text)>);

impl OwnHeaders {
    pub(crate) fn owned(self) -> Vec<(String, String)> {
        let text = |text: &Text| text.as_str().to_owned();
        self.0.iter().map(|(name, value)| (text(name), text(value))).collect()
    }
}

impl<'py> FromPyObject<'_, 'py> for OwnHeaders {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_subscript!(
        type_hint_identifier!("collections.abc", "Mapping"),
        PyString::TYPE_HINT,
        PyString::TYPE_HINT
    );

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let unexpected = || Error::unexpected("a mapping of header names to values", &object);
        let Ok(mapping) = object.cast::<PyMapping>() else {
            return Err(unexpected().into());
        };
        let items =
            mapping.items().and_then(|items| items.extract::<Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>>());
        let items = items.map_err(|cause| unexpected().because(object.py(), cause))?;
        let texts = items.iter().map(|(name, value)| Ok((name.extract()?, value.extract()?)));
        texts.collect::<PyResult<_>>().map(Self)
    }
}
