//! What differs between those who use the queue: where deliveries go, and what it is to attempt one.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::engine::Engine;
use super::work::{Draft, Parcel, Work};
use crate::error::Result;
use crate::health::HealthRule;
use crate::retry::{Outcome, RetryPolicy};
use crate::store::{AttemptRecord, EndpointRecord, OutboxRow, SecretRecord};
use crate::timestamp::Millis;

/// Knows how to get from a store's rows to attempts.
pub(crate) trait Carrier: Send + Sync {
    /// How to deliver to an endpoint.
    fn aim(&self, record: &EndpointRecord, secrets: &[SecretRecord], now: Millis) -> Result<Target>;

    /// What a row of the outbox asks to store.
    fn draft(&self, engine: &Engine, row: &OutboxRow) -> Result<Draft>;

    /// What all its deliveries have in common.
    fn terms(&self) -> Terms;
}

/// Where deliveries of one endpoint go.
pub(crate) trait Destination: Send + Sync {
    /// Makes one attempt. It may be dropped half-way.
    fn carry<'c>(&'c self, delivery: &'c Carriage<'c>) -> Pin<Box<dyn Future<Output = Carried> + Send + 'c>>;

    /// When to try again.
    fn policy(&self) -> &RetryPolicy;
}

/// What follows from attempts, whatever they are.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    /// What people call things, in errors and in the log.
    pub(crate) words: Words,
    /// How failures count for an endpoint's health.
    pub(crate) health: HealthRule,
    /// What a success costs.
    pub(crate) credits: u32,
    /// Whether the store is told that an attempt begins, because it may be the end of this process.
    pub(crate) marks: bool,
    /// Whether endpoints that take long, or time out, get fewer slots.
    pub(crate) paced: bool,
    /// Whether what somebody asked for by hand is tried more than once.
    pub(crate) persists: bool,
}

/// The queue's own words, as those have them who use it.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    /// Whose queue it is.
    pub(crate) owner: &'static str,
    /// What is carried somewhere, once.
    pub(crate) delivery: &'static str,
    /// What is made of it until one succeeds.
    pub(crate) attempt: &'static str,
}

/// Everything the queue needs to know about an endpoint.
pub(crate) struct Target {
    pub(crate) to: Arc<dyn Destination>,
    pub(crate) tenant: Option<Arc<str>>,
    pub(crate) generation: i64,
    pub(crate) concurrency: u32,
    /// Attempts a second.
    pub(crate) rate: Option<f64>,
    pub(crate) ordered: bool,
    /// When it has to be read again.
    pub(crate) valid_until: Millis,
}

/// A delivery to attempt now.
pub(crate) struct Carriage<'c> {
    pub(crate) work: &'c Work,
    pub(crate) parcel: &'c Parcel,
    /// Which attempt, from 1.
    pub(crate) number: u32,
    pub(crate) now: SystemTime,
}

/// An attempt that ended.
pub(crate) struct Carried {
    pub(crate) record: AttemptRecord,
    pub(crate) ending: Ending,
}

/// How it ended.
pub(crate) enum Ending {
    /// The policy decides what follows.
    Outcome(Outcome),
    /// It failed, and is to be tried again after so long, if the policy has another try.
    RetryIn(Duration),
    /// It is not to be tried again, and that is no failure.
    Discard,
}
