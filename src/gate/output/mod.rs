//! A comparison for people and for other programs; one file per format.
//!
//! Every format is a text; where it goes is for `cli`. Read next: [`text`].

pub mod action;
pub mod bencher;
pub mod junit;
pub mod text;

use super::comparison::Comparison;
use super::reading::Reading;
use super::verdict::Judgement;
use crate::report::format;

/// Half the width of a 95 % interval in standard errors.
const Z95: f64 = 1.96;

/// The comparison as JSON with two spaces and a final newline.
pub fn json(comparison: &Comparison) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(comparison).map(|text| text + "\n")
}

/// A value with its unit, four digits.
fn value(reading: Reading, unit: &str) -> String {
    number(reading.value(), unit)
}

fn number(x: f64, unit: &str) -> String {
    match unit {
        "usd" => format::usd(x),
        "" => four(x),
        _ => format!("{} {unit}", four(x)),
    }
}

/// Four digits, with a power of ten only where there is no other way.
pub(super) fn four(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 {
        "0".to_owned()
    } else if (1e-3..1e9).contains(&size) {
        let digits = if size >= 1000.0 {
            0
        } else if size >= 100.0 {
            1
        } else if size >= 10.0 {
            2
        } else if size >= 1.0 {
            3
        } else {
            4
        };
        format!("{x:.digits$}")
    } else {
        format!("{x:.3e}")
    }
}

/// A change with its sign; positive is worse.
fn change(x: f64) -> String {
    if x.is_finite() { format!("{:+.1} %", tenth(x)) } else { "–".to_owned() }
}

/// A share in per cent to the digit that is printed: what rounds to nothing has no sign.
fn tenth(share: f64) -> f64 {
    (1e3 * share).round() / 10.0 + 0.0
}

/// The change and the interval that holds it with 90 % confidence.
fn interval(judgement: &Judgement) -> String {
    let (low, high) = (judgement.worsening_at_least, judgement.worsening_at_most);
    if low.is_finite() && high.is_finite() {
        format!("{:+.1} to {:+.1} %", tenth(low), tenth(high))
    } else {
        "not known".to_owned()
    }
}

#[cfg(test)]
mod tests;
