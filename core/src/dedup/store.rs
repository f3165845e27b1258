//! What a store is asked, and which stores there are.

use std::time::Duration;

use super::DeduplicatorOptions;
use super::claim::Claim;
use super::key::{Key, Token};
use super::memory::Memory;
#[cfg(feature = "postgres")]
use super::postgres::Postgres;
#[cfg(feature = "redis")]
use super::redis::Redis;
#[cfg(feature = "sqlite")]
use super::sqlite::Sqlite;
use crate::error::{Error, Result};

/// One question about one event, by whoever has this token. To ask it twice does no harm: where a connection broke
/// before the answer came, it is asked again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Op {
    pub(super) key: Key,
    pub(super) token: Token,
    pub(super) act: Act,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// Takes it if nobody has it: nobody ever had, or the lease or the time to keep it is over.
    Claim { lease: Duration },
    /// Has the lease begin anew. Where it is over and nobody came since, it is ours again.
    Extend { lease: Duration },
    /// It need not be handled again; also when the lease is over and nobody came since.
    Done { keep: Duration },
    /// Lets others have it, if it is ours and not done.
    Release,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// As you say.
    Yes,
    /// It was done before.
    Done,
    /// Somebody else has it, for so long unless the lease is extended.
    Held(Duration),
}

pub(super) enum Store {
    Memory(Memory),
    #[cfg(feature = "sqlite")]
    Sqlite(Sqlite),
    #[cfg(feature = "postgres")]
    Postgres(Postgres),
    #[cfg(feature = "redis")]
    Redis(Redis),
}

impl Store {
    pub(super) fn open(url: &str, options: &DeduplicatorOptions) -> Result<Self> {
        let (scheme, rest) = url.split_once(':').ok_or_else(unknown)?;
        match scheme {
            "memory" if rest.is_empty() => Ok(Self::Memory(Memory::new(options.capacity))),
            #[cfg(feature = "sqlite")]
            "sqlite" if !rest.is_empty() => Sqlite::open(rest.as_ref()).map(Self::Sqlite),
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => Postgres::at(url).map(Self::Postgres),
            #[cfg(feature = "redis")]
            "redis" | "rediss" => Redis::at(url).map(Self::Redis),
            _ => Err(unknown()),
        }
    }

    /// The claim goes where the question goes: if nobody waits for the answer any more, or nobody knows it, the claim is
    /// released behind it.
    pub(super) async fn claim(&self, op: Op, claim: Claim) -> Result<(Answer, Claim)> {
        match self {
            Self::Memory(store) => Ok((store.run(op)?, claim)),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => Ok((store.run(op).await?, claim)),
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.claim(op, claim).await,
            #[cfg(feature = "redis")]
            Self::Redis(store) => store.claim(op, claim).await,
        }
    }

    pub(super) async fn run(&self, op: Op) -> Result<Answer> {
        match self {
            Self::Memory(store) => store.run(op),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => store.run(op).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.run(op).await,
            #[cfg(feature = "redis")]
            Self::Redis(store) => store.run(op).await,
        }
    }

    /// Asks, and waits for no answer.
    pub(super) fn tell(&self, op: Op) {
        match self {
            Self::Memory(store) => drop(store.run(op)),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => store.tell(op),
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.tell(op),
            #[cfg(feature = "redis")]
            Self::Redis(store) => store.tell(op),
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Memory(store) => store.close(),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => store.close().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.close().await,
            #[cfg(feature = "redis")]
            Self::Redis(store) => store.close().await,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Memory(_) => "memory",
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => "sqlite",
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => "postgres",
            #[cfg(feature = "redis")]
            Self::Redis(_) => "redis",
        }
    }
}

/// Milliseconds, in which stores count.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "redis"))]
pub(super) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "redis"))]
pub(super) fn duration(millis: i64) -> Duration {
    Duration::from_millis(millis.max(0).unsigned_abs())
}

fn unknown() -> Error {
    let stores = [
        Some("\"memory:\""),
        cfg!(feature = "sqlite").then_some("\"sqlite:path\""),
        cfg!(feature = "postgres").then_some("\"postgres://user:password@host/database\""),
        cfg!(feature = "redis").then_some("\"redis://host/0\", \"rediss://host/0\""),
    ];
    let stores: Vec<_> = stores.into_iter().flatten().collect();
    Error::argument(format!("The url of a deduplicator is one of {}.", stores.join(", ")))
}
