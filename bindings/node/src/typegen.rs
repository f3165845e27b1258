//! Typed events, as TypeScript's types.

use hookseal::typegen::{Language, generate};
use napi_derive::napi;

use crate::error::{Result, thrown};
use crate::provider::Provider;

/// The source text of a module with the types of a provider's events.
#[napi(catch_unwind)]
pub fn typescript_types(provider: &Provider) -> Result<String> {
    generate(&provider.0, Language::TypeScript).map_err(thrown)
}
