//! How a sender is set up.

use hookseal::store;
use napi::Either;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::endpoint::allow_private;
use crate::error::Result;
use crate::provider::Provider;
use crate::time::duration;

/// What a sender may do. What is missing has the core's default.
#[napi(object, object_to_js = false)]
pub struct SenderOptions {
    /// Whether plain http is allowed.
    pub allow_http: bool,
    /// Which private networks are allowed.
    pub allow_private: Either<bool, Vec<String>>,
    /// Further certificate authorities, in PEM.
    pub ca_certificates: Option<Uint8Array>,
    /// Whether only events of the catalog are sent.
    pub strict: bool,
    /// The largest body in bytes.
    pub max_body: Option<u32>,
    /// The most requests on their way at once.
    pub concurrency: Option<u32>,
    /// How long things are kept; false for ever.
    pub retention: Option<Either<bool, Retention>>,
}

/// How long things are kept, in seconds.
#[napi(object, object_to_js = false)]
pub struct Retention {
    /// Deliveries of a disabled endpoint.
    pub held: Option<f64>,
    /// Attempts.
    pub attempts: Option<f64>,
    /// Bodies.
    pub bodies: Option<f64>,
    /// Deliveries.
    pub deliveries: Option<f64>,
    /// Ids that must not come twice.
    pub ids: Option<f64>,
    /// What was counted.
    pub usage: Option<f64>,
}

impl SenderOptions {
    pub(crate) fn into_core(
        self,
        provider: &Provider,
        key: Option<hookseal::Secret>,
    ) -> Result<hookseal::sender::SenderOptions> {
        let mut options = hookseal::sender::SenderOptions::new(&provider.0);
        options.key = key;
        options.allow_http = self.allow_http;
        options.allow_private = allow_private(self.allow_private)?;
        options.root_certificates = self.ca_certificates.map(|pem| pem.to_vec());
        options.strict_events = self.strict;
        if let Some(bytes) = self.max_body {
            options.max_body = bytes as usize;
        }
        if let Some(concurrency) = self.concurrency {
            options.concurrency = concurrency as usize;
        }
        match self.retention {
            None | Some(Either::A(true)) => {}
            Some(Either::A(false)) => options.retention = None,
            Some(Either::B(retention)) => options.retention = Some(retention.into_core()?),
        }
        Ok(options)
    }
}

impl Retention {
    fn into_core(self) -> Result<store::Retention> {
        let defaults = store::Retention::default();
        let millis = |given: Option<f64>, default: i64| match given {
            Some(seconds) => duration(seconds).map(|given| given.as_millis() as i64),
            None => Ok(default),
        };
        Ok(store::Retention {
            held: millis(self.held, defaults.held)?,
            attempts: millis(self.attempts, defaults.attempts)?,
            bodies: millis(self.bodies, defaults.bodies)?,
            deliveries: millis(self.deliveries, defaults.deliveries)?,
            ids: millis(self.ids, defaults.ids)?,
            usage: millis(self.usage, defaults.usage)?,
        })
    }
}
