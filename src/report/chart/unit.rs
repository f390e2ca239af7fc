//! What the values of a chart are counted in.
//!
//! A unit heads the axis and formats its numbers, once as a round tick and once as a
//! value with significant digits. Read next: `crate::report::format`.

use crate::report::format::{Zeros, count_to, percent, percent_to, si_to, usd_to};

/// What the values of a chart are counted in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Unit {
    /// US dollars: `$4.13M`.
    #[default]
    Usd,
    /// US dollars per something: `UsdPer("Mtok")`.
    UsdPer(String),
    /// A share of one, read in percent; the text says of what: `Share("of the month")`.
    Share(String),
    /// Things that can be counted: `Count("chips")`, 12.4k.
    Count(String),
    /// A quantity with international prefixes: `Quantity("FLOP/s per $")`, 1.20 G.
    Quantity(String),
}

impl Unit {
    /// True for shares of one.
    pub(super) fn is_share(&self) -> bool {
        matches!(self, Self::Share(_))
    }

    /// The words at the head of the axis.
    pub(super) fn heading(&self) -> String {
        match self {
            Self::Usd => "US dollars".to_owned(),
            Self::UsdPer(what) => format!("US dollars per {what}"),
            Self::Share(of) if of.is_empty() => "percent".to_owned(),
            Self::Share(of) => format!("percent {of}"),
            Self::Count(what) | Self::Quantity(what) => what.clone(),
        }
    }

    /// A value with `digits` significant digits.
    pub(in crate::report) fn value(&self, x: f64, digits: usize) -> String {
        match self {
            Self::Usd | Self::UsdPer(_) => usd_to(x, digits, Zeros::Keep),
            Self::Share(_) if digits <= 3 => percent(x),
            Self::Share(_) => percent_to(x, digits),
            Self::Count(_) if x.abs() < 999.5 => count_to(x, digits, Zeros::Trim),
            Self::Count(_) => count_to(x, digits, Zeros::Keep),
            Self::Quantity(_) => si_to(x, digits, Zeros::Keep).trim_end().to_owned(),
        }
    }

    /// A round number on an axis whose neighbours are `step` apart.
    pub(super) fn tick(&self, x: f64, step: f64) -> String {
        let digits = digits_for(x, step);
        match self {
            Self::Usd | Self::UsdPer(_) => usd_to(x, digits, Zeros::Trim),
            Self::Share(_) => percent_to(x, digits),
            Self::Count(_) => count_to(x, digits, Zeros::Trim),
            Self::Quantity(_) => si_to(x, digits, Zeros::Trim).trim_end().to_owned(),
        }
    }
}

/// Enough digits that neighbours differ; steps of 2.5 need one more than steps of 2.
fn digits_for(x: f64, step: f64) -> usize {
    if x == 0.0 || step <= 0.0 {
        return 3;
    }
    let digits = (x.abs() / step).log10().floor() + 3.0;
    (3..=15).rev().find(|&n| crate::units::count(n) <= digits).unwrap_or(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_ticks_are_told_apart() {
        let tick = |x| Unit::Usd.tick(x, 250.0);
        assert_eq!(tick(1_000_000.0), "$1M");
        assert_eq!(tick(1_000_250.0), "$1.00025M");
        assert_eq!(Unit::Share(String::new()).tick(0.2, 0.2), "20 %");
        assert_eq!(Unit::Quantity("FLOP/s".into()).tick(2e9, 2e9), "2 G");
    }
}
