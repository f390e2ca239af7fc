//! Which periods to order in, when every order has a fixed cost and stock costs to hold.

use crate::stats::range::{OutOfRange, non_negative};

/// Orders of least cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Lots {
    /// Cost of the whole plan.
    pub cost: f64,
    /// Periods with an order, counted from 0, rising.
    pub orders: Vec<usize>,
    /// Least cost of the first 1, 2, … periods alone.
    pub cost_to: Vec<f64>,
}

/// Orders of least cost for known demand, every period met in full.
///
/// ```text
/// F(t) = min over j ≤ t of F(j−1) + setup(j) + Σ h (k − j) d(k),  k = j…t
/// ```
/// where `demand` is d by period, `setup` the cost of an order in each, and `holding` is h
/// a unit and period. Of equal plans the one with the later last order. **Errors**
/// [`OutOfRange`] for lists of different length or a number below zero. **Source** Wagner
/// and Whitin (1958), Dynamic Version of the Economic Lot Size Model, Management Science
/// 5(1).
pub fn lots(demand: &[f64], setup: &[f64], holding: f64) -> Result<Lots, OutOfRange> {
    let (n, given) = (crate::units::count(demand.len()), setup.len());
    crate::stats::range::in_range(
        "number of fixed costs",
        crate::units::count(given),
        "the number of periods",
        |x| (x - n).abs() < 0.5,
    )?;
    non_negative("holding cost", holding)?;
    for (d, s) in demand.iter().zip(setup) {
        non_negative("demand", *d)?;
        non_negative("fixed cost of an order", *s)?;
    }
    let mut cost_to: Vec<f64> = Vec::new();
    let mut last: Vec<usize> = Vec::new();
    for t in 0..demand.len() {
        let (mut best, mut at) = (f64::INFINITY, t);
        let (mut held, mut later) = (0.0, 0.0);
        for j in (0..=t).rev() {
            // One period earlier, everything later is held once more.
            held += holding * later;
            later += demand.get(j).copied().unwrap_or(0.0);
            let before = j.checked_sub(1).and_then(|b| cost_to.get(b)).copied();
            let cost =
                before.unwrap_or(0.0) + setup.get(j).copied().unwrap_or(0.0) + held;
            if cost < best {
                (best, at) = (cost, j);
            }
        }
        cost_to.push(best);
        last.push(at);
    }
    let mut orders = Vec::new();
    let mut end = last.len();
    while let Some(at) = end.checked_sub(1).and_then(|e| last.get(e)) {
        orders.push(*at);
        end = *at;
    }
    orders.reverse();
    Ok(Lots { cost: cost_to.last().copied().unwrap_or(0.0), orders, cost_to })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMAND: [f64; 12] =
        [69.0, 29.0, 36.0, 61.0, 61.0, 26.0, 34.0, 67.0, 45.0, 67.0, 79.0, 56.0];
    const SETUP: [f64; 12] =
        [85.0, 102.0, 102.0, 101.0, 98.0, 114.0, 105.0, 86.0, 119.0, 110.0, 98.0, 114.0];

    fn assert_close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() < 1e-9, "{found} for {wanted}");
    }

    fn cost_of(orders: &[usize]) -> f64 {
        (0..12)
            .map(|k| {
                let j = orders.iter().copied().filter(|j| *j <= k).max().unwrap();
                crate::units::count(k - j) * DEMAND[k]
                    + if j == k { SETUP[k] } else { 0.0 }
            })
            .sum()
    }

    /// Wagner and Whitin 1958, table 1.
    #[test]
    fn twelve_months_cost_what_wagner_and_whitin_print() {
        let found = lots(&DEMAND, &SETUP, 1.0).unwrap();
        let printed = [
            85.0, 114.0, 186.0, 277.0, 348.0, 400.0, 469.0, 555.0, 600.0, 710.0, 789.0,
            864.0,
        ];
        assert_eq!(found.cost_to, printed);
        assert_close(found.cost, 864.0);
        // Orders in 1 3 5 8 10 11, counted from 1. Quoted as 1 3 5 8 9 11, which costs 895.
        assert_eq!(found.orders, [0, 2, 4, 7, 9, 10]);
        assert_close(cost_of(&found.orders), 864.0);
        assert_close(cost_of(&[0, 2, 4, 7, 8, 10]), 895.0);
    }

    #[test]
    fn stock_that_costs_nothing_is_ordered_once() {
        let found = lots(&DEMAND, &[100.0; 12], 0.0).unwrap();
        assert_eq!((found.cost, found.orders.len()), (100.0, 1));
        assert_close(lots(&[], &[], 1.0).unwrap().cost, 0.0);
        assert!(lots(&DEMAND, &SETUP[..3], 1.0).is_err());
        assert!(lots(&[-1.0], &[1.0], 1.0).is_err());
    }
}
