//! Follows a market's own quotes for later delivery, with noise around them.
//!
//! A forward curve is the price at which others agree today to trade later: no forecast
//! of ours, and with a premium in it that nobody can observe. Read next:
//! [`super::schedule`], [`super::mean_reverting`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::level::{LOG_BOUND, level_of, years_of};
use super::{Draws, Process, elicited, rows};
use crate::block::math::ln;
use crate::block::{LANES, Lane, splat};
use crate::input::{Check, Checker, Uncertain};
use crate::kernel;
use crate::units::MONTHS_PER_YEAR;

const PREMIUM: u32 = 0;

/// The curve, less the premium in it, times noise.
///
/// ```text
/// I(t) = F(t)/F(0) e^(−π t + σ W(t))
/// ```
/// where `F` goes through `values` at `months`, log-linear between them and flat after
/// the last, `F(0)` is the first value (at month 0), `π` is `premium_per_year`, drawn once
/// a path, and `σ` is `volatility_per_sqrt_year`.
///
/// **Shapes** two rows: `σ W`, `π` a month. **Units** any, the same for all values: only
/// their ratios count. **Errors** none; parameters are checked on load (E0201, E0203).
/// **Source** Clewlow and Strickland (1999), Valuing Energy Options in a One Factor Model
/// Fitted to Forward Prices, without their mean reversion.
/// **Checked by** `process::laws`, the curve below.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forward {
    /// Months of delivery, rising, the first 0: today.
    #[serde(default)]
    pub months: Vec<u32>,
    /// Quotes of those months.
    #[serde(default)]
    pub values: Vec<f64>,
    /// Instead of both, a CSV beside the plan: `month,value`, or `date,value` with months
    /// counted from the first date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What sellers pay a year, in the logarithm, to be rid of the risk: how far quotes
    /// lie above what is expected. Default 0, below 0 where buyers pay.
    #[serde(default = "none")]
    pub premium_per_year: Uncertain,
    /// Standard deviation of a year's noise in the logarithm. Default 0.
    #[serde(default)]
    pub volatility_per_sqrt_year: f64,
}

fn none() -> Uncertain {
    Uncertain::Exactly(0.0)
}

impl Check for Forward {
    fn check(&self, at: &mut Checker) {
        let premium = self.premium_per_year;
        at.ranged("premium_per_year", premium, "a finite number", |_| true);
        let volatility = Uncertain::from(self.volatility_per_sqrt_year);
        at.non_negative("volatility_per_sqrt_year", volatility);
        let is_written = !self.months.is_empty() || !self.values.is_empty();
        let (found, help) = match (is_written, &self.file) {
            (true, None) => return self.check_quotes(at),
            // What the file says is checked where it is read.
            (false, Some(_)) => return,
            (true, Some(_)) => {
                ("the curve is written here and in a file", "take one of the two out")
            }
            (false, None) => (
                "the curve has no quotes",
                "write `months` and `values`, or name a `file`",
            ),
        };
        at.push("E0203", found.to_owned(), help.to_owned());
    }
}

impl Forward {
    fn check_quotes(&self, at: &mut Checker) {
        at.at("months", |at| {
            if self.months.first() != Some(&0) {
                at.push(
                    "E0203",
                    "the first of `months` must be 0, today's quote",
                    "begin with the price for delivery now".to_owned(),
                );
            }
            if let Some(&[a, b]) = self.months.windows(2).find(|pair| pair[0] >= pair[1])
            {
                at.push(
                    "E0203",
                    format!("`months` must rise, found {a} before {b}"),
                    None,
                );
            }
        });
        at.at("values", |at| {
            for (i, &value) in self.values.iter().enumerate() {
                at.positive(&i.to_string(), Uncertain::from(value));
            }
            if self.values.len() != self.months.len() {
                let (values, months) = (self.values.len(), self.months.len());
                let found = format!("{values} values cannot stand at {months} months");
                at.push("E0203", found, "write one value for every month".to_owned());
            }
        });
    }
}

impl Process for Forward {
    fn state_rows(&self) -> usize {
        2
    }

    fn uses_innovation(&self) -> bool {
        self.volatility_per_sqrt_year > 0.0
    }

    fn begin(&self, draws: &Draws, state: &mut [Lane]) {
        let [noise, premium] = rows::<2>(state);
        draws.normal(PREMIUM, noise);
        elicited::sample(self.premium_per_year, noise, premium);
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
        let log = self.log_at(f64::from(month));
        follow(log, years_of(month), volatility, z, rows::<2>(state), level);
    }

    fn median_at(&self, years: f64) -> Option<f64> {
        let premium = self.premium_per_year;
        let plain = !premium.is_uncertain() || !self.uses_innovation();
        let log = self.log_at(years * MONTHS_PER_YEAR) - premium.median() * years;
        plain.then(|| level_of(log))
    }

    fn log_variance_at(&self, years: f64) -> Option<f64> {
        let variance = self.volatility_per_sqrt_year * self.volatility_per_sqrt_year;
        (!self.premium_per_year.is_uncertain()).then_some(variance * years)
    }
}

impl Forward {
    /// `ln F(t)/F(0)`.
    fn log_at(&self, month: f64) -> f64 {
        let Some(today) = self.values.first() else { return 0.0 };
        let log = |value: &f64| ln((value / today).clamp(1e-99, 1e99));
        let curve = || self.months.iter().map(|m| f64::from(*m)).zip(&self.values);
        let mut before: Option<(f64, f64)> = None;
        for (at, value) in curve() {
            let here = (at, log(value));
            if month < at {
                return before.map_or(0.0, |(from, low)| {
                    low + (here.1 - low) * (month - from) / (at - from)
                });
            }
            before = Some(here);
        }
        before.map_or(0.0, |(_, log)| log)
    }
}

kernel! {
    fn follow(
        log: f64,
        years: f64,
        volatility: f64,
        z: &Lane,
        state: &mut [Lane; 2],
        level: &mut Lane,
    ) {
        let [noise, premium] = state;
        for i in 0..LANES {
            noise[i] += volatility * z[i];
            let less = (premium[i] * years).clamp(-LOG_BOUND, LOG_BOUND);
            level[i] = level_of(log - less + noise[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_goes_through_its_quotes_and_is_flat_after_the_last() {
        let process = Forward {
            months: vec![0, 6, 18],
            values: vec![2.0, 3.0, 1.5],
            file: None,
            premium_per_year: 0.0.into(),
            volatility_per_sqrt_year: 0.0,
        };
        let at = |month: f64| process.median_at(month / 12.0).unwrap();
        for (month, wanted) in [(0.0, 1.0), (6.0, 1.5), (18.0, 0.75), (40.0, 0.75)] {
            assert!((at(month) - wanted).abs() < 1e-12, "{month}");
        }
        // Half way in the logarithm.
        assert!((at(12.0) - (1.5_f64 * 0.75).sqrt()).abs() < 1e-12);
        let premium = Forward { premium_per_year: 0.1.into(), ..process };
        assert!(
            (premium.median_at(0.5).unwrap() - 1.5 * (-0.05_f64).exp()).abs() < 1e-12
        );
    }

    #[test]
    fn a_curve_that_does_not_start_today_is_refused() {
        let process = Forward {
            months: vec![3, 3],
            values: vec![2.0],
            file: None,
            premium_per_year: 0.0.into(),
            volatility_per_sqrt_year: 0.0,
        };
        let mut at = Checker::new();
        process.check(&mut at);
        assert_eq!(at.into_problems().len(), 3);
    }

    #[test]
    fn a_curve_is_written_or_in_a_file_and_not_both() {
        let said = |text: &str| -> Vec<String> {
            let process: Forward = toml::from_str(text).unwrap();
            let mut at = Checker::new();
            process.check(&mut at);
            at.into_problems().into_iter().map(|p| p.message).collect()
        };
        assert!(said("file = \"a.csv\"").is_empty());
        assert!(said("months = [0]\nvalues = [2.0]").is_empty());
        assert_eq!(said(""), ["the curve has no quotes"]);
        let both = "file = \"a.csv\"\nmonths = [0]\nvalues = [2.0]";
        assert_eq!(said(both), ["the curve is written here and in a file"]);
    }
}
