//! The answer to a vendor's handshake.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::body::Body;
use crate::endpoint::OwnHeaders;
use crate::error::{Error, Result};
use crate::headers::Headers;
use crate::secret::Secret;
use crate::text::Text;
use crate::time::Instant;

/// What to answer a vendor's handshake: the request is no event, so nothing else is to be done.
///
/// Made by hand it is for verifiers of your own, whose vendor asks for something else.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct HandshakeAnswer(pub(crate) hookseal::HandshakeAnswer);

#[pymethods]
impl HandshakeAnswer {
    #[new]
    #[pyo3(signature = (body = None, *, headers = None))]
    fn new(body: Option<Body>, headers: Option<OwnHeaders>) -> Result<Self> {
        let body = body.as_ref().map_or(&[][..], AsRef::as_ref).to_vec();
        let body = String::from_utf8(body);
        let body = body.map_err(|_| Error::argument("The body of an answer to a handshake is text."))?;
        let headers = headers.map(OwnHeaders::owned).unwrap_or_default();
        Ok(Self(hookseal::HandshakeAnswer::new(headers, body)))
    }

    /// The status of the response.
    #[getter]
    fn status(&self) -> u16 {
        self.0.status()
    }

    /// Every header of the response, names in lower case.
    #[getter]
    fn headers(&self) -> BTreeMap<&str, &str> {
        self.0.headers().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// The body of the response; often a short text, and sometimes nothing.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.body().as_bytes())
    }

    /// The secret that the vendor gives away in this request, and nowhere else (Asana, Clio). Nothing proves who
    /// sent it: keep it only while an endpoint is being registered, and never in place of one that is in use.
    #[getter]
    fn secret(&self) -> Result<Option<Secret>> {
        Ok(self.0.secret()?.map(Secret))
    }

    fn __repr__(&self) -> &'static str {
        "HandshakeAnswer([redacted])"
    }
}

/// What is asked, besides the body.
pub(crate) struct Question<'py> {
    pub(crate) headers: Headers<'py>,
    pub(crate) now: Option<Instant>,
    pub(crate) url: Option<Text>,
    pub(crate) method: Option<Text>,
    pub(crate) verify_token: Option<Text>,
}

impl Question<'_> {
    pub(crate) fn options(&self) -> hookseal::HandshakeOptions<'_> {
        hookseal::HandshakeOptions {
            method: self.method.as_ref().map(Text::as_str),
            url: self.url.as_ref().map(Text::as_str),
            verify_token: self.verify_token.as_ref().map(Text::as_str),
            now: self.now.as_ref().map(|at| at.0),
        }
    }
}
