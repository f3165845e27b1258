//! Requests as a vendor sends them, and as forgers do.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::value::RawValue;

use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::provider::{EventOptions, Provider};
use crate::secret::Secret;
use crate::template::Segment;
use crate::testing::Variant;
use crate::timestamp::Tolerance;
use crate::webhook::{SignOptions, VerifyOptions, Webhook};

/// What a request for a test may be given.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestOptions<'o> {
    /// The type of the event. With neither data nor a body the event is the catalog's example of it; without a
    /// type it is the first example of the catalog, or an event of type `test`.
    pub event_type: Option<&'o str>,
    /// The JSON of the event's data, put into the provider's envelope.
    pub data: Option<&'o str>,
    /// The body, as it is to be sent; it has no data beside it.
    pub body: Option<&'o [u8]>,
    /// The event's id; a random one if none is given.
    pub id: Option<&'o str>,
    /// Whose event it is, for providers that say so.
    pub tenant: Option<&'o str>,
    /// When the request is sent; now if nothing is given.
    pub now: Option<SystemTime>,
    /// The url of the receiver, `https://example.com/hooks` if nothing is given.
    pub url: Option<&'o str>,
    /// The request's method, POST if nothing is given.
    pub method: Option<&'o str>,
}

/// A request for a test: signed as the provider signs, or one of the [variants](Variant) of it.
#[derive(Clone)]
pub struct SignedRequest {
    made: Arc<Made>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    expected: Option<Code>,
}

/// What a request and its variants have in common.
struct Made {
    provider: Arc<Provider>,
    secret: Secret,
    event_type: Option<String>,
    content: Content,
    id: String,
    tenant: Option<String>,
    now: SystemTime,
    url: String,
    method: String,
}

enum Content {
    /// JSON for the envelope of an event of this type.
    Data(String, Box<RawValue>),
    Body(Vec<u8>),
}

impl SignedRequest {
    /// A request of this provider to a receiver that has this secret; where signatures are asymmetric, the private
    /// key.
    ///
    /// # Errors
    /// `invalid_argument` if the catalog has no such example, the data are no JSON, or only the provider itself can
    /// sign; `invalid_secret`.
    pub fn new(provider: &Arc<Provider>, secret: &Secret, options: &RequestOptions<'_>) -> Result<Self> {
        let (event_type, content) = content(provider, options)?;
        let id = options.id.map_or_else(|| provider.fresh_id(), |id| Ok(id.to_owned()))?;
        let made = Made {
            provider: Arc::clone(provider),
            secret: secret.clone(),
            event_type,
            content,
            id,
            tenant: options.tenant.map(str::to_owned),
            now: options.now.unwrap_or_else(SystemTime::now),
            url: options.url.unwrap_or("https://example.com/hooks").to_owned(),
            method: options.method.unwrap_or("POST").to_owned(),
        };
        let webhook = Webhook::with_provider(provider, std::slice::from_ref(secret))?;
        Self::signed(Arc::new(made), &webhook, None)?.checked(&webhook)
    }

    /// Another request of the same event, as it is or as a forger has it.
    ///
    /// # Errors
    /// `invalid_argument` if this provider has none, as one that signs no time has no stale requests.
    pub fn variant(&self, variant: Variant) -> Result<Self> {
        let Made { provider, secret, now, .. } = &*self.made;
        let webhook = Webhook::with_provider(provider, std::slice::from_ref(secret))?;
        let none = |why: &str| {
            let message = format!("{} has no request that is {}: {why}.", provider.name(), variant.as_str());
            Error::argument(message)
        };
        let signed_at = |at: Option<SystemTime>| {
            let at = at.ok_or_else(|| none("the clock does not go so far"))?;
            Self::signed(Arc::clone(&self.made), &webhook, Some(at))
        };
        let no_time = || none("it signs no time");
        let request = match variant {
            Variant::Duplicate => Ok(self.clone()),
            Variant::Tampered => Ok(Self { body: tampered(&self.body), ..self.clone() }),
            Variant::Stale => {
                let past = self.tolerance().ok_or_else(no_time)?.past;
                signed_at(past.checked_add(MARGIN).and_then(|age| now.checked_sub(age)))
            }
            Variant::Future => {
                let future = self.tolerance().ok_or_else(no_time)?.future;
                signed_at(future.checked_add(MARGIN).and_then(|lead| now.checked_add(lead)))
            }
            Variant::WrongSecret => self.rotated(&self.other_secret()?),
            Variant::EmptyKey => {
                let forger = Webhook::with_empty_key(provider, secret);
                let forger = forger.ok_or_else(|| none("its keys are never empty"))?;
                Self::signed(Arc::clone(&self.made), &forger, None)
            }
            Variant::Unsigned => {
                let signatures = provider.signatures();
                let is_signature =
                    |name: &String| signatures.iter().any(|signature| signature.headers.contains(name));
                let headers = self.headers.iter().filter(|(name, _)| !is_signature(name)).cloned().collect();
                Ok(Self { headers, ..self.clone() })
            }
        };
        let request = request?.checked(&webhook)?;
        if request.expected.is_none() && variant != Variant::Duplicate {
            return Err(none("its signature does not cover what would be changed"));
        }
        Ok(request)
    }

    /// Every variant that this provider has.
    ///
    /// # Errors
    /// If the operating system has no randomness to give.
    pub fn variants(&self) -> Result<Vec<(Variant, Self)>> {
        let possible = |variant: &Variant| match self.variant(*variant) {
            Ok(request) => Some(Ok((*variant, request))),
            Err(error) if error.code() == Code::InvalidArgument => None,
            Err(error) => Some(Err(error)),
        };
        Variant::ALL.iter().filter_map(possible).collect()
    }

    /// The same request signed with another secret, such as the old one of a rotation: a receiver that has both
    /// accepts it.
    ///
    /// # Errors
    /// `invalid_secret`.
    pub fn rotated(&self, secret: &Secret) -> Result<Self> {
        let signer = Webhook::with_provider(&self.made.provider, std::slice::from_ref(secret))?;
        let request = Self::signed(Arc::clone(&self.made), &signer, None)?;
        let secrets = [self.made.secret.clone(), secret.clone()];
        request.checked(&Webhook::with_provider(&self.made.provider, &secrets)?)
    }

    /// The request's method.
    pub fn method(&self) -> &str {
        &self.made.method
    }

    /// The url that it is sent to.
    pub fn url(&self) -> &str {
        &self.made.url
    }

    /// Every header, names in lower case.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The raw body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The event's id, where the request says it.
    pub fn id(&self) -> &str {
        &self.made.id
    }

    /// When it is sent: pass it as `now` to who verifies it, or let it be now.
    pub fn now(&self) -> SystemTime {
        self.made.now
    }

    /// With which code it is refused at that time, by a receiver that has its secret (for
    /// [`rotated`](Self::rotated) both secrets); `None` if it is accepted.
    pub fn expected(&self) -> Option<Code> {
        self.expected
    }

    /// Signs at a time, or now.
    fn signed(made: Arc<Made>, webhook: &Webhook, at: Option<SystemTime>) -> Result<Self> {
        let at = at.unwrap_or(made.now);
        let event = made.event(at)?;
        let options = SignOptions {
            id: Some(&made.id),
            timestamp: Some(at),
            event_type: made.event_type.as_deref(),
            url: Some(&made.url),
            method: Some(&made.method),
        };
        let mut headers = webhook.sign_with(&event, &options)?;
        if !headers.iter().any(|(name, _)| name == "content-type") {
            headers.push(("content-type".to_owned(), made.content_type(&event).to_owned()));
        }
        Ok(Self { made, headers, body: event, expected: None })
    }

    /// Tells what verification says to it, which is the only one to know.
    fn checked(self, webhook: &Webhook) -> Result<Self> {
        let Made { now, url, method, .. } = &*self.made;
        let options = VerifyOptions { now: Some(*now), url: Some(url), method: Some(method) };
        match webhook.verify_with(&self.body, &self.headers, &options) {
            Ok(_) => Ok(Self { expected: None, ..self }),
            Err(error) if error.kind() == crate::error::Kind::Verification => {
                Ok(Self { expected: Some(error.code()), ..self })
            }
            Err(error) => Err(error),
        }
    }

    fn tolerance(&self) -> Option<Tolerance> {
        let longest = |a: Tolerance, b: Tolerance| Tolerance {
            past: a.past.max(b.past),
            future: a.future.max(b.future),
        };
        self.made.provider.signatures().iter().filter_map(|form| form.tolerance).reduce(longest)
    }

    /// Another secret of the same kind.
    fn other_secret(&self) -> Result<Secret> {
        let Made { provider, secret, .. } = &*self.made;
        let claims = |secret: &Secret| provider.schemes.iter().position(|scheme| scheme.key.claims(secret));
        provider.schemes[claims(secret).unwrap_or(0)].key.generate()
    }
}

impl Made {
    /// The body of the event; the data of what is stale are as old as its signature.
    fn event(&self, at: SystemTime) -> Result<Vec<u8>> {
        match &self.content {
            Content::Body(body) => Ok(body.clone()),
            Content::Data(event_type, data) => {
                let options =
                    EventOptions { id: Some(&self.id), timestamp: Some(at), tenant: self.tenant.as_deref() };
                let event = self.provider.event_from_json(event_type, data, &options);
                event.map(Event::into_body).map_err(|error| match error.code() {
                    Code::InvalidProvider => Error::argument(format!(
                        "An event of {} can not be made from type and data: pass a body.",
                        self.provider.name()
                    )),
                    _ => error,
                })
            }
        }
    }

    fn content_type(&self, body: &[u8]) -> &'static str {
        let is_form = self.provider.schemes.iter().any(|scheme| scheme.signed.has(&Segment::Form));
        if is_form && !body.starts_with(b"{") {
            "application/x-www-form-urlencoded"
        } else {
            "application/json"
        }
    }
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest")
            .field("provider", &self.made.provider.id())
            .field("id", &self.made.id)
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}

/// What a request is about, and of which type it is.
fn content(provider: &Provider, options: &RequestOptions<'_>) -> Result<(Option<String>, Content)> {
    let RequestOptions { event_type, data, body, .. } = *options;
    if let Some(body) = body {
        if data.is_some() {
            return Err(Error::argument("A request has either a body or data, not both."));
        }
        return Ok((event_type.map(str::to_owned), Content::Body(body.to_vec())));
    }
    let known = provider.event_types();
    let example = known.iter().find(|known| known.example.is_some());
    let event_type = event_type.or(example.filter(|_| data.is_none()).map(|known| known.name.as_str()));
    let (event_type, data) = match (event_type, data) {
        (event_type, Some(data)) => (event_type.unwrap_or("test"), data),
        (None, None) if provider.event("test", &0, &EventOptions::default()).is_err() => {
            // Its envelope is only for reading.
            return Ok((Some("test".to_owned()), Content::Body(TEST.as_bytes().to_vec())));
        }
        (None, None) => ("test", TEST),
        (Some(event_type), None) => {
            let known = known.iter().find(|known| known.name == event_type);
            let example = known.and_then(|known| known.example.as_deref());
            let example = example.ok_or_else(|| {
                let message = format!("{} has no example of \"{event_type}\": pass data.", provider.name());
                Error::argument(message)
            })?;
            (event_type, example)
        }
    };
    let data = RawValue::from_string(data.to_owned());
    let data = data.map_err(|error| Error::argument(format!("The data are no JSON: {error}.")))?;
    Ok((Some(event_type.to_owned()), Content::Data(event_type.to_owned(), data)))
}

/// The body with its last letter or digit changed, or with a space where there is none.
fn tampered(body: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    match body.iter_mut().rfind(|byte| byte.is_ascii_alphanumeric()) {
        Some(byte @ (b'z' | b'Z' | b'9')) => *byte -= 1,
        Some(byte) => *byte += 1,
        None => body.push(b' '),
    }
    body
}

/// The data of an event of which nothing else is known.
const TEST: &str = r#"{"test":true}"#;
/// How far beyond the tolerance stale and future requests are, for receivers whose clock is a little off.
const MARGIN: Duration = Duration::from_secs(60);
