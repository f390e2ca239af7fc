//! From a logarithm to an index: the bounds, and the small functions processes share.
//!
//! Student bands have tails without end; the bound keeps every index, and the product
//! of any three, a finite number. Read next: [`super::geometric`].

use crate::block::math::{exp, exp_inside};
use crate::units::MONTHS_PER_YEAR;

/// The logarithm of an index is held within ± this: a factor of 10¹⁰⁰.
///
/// Far outside anything that matters, and near enough to 1 that a product of three such
/// numbers is neither zero nor infinite.
pub const LOG_BOUND: f64 = 230.0;

/// An interval that holds an index, ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Support {
    /// Never below.
    pub low: f64,
    /// Never above.
    pub high: f64,
}

impl Support {
    /// Positive and finite: within a factor of e to the [`LOG_BOUND`], rounded outwards.
    pub const POSITIVE: Self = Self { low: 1e-100, high: 1e100 };

    /// True when `level` lies inside.
    pub fn contains(self, level: f64) -> bool {
        (self.low..=self.high).contains(&level)
    }
}

/// The index of a logarithm, within the bounds.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
pub(super) fn level_of(log: f64) -> f64 {
    level_fused_or_not::<false>(log)
}

/// [`level_of`], fused or not.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
pub(super) fn level_fused_or_not<const FUSED: bool>(log: f64) -> f64 {
    let log = if log > LOG_BOUND { LOG_BOUND } else { log };
    exp_inside::<FUSED>(if log < -LOG_BOUND { -LOG_BOUND } else { log })
}

/// Years from today to a month.
pub(super) fn years_of(month: u32) -> f64 {
    f64::from(month) / MONTHS_PER_YEAR
}

/// `1 − e^(−x)` for `x` ≥ 0, without the loss of digits near 0.
pub(super) fn one_minus_exp(x: f64) -> f64 {
    if x < 1e-3 {
        x * (1.0 - x / 2.0 * (1.0 - x / 3.0 * (1.0 - x / 4.0)))
    } else {
        1.0 - exp(-x.min(LOG_BOUND))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_lie_inside_the_support() {
        for log in [-LOG_BOUND, LOG_BOUND, f64::NEG_INFINITY, f64::INFINITY, 0.0] {
            assert!(Support::POSITIVE.contains(level_of(log)), "{log}");
        }
        let largest = level_of(f64::INFINITY);
        assert!((largest * largest * largest).is_finite());
    }

    #[test]
    fn one_minus_exp_keeps_its_digits_near_zero() {
        for x in [0.0, 1e-12, 1e-6, 9.99e-4, 1.001e-3, 0.5, 3.0, 1e4_f64] {
            let wanted = -(-x).exp_m1();
            assert!((one_minus_exp(x) - wanted).abs() <= 1e-12 * wanted, "{x}");
        }
    }
}
