//! The few headers that matter, picked out of a request in one pass.

use crate::error::{Code, Error, Result};
use crate::headers::Headers;

/// The names of the headers that matter, in lower case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted(Vec<String>);

impl Wanted {
    pub(crate) fn add(&mut self, name: &str) {
        if !self.0.iter().any(|known| known == name) {
            self.0.push(name.to_owned());
        }
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }

    /// Copies the lines that matter; what else a request carries costs nothing but a look at its name.
    pub(crate) fn pick(&self, headers: &(impl Headers + ?Sized)) -> Result<Lines<'_>> {
        let mut lines = Lines { wanted: self, text: Vec::with_capacity(256), spans: Vec::with_capacity(8) };
        let mut fault = None;
        headers.visit(&mut |name, value| {
            let Some(nth) = self.0.iter().position(|wanted| wanted.as_bytes().eq_ignore_ascii_case(name))
            else {
                return;
            };
            if value.len() > LONGEST_VALUE || lines.spans.len() == MOST_LINES {
                fault.get_or_insert(nth);
                return;
            }
            let start = lines.text.len();
            lines.text.extend_from_slice(trim(value));
            lines.spans.push((nth, start..lines.text.len()));
        });
        match fault {
            None => Ok(lines),
            Some(nth) => Err(Error::new(
                Code::MalformedHeader,
                format!("The header {} is longer than 16 KiB or was sent too often.", self.0[nth]),
            )),
        }
    }
}

/// The lines of a request that matter.
pub(crate) struct Lines<'w> {
    wanted: &'w Wanted,
    text: Vec<u8>,
    spans: Vec<(usize, std::ops::Range<usize>)>,
}

impl Lines<'_> {
    /// The values of all lines with this name that are not empty.
    pub(crate) fn all<'l>(&'l self, name: &str) -> impl Iterator<Item = &'l [u8]> {
        let wanted = self.wanted.0.iter().position(|known| known == name);
        self.spans
            .iter()
            .filter(move |(nth, _)| Some(*nth) == wanted)
            .map(|(_, span)| &self.text[span.clone()])
            .filter(|value| !value.is_empty())
    }

    /// The value of the first of these headers that is there.
    ///
    /// Two lines that say different things are refused: what is verified must be what the application reads.
    pub(crate) fn one(&self, names: &[String]) -> Result<Option<&[u8]>> {
        for name in names {
            let mut values = self.all(name);
            let Some(first) = values.next() else { continue };
            if values.any(|other| other != first) {
                return Err(Error::new(
                    Code::MalformedHeader,
                    format!("The header {name} was sent twice with different values."),
                ));
            }
            return Ok(Some(first));
        }
        Ok(None)
    }
}

/// Without the spaces and tabs that HTTP allows around a value (RFC 9110 §5.5).
pub(crate) fn trim(value: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().position(|byte| !is_space(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    &value[start..end]
}

const LONGEST_VALUE: usize = 16 * 1024;
const MOST_LINES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        let mut wanted = Wanted::default();
        wanted.add("x-id");
        wanted.add("x-alias");
        wanted
    }

    #[test]
    fn picks_by_name_in_any_case() {
        let wanted = wanted();
        let lines =
            wanted.pick(&[("X-Id", " 7\t"), ("other", "x"), ("x-alias", "8"), ("X-ID", "7")]).unwrap();
        assert_eq!(lines.all("x-id").collect::<Vec<_>>(), [b"7", b"7"]);
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(lines.one(&names(&["x-id", "x-alias"])).unwrap(), Some(&b"7"[..]));
        assert_eq!(lines.one(&names(&["x-missing", "x-alias"])).unwrap(), Some(&b"8"[..]));
        assert_eq!(lines.one(&names(&["x-missing"])).unwrap(), None);
    }

    #[test]
    fn refuses_what_is_ambiguous_or_without_bound() {
        let wanted = wanted();
        let lines = wanted.pick(&[("x-id", "7"), ("X-ID", "8")]).unwrap();
        assert_eq!(lines.one(&["x-id".to_owned()]).unwrap_err().code(), Code::MalformedHeader);
        let long = "x".repeat(LONGEST_VALUE + 1);
        assert!(wanted.pick(&[("x-id", &long)]).is_err());
        assert!(wanted.pick(&[("other", &long)]).is_ok());
        let many = vec![("x-id", "7"); MOST_LINES + 1];
        assert!(wanted.pick(&many).is_err());
    }

    #[test]
    fn trims_spaces_and_tabs_only() {
        assert_eq!(trim(b" \t a b \t"), b"a b");
        assert_eq!(trim(b" \t "), b"");
        assert_eq!(trim(b"\na\n"), b"\na\n");
    }
}
