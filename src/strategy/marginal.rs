//! The chip that is needed just often enough: where a pile of loads is cut.
//!
//! Rules that weigh what a further chip costs against what it saves all ask the same: up
//! to what height do loads, each with its weight, reach for as long as is worth it.

use crate::workload::LoadCurve;
use crate::workload::shape::SHARES;

/// Loads with their weights, to be cut at a height.
#[derive(Debug, Default)]
pub(super) struct Pile(Vec<(f64, f64)>);

impl Pile {
    /// Empties the pile.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds the hours of a month whose mean load is `mean`, less what stands already;
    /// `weight` is that of the whole month.
    pub(super) fn add(
        &mut self,
        mean: f64,
        standing: f64,
        curve: &LoadCurve,
        weight: f64,
    ) {
        for (multiplier, share) in curve.multipliers.iter().zip(SHARES) {
            let load = mean * multiplier - standing;
            if load > 0.0 {
                self.0.push((load, weight * share));
            }
        }
    }

    /// The greatest height that loads of at least the wanted weight reach; 0 where all of
    /// them together weigh less.
    pub(super) fn height(&mut self, wanted: f64) -> f64 {
        self.0.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut weight = 0.0;
        for (load, more) in &self.0 {
            weight += more;
            // A hair, so that shares that add up to the whole are the whole.
            if weight >= wanted * (1.0 - 1e-12) {
                return *load;
            }
        }
        0.0
    }
}

/// The value at a place on a line through equally spaced values, 0 the first.
pub(super) fn on_a_line(values: &[f64], place: f64) -> f64 {
    let last = values.len().saturating_sub(1);
    let place = place.clamp(0.0, crate::units::count(last));
    let mut below = 0;
    while below < last && crate::units::count(below + 1) <= place {
        below += 1;
    }
    let share = place - crate::units::count(below);
    let (low, high) = (values[below], values[(below + 1).min(last)]);
    low + share * (high - low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pile_is_cut_where_its_loads_weigh_what_is_wanted() {
        let mut pile = Pile::default();
        for load in [3.0, 1.0, 2.0] {
            pile.add(load, 0.0, &LoadCurve::FLAT, 1.0);
        }
        assert!((pile.height(0.5) - 3.0).abs() < 1e-12);
        assert!((pile.height(1.5) - 2.0).abs() < 1e-12);
        assert!((pile.height(3.0) - 1.0).abs() < 1e-12);
        assert!(pile.height(3.1).abs() < 1e-12);
    }
}
