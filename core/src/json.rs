//! Values found in a JSON body by their path, without building the rest of it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A dotted path such as `event.type`; a number steps into a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path(Vec<String>);

impl Path {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let steps: Vec<_> = text.split('.').map(str::to_owned).collect();
        (!steps.iter().any(String::is_empty)).then_some(Self(steps))
    }

    pub(crate) fn steps(&self) -> &[String] {
        &self.0
    }
}

/// The body is not JSON, or is nested too deeply to be taken apart in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotJson;

/// The body as JSON text: checked from end to end, without the byte order mark that some senders add.
pub(crate) fn text(body: &[u8]) -> Result<&str, NotJson> {
    let body = without_mark(body);
    if depth(body) > MOST_DEPTH {
        return Err(NotJson);
    }
    let value: &RawValue = serde_json::from_slice(body).map_err(|_| NotJson)?;
    Ok(value.get())
}

/// The value at this path of a text that [`text`] has checked; of a key that is there twice the last, as the
/// parsers of other languages have it.
pub(crate) fn at<'a>(text: &'a str, path: &Path) -> Option<&'a str> {
    path.steps().iter().try_fold(text, |text, step| member(text, step))
}

/// The body as [`text`] has it, and the values at several paths in it: an object is checked and searched in one pass.
pub(crate) fn find<'a, const N: usize>(
    body: &'a [u8],
    paths: [Option<&Path>; N],
) -> Result<(&'a str, Found<'a, N>), NotJson> {
    if let Some(object) = object(body)
        && let (found, true) = search(object, paths)
    {
        return Ok((object, found));
    }
    // What is no object, or wrong, or has a key that only the check lets pass.
    let text = text(body)?;
    if text.starts_with('{') {
        return Ok((text, search(text, paths).0));
    }
    Ok((text, paths.map(|path| path.and_then(|path| at(text, path)))))
}

/// What was found at each of several paths.
pub(crate) type Found<'a, const N: usize> = [Option<&'a str>; N];

/// What may be an object from end to end.
fn object(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(without_mark(body)).ok()?.trim_matches(is_space);
    (text.starts_with('{') && depth(text.as_bytes()) <= MOST_DEPTH).then_some(text)
}

/// What an object has at several paths, and whether all of it is JSON that could be read.
fn search<'a, const N: usize>(text: &'a str, paths: [Option<&Path>; N]) -> (Found<'a, N>, bool) {
    let mut found = [None; N];
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = reader.deserialize_map(Search { paths, found: &mut found });
    let is_whole = read.is_ok() && reader.end().is_ok();
    for (slot, path) in found.iter_mut().zip(paths) {
        let rest = path.map(|path| &path.steps()[1..]).unwrap_or_default();
        *slot = slot.and_then(|text| rest.iter().try_fold(text, |text, step| member(text, step)));
    }
    (found, is_whole)
}

/// A string without its quotes, or a number as it was written; nothing for other values.
pub(crate) fn scalar(text: &str) -> Option<String> {
    match text.as_bytes().first()? {
        b'"' => serde_json::from_str(text).ok(),
        b'-' | b'0'..=b'9' => Some(text.to_owned()),
        _ => None,
    }
}

fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// What JSON allows around values.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

fn member<'a>(text: &'a str, step: &str) -> Option<&'a str> {
    let mut reader = serde_json::Deserializer::from_str(text);
    Some(Member(step).deserialize(&mut reader).ok()??.get())
}

/// How deep brackets are nested, those within strings left out; at most how many there are.
fn depth(text: &[u8]) -> usize {
    let opening = text.iter().filter(|byte| matches!(byte, b'[' | b'{')).count();
    if opening <= MOST_DEPTH {
        return opening;
    }
    let (mut deepest, mut depth) = (0_usize, 0_usize);
    let (mut quoted, mut escaped) = (false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Reads the values of an object that paths begin with, and skips the others.
struct Search<'f, 'p, 'de, const N: usize> {
    paths: [Option<&'p Path>; N],
    found: &'f mut [Option<&'de str>; N],
}

impl<'de, const N: usize> Visitor<'de> for Search<'_, '_, 'de, N> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let begins = |key: &str| self.paths.map(|path| path.is_some_and(|path| path.steps()[0] == key));
        while let Some(wanted) = map.next_key_seed(Key(&begins))? {
            if !wanted.contains(&true) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value: &RawValue = map.next_value()?;
            for (slot, _) in self.found.iter_mut().zip(wanted).filter(|(_, wanted)| *wanted) {
                *slot = Some(value.get());
            }
        }
        Ok(())
    }
}

/// Reads one value of an object or list and skips the others.
struct Member<'s>(&'s str);

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        let is_step = |key: &str| key == self.0;
        while let Some(is_wanted) = map.next_key_seed(Key(&is_step))? {
            if is_wanted {
                found = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let wanted = self.0.parse::<usize>().ok();
        let mut found = None;
        for nth in 0.. {
            let item: Option<&RawValue> = list.next_element()?;
            let Some(item) = item else { break };
            if Some(nth) == wanted {
                found = Some(item);
            }
        }
        Ok(found)
    }
}

/// Judges an object's key without keeping it.
struct Key<'k, T>(&'k dyn Fn(&str) -> T);

impl<'de, T> DeserializeSeed<'de> for Key<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<T, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<T> Visitor<'_> for Key<'_, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<T, E> {
        Ok(self.0(key))
    }
}

/// As deep as serde_json goes by itself, and far less than makes Python's or JavaScript's parser give up.
const MOST_DEPTH: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn find<'a>(body: &'a str, path: &str) -> Option<&'a str> {
        at(text(body.as_bytes()).unwrap(), &Path::parse(path).unwrap())
    }

    #[test]
    fn values_by_path() {
        let body = r#" {"id": 7, "event": {"type": "a\"b", "list": [1, {"x": true}]}, "id": "last"} "#;
        assert_eq!(find(body, "id"), Some(r#""last""#));
        assert_eq!(find(body, "event.type").and_then(scalar), Some("a\"b".to_owned()));
        assert_eq!(find(body, "event.list.1.x"), Some("true"));
        for missing in ["no", "event.no", "id.deeper", "event.list.2", "event.list.x"] {
            assert_eq!(find(body, missing), None, "{missing}");
        }
        assert_eq!(find("7", "id"), None);
        assert_eq!(find("[]", "0"), None);
        assert_eq!(find("\u{feff}{\"id\": 1}", "id"), Some("1"));
    }

    #[test]
    fn only_json_from_end_to_end() {
        for wrong in [&b""[..], b"{", b"{} x", b"NaN", b"{'a': 1}", b"\xff", b"\"\xff\"", b"hello"] {
            assert_eq!(text(wrong), Err(NotJson));
        }
        let nested = |depth| ["[".repeat(depth), "]".repeat(depth)].concat();
        assert!(text(nested(128).as_bytes()).is_ok());
        assert!(text(nested(129).as_bytes()).is_err());
        assert!(text(nested(1_000_000).as_bytes()).is_err());
        assert!(text(format!("{:?}", nested(500)).as_bytes()).is_ok());
    }

    #[test]
    fn one_pass_or_two() {
        let path = Path::parse("id").unwrap();
        let find = |body| super::find(body, [Some(&path)]);
        assert_eq!(find(b" \n{\"id\": 1}\t"), Ok(("{\"id\": 1}", [Some("1")])));
        assert_eq!(find(b"[1]"), Ok(("[1]", [None])));
        let odd_key = br#"{"id": 1, "\ud800": 2}"#;
        assert_eq!(find(odd_key), Ok((std::str::from_utf8(odd_key).unwrap(), [Some("1")])));
        for wrong in [&b""[..], b"{", b"{} {}", b"{\"a\": \"\xff\"}", b"{\"id\": 1,}", b"\xc2\xa0{}"] {
            assert_eq!(find(wrong), Err(NotJson), "{wrong:?}");
        }
        let deep = [&b"{\"id\":"[..], &[b'['; 128], &[b']'; 128], b"}"].concat();
        assert_eq!(find(&deep), Err(NotJson));
    }

    #[test]
    fn scalars() {
        assert_eq!(scalar("12.50"), Some("12.50".to_owned()));
        assert_eq!(scalar("-1"), Some("-1".to_owned()));
        assert_eq!(scalar(r#""\u00e9""#), Some("é".to_owned()));
        for other in ["null", "true", "{}", "[]", r#""\ud800""#] {
            assert_eq!(scalar(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(body: Vec<u8>, path: String) {
            if let (Ok(text), Some(path)) = (text(&body), Path::parse(&path)) {
                let _ = at(text, &path).and_then(scalar);
            }
        }

        #[test]
        fn one_pass_finds_what_several_find(body in object(), first in "[a-c]{1,2}", second in "[a-c]{1,2}(\\.0)?") {
            let paths = [Path::parse(&first), None, Path::parse(&second)];
            let apart = paths.each_ref().map(|path| at(&body, path.as_ref()?));
            let found = super::find(body.as_bytes(), paths.each_ref().map(Option::as_ref)).unwrap();
            prop_assert_eq!(found, (&*body, apart));
        }

        #[test]
        fn one_pass_judges_as_two_do(mut body in object(), at in 0_usize..40, byte: u8, around in "[ \\n\u{feff}x]{0,2}") {
            body.insert_str(0, &around);
            body.push_str(&around);
            let mut body = body.into_bytes();
            if let Some(place) = body.get_mut(at) {
                *place = byte;
            }
            let path = Path::parse("a").unwrap();
            let found = super::find(&body, [Some(&path)]);
            prop_assert_eq!(found.map(|(text, _)| text), text(&body));
        }

        #[test]
        fn agrees_with_the_whole_parse(key in "[a-c]{1,2}", body in object()) {
            let whole: serde_json::Value = serde_json::from_str(&body).unwrap();
            let ours = find(&body, &key).map(|text| serde_json::from_str(text).unwrap());
            prop_assert_eq!(ours, whole.get(&key).cloned());
        }
    }

    /// Objects with few keys, so that some are there twice.
    fn object() -> impl Strategy<Value = String> {
        let value = prop_oneof!["[1-9]{1,3}", "\"[a-z{}]{0,3}\"", Just("[{},[]]".to_owned())];
        proptest::collection::vec(("[a-c]{1,2}", value), 0..6).prop_map(|members| {
            let members: Vec<_> = members.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
            format!("{{{}}}", members.join(","))
        })
    }
}
