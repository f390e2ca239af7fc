//! Machines that go: after their life, or when the plan ends.

use crate::block::{Lane, splat};
use crate::finance::{Ledger, Part};
use crate::supply::fleet::{EarlyTerms, Proceeds};
use crate::trajectory::Future;

use super::arithmetic::{add_scaled, keep_above, sell};
use super::convention::book_lane;
use super::resale::sell_at;
use super::{Own, OwnTerms};

impl Own {
    /// Sells what has served its life this month.
    pub(super) fn sell_old(
        &mut self,
        month: u32,
        future: &Future<'_>,
        ledger: &mut Ledger,
    ) {
        if !self.features.sells && !self.features.books {
            return;
        }
        if month < self.terms.life_months {
            self.gain.fill(0.0);
            return;
        }
        self.price_at(month, future);
        self.look_at_used_market(month, future);
        let t = &self.terms;
        let Some(sale) = self.fleet.sale(month as usize) else { return };
        let life = f64::from(t.life_months);
        let arrived = (month - t.life_months) as usize;
        if let Some(by) = &t.resale_by {
            let drawn = self.fleet.drawn(arrived);
            let worth = &mut self.scratch;
            Self::used_worth(by, &self.used, &self.price, life / 12.0, drawn, worth);
            sell_at(
                sale.chips,
                worth,
                sale.capex,
                book_share(t, arrived, t.life_months),
                ledger.part_mut(Part::Resale),
                &mut self.gain,
            );
        } else {
            sell(
                life / 12.0,
                book_share(t, arrived, t.life_months),
                sale.chips,
                sale.capex,
                &self.price,
                future.number(t.wear_per_year),
                future.number(t.resale_share),
                future.level(t.resale),
                ledger.part_mut(Part::Resale),
                &mut self.gain,
            );
        }
        if !self.mid_quarter.is_empty() {
            let capex = *sale.capex;
            self.gain_by_convention(arrived, self.terms.life_months, &capex);
        }
    }

    /// Months whose highest need counts for what is sold early; nothing where none is.
    pub fn sells_after(&self) -> Option<u32> {
        self.terms.sell.as_ref().map(|sell| sell.after_months)
    }

    /// Sells at the start of a month what stands above the slack over `need`, the chips that
    /// the highest load of the last months asked for.
    ///
    /// What is sold neither runs nor is written off from this month on; a loan on it goes
    /// on. Comes before [`Self::age`].
    pub fn sell_unneeded(
        &mut self,
        month: u32,
        need: &Lane,
        future: &Future<'_>,
        ledger: &mut Ledger,
    ) {
        let Some(spec) = self.terms.sell.clone() else { return };
        for lane in &mut self.early {
            lane.fill(0.0);
        }
        self.price_at(month, future);
        let mut new = splat(0.0);
        self.look_at_used_market(month, future);
        self.used_price(future, &mut new);
        let wear = self.wear_per_year(future);
        let (t, used, price) = (&self.terms, &self.used, &self.price);
        let up = future.number(t.availability);
        keep_above(&mut self.order, need, up, 1.0 + spec.slack_share);
        let [gain, book, sold] = &mut self.early;
        let terms = EarlyTerms {
            wear,
            lump: t.lump_chips,
            kept: 1.0 - spec.cost_share,
            line: t.depreciation_months as usize,
        };
        let resale = ledger.part_mut(Part::Resale);
        self.fleet.sell_early(
            month as usize,
            &self.order,
            |arrived, age, out: &mut Lane| {
                book_lane(t, &self.mid_quarter, arrived, age, out);
            },
            |age, drawn, out| match &t.resale_by {
                Some(by) => Self::used_worth(by, used, price, age, drawn, out),
                None => out.clone_from(&new),
            },
            &terms,
            &mut Proceeds { resale, gain, book, sold },
        );
        let removal = t.extras.decommissioning_usd_per_chip;
        if removal > 0.0 {
            let rise = (1.0 + t.inflation_per_year).powf(f64::from(month) / 12.0);
            let operation = ledger.part_mut(Part::Operation);
            add_scaled(operation, &self.early[2], removal * rise);
        }
    }

    /// Adds what was sold early to the month's gain, and works out the books of the month.
    pub(super) fn book_early(&mut self, month: usize) {
        let t = &self.terms;
        add_scaled(&mut self.gain, &self.early[0], 1.0);
        let [written, disposed] = &mut self.books;
        let line = f64::from(t.depreciation_months);
        written.fill(0.0);
        add_scaled(written, &self.fleet.writing_off, 1.0 / line);
        disposed.clone_from(&self.early[1]);
        let left = 1.0 - f64::from(t.life_months) / line;
        if let Some(sale) = self.fleet.sale(month).filter(|_| left > 0.0) {
            add_scaled(disposed, sale.capex, left);
        }
    }

    /// Wear of a used chip, log a year; none where what it earns prices it.
    fn wear_per_year<'a>(&self, future: &'a Future<'_>) -> &'a Lane {
        static NONE: Lane = splat(0.0);
        let by_wear = self.terms.resale_by.is_none();
        if by_wear { future.number(self.terms.wear_per_year) } else { &NONE }
    }

    /// Sells what still stands and repays what is still owed, after the last month.
    pub fn close(&mut self, month: u32, future: &Future<'_>, ledger: &mut Ledger) {
        debug_assert!(month < self.months, "bug: a month after the plan's last");
        if self.features.sells || self.features.books {
            self.price_at(month, future);
            self.look_at_used_market(month, future);
        }
        let by = self.terms.resale_by.as_ref();
        if let (Some(by), true) = (by, self.features.sells || self.features.books) {
            let (t, resale) = (&self.terms, ledger.part_mut(Part::Resale));
            let (used, price) = (&self.used, &self.price);
            self.fleet.salvage_at(
                month as usize + 1,
                |arrived, age| book_share(t, arrived, age),
                |age, drawn, out| Self::used_worth(by, used, price, age, drawn, out),
                resale,
                &mut self.gain,
            );
            self.close_convention(month as usize + 1);
        } else if self.features.sells || self.features.books {
            let t = &self.terms;
            self.fleet.salvage(
                month as usize + 1,
                |arrived, age| book_share(t, arrived, age),
                &self.price,
                future.number(t.wear_per_year),
                future.number(t.resale_share),
                future.level(t.resale),
                ledger.part_mut(Part::Resale),
                &mut self.gain,
            );
            self.close_convention(month as usize + 1);
        }
        let t = &self.terms;
        // An order that has not arrived is cancelled: the deposit comes back.
        if !self.features.instant {
            let late = self.fleet.late_capex();
            add_scaled(ledger.part_mut(Part::Resale), late, -t.deposit_share);
        }
        if t.debt.is_some() {
            add_scaled(ledger.part_mut(Part::Debt), &self.loan, 1.0);
        }
        self.close_halls(month as usize + 1, ledger);
        self.close_fit_out(month as usize + 1, ledger);
        self.close_extras(month, ledger);
    }
}

/// What is not yet written off for tax of machines that arrived in a month of the plan.
pub(super) fn book_share(terms: &OwnTerms, arrived: usize, age: u32) -> f64 {
    match &terms.tax {
        Some(tax) => 1.0 - tax.machines.written(tax.position(arrived), age),
        None => (1.0 - f64::from(age) / f64::from(terms.depreciation_months)).max(0.0),
    }
}
