//! What would have been best to order, once the whole path is known.
//!
//! Only for the yardstick [`crate::strategy::PerfectForesight`]: the block is drawn once
//! ahead, demand and prices of every month are noted, and each slice of the load is
//! committed or rented at least cost. Then the block is played like any other.

use crate::block::{LANES, Lane, splat};
use crate::finance::discount_factor;
use crate::units::count;
use crate::workload::LoadCurve;
use crate::workload::shape::SHARES;

/// Slices of the highest load of a path.
const SLICES: usize = 32;

/// A month of one committed source, as it will have been.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// Chips that the mean load needs.
    pub(super) needed: Lane,
    /// Price of a chip for its term or life, US dollars.
    pub(super) commit_usd: Lane,
    /// What it costs to run a month.
    pub(super) run_usd: Lane,
    /// What renting the same costs a month.
    pub(super) rent_usd: Lane,
    /// Months until an order serves.
    pub(super) lead_months: Lane,
    /// What a used chip without wear fetches.
    pub(super) used_usd: Lane,
}

impl Known {
    fn new() -> Self {
        let zero = || splat(0.0);
        Self {
            needed: zero(),
            commit_usd: zero(),
            run_usd: zero(),
            rent_usd: zero(),
            lead_months: zero(),
            used_usd: zero(),
        }
    }
}

/// What ends a commitment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term<'a> {
    /// Months of it.
    pub(super) months: usize,
    /// True where months after the plan's end are not paid.
    pub(super) cut: bool,
    /// Wear of a used chip, log a year; nothing where none is sold.
    pub(super) wear_per_year: Option<&'a Lane>,
}

/// The whole path of one committed source.
#[derive(Debug)]
pub(super) struct Foresight {
    pub(super) known: Vec<Known>,
    /// By month: what is best to order.
    pub(super) orders: Vec<Lane>,
    df: Vec<f64>,
}

impl Foresight {
    pub(super) fn new(months: u32, discount_rate: f64) -> Self {
        Self {
            known: vec![Known::new(); months as usize],
            orders: vec![splat(0.0); months as usize],
            df: (0..=months).map(|m| discount_factor(discount_rate, m)).collect(),
        }
    }

    /// Works out the orders of every path.
    pub(super) fn plan(&mut self, curve: &LoadCurve, term: Term<'_>) {
        for order in &mut self.orders {
            order.fill(0.0);
        }
        for path in 0..LANES {
            let needed = self.known.iter().map(|month| month.needed[path]);
            let highest = needed.fold(0.0, f64::max) * curve.peak();
            let width = highest / count(SLICES);
            if width <= 0.0 {
                continue;
            }
            let offers = self.offers(path, term);
            for slice in 0..SLICES {
                let middle = (count(slice) + 0.5) * width;
                for month in self.best(path, middle, curve, &offers, term) {
                    self.orders[month][path] += width;
                }
            }
        }
    }

    /// By month of arrival: the cheapest order and its cost to the plan, used or not.
    fn offers(&self, path: usize, term: Term<'_>) -> Vec<Option<(usize, f64)>> {
        let months = self.known.len();
        let mut offers: Vec<Option<(usize, f64)>> = vec![None; months];
        for (ordered, month) in self.known.iter().enumerate() {
            let mut arrives = ordered;
            let mut lead = month.lead_months[path];
            while lead > 0.5 && arrives < months {
                arrives += 1;
                lead -= 1.0;
            }
            if arrives >= months {
                continue;
            }
            let ends = (arrives + term.months).min(months);
            let commit = month.commit_usd[path];
            let cost = if term.cut {
                let monthly = commit / count(term.months);
                self.df[arrives..ends].iter().map(|df| df * monthly).sum()
            } else {
                let run = self.known[arrives..ends].iter().zip(&self.df[arrives..]);
                let run: f64 = run.map(|(month, df)| df * month.run_usd[path]).sum();
                let sold = term.wear_per_year.map_or(0.0, |wear| {
                    let age = count(ends - arrives) / 12.0;
                    let last = &self.known[ends.min(months - 1)];
                    self.df[ends] * last.used_usd[path] * (-wear[path] * age).exp()
                });
                self.df[ordered] * commit + run - sold
            };
            if offers[arrives].is_none_or(|(_, least)| cost < least) {
                offers[arrives] = Some((ordered, cost));
            }
        }
        offers
    }

    /// The months in which to order for a slice of the load.
    fn best(
        &self,
        path: usize,
        height: f64,
        curve: &LoadCurve,
        offers: &[Option<(usize, f64)>],
        term: Term<'_>,
    ) -> Vec<usize> {
        let months = self.known.len();
        let mut value = vec![0.0; months + 1];
        let mut commits = vec![None; months];
        for month in (0..months).rev() {
            let known = &self.known[month];
            let share: f64 = curve
                .multipliers
                .iter()
                .zip(SHARES)
                .filter(|(m, _)| known.needed[path] * *m > height)
                .map(|(_, share)| share)
                .sum();
            let rent = share * self.df[month] * known.rent_usd[path];
            value[month] = rent + value[month + 1];
            let ends = (month + term.months).min(months);
            if let Some((ordered, cost)) = offers[month]
                && cost + value[ends] < value[month]
            {
                value[month] = cost + value[ends];
                commits[month] = Some(ordered);
            }
        }
        let mut orders = Vec::new();
        let mut month = 0;
        while month < months {
            match commits[month] {
                Some(ordered) => {
                    orders.push(ordered);
                    month += term.months;
                }
                None => month += 1,
            }
        }
        orders
    }
}
