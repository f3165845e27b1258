//! The key by which events wait for each other: Python says it before the core asks.

use std::cell::RefCell;
use std::sync::Arc;

use hookseal::inbox::OrderBy;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::error::{Error, Result};
use crate::event::Event;
use crate::text::Text;

/// What the core asks: the key of the event that this thread verifies at the moment.
pub(super) fn order_by() -> OrderBy {
    Arc::new(|_| KEY.take())
}

/// What `callable` says of this event is the answer to the core's next question on this thread.
pub(super) fn ask(py: Python<'_>, callable: &Py<PyAny>, event: Event) -> Result<()> {
    let key = callable.call1(py, (event,))?.into_bound(py);
    let key = match key.cast::<PyString>() {
        Ok(_) => Some(key.extract::<Text>()?.as_str().to_owned()),
        Err(_) if key.is_none() => None,
        Err(_) => return Err(Error::unexpected("a str or None from order_by", &key)),
    };
    KEY.set(key);
    Ok(())
}

thread_local! {
    static KEY: RefCell<Option<String>> = const { RefCell::new(None) };
}
