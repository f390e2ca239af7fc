//! How good a forecast was, once the value is known: proper scores and their parts.
//!
//! A proper score is best, on average, for the forecaster who says what he believes: the
//! CRPS and the interval score reward sharp forecasts that hold. The place of the value
//! in its forecast (PIT) tells apart too narrow, too wide and biased. Scale is that of
//! the values: score logarithms for prices. Nothing here panics; what makes no sense is
//! NaN. Read next: [`crps_student`], [`interval_score`].

use std::f64::consts::PI;

use statrs::distribution::{Continuous, ContinuousCDF, Normal, StudentsT};
use statrs::function::beta::ln_beta;

use crate::units;

/// Degrees of freedom from which Student's t is taken for normal. They differ by 1 / 4ν or
/// so, while statrs' incomplete beta function, and with it its t, goes wrong: at 10⁷ its
/// 5 % quantile is -1.39 instead of -1.64, at 10⁸ it is never found.
pub(crate) const NEARLY_NORMAL: f64 = 1e5;

/// How the spread of an ensemble enters its CRPS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnsembleCrps {
    /// The ensemble is the forecast, a step function: divides by M².
    Nrg,
    /// The ensemble is a sample of the forecast: divides by M (M − 1), and so is right
    /// on average for any M; at least two members.
    Fair,
}

/// The CRPS of a normal forecast.
///
/// ```text
/// σ (ω (2Φ(ω) − 1) + 2φ(ω) − 1/√π),   ω = (y − μ)/σ
/// ```
/// where μ is `location` and σ is `scale`; a scale of 0 is a point forecast, whose CRPS
/// is |y − μ|.
///
/// **Units** those of the value. **Errors** NaN for a negative scale.
/// **Source** Gneiting and Raftery (2007), Strictly Proper Scoring Rules, Prediction, and
/// Estimation, Journal of the American Statistical Association 102:359, eq. 21.
/// **Checked by** quadrature of the definition, below.
pub fn crps_normal(location: f64, scale: f64, y: f64) -> f64 {
    scaled(location, scale, y, |z| {
        let normal = Normal::standard();
        let spread = 2.0 * normal.pdf(z) - PI.sqrt().recip();
        z * (2.0 * normal.cdf(z) - 1.0) + spread
    })
}

/// The CRPS of a forecast that follows Student's t, moved and stretched.
///
/// ```text
/// σ (ω (2F(ω) − 1) + 2f(ω) (ν + ω²)/(ν − 1) − 2√ν/(ν − 1) · B(½, ν − ½)/B(½, ν/2)²)
/// ```
/// where ν is `freedom`, F and f are the standard t's, and ω as in [`crps_normal`].
///
/// **Units** those of the value. **Errors** NaN for a negative scale, and for ν ≤ 1,
/// where the score is infinite.
/// **Source** Jordan, Krüger and Lerch (2019), Evaluating Probabilistic Forecasts with
/// scoringRules, Journal of Statistical Software 90(12), appendix A.
/// **Checked by** quadrature of the definition, below.
pub fn crps_student(freedom: f64, location: f64, scale: f64, y: f64) -> f64 {
    if freedom >= NEARLY_NORMAL {
        return crps_normal(location, scale, y);
    }
    if freedom.is_nan() || freedom <= 1.0 {
        return f64::NAN;
    }
    scaled(location, scale, y, |z| {
        let half = ln_beta(0.5, 0.5 * freedom);
        // f(z) (ν + z²) in one piece, so that a far value is not ∞ · 0.
        let tail = 0.5 * (1.0 - freedom) * (z * z / freedom).ln_1p() - half;
        let density = freedom.sqrt() * tail.exp();
        let self_distance =
            freedom.sqrt() * (ln_beta(0.5, freedom - 0.5) - 2.0 * half).exp();
        z * (2.0 * pit_student(freedom, 0.0, 1.0, z) - 1.0)
            + 2.0 * (density - self_distance) / (freedom - 1.0)
    })
}

/// Half the mean distance of two draws of a normal forecast, σ/√π: what its CRPS is
/// below its mean distance to the value.
pub fn half_distance_normal(scale: f64) -> f64 {
    scale / PI.sqrt()
}

/// The same of a forecast that follows Student's t.
///
/// ```text
/// σ · 2√ν/(ν − 1) · B(½, ν − ½)/B(½, ν/2)²
/// ```
/// **Errors** NaN for ν ≤ 1, where the distance is infinite.
/// **Source** as [`crps_student`]. **Checked by** the CRPS far away, below.
pub fn half_distance_student(freedom: f64, scale: f64) -> f64 {
    if freedom >= NEARLY_NORMAL {
        return half_distance_normal(scale);
    }
    if freedom.is_nan() || freedom <= 1.0 {
        return f64::NAN;
    }
    let distance = ln_beta(0.5, freedom - 0.5) - 2.0 * ln_beta(0.5, 0.5 * freedom);
    scale * 2.0 * freedom.sqrt() * distance.exp() / (freedom - 1.0)
}

/// The standard score at the standardised value, stretched back.
fn scaled(location: f64, scale: f64, y: f64, standard: impl Fn(f64) -> f64) -> f64 {
    let distance = y - location;
    if scale == 0.0 {
        distance.abs()
    } else if scale > 0.0 {
        scale * standard(distance / scale)
    } else {
        f64::NAN
    }
}

/// The CRPS of an ensemble, which it sorts.
///
/// ```text
/// Nrg:   Σᵢ|xᵢ − y| / M − Σᵢⱼ|xᵢ − xⱼ| / 2M²
/// Fair:  Σᵢ|xᵢ − y| / M − Σᵢⱼ|xᵢ − xⱼ| / 2M(M − 1)
/// ```
/// **Units** those of the value. **Errors** NaN without members, and for one member by
/// [`EnsembleCrps::Fair`].
/// **Source** Zamo and Naveau (2018), Estimation of the Continuous Ranked Probability
/// Score with Limited Information, Mathematical Geosciences 50:209.
/// **Checked by** the integral of the step function, below.
pub fn crps_ensemble(members: &mut [f64], y: f64, estimator: EnsembleCrps) -> f64 {
    members.sort_unstable_by(f64::total_cmp);
    let count = units::count(members.len());
    let distance: f64 = members.iter().map(|x| (x - y).abs()).sum();
    // Every gap is crossed by (members below) · (members above) pairs, either way round.
    let pairs: f64 = members
        .windows(2)
        .enumerate()
        .map(|(i, gap)| {
            let below = units::count(i + 1);
            below * (count - below) * (gap[1] - gap[0])
        })
        .sum();
    let ways = match estimator {
        EnsembleCrps::Nrg => count * count,
        EnsembleCrps::Fair => count * (count - 1.0),
    };
    distance / count - pairs / ways
}

/// The pinball loss of a forecast of the `p`-quantile; its mean over all p is half the
/// CRPS.
///
/// **Source** Koenker and Bassett (1978), Regression Quantiles, Econometrica 46(1).
/// **Checked by** its integral over p, below.
pub fn pinball(p: f64, quantile: f64, y: f64) -> f64 {
    let above = y - quantile;
    if above >= 0.0 { p * above } else { (p - 1.0) * above }
}

/// The interval (Winkler) score of a central interval that holds with probability
/// `level`, 0.8 for the 80 % band.
///
/// ```text
/// (u − l) + 2/α (l − y)₊ + 2/α (y − u)₊,   α = 1 − level
/// ```
/// **Units** those of the value. **Errors** none: a level of 1 is infinitely wrong when
/// missed.
/// **Source** Winkler (1972), A Decision-Theoretic Approach to Interval Estimation,
/// Journal of the American Statistical Association 67:187.
/// **Checked by** the pinball losses of its two ends, below.
pub fn interval_score(low: f64, high: f64, level: f64, y: f64) -> f64 {
    let width = high - low;
    let penalty = 2.0 / (1.0 - level);
    if y < low {
        width + penalty * (low - y)
    } else if y > high {
        width + penalty * (y - high)
    } else {
        width + 0.0 * y
    }
}

/// The place of `y` in a normal forecast: the probability of no more than `y`.
///
/// **Errors** NaN for a negative scale. With a scale of 0 it is 0, ½ (met) or 1.
pub fn pit_normal(location: f64, scale: f64, y: f64) -> f64 {
    placed(location, scale, y, |z| Normal::standard().cdf(z))
}

/// The place of `y` in a forecast that follows Student's t; else as [`pit_normal`].
///
/// **Errors** NaN for a negative scale or a `freedom` that is not positive.
pub fn pit_student(freedom: f64, location: f64, scale: f64, y: f64) -> f64 {
    if freedom >= NEARLY_NORMAL {
        return pit_normal(location, scale, y);
    }
    let Ok(student) = StudentsT::new(0.0, 1.0, freedom) else { return f64::NAN };
    placed(location, scale, y, |z| student.cdf(z))
}

fn placed(location: f64, scale: f64, y: f64, place: impl Fn(f64) -> f64) -> f64 {
    let distance = y - location;
    let standard = distance / scale;
    if distance.is_nan() || scale.is_nan() || scale < 0.0 {
        f64::NAN
    } else if scale > 0.0 {
        // Infinitely far in a forecast infinitely wide is nowhere, and statrs' t panics.
        if standard.is_nan() { f64::NAN } else { place(standard) }
    } else if distance > 0.0 {
        1.0
    } else if distance < 0.0 {
        0.0
    } else {
        0.5
    }
}

/// The place of `y` in an ensemble: the share below it, and half of those it equals.
///
/// **Errors** NaN without members.
pub fn pit_ensemble(members: &[f64], y: f64) -> f64 {
    let below = units::count(members.iter().filter(|x| **x < y).count());
    let met = units::count(members.iter().filter(|x| **x <= y).count());
    0.5 * (below + met) / units::count(members.len())
}

/// How many places fall in each tenth: flat when calibrated, a U when the forecasts are
/// too narrow, a hump when too wide, a slope when biased. What is no place is left out.
pub fn pit_histogram(places: &[f64]) -> [usize; 10] {
    let mut bins = [0; 10];
    for place in places.iter().filter(|u| (0.0..=1.0).contains(*u)) {
        let bin = (1_u32..10).filter(|k| *place >= f64::from(*k) / 10.0).count();
        bins[bin] += 1;
    }
    bins
}

#[cfg(test)]
mod tests;
