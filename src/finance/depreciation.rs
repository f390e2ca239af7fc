//! How the tax office lets what was bought be written off.
//!
//! Straight line by the month, or the tables of the Modified Accelerated Cost Recovery
//! System (MACRS) of the United States, after a bonus share that is deducted at once.
//! A table speaks of tax years: the share of the first is spread over the months that
//! are left of it, that of every later one over its twelve. Tables by half-year and by
//! mid-quarter convention: which one holds is for who knows all purchases of a tax year.
//! Read next: [`super`].

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
    /// Of what is fitted into halls. Default `straight_line` over its own life.
    #[serde(default)]
    pub fit_out_method: Method,
    /// Share of what machines cost that is deducted in the month they serve, before the
    /// rest follows the method (US "bonus"). Default 0.
    #[serde(default)]
    pub bonus_share: f64,
    /// Convention of the tables of 5 and 15 years. Default `by_rule`.
    #[serde(default)]
    pub convention: Convention,
}

/// When machines are taken to have begun to serve in their first tax year.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Convention {
    /// In the middle of the year; in the middle of their quarter for a tax year with more
    /// than 40 % of its purchases in its last three months, as the rule says.
    #[default]
    ByRule,
    /// In the middle of the year, whatever was bought when.
    HalfYear,
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
/// Percent of the cost, tax year by tax year, mid-quarter convention, by the quarter in
/// which it begins to serve.
///
/// **Source** IRS Publication 946 (2024), tables A-2 to A-5.
const MACRS_5_BY_QUARTER: [[f64; 6]; 4] = [
    [35.0, 26.0, 15.6, 11.01, 11.01, 1.38],
    [25.0, 30.0, 18.0, 11.37, 11.37, 4.26],
    [15.0, 34.0, 20.4, 12.24, 11.3, 7.06],
    [5.0, 38.0, 22.8, 13.68, 10.94, 9.58],
];
/// The same for 15 years.
const MACRS_15_BY_QUARTER: [[f64; 16]; 4] = [
    [
        8.75, 9.13, 8.21, 7.39, 6.65, 5.99, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91,
        5.9, 0.74,
    ],
    [
        6.25, 9.38, 8.44, 7.59, 6.83, 6.15, 5.91, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91, 5.9,
        5.91, 2.21,
    ],
    [
        3.75, 9.63, 8.66, 7.8, 7.02, 6.31, 5.9, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91, 5.9,
        5.91, 3.69,
    ],
    [
        1.25, 9.88, 8.89, 8.0, 7.2, 6.48, 5.9, 5.9, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91, 5.9,
        5.17,
    ],
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
    /// The same under the mid-quarter convention; nothing where it cannot hold.
    by_quarter: Vec<Vec<f64>>,
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
        let by_quarter = |position: usize| match method {
            Method::Macrs5 => Some(spread(&MACRS_5_BY_QUARTER[position / 3], position)),
            Method::Macrs15 => Some(spread(&MACRS_15_BY_QUARTER[position / 3], position)),
            Method::StraightLine | Method::Macrs39 => None,
        };
        let summed = |shares: Vec<f64>| -> Vec<f64> {
            let mut sum = 0.0;
            let months = shares.into_iter().map(|share| {
                sum += share;
                bonus_share + (1.0 - bonus_share) * sum
            });
            std::iter::once(0.0).chain(months).collect()
        };
        Self {
            bonus: bonus_share,
            written: (0..12).map(|position| summed(shares(position))).collect(),
            by_quarter: (0..12).filter_map(by_quarter).map(summed).collect(),
        }
    }

    /// The same under the half-year convention, whatever was bought when.
    #[must_use]
    pub fn half_year(mut self) -> Self {
        self.by_quarter.clear();
        self
    }

    /// True if the mid-quarter convention may hold.
    pub fn may_be_mid_quarter(&self) -> bool {
        !self.by_quarter.is_empty()
    }

    /// What the mid-quarter convention writes off more than the half-year one between two
    /// ages in months; below zero less.
    pub fn mid_quarter_more(&self, position: u32, from: u32, until: u32) -> f64 {
        let Some(row) = self.by_quarter.get((position % 12) as usize) else { return 0.0 };
        let at = |age: u32| {
            let share = row.get(age as usize).or(row.last());
            share.map_or(1.0, |share| share.min(1.0)) - self.written(position, age)
        };
        at(until) - at(from)
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
        let by_table = matches!(self.method, Method::Macrs5 | Method::Macrs15);
        if self.convention != Convention::default() && !by_table {
            at.idle(
                "convention",
                "only tables of 5 and 15 years have one, and only for machines",
                "write `method = \"macrs_5\"`, or leave it out",
            );
        }
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

    /// The tables follow from the rule: a declining balance that turns into a straight line
    /// over the years that are left, once that is more. Printed to a hundredth.
    #[test]
    fn the_tables_by_quarter_are_a_declining_balance_that_turns_straight() {
        let declining = |rate: f64, years: usize, served: f64| -> Vec<f64> {
            let life = crate::units::count(years);
            let (mut left, mut gone) = (100.0, 0.0);
            (0..=years)
                .map(|year| {
                    let part = if year == 0 { served } else { 1.0 };
                    let line = left / (life - gone) * part;
                    let off = (left * rate / life * part).max(line.min(left)).min(left);
                    left -= off;
                    gone += part;
                    off
                })
                .collect()
        };
        for (quarter, served) in [0.875, 0.625, 0.375, 0.125].into_iter().enumerate() {
            let five = declining(2.0, 5, served);
            for (found, printed) in five.iter().zip(MACRS_5_BY_QUARTER[quarter]) {
                assert!((found - printed).abs() < 0.011, "{quarter}: {found} {printed}");
            }
            let fifteen = declining(1.5, 15, served);
            for (found, printed) in fifteen.iter().zip(MACRS_15_BY_QUARTER[quarter]) {
                assert!((found - printed).abs() < 0.02, "{quarter}: {found} {printed}");
            }
        }
    }

    #[test]
    fn both_conventions_write_off_all_and_differ_by_what_the_tables_do() {
        for method in [Method::Macrs5, Method::Macrs15] {
            for bonus in [0.0, 0.4, 1.0] {
                let write_off = WriteOff::of(method, bonus, 1);
                for position in 0..12 {
                    let all = write_off.mid_quarter_more(position, 0, 500);
                    assert!(all.abs() < 1e-9, "{method:?} {position}: {all}");
                }
                // October's quarter: 5 in place of 20 %, 1.25 in place of 5 %.
                let less = if method == Method::Macrs5 { 0.15 } else { 0.0375 };
                let found = write_off.mid_quarter_more(9, 0, 3);
                assert!((found + (1.0 - bonus) * less).abs() < 1e-12, "{found}");
                assert!(write_off.mid_quarter_more(9, 0, 0).abs() < 1e-15);
            }
            assert!(!WriteOff::of(method, 0.0, 1).half_year().may_be_mid_quarter());
        }
        assert!(!WriteOff::of(Method::Macrs39, 0.0, 1).may_be_mid_quarter());
    }

    #[test]
    fn forty_percent_of_bonus_leave_sixty_for_the_table() {
        // 40 % at once, then 20 % of the remaining 60 in the first year.
        let first = years(&WriteOff::of(Method::Macrs5, 0.4, 1), 0)[0];
        assert!((first - 52.0).abs() < 1e-9, "{first}");
    }
}
