//! The durable inbox: one file for each part of it.

pub mod events;
pub mod export;
pub mod handlers;
pub mod notices;
pub mod options;
pub mod stats;

use std::cell::RefCell;

use bytes::Bytes;
use hookseal::VerifyOptions;
use hookseal::inbox::{Prepared as Statement, Received};
use napi::Env;
use napi::bindgen_prelude::{Buffer, ClassInstance, External};
use napi_derive::napi;

use options::InboxOptions;

use crate::answer::{Promise, promise};
use crate::cancellation::{Cancellation, canceled_by};
use crate::error::{Result, thrown};
use crate::headers::{HeaderLines, HeaderLists};
use crate::retry::RetryPolicy;
use crate::time::{duration, instant};
use crate::webhook::WebhookHandle;

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
        let mut options = options.into_core(retry.map(|policy| policy.0.clone()))?;
        // The answer was found before the question.
        options.order_by = Some(std::sync::Arc::new(|_| ORDER_KEY.take()));
        let timeout = options.timeout.as_secs_f64();
        let core = hookseal_files::open_inbox(&url, webhook, options).map_err(thrown)?;
        Ok(Self { core, timeout })
    }

    /// What requests are verified with: the webhook that was given, with the inbox's own tolerance.
    #[napi(catch_unwind)]
    pub fn webhook(&self) -> WebhookHandle {
        External::new(self.core.webhook().clone())
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

    /// Verifies a request and stores its event, which waits for others of the same key.
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
        order_key: Option<String>,
        cancellation: Option<ClassInstance<Cancellation>>,
    ) -> Result<Promise<'env, Receipt>> {
        let options =
            VerifyOptions { now: Some(instant(now)?), url: url.as_deref(), method: method.as_deref() };
        let received = self.verify(body, headers, &options, order_key);
        let inbox = self.core.clone();
        let kept = async move {
            let receipt = inbox.keep(received?).await?;
            Ok(Receipt { id: receipt.id, duplicate: receipt.duplicate })
        };
        promise(env, canceled_by(cancellation).or(kept))
    }

    /// Verifies a request, and says how to store its event in the caller's own transaction.
    #[napi(catch_unwind)]
    #[allow(clippy::too_many_arguments, reason = "an object would take JavaScript longer")]
    pub fn prepare(
        &self,
        body: &[u8],
        now: f64,
        headers: HeaderLists,
        url: Option<String>,
        method: Option<String>,
        order_key: Option<String>,
    ) -> Result<Prepared> {
        let options =
            VerifyOptions { now: Some(instant(now)?), url: url.as_deref(), method: method.as_deref() };
        let received = self.verify(body, headers, &options, order_key).map_err(thrown)?;
        let Statement { id, sql, function, facts, body, .. } =
            self.core.prepare_verified(received).map_err(thrown)?;
        Ok(Prepared { id, sql, function, facts, body: Buffer::from(&body[..]) })
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
    fn verify(
        &self,
        body: &[u8],
        headers: HeaderLists,
        options: &VerifyOptions<'_>,
        order_key: Option<String>,
    ) -> hookseal::Result<Received> {
        ORDER_KEY.set(order_key);
        let lines = HeaderLines::new(self.core.webhook().header_names(), headers);
        self.core.verify(Bytes::copy_from_slice(body), &lines, options)
    }
}

thread_local! {
    /// The key of the event that this thread is about to verify.
    static ORDER_KEY: RefCell<Option<String>> = const { RefCell::new(None) };
}
