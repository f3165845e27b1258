//! Instants as providers write them. Inside they are milliseconds since 1970, which every unit fits.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde::Deserialize;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub(crate) type Millis = i64;

/// How a provider writes an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Unit {
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "ms")]
    Millis,
    #[serde(rename = "iso8601")]
    /// Read with any fraction and offset; written as `2024-01-15T10:30:00Z`.
    Iso8601,
    #[serde(rename = "iso8601-ms")]
    /// As `Iso8601`, written as `2024-01-15T10:30:00.000Z`.
    Iso8601Millis,
    /// As `Iso8601Millis` without the `Z`; read as UTC where there is no offset.
    #[serde(rename = "iso8601-utc")]
    Iso8601Utc,
    #[serde(rename = "http-date")]
    HttpDate,
}

impl Unit {
    /// Reads an instant. Numbers are one to sixteen digits and nothing else: no sign, space, fraction or
    /// exponent, because what one language reads as 123 another reads as an error.
    pub(crate) fn parse(self, text: &[u8]) -> Option<Millis> {
        match self {
            Self::Seconds => Some(digits(text)?.saturating_mul(1000)),
            Self::Millis => digits(text),
            Self::Iso8601 | Self::Iso8601Millis => {
                let text = short_ascii(text)?;
                Some(text.parse::<Timestamp>().ok()?.as_millisecond())
            }
            Self::Iso8601Utc => {
                let text = short_ascii(text)?;
                let instant = text.parse::<Timestamp>().or_else(|_| format!("{text}Z").parse());
                Some(instant.ok()?.as_millisecond())
            }
            Self::HttpDate => {
                let text = short_ascii(text)?;
                let instant = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
                Some(instant.as_millisecond())
            }
        }
    }

    /// Without the part of a second that this unit can not write.
    pub(crate) fn floor(self, at: Millis) -> Millis {
        match self {
            Self::Seconds | Self::HttpDate => at.div_euclid(1000).saturating_mul(1000),
            Self::Millis | Self::Iso8601 | Self::Iso8601Millis | Self::Iso8601Utc => at,
        }
    }

    /// What such an instant looks like, for messages.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Seconds => "a number of seconds since 1970, 1 to 16 digits",
            Self::Millis => "a number of milliseconds since 1970, 1 to 16 digits",
            Self::Iso8601 | Self::Iso8601Millis => "an ISO 8601 instant such as 2024-01-15T10:30:00Z",
            Self::Iso8601Utc => "an ISO 8601 instant such as 2024-01-15T10:30:00.000",
            Self::HttpDate => "an HTTP date such as Mon, 15 Jan 2024 10:30:00 GMT",
        }
    }

    pub(crate) fn format(self, at: Millis) -> String {
        // Instants come from clocks and from parsed text; what lies outside the calendar is clamped into it.
        let calendar = |at| Timestamp::from_millisecond(at).unwrap_or(Timestamp::MAX);
        match self {
            Self::Seconds => at.div_euclid(1000).to_string(),
            Self::Millis => at.to_string(),
            Self::Iso8601 => calendar(at).strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            Self::Iso8601Millis => calendar(at).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
            Self::Iso8601Utc => calendar(at).strftime("%Y-%m-%dT%H:%M:%S.%3f").to_string(),
            Self::HttpDate => calendar(at).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        }
    }
}

/// How far a signed timestamp may lie from now, in either direction; both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// How old a request may be.
    pub past: Duration,
    /// How far in the future its timestamp may lie.
    pub future: Duration,
}

impl Tolerance {
    /// The same in both directions.
    pub fn both(tolerance: Duration) -> Self {
        Self { past: tolerance, future: tolerance }
    }
}

pub(crate) fn from_system(at: SystemTime) -> Millis {
    let clamp = |length: Duration| Millis::try_from(length.as_millis()).unwrap_or(Millis::MAX);
    match at.duration_since(UNIX_EPOCH) {
        Ok(after) => clamp(after),
        Err(before) => -clamp(before.duration()),
    }
}

/// The instant, if it lies in the years 1970 to 9999 that every language's calendar has.
pub(crate) fn to_system(at: Millis) -> Option<SystemTime> {
    const YEAR_10000: Millis = 253_402_300_800_000;
    let since = u64::try_from(at).ok().filter(|_| at < YEAR_10000)?;
    UNIX_EPOCH.checked_add(Duration::from_millis(since))
}

fn digits(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 16 {
        return None;
    }
    text.iter()
        .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
}

fn short_ascii(text: &[u8]) -> Option<&str> {
    std::str::from_utf8(text).ok().filter(|text| text.len() <= 64 && text.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Unit; 6] =
        [Unit::Seconds, Unit::Millis, Unit::Iso8601, Unit::Iso8601Millis, Unit::Iso8601Utc, Unit::HttpDate];

    #[test]
    fn numbers_are_digits_only() {
        assert_eq!(Unit::Seconds.parse(b"0123"), Some(123_000));
        assert_eq!(Unit::Millis.parse(b"1614265330123"), Some(1_614_265_330_123));
        for wrong in [
            "",
            "+123",
            "-1",
            " 123",
            "123 ",
            "123.5",
            "123abc",
            "1e9",
            "0x10",
            "1_23",
            "12345678901234567",
            "١٢٣",
        ] {
            assert_eq!(Unit::Seconds.parse(wrong.as_bytes()), None, "{wrong:?}");
        }
    }

    #[test]
    fn calendars() {
        let at = 1_705_314_600_000;
        for (unit, text) in [
            (Unit::Iso8601, "2024-01-15T10:30:00Z"),
            (Unit::Iso8601Millis, "2024-01-15T10:30:00.000Z"),
            (Unit::Iso8601Utc, "2024-01-15T10:30:00.000"),
            (Unit::HttpDate, "Mon, 15 Jan 2024 10:30:00 GMT"),
            (Unit::Seconds, "1705314600"),
            (Unit::Millis, "1705314600000"),
        ] {
            assert_eq!(unit.format(at), text);
            assert_eq!(unit.parse(text.as_bytes()), Some(at));
        }
        assert_eq!(Unit::Iso8601.parse(b"2024-01-15T12:30:00.123456789+02:00"), Some(at + 123));
        assert_eq!(Unit::Iso8601Utc.parse(b"2024-01-15T12:30:00+02:00"), Some(at));
        for unit in [Unit::Iso8601, Unit::Iso8601Utc] {
            for wrong in ["yesterday", "2024-01-15", "", "Z", "2024-01-15T10:30:00ZZ", "2024-13-15T10:30:00"]
            {
                assert_eq!(unit.parse(wrong.as_bytes()), None, "{wrong:?}");
            }
        }
        assert_eq!(Unit::Iso8601.parse(b"2024-01-15T10:30:00"), None);
    }

    #[test]
    fn only_years_that_all_calendars_have() {
        assert_eq!(to_system(0), Some(UNIX_EPOCH));
        assert_eq!(to_system(-1), None);
        assert_eq!(to_system(253_402_300_800_000), None);
    }

    proptest! {
        #[test]
        fn never_panics(text: Vec<u8>, at: i64) {
            for unit in ALL {
                let _ = unit.parse(&text);
                let _ = unit.format(at);
            }
        }

        #[test]
        fn reads_what_it_wrote(seconds in 0..253_402_300_000_i64) {
            for unit in ALL {
                prop_assert_eq!(unit.parse(unit.format(seconds * 1000).as_bytes()), Some(seconds * 1000));
            }
        }
    }
}
