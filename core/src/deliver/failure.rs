//! What a failed exchange is called: the HTTP stack's nested errors become one code and a short sentence.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};
use std::iter;

use crate::error::{Code, Error};

/// No TCP connection.
pub(crate) fn not_connected(error: &io::Error) -> Error {
    Error::new(Code::ConnectFailed, format!("No connection to the host: {}.", error.kind()))
}

/// TCP, but no TLS.
pub(crate) fn no_handshake(error: &io::Error) -> Error {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        Some(tls) => Error::new(Code::TlsFailed, short(&format!("The TLS handshake failed: {tls}"))),
        // It probably does not speak TLS at this port.
        None if hung_up(error.kind()) => {
            Error::new(Code::TlsFailed, "The host closed the connection during the TLS handshake.")
        }
        None => Error::new(Code::TlsFailed, format!("The TLS handshake failed: {}.", error.kind())),
    }
}

/// A connection, but no complete response over it.
///
/// The text comes from the innermost cause alone: the outer ones say no more.
pub(crate) fn explain(error: &hyper::Error) -> Error {
    let causes: Vec<_> = causes(error).collect();
    let io = causes.iter().rev().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    if let Some(tls) = causes.iter().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        return Error::new(Code::TlsFailed, short(&format!("The TLS connection failed: {tls}")));
    }
    if io.is_some_and(hung_up) {
        return Error::new(Code::ProtocolError, "The connection was reset before the response was complete.");
    }
    let cause = causes.last().map(ToString::to_string).unwrap_or_default();
    Error::new(Code::ProtocolError, short(&format!("The response is not complete and valid HTTP: {cause}")))
}

/// Whether a body of unknown length ended because the peer hung up without saying goodbye in TLS, as many do.
pub(crate) fn is_rude_end(error: &hyper::Error) -> bool {
    causes(error).any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == ErrorKind::UnexpectedEof)
    })
}

/// The error and all below it. What an `io::Error` wraps is not its `source` but what it stands for.
fn causes(error: &hyper::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
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
