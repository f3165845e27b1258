//! What a recording receiver does with a request.

use std::time::Duration;

/// What is done with a request: it is answered, or the connection is closed without a word, or nothing happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub(super) kind: ReplyKind,
    pub(super) delay: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ReplyKind {
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    Refuse,
    Hang,
}

impl Reply {
    /// Answers with this status and nothing else.
    pub fn status(status: u16) -> Self {
        let kind = ReplyKind::Answer { status, headers: Vec::new(), body: Vec::new() };
        Self { kind, delay: Duration::ZERO }
    }

    /// Closes the connection without an answer.
    pub fn refuse() -> Self {
        Self { kind: ReplyKind::Refuse, delay: Duration::ZERO }
    }

    /// Keeps the connection and never answers.
    pub fn hang() -> Self {
        Self { kind: ReplyKind::Hang, delay: Duration::ZERO }
    }

    /// Adds a header to the answer; line ends in it are dropped.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let ReplyKind::Answer { headers, .. } = &mut self.kind {
            let line = |text: &str| text.replace(['\r', '\n'], "");
            headers.push((line(name), line(value)));
        }
        self
    }

    /// Sets the body of the answer.
    pub fn with_body(mut self, content: impl Into<Vec<u8>>) -> Self {
        if let ReplyKind::Answer { body, .. } = &mut self.kind {
            *body = content.into();
        }
        self
    }

    /// Waits so long before the answer, or before the connection is closed.
    pub fn with_delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// The bytes of the answer, if it is one.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        let ReplyKind::Answer { status, headers, body } = &self.kind else { return None };
        let mut head = format!("HTTP/1.1 {status} Told\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("connection: close\r\n\r\n");
        Some([head.as_bytes(), body].concat())
    }
}
