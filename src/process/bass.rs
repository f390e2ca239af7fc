//! Adoption by innovators and imitators, to a ceiling nobody knows yet: Bass.
//!
//! Early data do not say where adoption ends (estimates are stable only once sales have
//! peaked), so the ceiling is sampled and not fitted. Starts faster than
//! [`super::logistic`] does: some come without having seen anyone.

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
const INNOVATION: u32 = 1;
const IMITATION: u32 = 2;

/// A Bass curve from today's level to a ceiling, times noise.
///
/// ```text
/// I(t) = (1 + (C − 1) R(t)) e^(σ W(t)),   R(t) = (F(a + t) − F(a)) / (1 − F(a))
/// F(t) = (1 − e^(−(p + q) t)) / (1 + (q/p) e^(−(p + q) t))
/// ```
/// where `C` is `ceiling_multiple`, `p` is `innovation_per_year`, `q` is
/// `imitation_per_year`, `a` is `years_since_launch` and `σ` is
/// `volatility_per_sqrt_year`; `C`, `p` and `q` are drawn once a path. With
/// `Q = e^(−(p + q) t)` and `c = (q/p) e^(−(p + q) a)`, `R = (1 − Q)/(1 + c Q)`.
///
/// **Shapes** four rows: `σ W`, `C`, `p + q` a month, `c`. **Units** none: relative to the
/// quote. **Errors** none; parameters are checked on load (E0201).
/// **Source** Bass (1969), Management Science 15:215. Means over many products: p = 0.03,
/// q = 0.38 (Sultan, Farley and Lehmann 1990); p 0.0007 to 0.03, q 0.38 to 0.53
/// (Chandrasekaran and Tellis 2007, Review of Marketing Research 3:39).
/// **Checked by** `process::laws`, the written formula below.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bass {
    /// The level in the end, as a multiple of today's.
    pub ceiling_multiple: Uncertain,
    /// Adoption a year by those who need no example. Default 0.0007, 0.01, 0.03.
    #[serde(default = "usual_innovation")]
    pub innovation_per_year: Uncertain,
    /// Adoption a year by example, when everybody is one. Default 0.30, 0.38, 0.53.
    #[serde(default = "usual_imitation")]
    pub imitation_per_year: Uncertain,
    /// Years since adoption began. Default 0.
    #[serde(default)]
    pub years_since_launch: f64,
    /// Standard deviation of a year's noise in the logarithm. Default 0.
    #[serde(default)]
    pub volatility_per_sqrt_year: f64,
}

fn usual_innovation() -> Uncertain {
    Uncertain::Between { p10: 0.0007, p50: 0.01, p90: 0.03 }
}

fn usual_imitation() -> Uncertain {
    Uncertain::Between { p10: 0.30, p50: 0.38, p90: 0.53 }
}

impl Check for Bass {
    fn check(&self, at: &mut Checker) {
        at.positive("ceiling_multiple", self.ceiling_multiple);
        at.positive("innovation_per_year", self.innovation_per_year);
        at.positive("imitation_per_year", self.imitation_per_year);
        at.non_negative("years_since_launch", Uncertain::from(self.years_since_launch));
        let volatility = Uncertain::from(self.volatility_per_sqrt_year);
        at.non_negative("volatility_per_sqrt_year", volatility);
    }
}

impl Process for Bass {
    fn state_rows(&self) -> usize {
        4
    }

    fn uses_innovation(&self) -> bool {
        self.volatility_per_sqrt_year > 0.0
    }

    fn begin(&self, draws: &Draws, state: &mut [Lane]) {
        let [noise, ceiling, rate, lead] = rows::<4>(state);
        draws.normal(CEILING, noise);
        elicited::sample(self.ceiling_multiple, noise, ceiling);
        draws.normal(INNOVATION, noise);
        elicited::sample(self.innovation_per_year, noise, rate);
        draws.normal(IMITATION, noise);
        elicited::sample(self.imitation_per_year, noise, lead);
        prepare(self.years_since_launch, rate, lead);
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
        adopt(f64::from(month), volatility, z, rows::<4>(state), level);
    }

    fn median_at(&self, years: f64) -> Option<f64> {
        let rates = [self.innovation_per_year, self.imitation_per_year];
        let is_known = !rates.iter().any(|u| u.is_uncertain());
        let ceiling = self.ceiling_multiple;
        // Without noise the level rises with the ceiling.
        (is_known && !(ceiling.is_uncertain() && self.uses_innovation())).then(|| {
            let [p, q] = rates.map(Uncertain::median);
            let lead = lead_of(p, q, self.years_since_launch);
            1.0 + (ceiling.median() - 1.0) * adopted((p + q) * years, lead)
        })
    }

    fn log_variance_at(&self, years: f64) -> Option<f64> {
        let all =
            [self.ceiling_multiple, self.innovation_per_year, self.imitation_per_year];
        let variance = self.volatility_per_sqrt_year * self.volatility_per_sqrt_year;
        (!all.iter().any(|u| u.is_uncertain())).then_some(variance * years)
    }
}

/// `(q/p) e^(−(p + q) a)`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
fn lead_of(p: f64, q: f64, years: f64) -> f64 {
    q / p.max(1e-12) * exp(-((p + q) * years).min(LOG_BOUND))
}

/// R, after `x = (p + q) t`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a kernel vectorises only what it inlines")]
fn adopted(x: f64, lead: f64) -> f64 {
    let left = exp(-x.min(LOG_BOUND));
    (1.0 - left) / (1.0 + lead * left)
}

kernel! {
    fn prepare(years: f64, rate: &mut Lane, lead: &mut Lane) {
        for i in 0..LANES {
            let (p, q) = (rate[i], lead[i]);
            rate[i] = (p + q) / MONTHS_PER_YEAR;
            lead[i] = lead_of(p, q, years);
        }
    }

    fn adopt(month: f64, volatility: f64, z: &Lane, state: &mut [Lane; 4], level: &mut Lane) {
        let [noise, ceiling, rate, lead] = state;
        for i in 0..LANES {
            noise[i] += volatility * z[i];
            let grown = 1.0 + (ceiling[i] - 1.0) * adopted(rate[i] * month, lead[i]);
            let now = grown * level_of(noise[i]);
            level[i] = now.clamp(Support::POSITIVE.low, Support::POSITIVE.high);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_the_written_formula() {
        let (p, q, a, c) = (0.03, 0.38, 1.5, 9.0);
        let process = Bass {
            ceiling_multiple: c.into(),
            innovation_per_year: p.into(),
            imitation_per_year: q.into(),
            years_since_launch: a,
            volatility_per_sqrt_year: 0.0,
        };
        let share = |t: f64| {
            let left = (-(p + q) * t).exp();
            (1.0 - left) / (1.0 + q / p * left)
        };
        for t in [0.0, 0.5, 3.0, 12.0, 90.0] {
            let wanted = 1.0 + (c - 1.0) * (share(a + t) - share(a)) / (1.0 - share(a));
            let found = process.median_at(t).unwrap();
            assert!((found / wanted - 1.0).abs() < 1e-12, "{t}: {found}, not {wanted}");
        }
    }
}
