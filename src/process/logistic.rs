//! Grows along an S to an uncertain ceiling: adoption.
//!
//! Demand rarely grows by a constant rate: users come slowly, then fast, then there are
//! none left. Early data do not say where the ceiling is, so it is sampled and not
//! fitted; what each user asks for is the noise on top. Read next:
//! [`super::yearly_factor`], [`super::elicited`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::level::{LOG_BOUND, Support, level_of};
use super::{Draws, Process, elicited, rows};
use crate::block::math::exp;
use crate::block::{LANES, Lane, splat};
use crate::input::{Check, Checker, Uncertain};
use crate::kernel;
use crate::units::MONTHS_PER_YEAR;

const CEILING: u32 = 0;
const MIDPOINT: u32 = 1;
const RAMP: u32 = 2;
/// A logistic curve takes ln(9) − ln(1/9) of its own time from 10 to 90 %.
const LN_81: f64 = 4.394_449_154_672_439;

/// A logistic curve from today's level to a ceiling, times noise.
///
/// ```text
/// I(t) = (1 + (C − 1) R(t)) e^(σ W(t)),    R(t) = (S(t) − S(0)) / (1 − S(0))
/// S(t) = 1 / (1 + e^(−k (t − t₀))),        k = ln 81 / years from 10 to 90 %
/// ```
/// where `C` is `ceiling_multiple`, `t₀` is `midpoint_years`, `σ` is
/// `volatility_per_sqrt_year` and `W` a Wiener process; `C`, `t₀` and the ramp are drawn
/// once a path. Without `midpoint_years`, `t₀ = ln(C − 1)/k`: today then lies on the
/// curve itself, `I(t) = C S(t)`. With it, the curve starts from today's level: the
/// growth still to come is an S of its own.
///
/// With `q = e^(−k t)`, `R(t) = (1 − q)/(1 + e^(k t₀) q)`, which loses no digits.
///
/// **Shapes** four rows: `σ W`, `C − 1`, `k` a month, `e^(k t₀)`. **Units** none: relative
/// to the quote. **Errors** none; parameters are checked on load (E0201, E0202, E0203).
/// **Source** Verhulst (1838); as an adoption curve, Griliches (1957), Hybrid corn,
/// Econometrica 25:501. That early data do not identify the ceiling: Chandrasekaran and
/// Tellis (2007), Review of Marketing Research 3:39.
/// **Checked by** `process::laws`, the limits and ceilings below.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Logistic {
    /// The level in the end, as a multiple of today's.
    pub ceiling_multiple: Uncertain,
    /// Years from today to the steepest growth; left out, today lies on the curve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub midpoint_years: Option<Uncertain>,
    /// Years that the curve takes from 10 to 90 % of its way.
    pub years_10_to_90: Uncertain,
    /// Standard deviation of a year's noise in the logarithm. Default 0.
    #[serde(default)]
    pub volatility_per_sqrt_year: f64,
}

impl Check for Logistic {
    fn check(&self, at: &mut Checker) {
        at.positive("ceiling_multiple", self.ceiling_multiple);
        at.ranged("midpoint_years", self.midpoint_years, "a finite number", |_| true);
        at.positive("years_10_to_90", self.years_10_to_90);
        let volatility = Uncertain::from(self.volatility_per_sqrt_year);
        at.non_negative("volatility_per_sqrt_year", volatility);
        let [lowest, ..] = self.ceiling_multiple.quantiles();
        if self.midpoint_years.is_none() && lowest > 0.0 && lowest <= 1.0 {
            at.at("ceiling_multiple", |at| {
                at.push(
                    "E0203",
                    format!("today cannot lie on a curve that ends at {lowest} times it"),
                    "raise the ceiling above 1, or say when growth is steepest with \
                     `midpoint_years`"
                        .to_owned(),
                );
            });
        }
    }
}

impl Process for Logistic {
    fn state_rows(&self) -> usize {
        4
    }

    fn uses_innovation(&self) -> bool {
        self.volatility_per_sqrt_year > 0.0
    }

    fn own_numbers(&self) -> u32 {
        3
    }

    fn begin(&self, draws: &Draws, state: &mut [Lane]) {
        let [noise, excess, pull, lead] = rows::<4>(state);
        // The noise row lends its place to the normals that become the parameters.
        draws.normal(RAMP, noise);
        elicited::sample(self.years_10_to_90, noise, pull);
        draws.normal(CEILING, noise);
        elicited::sample(self.excess(), noise, excess);
        // Where the excess is not an excess, it is the ceiling.
        let base = if self.rises_for_sure() { 0.0 } else { 1.0 };
        match self.midpoint_years {
            Some(midpoint) => {
                draws.normal(MIDPOINT, noise);
                elicited::sample(midpoint, noise, lead);
                prepare(base, excess, pull, lead);
            }
            None => prepare_on_curve(base, excess, pull, lead),
        }
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
        grow(f64::from(month), volatility, z, rows::<4>(state), level);
    }

    fn median_at(&self, years: f64) -> Option<f64> {
        let is_known = !self.is_uncertain();
        // The level rises with the ceiling, so without noise the median ceiling gives
        // the median level.
        let only_ceiling = !self.uses_innovation()
            && !self.years_10_to_90.is_uncertain()
            && self.midpoint_years.is_none_or(|t| !t.is_uncertain());
        (is_known || only_ceiling).then(|| self.curve_at(years))
    }

    fn log_variance_at(&self, years: f64) -> Option<f64> {
        let variance = self.volatility_per_sqrt_year * self.volatility_per_sqrt_year;
        (!self.is_uncertain()).then_some(variance * years)
    }
}

impl Logistic {
    fn is_uncertain(&self) -> bool {
        self.ceiling_multiple.is_uncertain()
            || self.years_10_to_90.is_uncertain()
            || self.midpoint_years.is_some_and(Uncertain::is_uncertain)
    }

    /// True when even the low end of the ceiling is above today.
    fn rises_for_sure(&self) -> bool {
        self.ceiling_multiple.quantiles()[0] > 1.0
    }

    /// What is elicited about the ceiling: growth still to come where there is some for
    /// sure, so that no path falls; else the ceiling itself.
    fn excess(&self) -> Uncertain {
        match self.ceiling_multiple {
            Uncertain::Exactly(c) if self.rises_for_sure() => Uncertain::Exactly(c - 1.0),
            Uncertain::Between { p10, p50, p90 } if self.rises_for_sure() => {
                Uncertain::Between { p10: p10 - 1.0, p50: p50 - 1.0, p90: p90 - 1.0 }
            }
            ceiling => ceiling,
        }
    }

    /// The curve of the medians, without noise.
    fn curve_at(&self, years: f64) -> f64 {
        let excess = self.ceiling_multiple.median() - 1.0;
        let pull = pull_of(self.years_10_to_90.median());
        let lead = self
            .midpoint_years
            .map_or_else(|| lead_on_curve(excess), |t| lead_of(pull, t.median()));
        curve(excess, lead, exp(-(pull * years).min(LOG_BOUND)))
    }
}

/// `k`, a year.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
fn pull_of(years_10_to_90: f64) -> f64 {
    LN_81 / years_10_to_90.max(1e-6)
}

/// `e^(k t₀)`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
fn lead_of(pull: f64, midpoint_years: f64) -> f64 {
    exp((pull * midpoint_years).clamp(-LOG_BOUND, LOG_BOUND))
}

/// `e^(k t₀)` of the curve on which today lies: `C S(0) = 1`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
fn lead_on_curve(excess: f64) -> f64 {
    excess.max(0.0)
}

/// `1 + (C − 1) R`, with `q = e^(−k t)`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
fn curve(excess: f64, lead: f64, q: f64) -> f64 {
    1.0 + excess * ((1.0 - q) / (1.0 + lead * q))
}

kernel! {
    fn prepare(base: f64, excess: &mut Lane, pull: &mut Lane, lead: &mut Lane) {
        for i in 0..LANES {
            let a_year = pull_of(pull[i]);
            excess[i] -= base;
            lead[i] = lead_of(a_year, lead[i]);
            pull[i] = a_year / MONTHS_PER_YEAR;
        }
    }

    fn prepare_on_curve(base: f64, excess: &mut Lane, pull: &mut Lane, lead: &mut Lane) {
        for i in 0..LANES {
            excess[i] -= base;
            lead[i] = lead_on_curve(excess[i]);
            pull[i] = pull_of(pull[i]) / MONTHS_PER_YEAR;
        }
    }

    fn grow(
        month: f64,
        volatility: f64,
        z: &Lane,
        state: &mut [Lane; 4],
        level: &mut Lane,
    ) {
        let [noise, excess, pull, lead] = state;
        for i in 0..LANES {
            noise[i] += volatility * z[i];
            let q = exp(-(pull[i] * month).min(LOG_BOUND));
            let grown = curve(excess[i], lead[i], q) * level_of(noise[i]);
            level[i] = grown.clamp(Support::POSITIVE.low, Support::POSITIVE.high);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::laws;
    use super::*;

    fn between(p10: f64, p50: f64, p90: f64) -> Uncertain {
        Uncertain::Between { p10, p50, p90 }
    }

    fn adoption(ceiling: Uncertain, midpoint: Option<f64>) -> Logistic {
        Logistic {
            ceiling_multiple: ceiling,
            midpoint_years: midpoint.map(Uncertain::from),
            years_10_to_90: 4.0.into(),
            volatility_per_sqrt_year: 0.0,
        }
    }

    #[test]
    fn the_curve_is_the_written_formula_from_today_to_the_ceiling() {
        let (c, t0, k) = (20.0, 2.5, 81.0_f64.ln() / 4.0);
        let s = |t: f64| 1.0 / (1.0 + (-k * (t - t0)).exp());
        let process = adoption(c.into(), Some(t0));
        for t in [0.0, 0.25, 1.0, 2.5, 6.0, 20.0, 400.0] {
            let wanted = 1.0 + (c - 1.0) * (s(t) - s(0.0)) / (1.0 - s(0.0));
            assert!((process.median_at(t).unwrap() / wanted - 1.0).abs() < 1e-12, "{t}");
        }
    }

    #[test]
    fn without_a_midpoint_today_lies_on_the_curve() {
        let (c, k) = (20.0, 81.0_f64.ln() / 4.0);
        let t0 = 19.0_f64.ln() / k;
        let process = adoption(c.into(), None);
        for t in [0.0, 1.0, 3.0, 9.0_f64] {
            let wanted = c / (1.0 + (-k * (t - t0)).exp());
            assert!((process.median_at(t).unwrap() / wanted - 1.0).abs() < 1e-12, "{t}");
        }
        let (t10, t90) = (t0 - 2.0, t0 + 2.0);
        assert!((process.median_at(t10).unwrap() / c - 0.1).abs() < 1e-12);
        assert!((process.median_at(t90).unwrap() / c - 0.9).abs() < 1e-12);
    }

    #[test]
    fn in_the_end_paths_have_the_quantiles_of_the_ceiling() {
        for (midpoint, band) in [
            (None, [1.5, 8.0, 30.0]),
            (Some(1.0), [0.5, 2.0, 30.0]),
            (Some(1.0), [2.0, 3.0, 4.0]),
        ] {
            let [p10, p50, p90] = band;
            let mut process = adoption(between(p10, p50, p90), midpoint);
            process.years_10_to_90 = 0.5.into();
            let (_, sample) = laws::sample(&process, &[240]).remove(0);
            let n = f64::from(u32::try_from(sample.len()).unwrap());
            for (p, limit) in [(0.1_f64, p10), (0.5, p50), (0.9, p90)] {
                let share = laws::share_below(&sample, limit * (1.0 + 1e-12));
                // Nine comparisons at 4 standard errors: one false alarm in 1,700 seeds.
                assert!((share - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{share}");
            }
        }
    }

    #[test]
    fn a_ceiling_above_today_never_lets_a_path_fall() {
        for midpoint in [None, Some(3.0)] {
            let process = adoption(between(1.05, 1.5, 40.0), midpoint);
            for (_, sample) in laws::sample(&process, &[1, 60]) {
                assert!(sample.iter().all(|&x| x >= 1.0));
            }
        }
    }

    #[test]
    fn extreme_parameters_give_finite_levels() {
        for (ramp, midpoint) in
            [(1e-9, -1e9), (1e-9, 1e9), (1e9, 1e9), (1e9, -1e9), (0.0, 0.0), (-3.0, 2.0)]
        {
            let mut process = adoption(50.0.into(), Some(midpoint));
            process.years_10_to_90 = ramp.into();
            for (_, sample) in laws::sample(&process, &[1, 60]) {
                assert!(
                    sample.iter().all(|&x| x.is_finite() && x > 0.0),
                    "{ramp} {midpoint}"
                );
            }
        }
    }

    #[test]
    fn a_ceiling_below_today_needs_a_midpoint() {
        let keys = |process: &Logistic| {
            let mut at = Checker::new();
            process.check(&mut at);
            at.into_problems().into_iter().map(|p| p.code).collect::<Vec<_>>()
        };
        assert_eq!(keys(&adoption(between(0.5, 2.0, 3.0), None)), ["E0203"]);
        assert!(keys(&adoption(between(0.5, 2.0, 3.0), Some(1.0))).is_empty());
        assert_eq!(keys(&adoption((-1.0).into(), None)), ["E0201"]);
    }
}
