//! Typed events, as Python's types.

use hookseal::typegen::{Language, generate};
use pyo3::prelude::*;

use crate::error::Result;
use crate::provider::ProviderArgument;

/// The source text of a module with the types of a provider's events. Raises ``ConfigError``
/// (``invalid_argument``) if its file has no catalog.
#[pyfunction]
pub(crate) fn python_types(provider: ProviderArgument) -> Result<String> {
    Ok(generate(&provider.0, Language::Python)?)
}
