//! A random walk of the logarithm, with the error of its estimated parameters.
//!
//! The plain model of technology costs, tried on 8,212 hindcasts of 53 technologies
//! (Farmer and Lafond 2016). A drift and a volatility taken from a short history are
//! themselves uncertain, and bands that forget it are too narrow: say how short with
//! `observations`. Even so, the hindcasts found yearly changes that repeat themselves
//! (moving average, θ = 0.63), under which the band five years out from ten
//! observations is 1.3 times as wide; that is [`super::moving_average`].
//! Read next: [`super::mean_reverting`], [`super::yearly_factor`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::level::{level_fused_or_not, level_of};
use super::{Draws, Process, rows};
use crate::block::math::mul_add;
use crate::block::{LANES, Lane};
use crate::input::{Check, Checker, Uncertain};
use crate::units::MONTHS_PER_YEAR;
use crate::{fusable_kernel, kernel};

const VOLATILITY: u32 = 0;
const DRIFT: u32 = 1;
/// Two changes say next to nothing about their own spread.
const FEWEST_OBSERVATIONS: u32 = 3;
/// From here on the volatility is as good as known (to 2 %): more observations lengthen
/// the history, and so sharpen the drift, but draw no longer sums for the volatility.
const MOST_DEGREES: u32 = 1000;

/// A geometric random walk, stepped exactly (no discretisation error).
///
/// ```text
/// ln I(t + Δ) = ln I(t) + μ Δ + K √Δ z,   z ~ N(0, 1)
///
/// known parameters:      μ = μ̂,  K = K̂
/// from m observations:   K² = (m − 1) K̂² / χ²(m − 1),   μ | K ~ N(μ̂, K²/(m h))
/// ```
/// where `μ̂` is `drift_per_year`, `K̂` is `volatility_per_sqrt_year`, `m` is
/// `observations`, `h` is `observation_step_years`, and `K`, `μ` are drawn once a path.
/// With `drift_is_known`, `μ = μ̂` and `K² = m K̂² / χ²(m)`: a drift that is a decision (no
/// drift, say) and a volatility estimated about it. Otherwise `(ln I(t) − μ̂ t) / (K̂ √(t + t²/(m h)))` follows Student's t with m − 1 degrees:
/// report medians, for the mean of such an index does not exist.
///
/// **Shapes** three rows: logarithm, drift a month, volatility a √month. **Units** none:
/// relative to the quote. **Errors** none; parameters are checked on load (E0201).
/// **Source** Farmer and Lafond (2016), How predictable is technological progress?,
/// Research Policy 45:647, eq. 2, 8–10, 17, 18.
/// **Checked by** the Student quantiles below, `process::laws`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Geometric {
    /// Drift of the natural logarithm, and so of the median, a year; −0.22 is a fifth
    /// cheaper a year.
    pub drift_per_year: f64,
    /// Standard deviation of the yearly change of the logarithm.
    pub volatility_per_sqrt_year: f64,
    /// The number of changes the two were estimated on, at least 3; left out, they are
    /// taken as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observations: Option<u32>,
    /// Years between two observations: 1 for yearly data (the default), 1/12 for monthly.
    #[serde(default = "one_year")]
    pub observation_step_years: f64,
    /// True where the drift is not estimated but decided, such as none. Default false.
    #[serde(default)]
    pub drift_is_known: bool,
}

fn one_year() -> f64 {
    1.0
}

impl Check for Geometric {
    fn check(&self, at: &mut Checker) {
        let drift = Uncertain::from(self.drift_per_year);
        at.ranged("drift_per_year", drift, "a finite number", |_| true);
        let volatility = Uncertain::from(self.volatility_per_sqrt_year);
        at.non_negative("volatility_per_sqrt_year", volatility);
        let observations = self.observations.map(|m| Uncertain::from(f64::from(m)));
        at.ranged("observations", observations, "at least 3", |m| {
            m >= f64::from(FEWEST_OBSERVATIONS)
        });
        let step = Uncertain::from(self.observation_step_years);
        at.positive("observation_step_years", step);
    }
}

impl Process for Geometric {
    fn state_rows(&self) -> usize {
        if self.observations.is_some_and(|m| m > 1) { 3 } else { 1 }
    }

    fn uses_innovation(&self) -> bool {
        self.volatility_per_sqrt_year > 0.0
    }

    fn own_numbers(&self) -> u32 {
        if self.observations.is_some_and(|m| m > 1) { 2 } else { 0 }
    }

    fn begin(&self, draws: &Draws, state: &mut [Lane]) {
        rows::<1>(state)[0].fill(0.0);
        let Some(observations) = self.observations.filter(|&m| m > 1) else { return };
        let [_, drift, volatility] = rows::<3>(state);
        let degrees = self.degrees_of(observations);
        draws.chi_squared(VOLATILITY, degrees, volatility);
        draws.normal(DRIFT, drift);
        let scale = self.volatility_per_sqrt_year * f64::from(degrees).sqrt();
        let span_years = self.span_years(observations);
        estimate(self.drift_per_year, scale, span_years.sqrt(), drift, volatility);
    }

    fn step(&self, _: u32, z: &Lane, _: &Draws, state: &mut [Lane], level: &mut Lane) {
        if self.observations.is_some_and(|m| m > 1) {
            walk(z, rows::<3>(state), level);
        } else {
            let drift = self.drift_per_year / MONTHS_PER_YEAR;
            let volatility = self.volatility_per_sqrt_year / MONTHS_PER_YEAR.sqrt();
            walk_known(z, drift, volatility, &mut rows::<1>(state)[0], level);
        }
    }

    fn median_at(&self, years: f64) -> Option<f64> {
        Some(level_of(self.drift_per_year * years))
    }

    fn log_variance_at(&self, years: f64) -> Option<f64> {
        let variance = self.volatility_per_sqrt_year * self.volatility_per_sqrt_year;
        let Some(observations) = self.observations.filter(|&m| m > 1) else {
            return Some(variance * years);
        };
        let degrees = f64::from(self.degrees_of(observations));
        let span_years = self.span_years(observations);
        (degrees > 2.0).then(|| {
            let heavier = degrees / (degrees - 2.0);
            variance * heavier * (years + years * years / span_years)
        })
    }
}

impl Geometric {
    /// Degrees of freedom of a volatility estimated on more than one observation.
    fn degrees_of(&self, observations: u32) -> u32 {
        (observations - u32::from(!self.drift_is_known)).min(MOST_DEGREES)
    }

    /// The history's length, as far as it matters: none is too short for a drift that is
    /// known.
    fn span_years(&self, observations: u32) -> f64 {
        if self.drift_is_known {
            f64::INFINITY
        } else {
            f64::from(observations) * self.observation_step_years
        }
    }
}

kernel! {
    /// Turns χ² and normal numbers into the volatility and drift of each path, a month.
    fn estimate(
        drift_per_year: f64,
        scale: f64,
        root_span: f64,
        drift: &mut Lane,
        volatility: &mut Lane,
    ) {
        let root_month = (1.0 / MONTHS_PER_YEAR).sqrt();
        for i in 0..LANES {
            let k = scale / volatility[i].sqrt();
            drift[i] = (drift_per_year + k / root_span * drift[i]) / MONTHS_PER_YEAR;
            volatility[i] = k * root_month;
        }
    }
}

fusable_kernel! {
    fn walk_known(
        z: &Lane, drift: f64, volatility: f64, log: &mut Lane, level: &mut Lane,
    ) {
        for i in 0..LANES {
            log[i] += mul_add::<FUSED>(volatility, z[i], drift);
            level[i] = level_fused_or_not::<FUSED>(log[i]);
        }
    }

    fn walk(z: &Lane, state: &mut [Lane; 3], level: &mut Lane) {
        let [log, drift, volatility] = state;
        for i in 0..LANES {
            log[i] += mul_add::<FUSED>(volatility[i], z[i], drift[i]);
            level[i] = level_fused_or_not::<FUSED>(log[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, StudentsT};

    use super::super::laws;
    use super::*;

    fn estimated(m: u32, h: f64) -> Geometric {
        Geometric {
            drift_per_year: -0.22,
            volatility_per_sqrt_year: 0.25,
            observations: Some(m),
            observation_step_years: h,
            drift_is_known: false,
        }
    }

    #[test]
    fn forecasts_from_a_short_history_have_student_quantiles_at_every_horizon() {
        for process in [estimated(5, 1.0), estimated(10, 1.0), estimated(36, 1.0 / 12.0)]
        {
            let m = f64::from(process.observations.unwrap());
            let student = StudentsT::new(0.0, 1.0, m - 1.0).unwrap();
            for (month, sample) in laws::sample(&process, &[1, 12, 60, 120]) {
                let t = f64::from(month) / 12.0;
                let scale =
                    0.25 * (t + t * t / (m * process.observation_step_years)).sqrt();
                let n = f64::from(u32::try_from(sample.len()).unwrap());
                for p in [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99_f64] {
                    let limit = (-0.22 * t + scale * student.inverse_cdf(p)).exp();
                    let share = laws::share_below(&sample, limit);
                    // 84 comparisons at 4 standard errors: one false alarm in 190 seeds.
                    let allowed = 4.0 * (p * (1.0 - p) / n).sqrt();
                    assert!(
                        (share - p).abs() < allowed,
                        "m {m}, month {month}: {share} for {p}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_long_history_is_nearly_a_known_parameter() {
        let known = Geometric { observations: None, ..estimated(10, 1.0) };
        let ratio = |m| {
            estimated(m, 1.0).log_variance_at(5.0).unwrap()
                / known.log_variance_at(5.0).unwrap()
        };
        assert!(ratio(5) > 3.0);
        assert!((ratio(5000) - 1.0).abs() < 0.01);
        assert!(estimated(3, 1.0).log_variance_at(1.0).is_none());
    }

    #[test]
    fn without_volatility_every_path_is_the_median() {
        let sure = Geometric { volatility_per_sqrt_year: 0.0, ..estimated(5, 1.0) };
        assert!(!sure.uses_innovation());
        for (_, sample) in laws::sample(&sure, &[24]) {
            let wanted = sure.median_at(2.0).unwrap();
            assert!(sample.iter().all(|x| (x / wanted - 1.0).abs() < 1e-14));
        }
    }

    #[test]
    fn parameters_out_of_range_are_named() {
        let mut at = Checker::new();
        Geometric { observations: Some(2), ..estimated(5, 0.0) }.check(&mut at);
        let keys: Vec<String> =
            at.into_problems().into_iter().map(|p| p.key_path.join(".")).collect();
        assert_eq!(keys, ["observations", "observation_step_years"]);
    }
}
