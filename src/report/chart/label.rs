//! Labels moved just far enough apart that none touches another.
//!
//! Read next: `plot.rs`, which draws them at the right edge with leader lines.

use crate::units::count;

/// Positions nearest to the wanted ones (least squares) that keep `gap` between
/// neighbours and stay within `low..=high`. `wanted` must be in ascending order.
///
/// With `z = wanted − i · gap` the condition is that `z` does not decrease, so the answer
/// is the isotonic regression of `z`, found by pooling neighbours that violate the order.
/// Clamping that to the interval keeps it the nearest. Where not all fit, all that is
/// promised is the gap; the caller drops labels until they fit.
///
/// **Source** Barlow et al. (1972), Statistical Inference under Order Restrictions, §1.2.
pub(super) fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut pools: Vec<(f64, usize)> = Vec::with_capacity(wanted.len());
    for (place, &want) in wanted.iter().enumerate() {
        let mut pool = (want - count(place) * gap, 1);
        while let Some(&(mean, size)) = pools.last() {
            if mean <= pool.0 {
                break;
            }
            pools.pop();
            let total = count(size + pool.1);
            pool = ((mean * count(size) + pool.0 * count(pool.1)) / total, size + pool.1);
        }
        pools.push(pool);
    }
    let room = high - gap * count(wanted.len().saturating_sub(1));
    let flat = pools.iter().flat_map(|&(mean, size)| std::iter::repeat_n(mean, size));
    flat.enumerate().map(|(place, z)| z.min(room).max(low) + count(place) * gap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_with_room_stay_where_they_are() {
        assert_eq!(spread(&[10.0, 40.0, 90.0], 15.0, 0.0, 100.0), [10.0, 40.0, 90.0]);
        assert_eq!(spread(&[], 15.0, 0.0, 100.0), [0.0; 0]);
    }

    #[test]
    fn crowded_labels_move_apart_evenly() {
        assert_eq!(spread(&[50.0, 50.0, 50.0], 10.0, 0.0, 100.0), [40.0, 50.0, 60.0]);
        assert_eq!(spread(&[0.0, 1.0], 10.0, 0.0, 100.0), [0.0, 10.0]);
        assert_eq!(spread(&[99.0, 100.0], 10.0, 0.0, 100.0), [90.0, 100.0]);
    }
}
