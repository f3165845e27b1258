//! What `explain` returns.

use std::fmt;

use serde_json::{Value, json};

use crate::error::{Code, Error};
use crate::explain::finding::Finding;
use crate::explain::render;

/// Why a request does not verify: for its developer to read, and never for whoever sent it.
///
/// It holds no secret, no signature (neither those that came nor the right one) and nothing that the body says. It
/// turns no refusal into success: whatever it finds, the request stays refused.
#[derive(Clone, PartialEq, Eq)]
pub struct Explanation {
    provider: String,
    verdict: Verdict,
    findings: Vec<Finding>,
}

/// What `verify` says to the request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is the sender's.
    Verified,
    /// It is refused with this error.
    Refused(Error),
}

impl Verdict {
    /// The code of the refusal; nothing if there is none.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Verified => None,
            Self::Refused(error) => Some(error.code()),
        }
    }

    /// As text: `verified` or `refused`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Refused(_) => "refused",
        }
    }
}

impl Explanation {
    pub(crate) fn new(provider: &str, verdict: Verdict, findings: Vec<Finding>) -> Self {
        Self { provider: provider.to_owned(), verdict, findings }
    }

    /// The id of the provider that it was verified as.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// What `verify` says to the request.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// What was found, the surest first.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Several lines for a terminal, with ANSI colours or without. `to_string()` is without.
    pub fn to_text(&self, color: bool) -> String {
        render::text(self, color)
    }

    /// A JSON object with `provider`, `verdict`, `code`, `message` and `findings`.
    pub fn to_json(&self) -> String {
        let (code, message) = match &self.verdict {
            Verdict::Verified => (Value::Null, Value::Null),
            Verdict::Refused(error) => (error.code().as_str().into(), error.message().into()),
        };
        let finding = |finding: &Finding| {
            json!({
                "code": finding.code().as_str(),
                "certainty": finding.certainty().as_str(),
                "what": finding.what(),
                "remedy": finding.remedy(),
            })
        };
        json!({
            "provider": self.provider,
            "verdict": self.verdict.as_str(),
            "code": code,
            "message": message,
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
        })
        .to_string()
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(false))
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation")
            .field("provider", &self.provider)
            .field("verdict", &self.verdict)
            .field("findings", &self.findings)
            .finish()
    }
}
