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
use crate::block::math::inverse_normal;
use crate::block::{LANES, Lane, splat};
use crate::input::{Check, Checker, Uncertain};
use crate::kernel;
use crate::stats::law::normal_probability;
use crate::units::MONTHS_PER_YEAR;

const FIRST: u32 = 0;
const INTERVAL: u32 = 1;
const GAIN: u32 = 2;

/// The row of the months since the last generation.
const AGE: usize = 2;

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
/// **Shapes** five rows: logarithm, months to the next and since the last, room for an
/// interval and a gain.
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
    /// Correlation of the gains of a generation, 0 to 1, among quantities that share its
    /// dates and say the same here. Default 0.
    pub gain_correlation: f64,
}

impl Generations {
    /// What the dates are drawn from.
    fn dates(&self, draws: &Draws) -> Draws {
        self.dates.as_ref().map_or_else(|| draws.clone(), |name| draws.shared(name))
    }

    /// Months, from the start, in which the next generations come within `months`, each at
    /// the middle of what is known of it: the first at the median of what is left of
    /// today's interval, each later one a median interval after the one before.
    pub fn median_months(&self, months: u32) -> Vec<u32> {
        let gone = elicited::probability_below(self.years_between, self.years_since_last);
        let left = match 0.5 + 0.5 * gone {
            middle if middle < 1.0 => {
                let whole = elicited::quantile(self.years_between, middle);
                (whole - self.years_since_last) * MONTHS_PER_YEAR
            }
            // Nobody expected that it would take so long.
            _ => 1.0,
        };
        let between = self.years_between.median() * MONTHS_PER_YEAR;
        let mut found = Vec::new();
        let mut at = left.round().max(1.0);
        while at < f64::from(months) {
            found.extend((0..months).find(|month| f64::from(*month) >= at));
            at += between.round().max(1.0);
        }
        found
    }

    /// Turns normals into those of intervals that are longer than what is gone already;
    /// false where there are none.
    fn outlast(&self, normals: &mut Lane) -> bool {
        if self.years_since_last <= 0.0 {
            return true;
        }
        let gone = elicited::probability_below(self.years_between, self.years_since_last);
        if gone > MOST_GONE {
            return false;
        }
        for z in normals {
            // The upper tail, where all of this happens, keeps its digits.
            let above = (1.0 - gone) * normal_probability(-*z);
            *z = -inverse_normal(above.clamp(1e-300, 1.0 - 1e-16));
        }
        true
    }
}

/// An interval of which more than this share of all are over ends next month.
const MOST_GONE: f64 = 1.0 - 1e-6;

impl Default for Generations {
    fn default() -> Self {
        Self {
            years_between: Uncertain::Between { p10: 2.0, p50: 2.4, p90: 3.0 },
            years_since_last: 0.0,
            log_gain: Uncertain::Between { p10: 0.2, p50: 0.5, p90: 0.8 },
            drift_per_year: 0.0,
            volatility_per_sqrt_year: 0.0,
            dates: None,
            gain_correlation: 0.0,
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
        at.share("gain_correlation", Uncertain::from(self.gain_correlation));
        if self.gain_correlation > 0.0 && self.dates.is_none() {
            at.idle(
                "gain_correlation",
                "no other quantity shares its dates",
                "give this one and the others the same name in `dates`, or leave it out",
            );
        }
    }
}

impl Process for Generations {
    fn state_rows(&self) -> usize {
        5
    }

    fn uses_innovation(&self) -> bool {
        self.volatility_per_sqrt_year > 0.0
    }

    fn begin(&self, draws: &Draws, state: &mut [Lane]) {
        let [log, left, age, interval, gain] = rows::<5>(state);
        self.dates(draws).normal(FIRST, gain);
        let outlasts = self.outlast(gain);
        elicited::sample(self.years_between, gain, interval);
        for (left, years) in left.iter_mut().zip(interval.iter()) {
            let months = (years - self.years_since_last) * MONTHS_PER_YEAR;
            *left = if outlasts { months.max(1.0).round() } else { 1.0 };
        }
        *age = splat((self.years_since_last * MONTHS_PER_YEAR).round());
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
        let [log, left, age, interval, gain] = rows::<5>(state);
        let dates = self.dates(draws);
        dates.normal_at(month, INTERVAL, &mut normal);
        elicited::sample(self.years_between, &normal, interval);
        draws.normal_at(month, GAIN, &mut normal);
        if self.dates.is_some() && self.gain_correlation > 0.0 {
            let mut common = splat(0.0);
            dates.normal_at(month, GAIN, &mut common);
            mix(self.gain_correlation.sqrt(), &common, &mut normal);
        }
        elicited::sample(self.log_gain, &normal, gain);
        let drift = self.drift_per_year / MONTHS_PER_YEAR;
        let volatility = self.volatility_per_sqrt_year / MONTHS_PER_YEAR.sqrt();
        arrive(drift, volatility, z, interval, gain, log, left, age, level);
    }

    fn months_since<'s>(&self, state: &'s [Lane]) -> Option<&'s Lane> {
        state.get(AGE)
    }

    fn median_at(&self, years: f64) -> Option<f64> {
        (years <= 0.0).then_some(1.0)
    }

    fn log_variance_at(&self, years: f64) -> Option<f64> {
        (years <= 0.0).then_some(0.0)
    }
}

kernel! {
    fn mix(weight: f64, common: &Lane, own: &mut Lane) {
        let rest = (1.0 - weight * weight).max(0.0).sqrt();
        for i in 0..LANES {
            own[i] = weight * common[i] + rest * own[i];
        }
    }

    fn arrive(
        drift: f64,
        volatility: f64,
        z: &Lane,
        interval: &Lane,
        gain: &Lane,
        log: &mut Lane,
        left: &mut Lane,
        age: &mut Lane,
        level: &mut Lane,
    ) {
        for i in 0..LANES {
            let next = (interval[i] * MONTHS_PER_YEAR).round().max(1.0);
            let now = left[i] - 1.0;
            let comes = now < 0.5;
            left[i] = if comes { next } else { now };
            age[i] = if comes { 0.0 } else { age[i] + 1.0 };
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
    fn generations_come_at_the_middle_of_what_is_known() {
        let sure = Generations {
            years_between: 2.0.into(),
            years_since_last: 0.5,
            ..Generations::default()
        };
        assert_eq!(sure.median_months(60), [18, 42]);
        // Overdue: next month, then one interval on.
        let late = Generations { years_since_last: 3.0, ..sure.clone() };
        assert_eq!(late.median_months(30), [1, 25]);
        assert_eq!(sure.median_months(18), [0_u32; 0]);
        // Half of the paths have the first before its median, as they are drawn.
        let unsure = Generations {
            years_between: Uncertain::Between { p10: 1.35, p50: 2.125, p90: 2.9 },
            years_since_last: 1.9,
            ..Generations::default()
        };
        let first = f64::from(unsure.median_months(60)[0]) / 12.0 + 1.9;
        let below = |x| elicited::probability_below(unsure.years_between, x);
        let middle = (below(first) - below(1.9)) / (1.0 - below(1.9));
        // Months are whole: up to a month from the middle.
        let month = below(first + 1.0 / 12.0) - below(first);
        assert!((middle - 0.5).abs() < 1.5 * month / (1.0 - below(1.9)), "{middle}");
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
    fn an_interval_of_which_some_is_gone_is_one_of_the_longer_ones() {
        let fresh = Generations { log_gain: 1.0.into(), ..Generations::default() };
        let old = Generations { years_since_last: 2.2, ..fresh.clone() };
        let share = |process: &Generations, month: u32| {
            let (_, sample) = laws::sample(process, &[month]).remove(0);
            1.0 - laws::share_below(&sample, 1.5)
        };
        let below = |years: f64| elicited::probability_below(fresh.years_between, years);
        for month in [2_u32, 6, 9] {
            // Months are rounded: an interval ends in the month it is nearest to.
            let end = 2.2 + (f64::from(month) + 0.5) / 12.0;
            let wanted = (below(end) - below(2.2)) / (1.0 - below(2.2));
            let n = 25_600.0_f64;
            // Three comparisons at 4 standard errors: one false alarm in 5,000 seeds.
            let allowed = 4.0 * (wanted * (1.0 - wanted) / n).sqrt();
            assert!((share(&old, month) - wanted).abs() < allowed, "{month}");
        }
    }

    #[test]
    fn gains_of_one_generation_have_the_correlation_they_were_given() {
        for rho in [0.0, 0.6, 1.0] {
            let one = Generations {
                years_between: 1.0.into(),
                log_gain: Uncertain::Between { p10: -0.3, p50: 0.5, p90: 1.3 },
                dates: Some("flagship".to_owned()),
                gain_correlation: rho,
                ..Generations::default()
            };
            let gains = |quantity: &str| -> Vec<f64> {
                let mut all = Vec::new();
                for block in 0..40 {
                    let first = block * LANES as u64;
                    let draws = Draws::new(crate::random::Seed(7), quantity, first);
                    let mut state = vec![splat(0.0); one.state_rows()];
                    one.begin(&draws, &mut state);
                    let mut level = splat(1.0);
                    for month in 1..=12 {
                        one.step(month, &splat(0.0), &draws, &mut state, &mut level);
                    }
                    all.extend(level.map(f64::ln));
                }
                all
            };
            let (a, b) = (gains("a"), gains("b"));
            let n = crate::units::count(a.len());
            let mean = |x: &[f64]| x.iter().sum::<f64>() / n;
            let (ma, mb) = (mean(&a), mean(&b));
            let moment = |x: &[f64], mx: f64, y: &[f64], my: f64| {
                x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>() / n
            };
            let found = moment(&a, ma, &b, mb)
                / (moment(&a, ma, &a, ma) * moment(&b, mb, &b, mb)).sqrt();
            // 4 standard errors of a correlation of nothing over 10,240 paths.
            assert!((found - rho).abs() < 4.0 / n.sqrt(), "{rho}: {found}");
        }
    }

    #[test]
    fn a_watcher_knows_how_long_the_last_generation_is_there() {
        let process = Generations {
            years_between: 1.0.into(),
            years_since_last: 0.5,
            log_gain: 0.3.into(),
            ..Generations::default()
        };
        let draws = Draws::new(crate::random::Seed(7), "flop_per_usd", 0);
        let mut state = vec![splat(0.0); process.state_rows()];
        process.begin(&draws, &mut state);
        let mut level = splat(1.0);
        for (month, age) in (1..=8).zip([7.0, 8.0, 9.0, 10.0, 11.0, 0.0, 1.0, 2.0]) {
            process.step(month, &splat(0.0), &draws, &mut state, &mut level);
            let since = process.months_since(&state).unwrap();
            assert!(since.iter().all(|x| (x - age).abs() < 1e-12), "{month}");
        }
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
