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
    /// What a chip fetches that has served its life, less taking it away.
    pub(super) used_usd: Lane,
    /// Hall that a chip needs, to the plan's end, and months until it is built.
    pub(super) room_usd: Lane,
    pub(super) room_months: Lane,
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
            room_usd: zero(),
            room_months: zero(),
        }
    }
}

/// What ends a commitment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    /// Months of it.
    pub(super) months: usize,
    /// True where months after the plan's end are not paid.
    pub(super) cut: bool,
    /// True where the first order of a slice needs a hall, which later ones find.
    pub(super) builds: bool,
}

/// The month of an order and its cost, US dollars; nothing where none arrives.
type Offer = Option<(usize, f64)>;

/// The whole path of one committed source.
#[derive(Debug)]
pub(super) struct Foresight {
    pub(super) known: Vec<Known>,
    /// By month: what is best to order.
    pub(super) orders: Vec<Lane>,
    /// By age in months: what a chip fetches that stands when the plan ends.
    pub(super) closing: Vec<Lane>,
    df: Vec<f64>,
}

impl Foresight {
    pub(super) fn new(months: u32, discount_rate: f64) -> Self {
        Self {
            known: vec![Known::new(); months as usize],
            orders: vec![splat(0.0); months as usize],
            closing: vec![splat(0.0); months as usize + 1],
            df: (0..=months).map(|m| discount_factor(discount_rate, m)).collect(),
        }
    }

    /// Works out the orders of every path.
    pub(super) fn plan(&mut self, curve: &LoadCurve, term: Term) {
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
            let again = self.offers(path, term, false);
            let first = term.builds.then(|| self.offers(path, term, true));
            let offers = [first.as_deref().unwrap_or(&again), &again];
            for slice in 0..SLICES {
                let middle = (count(slice) + 0.5) * width;
                for month in self.best(path, middle, curve, offers, term) {
                    self.orders[month][path] += width;
                }
            }
        }
    }

    /// By month of arrival: the cheapest order and its cost to the plan, used or not; one
    /// that `builds` pays and waits for a hall, too.
    fn offers(&self, path: usize, term: Term, builds: bool) -> Vec<Offer> {
        let months = self.known.len();
        let mut offers: Vec<Offer> = vec![None; months];
        for (ordered, month) in self.known.iter().enumerate() {
            let mut arrives = ordered;
            let mut lead = month.lead_months[path];
            if builds {
                lead = lead.max(month.room_months[path].ceil());
            }
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
                // What stands when the plan ends is settled in its last month.
                let sold = match self.known.get(arrives + term.months) {
                    Some(month) => self.df[ends] * month.used_usd[path],
                    None => self.df[months - 1] * self.closing[ends - arrives][path],
                };
                let room = if builds { month.room_usd[path] } else { 0.0 };
                self.df[ordered] * (commit + room) + run - sold
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
        offers: [&[Offer]; 2],
        term: Term,
    ) -> Vec<usize> {
        let months = self.known.len();
        // Before the first order, and after it.
        let mut value = vec![[0.0; 2]; months + 1];
        let mut commits = vec![[None; 2]; months];
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
            let ends = (month + term.months).min(months);
            for (state, offers) in offers.iter().enumerate() {
                value[month][state] = rent + value[month + 1][state];
                if let Some((ordered, cost)) = offers[month]
                    && cost + value[ends][1] < value[month][state]
                {
                    value[month][state] = cost + value[ends][1];
                    commits[month][state] = Some(ordered);
                }
            }
        }
        let mut orders = Vec::new();
        let (mut month, mut state) = (0, 0);
        while month < months {
            match commits[month][state] {
                Some(ordered) => {
                    orders.push(ordered);
                    state = 1;
                    month += term.months;
                }
                None => month += 1,
            }
        }
        orders
    }
}
