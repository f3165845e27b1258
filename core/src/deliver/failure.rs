//! What a failed exchange is called: the HTTP stack's nested errors become one code and a short sentence.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};
use std::iter;

use crate::error::{Code, Error};

/// The error of an attempt whose request could not be sent or whose response could not be read.
///
/// The text comes from the innermost cause alone: the outer ones repeat the url, which may hold credentials.
pub(crate) fn explain(error: &reqwest::Error, https: bool) -> Error {
    let causes: Vec<_> = causes(error).collect();
    // The innermost: those around it say no more than "other error".
    let io = causes.iter().rev().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);

    // Ours passed through the stack: a blocked address or a failed look-up.
    if let Some(ours) = causes.iter().find_map(|cause| cause.downcast_ref::<Error>()) {
        return ours.clone();
    }
    if let Some(tls) = causes.iter().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        return Error::new(Code::TlsFailed, short(&format!("The TLS handshake failed: {tls}")));
    }
    if error.is_timeout() {
        return Error::new(Code::Timeout, "No connection was made in the time allowed for it.");
    }
    if error.is_connect() {
        return match io {
            // TCP connected and the peer hung up on the handshake: it probably does not speak TLS at this port.
            Some(kind) if https && hung_up(kind) => {
                Error::new(Code::TlsFailed, "The host closed the connection during the TLS handshake.")
            }
            Some(kind) => Error::new(Code::ConnectFailed, format!("No connection to the host: {kind}.")),
            None => Error::new(Code::ConnectFailed, "No connection to the host."),
        };
    }
    if io.is_some_and(hung_up) {
        return Error::new(Code::ProtocolError, "The connection was reset before the response was complete.");
    }
    let cause = causes.last().map(ToString::to_string).unwrap_or_default();
    Error::new(Code::ProtocolError, short(&format!("The response is not complete and valid HTTP: {cause}")))
}

/// Whether a body of unknown length ended because the peer hung up without saying goodbye in TLS, as many do.
pub(crate) fn is_rude_end(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == ErrorKind::UnexpectedEof)
    })
}

/// The error and all below it. What an `io::Error` wraps is not its `source` but what it stands for.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let first: &(dyn StdError + 'static) = error;
    iter::successors(Some(first), |cause| {
        let cause: &(dyn StdError + 'static) = *cause;
        match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => cause.source(),
        }
    })
}

fn hung_up(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
    )
}

/// Errors are stored with every attempt, and some causes quote whole certificates.
fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => format!("{text}."),
    }
}

const LONGEST_MESSAGE: usize = 200;
