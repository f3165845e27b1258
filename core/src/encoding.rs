//! Hex and base64 as signatures and keys are written: strict, without a branch on the secret's bits.

use base64ct::{Base64, Base64Unpadded, Base64Url, Base64UrlUnpadded, Encoding as _};
use serde::Deserialize;

/// How bytes are written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Encoding {
    /// Either case is read, lower case is written.
    Hex,
    /// Either case is read, upper case is written.
    HexUpper,
    Base64,
    /// Written without padding, read with or without.
    #[serde(rename = "base64url")]
    Base64Url,
    /// Base64 of the lower-case hex text.
    Base64Hex,
}

impl Encoding {
    /// The name in provider files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::HexUpper => "hex-upper",
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
            Self::Base64Hex => "base64-hex",
        }
    }

    pub(crate) fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => hex(bytes, b"0123456789abcdef"),
            Self::HexUpper => hex(bytes, b"0123456789ABCDEF"),
            Self::Base64 => Base64::encode_string(bytes),
            Self::Base64Url => Base64UrlUnpadded::encode_string(bytes),
            Self::Base64Hex => Base64::encode_string(Self::Hex.encode(bytes).as_bytes()),
        }
    }

    /// The bytes, or `None` if the text is not exactly what some encoder writes: foreign characters, wrong
    /// padding and stray trailing bits are refused, so that two texts never mean the same bytes.
    pub(crate) fn decode(self, text: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = vec![0; text.len()];
        let length = self.decode_into(text, &mut bytes)?.len();
        bytes.truncate(length);
        Some(bytes)
    }

    /// As [`decode`](Self::decode), into a buffer of the caller's; `None` also if it does not fit.
    pub(crate) fn decode_into<'a>(self, text: &[u8], buffer: &'a mut [u8]) -> Option<&'a [u8]> {
        match self {
            Self::Hex | Self::HexUpper => unhex(text, buffer),
            Self::Base64 if text.ends_with(b"=") => Base64::decode(text, buffer).ok(),
            Self::Base64 => Base64Unpadded::decode(text, buffer).ok(),
            Self::Base64Url if text.ends_with(b"=") => Base64Url::decode(text, buffer).ok(),
            Self::Base64Url => Base64UrlUnpadded::decode(text, buffer).ok(),
            Self::Base64Hex => {
                let hex = Self::Base64.decode(text)?;
                unhex(&hex, buffer)
            }
        }
    }
}

fn hex(bytes: &[u8], digits: &[u8; 16]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

fn unhex<'a>(text: &[u8], buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    let (pairs, []) = text.as_chunks::<2>() else {
        return None;
    };
    let bytes = buffer.get_mut(..pairs.len())?;
    // One flag for the whole text instead of a branch per digit.
    let mut invalid = 0;
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let (high, low) = (nibble(*high), nibble(*low));
        invalid |= high | low;
        *byte = (high << 4 | low) as u8;
    }
    (invalid & 0xff00 == 0).then_some(&*bytes)
}

/// The value of a hex digit, or bits above the low byte for anything else; arithmetic only.
fn nibble(digit: u8) -> u16 {
    let digit = i16::from(digit);
    let mut value: i16 = -1;
    // Each range test is all ones inside the range and zero outside.
    let number = (0x2f - digit) & (digit - 0x3a);
    let upper = (0x40 - digit) & (digit - 0x47);
    let lower = (0x60 - digit) & (digit - 0x67);
    value += (number >> 8) & (digit - 0x30 + 1);
    value += (upper >> 8) & (digit - 0x41 + 10 + 1);
    value += (lower >> 8) & (digit - 0x61 + 10 + 1);
    value as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Encoding; 5] =
        [Encoding::Hex, Encoding::HexUpper, Encoding::Base64, Encoding::Base64Url, Encoding::Base64Hex];

    #[test]
    fn every_hex_digit_and_nothing_else() {
        for byte in 0..=255_u8 {
            let expected = (byte as char).to_digit(16).map(|digit| vec![digit as u8]);
            assert_eq!(Encoding::Hex.decode(&[b'0', byte]), expected, "{byte}");
        }
        assert_eq!(Encoding::Hex.decode(b"0"), None);
        assert_eq!(Encoding::Hex.decode(b""), Some(vec![]));
    }

    #[test]
    fn base64_is_strict() {
        let read = |text: &str| Encoding::Base64.decode(text.as_bytes());
        assert_eq!(read("aGk="), Some(b"hi".to_vec()));
        assert_eq!(read("aGk"), Some(b"hi".to_vec()));
        // Trailing bits that an encoder never writes, junk, whitespace, the other alphabet.
        for wrong in ["aGl=", "aGl", "aGk=!!!", "aGk=\n", " aGk=", "aGk==", "a-_=", "a"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
        assert_eq!(Encoding::Base64Url.decode(b"-_8"), Some(vec![0xfb, 0xff]));
        assert_eq!(Encoding::Base64Url.decode(b"+/8"), None);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(bytes: Vec<u8>) {
            for encoding in ALL {
                let text = encoding.encode(&bytes);
                prop_assert_eq!(encoding.decode(text.as_bytes()), Some(bytes.clone()));
            }
        }

        #[test]
        fn what_is_decoded_is_encoded_the_same(text in "[0-9a-f]{0,40}|[A-Za-z0-9+/]{0,40}={0,2}") {
            for encoding in [Encoding::Hex, Encoding::Base64] {
                if let Some(bytes) = encoding.decode(text.as_bytes()) {
                    let padded = encoding.encode(&bytes);
                    let (ours, theirs) = (padded.trim_end_matches('='), text.trim_end_matches('='));
                    // Hex is read in either case.
                    let same = if encoding == Encoding::Hex { ours.eq_ignore_ascii_case(theirs) } else { ours == theirs };
                    prop_assert!(same, "{ours} {theirs}");
                }
            }
        }
    }
}
