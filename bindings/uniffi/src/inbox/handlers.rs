//! Handlers, which are the host's.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookseal::inbox::{Handler, HandlerError, OnDeadline};

use super::Inbox;
use crate::error::CoreError;
use crate::event::Event;

/// Handles events. The host ends it when its time is over: no other try of the event begins before it has ended.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait EventHandler: Send + Sync {
    /// Handles an event, for one try.
    async fn handle(&self, handling: Handling) -> Result<(), HandlerFailure>;
}

/// An event to handle, for one try.
#[derive(Clone, uniffi::Record)]
pub struct Handling {
    /// The event.
    pub event: Arc<Event>,
    /// Which try, from 1.
    pub number: u32,
    /// The same for every try of this event.
    pub idempotency_key: String,
    /// When the event was received first.
    pub received_at: SystemTime,
}

/// Why an event was not handled.
#[derive(Clone, Debug, thiserror::Error, uniffi::Error)]
#[expect(missing_docs, reason = "the reason is the same in all: what is logged")]
pub enum HandlerFailure {
    /// It failed, and is tried again as the policy says.
    #[error("{reason}")]
    Failed { reason: String },
    /// It failed, and is tried again after this time.
    #[error("{reason}")]
    RetryIn { delay: Duration, reason: String },
    /// The event is not to be handled.
    #[error("{reason}")]
    Discard { reason: String },
}

#[uniffi::export]
impl Inbox {
    /// Has this handler run for events of these types.
    pub fn register(&self, pattern: String, handler: Arc<dyn EventHandler>) -> Result<(), CoreError> {
        let handler: Handler = Arc::new(move |handling| {
            let handler = Arc::clone(&handler);
            let handling = Handling {
                event: Event::of(handling.event.map_body(|body| body.to_vec())),
                number: handling.number,
                idempotency_key: handling.idempotency_key,
                received_at: handling.received_at,
            };
            Box::pin(async move { handler.handle(handling).await.map_err(HandlerFailure::into_core) })
        });
        Ok(self.core.register(&pattern, handler, OnDeadline::Leave)?)
    }
}

impl From<uniffi::UnexpectedUniFFICallbackError> for HandlerFailure {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { reason: error.reason }
    }
}

impl HandlerFailure {
    fn into_core(self) -> HandlerError {
        match self {
            Self::Failed { reason } => HandlerError::failed(reason),
            Self::RetryIn { delay, reason } => HandlerError::retry_in(delay, reason),
            Self::Discard { reason } => HandlerError::discard(reason),
        }
    }
}
