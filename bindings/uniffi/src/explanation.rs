//! Why a request does not verify.

use std::sync::Arc;

use hookseal::{Certainty, ExplainOptions, FindingCode, Framework, VerifyOptions};

use crate::error::{Failure, Result, invalid_argument};
use crate::headers::{Header, lines};
use crate::secret::{self, Secret};
use crate::webhook::{RequestOptions, Webhook};

/// Why a request does not verify: for its developer, never for whoever sent it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Explanation {
    /// The id of the provider that it was verified as.
    pub provider: String,
    /// What `verify` says: `verified` or `refused`.
    pub verdict: String,
    /// The error that `verify` throws, if it does.
    pub refusal: Option<Failure>,
    /// What was found, the surest first.
    pub findings: Vec<Finding>,
    /// Several lines for a terminal, without colours.
    pub text: String,
    /// The same with ANSI colours.
    pub colored_text: String,
    /// A JSON object.
    pub json: String,
}

/// One thing that was found about a request.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Finding {
    /// The stable code.
    pub code: String,
    /// How sure it is.
    pub certainty: FindingCertainty,
    /// What is so.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// How sure a finding is, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum FindingCertainty {
    /// It was tried, and the signature is right then; or the request itself shows it.
    Certain,
    /// Much speaks for it.
    Likely,
    /// It may be so.
    Possible,
}

/// A code of a finding.
#[derive(Clone, Debug, uniffi::Record)]
pub struct FindingSentence {
    /// The stable code.
    pub code: String,
    /// What it means.
    pub sentence: String,
}

#[uniffi::export]
impl Webhook {
    /// Says why a request does not verify, and what to do. Takes all headers of the request.
    pub fn explain(
        &self,
        body: Vec<u8>,
        headers: Vec<Header>,
        options: RequestOptions,
        framework: Option<String>,
        other_secrets: Vec<Arc<Secret>>,
    ) -> Result<Explanation> {
        let framework = framework.map(|name| {
            Framework::parse(&name).ok_or_else(|| {
                invalid_argument(format!("The framework is one of {}.", framework_names().join(", ")))
            })
        });
        let VerifyOptions { now, url, method } = options.verify();
        let other_secrets = secret::all(&other_secrets);
        let framework = framework.transpose()?;
        let options = ExplainOptions { now, url, method, framework, other_secrets: &other_secrets };
        Ok(self.0.explain(&body, &lines(headers), &options).into())
    }
}

/// Whether `HOOKSEAL_EXPLAIN` is set to 1.
#[uniffi::export]
pub fn explains_by_environment() -> Result<bool> {
    Ok(hookseal::Webhook::explains_by_environment())
}

/// Every code of a finding.
#[uniffi::export]
pub fn finding_codes() -> Result<Vec<FindingSentence>> {
    let row =
        |code: &FindingCode| FindingSentence { code: code.to_string(), sentence: code.sentence().to_owned() };
    Ok(FindingCode::ALL.iter().map(row).collect())
}

/// The web frameworks that remedies are known for.
#[uniffi::export]
pub fn frameworks() -> Result<Vec<String>> {
    Ok(framework_names())
}

fn framework_names() -> Vec<String> {
    Framework::ALL.iter().map(ToString::to_string).collect()
}

impl From<hookseal::Explanation> for Explanation {
    fn from(explanation: hookseal::Explanation) -> Self {
        let refusal = match explanation.verdict() {
            hookseal::Verdict::Verified => None,
            hookseal::Verdict::Refused(error) => Some(Failure::from(error)),
        };
        Self {
            provider: explanation.provider().to_owned(),
            verdict: explanation.verdict().as_str().to_owned(),
            refusal,
            findings: explanation.findings().iter().map(Finding::from).collect(),
            text: explanation.to_text(false),
            colored_text: explanation.to_text(true),
            json: explanation.to_json(),
        }
    }
}

impl From<&hookseal::Finding> for Finding {
    fn from(finding: &hookseal::Finding) -> Self {
        Self {
            code: finding.code().to_string(),
            certainty: match finding.certainty() {
                Certainty::Certain => FindingCertainty::Certain,
                Certainty::Likely => FindingCertainty::Likely,
                Certainty::Possible => FindingCertainty::Possible,
            },
            what: finding.what().to_owned(),
            remedy: finding.remedy().to_owned(),
        }
    }
}
