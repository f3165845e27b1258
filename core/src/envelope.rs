//! Where id, type, time and data of an event are, for reading and for writing.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::value::RawValue;

use crate::error::{Code, Error, Result};
use crate::file::{EnvelopeTable, OneOrMany};
use crate::json::Path;
use crate::lookup::Wanted;
use crate::scheme::{Source, header_names};
use crate::timestamp::{Millis, Unit};

/// The envelope of a provider's events.
#[derive(Debug, Default)]
pub(crate) struct Envelope {
    pub(crate) id: Option<Source>,
    pub(crate) event_type: Option<Source>,
    pub(crate) timestamp: Option<Source>,
    pub(crate) timestamp_format: Option<Unit>,
    pub(crate) data: Option<Path>,
    pub(crate) tenant: Option<Source>,
    extra: Vec<Path>,
    pub(crate) id_prefix: String,
    pub(crate) origin: Origin,
}

/// Whose events these are, and for how long one of them may come again.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    pub(crate) provider: String,
    pub(crate) retried_for: Duration,
}

/// What an envelope is filled with.
pub(crate) struct Contents<'c> {
    pub(crate) id: &'c str,
    pub(crate) event_type: &'c str,
    pub(crate) timestamp: Millis,
    pub(crate) tenant: Option<&'c str>,
    pub(crate) data: &'c RawValue,
}

impl Envelope {
    /// Checks a table; the error names the key and the reason.
    pub(crate) fn new(table: EnvelopeTable, origin: Origin) -> Result<Self, String> {
        let data = table.data.as_ref().map(|text| path(text, "envelope.data")).transpose()?;
        let extra: Result<Vec<_>, _> = table.extra.iter().map(|text| path(text, "envelope.extra")).collect();
        Ok(Self {
            id: source(table.id, "envelope.id")?,
            event_type: source(table.event_type, "envelope.type")?,
            timestamp: source(table.timestamp, "envelope.timestamp")?,
            timestamp_format: table.timestamp_format,
            data,
            tenant: source(table.tenant, "envelope.tenant")?,
            extra: extra?,
            id_prefix: table.id_prefix.unwrap_or_default(),
            origin,
        })
    }

    /// An envelope of which nothing is known but where the data are.
    pub(crate) fn of_data(data: Option<Path>) -> Self {
        Self { data, ..Self::default() }
    }

    /// Names the headers that events are read from.
    pub(crate) fn want(&self, wanted: &mut Wanted) {
        for source in [&self.id, &self.event_type, &self.timestamp, &self.tenant] {
            if let Some(Source::Headers(names)) = source {
                names.iter().for_each(|name| wanted.add(name));
            }
        }
    }

    /// The body of an event: id, type, tenant, time and data in this order, each where it belongs. Where no
    /// place for the data is named, the data is the body.
    pub(crate) fn compose(&self, contents: &Contents<'_>) -> Result<Vec<u8>> {
        let Some(data) = &self.data else {
            return Ok(contents.data.get().as_bytes().to_vec());
        };
        let mut root = Node::default();
        let format = self.timestamp_format.unwrap_or(Unit::Iso8601);
        let time = format.format(contents.timestamp);
        let time = match format {
            Unit::Seconds | Unit::Millis => time,
            _ => quote(&time),
        };
        let tenant = contents.tenant.map_or_else(|| "null".to_owned(), quote);
        root.put(&self.id, quote(contents.id))?;
        root.put(&self.event_type, quote(contents.event_type))?;
        root.put(&self.tenant, tenant)?;
        for path in &self.extra {
            root.put_at(path.steps(), Cow::Borrowed("null"))?;
        }
        root.put(&self.timestamp, time)?;
        root.put_at(data.steps(), Cow::Borrowed(contents.data.get()))?;
        let mut text = String::with_capacity(contents.data.get().len() + ROOM);
        root.write(&mut text);
        Ok(text.into_bytes())
    }
}

fn path(text: &str, key: &str) -> Result<Path, String> {
    Path::parse(text).ok_or(format!("{key}: \"{text}\" is no JSON path"))
}

/// A JSON path, or one or several `header:name`.
fn source(list: Option<OneOrMany<String>>, key: &str) -> Result<Option<Source>, String> {
    let Some(OneOrMany(texts)) = list else {
        return Ok(None);
    };
    if let [text] = texts.as_slice()
        && !text.starts_with("header:")
    {
        return path(text, key).map(|path| Some(Source::Json(path)));
    }
    let names: Option<Vec<_>> =
        texts.iter().map(|text| text.strip_prefix("header:").map(str::to_owned)).collect();
    let names = names.ok_or(format!("{key} is a JSON path, or \"header:name\" or a list of these"))?;
    Ok(Some(Source::Headers(header_names(&names, key)?)))
}

/// A JSON object under construction, its members in the order they came.
#[derive(Default)]
struct Node<'n> {
    members: Vec<(&'n str, Value<'n>)>,
}

enum Value<'n> {
    Json(Cow<'n, str>),
    Node(Node<'n>),
}

impl<'n> Node<'n> {
    fn put(&mut self, source: &'n Option<Source>, json: String) -> Result<()> {
        match source {
            Some(Source::Json(path)) => self.put_at(path.steps(), Cow::Owned(json)),
            _ => Ok(()),
        }
    }

    fn put_at(&mut self, steps: &'n [String], json: Cow<'n, str>) -> Result<()> {
        let clash = || Error::new(Code::InvalidProvider, "Two paths of the envelope are at odds.");
        let (step, rest) = steps.split_first().ok_or_else(clash)?;
        let nth = self.members.iter().position(|(name, _)| name == step);
        match (nth, rest) {
            (None, []) => self.members.push((step, Value::Json(json))),
            (None, rest) => {
                let mut node = Self::default();
                node.put_at(rest, json)?;
                self.members.push((step, Value::Node(node)));
            }
            (Some(nth), rest @ [_, ..]) => match &mut self.members[nth].1 {
                Value::Node(node) => node.put_at(rest, json)?,
                Value::Json(_) => return Err(clash()),
            },
            (Some(_), []) => return Err(clash()),
        }
        Ok(())
    }

    fn write(&self, text: &mut String) {
        text.push('{');
        for (at, (name, value)) in self.members.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            text.push_str(&quote(name));
            text.push(':');
            match value {
                Value::Json(json) => text.push_str(json),
                Value::Node(node) => node.write(text),
            }
        }
        text.push('}');
    }
}

fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What an envelope has around the data, more or less.
const ROOM: usize = 256;
