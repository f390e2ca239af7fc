//! What many metrics know together: how noisy each of them is, and which to name.
//!
//! With 7 repeats a standard deviation is off by a third, and a test that allows for it
//! loses power. Two hundred metrics of one machine know their noise far better; each
//! variance is drawn toward what they have in common, as far as they agree. And of many
//! metrics some look worse by chance, so the odds of all are looked at together.
//! Read next: [`super::verdict`].

use statrs::function::gamma::digamma;

use crate::units;

/// Sample variances from which what they have in common is estimated: fewer say too
/// little of how much they differ.
const FEWEST: usize = 10;

/// A sample variance and its degrees of freedom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Variance {
    /// Of one repeat, relative to its mean.
    pub value: f64,
    /// Degrees of freedom.
    pub freedom: f64,
}

/// What variances have in common: worth so many degrees of freedom.
///
/// ```text
/// s² | σ² ~ σ² χ²(d) / d,   1/σ² ~ χ²(d₀) / (d₀ s₀²),   E[σ² | s²] ≈ (d₀ s₀² + d s²) / (d₀ + d)
/// ```
/// `d₀` and `s₀²` by matching the mean and variance of ln s²; `d₀` is no more than the
/// degrees of all samples, which is what a pooled variance rests on.
///
/// **Source** Smyth (2004), Linear Models and Empirical Bayes Methods for Assessing
/// Differential Expression in Microarray Experiments, Statistical Applications in
/// Genetics and Molecular Biology 3(1):3, §6.2.
/// **Checked by** samples of one variance and of many, below.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Common(Option<Variance>);

impl Common {
    /// What these have in common; nothing where they are too few. Those of 0 belong to
    /// counters that do not vary, and are passed over.
    pub(super) fn of(samples: &[Variance]) -> Self {
        let used: Vec<&Variance> =
            samples.iter().filter(|v| v.value > 0.0 && v.freedom > 0.0).collect();
        if used.len() < FEWEST {
            return Self(None);
        }
        let n = units::count(used.len());
        let half = |v: &Variance| 0.5 * v.freedom;
        let logs: Vec<f64> =
            used.iter().map(|v| v.value.ln() - digamma(half(v)) + half(v).ln()).collect();
        let mean = logs.iter().sum::<f64>() / n;
        let spread: f64 =
            logs.iter().map(|e| (e - mean) * (e - mean)).sum::<f64>() / (n - 1.0);
        let noise: f64 = used.iter().map(|v| trigamma(half(v))).sum::<f64>() / n;
        let all: f64 = used.iter().map(|v| v.freedom).sum();
        let agreed = 2.0 * inverse_trigamma(spread - noise);
        let log = if agreed.is_finite() {
            mean + digamma(0.5 * agreed) - (0.5 * agreed).ln()
        } else {
            mean
        };
        Self(Some(Variance { value: log.exp(), freedom: agreed.min(all) }))
    }

    /// A variance drawn toward the common one; the common one for a sample without
    /// degrees of freedom.
    pub(super) fn with(self, sample: Option<Variance>) -> Option<Variance> {
        match (self.0, sample) {
            // What never varied is a counter, and stays one.
            (_, Some(own)) if own.value == 0.0 => Some(own),
            (Some(common), Some(own)) => {
                let freedom = common.freedom + own.freedom;
                let sum = common.freedom * common.value + own.freedom * own.value;
                Some(Variance { value: sum / freedom, freedom })
            }
            (common, own) => own.or(common),
        }
    }
}

/// The derivative of the digamma function, for positive numbers.
///
/// **Source** recurrence and asymptotic series, Abramowitz and Stegun (1964), 6.4.6 and
/// 6.4.12. **Checked by** π²/6 and π²/2, below.
fn trigamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = square * (1.0 / 6.0 - square * (1.0 / 30.0 - square * (1.0 / 42.0)));
    sum + 1.0 / x + 0.5 * square + series / x
}

/// Where the trigamma function has this value; infinite for 0 and below.
fn inverse_trigamma(value: f64) -> f64 {
    if value <= 0.0 || value.is_nan() {
        return f64::INFINITY;
    }
    // It falls from infinity to 0: halve the logarithm's range.
    let (mut low, mut high) = (-20.0_f64, 20.0_f64);
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if trigamma(middle.exp()) > value { low = middle } else { high = middle }
    }
    low.exp()
}

/// Odds corrected for their number, so that naming those below a level keeps the share
/// of false names below it.
///
/// ```text
/// corrected_(k) = min over j ≥ k of m p_(j) / j,   p_(1) ≤ … ≤ p_(m)
/// ```
/// The smallest is also the test of all of them at once, that none changed. Both hold for
/// metrics that vary independently or together. Odds that are no number are no evidence.
///
/// **Source** Benjamini and Hochberg (1995), Controlling the False Discovery Rate, Journal
/// of the Royal Statistical Society B 57:289; Benjamini and Yekutieli (2001), Annals of
/// Statistics 29:1165, for positive dependence; Simes (1986), An Improved Bonferroni
/// Procedure, Biometrika 73:751, for the test of all.
pub(super) fn corrected(odds: &[f64]) -> Vec<f64> {
    let number = |p: f64| if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) };
    let mut order: Vec<usize> = (0..odds.len()).collect();
    order.sort_by(|a, b| number(odds[*a]).total_cmp(&number(odds[*b])));
    let all = units::count(odds.len());
    let mut corrected = vec![1.0; odds.len()];
    let mut least = 1.0_f64;
    for (rank, position) in order.into_iter().enumerate().rev() {
        least = least.min(all * number(odds[position]) / units::count(rank + 1));
        corrected[position] = least;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Monthly, Seed};

    #[test]
    fn trigamma_has_its_known_values() {
        let pi2 = std::f64::consts::PI * std::f64::consts::PI;
        for (x, wanted) in [(1.0, pi2 / 6.0), (0.5, pi2 / 2.0), (2.0, pi2 / 6.0 - 1.0)] {
            assert!((trigamma(x) - wanted).abs() < 1e-9, "{x}");
            assert!((inverse_trigamma(wanted) / x - 1.0).abs() < 1e-8, "{x}");
        }
        assert!(inverse_trigamma(0.0).is_infinite());
    }

    /// Of 400 variances of 7 repeats whose true value `factor` moves.
    fn sampled(factor: impl Fn(u64) -> f64) -> Vec<Variance> {
        let mut stream = Monthly::new(Seed(3), "variances");
        (0..400_u64)
            .map(|path| {
                let values: Vec<f64> = (1..=7)
                    .map(|i| {
                        stream.normal_at(path * crate::block::LANES as u64, i)[0]
                            * factor(path)
                    })
                    .collect();
                let mean = values.iter().sum::<f64>() / 7.0;
                let value =
                    values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 6.0;
                Variance { value, freedom: 6.0 }
            })
            .collect()
    }

    #[test]
    fn equal_variances_are_pooled_and_unequal_ones_left_alone() {
        // 2,400 degrees: the pooled variance is within 4 · √(2/2400) = 12 % of 1.
        let common = Common::of(&sampled(|_| 1.0)).0.unwrap();
        assert!((common.value - 1.0).abs() < 0.12, "{common:?}");
        assert!(common.freedom > 100.0, "{common:?}");
        // A hundredfold spread of the standard deviation says next to nothing in common.
        let apart = Common::of(&sampled(|i| if i % 2 == 0 { 0.1 } else { 10.0 }));
        assert!(apart.0.unwrap().freedom < 1.0, "{apart:?}");
        assert_eq!(Common::of(&sampled(|_| 1.0)[..9]), Common(None));
    }

    #[test]
    fn a_counter_stays_a_counter_and_a_single_run_borrows() {
        let common = Common::of(&sampled(|_| 1.0));
        let still = Variance { value: 0.0, freedom: 6.0 };
        assert_eq!(common.with(Some(still)), Some(still));
        assert!((common.with(None).unwrap().value - 1.0).abs() < 0.12);
        assert_eq!(Common(None).with(None), None);
    }

    #[test]
    fn the_correction_is_that_of_benjamini_and_hochberg() {
        // 4 · 0.005, 4 · 0.01 / 2, 4 · 0.03 / 3, 4 · 0.04 / 4, then the least from above.
        let found = corrected(&[0.01, 0.04, 0.03, 0.005]);
        for (found, wanted) in found.iter().zip([0.02, 0.04, 0.04, 0.02]) {
            assert!((found - wanted).abs() < 1e-15, "{found} for {wanted}");
        }
        assert_eq!(corrected(&[f64::NAN, 0.9]), [1.0, 1.0]);
        assert_eq!(corrected(&[]), Vec::<f64>::new());
    }
}
