//! When one strategy's cost to date falls below another's, for good.
//!
//! Both costs are present values. What is bought in a month is paid at its start, and what
//! is borrowed for it is drawn then; everything else accrues through it, so the crossing inside a month is exact where
//! costs are: a purchase of 250,141.80 dollars against a rent of 91.95 dollars an hour
//! more than running it breaks even after 2,720 hours, not in "month four".

use crate::block::{LANES, Lane, splat};

/// Stands for "dearer to the end".
const NEVER: f64 = f64::INFINITY;

/// Tracks one pair of strategies, in both orders, on a block of paths.
#[derive(Debug)]
pub(super) struct BreakEven {
    gap: Lane,
    crossing: Lane,
    crossing_back: Lane,
}

impl BreakEven {
    pub(super) fn new() -> Self {
        Self { gap: splat(0.0), crossing: splat(0.0), crossing_back: splat(0.0) }
    }

    pub(super) fn begin(&mut self) {
        self.gap.fill(0.0);
        self.crossing.fill(0.0);
        self.crossing_back.fill(0.0);
    }

    /// One month: costs to date of both at its end as present values, and what each paid at
    /// its start, loans taken off, discounted by `df`.
    pub(super) fn step(
        &mut self,
        month: f64,
        df: f64,
        cost: &Lane,
        other_cost: &Lane,
        paid: &Lane,
        other_paid: &Lane,
    ) {
        cross(
            month,
            df,
            cost,
            other_cost,
            paid,
            other_paid,
            &mut self.gap,
            &mut self.crossing,
            &mut self.crossing_back,
        );
    }

    /// Cost to date of the first less that of the second.
    pub(super) fn gap(&self) -> &Lane {
        &self.gap
    }

    /// Months after which the first strategy stays no dearer: 0 from the start,
    /// infinite for never.
    pub(super) fn crossing(&self) -> &Lane {
        &self.crossing
    }

    /// Months after which the second stays no dearer.
    pub(super) fn crossing_back(&self) -> &Lane {
        &self.crossing_back
    }
}

crate::kernel! {
    fn cross(
        month: f64, df: f64, cost: &Lane, other_cost: &Lane, paid: &Lane, other_paid: &Lane,
        gap: &mut Lane, crossing: &mut Lane, crossing_back: &mut Lane,
    ) {
        for i in 0..LANES {
            let before = gap[i];
            let start = before + df * (paid[i] - other_paid[i]);
            let end = cost[i] - other_cost[i];
            // Rounding of equal costs must not read as a difference.
            let tiny = 1e-12 * (cost[i].abs() + other_cost[i].abs());
            let inside = start / (start - end);
            let when = month + if start > tiny { inside } else { 0.0 };
            let dearer = before > tiny || start > tiny;
            let crossed = if dearer { when } else { crossing[i] };
            crossing[i] = if end > tiny { NEVER } else { crossed };
            let when = month + if start < -tiny { inside } else { 0.0 };
            let cheaper = before < -tiny || start < -tiny;
            let crossed = if cheaper { when } else { crossing_back[i] };
            crossing_back[i] = if end < -tiny { NEVER } else { crossed };
            gap[i] = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossing(months: &[(f64, f64, f64, f64)]) -> f64 {
        let mut pair = BreakEven::new();
        let mut turned = BreakEven::new();
        pair.begin();
        turned.begin();
        let mut month = 0.0;
        for (cost, other, capex, other_capex) in months {
            pair.step(
                month,
                1.0,
                &splat(*cost),
                &splat(*other),
                &splat(*capex),
                &splat(*other_capex),
            );
            turned.step(
                month,
                1.0,
                &splat(*other),
                &splat(*cost),
                &splat(*other_capex),
                &splat(*capex),
            );
            month += 1.0;
        }
        let bits = |lane: &Lane| lane.map(f64::to_bits);
        assert_eq!(bits(pair.crossing()), bits(turned.crossing_back()));
        assert_eq!(bits(pair.crossing_back()), bits(turned.crossing()));
        pair.crossing()[0]
    }

    #[test]
    fn a_purchase_against_rent_breaks_even_inside_a_month() {
        // Buy for 100, run for 2 a month; rent for 42 a month: 100 / 40 = 2.5 months.
        let months: Vec<_> = (1..=4)
            .map(|t| {
                let t = f64::from(t);
                (100.0 + 2.0 * t, 42.0 * t, if t < 1.5 { 100.0 } else { 0.0 }, 0.0)
            })
            .collect();
        assert!((crossing(&months) - 2.5).abs() < 1e-12);
    }

    #[test]
    fn cheaper_from_the_start_is_zero_and_dearer_to_the_end_is_never() {
        let cheap = [(1.0, 2.0, 0.0, 0.0), (2.0, 4.0, 0.0, 0.0)];
        assert!(crossing(&cheap).abs() < 1e-12);
        let dear = [(3.0, 2.0, 0.0, 0.0), (6.0, 4.0, 0.0, 0.0)];
        assert!(crossing(&dear).is_infinite());
        let equal = [(2.0, 2.0, 0.0, 0.0), (4.0, 4.0, 0.0, 0.0)];
        assert!(crossing(&equal).abs() < 1e-12);
    }

    #[test]
    fn a_second_purchase_moves_the_crossing_to_the_last_one() {
        let months = [
            (10.0, 5.0, 10.0, 0.0),
            (10.0, 20.0, 0.0, 0.0),
            (40.0, 35.0, 30.0, 0.0),
            (40.0, 50.0, 0.0, 0.0),
        ];
        assert!((crossing(&months) - (3.0 + 5.0 / 15.0)).abs() < 1e-12);
    }
}
