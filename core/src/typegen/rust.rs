//! Typed events in Rust: structs, and an enum whose last arm is open.

use super::catalog::{Catalog, Kind, Member, Part, Place, TypedEvent};
use super::names::{Names, pascal, snake};
use super::text::{WARNING, about, headline, sentence};

pub(super) fn module(catalog: &Catalog<'_>) -> String {
    let mut module = format!("// {} {WARNING}\n\n", headline(catalog));
    module.push_str(&union(catalog));
    for event in &catalog.events {
        if !event.is_object() {
            let TypedEvent { name, data, .. } = event;
            let about = sentence(&event.source.description);
            module.push_str(&format!("\n/// {about}\npub type {name} = {};\n", kind(data, false)));
        }
        // The whole before its parts.
        for part in event.parts.iter().rev() {
            module.push_str(&format!("\n/// {}\n", about(event, part).join("\n///\n/// ")));
            module.push_str(&match part {
                Part::Object { name, members } => structure(name, members),
                Part::OneOf { name, values } => one_of(name, values),
            });
        }
    }
    module
}

fn union(catalog: &Catalog<'_>) -> String {
    let mut arms = String::new();
    let mut reading = String::new();
    for TypedEvent { source, name, .. } in &catalog.events {
        arms.push_str(&format!("    /// {}\n    {name}({name}),\n", sentence(&source.description)));
        reading.push_str(&format!("            Some({:?}) => Self::{name}(event.data()?),\n", source.name));
    }
    format!(
        "/// {} An event tells which by its type.
#[allow(clippy::large_enum_variant, reason = \"one at a time is read\")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {{
{arms}    /// An event of a type that is not listed here.
    Other,
}}

impl hookseal::TypedEvent for Event {{
    fn read<B: AsRef<[u8]>>(event: &hookseal::Event<B>) -> hookseal::Result<Self> {{
        Ok(match event.event_type() {{
{reading}            _ => Self::Other,
        }})
    }}
}}
",
        headline(catalog)
    )
}

fn structure(name: &str, members: &[Member<'_>]) -> String {
    let mut names = Names::taken(&[]);
    let mut text = format!("{DERIVED}pub struct {name} {{\n");
    for Member { source, place } in members {
        if let Some(description) = &source.description {
            text.push_str(&format!("    /// {}\n", sentence(description)));
        }
        let field = names.free(snake(&source.name), "");
        let field = match field.as_str() {
            // These cannot be raw.
            "crate" | "self" | "super" => names.free(field + "_", ""),
            _ => field,
        };
        if field != source.name {
            text.push_str(&format!("    #[serde(rename = {:?})]\n", source.name));
        }
        let raw = if KEYWORDS.contains(&field.as_str()) { "r#" } else { "" };
        text.push_str(&format!("    pub {raw}{field}: {},\n", kind(place, source.optional)));
    }
    if members.is_empty() { text.trim_end().to_owned() + "}\n" } else { text + "}\n" }
}

fn one_of(name: &str, values: &[String]) -> String {
    let mut names = Names::taken(&["Other", "Self"]);
    let mut text = format!("{DERIVED}pub enum {name} {{\n");
    for value in values {
        let arm = names.free(pascal(value), "");
        if arm != *value {
            text.push_str(&format!("    #[serde(rename = {value:?})]\n"));
        }
        text.push_str(&format!("    {arm},\n"));
    }
    text + "    /// A text that is not listed here.\n    #[serde(untagged)]\n    Other(String),\n}\n"
}

fn kind(place: &Place<'_>, optional: bool) -> String {
    let text = match &place.kind {
        Kind::Any => "serde_json::Value".to_owned(),
        Kind::Boolean => "bool".to_owned(),
        Kind::Integer => "i64".to_owned(),
        Kind::Number => "f64".to_owned(),
        Kind::String => "String".to_owned(),
        Kind::OneOf { name, .. } | Kind::Object { name } => name.clone(),
        Kind::List(item) => format!("Vec<{}>", kind(item, false)),
    };
    let nullable = place.nullable && !matches!(place.kind, Kind::Any);
    if optional || nullable { format!("Option<{text}>") } else { text }
}

const DERIVED: &str = "#[derive(Clone, Debug, PartialEq, serde::Deserialize)]\n#[non_exhaustive]\n";

const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];
