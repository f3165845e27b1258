//! Time and chance, which tests bring themselves.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::timestamp::{self, Millis};

/// Where a sender gets the time and its randomness from.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    chance: Arc<dyn Fn() -> f64 + Send + Sync>,
}

impl Clock {
    /// The system's.
    pub fn system() -> Self {
        Self::new(SystemTime::now)
    }

    /// A clock that tells this time.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), chance: Arc::new(chance) }
    }

    /// Picks by this number between 0 and 1 within the jitter of retries.
    pub fn with_chance(self, chance: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        Self { chance: Arc::new(chance), ..self }
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.now)()
    }

    pub(crate) fn millis(&self) -> Millis {
        timestamp::from_system(self.now())
    }

    pub(crate) fn chance(&self) -> f64 {
        (self.chance)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Without randomness to be had, retries come as early as they may.
fn chance() -> f64 {
    getrandom::u32().map_or(0.0, |random| f64::from(random) / f64::from(u32::MAX))
}
