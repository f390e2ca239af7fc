//! One order of machines through its life: the arithmetic of [`super::own`].
//!
//! Ages are whole months on each path, since lead times differ by path. The functions
//! are plain loops over the block, one per event of a machine's life.

use crate::block::math::exp;
use crate::block::{LANES, Lane, splat};

/// One order on a block of paths.
#[derive(Debug, Clone)]
pub(super) struct Cohort {
    /// Chips ordered.
    pub(super) chips: Lane,
    /// Month in which they serve.
    pub(super) arrival: Lane,
    /// Price of the order, US dollars.
    pub(super) capex: Lane,
    /// Chips still working.
    pub(super) alive: Lane,
    /// Power of a chip of this order over that of the part the plan names.
    pub(super) kw_scale: f64,
}

impl Default for Cohort {
    fn default() -> Self {
        Self {
            chips: splat(0.0),
            arrival: splat(0.0),
            capex: splat(0.0),
            alive: splat(0.0),
            kw_scale: 1.0,
        }
    }
}

/// What the cohorts of a source add up to in a month, and since the start.
#[derive(Debug)]
pub(super) struct Sums {
    pub(super) fleet: Lane,
    pub(super) fleet_kw: Lane,
    pub(super) arrived_capex: Lane,
    pub(super) standing_capex: Lane,
    pub(super) writing_off_capex: Lane,
    pub(super) depreciation: Lane,
    pub(super) interest: Lane,
    pub(super) sold: Lane,
    pub(super) sold_book: Lane,
    pub(super) gain: Lane,
    pub(super) total_arrived: Lane,
    pub(super) total_failed: Lane,
    pub(super) total_sold: Lane,
}

impl Default for Sums {
    fn default() -> Self {
        let zero = || splat(0.0);
        Self {
            fleet: zero(),
            fleet_kw: zero(),
            arrived_capex: zero(),
            standing_capex: zero(),
            writing_off_capex: zero(),
            depreciation: zero(),
            interest: zero(),
            sold: zero(),
            sold_book: zero(),
            gain: zero(),
            total_arrived: zero(),
            total_failed: zero(),
            total_sold: zero(),
        }
    }
}

impl Sums {
    /// Zero for a new month; totals stay.
    pub(super) fn clear(&mut self) {
        for lane in [
            &mut self.fleet,
            &mut self.fleet_kw,
            &mut self.arrived_capex,
            &mut self.standing_capex,
            &mut self.writing_off_capex,
            &mut self.depreciation,
            &mut self.interest,
            &mut self.sold,
            &mut self.sold_book,
            &mut self.gain,
        ] {
            lane.fill(0.0);
        }
    }

    /// Zero for a new block.
    pub(super) fn reset(&mut self) {
        self.clear();
        for lane in
            [&mut self.total_arrived, &mut self.total_failed, &mut self.total_sold]
        {
            lane.fill(0.0);
        }
    }
}

impl Cohort {
    /// One month of life.
    pub(super) fn age(
        &mut self,
        month: f64,
        life: f64,
        write_off: f64,
        keep: &Lane,
        sums: &mut Sums,
    ) {
        live(
            month,
            life,
            keep,
            &self.arrival,
            &self.chips,
            self.kw_scale,
            &mut self.alive,
            &mut sums.fleet,
            &mut sums.fleet_kw,
            &mut sums.sold,
            &mut sums.total_arrived,
            &mut sums.total_failed,
            &mut sums.total_sold,
        );
        value(
            month,
            life,
            write_off,
            &self.arrival,
            &self.capex,
            &mut sums.arrived_capex,
            &mut sums.standing_capex,
            &mut sums.writing_off_capex,
            &mut sums.depreciation,
            &mut sums.sold_book,
        );
    }
}

crate::kernel! {
    fn live(
        month: f64, life: f64, keep: &Lane, arrival: &Lane, chips: &Lane, kw_scale: f64,
        alive: &mut Lane, fleet: &mut Lane, fleet_kw: &mut Lane, sold: &mut Lane,
        arrived: &mut Lane, failed: &mut Lane, total_sold: &mut Lane,
    ) {
        for i in 0..LANES {
            let age = month - arrival[i];
            let new = if age == 0.0 { chips[i] } else { 0.0 };
            let before = alive[i] + new;
            let after = if age > 0.0 { before * keep[i] } else { before };
            let stands = if age < life { after } else { 0.0 };
            let leaves = after - stands;
            alive[i] = stands;
            fleet[i] += stands;
            fleet_kw[i] += stands * kw_scale;
            sold[i] += leaves;
            arrived[i] += new;
            failed[i] += before - after;
            total_sold[i] += leaves;
        }
    }

    fn value(
        month: f64, life: f64, write_off: f64, arrival: &Lane, capex: &Lane,
        arrived: &mut Lane, standing: &mut Lane, writing_off: &mut Lane,
        depreciation: &mut Lane, sold_book: &mut Lane,
    ) {
        let book_at_end = (1.0 - life / write_off).max(0.0);
        for i in 0..LANES {
            let age = month - arrival[i];
            let here = if age >= 0.0 && age < life { capex[i] } else { 0.0 };
            let wears = if age < write_off { here } else { 0.0 };
            arrived[i] += if age == 0.0 { capex[i] } else { 0.0 };
            standing[i] += here;
            writing_off[i] += wears;
            depreciation[i] += wears / write_off;
            sold_book[i] += if age == life { capex[i] * book_at_end } else { 0.0 };
        }
    }

    pub(super) fn look_ahead(
        month: f64, life: f64, kw_scale: f64, lead: &Lane, chips: &Lane, alive: &Lane,
        arrival: &Lane, standing: &mut Lane, standing_kw: &mut Lane,
    ) {
        for i in 0..LANES {
            let now = if arrival[i] >= month { chips[i] } else { alive[i] };
            let stays = arrival[i] + life > month + lead[i];
            let there = if stays { now } else { 0.0 };
            standing[i] += there;
            standing_kw[i] += there * kw_scale;
        }
    }

    pub(super) fn sell(
        life_years: f64, sold: &Lane, price: &Lane, wear: &Lane, share: &Lane,
        level: &Lane, resale: &mut Lane, gain: &mut Lane,
    ) {
        for i in 0..LANES {
            let worth = price[i] * exp(-wear[i] * life_years) * share[i] * level[i];
            let proceeds = sold[i] * worth;
            resale[i] -= proceeds;
            gain[i] += proceeds;
        }
    }

    pub(super) fn salvage(
        end: f64, write_off: f64, arrival: &Lane, alive: &Lane, capex: &Lane, price: &Lane,
        wear: &Lane, share: &Lane, level: &Lane, resale: &mut Lane, gain: &mut Lane,
    ) {
        for i in 0..LANES {
            let age = (end - arrival[i]).max(0.0);
            let worth = price[i] * exp(-wear[i] * age / 12.0) * share[i] * level[i];
            let proceeds = alive[i] * worth;
            let book = capex[i] * (1.0 - age / write_off).max(0.0);
            let book = if alive[i] > 0.0 { book } else { 0.0 };
            resale[i] -= proceeds;
            gain[i] += proceeds - book;
        }
    }

    pub(super) fn cancel(
        end: f64, deposit: f64, arrival: &Lane, capex: &Lane, resale: &mut Lane,
    ) {
        for i in 0..LANES {
            resale[i] -= if arrival[i] >= end { deposit * capex[i] } else { 0.0 };
        }
    }

    pub(super) fn service_debt(
        month: f64, share: f64, rate: f64, log_growth: f64, months: f64, payment: f64,
        arrival: &Lane, capex: &Lane, debt: &mut Lane, interest: &mut Lane,
    ) {
        let grown = (log_growth * months).exp();
        for i in 0..LANES {
            let age = month - arrival[i];
            let loan = share * capex[i];
            let drawn = if age == 0.0 { loan } else { 0.0 };
            let pays = age >= 1.0 && age <= months;
            let paid_before = (age - 1.0).max(0.0);
            let owed = if rate > 1e-12 {
                (grown - exp(log_growth * paid_before)) / (grown - 1.0)
            } else {
                1.0 - paid_before / months
            };
            debt[i] += if pays { loan * payment } else { 0.0 } - drawn;
            interest[i] += if pays { loan * owed * rate } else { 0.0 };
        }
    }

    pub(super) fn repay_rest(
        end: f64, share: f64, log_growth: f64, months: f64, arrival: &Lane, capex: &Lane,
        debt: &mut Lane,
    ) {
        let grown = (log_growth * months).exp();
        for i in 0..LANES {
            // Payments made so far: one a month from the month after arrival.
            let paid = (end - 1.0 - arrival[i]).max(0.0);
            let owed = if log_growth > 1e-12 {
                (grown - exp(log_growth * paid)) / (grown - 1.0)
            } else {
                1.0 - paid / months
            };
            let owes = arrival[i] < end && paid < months;
            debt[i] += if owes { share * capex[i] * owed } else { 0.0 };
        }
    }
}
