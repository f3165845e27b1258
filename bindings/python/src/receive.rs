//! What the adapters for web frameworks share.

use pyo3::prelude::*;

use crate::text::Text;

/// The url to verify a request with: the registered one, and of the request's path and query what it leaves out.
#[pyfunction]
pub(crate) fn public_url(registered: Text, target: Text) -> String {
    hookseal::public_url(registered.as_str(), target.as_str())
}
