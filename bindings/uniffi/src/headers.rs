//! Header lines: a list of names and values, in any case and as often as they came.

/// One header line.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Header {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// The lines as the core reads them. A host shows every byte of a header as the character of that number, or has
/// decoded UTF-8: characters beyond 255 were never on a wire and stay what they are.
pub(crate) fn lines(headers: Vec<Header>) -> Vec<(Vec<u8>, Vec<u8>)> {
    headers.into_iter().map(|header| (header.name.into_bytes(), wire(header.value))).collect()
}

pub(crate) fn pairs(headers: Vec<Header>) -> Vec<(String, String)> {
    headers.into_iter().map(|header| (header.name, header.value)).collect()
}

pub(crate) fn records(headers: impl IntoIterator<Item = (String, String)>) -> Vec<Header> {
    headers.into_iter().map(|(name, value)| Header { name, value }).collect()
}

fn wire(value: String) -> Vec<u8> {
    if value.is_ascii() {
        return value.into_bytes();
    }
    let bytes: Option<Vec<_>> = value.chars().map(|character| u8::try_from(character).ok()).collect();
    bytes.unwrap_or_else(|| value.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_what_was_on_the_wire() {
        assert_eq!(wire("v1,abc".to_owned()), b"v1,abc");
        assert_eq!(wire("\u{c3}\u{a9}".to_owned()), "é".as_bytes());
        assert_eq!(wire("€".to_owned()), "€".as_bytes());
    }
}
