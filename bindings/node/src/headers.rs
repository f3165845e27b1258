//! Request headers. JavaScript looks them up, several times faster than it could be done from here, and hands
//! over the values of those that the webhook reads, in the order of `headerNames`.

use std::borrow::Cow;

use hookseal::{Headers, Webhook};
use napi::bindgen_prelude::{FromNapiValue, TypeName, ValidateNapiValue};
use napi::{Either, Error, Result, Status, ValueType, sys};

/// Every value of every header that the webhook reads: nothing, one, or several.
#[napi_derive::napi]
pub type HeaderLists = Vec<Option<Either<String, Vec<String>>>>;

/// The lines of a request, from the values of each header.
pub(crate) struct HeaderLines<'n> {
    names: &'n [String],
    lists: HeaderLists,
}

impl<'n> HeaderLines<'n> {
    pub(crate) fn new(names: &'n [String], lists: HeaderLists) -> Self {
        Self { names, lists }
    }
}

impl Headers for HeaderLines<'_> {
    fn visit(&self, each: &mut dyn FnMut(&[u8], &[u8])) {
        for (name, list) in self.names.iter().zip(&self.lists) {
            let values = match list {
                None => &[][..],
                Some(Either::A(value)) => std::slice::from_ref(value),
                Some(Either::B(values)) => values,
            };
            values.iter().for_each(|value| each(name.as_bytes(), &wire(value.as_bytes())));
        }
    }
}

/// The same for the common case: at most three headers, each there once or not at all.
pub(crate) struct FewHeaders<'w> {
    webhook: &'w Webhook,
    values: [Option<HeaderValue>; 3],
}

impl<'w> FewHeaders<'w> {
    pub(crate) fn new(webhook: &'w Webhook, values: [Option<HeaderValue>; 3]) -> Self {
        Self { webhook, values }
    }
}

impl Headers for FewHeaders<'_> {
    fn visit(&self, each: &mut dyn FnMut(&[u8], &[u8])) {
        for (name, value) in self.webhook.header_names().iter().zip(&self.values) {
            if let Some(value) = value {
                each(name.as_bytes(), &wire(value.text()));
            }
        }
    }
}

/// A string that is read by one call into the engine, and without an allocation if it is as short as signatures
/// are; a `String` takes two of each, which is 90 ns more.
pub struct HeaderValue {
    short: [u8; SHORT],
    length: usize,
    long: Option<String>,
}

impl HeaderValue {
    fn text(&self) -> &[u8] {
        self.long.as_ref().map_or(&self.short[..self.length], |long| long.as_bytes())
    }
}

impl FromNapiValue for HeaderValue {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        let mut read = Self { short: [0; SHORT], length: 0, long: None };
        let buffer = read.short.as_mut_ptr().cast();
        // SAFETY: the caller vouches for `env` and `value`; the buffer is as long as is said.
        let status = unsafe { sys::napi_get_value_string_utf8(env, value, buffer, SHORT, &mut read.length) };
        if status != sys::Status::napi_ok {
            return Err(Error::new(Status::StringExpected, "A header must be a string."));
        }
        // A character has at most four bytes, and one byte of the buffer is for a NUL: what leaves no more than
        // that free may have been cut short.
        if read.length + 5 > SHORT {
            // SAFETY: the caller vouches for `env` and `value`.
            read.long = Some(unsafe { String::from_napi_value(env, value) }?);
        }
        Ok(read)
    }
}

impl TypeName for HeaderValue {
    fn type_name() -> &'static str {
        "string"
    }

    fn value_type() -> ValueType {
        ValueType::String
    }
}

impl ValidateNapiValue for HeaderValue {}

/// A value as it came: JavaScript shows every byte of a header as the character of that number. Characters
/// beyond 255 were never on a wire and stay what they are.
pub(crate) fn wire(value: &[u8]) -> Cow<'_, [u8]> {
    if value.is_ascii() {
        return Cow::Borrowed(value);
    }
    let text = String::from_utf8_lossy(value);
    let bytes: Option<Vec<_>> = text.chars().map(|character| u8::try_from(character).ok()).collect();
    bytes.map_or(Cow::Borrowed(value), Cow::Owned)
}

/// As long as the signature headers of most providers; more would only be carried around.
const SHORT: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_what_was_on_the_wire() {
        assert_eq!(*wire(b"v1,abc"), *b"v1,abc");
        assert_eq!(*wire("\u{c3}\u{a9}".as_bytes()), *"é".as_bytes());
        assert_eq!(*wire("€".as_bytes()), *"€".as_bytes());
    }
}
