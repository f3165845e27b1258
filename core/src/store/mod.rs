//! Where a sender keeps its messages and deliveries. The store is the queue: there is no second one.
//!
//! [`Store`] says what must hold; [`MemoryStore`] is the plainest code that does it, and forgets all when it is
//! dropped; `SqliteStore` (feature `sqlite`) does it in a file that several processes may share, and `PostgresStore`
//! (feature `postgres`) in a database, where they share the work too. One suite of tests runs on all of them.

mod filter;
mod memory;
mod open;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod query;
mod record;
mod rules;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
mod write;

pub use filter::EventFilter;
pub use memory::MemoryStore;
pub(crate) use open::open;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresOptions, PostgresStore};
pub use query::{Changes, DeliveryQuery, EndpointQuery, Grant, MessageRef, Stats, Tenure, Usage, Window};
pub use record::{
    AttemptRecord, DeliveryId, DeliveryRecord, DeliveryState, DisableReason, Due, EndpointId, EndpointRecord,
    EndpointSpec, EndpointStatus, Fresh, JobId, JobRecord, MessageKey, MessageRecord, Notice, NoticeKind,
    OutboxRow, Payload, Ready, SecretRecord, Trigger,
};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
pub use write::{
    NewJob, NewMessage, Recipients, Retention, Role, Sent, Settle, Settled, Sweep, SweepCursor, Swept,
    Verdict, Write, Written,
};

use crate::error::Result;
use crate::timestamp::Millis;

/// Called to wake whoever asks a store for [`changes`](Store::changes).
pub type Wake = std::sync::Arc<dyn Fn() + Send + Sync>;

/// A durable store of messages and deliveries.
///
/// Blocking, and called from any thread: one writes, others read, and readers never wait for the writer. Time and
/// policy come from the caller, so that all stores do the same. What must hold:
///
/// 1. A batch of writes is one transaction. When [`commit`](Self::commit) returns, it is durable if any of its
///    writes [needs that](Write::needs_sync), and safe from the death of the process in any case.
/// 2. A message, its deliveries, its id and the end of its outbox row become visible together or not at all. Who
///    gets it is decided then. The same id with the same digest is the first message again, and writes nothing;
///    with another digest it is a `conflict`.
/// 3. Id and body never change. A body is stored once, however many endpoints get it.
/// 4. Only deliveries of active endpoints are [`due`](Self::due) or [`ready`](Self::ready). A pending delivery
///    leaves that set only by a write: settled for good, canceled, or held with its endpoint.
/// 5. An attempt is settled at most once, in the order of its number, and only under the epoch of the present
///    [`Grant`]; attempt, state, health, usage and notices change together.
/// 6. Terminal is terminal: to deliver once more is a new delivery, made by hand, that counts for nothing.
/// 7. An endpoint is disabled once, and there is one notice of it. Attempts begun before it was enabled do not
///    count for its health.
/// 8. A success is paid for once per delivery of an event, and nothing else is.
/// 9. Notices stay until they are acknowledged.
/// 10. Ids grow and are never used again.
/// 11. Of the deliveries to an endpoint that have the same [order](Recipients::Only), only the first that is not terminal
///     is due. Which is first is decided by their ids.
/// 12. A delivery of which an attempt [began](Write::Begin) says so until that is settled.
///
/// Where several processes dispatch from one store at a time, they share out the endpoints: whoever has an endpoint's
/// *lane* is the only one who attempts its deliveries, so that order, rates and concurrency hold across all of them.
/// A store with one dispatcher gives it every lane, which is what the defaults of [`holds`](Self::holds),
/// [`take`](Self::take), [`keep`](Self::keep) and [`hand_over`](Self::hand_over) do.
pub trait Store: Send + Sync {
    /// Applies a batch, in order. The outer error means that nothing was written; an inner one that this write
    /// was not, though the others were.
    fn commit(&self, batch: &[Write]) -> Result<Vec<Result<Written>>>;

    /// Makes the store this one's, with these endpoints, unless it is that already. Several processes may do so at once.
    /// `store_schema` if it is another's.
    fn found(&self, role: Role, endpoints: &[EndpointSpec], now: Millis) -> Result<()>;

    /// Whether several processes dispatch from it at a time.
    fn is_shared(&self) -> bool {
        false
    }

    /// The SQL function by which an inbox's event is stored in a transaction of somebody's own, where there is one.
    fn receive_function(&self) -> Option<String> {
        None
    }

    /// Whether this is the store in that file. One that is in no file is in none.
    fn is_file(&self, path: &std::path::Path) -> bool {
        let _ = path;
        false
    }

    /// Takes a step of housekeeping beside the writer, so that commits need not wait for it. `None` where it can only be
    /// a [write](Write::Sweep) among others.
    fn sweep(&self, sweep: &Sweep) -> Option<Result<Swept>> {
        let _ = sweep;
        None
    }

    /// The right to dispatch, if nobody else has it, or if several may. It lasts until [`release`](Self::release), or until the
    /// store is dropped or its process dies; then the next one who asks gets it.
    fn acquire(&self) -> Result<Option<Grant>>;

    /// Gives the right back.
    fn release(&self, grant: Grant) -> Result<()>;

    /// What somebody else has written since this was last asked: another process, or a program that filled the
    /// outbox. Cheap enough to ask twenty times a second.
    fn changes(&self) -> Result<Changes>;

    /// Has `wake` called, from any thread, soon after somebody else has written, or has let go of the right to
    /// dispatch. False if the store cannot tell by itself, so that [`changes`](Self::changes) has to be asked again
    /// and again. Spurious calls are allowed. What happened before is told by `changes`, to be asked once after this.
    ///
    /// Lasts until the store is closed or dropped, which `wake` must not prevent by holding on to it, or until this
    /// is called again: one is called at a time.
    fn wake(&self, wake: Wake) -> bool {
        let _ = wake;
        false
    }

    /// Whether the holder of the grant has this endpoint's lane. Costs next to nothing.
    fn holds(&self, endpoint: EndpointId) -> bool {
        let _ = endpoint;
        true
    }

    /// Takes the lanes of these endpoints, as far as nobody else has them and this dispatcher has no more than its
    /// share. Gives those that it has now, or had before.
    fn take(&self, grant: Grant, endpoints: &[EndpointId]) -> Result<Vec<EndpointId>> {
        let _ = grant;
        Ok(endpoints.to_vec())
    }

    /// Keeps the lanes for a while longer, and says which ones are lost or wanted by others. To be called well
    /// before the last [`Tenure`] ends; nothing may be attempted after it.
    fn keep(&self, grant: Grant) -> Result<Tenure> {
        let _ = grant;
        Ok(Tenure::default())
    }

    /// Gives these lanes back, when no attempt of theirs is on its way or unsettled.
    fn hand_over(&self, grant: Grant, endpoints: &[EndpointId]) -> Result<()> {
        let _ = (grant, endpoints);
        Ok(())
    }

    /// Active endpoints behind `after` that have pending deliveries, in the order of their ids. The cost grows
    /// with the endpoints, not with the deliveries.
    fn ready(&self, after: Option<EndpointId>, limit: usize) -> Result<Vec<Ready>>;

    /// Pending deliveries of an endpoint; none if it is not active.
    fn due(&self, endpoint: EndpointId, window: Window, limit: usize) -> Result<Vec<Due>>;

    /// When the first pending delivery of all is due.
    fn next_due(&self) -> Result<Option<Millis>> {
        const PAGE: usize = 1024;
        let (mut first, mut after) = (None::<Millis>, None);
        loop {
            let page = self.ready(after, PAGE)?;
            let earliest = page.iter().map(|ready| ready.due).min();
            first = first.into_iter().chain(earliest).min();
            after = page.last().map(|ready| ready.endpoint);
            if page.len() < PAGE {
                return Ok(first);
            }
        }
    }

    /// What to send for these messages, in the same order; `None` where there is no body any more.
    fn payloads(&self, messages: &[MessageKey]) -> Result<Vec<Option<Payload>>>;

    /// An endpoint, if there is one.
    fn endpoint(&self, id: EndpointId) -> Result<Option<EndpointRecord>>;

    /// Endpoints behind `after`, in the order of their ids.
    fn endpoints(
        &self,
        query: &EndpointQuery,
        after: Option<EndpointId>,
        limit: usize,
    ) -> Result<Vec<EndpointRecord>>;

    /// An endpoint's keys, newest first; none if it does not exist.
    fn secrets(&self, endpoint: EndpointId) -> Result<Vec<SecretRecord>>;

    /// A message, if there is one.
    fn message(&self, message: MessageRef<'_>) -> Result<Option<MessageRecord>>;

    /// A delivery, if there is one.
    fn delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRecord>>;

    /// Deliveries before `before`, newest first.
    fn deliveries(
        &self,
        query: &DeliveryQuery,
        before: Option<DeliveryId>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>>;

    /// A delivery's attempts, in order.
    fn attempts(&self, delivery: DeliveryId) -> Result<Vec<AttemptRecord>>;

    /// Notices behind `after`, in order.
    fn notices(&self, after: i64, limit: usize) -> Result<Vec<Notice>>;

    /// A job, if there is one.
    fn job(&self, id: JobId) -> Result<Option<JobRecord>>;

    /// The jobs that are not done.
    fn open_jobs(&self) -> Result<Vec<JobRecord>>;

    /// The outbox's oldest rows that were not rejected; none where another dispatcher is about to take them.
    fn outbox(&self, limit: usize) -> Result<Vec<OutboxRow>>;

    /// What was counted from `since` until before `until`, of one tenant or of all.
    fn usage(&self, tenant: Option<&str>, since: Millis, until: Millis) -> Result<Usage>;

    /// How much there is.
    fn stats(&self) -> Result<Stats>;

    /// Brings all that was written to disk and gives the right to dispatch back. The store cannot be used after.
    fn close(&self) -> Result<()>;
}
