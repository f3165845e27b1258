//! The question by which a vendor finds out whether an endpoint is its owner's, and the answer to it.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::error::{Code, Error, Result};
use crate::file::{AnswerTable, HandshakeTable, JsonText, VerifiedBy};
use crate::json::{self, Path};
use crate::lookup::{Lines, Wanted};
use crate::request::query_if_any;
use crate::scheme::header_names;
use crate::secret::Secret;

/// What `handshake` may be told besides body and headers.
#[derive(Clone, Copy, Debug, Default)]
pub struct HandshakeOptions<'o> {
    /// The request's method; POST if nothing is given.
    pub method: Option<&'o str>,
    /// The request's url, or its path and query: several vendors ask there.
    pub url: Option<&'o str>,
    /// The token that was agreed on with the vendor when the endpoint was registered (Meta); no signing secret.
    pub verify_token: Option<&'o str>,
    /// The time to compare timestamps with; the system's clock if nothing is given.
    pub now: Option<SystemTime>,
}

/// What to answer a vendor's handshake, and with which status: the request is no event, so nothing else is to be done.
#[derive(Clone, PartialEq, Eq)]
pub struct HandshakeAnswer {
    headers: Vec<(String, String)>,
    body: String,
    secret: Option<String>,
}

impl HandshakeAnswer {
    /// An answer of one's own, for vendors whose handshake no provider's file can describe.
    pub fn new(headers: Vec<(String, String)>, body: String) -> Self {
        Self { headers, body, secret: None }
    }

    /// The status of the response: 200.
    pub fn status(&self) -> u16 {
        200
    }

    /// Every header of the response, names in lower case.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The body of the response; often a short text, and sometimes nothing.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The secret that the vendor gives away in this request, and nowhere else (Asana). Nothing proves who sent it:
    /// keep it only while an endpoint is being registered, and never in place of one that is in use.
    ///
    /// # Errors
    /// `invalid_secret` if it could be none.
    pub fn secret(&self) -> Result<Option<Secret>> {
        self.secret.as_deref().map(Secret::new).transpose()
    }
}

impl fmt::Debug for HandshakeAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandshakeAnswer([redacted])")
    }
}

/// A vendor's handshake.
#[derive(Debug)]
pub(crate) struct Handshake {
    method: String,
    /// Where a request says that it is one, and with which text; any will do where there is none.
    place: Option<(Spot, Option<String>)>,
    verified_by: Verified,
    value: Option<Spot>,
    answer: Answer,
    answer_header: Option<String>,
    gives_secret: bool,
}

/// What proves that the vendor asks.
#[derive(Debug)]
pub(crate) enum Verified {
    /// The request is signed as events are.
    Signature,
    /// It has the token that was agreed on.
    Token(Spot),
    /// Nothing, and the answer tells nobody anything.
    Nothing,
}

/// A place in a request.
#[derive(Debug)]
pub(crate) enum Spot {
    Header(String),
    Query(String),
    Json(Path),
}

#[derive(Debug)]
enum Answer {
    /// A text, sent as `text/plain`.
    Text(Vec<Piece>),
    /// An object of texts and numbers.
    Json(Vec<(String, Member)>),
}

#[derive(Debug)]
enum Member {
    Number(i64),
    Text(Vec<Piece>),
}

#[derive(Debug)]
enum Piece {
    Literal(String),
    Value,
    Mac,
}

/// A request, as far as a handshake looks at it.
pub(crate) struct Question<'q> {
    pub(crate) body: &'q [u8],
    pub(crate) lines: &'q Lines<'q>,
    pub(crate) options: &'q HandshakeOptions<'q>,
}

impl Handshake {
    /// Checks a table; the error names the key and the reason.
    pub(crate) fn new(table: HandshakeTable) -> Result<Self, String> {
        let spot = |text: Option<String>, key: &str| text.map(|text| Spot::parse(&text, key)).transpose();
        let method = table.method.unwrap_or_else(|| "POST".to_owned());
        let found = spot(table.found, "found")?;
        if table.is.is_some() && found.is_none() {
            return Err("handshake.is needs handshake.found".to_owned());
        }
        if found.is_none() && method == "POST" {
            return Err("handshake.found is missing: events are POST requests too".to_owned());
        }
        let verified_by = match (table.verified_by, spot(table.token, "token")?) {
            (VerifiedBy::Signature, None) => Verified::Signature,
            (VerifiedBy::Token, Some(token)) => Verified::Token(token),
            (VerifiedBy::Nothing, None) => Verified::Nothing,
            _ => return Err("handshake.token goes with verified_by = \"token\"".to_owned()),
        };
        let answer = match table.answer {
            AnswerTable::Text(text) => Answer::Text(pieces(&text)?),
            AnswerTable::Json(members) => {
                let member = |(name, value)| match value {
                    JsonText::Number(number) => Ok((name, Member::Number(number))),
                    JsonText::Text(text) => pieces(&text).map(|pieces| (name, Member::Text(pieces))),
                };
                Answer::Json(members.into_iter().map(member).collect::<Result<_, String>>()?)
            }
        };
        let value = spot(table.value, "value")?;
        let header = table.answer_header.map(|name| header_names(&[name], "handshake.answer_header"));
        let handshake = Self {
            method,
            place: found.map(|found| (found, table.is)),
            verified_by,
            value,
            answer,
            answer_header: header.transpose()?.map(|mut names| names.remove(0)),
            gives_secret: table.gives_secret,
        };
        let uses_value = handshake.has_mac()
            || handshake.has(|piece| matches!(piece, Piece::Value))
            || handshake.answer_header.is_some()
            || handshake.gives_secret;
        if uses_value != handshake.value.is_some() {
            return Err("handshake.value is what the answer is made of, and only then there".to_owned());
        }
        Ok(handshake)
    }

    /// Names the headers that are read.
    pub(crate) fn want(&self, wanted: &mut Wanted) {
        let token = match &self.verified_by {
            Verified::Token(token) => Some(token),
            _ => None,
        };
        let place = self.place.as_ref().map(|(spot, _)| spot);
        for spot in [place, self.value.as_ref(), token].into_iter().flatten() {
            if let Spot::Header(name) = spot {
                wanted.add(name);
            }
        }
    }

    pub(crate) fn verified_by(&self) -> &Verified {
        &self.verified_by
    }

    /// Whether the answer is made with the secret.
    pub(crate) fn has_mac(&self) -> bool {
        self.has(|piece| matches!(piece, Piece::Mac))
    }

    /// Whether a request is a handshake. Nothing is verified yet.
    pub(crate) fn asks(&self, question: &Question<'_>) -> Result<bool> {
        let method = question.options.method.unwrap_or("POST");
        if !method.eq_ignore_ascii_case(&self.method) || question.body.len() > LONGEST_BODY {
            return Ok(false);
        }
        let Some((spot, wanted)) = &self.place else {
            return Ok(true);
        };
        let found = spot.read(question)?;
        Ok(found.is_some_and(|found| wanted.as_ref().is_none_or(|wanted| *found == *wanted)))
    }

    /// Refuses a request whose token is not the one that was agreed on.
    pub(crate) fn check_token(&self, spot: &Spot, question: &Question<'_>) -> Result<()> {
        let agreed = question.options.verify_token.filter(|token| !token.is_empty()).ok_or_else(|| {
            Error::argument(
                "This provider's handshake has a token: pass `verify_token`, as it is registered there.",
            )
        })?;
        let given = spot.read(question)?.unwrap_or_default();
        // Hashes, so that the time tells nothing of the length either.
        let (agreed, given) = (Sha256::digest(agreed), Sha256::digest(given.as_bytes()));
        if bool::from(agreed.as_slice().ct_eq(given.as_slice())) {
            return Ok(());
        }
        Err(Error::new(Code::SignatureMismatch, "The token of the handshake is not the one agreed on."))
    }

    /// The answer; `sign` makes the signature of a text, as text.
    pub(crate) fn answer(
        &self,
        question: &Question<'_>,
        sign: impl FnOnce(&str) -> Result<String>,
    ) -> Result<HandshakeAnswer> {
        let value = self.value.as_ref().map(|spot| spot.read(question)).transpose()?.flatten();
        let value = value.unwrap_or_default();
        if self.value.is_some() && !self.may_answer(&value) {
            return Err(Error::new(
                Code::InvalidPayload,
                format!(
                    "The value to answer the handshake with is absent, longer than {LONGEST_VALUE} characters, \
                     or has others than a challenge has."
                ),
            ));
        }
        let mac = if self.has_mac() { sign(&value)? } else { String::new() };
        let mut headers = Vec::new();
        let fill = |pieces: &[Piece]| {
            pieces.iter().fold(String::new(), |text, piece| match piece {
                Piece::Literal(literal) => text + literal,
                Piece::Value => text + &value,
                Piece::Mac => text + &mac,
            })
        };
        let (content_type, body) = match &self.answer {
            Answer::Text(pieces) => ("text/plain; charset=utf-8", fill(pieces)),
            Answer::Json(members) => {
                let members = members.iter().map(|(name, member)| {
                    let value = match member {
                        Member::Number(number) => serde_json::Value::from(*number),
                        Member::Text(pieces) => serde_json::Value::from(fill(pieces)),
                    };
                    (name.clone(), value)
                });
                ("application/json", serde_json::Value::Object(members.collect()).to_string())
            }
        };
        headers.push(("content-type".to_owned(), content_type.to_owned()));
        // What a stranger may have written is shown by no browser as anything but text.
        headers.push(("x-content-type-options".to_owned(), "nosniff".to_owned()));
        if let Some(name) = &self.answer_header {
            headers.push((name.clone(), value.clone().into_owned()));
        }
        let secret = self.gives_secret.then(|| value.into_owned());
        Ok(HandshakeAnswer { headers, body, secret })
    }

    /// Whether a value may be part of an answer. A value that is signed has no character by which it could be a JSON
    /// object or list, or a timestamp joined to one: else whoever asks gets signatures of events of his own.
    fn may_answer(&self, value: &str) -> bool {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~+/=".contains(&byte);
        let is_text = |byte: u8| (b' '..=b'~').contains(&byte) && !b"<>".contains(&byte);
        let strict = self.has_mac() || self.answer_header.is_some();
        (1..=LONGEST_VALUE).contains(&value.len())
            && value.bytes().all(|byte| if strict { is_token(byte) } else { is_text(byte) })
    }

    fn has(&self, is_it: impl Fn(&Piece) -> bool) -> bool {
        match &self.answer {
            Answer::Text(pieces) => pieces.iter().any(is_it),
            Answer::Json(members) => members.iter().any(|(_, member)| match member {
                Member::Number(_) => false,
                Member::Text(pieces) => pieces.iter().any(&is_it),
            }),
        }
    }
}

impl Spot {
    fn parse(text: &str, key: &str) -> Result<Self, String> {
        let wrong =
            || format!("handshake.{key} is \"header:name\", \"query:name\" or \"json:path\", not \"{text}\"");
        match text.split_once(':') {
            Some(("header", name)) => {
                let mut names = header_names(&[name.to_owned()], &format!("handshake.{key}"))?;
                Ok(Self::Header(names.remove(0)))
            }
            Some(("query", name)) if !name.is_empty() => Ok(Self::Query(name.to_owned())),
            Some(("json", path)) => Path::parse(path).map(Self::Json).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }

    /// What stands there, if anything does.
    fn read<'q>(&self, question: &Question<'q>) -> Result<Option<Cow<'q, str>>> {
        Ok(match self {
            Self::Header(name) => {
                let value = question.lines.one(std::slice::from_ref(name))?;
                value.map(String::from_utf8_lossy)
            }
            Self::Query(name) => query_if_any(question.options.url.unwrap_or_default(), name).map(Cow::Owned),
            Self::Json(path) => {
                let text = json::text(question.body).ok();
                text.and_then(|text| json::at(text, path)).and_then(json::scalar).map(Cow::Owned)
            }
        })
    }
}

/// Takes `{value}` and `{mac}` out of a text; other braces are no part of any answer.
fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((literal, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or("handshake.answer: a `{` is not closed")?;
        pieces.push(Piece::Literal(literal.to_owned()));
        pieces.push(match name {
            "value" => Piece::Value,
            "mac" => Piece::Mac,
            _ => return Err(format!("handshake.answer has {{value}} and {{mac}}, but no {{{name}}}")),
        });
        rest = after;
    }
    pieces.push(Piece::Literal(rest.to_owned()));
    Ok(pieces)
}

/// No vendor's challenge comes near it.
const LONGEST_VALUE: usize = 1024;
/// Longer bodies are events: no need to look into them before they are verified.
const LONGEST_BODY: usize = 64 * 1024;
