//! How a delivery gets to its endpoint: as a signed request.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use tracing::Instrument as _;

use super::seal::Sealer;
use super::settings::{self, Settings};
use super::{outbox, span};
use crate::deliver::{Attempt, Client, Endpoint};
use crate::error::Result;
use crate::event::{Event, Facts};
use crate::provider::Provider;
use crate::queue::attempt;
use crate::queue::carrier::{Carriage, Carried, Carrier, Destination, Ending, Target, Terms, Words};
use crate::queue::engine::Engine;
use crate::queue::work::{Draft, Parcel};
use crate::retry::{Outcome, RetryPolicy};
use crate::secret::Secret;
use crate::store::{AttemptRecord, EndpointRecord, OutboxRow, Recipients, SecretRecord};
use crate::timestamp::{self, Millis};

/// What is the sender's own beside its queue.
pub(crate) struct HttpCarrier {
    pub(crate) provider: Arc<Provider>,
    pub(crate) client: Client,
    pub(crate) sealer: Sealer,
    pub(crate) strict_events: bool,
    pub(crate) max_body: usize,
}

/// An endpoint, with its secrets opened, and who sends there.
struct Address {
    endpoint: Endpoint,
    provider: Arc<Provider>,
    client: Client,
}

impl Carrier for HttpCarrier {
    /// Reads a row. The secrets that have not expired sign, the newest first.
    fn aim(&self, record: &EndpointRecord, secrets: &[SecretRecord], now: Millis) -> Result<Target> {
        let valid: Vec<_> =
            secrets.iter().filter(|secret| secret.expires_at.is_none_or(|at| at > now)).collect();
        let opened: Result<Vec<Secret>> =
            valid.iter().map(|secret| self.sealer.open_secret(&secret.sealed)).collect();
        let settings = Settings::parse(&record.spec.settings)?;
        let headers = settings::open_headers(&record.spec.headers, &self.sealer)?;
        let endpoint = settings.endpoint(&record.spec.url, &self.provider, &opened?, &headers)?;
        let concurrency = settings.concurrency.unwrap_or(settings::CONCURRENCY);
        let limit = if record.spec.ordered { 1 } else { concurrency };
        let (provider, client) = (Arc::clone(&self.provider), self.client.clone());
        Ok(Target {
            to: Arc::new(Address { endpoint, provider, client }),
            tenant: record.spec.tenant.as_deref().map(Arc::from),
            generation: record.generation,
            concurrency: limit.max(1),
            rate: settings.rate_limit,
            ordered: record.spec.ordered,
            valid_until: valid.iter().filter_map(|secret| secret.expires_at).min().unwrap_or(Millis::MAX),
        })
    }

    fn draft(&self, engine: &Engine, row: &OutboxRow) -> Result<Draft> {
        let message = outbox::of_row(row)?;
        let message = message.compose(self, engine.clock.now(), Recipients::Matching, Some(row.seq))?;
        Ok(Draft::new(message, &engine.shelf))
    }

    fn terms(&self) -> Terms {
        Terms {
            words: Words { owner: "sender", delivery: "delivery", attempt: "attempt" },
            health: *self.provider.health(),
            credits: self.provider.credits(),
            marks: false,
            paced: true,
            persists: false,
        }
    }
}

impl Destination for Address {
    fn carry<'c>(&'c self, delivery: &'c Carriage<'c>) -> Pin<Box<dyn Future<Output = Carried> + Send + 'c>> {
        let span = span::attempt(delivery);
        let within = span.clone();
        let carried = async move {
            let Carriage { parcel, number, now, .. } = *delivery;
            let begun = Instant::now();
            let event = self.event(parcel);
            let sent = self.client.send(&self.endpoint, &event, parcel.body.clone(), number, now).await;
            // What is wrong before anything is sent is an attempt too: the log has to show it.
            let (record, outcome) = match sent {
                Ok(attempt) => {
                    let outcome = attempt.outcome();
                    (record(attempt), outcome)
                }
                Err(error) => {
                    let outcome = Outcome::Failed(error.code());
                    (attempt::failed(number, now, begun.elapsed(), error), outcome)
                }
            };
            span::attempted(&span, record.response_code, record.error.as_ref());
            Carried { record, ending: Ending::Outcome(outcome) }
        };
        Box::pin(carried.instrument(within))
    }

    fn policy(&self) -> &RetryPolicy {
        self.endpoint.retry_policy()
    }
}

impl Address {
    fn event(&self, parcel: &Parcel) -> Event<Bytes> {
        let facts = Facts {
            id: Some(parcel.id.clone()),
            event_type: Some(parcel.event_type.clone()),
            tenant: parcel.tenant.clone(),
            timestamp: Some(parcel.timestamp),
        };
        Event::new(parcel.body.clone(), Arc::clone(&self.provider.envelope), facts, None, 0)
    }
}

fn record(attempt: Attempt) -> AttemptRecord {
    AttemptRecord {
        number: attempt.number,
        started_at: timestamp::from_system(attempt.started_at),
        duration: attempt::millis(attempt.duration),
        response_code: attempt.response_code,
        error: attempt.error,
        request_headers: attempt.request_headers,
        response_headers: attempt.response_headers,
        response_body: attempt.response_body.into(),
        response_truncated: attempt.response_truncated,
    }
}
