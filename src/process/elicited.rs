//! From what people know (10, 50 and 90 %) to a number a path.
//!
//! The three quantiles come out exactly; between and beyond them the number is a normal
//! in two pieces, of the logarithm where all three are positive. Nobody can elicit a
//! tail: what lies beyond 10 and 90 % is the shape's, not the user's.
//! Read next: [`sample`].

use crate::block::math::{exp, inverse_normal, ln};
use crate::block::{LANES, Lane};
use crate::input::Uncertain;
use crate::kernel;
use crate::stats::law::normal_probability;

/// The 90 % quantile of the standard normal.
const Z90: f64 = 1.281_551_565_544_600_4;

/// Maps standard normal numbers to an uncertain number.
///
/// ```text
/// x = p50 · (p50/p10)^(z/z₉₀)   for z < 0
/// x = p50 · (p90/p50)^(z/z₉₀)   for z ≥ 0        z₉₀ = 1.2816
/// ```
/// or, where p10 ≤ 0, `p50 + (p50 − p10) z/z₉₀` and `p50 + (p90 − p50) z/z₉₀`.
///
/// **Shapes** one number a path. **Units** those of `u`.
/// **Errors** none; a known number is that number for every path.
/// **Source** the two-piece normal of the Bank of England's fan charts (Britton, Fisher,
/// Whitley 1998, Quarterly Bulletin 38:30), with the break at the median instead of the
/// mode, so that the three quantiles are exact.
/// **Checked by** the tests below.
pub fn sample(u: Uncertain, z: &Lane, out: &mut Lane) {
    let Pieces { log, middle, below, above } = Pieces::of(u);
    if log {
        // Around 1, so that a known number comes out with all its bits.
        multiply_two_pieces(middle, below, above, z, out);
    } else {
        two_pieces(middle, below, above, z, out);
    }
}

/// Like [`sample`], the natural logarithm; numbers below 10⁻¹⁰⁰ count as that.
pub fn sample_log(u: Uncertain, z: &Lane, out: &mut Lane) {
    let Pieces { log, middle, below, above } = Pieces::of(u);
    if log {
        two_pieces(ln(middle), below, above, z, out);
    } else {
        two_pieces(middle, below, above, z, out);
        ln_in_place(out);
    }
}

/// The number that a share `p` of paths lies below; `p` strictly between 0 and 1.
pub fn quantile(u: Uncertain, p: f64) -> f64 {
    let Pieces { log, middle, below, above } = Pieces::of(u);
    let z = inverse_normal(p);
    if log {
        middle * exp(two_piece(0.0, below, above, z))
    } else {
        two_piece(middle, below, above, z)
    }
}

/// The share of paths that lie below `x`.
pub fn probability_below(u: Uncertain, x: f64) -> f64 {
    let Pieces { log, middle, below, above } = Pieces::of(u);
    let beyond = match (log, x > 0.0) {
        (true, false) => return 0.0,
        (true, true) => ln(x / middle),
        (false, _) => x - middle,
    };
    let spread = if beyond < 0.0 { below } else { above };
    if spread > 0.0 {
        normal_probability(beyond / spread)
    } else if beyond > 0.0 {
        1.0
    } else {
        0.0
    }
}

/// The variance of the logarithm; nothing where it could be of a number not positive.
///
/// ```text
/// Var = (a² + b²)/2 − (b − a)²/2π
/// ```
/// with `a` and `b` the standard deviations below and above the median.
pub fn log_variance(u: Uncertain) -> Option<f64> {
    let Pieces { log, below, above, .. } = Pieces::of(u);
    let skew = above - below;
    log.then(|| {
        0.5 * (below * below + above * above) - skew * skew / std::f64::consts::TAU
    })
}

/// True when the logarithm is symmetric about its median, to rounding.
pub(super) fn is_log_symmetric(u: Uncertain) -> bool {
    let Pieces { log, below, above, .. } = Pieces::of(u);
    log && (above - below).abs() <= 1e-9 * (above + below)
}

/// A two-piece normal, of the number or of its logarithm.
struct Pieces {
    /// The standard deviations are those of the logarithm.
    log: bool,
    /// The median, of the number itself.
    middle: f64,
    /// Standard deviation below the median.
    below: f64,
    /// Standard deviation above it.
    above: f64,
}

impl Pieces {
    fn of(u: Uncertain) -> Self {
        let [p10, middle, p90] = u.quantiles();
        let log = p10 > 0.0;
        let [low, mid, high] =
            if log { [ln(p10), ln(middle), ln(p90)] } else { [p10, middle, p90] };
        Self { log, middle, below: (mid - low) / Z90, above: (high - mid) / Z90 }
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
pub(super) fn two_piece(middle: f64, below: f64, above: f64, z: f64) -> f64 {
    middle + if z < 0.0 { below } else { above } * z
}

kernel! {
    fn two_pieces(middle: f64, below: f64, above: f64, z: &Lane, out: &mut Lane) {
        for i in 0..LANES {
            out[i] = two_piece(middle, below, above, z[i]);
        }
    }

    fn multiply_two_pieces(middle: f64, below: f64, above: f64, z: &Lane, out: &mut Lane) {
        for i in 0..LANES {
            out[i] = middle * exp(two_piece(0.0, below, above, z[i]));
        }
    }

    fn ln_in_place(x: &mut Lane) {
        for x in x {
            *x = ln(x.max(1e-100));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::splat;
    use crate::process::Draws;
    use crate::random::Seed;

    #[test]
    fn probabilities_and_quantiles_are_inverse() {
        for u in [between(2.0, 2.4, 3.0), between(-1.0, 0.5, 0.8), between(0.0, 1.0, 2.0)]
        {
            for p in [0.01, 0.1, 0.3, 0.5, 0.8, 0.9, 0.99] {
                assert!((probability_below(u, quantile(u, p)) - p).abs() < 1e-7, "{u:?}");
            }
        }
        assert!(probability_below(between(1.0, 2.0, 3.0), 0.0).abs() < 1e-300);
        for (x, p) in [(1.9, 0.0), (2.1, 1.0)] {
            assert!((probability_below(2.0.into(), x) - p).abs() < 1e-300);
        }
    }

    fn between(p10: f64, p50: f64, p90: f64) -> Uncertain {
        Uncertain::Between { p10, p50, p90 }
    }

    const BANDS: [[f64; 3]; 4] =
        [[3.0, 10.0, 40.0], [0.2, 0.5, 0.6], [-1.0, 0.5, 4.0], [0.0, 1.0, 2.0]];

    #[test]
    fn the_three_quantiles_come_out_exactly() {
        for [p10, p50, p90] in BANDS {
            for (p, wanted) in [(0.1, p10), (0.5, p50), (0.9, p90)] {
                let found = quantile(between(p10, p50, p90), p);
                assert!((found - wanted).abs() < 1e-9 * p90, "{found} for {wanted}");
            }
        }
    }

    #[test]
    fn a_sample_has_a_tenth_below_half_below_and_a_tenth_above() {
        for [p10, p50, p90] in BANDS {
            let mut below = [0_u32; 3];
            let (mut z, mut x) = (splat(0.0), splat(0.0));
            for block in 0..100 {
                Draws::new(Seed(8), "ceiling", block * 256).normal(0, &mut z);
                sample(between(p10, p50, p90), &z, &mut x);
                for (below, limit) in below.iter_mut().zip([p10, p50, p90]) {
                    *below += x.iter().map(|&x| u32::from(x < limit)).sum::<u32>();
                }
            }
            for (below, p) in below.into_iter().zip([0.1, 0.5, 0.9_f64]) {
                let share = f64::from(below) / 25_600.0;
                // Twelve comparisons at 4 standard errors: one false alarm in 1,300.
                assert!((share - p).abs() < 4.0 * (p * (1.0 - p) / 25_600.0).sqrt());
            }
        }
    }

    #[test]
    fn a_known_number_is_that_number_for_every_path() {
        let (mut z, mut x) = (splat(0.0), splat(0.0));
        Draws::new(Seed(8), "ceiling", 0).normal(0, &mut z);
        for known in [7.25, -3.0, 0.0] {
            sample(Uncertain::Exactly(known), &z, &mut x);
            assert!(x.iter().all(|x| x.to_bits() == known.to_bits()), "{known}");
        }
    }

    #[test]
    fn the_logarithm_is_that_of_the_sample_and_stays_finite() {
        let (mut z, mut x, mut log) = (splat(0.0), splat(0.0), splat(0.0));
        Draws::new(Seed(8), "ceiling", 0).normal(0, &mut z);
        for [p10, p50, p90] in BANDS {
            sample(between(p10, p50, p90), &z, &mut x);
            sample_log(between(p10, p50, p90), &z, &mut log);
            for (x, log) in x.iter().zip(&log) {
                assert!((x.max(1e-100).ln() - log).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_log_variance_is_that_of_a_normal_when_the_band_is_symmetric() {
        let spread = 0.3;
        let band = between((-spread * Z90).exp(), 1.0, (spread * Z90).exp());
        assert!(is_log_symmetric(band));
        assert!((log_variance(band).unwrap() - spread * spread).abs() < 1e-12);
        assert!(log_variance(between(-1.0, 1.0, 2.0)).is_none());
        assert!(!is_log_symmetric(between(1.0, 2.0, 3.0)));
    }
}
