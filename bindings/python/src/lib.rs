//! The native half of the Python package `hookseal`: it converts, the core behaves.
//!
//! Nothing here is API: `hookseal/__init__.py` says what is.

mod arguments;
mod body;
mod client;
mod dedup;
mod delivery;
mod endpoint;
mod error;
mod event;
mod explanation;
mod handshake;
mod headers;
mod inbox;
mod json;
mod json_reader;
mod notices;
mod per_process;
mod provider;
mod receive;
mod retry;
mod runtime;
mod secret;
mod sender;
mod testing;
mod text;
mod time;
mod typegen;
mod webhook;
mod work;

/// The native half of `hookseal`.
#[pyo3::pymodule]
mod _native {
    /// The version of the package.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");

    /// How many bytes of a request the adapters read, unless they are told another limit.
    #[pymodule_export]
    const MAX_BODY: usize = hookseal::MAX_BODY;

    #[pymodule_export]
    use crate::client::{Client, DeliveryTask, start_delivery};
    #[pymodule_export]
    use crate::dedup::{ClaimCore, DeduplicatorCore};
    #[pymodule_export]
    use crate::delivery::{Attempt, Delivery};
    #[pymodule_export]
    use crate::endpoint::Endpoint;
    #[pymodule_export]
    use crate::error::{errors, http_status, refusal};
    #[pymodule_export]
    use crate::event::Event;
    #[pymodule_export]
    use crate::explanation::{Explanation, Finding, certainties, findings, frameworks};
    #[pymodule_export]
    use crate::handshake::HandshakeAnswer;
    #[pymodule_export]
    use crate::inbox::{
        EventNotice, EventNoticeReader, EventPage, Events, Handling, InboxCore, InboxStats, Outcome,
        Prepared, Receipt, StoredEvent, StoredTry,
    };
    #[pymodule_export]
    use crate::provider::{EventType, Provider, SignatureForm, providers};
    #[pymodule_export]
    use crate::receive::public_url;
    #[pymodule_export]
    use crate::retry::{Next, RetryPolicy};
    #[pymodule_export]
    use crate::secret::Secret;
    #[pymodule_export]
    use crate::sender::{
        Deliveries, DeliveryPage, EndpointPage, Endpoints, Job, Message, Messages, Notice, NoticeReader,
        SenderCore, Stats, StoredAttempt, StoredDelivery, StoredEndpoint, StoredMessage, TestResult, Usage,
    };
    #[pymodule_export]
    use crate::testing::{RecordedRequest, Recorder, SignedRequest, signed_request};
    #[pymodule_export]
    use crate::typegen::python_types;
    #[pymodule_export]
    use crate::webhook::Webhook;
    #[pymodule_export]
    use crate::work::{Task, Work};
}
