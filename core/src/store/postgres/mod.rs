//! The store in a PostgreSQL database, for many processes that share one queue.
//!
//! One connection of a process writes, behind a lock that one thread takes; a few read; one listens. All are made anew
//! when they break. Nothing is claimed in a table: an endpoint has a *lane*, which one process holds for as long as it
//! is heard of, so its memory knows what is in flight, and rates and order hold among all processes. What a process
//! settles for an endpoint whose lane it has lost is not applied.
//!
//! Deliveries that are not terminal have a table of their own, which stays small; what ended lies in tables that are cut
//! into days, which retention drops. Whether a pending delivery is held, or canceled with its endpoint, is seen through
//! the endpoint's row.

mod bulk;
mod cache;
mod control;
mod endpoints;
pub(crate) mod failure;
mod lanes;
mod link;
mod listen;
mod log;
pub(crate) mod options;
mod outcome;
mod read;
mod schema;
mod send;
mod settle;
mod sweep;
#[cfg(test)]
mod tests;
pub(crate) mod tls;
mod tx;
mod value;
mod writer;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use self::lanes::Lanes;
use self::link::{Connector, Driver, Link};
use self::listen::{ANYTHING, Inbox, Listening};
use self::options::Address;
pub use self::options::PostgresOptions;
use self::tx::News;
use self::writer::Writer;
use super::query::{Changes, DeliveryQuery, EndpointQuery, Grant, MessageRef, Stats, Tenure, Usage, Window};
use super::record::{
    AttemptRecord, DeliveryId, DeliveryRecord, Due, EndpointId, EndpointRecord, EndpointSpec, JobId,
    JobRecord, MessageKey, MessageRecord, Notice, OutboxRow, Payload, Ready, SecretRecord,
};
use super::write::{Role, Sweep, Swept, Write, Written};
use super::{Store, Wake};
use crate::encoding::Encoding;
use crate::error::{Code, Error, Result};
use crate::secret;
use crate::timestamp::Millis;

/// A store in a PostgreSQL database (13 or newer), in a schema of its own, which any number of processes share: all may
/// send, and those that deliver share out the endpoints.
///
/// With the url's `sslmode=require` or `verify-full` the server's certificate must be signed for its name by an authority
/// of `sslrootcert`, or a public one if that is not given; `verify-ca` lets it have any name. `prefer`, the default,
/// encrypts where the server offers it, and does not look at the certificate; `disable` does not encrypt.
///
/// Connect to the server itself, or to a pooler that keeps sessions: notifications, prepared statements and settings
/// belong to them.
pub struct PostgresStore {
    connector: Connector,
    writer: Mutex<Option<Writer>>,
    readers: Readers,
    lanes: Mutex<Lanes>,
    /// Asks about lanes, once that is needed. A long commit, or reads that take every place in the pool, must not cost
    /// them.
    keeper: Mutex<Option<Link>>,
    /// Keeps house, while there is something to do.
    sweeper: Mutex<Option<Link>>,
    inbox: Arc<Inbox>,
    listening: Mutex<Option<Listening>>,
    /// Tells our own notifications from others'.
    name: String,
    closed: AtomicBool,
}

impl PostgresStore {
    /// Connects to `postgres://user:password@host:port/database`, and makes the tables or brings them up to date where
    /// that is needed and the role may.
    ///
    /// # Errors
    /// `invalid_argument` for a url or options that make no sense; `store_unavailable` if the database cannot be reached
    /// or does not let the user in; `store_read_only` if the role lacks rights; `store_schema` if the schema is another
    /// program's or needs a newer version.
    pub fn open(url: &str, options: PostgresOptions) -> Result<Self> {
        let driver = Driver::start()?;
        let connector = Connector::new(Address::parse(url, options)?, &driver)?;
        let link = connector.connect()?;
        schema::prepare(&link, &connector.options.schema)?;
        let name = Encoding::Hex.encode(secret::random::<8>()?.as_slice());
        let inbox = Arc::new(Inbox::default());
        let listening = listen::start(&connector, &inbox, name.clone())?;
        Ok(Self {
            writer: Mutex::new(Some(Writer::new(connector.clone(), link))),
            readers: Readers::default(),
            lanes: Mutex::default(),
            keeper: Mutex::default(),
            sweeper: Mutex::default(),
            listening: Mutex::new(Some(listening)),
            inbox,
            name,
            closed: AtomicBool::new(false),
            connector,
        })
    }

    /// What makes the tables in this schema, or brings them up to date, as a text for `psql`: for databases in which the
    /// senders' role may not. May be run again.
    pub fn migrations(schema: &str) -> String {
        schema::script(schema)
    }

    /// The rights that a role needs to send and deliver, as a text for `psql`, to be run after the migrations. A role
    /// that only calls `hookseal_send` needs `USAGE` on the schema and `EXECUTE` on that function.
    pub fn grants(schema: &str, role: &str) -> String {
        schema::grants(schema, role)
    }

    fn writing<T>(&self, write: impl FnOnce(&mut Writer) -> Result<T>) -> Result<T> {
        write(hold(&self.writer).as_mut().ok_or_else(closed)?)
    }

    fn reading<T>(&self, read: impl Fn(&Link) -> Result<T>) -> Result<T> {
        let mut seat = self.readers.take(self.connector.options.pool)?;
        match &seat.link {
            Some(link) => persist(link, read),
            None => persist(seat.link.insert(self.connector.connect()?), read),
        }
    }

    /// Asks about lanes, one question at a time.
    fn with_lanes<T>(&self, ask: impl Fn(&Link) -> Result<T>) -> Result<T> {
        persist(self.connected(&mut hold(&self.keeper))?, ask)
    }

    /// A connection of its own for something, made when it is needed, and anew if it broke.
    fn connected<'l>(&self, link: &'l mut Option<Link>) -> Result<&'l Link> {
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        if link.as_ref().is_none_or(Link::is_broken) {
            // Not two at a time.
            *link = None;
            *link = Some(self.connector.connect()?);
        }
        link.as_ref().ok_or_else(closed)
    }

    /// Tells the others, after a commit, what concerns them. What is lost here they find by looking now and then.
    fn tell(&self, writer: &mut Writer, mut news: News) {
        {
            let lanes = hold(&self.lanes);
            news.due.retain(|endpoint| !lanes.holds(*endpoint));
        }
        if news != News::default()
            && let Ok(link) = writer.link()
        {
            self.say(link, &news.say());
        }
    }

    fn say(&self, link: &Link, words: &str) {
        let said = format!("{} {words}", self.name);
        let told = link.query("SELECT pg_notify($1, $2)", &[&self.connector.options.schema, &said]);
        if let Err(error) = told {
            tracing::debug!(%error, "others could not be told");
        }
    }
}

impl Store for PostgresStore {
    fn commit(&self, batch: &[Write]) -> Result<Vec<Result<Written>>> {
        self.writing(|writer| {
            if batch.is_empty() {
                return Ok(Vec::new());
            }
            let (written, news) = writer.commit(batch)?;
            self.tell(writer, news);
            Ok(written)
        })
    }

    fn found(&self, role: Role, endpoints: &[EndpointSpec], now: Millis) -> Result<()> {
        self.writing(|writer| writer.found(role, endpoints, now))
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn receive_function(&self) -> Option<String> {
        Some(format!("\"{}\".hookseal_receive", self.connector.options.schema))
    }

    fn sweep(&self, sweep: &Sweep) -> Option<Result<Swept>> {
        let mut sweeper = hold(&self.sweeper);
        let mut step = || {
            let link = self.connected(&mut sweeper)?;
            sweep::sweep(link, sweep)
        };
        let swept = step();
        if swept.as_ref().map_or(true, |swept| swept.next.is_none()) {
            *sweeper = None;
        }
        Some(swept)
    }

    fn acquire(&self) -> Result<Option<Grant>> {
        self.writing(|writer| {
            if hold(&self.lanes).is_granted() {
                return Ok(None);
            }
            let heard = Instant::now();
            let grant = lanes::join(writer.link()?, &self.connector)?;
            hold(&self.lanes).begin(grant, lanes::tenure(heard, self.connector.options.lease));
            Ok(Some(grant))
        })
    }

    fn release(&self, grant: Grant) -> Result<()> {
        self.writing(|writer| {
            let link = writer.link()?;
            if hold(&self.lanes).end(grant) && lanes::leave(link, grant)? {
                self.say(link, ANYTHING);
            }
            Ok(())
        })
    }

    fn changes(&self) -> Result<Changes> {
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        Ok(self.inbox.take())
    }

    fn wake(&self, wake: Wake) -> bool {
        self.inbox.wake_by(wake);
        true
    }

    fn holds(&self, endpoint: EndpointId) -> bool {
        hold(&self.lanes).holds(endpoint)
    }

    fn take(&self, grant: Grant, endpoints: &[EndpointId]) -> Result<Vec<EndpointId>> {
        if endpoints.is_empty() {
            return Ok(Vec::new());
        }
        self.with_lanes(|link| {
            let ours = lanes::take(link, grant, endpoints)?;
            Ok(hold(&self.lanes).took(grant, ours))
        })
    }

    fn keep(&self, grant: Grant) -> Result<Tenure> {
        self.with_lanes(|link| {
            if hold(&self.lanes).grant() != Some(grant) {
                return Ok(Tenure::default());
            }
            let until = lanes::tenure(Instant::now(), self.connector.options.lease);
            let kept = lanes::keep(link, &self.connector, grant)?;
            Ok(hold(&self.lanes).kept(grant, kept, until))
        })
    }

    fn hand_over(&self, grant: Grant, endpoints: &[EndpointId]) -> Result<()> {
        self.with_lanes(|link| {
            // Not attempted any more from before it may be another's.
            hold(&self.lanes).handed_over(grant, endpoints);
            let given = lanes::hand_over(link, grant, endpoints)?;
            if !given.is_empty() {
                let news = News { due: given.into_iter().collect(), ..News::default() };
                self.say(link, &news.say());
            }
            Ok(())
        })
    }

    fn ready(&self, after: Option<EndpointId>, limit: usize) -> Result<Vec<Ready>> {
        self.reading(|link| read::ready(link, after, limit))
    }

    fn due(&self, endpoint: EndpointId, window: Window, limit: usize) -> Result<Vec<Due>> {
        self.reading(|link| read::due(link, endpoint, window, limit))
    }

    fn next_due(&self) -> Result<Option<Millis>> {
        self.reading(read::next_due)
    }

    fn payloads(&self, messages: &[MessageKey]) -> Result<Vec<Option<Payload>>> {
        self.reading(|link| read::payloads(link, messages))
    }

    fn endpoint(&self, id: EndpointId) -> Result<Option<EndpointRecord>> {
        self.reading(|link| endpoints::endpoint(link, id))
    }

    fn endpoints(
        &self,
        query: &EndpointQuery,
        after: Option<EndpointId>,
        limit: usize,
    ) -> Result<Vec<EndpointRecord>> {
        self.reading(|link| endpoints::endpoints(link, query, after, limit))
    }

    fn secrets(&self, endpoint: EndpointId) -> Result<Vec<SecretRecord>> {
        self.reading(|link| endpoints::secrets(link, endpoint))
    }

    fn message(&self, message: MessageRef<'_>) -> Result<Option<MessageRecord>> {
        self.reading(|link| read::message(link, message))
    }

    fn delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRecord>> {
        self.reading(|link| log::delivery(link, id))
    }

    fn deliveries(
        &self,
        query: &DeliveryQuery,
        before: Option<DeliveryId>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>> {
        self.reading(|link| log::deliveries(link, query, before, limit))
    }

    fn attempts(&self, delivery: DeliveryId) -> Result<Vec<AttemptRecord>> {
        self.reading(|link| log::attempts(link, delivery))
    }

    fn notices(&self, after: i64, limit: usize) -> Result<Vec<Notice>> {
        self.reading(|link| read::notices(link, after, limit))
    }

    fn job(&self, id: JobId) -> Result<Option<JobRecord>> {
        self.reading(|link| control::job(link, id))
    }

    fn open_jobs(&self) -> Result<Vec<JobRecord>> {
        self.reading(control::open_jobs)
    }

    fn outbox(&self, limit: usize) -> Result<Vec<OutboxRow>> {
        let (grant, held) = {
            let lanes = hold(&self.lanes);
            (lanes.grant(), lanes.holds(lanes::OUTBOX))
        };
        let held = match grant {
            Some(grant) if !held => !self.take(grant, &[lanes::OUTBOX])?.is_empty(),
            _ => held,
        };
        if !held {
            return if self.closed.load(Ordering::Acquire) { Err(closed()) } else { Ok(Vec::new()) };
        }
        self.reading(|link| read::outbox(link, limit))
    }

    fn usage(&self, tenant: Option<&str>, since: Millis, until: Millis) -> Result<Usage> {
        self.reading(|link| read::usage(link, tenant, since, until))
    }

    fn stats(&self) -> Result<Stats> {
        self.reading(read::stats)
    }

    fn close(&self) -> Result<()> {
        self.closed.store(true, Ordering::Release);
        drop(hold(&self.listening).take());
        self.readers.close();
        drop(hold(&self.keeper).take());
        drop(hold(&self.sweeper).take());
        let Some(mut writer) = hold(&self.writer).take() else { return Ok(()) };
        let grant = hold(&self.lanes).grant();
        let Some(grant) = grant else { return Ok(()) };
        hold(&self.lanes).end(grant);
        let link = writer.link()?;
        if lanes::leave(link, grant)? {
            self.say(link, ANYTHING);
        }
        Ok(())
    }
}

impl Drop for PostgresStore {
    /// Gives the lanes back without waiting for it; if that fails, they are free when the lease is over.
    fn drop(&mut self) {
        let grant = hold(&self.lanes).grant();
        let link = hold(&self.writer).take().and_then(Writer::into_link);
        if let (Some(grant), Some(link)) = (grant, link) {
            let said = format!("{} {ANYTHING}", self.name);
            let schema = self.connector.options.schema.clone();
            self.connector.spawn(async move {
                link.farewell(grant.epoch, &schema, &said).await;
            });
        }
    }
}

/// The connections that read.
#[derive(Default)]
struct Readers {
    state: Mutex<Pool>,
    freed: Condvar,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Link>,
    /// How many are idle or used.
    count: usize,
    closed: bool,
}

/// A place among those that read. Its connection goes back with it, unless it broke.
struct Seat<'r> {
    readers: &'r Readers,
    /// None was idle: one may be made.
    link: Option<Link>,
}

impl Readers {
    /// Waits while all are used.
    fn take(&self, most: usize) -> Result<Seat<'_>> {
        let mut pool = hold(&self.state);
        loop {
            if pool.closed {
                return Err(closed());
            }
            while let Some(link) = pool.idle.pop() {
                if !link.is_broken() {
                    return Ok(Seat { readers: self, link: Some(link) });
                }
                pool.count -= 1;
            }
            if pool.count < most {
                pool.count += 1;
                return Ok(Seat { readers: self, link: None });
            }
            pool = self.freed.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn close(&self) {
        let mut pool = hold(&self.state);
        pool.closed = true;
        pool.count -= pool.idle.len();
        pool.idle.clear();
        drop(pool);
        self.freed.notify_all();
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut pool = hold(&self.readers.state);
        match self.link.take() {
            Some(link) if !pool.closed && !link.is_broken() => pool.idle.push(link),
            _ => pool.count -= 1,
        }
        drop(pool);
        self.readers.freed.notify_one();
    }
}

/// What a panic left behind is whole: transactions are rolled back, and caches forgotten with them.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks again if that failed only because the question and somebody who cuts a day waited for each other.
fn persist<T>(link: &Link, ask: impl Fn(&Link) -> Result<T>) -> Result<T> {
    let mut tries = 0;
    loop {
        let answer = ask(link);
        tries += 1;
        if answer.is_ok() || !link.take_passing() || tries >= writer::MOST_TRIES {
            return answer;
        }
    }
}

fn closed() -> Error {
    Error::new(Code::Closed, "The store was closed.")
}
