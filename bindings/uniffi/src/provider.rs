//! Providers.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookseal::EventOptions;
use serde_json::value::RawValue;

use crate::error::{Result, invalid_argument};
use crate::event::Event;
use crate::headers::{Header, lines};
use crate::retry::RetryPolicy;
use crate::secret::Secret;
use crate::webhook::{HandshakeAnswer, RequestOptions};

/// The published conventions of one vendor.
#[derive(uniffi::Object)]
pub struct Provider(pub(crate) Arc<hookseal::Provider>);

/// What is known about a provider.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ProviderFacts {
    /// The name in code, such as `webkasa`.
    pub id: String,
    /// The name for people, such as `WebKasa`.
    pub name: String,
    /// Where the facts come from.
    pub sources: Vec<String>,
    /// How good the sources are, such as `doc-text`.
    pub confidence: String,
    /// What a receiver should know besides.
    pub notes: Option<String>,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// Whether events go to https only.
    pub https_only: bool,
    /// Whether endpoints without a secret get unsigned requests.
    pub secret_optional: bool,
    /// What a successful delivery costs.
    pub credits: u32,
    /// Whether the vendor asks an endpoint to prove that it is its owner's.
    pub has_handshake: bool,
    /// When a failed delivery is tried again.
    pub retry: RetryPolicy,
    /// The catalog of events; empty where the vendor's is not known.
    pub event_types: Vec<EventType>,
}

/// A type of event in a provider's catalog.
#[derive(Clone, Debug, uniffi::Record)]
pub struct EventType {
    /// The name, such as `booking.created`.
    pub name: String,
    /// What it tells, in a sentence.
    pub description: String,
    /// The JSON of an example's data.
    pub example: Option<String>,
}

/// The names of the built-in providers, in alphabetical order.
#[uniffi::export]
pub fn provider_ids() -> Result<Vec<String>> {
    Ok(hookseal::Provider::ids().map(str::to_owned).collect())
}

#[uniffi::export]
impl Provider {
    /// The built-in provider of this name.
    #[uniffi::constructor]
    pub fn builtin(id: String) -> Result<Arc<Self>> {
        Ok(Self::of(hookseal::Provider::builtin(&id)?))
    }

    /// A provider from the text of its file.
    #[uniffi::constructor]
    pub fn from_toml(text: String) -> Result<Arc<Self>> {
        Ok(Self::of(Arc::new(hookseal::Provider::from_toml(&text)?)))
    }

    /// A provider from its file.
    #[uniffi::constructor]
    pub fn load(path: String) -> Result<Arc<Self>> {
        Ok(Self::of(Arc::new(hookseal::Provider::load(path)?)))
    }

    /// What is known about it.
    pub fn facts(&self) -> Result<ProviderFacts> {
        let provider = &self.0;
        Ok(ProviderFacts {
            id: provider.id().to_owned(),
            name: provider.name().to_owned(),
            sources: provider.sources().to_vec(),
            confidence: provider.confidence().to_owned(),
            notes: provider.notes().map(str::to_owned),
            timeout: provider.timeout(),
            https_only: provider.https_only(),
            secret_optional: provider.secret_optional(),
            credits: provider.credits(),
            has_handshake: provider.has_handshake(),
            retry: provider.retry().into(),
            event_types: provider.event_types().iter().cloned().map(EventType::from).collect(),
        })
    }

    /// A new random secret of its kind.
    pub fn generate_secret(&self) -> Result<Arc<Secret>> {
        Ok(Secret::of(self.0.generate_secret()?))
    }

    /// A new private key, where it has asymmetric signatures.
    pub fn generate_private_key(&self) -> Result<Arc<Secret>> {
        Ok(Secret::of(self.0.generate_private_key()?))
    }

    /// An event as it writes them; `data` is JSON.
    pub fn event(
        &self,
        event_type: String,
        data: String,
        id: Option<String>,
        timestamp: Option<SystemTime>,
        tenant: Option<String>,
    ) -> Result<Arc<Event>> {
        let data = RawValue::from_string(data)
            .map_err(|error| invalid_argument(format!("The event's data is not JSON: {error}.")))?;
        let options = EventOptions { id: id.as_deref(), timestamp, tenant: tenant.as_deref() };
        Ok(Event::of(self.0.event(&event_type, &data, &options)?))
    }

    /// The catalog's example of an event.
    pub fn example(&self, event_type: String) -> Result<Arc<Event>> {
        Ok(Event::of(self.0.example(&event_type)?))
    }

    /// The answer to a handshake that needs no secret; nothing if the request is none.
    pub fn handshake(
        &self,
        body: Vec<u8>,
        headers: Vec<Header>,
        options: RequestOptions,
        verify_token: Option<String>,
    ) -> Result<Option<HandshakeAnswer>> {
        let options = options.handshake(verify_token.as_deref());
        let answer = self.0.handshake(body, &lines(headers), &options)?;
        Ok(answer.map(HandshakeAnswer::of).transpose()?)
    }
}

impl Provider {
    pub(crate) fn of(provider: Arc<hookseal::Provider>) -> Arc<Self> {
        Arc::new(Self(provider))
    }
}

impl From<hookseal::EventType> for EventType {
    fn from(hookseal::EventType { name, description, example, .. }: hookseal::EventType) -> Self {
        Self { name, description, example }
    }
}
