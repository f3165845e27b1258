//! Claims on events.

use std::sync::Arc;

use hookseal::DeduplicatorOptions;
use napi::Env;
use napi_derive::napi;

use crate::answer::{Promise, promise};
use crate::error::{Result, thrown};
use crate::event::Event;
use crate::time::duration;

/// Tells events that were handled before from new ones.
#[napi]
pub struct Deduplicator(hookseal::Deduplicator);

/// The right to handle an event.
#[napi]
pub struct Claim(Arc<hookseal::Claim>);

#[napi]
impl Deduplicator {
    /// Opens a store; lengths of time are seconds, and what is missing has the core's default.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        url: String,
        keep: Option<f64>,
        lease: Option<f64>,
        capacity: Option<u32>,
        namespace: Option<String>,
    ) -> Result<Self> {
        let mut options = DeduplicatorOptions::default();
        options.keep = keep.map(duration).transpose()?;
        if let Some(lease) = lease {
            options.lease = duration(lease)?;
        }
        if let Some(events) = capacity {
            options.capacity = events as usize;
        }
        options.namespace = namespace.unwrap_or_default();
        hookseal_files::open_deduplicator(&url, options).map(Self).map_err(thrown)
    }

    /// Claims an event.
    #[napi(catch_unwind, ts_return_type = "Promise<Claim | Failure>")]
    pub fn claim<'env>(&self, env: &'env Env, event: &Event) -> Result<Promise<'env, Claim>> {
        let (deduplicator, event) = (self.0.clone(), Arc::clone(&event.0));
        promise(env, async move { deduplicator.claim(&event).await.map(|claim| Claim(Arc::new(claim))) })
    }

    /// Closes files and connections.
    #[napi(catch_unwind, ts_return_type = "Promise<undefined | Failure>")]
    pub fn close<'env>(&self, env: &'env Env) -> Result<Promise<'env, ()>> {
        let deduplicator = self.0.clone();
        promise(env, async move {
            deduplicator.close().await;
            Ok(())
        })
    }
}

#[napi]
impl Claim {
    /// The event was handled.
    #[napi(catch_unwind, ts_return_type = "Promise<undefined | Failure>")]
    pub fn done<'env>(&self, env: &'env Env) -> Result<Promise<'env, ()>> {
        let claim = Arc::clone(&self.0);
        promise(env, async move { claim.done().await })
    }

    /// The event was not handled.
    #[napi(catch_unwind, ts_return_type = "Promise<undefined | Failure>")]
    pub fn release<'env>(&self, env: &'env Env) -> Result<Promise<'env, ()>> {
        let claim = Arc::clone(&self.0);
        promise(env, async move { claim.release().await })
    }

    /// Has the lease begin anew.
    #[napi(catch_unwind, ts_return_type = "Promise<undefined | Failure>")]
    pub fn extend<'env>(&self, env: &'env Env) -> Result<Promise<'env, ()>> {
        let claim = Arc::clone(&self.0);
        promise(env, async move { claim.extend().await })
    }
}
