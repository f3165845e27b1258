//! JSON written again as other languages write it, to find out which of them has.
//!
//! It works on the text's tokens, because parsing into values would lose what matters: the order of keys and how
//! numbers are written.

use std::fmt::Write as _;

use crate::explain::style::{Layout, Numbers, Strings, Style};

/// A text that is JSON, written in a style; `None` if it grows out of all proportion, or is no JSON after all.
pub(crate) fn rewrite(json: &str, style: &Style) -> Option<Vec<u8>> {
    let mut writer = Writer { style, out: String::with_capacity(json.len()), most: 2 * json.len() + 4096 };
    let mut reader = Reader(json);
    writer.value(&mut reader, 0)?;
    Some(writer.out.into_bytes())
}

/// Takes tokens off the start of a text.
struct Reader<'j>(&'j str);

impl<'j> Reader<'j> {
    fn peek(&mut self) -> Option<u8> {
        self.0 = self.0.trim_start_matches([' ', '\t', '\n', '\r']);
        self.0.bytes().next()
    }

    fn take(&mut self, expected: u8) -> Option<()> {
        (self.peek()? == expected).then(|| self.0 = &self.0[1..])
    }

    /// A string with its quotes.
    fn string(&mut self) -> Option<&'j str> {
        let (mut escaped, start) = (false, self.peek().filter(|byte| *byte == b'"')?);
        debug_assert_eq!(start, b'"');
        for (at, byte) in self.0.bytes().enumerate().skip(1) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    let (string, rest) = self.0.split_at(at + 1);
                    self.0 = rest;
                    return Some(string);
                }
                _ => {}
            }
        }
        None
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Option<&'j str> {
        self.peek()?;
        let end = self.0.find([',', ']', '}', ' ', '\t', '\n', '\r']).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }
}

struct Writer<'s> {
    style: &'s Style,
    out: String,
    most: usize,
}

impl Writer<'_> {
    // The depth is bounded: the text was checked to have no more than 128 levels.
    fn value(&mut self, reader: &mut Reader<'_>, depth: usize) -> Option<()> {
        if self.out.len() > self.most || depth > 128 {
            return None;
        }
        match reader.peek()? {
            b'{' if self.style.sorted => self.sorted_object(reader, depth),
            b'{' => self.list(reader, depth, [b'{', b'}']),
            b'[' => self.list(reader, depth, [b'[', b']']),
            b'"' => {
                let string = reader.string()?;
                self.string(string)
            }
            _ => {
                let word = reader.word()?;
                self.word(word);
                Some(())
            }
        }
    }

    fn list(&mut self, reader: &mut Reader<'_>, depth: usize, [open, close]: [u8; 2]) -> Option<()> {
        reader.take(open)?;
        self.out.push(char::from(open));
        if reader.peek()? == close {
            self.out.push(char::from(close));
            return reader.take(close);
        }
        loop {
            self.line(depth + 1);
            if open == b'{' {
                let key = reader.string()?;
                self.string(key)?;
                reader.take(b':')?;
                self.colon();
            }
            self.value(reader, depth + 1)?;
            if reader.take(b',').is_none() {
                break;
            }
            self.comma();
        }
        reader.take(close)?;
        self.line(depth);
        self.out.push(char::from(close));
        Some(())
    }

    fn sorted_object(&mut self, reader: &mut Reader<'_>, depth: usize) -> Option<()> {
        reader.take(b'{')?;
        let mut members: Vec<(String, String)> = Vec::new();
        while reader.peek()? != b'}' {
            let key = reader.string()?;
            reader.take(b':')?;
            let mut inner = Writer {
                style: self.style,
                out: String::new(),
                most: self.most.checked_sub(self.out.len())?,
            };
            inner.value(reader, depth + 1)?;
            members.push((serde_json::from_str(key).ok()?, inner.out));
            if reader.take(b',').is_none() {
                break;
            }
        }
        reader.take(b'}')?;
        members.sort_by(|one, other| one.0.cmp(&other.0));
        self.out.push('{');
        for (nth, (key, value)) in members.iter().enumerate() {
            if nth > 0 {
                self.comma();
            }
            self.line(depth + 1);
            self.string(&serde_json::to_string(key).ok()?)?;
            self.colon();
            self.out.push_str(value);
        }
        if !members.is_empty() {
            self.line(depth);
        }
        self.out.push('}');
        Some(())
    }

    fn string(&mut self, string: &str) -> Option<()> {
        if self.style.strings == Strings::Kept {
            self.out.push_str(string);
            return Some(());
        }
        // A lone surrogate is in no `String`; such a text stays as it came.
        let Ok(text) = serde_json::from_str::<String>(string) else {
            self.out.push_str(string);
            return Some(());
        };
        self.out.push('"');
        for char in text.chars() {
            self.char(char)?;
        }
        self.out.push('"');
        Some(())
    }

    fn char(&mut self, char: char) -> Option<()> {
        use Strings::{Html, Slash, Unicode, UnicodeAndSlash};
        let strings = self.style.strings;
        match char {
            '"' => self.out.push_str("\\\""),
            '\\' => self.out.push_str("\\\\"),
            '\n' => self.out.push_str("\\n"),
            '\r' => self.out.push_str("\\r"),
            '\t' => self.out.push_str("\\t"),
            '\u{8}' if strings != Html => self.out.push_str("\\b"),
            '\u{c}' if strings != Html => self.out.push_str("\\f"),
            '/' if matches!(strings, Slash | UnicodeAndSlash) => self.out.push_str("\\/"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' if strings == Html => return self.escape(char),
            _ if char < ' ' => return self.escape(char),
            _ if !char.is_ascii() && matches!(strings, Unicode | UnicodeAndSlash) => {
                return self.escape(char);
            }
            _ => self.out.push(char),
        }
        Some(())
    }

    fn escape(&mut self, char: char) -> Option<()> {
        let mut units = [0; 2];
        for unit in char.encode_utf16(&mut units) {
            write!(self.out, "\\u{unit:04x}").ok()?;
        }
        Some(())
    }

    fn word(&mut self, word: &str) {
        match (self.style.numbers, word.parse::<f64>()) {
            (Numbers::JavaScript, Ok(number)) => self.out.push_str(&javascript(number)),
            (Numbers::Python, Ok(number)) if word.contains(['.', 'e', 'E']) => {
                self.out.push_str(&python(number));
            }
            _ => self.out.push_str(word),
        }
    }

    fn comma(&mut self) {
        self.out.push_str(if self.style.layout == Layout::Spaced { ", " } else { "," });
    }

    fn colon(&mut self) {
        self.out.push_str(if self.style.layout == Layout::Compact { ":" } else { ": " });
    }

    fn line(&mut self, depth: usize) {
        if let Layout::Indented(width) = self.style.layout {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', width * depth));
        }
    }
}

/// A double as JavaScript prints it (ECMA-262, Number::toString).
fn javascript(number: f64) -> String {
    let magnitude = number.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let text = format!("{number:e}");
        return if text.contains("e-") { text } else { text.replace('e', "e+") };
    }
    // JSON.stringify(-0) is 0.
    if number == 0.0 { "0".to_owned() } else { format!("{number}") }
}

/// A double as Python prints it (`repr`).
fn python(number: f64) -> String {
    let magnitude = number.abs();
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    format!("{number:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::style::STYLES;
    use proptest::prelude::*;

    const JSON: &str = r#"{"b": [1.0, 2, {}, []], "a": {"x": "é/<\u00fc\n", "n": null},"e":1e21 }"#;

    fn written(name: &str) -> String {
        let style = STYLES.iter().find(|style| style.name.starts_with(name)).unwrap();
        String::from_utf8(rewrite(JSON, style).unwrap()).unwrap()
    }

    #[test]
    fn as_other_languages_write() {
        for (name, expected) in [
            (
                "compact JSON, as JSON.stringify",
                r#"{"b":[1.0,2,{},[]],"a":{"x":"é/<ü\n","n":null},"e":1e21}"#,
            ),
            (
                "JSON with spaces and \\u escapes",
                r#"{"b": [1.0, 2, {}, []], "a": {"x": "\u00e9/<\u00fc\n", "n": null}, "e": 1e21}"#,
            ),
            (
                "compact JSON with \\u and \\/",
                r#"{"b":[1.0,2,{},[]],"a":{"x":"\u00e9\/<\u00fc\n","n":null},"e":1e21}"#,
            ),
            ("compact JSON with <, >", r#"{"b":[1.0,2,{},[]],"a":{"x":"é/\u003cü\n","n":null},"e":1e21}"#),
            (
                "compact JSON with its keys sorted",
                r#"{"a":{"n":null,"x":"é/<ü\n"},"b":[1.0,2,{},[]],"e":1e21}"#,
            ),
            ("compact JSON with numbers", r#"{"b":[1,2,{},[]],"a":{"x":"é/<ü\n","n":null},"e":1e+21}"#),
            (
                "JSON with spaces and numbers",
                r#"{"b": [1.0, 2, {}, []], "a": {"x": "\u00e9/<\u00fc\n", "n": null}, "e": 1e+21}"#,
            ),
        ] {
            assert_eq!(written(name), expected);
        }
        let indented = [
            "{",
            "  \"b\": [",
            "    1.0,",
            "    2,",
            "    {},",
            "    []",
            "  ],",
            "  \"a\": {",
            "    \"x\": \"é/<ü\\n\",",
            "    \"n\": null",
            "  },",
            "  \"e\": 1e21",
            "}",
        ];
        let indented = indented.join("\n");
        assert_eq!(written("JSON indented by two"), indented);
    }

    #[test]
    fn numbers() {
        for (number, js, py) in [
            (1.0, "1", "1.0"),
            (-0.5, "-0.5", "-0.5"),
            (1e21, "1e+21", "1e+21"),
            (1e-7, "1e-7", "1e-07"),
            (123456789.25, "123456789.25", "123456789.25"),
            (1e16, "10000000000000000", "1e+16"),
        ] {
            assert_eq!((&*javascript(number), &*python(number)), (js, py));
        }
    }

    proptest! {
        #[test]
        fn means_the_same_and_never_panics(text in "[\\[\\]{}:,\"a1e.\\\\u -]{0,40}") {
            for style in STYLES {
                let _ = rewrite(&text, style);
            }
            if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
                for style in STYLES {
                    let again = rewrite(&text, style).unwrap();
                    let again: serde_json::Value = serde_json::from_slice(&again).unwrap();
                    // As numbers are written is what differs, so they are compared as doubles.
                    prop_assert_eq!(doubles(again), doubles(value.clone()), "{}", style.name);
                }
            }
        }
    }

    fn doubles(value: serde_json::Value) -> serde_json::Value {
        use serde_json::Value;
        match value {
            Value::Number(number) => Value::from(number.as_f64()),
            Value::Array(list) => Value::Array(list.into_iter().map(doubles).collect()),
            Value::Object(map) => {
                Value::Object(map.into_iter().map(|(key, value)| (key, doubles(value))).collect())
            }
            other => other,
        }
    }
}
