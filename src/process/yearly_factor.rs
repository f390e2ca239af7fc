//! Times an uncertain factor a year, fading or not: API prices, efficiency.
//!
//! For what people state as "ten times cheaper every year, three to forty". The factor
//! is one number a path, so the fan opens with time and not with its square root; and a
//! trend of this kind must end: say how soon it slows with `fade_half_life_years`.
//! Read next: [`super::logistic`], [`super::elicited`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::level::{level_of, one_minus_exp, years_of};
use super::{Draws, Process, elicited, rows};
use crate::block::math::ln;
use crate::block::{LANES, Lane, splat};
use crate::input::{Check, Checker, Uncertain};
use crate::kernel;
use crate::units::MONTHS_PER_YEAR;

const FACTOR: u32 = 0;

/// A yearly factor drawn once a path, its effect fading, with noise.
///
/// ```text
/// ln I(t) = ln f · g(t) + σ W(t),     g(t) = τ (1 − e^(−t/τ)),   τ = half-life / ln 2
/// ```
/// where `f` is `factor_per_year`, `σ` is `volatility_per_sqrt_year`, `W` is a Wiener
/// process and the half-life is `fade_half_life_years`; without it `g(t) = t`. In the
/// end the index comes to rest at `f^τ`.
///
/// **Shapes** two rows: `ln f`, `σ W`. **Units** none: relative to the quote.
/// **Errors** none; parameters are checked on load (E0201, E0202).
/// **Source** the form in which falling token prices are published: 9 to 900 times a year
/// at fixed quality (Epoch AI, LLM inference price trends, 2025).
/// **Checked by** `process::laws`, the quantiles below.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct YearlyFactor {
    /// What a year multiplies by: 0.1 is ten times cheaper, 2.5 grows that much.
    pub factor_per_year: Uncertain,
    /// Years in which the rate of change halves; left out, it never slows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fade_half_life_years: Option<f64>,
    /// Standard deviation of a year's noise in the logarithm. Default 0.
    #[serde(default)]
    pub volatility_per_sqrt_year: f64,
}

impl Check for YearlyFactor {
    fn check(&self, at: &mut Checker) {
        at.positive("factor_per_year", self.factor_per_year);
        at.positive(
            "fade_half_life_years",
            self.fade_half_life_years.map(Uncertain::from),
        );
        let volatility = Uncertain::from(self.volatility_per_sqrt_year);
        at.non_negative("volatility_per_sqrt_year", volatility);
    }
}

impl Process for YearlyFactor {
    fn state_rows(&self) -> usize {
        2
    }

    fn uses_innovation(&self) -> bool {
        self.volatility_per_sqrt_year > 0.0
    }

    fn own_numbers(&self) -> u32 {
        u32::from(self.factor_per_year.is_uncertain())
    }

    fn begin(&self, draws: &Draws, state: &mut [Lane]) {
        let [log_factor, noise] = rows::<2>(state);
        // The noise row lends its place to the normals that become the factors.
        draws.normal(FACTOR, noise);
        elicited::sample_log(self.factor_per_year, noise, log_factor);
        *noise = splat(0.0);
    }

    fn step(
        &self,
        month: u32,
        z: &Lane,
        _: &Draws,
        state: &mut [Lane],
        level: &mut Lane,
    ) {
        let volatility = self.volatility_per_sqrt_year / MONTHS_PER_YEAR.sqrt();
        let years = self.effective_years(years_of(month));
        advance(years, volatility, z, rows::<2>(state), level);
    }

    fn median_at(&self, years: f64) -> Option<f64> {
        // A sum of a skewed and a symmetric number has no simple median.
        let is_simple =
            !self.uses_innovation() || elicited::is_log_symmetric(self.factor_per_year);
        is_simple.then(|| {
            level_of(ln(self.factor_per_year.median()) * self.effective_years(years))
        })
    }

    fn log_variance_at(&self, years: f64) -> Option<f64> {
        let g = self.effective_years(years);
        let noise = self.volatility_per_sqrt_year * self.volatility_per_sqrt_year * years;
        elicited::log_variance(self.factor_per_year).map(|v| v * g * g + noise)
    }
}

impl YearlyFactor {
    /// Years at the full rate that do as much as `years` of a fading one.
    fn effective_years(&self, years: f64) -> f64 {
        self.fade_half_life_years.map_or(years, |half_life| {
            let tau = half_life / std::f64::consts::LN_2;
            tau * one_minus_exp(years / tau)
        })
    }
}

kernel! {
    fn advance(
        years: f64,
        volatility: f64,
        z: &Lane,
        state: &mut [Lane; 2],
        level: &mut Lane,
    ) {
        let [log_factor, noise] = state;
        for i in 0..LANES {
            noise[i] += volatility * z[i];
            level[i] = level_of(log_factor[i] * years + noise[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::laws;
    use super::*;

    const API: YearlyFactor = YearlyFactor {
        factor_per_year: Uncertain::Between { p10: 1.0 / 40.0, p50: 0.1, p90: 1.0 / 3.0 },
        fade_half_life_years: None,
        volatility_per_sqrt_year: 0.0,
    };

    #[test]
    fn after_a_year_the_index_has_the_quantiles_of_its_factor() {
        let (_, sample) = laws::sample(&API, &[12]).remove(0);
        let n = f64::from(u32::try_from(sample.len()).unwrap());
        for (p, limit) in [(0.1, 1.0 / 40.0), (0.5, 0.1), (0.9, 1.0 / 3.0_f64)] {
            let share = laws::share_below(&sample, limit);
            // Three comparisons at 4 standard errors: one false alarm in 5,000 seeds.
            assert!((share - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{share}");
        }
    }

    #[test]
    fn a_fading_factor_comes_to_rest() {
        let fading = YearlyFactor { fade_half_life_years: Some(1.0), ..API };
        let rest = 0.1_f64.powf(1.0 / std::f64::consts::LN_2);
        assert!((fading.median_at(60.0).unwrap() / rest - 1.0).abs() < 1e-9);
        // Half of the way, in logarithms, after one half-life.
        let half = fading.median_at(1.0).unwrap();
        assert!((half / rest.sqrt() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_fade_that_takes_for_ever_is_none() {
        let slow = YearlyFactor { fade_half_life_years: Some(1e9), ..API };
        let difference = slow.median_at(5.0).unwrap() / API.median_at(5.0).unwrap() - 1.0;
        assert!(difference.abs() < 1e-6);
    }

    #[test]
    fn a_skewed_factor_with_noise_claims_no_median() {
        let noisy = YearlyFactor { volatility_per_sqrt_year: 0.2, ..API };
        assert!(noisy.median_at(1.0).is_none());
        assert!(noisy.log_variance_at(1.0).is_some());
    }
}
