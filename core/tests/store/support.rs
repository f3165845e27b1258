//! A store to test, and short ways to write to it.

use bytes::Bytes;
use hookseal::deliver::HeaderText;
use hookseal::store::{
    AttemptRecord, DeliveryId, DeliveryRecord, DeliveryState, EndpointId, EndpointRecord, EndpointSpec,
    EndpointStatus, EventFilter, Fresh, Grant, MemoryStore, NewMessage, Recipients, SecretRecord, Sent,
    Settle, Settled, Store, Verdict, Write, Written,
};
use hookseal::{Code, Error, HealthRule, Result};

/// A store with the right to dispatch.
pub(crate) struct Bench {
    pub(crate) store: Box<dyn Store>,
    pub(crate) grant: Grant,
    /// Inserts into the outbox as a foreign program does: tenant, type, id, data.
    pub(crate) put_outbox: PutOutbox,
    /// Kept as long as the store is, and dropped after it.
    _place: Box<dyn std::any::Any>,
}

type PutOutbox = Box<dyn Fn(&dyn Store, Option<&str>, &str, Option<&str>, &str)>;

impl Bench {
    pub(crate) fn memory() -> Self {
        use std::sync::Arc;
        let store = Arc::new(MemoryStore::new());
        let outbox = Arc::clone(&store);
        let grant = store.acquire().unwrap().unwrap();
        Self {
            store: Box::new(Shared(store)),
            grant,
            put_outbox: Box::new(move |_, tenant, event_type, id, data| {
                outbox.put_outbox(tenant, event_type, id, data.as_bytes());
            }),
            _place: Box::new(()),
        }
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn sqlite() -> Self {
        let directory = tempfile::Directory::new();
        let path = directory.path().join("store.db");
        let store = hookseal::store::SqliteStore::open(&path).unwrap();
        let grant = store.acquire().unwrap().unwrap();
        Self {
            store: Box::new(store),
            grant,
            put_outbox: Box::new(move |_, tenant, event_type, id, data| {
                let foreign = rusqlite::Connection::open(&path).unwrap();
                let insert = "INSERT INTO hookseal_outbox (tenant, type, id, data) VALUES (?1, ?2, ?3, ?4)";
                foreign.execute(insert, (tenant, event_type, id, data)).unwrap();
            }),
            _place: Box::new(directory),
        }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn postgres() -> Self {
        let place = crate::server::Schema::new();
        let store = place.open();
        let grant = store.acquire().unwrap().unwrap();
        let heard = crate::server::Heard::of(&store);
        let schema = place.name.clone();
        Self {
            store: Box::new(store),
            grant,
            put_outbox: Box::new(move |_, tenant, event_type, id, data| {
                let text = |text: Option<&str>| text.map_or("NULL".to_owned(), |text| format!("'{text}'"));
                let (tenant, id) = (text(tenant), text(id));
                heard.during(|| {
                    crate::server::sql(&format!(
                        "INSERT INTO {schema}.outbox (tenant, type, id, data) VALUES ({tenant}, '{event_type}', {id}, '{data}')"
                    ));
                });
            }),
            _place: Box::new(place),
        }
    }

    pub(crate) fn write(&self, write: Write) -> Result<Written> {
        let mut written = self.store.commit(&[write]).unwrap();
        assert_eq!(written.len(), 1);
        written.remove(0)
    }

    pub(crate) fn endpoint(&self, spec: EndpointSpec) -> EndpointId {
        let write = Write::CreateEndpoint { spec, secrets: vec![secret(1)], now: 0 };
        endpoint(self.write(write).unwrap()).id
    }

    /// Sends, and takes the lanes of whom it reaches, as a dispatcher does before it attempts anything.
    pub(crate) fn send(&self, message: NewMessage) -> Sent {
        let Written::Sent(sent) = self.write(Write::Send(message)).unwrap() else { panic!("not sent") };
        let endpoints: Vec<_> = sent.deliveries.iter().map(|fresh| fresh.endpoint).collect();
        assert_eq!(self.store.take(self.grant, &endpoints).unwrap().len(), endpoints.len());
        sent
    }

    /// Sends to the only endpoint there is.
    pub(crate) fn send_one(&self, id: &str, now: i64) -> Fresh {
        let sent = self.send(message(id, now));
        assert_eq!(sent.deliveries.len(), 1);
        sent.deliveries[0].clone()
    }

    pub(crate) fn settle(&self, settle: Settle) -> Settled {
        let Written::Settled(settled) = self.write(Write::Settle(settle)).unwrap() else {
            panic!("not settled")
        };
        settled
    }

    /// An attempt with this verdict, in order.
    pub(crate) fn attempt(&self, delivery: DeliveryId, verdict: Verdict, now: i64) -> Settled {
        self.settle(self.outcome(delivery, verdict, now))
    }

    pub(crate) fn outcome(&self, delivery: DeliveryId, verdict: Verdict, now: i64) -> Settle {
        let (number, generation) = match self.store.delivery(delivery).unwrap() {
            Some(record) => {
                let endpoint = self.store.endpoint(record.endpoint).unwrap();
                (record.attempts + 1, endpoint.map_or(1, |endpoint| endpoint.generation))
            }
            None => (1, 1),
        };
        Settle {
            epoch: self.grant.epoch,
            delivery,
            attempt: attempt(number, verdict, now),
            verdict,
            generation,
            health: Some(HealthRule::never()),
            credits: 0,
            now,
        }
    }

    pub(crate) fn delivery(&self, id: DeliveryId) -> DeliveryRecord {
        self.store.delivery(id).unwrap().unwrap()
    }

    pub(crate) fn state(&self, id: DeliveryId) -> DeliveryState {
        self.delivery(id).state
    }

    pub(crate) fn set_status(
        &self,
        id: EndpointId,
        status: EndpointStatus,
        now: i64,
    ) -> (EndpointRecord, bool) {
        match self.write(Write::SetStatus { id, status, now }).unwrap() {
            Written::Endpoint { endpoint, changed } => (*endpoint, changed),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn record(&self, id: EndpointId) -> EndpointRecord {
        self.store.endpoint(id).unwrap().unwrap()
    }
}

struct Shared(std::sync::Arc<MemoryStore>);

macro_rules! forward {
    ($(fn $name:ident(&self $(, $argument:ident: $type:ty)*) -> $result:ty;)*) => {
        impl Store for Shared {
            $(fn $name(&self $(, $argument: $type)*) -> $result { self.0.$name($($argument),*) })*
        }
    };
}

use hookseal::store::{
    Changes, DeliveryQuery, Due, EndpointQuery, JobId, JobRecord, MessageKey, MessageRecord, MessageRef,
    Notice, OutboxRow, Payload, Ready, Role, Stats, Usage, Window,
};

forward! {
    fn commit(&self, batch: &[Write]) -> Result<Vec<Result<Written>>>;
    fn found(&self, role: Role, endpoints: &[EndpointSpec], now: i64) -> Result<()>;
    fn acquire(&self) -> Result<Option<Grant>>;
    fn release(&self, grant: Grant) -> Result<()>;
    fn changes(&self) -> Result<Changes>;
    fn ready(&self, after: Option<EndpointId>, limit: usize) -> Result<Vec<Ready>>;
    fn due(&self, endpoint: EndpointId, window: Window, limit: usize) -> Result<Vec<Due>>;
    fn payloads(&self, messages: &[MessageKey]) -> Result<Vec<Option<Payload>>>;
    fn endpoint(&self, id: EndpointId) -> Result<Option<EndpointRecord>>;
    fn endpoints(&self, query: &EndpointQuery, after: Option<EndpointId>, limit: usize) -> Result<Vec<EndpointRecord>>;
    fn secrets(&self, endpoint: EndpointId) -> Result<Vec<SecretRecord>>;
    fn message(&self, message: MessageRef<'_>) -> Result<Option<MessageRecord>>;
    fn delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRecord>>;
    fn deliveries(&self, query: &DeliveryQuery, before: Option<DeliveryId>, limit: usize) -> Result<Vec<DeliveryRecord>>;
    fn attempts(&self, delivery: DeliveryId) -> Result<Vec<AttemptRecord>>;
    fn notices(&self, after: i64, limit: usize) -> Result<Vec<Notice>>;
    fn job(&self, id: JobId) -> Result<Option<JobRecord>>;
    fn open_jobs(&self) -> Result<Vec<JobRecord>>;
    fn outbox(&self, limit: usize) -> Result<Vec<OutboxRow>>;
    fn usage(&self, tenant: Option<&str>, since: i64, until: i64) -> Result<Usage>;
    fn stats(&self) -> Result<Stats>;
    fn close(&self) -> Result<()>;
}

pub(crate) fn endpoint(written: Written) -> EndpointRecord {
    match written {
        Written::Endpoint { endpoint, .. } => *endpoint,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn spec(tenant: Option<&str>, events: &[&str]) -> EndpointSpec {
    EndpointSpec {
        url: "https://example.com/hooks".to_owned(),
        name: "CRM".to_owned(),
        events: EventFilter::new(events).unwrap(),
        tenant: tenant.map(str::to_owned),
        ordered: false,
        settings: "{}".to_owned(),
        headers: b"sealed headers".to_vec(),
    }
}

pub(crate) fn anything() -> EndpointSpec {
    spec(None, &[])
}

pub(crate) fn ordered() -> EndpointSpec {
    EndpointSpec { ordered: true, ..anything() }
}

pub(crate) fn secret(created_at: i64) -> SecretRecord {
    SecretRecord { sealed: format!("key of {created_at}").into_bytes(), created_at, expires_at: None }
}

pub(crate) fn message(id: &str, now: i64) -> NewMessage {
    NewMessage {
        id: id.to_owned(),
        tenant: None,
        event_type: "booking.created".to_owned(),
        timestamp: now - 1,
        body: Bytes::from(format!("{{\"id\": \"{id}\"}}")),
        digest: [7; 32],
        to: Recipients::Matching,
        outbox: None,
        now,
    }
}

pub(crate) fn message_of(tenant: &str, id: &str, now: i64) -> NewMessage {
    NewMessage { tenant: Some(tenant.to_owned()), ..message(id, now) }
}

/// What a receiver answers for such a verdict.
pub(crate) fn attempt(number: u32, verdict: Verdict, now: i64) -> AttemptRecord {
    let (response_code, error) = match verdict {
        Verdict::Delivered => (Some(204), None),
        Verdict::Discarded => (None, Some(Error::new(Code::Discarded, "Not for us."))),
        Verdict::Retry(_) => (Some(503), None),
        Verdict::Refused => (Some(410), None),
        Verdict::Failed => (None, Some(Error::new(Code::Timeout, "The attempt did not end within 10s."))),
    };
    AttemptRecord {
        number,
        started_at: now - 20,
        duration: 20,
        response_code,
        error,
        request_headers: HeaderText::from_iter([("webhook-id", "1: a"), ("empty", "")]),
        response_headers: HeaderText::from_iter([("server", "é: x")]),
        response_body: Bytes::from_static(b"\0\xffok"),
        response_truncated: number == 1,
    }
}

#[cfg(feature = "sqlite")]
pub(crate) mod tempfile {
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A directory of its own, removed at the end.
    pub(crate) struct Directory(PathBuf);

    impl Directory {
        pub(crate) fn new() -> Self {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let name = format!("hookseal-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let path = std::env::temp_dir().join(name);
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        pub(crate) fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}
