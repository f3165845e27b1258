//! Which events an endpoint wants.

use std::fmt;

use crate::error::{Error, Result};

/// A list of patterns: exact types (`booking.created`), prefixes (`booking.*`) and everything (`*`).
///
/// `booking.*` matches `booking.created` and `booking.guest.added`, but not `booking`. An empty list wants every
/// event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventFilter {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Pattern {
    All,
    /// With the dot at its end.
    Prefix(String),
    Exact(String),
}

impl EventFilter {
    /// The filter of these patterns.
    ///
    /// # Errors
    /// `invalid_argument` for a pattern that is empty, has whitespace, commas or control characters in it, or a
    /// `*` elsewhere than at the end after a dot.
    pub fn new<P: AsRef<str>>(patterns: impl IntoIterator<Item = P>) -> Result<Self> {
        let patterns: Result<Vec<_>> =
            patterns.into_iter().map(|pattern| Pattern::parse(pattern.as_ref())).collect();
        Ok(Self { patterns: patterns? })
    }

    /// Wants every event.
    pub fn all() -> Self {
        Self::default()
    }

    /// Whether events of this type are wanted.
    pub fn matches(&self, event_type: &str) -> bool {
        self.patterns.is_empty() || self.patterns.iter().any(|pattern| pattern.matches(event_type))
    }

    /// The patterns, as they were given.
    pub fn patterns(&self) -> impl Iterator<Item = String> {
        self.patterns.iter().map(Pattern::to_string)
    }

    /// As one text, as files hold it; `parse` reads it back.
    #[cfg(any(test, feature = "sqlite", feature = "postgres"))]
    pub(crate) fn to_text(&self) -> String {
        self.patterns().collect::<Vec<_>>().join(",")
    }

    #[cfg(any(test, feature = "sqlite", feature = "postgres"))]
    pub(crate) fn parse(text: &str) -> Result<Self> {
        Self::new(text.split(',').filter(|pattern| !pattern.is_empty()))
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Self> {
        let odd = |letter: char| letter.is_whitespace() || letter.is_control() || letter == ',';
        if text.is_empty() || text.chars().any(odd) {
            return Err(wrong(text, "is empty or has whitespace or commas in it"));
        }
        if text == "*" {
            return Ok(Self::All);
        }
        let (head, prefix) = match text.strip_suffix(".*") {
            Some(head) => (head, true),
            None => (text, false),
        };
        if head.is_empty() || head.contains('*') {
            return Err(wrong(text, "may have a * only as a whole, or at its end after a dot"));
        }
        Ok(if prefix { Self::Prefix(format!("{head}.")) } else { Self::Exact(text.to_owned()) })
    }

    fn matches(&self, event_type: &str) -> bool {
        match self {
            Self::All => true,
            Self::Prefix(prefix) => event_type.starts_with(prefix.as_str()),
            Self::Exact(exact) => exact == event_type,
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
            Self::Exact(exact) => f.write_str(exact),
        }
    }
}

fn wrong(pattern: &str, reason: &str) -> Error {
    Error::argument(format!("The event pattern {pattern:?} {reason}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;
    use proptest::prelude::*;

    #[test]
    fn patterns_match() {
        let filter = EventFilter::new(["booking.created", "guest.*"]).unwrap();
        for (event_type, wanted) in [
            ("booking.created", true),
            ("booking.created.twice", false),
            ("booking", false),
            ("guest.added", true),
            ("guest.added.late", true),
            ("guest", false),
            ("guests.added", false),
            ("", false),
        ] {
            assert_eq!(filter.matches(event_type), wanted, "{event_type}");
        }
        assert!(EventFilter::all().matches("anything"));
        assert!(EventFilter::new(["*"]).unwrap().matches("anything"));
    }

    #[test]
    fn senseless_patterns_are_refused() {
        for pattern in ["", " ", "a b", "a,b", "a*", "*.a", ".*", "a.*.b", "**", "a\n"] {
            assert_eq!(EventFilter::new([pattern]).unwrap_err().code(), Code::InvalidArgument, "{pattern:?}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_it_wrote(patterns in proptest::collection::vec(r"\*|[a-z.]{0,5}[a-z](\.\*)?", 0..4)) {
            let filter = EventFilter::new(&patterns).unwrap();
            prop_assert_eq!(filter.patterns().collect::<Vec<_>>(), patterns);
            prop_assert_eq!(EventFilter::parse(&filter.to_text()).unwrap(), filter);
        }
    }
}
