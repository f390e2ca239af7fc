//! Quantiles of samples and of two distributions, and how far a sample's may be off.
//!
//! A quantile of a sample here is what `numpy.quantile` gives unasked (type 7):
//! the rank is `(n − 1) p`, and what lies between two ranks is interpolated.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use super::{number, whole};

/// The ranks on both sides of the `p`-quantile of `count` values, and the way between.
///
/// `None` where there is no such quantile: no values, or `p` outside 0 to 1.
pub(super) fn ranks(count: u64, p: f64) -> Option<(u64, u64, f64)> {
    let last = count.checked_sub(1)?;
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let rank = number(last) * p;
    let below = whole(rank).min(last);
    Some((below, (below + 1).min(last), rank - number(below)))
}

/// The value `way` from `a` up to `b`, never outside them.
///
/// Arranged as numpy does it: from the nearer end, so that the ends are met exactly.
pub(super) fn between(a: f64, b: f64, way: f64) -> f64 {
    let span = b - a;
    if span.is_infinite() {
        return (a + (0.5 * b - 0.5 * a) * way) + (0.5 * b - 0.5 * a) * way;
    }
    let value = if way < 0.5 { a + span * way } else { b - span * (1.0 - way) };
    if value < a {
        a
    } else if value > b {
        b
    } else {
        value
    }
}

/// The `p`-quantile of values in rising order; NaN without values or with `p` outside
/// 0 to 1.
///
/// **Source** Hyndman and Fan (1996), Sample Quantiles in Statistical Packages, The
/// American Statistician 50(4), definition 7.
pub fn quantile_of_sorted(values: &[f64], p: f64) -> f64 {
    debug_assert!(values.is_sorted_by(|a, b| a.total_cmp(b).is_le()), "bug: not sorted");
    let Some((below, above, way)) = ranks(values.len() as u64, p) else {
        return f64::NAN;
    };
    let at = |rank| usize::try_from(rank).ok().and_then(|rank: usize| values.get(rank));
    match (at(below), at(above)) {
        (Some(&a), Some(&b)) => between(a, b, way),
        _ => f64::NAN,
    }
}

/// The `p`-quantile of values in any order, which it reorders; else as
/// [`quantile_of_sorted`]. Takes time in proportion to the number of values.
pub fn quantile(values: &mut [f64], p: f64) -> f64 {
    let Some((below, _, way)) = ranks(values.len() as u64, p) else {
        return f64::NAN;
    };
    let below = usize::try_from(below).unwrap_or(usize::MAX).min(values.len() - 1);
    let (_, &mut a, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let b = above.iter().copied().min_by(f64::total_cmp).unwrap_or(a);
    between(a, b, way)
}

/// The standard error of a sample's `p`-quantile, from the sample's own quantiles.
///
/// ```text
/// δ = √(p (1 − p) / n),   error = δ (Q(p + δ) − Q(p − δ)) / 2δ
/// ```
/// `quantile` is `Q`, of a slice or of a sketch. Where p ± δ leaves 0 to 1 it is cut
/// there and the slope taken over what is left. NaN for an empty sample, for p outside 0
/// to 1 and, as the ends have no such error, for p = 0 and 1.
///
/// **Source** Woodruff (1952), Confidence Intervals for Medians and Other Position
/// Measures, Journal of the American Statistical Association 47(260).
pub fn woodruff_error(p: f64, count: u64, quantile: impl Fn(f64) -> f64) -> f64 {
    if count == 0 || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    quantile_error(p, (p * (1.0 - p) / number(count)).sqrt(), quantile)
}

/// The standard error of a sample's `p`-quantile where that of the share below it is
/// known, as it is from replicates; else as [`woodruff_error`].
pub(super) fn quantile_error(p: f64, share: f64, quantile: impl Fn(f64) -> f64) -> f64 {
    let (low, high) = ((p - share).max(0.0), (p + share).min(1.0));
    share * (quantile(high) - quantile(low)) / (high - low)
}

/// The standard normal's `p`-quantile; NaN for `p` outside 0 to 1.
///
/// For single values; `crate::block::math::inverse_normal` is for blocks of them.
pub fn normal_quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    Normal::standard().inverse_cdf(p)
}

/// The `p`-quantile of Student's t with `freedom` degrees; NaN for `p` outside 0 to 1 or
/// a `freedom` that is not positive.
pub fn student_quantile(p: f64, freedom: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if freedom >= super::score::NEARLY_NORMAL {
        return normal_quantile(p);
    }
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |t| t.inverse_cdf(p))
}

#[cfg(test)]
mod tests {
    use super::{
        between, normal_quantile, quantile, quantile_of_sorted, student_quantile,
        woodruff_error,
    };
    use crate::units;

    #[test]
    fn quantiles_are_those_of_numpy() {
        // numpy.quantile([1, 2, 4, 8, 16], p)
        let cases =
            [(0.0, 1.0), (0.1, 1.4), (0.25, 2.0), (0.5, 4.0), (0.9, 12.8), (1.0, 16.0)];
        for (p, wanted) in cases {
            let found = quantile(&mut [8.0, 1.0, 16.0, 4.0, 2.0], p);
            assert!((found - wanted).abs() < 1e-14, "{found} at {p}");
            let sorted = quantile_of_sorted(&[1.0, 2.0, 4.0, 8.0, 16.0], p);
            assert_eq!(found.to_bits(), sorted.to_bits());
        }
    }

    #[test]
    fn no_quantile_of_nothing_or_of_no_probability() {
        assert!(quantile(&mut [], 0.5).is_nan());
        assert!(quantile_of_sorted(&[1.0], -0.1).is_nan());
        assert!(quantile(&mut [1.0], f64::NAN).is_nan());
        assert!(woodruff_error(0.5, 0, |p| p).is_nan());
        assert!(normal_quantile(1.5).is_nan());
        assert!(student_quantile(f64::NAN, 3.0).is_nan());
        assert!(student_quantile(0.5, -3.0).is_nan());
    }

    #[test]
    fn the_way_between_the_two_largest_numbers_does_not_overflow() {
        assert!(between(-f64::MAX, f64::MAX, 0.5).abs() < 1.0);
    }

    #[test]
    fn the_error_of_a_uniform_sample_quantile_is_the_binomial_one() {
        // The uniform density is 1, so the error is √(p (1 − p) / n) itself.
        let sample: Vec<f64> = (0..=10_000).map(|i| f64::from(i) / 10_000.0).collect();
        for p in [0.05, 0.5, 0.9] {
            let n = units::count(sample.len());
            let found = woodruff_error(p, 10_001, |p| quantile_of_sorted(&sample, p));
            assert!((found / (p * (1.0 - p) / n).sqrt() - 1.0).abs() < 1e-9, "at {p}");
        }
    }

    #[test]
    fn student_and_normal_quantiles_are_the_tabulated_ones() {
        // NIST/SEMATECH e-Handbook of Statistical Methods, tables 1.3.6.7.1 and .2.
        for (freedom, wanted) in
            [(1.0, 12.706), (5.0, 2.571), (10.0, 2.228), (30.0, 2.042)]
        {
            assert!((student_quantile(0.975, freedom) - wanted).abs() < 5.1e-4);
        }
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-9);
        assert!(
            (student_quantile(0.025, 5.0) + student_quantile(0.975, 5.0)).abs() < 1e-9
        );
    }
}
