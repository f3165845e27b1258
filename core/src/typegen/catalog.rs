//! A provider's catalog with a name for everything that needs one, before it is written in any language.

use super::names::{Names, pascal};
use crate::provider::{EventType, Provider};
use crate::shape::{Field, Shape, Value};

pub(super) struct Catalog<'p> {
    pub(super) provider: &'p Provider,
    pub(super) events: Vec<TypedEvent<'p>>,
}

pub(super) struct TypedEvent<'p> {
    pub(super) source: &'p EventType,
    /// The name of its data; with `Event` after it, that of the event.
    pub(super) name: String,
    /// What the data is made of, each after what it is made of itself.
    pub(super) parts: Vec<Part<'p>>,
    pub(super) data: Place<'p>,
}

/// A type that has a name.
pub(super) enum Part<'p> {
    Object { name: String, members: Vec<Member<'p>> },
    OneOf { name: String, values: &'p [String] },
}

pub(super) struct Member<'p> {
    pub(super) source: &'p Field,
    pub(super) place: Place<'p>,
}

/// Where something of a type stands, or null.
pub(super) struct Place<'p> {
    pub(super) kind: Kind<'p>,
    pub(super) nullable: bool,
}

pub(super) enum Kind<'p> {
    Any,
    Boolean,
    Integer,
    Number,
    String,
    OneOf { name: String, values: &'p [String] },
    List(Box<Place<'p>>),
    Object { name: String },
}

impl<'p> Catalog<'p> {
    pub(super) fn new(provider: &'p Provider) -> Self {
        let mut names = Names::taken(&RESERVED);
        let sources = provider.event_types();
        // All events before all parts: these are renamed rather than those.
        let named: Vec<_> = sources.iter().map(|source| names.free(pascal(&source.name), "Event")).collect();
        let events = sources.iter().zip(named).map(|(source, name)| {
            let mut parts = Parts { names: &mut names, parts: Vec::new() };
            let data = match &source.data {
                Value { shape: Shape::Object(fields), nullable } => {
                    Place { kind: parts.object(fields, name.clone()), nullable: *nullable }
                }
                value => parts.place(value, &format!("{name}Data")),
            };
            let parts = parts.parts;
            TypedEvent { source, name, parts, data }
        });
        let events = events.collect();
        Self { provider, events }
    }
}

impl Part<'_> {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Object { name, .. } | Self::OneOf { name, .. } => name,
        }
    }
}

impl TypedEvent<'_> {
    /// Whether the data is an object, and so the last of the parts.
    pub(super) fn is_object(&self) -> bool {
        matches!(self.data.kind, Kind::Object { .. })
    }
}

struct Parts<'n, 'p> {
    names: &'n mut Names,
    parts: Vec<Part<'p>>,
}

impl<'p> Parts<'_, 'p> {
    /// What stands at a place; `name` is for what of it needs one.
    fn place(&mut self, value: &'p Value, name: &str) -> Place<'p> {
        let kind = match &value.shape {
            Shape::Unseen | Shape::Any => Kind::Any,
            Shape::Boolean => Kind::Boolean,
            Shape::Integer => Kind::Integer,
            Shape::Number => Kind::Number,
            Shape::String => Kind::String,
            Shape::OneOf(values) => {
                let name = self.names.free(name.to_owned(), "");
                self.parts.push(Part::OneOf { name: name.clone(), values });
                Kind::OneOf { name, values }
            }
            Shape::List(item) => Kind::List(Box::new(self.place(item, name))),
            Shape::Object(fields) => {
                let name = self.names.free(name.to_owned(), "");
                self.object(fields, name)
            }
        };
        Place { kind, nullable: value.nullable }
    }

    fn object(&mut self, fields: &'p [Field], name: String) -> Kind<'p> {
        let members = fields.iter().map(|source| {
            let place = self.place(&source.value, &format!("{name}{}", pascal(&source.name)));
            Member { source, place }
        });
        let members = members.collect();
        self.parts.push(Part::Object { name: name.clone(), members });
        Kind::Object { name }
    }
}

/// What the modules have besides, in one language or the other.
const RESERVED: [&str; 34] = [
    "Any",
    "Bool",
    "Boolean",
    "Codable",
    "CodingKey",
    "Double",
    "Event",
    "Hashable",
    "Hookseal",
    "Int64",
    "JSON",
    "List",
    "Literal",
    "Long",
    "Members",
    "None",
    "Option",
    "Other",
    "Protocol",
    "RawRepresentable",
    "Result",
    "Self",
    "Sendable",
    "Shape",
    "String",
    "Type",
    "TypeAlias",
    "TypedDict",
    "TypedEvent",
    "Unlisted",
    "UnlistedEvent",
    "Value",
    "Vec",
    "VerificationException",
];
