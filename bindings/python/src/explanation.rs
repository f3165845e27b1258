//! Why a request does not verify.

use std::collections::BTreeMap;

use hookseal::{Certainty, ExplainOptions, FindingCode, Verdict};
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::type_hint_identifier;
use pyo3::types::PyString;

use crate::error::Error;
use crate::text::{Text, switch};

/// Why a request does not verify: for its developer, never for whoever sent it.
///
/// It holds no secret, no signature and nothing that the body says, and it turns no refusal into success.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Explanation(pub(crate) hookseal::Explanation);

#[pymethods]
impl Explanation {
    /// The id of the provider that it was verified as.
    #[getter]
    fn provider(&self) -> &str {
        self.0.provider()
    }

    /// What ``verify`` says: ``"verified"`` or ``"refused"``.
    #[getter]
    fn verdict(&self) -> &str {
        self.0.verdict().as_str()
    }

    /// The code of the ``VerificationError`` or ``ConfigError``; ``None`` if there is none.
    #[getter]
    fn code(&self) -> Option<&str> {
        self.0.verdict().code().map(hookseal::Code::as_str)
    }

    /// The message of the error; ``None`` if there is none.
    #[getter]
    fn message(&self) -> Option<&str> {
        match self.0.verdict() {
            Verdict::Verified => None,
            Verdict::Refused(error) => Some(error.message()),
        }
    }

    /// What was found, the surest first.
    #[getter]
    fn findings(&self) -> Vec<Finding> {
        self.0.findings().iter().cloned().map(Finding).collect()
    }

    /// Several lines for a terminal, with ANSI colours or, as ``str()`` has them, without.
    #[pyo3(signature = (*, color: "bool" = false))]
    fn to_text(&self, #[pyo3(from_py_with = switch)] color: bool) -> String {
        self.0.to_text(color)
    }

    /// A JSON object with ``provider``, ``verdict``, ``code``, ``message`` and ``findings``.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        let codes: Vec<_> = self.0.findings().iter().map(|finding| finding.code().as_str()).collect();
        format!("<Explanation {} findings={codes:?}>", self.code().unwrap_or("verified"))
    }
}

/// One thing that was found about a request.
#[pyclass(frozen, eq, module = "hookseal")]
#[derive(PartialEq)]
pub(crate) struct Finding(hookseal::Finding);

#[pymethods]
impl Finding {
    /// The stable code, such as ``"body_reserialized"``; ``hookseal.findings`` lists them.
    #[getter]
    fn code(&self) -> &str {
        self.0.code().as_str()
    }

    /// How sure it is: ``"certain"``, ``"likely"`` or ``"possible"``.
    #[getter]
    fn certainty(&self) -> &str {
        self.0.certainty().as_str()
    }

    /// What is so.
    #[getter]
    fn what(&self) -> &str {
        self.0.what()
    }

    /// What to do about it.
    #[getter]
    fn remedy(&self) -> &str {
        self.0.remedy()
    }

    fn __repr__(&self) -> String {
        format!("<Finding {} {}>", self.certainty(), self.code())
    }
}

/// Every code of a finding, with one sentence that says what it means.
#[pyfunction]
pub(crate) fn findings() -> BTreeMap<&'static str, &'static str> {
    FindingCode::ALL.iter().map(|code| (code.as_str(), code.sentence())).collect()
}

/// How sure findings are, the surest first.
#[pyfunction]
pub(crate) fn certainties() -> Vec<&'static str> {
    Certainty::ALL.iter().map(|certainty| certainty.as_str()).collect()
}

/// The web frameworks that remedies are known for.
#[pyfunction]
pub(crate) fn frameworks() -> Vec<&'static str> {
    hookseal::Framework::ALL.iter().map(|framework| framework.as_str()).collect()
}

/// The name of a web framework.
pub(crate) struct Framework(pub(crate) hookseal::Framework);

impl<'py> FromPyObject<'_, 'py> for Framework {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.types", "Framework");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let name: Text = object.extract()?;
        hookseal::Framework::parse(name.as_str()).map(Self).ok_or_else(|| {
            Error::argument(format!("The framework is one of {}.", frameworks().join(", "))).into()
        })
    }
}

/// Adds the explanation to an error's notes, which tracebacks show.
pub(crate) fn add_note(
    py: Python<'_>,
    error: hookseal::Error,
    webhook: &hookseal::Webhook,
    body: &[u8],
    lines: &[(Vec<u8>, Vec<u8>)],
    options: &ExplainOptions<'_>,
) -> PyErr {
    let is_refusal = error.kind() == hookseal::Kind::Verification;
    let error = PyErr::from(Error::from(error));
    if is_refusal {
        let note = py.detach(|| webhook.explain(body, lines, options).to_string());
        let value = error.value(py);
        // Before Python 3.11 there is no `add_note`; the attribute is where it keeps them.
        let added = match value.getattr_opt(pyo3::intern!(py, "add_note")) {
            Ok(Some(add)) => add.call1((note,)).map(drop),
            _ => value.setattr(pyo3::intern!(py, "__notes__"), [PyString::new(py, &note)]),
        };
        if let Err(unexpected) = added {
            return unexpected;
        }
    }
    error
}
