//! When an endpoint that keeps failing is disabled: a pure function, as the retry policy is.

use std::num::NonZeroU32;

/// What counts as one failure toward disabling an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureUnit {
    /// A delivery that failed for good, all its retries included.
    Delivery,
    /// Every failed attempt.
    Attempt,
}

/// After how many failures in a row an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthRule {
    limit: Option<NonZeroU32>,
    unit: FailureUnit,
}

/// How many failures in a row an endpoint has, and whether they disabled it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Failures since the last success or the last time the endpoint was enabled.
    pub failures: u32,
    /// Whether the endpoint is disabled.
    pub disabled: bool,
}

/// What an endpoint's health is told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observation {
    /// A delivery succeeded.
    Delivered,
    /// An attempt failed; `last` if no retry follows it.
    AttemptFailed {
        /// Whether the delivery failed for good with this attempt.
        last: bool,
    },
    /// The receiver asked for no more events.
    Refused,
}

impl HealthRule {
    /// Endpoints are never disabled by failures.
    pub fn never() -> Self {
        Self { limit: None, unit: FailureUnit::Delivery }
    }

    /// An endpoint is disabled by `failures` in a row.
    pub fn after(failures: NonZeroU32, unit: FailureUnit) -> Self {
        Self { limit: Some(failures), unit }
    }

    /// How many failures in a row disable, if any number does.
    pub fn limit(&self) -> Option<u32> {
        self.limit.map(NonZeroU32::get)
    }

    /// What is counted.
    pub fn unit(&self) -> FailureUnit {
        self.unit
    }

    /// The health after an observation. An endpoint that is disabled stays so, whatever arrives late; to
    /// enable it is to start again from `Health::default()`. The one step from `disabled: false` to `true`
    /// is the moment to tell the owner.
    pub fn observe(&self, health: Health, observation: Observation) -> Health {
        if health.disabled {
            return health;
        }
        match observation {
            Observation::Delivered => Health::default(),
            Observation::Refused => Health { disabled: true, ..health },
            Observation::AttemptFailed { last: false } if self.unit == FailureUnit::Delivery => health,
            Observation::AttemptFailed { .. } => {
                let failures = health.failures.saturating_add(1);
                Health { failures, disabled: self.limit().is_some_and(|limit| failures >= limit) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LAST: Observation = Observation::AttemptFailed { last: true };
    const NOT_LAST: Observation = Observation::AttemptFailed { last: false };

    fn after(rule: HealthRule, observations: &[Observation]) -> Health {
        observations.iter().fold(Health::default(), |health, seen| rule.observe(health, *seen))
    }

    fn four(unit: FailureUnit) -> HealthRule {
        HealthRule::after(NonZeroU32::new(4).unwrap(), unit)
    }

    #[test]
    fn four_failed_deliveries_in_a_row_disable() {
        let rule = four(FailureUnit::Delivery);
        assert!(!after(rule, &[LAST; 3]).disabled);
        assert!(after(rule, &[LAST; 4]).disabled);
        assert!(!after(rule, &[NOT_LAST; 40]).disabled);
        assert!(!after(rule, &[LAST, LAST, LAST, Observation::Delivered, LAST]).disabled);
    }

    #[test]
    fn attempts_count_where_the_rule_says_so() {
        assert!(after(four(FailureUnit::Attempt), &[NOT_LAST, NOT_LAST, NOT_LAST, LAST]).disabled);
    }

    #[test]
    fn a_refusal_disables_at_once_even_where_failures_never_do() {
        assert!(after(HealthRule::never(), &[Observation::Refused]).disabled);
        assert!(!after(HealthRule::never(), &[LAST; 100]).disabled);
    }

    proptest! {
        #[test]
        fn disabled_is_final_and_comes_no_sooner_than_the_limit(seen in proptest::collection::vec(0..3, 0..50)) {
            let rule = four(FailureUnit::Delivery);
            let mut health = Health::default();
            let mut in_a_row = 0;
            for kind in seen {
                let observation = [Observation::Delivered, NOT_LAST, LAST][kind as usize];
                in_a_row = match observation {
                    Observation::Delivered => 0,
                    LAST => in_a_row + 1,
                    _ => in_a_row,
                };
                let next = rule.observe(health, observation);
                prop_assert!(!health.disabled || next.disabled);
                prop_assert!(health.disabled || next.disabled == (in_a_row >= 4));
                health = next;
            }
        }
    }
}
