//! The headers of a request, all of them within bounds: `explain` also looks at those that should not be there.

use crate::headers::Headers;
use crate::lookup::trim;

/// The headers of a request, names in lower case.
pub(crate) struct Seen(Vec<(Vec<u8>, Vec<u8>)>);

impl Seen {
    pub(crate) fn new(headers: &(impl Headers + ?Sized)) -> Self {
        let mut lines = Vec::new();
        let mut room = MOST_BYTES;
        headers.visit(&mut |name, value| {
            let size = name.len() + value.len();
            if lines.len() == MOST_LINES || size > room || name.len() > LONGEST_NAME {
                return;
            }
            room -= size;
            lines.push((name.to_ascii_lowercase(), trim(value).to_vec()));
        });
        Self(lines)
    }

    pub(crate) fn lines(&self) -> &[(Vec<u8>, Vec<u8>)] {
        &self.0
    }

    /// The first value of a header that is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&[u8]> {
        self.all(name).next()
    }

    /// All values of a header that are not empty.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.0
            .iter()
            .filter(move |(known, value)| known == name.as_bytes() && !value.is_empty())
            .map(|(_, value)| &value[..])
    }

    /// The first value as text, if it is printable ASCII: such texts may stand in a terminal.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.get(name)?).ok().filter(|text| is_plain(text))
    }
}

/// A name as it may be shown, whoever chose it.
pub(crate) fn shown(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    text.chars().map(|char| if char.is_ascii_graphic() { char } else { '?' }).take(64).collect()
}

fn is_plain(text: &str) -> bool {
    text.len() <= 512 && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}

const MOST_LINES: usize = 256;
const MOST_BYTES: usize = 256 * 1024;
const LONGEST_NAME: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_bounded_and_printable() {
        let many: Vec<_> = (0..1000).map(|nth| (format!("X-{nth}"), "v".repeat(4096))).collect();
        let seen = Seen::new(&many);
        assert!(seen.lines().len() <= 256);
        assert_eq!(seen.get("x-0").map(<[u8]>::len), Some(4096));
        let seen = Seen::new(&[("Host", "a\x1b[31m"), ("X", " b ")]);
        assert_eq!(seen.text("host"), None);
        assert_eq!(seen.text("x"), Some("b"));
        assert_eq!(shown(b"x\x1b[1m\xff"), "x?[1m?");
    }
}
