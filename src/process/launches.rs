//! Jumps on events: a new generation comes, and what it does to the old one's price is
//! not known, not even its sign.
//!
//! Launches do not simply push older parts down: in a shortage their rents rose. So an
//! event has a size that may be nothing, a fall or a rise, never a fixed cut.
//! Read next: [`super::stepwise`], [`super::geometric`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::level::level_of;
use super::{Draws, Process, elicited, rows};
use crate::block::math::inverse_normal;
use crate::block::{LANES, Lane, splat};
use crate::input::{Check, Checker, Uncertain};
use crate::kernel;
use crate::units::MONTHS_PER_YEAR;

const EVENT: u32 = 0;
const SIZE: u32 = 1;

/// A walk with jumps at random dates.
///
/// ```text
/// ln I(n) = ln I(n − 1) + μ/12 + K z/√12 + B U J,   z ~ N(0, 1)
/// B ~ Bernoulli(λ/12),   U ~ Bernoulli(1 − s₀),   J two-piece normal
/// ```
/// where `λ` is `events_per_year` (at most 12: one a month), `s₀` is `no_effect_share`,
/// `J` has the quantiles of `log_size`, `μ` is `drift_per_year` and `K` is
/// `volatility_per_sqrt_year`. Over n months the variance of the logarithm is
/// `n (K²/12 + p v − p² m²)` with `p = (1 − s₀) λ/12`, and `m`, `v` the first two moments
/// of `J`. The median has no closed form.
///
/// **Shapes** two rows: logarithm, room for a size. **Units** none: relative to the quote.
/// **Errors** none; parameters are checked on load (E0201).
/// **Source** Merton (1976), Journal of Financial Economics 3:125, by months.
/// **Checked by** `process::laws`, shares below.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Launches {
    /// Events a year: generations every two years are 0.5.
    pub events_per_year: f64,
    /// The share of events that change nothing. Default 0.
    #[serde(default)]
    pub no_effect_share: f64,
    /// Change of the logarithm at an event; p10 below 0 and p90 above say that even the
    /// sign is open.
    pub log_size: Uncertain,
    /// Drift of the logarithm a year between events. Default 0.
    #[serde(default)]
    pub drift_per_year: f64,
    /// Standard deviation of a year's change of the logarithm between events. Default 0.
    #[serde(default)]
    pub volatility_per_sqrt_year: f64,
}

impl Check for Launches {
    fn check(&self, at: &mut Checker) {
        let events = Uncertain::from(self.events_per_year);
        at.ranged("events_per_year", events, "between 0 and 12", |x| {
            (0.0..=12.0).contains(&x)
        });
        at.share("no_effect_share", Uncertain::from(self.no_effect_share));
        at.ranged("log_size", self.log_size, "a finite number", |_| true);
        let drift = Uncertain::from(self.drift_per_year);
        at.ranged("drift_per_year", drift, "a finite number", |_| true);
        let volatility = Uncertain::from(self.volatility_per_sqrt_year);
        at.non_negative("volatility_per_sqrt_year", volatility);
    }
}

impl Process for Launches {
    fn state_rows(&self) -> usize {
        2
    }

    fn uses_innovation(&self) -> bool {
        self.volatility_per_sqrt_year > 0.0
    }

    fn begin(&self, _: &Draws, state: &mut [Lane]) {
        *rows::<2>(state) = [splat(0.0); 2];
    }

    fn step(
        &self,
        month: u32,
        z: &Lane,
        draws: &Draws,
        state: &mut [Lane],
        level: &mut Lane,
    ) {
        let mut u = [splat(0.5); 4];
        draws.four_uniforms_at(month, EVENT, &mut u);
        let mut size = splat(0.0);
        draws.normal_at(month, SIZE, &mut size);
        let [log, room] = rows::<2>(state);
        elicited::sample(self.log_size, &size, room);
        let chance = self.chance_per_month();
        let drift = self.drift_per_year / MONTHS_PER_YEAR;
        let volatility = self.volatility_per_sqrt_year / MONTHS_PER_YEAR.sqrt();
        jump(chance, drift, volatility, z, &u, room, log, level);
    }

    fn median_at(&self, _: f64) -> Option<f64> {
        None
    }

    fn log_variance_at(&self, years: f64) -> Option<f64> {
        let [p10, p50, p90] = self.log_size.quantiles();
        let (mean, square) = if self.log_size.is_uncertain() {
            // A size above 0 for sure is drawn by its logarithm: another law.
            if p10 > 0.0 {
                return None;
            }
            let z90 = inverse_normal(0.9);
            let (below, above) = ((p50 - p10) / z90, (p90 - p50) / z90);
            let shift = (above - below) / std::f64::consts::TAU.sqrt();
            let spread = 0.5 * (below * below + above * above);
            (p50 + shift, p50 * p50 + 2.0 * p50 * shift + spread)
        } else {
            (p50, p50 * p50)
        };
        let p = self.chance_per_month();
        let between = self.volatility_per_sqrt_year * self.volatility_per_sqrt_year;
        let jumps = p * square - p * p * mean * mean;
        Some(years * (between + MONTHS_PER_YEAR * jumps))
    }
}

impl Launches {
    /// The chance that something happens in a month and changes something.
    fn chance_per_month(&self) -> f64 {
        self.events_per_year / MONTHS_PER_YEAR * (1.0 - self.no_effect_share)
    }
}

kernel! {
    fn jump(
        chance: f64,
        drift: f64,
        volatility: f64,
        z: &Lane,
        u: &[Lane; 4],
        size: &Lane,
        log: &mut Lane,
        level: &mut Lane,
    ) {
        let [event, _, _, _] = u;
        for i in 0..LANES {
            let jump = if event[i] < chance { size[i] } else { 0.0 };
            log[i] += drift + volatility * z[i] + jump;
            level[i] = level_of(log[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::laws;
    use super::*;

    #[test]
    fn events_come_as_often_as_said_and_some_change_nothing() {
        let process = Launches {
            events_per_year: 6.0,
            no_effect_share: 0.5,
            log_size: 1.0.into(),
            drift_per_year: 0.0,
            volatility_per_sqrt_year: 0.0,
        };
        for (month, sample) in laws::sample(&process, &[1, 3]) {
            let still = laws::share_below(&sample, 1.0 + 1e-12);
            let p = 0.75_f64.powi(i32::try_from(month).unwrap());
            let n = f64::from(u32::try_from(sample.len()).unwrap());
            // Two comparisons at 4 standard errors: one false alarm in 8,000 seeds.
            assert!((still - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{still}");
        }
    }

    #[test]
    fn the_sign_of_a_jump_may_be_open() {
        let process = Launches {
            events_per_year: 12.0,
            no_effect_share: 0.0,
            log_size: Uncertain::Between { p10: -0.3, p50: -0.05, p90: 0.2 },
            drift_per_year: 0.0,
            volatility_per_sqrt_year: 0.0,
        };
        let (_, sample) = laws::sample(&process, &[1]).remove(0);
        let n = f64::from(u32::try_from(sample.len()).unwrap());
        for (p, limit) in [(0.1_f64, -0.3_f64), (0.5, -0.05), (0.9, 0.2)] {
            let share = laws::share_below(&sample, limit.exp());
            // Three comparisons at 4 standard errors: one false alarm in 5,000 seeds.
            assert!((share - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{share}");
        }
    }
}
