//! What stores an event in a transaction of the application's own.

use hookseal::inbox;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// A statement that stores an event: run it in a transaction of your own, on the database of the inbox.
///
/// It gives true if the event is new, and false for a duplicate.
#[pyclass(frozen, get_all, module = "hookseal")]
pub(crate) struct Prepared {
    /// The event's id, or ``sha256:`` and the hash of the body where the provider gives none.
    id: String,
    /// The statement: ``SELECT "hookseal_inbox".hookseal_receive($1, $2)``.
    sql: String,
    /// The function alone, for drivers that write parameters in another way.
    function: String,
    /// The first parameter, text: what the request says besides its body.
    facts: String,
    /// The second parameter, ``bytea``: the body.
    body: Py<PyBytes>,
}

impl Prepared {
    pub(super) fn new(py: Python<'_>, prepared: inbox::Prepared) -> Self {
        let inbox::Prepared { id, sql, function, facts, body, .. } = prepared;
        Self { id, sql, function, facts, body: PyBytes::new(py, &body).unbind() }
    }
}

#[pymethods]
impl Prepared {
    // Without any part of the body.
    fn __repr__(&self) -> String {
        format!("<Prepared '{}'>", self.id)
    }
}
