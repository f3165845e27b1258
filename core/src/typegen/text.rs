//! What the texts of all languages have in common: what their comments say.

use super::catalog::{Catalog, Part, TypedEvent};

/// Where our formatters break lines.
pub(super) const WIDTH: usize = 110;

pub(super) const WARNING: &str = "Made from its provider file: change that, not this.";

/// Whose events a module has.
pub(super) fn headline(catalog: &Catalog<'_>) -> String {
    sentence(&format!("The events of {}", catalog.provider.name()))
}

/// What there is to say of a part of an event: a sentence, and perhaps another.
pub(super) fn about(event: &TypedEvent<'_>, part: &Part<'_>) -> Vec<String> {
    if part.name() != event.name {
        return vec![format!("Part of {}.", event.name)];
    }
    let mut about = vec![sentence(&event.source.description)];
    if event.source.assumed {
        about.push("No page of theirs shows its data: what is assumed here may be absent.".to_owned());
    }
    about
}

/// Somebody's text as a sentence on one line, without what could end a comment in any language.
pub(super) fn sentence(text: &str) -> String {
    let text = text.replace("*/", "* /").replace('\\', "/").replace('"', "'");
    let text = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let text = text.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") }
}
