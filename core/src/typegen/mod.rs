//! Typed events: the catalog of a provider as types of a language, by which an event's type tells its data.
//!
//! [`events`](crate::events) has them for the providers that come with Hookseal; this makes them for a provider file
//! of your own. The Python and the Node package have it as a command (`docs/typed-events.md`).

mod catalog;
mod kotlin;
mod names;
mod python;
mod rust;
mod swift;
mod text;
mod typescript;

use crate::error::{Error, Result};
use crate::provider::Provider;
use catalog::Catalog;

/// A language that typed events are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A module for `mod` or `include!`: it needs serde with `derive`, and serde_json.
    Rust,
    /// A module of `TypedDict`s.
    Python,
    /// A module of interfaces.
    TypeScript,
    /// An object with classes; a line with its package belongs above it.
    Kotlin,
    /// A namespace of structs that are `Codable`.
    Swift,
}

/// The source text of a module with the types of all events in a provider's catalog.
///
/// # Errors
/// `invalid_argument` if the provider's file has no catalog.
pub fn generate(provider: &Provider, language: Language) -> Result<String> {
    if provider.event_types().is_empty() {
        return Err(Error::argument(format!(
            "{} has no [[event]] in its file: there is nothing to make types of.",
            provider.name()
        )));
    }
    let catalog = Catalog::new(provider);
    Ok(match language {
        Language::Rust => rust::module(&catalog),
        Language::Python => python::module(&catalog),
        Language::TypeScript => typescript::module(&catalog),
        Language::Kotlin => kotlin::module(&catalog),
        Language::Swift => swift::module(&catalog),
    })
}
