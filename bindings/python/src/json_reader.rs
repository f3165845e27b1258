//! JSON text as Python objects, the same that `json.loads` makes of it, in a fraction of the time.
//!
//! It reads text that the core has checked, nested at most 128 deep: what it meets here and did not expect is an
//! error all the same, never a panic.

use std::borrow::Cow;

use memchr::{memchr, memchr2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};

/// The value of a JSON text.
pub(crate) fn read<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    Reader { py, text, at: 0, keys: [const { None }; KEYS] }.value()
}

struct Reader<'t, 'py> {
    py: Python<'py>,
    text: &'t str,
    at: usize,
    /// The keys that were seen last: objects in a list have the same ones again and again.
    keys: [Option<(&'t str, Bound<'py, PyString>)>; KEYS],
}

impl<'t, 'py> Reader<'t, 'py> {
    fn value(&mut self) -> PyResult<Bound<'py, PyAny>> {
        match self.next()? {
            b'{' => self.object(),
            b'[' => self.list(),
            b'"' => {
                let quoted = self.quoted()?;
                Ok(self.string(quoted)?.into_any())
            }
            b't' => self.word("true", PyBool::new(self.py, true).to_owned().into_any()),
            b'f' => self.word("false", PyBool::new(self.py, false).to_owned().into_any()),
            b'n' => self.word("null", self.py.None().into_bound(self.py)),
            _ => self.number(),
        }
    }

    fn object(&mut self) -> PyResult<Bound<'py, PyAny>> {
        let dict = PyDict::new(self.py);
        self.at += 1;
        let mut next = self.next()?;
        while next != b'}' {
            let key = self.key()?;
            self.expect(b':')?;
            dict.set_item(key, self.value()?)?;
            next = self.separator(b'}')?;
        }
        self.at += 1;
        Ok(dict.into_any())
    }

    fn list(&mut self) -> PyResult<Bound<'py, PyAny>> {
        let mut items = Vec::new();
        self.at += 1;
        let mut next = self.next()?;
        while next != b']' {
            items.push(self.value()?);
            next = self.separator(b']')?;
        }
        self.at += 1;
        Ok(PyList::new(self.py, items)?.into_any())
    }

    fn key(&mut self) -> PyResult<Bound<'py, PyString>> {
        let quoted = self.quoted()?;
        let bytes = quoted.as_bytes();
        // Length and two characters tell most keys of an object apart.
        let slot = (bytes.len() ^ usize::from(bytes[1]) << 2 ^ usize::from(bytes[bytes.len() / 2])) % KEYS;
        if let Some((known, key)) = &self.keys[slot]
            && *known == quoted
        {
            return Ok(key.clone());
        }
        let key = self.string(quoted)?;
        self.keys[slot] = Some((quoted, key.clone()));
        Ok(key)
    }

    /// A string literal with its quotes.
    fn quoted(&mut self) -> PyResult<&'t str> {
        if self.next()? != b'"' {
            return Err(self.unexpected());
        }
        let start = self.at;
        let mut at = start + 1;
        loop {
            let rest = self.text.as_bytes().get(at..).unwrap_or_default();
            match memchr2(b'"', b'\\', rest) {
                None => return Err(self.unexpected()),
                Some(found) if rest[found] == b'\\' => at += found + 2,
                Some(found) => {
                    self.at = at + found + 1;
                    return self.text.get(start..self.at).ok_or_else(|| self.unexpected());
                }
            }
        }
    }

    fn string(&self, quoted: &str) -> PyResult<Bound<'py, PyString>> {
        let inside = &quoted[1..quoted.len() - 1];
        if memchr(b'\\', inside.as_bytes()).is_none() {
            return Ok(PyString::new(self.py, inside));
        }
        match serde_json::from_str::<Cow<'_, str>>(quoted) {
            Ok(text) => Ok(PyString::new(self.py, &text)),
            // An escaped half of a surrogate pair, which a Python string can hold.
            Err(_) => Ok(self.py.import("json")?.call_method1("loads", (quoted,))?.cast_into()?),
        }
    }

    fn number(&mut self) -> PyResult<Bound<'py, PyAny>> {
        let rest = &self.text[self.at..];
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.as_bytes().iter().take_while(|byte| is_part(byte)).count();
        let number = &rest[..length];
        if length == 0 {
            return Err(self.unexpected());
        }
        self.at += length;
        if let Ok(number) = number.parse::<i64>() {
            return Ok(number.into_pyobject(self.py)?.into_any());
        }
        if number.contains(['.', 'e', 'E']) {
            let number = number.parse().map_err(|_| self.unexpected())?;
            return Ok(PyFloat::new(self.py, number).into_any());
        }
        // Python's integers are as long as they like, up to its own limit of digits.
        self.py.get_type::<PyInt>().call1((number,))
    }

    fn word(&mut self, word: &str, value: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.unexpected());
        }
        self.at += word.len();
        Ok(value)
    }

    /// Steps over a comma, if one follows; returns what comes then, without stepping over it.
    fn separator(&mut self, end: u8) -> PyResult<u8> {
        match self.next()? {
            b',' => {
                self.at += 1;
                self.next()
            }
            next if next == end => Ok(next),
            _ => Err(self.unexpected()),
        }
    }

    fn expect(&mut self, wanted: u8) -> PyResult<()> {
        if self.next()? != wanted {
            return Err(self.unexpected());
        }
        self.at += 1;
        Ok(())
    }

    /// The next byte that is not whitespace; stays before it.
    fn next(&mut self) -> PyResult<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Ok(*byte);
            }
            self.at += 1;
        }
        Err(self.unexpected())
    }

    fn unexpected(&self) -> PyErr {
        PyValueError::new_err(format!("not JSON at byte {}", self.at))
    }
}

const KEYS: usize = 64;
