//! Typed events of a provider file of one's own.

use hookseal::typegen;

use crate::error::Result;
use crate::provider::Provider;

/// A language of this library's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum EventLanguage {
    /// An object with classes; a line with its package belongs above it.
    Kotlin,
    /// A namespace of structs.
    Swift,
}

/// The source text of a module with the types of all events in a provider's catalog.
#[uniffi::export]
pub fn typed_events(provider: &Provider, language: EventLanguage) -> Result<String> {
    let language = match language {
        EventLanguage::Kotlin => typegen::Language::Kotlin,
        EventLanguage::Swift => typegen::Language::Swift,
    };
    Ok(typegen::generate(&provider.0, language)?)
}
