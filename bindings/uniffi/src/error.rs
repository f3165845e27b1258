//! Errors: every one crosses with its code and its sentence, as a variant that says which class it is over there.

use std::time::Duration;

use hookseal::{Code, Error, Kind};

/// What a function of the library returns.
pub(crate) type Result<T> = std::result::Result<T, CoreError>;

/// What went wrong. The text is in `sentence`: a field named `message` would not compile in Kotlin.
#[derive(Clone, Debug, thiserror::Error, uniffi::Error)]
#[expect(missing_docs, reason = "the same in all: the stable code, the text for people, when to come back")]
pub enum CoreError {
    /// A request of a stranger that is not to be trusted.
    #[error("{sentence}")]
    Verification { code: String, sentence: String, retry_after: Option<Duration> },
    /// A mistake in how Hookseal was called or set up.
    #[error("{sentence}")]
    Config { code: String, sentence: String, retry_after: Option<Duration> },
    /// An attempt to deliver that failed.
    #[error("{sentence}")]
    Delivery { code: String, sentence: String, retry_after: Option<Duration> },
    /// The sender's store cannot be used or has no room.
    #[error("{sentence}")]
    Store { code: String, sentence: String, retry_after: Option<Duration> },
}

impl From<Error> for CoreError {
    fn from(error: Error) -> Self {
        let (code, sentence) = (error.code().to_string(), error.message().to_owned());
        let retry_after = retry_after(&error);
        match error.kind() {
            Kind::Verification => Self::Verification { code, sentence, retry_after },
            Kind::Config => Self::Config { code, sentence, retry_after },
            Kind::Delivery => Self::Delivery { code, sentence, retry_after },
            Kind::Store => Self::Store { code, sentence, retry_after },
        }
    }
}

/// A mistake in an argument that the core would not see.
pub(crate) fn invalid_argument(message: impl Into<String>) -> Error {
    Error::new(Code::InvalidArgument, message.into())
}

/// What went wrong, where it is told and not thrown.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Failure {
    /// The stable code.
    pub code: String,
    /// What was wrong and what to do.
    pub message: String,
    /// When the peer may come back.
    #[uniffi(default = None)]
    pub retry_after: Option<Duration>,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let (code, message) = (error.code().to_string(), error.message().to_owned());
        Self { code, message, retry_after: retry_after(error) }
    }
}

fn retry_after(error: &Error) -> Option<Duration> {
    error.retry_after().map(Duration::from_secs)
}

/// One code of the list that all languages share.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ErrorCode {
    /// The stable code.
    pub code: String,
    /// The name of its class, such as `VerificationError`.
    pub class_name: String,
    /// The HTTP status to answer with.
    pub status: u16,
    /// What it means.
    pub sentence: String,
}

/// Every code there is.
#[uniffi::export]
pub fn error_codes() -> Result<Vec<ErrorCode>> {
    let row = |code: &Code| ErrorCode {
        code: code.to_string(),
        class_name: code.kind().class().to_owned(),
        status: code.http_status(),
        sentence: code.sentence().to_owned(),
    };
    Ok(Code::ALL.iter().map(row).collect())
}

/// Something questionable about a secret, for the developer to read once.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Warning {
    /// The stable code.
    pub code: String,
    /// What is questionable and what to do.
    pub message: String,
}

impl From<&hookseal::Warning> for Warning {
    fn from(warning: &hookseal::Warning) -> Self {
        Self { code: warning.code().as_str().to_owned(), message: warning.message().to_owned() }
    }
}

/// One code of the warnings that all languages share.
#[derive(Clone, Debug, uniffi::Record)]
pub struct WarningCode {
    /// The stable code.
    pub code: String,
    /// What it means.
    pub sentence: String,
}

/// Every code of a warning.
#[uniffi::export]
pub fn warning_codes() -> Result<Vec<WarningCode>> {
    let row = |code: &hookseal::WarningCode| WarningCode {
        code: code.as_str().to_owned(),
        sentence: code.sentence().to_owned(),
    };
    Ok(hookseal::WarningCode::ALL.iter().map(row).collect())
}

/// Panics, for tests of what becomes of that.
#[cfg(feature = "panics")]
#[uniffi::export]
#[expect(clippy::panic, reason = "that is what it is for")]
pub fn panic_for_tests() -> Result<()> {
    panic!("a test asked for it")
}
