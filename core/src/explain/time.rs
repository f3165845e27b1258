//! Clocks, units and replays.

use std::time::SystemTime;

use crate::error::Code;
use crate::explain::case::Case;
use crate::explain::finding::{Finding, FindingCode};
use crate::lookup::Wanted;
use crate::scheme::{Scheme, Source, TimestampRule};
use crate::timestamp::{self, Millis, Unit};
use crate::webhook::length;

/// Why a right signature's time is refused: `code` says how.
pub(crate) fn refused(case: &Case<'_>, code: Code) -> Vec<Finding> {
    case.webhook.rings().find_map(|(scheme, _)| age(case, scheme, code)).unwrap_or_default()
}

/// What is wrong with a timestamp beside what else is, where its unit is right.
pub(crate) fn besides(case: &Case<'_>) -> Vec<Finding> {
    let of = |scheme: &Scheme| {
        let rule = scheme.timestamp.as_ref()?;
        let at = rule.unit.parse(&text(case, scheme)?)?;
        let age = now(case) - i128::from(at);
        let tolerance = case.webhook.tolerance(rule);
        let code = if age > millis(tolerance.past) {
            Code::TimestampTooOld
        } else if -age > millis(tolerance.future) {
            Code::TimestampTooNew
        } else {
            return None;
        };
        self::age(case, scheme, code)
    };
    case.webhook.rings().find_map(|(scheme, _)| of(scheme)).unwrap_or_default()
}

/// A timestamp that is not of the provider's form.
pub(crate) fn malformed(case: &Case<'_>) -> Vec<Finding> {
    let of = |(scheme, keys): (&Scheme, _)| {
        let rule = scheme.timestamp.as_ref()?;
        let text = text(case, scheme)?;
        if rule.unit.parse(&text).is_some() {
            return None;
        }
        let other = UNITS.iter().copied().find(|unit| unit.parse(&text).is_some());
        let Some(other) = other else {
            let what = format!("The timestamp is not {}.", rule.unit.description());
            let remedy = "Pass the header's value as it came: what was signed is its text, not the number.";
            return Some(Finding::certain(FindingCode::TimestampForm, what, remedy));
        };
        let scheme = scheme.with_unit(other);
        let is_right = case.holds(&case.trial(&scheme, keys));
        let finding = if is_right { Finding::certain::<String, &str> } else { Finding::likely };
        let (what, remedy) = other_unit(rule.unit, other);
        Some(finding(FindingCode::TimestampUnit, what, remedy))
    };
    case.webhook.rings().find_map(of).into_iter().collect()
}

fn age(case: &Case<'_>, scheme: &Scheme, code: Code) -> Option<Vec<Finding>> {
    let rule = scheme.timestamp.as_ref()?;
    let text = text(case, scheme)?;
    let at = rule.unit.parse(&text)?;
    if let Some(finding) = scaled(case, rule, &text) {
        return Some(vec![finding]);
    }
    let age = now(case) - i128::from(at);
    Some(if code == Code::TimestampTooOld { old(case, rule, age) } else { new(case, rule, -age) })
}

/// Seconds that are milliseconds, or the other way round.
fn scaled(case: &Case<'_>, rule: &TimestampRule, text: &[u8]) -> Option<Finding> {
    let other = match rule.unit {
        Unit::Seconds => Unit::Millis,
        Unit::Millis => Unit::Seconds,
        _ => return None,
    };
    let at = other.parse(text)?;
    ((now(case) - i128::from(at)).abs() < i128::from(YEAR)).then(|| {
        let (what, remedy) = other_unit(rule.unit, other);
        Finding::certain(FindingCode::TimestampUnit, what, remedy)
    })
}

fn other_unit(own: Unit, other: Unit) -> (String, &'static str) {
    let what = format!("The timestamp is {}, where {} was expected.", other.description(), own.description());
    (
        what,
        "If you are the sender, write it as the provider does; else the provider's file has the wrong `unit`.",
    )
}

fn old(case: &Case<'_>, rule: &TimestampRule, age: i128) -> Vec<Finding> {
    let allowed = case.webhook.tolerance(rule).past.as_secs();
    let timezone = whole_hours(age, "behind");
    let what = format!("The request was signed {} ago, and {allowed} s are allowed.", length(age));
    let remedy = "A kept request is verified with `now=` the time at which it came in. If it came just now, it was \
                  replayed, or a queue, proxy or retry has held it back: do not widen the tolerance for replays.";
    if let Some(timezone) = timezone {
        return vec![timezone, Finding::possible(FindingCode::TimestampOld, what, remedy)];
    }
    let mut findings = vec![Finding::certain(FindingCode::TimestampOld, what, remedy)];
    if age < i128::from(DAY) {
        let what = format!("This machine's clock may be {} fast, or the sender's slow.", length(age));
        findings.push(Finding::possible(FindingCode::ClockSkew, what, CLOCKS));
    }
    findings
}

fn new(case: &Case<'_>, rule: &TimestampRule, ahead: i128) -> Vec<Finding> {
    let allowed = case.webhook.tolerance(rule).future.as_secs();
    if let Some(finding) = whole_hours(ahead, "ahead of") {
        return vec![finding];
    }
    let ahead_of = format!("{} ahead of this machine's clock, and {allowed} s are allowed", length(ahead));
    vec![if ahead < i128::from(DAY) {
        let what = format!("The request was signed {ahead_of}: one of the clocks is wrong.");
        Finding::certain(FindingCode::ClockSkew, what, CLOCKS)
    } else {
        let what = format!("The timestamp lies {ahead_of}.");
        let remedy = "No clock is that wrong by itself: the sender signs another time than now, or `now=` is not the \
                      time that was meant.";
        Finding::certain(FindingCode::TimestampFuture, what, remedy)
    }]
}

/// An offset of whole hours, give or take what a delivery takes.
fn whole_hours(off: i128, side: &str) -> Option<Finding> {
    let hours = (off + HOUR / 2) / HOUR;
    if !(1..=14).contains(&hours) || (off - hours * HOUR).abs() > 60_000 {
        return None;
    }
    let unit = if hours == 1 { "hour" } else { "hours" };
    let what = format!(
        "The timestamp is {hours} whole {unit} {side} this machine's clock: a local time was taken for UTC."
    );
    let remedy = "Look at how the clock is read here (`now=`, the container's time zone) and at the sender: unix times \
                  are in UTC.";
    Some(Finding::likely(FindingCode::TimestampTimezone, what, remedy))
}

fn text(case: &Case<'_>, scheme: &Scheme) -> Option<Vec<u8>> {
    let mut wanted = Wanted::default();
    scheme.want(&mut wanted);
    let lines = wanted.pick(case.seen.lines()).ok()?;
    match &scheme.timestamp.as_ref()?.from {
        Source::Headers(names) => lines.one(names).ok()?.map(<[u8]>::to_vec),
        Source::Field(field) => scheme.field(&lines, field).ok().map(<[u8]>::to_vec),
        Source::Json(path) => {
            let text = crate::json::text(case.body).ok()?;
            crate::json::at(text, path).and_then(crate::json::scalar).map(String::into_bytes)
        }
    }
}

fn now(case: &Case<'_>) -> i128 {
    i128::from(timestamp::from_system(case.options.now.unwrap_or_else(SystemTime::now)))
}

fn millis(length: std::time::Duration) -> i128 {
    i128::try_from(length.as_millis()).unwrap_or(i128::MAX)
}

const CLOCKS: &str =
    "Set this machine's clock by NTP; containers and virtual machines that were paused lag behind.";
const UNITS: [Unit; 4] = [Unit::Seconds, Unit::Iso8601Utc, Unit::Iso8601, Unit::HttpDate];
const HOUR: i128 = 3_600_000;
const DAY: Millis = 86_400_000;
const YEAR: Millis = 365 * DAY;
