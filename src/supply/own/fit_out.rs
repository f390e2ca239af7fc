//! The fit-out of a hall: power and cooling inside the shell, on a life of its own.
//!
//! It is bought with the hall, by the kW, written off and left over on its own life, and
//! bought again when that is over, at the prices of then. Read next: [`super::Own`].

use crate::block::{LANES, Lane};
use crate::finance::{Ledger, Part};
use crate::trajectory::{Future, NumberId};

use super::Own;
use super::arithmetic::add_scaled;
use super::hall::{put, roll};

/// The fit-out of a hall, names resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct FitOutTerms {
    /// Cost per kW of machine power today, US dollars.
    pub usd_per_kw: NumberId,
    /// Whole months it serves.
    pub life_months: u32,
}

impl Own {
    /// Buys the fit-out of what the hall has grown by since it had `before_kw`; it serves
    /// from the month in which that is ready.
    pub(super) fn fit_out(
        &mut self,
        month: u32,
        before_kw: &Lane,
        future: &Future<'_>,
        ledger: &mut Ledger,
    ) {
        let Some(terms) = &self.terms.fit_out else { return };
        let years = f64::from(month) / 12.0;
        let rise = (1.0 + self.terms.inflation_per_year).powf(years);
        let usd = future.number(terms.usd_per_kw);
        let capex = ledger.part_mut(Part::Capex);
        buy(rise, usd, &self.halls.kw, before_kw, &mut self.scratch, capex);
        let late = &mut self.fit_outs_late;
        put(&mut self.fit_outs, late, &self.halls.ready_now, &self.scratch);
    }

    /// Buys again what has served its life this month.
    pub(super) fn renew_fit_out(&mut self, month: u32, ledger: &mut Ledger) {
        let Some(terms) = &self.terms.fit_out else { return };
        let Some(first) = month.checked_sub(terms.life_months) else { return };
        let years = f64::from(terms.life_months) / 12.0;
        let rise = (1.0 + self.terms.inflation_per_year).powf(years);
        let (old, new) = self.fit_outs.split_at_mut(month as usize);
        let (Some(old), Some(new)) = (old.get(first as usize), new.first_mut()) else {
            return;
        };
        add_scaled(new, old, rise);
        add_scaled(ledger.part_mut(Part::Capex), old, rise);
    }

    /// Writes off a month of every fit-out for tax.
    pub(super) fn write_off_fit_out(&mut self, month: usize) {
        let Some(terms) = &self.terms.fit_out else { return };
        let tax = self.terms.tax.as_ref();
        let share = |bought: usize, age: u32| match tax {
            Some(tax) => tax.fit_outs.in_month(tax.position(bought), age),
            None if age < terms.life_months => 1.0 / f64::from(terms.life_months),
            None => 0.0,
        };
        let begins = tax.map_or(month.is_multiple_of(12), |tax| tax.position(month) == 0);
        let (rate, life) = (&mut self.fit_out_rate, terms.life_months as usize);
        roll(rate, &self.fit_outs, month, begins, life, share);
        add_scaled(&mut self.depreciation, rate, 1.0);
    }

    /// Sells every fit-out for what is left of its life at the end of month `end − 1`.
    pub(super) fn close_fit_out(&mut self, end: usize, ledger: &mut Ledger) {
        let Some(terms) = &self.terms.fit_out else { return };
        let resale = ledger.part_mut(Part::Resale);
        add_scaled(resale, &self.fit_outs_late, -1.0);
        for (bought, cost) in self.fit_outs.iter().take(end).enumerate() {
            let age = u32::try_from(end - bought).unwrap_or(u32::MAX);
            let left = (1.0 - f64::from(age) / f64::from(terms.life_months)).max(0.0);
            add_scaled(resale, cost, -left);
            if let Some(tax) = &self.terms.tax {
                let book = 1.0 - tax.fit_outs.written(tax.position(bought), age);
                add_scaled(&mut self.gain, cost, left - book);
            }
        }
    }
}

crate::kernel! {
    fn buy(
        rise: f64, usd_per_kw: &Lane, hall_kw: &Lane, before_kw: &Lane, out: &mut Lane,
        capex: &mut Lane,
    ) {
        for i in 0..LANES {
            let cost = (hall_kw[i] - before_kw[i]) * usd_per_kw[i] * rise;
            out[i] = cost;
            capex[i] += cost;
        }
    }
}
