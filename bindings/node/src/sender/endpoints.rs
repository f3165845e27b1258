//! Endpoints of a sender.

use hookseal::deliver::AllowPrivate;
use hookseal::sender::{Endpoint, EndpointChanges, NewEndpoint};
use hookseal::store::{DisableReason, EndpointId, EndpointQuery};
use napi::bindgen_prelude::ClassInstance;
use napi::{Either, Env};
use napi_derive::napi;

use super::Sender;
use crate::answer::{Promise, promise};
use crate::endpoint::allow_private;
use crate::error::Result;
use crate::retry::RetryPolicy;
use crate::secret::Secret;
use crate::time::{duration, millis};

/// What is said of an endpoint when it is created or changed.
#[napi(object, object_to_js = false)]
pub struct EndpointFields {
    /// Where to.
    pub url: Option<String>,
    /// For people.
    pub name: Option<String>,
    /// Which events.
    pub events: Option<Vec<String>>,
    /// Whose events.
    pub tenant: Option<String>,
    /// Pairs of name and value.
    pub headers: Option<Vec<(String, String)>>,
    /// Seconds for an attempt.
    pub timeout: Option<f64>,
    /// The most requests on their way at once.
    pub concurrency: Option<u32>,
    /// The most requests in a second.
    pub rate_limit: Option<f64>,
    /// Whether deliveries go out one at a time, in order.
    pub ordered: Option<bool>,
    /// Whether plain http is allowed.
    pub allow_http: Option<bool>,
    /// Which private networks are allowed.
    pub allow_private: Option<Either<bool, Vec<String>>>,
}

/// An endpoint as it is stored.
#[napi(object, object_from_js = false)]
pub struct StoredEndpoint {
    /// Its name in the store.
    pub id: i64,
    /// Where to.
    pub url: String,
    /// For people.
    pub name: String,
    /// Which events; empty for all.
    pub events: Vec<String>,
    /// How many types of the catalog these are.
    pub subscribed: u32,
    /// Whose events.
    pub tenant: Option<String>,
    /// The names of its custom headers.
    pub header_names: Vec<String>,
    /// Seconds for an attempt.
    pub timeout: Option<f64>,
    /// The most requests on their way at once.
    pub concurrency: u32,
    /// The most requests in a second.
    pub rate_limit: Option<f64>,
    /// Whether deliveries go out one at a time, in order.
    pub ordered: bool,
    /// When to try again.
    pub retry: Option<RetryPolicy>,
    /// Whether plain http is allowed.
    pub allow_http: Option<bool>,
    /// Which private networks are allowed.
    pub allow_private: Option<Either<bool, Vec<String>>>,
    /// Whether it gets events.
    #[napi(ts_type = "'active' | 'disabled'")]
    pub status: &'static str,
    /// Why it gets none.
    #[napi(ts_type = "'user' | 'failures' | 'refused'")]
    pub disabled_reason: Option<&'static str>,
    /// Since when it gets none, in milliseconds since 1970.
    pub disabled_at: Option<f64>,
    /// Failures in a row.
    pub failures: u32,
    /// When the last attempt ended, in milliseconds since 1970.
    pub last_attempt_at: Option<f64>,
    /// The last response's status code.
    pub last_response_code: Option<u32>,
    /// Why the last attempt got no response.
    pub last_error_code: Option<&'static str>,
    /// Grows with every change.
    pub version: i64,
    /// When it was created, in milliseconds since 1970.
    pub created_at: f64,
    /// When it was changed last, in milliseconds since 1970.
    pub updated_at: f64,
}

/// Some endpoints.
#[napi(object, object_from_js = false)]
pub struct EndpointPage {
    /// The endpoints.
    pub items: Vec<StoredEndpoint>,
    /// Where the next page begins.
    pub cursor: Option<i64>,
}

/// An endpoint that was just created.
#[napi(object, object_from_js = false)]
pub struct CreatedEndpoint {
    /// The endpoint.
    pub endpoint: StoredEndpoint,
    /// What its requests are signed with.
    pub secret: Option<Secret>,
}

#[napi]
impl Sender {
    /// Creates an endpoint.
    #[napi(catch_unwind, ts_return_type = "Promise<CreatedEndpoint | Failure>")]
    pub fn create_endpoint<'env>(
        &self,
        env: &'env Env,
        fields: EndpointFields,
        secret: Option<ClassInstance<Secret>>,
        retry: Option<ClassInstance<RetryPolicy>>,
    ) -> Result<Promise<'env, CreatedEndpoint>> {
        let sender = self.0.clone();
        let new = NewEndpoint {
            url: fields.url.unwrap_or_default(),
            name: fields.name.unwrap_or_default(),
            events: fields.events.unwrap_or_default(),
            tenant: fields.tenant,
            secret: secret.map(|secret| secret.0.clone()),
            headers: fields.headers.unwrap_or_default(),
            timeout: fields.timeout.map(duration).transpose()?,
            concurrency: fields.concurrency,
            rate_limit: fields.rate_limit,
            ordered: fields.ordered.unwrap_or_default(),
            retry: retry.map(|policy| policy.0.clone()),
            allow_http: fields.allow_http,
            allow_private: fields.allow_private.map(allow_private).transpose()?,
        };
        promise(env, async move {
            let created = sender.endpoints().create(new).await?;
            Ok(CreatedEndpoint { endpoint: created.endpoint.into(), secret: created.secret.map(Secret) })
        })
    }

    /// An endpoint.
    #[napi(catch_unwind, ts_return_type = "Promise<StoredEndpoint | Failure>")]
    pub fn endpoint<'env>(&self, env: &'env Env, id: i64) -> Result<Promise<'env, StoredEndpoint>> {
        let sender = self.0.clone();
        promise(env, async move { sender.endpoints().get(EndpointId(id)).await.map(StoredEndpoint::from) })
    }

    /// Endpoints in the order of their creation.
    #[napi(catch_unwind, ts_return_type = "Promise<EndpointPage | Failure>")]
    pub fn list_endpoints<'env>(
        &self,
        env: &'env Env,
        tenant: Option<String>,
        active: Option<bool>,
        cursor: Option<i64>,
        limit: u32,
    ) -> Result<Promise<'env, EndpointPage>> {
        let sender = self.0.clone();
        promise(env, async move {
            let query = EndpointQuery { tenant, active };
            let page = sender.endpoints().list(query, cursor.map(EndpointId), limit as usize).await?;
            let items = page.items.into_iter().map(StoredEndpoint::from).collect();
            Ok(EndpointPage { items, cursor: page.next.map(|id| id.0) })
        })
    }

    /// Changes an endpoint; the fields that are named in `reset` go back to their defaults.
    #[napi(catch_unwind, ts_return_type = "Promise<StoredEndpoint | Failure>")]
    pub fn update_endpoint<'env>(
        &self,
        env: &'env Env,
        id: i64,
        fields: EndpointFields,
        retry: Option<ClassInstance<RetryPolicy>>,
        reset: Vec<String>,
        version: Option<i64>,
    ) -> Result<Promise<'env, StoredEndpoint>> {
        let sender = self.0.clone();
        let changes = changes(fields, retry.map(|policy| policy.0.clone()), &reset, version)?;
        promise(env, async move {
            sender.endpoints().update(EndpointId(id), changes).await.map(StoredEndpoint::from)
        })
    }

    /// Enables an endpoint; false if it was.
    #[napi(catch_unwind, ts_return_type = "Promise<boolean | Failure>")]
    pub fn enable_endpoint<'env>(&self, env: &'env Env, id: i64) -> Result<Promise<'env, bool>> {
        let sender = self.0.clone();
        promise(env, async move { sender.endpoints().enable(EndpointId(id)).await })
    }

    /// Disables an endpoint; false if it was.
    #[napi(catch_unwind, ts_return_type = "Promise<boolean | Failure>")]
    pub fn disable_endpoint<'env>(&self, env: &'env Env, id: i64) -> Result<Promise<'env, bool>> {
        let sender = self.0.clone();
        promise(env, async move { sender.endpoints().disable(EndpointId(id)).await })
    }

    /// Deletes an endpoint.
    #[napi(catch_unwind, ts_return_type = "Promise<undefined | Failure>")]
    pub fn delete_endpoint<'env>(&self, env: &'env Env, id: i64) -> Result<Promise<'env, ()>> {
        let sender = self.0.clone();
        promise(env, async move { sender.endpoints().delete(EndpointId(id)).await })
    }

    /// Gives an endpoint another secret; the old one signs beside it for so many seconds.
    #[napi(catch_unwind, ts_return_type = "Promise<Secret | Failure>")]
    pub fn rotate_secret<'env>(
        &self,
        env: &'env Env,
        id: i64,
        secret: Option<ClassInstance<Secret>>,
        overlap: f64,
    ) -> Result<Promise<'env, Secret>> {
        let (sender, overlap) = (self.0.clone(), duration(overlap)?);
        let secret = secret.map(|secret| secret.0.clone());
        promise(env, async move {
            sender.endpoints().rotate_secret(EndpointId(id), secret, overlap).await.map(Secret)
        })
    }
}

fn changes(
    fields: EndpointFields,
    retry: Option<hookseal::RetryPolicy>,
    reset: &[String],
    version: Option<i64>,
) -> Result<EndpointChanges> {
    let reset = |field: &str| reset.iter().any(|name| name == field);
    Ok(EndpointChanges {
        url: fields.url,
        name: fields.name.or_else(|| reset("name").then(String::new)),
        events: fields.events.or_else(|| reset("events").then(Vec::new)),
        tenant: change(fields.tenant, reset("tenant")),
        headers: fields.headers.or_else(|| reset("headers").then(Vec::new)),
        timeout: change(fields.timeout.map(duration).transpose()?, reset("timeout")),
        concurrency: change(fields.concurrency, reset("concurrency")),
        rate_limit: change(fields.rate_limit, reset("rateLimit")),
        ordered: fields.ordered.or_else(|| reset("ordered").then_some(false)),
        retry: change(retry, reset("retry")),
        allow_http: change(fields.allow_http, reset("allowHttp")),
        allow_private: change(fields.allow_private.map(allow_private).transpose()?, reset("allowPrivate")),
        version,
    })
}

fn change<T>(given: Option<T>, reset: bool) -> Option<Option<T>> {
    if reset { Some(None) } else { given.map(Some) }
}

impl From<Endpoint> for StoredEndpoint {
    fn from(endpoint: Endpoint) -> Self {
        Self {
            id: endpoint.id.0,
            url: endpoint.url,
            name: endpoint.name,
            events: endpoint.events,
            subscribed: endpoint.subscribed as u32,
            tenant: endpoint.tenant,
            header_names: endpoint.header_names,
            timeout: endpoint.timeout.map(|timeout| timeout.as_secs_f64()),
            concurrency: endpoint.concurrency,
            rate_limit: endpoint.rate_limit,
            ordered: endpoint.ordered,
            retry: endpoint.retry.map(RetryPolicy),
            allow_http: endpoint.allow_http,
            allow_private: endpoint.allow_private.map(networks),
            status: if endpoint.disabled.is_some() { "disabled" } else { "active" },
            disabled_reason: endpoint.disabled.map(reason),
            disabled_at: endpoint.disabled_at.map(millis),
            failures: endpoint.failures,
            last_attempt_at: endpoint.last_attempt_at.map(millis),
            last_response_code: endpoint.last_code.map(u32::from),
            last_error_code: endpoint.last_error.map(hookseal::Code::as_str),
            version: endpoint.version,
            created_at: millis(endpoint.created_at),
            updated_at: millis(endpoint.updated_at),
        }
    }
}

fn networks(allow: AllowPrivate) -> Either<bool, Vec<String>> {
    match allow {
        AllowPrivate::No => Either::A(false),
        AllowPrivate::All => Either::A(true),
        AllowPrivate::Only(networks) => Either::B(networks.iter().map(ToString::to_string).collect()),
    }
}

fn reason(reason: DisableReason) -> &'static str {
    match reason {
        DisableReason::User => "user",
        DisableReason::Failures => "failures",
        DisableReason::Refused => "refused",
    }
}
