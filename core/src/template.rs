//! What is signed: a template such as `{id}.{timestamp}.{body}`, taken apart once and then only fed.

use std::borrow::Cow;

use crate::json::Path;

/// A template, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Segment>);

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    Literal(String),
    Body,
    /// Lower-case hex of the body's SHA-256.
    BodySha256Hex,
    /// The parameters of a form body, sorted by name and value, each name followed by its value (Twilio).
    Form,
    Timestamp,
    Id,
    Secret,
    Url,
    Method,
    /// Path and query of the url.
    PathQuery,
    /// A parameter of the url's query.
    Query(String),
    Header(String),
    /// A field of the signature header.
    Field(String),
    Json(Path),
}

impl Template {
    /// Reads a template; the error says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut segments = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let next = &rest[character.len_utf8()..];
            match character {
                '{' | '}' if next.starts_with(character) => {
                    literal.push(character);
                    rest = &next[1..];
                }
                '{' => {
                    let (name, after) =
                        next.split_once('}').ok_or("a `{` is not closed; write `{{` for a brace")?;
                    if !literal.is_empty() {
                        segments.push(Segment::Literal(std::mem::take(&mut literal)));
                    }
                    segments.push(Segment::parse(name)?);
                    rest = after;
                }
                '}' => return Err("a `}` was not opened; write `}}` for a brace".to_owned()),
                _ => {
                    literal.push(character);
                    rest = next;
                }
            }
        }
        if !literal.is_empty() {
            segments.push(Segment::Literal(literal));
        }
        if segments.len() > MOST_SEGMENTS {
            return Err(format!("it has more than {MOST_SEGMENTS} parts"));
        }
        Ok(Self(segments))
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.0
    }

    pub(crate) fn has(&self, segment: &Segment) -> bool {
        self.0.contains(segment)
    }

    /// Hands over the signed bytes piece by piece, so that no body is copied to be hashed: the parts belong to
    /// the segments one by one, and the secret stands where the template has it.
    pub(crate) fn feed(&self, parts: &Parts<'_>, secret: &[u8], sink: &mut dyn FnMut(&[u8])) {
        for (segment, part) in self.0.iter().zip(parts) {
            match segment {
                Segment::Literal(text) => sink(text.as_bytes()),
                Segment::Secret => sink(secret),
                _ => sink(part),
            }
        }
    }
}

/// What stands where the segments of a template are.
pub(crate) type Parts<'p> = [Cow<'p, [u8]>; MOST_SEGMENTS];

impl Segment {
    fn parse(name: &str) -> Result<Self, String> {
        let (kind, argument) = match name.split_once(':') {
            Some((kind, argument)) => (kind, Some(argument)),
            None => (name, None),
        };
        Ok(match (kind, argument) {
            ("body", None) => Self::Body,
            ("body_sha256_hex", None) => Self::BodySha256Hex,
            ("form", None) => Self::Form,
            ("timestamp", None) => Self::Timestamp,
            ("id", None) => Self::Id,
            ("secret", None) => Self::Secret,
            ("url", None) => Self::Url,
            ("method", None) => Self::Method,
            ("path_query", None) => Self::PathQuery,
            ("query", Some(name)) if !name.is_empty() => Self::Query(name.to_owned()),
            ("header", Some(name)) if !name.is_empty() => Self::Header(name.to_ascii_lowercase()),
            ("field", Some(name)) if !name.is_empty() => Self::Field(name.to_owned()),
            ("json", Some(path)) => Self::Json(Path::parse(path).ok_or(format!("`{path}` is no JSON path"))?),
            _ => {
                return Err(format!(
                    "there is no placeholder {{{name}}}; there are {{body}}, {{body_sha256_hex}}, {{form}}, \
                     {{timestamp}}, {{id}}, {{secret}}, {{url}}, {{method}}, {{path_query}}, {{query:name}}, \
                     {{header:name}}, {{field:name}} and {{json:path}}"
                ));
            }
        })
    }
}

const MOST_SEGMENTS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_templates() {
        let parse = |text| Template::parse(text).map(|template| template.0);
        let literal = |text: &str| Segment::Literal(text.to_owned());
        assert_eq!(
            parse("v0:{timestamp}:{body}"),
            Ok(vec![literal("v0:"), Segment::Timestamp, literal(":"), Segment::Body])
        );
        assert_eq!(
            parse("{{{header:X-Date}\n}}"),
            Ok(vec![literal("{"), Segment::Header("x-date".to_owned()), literal("\n}"),])
        );
        for wrong in ["{bodi}", "{body", "body}", "{}", "{json:}", "{json:a..b}", "{header:}", "{body:x}"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn feeds_in_order() {
        let template = Template::parse("{secret}|{body}|{id}").unwrap();
        let mut parts = Parts::default();
        parts[2] = Cow::Borrowed(b"body");
        parts[4] = Cow::Borrowed(b"7");
        let mut fed = Vec::new();
        template.feed(&parts, b"s", &mut |part| fed.extend_from_slice(part));
        assert_eq!(fed, b"s|body|7");
        assert!(Template::parse(&"{body}".repeat(17)).is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text: String) {
            let _ = Template::parse(&text);
        }
    }
}
