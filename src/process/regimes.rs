//! A market that is glutted, normal or short, for nobody knows how long.
//!
//! List rents of one accelerator fell by 2.9 % a month for twenty months and then rose by
//! 3.0 % a month for eleven: no constant drift does that. One cycle says next to nothing
//! about how long a regime lasts, so its mean stay is drawn once a path from a wide band.
//! Read next: [`super::geometric`], [`super::stepwise`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::level::level_of;
use super::{Draws, Process, elicited, rows};
use crate::block::{LANES, Lane, splat};
use crate::input::{Check, Checker, Uncertain};
use crate::kernel;
use crate::units::MONTHS_PER_YEAR;

const STAY: u32 = 0;
const START: u32 = 3;
const LEAVE: u32 = 4;

/// What today's market is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// More is offered than asked for.
    Glut,
    /// Neither.
    Normal,
    /// More is asked for than offered.
    Crunch,
}

/// One regime's law.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stay {
    /// Drift of the logarithm a year while it lasts.
    pub drift_per_year: f64,
    /// Standard deviation of a year's change of the logarithm while it lasts.
    pub volatility_per_sqrt_year: f64,
    /// Mean stay, months; drawn once a path.
    pub mean_stay_months: Uncertain,
}

/// A walk whose drift and volatility change with a hidden regime.
///
/// ```text
/// ln I(n) = ln I(n − 1) + μ_s/12 + K_s z/√12,    s = s(n) the regime
/// P(s leaves in a month) = 1/S_s,   S_s the mean stay, drawn once a path
/// glut → normal,   crunch → normal,   normal → crunch with probability q, else glut
/// ```
/// where `q` is `crunch_share`. Without `start` today's regime is drawn with the odds of
/// the long run, `glut : normal : crunch = (1 − q) S_g : S_n : q S_c` at median stays. A
/// stay is geometric, so an old regime is not due to end.
///
/// **Shapes** five rows: logarithm, regime (0, 1, 2), and three odds of leaving.
/// **Units** none: relative to the quote. **Errors** none; parameters are checked on load
/// (E0201). **Source** Hamilton (1989), Econometrica 57:357. Defaults: archived list rents
/// of one accelerator, February 2024 to September 2026 (−2.9 % a month for 20 months,
/// +3.0 % for 11); stays are a prior, for that is one cycle.
/// **Checked by** `process::laws`, stays and odds below.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Regimes {
    /// Today's regime; left out, it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Regime>,
    /// The share of departures from normal that end in a crunch. Default 0.5.
    pub crunch_share: f64,
    /// Default: −0.35 a year, 0.17, 12 to 24 months.
    pub glut: Stay,
    /// Default: no drift, 0.17, 6 to 24 months.
    pub normal: Stay,
    /// Default: +0.36 a year, 0.17, 6 to 18 months.
    pub crunch: Stay,
}

impl Default for Regimes {
    fn default() -> Self {
        let stay = |drift_per_year, p10, p50, p90| Stay {
            drift_per_year,
            volatility_per_sqrt_year: 0.17,
            mean_stay_months: Uncertain::Between { p10, p50, p90 },
        };
        Self {
            start: None,
            crunch_share: 0.5,
            glut: stay(-0.35, 12.0, 18.0, 24.0),
            normal: stay(0.0, 6.0, 12.0, 24.0),
            crunch: stay(0.36, 6.0, 11.0, 18.0),
        }
    }
}

impl Check for Regimes {
    fn check(&self, at: &mut Checker) {
        at.share("crunch_share", Uncertain::from(self.crunch_share));
        for (name, stay) in
            [("glut", &self.glut), ("normal", &self.normal), ("crunch", &self.crunch)]
        {
            at.at(name, |at| {
                let drift = Uncertain::from(stay.drift_per_year);
                at.ranged("drift_per_year", drift, "a finite number", |_| true);
                let volatility = Uncertain::from(stay.volatility_per_sqrt_year);
                at.non_negative("volatility_per_sqrt_year", volatility);
                let months = stay.mean_stay_months;
                at.ranged("mean_stay_months", months, "at least 1", |x| x >= 1.0);
            });
        }
    }
}

impl Process for Regimes {
    fn state_rows(&self) -> usize {
        5
    }

    fn uses_innovation(&self) -> bool {
        self.stays().iter().any(|stay| stay.volatility_per_sqrt_year > 0.0)
    }

    fn begin(&self, draws: &Draws, state: &mut [Lane]) {
        let [log, regime, odds @ ..] = rows::<5>(state);
        for (slot, (stay, odds)) in (STAY..).zip(self.stays().into_iter().zip(odds)) {
            draws.normal(slot, log);
            elicited::sample(stay.mean_stay_months, log, odds);
            for months in odds.iter_mut() {
                *months = 1.0 / months.max(1.0);
            }
        }
        draws.uniform(START, regime);
        let [glut, normal, _] = self.start_odds();
        for u in regime.iter_mut() {
            *u = if *u < glut {
                0.0
            } else if *u < glut + normal {
                1.0
            } else {
                2.0
            };
        }
        *log = splat(0.0);
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
        draws.four_uniforms_at(month, LEAVE, &mut u);
        let drifts = self.stays().map(|s| s.drift_per_year / MONTHS_PER_YEAR);
        let root = MONTHS_PER_YEAR.sqrt();
        let volatilities = self.stays().map(|s| s.volatility_per_sqrt_year / root);
        move_on(drifts, volatilities, self.crunch_share, z, &u, rows::<5>(state), level);
    }

    fn median_at(&self, years: f64) -> Option<f64> {
        // Where all drifts are the same, the regime only changes the spread.
        let [a, b, c] = self.stays().map(|s| s.drift_per_year);
        let same = (a - b).abs() < 1e-15 && (b - c).abs() < 1e-15;
        (same || years <= 0.0).then(|| level_of(a * years))
    }

    fn log_variance_at(&self, years: f64) -> Option<f64> {
        let [a, b, c] = self.stays().map(|s| s.volatility_per_sqrt_year);
        let same = (a - b).abs() < 1e-15 && (b - c).abs() < 1e-15;
        let median = self.median_at(years)?;
        (same && median > 0.0).then_some(a * a * years)
    }
}

impl Regimes {
    fn stays(&self) -> [&Stay; 3] {
        [&self.glut, &self.normal, &self.crunch]
    }

    /// The odds of today's regime: glut, normal, crunch.
    fn start_odds(&self) -> [f64; 3] {
        match self.start {
            Some(Regime::Glut) => [1.0, 0.0, 0.0],
            Some(Regime::Normal) => [0.0, 1.0, 0.0],
            Some(Regime::Crunch) => [0.0, 0.0, 1.0],
            None => {
                let [g, n, c] =
                    self.stays().map(|s| s.mean_stay_months.median().max(1.0));
                let odds = [(1.0 - self.crunch_share) * g, n, self.crunch_share * c];
                odds.map(|x| x / (odds[0] + odds[1] + odds[2]))
            }
        }
    }
}

kernel! {
    fn move_on(
        drifts: [f64; 3],
        volatilities: [f64; 3],
        crunch_share: f64,
        z: &Lane,
        u: &[Lane; 4],
        state: &mut [Lane; 5],
        level: &mut Lane,
    ) {
        let [log, regime, glut, normal, crunch] = state;
        let [leave, choose, _, _] = u;
        for i in 0..LANES {
            let now = regime[i];
            let odds = if now < 0.5 {
                glut[i]
            } else if now < 1.5 {
                normal[i]
            } else {
                crunch[i]
            };
            let out = if choose[i] < crunch_share { 2.0 } else { 0.0 };
            let next = if now > 0.5 && now < 1.5 { out } else { 1.0 };
            let now = if leave[i] < odds { next } else { now };
            regime[i] = now;
            let pick = |of: [f64; 3]| {
                if now < 0.5 {
                    of[0]
                } else if now < 1.5 {
                    of[1]
                } else {
                    of[2]
                }
            };
            log[i] += pick(drifts) + pick(volatilities) * z[i];
            level[i] = level_of(log[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::laws;
    use super::*;

    /// Without noise a path tells its regimes: a month of glut halves, of crunch doubles.
    fn telling(start: Option<Regime>, stay: f64) -> Regimes {
        let of = |drift: f64| Stay {
            drift_per_year: drift * MONTHS_PER_YEAR * std::f64::consts::LN_2,
            volatility_per_sqrt_year: 0.0,
            mean_stay_months: stay.into(),
        };
        Regimes {
            start,
            crunch_share: 0.25,
            glut: of(-1.0),
            normal: of(0.0),
            crunch: of(1.0),
        }
    }

    #[test]
    fn a_regime_is_left_with_the_odds_of_its_stay() {
        let process = telling(Some(Regime::Crunch), 10.0);
        for (month, sample) in laws::sample(&process, &[1, 5]) {
            let full = 2.0_f64.powi(i32::try_from(month).unwrap()) * 0.999;
            let stayed = 1.0 - laws::share_below(&sample, full);
            let p = 0.9_f64.powi(i32::try_from(month).unwrap());
            let n = f64::from(u32::try_from(sample.len()).unwrap());
            // Two comparisons at 4 standard errors: one false alarm in 8,000 seeds.
            assert!((stayed - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{stayed}");
        }
    }

    #[test]
    fn an_unknown_start_has_the_odds_of_the_long_run() {
        let process = telling(None, 1000.0);
        let (_, sample) = laws::sample(&process, &[1]).remove(0);
        let glut = laws::share_below(&sample, 0.6);
        let normal = laws::share_below(&sample, 1.5) - glut;
        // 0.75 : 1 : 0.25 of 2, less a thousandth that left.
        assert!((glut - 0.375).abs() < 0.01 && (normal - 0.5).abs() < 0.01, "{glut}");
    }

    #[test]
    fn the_default_can_fall_and_rise_by_a_third_within_a_year() {
        let (_, sample) = laws::sample(&Regimes::default(), &[12]).remove(0);
        assert!(laws::share_below(&sample, 0.7) > 0.1);
        assert!(laws::share_below(&sample, 1.3) < 0.9);
    }

    #[test]
    fn a_stay_of_less_than_a_month_is_refused() {
        let mut at = Checker::new();
        telling(None, 0.5).check(&mut at);
        assert_eq!(at.into_problems().len(), 3);
    }
}
