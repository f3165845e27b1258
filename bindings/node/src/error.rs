//! Errors: every one crosses with its code, and the table of codes says which class it is over there.

use std::borrow::Cow;

use hookseal::Code;
use napi_derive::napi;

/// What a function of the addon returns; an error is thrown with `code`.
pub(crate) type Result<T> = std::result::Result<T, napi::Error<Status>>;

/// The `code` of what is thrown.
#[derive(Clone, Copy)]
pub struct Status(Code);

impl AsRef<str> for Status {
    fn as_ref(&self) -> &str {
        self.0.as_str()
    }
}

/// The error to throw for one of the core's.
pub(crate) fn thrown(error: hookseal::Error) -> napi::Error<Status> {
    napi::Error::new(Status(error.code()), error.message())
}

/// The error to throw for an argument that the core would not see.
pub(crate) fn invalid_argument(message: impl Into<Cow<'static, str>>) -> napi::Error<Status> {
    thrown(hookseal::Error::new(Code::InvalidArgument, message))
}

/// What went wrong, where it is told and not thrown: N-API's promises reject without a code.
#[napi(object, object_from_js = false)]
pub struct Failure {
    /// The stable code.
    pub code: &'static str,
    /// The message for people.
    pub message: String,
    /// After how many seconds the peer may come back.
    pub retry_after: Option<f64>,
}

impl From<&hookseal::Error> for Failure {
    fn from(error: &hookseal::Error) -> Self {
        Self {
            code: error.code().as_str(),
            message: error.message().to_owned(),
            retry_after: error.retry_after().map(|seconds| seconds as f64),
        }
    }
}

/// One code of the list that all languages share.
#[napi(object, object_from_js = false)]
pub struct ErrorCode {
    /// The stable code.
    pub code: &'static str,
    /// The class it is thrown as.
    pub class: &'static str,
    /// The HTTP status to answer with.
    pub status: u16,
    /// What it means.
    pub sentence: &'static str,
}

/// Every code there is.
#[napi(catch_unwind)]
pub fn error_codes() -> Vec<ErrorCode> {
    Code::ALL
        .iter()
        .map(|code| ErrorCode {
            code: code.as_str(),
            class: code.kind().class(),
            status: code.http_status(),
            sentence: code.sentence(),
        })
        .collect()
}

/// Something questionable.
#[napi(object, object_from_js = false)]
pub struct Warning {
    /// The stable code.
    #[napi(ts_type = "'weak_secret' | 'trimmed_secret'")]
    pub code: &'static str,
    /// The message for people.
    pub message: String,
}

impl From<&hookseal::Warning> for Warning {
    fn from(warning: &hookseal::Warning) -> Self {
        Self { code: warning.code().as_str(), message: warning.message().to_owned() }
    }
}
