//! Storing messages and their deliveries.

use std::collections::{HashMap, HashSet};

use super::bulk::{DELIVERY_IDS, MESSAGE_KEYS, Outcome, sorted};
use super::cache::Cache;
use super::link::{Answer, Step};
use super::tx::Tx;
use super::value::{self, get};
use crate::error::{Code, Error, Result};
use crate::store::record::{DeliveryId, EndpointId, Fresh, MessageKey};
use crate::store::rules::{self, missing};
use crate::store::write::{NewMessage, Recipients, Sent, Write, Written};

/// The messages of a run of writes.
pub(super) struct Sending<'w> {
    ids: Vec<&'w str>,
    tenants: Vec<&'w str>,
    rows_of_outbox: Vec<i64>,
    /// Endpoints that messages name.
    named: Vec<i64>,
    /// Those of them that get deliveries of an order.
    lines: Vec<i64>,
    /// What is there of these ids.
    known: HashMap<(&'w str, &'w str), Known>,
    /// Rows of the outbox that are there.
    waiting: HashSet<i64>,
    /// Rows of the outbox whose messages are stored.
    left: Vec<i64>,
    /// Whether endpoints that messages name want order.
    nameable: HashMap<i64, bool>,
    new: Vec<New<'w>>,
}

enum Known {
    Stored {
        sent: Sent,
        digest: Vec<u8>,
    },
    /// The new message at this place.
    New(usize),
}

struct New<'w> {
    message: &'w NewMessage,
    recipients: Vec<(EndpointId, bool)>,
    key: i64,
    deliveries: Vec<Fresh>,
}

impl<'w> Sending<'w> {
    pub(super) fn of(run: &[&'w Write]) -> Self {
        let messages = || {
            run.iter().filter_map(|write| match write {
                Write::Send(message) => Some(message),
                _ => None,
            })
        };
        let tested = messages().filter_map(|message| match &message.to {
            Recipients::Test(ids) => Some(ids),
            Recipients::Only { .. } | Recipients::Matching => None,
        });
        let only = messages().filter_map(|message| match &message.to {
            Recipients::Only { endpoint, .. } => Some(endpoint.0),
            Recipients::Test(_) | Recipients::Matching => None,
        });
        // What the database cannot hold is not asked for either.
        let storable = || messages().filter(|message| check(message).is_ok());
        Self {
            ids: storable().map(|message| &*message.id).collect(),
            tenants: storable().map(|message| value::tenant(message.tenant.as_deref())).collect(),
            rows_of_outbox: sorted(messages().filter_map(|message| message.outbox)),
            named: sorted(tested.flatten().map(|id| id.0).chain(only)),
            lines: sorted(messages().filter_map(|message| match &message.to {
                Recipients::Only { endpoint, order_key: Some(_) } => Some(endpoint.0),
                _ => None,
            })),
            known: HashMap::new(),
            waiting: HashSet::new(),
            left: Vec::new(),
            nameable: HashMap::new(),
            new: Vec::new(),
        }
    }

    pub(super) fn any(&self) -> bool {
        !self.ids.is_empty()
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = i64> {
        self.lines.iter().copied()
    }

    pub(super) fn tenants(&self) -> impl Iterator<Item = &'w str> {
        self.tenants.iter().copied()
    }

    /// Asks what is there.
    pub(super) fn probe(&self) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        if self.any() {
            steps.push(Step::new(KNOWN, &[&self.ids, &self.tenants]));
        }
        if !self.rows_of_outbox.is_empty() {
            steps.push(Step::new(WAITING, &[&self.rows_of_outbox]));
        }
        if !self.named.is_empty() {
            steps.push(Step::new(NAMEABLE, &[&self.named]));
        }
        steps
    }

    pub(super) fn probed(&mut self, answers: Vec<Answer>) -> Result<()> {
        let mut answers = answers.into_iter();
        let mut next = |asked: bool| if asked { answers.next().map(|answer| answer.rows) } else { None };
        for row in next(self.any()).unwrap_or_default() {
            let place = usize::try_from(get::<i64>(&row, 0)? - 1).unwrap_or(usize::MAX);
            let (Some(id), Some(tenant)) = (self.ids.get(place), self.tenants.get(place)) else { continue };
            let (timestamp, created_at) = (get(&row, 2)?, get(&row, 3)?);
            let key = MessageKey(get(&row, 1)?);
            let sent = Sent { key, duplicate: true, timestamp, created_at, deliveries: Vec::new() };
            self.known.insert((id, tenant), Known::Stored { sent, digest: get(&row, 4)? });
        }
        for row in next(!self.rows_of_outbox.is_empty()).unwrap_or_default() {
            self.waiting.insert(get(&row, 0)?);
        }
        for row in next(!self.named.is_empty()).unwrap_or_default() {
            self.nameable.insert(get(&row, 0)?, get(&row, 1)?);
        }
        Ok(())
    }

    pub(super) fn send(&mut self, new: &'w NewMessage, cache: &Cache) -> Outcome {
        self.try_send(new, cache).unwrap_or_else(|error| Outcome::Done(Err(error)))
    }

    fn try_send(&mut self, new: &'w NewMessage, cache: &Cache) -> Result<Outcome> {
        check(new)?;
        if let Some(seq) = new.outbox
            && !self.waiting.contains(&seq)
        {
            return Err(missing("outbox row", seq));
        }
        let tenant = value::tenant(new.tenant.as_deref());
        match self.known.get(&(new.id.as_str(), tenant)) {
            Some(Known::Stored { digest, .. }) if digest[..] != new.digest => {
                Err(rules::conflicting_id(&new.id))
            }
            Some(Known::New(place)) if self.new[*place].message.digest != new.digest => {
                Err(rules::conflicting_id(&new.id))
            }
            Some(Known::Stored { sent, .. }) => {
                let sent = sent.clone();
                self.leave_outbox(new);
                Ok(Outcome::Done(Ok(Written::Sent(sent))))
            }
            Some(Known::New(place)) => {
                let place = *place;
                self.leave_outbox(new);
                Ok(Outcome::Again(place))
            }
            None => {
                let recipients = match &new.to {
                    Recipients::Matching => cache.recipients(tenant, &new.event_type),
                    Recipients::Test(ids) => ids.iter().map(|id| self.named(*id)).collect::<Result<_>>()?,
                    Recipients::Only { endpoint, .. } => vec![self.named(*endpoint)?],
                };
                let place = self.new.len();
                self.known.insert((&new.id, tenant), Known::New(place));
                self.new.push(New { message: new, recipients, key: 0, deliveries: Vec::new() });
                self.leave_outbox(new);
                Ok(Outcome::New(place))
            }
        }
    }

    /// An endpoint that is there, with whether it wants order.
    fn named(&self, id: EndpointId) -> Result<(EndpointId, bool)> {
        let ordered = self.nameable.get(&id.0).ok_or_else(|| missing("endpoint", id))?;
        Ok((id, *ordered))
    }

    fn leave_outbox(&mut self, new: &NewMessage) {
        if let Some(seq) = new.outbox {
            self.waiting.remove(&seq);
            self.left.push(seq);
        }
    }

    /// Gives everything its number. Endpoints that want order are locked before: their deliveries become visible in
    /// the order of their numbers, whoever else sends.
    pub(super) fn number(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let recipients = self.new.iter().flat_map(|new| &new.recipients);
        let ordered = sorted(recipients.clone().filter(|(_, ordered)| *ordered).map(|(id, _)| id.0));
        let (messages, deliveries) = (value::rows(self.new.len()), value::rows(recipients.count()));
        if self.new.is_empty() {
            return Ok(());
        }
        let mut steps = Vec::new();
        if !ordered.is_empty() {
            steps.push(Step::new(TURNSTILES, &[&ordered]));
        }
        let locks = steps.len();
        steps.push(Step::new(MESSAGE_KEYS, &[&messages]));
        steps.push(Step::new(DELIVERY_IDS, &[&deliveries]));
        let answers = tx.run(steps)?;
        let mut keys = answers[locks].rows.iter();
        let mut ids = answers[locks + 1].rows.iter();
        for new in &mut self.new {
            let Some(key) = keys.next() else { break };
            new.key = get(key, 0)?;
            for ((endpoint, _), id) in new.recipients.iter().zip(ids.by_ref().take(new.recipients.len())) {
                new.deliveries.push(Fresh {
                    id: DeliveryId(get(id, 0)?),
                    message: MessageKey(new.key),
                    endpoint: *endpoint,
                    trigger: new.message.to.trigger(),
                    due: new.message.now,
                    in_line: new.message.to.order_key().is_some(),
                });
            }
        }
        Ok(())
    }

    /// The endpoints that got deliveries.
    pub(super) fn reached(&self) -> impl Iterator<Item = EndpointId> {
        self.new.iter().flat_map(|new| &new.deliveries).map(|fresh| fresh.endpoint)
    }

    pub(super) fn written(&self, outcome: Outcome) -> Result<Written> {
        let sent = |new: &New<'_>, duplicate, deliveries| {
            Ok(Written::Sent(Sent {
                key: MessageKey(new.key),
                duplicate,
                timestamp: new.message.timestamp,
                created_at: new.message.now,
                deliveries,
            }))
        };
        match outcome {
            Outcome::Done(written) => written,
            Outcome::New(place) => sent(&self.new[place], false, self.new[place].deliveries.clone()),
            Outcome::Again(place) => sent(&self.new[place], true, Vec::new()),
        }
    }

    pub(super) fn rows(&self) -> Rows<'_> {
        let mut rows = Rows { left: &self.left, ..Rows::default() };
        for new in &self.new {
            let message = new.message;
            let tenant = value::tenant(message.tenant.as_deref());
            rows.keys.push(new.key);
            rows.created.push(message.now);
            rows.timestamps.push(message.timestamp);
            rows.ids.push(&message.id);
            rows.tenants.push(tenant);
            rows.types.push(&message.event_type);
            rows.digests.push(&message.digest);
            rows.bodies.push(&message.body);
            for fresh in &new.deliveries {
                rows.delivery.push(fresh.id.0);
                rows.of_message.push(new.key);
                rows.at.push(message.now);
                rows.endpoints.push(fresh.endpoint.0);
                rows.of_tenant.push(tenant);
                rows.causes.push(value::trigger(fresh.trigger));
                rows.order_keys.push(message.to.order_key());
            }
        }
        rows
    }
}

/// What is to be inserted, column by column.
#[derive(Default)]
pub(super) struct Rows<'r> {
    keys: Vec<i64>,
    created: Vec<i64>,
    timestamps: Vec<i64>,
    ids: Vec<&'r str>,
    tenants: Vec<&'r str>,
    types: Vec<&'r str>,
    digests: Vec<&'r [u8]>,
    bodies: Vec<&'r [u8]>,
    delivery: Vec<i64>,
    of_message: Vec<i64>,
    at: Vec<i64>,
    endpoints: Vec<i64>,
    of_tenant: Vec<&'r str>,
    causes: Vec<i16>,
    order_keys: Vec<Option<&'r str>>,
    left: &'r [i64],
}

impl Rows<'_> {
    pub(super) fn steps(&self) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        if !self.keys.is_empty() {
            steps.push(Step::new(
                INSERT_IDS,
                &[&self.ids, &self.tenants, &self.keys, &self.timestamps, &self.created, &self.digests],
            ));
            steps.push(Step::new(
                INSERT_MESSAGES,
                &[&self.keys, &self.created, &self.timestamps, &self.ids, &self.tenants, &self.types],
            ));
            steps.push(Step::new(INSERT_BODIES, &[&self.keys, &self.created, &self.bodies]));
        }
        if !self.delivery.is_empty() {
            steps.push(Step::new(
                INSERT_DELIVERIES,
                &[
                    &self.delivery,
                    &self.of_message,
                    &self.at,
                    &self.endpoints,
                    &self.of_tenant,
                    &self.causes,
                    &self.order_keys,
                ],
            ));
        }
        if !self.left.is_empty() {
            steps.push(Step::new("DELETE FROM outbox WHERE seq = ANY($1)", &[&self.left]));
        }
        steps
    }
}

/// Refuses what the database cannot hold.
fn check(new: &NewMessage) -> Result<()> {
    let tenant = value::tenant(new.tenant.as_deref());
    let order_key = new.to.order_key().unwrap_or_default();
    for (what, text) in
        [("id", new.id.as_str()), ("type", &new.event_type), ("tenant", tenant), ("key", order_key)]
    {
        value::storable(what, text)?;
    }
    if new.id.len() + tenant.len() > LONGEST_ID {
        return Err(Error::new(
            Code::InvalidArgument,
            format!("The id and the tenant have more than {LONGEST_ID} bytes together."),
        ));
    }
    Ok(())
}

/// What an index can hold.
const LONGEST_ID: usize = 2000;
pub(super) const KNOWN: &str = "SELECT u.place, k.message, k.timestamp, k.created_at, k.digest
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY u (id, tenant, place)
    CROSS JOIN LATERAL (SELECT * FROM message_id k WHERE k.id = u.id AND k.tenant = u.tenant OFFSET 0) k";
const WAITING: &str = "SELECT seq FROM outbox WHERE seq = ANY($1) ORDER BY seq FOR UPDATE";
const NAMEABLE: &str = "SELECT id, ordered FROM endpoint WHERE id = ANY($1) AND status <> 9";
pub(super) const TURNSTILES: &str =
    "SELECT id FROM endpoint WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";
/// In the order of the index, so that two who send the same ids wait for each other rather than lock each other.
const INSERT_IDS: &str = "INSERT INTO message_id (id, tenant, message, timestamp, created_at, digest)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[])
        u (id, tenant, message, timestamp, created_at, digest)
    ORDER BY id COLLATE \"C\", tenant COLLATE \"C\"";
const INSERT_MESSAGES: &str = "INSERT INTO message (key, created_at, timestamp, id, tenant, type)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[])";
const INSERT_BODIES: &str = "INSERT INTO body (message, created_at, body)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])";
const INSERT_DELIVERIES: &str =
    "INSERT INTO delivery (id, message, message_at, endpoint, tenant, cause, due, created_at, order_key)
    SELECT id, message, at, endpoint, tenant, cause, CASE WHEN order_key IS NOT NULL
            AND (row_number() OVER (PARTITION BY endpoint, order_key ORDER BY id) > 1
                OR first_in_line(endpoint, order_key) IS NOT NULL)
        THEN 9223372036854775807 ELSE at END, at, order_key
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::smallint[], $7::text[])
        u (id, message, at, endpoint, tenant, cause, order_key)";
