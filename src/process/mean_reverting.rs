//! Pulled back to a trend.
//!
//! For prices that a shortage lifts and new supply brings down again. Weigh it before
//! use: 37 months of rents cannot identify how fast the pull is, and EC2's spot prices
//! were found to be a hidden reserve price rather than a market (Agmon Ben-Yehuda et al.
//! 2013). Read next: [`super::geometric`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::level::{level_of, one_minus_exp, years_of};
use super::{Draws, Process, rows};
use crate::block::{LANES, Lane, splat};
use crate::input::{Check, Checker, Uncertain};
use crate::kernel;
use crate::units::MONTHS_PER_YEAR;

/// An Ornstein–Uhlenbeck process of the logarithm about a trend, stepped exactly.
///
/// ```text
/// ln I(t) = μ t + x(t) − x(0)
/// x(t + Δ) = x(t) e^(−κΔ) + s √(1 − e^(−2κΔ)) z,   z ~ N(0, 1),   κ = ln 2 / half-life
/// ```
/// where `μ` is `drift_per_year`, `s` is `long_run_log_sd`, `x(0)` is
/// `start_log_deviation` and the half-life is `half_life_years`.
///
/// **Shapes** one row: the deviation `x`. **Units** none: relative to the quote.
/// **Errors** none; parameters are checked on load (E0201).
/// **Source** Schwartz (1997), The stochastic behavior of commodity prices, Journal of
/// Finance 52:923, model 1; the exact transition is Uhlenbeck and Ornstein (1930).
/// **Checked by** `process::laws`, the limits below.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeanReverting {
    /// Years in which half of a deviation from the trend is gone.
    pub half_life_years: f64,
    /// Standard deviation of the logarithm about the trend, in the long run: with 0.3,
    /// two prices in three are within a factor e^0.3 = 1.35 of it.
    pub long_run_log_sd: f64,
    /// Drift of the trend's logarithm a year. Default 0.
    #[serde(default)]
    pub drift_per_year: f64,
    /// How far today's quote is above the trend, in logarithms; below it when negative.
    /// Default 0: today is on the trend.
    #[serde(default)]
    pub start_log_deviation: f64,
}

impl Check for MeanReverting {
    fn check(&self, at: &mut Checker) {
        at.positive("half_life_years", Uncertain::from(self.half_life_years));
        at.non_negative("long_run_log_sd", Uncertain::from(self.long_run_log_sd));
        let any = "a finite number";
        at.ranged("drift_per_year", Uncertain::from(self.drift_per_year), any, |_| true);
        let start = Uncertain::from(self.start_log_deviation);
        at.ranged("start_log_deviation", start, any, |_| true);
    }
}

impl Process for MeanReverting {
    fn state_rows(&self) -> usize {
        1
    }

    fn uses_innovation(&self) -> bool {
        self.long_run_log_sd > 0.0
    }

    fn begin(&self, _: &Draws, state: &mut [Lane]) {
        let [deviation] = rows::<1>(state);
        *deviation = splat(self.start_log_deviation);
    }

    fn step(
        &self,
        month: u32,
        z: &Lane,
        _: &Draws,
        state: &mut [Lane],
        level: &mut Lane,
    ) {
        let month_long = 1.0 / MONTHS_PER_YEAR;
        let kept = 1.0 - one_minus_exp(self.pull_per_year() * month_long);
        let spread = self.variance_after(month_long).sqrt();
        let trend = self.drift_per_year * years_of(month) - self.start_log_deviation;
        let [deviation] = rows::<1>(state);
        revert(kept, spread, trend, z, deviation, level);
    }

    fn median_at(&self, years: f64) -> Option<f64> {
        let gone = one_minus_exp(self.pull_per_year() * years);
        Some(level_of(self.drift_per_year * years - self.start_log_deviation * gone))
    }

    fn log_variance_at(&self, years: f64) -> Option<f64> {
        Some(self.variance_after(years))
    }
}

impl MeanReverting {
    fn pull_per_year(&self) -> f64 {
        std::f64::consts::LN_2 / self.half_life_years
    }

    fn variance_after(&self, years: f64) -> f64 {
        let share = one_minus_exp(2.0 * self.pull_per_year() * years);
        self.long_run_log_sd * self.long_run_log_sd * share
    }
}

kernel! {
    fn revert(
        kept: f64,
        spread: f64,
        trend: f64,
        z: &Lane,
        deviation: &mut Lane,
        level: &mut Lane,
    ) {
        for i in 0..LANES {
            deviation[i] = deviation[i] * kept + spread * z[i];
            level[i] = level_of(trend + deviation[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RENT: MeanReverting = MeanReverting {
        half_life_years: 1.5,
        long_run_log_sd: 0.3,
        drift_per_year: -0.05,
        start_log_deviation: 0.4,
    };

    #[test]
    fn half_of_a_deviation_is_gone_after_a_half_life() {
        let flat = MeanReverting { drift_per_year: 0.0, ..RENT };
        let log = flat.median_at(1.5).unwrap().ln();
        assert!((log + 0.2).abs() < 1e-14);
    }

    #[test]
    fn the_spread_grows_to_its_long_run() {
        let spread = |years| RENT.log_variance_at(years).unwrap().sqrt();
        assert!(spread(0.0).abs() < 1e-15);
        assert!(spread(0.5) < spread(1.0));
        assert!((spread(60.0) - 0.3).abs() < 1e-9);
    }

    #[test]
    fn a_slow_pull_is_a_random_walk() {
        // s² (1 − e^(−2κt)) → 2κ s² t: the variance of volatility s √(2κ) a √year.
        let slow = MeanReverting { half_life_years: 1e5, ..RENT };
        let kappa = std::f64::consts::LN_2 / 1e5;
        let walk = 2.0 * kappa * 0.09 * 3.0;
        assert!((slow.log_variance_at(3.0).unwrap() / walk - 1.0).abs() < 1e-4);
    }
}
