//! The arithmetic of serving a month's work, a block of paths at a time.
//!
//! Read next: [`super::Service`], which says when each of these is needed.

use crate::block::{LANES, Lane};
use crate::units::HOURS_PER_MONTH;

crate::kernel! {
    pub(super) fn scaled(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] = by * a[i];
        }
    }

    /// A flat load served by chips of its own, the rest left over.
    pub(super) fn take_flat(
        demand: &Lane, capacity: &Lane, hours_per_unit: &Lane, units_per_hour: &Lane,
        hair: f64, used: &mut Lane, rest: &mut Lane,
    ) {
        for i in 0..LANES {
            let most = capacity[i] * HOURS_PER_MONTH * units_per_hour[i];
            let take = if demand[i] < most { demand[i] } else { most };
            used[i] = take * hours_per_unit[i];
            let short = demand[i] - take;
            rest[i] = if short > hair * demand[i] { short } else { 0.0 };
        }
    }

    /// Hours rented by who serves one workload alone: sets hours, books their cost.
    pub(super) fn rent_one(
        served: &Lane, hours_per_unit: &Lane, today: &Lane, rent: &Lane, own: &Lane,
        onto: bool, variable_onto: bool, used_hours: &mut Lane, part: &mut Lane,
        variable: &mut Lane,
    ) {
        for i in 0..LANES {
            let hours = served[i] * hours_per_unit[i];
            let cost = hours * today[i] * rent[i] * own[i];
            used_hours[i] = hours;
            part[i] = (if onto { part[i] } else { 0.0 }) + cost;
            variable[i] = (if variable_onto { variable[i] } else { 0.0 }) + cost;
        }
    }

    pub(super) fn least(a: &mut Lane, b: &Lane) {
        for i in 0..LANES {
            a[i] = a[i].min(b[i]);
        }
    }

    /// Adds what a month's work costs at a price, or at the penalty where there is none,
    /// and the chip-hours it takes.
    pub(super) fn cost_of_work(
        usd: &mut Lane, hours: &mut Lane, demand: &Lane, hours_per_unit: &Lane,
        price: &Lane, penalty: &Lane,
    ) {
        for i in 0..LANES {
            let price = if price[i].is_finite() { price[i] } else { penalty[i] };
            usd[i] += demand[i] * price;
            hours[i] += demand[i] * hours_per_unit[i];
        }
    }

    pub(super) fn per_chip_month(usd: &mut Lane, hours: &Lane) {
        for i in 0..LANES {
            let each = usd[i] / hours[i] * HOURS_PER_MONTH;
            usd[i] = if hours[i] > 0.0 { each } else { 0.0 };
        }
    }

    pub(super) fn add_share(out: &mut Lane, a: &Lane, of: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += by * a[i] / of[i];
        }
    }

    pub(super) fn add_scaled(out: &mut Lane, a: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += by * a[i];
        }
    }

    pub(super) fn multiply(out: &mut Lane, a: &Lane) {
        for i in 0..LANES {
            out[i] *= a[i];
        }
    }

    pub(super) fn add_product(out: &mut Lane, a: &Lane, b: &Lane) {
        for i in 0..LANES {
            out[i] += a[i] * b[i];
        }
    }

    pub(super) fn buy(cost: &mut Lane, part: &mut Lane, units: &Lane, price: &Lane) {
        for i in 0..LANES {
            cost[i] = units[i] * price[i];
            part[i] += cost[i];
        }
    }

    pub(super) fn add_ratio(out: &mut Lane, a: &Lane, b: &Lane, by: f64) {
        for i in 0..LANES {
            out[i] += if b[i] > 0.0 { by * a[i] / b[i] } else { 0.0 };
        }
    }

    pub(super) fn add_rest(total: &mut Lane, rest: &Lane, demand: &Lane, hair: f64) {
        for i in 0..LANES {
            total[i] += if rest[i] > hair * demand[i] { rest[i] } else { 0.0 };
        }
    }

    pub(super) fn chip_price(
        out: &mut Lane, today: &Lane, rent: &Lane, hours_per_unit: &Lane,
    ) {
        for i in 0..LANES {
            out[i] = today[i] * rent[i] * hours_per_unit[i];
        }
    }

    pub(super) fn make_good(hours_per_unit: &mut Lane, lost: &Lane) {
        for i in 0..LANES {
            hours_per_unit[i] /= 1.0 - lost[i];
        }
    }

    pub(super) fn take_pool(chips: &mut Lane, served: &Lane, hours_per_unit: &Lane, hours: f64) {
        let an_hour = 1.0 / hours;
        for i in 0..LANES {
            chips[i] = (chips[i] - served[i] * hours_per_unit[i] * an_hour).max(0.0);
        }
    }

    pub(super) fn left_over(left: &mut Lane, capacity: &Lane, used_hours: &Lane) {
        for i in 0..LANES {
            left[i] = (capacity[i] - used_hours[i] * (1.0 / HOURS_PER_MONTH)).max(0.0);
        }
    }

    pub(super) fn spare_chips(chips: &mut Lane, used_hours: &Lane) {
        for i in 0..LANES {
            chips[i] = (chips[i] - used_hours[i] * (1.0 / HOURS_PER_MONTH)).max(0.0);
        }
    }
}
