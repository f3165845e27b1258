//! What follows from an attempt: pure functions that every store applies.

use super::record::{DeliveryState, DisableReason, EndpointStatus, NoticeKind, Trigger};
use super::write::{Role, Settle, Verdict};
use crate::error::{Code, Error, Result};
use crate::health::{Health, HealthRule, Observation};
use crate::timestamp::Millis;

/// What a settlement needs to know about a delivery that is not terminal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) trigger: Trigger,
    /// Whether it repeats a delivery of an event that failed, and that no other repetition has recovered.
    pub(crate) recovers: bool,
}

/// What a settlement needs to know about an endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) status: EndpointStatus,
    pub(crate) generation: i64,
    pub(crate) failures: u32,
}

/// What a settlement changes, besides the attempt that it records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Effects {
    /// Pending, delivered or failed.
    pub(crate) state: DeliveryState,
    /// When the next attempt is due, if it stays pending.
    pub(crate) due: Option<Millis>,
    /// Whether the success is paid for.
    pub(crate) metered: bool,
    /// The endpoint's failures from now on.
    pub(crate) failures: u32,
    /// Why this attempt disables the endpoint, if it does.
    pub(crate) disables: Option<DisableReason>,
    /// In the order in which they are stored.
    pub(crate) notices: Vec<NoticeKind>,
}

pub(crate) fn settle(delivery: Open, endpoint: Standing, settle: &Settle) -> Effects {
    let (state, due) = match settle.verdict {
        Verdict::Delivered => (DeliveryState::Delivered, None),
        Verdict::Retry(at) => (DeliveryState::Pending, Some(at)),
        Verdict::Failed | Verdict::Refused => (DeliveryState::Failed, None),
        Verdict::Discarded => (DeliveryState::Canceled, None),
    };
    let event = delivery.trigger == Trigger::Event;
    let mut effects = Effects {
        state,
        due,
        metered: event && state == DeliveryState::Delivered && settle.credits > 0,
        failures: endpoint.failures,
        disables: None,
        notices: Vec::new(),
    };
    if event && state == DeliveryState::Failed {
        effects.notices.push(NoticeKind::DeliveryFailed);
    }
    if delivery.recovers && state == DeliveryState::Delivered {
        effects.notices.push(NoticeKind::DeliveryRecovered);
    }
    if let Some(rule) = settle.health
        && event
        && settle.verdict != Verdict::Discarded
        && settle.generation == endpoint.generation
        && endpoint.status == EndpointStatus::Active
    {
        observe(&mut effects, &rule, settle.verdict);
    }
    effects
}

fn observe(effects: &mut Effects, rule: &HealthRule, verdict: Verdict) {
    let observation = match verdict {
        Verdict::Delivered => Observation::Delivered,
        Verdict::Retry(_) => Observation::AttemptFailed { last: false },
        Verdict::Failed => Observation::AttemptFailed { last: true },
        Verdict::Refused => Observation::Refused,
        // Says nothing about the endpoint, and is not asked about.
        Verdict::Discarded => return,
    };
    let before = effects.failures;
    let health = rule.observe(Health { failures: before, disabled: false }, observation);
    effects.failures = health.failures;
    if health.disabled {
        let refused = verdict == Verdict::Refused;
        effects.disables = Some(if refused { DisableReason::Refused } else { DisableReason::Failures });
        effects.notices.push(NoticeKind::EndpointDisabled);
    } else if warns(rule, before, health.failures) {
        effects.notices.push(NoticeKind::EndpointFailing);
    }
}

/// Whether half of the failures that disable were reached with this one.
fn warns(rule: &HealthRule, before: u32, after: u32) -> bool {
    rule.limit().is_some_and(|limit| {
        let half = limit.div_ceil(2);
        before < half && after >= half
    })
}

/// Where a delivery stands that is stored as pending, by its endpoint; `None` if that was deleted.
pub(crate) fn seen(endpoint: Option<EndpointStatus>) -> DeliveryState {
    match endpoint {
        Some(EndpointStatus::Active) => DeliveryState::Pending,
        Some(EndpointStatus::Disabled(_)) => DeliveryState::Held,
        None => DeliveryState::Canceled,
    }
}

pub(crate) fn conflicting_id(id: &str) -> Error {
    Error::new(Code::Conflict, format!("There is another message with the id {id:?} and other content."))
}

pub(crate) fn conflicting_version() -> Error {
    Error::new(Code::Conflict, "The endpoint was changed in the meantime: read it again.")
}

pub(crate) fn no_body() -> Error {
    Error::new(Code::Conflict, "The message's body was deleted, so it cannot be delivered again.")
}

pub(crate) fn not_enabled() -> Error {
    Error::new(Code::Conflict, "The endpoint is disabled or deleted: enable it before delivering again.")
}

pub(crate) fn no_retry_of_tests() -> Error {
    Error::new(Code::Conflict, "A test is not repeated: send another one.")
}

pub(crate) fn missing(what: &str, name: impl std::fmt::Display) -> Error {
    Error::new(Code::NotFound, format!("There is no {what} {name}."))
}

/// Fails unless the store is this one's.
pub(crate) fn check_role(found: &str, wanted: Role) -> Result<()> {
    if found == wanted.as_str() {
        return Ok(());
    }
    let article = if found == "inbox" { "an" } else { "a" };
    let other = wanted.as_str();
    Err(Error::new(
        Code::StoreSchema,
        format!(
            "The store is {article} {found}'s: give the {other} a file of its own, or in a database another \
             hookseal_schema."
        ),
    ))
}

/// When a delivery is due that waits for another of its order: not before somebody says so.
pub(crate) const IN_LINE: Millis = Millis::MAX;

/// The error of an attempt that was cut short.
pub(crate) fn lost() -> Error {
    Error::new(Code::Lost, Code::Lost.sentence())
}

/// A delivery has no more attempts than this in its log, cut short ones included.
pub(crate) const MOST_ATTEMPTS: u32 = 65_535;
