//! Request headers as the frameworks of Python have them.
//!
//! Understood are: a dict or any other mapping (`str` or `bytes`, one value or a list of them), a list of
//! pairs, a WSGI environ, an ASGI scope or its headers, and every object with `items()`: the headers of
//! Starlette, Django, werkzeug, aiohttp, `http.server` and `email.message`. What is no header at all (a `None`,
//! the other entries of an environ) is passed over, because it says nothing about the request.

use std::borrow::Cow;

use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyInt, PyList, PyString, PyTuple};
use pyo3::{intern, type_hint_identifier};

use crate::error::{Error, TypeName};

/// Headers that can be read without running any Python code.
pub(crate) enum Headers<'py> {
    Dict(Bound<'py, PyDict>),
    List(Bound<'py, PyList>),
    Tuple(Bound<'py, PyTuple>),
}

impl<'py> Headers<'py> {
    /// Those of these names, in lower case. Nothing of the others is even looked at.
    pub(crate) fn named<'h>(&'h self, names: &'h [String]) -> Named<'h, 'py> {
        Named { headers: self, names }
    }

    /// A copy of those of these names that can be read while detached from the interpreter.
    pub(crate) fn lines(&self, names: &[String]) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut lines = Vec::new();
        let mut each = |name: &[u8], value: &[u8]| lines.push((name.to_vec(), value.to_vec()));
        Visit { names: Some(names), each: &mut each }.headers(self);
        lines
    }

    /// A copy of all of them.
    pub(crate) fn all(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut lines = Vec::new();
        let mut each = |name: &[u8], value: &[u8]| lines.push((name.to_vec(), value.to_vec()));
        Visit { names: None, each: &mut each }.headers(self);
        lines
    }
}

/// The headers of some names.
pub(crate) struct Named<'h, 'py> {
    headers: &'h Headers<'py>,
    names: &'h [String],
}

impl hookseal::Headers for Named<'_, '_> {
    fn visit(&self, each: &mut dyn FnMut(&[u8], &[u8])) {
        Visit { names: Some(self.names), each }.headers(self.headers);
    }
}

impl<'py> FromPyObject<'_, 'py> for Headers<'py> {
    type Error = PyErr;
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("hookseal.types", "Headers");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        // A subclass may have its own idea of `items`, so only a plain dict is read directly.
        if let Ok(dict) = object.cast_exact::<PyDict>() {
            return Ok(Self::Dict(dict.to_owned()));
        }
        if let Ok(pairs) = object.cast_exact::<PyList>() {
            return Ok(Self::List(pairs.to_owned()));
        }
        if let Ok(pairs) = object.cast_exact::<PyTuple>() {
            return Ok(Self::Tuple(pairs.to_owned()));
        }
        if object.is_none() || object.is_instance_of::<PyString>() || object.is_instance_of::<PyBytes>() {
            return Err(unreadable(object).into());
        }
        let pairs = pairs_of(object);
        pairs.map(Self::List).map_err(|cause| unreadable(object).because(object.py(), cause).into())
    }
}

/// The pairs of a mapping, a framework's headers or any iterable.
fn pairs_of<'py>(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
    let py = object.py();
    // Starlette and httpx keep the lines as they came under this name; their `items` decodes each of them.
    if let Some(raw) = object.getattr_opt(intern!(py, "raw"))?
        && let Ok(raw) = raw.cast_into_exact::<PyList>()
    {
        return Ok(raw);
    }
    let pairs = match object.getattr_opt(intern!(py, "items"))? {
        Some(items) => items.call0()?,
        None => object.to_owned(),
    };
    pairs.try_iter()?.try_fold(PyList::empty(py), |list, item| {
        list.append(item?)?;
        Ok(list)
    })
}

fn unreadable(object: Borrowed<'_, '_, PyAny>) -> Error {
    let got = TypeName(&object);
    Error::argument(format!(
        "The headers are a mapping or a list of pairs, not {got}; pass the request's headers."
    ))
}

/// One walk over headers, for those of these names, or for all.
struct Visit<'v> {
    names: Option<&'v [String]>,
    each: &'v mut dyn FnMut(&[u8], &[u8]),
}

impl Visit<'_> {
    fn headers(&mut self, headers: &Headers<'_>) {
        match headers {
            Headers::Dict(dict) => dict.iter().for_each(|(name, value)| self.line(&name, &value)),
            Headers::List(pairs) => pairs.iter().for_each(|item| self.pair(&item)),
            Headers::Tuple(pairs) => pairs.iter().for_each(|item| self.pair(&item)),
        }
    }

    /// One `(name, value)`; what is no pair is passed over.
    fn pair(&mut self, item: &Bound<'_, PyAny>) {
        if let Ok(pair) = item.cast::<PyTuple>()
            && let (2, Ok(name), Ok(value)) = (pair.len(), pair.get_item(0), pair.get_item(1))
        {
            self.line(&name, &value);
        } else if let Ok(pair) = item.cast::<PyList>()
            && let (2, Ok(name), Ok(value)) = (pair.len(), pair.get_item(0), pair.get_item(1))
        {
            self.line(&name, &value);
        }
    }

    /// One header, or one entry of an environ or scope.
    fn line(&mut self, name: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) {
        let Ok(text) = name.cast::<PyString>() else {
            if let Ok(name) = name.cast::<PyBytes>() {
                self.values(name.as_bytes(), value);
            }
            return;
        };
        let Ok(name) = text.to_str() else { return };
        if let Some(name) = name.strip_prefix("HTTP_") {
            return self.values(wsgi(name).as_bytes(), value);
        }
        match name {
            "CONTENT_TYPE" | "CONTENT_LENGTH" => self.values(wsgi(name).as_bytes(), value),
            // An ASGI scope, of which the headers are one entry.
            "headers" if self.scope(value) => {}
            _ => self.values(name.as_bytes(), value),
        }
    }

    /// Whether these were the headers of a scope.
    fn scope(&mut self, headers: &Bound<'_, PyAny>) -> bool {
        if let Ok(pairs) = headers.cast::<PyList>() {
            pairs.iter().for_each(|item| self.pair(&item));
        } else if let Ok(pairs) = headers.cast::<PyTuple>() {
            pairs.iter().for_each(|item| self.pair(&item));
        } else {
            return false;
        }
        true
    }

    /// Every value of a header: one, or a list of them.
    fn values(&mut self, name: &[u8], value: &Bound<'_, PyAny>) {
        let is_it = |wanted: &String| wanted.as_bytes().eq_ignore_ascii_case(name);
        let is_wanted = self.names.is_none_or(|names| names.iter().any(is_it));
        if !is_wanted || self.value(name, value) {
            return;
        }
        if let Ok(list) = value.cast::<PyList>() {
            list.iter().for_each(|value| _ = self.value(name, &value));
        } else if let Ok(list) = value.cast::<PyTuple>() {
            list.iter().for_each(|value| _ = self.value(name, &value));
        }
    }

    /// Whether it was a value.
    fn value(&mut self, name: &[u8], value: &Bound<'_, PyAny>) -> bool {
        if let Ok(text) = value.cast::<PyString>() {
            if let Some(bytes) = wire(text) {
                (self.each)(name, &bytes);
            }
        } else if let Ok(bytes) = value.cast::<PyBytes>() {
            (self.each)(name, bytes.as_bytes());
        } else if value.is_exact_instance_of::<PyInt>()
            && let Ok(number) = value.str()
        {
            // A timestamp that somebody wrote as a number.
            (self.each)(name, number.to_string_lossy().as_bytes());
        } else {
            return false;
        }
        true
    }
}

/// A name out of a WSGI environ as it was on the wire, as far as that can be told.
fn wsgi(name: &str) -> String {
    name.replace('_', "-")
}

/// The bytes that were on the wire. The frameworks decode them as Latin-1 (PEP 3333), some with surrogate
/// escapes; what neither of them makes can only have been UTF-8.
fn wire<'a>(text: &'a Bound<'_, PyString>) -> Option<Cow<'a, [u8]>> {
    let Ok(utf8) = text.to_str() else {
        // By way of the type, because a subclass may have an `encode` of its own.
        let encode = (text, intern!(text.py(), "utf-8"), intern!(text.py(), "surrogateescape"));
        let bytes = text.py().get_type::<PyString>().call_method1(intern!(text.py(), "encode"), encode);
        return Some(Cow::Owned(bytes.ok()?.cast::<PyBytes>().ok()?.as_bytes().to_vec()));
    };
    if utf8.is_ascii() {
        return Some(Cow::Borrowed(utf8.as_bytes()));
    }
    match utf8.chars().map(|char| u8::try_from(u32::from(char))).collect() {
        Ok(latin1) => Some(Cow::Owned(latin1)),
        Err(_) => Some(Cow::Borrowed(utf8.as_bytes())),
    }
}
