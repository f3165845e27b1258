//! Endpoints of a sender.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookseal::sender::{self, EndpointChanges};
use hookseal::store::{self, EndpointId, EndpointQuery};

use super::Sender;
use crate::endpoint::AllowPrivate;
use crate::error::Result;
use crate::headers::{Header, pairs};
use crate::retry::RetryPolicy;
use crate::runtime::run;
use crate::secret::Secret;

/// What an endpoint shall be, or what of it shall change: what is missing has its default, or stays.
#[derive(Clone, Debug, uniffi::Record)]
pub struct EndpointFields {
    /// Where to.
    #[uniffi(default = None)]
    pub url: Option<String>,
    /// For people.
    #[uniffi(default = None)]
    pub name: Option<String>,
    /// Exact types, `booking.*` or `*`; an empty list wants every event.
    #[uniffi(default = None)]
    pub events: Option<Vec<String>>,
    /// Whose events; those of all tenants if nothing is given.
    #[uniffi(default = None)]
    pub tenant: Option<String>,
    /// Headers for every request, such as `authorization`; their values are never shown.
    #[uniffi(default = None)]
    pub headers: Option<Vec<Header>>,
    /// For a whole attempt; the provider's if nothing is given.
    #[uniffi(default = None)]
    pub timeout: Option<Duration>,
    /// The most requests on their way at once: 16.
    #[uniffi(default = None)]
    pub concurrency: Option<u32>,
    /// The most requests in a second.
    #[uniffi(default = None)]
    pub rate_limit: Option<f64>,
    /// Whether deliveries go out one at a time, in the order of their messages.
    #[uniffi(default = None)]
    pub ordered: Option<bool>,
    /// When to try again; the provider's policy if nothing is given.
    #[uniffi(default = None)]
    pub retry: Option<RetryPolicy>,
    /// Whether plain http is allowed here, whatever the sender says.
    #[uniffi(default = None)]
    pub allow_http: Option<bool>,
    /// The private networks allowed here, whatever the sender says.
    #[uniffi(default = None)]
    pub allow_private: Option<AllowPrivate>,
}

/// What of an endpoint may go back to its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
#[expect(missing_docs, reason = "the names are those of `EndpointFields`")]
pub enum EndpointField {
    Name,
    Events,
    Tenant,
    Headers,
    Timeout,
    Concurrency,
    RateLimit,
    Ordered,
    Retry,
    AllowHttp,
    AllowPrivate,
}

/// An endpoint as it is stored.
#[derive(Clone, Debug, uniffi::Record)]
pub struct StoredEndpoint {
    /// Its name in the store.
    pub id: i64,
    /// Where to.
    pub url: String,
    /// For people.
    pub name: String,
    /// Which events; empty for all.
    pub events: Vec<String>,
    /// How many types of the provider's catalog these are.
    pub subscribed: u32,
    /// Whose events; nothing for those of all tenants.
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
    /// Why it gets no events; nothing while it does.
    pub disabled_reason: Option<DisableReason>,
    /// Since when it gets none.
    pub disabled_at: Option<SystemTime>,
    /// Failures in a row, as the provider's rule counts them.
    pub failures: u32,
    /// When the last attempt ended.
    pub last_attempt_at: Option<SystemTime>,
    /// The last response's status code.
    pub last_response_code: Option<u16>,
    /// Why the last attempt got no response.
    pub last_error_code: Option<String>,
    /// Grows with every change.
    pub version: i64,
    /// When it was created.
    pub created_at: SystemTime,
    /// When it was changed last.
    pub updated_at: SystemTime,
}

/// Why an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum DisableReason {
    /// Its owner said so.
    User,
    /// Too many failures in a row.
    Failures,
    /// The receiver asked for no more events.
    Refused,
}

/// Some endpoints.
#[derive(Clone, Debug, uniffi::Record)]
pub struct EndpointPage {
    /// The endpoints.
    pub items: Vec<StoredEndpoint>,
    /// Where the next page begins; nothing on the last one.
    pub cursor: Option<i64>,
}

/// An endpoint that was just created.
#[derive(Clone, uniffi::Record)]
pub struct CreatedEndpoint {
    /// The endpoint.
    pub endpoint: StoredEndpoint,
    /// What its requests are signed with; nothing if they are not.
    pub secret: Option<Arc<Secret>>,
}

#[uniffi::export]
impl Sender {
    /// Creates an endpoint.
    pub async fn create_endpoint(
        &self,
        fields: EndpointFields,
        secret: Option<Arc<Secret>>,
    ) -> Result<CreatedEndpoint> {
        let (sender, new) = (self.0.clone(), fields.into_new(secret)?);
        run(async move {
            let created = sender.endpoints().create(new).await?;
            Ok(CreatedEndpoint { endpoint: created.endpoint.into(), secret: created.secret.map(Secret::of) })
        })
        .await
    }

    /// An endpoint.
    pub async fn endpoint(&self, id: i64) -> Result<StoredEndpoint> {
        let sender = self.0.clone();
        run(async move { sender.endpoints().get(EndpointId(id)).await.map(StoredEndpoint::from) }).await
    }

    /// Endpoints in the order of their creation.
    pub async fn list_endpoints(
        &self,
        tenant: Option<String>,
        active: Option<bool>,
        cursor: Option<i64>,
        limit: u32,
    ) -> Result<EndpointPage> {
        let sender = self.0.clone();
        run(async move {
            let query = EndpointQuery { tenant, active };
            let page = sender.endpoints().list(query, cursor.map(EndpointId), limit as usize).await?;
            let items = page.items.into_iter().map(StoredEndpoint::from).collect();
            Ok(EndpointPage { items, cursor: page.next.map(|id| id.0) })
        })
        .await
    }

    /// Changes an endpoint; the fields that are named in `reset` go back to their defaults.
    pub async fn update_endpoint(
        &self,
        id: i64,
        fields: EndpointFields,
        reset: Vec<EndpointField>,
        version: Option<i64>,
    ) -> Result<StoredEndpoint> {
        let (sender, changes) = (self.0.clone(), fields.into_changes(&reset, version)?);
        run(async move { sender.endpoints().update(EndpointId(id), changes).await.map(StoredEndpoint::from) })
            .await
    }

    /// Enables an endpoint; false if it was.
    pub async fn enable_endpoint(&self, id: i64) -> Result<bool> {
        let sender = self.0.clone();
        run(async move { sender.endpoints().enable(EndpointId(id)).await }).await
    }

    /// Disables an endpoint; false if it was.
    pub async fn disable_endpoint(&self, id: i64) -> Result<bool> {
        let sender = self.0.clone();
        run(async move { sender.endpoints().disable(EndpointId(id)).await }).await
    }

    /// Deletes an endpoint.
    pub async fn delete_endpoint(&self, id: i64) -> Result<()> {
        let sender = self.0.clone();
        run(async move { sender.endpoints().delete(EndpointId(id)).await }).await
    }

    /// Gives an endpoint another secret; the old one signs beside it for as long as `overlap`.
    pub async fn rotate_secret(
        &self,
        id: i64,
        secret: Option<Arc<Secret>>,
        overlap: Duration,
    ) -> Result<Arc<Secret>> {
        let (sender, secret) = (self.0.clone(), secret.map(|secret| secret.0.clone()));
        run(async move {
            sender.endpoints().rotate_secret(EndpointId(id), secret, overlap).await.map(Secret::of)
        })
        .await
    }
}

impl EndpointFields {
    fn into_new(self, secret: Option<Arc<Secret>>) -> hookseal::Result<sender::NewEndpoint> {
        Ok(sender::NewEndpoint {
            url: self.url.unwrap_or_default(),
            name: self.name.unwrap_or_default(),
            events: self.events.unwrap_or_default(),
            tenant: self.tenant,
            secret: secret.map(|secret| secret.0.clone()),
            headers: pairs(self.headers.unwrap_or_default()),
            timeout: self.timeout,
            concurrency: self.concurrency,
            rate_limit: self.rate_limit,
            ordered: self.ordered.unwrap_or_default(),
            retry: self.retry.map(RetryPolicy::into_core).transpose()?,
            allow_http: self.allow_http,
            allow_private: self.allow_private.map(AllowPrivate::into_core).transpose()?,
        })
    }

    fn into_changes(
        self,
        reset: &[EndpointField],
        version: Option<i64>,
    ) -> hookseal::Result<EndpointChanges> {
        let is_reset = |field: EndpointField| reset.contains(&field);
        let retry = self.retry.map(RetryPolicy::into_core).transpose()?;
        let allow_private = self.allow_private.map(AllowPrivate::into_core).transpose()?;
        Ok(EndpointChanges {
            url: self.url,
            name: self.name.or_else(|| is_reset(EndpointField::Name).then(String::new)),
            events: self.events.or_else(|| is_reset(EndpointField::Events).then(Vec::new)),
            tenant: change(self.tenant, is_reset(EndpointField::Tenant)),
            headers: self.headers.map(pairs).or_else(|| is_reset(EndpointField::Headers).then(Vec::new)),
            timeout: change(self.timeout, is_reset(EndpointField::Timeout)),
            concurrency: change(self.concurrency, is_reset(EndpointField::Concurrency)),
            rate_limit: change(self.rate_limit, is_reset(EndpointField::RateLimit)),
            ordered: self.ordered.or_else(|| is_reset(EndpointField::Ordered).then_some(false)),
            retry: change(retry, is_reset(EndpointField::Retry)),
            allow_http: change(self.allow_http, is_reset(EndpointField::AllowHttp)),
            allow_private: change(allow_private, is_reset(EndpointField::AllowPrivate)),
            version,
        })
    }
}

fn change<T>(given: Option<T>, reset: bool) -> Option<Option<T>> {
    if reset { Some(None) } else { given.map(Some) }
}

impl From<sender::Endpoint> for StoredEndpoint {
    fn from(endpoint: sender::Endpoint) -> Self {
        Self {
            id: endpoint.id.0,
            url: endpoint.url,
            name: endpoint.name,
            events: endpoint.events,
            subscribed: u32::try_from(endpoint.subscribed).unwrap_or(u32::MAX),
            tenant: endpoint.tenant,
            header_names: endpoint.header_names,
            timeout: endpoint.timeout,
            concurrency: endpoint.concurrency,
            rate_limit: endpoint.rate_limit,
            ordered: endpoint.ordered,
            retry: endpoint.retry.as_ref().map(RetryPolicy::from),
            allow_http: endpoint.allow_http,
            allow_private: endpoint.allow_private.map(AllowPrivate::from),
            disabled_reason: endpoint.disabled.map(DisableReason::from),
            disabled_at: endpoint.disabled_at,
            failures: endpoint.failures,
            last_attempt_at: endpoint.last_attempt_at,
            last_response_code: endpoint.last_code,
            last_error_code: endpoint.last_error.map(|code| code.to_string()),
            version: endpoint.version,
            created_at: endpoint.created_at,
            updated_at: endpoint.updated_at,
        }
    }
}

impl From<store::DisableReason> for DisableReason {
    fn from(reason: store::DisableReason) -> Self {
        match reason {
            store::DisableReason::User => Self::User,
            store::DisableReason::Failures => Self::Failures,
            store::DisableReason::Refused => Self::Refused,
        }
    }
}
