//! The durable inbox: one file for each part of it.

pub mod events;
pub mod export;
pub mod handlers;
pub mod notices;
pub mod options;
pub mod stats;

use std::sync::Arc;

use bytes::Bytes;
use hookseal::VerifyOptions;
use hookseal::inbox::{Prepared as Statement, Received};
use napi::bindgen_prelude::{Buffer, ClassInstance, External};
use napi::{Either, Env};
use napi_derive::napi;

use options::InboxOptions;

use crate::answer::{Promise, promise};
use crate::cancellation::{Cancellation, canceled_by};
use crate::error::{Failure, Result, thrown};
use crate::event::Event;
use crate::headers::{HeaderLines, HeaderLists};
use crate::retry::RetryPolicy;
use crate::time::{duration, instant};
use crate::webhook::WebhookHandle;

/// A request that was verified, to be given its key and kept. `ReceivedHandle` is declared in node/package.json, under
/// `napi.dtsHeader`.
pub type ReceivedHandle = External<Received>;

/// Receives events durably.
#[napi]
pub struct Inbox {
    pub(crate) core: hookseal::inbox::Inbox,
    timeout: f64,
}

/// An event that is stored.
#[napi(object, object_from_js = false)]
pub struct Receipt {
    /// The event's id, or what stands for it.
    pub id: String,
    /// Whether it was received before.
    pub duplicate: bool,
}

/// What stores an event in a transaction of the application's own.
#[napi(object, object_from_js = false)]
pub struct Prepared {
    /// The event's id, or what stands for it.
    pub id: String,
    /// The statement.
    pub sql: String,
    /// The function alone.
    pub function: String,
    /// The first parameter.
    pub facts: String,
    /// The second parameter.
    pub body: Buffer,
}

#[napi]
impl Inbox {
    /// Opens a store.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        url: String,
        webhook: &WebhookHandle,
        retry: Option<ClassInstance<RetryPolicy>>,
        options: InboxOptions,
    ) -> Result<Self> {
        let webhook = options.webhook(hookseal::Webhook::clone(webhook))?;
        let options = options.into_core(retry.map(|policy| policy.0.clone()))?;
        let timeout = options.timeout.as_secs_f64();
        let core = hookseal_files::open_inbox(&url, webhook, options).map_err(thrown)?;
        Ok(Self { core, timeout })
    }

    /// The largest body in bytes.
    #[napi(catch_unwind)]
    pub fn max_body(&self) -> u32 {
        self.core.max_body().try_into().unwrap_or(u32::MAX)
    }

    /// How long a try may take, in seconds.
    #[napi(catch_unwind)]
    pub fn timeout(&self) -> f64 {
        self.timeout
    }

    /// Verifies a request and stores its event, which waits for no other.
    #[napi(catch_unwind, ts_return_type = "Promise<Receipt | Failure>")]
    #[allow(clippy::too_many_arguments, reason = "an object would take JavaScript longer")]
    pub fn receive<'env>(
        &self,
        env: &'env Env,
        body: &[u8],
        now: f64,
        headers: HeaderLists,
        url: Option<String>,
        method: Option<String>,
        cancellation: Option<ClassInstance<Cancellation>>,
    ) -> Result<Promise<'env, Receipt>> {
        let received = self.verified(body, now, headers, url, method)?;
        self.promised(env, received, cancellation)
    }

    /// Verifies a request, and says how to store its event, which waits for no other, in the caller's own transaction.
    #[napi(catch_unwind)]
    pub fn prepare(
        &self,
        body: &[u8],
        now: f64,
        headers: HeaderLists,
        url: Option<String>,
        method: Option<String>,
    ) -> Result<Prepared> {
        let received = self.verified(body, now, headers, url, method)?;
        self.prepared(received.map_err(thrown)?)
    }

    /// Verifies a request; its event may be given a key before it is kept.
    #[napi(catch_unwind)]
    pub fn verify(
        &self,
        body: &[u8],
        now: f64,
        headers: HeaderLists,
        url: Option<String>,
        method: Option<String>,
    ) -> Result<Either<ReceivedHandle, Failure>> {
        Ok(match self.verified(body, now, headers, url, method)? {
            // JavaScript keeps it until it collects its garbage, and is to know how much that is.
            Ok(received) => Either::A(External::new_with_size_hint(received, body.len())),
            Err(error) => Either::B(Failure::from(&error)),
        })
    }

    /// Stores the event of a verified request, which waits for others of the same key.
    #[napi(catch_unwind, ts_return_type = "Promise<Receipt | Failure>")]
    pub fn keep<'env>(
        &self,
        env: &'env Env,
        received: &ReceivedHandle,
        order_key: Option<String>,
        cancellation: Option<ClassInstance<Cancellation>>,
    ) -> Result<Promise<'env, Receipt>> {
        let received = Received::clone(received).ordered_by(order_key.as_deref());
        self.promised(env, Ok(received), cancellation)
    }

    /// Says how to store the event of a verified request, which waits for others of the same key.
    #[napi(catch_unwind)]
    pub fn prepare_verified(&self, received: &ReceivedHandle, order_key: Option<String>) -> Result<Prepared> {
        self.prepared(Received::clone(received).ordered_by(order_key.as_deref()))
    }

    /// Begins to handle.
    #[napi(catch_unwind, ts_return_type = "Promise<undefined | Failure>")]
    pub fn start<'env>(&self, env: &'env Env) -> Result<Promise<'env, ()>> {
        let inbox = self.core.clone();
        promise(env, async move { inbox.start() })
    }

    /// Waits until nothing is pending; false if that takes longer than so many seconds.
    #[napi(catch_unwind, ts_return_type = "Promise<boolean | Failure>")]
    pub fn wait_idle<'env>(
        &self,
        env: &'env Env,
        timeout: Option<f64>,
        cancellation: Option<ClassInstance<Cancellation>>,
    ) -> Result<Promise<'env, bool>> {
        let (inbox, timeout) = (self.core.clone(), timeout.map(duration).transpose()?);
        promise(env, canceled_by(cancellation).or(async move { inbox.wait_idle(timeout).await }))
    }

    /// Stops.
    #[napi(catch_unwind, ts_return_type = "Promise<undefined | Failure>")]
    pub fn close<'env>(&self, env: &'env Env) -> Result<Promise<'env, ()>> {
        let inbox = self.core.clone();
        promise(env, async move { inbox.close().await })
    }
}

impl Inbox {
    fn verified(
        &self,
        body: &[u8],
        now: f64,
        headers: HeaderLists,
        url: Option<String>,
        method: Option<String>,
    ) -> Result<hookseal::Result<Received>> {
        let options =
            VerifyOptions { now: Some(instant(now)?), url: url.as_deref(), method: method.as_deref() };
        let lines = HeaderLines::new(self.core.webhook().header_names(), headers);
        Ok(self.core.verify(Bytes::copy_from_slice(body), &lines, &options))
    }

    fn promised<'env>(
        &self,
        env: &'env Env,
        received: hookseal::Result<Received>,
        cancellation: Option<ClassInstance<Cancellation>>,
    ) -> Result<Promise<'env, Receipt>> {
        let inbox = self.core.clone();
        let kept = async move {
            let receipt = inbox.keep(received?).await?;
            Ok(Receipt { id: receipt.id, duplicate: receipt.duplicate })
        };
        promise(env, canceled_by(cancellation).or(kept))
    }

    fn prepared(&self, received: Received) -> Result<Prepared> {
        let Statement { id, sql, function, facts, body, .. } =
            self.core.prepare_verified(received).map_err(thrown)?;
        Ok(Prepared { id, sql, function, facts, body: Buffer::from(&body[..]) })
    }
}

/// The event of a verified request.
#[napi(catch_unwind)]
pub fn event_of_received(received: &ReceivedHandle) -> Event {
    Event(Arc::new(received.event().clone()))
}
