//! A provider: the published conventions of one webhook vendor, as data.

use std::fmt;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::encoding::Encoding;
use crate::envelope::{Contents, Envelope};
use crate::error::{Code, Error, Result};
use crate::event::{Event, Facts};
use crate::file::{Confidence, DeliveryTable, DisableUnit, EventTable, ProviderFile, RetryTable, TestScope};
use crate::handshake::{Handshake, HandshakeAnswer, HandshakeOptions, Question, Verified};
use crate::headers::Headers;
use crate::health::{FailureUnit, HealthRule};
use crate::lookup::Wanted;
use crate::retry::RetryPolicy;
use crate::scheme::{Place, Scheme, Source};
use crate::secret::{self, Secret};
use crate::shape::Value;
use crate::template::Segment;
use crate::timestamp::{self, Tolerance};

/// The conventions of a vendor: how it signs, what its events look like, and how it delivers them.
///
/// Each is a TOML file; [`Provider::ids`] lists those built in, and [`Provider::from_toml`] and
/// [`Provider::load`] read others of the same format (`docs/provider-file.md`).
pub struct Provider {
    id: String,
    name: String,
    sources: Vec<String>,
    confidence: Confidence,
    notes: Option<String>,
    pub(crate) schemes: Vec<Scheme>,
    pub(crate) envelope: Arc<Envelope>,
    pub(crate) handshake: Option<Handshake>,
    delivery: Delivery,
    event_types: Vec<EventType>,
}

/// How a provider delivers.
struct Delivery {
    https_only: bool,
    timeout: Duration,
    retry: RetryPolicy,
    health: HealthRule,
    credits: u32,
    test: Option<TestRule>,
}

/// A type of event in a provider's catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventType {
    /// The name, such as `booking.created`.
    pub name: String,
    /// What it tells, in a sentence.
    pub description: String,
    /// The JSON of an example's data.
    pub example: Option<String>,
    /// Whether the example is ours, for want of one of the vendor's.
    pub(crate) assumed: bool,
    pub(crate) data: Value,
}

/// What a vendor's "send a test" sends, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestRule {
    /// The type of the test event; the caller's choice where there is none.
    pub event_type: Option<String>,
    /// Whom it reaches.
    pub scope: TestScope,
    /// The member of the data that is set to `true`.
    pub mark: Option<String>,
}

/// How a provider signs, for people and programs that choose or compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureForm {
    /// The headers that are looked at for signatures, in lower case; the first is the one senders write. None where
    /// the signature is part of the body.
    pub headers: Vec<String>,
    /// `hmac-sha256`, `ed25519`, … as in a provider file; `token` is the secret itself, which proves nothing of the body.
    pub algorithm: &'static str,
    /// `hex`, `base64`, … as in a provider file.
    pub encoding: Option<&'static str>,
    /// The template of what is signed, such as `{timestamp}.{body}`.
    pub signed: String,
    /// How far the signed timestamp may be from now; `None` where none is signed.
    pub tolerance: Option<Tolerance>,
    /// Whether a request may carry several signatures, as during a rotation of secrets.
    pub several: bool,
    /// Whether the body is signed. Where it is not, only what is signed may be trusted.
    pub covers_body: bool,
}

/// What keeps a request from being accepted twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayProtection {
    /// A signed timestamp: old requests are refused.
    Timestamp,
    /// A signed id: a receiver that remembers ids sees a repetition.
    SignedId,
    /// An id in a header that is not signed, which tells honest repetitions only.
    UnsignedId,
    /// Nothing but the body itself.
    Nothing,
}

impl ReplayProtection {
    /// The name in every language, such as `signed_id`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timestamp => "timestamp",
            Self::SignedId => "signed_id",
            Self::UnsignedId => "unsigned_id",
            Self::Nothing => "nothing",
        }
    }
}

/// What an event may be given besides its type and data.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventOptions<'o> {
    /// The id; a random one if none is given.
    pub id: Option<&'o str>,
    /// When it happened; now if nothing is given.
    pub timestamp: Option<SystemTime>,
    /// Whose it is, for providers whose events say so.
    pub tenant: Option<&'o str>,
}

impl Provider {
    /// A provider that comes with Hookseal, read at its first use.
    ///
    /// # Errors
    /// `unknown_provider`, with the nearest name.
    pub fn builtin(id: &str) -> Result<Arc<Self>> {
        let nth = BUILTIN.binary_search_by(|builtin| builtin.id.cmp(id)).map_err(|_| unknown(id))?;
        BUILTIN[nth].provider()
    }

    /// The names of the providers that come with Hookseal, in alphabetical order.
    pub fn ids() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|builtin| builtin.id)
    }

    /// A provider from the text of a file.
    ///
    /// # Errors
    /// `invalid_provider`, with the key and the reason.
    pub fn from_toml(text: &str) -> Result<Self> {
        Self::read(text, "provider file")
    }

    /// A provider from a file.
    ///
    /// # Errors
    /// `invalid_provider`, with the file, the key and the reason.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = path.display().to_string();
        let bytes = std::fs::read(path);
        let text = bytes.map_err(|error| invalid(&file, error))?;
        let text = String::from_utf8(text).map_err(|_| invalid(&file, "the file is not UTF-8"))?;
        Self::read(&text, &file)
    }

    /// The name in code, such as `webkasa`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name for people, such as `WebKasa`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the facts were read: pages, packages, repositories.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// The kind of the sources: `doc-text-sample`, `doc-text`, `source-code`, `third-party-code`, `secondary` or `own`.
    pub fn confidence(&self) -> &'static str {
        match self.confidence {
            Confidence::DocTextSample => "doc-text-sample",
            Confidence::DocText => "doc-text",
            Confidence::SourceCode => "source-code",
            Confidence::ThirdPartyCode => "third-party-code",
            Confidence::Secondary => "secondary",
            Confidence::Own => "own",
        }
    }

    /// How requests are signed; several forms where a provider has several, as Standard Webhooks has.
    pub fn signatures(&self) -> Vec<SignatureForm> {
        let form = |scheme: &Scheme| SignatureForm {
            headers: match &scheme.place {
                Place::Headers(names) => names.clone(),
                Place::Json(_) => Vec::new(),
            },
            algorithm: scheme.key.algorithm().name(),
            encoding: scheme.encoding.map(Encoding::name),
            signed: scheme.signed_text.clone(),
            tolerance: scheme.timestamp.as_ref().map(|rule| rule.tolerance),
            several: scheme.reads_several(),
            covers_body: scheme.covers_body(),
        };
        self.schemes.iter().map(form).collect()
    }

    /// What keeps a request from being accepted twice.
    pub fn replay_protection(&self) -> ReplayProtection {
        let all = |is_so: fn(&Scheme) -> bool| self.schemes.iter().all(is_so);
        if all(|scheme| scheme.timestamp.is_some()) {
            return ReplayProtection::Timestamp;
        }
        match &self.envelope.id {
            _ if self.signs_id() => ReplayProtection::SignedId,
            Some(Source::Json(_)) if all(Scheme::covers_body) => ReplayProtection::SignedId,
            Some(_) => ReplayProtection::UnsignedId,
            None => ReplayProtection::Nothing,
        }
    }

    /// What a receiver should know besides.
    pub fn notes(&self) -> Option<&str> {
        self.notes.as_deref()
    }

    /// The catalog of events; empty where the vendor's is not part of the file.
    pub fn event_types(&self) -> &[EventType] {
        &self.event_types
    }

    /// When a failed delivery is tried again.
    pub fn retry(&self) -> &RetryPolicy {
        &self.delivery.retry
    }

    /// When an endpoint that keeps failing is disabled.
    pub fn health(&self) -> &HealthRule {
        &self.delivery.health
    }

    /// How long one attempt may take, from connecting to the last byte of the answer.
    pub fn timeout(&self) -> Duration {
        self.delivery.timeout
    }

    /// Whether events go to https urls only.
    pub fn https_only(&self) -> bool {
        self.delivery.https_only
    }

    /// What one successful delivery costs; failures cost nothing.
    pub fn credits(&self) -> u32 {
        self.delivery.credits
    }

    /// How the vendor sends tests, if it does.
    pub fn test_rule(&self) -> Option<&TestRule> {
        self.delivery.test.as_ref()
    }

    /// Whether the vendor asks an endpoint to prove that it is its owner's, which
    /// [`Webhook::handshake`](crate::Webhook::handshake) answers.
    pub fn has_handshake(&self) -> bool {
        self.handshake.is_some()
    }

    /// The headers that [`handshake`](Self::handshake) reads, in lower case; for glue that looks them up itself.
    #[doc(hidden)]
    pub fn handshake_header_names(&self) -> Vec<String> {
        let mut wanted = Wanted::default();
        self.handshake.iter().for_each(|handshake| handshake.want(&mut wanted));
        wanted.names().to_vec()
    }

    /// The answer to a handshake that needs no secret, for endpoints that have none yet: Asana sends it this way.
    /// `None` if the request is no handshake.
    ///
    /// # Errors
    /// `invalid_argument` if this provider's handshake needs the secret: use
    /// [`Webhook::handshake`](crate::Webhook::handshake). Otherwise as there.
    pub fn handshake<B: AsRef<[u8]>>(
        &self,
        body: B,
        headers: &(impl Headers + ?Sized),
        options: &HandshakeOptions<'_>,
    ) -> Result<Option<HandshakeAnswer>> {
        let Some(handshake) = &self.handshake else {
            return Ok(None);
        };
        let needs_secret =
            || Error::argument("This provider's handshake needs the secret: use the webhook's `handshake`.");
        if matches!(handshake.verified_by(), Verified::Signature) || handshake.has_mac() {
            return Err(needs_secret());
        }
        let mut wanted = Wanted::default();
        handshake.want(&mut wanted);
        let lines = wanted.pick(headers)?;
        let question = Question { body: body.as_ref(), lines: &lines, options };
        if !handshake.asks(&question)? {
            return Ok(None);
        }
        if let Verified::Token(token) = handshake.verified_by() {
            handshake.check_token(token, &question)?;
        }
        handshake.answer(&question, |_| Err(needs_secret())).map(Some)
    }

    /// Whether endpoints without a secret get unsigned requests.
    pub fn secret_optional(&self) -> bool {
        self.schemes.iter().any(|scheme| scheme.key.optional)
    }

    /// A fresh random secret of 256 bits, written as the provider's are.
    ///
    /// # Errors
    /// `invalid_secret` where only the provider itself can make keys.
    pub fn generate_secret(&self) -> Result<Secret> {
        self.schemes[0].key.generate()
    }

    /// A fresh private key (`whsk_…`) where the provider has asymmetric signatures; its
    /// [`public`](Secret::public) half is for the receivers.
    ///
    /// # Errors
    /// `invalid_secret` where there are none.
    pub fn generate_private_key(&self) -> Result<Secret> {
        let asymmetric = self.schemes.iter().find(|scheme| !scheme.key.is_symmetric());
        let no_keys =
            || Error::new(Code::InvalidSecret, format!("{} has no asymmetric signatures.", self.name));
        asymmetric.ok_or_else(no_keys)?.key.generate()
    }

    /// An event in the provider's envelope, ready to be delivered.
    ///
    /// # Errors
    /// `invalid_argument` if type or id are empty or not printable, or the data is no JSON.
    pub fn event(
        &self,
        event_type: &str,
        data: &(impl Serialize + ?Sized),
        options: &EventOptions<'_>,
    ) -> Result<Event> {
        let data = to_raw_value(data).map_err(|error| {
            Error::argument(format!("The event's data can not be written as JSON: {error}."))
        })?;
        self.event_from_json(event_type, &data, options)
    }

    /// The catalog's example of a type of event, with an id and a time of its own. Nothing is sent.
    ///
    /// # Errors
    /// `invalid_argument` if the catalog has no example of it.
    pub fn example(&self, event_type: &str) -> Result<Event> {
        let known = self.event_types.iter().find(|known| known.name == event_type);
        let example = known.and_then(|known| known.example.as_ref()).ok_or_else(|| {
            let names: Vec<_> = self.event_types.iter().map(|known| known.name.as_str()).collect();
            Error::argument(format!(
                "{} has no example of \"{event_type}\"; there are: {}.",
                self.name,
                names.join(", ")
            ))
        })?;
        let data: &RawValue =
            serde_json::from_str(example).expect("examples were checked when the file was read");
        self.event_from_json(event_type, data, &EventOptions::default())
    }

    pub(crate) fn event_from_json(
        &self,
        event_type: &str,
        data: &RawValue,
        options: &EventOptions<'_>,
    ) -> Result<Event> {
        printable("type", event_type)?;
        let generated;
        let id = match options.id {
            Some(id) if id.contains('.') && self.signs_id() => {
                return Err(Error::argument("An id that is signed has no \".\" in it."));
            }
            Some(id) => printable("id", id)?,
            None => {
                generated = self.fresh_id()?;
                &generated
            }
        };
        let now = options.timestamp.unwrap_or_else(SystemTime::now);
        let timestamp = timestamp::from_system(now);
        let tenant = options.tenant;
        let contents = Contents { id, event_type, timestamp, tenant, data };
        let body = self.envelope.compose(&contents)?;
        let facts = Facts {
            id: Some(id.to_owned()),
            event_type: Some(event_type.to_owned()),
            tenant: tenant.map(str::to_owned),
            timestamp: Some(timestamp),
        };
        Ok(Event::new(body, Arc::clone(&self.envelope), facts, None, 0))
    }

    /// Whether ids are part of what is signed. `{id}.{timestamp}` with a dot in the id could be read in two ways,
    /// so Standard Webhooks forbids it.
    pub(crate) fn signs_id(&self) -> bool {
        self.schemes.iter().any(|scheme| scheme.signed.has(&Segment::Id))
    }

    /// A fresh id, as the provider's look: the time in milliseconds and 80 random bits. Ids that begin with the
    /// time lie side by side in an index, which is worth a quarter of a store's speed and more.
    pub(crate) fn fresh_id(&self) -> Result<String> {
        let now = timestamp::from_system(SystemTime::now()).cast_unsigned();
        let random = Encoding::Hex.encode(secret::random::<10>()?.as_slice());
        let prefix = &self.envelope.id_prefix;
        Ok(format!(
            "{}{:012x}{random}",
            if prefix.is_empty() { "msg_" } else { prefix },
            now & 0xffff_ffff_ffff
        ))
    }

    fn read(text: &str, file: &str) -> Result<Self> {
        let table = ProviderFile::read(text, file)?;
        Self::new(table).map_err(|reason| invalid(file, reason))
    }

    fn new(file: ProviderFile) -> Result<Self, String> {
        if file.id.is_empty()
            || !file.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        {
            return Err(format!("id: \"{}\" is not made of a-z, 0-9 and -", file.id));
        }
        if file.signature.0.is_empty() {
            return Err("signature: there must be at least one".to_owned());
        }
        let schemes: Result<Vec<_>, _> = file.signature.0.into_iter().map(Scheme::new).collect();
        let schemes = schemes?;
        let event_types: Result<Vec<_>, _> = file.event.into_iter().map(EventType::new).collect();
        let event_types = event_types?;
        for (nth, EventType { name, .. }) in event_types.iter().enumerate() {
            if event_types[..nth].iter().any(|before| before.name == *name) {
                return Err(format!("event: \"{name}\" stands there twice"));
            }
        }
        let handshake = file.handshake.map(Handshake::new).transpose()?;
        let signs = handshake.as_ref().is_some_and(Handshake::has_mac);
        if signs && !schemes.iter().all(|scheme| scheme.key.algorithm().is_hmac()) {
            return Err("handshake.answer has {mac}, which needs a signature.mac that is an HMAC".to_owned());
        }
        Ok(Self {
            id: file.id,
            name: file.name,
            sources: file.sources,
            confidence: file.confidence,
            notes: file.notes,
            schemes,
            envelope: Arc::new(Envelope::new(file.envelope)?),
            handshake,
            delivery: Delivery::new(file.delivery)?,
            event_types,
        })
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({})", self.id)
    }
}

impl Delivery {
    fn new(table: DeliveryTable) -> Result<Self, String> {
        let timeout = table.timeout.map_or(DEFAULT_TIMEOUT, |seconds| seconds.0);
        if timeout.is_zero() || timeout > LONGEST_TIMEOUT {
            return Err("delivery.timeout lies between 0 and 300 seconds".to_owned());
        }
        let retry = match table.retry {
            Some(retry) => retry_policy(retry).map_err(|why| format!("delivery.retry: {why}"))?,
            None => RetryPolicy::none(),
        };
        let health = match table.disable_after {
            None => HealthRule::never(),
            Some(rule) => {
                let failures =
                    NonZeroU32::new(rule.failures).ok_or("delivery.disable_after.failures is at least 1")?;
                let unit = match rule.unit {
                    DisableUnit::Delivery => FailureUnit::Delivery,
                    DisableUnit::Attempt => FailureUnit::Attempt,
                };
                HealthRule::after(failures, unit)
            }
        };
        Ok(Self {
            https_only: table.https_only,
            timeout,
            retry: retry.with_disable_on(table.disable_on),
            health,
            credits: table.credits,
            test: table.test.map(|test| TestRule {
                event_type: test.event,
                scope: test.scope,
                mark: test.mark,
            }),
        })
    }
}

impl EventType {
    fn new(table: EventTable) -> Result<Self, String> {
        let EventTable { name, description, example, assumed, fields } = table;
        let data = Value::new(example.as_deref(), assumed, fields);
        let data = data.map_err(|reason| format!("event \"{name}\": {reason}"))?;
        Ok(Self { name, description, example, assumed, data })
    }
}

/// A provider that comes with Hookseal, read when it is first asked for.
struct Builtin {
    id: &'static str,
    text: &'static str,
    read: OnceLock<Arc<Provider>>,
}

impl Builtin {
    const fn new(id: &'static str, text: &'static str) -> Self {
        Self { id, text, read: OnceLock::new() }
    }

    fn provider(&self) -> Result<Arc<Provider>> {
        if let Some(provider) = self.read.get() {
            return Ok(Arc::clone(provider));
        }
        let provider = Arc::new(Provider::read(self.text, &format!("{}.toml", self.id))?);
        Ok(Arc::clone(self.read.get_or_init(|| provider)))
    }
}

// The table `BUILTIN` of all files in `core/providers`, written by the build script.
include!(concat!(env!("OUT_DIR"), "/providers.rs"));

fn retry_policy(table: RetryTable) -> Result<RetryPolicy, String> {
    let policy = match (table.delays, table.first, table.factor, table.count) {
        (Some(delays), None, None, None) if table.cap.is_none() => {
            RetryPolicy::from_delays(delays.into_iter().map(|seconds| seconds.0).collect::<Vec<_>>())
        }
        (None, Some(first), Some(factor), Some(count)) => {
            RetryPolicy::exponential(first.0, factor, table.cap.map(|seconds| seconds.0), count)
        }
        _ => return Err("write either delays, or first, factor and count".to_owned()),
    };
    policy.and_then(|policy| policy.with_jitter(table.jitter)).map_err(|error| error.to_string())
}

/// A text that a header can carry as it is.
pub(crate) fn printable<'t>(what: &str, text: &'t str) -> Result<&'t str> {
    let is_printable =
        !text.is_empty() && text.len() <= 256 && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_printable {
        Ok(text)
    } else {
        Err(Error::argument(format!(
            "An event's {what} is 1 to 256 printable ASCII characters without spaces."
        )))
    }
}

fn unknown(id: &str) -> Error {
    let distance =
        |known: &str| known.bytes().zip(id.bytes()).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
    let nearest = Provider::ids().max_by_key(|known| distance(known)).filter(|known| distance(known) >= 2);
    let hint = match nearest {
        Some(nearest) => format!("Is it \"{nearest}\"?"),
        None => "The list of providers has all names.".to_owned(),
    };
    let shown: String = id.chars().take(64).collect();
    Error::new(
        Code::UnknownProvider,
        format!("There is no provider {shown:?}. {hint} A file of your own is read with from_toml or load."),
    )
}

fn invalid(file: &str, reason: impl fmt::Display) -> Error {
    Error::new(Code::InvalidProvider, format!("{file}: {reason}."))
}

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15);
/// No attempt may take longer than this.
pub(crate) const LONGEST_TIMEOUT: Duration = Duration::from_secs(300);

#[cfg(test)]
#[path = "provider_tests.rs"]
mod tests;
