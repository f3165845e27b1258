//! A provider file as it is written. What it means is checked where it is used; here only its shape is.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, IntoDeserializer as _, MapAccess, SeqAccess, Visitor};

use crate::encoding::Encoding;
use crate::error::{Code, Error, Result};
use crate::mac::Algorithm;
use crate::timestamp::Unit;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderFile {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) sources: Vec<String>,
    pub(crate) confidence: Confidence,
    pub(crate) notes: Option<String>,
    pub(crate) signature: OneOrMany<SignatureTable>,
    #[serde(default)]
    pub(crate) envelope: EnvelopeTable,
    pub(crate) handshake: Option<HandshakeTable>,
    #[serde(default)]
    pub(crate) delivery: DeliveryTable,
    #[serde(default)]
    pub(crate) event: Vec<EventTable>,
}

/// Where the facts of a provider file were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Confidence {
    /// The vendor's page, with a sample that was recomputed.
    DocTextSample,
    /// The vendor's page.
    DocText,
    /// The vendor's own code.
    SourceCode,
    /// Others' code.
    ThirdPartyCode,
    /// Notes that cite the vendor's page.
    Secondary,
    /// A user's own file.
    Own,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignatureTable {
    pub(crate) header: Option<OneOrMany<String>>,
    pub(crate) json: Option<String>,
    pub(crate) mac: Algorithm,
    pub(crate) encoding: Option<Encoding>,
    pub(crate) item_separator: Option<String>,
    pub(crate) field_separator: Option<char>,
    pub(crate) field: Option<String>,
    #[serde(default)]
    pub(crate) bare: bool,
    #[serde(default)]
    pub(crate) write_bare: bool,
    #[serde(default = "body")]
    pub(crate) signed: String,
    pub(crate) body_sha256: Option<String>,
    #[serde(default)]
    pub(crate) key: KeyTable,
    pub(crate) timestamp: Option<TimestampTable>,
    pub(crate) id: Option<OneOrMany<String>>,
}

fn body() -> String {
    "{body}".to_owned()
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyTable {
    pub(crate) encoding: Option<OneOrMany<KeyEncoding>>,
    pub(crate) prefix: Option<String>,
    pub(crate) private_prefix: Option<String>,
    #[serde(default)]
    pub(crate) optional: bool,
}

/// How a secret's text becomes the bytes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KeyEncoding {
    Utf8,
    Base64,
    #[serde(rename = "base64url")]
    Base64Url,
    Hex,
    Pem,
    SpkiDerBase64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimestampTable {
    pub(crate) from: OneOrMany<String>,
    pub(crate) unit: Unit,
    pub(crate) past: Option<Seconds>,
    pub(crate) future: Option<Seconds>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnvelopeTable {
    pub(crate) id: Option<OneOrMany<String>>,
    #[serde(rename = "type")]
    pub(crate) event_type: Option<OneOrMany<String>>,
    pub(crate) timestamp: Option<OneOrMany<String>>,
    pub(crate) timestamp_format: Option<Unit>,
    pub(crate) data: Option<String>,
    pub(crate) tenant: Option<OneOrMany<String>>,
    #[serde(default)]
    pub(crate) extra: Vec<String>,
    pub(crate) id_prefix: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandshakeTable {
    pub(crate) method: Option<String>,
    pub(crate) found: Option<String>,
    pub(crate) is: Option<String>,
    pub(crate) verified_by: VerifiedBy,
    pub(crate) token: Option<String>,
    pub(crate) value: Option<String>,
    pub(crate) answer: AnswerTable,
    pub(crate) answer_header: Option<String>,
    #[serde(default)]
    pub(crate) gives_secret: bool,
}

/// What proves that a handshake is the vendor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum VerifiedBy {
    Signature,
    Token,
    Nothing,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum AnswerTable {
    Text(String),
    Json(BTreeMap<String, JsonText>),
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum JsonText {
    Number(i64),
    Text(String),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeliveryTable {
    #[serde(default)]
    pub(crate) https_only: bool,
    pub(crate) timeout: Option<Seconds>,
    pub(crate) retry: Option<RetryTable>,
    #[serde(default)]
    pub(crate) disable_on: Vec<u16>,
    pub(crate) disable_after: Option<DisableTable>,
    #[serde(default)]
    pub(crate) credits: u32,
    pub(crate) test: Option<TestTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryTable {
    pub(crate) delays: Option<Vec<Seconds>>,
    pub(crate) first: Option<Seconds>,
    pub(crate) factor: Option<f64>,
    pub(crate) cap: Option<Seconds>,
    pub(crate) count: Option<u32>,
    #[serde(default)]
    pub(crate) jitter: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DisableTable {
    pub(crate) failures: u32,
    pub(crate) unit: DisableUnit,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DisableUnit {
    Delivery,
    Attempt,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestTable {
    pub(crate) event: Option<String>,
    pub(crate) scope: TestScope,
    pub(crate) mark: Option<String>,
}

/// Whom a vendor's "send a test" reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TestScope {
    /// One endpoint that was chosen.
    Endpoint,
    /// All active endpoints that want the event.
    Event,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventTable {
    #[serde(rename = "type")]
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) example: Option<String>,
    #[serde(default)]
    pub(crate) assumed: bool,
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, FieldTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldTable {
    #[serde(rename = "type")]
    pub(crate) kind: Option<FieldType>,
    pub(crate) values: Option<Vec<String>>,
    pub(crate) optional: Option<bool>,
    pub(crate) nullable: Option<bool>,
    pub(crate) description: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FieldType {
    Any,
    Boolean,
    Integer,
    Number,
    String,
    List,
    Object,
}

/// A length of time in seconds, whole or not.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "f64")]
pub(crate) struct Seconds(pub(crate) std::time::Duration);

impl TryFrom<f64> for Seconds {
    type Error = String;

    fn try_from(seconds: f64) -> Result<Self, String> {
        std::time::Duration::try_from_secs_f64(seconds)
            .map(Self)
            .map_err(|_| format!("{seconds} is no length of time in seconds"))
    }
}

impl ProviderFile {
    /// Reads a file's text; `file` names it in errors.
    pub(crate) fn read(text: &str, file: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| {
            let place = error.span().map(|span| place(text, span.start)).unwrap_or_default();
            let reason = error.message().trim();
            Error::new(Code::InvalidProvider, format!("{file}{place}: {reason}"))
        })
    }
}

/// `, line 7, key "unit"`, as far as the line tells.
fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let number = before.matches('\n').count() + 1;
    let line = text.lines().nth(number - 1).unwrap_or_default();
    match line.split_once('=') {
        Some((key, _)) => format!(", line {number}, key \"{}\"", key.trim()),
        None => format!(", line {number}"),
    }
}

/// A value, or a list of them.
pub(crate) struct OneOrMany<T>(pub(crate) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

struct OneOrManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or a list of values")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        T::deserialize(text.into_deserializer()).map(|one| OneOrMany(vec![one]))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|one| OneOrMany(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(OneOrMany)
    }
}
