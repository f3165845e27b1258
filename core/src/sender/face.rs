//! The sender as its users see it.

use std::fmt;
#[cfg(feature = "sqlite")]
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use tracing::Instrument as _;

use super::carrier::HttpCarrier;
use super::compose::NewMessage;
use super::deliveries::Deliveries;
use super::endpoints::Endpoints;
use super::messages::{Message, Messages};
use super::options::SenderOptions;
use super::seal::Sealer;
use super::span;
use super::stats::Stats;
use crate::error::Result;
use crate::event::Event;
use crate::provider::Provider;
use crate::queue::Notices;
use crate::queue::engine::{Engine, Parts, strange};
use crate::queue::lifecycle::{GRACE, Running};
use crate::queue::work::Parcel;
use crate::store::{self, Role, Store, Usage, Written};
#[cfg(feature = "sqlite")]
use crate::store::{Recipients, SqliteStore};
use crate::timestamp;

/// Sends events durably: what [`send`](Self::send) returned for is delivered, whatever happens to the process.
///
/// Clones share one sender. It delivers in the background once it is [started](Self::start); several processes
/// may open one file, all of them may send, and one of them delivers.
#[derive(Clone)]
pub struct Sender {
    pub(super) inner: Arc<Inner>,
}

/// What an event may be given besides its type and data.
#[derive(Clone, Copy, Debug, Default)]
pub struct SendOptions<'o> {
    /// The id; a random one if none is given. The same id again is the first message again, or a `conflict` if
    /// its type or data are others.
    pub id: Option<&'o str>,
    /// Whose it is. It goes to this tenant's endpoints and to those of none.
    pub tenant: Option<&'o str>,
    /// When it happened; now if nothing is given.
    pub timestamp: Option<SystemTime>,
}

pub(super) struct Inner {
    running: Running,
    post: Post,
}

/// The queue, and what is the sender's own beside it.
pub(crate) struct Post {
    pub(crate) engine: Arc<Engine>,
    pub(crate) carrier: Arc<HttpCarrier>,
}

impl Sender {
    /// Opens the store at `sqlite:path` or `postgres://user:password@host/database`, or a new one in `memory:`.
    ///
    /// # Errors
    /// `invalid_argument` for another url or for options that make no sense; for a file that is locked,
    /// damaged, not writable or another program's, a code that starts with `store_`; `invalid_secret` if its
    /// secrets were sealed and the key is missing or another.
    pub fn open(url: &str, options: SenderOptions) -> Result<Self> {
        let store = store::open(url, None)?;
        Self::with_store(store, options)
    }

    /// A sender on a store of one's own.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn with_store(store: Arc<dyn Store>, options: SenderOptions) -> Result<Self> {
        let client = options.client()?;
        let sealer = Sealer::new(options.key.as_ref());
        store.found(Role::Sender, &[], options.clock.millis())?;
        check_key(&*store, &sealer)?;
        let carrier = Arc::new(HttpCarrier {
            provider: options.provider,
            client,
            sealer,
            strict_events: options.strict_events,
            max_body: options.max_body,
        });
        let running = Running::new(Parts {
            store,
            carrier: Arc::<HttpCarrier>::clone(&carrier),
            clock: options.clock,
            retention: options.retention,
            concurrency: options.concurrency,
        })?;
        let post = Post { engine: Arc::clone(&running.engine), carrier };
        Ok(Self { inner: Arc::new(Inner { running, post }) })
    }

    /// Begins to deliver, on the tokio runtime that it is called in. More calls change nothing.
    ///
    /// # Errors
    /// `closed`; `invalid_argument` outside of a tokio runtime.
    pub fn start(&self) -> Result<()> {
        self.inner.running.start()
    }

    /// Waits until no delivery is pending: all have succeeded, failed for good, were canceled, or are held. False
    /// if that takes longer than `timeout`; with retries ahead, it can take days.
    ///
    /// # Errors
    /// Those of the store; `closed`.
    pub async fn wait_idle(&self, timeout: Option<Duration>) -> Result<bool> {
        self.inner.running.wait_idle(timeout).await
    }

    /// Stops: sends are refused, requests on their way get ten seconds to end, and what was not delivered is when
    /// the store is opened again. More calls wait for the first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn close(&self) -> Result<()> {
        self.close_within(GRACE).await
    }

    /// As [`close`](Self::close), with another time for the requests on their way; those that do not end within
    /// it are cut short, recorded as lost, and repeated later.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn close_within(&self, grace: Duration) -> Result<()> {
        self.inner.running.close_within(grace).await
    }

    /// Stores an event for every active endpoint that wants it. It is durable when this returns.
    ///
    /// # Errors
    /// `conflict` if there is a message of this id with other content; `payload_too_large`;
    /// `unknown_event_type` if the sender is strict; `invalid_argument` for a type or id that is not printable or
    /// data that is no JSON; `closed`; and those of the store, after which nothing was stored or, if it was, the
    /// same id sends it no second time.
    pub async fn send(
        &self,
        event_type: &str,
        data: &(impl Serialize + ?Sized),
        options: &SendOptions<'_>,
    ) -> Result<Message> {
        let message = NewMessage {
            id: options.id.map(str::to_owned),
            tenant: options.tenant.map(str::to_owned),
            timestamp: options.timestamp,
            ..NewMessage::new(event_type, data)?
        };
        self.send_new(message).await
    }

    /// As [`send`](Self::send), with all in one value.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_new(&self, message: NewMessage) -> Result<Message> {
        let span = span::send(&message);
        let sending = async {
            let draft = message.draft(&self.inner.post, None)?;
            span::named(&span, &draft.id);
            let (id, parcel) = (draft.id, Arc::clone(&draft.parcel));
            let written =
                self.engine().submit_with(draft.write, draft.size, Some(draft.parcel), false).await?;
            Message::of(id, &parcel, written)
        };
        let result = sending.instrument(span.clone()).await;
        span::sent(&span, &result);
        result
    }

    /// Stores an event in a transaction of the application's own on the sender's file: both are committed, or
    /// neither is. It is delivered after the commit by whichever process delivers.
    ///
    /// Begin the transaction as `IMMEDIATE` and keep it short: only one can write to a file at a time.
    ///
    /// ```
    /// # use hookseal::Provider;
    /// # use hookseal::sender::{NewMessage, Sender, SenderOptions};
    /// use rusqlite::{Connection, TransactionBehavior};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let path = std::env::temp_dir().join(format!("hookseal-doc-{}.db", std::process::id()));
    /// # let provider = Provider::builtin("standard")?;
    /// let sender = Sender::open(&format!("sqlite:{}", path.display()), SenderOptions::new(&provider))?;
    /// let mut database = Connection::open(&path)?;
    /// database.execute_batch("CREATE TABLE booking (guest TEXT)")?;
    ///
    /// let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    /// transaction.execute("INSERT INTO booking VALUES ('Ada')", [])?;
    /// let message = NewMessage::new("booking.created", &serde_json::json!({"guest": "Ada"}))?;
    /// let message = sender.send_in(&transaction, message)?;
    /// transaction.commit()?;
    /// assert!(!message.duplicate);
    /// # drop((sender, database));
    /// # for suffix in ["", "-wal", "-shm", "-dispatch"] {
    /// #     let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`send`](Self::send); `invalid_argument` if the transaction is on another file than the sender.
    /// `store_locked` where the transaction cannot become one that writes: begin it anew. After an error of the
    /// store, roll the transaction back.
    #[cfg(feature = "sqlite")]
    pub fn send_in(&self, transaction: &rusqlite::Transaction<'_>, message: NewMessage) -> Result<Message> {
        let span = span::send(&message);
        let result = span.in_scope(|| self.store_in(transaction, message, &span));
        span::sent(&span, &result);
        result
    }

    /// Stores many events in few commits; they arrive in the store in this order. Each has a result of its own.
    pub async fn send_many(&self, messages: Vec<NewMessage>) -> Vec<Result<Message>> {
        let engine = self.engine();
        let mut waiting = Vec::with_capacity(messages.len());
        for message in messages {
            let span = span::send(&message);
            let queueing = async {
                let draft = message.draft(&self.inner.post, None)?;
                span::named(&span, &draft.id);
                let parcel = Arc::clone(&draft.parcel);
                let answer = engine.enqueue(draft.write, draft.size, Some(draft.parcel), false).await?;
                Ok((draft.id, parcel, answer))
            };
            let queued = queueing.instrument(span.clone()).await;
            waiting.push((span, queued));
        }
        let mut results = Vec::with_capacity(waiting.len());
        for (span, queued) in waiting {
            let result = match queued {
                Ok((id, parcel, answer)) => match answer.await {
                    Ok(written) => written.and_then(|written| Message::of(id, &parcel, written)),
                    Err(_) => Err(engine.refusal()),
                },
                Err(error) => Err(error),
            };
            span::sent(&span, &result);
            results.push(result);
        }
        results
    }

    /// Endpoints: create, change, disable, delete.
    pub fn endpoints(&self) -> Endpoints<'_> {
        Endpoints { engine: self.engine(), carrier: self.carrier() }
    }

    /// Deliveries: the log, and delivering once more.
    pub fn deliveries(&self) -> Deliveries<'_> {
        Deliveries { engine: self.engine() }
    }

    /// Messages: looking one up, and deleting what it says.
    pub fn messages(&self) -> Messages<'_> {
        Messages { engine: self.engine() }
    }

    /// What the owners of endpoints must be told, one after the other.
    pub fn notices(&self) -> Notices {
        Notices::new(self.engine())
    }

    /// The catalog's example of a type of event. Nothing is stored or sent.
    ///
    /// # Errors
    /// `invalid_argument` if the catalog has no example of it.
    pub fn example(&self, event_type: &str) -> Result<Event> {
        self.provider().example(event_type)
    }

    /// Whose conventions are followed.
    pub fn provider(&self) -> &Arc<Provider> {
        &self.carrier().provider
    }

    /// What successful deliveries cost from `since` until before `until`, of one tenant or of all.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn usage(&self, tenant: Option<&str>, since: SystemTime, until: SystemTime) -> Result<Usage> {
        let tenant = tenant.map(str::to_owned);
        let (since, until) = (timestamp::from_system(since), timestamp::from_system(until));
        self.engine().read(move |store| store.usage(tenant.as_deref(), since, until)).await
    }

    /// The sender in numbers.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn stats(&self) -> Result<Stats> {
        let engine = self.engine();
        let stored = engine.read(|store| store.stats()).await?;
        let dispatch = engine.dispatch();
        Ok(Stats {
            in_flight: dispatch.flying() as u64,
            unsettled: dispatch.unsettled().into(),
            queued: engine.queued() as u64,
            pending: stored.pending,
            held: stored.held,
            dispatching: engine.epoch.load(Ordering::Acquire) > 0,
            ..Stats::of(&engine.metrics)
        })
    }

    /// The sender in numbers, as Prometheus reads them.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn prometheus(&self) -> Result<String> {
        let stats = self.stats().await?;
        Ok(stats.prometheus(&self.engine().metrics))
    }

    pub(crate) fn post(&self) -> &Post {
        &self.inner.post
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.inner.post.engine
    }

    fn carrier(&self) -> &HttpCarrier {
        &self.inner.post.carrier
    }

    #[cfg(feature = "sqlite")]
    fn store_in(
        &self,
        transaction: &rusqlite::Transaction<'_>,
        message: NewMessage,
        span: &tracing::Span,
    ) -> Result<Message> {
        let engine = self.engine();
        if engine.closed.load(Ordering::Acquire) {
            return Err(engine.refusal());
        }
        if !transaction.path().is_some_and(|path| engine.store.is_file(Path::new(path))) {
            let message = "The transaction is on another database than the sender's file.";
            return Err(crate::error::Error::argument(message));
        }
        let message = message.compose(self.carrier(), engine.clock.now(), Recipients::Matching, None)?;
        span::named(span, &message.id);
        let sent = SqliteStore::send_in(transaction, &message)?;
        Ok(Message {
            key: sent.key,
            id: message.id,
            event_type: message.event_type,
            tenant: message.tenant,
            timestamp: sent.timestamp,
            created_at: sent.created_at,
            duplicate: sent.duplicate,
            deliveries: sent.deliveries.iter().map(|fresh| fresh.id).collect(),
        })
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("provider", &self.provider().id()).finish_non_exhaustive()
    }
}

/// Tells at once whether the secrets in the store can be opened, rather than at the first delivery.
fn check_key(store: &dyn Store, sealer: &Sealer) -> Result<()> {
    let Some(endpoint) = store.endpoints(&Default::default(), None, 1)?.pop() else {
        return Ok(());
    };
    let secrets = store.secrets(endpoint.id)?;
    secrets.iter().try_for_each(|secret| sealer.open_secret(&secret.sealed).map(drop))
}

impl Message {
    fn of(id: String, parcel: &Parcel, written: Written) -> Result<Self> {
        let Written::Sent(sent) = written else {
            return Err(strange());
        };
        Ok(Self {
            key: sent.key,
            id,
            event_type: parcel.event_type.clone(),
            tenant: parcel.tenant.clone(),
            timestamp: sent.timestamp,
            created_at: sent.created_at,
            duplicate: sent.duplicate,
            deliveries: sent.deliveries.iter().map(|fresh| fresh.id).collect(),
        })
    }
}
