//! An estimate and why its interval is as wide as it is.
//!
//! Every source of doubt adds its variance on the log scale, so that reasons can be
//! listed and the width is their sum in quadrature: independent multiplicative errors.
//! The base spread of each kind of estimate is the one its comparison with measurements
//! gave ([`super::calibration`]). Read next: [`super::explain`].

use serde::Serialize;

use crate::input::Uncertain;

/// Standard normal quantile of 90 %: half of an 80 % interval in standard deviations.
const Z90: f64 = 1.281_551_565_544_600_4;

/// A quantity with the interval that holds it in four cases of five.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// One in ten lies below.
    pub p10: f64,
    /// Half lie below.
    pub p50: f64,
    /// One in ten lies above.
    pub p90: f64,
    /// Why the interval is as wide as it is, the largest part first.
    pub reasons: Vec<String>,
}

impl Estimate {
    /// A lognormal around `p50` with the given spread.
    ///
    /// ```text
    /// p10, p90 = p50 · exp(∓ 1.2816 σ),   σ² = Σ σᵢ²
    /// ```
    pub fn around(p50: f64, spread: &Spread) -> Self {
        let reach = (Z90 * spread.sigma()).exp();
        Self { p10: p50 / reach, p50, p90: p50 * reach, reasons: spread.reasons() }
    }

    /// The same estimate in another unit (`factor` above zero).
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self {
            p10: self.p10 * factor,
            p50: self.p50 * factor,
            p90: self.p90 * factor,
            reasons: self.reasons.clone(),
        }
    }

    /// No quantile above `limit`.
    #[must_use]
    pub fn capped(mut self, limit: f64) -> Self {
        self.p10 = self.p10.min(limit);
        self.p50 = self.p50.min(limit);
        self.p90 = self.p90.min(limit);
        self
    }

    /// True when `x` lies in the 80 % interval.
    pub fn holds(&self, x: f64) -> bool {
        (self.p10..=self.p90).contains(&x)
    }

    /// The bare quantiles, for a plan that samples them.
    pub fn uncertain(&self) -> Uncertain {
        Uncertain::Between { p10: self.p10, p50: self.p50, p90: self.p90 }
    }
}

/// Independent multiplicative errors, each with its reason.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spread {
    parts: Vec<(f64, String)>,
}

impl Spread {
    /// A spread with one part.
    pub fn of(sigma: f64, reason: impl Into<String>) -> Self {
        let mut spread = Self::default();
        spread.widen(sigma, reason);
        spread
    }

    /// Adds an error of `sigma` on the log scale; nothing when it is not above zero.
    pub fn widen(&mut self, sigma: f64, reason: impl Into<String>) {
        if sigma > 0.0 && sigma.is_finite() {
            self.parts.push((sigma, reason.into()));
        }
    }

    /// Adds the width of an uncertain input on which the result depends with the
    /// given elasticity (1: proportionally).
    pub fn widen_by(&mut self, name: &str, input: Uncertain, elasticity: f64) {
        let [p10, p50, p90] = input.quantiles();
        if p10 > 0.0 && p90 > p10 {
            let sigma = (p90 / p10).ln() / (2.0 * Z90) * elasticity.abs();
            self.widen(sigma, format!("{name} is known as {p50} ({p10} to {p90})"));
        }
    }

    /// Adds every part of another spread.
    pub fn join(&mut self, other: &Self) {
        self.parts.extend(other.parts.iter().cloned());
    }

    /// The standard deviation of the logarithm.
    pub fn sigma(&self) -> f64 {
        self.parts.iter().fold(0.0, |sum, (s, _)| sum + s * s).sqrt()
    }

    /// One line a part with its own 80 % reach, the widest first.
    pub fn reasons(&self) -> Vec<String> {
        let mut parts: Vec<_> = self.parts.iter().collect();
        parts.sort_by(|a, b| b.0.total_cmp(&a.0));
        parts
            .into_iter()
            .map(|(s, why)| format!("±{:.0} %: {why}", ((Z90 * s).exp() - 1.0) * 100.0))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads_add_in_quadrature_and_the_widest_reason_leads() {
        let mut spread = Spread::of(0.3, "small");
        spread.widen(0.4, "large");
        assert!((spread.sigma() - 0.5).abs() < 1e-12);
        let e = Estimate::around(100.0, &spread);
        assert!((e.p90 / 100.0 - (0.5 * Z90).exp()).abs() < 1e-12);
        assert!((e.p10 * e.p90 - 1e4).abs() < 1e-8);
        assert!(e.reasons[0].contains("large"));
    }

    #[test]
    fn an_uncertain_input_gives_back_its_own_band() {
        let band = Uncertain::Between { p10: 5.0, p50: 10.0, p90: 20.0 };
        let mut spread = Spread::default();
        spread.widen_by("bandwidth", band, 1.0);
        let e = Estimate::around(10.0, &spread);
        assert!((e.p10 - 5.0).abs() < 1e-9 && (e.p90 - 20.0).abs() < 1e-9);
    }

    #[test]
    fn a_known_input_adds_nothing() {
        let mut spread = Spread::default();
        spread.widen_by("bandwidth", Uncertain::Exactly(3.0), 1.0);
        assert_eq!((spread.sigma(), spread.reasons().len()), (0.0, 0));
    }
}
