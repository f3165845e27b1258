//! What is questionable, but not wrong.

use std::fmt;

/// Something questionable about a secret, for the developer to read once. It holds no part of the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    code: WarningCode,
    message: String,
}

/// The stable code of a [`Warning`]; `tests/errors.json` lists them for all languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WarningCode {
    /// The secret is so short that it could be guessed.
    WeakSecret,
    /// The secret had whitespace around it, which was dropped.
    TrimmedSecret,
}

impl Warning {
    pub(crate) fn new(code: WarningCode, message: String) -> Self {
        Self { code, message }
    }

    /// The stable code, the same in every language.
    pub fn code(&self) -> WarningCode {
        self.code
    }

    /// What is questionable and what to do.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl WarningCode {
    /// Every code, in the order of `tests/errors.json`.
    pub const ALL: &'static [Self] = &[Self::WeakSecret, Self::TrimmedSecret];

    /// The code as text, such as `weak_secret`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WeakSecret => "weak_secret",
            Self::TrimmedSecret => "trimmed_secret",
        }
    }

    /// One sentence that says what the code means.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::WeakSecret => "The secret is so short that it could be guessed.",
            Self::TrimmedSecret => "The secret had whitespace around it, which was dropped.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_every_language() {
        let shared = include_str!("../../tests/errors.json");
        let shared: serde_json::Value = serde_json::from_str(shared).unwrap();
        let ours: Vec<_> = WarningCode::ALL
            .iter()
            .map(|code| serde_json::json!({ "code": code.as_str(), "sentence": code.sentence() }))
            .collect();
        assert_eq!(shared["warnings"], serde_json::Value::from(ours));
    }
}
