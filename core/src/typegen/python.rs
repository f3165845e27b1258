//! Typed events in Python: `TypedDict`s, and a union that `event.type` tells apart.

use serde_json::Value as Json;

use super::catalog::{Catalog, Kind, Member, Part, Place, TypedEvent};
use super::names::is_plain;
use super::text::{WARNING, WIDTH, about, headline, sentence};

pub(super) fn module(catalog: &Catalog<'_>) -> String {
    let mut types = String::new();
    for event in &catalog.events {
        for part in &event.parts {
            // A text of several is written where it stands.
            if let Part::Object { name, members } = part {
                types.push_str(&typed_dict(name, &about(event, part), members));
            }
        }
        types.push_str(&aliases(event));
    }
    let any = if types.contains("Any") { "Any, " } else { "" };
    let typed_dict = if types.contains("TypedDict") { ", TypedDict" } else { "" };
    format!(
        "{}\
        from typing import {any}Literal, TypeAlias{typed_dict}, cast\n\n\
        import hookseal\n\
        from hookseal.types import TypedEvent, UnlistedEvent\n\
        {types}{}{TYPED}",
        docstring(0, &[headline(catalog), WARNING.to_owned()]) + "\n",
        union(catalog),
    )
}

const TYPED: &str = r#"

def typed(event: hookseal.Event) -> Event:
    """Return the event itself, of which the type tells the data."""
    return cast("Event", event)
"#;

/// Keys that may be absent are a class of their own: Python 3.10 cannot say it of one.
fn typed_dict(name: &str, about: &[String], members: &[Member<'_>]) -> String {
    let (optional, required): (Vec<_>, Vec<_>) = members.iter().partition(|member| member.source.optional);
    if optional.is_empty() {
        return keys(name, "TypedDict", about, &required);
    }
    if required.is_empty() {
        return keys(name, "TypedDict, total=False", about, &optional);
    }
    let base = format!("_{name}Required");
    let text = keys(&base, "TypedDict", &[format!("What {name} always has.")], &required);
    if optional.iter().all(|member| is_attribute(&member.source.name)) {
        return text + &keys(name, &format!("{base}, total=False"), about, &optional);
    }
    let other = format!("_{name}Optional");
    text + &keys(&other, "TypedDict, total=False", &[format!("What {name} may have.")], &optional)
        + &keys(name, &format!("{base}, {other}"), about, &[])
}

/// A `TypedDict` as a class or, where a key is no attribute's name, as a call.
fn keys(name: &str, bases: &str, about: &[String], members: &[&Member<'_>]) -> String {
    if !members.iter().all(|member| is_attribute(&member.source.name)) {
        let total = if bases.ends_with("total=False") { "    total=False,\n" } else { "" };
        let mut text = format!("\n\n{name} = TypedDict(\n    \"{name}\",\n    {{\n");
        for Member { source, place } in members {
            if let Some(description) = &source.description {
                text.push_str(&format!("        # {}\n", sentence(description)));
            }
            text.push_str(&format!("        {}: {},\n", quoted(&source.name), kind(place)));
        }
        return text + "    },\n" + total + ")\n" + &docstring(0, about);
    }
    let mut text = format!("\n\nclass {name}({bases}):\n{}", docstring(4, about));
    if !members.is_empty() {
        text.push('\n');
    }
    for Member { source, place } in members {
        text.push_str(&format!("    {}: {}\n", source.name, kind(place)));
        if let Some(description) = &source.description {
            text.push_str(&docstring(4, &[sentence(description)]));
        }
    }
    text
}

/// The event itself, and its data where that is no class.
fn aliases(event: &TypedEvent<'_>) -> String {
    let TypedEvent { name, data, .. } = event;
    let about = docstring(0, &[sentence(&event.source.description)]);
    let mut text = String::new();
    if event.is_object() {
        text.push('\n');
    } else {
        text.push_str(&format!("\n{name}: TypeAlias = {}\n{about}", kind(data)));
    }
    let arguments = format!("Literal[{}], {name}", quoted(&event.source.name));
    let line = format!("{name}Event: TypeAlias = TypedEvent[{arguments}]");
    if line.chars().count() <= WIDTH {
        text.push_str(&format!("\n{line}\n{about}"));
    } else {
        text.push_str(&format!("\n{name}Event: TypeAlias = TypedEvent[\n    {arguments}\n]\n{about}"));
    }
    text
}

fn union(catalog: &Catalog<'_>) -> String {
    let names = catalog.events.iter().map(|event| format!("{}Event", event.name));
    let names: Vec<_> = names.chain(["UnlistedEvent".to_owned()]).collect();
    let line = format!("Event: TypeAlias = {}\n", names.join(" | "));
    let union = if line.len() <= WIDTH + 1 {
        line
    } else {
        format!("Event: TypeAlias = (\n    {}\n)\n", names.join("\n    | "))
    };
    format!("\n{union}\"\"\"All of them, and those of types that are not listed here.\"\"\"\n")
}

fn kind(place: &Place<'_>) -> String {
    let text = match &place.kind {
        Kind::Any => return "Any".to_owned(),
        Kind::Boolean => "bool".to_owned(),
        Kind::Integer => "int".to_owned(),
        Kind::Number => "float".to_owned(),
        Kind::String => "str".to_owned(),
        Kind::OneOf { values, .. } => {
            format!("Literal[{}]", values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(", "))
        }
        Kind::Object { name } => name.clone(),
        Kind::List(item) => format!("list[{}]", kind(item)),
    };
    if place.nullable { format!("{text} | None") } else { text }
}

fn docstring(indent: usize, about: &[String]) -> String {
    let space = " ".repeat(indent);
    match about {
        [one] => format!("{space}\"\"\"{one}\"\"\"\n"),
        several => format!("{space}\"\"\"{}\n{space}\"\"\"\n", several.join(&format!("\n\n{space}"))),
    }
}

/// JSON's escapes are Python's too.
fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

/// Whether a key may stand in the body of a class, and what follows it there still means what it says.
fn is_attribute(key: &str) -> bool {
    is_plain(key) && !key.starts_with("__") && !KEYWORDS.contains(&key) && !TYPES.contains(&key)
}

const TYPES: [&str; 7] = ["Any", "Literal", "bool", "float", "int", "list", "str"];

const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];
