//! Endpoints: who gets events.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::carrier::HttpCarrier;
use super::compose::check_tenant;
use super::settings::{self, Retry, Settings};
use crate::deliver::{AllowPrivate, EgressPolicy};
use crate::error::{Code, Error, Result};
use crate::queue::Page;
use crate::queue::engine::{Engine, strange};
use crate::retry::RetryPolicy;
use crate::secret::Secret;
use crate::store::{
    DisableReason, EndpointId, EndpointQuery, EndpointRecord, EndpointSpec, EndpointStatus, EventFilter,
    SecretRecord, Store, Write, Written,
};
use crate::timestamp::{self, Millis};

/// What an endpoint shall be. Only the url has to be given.
#[derive(Clone, Debug, Default)]
pub struct NewEndpoint {
    /// Where to.
    pub url: String,
    /// For people.
    pub name: String,
    /// Exact types, `booking.*` or `*`; an empty list wants every event.
    pub events: Vec<String>,
    /// Whose events; `None` receives those of all tenants.
    pub tenant: Option<String>,
    /// A key of one's own. Without one it is generated, or where the provider leaves secrets to choice, requests
    /// are not signed.
    pub secret: Option<Secret>,
    /// Headers for every request, such as `authorization`. Their values are never shown.
    pub headers: Vec<(String, String)>,
    /// For a whole attempt; the provider's if none is given.
    pub timeout: Option<Duration>,
    /// The most requests on their way at once: 16.
    pub concurrency: Option<u32>,
    /// The most requests in a second.
    pub rate_limit: Option<f64>,
    /// Whether deliveries go out one at a time, in the order of their messages; one that fails holds up the
    /// others until it succeeds or fails for good.
    pub ordered: bool,
    /// When to try again; the provider's policy if none is given.
    pub retry: Option<RetryPolicy>,
    /// Whether plain http is allowed here, whatever the sender says.
    pub allow_http: Option<bool>,
    /// The private networks allowed here, whatever the sender says.
    pub allow_private: Option<AllowPrivate>,
}

impl NewEndpoint {
    /// An endpoint for all events at this url.
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), ..Self::default() }
    }
}

/// Changes of an endpoint; what is `None` stays. In the fields that are an option of an option, `Some(None)` goes
/// back to the default.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields are those of `NewEndpoint`")]
pub struct EndpointChanges {
    pub url: Option<String>,
    pub name: Option<String>,
    pub events: Option<Vec<String>>,
    pub tenant: Option<Option<String>>,
    pub headers: Option<Vec<(String, String)>>,
    pub timeout: Option<Option<Duration>>,
    pub concurrency: Option<Option<u32>>,
    pub rate_limit: Option<Option<f64>>,
    pub ordered: Option<bool>,
    pub retry: Option<Option<RetryPolicy>>,
    pub allow_http: Option<Option<bool>>,
    pub allow_private: Option<Option<AllowPrivate>>,
    /// Fails with `conflict` if the endpoint's version is not this one.
    pub version: Option<i64>,
}

/// An endpoint as it is stored.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Endpoint {
    /// Its name in the store.
    pub id: EndpointId,
    /// Where to.
    pub url: String,
    /// For people.
    pub name: String,
    /// Which events; empty for all.
    pub events: Vec<String>,
    /// How many types of the provider's catalog these are.
    pub subscribed: usize,
    /// Whose events; `None` for those of all tenants.
    pub tenant: Option<String>,
    /// The names of its custom headers.
    pub header_names: Vec<String>,
    /// For a whole attempt, if it is not the provider's.
    pub timeout: Option<Duration>,
    /// The most requests on their way at once.
    pub concurrency: u32,
    /// The most requests in a second.
    pub rate_limit: Option<f64>,
    /// Whether deliveries go out one at a time, in order.
    pub ordered: bool,
    /// When to try again, if it is not the provider's policy.
    pub retry: Option<RetryPolicy>,
    /// Whether plain http is allowed, if it is not the sender's to say.
    pub allow_http: Option<bool>,
    /// The private networks allowed, if it is not the sender's to say.
    pub allow_private: Option<AllowPrivate>,
    /// Why it gets no events; `None` while it does.
    pub disabled: Option<DisableReason>,
    /// Since when it gets none.
    pub disabled_at: Option<SystemTime>,
    /// Failures in a row, as the provider's rule counts them.
    pub failures: u32,
    /// When the last attempt ended.
    pub last_attempt_at: Option<SystemTime>,
    /// The last response's status code.
    pub last_code: Option<u16>,
    /// Why the last attempt got no response.
    pub last_error: Option<Code>,
    /// Grows with every change.
    pub version: i64,
    /// When it was created.
    pub created_at: SystemTime,
    /// When it was changed last.
    pub updated_at: SystemTime,
}

/// An endpoint that was just created, with its secret, which is shown this once.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Created {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// What requests are signed with; `None` if they are not.
    pub secret: Option<Secret>,
}

/// See [`Sender::endpoints`](super::Sender::endpoints).
#[derive(Clone, Copy)]
pub struct Endpoints<'s> {
    pub(crate) engine: &'s Arc<Engine>,
    pub(crate) carrier: &'s HttpCarrier,
}

impl Endpoints<'_> {
    /// Creates an endpoint.
    ///
    /// # Errors
    /// `invalid_url` and `blocked_address` for a url that is not allowed; `invalid_secret`; `invalid_argument` for
    /// a pattern of events, header or setting that makes no sense; and those of the store.
    pub async fn create(&self, new: NewEndpoint) -> Result<Created> {
        check_tenant(new.tenant.as_deref())?;
        let now = self.engine.clock.millis();
        let provider = &self.carrier.provider;
        let secret = match new.secret {
            Some(secret) => Some(secret),
            None if provider.secret_optional() => None,
            None => Some(provider.generate_secret()?),
        };
        let settings = Settings {
            timeout_ms: new.timeout.map(millis),
            concurrency: new.concurrency,
            rate_limit: new.rate_limit,
            retry: new.retry.as_ref().map(Retry::new),
            allow_http: new.allow_http,
            allow_private: new.allow_private.as_ref().map(settings::networks),
        };
        let secrets: Vec<_> = secret.iter().cloned().collect();
        let url = self.check(&new.url, &settings, &secrets, &new.headers)?;
        let spec = EndpointSpec {
            url,
            name: new.name,
            events: EventFilter::new(&new.events)?,
            tenant: new.tenant,
            ordered: new.ordered,
            settings: settings.to_text(),
            headers: settings::seal_headers(&new.headers, &self.carrier.sealer)?,
        };
        let sealed: Result<Vec<_>> = secrets.iter().map(|secret| self.seal(secret, now)).collect();
        let write = Write::CreateEndpoint { spec, secrets: sealed?, now };
        Ok(Created { endpoint: self.written(write).await?.0, secret })
    }

    /// An endpoint.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn get(&self, id: EndpointId) -> Result<Endpoint> {
        let record = self.engine.read(move |store| record(store, id)).await?;
        self.shown(&record)
    }

    /// At most `limit` endpoints in the order of their creation, from the first page or from where another one says
    /// that the next begins.
    ///
    /// # Errors
    /// `invalid_argument` for a limit of 0, and those of the store.
    pub async fn list(
        &self,
        query: EndpointQuery,
        cursor: Option<EndpointId>,
        limit: usize,
    ) -> Result<Page<Endpoint, EndpointId>> {
        let read = move |store: &dyn Store| {
            Page::read(limit, |last: &EndpointRecord| last.id, |limit| store.endpoints(&query, cursor, limit))
        };
        self.engine.read(read).await?.try_map(|record| self.shown(&record))
    }

    /// Changes an endpoint. What is pending goes to the new url under the new settings.
    ///
    /// # Errors
    /// `not_found`; `conflict` if a version was given and it is not the present one; as
    /// [`create`](Self::create).
    pub async fn update(&self, id: EndpointId, changes: EndpointChanges) -> Result<Endpoint> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.update_once(id, changes.clone()).await {
                // Somebody else was faster, with other changes.
                Err(error)
                    if error.code() == Code::Conflict && changes.version.is_none() && tries < TRIES => {}
                done => return done,
            }
        }
    }

    /// Enables an endpoint: its failures are forgotten, and what was held is delivered. False if it was enabled.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn enable(&self, id: EndpointId) -> Result<bool> {
        self.set(id, EndpointStatus::Active).await
    }

    /// Disables an endpoint: it gets no more events, and what is pending is held. False if it was disabled.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn disable(&self, id: EndpointId) -> Result<bool> {
        self.set(id, EndpointStatus::Disabled(DisableReason::User)).await
    }

    /// Deletes an endpoint and its secrets. What is pending is canceled; the log stays.
    ///
    /// # Errors
    /// `not_found`, and those of the store.
    pub async fn delete(&self, id: EndpointId) -> Result<()> {
        let now = self.engine.clock.millis();
        self.engine.submit(Write::DeleteEndpoint { id, now }).await.map(drop)
    }

    /// Gives the endpoint another secret, a generated one if none is given. The old ones sign beside it for
    /// `overlap`, where the provider's requests can carry several signatures.
    ///
    /// # Errors
    /// `not_found`; `invalid_secret`; and those of the store.
    pub async fn rotate_secret(
        &self,
        id: EndpointId,
        secret: Option<Secret>,
        overlap: Duration,
    ) -> Result<Secret> {
        let now = self.engine.clock.millis();
        let provider = &self.carrier.provider;
        let secret = match secret {
            Some(secret) => secret,
            None => provider.generate_secret()?,
        };
        // Checks that it is a key of the provider's kind.
        crate::Webhook::with_provider(provider, std::slice::from_ref(&secret))?;
        let old = self.engine.read(move |store| record(store, id).and_then(|_| store.secrets(id))).await?;
        let until = now.saturating_add(Millis::try_from(overlap.as_millis()).unwrap_or(Millis::MAX));
        let mut secrets = vec![self.seal(&secret, now)?];
        secrets.extend(old.into_iter().filter_map(|old| {
            let expires_at = old.expires_at.map_or(until, |at| at.min(until));
            (expires_at > now).then_some(SecretRecord { expires_at: Some(expires_at), ..old })
        }));
        self.engine.submit(Write::PutSecrets { id, secrets, now }).await?;
        Ok(secret)
    }

    async fn update_once(&self, id: EndpointId, changes: EndpointChanges) -> Result<Endpoint> {
        let (record, secrets) =
            self.engine.read(move |store| Ok((record(store, id)?, store.secrets(id)?))).await?;
        let sealer = &self.carrier.sealer;
        let mut settings = Settings::parse(&record.spec.settings)?;
        let headers = match changes.headers {
            Some(headers) => headers,
            None => settings::open_headers(&record.spec.headers, sealer)?,
        };
        replace(&mut settings.timeout_ms, changes.timeout.map(|timeout| timeout.map(millis)));
        replace(&mut settings.concurrency, changes.concurrency);
        replace(&mut settings.rate_limit, changes.rate_limit);
        replace(&mut settings.retry, changes.retry.map(|retry| retry.as_ref().map(Retry::new)));
        replace(&mut settings.allow_http, changes.allow_http);
        let allow = changes.allow_private.map(|allow| allow.as_ref().map(settings::networks));
        replace(&mut settings.allow_private, allow);
        let opened: Result<Vec<_>> =
            secrets.iter().map(|secret| sealer.open_secret(&secret.sealed)).collect();
        let mut spec = record.spec;
        let url = changes.url.unwrap_or(spec.url);
        spec.url = self.check(&url, &settings, &opened?, &headers)?;
        replace(&mut spec.name, changes.name);
        replace(&mut spec.events, changes.events.as_ref().map(EventFilter::new).transpose()?);
        check_tenant(changes.tenant.as_ref().and_then(Option::as_deref))?;
        replace(&mut spec.tenant, changes.tenant);
        replace(&mut spec.ordered, changes.ordered);
        spec.settings = settings.to_text();
        spec.headers = settings::seal_headers(&headers, sealer)?;
        let version = Some(changes.version.unwrap_or(record.version));
        let now = self.engine.clock.millis();
        Ok(self.written(Write::UpdateEndpoint { id, version, spec, now }).await?.0)
    }

    /// The url in the spelling that is stored, if everything fits together.
    fn check(
        &self,
        url: &str,
        settings: &Settings,
        secrets: &[Secret],
        headers: &[(String, String)],
    ) -> Result<String> {
        let ours = self.carrier.client.egress();
        let egress = EgressPolicy {
            allow_http: settings.allow_http.unwrap_or(ours.allow_http),
            allow_private: settings.allow_private()?.unwrap_or_else(|| ours.allow_private.clone()),
        };
        let url = egress.check(url)?;
        settings.endpoint(url.as_str(), &self.carrier.provider, secrets, headers)?;
        Ok(url.into())
    }

    async fn set(&self, id: EndpointId, status: EndpointStatus) -> Result<bool> {
        let now = self.engine.clock.millis();
        Ok(self.written(Write::SetStatus { id, status, now }).await?.1)
    }

    async fn written(&self, write: Write) -> Result<(Endpoint, bool)> {
        match self.engine.submit(write).await? {
            Written::Endpoint { endpoint, changed } => Ok((self.shown(&endpoint)?, changed)),
            _ => Err(strange()),
        }
    }

    fn seal(&self, secret: &Secret, now: Millis) -> Result<SecretRecord> {
        let sealed = self.carrier.sealer.seal_secret(secret)?;
        Ok(SecretRecord { sealed, created_at: now, expires_at: None })
    }

    fn shown(&self, record: &EndpointRecord) -> Result<Endpoint> {
        let spec = &record.spec;
        let settings = Settings::parse(&spec.settings)?;
        let headers = settings::open_headers(&spec.headers, &self.carrier.sealer)?;
        let catalog = self.carrier.provider.event_types();
        let at = |at: Millis| timestamp::to_system(at).unwrap_or(SystemTime::UNIX_EPOCH);
        Ok(Endpoint {
            id: record.id,
            url: spec.url.clone(),
            name: spec.name.clone(),
            events: spec.events.patterns().collect(),
            subscribed: catalog.iter().filter(|event| spec.events.matches(&event.name)).count(),
            tenant: spec.tenant.clone(),
            header_names: headers.into_iter().map(|(name, _)| name).collect(),
            timeout: settings.timeout_ms.map(Duration::from_millis),
            concurrency: if spec.ordered { 1 } else { settings.concurrency.unwrap_or(settings::CONCURRENCY) },
            rate_limit: settings.rate_limit,
            ordered: spec.ordered,
            retry: settings.retry.as_ref().map(Retry::policy).transpose()?,
            allow_http: settings.allow_http,
            allow_private: settings.allow_private()?,
            disabled: match record.status {
                EndpointStatus::Active => None,
                EndpointStatus::Disabled(reason) => Some(reason),
            },
            disabled_at: record.disabled_at.map(at),
            failures: record.failures,
            last_attempt_at: record.last_attempt_at.map(at),
            last_code: record.last_code,
            last_error: record.last_error,
            version: record.version,
            created_at: at(record.created_at),
            updated_at: at(record.updated_at),
        })
    }
}

pub(crate) fn record(store: &dyn Store, id: EndpointId) -> Result<EndpointRecord> {
    store.endpoint(id)?.ok_or_else(|| Error::new(Code::NotFound, format!("There is no endpoint {id}.")))
}

fn replace<T>(place: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *place = new;
    }
}

fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

const TRIES: u32 = 5;
