//! Endpoints.

use hookseal::deliver::AllowPrivate;
use napi::Either;
use napi::bindgen_prelude::ClassInstance;
use napi_derive::napi;

use crate::error::{Result, thrown};
use crate::provider::Provider;
use crate::retry::RetryPolicy;
use crate::secret::Secret;
use crate::time::duration;

/// Where events are delivered.
#[napi]
pub struct Endpoint(pub(crate) hookseal::deliver::Endpoint);

/// How an endpoint differs from what its provider and the client say.
#[napi(object, object_to_js = false)]
pub struct EndpointOptions {
    /// Seconds for an attempt.
    pub timeout: Option<f64>,
    /// Whether plain http is allowed.
    pub allow_http: Option<bool>,
    /// Which private networks are allowed.
    pub allow_private: Option<Either<bool, Vec<String>>>,
    /// Pairs of name and value.
    pub headers: Vec<(String, String)>,
}

#[napi]
impl Endpoint {
    /// An endpoint; the first secret is the newest.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        url: String,
        provider: &Provider,
        secrets: Vec<ClassInstance<Secret>>,
        options: EndpointOptions,
        retry: Option<ClassInstance<RetryPolicy>>,
    ) -> Result<Self> {
        let secrets: Vec<_> = secrets.iter().map(|secret| secret.0.clone()).collect();
        let mut endpoint = hookseal::deliver::Endpoint::new(&url, &provider.0, &secrets).map_err(thrown)?;
        if let Some(seconds) = options.timeout {
            endpoint = endpoint.timeout(duration(seconds)?).map_err(thrown)?;
        }
        if let Some(allow) = options.allow_http {
            endpoint = endpoint.allow_http(allow);
        }
        if let Some(allow) = options.allow_private {
            endpoint = endpoint.allow_private(allow_private(allow)?);
        }
        for (name, value) in &options.headers {
            endpoint = endpoint.header(name, value).map_err(thrown)?;
        }
        if let Some(policy) = retry {
            endpoint = endpoint.retry(policy.0.clone());
        }
        Ok(Self(endpoint))
    }
}

/// All private networks, none, or those of a list.
pub(crate) fn allow_private(allow: Either<bool, Vec<String>>) -> Result<AllowPrivate> {
    match allow {
        Either::A(false) => Ok(AllowPrivate::No),
        Either::A(true) => Ok(AllowPrivate::All),
        Either::B(networks) => AllowPrivate::only(networks).map_err(thrown),
    }
}
