//! Tests: events that are sent now, once.

use std::sync::Arc;

use hookseal::sender;
use hookseal::store::EndpointId;

use super::Sender;
use super::deliveries::StoredAttempt;
use crate::cancellation::Cancellation;
use crate::error::{Result, invalid_argument};
use crate::runtime::run_until;

/// Whom a test goes to.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum TestTarget {
    /// An endpoint, whatever it wants and even if it is disabled.
    Endpoint {
        /// Its name in the store.
        id: i64,
    },
    /// Every active endpoint that wants events of a type.
    EventType {
        /// The type.
        event_type: String,
        /// Whose event it is.
        tenant: Option<String>,
    },
}

/// What came of a test at one endpoint.
#[derive(Clone, Debug, uniffi::Record)]
pub struct TestResult {
    /// The endpoint.
    pub endpoint: i64,
    /// The delivery in the log.
    pub delivery: i64,
    /// Whether the receiver accepted it.
    pub delivered: bool,
    /// The attempt, if there was one in time.
    pub attempt: Option<StoredAttempt>,
}

#[uniffi::export]
impl Sender {
    /// Sends a test to an endpoint, or to all that want events of a type; `data` is JSON.
    pub async fn send_test(
        &self,
        target: TestTarget,
        event_type: Option<String>,
        data: Option<String>,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<Vec<TestResult>> {
        let sender = self.0.clone();
        let data = data.map(|data| parse(&data)).transpose()?;
        let tested = async move {
            let results = sender.send_test(&target.into(), event_type.as_deref(), data.as_ref()).await?;
            Ok(results.into_iter().map(TestResult::from).collect())
        };
        run_until(cancellation, tested).await
    }
}

fn parse(data: &str) -> hookseal::Result<serde_json::Value> {
    serde_json::from_str(data)
        .map_err(|error| invalid_argument(format!("The event's data is not JSON: {error}.")))
}

impl From<TestTarget> for sender::TestTarget {
    fn from(target: TestTarget) -> Self {
        match target {
            TestTarget::Endpoint { id } => Self::Endpoint(EndpointId(id)),
            TestTarget::EventType { event_type, tenant } => Self::EventType { event_type, tenant },
        }
    }
}

impl From<sender::TestResult> for TestResult {
    fn from(result: sender::TestResult) -> Self {
        Self {
            endpoint: result.endpoint.0,
            delivery: result.delivery.0,
            delivered: result.delivered,
            attempt: result.attempt.map(StoredAttempt::from),
        }
    }
}
