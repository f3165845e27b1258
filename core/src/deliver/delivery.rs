//! What came of a delivery.

use std::time::{Duration, SystemTime};

use super::header_text::HeaderText;
use crate::error::{Code, Error};
use crate::retry::Outcome;

/// One event's way to one endpoint: every attempt, and how it ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Delivery {
    /// Whether the receiver accepted the event.
    pub status: DeliveryStatus,
    /// Every attempt, in order; there is at least one.
    pub attempts: Vec<Attempt>,
    /// Whether the receiver asked for no more events (such as by 410 under Standard Webhooks): stop sending to
    /// this endpoint.
    pub disable_endpoint: bool,
}

impl Delivery {
    /// Whether the receiver accepted the event.
    pub fn delivered(&self) -> bool {
        self.status == DeliveryStatus::Delivered
    }
}

/// How a delivery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryStatus {
    /// The receiver answered 2xx.
    Delivered,
    /// No attempt succeeded, and there will be no more.
    Failed,
}

impl DeliveryStatus {
    /// The status as text: `delivered` or `failed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// One HTTP request and its outcome.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// Which attempt of its delivery it was, from 1.
    pub number: u32,
    /// When it began.
    pub started_at: SystemTime,
    /// How long it took, from the look-up of the host's name to the last byte of the response.
    pub duration: Duration,
    /// The status code, if the receiver got as far as answering.
    pub response_code: Option<u16>,
    /// Why there is no complete response. Absent for an answer of any status.
    pub error: Option<Error>,
    /// The first 64 KiB of the response's body, as they came: nothing is decompressed.
    pub response_body: Vec<u8>,
    /// Whether the body went on; the rest was not read.
    pub response_truncated: bool,
    /// The response's headers, in order, with what is not UTF-8 replaced.
    pub response_headers: HeaderText,
    /// The headers that were sent, signature included. Values set by [`Endpoint::header`](super::Endpoint::header)
    /// stand as `[redacted]`: they are how receivers are given their tokens.
    pub request_headers: HeaderText,
    /// Whether the host's name, if it was looked up for this attempt, resolved to forbidden addresses besides the
    /// allowed ones that were tried. Such a name is misconfigured, or somebody is probing.
    pub mixed_dns: bool,
}

impl Attempt {
    /// Whether the receiver answered 2xx, completely and in time.
    pub fn succeeded(&self) -> bool {
        self.error.is_none() && self.response_code.is_some_and(|code| (200..300).contains(&code))
    }

    /// What a [`RetryPolicy`](crate::RetryPolicy) needs to know of it.
    pub fn outcome(&self) -> Outcome {
        match (&self.error, self.response_code) {
            (None, Some(code)) => Outcome::Status { code, retry_after: self.response_header("retry-after") },
            (error, _) => Outcome::Failed(error.as_ref().map_or(Code::ProtocolError, Error::code)),
        }
    }

    fn response_header(&self, name: &str) -> Option<String> {
        self.response_headers.iter().find(|(header, _)| *header == name).map(|(_, value)| value.to_owned())
    }
}
