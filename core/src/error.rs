//! The one error type, and the list of its codes that every language shares.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// Result with Hookseal's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong: a stable [`Code`] for programs and a sentence for people.
///
/// Neither the text nor `Debug` ever holds a secret, a body or a signature.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    code: Code,
    message: Cow<'static, str>,
    retry_after: Option<Duration>,
}

impl Error {
    /// An error with this code and a message that says what was wrong and what to do.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self { code, message, retry_after: None }
    }

    /// An error that may pass in this time.
    pub(crate) fn with_retry_after(self, retry_after: Duration) -> Self {
        Self { retry_after: Some(retry_after), ..self }
    }

    /// A mistake in an argument.
    pub(crate) fn argument(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::InvalidArgument, message)
    }

    /// The stable code, the same in every language.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The class of error that this is raised as in other languages.
    pub fn kind(&self) -> Kind {
        self.code.kind()
    }

    /// What was wrong and what to do, in one sentence or two.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How many seconds the peer is asked to wait before it comes back, for a `Retry-After` header, where that is known.
    pub fn retry_after(&self) -> Option<u64> {
        // Rounded up: whoever comes back early comes in vain.
        self.retry_after.map(|wait| u64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({}: {})", self.code.as_str(), self.message)
    }
}

impl std::error::Error for Error {}

/// Whose mistake an error is; each kind is one exception class in the other languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A request of a stranger that is not to be trusted: `VerificationError`.
    Verification,
    /// A mistake in how Hookseal was called or set up: `ConfigError`.
    Config,
    /// An attempt to deliver that failed: `DeliveryError`.
    Delivery,
    /// The sender's store cannot be used or has no room: `StoreError`.
    Store,
}

impl Kind {
    /// The name of the class in every language, such as `VerificationError`.
    pub fn class(self) -> &'static str {
        match self {
            Self::Verification => "VerificationError",
            Self::Config => "ConfigError",
            Self::Delivery => "DeliveryError",
            Self::Store => "StoreError",
        }
    }
}

/// Writes the enum, its names and its sentences from one table.
macro_rules! codes {
    ($($variant:ident $name:literal $kind:ident $sentence:literal)*) => {
        /// The stable code of an [`Error`]; `tests/errors.json` lists them for all languages.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $sentence] $variant,)*
        }

        impl Code {
            /// Every code, in the order of `tests/errors.json`.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The code as text, such as `signature_mismatch`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The class of error this code belongs to.
            pub fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)* }
            }

            /// One sentence that says what the code means.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)* }
            }
        }
    };
}

codes! {
    MissingHeader "missing_header" Verification
        "A header that the provider always sends is absent or empty."
    MalformedHeader "malformed_header" Verification
        "A header is not of the provider's form, is too long, or was sent twice with different values."
    SignatureMismatch "signature_mismatch" Verification
        "No signature matches: the body, the secret or the signature is not the sender's."
    TimestampTooOld "timestamp_too_old" Verification
        "The signature is right, but its timestamp is older than the tolerance: a replay, or a slow clock at the sender."
    TimestampTooNew "timestamp_too_new" Verification
        "The signature is right, but its timestamp lies further in the future than the tolerance."
    MalformedTimestamp "malformed_timestamp" Verification
        "The timestamp is not of the provider's form."
    DuplicateEvent "duplicate_event" Verification
        "This event was received before."
    EventInProgress "event_in_progress" Verification
        "This event is being handled already, and nobody knows yet whether that will succeed: come back later."
    InvalidPayload "invalid_payload" Verification
        "The body is not the JSON that was asked for."
    RequestTooLarge "request_too_large" Verification
        "The body of the request is larger than the receiver's limit."
    InvalidSecret "invalid_secret" Config
        "The secret is empty or is not a key of the kind the provider uses."
    UnknownProvider "unknown_provider" Config
        "No built-in provider has this name."
    InvalidProvider "invalid_provider" Config
        "A provider file does not describe a provider."
    InvalidArgument "invalid_argument" Config
        "An argument has the wrong type or a value that makes no sense."
    InvalidUrl "invalid_url" Config
        "The url is not one that events may be delivered to."
    Conflict "conflict" Config
        "What was asked for contradicts what is stored: the same id with other content, or a change based on an old version."
    NotFound "not_found" Config
        "There is no such endpoint, delivery, message or job, or it has been removed."
    Closed "closed" Config
        "The client or sender was closed."
    PayloadTooLarge "payload_too_large" Config
        "The body is larger than the sender's limit."
    UnknownEventType "unknown_event_type" Config
        "The provider has no event of this type, and the sender was told to be strict."
    BlockedAddress "blocked_address" Delivery
        "The host is, or resolves to, an address that events may not be delivered to."
    DnsFailed "dns_failed" Delivery
        "The host's name could not be resolved."
    ConnectFailed "connect_failed" Delivery
        "No connection to the host could be made."
    TlsFailed "tls_failed" Delivery
        "The TLS handshake failed or the certificate is not trusted."
    Timeout "timeout" Delivery
        "The attempt did not end within its time."
    ProtocolError "protocol_error" Delivery
        "The answer was not valid HTTP or ended early."
    Canceled "canceled" Delivery
        "The delivery was canceled by the caller."
    Lost "lost" Delivery
        "The attempt was cut short and nobody knows how it ended; the event is sent again."
    HandlerFailed "handler_failed" Delivery
        "The handler of an event failed."
    NoHandler "no_handler" Delivery
        "No handler was registered for events of this type; the event was discarded, and can be retried."
    Discarded "discarded" Delivery
        "The handler of an event said that it is not to be handled."
    StoreUnavailable "store_unavailable" Store
        "The store cannot be opened, read or written."
    StoreLocked "store_locked" Store
        "Somebody else held the store locked for too long."
    StoreReadOnly "store_read_only" Store
        "The store can be read but not written."
    StoreFull "store_full" Store
        "The store has no room left."
    StoreCorrupt "store_corrupt" Store
        "The store is damaged."
    StoreSchema "store_schema" Store
        "The store belongs to another program or to a newer version of Hookseal."
    ClaimLost "claim_lost" Store
        "The lease of a claim ran out before the event was done, and somebody else has claimed the event since."
}

impl Code {
    /// The code with this text, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }

    /// The HTTP status to answer with, when a request that was received led to this error.
    pub fn http_status(self) -> u16 {
        match self {
            Self::MissingHeader | Self::SignatureMismatch | Self::TimestampTooOld | Self::TimestampTooNew => {
                401
            }
            Self::MalformedHeader | Self::MalformedTimestamp | Self::InvalidPayload => 400,
            Self::RequestTooLarge => 413,
            // It is here already: any other answer would make the sender try again.
            Self::DuplicateEvent => 200,
            Self::EventInProgress => 503,
            _ => match self.kind() {
                // The sender shall try again later.
                Kind::Store => 503,
                Kind::Verification | Kind::Config | Kind::Delivery => 500,
            },
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shared_list_equals_ours() {
        let ours: Vec<_> = Code::ALL
            .iter()
            .map(|code| {
                serde_json::json!({
                    "code": code.as_str(),
                    "class": code.kind().class(),
                    "status": code.http_status(),
                    "sentence": code.sentence(),
                })
            })
            .collect();
        let shared = include_str!("../../tests/errors.json");
        let shared: serde_json::Value = serde_json::from_str(shared).unwrap();
        assert_eq!(shared["errors"], serde_json::Value::Array(ours));
    }

    #[test]
    fn the_page_has_every_code() {
        let page = include_str!("../../docs/errors.md");
        for code in Code::ALL {
            let row = match code.kind() {
                Kind::Verification => format!("| `{code}` | {} | {} |", code.http_status(), code.sentence()),
                _ => format!("| `{code}` | {} |", code.sentence()),
            };
            assert!(page.contains(&row), "docs/errors.md lacks {row}");
        }
    }

    #[test]
    fn strangers_never_cause_a_failure_of_the_server() {
        for code in Code::ALL {
            // An event in progress is put off, not refused: many senders never repeat what a 4xx answered.
            let is_theirs = code.http_status() < 500 || *code == Code::EventInProgress;
            assert_eq!(is_theirs, code.kind() == Kind::Verification, "{code}");
        }
    }

    #[test]
    fn codes_read_back() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), Some(*code));
        }
        assert_eq!(Code::parse("no_such_code"), None);
    }
}
