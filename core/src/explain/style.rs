//! The ways in which JSON is written.

/// How JSON is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) layout: Layout,
    pub(crate) strings: Strings,
    pub(crate) numbers: Numbers,
    pub(crate) sorted: bool,
    /// For people, after "it verifies as".
    pub(crate) name: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    Compact,
    /// A space after each comma and colon, as Python's `json.dumps` writes.
    Spaced,
    /// Lines, indented by so many spaces.
    Indented(usize),
}

/// Which characters of a string are escaped besides those that must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strings {
    /// As they came.
    Kept,
    None,
    /// All that is not ASCII.
    Unicode,
    /// All that is not ASCII, and the slash (PHP).
    UnicodeAndSlash,
    /// The slash (PHP with JSON_UNESCAPED_UNICODE).
    Slash,
    /// `<`, `>`, `&` and the two line separators (Go).
    Html,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    Kept,
    /// As JavaScript writes doubles: `1` for `1.0`.
    JavaScript,
    /// As Python writes them: whole numbers as they came, `1.0` for `1e0`.
    Python,
}

const fn style(layout: Layout, strings: Strings, name: &'static str) -> Style {
    Style { layout, strings, numbers: Numbers::Kept, sorted: false, name }
}

/// The ways in which senders write, the most usual first.
pub(crate) const STYLES: &[Style] = &[
    style(Layout::Compact, Strings::None, "compact JSON, as JSON.stringify writes it"),
    style(
        Layout::Spaced,
        Strings::Unicode,
        "JSON with spaces and \\u escapes, as Python's json.dumps writes it",
    ),
    style(Layout::Spaced, Strings::None, "JSON with spaces after commas and colons, without \\u escapes"),
    style(
        Layout::Compact,
        Strings::UnicodeAndSlash,
        "compact JSON with \\u and \\/ escapes, as PHP's json_encode writes it",
    ),
    style(Layout::Compact, Strings::Unicode, "compact JSON with \\u escapes"),
    style(
        Layout::Compact,
        Strings::Html,
        "compact JSON with <, > and & escaped, as Go's json.Marshal writes it",
    ),
    style(Layout::Compact, Strings::Slash, "compact JSON with \\/ escapes"),
    style(Layout::Compact, Strings::Kept, "compact JSON"),
    style(Layout::Spaced, Strings::Kept, "JSON with spaces after commas and colons"),
    style(Layout::Indented(2), Strings::None, "JSON indented by two spaces"),
    style(Layout::Indented(4), Strings::None, "JSON indented by four spaces"),
    style(Layout::Indented(2), Strings::Unicode, "JSON indented by two spaces, with \\u escapes"),
    style(
        Layout::Indented(4),
        Strings::UnicodeAndSlash,
        "JSON indented by four spaces, with \\u and \\/ escapes",
    ),
    Style { sorted: true, ..style(Layout::Compact, Strings::None, "compact JSON with its keys sorted") },
    Style { sorted: true, ..style(Layout::Spaced, Strings::Unicode, "JSON with spaces and its keys sorted") },
    Style { sorted: true, ..style(Layout::Indented(2), Strings::None, "indented JSON with its keys sorted") },
    Style {
        numbers: Numbers::JavaScript,
        ..style(Layout::Compact, Strings::None, "compact JSON with numbers as JavaScript writes them")
    },
    Style {
        numbers: Numbers::Python,
        ..style(Layout::Spaced, Strings::Unicode, "JSON with spaces and numbers as Python writes them")
    },
];
