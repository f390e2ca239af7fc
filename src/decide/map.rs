//! Who is cheaper at which utilisation and which change of price: a two-way map.
//!
//! The same arithmetic as the break-even utilisation of a run: what is fixed stays, what
//! moves with the work scales with it, and what the second strategy pays by use scales with
//! its price, too. It speaks of means and moves nothing else. Read next: [`BreakEvenMap`].

use serde::Serialize;

use crate::engine::{Outcome, StrategyOutcome};
use crate::units::count;

/// Steps of utilisation from 0 to 1.
const COLUMNS: usize = 40;
/// Least and greatest change of price.
const CHANGES: (f64, f64) = (-0.8, 1.0);
/// Steps of it.
const ROWS: usize = 36;

/// What the first strategy saves against the second.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BreakEvenMap {
    /// First strategy, with committed chips.
    pub first: String,
    /// Second strategy.
    pub second: String,
    /// Utilisation of the first's committed chips in the plan.
    pub utilisation_here: f64,
    /// Utilisations of the columns.
    pub utilisation: Vec<f64>,
    /// Changes of the second's prices by use, of the rows; 0 is the plan's.
    pub price_change: Vec<f64>,
    /// Mean saving, US dollars present value: by row, then by column.
    pub saving: Vec<Vec<f64>>,
    /// By row, the utilisation from which the first costs no more; nothing where there is
    /// none from 0 to 1.
    pub break_even: Vec<Option<f64>>,
}

/// What a strategy costs: fixed, and by use at the plan's utilisation.
#[derive(Debug, Clone, Copy)]
struct Halves {
    fixed: f64,
    variable: f64,
}

impl Halves {
    fn of(strategy: &StrategyOutcome) -> Self {
        Self { fixed: strategy.fixed.mean, variable: strategy.variable.mean }
    }
}

impl BreakEvenMap {
    /// The map of two strategies by name; nothing where the first has no committed chips in
    /// use, the second has some, or one is not in the outcome.
    ///
    /// ```text
    /// saving(u, p) = F_b + V_b (1 + p) u/u₀ − F_a − V_a u/u₀
    /// u*(p) = u₀ (F_a − F_b)/(V_b (1 + p) − V_a)
    /// ```
    /// with F and V of [`StrategyOutcome::fixed`] and [`StrategyOutcome::variable`] and u₀ the
    /// utilisation that was met. **Checked by** `the_border_is_where_nothing_is_saved`.
    pub fn of(outcome: &Outcome, first: &str, second: &str) -> Option<Self> {
        let find = |name: &str| outcome.strategies.iter().find(|s| s.name == name);
        let (a, b) = (find(first)?, find(second)?);
        let here = a.utilisation.filter(|u| *u > 0.0)?;
        if b.utilisation.is_some() {
            return None;
        }
        Some(Self::new((first, second), here, Halves::of(a), Halves::of(b)))
    }

    fn new((first, second): (&str, &str), here: f64, a: Halves, b: Halves) -> Self {
        let grid = |(low, high): (f64, f64), steps: usize| -> Vec<f64> {
            (0..=steps).map(|i| low + (high - low) * count(i) / count(steps)).collect()
        };
        let utilisation = grid((0.0, 1.0), COLUMNS);
        let price_change = grid(CHANGES, ROWS);
        let by_use = |p: f64| b.variable * (1.0 + p) - a.variable;
        let saving = price_change
            .iter()
            .map(|p| {
                let at = |u: &f64| b.fixed - a.fixed + by_use(*p) * u / here;
                utilisation.iter().map(at).collect()
            })
            .collect();
        let break_even = price_change
            .iter()
            .map(|p| {
                let u = here * (a.fixed - b.fixed) / by_use(*p);
                (by_use(*p) > 0.0 && (0.0..=1.0).contains(&u)).then_some(u)
            })
            .collect();
        Self {
            first: first.to_owned(),
            second: second.to_owned(),
            utilisation_here: here,
            utilisation,
            price_change,
            saving,
            break_even,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> BreakEvenMap {
        let own = Halves { fixed: 900.0, variable: 100.0 };
        let rent = Halves { fixed: 0.0, variable: 1200.0 };
        BreakEvenMap::new(("own", "rent"), 0.6, own, rent)
    }

    #[test]
    fn the_border_is_where_nothing_is_saved() {
        let map = map();
        for (row, border) in map.break_even.iter().enumerate() {
            let Some(border) = border else {
                assert!(map.saving[row].iter().all(|s| *s < 1e-9), "row {row}");
                continue;
            };
            for (u, saving) in map.utilisation.iter().zip(&map.saving[row]) {
                let off = (u - border).abs() < 1e-12;
                assert!(off || (*saving > 0.0) == (u > border), "{u} {border} {saving}");
            }
        }
        // At the plan's prices: 0.6 · 900/1100.
        let here = map.price_change.iter().position(|p| p.abs() < 1e-12).unwrap();
        assert!((map.break_even[here].unwrap() - 0.6 * 900.0 / 1100.0).abs() < 1e-12);
    }

    #[test]
    fn a_dearer_rent_never_moves_the_border_up() {
        let found: Vec<f64> = map().break_even.into_iter().flatten().collect();
        assert!(found.len() > 10 && found.windows(2).all(|pair| pair[1] <= pair[0]));
    }
}
