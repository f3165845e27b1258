//! A request that is examined: what it is like with something changed, and how much that may cost.

use std::cell::Cell;

use crate::explain::ExplainOptions;
use crate::explain::framework::{Framework, RAW_BODY};
use crate::explain::seen::Seen;
use crate::lookup::Wanted;
use crate::scheme::{Candidates, Scheme};
use crate::webhook::{RingKey, VerifyOptions, Webhook, find_key};

/// A request that did not verify.
pub(crate) struct Case<'c> {
    pub(crate) webhook: &'c Webhook,
    pub(crate) body: &'c [u8],
    pub(crate) seen: Seen,
    pub(crate) options: &'c ExplainOptions<'c>,
    budget: Budget,
}

/// A request as it may have been when it was signed. The question is always the same one: would `verify` accept it?
pub(crate) struct Trial<'t> {
    pub(crate) scheme: &'t Scheme,
    pub(crate) keys: &'t [RingKey],
    pub(crate) body: &'t [u8],
    pub(crate) headers: &'t [(Vec<u8>, Vec<u8>)],
    pub(crate) url: Option<&'t str>,
    pub(crate) method: Option<&'t str>,
}

/// What may still be spent: whoever floods a receiver with forgeries must not be able to keep it busy.
struct Budget {
    macs: Cell<usize>,
    bytes: Cell<usize>,
}

impl<'c> Case<'c> {
    pub(crate) fn new(
        webhook: &'c Webhook,
        body: &'c [u8],
        seen: Seen,
        options: &'c ExplainOptions<'c>,
    ) -> Self {
        let budget = Budget { macs: Cell::new(MOST_MACS), bytes: Cell::new(MOST_BYTES) };
        Self { webhook, body, seen, options, budget }
    }

    /// Whether the request verifies with something changed, by any of the webhook's keys.
    pub(crate) fn fits<'t>(&'t self, change: impl Fn(&mut Trial<'t>)) -> bool {
        let webhook: &'t Webhook = self.webhook;
        webhook.rings().any(|(scheme, keys)| {
            let mut trial = self.trial(scheme, keys);
            change(&mut trial);
            self.holds(&trial)
        })
    }

    /// The request as it came, by this scheme and these keys.
    pub(crate) fn trial<'t>(&'t self, scheme: &'t Scheme, keys: &'t [RingKey]) -> Trial<'t> {
        Trial {
            scheme,
            keys,
            body: self.body,
            headers: self.seen.lines(),
            url: self.options.url,
            method: self.options.method,
        }
    }

    /// Whether the signature of a trial is right. Once the budget is spent, none is.
    pub(crate) fn holds(&self, trial: &Trial<'_>) -> bool {
        let mut wanted = Wanted::default();
        trial.scheme.want(&mut wanted);
        let Ok(lines) = wanted.pick(trial.headers) else {
            return false;
        };
        let mut candidates = Candidates::default();
        if trial.scheme.find_candidates(&lines, &mut candidates).is_err() {
            return false;
        }
        // The other algorithms read the message once more for each signature.
        let rounds = if trial.scheme.key.is_symmetric() { 1 } else { 2 * candidates.as_slice().len().max(1) };
        let macs = trial.keys.len() * rounds;
        if !self.budget.spend(macs, trial.body.len()) {
            return false;
        }
        let options = VerifyOptions { url: trial.url, method: trial.method, now: None };
        find_key(trial.keys, trial.scheme, trial.body, &lines, &options).is_ok()
    }

    /// Whether the body is small enough to be changed and tried.
    pub(crate) fn may_change_body(&self) -> bool {
        self.body.len() <= LONGEST_BODY
    }

    /// Whether there is a scheme by which the body is signed at all.
    pub(crate) fn signs_body(&self) -> bool {
        self.webhook.rings().any(|(scheme, _)| scheme.covers_body())
    }

    /// How to get the raw body in the developer's framework.
    pub(crate) fn raw_body(&self) -> &'static str {
        self.options.framework.map_or(RAW_BODY, Framework::raw_body)
    }
}

impl Budget {
    fn spend(&self, macs: usize, body: usize) -> bool {
        let (Some(macs_left), Some(bytes_left)) =
            (self.macs.get().checked_sub(macs), self.bytes.get().checked_sub(macs.saturating_mul(body)))
        else {
            return false;
        };
        self.macs.set(macs_left);
        self.bytes.set(bytes_left);
        true
    }
}

/// Variations of longer bodies are not tried.
pub(crate) const LONGEST_BODY: usize = 1024 * 1024;
/// How often something is hashed for one explanation.
pub(crate) const MOST_MACS: usize = 256;
/// How many bytes of bodies are hashed for one explanation.
const MOST_BYTES: usize = 64 * 1024 * 1024;
