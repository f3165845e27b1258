//! How a provider signs: one `[signature]` of its file, made ready to use.

use std::time::Duration;

use crate::encoding::Encoding;
use crate::error::{Code, Error, Result};
use crate::file::{SignatureTable, TimestampTable};
use crate::json::Path;
use crate::key::KeySpec;
use crate::lookup::{Lines, Wanted, trim};
use crate::mac::Algorithm;
use crate::template::{Segment, Template};
use crate::timestamp::{Tolerance, Unit};

/// A signature scheme.
#[derive(Clone, Debug)]
pub(crate) struct Scheme {
    pub(crate) place: Place,
    pub(crate) encoding: Option<Encoding>,
    /// Any of these separates; the first is written.
    item_separators: Vec<u8>,
    field_separator: Option<u8>,
    field: Option<String>,
    bare: bool,
    write_bare: bool,
    pub(crate) signed: Template,
    /// The template as the file has it, for people.
    pub(crate) signed_text: String,
    /// The parameter of the signed url that holds the SHA-256 of a body that is not signed itself.
    pub(crate) body_sha256: Option<String>,
    pub(crate) key: KeySpec,
    pub(crate) timestamp: Option<TimestampRule>,
    pub(crate) id: Vec<String>,
}

/// Where signatures are.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In these headers, lower case; the first is the one that senders write.
    Headers(Vec<String>),
    /// In the body.
    Json(Path),
}

/// Where the signed timestamp is, how it is written, and how far it may be from now.
#[derive(Clone, Debug)]
pub(crate) struct TimestampRule {
    pub(crate) from: Source,
    pub(crate) unit: Unit,
    pub(crate) tolerance: Tolerance,
}

/// Where a value is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The first of these headers that is there.
    Headers(Vec<String>),
    /// A field of the signature header.
    Field(String),
    /// A value of the body.
    Json(Path),
}

impl Scheme {
    /// Checks a table; the error names the key and the reason.
    pub(crate) fn new(table: SignatureTable) -> Result<Self, String> {
        let place = match (table.header, table.json) {
            (Some(headers), None) => Place::Headers(header_names(&headers.0, "header")?),
            (None, Some(path)) => Place::Json(Path::parse(&path).ok_or("signature.json is no JSON path")?),
            _ => return Err("signature needs either `header` or `json`".to_owned()),
        };
        let signed = Template::parse(&table.signed).map_err(|why| format!("signature.signed: {why}"))?;
        let timestamp = table.timestamp.map(TimestampRule::new).transpose()?;
        let id = table.id.map(|list| Source::parse(&list.0, "signature.id")).transpose()?;
        let id = match id {
            None => Vec::new(),
            Some(Source::Headers(names)) => names,
            Some(_) => return Err("signature.id is read from a header: write \"header:name\"".to_owned()),
        };
        let body_sha256 = table.body_sha256.as_deref().map(|from| {
            from.strip_prefix("query:").map(str::to_owned).ok_or("signature.body_sha256 is \"query:name\"")
        });
        let scheme = Self {
            place,
            encoding: table.encoding,
            item_separators: separators(table.item_separator.as_deref(), "item_separator")?,
            field_separator: separator(table.field_separator, "field_separator")?,
            field: table.field,
            bare: table.bare,
            write_bare: table.write_bare,
            signed,
            signed_text: table.signed,
            body_sha256: body_sha256.transpose()?,
            key: KeySpec::new(table.key, table.mac),
            timestamp,
            id,
        };
        scheme.check(table.mac)?;
        Ok(scheme)
    }

    fn check(&self, mac: Algorithm) -> Result<(), String> {
        let has = |segment| self.signed.has(&segment);
        if self.encoding.is_none() && mac != Algorithm::Token {
            return Err("signature.encoding is missing: hex, base64, …".to_owned());
        }
        if self.field.is_some() != self.field_separator.is_some() {
            return Err("signature.field and signature.field_separator go together".to_owned());
        }
        if self.write_bare && !self.bare {
            return Err("signature.write_bare needs signature.bare".to_owned());
        }
        if has(Segment::Timestamp) && self.timestamp.is_none() {
            return Err("signature.signed has {timestamp}, but there is no signature.timestamp".to_owned());
        }
        if has(Segment::Id) && self.id.is_empty() {
            return Err("signature.signed has {id}, but there is no signature.id".to_owned());
        }
        let plain = matches!(mac, Algorithm::Sha1 | Algorithm::Sha256);
        if plain != has(Segment::Secret) {
            return Err("signature.signed has {secret} where mac is a plain hash, and only there".to_owned());
        }
        let by_field = |source: &Source| matches!(source, Source::Field(_));
        let fields = self.signed.segments().iter().any(|segment| matches!(segment, Segment::Field(_)));
        if self.field.is_none()
            && (fields || self.timestamp.as_ref().is_some_and(|rule| by_field(&rule.from)))
        {
            return Err("field: is read from the signature header, which needs signature.field".to_owned());
        }
        Ok(())
    }

    /// The same with another template.
    pub(crate) fn with_signed(&self, signed: Template) -> Self {
        Self { signed, ..self.clone() }
    }

    /// The same with another algorithm.
    pub(crate) fn with_algorithm(&self, algorithm: Algorithm) -> Self {
        Self { key: self.key.with_algorithm(algorithm), ..self.clone() }
    }

    /// The same with timestamps written in another way.
    pub(crate) fn with_unit(&self, unit: Unit) -> Self {
        let timestamp = self.timestamp.clone().map(|rule| TimestampRule { unit, ..rule });
        Self { timestamp, ..self.clone() }
    }

    /// Names the headers that this scheme reads.
    pub(crate) fn want(&self, wanted: &mut Wanted) {
        if let Place::Headers(names) = &self.place {
            names.iter().for_each(|name| wanted.add(name));
        }
        if let Some(TimestampRule { from: Source::Headers(names), .. }) = &self.timestamp {
            names.iter().for_each(|name| wanted.add(name));
        }
        self.id.iter().for_each(|name| wanted.add(name));
        for segment in self.signed.segments() {
            match segment {
                Segment::Header(name) => wanted.add(name),
                Segment::Form => wanted.add("content-type"),
                _ => {}
            }
        }
    }

    /// Whether several signatures fit in a request, so that during a rotation every live key can sign.
    pub(crate) fn carries_several(&self) -> bool {
        !self.item_separators.is_empty() && self.field.is_some()
    }

    /// Whether several signatures are looked at, in one header or in several.
    pub(crate) fn reads_several(&self) -> bool {
        !self.item_separators.is_empty() || matches!(&self.place, Place::Headers(names) if names.len() > 1)
    }

    /// Whether the signature vouches for the body.
    pub(crate) fn covers_body(&self) -> bool {
        let whole = [Segment::Body, Segment::BodySha256Hex, Segment::Form];
        let is_signed = whole.iter().any(|segment| self.signed.has(segment)) || self.body_sha256.is_some();
        is_signed && self.key.algorithm() != Algorithm::Token
    }

    /// Adds the texts that may be signatures. Items of other kinds are skipped, whatever they look like.
    pub(crate) fn find_candidates<'l>(&self, lines: &'l Lines<'_>, found: &mut Candidates<'l>) -> Result<()> {
        for item in self.items(lines) {
            let (name, value) = self.split(item);
            match &self.field {
                Some(field) if name == Some(field.as_bytes()) => found.push(value)?,
                Some(_) if !self.bare => {}
                _ => found.push(item)?,
            }
        }
        Ok(())
    }

    /// The value of a field of the signature header; two that differ are refused.
    pub(crate) fn field<'l>(&self, lines: &'l Lines<'_>, wanted: &str) -> Result<&'l [u8]> {
        let mut values = self.items(lines).filter_map(|item| match self.split(item) {
            (Some(name), value) if name == wanted.as_bytes() => Some(value),
            _ => None,
        });
        let malformed = |why| {
            let message = format!("The header {} has {why} field \"{wanted}\".", self.name());
            Error::new(Code::MalformedHeader, message)
        };
        let first = values.next().ok_or_else(|| malformed("no"))?;
        if values.any(|other| other != first) {
            return Err(malformed("more than one"));
        }
        Ok(first)
    }

    /// The value of the header that carries signatures and, where it belongs there, the timestamp.
    pub(crate) fn header_value(&self, timestamp: Option<&str>, signatures: &[String]) -> String {
        let separator = self.field_separator.map(char::from).unwrap_or_default();
        let mut items = Vec::new();
        if let (Some(TimestampRule { from: Source::Field(field), .. }), Some(text)) =
            (&self.timestamp, timestamp)
        {
            items.push(format!("{field}{separator}{text}"));
        }
        items.extend(signatures.iter().map(|signature| match &self.field {
            Some(field) if !self.write_bare => format!("{field}{separator}{signature}"),
            _ => signature.clone(),
        }));
        let between = self.item_separators.first().map(|byte| char::from(*byte).to_string());
        items.join(&between.unwrap_or_default())
    }

    /// How the place of signatures is called in messages.
    pub(crate) fn name(&self) -> String {
        match &self.place {
            Place::Headers(names) => names.join(" or "),
            Place::Json(path) => path.steps().join("."),
        }
    }

    /// What a sender's signature looks like, for messages.
    pub(crate) fn form(&self) -> String {
        self.header_value(Some("…"), &["…".to_owned()])
    }

    fn items<'l>(&self, lines: &'l Lines<'_>) -> impl Iterator<Item = &'l [u8]> {
        let names: &[String] = match &self.place {
            Place::Headers(names) => names,
            Place::Json(_) => &[],
        };
        names
            .iter()
            .flat_map(|name| lines.all(name))
            .flat_map(|value| value.split(|byte| self.item_separators.contains(byte)))
            .map(trim)
            .filter(|item| !item.is_empty())
    }

    /// Name and value of an item, split at the first separator only: base64 ends in `=`.
    fn split<'l>(&self, item: &'l [u8]) -> (Option<&'l [u8]>, &'l [u8]) {
        let at = self.field_separator.and_then(|separator| item.iter().position(|byte| *byte == separator));
        match at {
            Some(at) => (Some(&item[..at]), &item[at + 1..]),
            None => (None, item),
        }
    }
}

impl TimestampRule {
    fn new(table: TimestampTable) -> Result<Self, String> {
        let length =
            |seconds: Option<crate::file::Seconds>| seconds.map_or(DEFAULT_TOLERANCE, |seconds| seconds.0);
        Ok(Self {
            from: Source::parse(&table.from.0, "signature.timestamp.from")?,
            unit: table.unit,
            tolerance: Tolerance { past: length(table.past), future: length(table.future) },
        })
    }
}

impl Source {
    /// Reads `header:x` (or a list of them), `field:x` or `json:x`; `key` names the place in errors.
    pub(crate) fn parse(texts: &[String], key: &str) -> Result<Self, String> {
        let wrong =
            || format!("{key} is \"header:name\" (or a list of them), \"field:name\" or \"json:path\"");
        let split =
            |text: &String| text.split_once(':').map(|(kind, name)| (kind.to_owned(), name.to_owned()));
        let parts: Option<Vec<_>> = texts.iter().map(split).collect();
        match parts.ok_or_else(wrong)?.as_slice() {
            [(kind, name)] if kind == "field" && !name.is_empty() => Ok(Self::Field(name.clone())),
            [(kind, path)] if kind == "json" => Path::parse(path).map(Self::Json).ok_or_else(wrong),
            several if !several.is_empty() && several.iter().all(|(kind, _)| kind == "header") => {
                let names: Vec<_> = several.iter().map(|(_, name)| name.clone()).collect();
                Ok(Self::Headers(header_names(&names, key)?))
            }
            _ => Err(wrong()),
        }
    }
}

/// What may be signatures: as many as any honest sender sends, and no more work than that.
pub(crate) struct Candidates<'l> {
    texts: [&'l [u8]; MOST_CANDIDATES],
    count: usize,
}

impl Default for Candidates<'_> {
    fn default() -> Self {
        Self { texts: [&[]; MOST_CANDIDATES], count: 0 }
    }
}

impl<'l> Candidates<'l> {
    pub(crate) fn push(&mut self, text: &'l [u8]) -> Result<()> {
        let slot = self.texts.get_mut(self.count).ok_or_else(|| {
            let message = format!("There are more than {MOST_CANDIDATES} signatures.");
            Error::new(Code::MalformedHeader, message)
        })?;
        *slot = text;
        self.count += 1;
        Ok(())
    }

    pub(crate) fn as_slice(&self) -> &[&'l [u8]] {
        &self.texts[..self.count]
    }
}

fn separators(text: Option<&str>, key: &str) -> Result<Vec<u8>, String> {
    match text {
        Some("") => Err(format!("signature.{key} is empty")),
        Some(text) if !text.is_ascii() => Err(format!("signature.{key} is made of ASCII characters")),
        _ => Ok(text.unwrap_or_default().bytes().collect()),
    }
}

/// Header names in lower case, refused if they are none (RFC 9110 §5.1).
pub(crate) fn header_names(names: &[String], key: &str) -> Result<Vec<String>, String> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    match names.iter().find(|name| name.is_empty() || !name.bytes().all(is_token)) {
        Some(name) => Err(format!("{key}: \"{name}\" is no header name")),
        None if names.is_empty() => Err(format!("{key} is an empty list")),
        None => Ok(names.iter().map(|name| name.to_ascii_lowercase()).collect()),
    }
}

fn separator(separator: Option<char>, key: &str) -> Result<Option<u8>, String> {
    match separator.map(u8::try_from) {
        None => Ok(None),
        Some(Ok(byte)) if byte.is_ascii() => Ok(Some(byte)),
        Some(_) => Err(format!("signature.{key} is one ASCII character")),
    }
}

const DEFAULT_TOLERANCE: Duration = Duration::from_secs(300);
const MOST_CANDIDATES: usize = 32;
