//! Five distributions with everything in closed form: quantile, mean, excess, tail mean.
//!
//! What a single decision under one uncertain number needs: how much to reserve
//! ([`crate::strategy::formula::newsvendor`]), and what the dear tail costs. Paths do not
//! come here; they have their own samples. Read next: [`Law`].

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

use super::normal_quantile;
use super::range::{OutOfRange, finite, in_range, non_negative, positive};

/// Density of the standard normal at `z`.
pub fn normal_density(z: f64) -> f64 {
    Normal::standard().pdf(z)
}

/// Probability that a standard normal is at most `z`.
pub fn normal_probability(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

/// Mean excess of a standard normal over `z`: the unit normal linear loss.
///
/// ```text
/// L(z) = φ(z) − z (1 − Φ(z))
/// ```
/// **Source** Raiffa and Schlaifer (1961), Applied Statistical Decision Theory, §5.4.
pub fn normal_loss(z: f64) -> f64 {
    normal_density(z) - z * normal_probability(-z)
}

/// A distribution of one uncertain number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Law {
    /// Bell curve.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        deviation: f64,
    },
    /// Any value between two ends alike.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Without memory.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Logarithm is normal.
    LogNormal {
        /// Mean of the logarithm: the logarithm of the median.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Power tail: P(X > x) = (least/x)^shape.
    Pareto {
        /// Least value.
        least: f64,
        /// Exponent; above 1, so that there is a mean.
        shape: f64,
    },
}

impl Law {
    /// Passes a law on whose parameters mean something.
    ///
    /// **Errors** [`OutOfRange`] for a deviation below zero, ends in the wrong order, a
    /// mean or least value that is not positive, or a Pareto shape of 1 or less.
    pub fn checked(self) -> Result<Self, OutOfRange> {
        match self {
            Self::Normal { mean, deviation } => {
                finite("mean", mean)?;
                non_negative("standard deviation", deviation)?;
            }
            Self::Uniform { low, high } => {
                finite("lower end", low)?;
                in_range("upper end", high, "at or above the lower end", |h| h >= low)?;
            }
            Self::Exponential { mean } => _ = positive("mean", mean)?,
            Self::LogNormal { mu, sigma } => {
                finite("mean of the logarithm", mu)?;
                non_negative("standard deviation of the logarithm", sigma)?;
            }
            Self::Pareto { least, shape } => {
                positive("least value", least)?;
                in_range("shape", shape, "above 1", |a| a > 1.0)?;
            }
        }
        Ok(self)
    }

    /// Mean.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Normal { mean, .. } | Self::Exponential { mean } => mean,
            Self::Uniform { low, high } => low + 0.5 * (high - low),
            Self::LogNormal { mu, sigma } => (mu + 0.5 * sigma * sigma).exp(),
            Self::Pareto { least, shape } => shape * least / (shape - 1.0),
        }
    }

    /// The value that is not exceeded with probability `p`; NaN for `p` outside 0 to 1.
    pub fn quantile(&self, p: f64) -> f64 {
        if !(0.0..=1.0).contains(&p) {
            return f64::NAN;
        }
        match *self {
            Self::Normal { mean, deviation } => mean + deviation * normal_quantile(p),
            Self::Uniform { low, high } => low + p * (high - low),
            Self::Exponential { mean } => -mean * (-p).ln_1p(),
            Self::LogNormal { mu, sigma } => (mu + sigma * normal_quantile(p)).exp(),
            Self::Pareto { least, shape } => least * (1.0 - p).powf(-1.0 / shape),
        }
    }

    /// Mean of what exceeds `level`: E max(X − level, 0).
    ///
    /// ```text
    /// normal        σ L((x − μ)/σ)
    /// uniform       (h − x)²/(2 (h − l)) between the ends
    /// exponential   m e^(−x/m)
    /// lognormal     e^(μ+σ²/2) Φ(d + σ) − x Φ(d),  d = (μ − ln x)/σ
    /// Pareto        l^a x^(1−a)/(a − 1) above the least value
    /// ```
    /// **Checked by** `excess_is_the_integral_of_the_tail`.
    pub fn excess(&self, level: f64) -> f64 {
        let sure = (self.mean() - level).max(0.0);
        match *self {
            Self::Normal { deviation: width, .. }
            | Self::LogNormal { sigma: width, .. }
                if width <= 0.0 =>
            {
                sure
            }
            Self::Normal { mean, deviation } => {
                deviation * normal_loss((level - mean) / deviation)
            }
            Self::Uniform { low, high } if low < level && level < high => {
                0.5 * (high - level) * (high - level) / (high - low)
            }
            Self::Exponential { mean } if level > 0.0 => mean * (-level / mean).exp(),
            Self::LogNormal { mu, sigma } if level > 0.0 => {
                let d = (mu - level.ln()) / sigma;
                self.mean() * normal_probability(d + sigma)
                    - level * normal_probability(d)
            }
            Self::Pareto { least, shape } if level > least => {
                least * (least / level).powf(shape - 1.0) / (shape - 1.0)
            }
            Self::Uniform { .. }
            | Self::Exponential { .. }
            | Self::LogNormal { .. }
            | Self::Pareto { .. } => sure,
        }
    }

    /// Mean of the highest 1 − `alpha`: conditional value at risk (CVaR) of a loss.
    ///
    /// ```text
    /// CVaR_α = q_α + E max(X − q_α, 0)/(1 − α)
    /// ```
    /// **Errors** [`OutOfRange`] for `alpha` outside 0 to below 1. **Source** Rockafellar
    /// and Uryasev (2000), Optimization of Conditional Value-at-Risk, Journal of Risk 2(3).
    pub fn tail_mean(&self, alpha: f64) -> Result<f64, OutOfRange> {
        in_range("alpha", alpha, "from 0 to below 1", |a| (0.0..1.0).contains(&a))?;
        if alpha <= 0.0 {
            return Ok(self.mean());
        }
        let value = self.quantile(alpha);
        Ok(value + self.excess(value) / (1.0 - alpha))
    }
}

/// Mean of the dearest 1 − `alpha` of equally likely values; an atom that straddles the
/// border counts with the part of it that lies in the tail.
///
/// ```text
/// CVaR_α = (Σ of the k highest + (n(1−α) − k) · the next)/(n (1−α)),  k = ⌊n (1−α)⌋
/// ```
/// Of 1 to 10 at α = 0.85: (10 + 0.5 · 9)/1.5 = 9.667, not the mean of the highest one or
/// two. **Errors** [`OutOfRange`] for no values or `alpha` outside 0 to 1; at 1 it is the
/// highest value. **Source** Rockafellar and Uryasev (2002), Conditional value-at-risk for
/// general loss distributions, Journal of Banking and Finance 26.
pub fn tail_mean(values: &[f64], alpha: f64) -> Result<f64, OutOfRange> {
    super::range::share("alpha", alpha)?;
    let n = crate::units::count(values.len());
    positive("number of values", n)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let wanted = n * (1.0 - alpha);
    let mut left = wanted;
    let mut total = 0.0;
    for value in &sorted {
        // Differences such as 1 − 0.9 leave a last share that is rounding, not an atom.
        if left <= 1e-9 * n {
            break;
        }
        total += left.min(1.0) * value;
        left -= 1.0;
    }
    let highest = sorted.first().copied().unwrap_or(f64::NAN);
    Ok(if wanted <= 1e-9 * n { highest } else { total / wanted })
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use std::f64::consts::{LN_2, LN_10};

    const LAWS: [Law; 5] = [
        Law::Normal { mean: 0.0, deviation: 1.0 },
        Law::Exponential { mean: 1.0 },
        Law::Uniform { low: 0.0, high: 1.0 },
        Law::LogNormal { mu: 0.0, sigma: 0.5 },
        Law::Pareto { least: 1.0, shape: 3.0 },
    ];

    /// Closed forms of value at risk and CVaR (Rockafellar and Uryasev 2000).
    #[test]
    fn value_at_risk_and_cvar_of_five_laws_are_the_closed_forms() {
        let rows: [(f64, [(f64, f64); 5]); 4] = [
            (
                0.5,
                [
                    (0.0, 0.797_884_560_8),
                    (LN_2, 1.693_147_181),
                    (0.5, 0.75),
                    (1.0, 1.567_059_237),
                    (1.259_921_05, 1.889_881_575),
                ],
            ),
            (
                0.9,
                [
                    (1.281_551_566, 1.754_983_319),
                    (LN_10, 3.302_585_093),
                    (0.9, 0.95),
                    (1.897_952_707, 2.461_641_279),
                    (2.154_434_69, 3.231_652_035),
                ],
            ),
            (
                0.95,
                [
                    (1.644_853_627, 2.062_712_808),
                    (2.995_732_274, 3.995_732_274),
                    (0.95, 0.975),
                    (2.276_016_609, 2.858_591_295),
                    (2.714_417_617, 4.071_626_425),
                ],
            ),
            (
                0.99,
                [
                    (2.326_347_874, 2.665_214_22),
                    (4.605_170_186, 5.605_170_186),
                    (0.99, 0.995),
                    (3.200_074_008, 3.841_253_043),
                    (4.641_588_834, 6.962_383_25),
                ],
            ),
        ];
        for (alpha, row) in rows {
            for (law, (value, tail)) in LAWS.iter().zip(row) {
                let found = law.quantile(alpha);
                assert!((found - value).abs() < 1e-9, "{law:?} {alpha}: {found}");
                let found = law.tail_mean(alpha).unwrap();
                assert!((found - tail).abs() < 2e-9 * tail, "{law:?} {alpha}: {found}");
            }
        }
    }

    #[test]
    fn an_atom_at_the_border_is_split() {
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        for (alpha, tail) in [(0.85, 9.666_666_667), (0.9, 10.0), (0.5, 8.0)] {
            assert_relative_eq!(tail_mean(&values, alpha).unwrap(), tail, epsilon = 1e-9);
        }
        assert_relative_eq!(tail_mean(&values, 0.0).unwrap(), 5.5);
        assert_relative_eq!(tail_mean(&values, 1.0).unwrap(), 10.0);
        assert!(tail_mean(&[], 0.5).is_err() && tail_mean(&values, 1.5).is_err());
    }

    /// E max(X − x, 0) = ∫ P(X > t) dt from x = ∫ (Q(p) − x)⁺ dp; midpoints in p.
    #[test]
    fn excess_is_the_integral_of_the_tail() {
        for law in LAWS {
            for level in [-0.5, 0.2, 0.7, 1.4, 3.0] {
                let n = 200_000;
                let step = 1.0 / f64::from(n);
                let sum: f64 = (0..n)
                    .map(|i| {
                        let p = (f64::from(i) + 0.5) * step;
                        (law.quantile(p) - level).max(0.0)
                    })
                    .sum();
                let found = law.excess(level);
                assert!((found - sum * step).abs() < 3e-3, "{law:?} {level}: {found}");
            }
        }
    }

    #[test]
    fn tail_means_rise_with_alpha_from_the_mean_on() {
        for law in LAWS {
            let tails: Vec<f64> =
                [0.0, 0.3, 0.6, 0.9].map(|a| law.tail_mean(a).unwrap()).into();
            assert_relative_eq!(tails[0], law.mean());
            assert!(tails.windows(2).all(|pair| pair[0] <= pair[1]), "{law:?}");
            assert!(law.tail_mean(1.0).is_err());
        }
    }

    #[test]
    fn parameters_that_mean_nothing_are_refused() {
        for law in [
            Law::Normal { mean: 0.0, deviation: -1.0 },
            Law::Uniform { low: 2.0, high: 1.0 },
            Law::Exponential { mean: 0.0 },
            Law::LogNormal { mu: f64::NAN, sigma: 1.0 },
            Law::Pareto { least: 1.0, shape: 1.0 },
        ] {
            assert!(law.checked().is_err(), "{law:?}");
        }
        assert!(LAWS.iter().all(|law| law.checked().is_ok()));
    }
}
