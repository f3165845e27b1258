//! A provider and its secrets: sign and verify.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use subtle::Choice;

use crate::error::{Code, Error, Result};
use crate::event::{Event, Facts};
use crate::handshake::{HandshakeAnswer, HandshakeOptions, Question, Verified};
use crate::headers::Headers;
use crate::json;
use crate::lookup::{Lines, Wanted};
use crate::mac::{Algorithm, Key, LONGEST_SIGNATURE, Message};
use crate::provider::{Provider, printable};
use crate::request::{Request, missing_header, not_json};
use crate::scheme::{Candidates, Place, Scheme, Source, TimestampRule};
use crate::secret::Secret;
use crate::template::Parts;
use crate::timestamp::{self, Millis, Tolerance};
use crate::warning::{Warning, WarningCode};

/// A provider and its secrets.
///
/// Make it once and keep it: the keys are ready to use, and it is shared between threads freely.
#[derive(Clone)]
pub struct Webhook {
    provider: Arc<Provider>,
    rings: Vec<Ring>,
    wanted: Wanted,
    tolerance: Option<Tolerance>,
    warnings: Vec<Warning>,
    /// As they were given: `explain` reads them in other ways.
    secrets: Vec<Secret>,
}

/// The keys of one of the provider's signature schemes, newest first.
#[derive(Clone)]
struct Ring {
    scheme: usize,
    keys: Vec<RingKey>,
}

#[derive(Clone)]
pub(crate) struct RingKey {
    pub(crate) secret: usize,
    pub(crate) key: Key,
}

/// What a request was signed with.
pub(crate) struct Signer<'w> {
    scheme: &'w Scheme,
    secret: usize,
    /// The time in the request's headers, if it is there.
    stamp: Option<Millis>,
}

/// What `verify` may be told besides body and headers.
#[derive(Clone, Copy, Debug, Default)]
pub struct VerifyOptions<'o> {
    /// The time to compare timestamps with; the system's clock if nothing is given.
    pub now: Option<SystemTime>,
    /// The url as it is registered with the provider, where it is signed (Square, HubSpot, Twilio).
    pub url: Option<&'o str>,
    /// The request's method, where it is signed; POST if nothing is given.
    pub method: Option<&'o str>,
}

/// What `sign` may be told besides the body.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignOptions<'o> {
    /// The event's id, where it has a header; a random one if nothing is given.
    pub id: Option<&'o str>,
    /// The time to sign; the system's clock if nothing is given.
    pub timestamp: Option<SystemTime>,
    /// The event's type, where it has a header (GitHub, Shopify); left out if nothing is given.
    pub event_type: Option<&'o str>,
    /// The url of the receiver, where it is signed.
    pub url: Option<&'o str>,
    /// The request's method, where it is signed; POST if nothing is given.
    pub method: Option<&'o str>,
}

impl Webhook {
    /// A webhook of [Standard Webhooks](https://www.standardwebhooks.com) with one secret: `whsec_…`, or `whsk_…`
    /// and `whpk_…` for ed25519.
    ///
    /// # Errors
    /// `invalid_secret`.
    pub fn new(secret: &str) -> Result<Self> {
        Self::with_provider(&Provider::builtin("standard")?, &[Secret::new(secret)?])
    }

    /// A webhook of any provider, with its secrets, the newest first: all of them verify, and sign as far as
    /// the provider's requests carry several signatures.
    ///
    /// # Errors
    /// `invalid_secret` if there is none, or one is not of the provider's form.
    pub fn with_provider(provider: &Arc<Provider>, secrets: &[Secret]) -> Result<Self> {
        if secrets.is_empty() || secrets.len() > MOST_SECRETS {
            let message = format!("A webhook has 1 to {MOST_SECRETS} secrets, not {}.", secrets.len());
            return Err(Error::new(Code::InvalidSecret, message));
        }
        let mut webhook = Self { secrets: secrets.to_vec(), ..Self::without_secrets(provider) };
        for (nth, secret) in secrets.iter().enumerate() {
            webhook.add(nth, secret)?;
        }
        for ring in &webhook.rings {
            provider.schemes[ring.scheme].want(&mut webhook.wanted);
        }
        provider.envelope.want(&mut webhook.wanted);
        if let Some(handshake) = &provider.handshake {
            handshake.want(&mut webhook.wanted);
        }
        Ok(webhook)
    }

    /// For senders whose provider allows endpoints without a secret: it writes id and type where they have
    /// headers, and no signature.
    #[cfg(feature = "deliver")]
    pub(crate) fn unsigned(provider: &Arc<Provider>) -> Self {
        let mut webhook = Self::without_secrets(provider);
        provider.schemes.iter().for_each(|scheme| scheme.want(&mut webhook.wanted));
        provider.envelope.want(&mut webhook.wanted);
        webhook
    }

    /// A webhook that signs with the empty key, which no secret stands for; nothing where there is no such key.
    #[cfg(feature = "testing")]
    pub(crate) fn with_empty_key(provider: &Arc<Provider>, like: &Secret) -> Option<Self> {
        let mut webhook = Self::without_secrets(provider);
        let schemes = &provider.schemes;
        let scheme = schemes.iter().position(|scheme| scheme.key.claims(like)).unwrap_or(0);
        let key = schemes[scheme].key.algorithm().empty_key()?;
        webhook.rings.push(Ring { scheme, keys: vec![RingKey { secret: 0, key }] });
        Some(webhook)
    }

    /// Sets how far signed timestamps may lie from now, instead of what the provider says. Providers that sign
    /// no timestamp are not affected: there is nothing to check.
    pub fn with_tolerance(self, tolerance: Tolerance) -> Self {
        Self { tolerance: Some(tolerance), ..self }
    }

    /// Verifies a request by the raw bytes of its body and its headers, and returns its event.
    ///
    /// # Errors
    /// `missing_header`, `malformed_header`, `signature_mismatch`, `malformed_timestamp`, `timestamp_too_old`,
    /// `timestamp_too_new`, and `invalid_payload` where a signed value is inside a body that is not JSON.
    /// Answer 400 or 401 and tell the peer no more; `invalid_argument` alone is a mistake of the caller.
    pub fn verify<B: AsRef<[u8]>>(&self, body: B, headers: &(impl Headers + ?Sized)) -> Result<Event<B>> {
        self.verify_with(body, headers, &VerifyOptions::default())
    }

    /// As [`verify`](Self::verify), with a clock of one's own, or the url and method where these are signed.
    ///
    /// # Errors
    /// As [`verify`](Self::verify); `invalid_argument` also if the provider signs the url and none is given.
    pub fn verify_with<B: AsRef<[u8]>>(
        &self,
        body: B,
        headers: &(impl Headers + ?Sized),
        options: &VerifyOptions<'_>,
    ) -> Result<Event<B>> {
        let lines = self.wanted.pick(headers)?;
        let signer = self.authenticate(body.as_ref(), &lines, options)?;
        let signed_at = signed_at(&signer, body.as_ref())?;
        self.check_time(signer.scheme, signed_at, options.now)?;
        self.event(body, &lines, signed_at, signer.secret)
    }

    /// The event of a request that [`verify`](Self::verify) has accepted before, with this key. Nothing is checked:
    /// it is for glue that could keep the bytes of the request, where nobody can change them, but not the event.
    ///
    /// # Errors
    /// As [`verify`](Self::verify), for headers that it would not have accepted.
    #[doc(hidden)]
    pub fn accepted_before<B: AsRef<[u8]>>(
        &self,
        body: B,
        headers: &(impl Headers + ?Sized),
        key_index: usize,
    ) -> Result<Event<B>> {
        let lines = self.wanted.pick(headers)?;
        let has_key = |ring: &&Ring| ring.keys.iter().any(|key| key.secret == key_index);
        let ring = self.rings.iter().find(has_key);
        let ring = ring.ok_or_else(|| Error::argument("There is no secret of this number."))?;
        let scheme = &self.provider.schemes[ring.scheme];
        let (_, stamp) = stamp(scheme, &lines)?;
        let signed_at = signed_at(&Signer { scheme, secret: key_index, stamp }, body.as_ref())?;
        self.event(body, &lines, signed_at, key_index)
    }

    /// The same without what the headers say.
    #[doc(hidden)]
    pub fn body_accepted_before<B: AsRef<[u8]>>(&self, body: B) -> Event<B> {
        Event::new(body, Arc::clone(&self.provider.envelope), Facts::default(), None, 0)
    }

    /// The answer to a vendor's handshake, by which it finds out whether the endpoint is its owner's (Slack, Zoom,
    /// Meta, X …); `None` if the request is none, or the provider has none. Ask before [`verify`](Self::verify),
    /// for requests of any method: some handshakes are GET requests, and many are not signed.
    ///
    /// A handshake that is signed is verified first. What is echoed is short and printable, sent as text that no
    /// browser takes for a page; what is signed could never be an event.
    ///
    /// # Errors
    /// As [`verify`](Self::verify) where handshakes are signed; `signature_mismatch` for another token than the one
    /// agreed on; `invalid_payload` if what is to be answered is absent or no challenge; `invalid_argument` if the
    /// handshake has a token and none is given.
    pub fn handshake<B: AsRef<[u8]>>(
        &self,
        body: B,
        headers: &(impl Headers + ?Sized),
        options: &HandshakeOptions<'_>,
    ) -> Result<Option<HandshakeAnswer>> {
        let Some(handshake) = &self.provider.handshake else {
            return Ok(None);
        };
        let lines = self.wanted.pick(headers)?;
        let question = Question { body: body.as_ref(), lines: &lines, options };
        if !handshake.asks(&question)? {
            return Ok(None);
        }
        let mut key_index = 0;
        match handshake.verified_by() {
            Verified::Signature => {
                let HandshakeOptions { now, url, method, .. } = *options;
                let verify = VerifyOptions { now, url, method };
                let signer = self.authenticate(question.body, &lines, &verify)?;
                self.check_time(signer.scheme, signed_at(&signer, question.body)?, now)?;
                key_index = signer.secret;
            }
            Verified::Token(token) => handshake.check_token(token, &question)?,
            Verified::Nothing => {}
        }
        handshake.answer(&question, |value| self.sign_value(key_index, value)).map(Some)
    }

    /// Signs a body now and returns every header to send with it, names in lower case.
    ///
    /// # Errors
    /// `invalid_secret` if the secrets are public keys, which only verify; `invalid_argument` where only the
    /// provider can sign, or signs the url.
    pub fn sign(&self, body: &[u8]) -> Result<Vec<(String, String)>> {
        self.sign_with(body, &SignOptions::default())
    }

    /// As [`sign`](Self::sign), with an id, time or type of one's own, or the url and method where these are
    /// signed.
    ///
    /// # Errors
    /// As [`sign`](Self::sign); `invalid_argument` also for an id or type that no header can carry.
    pub fn sign_with(&self, body: &[u8], options: &SignOptions<'_>) -> Result<Vec<(String, String)>> {
        let id = self.id_to_sign(options.id)?;
        let now = timestamp::from_system(options.timestamp.unwrap_or_else(SystemTime::now));
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut put = |name: &str, value: String| match headers.iter_mut().find(|(known, _)| known == name) {
            // Two schemes may share a header, as v1 and v1a do: their signatures stand side by side.
            Some((_, known)) if *known != value => *known = format!("{known} {value}"),
            Some(_) => {}
            None => headers.push((name.to_owned(), value)),
        };
        for ring in self.signing_rings() {
            let scheme = &self.provider.schemes[ring.scheme];
            let Place::Headers(names) = &scheme.place else {
                return Err(Error::argument(
                    "This provider's signatures are part of the body, so only it can sign.",
                ));
            };
            if let (Some(name), Some(id)) = (scheme.id.first(), &id) {
                put(name, id.clone().into_owned());
            }
            let timestamp = scheme.timestamp.as_ref().map(|rule| (rule, rule.unit.format(now)));
            if let Some((rule, text)) = &timestamp
                && let Source::Headers(names) = &rule.from
            {
                put(&names[0], text.clone());
            }
            let text = timestamp.as_ref().map(|(_, text)| text.as_str());
            let signatures = sign(ring, scheme, body, text, id.as_deref(), options)?;
            put(&names[0], scheme.header_value(text, &signatures));
        }
        if let (Some(Source::Headers(names)), Some(id)) = (&self.provider.envelope.id, &id) {
            put(&names[0], id.clone().into_owned());
        }
        if let (Some(Source::Headers(names)), Some(event_type)) =
            (&self.provider.envelope.event_type, options.event_type)
        {
            put(&names[0], printable("type", event_type)?.to_owned());
        }
        Ok(headers)
    }

    /// Signs an event that the provider's [`event`](Provider::event) made, or that was verified before.
    ///
    /// # Errors
    /// As [`sign_with`](Self::sign_with).
    pub fn sign_event<B: AsRef<[u8]>>(
        &self,
        event: &Event<B>,
        options: &SignOptions<'_>,
    ) -> Result<Vec<(String, String)>> {
        let options = SignOptions {
            id: options.id.or(event.id()),
            event_type: options.event_type.or(event.event_type()),
            ..*options
        };
        self.sign_with(event.body(), &options)
    }

    /// Whose requests these are.
    pub fn provider(&self) -> &Arc<Provider> {
        &self.provider
    }

    /// The headers that [`verify`](Self::verify) reads, in lower case; the others need not be passed.
    pub fn header_names(&self) -> &[String] {
        self.wanted.names()
    }

    /// What is questionable about the secrets, for the developer to read once; never part of a secret.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The schemes that there are keys for, and these.
    pub(crate) fn rings(&self) -> impl Iterator<Item = (&Scheme, &[RingKey])> {
        self.rings.iter().map(|ring| (&self.provider.schemes[ring.scheme], &*ring.keys))
    }

    /// The secrets as they were given.
    pub(crate) fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    /// How far the timestamps of a scheme may lie from now.
    pub(crate) fn tolerance(&self, rule: &TimestampRule) -> Tolerance {
        self.tolerance.unwrap_or(rule.tolerance)
    }

    fn without_secrets(provider: &Arc<Provider>) -> Self {
        Self {
            provider: Arc::clone(provider),
            rings: Vec::new(),
            wanted: Wanted::default(),
            tolerance: None,
            warnings: Vec::new(),
            secrets: Vec::new(),
        }
    }

    fn add(&mut self, nth: usize, secret: &Secret) -> Result<()> {
        let schemes = &self.provider.schemes;
        let claimed = schemes.iter().position(|scheme| scheme.key.claims(secret)).unwrap_or(0);
        let spec = &schemes[claimed].key;
        let keys = spec.keys(secret).map_err(|error| {
            Error::new(error.code(), format!("{} ({})", error.message(), self.provider.name()))
        })?;
        if secret.was_trimmed() {
            let message = format!("Secret {nth} had whitespace around it, which was dropped.");
            self.warnings.push(Warning::new(WarningCode::TrimmedSecret, message));
        }
        if spec.is_weak(secret) {
            let message =
                format!("Secret {nth} is shorter than 16 bytes and could be guessed; use 24 or more.");
            self.warnings.push(Warning::new(WarningCode::WeakSecret, message));
        }
        let keys = keys.into_iter().map(|key| RingKey { secret: nth, key });
        match self.rings.iter_mut().find(|ring| ring.scheme == claimed) {
            Some(ring) => ring.keys.extend(keys),
            None => self.rings.push(Ring { scheme: claimed, keys: keys.collect() }),
        }
        Ok(())
    }

    /// The signature of a text alone, without what else the provider signs.
    fn sign_value(&self, secret: usize, value: &str) -> Result<String> {
        let keys = |ring: &'_ Ring| ring.keys.iter().position(|key| key.secret == secret);
        let found = self.rings.iter().find_map(|ring| Some((ring, &ring.keys[keys(ring)?].key)));
        let (ring, key) = found.expect("every secret of a webhook has a key");
        let signature = key.sign(&|_, sink| sink(value.as_bytes()));
        let encoding = self.provider.schemes[ring.scheme].encoding;
        signature.zip(encoding).map(|(signature, encoding)| encoding.encode(&signature)).ok_or_else(|| {
            Error::new(Code::InvalidSecret, "A public key or a token can not answer this handshake.")
        })
    }

    /// What the request was signed with.
    fn authenticate(
        &self,
        body: &[u8],
        lines: &Lines<'_>,
        options: &VerifyOptions<'_>,
    ) -> Result<Signer<'_>> {
        let mut refusal = None;
        for ring in &self.rings {
            let scheme = &self.provider.schemes[ring.scheme];
            match find_key(&ring.keys, scheme, body, lines, options) {
                Ok(signer) => return Ok(signer),
                // A mismatch says more than a scheme that was not used at all.
                Err(error) if error.code() == Code::SignatureMismatch => refusal = Some(error),
                Err(error) => {
                    refusal.get_or_insert(error);
                }
            }
        }
        Err(refusal.expect("a webhook has at least one secret, and so one ring"))
    }

    fn check_time(&self, scheme: &Scheme, signed_at: Option<Millis>, now: Option<SystemTime>) -> Result<()> {
        let (Some(rule), Some(signed_at)) = (&scheme.timestamp, signed_at) else {
            return Ok(());
        };
        let tolerance = self.tolerance(rule);
        let now = timestamp::from_system(now.unwrap_or_else(SystemTime::now));
        // Whole seconds where the unit has no finer ones: a request of the same second is not from the future.
        let age = i128::from(rule.unit.floor(now)) - i128::from(signed_at);
        let limit = |length: std::time::Duration| i128::try_from(length.as_millis()).unwrap_or(i128::MAX);
        if age > limit(tolerance.past) {
            let message = format!(
                "The request was signed {} ago, more than the {} s allowed.",
                length(age),
                tolerance.past.as_secs()
            );
            return Err(Error::new(Code::TimestampTooOld, message));
        }
        if -age > limit(tolerance.future) {
            let message = format!(
                "The request was signed {} in the future, more than the {} s allowed.",
                length(-age),
                tolerance.future.as_secs()
            );
            return Err(Error::new(Code::TimestampTooNew, message));
        }
        Ok(())
    }

    fn event<B: AsRef<[u8]>>(
        &self,
        body: B,
        lines: &Lines<'_>,
        signed_at: Option<Millis>,
        key_index: usize,
    ) -> Result<Event<B>> {
        let envelope = Arc::clone(&self.provider.envelope);
        Ok(Event::new(body, envelope, self.outside(lines)?, signed_at, key_index))
    }

    /// What the headers say about the event.
    fn outside(&self, lines: &Lines<'_>) -> Result<Facts> {
        let envelope = &self.provider.envelope;
        let value = |source: &Option<Source>| match source {
            Some(Source::Headers(names)) => {
                Ok(lines.one(names)?.map(|text| String::from_utf8_lossy(text).into_owned()))
            }
            _ => Ok(None),
        };
        let timestamp = value(&envelope.timestamp)?;
        let unit = envelope.timestamp_format.unwrap_or(timestamp::Unit::Iso8601);
        Ok(Facts {
            id: value(&envelope.id)?,
            event_type: value(&envelope.event_type)?,
            tenant: value(&envelope.tenant)?,
            timestamp: timestamp.and_then(|text| unit.parse(text.as_bytes())),
        })
    }

    /// The id for the headers, if there is a header for it: the caller's or a random one.
    fn id_to_sign<'i>(&self, id: Option<&'i str>) -> Result<Option<Cow<'i, str>>> {
        let schemes = || self.rings.iter().map(|ring| &self.provider.schemes[ring.scheme]);
        let has_header = schemes().any(|scheme| !scheme.id.is_empty())
            || matches!(self.provider.envelope.id, Some(Source::Headers(_)));
        match id {
            _ if !has_header => Ok(None),
            None => Ok(Some(Cow::Owned(self.provider.fresh_id()?))),
            Some(id) => {
                if id.contains('.') && self.provider.signs_id() {
                    return Err(Error::argument("An id that is signed has no \".\" in it."));
                }
                Ok(Some(Cow::Borrowed(printable("id", id)?)))
            }
        }
    }

    /// Every scheme that has a key; of several only the newest secret's where requests carry one signature.
    fn signing_rings(&self) -> impl Iterator<Item = &Ring> {
        let several = self.rings.iter().all(|ring| self.provider.schemes[ring.scheme].carries_several());
        self.rings.iter().take(if several { usize::MAX } else { 1 })
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Webhook({}, secrets [redacted])", self.provider.id())
    }
}

/// The first key that one of the signatures was made with.
pub(crate) fn find_key<'w>(
    keys: &[RingKey],
    scheme: &'w Scheme,
    body: &[u8],
    lines: &Lines<'_>,
    options: &VerifyOptions<'_>,
) -> Result<Signer<'w>> {
    let inside;
    let mut candidates = Candidates::default();
    match &scheme.place {
        Place::Headers(names) => {
            if names.iter().all(|name| lines.all(name).next().is_none()) {
                return Err(missing_header(&scheme.name()));
            }
            scheme.find_candidates(lines, &mut candidates)?;
        }
        Place::Json(path) => {
            inside = json::at(json::text(body).map_err(|_| not_json())?, path).and_then(json::scalar);
            if let Some(text) = &inside {
                candidates.push(text.as_bytes())?;
            }
        }
    }
    if candidates.as_slice().is_empty() {
        let message = format!("{} holds no signature of the form {}.", scheme.name(), scheme.form());
        return Err(Error::new(Code::MalformedHeader, message));
    }
    let (timestamp, stamp) = stamp(scheme, lines)?;
    let request = Request {
        body,
        url: options.url,
        method: options.method,
        timestamp,
        id: id_text(scheme, lines)?,
        lines: Some(lines),
    };
    let mut parts = Parts::default();
    request.fill(scheme, &mut parts)?;
    let message: &Message<'_> = &|secret, sink| scheme.signed.feed(&parts, secret, sink);
    let secret = judge(keys, scheme, message, &candidates)?;
    request.check_body(scheme)?;
    Ok(Signer { scheme, secret, stamp })
}

/// Compares every signature with every key, without stopping at the first that fits.
fn judge(
    keys: &[RingKey],
    scheme: &Scheme,
    message: &Message<'_>,
    candidates: &Candidates<'_>,
) -> Result<usize> {
    let mut found = None;
    let is_token = scheme.key.algorithm() == Algorithm::Token;
    for RingKey { secret, key } in keys {
        let judge = key.judge(message);
        let mut accepted = Choice::from(0);
        for text in candidates.as_slice() {
            let mut buffer = [0; LONGEST_SIGNATURE];
            let token;
            let signature = match scheme.encoding {
                // A token is as long as its owner wants.
                Some(encoding) if is_token => {
                    token = encoding.decode(text);
                    token.as_deref()
                }
                Some(encoding) => encoding.decode_into(text, &mut buffer),
                None => Some(*text),
            };
            if let Some(signature) = signature {
                accepted |= judge.accepts(signature);
            }
        }
        if bool::from(accepted) {
            found.get_or_insert(*secret);
        }
    }
    found.ok_or_else(|| {
        Error::new(
            Code::SignatureMismatch,
            "No signature matches. Is the body the raw bytes of the request, and the secret the one of this endpoint?",
        )
    })
}

fn sign(
    ring: &Ring,
    scheme: &Scheme,
    body: &[u8],
    timestamp: Option<&str>,
    id: Option<&str>,
    options: &SignOptions<'_>,
) -> Result<Vec<String>> {
    let request = Request {
        body,
        url: options.url,
        method: options.method,
        timestamp: timestamp.unwrap_or_default().as_bytes(),
        id: id.unwrap_or_default().as_bytes(),
        lines: None,
    };
    let mut parts = Parts::default();
    request.fill(scheme, &mut parts)?;
    let message: &Message<'_> = &|secret, sink| scheme.signed.feed(&parts, secret, sink);
    let several = scheme.carries_several();
    let mut last = None;
    let mut signatures = Vec::new();
    for RingKey { secret, key } in &ring.keys {
        // Of a secret that can be read in several ways only the first reading signs.
        if last == Some(*secret) || (last.is_some() && !several) {
            continue;
        }
        last = Some(*secret);
        let signature = key.sign(message).ok_or_else(|| {
            Error::new(
                Code::InvalidSecret,
                "A public key only verifies; to sign, use the private key (whsk_…).",
            )
        })?;
        signatures.push(match scheme.encoding {
            Some(encoding) => encoding.encode(&signature),
            None => String::from_utf8(signature).map_err(|_| {
                Error::new(Code::InvalidSecret, "A token that is sent as it is must be text.")
            })?,
        });
    }
    Ok(signatures)
}

/// The timestamp as text and as time; neither where it is part of the body or not there at all.
pub(crate) fn stamp<'l>(scheme: &Scheme, lines: &'l Lines<'_>) -> Result<(&'l [u8], Option<Millis>)> {
    let Some(rule) = &scheme.timestamp else {
        return Ok((&[], None));
    };
    let text = match &rule.from {
        Source::Headers(names) => lines.one(names)?.ok_or_else(|| missing_header(&names.join(" or ")))?,
        Source::Field(field) => scheme.field(lines, field)?,
        Source::Json(_) => return Ok((&[], None)),
    };
    let at = rule.unit.parse(text).ok_or_else(|| malformed_timestamp(rule.unit))?;
    Ok((text, Some(at)))
}

fn id_text<'l>(scheme: &Scheme, lines: &'l Lines<'_>) -> Result<&'l [u8]> {
    if scheme.id.is_empty() {
        return Ok(&[]);
    }
    lines.one(&scheme.id)?.ok_or_else(|| missing_header(&scheme.id.join(" or ")))
}

/// When the request was signed; read from the body only now that the body is known to be the sender's.
fn signed_at(signer: &Signer<'_>, body: &[u8]) -> Result<Option<Millis>> {
    let Some(rule) = &signer.scheme.timestamp else {
        return Ok(None);
    };
    let Source::Json(path) = &rule.from else {
        return Ok(signer.stamp);
    };
    let text = json::text(body).map_err(|_| not_json())?;
    let text = json::at(text, path).and_then(json::scalar);
    let at = text.and_then(|text| rule.unit.parse(text.as_bytes()));
    at.map(Some).ok_or_else(|| malformed_timestamp(rule.unit))
}

fn malformed_timestamp(unit: timestamp::Unit) -> Error {
    Error::new(Code::MalformedTimestamp, format!("The timestamp is not {}.", unit.description()))
}

/// `92 s` or `3 days`, for messages.
pub(crate) fn length(millis: i128) -> String {
    const DAY: i128 = 86_400_000;
    if millis < 3 * DAY { format!("{} s", millis / 1000) } else { format!("{} days", millis / DAY) }
}

const MOST_SECRETS: usize = 16;

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
