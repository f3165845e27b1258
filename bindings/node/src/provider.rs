//! Providers.

use std::sync::Arc;

use hookseal::EventOptions;
use napi_derive::napi;
use serde_json::value::RawValue;

use crate::error::{Result, invalid_argument, thrown};
use crate::event::Event;
use crate::retry::RetryPolicy;
use crate::secret::Secret;
use crate::time::optional_instant;

/// The published conventions of one vendor.
#[napi]
pub struct Provider(pub(crate) Arc<hookseal::Provider>);

/// What is known about a provider.
#[napi(object, object_from_js = false)]
pub struct ProviderFacts {
    /// The name in code.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// Where the facts come from.
    pub sources: Vec<String>,
    /// How good the sources are.
    pub confidence: &'static str,
    /// How requests are signed.
    pub signatures: Vec<SignatureForm>,
    /// What keeps a request from being accepted twice.
    #[napi(ts_type = "'timestamp' | 'signed_id' | 'unsigned_id' | 'nothing'")]
    pub replay_protection: &'static str,
    /// Whether it asks endpoints whose they are.
    pub has_handshake: bool,
    /// What a receiver should know besides.
    pub notes: Option<String>,
    /// Seconds for an attempt.
    pub timeout: f64,
    /// Whether events go to https only.
    pub https_only: bool,
    /// Whether there are deliveries without a secret.
    pub secret_optional: bool,
    /// What a successful delivery costs.
    pub credits: u32,
}

/// One way in which it signs.
#[napi(object, object_from_js = false)]
pub struct SignatureForm {
    /// The headers that are looked at.
    pub headers: Vec<String>,
    /// As in a provider file.
    pub algorithm: &'static str,
    /// As in a provider file.
    pub encoding: Option<&'static str>,
    /// The template of what is signed.
    pub signed: String,
    /// Seconds in the past and in the future.
    pub tolerance: Option<(f64, f64)>,
    /// Whether a request may carry several.
    pub several: bool,
    /// Whether the body is signed.
    pub covers_body: bool,
}

impl From<hookseal::SignatureForm> for SignatureForm {
    fn from(form: hookseal::SignatureForm) -> Self {
        let seconds =
            |tolerance: hookseal::Tolerance| (tolerance.past.as_secs_f64(), tolerance.future.as_secs_f64());
        Self {
            headers: form.headers,
            algorithm: form.algorithm,
            encoding: form.encoding,
            signed: form.signed,
            tolerance: form.tolerance.map(seconds),
            several: form.several,
            covers_body: form.covers_body,
        }
    }
}

/// A kind of event in a catalog.
#[napi(object, object_from_js = false)]
pub struct EventType {
    /// The name.
    pub name: String,
    /// One sentence on it.
    pub description: String,
    /// The JSON of an example of its data.
    pub example: Option<String>,
}

impl From<hookseal::EventType> for EventType {
    fn from(hookseal::EventType { name, description, example, .. }: hookseal::EventType) -> Self {
        Self { name, description, example }
    }
}

#[napi]
impl Provider {
    /// The names of the built-in providers.
    #[napi(catch_unwind)]
    pub fn ids() -> Vec<&'static str> {
        hookseal::Provider::ids().collect()
    }

    /// The built-in provider of this name.
    #[napi(factory, catch_unwind)]
    pub fn builtin(id: String) -> Result<Self> {
        hookseal::Provider::builtin(&id).map(Self).map_err(thrown)
    }

    /// A provider from the text of its file.
    #[napi(factory, catch_unwind)]
    pub fn from_toml(text: String) -> Result<Self> {
        hookseal::Provider::from_toml(&text).map(|provider| Self(Arc::new(provider))).map_err(thrown)
    }

    /// A provider from its file.
    #[napi(factory, catch_unwind)]
    pub fn load(path: String) -> Result<Self> {
        hookseal::Provider::load(path).map(|provider| Self(Arc::new(provider))).map_err(thrown)
    }

    /// What is known about it.
    #[napi(catch_unwind)]
    pub fn facts(&self) -> ProviderFacts {
        ProviderFacts {
            id: self.0.id().to_owned(),
            name: self.0.name().to_owned(),
            sources: self.0.sources().to_vec(),
            confidence: self.0.confidence(),
            signatures: self.0.signatures().into_iter().map(SignatureForm::from).collect(),
            replay_protection: self.0.replay_protection().as_str(),
            has_handshake: self.0.has_handshake(),
            notes: self.0.notes().map(str::to_owned),
            timeout: self.0.timeout().as_secs_f64(),
            https_only: self.0.https_only(),
            secret_optional: self.0.secret_optional(),
            credits: self.0.credits(),
        }
    }

    /// Its catalog.
    #[napi(catch_unwind)]
    pub fn event_types(&self) -> Vec<EventType> {
        self.0.event_types().iter().cloned().map(EventType::from).collect()
    }

    /// When a failed delivery is tried again.
    #[napi(catch_unwind)]
    pub fn retry(&self) -> RetryPolicy {
        RetryPolicy(self.0.retry().clone())
    }

    /// A new random secret of its kind.
    #[napi(catch_unwind)]
    pub fn generate_secret(&self) -> Result<Secret> {
        self.0.generate_secret().map(Secret).map_err(thrown)
    }

    /// A new private key, where it has asymmetric signatures.
    #[napi(catch_unwind)]
    pub fn generate_private_key(&self) -> Result<Secret> {
        self.0.generate_private_key().map(Secret).map_err(thrown)
    }

    /// An event as it writes them; `data` is JSON.
    #[napi(catch_unwind)]
    pub fn event(
        &self,
        event_type: String,
        data: String,
        id: Option<String>,
        timestamp: Option<f64>,
        tenant: Option<String>,
    ) -> Result<Event> {
        let data = RawValue::from_string(data).map_err(|error| invalid_argument(error.to_string()))?;
        let timestamp = optional_instant(timestamp)?;
        let options = EventOptions { id: id.as_deref(), timestamp, tenant: tenant.as_deref() };
        self.0.event(&event_type, &data, &options).map(Event::new).map_err(thrown)
    }

    /// The example of an event.
    #[napi(catch_unwind)]
    pub fn example(&self, event_type: String) -> Result<Event> {
        self.0.example(&event_type).map(Event::new).map_err(thrown)
    }
}
