//! Connections that wait for their next request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::time::Instant;

use super::connection::Connection;

/// The idle connections of one policy, by origin.
#[derive(Default)]
pub(crate) struct Pool {
    idle: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    /// Of each origin, the one that waits longest first.
    by_origin: HashMap<String, Vec<(Instant, Connection)>>,
    /// Whether somebody closes what has waited too long.
    tended: bool,
}

impl Pool {
    /// The one that came back last: it is the least likely to be closed by its peer.
    pub(crate) fn take(&self, origin: &str) -> Option<Connection> {
        let mut idle = self.idle();
        let waiting = idle.by_origin.get_mut(origin)?;
        let (since, connection) = waiting.pop()?;
        (since.elapsed() < LONGEST_IDLE).then_some(connection)
    }

    /// Keeps a connection for a while.
    pub(crate) fn put(self: &Arc<Self>, origin: &str, connection: Connection) {
        let mut idle = self.idle();
        match idle.by_origin.get_mut(origin) {
            Some(waiting) if waiting.len() >= MOST_IDLE => return,
            Some(waiting) => waiting.push((Instant::now(), connection)),
            None => drop(idle.by_origin.insert(origin.to_owned(), vec![(Instant::now(), connection)])),
        }
        if !std::mem::replace(&mut idle.tended, true) {
            tokio::spawn(tend(Arc::downgrade(self)));
        }
    }

    /// Closes what has waited too long. False if nothing is left.
    fn sweep(&self) -> bool {
        let mut idle = self.idle();
        let mut closed = Vec::new();
        idle.by_origin.retain(|_, waiting| {
            let fresh = waiting.partition_point(|(since, _)| since.elapsed() >= LONGEST_IDLE);
            closed.extend(waiting.drain(..fresh));
            !waiting.is_empty()
        });
        idle.tended = !idle.by_origin.is_empty();
        let left = idle.tended;
        // Closing takes system calls, and nobody shall wait for them.
        drop(idle);
        drop(closed);
        left
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs as long as there are idle connections.
async fn tend(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(BETWEEN_SWEEPS).await;
        if !pool.upgrade().is_some_and(|pool| pool.sweep()) {
            return;
        }
    }
}

/// As many as a sender has requests on their way by default: events come in bursts, and what is kept no longer than
/// four seconds costs less than another handshake.
const MOST_IDLE: usize = 256;
/// Node.js and uvicorn close connections that were idle for five seconds. A connection that closes just as a
/// request leaves costs an attempt, and some policies have only one; so we hang up first.
const LONGEST_IDLE: Duration = Duration::from_secs(4);
const BETWEEN_SWEEPS: Duration = Duration::from_millis(500);
