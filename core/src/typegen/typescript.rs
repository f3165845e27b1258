//! Typed events in TypeScript: interfaces, and a union that `event.type` tells apart.

use super::catalog::{Catalog, Kind, Member, Part, Place, TypedEvent};
use super::names::is_plain;
use super::text::{WARNING, WIDTH, about, headline, sentence};

pub(super) fn module(catalog: &Catalog<'_>) -> String {
    let mut module = format!("// {} {WARNING}\n", headline(catalog));
    module.push_str("import type { TypedEvent, UnlistedEvent } from 'hookseal'\n");
    for event in &catalog.events {
        module.push('\n');
        for part in &event.parts {
            // A text of several is written where it stands.
            if let Part::Object { name, members } = part {
                module.push_str(&format!("/** {} */\n", about(event, part).join(" ")));
                module.push_str(&interface(name, members));
            }
        }
        module.push_str(&aliases(event));
    }
    module.push_str(&union(catalog));
    module
}

fn interface(name: &str, members: &[Member<'_>]) -> String {
    if members.is_empty() {
        return format!("export interface {name} {{}}\n\n");
    }
    let mut text = format!("export interface {name} {{\n");
    for Member { source, place } in members {
        if let Some(description) = &source.description {
            text.push_str(&format!("  /** {} */\n", sentence(description)));
        }
        let key = if is_plain(&source.name) { source.name.clone() } else { quoted(&source.name) };
        let mark = if source.optional { "?" } else { "" };
        text.push_str(&format!("  {key}{mark}: {}\n", kind(place)));
    }
    text + "}\n\n"
}

/// The event itself, and its data where that is no interface.
fn aliases(event: &TypedEvent<'_>) -> String {
    let TypedEvent { name, data, .. } = event;
    let description = sentence(&event.source.description);
    let mut text = String::new();
    if !event.is_object() {
        text.push_str(&format!("/** {description} */\nexport type {name} = {}\n\n", kind(data)));
    }
    let event_type = quoted(&event.source.name);
    let line = format!("export type {name}Event = TypedEvent<{event_type}, {name}>\n");
    let line = if line.chars().count() <= WIDTH + 1 {
        line
    } else {
        format!("export type {name}Event = TypedEvent<\n  {event_type},\n  {name}\n>\n")
    };
    text + &format!("/** {description} */\n{line}")
}

fn union(catalog: &Catalog<'_>) -> String {
    let names = catalog.events.iter().map(|event| format!("{}Event", event.name));
    let names: Vec<_> = names.chain(["UnlistedEvent".to_owned()]).collect();
    let line = format!("export type Event = {}\n", names.join(" | "));
    let union = if line.len() <= WIDTH + 1 {
        line
    } else {
        format!("export type Event =\n  | {}\n", names.join("\n  | "))
    };
    format!("\n/** All of them, and those of types that are not listed here. */\n{union}")
}

fn kind(place: &Place<'_>) -> String {
    let text = match &place.kind {
        Kind::Any => return "unknown".to_owned(),
        Kind::Boolean => "boolean".to_owned(),
        Kind::Integer | Kind::Number => "number".to_owned(),
        Kind::String => "string".to_owned(),
        Kind::OneOf { values, .. } => {
            values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(" | ")
        }
        Kind::Object { name } => name.clone(),
        Kind::List(item) if item.nullable || matches!(item.kind, Kind::OneOf { .. }) => {
            format!("({})[]", kind(item))
        }
        Kind::List(item) => format!("{}[]", kind(item)),
    };
    if place.nullable { format!("{text} | null") } else { text }
}

fn quoted(text: &str) -> String {
    let mut quoted = "'".to_owned();
    for letter in text.chars() {
        match letter {
            '\'' | '\\' => quoted.extend(['\\', letter]),
            '\u{2028}' | '\u{2029}' => quoted.push_str(&letter.escape_unicode().to_string()),
            letter if letter.is_control() => quoted.push_str(&letter.escape_unicode().to_string()),
            letter => quoted.push(letter),
        }
    }
    quoted + "'"
}
