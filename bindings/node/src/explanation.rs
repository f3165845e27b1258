//! Why a request does not verify.

use hookseal::{Certainty, ExplainOptions, FindingCode, Framework, Headers, Verdict};
use napi::bindgen_prelude::ClassInstance;
use napi_derive::napi;

use crate::error::{Result, invalid_argument};
use crate::headers::wire;
use crate::secret::Secret;
use crate::time::instant;
use crate::webhook::WebhookHandle;

/// Why a request does not verify.
#[napi(object, object_from_js = false)]
pub struct Explanation {
    /// The id of the provider.
    pub provider: String,
    /// `verified` or `refused`.
    #[napi(ts_type = "'verified' | 'refused'")]
    pub verdict: &'static str,
    /// The code of the refusal.
    pub code: Option<&'static str>,
    /// Its message.
    pub message: Option<String>,
    /// What was found, the surest first.
    pub findings: Vec<Finding>,
    /// Lines for a terminal, without colours and with them.
    pub texts: Vec<String>,
}

/// One thing that was found.
#[napi(object, object_from_js = false)]
pub struct Finding {
    /// The stable code.
    pub code: &'static str,
    /// How sure it is.
    pub certainty: &'static str,
    /// What is so.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl From<hookseal::Explanation> for Explanation {
    fn from(explanation: hookseal::Explanation) -> Self {
        let message = match explanation.verdict() {
            Verdict::Verified => None,
            Verdict::Refused(error) => Some(error.message().to_owned()),
        };
        Self {
            provider: explanation.provider().to_owned(),
            verdict: explanation.verdict().as_str(),
            code: explanation.verdict().code().map(hookseal::Code::as_str),
            message,
            findings: explanation.findings().iter().map(Finding::from).collect(),
            texts: vec![explanation.to_text(false), explanation.to_text(true)],
        }
    }
}

impl From<&hookseal::Finding> for Finding {
    fn from(finding: &hookseal::Finding) -> Self {
        Self {
            code: finding.code().as_str(),
            certainty: finding.certainty().as_str(),
            what: finding.what().to_owned(),
            remedy: finding.remedy().to_owned(),
        }
    }
}

/// Says why a request does not verify; the lines are all of its headers: name, value, name, value.
#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments, reason = "an object would be taken apart here again")]
pub fn explain(
    webhook: &WebhookHandle,
    body: &[u8],
    now: f64,
    lines: Vec<String>,
    url: Option<String>,
    method: Option<String>,
    framework: Option<String>,
    other_secrets: Vec<ClassInstance<Secret>>,
) -> Result<Explanation> {
    let other_secrets: Vec<_> = other_secrets.iter().map(|secret| secret.0.clone()).collect();
    let framework = framework.map(|name| {
        Framework::parse(&name)
            .ok_or_else(|| invalid_argument(format!("The framework is one of {}.", frameworks().join(", "))))
    });
    let options = ExplainOptions {
        now: Some(instant(now)?),
        url: url.as_deref(),
        method: method.as_deref(),
        framework: framework.transpose()?,
        other_secrets: &other_secrets,
    };
    Ok(webhook.explain(body, &Lines(lines), &options).into())
}

/// Every line of a request.
struct Lines(Vec<String>);

impl Headers for Lines {
    fn visit(&self, each: &mut dyn FnMut(&[u8], &[u8])) {
        self.0.chunks_exact(2).for_each(|line| each(line[0].as_bytes(), &wire(line[1].as_bytes())));
    }
}

/// Whether `HOOKSEAL_EXPLAIN` is set to 1.
#[napi(catch_unwind)]
pub fn explains_by_environment() -> bool {
    hookseal::Webhook::explains_by_environment()
}

/// A code of a finding, and what it means.
#[napi(object, object_from_js = false)]
pub struct FindingSentence {
    /// The stable code.
    pub code: &'static str,
    /// What it means.
    pub sentence: &'static str,
}

/// Every code of a finding.
#[napi(catch_unwind)]
pub fn finding_codes() -> Vec<FindingSentence> {
    let codes = FindingCode::ALL.iter();
    codes.map(|code| FindingSentence { code: code.as_str(), sentence: code.sentence() }).collect()
}

/// How sure findings are, the surest first.
#[napi(catch_unwind)]
pub fn certainties() -> Vec<&'static str> {
    Certainty::ALL.iter().map(|certainty| certainty.as_str()).collect()
}

/// The web frameworks that remedies are known for.
#[napi(catch_unwind)]
pub fn frameworks() -> Vec<&'static str> {
    Framework::ALL.iter().map(|framework| framework.as_str()).collect()
}
