//! A walk whose changes repeat a share of the last one: technology costs.
//!
//! Yearly changes of what a technology costs are not independent: in 8,212 hindcasts of
//! 53 technologies the forecast errors had the size they have when every change repeats
//! 0.63 of the last shock (Farmer and Lafond 2016). The band five years out from ten
//! observations is then 1.3 times as wide as that of [`super::geometric`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::level::level_of;
use super::{Draws, Process, rows};
use crate::block::{LANES, Lane, splat};
use crate::input::{Check, Checker, Uncertain};
use crate::kernel;
use crate::units::MONTHS_PER_YEAR;

const VOLATILITY: u32 = 0;
const PAST: u32 = 1;
const LAST: u32 = 2;
const FEWEST_OBSERVATIONS: u32 = 3;
/// From here on the volatility is as good as known, see [`super::geometric`].
const MOST_DEGREES: u32 = 1000;

/// A geometric walk with moving-average shocks, IMA(1, 1), and its own estimation errors.
///
/// ```text
/// y_i − y_{i−1} = μ h + v_i + θ v_{i−1},   v ~ N(0, σ²),   K² h = (1 + θ²) σ²
///
/// from m observations:   σ² = (m − 1) σ̂² / χ²(m − 1)
/// μ h = μ̂ h − (v_0 + R)/m,   R ~ N(0, σ² ((1 + θ)² (m − 1) + θ²))
/// ```
/// where `μ̂` is `drift_per_year`, `K` is `volatility_per_sqrt_year`, `θ` is `theta`, `m`
/// is `observations`, `h` is `observation_step_years`, a whole number of months. The last
/// shock before today, `v_0`, is part of what the drift was estimated on *and* of what
/// comes next: drawn once a path and used in both, it makes the variance of the error
/// exactly `σ² A*` at every whole number τ of steps,
/// `A* = −2θ + (1 + 2(m − 1)θ/m + θ²)(τ + τ²/m)`, which an independent drift would not.
/// Between two observations a step's shocks come month by month, and what is repeated is
/// spread evenly. Without `observations`, σ and μ are known and `v_0` is not.
///
/// **Shapes** five rows: logarithm, drift a month, σ a √month, repeated a month, shock so
/// far. **Units** none: relative to the quote. **Errors** none; parameters are checked on
/// load (E0201). **Source** Farmer and Lafond (2016), How predictable is technological
/// progress?, Research Policy 45:647, eq. 11–16.
/// **Checked by** A* and Student quantiles below, `process::laws`, and its CRPS against
/// the closed form in `calibrate`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MovingAverage {
    /// Drift of the natural logarithm, and so of the median, a year.
    pub drift_per_year: f64,
    /// Standard deviation of the change of the logarithm over one observation step, over
    /// the root of that step in years.
    pub volatility_per_sqrt_year: f64,
    /// The share of a shock that the next step repeats. Default 0.63.
    #[serde(default = "global_theta")]
    pub theta: f64,
    /// The number of changes the two were estimated on, at least 3; left out, they are
    /// taken as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observations: Option<u32>,
    /// Years between two observations: 1 (the default), or another whole number of months.
    #[serde(default = "one_year")]
    pub observation_step_years: f64,
}

fn global_theta() -> f64 {
    0.63
}

fn one_year() -> f64 {
    1.0
}

impl Check for MovingAverage {
    fn check(&self, at: &mut Checker) {
        let drift = Uncertain::from(self.drift_per_year);
        at.ranged("drift_per_year", drift, "a finite number", |_| true);
        let volatility = Uncertain::from(self.volatility_per_sqrt_year);
        at.non_negative("volatility_per_sqrt_year", volatility);
        let theta = Uncertain::from(self.theta);
        at.ranged("theta", theta, "between -1 and 1", |x| (-1.0..=1.0).contains(&x));
        let observations = self.observations.map(|m| Uncertain::from(f64::from(m)));
        at.ranged("observations", observations, "at least 3", |m| {
            m >= f64::from(FEWEST_OBSERVATIONS)
        });
        let step = Uncertain::from(self.observation_step_years);
        let wanted = "a whole number of months, 1/12 to 10 years";
        at.ranged("observation_step_years", step, wanted, |x| {
            let months = x * MONTHS_PER_YEAR;
            (months - months.round()).abs() < 1e-3 && (0.99..=120.5).contains(&months)
        });
    }
}

impl Process for MovingAverage {
    fn state_rows(&self) -> usize {
        5
    }

    fn uses_innovation(&self) -> bool {
        self.volatility_per_sqrt_year > 0.0
    }

    fn begin(&self, draws: &Draws, state: &mut [Lane]) {
        let [log, drift, sigma, repeated, shock] = rows::<5>(state);
        *log = splat(0.0);
        draws.normal(LAST, repeated);
        draws.normal(PAST, drift);
        let months = f64::from(self.step_months());
        let step = self.step_sd();
        *sigma = splat(1.0);
        let (mut count, mut freedom) = (f64::INFINITY, 1.0);
        if let Some(m) = self.observations.filter(|&m| m > 1) {
            let degrees = (m - 1).min(MOST_DEGREES);
            draws.chi_squared(VOLATILITY, degrees, sigma);
            (count, freedom) = (f64::from(m), f64::from(degrees));
        }
        let scale = step * freedom.sqrt();
        let mean = self.drift_per_year * months / MONTHS_PER_YEAR;
        estimate(mean, scale, self.theta, count, months, drift, sigma, repeated);
        *shock = splat(0.0);
    }

    fn step(
        &self,
        month: u32,
        z: &Lane,
        _: &Draws,
        state: &mut [Lane],
        level: &mut Lane,
    ) {
        let state = rows::<5>(state);
        walk(z, state, level);
        let months = self.step_months();
        if month.is_multiple_of(months) {
            pass_on(self.theta / f64::from(months), state);
        }
    }

    fn median_at(&self, years: f64) -> Option<f64> {
        Some(level_of(self.drift_per_year * years))
    }

    fn log_variance_at(&self, years: f64) -> Option<f64> {
        let steps = years * MONTHS_PER_YEAR / f64::from(self.step_months());
        // Between two observations there is no closed form worth having.
        if (steps - steps.round()).abs() > 1e-9 {
            return None;
        }
        if steps.abs() < 1e-9 {
            return Some(0.0);
        }
        let (theta, step) = (self.theta, self.step_sd());
        let Some(m) = self.observations.filter(|&m| m > 1) else {
            let repeats = (1.0 + theta) * (1.0 + theta);
            return Some(step * step * (theta * theta + repeats * (steps - 1.0) + 1.0));
        };
        let degrees = f64::from((m - 1).min(MOST_DEGREES));
        let m = f64::from(m);
        let repeats = 1.0 + 2.0 * (m - 1.0) * theta / m + theta * theta;
        let growth = -2.0 * theta + repeats * (steps + steps * steps / m);
        (degrees > 2.0).then(|| step * step * growth * degrees / (degrees - 2.0))
    }
}

impl MovingAverage {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a checked step is 1 to 120 months; the cast saturates"
    )]
    fn step_months(&self) -> u32 {
        ((self.observation_step_years * MONTHS_PER_YEAR).round() as u32).max(1)
    }

    /// σ̂, of one step.
    fn step_sd(&self) -> f64 {
        let years = f64::from(self.step_months()) / MONTHS_PER_YEAR;
        self.volatility_per_sqrt_year * (years / (1.0 + self.theta * self.theta)).sqrt()
    }
}

kernel! {
    fn estimate(
        mean: f64,
        scale: f64,
        theta: f64,
        count: f64,
        months: f64,
        drift: &mut Lane,
        sigma: &mut Lane,
        repeated: &mut Lane,
    ) {
        // With an infinite count both go to zero, and so does the error of the drift.
        let past = ((1.0 + theta) * (1.0 + theta) * (1.0 - 1.0 / count) / count
            + theta * theta / count / count).sqrt();
        for i in 0..LANES {
            let step = scale / sigma[i].sqrt();
            let last = step * repeated[i];
            drift[i] = (mean - last / count - step * past * drift[i]) / months;
            repeated[i] = theta * last / months;
            sigma[i] = step / months.sqrt();
        }
    }

    fn walk(z: &Lane, state: &mut [Lane; 5], level: &mut Lane) {
        let [log, drift, sigma, repeated, shock] = state;
        for i in 0..LANES {
            let now = sigma[i] * z[i];
            shock[i] += now;
            log[i] += drift[i] + repeated[i] + now;
            level[i] = level_of(log[i]);
        }
    }

    fn pass_on(share: f64, state: &mut [Lane; 5]) {
        let [_, _, _, repeated, shock] = state;
        for i in 0..LANES {
            repeated[i] = share * shock[i];
            shock[i] = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, StudentsT};

    use super::super::laws;
    use super::*;

    fn walk(observations: Option<u32>, step: f64) -> MovingAverage {
        MovingAverage {
            drift_per_year: -0.3,
            volatility_per_sqrt_year: 0.25,
            theta: 0.63,
            observations,
            observation_step_years: step,
        }
    }

    /// A* at the setting the growth law is known for: 10 changes, 5 steps, θ = 0.63.
    #[test]
    fn the_variance_grows_as_the_published_law_says() {
        let process = walk(Some(10), 1.0);
        let sigma2 = 0.25 * 0.25 / (1.0 + 0.63 * 0.63);
        let found = process.log_variance_at(5.0).unwrap() / sigma2 / (9.0 / 7.0);
        assert!((found - 17.722).abs() < 1e-3, "{found}");
    }

    #[test]
    fn whole_steps_ahead_the_bands_are_those_of_student() {
        for (m, step) in [(8, 1.0), (36, 1.0 / 12.0), (12, 0.25)] {
            let process = walk(Some(m), step);
            let months = process.step_months();
            let at: Vec<u32> = [1, 2, 5].iter().map(|n| n * months).collect();
            let t = StudentsT::new(0.0, 1.0, f64::from(m - 1)).unwrap();
            for (month, sample) in laws::sample(&process, &at) {
                let years = f64::from(month) / 12.0;
                let degrees = f64::from(m - 1);
                let variance = process.log_variance_at(years).unwrap();
                let scale = (variance * (degrees - 2.0) / degrees).sqrt();
                for p in [0.05_f64, 0.25, 0.5, 0.75, 0.95] {
                    let limit = (-0.3 * years + scale * t.inverse_cdf(p)).exp();
                    let share = laws::share_below(&sample, limit);
                    let n = f64::from(u32::try_from(sample.len()).unwrap());
                    // Forty-five comparisons at 4 standard errors: one false alarm in
                    // 350 seeds.
                    let allowed = 4.0 * (p * (1.0 - p) / n).sqrt();
                    assert!((share - p).abs() < allowed, "{m} {month} {p}: {share}");
                }
            }
        }
    }

    #[test]
    fn a_step_that_is_no_number_of_months_is_refused() {
        let mut at = Checker::new();
        walk(None, 0.3).check(&mut at);
        assert_eq!(at.into_problems().len(), 1);
    }
}
