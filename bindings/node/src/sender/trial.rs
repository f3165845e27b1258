//! Tests: events that are sent now, once.

use hookseal::sender::{TestResult, TestTarget};
use hookseal::store::EndpointId;
use napi::bindgen_prelude::ClassInstance;
use napi::{Either, Env};
use napi_derive::napi;

use super::Sender;
use super::deliveries::StoredAttempt;
use crate::answer::{Promise, promise};
use crate::cancellation::{Cancellation, canceled_by};
use crate::error::{Result, invalid_argument};

/// What came of a test at one endpoint.
#[napi(object, object_from_js = false)]
pub struct TestRecord {
    /// The endpoint.
    pub endpoint: i64,
    /// The delivery in the log.
    pub delivery: i64,
    /// Whether the receiver accepted it.
    pub delivered: bool,
    /// The attempt, if there was one in time.
    pub attempt: Option<StoredAttempt>,
}

#[napi]
impl Sender {
    /// Sends a test to an endpoint, or to all that want events of a type.
    #[napi(catch_unwind, ts_return_type = "Promise<TestRecord[] | Failure>")]
    pub fn send_test<'env>(
        &self,
        env: &'env Env,
        to: Either<i64, String>,
        event_type: Option<String>,
        tenant: Option<String>,
        data: Option<String>,
        cancellation: Option<ClassInstance<Cancellation>>,
    ) -> Result<Promise<'env, Vec<TestRecord>>> {
        let sender = self.0.clone();
        let data: Option<serde_json::Value> = data
            .map(|data| serde_json::from_str(&data).map_err(|error| invalid_argument(error.to_string())))
            .transpose()?;
        let target = match to {
            Either::A(id) => TestTarget::Endpoint(EndpointId(id)),
            Either::B(event_type) => TestTarget::EventType { event_type, tenant },
        };
        let tested = async move {
            let results = sender.send_test(&target, event_type.as_deref(), data.as_ref()).await?;
            Ok(results.into_iter().map(TestRecord::from).collect())
        };
        promise(env, canceled_by(cancellation).or(tested))
    }
}

impl From<TestResult> for TestRecord {
    fn from(result: TestResult) -> Self {
        Self {
            endpoint: result.endpoint.0,
            delivery: result.delivery.0,
            delivered: result.delivered,
            attempt: result.attempt.map(StoredAttempt::from),
        }
    }
}
