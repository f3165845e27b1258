//! Requests and a receiver for tests.

use std::collections::BTreeMap;
use std::time::Duration;

use hookseal::testing as core;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDateTime, PyTuple};

use crate::body::Body;
use crate::endpoint::OwnHeaders;
use crate::error::{Error, Result};
use crate::json;
use crate::provider::ProviderArgument;
use crate::secret::OneSecret;
use crate::text::{Count, Text};
use crate::time::{self, Instant, Seconds};

/// A request for a test: signed as a provider signs, or a variant of it.
#[pyclass(frozen, module = "hookseal.testing")]
pub(crate) struct SignedRequest(core::SignedRequest);

/// A request of this provider to a receiver that has this secret; where signatures are asymmetric, the private key.
///
/// It is the catalog's example of ``type``; or ``data``, which is anything that ``json.dumps`` takes, as an event of
/// this type in the provider's envelope; or ``body`` as it is. Without any of them it is the first example of the
/// catalog, or an event of type ``test``. Id and time are made where they are not given. Raises ``ConfigError``.
#[pyfunction]
#[pyo3(signature = (
    secret, *, provider = ProviderArgument::standard(), r#type = None, data = None, body = None, id = None,
    tenant = None, now = None, url = None, method = None
))]
#[allow(clippy::too_many_arguments, reason = "they are keywords")]
pub(crate) fn signed_request(
    secret: OneSecret,
    provider: ProviderArgument,
    r#type: Option<Text>,
    data: Option<&Bound<'_, PyAny>>,
    body: Option<Body>,
    id: Option<Text>,
    tenant: Option<Text>,
    now: Option<Instant>,
    url: Option<Text>,
    method: Option<Text>,
) -> Result<SignedRequest> {
    let data = data.map(json::dump).transpose()?;
    let options = core::RequestOptions {
        event_type: r#type.as_ref().map(Text::as_str),
        data: data.as_ref().map(|data| data.get()),
        body: body.as_ref().map(AsRef::as_ref),
        id: id.as_ref().map(Text::as_str),
        tenant: tenant.as_ref().map(Text::as_str),
        now: now.map(|at| at.0),
        url: url.as_ref().map(Text::as_str),
        method: method.as_ref().map(Text::as_str),
    };
    Ok(SignedRequest(core::SignedRequest::new(&provider.0, &secret.0, &options)?))
}

#[pymethods]
impl SignedRequest {
    /// The request's method.
    #[getter]
    fn method(&self) -> &str {
        self.0.method()
    }

    /// The url that it is sent to.
    #[getter]
    fn url(&self) -> &str {
        self.0.url()
    }

    /// Every header, names in lower case.
    #[getter]
    fn headers(&self) -> BTreeMap<&str, &str> {
        self.0.headers().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// The raw body.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.body())
    }

    /// The event's id, where the request says it.
    #[getter]
    fn id(&self) -> &str {
        self.0.id()
    }

    /// When it is sent; pass it to who verifies it, or let it be now.
    #[getter]
    fn now<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyDateTime>> {
        time::datetime(py, self.0.now())
    }

    /// The code of the error with which it is refused at that time, by a receiver that has its secret (after
    /// ``rotated`` both); ``None`` if it is accepted.
    #[getter]
    fn expected(&self) -> Option<&'static str> {
        self.0.expected().map(hookseal::Code::as_str)
    }

    /// The same event once more, as after an answer that got lost: the same id and the same body.
    fn duplicate(&self) -> Result<Self> {
        self.variant(core::Variant::Duplicate)
    }

    /// A letter or digit of the body was changed after it was signed.
    fn tampered(&self) -> Result<Self> {
        self.variant(core::Variant::Tampered)
    }

    /// Signed a minute longer ago than the provider tolerates. Raises ``ConfigError`` where no time is signed.
    fn stale(&self) -> Result<Self> {
        self.variant(core::Variant::Stale)
    }

    /// Signed for a time that lies a minute further ahead than the provider tolerates. Raises ``ConfigError``
    /// where no time is signed.
    fn future(&self) -> Result<Self> {
        self.variant(core::Variant::Future)
    }

    /// Signed with another secret of the same kind.
    fn wrong_secret(&self) -> Result<Self> {
        self.variant(core::Variant::WrongSecret)
    }

    /// Signed with the empty key, which is anybody's. Raises ``ConfigError`` where signatures are asymmetric.
    fn empty_key(&self) -> Result<Self> {
        self.variant(core::Variant::EmptyKey)
    }

    /// Without its signature.
    fn unsigned(&self) -> Result<Self> {
        self.variant(core::Variant::Unsigned)
    }

    /// The same request signed with another secret, such as the old one of a rotation: a receiver that has both
    /// accepts it.
    fn rotated(&self, secret: OneSecret) -> Result<Self> {
        Ok(Self(self.0.rotated(&secret.0)?))
    }

    /// Every variant that this provider has, by its name.
    fn variants(&self) -> Result<BTreeMap<&'static str, Self>> {
        let named = |(variant, request): (core::Variant, _)| (variant.as_str(), Self(request));
        Ok(self.0.variants()?.into_iter().map(named).collect())
    }

    fn __repr__(&self) -> String {
        format!("<SignedRequest id='{}' expected={:?}>", self.0.id(), self.expected().unwrap_or("valid"))
    }
}

impl SignedRequest {
    fn variant(&self, variant: core::Variant) -> Result<Self> {
        Ok(Self(self.0.variant(variant)?))
    }
}

/// A real HTTP server on this machine that records every request, for the tests of senders. It answers 200, or as it
/// is told; ``with`` closes it.
#[pyclass(frozen, module = "hookseal.testing")]
pub(crate) struct Recorder(core::Recorder);

#[pymethods]
impl Recorder {
    #[new]
    fn new() -> Result<Self> {
        Ok(Self(core::Recorder::start()?))
    }

    /// Where it listens, such as ``http://127.0.0.1:40123``; every path is served.
    #[getter]
    fn url(&self) -> String {
        self.0.url()
    }

    /// What has come so far, oldest first.
    #[getter]
    fn requests(&self) -> Vec<RecordedRequest> {
        self.0.requests().into_iter().map(RecordedRequest).collect()
    }

    /// Answers so: the next ``times`` requests, after those that were told before, or all that no other reply is
    /// for. ``delay`` is a ``timedelta`` or seconds.
    #[pyo3(signature = (status = Count(200), *, headers = None, body = None, delay = None, times = None))]
    fn answer(
        &self,
        status: Count,
        headers: Option<OwnHeaders>,
        body: Option<Body>,
        delay: Option<Seconds>,
        times: Option<Count>,
    ) -> Result<()> {
        let status = u16::try_from(status.0).ok().filter(|status| (200..600).contains(status));
        let status = status.ok_or_else(|| Error::argument("A status lies between 200 and 599."))?;
        let mut reply = core::Reply::status(status).with_delay(length(delay));
        for (name, value) in headers.map(OwnHeaders::owned).unwrap_or_default() {
            reply = reply.with_header(&name, &value);
        }
        if let Some(body) = body {
            reply = reply.with_body(body.as_ref());
        }
        self.reply(reply, times);
        Ok(())
    }

    /// Closes the connection without an answer, for so many requests or from now on.
    #[pyo3(signature = (*, delay = None, times = None))]
    fn refuse(&self, delay: Option<Seconds>, times: Option<Count>) {
        self.reply(core::Reply::refuse().with_delay(length(delay)), times);
    }

    /// Keeps the connection and never answers, for so many requests or from now on.
    #[pyo3(signature = (*, times = None))]
    fn hang(&self, times: Option<Count>) {
        self.reply(core::Reply::hang(), times);
    }

    /// Waits until so many requests have come, and returns all there are. Raises ``DeliveryError`` (``timeout``)
    /// if they have not come in time: a ``timedelta`` or seconds, 5 by default.
    #[pyo3(signature = (count = Count(1), timeout = None))]
    fn wait(&self, py: Python<'_>, count: Count, timeout: Option<Seconds>) -> Result<Vec<RecordedRequest>> {
        let timeout = timeout.map_or(USUAL, |timeout| timeout.0);
        let started = std::time::Instant::now();
        loop {
            // In short pieces, so that Ctrl-C is heard.
            let left = timeout.saturating_sub(started.elapsed());
            match py.detach(|| self.0.wait(count.0 as usize, left.min(PIECE))) {
                Ok(requests) => return Ok(requests.into_iter().map(RecordedRequest).collect()),
                Err(error) if left.is_zero() => return Err(error.into()),
                Err(_) => py.check_signals()?,
            }
        }
    }

    /// Forgets what has come, and how to reply.
    fn clear(&self) {
        self.0.clear();
    }

    /// Stops listening; what has come can still be read.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_error: "object"))]
    fn __exit__(&self, py: Python<'_>, _error: &Bound<'_, PyTuple>) {
        self.close(py);
    }

    fn __repr__(&self) -> String {
        format!("<Recorder url='{}'>", self.0.url())
    }
}

impl Recorder {
    fn reply(&self, reply: core::Reply, times: Option<Count>) {
        self.0.reply(reply, times.map(|times| times.0));
    }
}

/// A request that was recorded; ``webhook.verify(request.body, request.headers)`` takes it as it is.
#[pyclass(frozen, module = "hookseal.testing")]
pub(crate) struct RecordedRequest(core::RecordedRequest);

#[pymethods]
impl RecordedRequest {
    /// The request's method.
    #[getter]
    fn method(&self) -> &str {
        &self.0.method
    }

    /// Its path and query.
    #[getter]
    fn target(&self) -> &str {
        &self.0.target
    }

    /// Every header line as it came: name and value.
    #[getter]
    fn headers(&self) -> Vec<(String, String)> {
        self.0.headers.clone()
    }

    /// The raw body.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.body)
    }

    /// When all of it had come.
    #[getter]
    fn at<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyDateTime>> {
        time::datetime(py, self.0.at)
    }

    fn __repr__(&self) -> String {
        format!("<RecordedRequest {} {}>", self.0.method, self.0.target)
    }
}

fn length(delay: Option<Seconds>) -> Duration {
    delay.map(|delay| delay.0).unwrap_or_default()
}

const USUAL: Duration = Duration::from_secs(5);
const PIECE: Duration = Duration::from_millis(100);
