//! Stands between generations and jumps when the next one comes: FLOP per dollar of new
//! hardware.
//!
//! A smooth trend makes every month as good as the next to buy in. Hardware does not: for
//! two years the same part is sold, then a better one is, at a date and by a factor that
//! nobody knows for sure. Only so is waiting for the next one a choice worth something.
//! Read next: [`super::launches`], [`super::geometric`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::level::level_of;
use super::{Draws, Process, elicited, rows};
use crate::block::{LANES, Lane, splat};
use crate::input::{Check, Checker, Uncertain};
use crate::kernel;
use crate::units::MONTHS_PER_YEAR;

const FIRST: u32 = 0;
const INTERVAL: u32 = 1;
const GAIN: u32 = 2;

/// A renewal process of jumps, with a drift between them.
///
/// ```text
/// ln I(n) = ln I(n − 1) + μ/12 + K z/√12 + G  in a month a generation comes, else without G
/// ```
/// The first generation comes when what is left of today's interval is over, each later
/// one a new interval after the one before; intervals T (months, at least 1) and gains `G`
/// (of the logarithm) are drawn anew for each, from `years_between` and `log_gain`. Of the
/// first interval `years_since_last` are gone: one that was to be shorter ends next month.
/// `μ` is `drift_per_year` and `K` `volatility_per_sqrt_year`, between generations: street
/// prices. A rate a year in the long run: mean gain over mean interval. No closed form of
/// median or variance: arrivals are not Poisson.
///
/// **Shapes** four rows: logarithm, months to the next, room for an interval and a gain.
/// **Units** none: relative to the quote. **Errors** none; parameters are checked on load
/// (E0201). **Source** renewal reward, Cox (1962), Renewal Theory. Defaults: flagship
/// data-centre GPUs of one vendor were released in June 2017, May 2020, September 2022 and
/// November 2024, 2.9, 2.4 and 2.2 years apart, and dense 16-bit FLOP/s per launch dollar
/// rose by 0.65 and 0.35 in the logarithm (V100 at 11,500 USD, A100 at 15,000, H100 at
/// 33,600; Epoch AI, Machine Learning Hardware); the bands around them are priors.
/// **Checked by** `process::laws`, dates and gains below.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Generations {
    /// Years from one generation to the next. Default 2.0, 2.4, 3.0.
    pub years_between: Uncertain,
    /// Years since today's generation came. Default 0.
    pub years_since_last: f64,
    /// Gain of the logarithm with a generation. Default 0.2, 0.5, 0.8.
    pub log_gain: Uncertain,
    /// Drift of the logarithm a year between generations. Default 0.
    pub drift_per_year: f64,
    /// Standard deviation of a year's change of the logarithm between generations.
    /// Default 0.
    pub volatility_per_sqrt_year: f64,
    /// Name of the dates: quantities that give the same one, with the same
    /// `years_between` and `years_since_last`, get a generation in the same months, each
    /// with a gain of its own. Default: dates of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<String>,
}

impl Generations {
    /// What the dates are drawn from.
    fn dates(&self, draws: &Draws) -> Draws {
        self.dates.as_ref().map_or_else(|| draws.clone(), |name| draws.shared(name))
    }
}

impl Default for Generations {
    fn default() -> Self {
        Self {
            years_between: Uncertain::Between { p10: 2.0, p50: 2.4, p90: 3.0 },
            years_since_last: 0.0,
            log_gain: Uncertain::Between { p10: 0.2, p50: 0.5, p90: 0.8 },
            drift_per_year: 0.0,
            volatility_per_sqrt_year: 0.0,
            dates: None,
        }
    }
}

impl Check for Generations {
    fn check(&self, at: &mut Checker) {
        at.positive("years_between", self.years_between);
        at.non_negative("years_since_last", Uncertain::from(self.years_since_last));
        at.ranged("log_gain", self.log_gain, "a finite number", |_| true);
        let drift = Uncertain::from(self.drift_per_year);
        at.ranged("drift_per_year", drift, "a finite number", |_| true);
        let volatility = Uncertain::from(self.volatility_per_sqrt_year);
        at.non_negative("volatility_per_sqrt_year", volatility);
    }
}

impl Process for Generations {
    fn state_rows(&self) -> usize {
        4
    }

    fn uses_innovation(&self) -> bool {
        self.volatility_per_sqrt_year > 0.0
    }

    fn begin(&self, draws: &Draws, state: &mut [Lane]) {
        let [log, left, interval, gain] = rows::<4>(state);
        self.dates(draws).normal(FIRST, gain);
        elicited::sample(self.years_between, gain, interval);
        for (left, years) in left.iter_mut().zip(interval.iter()) {
            let months = (years - self.years_since_last) * MONTHS_PER_YEAR;
            *left = months.max(1.0).round();
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
        let mut normal = splat(0.0);
        let [log, left, interval, gain] = rows::<4>(state);
        self.dates(draws).normal_at(month, INTERVAL, &mut normal);
        elicited::sample(self.years_between, &normal, interval);
        draws.normal_at(month, GAIN, &mut normal);
        elicited::sample(self.log_gain, &normal, gain);
        let drift = self.drift_per_year / MONTHS_PER_YEAR;
        let volatility = self.volatility_per_sqrt_year / MONTHS_PER_YEAR.sqrt();
        arrive(drift, volatility, z, interval, gain, log, left, level);
    }

    fn median_at(&self, years: f64) -> Option<f64> {
        (years <= 0.0).then_some(1.0)
    }

    fn log_variance_at(&self, years: f64) -> Option<f64> {
        (years <= 0.0).then_some(0.0)
    }
}

kernel! {
    fn arrive(
        drift: f64,
        volatility: f64,
        z: &Lane,
        interval: &Lane,
        gain: &Lane,
        log: &mut Lane,
        left: &mut Lane,
        level: &mut Lane,
    ) {
        for i in 0..LANES {
            let next = (interval[i] * MONTHS_PER_YEAR).round().max(1.0);
            let now = left[i] - 1.0;
            let comes = now < 0.5;
            left[i] = if comes { next } else { now };
            log[i] += drift + volatility * z[i] + if comes { gain[i] } else { 0.0 };
            level[i] = level_of(log[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::laws;
    use super::*;

    #[test]
    fn a_known_generation_comes_on_its_date_and_the_next_one_an_interval_later() {
        let process = Generations {
            years_between: 2.0.into(),
            years_since_last: 0.5,
            log_gain: 0.7.into(),
            ..Generations::default()
        };
        for (month, sample) in laws::sample(&process, &[17, 18, 41, 42]) {
            let came = f64::from(u32::from(month >= 18) + u32::from(month >= 42));
            let wanted = (0.7 * came).exp();
            assert!(sample.iter().all(|x| (x / wanted - 1.0).abs() < 1e-12), "{month}");
        }
    }

    #[test]
    fn dates_and_gains_have_the_quantiles_they_were_given() {
        let process = Generations::default();
        // The first interval ends before month 25 in one path of ten (2 years), before
        // month 37 in nine of ten (3 years, and a second one within it in hardly any).
        for (month, p) in [(24_u32, 0.1_f64), (36, 0.9)] {
            let (_, sample) = laws::sample(&process, &[month]).remove(0);
            let came = 1.0 - laws::share_below(&sample, 1.0 + 1e-12);
            // Months are rounded: half a month of an interval's density, at most 0.05.
            assert!((came - p).abs() < 0.05, "{month}: {came}");
        }
        let known = Generations { years_between: 1.0.into(), ..process };
        let (_, sample) = laws::sample(&known, &[12]).remove(0);
        let n = f64::from(u32::try_from(sample.len()).unwrap());
        for (p, gain) in [(0.1_f64, 0.2_f64), (0.5, 0.5), (0.9, 0.8)] {
            let share = laws::share_below(&sample, gain.exp());
            // Three comparisons at 4 standard errors: one false alarm in 5,000 seeds.
            assert!((share - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{share}");
        }
    }

    #[test]
    fn quantities_that_share_their_dates_jump_in_the_same_months() {
        let speed =
            Generations { dates: Some("flagship".to_owned()), ..Generations::default() };
        let watts = Generations { log_gain: 0.3.into(), ..speed.clone() };
        let came = |process: &Generations, quantity: &str| -> Vec<Vec<bool>> {
            let draws = Draws::new(crate::random::Seed(7), quantity, 0);
            let mut state = vec![splat(0.0); process.state_rows()];
            process.begin(&draws, &mut state);
            let (mut before, mut level) = (splat(1.0), splat(1.0));
            (1..=96)
                .map(|month| {
                    process.step(month, &splat(0.0), &draws, &mut state, &mut level);
                    let jumps = before
                        .iter()
                        .zip(&level)
                        .map(|(a, b)| a.to_bits() != b.to_bits())
                        .collect();
                    before = level;
                    jumps
                })
                .collect()
        };
        let dates = came(&speed, "flop_per_usd");
        assert_eq!(dates, came(&watts, "energy_efficiency"));
        assert!(dates.iter().flatten().any(|jump| *jump));
        let own = Generations { dates: None, ..watts };
        assert_ne!(dates, came(&own, "energy_efficiency"));
    }

    #[test]
    fn an_overdue_generation_comes_next_month() {
        let process = Generations {
            years_between: 1.0.into(),
            years_since_last: 4.0,
            log_gain: 0.3.into(),
            ..Generations::default()
        };
        let (_, sample) = laws::sample(&process, &[1]).remove(0);
        assert!(sample.iter().all(|x| (x.ln() - 0.3).abs() < 1e-12));
    }
}
