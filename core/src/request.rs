//! The parts of a request that a template names.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use crate::encoding::Encoding;
use crate::error::{Code, Error, Result};
use crate::json;
use crate::lookup::Lines;
use crate::scheme::Scheme;
use crate::template::{Parts, Segment};

/// A request, as far as it may be signed.
pub(crate) struct Request<'r> {
    pub(crate) body: &'r [u8],
    pub(crate) url: Option<&'r str>,
    pub(crate) method: Option<&'r str>,
    /// The text of the timestamp, never the number: what was written is what was signed.
    pub(crate) timestamp: &'r [u8],
    pub(crate) id: &'r [u8],
    /// The headers as they came; nothing when a request is signed.
    pub(crate) lines: Option<&'r Lines<'r>>,
}

impl<'r> Request<'r> {
    /// Fills in what stands where the segments of the scheme's template are.
    pub(crate) fn fill(&self, scheme: &Scheme, parts: &mut Parts<'r>) -> Result<()> {
        for (part, segment) in parts.iter_mut().zip(scheme.signed.segments()) {
            *part = self.part(segment, scheme)?;
        }
        Ok(())
    }

    /// Refuses a body that neither the signature nor a signed hash vouches for.
    pub(crate) fn check_body(&self, scheme: &Scheme) -> Result<()> {
        let Some(name) = &scheme.body_sha256 else {
            return Ok(());
        };
        let expected = query(self.url()?, name);
        let covered = if expected.is_empty() {
            self.body.is_empty() || self.is_form()?
        } else {
            Encoding::Hex.decode(expected.as_bytes()).as_deref() == Some(&Sha256::digest(self.body)[..])
        };
        if covered {
            return Ok(());
        }
        let message = format!("The url is signed, but its {name} is not that of the body.");
        Err(Error::new(Code::SignatureMismatch, message))
    }

    fn part(&self, segment: &Segment, scheme: &Scheme) -> Result<Cow<'r, [u8]>> {
        Ok(match segment {
            Segment::Literal(_) | Segment::Secret => Cow::default(),
            Segment::Body => Cow::Borrowed(self.body),
            Segment::BodySha256Hex => {
                Cow::Owned(Encoding::Hex.encode(&Sha256::digest(self.body)).into_bytes())
            }
            Segment::Timestamp => Cow::Borrowed(self.timestamp),
            Segment::Id => Cow::Borrowed(self.id),
            Segment::Method => Cow::Borrowed(self.method.unwrap_or("POST").as_bytes()),
            Segment::Url => Cow::Borrowed(self.url()?.as_bytes()),
            Segment::PathQuery => Cow::Borrowed(path_query(self.url()?).as_bytes()),
            Segment::Query(name) => Cow::Owned(query(self.url()?, name).into_bytes()),
            Segment::Json(path) => Cow::Owned(self.json(path)?.into_bytes()),
            Segment::Header(name) => {
                let value = self.lines()?.one(std::slice::from_ref(name))?;
                Cow::Borrowed(value.ok_or_else(|| missing_header(name))?)
            }
            Segment::Field(name) => Cow::Borrowed(scheme.field(self.lines()?, name)?),
            Segment::Form => Cow::Owned(self.form()?),
        })
    }

    fn url(&self) -> Result<&'r str> {
        self.url.ok_or_else(|| {
            Error::argument("This provider signs the url: pass `url`, as it is registered with the provider.")
        })
    }

    fn lines(&self) -> Result<&'r Lines<'r>> {
        self.lines
            .ok_or_else(|| Error::argument("This provider signs headers of its own, so only it can sign."))
    }

    fn json(&self, path: &json::Path) -> Result<String> {
        let text = json::text(self.body).map_err(|_| not_json())?;
        json::at(text, path).and_then(json::scalar).ok_or_else(|| {
            let message = format!("The body has no {}, which this provider signs.", path.steps().join("."));
            Error::new(Code::InvalidPayload, message)
        })
    }

    fn is_form(&self) -> Result<bool> {
        let Some(lines) = self.lines else {
            return Ok(!self.body.starts_with(b"{"));
        };
        let content_type = lines.one(&["content-type".to_owned()])?.unwrap_or_default();
        Ok(content_type.get(..FORM.len()).is_some_and(|start| start.eq_ignore_ascii_case(FORM)))
    }

    fn form(&self) -> Result<Vec<u8>> {
        if !self.is_form()? {
            return Ok(Vec::new());
        }
        let mut parameters: Vec<_> = form_urlencoded::parse(self.body).collect();
        parameters.sort();
        parameters.dedup();
        Ok(parameters
            .iter()
            .flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()])
            .flatten()
            .copied()
            .collect())
    }
}

/// The error for a header that the provider always sends.
pub(crate) fn missing_header(name: &str) -> Error {
    Error::new(Code::MissingHeader, format!("The request has no {name} header."))
}

pub(crate) fn not_json() -> Error {
    Error::new(Code::InvalidPayload, "The body is not JSON, or is nested more than 128 levels deep.")
}

fn path_query(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = after_scheme.find(['/', '?']).map_or("/", |at| &after_scheme[at..]);
    path.split('#').next().unwrap_or_default()
}

/// The first parameter of this name in a url's query, or nothing.
fn query(url: &str, name: &str) -> String {
    query_if_any(url, name).unwrap_or_default()
}

/// As [`query`], telling an absent parameter from an empty one.
pub(crate) fn query_if_any(url: &str, name: &str) -> Option<String> {
    let (_, query) = path_query(url).split_once('?')?;
    let mut parameters = form_urlencoded::parse(query.as_bytes());
    parameters.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

const FORM: &[u8] = b"application/x-www-form-urlencoded";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        for (url, expected) in [
            ("https://a.example/b/c?d=e#f", "/b/c?d=e"),
            ("https://a.example", "/"),
            ("https://a.example?x=1", "?x=1"),
            ("/b?c", "/b?c"),
        ] {
            assert_eq!(path_query(url), expected);
        }
        assert_eq!(query("https://a.example/?x=1&app_key=a%20b&app_key=c", "app_key"), "a b");
        assert_eq!(query("https://a.example/", "app_key"), "");
    }
}
