//! How the tax office lets what was bought be written off.
//!
//! Straight line by the month, or the tables of the Modified Accelerated Cost Recovery
//! System (MACRS) of the United States, after a bonus share that is deducted at once.
//! A table speaks of tax years: the share of the first is spread over the months that
//! are left of it, that of every later one over its twelve. Read next: [`super`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::input::{Check, Checker, Uncertain};

/// How machines and halls are written off for tax.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Depreciation {
    /// Of machines. Default `straight_line` over `money.depreciation_years`.
    #[serde(default)]
    pub method: Method,
    /// Of halls. Default `straight_line` over the life of the hall.
    #[serde(default)]
    pub hall_method: Method,
    /// Share of what machines cost that is deducted in the month they serve, before the
    /// rest follows the method (US "bonus"). Default 0.
    #[serde(default)]
    pub bonus_share: f64,
}

/// A method of writing off.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The same every month.
    #[default]
    StraightLine,
    /// Computers: 5 years, 200 % declining balance, half-year convention.
    #[serde(rename = "macrs_5")]
    Macrs5,
    /// Land improvements: 15 years, 150 % declining balance, half-year convention.
    #[serde(rename = "macrs_15")]
    Macrs15,
    /// Non-residential buildings: 39 years straight line, mid-month convention.
    #[serde(rename = "macrs_39")]
    Macrs39,
}

/// Percent of the cost, tax year by tax year, half-year convention.
///
/// **Source** IRS Publication 946 (2024), How To Depreciate Property, table A-1.
const MACRS_5: [f64; 6] = [20.0, 32.0, 19.2, 11.52, 11.52, 5.76];
/// The same for 15 years.
const MACRS_15: [f64; 16] = [
    5.0, 9.5, 8.55, 7.7, 6.93, 6.23, 5.9, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91,
    2.95,
];
/// Percent in the first tax year, by the month in which the building begins to serve.
///
/// **Source** IRS Publication 946 (2024), table A-7a: then 2.564 % for 38 years, and the
/// rest in the fortieth.
const MACRS_39_FIRST: [f64; 12] =
    [2.461, 2.247, 2.033, 1.819, 1.605, 1.391, 1.177, 0.963, 0.749, 0.535, 0.321, 0.107];
const MACRS_39_LATER: f64 = 2.564;
const MACRS_39_YEARS: usize = 40;

/// What share of a cost is written off when.
///
/// ```text
/// d(a) = b·[a = 0] + (1 − b)·{ 1/n,  a < n            straight line over n months
///                            { r₀/(12 − p),  a < 12 − p     table, first tax year
///                            { rₖ/12                        table, tax year k after it
/// ```
/// where `a` is the age in months, `p` the month of the tax year, 0 to 11, in which it
/// began to serve, `b` the bonus share and `rₖ` the table's share of tax year `k`.
///
/// **Law** over its whole life exactly the cost is written off.
/// **Checked by** the tables' own years, below, and `tests/laws/finance.rs`.
#[derive(Debug, Clone, PartialEq)]
pub struct WriteOff {
    bonus: f64,
    /// By month of the tax year: shares written off up to each age, 0 months first.
    written: Vec<Vec<f64>>,
}

impl WriteOff {
    /// The write-off of a method; `line_months` counts for a straight line alone.
    pub fn of(method: Method, bonus_share: f64, line_months: u32) -> Self {
        let shares = |position: usize| match method {
            Method::StraightLine => {
                let months = line_months.max(1);
                vec![1.0 / f64::from(months); months as usize]
            }
            Method::Macrs5 => spread(&MACRS_5, position),
            Method::Macrs15 => spread(&MACRS_15, position),
            Method::Macrs39 => spread(&years_of_a_building(position), position),
        };
        let written = (0..12)
            .map(|position| {
                let mut sum = 0.0;
                let months = shares(position).into_iter().map(|share| {
                    sum += share;
                    bonus_share + (1.0 - bonus_share) * sum
                });
                std::iter::once(0.0).chain(months).collect()
            })
            .collect();
        Self { bonus: bonus_share, written }
    }

    /// Share written off by the end of `age` months in service.
    pub fn written(&self, position: u32, age: u32) -> f64 {
        let row = &self.written[(position % 12) as usize];
        row.get(age as usize).or(row.last()).map_or(1.0, |share| share.min(1.0))
    }

    /// Share written off in the month of that age, 0 the first.
    pub fn in_month(&self, position: u32, age: u32) -> f64 {
        self.written(position, age + 1) - self.written(position, age)
    }

    /// Share deducted in the first month before the method begins.
    pub fn bonus_share(&self) -> f64 {
        self.bonus
    }

    /// Months until nothing is left to write off.
    pub fn months(&self) -> u32 {
        let longest = self.written.iter().map(Vec::len).max().unwrap_or(1);
        u32::try_from(longest.saturating_sub(1)).unwrap_or(u32::MAX)
    }
}

/// Percent by tax year of a building that begins to serve in that month.
fn years_of_a_building(position: usize) -> [f64; MACRS_39_YEARS] {
    let mut years = [MACRS_39_LATER; MACRS_39_YEARS];
    years[0] = MACRS_39_FIRST[position];
    let before: f64 = years[..MACRS_39_YEARS - 1].iter().sum();
    years[MACRS_39_YEARS - 1] = 100.0 - before;
    years
}

/// Shares by month of service from percents by tax year.
fn spread(percents: &[f64], position: usize) -> Vec<f64> {
    let mut months = Vec::new();
    for (year, percent) in percents.iter().enumerate() {
        let of_year = if year == 0 { 12 - position } else { 12 };
        let share = percent / 100.0 / crate::units::count(of_year);
        months.resize(months.len() + of_year, share);
    }
    months
}

impl Check for Depreciation {
    fn check(&self, at: &mut Checker) {
        at.share("bonus_share", Uncertain::from(self.bonus_share));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Percent of each tax year, bonus included.
    fn years(write_off: &WriteOff, position: u32) -> Vec<f64> {
        let mut years = Vec::new();
        let mut age = 0;
        while age < write_off.months() {
            let left = if age == 0 { 12 - position } else { 12 };
            let year: f64 =
                (age..age + left).map(|a| write_off.in_month(position, a)).sum();
            years.push(100.0 * year);
            age += left;
        }
        years
    }

    fn close(found: &[f64], wanted: &[f64]) {
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-9, "{found} {wanted}");
        }
    }

    #[test]
    fn the_years_of_the_tables_come_out_whatever_the_month() {
        for position in 0..12 {
            close(&years(&WriteOff::of(Method::Macrs5, 0.0, 1), position), &MACRS_5);
            close(&years(&WriteOff::of(Method::Macrs15, 0.0, 1), position), &MACRS_15);
        }
        // Publication 946, table A-7a, last row: 0.107 for January, 2.461 for December.
        let of = |position| years(&WriteOff::of(Method::Macrs39, 0.0, 1), position);
        close(&of(0)[..2], &[2.461, 2.564]);
        close(&of(0)[39..40], &[0.107]);
        close(&of(11)[..1], &[0.107]);
        close(&of(11)[39..40], &[2.461]);
    }

    #[test]
    fn all_of_the_cost_is_written_off_and_never_more() {
        for method in
            [Method::StraightLine, Method::Macrs5, Method::Macrs15, Method::Macrs39]
        {
            for bonus in [0.0, 0.4, 1.0] {
                let write_off = WriteOff::of(method, bonus, 37);
                for position in 0..12 {
                    let all: f64 =
                        (0..500).map(|a| write_off.in_month(position, a)).sum();
                    assert!((all - 1.0).abs() < 1e-9, "{method:?} {all}");
                    assert!(write_off.in_month(position, 0) >= bonus - 1e-12);
                    assert!((0..500).all(|a| write_off.in_month(position, a) >= -1e-12));
                }
            }
        }
    }

    #[test]
    fn forty_percent_of_bonus_leave_sixty_for_the_table() {
        // 40 % at once, then 20 % of the remaining 60 in the first year.
        let first = years(&WriteOff::of(Method::Macrs5, 0.4, 1), 0)[0];
        assert!((first - 52.0).abs() < 1e-9, "{first}");
    }
}
