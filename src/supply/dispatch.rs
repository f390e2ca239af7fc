//! Who serves what: committed chips first, then the cheapest flexible source.
//!
//! Within a month, work that cannot wait is met block by block of its load-duration
//! curve; work that can wait then uses the hours that committed chips have left, and
//! the cheapest flexible source for the rest. All quantities are per path of a block.
//!
//! **Law** served + unserved = demanded, for every workload, path and month.

use crate::block::{LANES, Lane};

/// More than any capacity: a source without a limit.
pub const NO_LIMIT: f64 = 1e30;

crate::kernel! {
    /// Serves `need` (units of work) from chips that are free for `hours`.
    ///
    /// ```text
    /// take = min(need, left · hours / h),  left −= take · h / hours
    /// ```
    /// where `h` is chip-hours per unit. Adds the chip-hours to `used`.
    pub fn take_from_chips(
        need: &mut Lane, left: &mut Lane, hours_per_unit: &Lane, hours: f64,
        used: &mut Lane,
    ) {
        for i in 0..LANES {
            let most = left[i] * hours / hours_per_unit[i];
            let take = need[i].min(most);
            let chip_hours = take * hours_per_unit[i];
            need[i] -= take;
            left[i] = (left[i] - chip_hours / hours).max(0.0);
            used[i] += chip_hours;
        }
    }

    /// Units a flexible pool of `chips` can serve in `hours`.
    pub fn pool_capacity(
        out: &mut Lane, chips: &Lane, hours_per_unit: &Lane, hours: f64,
    ) {
        for i in 0..LANES {
            out[i] = (chips[i] * hours / hours_per_unit[i]).min(NO_LIMIT);
        }
    }

    /// Adds the capacity of a source that goes before this one, where it is cheaper.
    ///
    /// Equal prices are served in the order of the stack (`earlier`).
    pub fn capacity_before(
        before: &mut Lane, price: &Lane, other_price: &Lane, other_capacity: &Lane,
        earlier: bool,
    ) {
        for i in 0..LANES {
            let first = other_price[i] < price[i] || (earlier && other_price[i] == price[i]);
            before[i] += if first { other_capacity[i] } else { 0.0 };
        }
    }

    /// What a source serves of `need` after cheaper ones: added to `served`, paid at
    /// `price` per unit into `cost`, and taken off `rest`.
    pub fn serve_after(
        need: &Lane, before: &Lane, capacity: &Lane, price: &Lane, served: &mut Lane,
        cost: &mut Lane, rest: &mut Lane,
    ) {
        for i in 0..LANES {
            let take = (need[i] - before[i]).max(0.0).min(capacity[i]);
            served[i] += take;
            cost[i] += take * price[i];
            rest[i] -= take;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::splat;

    #[test]
    fn chips_serve_until_they_are_full() {
        let mut need = splat(100.0);
        let mut left = splat(2.0);
        let mut used = splat(0.0);
        // 2 chips for 10 hours at half an hour a unit: 40 units.
        take_from_chips(&mut need, &mut left, &splat(0.5), 10.0, &mut used);
        assert_eq!((need[0], left[0], used[0]), (60.0, 0.0, 20.0));
        let mut little = splat(10.0);
        let mut left = splat(2.0);
        let mut used = splat(0.0);
        take_from_chips(&mut little, &mut left, &splat(0.5), 10.0, &mut used);
        assert_eq!((little[0], left[0], used[0]), (0.0, 1.5, 5.0));
    }

    #[test]
    fn the_cheaper_source_serves_first_on_each_path() {
        let need = splat(10.0);
        let mut cheap_here = splat(1.0);
        cheap_here[1] = 3.0;
        let other = splat(2.0);
        let capacities = [splat(6.0), splat(100.0)];
        let prices = [cheap_here, other];
        let mut rest = need;
        let mut served = [splat(0.0), splat(0.0)];
        for i in 0..2 {
            let mut before = splat(0.0);
            let j = 1 - i;
            capacity_before(&mut before, &prices[i], &prices[j], &capacities[j], j < i);
            let mut cost = splat(0.0);
            let (capacity, price) = (&capacities[i], &prices[i]);
            serve_after(
                &need,
                &before,
                capacity,
                price,
                &mut served[i],
                &mut cost,
                &mut rest,
            );
        }
        assert_eq!((served[0][0], served[1][0]), (6.0, 4.0));
        assert_eq!((served[0][1], served[1][1]), (0.0, 10.0));
        assert_eq!((rest[0], rest[1]), (0.0, 0.0));
    }

    #[test]
    fn no_limit_times_a_price_stays_finite() {
        let mut out = splat(0.0);
        pool_capacity(&mut out, &splat(NO_LIMIT), &splat(1e-9), 730.0);
        assert_eq!(out[0], NO_LIMIT);
    }
}
