//! Headers as text, as an attempt tells them and the log keeps them.

use std::fmt;

/// Names and values in the order they had, in one text: there is one of these with every attempt, and who writes it
/// is not who reads it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HeaderText(String);

impl HeaderText {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    pub(crate) fn push(&mut self, name: &str, value: &str) {
        for part in [name, ": ", value, "\n"] {
            self.0.push_str(part);
        }
    }

    /// Every name with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.split_terminator('\n').filter_map(|line| line.split_once(": "))
    }

    /// The same, on their own.
    pub fn to_vec(&self) -> Vec<(String, String)> {
        self.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As they stand in a column, which is how they stand on the wire; nothing in them can break it, for neither
    /// names nor values hold line ends.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) fn as_text(&self) -> &str {
        &self.0
    }

    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) fn from_text(text: String) -> Self {
        Self(text)
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for HeaderText {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(headers: I) -> Self {
        let mut text = Self::default();
        headers.into_iter().for_each(|(name, value)| text.push(name.as_ref(), value.as_ref()));
        text
    }
}

impl fmt::Debug for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_comes_out() {
        let given = [("a", "b: c"), ("empty", ""), ("a", "again")];
        let headers = HeaderText::from_iter(given);
        assert_eq!(headers.iter().collect::<Vec<_>>(), given);
        assert_eq!(headers.to_vec()[0], ("a".to_owned(), "b: c".to_owned()));
        assert!(!headers.is_empty() && HeaderText::default().is_empty());
        assert_eq!(format!("{headers:?}"), r#"{"a": "b: c", "empty": "", "a": "again"}"#);
    }
}
