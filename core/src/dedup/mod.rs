//! Each event handled once: an atomic claim on it, which its holder turns into *done*, or gives back.
//!
//! A claim has two phases, because a process may die while it handles an event: until it is done it holds for a lease
//! only. Who claims, and who still may say that it is done, is decided in the store by one statement each, which compare
//! tokens: a holder that slept through the end of its lease cannot overwrite what its successor did.
//!
//! Leases are counted by the clock of the store. If that is set back, a lease would last for longer than it was meant
//! to, so whoever asks for an event and finds more left than the whole lease has it begin anew.

mod claim;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod driver;
mod key;
mod memory;
mod options;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod server;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;

use std::fmt;
use std::sync::Arc;

pub use self::claim::Claim;
pub use self::options::DeduplicatorOptions;

use self::store::{Act, Answer, Op, Store};
use crate::error::{Code, Error, Result};
use crate::event::Event;

/// Tells events that were handled before, or are being handled, from new ones: in a store that all who receive share.
///
/// To clone it costs nothing. It works within any runtime, and its threads are its own.
#[derive(Clone)]
pub struct Deduplicator(Arc<Inner>);

struct Inner {
    store: Store,
    options: DeduplicatorOptions,
}

impl Deduplicator {
    /// Opens a store: `memory:` for one process, which forgets; `sqlite:path` for the processes of one machine;
    /// `postgres://user:password@host/database`, `redis://host/0` and `rediss://host/0` (with TLS) for any number of
    /// machines. The thread waits until a server has answered.
    ///
    /// Parameters of the url: with PostgreSQL `hookseal_schema` (`hookseal_dedup`, a schema of its own),
    /// `hookseal_pool` (4) and those of libpq such as `sslmode`; with Redis `hookseal_prefix` (`hookseal:`), which all
    /// keys begin with, and `sslrootcert`, a file of certificates to trust instead of the public ones.
    ///
    /// # Errors
    /// `invalid_argument` for urls and options that make no sense, and stores whose feature is off; `store_unavailable`,
    /// `store_locked`, `store_read_only`, `store_full`, `store_corrupt`, `store_schema`.
    pub fn open(url: &str, options: DeduplicatorOptions) -> Result<Self> {
        let options = options.check()?;
        let store = Store::open(url, &options)?;
        Ok(Self(Arc::new(Inner { store, options })))
    }

    /// Claims an event for the caller alone, by its id or, where its provider gives none, by its body. What comes of
    /// it is told to the claim: [`done`](Claim::done), or [`release`](Claim::release), which is also what happens
    /// when the claim is dropped.
    ///
    /// # Errors
    /// `duplicate_event` if it was done before: answer 2xx. `event_in_progress` if somebody else has claimed it and is
    /// not done: answer 503 with the error's [`retry_after`](Error::retry_after), so that the provider comes back.
    /// Errors of the store, in which case nothing is known: `store_full` also where all of a `memory:` is in progress.
    pub async fn claim<B: AsRef<[u8]>>(&self, event: &Event<B>) -> Result<Claim> {
        let options = &self.0.options;
        let (key, keep) = (key::of(&options.namespace, event), options.keep(event.origin()));
        let claim = Claim::new(Arc::clone(&self.0), key, key::token()?, keep);
        let act = Act::Claim { lease: options.lease };
        let (answer, claim) = self.0.store.claim(Op { act, ..claim.op() }, claim).await?;
        match answer {
            Answer::Yes => Ok(claim),
            Answer::Done => {
                claim.forget();
                Err(Error::new(Code::DuplicateEvent, "This event was received, and handled, before."))
            }
            Answer::Held(left) => {
                claim.forget();
                Err(Error::new(
                    Code::EventInProgress,
                    "This event is being handled at this moment: ask for it again later.",
                )
                .with_retry_after(left))
            }
        }
    }

    /// How it was set up.
    pub fn options(&self) -> &DeduplicatorOptions {
        &self.0.options
    }

    /// Closes files and connections, when what was asked for is written. Claims that are held end with their leases.
    /// What is asked for later is refused with `closed`.
    pub async fn close(&self) {
        self.0.store.close().await;
    }
}

impl fmt::Debug for Deduplicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Deduplicator({})", self.0.store.name())
    }
}

fn closed() -> Error {
    Error::new(Code::Closed, "The deduplicator was closed.")
}
