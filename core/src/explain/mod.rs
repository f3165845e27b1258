//! Why a request does not verify, and what to do about it.
//!
//! The question is always the same: with which single change would `verify` have accepted the request? Each change is
//! tried by the code that verifies, so what is certain is proven by the sender's own signature, and whoever does not
//! have the secret learns nothing from it. No change that fits makes `verify` accept anything.

mod body;
mod case;
mod explanation;
mod finding;
mod framework;
mod header;
mod inflate;
mod keys;
mod origin;
mod render;
mod rewrite;
mod seen;
mod style;
mod time;
mod url;

use std::time::SystemTime;

use crate::error::Code;
use crate::handshake::{HandshakeOptions, Question};
use crate::headers::Headers;
use crate::lookup::Wanted;
use crate::secret::Secret;
use crate::webhook::{VerifyOptions, Webhook};

use case::Case;
use seen::Seen;

pub use explanation::{Explanation, Verdict};
pub use finding::{Certainty, Finding, FindingCode};
pub use framework::Framework;

/// What `explain` may be told besides body and headers.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExplainOptions<'o> {
    /// The time to compare timestamps with; the system's clock if nothing is given.
    pub now: Option<SystemTime>,
    /// The url as it was given to `verify`.
    pub url: Option<&'o str>,
    /// The method as it was given to `verify`.
    pub method: Option<&'o str>,
    /// The web framework that took the request in, so that remedies name its own way.
    pub framework: Option<Framework>,
    /// Other secrets of the same owner, such as those of other endpoints and environments: whether one of them has
    /// signed the request. Never those of other tenants.
    pub other_secrets: &'o [Secret],
}

impl Webhook {
    /// Says why a request does not verify, and what to do: for its developer, never for whoever sent it.
    ///
    /// The verdict is the one of [`verify`](Self::verify), with the same options; nothing that is found changes it.
    /// Pass all headers of the request. No more is done than to hash the body some hundred times, and bodies of more
    /// than 1 MiB are not changed to be tried.
    pub fn explain(
        &self,
        body: &[u8],
        headers: &(impl Headers + ?Sized),
        options: &ExplainOptions<'_>,
    ) -> Explanation {
        let ExplainOptions { now, url, method, .. } = *options;
        let verdict = match self.verify_with(body, headers, &VerifyOptions { now, url, method }) {
            Ok(_) => Verdict::Verified,
            Err(error) => Verdict::Refused(error),
        };
        let case = Case::new(self, body, Seen::new(headers), options);
        let mut findings = examine(&case, &verdict);
        // Stable: what is equally sure stays in the order in which it was looked for.
        findings.sort_by_key(Finding::certainty);
        findings.truncate(MOST_FINDINGS);
        Explanation::new(self.provider().id(), verdict, findings)
    }

    /// Whether refusals are to be explained, because `HOOKSEAL_EXPLAIN` is set to 1 in the environment.
    #[doc(hidden)]
    pub fn explains_by_environment() -> bool {
        std::env::var_os("HOOKSEAL_EXPLAIN").is_some_and(|value| value == "1")
    }
}

fn examine(case: &Case<'_>, verdict: &Verdict) -> Vec<Finding> {
    let mut findings: Vec<_> = handshake(case).into_iter().collect();
    match verdict.code() {
        None => {}
        Some(code @ (Code::TimestampTooOld | Code::TimestampTooNew)) => {
            findings.extend(time::refused(case, code));
        }
        Some(Code::MalformedTimestamp) => findings.extend(time::malformed(case)),
        Some(_) => match proof(case) {
            Some(finding) => {
                findings.push(finding);
                // Once that is mended, the time is what is refused next.
                findings.extend(time::besides(case));
            }
            None => findings.extend(hints(case, verdict)),
        },
    }
    findings
}

/// The first change with which the request verifies; what goes wrong most often is tried first.
fn proof(case: &Case<'_>) -> Option<Finding> {
    body::proof(case)
        .or_else(|| header::proof(case))
        .or_else(|| keys::proof(case))
        .or_else(|| url::proof(case))
        .or_else(|| origin::proof(case))
}

fn hints(case: &Case<'_>, verdict: &Verdict) -> Vec<Finding> {
    let mut findings: Vec<_> = url::hint(case).into_iter().collect();
    findings.extend(keys::hints(case));
    findings.extend(origin::hints(case));
    let is_foreign = findings.iter().any(|finding| finding.code() == FindingCode::WrongProvider);
    // That of another provider lacks our headers of course.
    findings.extend(header::hints(case).into_iter().filter(|_| !is_foreign));
    findings.extend(body::hints(case));
    findings.extend(malformed(verdict).filter(|_| findings.is_empty()));
    if verdict.code() == Some(Code::SignatureMismatch)
        && findings.iter().all(|finding| finding.certainty() == Certainty::Possible)
    {
        findings.extend(unproven(case));
    }
    findings
}

/// That the request is a question, which no handler of events answers.
fn handshake(case: &Case<'_>) -> Option<Finding> {
    let handshake = case.webhook.provider().handshake.as_ref()?;
    let mut wanted = Wanted::default();
    handshake.want(&mut wanted);
    let lines = wanted.pick(case.seen.lines()).ok()?;
    let ExplainOptions { now, url, method, .. } = *case.options;
    let options = HandshakeOptions { now, url, method, verify_token: None };
    let question = Question { body: case.body, lines: &lines, options: &options };
    handshake.asks(&question).ok().filter(|asks| *asks)?;
    let what = "The request is the provider's handshake, by which it finds out whose the endpoint is; it is no event.";
    let remedy = "Answer it with what `webhook.handshake(…)` returns, before `verify` is called.";
    Some(Finding::certain(FindingCode::HandshakeRequest, what, remedy))
}

fn malformed(verdict: &Verdict) -> Option<Finding> {
    let Verdict::Refused(error) = verdict else { return None };
    (error.code() == Code::MalformedHeader).then(|| {
        let remedy =
            "Pass the header's value as it came. If it came so, it is another provider's or version's.";
        Finding::certain(FindingCode::HeaderMalformed, error.message().to_owned(), remedy)
    })
}

/// What is left where nothing fits.
fn unproven(case: &Case<'_>) -> [Finding; 2] {
    [
        Finding::possible(
            FindingCode::SecretUnknown,
            "The secret may be that of another endpoint, account or environment: none of its readings fits.",
            "Copy the secret of the endpoint with this very url. Command line tools that forward events have one of \
             their own.",
        ),
        Finding::possible(
            FindingCode::BodyChanged,
            "The body may have been changed in a way that none of the usual variations undoes.",
            case.raw_body(),
        ),
    ]
}

const MOST_FINDINGS: usize = 8;

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
