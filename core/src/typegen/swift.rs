//! Typed events in Swift: structs, and an enum with what an event says, whose last case is open.

use super::catalog::{Catalog, Kind, Member, Part, Place, TypedEvent};
use super::names::{Names, camel, pascal};
use super::text::{WARNING, about, headline, sentence};

pub(super) fn module(catalog: &Catalog<'_>) -> String {
    let mut module = format!(
        "// {} {WARNING}\n// swift-format-ignore-file\nimport Hookseal\n\n/// {}\npublic enum {} {{\n",
        headline(catalog),
        headline(catalog),
        pascal(catalog.provider.id()),
    );
    module.push_str(&union(catalog));
    for event in &catalog.events {
        // The whole before its parts.
        for part in event.parts.iter().rev() {
            module.push_str(&format!("\n    /// {}\n", about(event, part).join("\n    ///\n    /// ")));
            module.push_str(&match part {
                Part::Object { name, members } => structure(name, members),
                Part::OneOf { name, values } => one_of(name, values),
            });
        }
    }
    module + "}\n"
}

fn union(catalog: &Catalog<'_>) -> String {
    let mut names = Names::taken(&["unknown", "init", "self"]);
    let mut cases = String::new();
    let mut reading = String::new();
    for TypedEvent { source, data, .. } in &catalog.events {
        let case = names.free(camel(&source.name), "");
        let about = sentence(&source.description);
        let escaped = escaped(&case);
        cases.push_str(&format!("        /// {about}\n        case {escaped}({})\n", kind(data, false)));
        reading.push_str(&format!(
            "            case {}: self = .{escaped}(try event.data())\n",
            quoted(&source.name)
        ));
    }
    format!(
        "    /// What an event says, by its type.
    public enum Event: TypedEvent, Hashable {{
{cases}        /// An event of a type that is not listed here.
        case unknown

        /// - Throws: what `Event.data(as:decoder:)` throws for data of another shape.
        public init(_ event: Hookseal.Event) throws {{
            switch event.type {{
{reading}            default: self = .unknown
            }}
        }}
    }}
"
    )
}

fn structure(name: &str, members: &[Member<'_>]) -> String {
    let mut names = Names::taken(&["init", "self"]);
    let mut fields = String::new();
    let mut keys = String::new();
    for Member { source, place } in members {
        if let Some(description) = &source.description {
            fields.push_str(&format!("        /// {}\n", sentence(description)));
        }
        let field = names.free(camel(&source.name), "");
        let escaped = escaped(&field);
        fields.push_str(&format!("        public let {escaped}: {}\n", kind(place, source.optional)));
        keys.push_str(&match field == source.name {
            true => format!("            case {escaped}\n"),
            false => format!("            case {escaped} = {}\n", quoted(&source.name)),
        });
    }
    let head = format!("    public struct {name}: Codable, Hashable, Sendable {{");
    if members.is_empty() {
        return format!("{head}}}\n");
    }
    format!("{head}\n{fields}\n        enum CodingKeys: String, CodingKey {{\n{keys}        }}\n    }}\n")
}

/// A text that may also be another than those that are listed.
fn one_of(name: &str, values: &[String]) -> String {
    let mut names = Names::taken(&["init", "self", "rawValue"]);
    let mut constants = String::new();
    for value in values {
        let constant = escaped(&names.free(camel(value), ""));
        constants.push_str(&format!(
            "        public static let {constant} = {name}(rawValue: {})\n",
            quoted(value)
        ));
    }
    format!(
        "    public struct {name}: RawRepresentable, Codable, Hashable, Sendable {{
{constants}
        public let rawValue: String

        public init(rawValue: String) {{
            self.rawValue = rawValue
        }}
    }}
"
    )
}

fn kind(place: &Place<'_>, optional: bool) -> String {
    let text = match &place.kind {
        Kind::Any => "JSON".to_owned(),
        Kind::Boolean => "Bool".to_owned(),
        // `Int` is short on a watch.
        Kind::Integer => "Int64".to_owned(),
        Kind::Number => "Double".to_owned(),
        Kind::String => "String".to_owned(),
        Kind::OneOf { name, .. } | Kind::Object { name } => name.clone(),
        Kind::List(item) => format!("[{}]", kind(item, false)),
    };
    let nullable = place.nullable && !matches!(place.kind, Kind::Any);
    if optional || nullable { text + "?" } else { text }
}

fn escaped(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("`{name}`") } else { name.to_owned() }
}

fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => quoted.push_str(&letter.escape_unicode().to_string()),
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}

const KEYWORDS: [&str; 52] = [
    "Any",
    "Self",
    "as",
    "associatedtype",
    "break",
    "case",
    "catch",
    "class",
    "continue",
    "default",
    "defer",
    "deinit",
    "do",
    "else",
    "enum",
    "extension",
    "fallthrough",
    "false",
    "fileprivate",
    "for",
    "func",
    "guard",
    "if",
    "import",
    "in",
    "init",
    "inout",
    "internal",
    "is",
    "let",
    "nil",
    "operator",
    "precedencegroup",
    "private",
    "protocol",
    "public",
    "repeat",
    "rethrows",
    "return",
    "self",
    "static",
    "struct",
    "subscript",
    "super",
    "switch",
    "throw",
    "throws",
    "true",
    "try",
    "typealias",
    "var",
    "while",
];
