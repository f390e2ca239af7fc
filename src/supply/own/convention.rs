//! What is written off for tax, and the mid-quarter convention of MACRS.
//!
//! What is bought late in a tax year earns less of it. Whether the convention holds for a tax year is known when the year is over: where more than 40 % of
//! what began to serve in it did so in its last three months. Until then the half-year
//! convention is booked; the last month of the year sets right what the rule says. Halls
//! are no part of the test, and each source of one's own is tested alone.
//!
//! **Source** IRS Publication 946 (2024), How To Depreciate Property, chapter 4, "Which
//! Convention Applies?"; the basis is taken before any bonus.

use crate::block::{LANES, Lane, splat};

use super::arithmetic::add_scaled;
use super::{Own, OwnTerms};

/// Share of a tax year's purchases in its last quarter above which the convention holds.
const LAST_QUARTER_SHARE: f64 = 0.4;
/// First month of the last quarter of a tax year.
const LAST_QUARTER: u32 = 9;

impl OwnTerms {
    /// The tax year of a month of the plan, the first one 0.
    fn tax_year(&self, month: usize) -> usize {
        let first = self.tax.as_ref().map_or(0, |tax| tax.first_position as usize);
        (first + month) / 12
    }

    /// Tax years that a plan of so many months touches, where the convention may hold.
    pub(super) fn tested_years(&self, months: u32, taxed: bool) -> usize {
        let tested =
            self.tax.as_ref().is_some_and(|tax| tax.machines.may_be_mid_quarter());
        let last = (months as usize).saturating_sub(1);
        if tested && taxed && self.lease.is_none() { self.tax_year(last) + 1 } else { 0 }
    }
}

impl Own {
    /// Works out what is written off for tax this month.
    pub(super) fn depreciate(&mut self, month: usize) {
        let t = &self.terms;
        self.depreciation.fill(0.0);
        if let Some(tax) = &t.tax {
            let share = |arrived, age| tax.machines.in_month(tax.position(arrived), age);
            if self.features.books {
                self.fleet.write_off(month, share, &mut self.depreciation);
            }
        } else if self.features.books {
            let share = 1.0 / f64::from(t.depreciation_months);
            add_scaled(&mut self.depreciation, &self.fleet.writing_off, share);
        }
        self.write_off_halls(month);
        self.write_off_fit_out(month);
    }

    /// Months of arrival of what may still stand at the start of a month, and that month.
    fn standing_since(&self, month: usize) -> std::ops::RangeInclusive<usize> {
        (month + 1).saturating_sub(self.terms.life_months as usize)..=month
    }

    /// Where the mid-quarter convention was found to hold, sets the write-off of a month
    /// right; in the last month of a tax year, finds it.
    pub(super) fn apply_convention(&mut self, month: usize) {
        if self.mid_quarter.is_empty() {
            return;
        }
        let Some(tax) = &self.terms.tax else { return };
        let year = self.terms.tax_year(month);
        let age = |arrived: usize| u32::try_from(month - arrived).unwrap_or(u32::MAX);
        for arrived in self.standing_since(month) {
            let then = self.terms.tax_year(arrived);
            if then < year {
                let by = tax.machines.mid_quarter_more(
                    tax.position(arrived),
                    age(arrived),
                    age(arrived) + 1,
                );
                let capex = self.fleet.arrived_capex(arrived);
                add_where(&mut self.depreciation, &self.mid_quarter[then], capex, by);
            }
        }
        if tax.position(month) != 11 {
            return;
        }
        let (mut late, mut all) = (splat(0.0), splat(0.0));
        for arrived in self.standing_since(month) {
            if self.terms.tax_year(arrived) == year {
                let capex = self.fleet.arrived_capex(arrived);
                let is_late = tax.position(arrived) >= LAST_QUARTER;
                add_to(&mut all, capex, 1.0);
                add_to(&mut late, capex, if is_late { 1.0 } else { 0.0 });
            }
        }
        above(&mut self.mid_quarter[year], &late, &all, LAST_QUARTER_SHARE);
        for arrived in self.standing_since(month) {
            if self.terms.tax_year(arrived) == year {
                let position = tax.position(arrived);
                let by = tax.machines.mid_quarter_more(position, 0, age(arrived) + 1);
                let capex = self.fleet.arrived_capex(arrived);
                add_where(&mut self.depreciation, &self.mid_quarter[year], capex, by);
            }
        }
    }

    /// Sets right the gain of what is sold: more or less of it was written off.
    pub(super) fn gain_by_convention(&mut self, arrived: usize, age: u32, capex: &Lane) {
        let Some(tax) = &self.terms.tax else { return };
        let year = self.terms.tax_year(arrived);
        let Some(holds) = self.mid_quarter.get(year) else { return };
        let by = tax.machines.mid_quarter_more(tax.position(arrived), 0, age);
        add_where(&mut self.gain, holds, capex, by);
    }

    /// The same for all that stands at the end of month `end − 1`.
    pub(super) fn close_convention(&mut self, end: usize) {
        if self.mid_quarter.is_empty() {
            return;
        }
        for arrived in end.saturating_sub(self.terms.life_months as usize)..end {
            let capex = *self.fleet.arrived_capex(arrived);
            let age = u32::try_from(end - arrived).unwrap_or(u32::MAX);
            self.gain_by_convention(arrived, age, &capex);
        }
    }
}

/// What is not yet written off for tax of machines that arrived in a month of the plan.
pub(super) fn book_lane(
    terms: &OwnTerms,
    mid_quarter: &[Lane],
    arrived: usize,
    age: u32,
    out: &mut Lane,
) {
    out.fill(super::sale::book_share(terms, arrived, age));
    let Some(tax) = &terms.tax else { return };
    if let Some(holds) = mid_quarter.get(terms.tax_year(arrived)) {
        let by = tax.machines.mid_quarter_more(tax.position(arrived), 0, age);
        add_to(out, holds, -by);
    }
}

crate::kernel! {
    fn add_where(out: &mut Lane, holds: &Lane, capex: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += by * holds[i] * capex[i];
        }
    }

    fn add_to(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += by * a[i];
        }
    }

    fn above(out: &mut Lane, part: &Lane, whole: &Lane, share: f64) {
        for i in 0..LANES {
            out[i] = if part[i] > share * whole[i] { 1.0 } else { 0.0 };
        }
    }
}
