//! Tests: an event that is sent now, once, and whose outcome is the answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::OwnedMutexGuard;

use super::compose::NewMessage;
use super::endpoints::record;
use super::face::{Post, Sender};
use crate::error::{Error, Result};
use crate::provider::Provider;
use crate::queue::attempt;
use crate::queue::engine::{Engine, strange};
use crate::queue::work::{Parcel, Work};
use crate::store::{
    AttemptRecord, DeliveryId, DeliveryState, EndpointId, EndpointQuery, Fresh, Grant, Recipients, Write,
    Written,
};

/// Whom a test goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestTarget {
    /// This endpoint, whatever it wants and even if it is disabled.
    Endpoint(EndpointId),
    /// Every active endpoint of this tenant, or of none, that wants events of this type.
    EventType {
        /// The type.
        event_type: String,
        /// The tenant.
        tenant: Option<String>,
    },
}

/// What came of a test at one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestResult {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The delivery in the log.
    pub delivery: DeliveryId,
    /// Whether the receiver accepted it.
    pub delivered: bool,
    /// The attempt; `None` if the process that delivers did not make it in time, or
    /// does not, because the endpoint is disabled.
    pub attempt: Option<AttemptRecord>,
}

impl Sender {
    /// Sends a test and returns what came of it. `data` is the catalog's example if none is given; `event_type` is
    /// what the provider says, or the first of its catalog. Tests are logged, and count for nothing else.
    ///
    /// # Errors
    /// `not_found` for an endpoint that does not exist; `invalid_argument` if there is no example and no data; as
    /// [`send`](Self::send).
    pub async fn send_test(
        &self,
        target: &TestTarget,
        event_type: Option<&str>,
        data: Option<&Value>,
    ) -> Result<Vec<TestResult>> {
        let (post, engine) = (self.post(), self.engine());
        let (event_type, tenant, endpoints) = recipients(post, target, event_type).await?;
        let message = NewMessage { tenant, ..message(self.provider(), &event_type, data)? };
        let draft = message.draft_to(post, Recipients::Test(endpoints), None)?;
        let _borrowed = seek_right(engine).await?;
        let own = take_lanes(engine, &draft.write).await?;
        let parcel = Arc::clone(&draft.parcel);
        let written = engine.submit_with(draft.write, draft.size, Some(draft.parcel), own).await;
        match written {
            Ok(Written::Sent(sent)) => {
                let longest = self.provider().timeout() + MARGIN;
                outcomes(engine, &sent.deliveries, &parcel, own, longest).await
            }
            Ok(_) => Err(strange()),
            Err(error) => Err(error),
        }
    }
}

/// The right to dispatch, for as long as one test takes. Others that want it wait for their turn.
struct Borrowed {
    engine: Arc<Engine>,
    grant: Option<Grant>,
    _turn: OwnedMutexGuard<()>,
}

impl Drop for Borrowed {
    /// Also when the test is given up half-way.
    fn drop(&mut self) {
        let Some(grant) = self.grant.take() else { return };
        if self.engine.is_started() {
            // Started meanwhile: others may rely on the epoch already, so the right is kept.
            self.engine.take_over(grant);
            return;
        }
        self.engine.epoch.store(0, Ordering::Release);
        if let Err(error) = self.engine.store.release(grant) {
            tracing::error!(%error, "the right to dispatch could not be given back");
        }
    }
}

/// Whoever has the right to dispatch attempts the test; a sender that is not started takes it for the test alone.
async fn seek_right(engine: &Arc<Engine>) -> Result<Option<Borrowed>> {
    if engine.is_started() {
        if engine.epoch.load(Ordering::Acquire) == 0 {
            // Another process has it, or this one is about to.
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        return Ok(None);
    }
    let turn = Arc::clone(&engine.asking).lock_owned().await;
    if engine.epoch.load(Ordering::Acquire) > 0 {
        return Ok(None);
    }
    let Some(grant) = engine.read(|store| store.acquire()).await? else {
        tokio::time::sleep(LOOK_AGAIN).await;
        return Ok(None);
    };
    engine.epoch.store(grant.epoch, Ordering::Release);
    Ok(Some(Borrowed { engine: Arc::clone(engine), grant: Some(grant), _turn: turn }))
}

/// Whether this process attempts tests itself: then it has the lanes of the endpoints, as far as nobody else has.
async fn take_lanes(engine: &Arc<Engine>, write: &Write) -> Result<bool> {
    let epoch = engine.epoch.load(Ordering::Acquire);
    if let Write::Send(message) = write
        && let Recipients::Test(endpoints) = &message.to
        && epoch > 0
    {
        let endpoints = endpoints.clone();
        engine.read(move |store| store.take(Grant { epoch }, &endpoints)).await?;
    }
    Ok(epoch > 0)
}

/// The type of the event, whose it is, and who gets it.
async fn recipients(
    post: &Post,
    target: &TestTarget,
    event_type: Option<&str>,
) -> Result<(String, Option<String>, Vec<EndpointId>)> {
    let (engine, provider) = (&post.engine, &post.carrier.provider);
    match target {
        TestTarget::Endpoint(id) => {
            let id = *id;
            let endpoint = engine.read(move |store| record(store, id)).await?;
            let rule = provider.test_rule().and_then(|rule| rule.event_type.clone());
            let first = || provider.event_types().first().map(|event| event.name.clone());
            let chosen = event_type.map(str::to_owned).or(rule).or_else(first);
            let chosen = chosen.ok_or_else(|| Error::argument("Which type of event shall the test be?"))?;
            Ok((chosen, endpoint.spec.tenant, vec![id]))
        }
        TestTarget::EventType { event_type, tenant } => {
            let (wanted, whose) = (event_type.clone(), tenant.clone());
            let endpoints = engine.read(move |store| {
                let query = EndpointQuery { active: Some(true), ..EndpointQuery::default() };
                let (mut found, mut after) = (Vec::new(), None);
                loop {
                    let page = store.endpoints(&query, after, PAGE)?;
                    let ours = page.iter().filter(|endpoint| {
                        let spec = &endpoint.spec;
                        (spec.tenant.is_none() || spec.tenant == whose) && spec.events.matches(&wanted)
                    });
                    found.extend(ours.map(|endpoint| endpoint.id));
                    after = page.last().map(|endpoint| endpoint.id);
                    if page.len() < PAGE {
                        return Ok(found);
                    }
                }
            });
            Ok((event_type.clone(), tenant.clone(), endpoints.await?))
        }
    }
}

/// The catalog's example or what is given, marked as the provider marks its tests.
fn message(provider: &Provider, event_type: &str, data: Option<&Value>) -> Result<NewMessage> {
    let mark = provider.test_rule().and_then(|rule| rule.mark.as_deref());
    let mut data = match data {
        Some(data) => data.clone(),
        None => {
            let catalog = provider.event_types();
            let known = catalog.iter().find(|known| known.name == event_type);
            let example = known.and_then(|known| known.example.as_deref());
            let example = example
                .ok_or_else(|| Error::argument("The catalog has no example of this event: give the data."))?;
            // Without a mark the example goes out as it is written.
            if mark.is_none() {
                let example: &RawValue =
                    serde_json::from_str(example).expect("examples were checked when the file was read");
                return NewMessage::new(event_type, example);
            }
            serde_json::from_str(example).expect("examples were checked when the file was read")
        }
    };
    if let (Some(mark), Value::Object(members)) = (mark, &mut data) {
        members.insert(mark.to_owned(), Value::Bool(true));
    }
    NewMessage::new(event_type, &data)
}

async fn outcomes(
    engine: &Arc<Engine>,
    deliveries: &[Fresh],
    parcel: &Arc<Parcel>,
    own: bool,
    longest: Duration,
) -> Result<Vec<TestResult>> {
    let own = |fresh: &Fresh| own && engine.store.holds(fresh.endpoint);
    let attempts: Vec<_> = deliveries
        .iter()
        .filter(|fresh| own(fresh))
        .map(|fresh| tokio::spawn(attempt_one(Arc::clone(engine), fresh.clone(), Arc::clone(parcel))))
        .collect();
    for attempt in attempts {
        attempt.await.map_err(|_| engine.refusal())??;
    }
    let until = tokio::time::Instant::now() + longest;
    let mut results = Vec::with_capacity(deliveries.len());
    for fresh in deliveries {
        results.push(outcome(engine, fresh, own(fresh), until).await?);
    }
    Ok(results)
}

async fn attempt_one(engine: Arc<Engine>, fresh: Fresh, parcel: Arc<Parcel>) -> Result<()> {
    let now = engine.clock.millis();
    let reader = Arc::clone(&engine);
    let endpoint = fresh.endpoint;
    let target = engine
        .read(move |store| {
            let secrets = store.secrets(endpoint)?;
            reader.carrier.aim(&record(store, endpoint)?, &secrets, now)
        })
        .await;
    match target {
        Ok(target) => {
            attempt::alone(&engine, Work::fresh(&fresh, None), Arc::new(target), &parcel).await;
            Ok(())
        }
        Err(error) => {
            engine.drive(|dispatch, now| dispatch.settled(endpoint, fresh.id, None, now));
            Err(error)
        }
    }
}

/// What the log says, as soon as it says it.
async fn outcome(
    engine: &Arc<Engine>,
    fresh: &Fresh,
    own: bool,
    until: tokio::time::Instant,
) -> Result<TestResult> {
    let id = fresh.id;
    loop {
        let quiet = engine.quiet.notified();
        let (state, attempt) = engine
            .read(move |store| {
                let state = store.delivery(id)?.map(|delivery| delivery.state);
                Ok((state, store.attempts(id)?.pop()))
            })
            .await?;
        // It is held if the endpoint is disabled and another process delivers.
        let ended = state.is_none_or(|state| state.is_terminal() || (!own && state == DeliveryState::Held));
        if ended || tokio::time::Instant::now() >= until {
            let delivered = state == Some(DeliveryState::Delivered);
            return Ok(TestResult { endpoint: fresh.endpoint, delivery: id, delivered, attempt });
        }
        let _ = tokio::time::timeout(LOOK_AGAIN, quiet).await;
    }
}

const PAGE: usize = 500;
const MARGIN: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(50);
