//! Labels moved just far enough apart that none touches another.
//!
//! Read next: `plot.rs`, which draws them at the right edge with leader lines.

use crate::units::count;

/// Middles nearest to the wanted ones (least squares) such that labels of these heights
/// do not overlap and stay within `low..=high`. `wanted` holds (middle, height) and must
/// be in ascending order of the middle.
///
/// With `z = wanted − offset`, where the offset of a label is its middle when all are
/// stacked, the condition is that `z` does not decrease, so the answer is the isotonic
/// regression of `z`, found by pooling neighbours that violate the order. Clamping that
/// to the interval keeps it the nearest. Where not all fit, all that is promised is that
/// none overlaps; the caller drops labels until they fit.
///
/// **Source** Barlow et al. (1972), Statistical Inference under Order Restrictions, §1.2.
pub(super) fn spread(wanted: &[(f64, f64)], low: f64, high: f64) -> Vec<f64> {
    let mut stack = 0.0;
    let mut offsets = Vec::with_capacity(wanted.len());
    let mut pools: Vec<(f64, usize)> = Vec::with_capacity(wanted.len());
    for &(middle, height) in wanted {
        let offset = stack + 0.5 * height;
        stack += height;
        offsets.push(offset);
        let mut pool = (middle - offset, 1);
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
    let room = high - stack;
    let flat = pools.iter().flat_map(|&(mean, size)| std::iter::repeat_n(mean, size));
    flat.zip(offsets).map(|(z, offset)| z.min(room).max(low) + offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_ten(middles: &[f64]) -> Vec<f64> {
        let wanted: Vec<_> = middles.iter().map(|middle| (*middle, 10.0)).collect();
        spread(&wanted, 0.0, 100.0)
    }

    #[test]
    fn labels_with_room_stay_where_they_are() {
        assert_eq!(of_ten(&[10.0, 40.0, 90.0]), [10.0, 40.0, 90.0]);
        assert_eq!(of_ten(&[]), [0.0; 0]);
    }

    #[test]
    fn crowded_labels_move_apart_evenly() {
        assert_eq!(of_ten(&[50.0, 50.0, 50.0]), [40.0, 50.0, 60.0]);
        assert_eq!(of_ten(&[0.0, 1.0]), [5.0, 15.0]);
        assert_eq!(of_ten(&[99.0, 100.0]), [85.0, 95.0]);
    }

    #[test]
    fn a_tall_label_takes_the_room_it_needs() {
        assert_eq!(spread(&[(50.0, 10.0), (50.0, 30.0)], 0.0, 100.0), [40.0, 60.0]);
    }
}
