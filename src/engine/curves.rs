//! Curvewise bands: how deep whole paths lie within a fan.
//!
//! A band month by month holds its share of the paths in each month, but fewer of them in
//! every month: most paths leave it once. A curvewise band holds its share of whole paths.
//! It takes a second look, at how deep each path lies within the months' own quantiles, of
//! which it needs the deepest that enough paths never leave. Counts, so that the order in
//! which threads look does not matter. Read next: [`Depth`].

use std::sync::Arc;

use crate::block::LANES;
use crate::stats::Sketch;
use crate::units::count;

use super::outcome::{MEDIAN, QUANTILES};

/// Nested bands that are told apart, the widest from the least to the largest.
const BANDS: u32 = 384;
/// Share of paths of a month below the second widest band, and above it.
const THINNEST_TAIL: f64 = 1e-4;

/// A quantile is known to its bin, at most 1/256 of itself wide: ends are moved outwards by
/// as much, so that a path that stands where many do is not left outside by rounding.
const BIN: f64 = 1.0 / 256.0;

/// Lower and upper ends of nested bands of one month, the widest first.
type Ends = [Vec<f64>; 2];

/// The share of paths below band `i`: none below the first, half below the last.
fn tail(i: u32) -> f64 {
    if i == 0 {
        return 0.0;
    }
    let way = f64::from(BANDS - 1 - i) / f64::from(BANDS - 2);
    0.5 * (2.0 * THINNEST_TAIL).powf(way)
}

/// How deep the paths of a series lie, found in a second look.
#[derive(Debug, Clone)]
pub(super) struct Depth {
    /// By month.
    ends: Arc<Vec<Ends>>,
    /// Of the paths of a block: bands that held each in all months so far.
    within: Vec<usize>,
    /// Paths by the number of bands that held them in all months.
    counts: Vec<u64>,
}

impl Depth {
    /// Nothing found yet, of a series of these months.
    pub(super) fn of(months: &[Sketch]) -> Self {
        let lower: Vec<f64> = (0..BANDS).map(tail).collect();
        let upper: Vec<f64> = lower.iter().map(|p| 1.0 - p).collect();
        let ends = months.iter().map(|m| {
            let (mut low, mut high) = (m.quantiles(&lower), m.quantiles(&upper));
            for x in &mut low {
                *x -= BIN * x.abs();
            }
            for x in &mut high {
                *x += BIN * x.abs();
            }
            [low, high]
        });
        Self {
            ends: Arc::new(ends.collect()),
            within: vec![0; LANES],
            counts: vec![0; BANDS as usize + 1],
        }
    }

    /// Notes a month of a block of paths; months come in order.
    pub(super) fn note(&mut self, month: usize, values: &[f64]) {
        let Some([lower, upper]) = self.ends.get(month) else { return };
        for (within, x) in self.within.iter_mut().zip(values) {
            let held = lower.partition_point(|end| end <= x);
            let held = held.min(upper.partition_point(|end| end >= x));
            *within = if month == 0 { held } else { held.min(*within) };
        }
        if month + 1 == self.ends.len() {
            for within in &self.within[..values.len()] {
                self.counts[*within] += 1;
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (a, b) in self.counts.iter_mut().zip(&other.counts) {
            *a += b;
        }
    }

    /// Per month the ends of the narrowest bands that hold 98, 90, 80 and 50 % of all
    /// paths in all months, in the places of the quantiles a band month by month has, with
    /// the `medians` between them.
    pub(super) fn bands(&self, medians: &[f64]) -> Vec<[f64; QUANTILES.len()]> {
        let all = count(usize::try_from(self.counts.iter().sum::<u64>()).unwrap_or(0));
        // Paths that this many bands held, or more.
        let mut deeper = vec![0_u64; self.counts.len() + 1];
        for i in (0..self.counts.len()).rev() {
            deeper[i] = deeper[i + 1] + self.counts[i];
        }
        let narrowest = |share: f64| {
            let enough = |held: &usize| {
                count(usize::try_from(deeper[*held]).unwrap_or(0)) >= share * all
            };
            (1..=BANDS as usize).rev().find(enough).map_or(0, |held| held - 1)
        };
        let chosen: [usize; MEDIAN] = std::array::from_fn(|i| {
            narrowest(QUANTILES[QUANTILES.len() - 1 - i] - QUANTILES[i])
        });
        let rows = self.ends.iter().zip(medians).map(|([lower, upper], median)| {
            let mut row = [*median; QUANTILES.len()];
            for (i, band) in chosen.iter().enumerate() {
                row[i] = lower[*band].min(*median);
                row[QUANTILES.len() - 1 - i] = upper[*band].max(*median);
            }
            row
        });
        rows.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_grow_from_none_to_half() {
        let all: Vec<f64> = (0..BANDS).map(tail).collect();
        assert!(all.is_sorted() && all[0] == 0.0);
        assert!((all[1] - THINNEST_TAIL).abs() < 1e-12);
        assert!((all[all.len() - 1] - 0.5).abs() < 1e-12);
    }

    /// All stand at 2, then at 3 but for three in a hundred: the band of four in five is
    /// theirs and no wider.
    #[test]
    fn paths_that_stand_where_many_do_lie_within_narrow_bands() {
        let months: [Vec<f64>; 2] = [
            vec![2.0; LANES],
            (0..LANES).map(|i| if i < 8 { 50.0 } else { 3.0 }).collect(),
        ];
        let sketches = months.each_ref().map(|values| {
            let mut sketch = Sketch::default();
            sketch.record(values);
            sketch
        });
        let mut depth = Depth::of(&sketches);
        for (month, values) in months.iter().enumerate() {
            depth.note(month, values);
        }
        let bands = depth.bands(&[2.0, 3.0]);
        for (band, value) in bands.iter().zip([2.0, 3.0]) {
            assert!((band[2] / value - 1.0).abs() < 0.01, "{band:?}");
            assert!((band[6] / value - 1.0).abs() < 0.01, "{band:?}");
        }
    }

    /// Independent months: a band that holds the share q of each holds q^n of n of them,
    /// so the curvewise 80 % band is the pointwise one at 0.8^(1/n).
    #[test]
    fn of_independent_months_the_band_is_the_one_at_the_root() {
        const MONTHS: usize = 6;
        let mut state = 7_u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
            count(usize::try_from(state >> 40).unwrap()) / count(1_usize << 24)
        };
        let paths: Vec<Vec<f64>> =
            (0..MONTHS).map(|_| (0..40_960).map(|_| 1.0 + uniform()).collect()).collect();
        let sketches: Vec<Sketch> = paths
            .iter()
            .map(|values| {
                let mut sketch = Sketch::default();
                sketch.record(values);
                sketch
            })
            .collect();
        let mut depth = Depth::of(&sketches);
        for block in 0..40_960 / LANES {
            let range = block * LANES..(block + 1) * LANES;
            for (month, values) in paths.iter().enumerate() {
                depth.note(month, &values[range.clone()]);
            }
        }
        let bands = depth.bands(&[1.5; MONTHS]);
        let held = (0..40_960)
            .filter(|i| {
                let inside = |m: usize| {
                    let (low, high) = (bands[m][2], bands[m][6]);
                    (low..=high).contains(&paths[m][*i])
                };
                (0..MONTHS).all(inside)
            })
            .count();
        let share = count(held) / 40_960.0;
        // No fewer than asked for; more by what one band of 384 holds, less than 2 %.
        assert!((0.8..0.82).contains(&share), "{share}");
        let wanted = 0.5 * (1.0 - 0.8_f64.powf(1.0 / 6.0));
        for band in &bands {
            assert!((band[2] - 1.0 - wanted).abs() < 0.006, "{} {wanted}", band[2]);
            assert!(band.is_sorted());
        }
    }
}
