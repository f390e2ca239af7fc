//! Who serves what: committed chips first, then the cheapest flexible source.
//!
//! Within a month, work that cannot wait is met block by block of its load-duration
//! curve; work that can wait then uses the hours that committed chips have left, and
//! the cheapest flexible source for the rest. All quantities are per path of a block.
//!
//! **Law** served + unserved = demanded, for every workload, path and month.

use crate::block::{LANES, Lane};
use crate::workload::shape::BLOCKS;

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
        let an_hour = 1.0 / hours;
        for i in 0..LANES {
            let most = left[i] * hours / hours_per_unit[i];
            let take = need[i].min(most);
            let chip_hours = take * hours_per_unit[i];
            need[i] -= take;
            left[i] = (left[i] - chip_hours * an_hour).max(0.0);
            used[i] += chip_hours;
        }
    }

    /// [`take_from_chips`] block by block of a load-duration curve, in one pass, by
    /// chips that serve nothing else: `demand · work[b]` in `hours[b]` of each block.
    ///
    /// Adds the chip-hours to `used` and sets `rest` to what the chips could not serve;
    /// of a block's rest, `hair` of the demand and less is rounding.
    pub fn take_along_curve(
        demand: &Lane, capacity: &Lane, hours_per_unit: &Lane, work: &[f64; BLOCKS],
        hours: &[f64; BLOCKS], hair: f64, used: &mut Lane, rest: &mut Lane,
    ) {
        for i in 0..LANES {
            let units_per_hour = capacity[i] / hours_per_unit[i];
            let hair = demand[i] * hair;
            let (mut taken, mut left) = (0.0, 0.0);
            for b in 0..BLOCKS {
                let need = demand[i] * work[b];
                let take = need.min(units_per_hour * hours[b]);
                let short = need - take;
                taken += take;
                left += if short > hair { short } else { 0.0 };
            }
            used[i] += taken * hours_per_unit[i];
            rest[i] = left;
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
            // Of equal prices the earlier source of the stack goes first.
            let cheaper = other_price[i] < price[i];
            let first = cheaper || (earlier && other_price[i] <= price[i]);
            before[i] += if first { other_capacity[i] } else { 0.0 };
        }
    }

    /// What a source serves of `need` after cheaper ones: set in `take`, added to
    /// `served`, and taken off `rest`.
    pub fn serve_after(
        need: &Lane, before: &Lane, capacity: &Lane, take: &mut Lane, served: &mut Lane,
        rest: &mut Lane,
    ) {
        for i in 0..LANES {
            take[i] = (need[i] - before[i]).max(0.0).min(capacity[i]);
            served[i] += take[i];
            rest[i] -= take[i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::splat;
    use crate::workload::shape::SHARES;

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
    fn a_whole_curve_in_one_pass_is_its_blocks_one_by_one() {
        let work = [0.02, 0.05, 0.08, 0.2, 0.2, 0.2, 0.15, 0.1];
        let hours = SHARES.map(|share| 730.0 * share);
        let mut capacity = splat(0.0);
        for (i, chips) in capacity.iter_mut().enumerate() {
            *chips = crate::units::count(i) * 0.02;
        }
        let (demand, hours_per_unit) = (splat(1000.0), splat(0.7));
        let (mut used, mut rest) = (splat(0.0), splat(0.0));
        take_along_curve(
            &demand,
            &capacity,
            &hours_per_unit,
            &work,
            &hours,
            0.0,
            &mut used,
            &mut rest,
        );
        let (mut used_apart, mut rest_apart) = (splat(0.0), splat(0.0));
        for b in 0..BLOCKS {
            let mut need = Lane(demand.map(|units| units * work[b]));
            let mut left = capacity;
            take_from_chips(
                &mut need,
                &mut left,
                &hours_per_unit,
                hours[b],
                &mut used_apart,
            );
            for (rest, need) in rest_apart.iter_mut().zip(&need) {
                *rest += need;
            }
        }
        for i in 0..LANES {
            assert!((used[i] - used_apart[i]).abs() < 1e-9);
            assert!((rest[i] - rest_apart[i]).abs() < 1e-9);
        }
        assert!(rest[0] > 999.0 && rest[255] < 1e-9);
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
            let mut take = splat(0.0);
            let capacity = &capacities[i];
            serve_after(&need, &before, capacity, &mut take, &mut served[i], &mut rest);
            assert_eq!(take[0].to_bits(), served[i][0].to_bits());
        }
        assert_eq!((served[0][0], served[1][0]), (6.0, 4.0));
        assert_eq!((served[0][1], served[1][1]), (0.0, 10.0));
        assert_eq!((rest[0], rest[1]), (0.0, 0.0));
    }

    #[test]
    fn no_limit_times_a_price_stays_finite() {
        let mut out = splat(0.0);
        pool_capacity(&mut out, &splat(NO_LIMIT), &splat(1e-9), 730.0);
        assert!((NO_LIMIT..=NO_LIMIT).contains(&out[0]));
    }
}
