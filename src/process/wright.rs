//! Cheaper with every doubling of what was ever made: Wright's law.
//!
//! Helps over [`super::geometric`] only where production can be foretold: with production
//! growing at a constant rate the two are the same (Sahal 1979). Of five hardware series
//! it fits two better than time does, one as well. Read next: [`super::moving_average`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::level::{LOG_BOUND, level_of};
use super::{Draws, Process, elicited, rows};
use crate::block::math::{exp, ln};
use crate::block::{LANES, Lane, splat};
use crate::input::{Check, Checker, Uncertain};
use crate::kernel;
use crate::units::MONTHS_PER_YEAR;

const EXPONENT: u32 = 0;
const GROWTH: u32 = 1;

/// A power law of cumulative production, times noise.
///
/// ```text
/// I(t) = (Z(t)/Z(0))^(−ω) e^(σ W(t)),   Z(t)/Z(0) = 1 + (e^(g t) − 1) / (g C)
/// ```
/// where `ω` is `learning_exponent` (a learning rate of 20 % a doubling is
/// `−log₂ 0.8 = 0.32`), `g` is `production_growth_per_year` (of the logarithm), `C` is
/// `years_of_production`, all that was made by today in years of today's production, and
/// `σ` is `volatility_per_sqrt_year`. `ω` and `g` are drawn once a path. A negative `ω`
/// makes the index rise: FLOP per dollar.
///
/// **Shapes** three rows: `σ W`, `ω`, `g`. **Units** none: relative to the quote.
/// **Errors** none; parameters are checked on load (E0201).
/// **Source** Wright (1936), Journal of the Aeronautical Sciences 3:122; with noise and
/// hindcasts, Lafond et al. (2018), Technological Forecasting and Social Change 128:104.
/// Exponents on first differences of the Performance Curve Database: DRAM 0.68 (standard
/// error 0.10), transistor 0.85 (0.05), hard disk 1.00 (0.09), photovoltaics 0.32 (0.06).
/// **Checked by** `process::laws`, the doublings below.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wright {
    /// The fall of the logarithm for a rise of the logarithm of cumulative production.
    pub learning_exponent: Uncertain,
    /// Growth of the logarithm of yearly production, a year.
    pub production_growth_per_year: Uncertain,
    /// All that was made by today, in years of today's production.
    pub years_of_production: f64,
    /// Standard deviation of a year's noise in the logarithm. Default 0.
    #[serde(default)]
    pub volatility_per_sqrt_year: f64,
}

impl Check for Wright {
    fn check(&self, at: &mut Checker) {
        let any = "a finite number";
        at.ranged("learning_exponent", self.learning_exponent, any, |_| true);
        let growth = self.production_growth_per_year;
        at.ranged("production_growth_per_year", growth, "between -5 and 5", |g| {
            (-5.0..=5.0).contains(&g)
        });
        at.positive("years_of_production", Uncertain::from(self.years_of_production));
        let volatility = Uncertain::from(self.volatility_per_sqrt_year);
        at.non_negative("volatility_per_sqrt_year", volatility);
    }
}

impl Process for Wright {
    fn state_rows(&self) -> usize {
        3
    }

    fn uses_innovation(&self) -> bool {
        self.volatility_per_sqrt_year > 0.0
    }

    fn begin(&self, draws: &Draws, state: &mut [Lane]) {
        let [noise, exponent, growth] = rows::<3>(state);
        draws.normal(EXPONENT, noise);
        elicited::sample(self.learning_exponent, noise, exponent);
        draws.normal(GROWTH, noise);
        elicited::sample(self.production_growth_per_year, noise, growth);
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
        let years = f64::from(month) / MONTHS_PER_YEAR;
        let volatility = self.volatility_per_sqrt_year / MONTHS_PER_YEAR.sqrt();
        learn(years, self.years_of_production, volatility, z, rows::<3>(state), level);
    }

    fn median_at(&self, years: f64) -> Option<f64> {
        let (exponent, growth) =
            (self.learning_exponent, self.production_growth_per_year);
        // With one of the two uncertain and no noise the level is monotone in it.
        let known = [exponent, growth].iter().filter(|u| u.is_uncertain()).count();
        let is_plain = known == 0 || (known == 1 && !self.uses_innovation());
        is_plain.then(|| {
            let made = made(growth.median(), years, self.years_of_production);
            level_of(-exponent.median() * made)
        })
    }

    fn log_variance_at(&self, years: f64) -> Option<f64> {
        let is_known = !self.learning_exponent.is_uncertain()
            && !self.production_growth_per_year.is_uncertain();
        let variance = self.volatility_per_sqrt_year * self.volatility_per_sqrt_year;
        is_known.then_some(variance * years)
    }
}

/// `ln Z(t)/Z(0)`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
fn made(growth: f64, years: f64, so_far: f64) -> f64 {
    // Near no growth the quotient loses its digits: two terms of its series.
    let x = (growth * years).min(LOG_BOUND);
    let run =
        if x.abs() < 1e-4 { years * (1.0 + 0.5 * x) } else { (exp(x) - 1.0) / growth };
    ln(1.0 + (run / so_far).max(0.0))
}

kernel! {
    fn learn(
        years: f64,
        so_far: f64,
        volatility: f64,
        z: &Lane,
        state: &mut [Lane; 3],
        level: &mut Lane,
    ) {
        let [noise, exponent, growth] = state;
        for i in 0..LANES {
            noise[i] += volatility * z[i];
            level[i] = level_of(noise[i] - exponent[i] * made(growth[i], years, so_far));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(growth: f64) -> Wright {
        Wright {
            learning_exponent: 0.32.into(),
            production_growth_per_year: growth.into(),
            years_of_production: 2.0,
            volatility_per_sqrt_year: 0.0,
        }
    }

    #[test]
    fn a_doubling_of_all_that_was_made_costs_the_learning_rate() {
        // Flat production: after two years as much again has been made.
        let level = plain(0.0).median_at(2.0).unwrap();
        assert!((level - 2.0_f64.powf(-0.32)).abs() < 1e-12, "{level}");
        // A learning rate of 20 %, nearly: 2^-0.32 = 0.801.
        assert!((level - 0.801).abs() < 1e-3);
    }

    #[test]
    fn steady_growth_makes_it_a_constant_fall() {
        // C = 1/g: production has always grown at g, so Z grows at g too.
        let growth = 0.5;
        let process = Wright { years_of_production: 2.0, ..plain(growth) };
        for years in [0.5, 1.0, 7.0] {
            let wanted = (-0.32 * growth * years).exp();
            assert!((process.median_at(years).unwrap() / wanted - 1.0).abs() < 1e-12);
        }
    }
}
