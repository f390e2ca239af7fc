//! Known at some dates, log-linear between them.
//!
//! For what is written down: a tariff, a contract's price steps, somebody's forecast
//! taken at its word. Read next: [`super::constant`], [`super::geometric`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::level::{LOG_BOUND, Support, years_of};
use super::{Draws, Process};
use crate::block::math::{exp, ln};
use crate::block::{Lane, splat};
use crate::input::{Check, Checker, Uncertain};

/// An index through given points, equal relative steps in equal times between them.
///
/// ```text
/// ln I(t) = ln Lₖ + (ln Lₖ₊₁ − ln Lₖ) (t − tₖ)/(tₖ₊₁ − tₖ)     for tₖ ≤ t < tₖ₊₁
/// ```
/// where `tₖ` are `years` and `Lₖ` are `levels`; before the first point from 1 today,
/// after the last one flat.
///
/// **Shapes** no state. **Units** none: relative to the quote. **Errors** none;
/// parameters are checked on load (E0201, E0203).
/// **Source** interpolation of the logarithm, under which a constant growth stays one.
/// **Checked by** `process::laws`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// When the levels hold, in years from today, rising.
    pub years: Vec<f64>,
    /// The index then: 1 is today's quote.
    pub levels: Vec<f64>,
}

impl Check for Schedule {
    fn check(&self, at: &mut Checker) {
        at.at("years", |at| {
            for (i, &t) in self.years.iter().enumerate() {
                at.non_negative(&i.to_string(), Uncertain::from(t));
            }
            let fall = self.years.windows(2).find(|pair| pair[0] >= pair[1]);
            if let Some(&[before, after]) = fall {
                let found = format!("`years` must rise, found {before} before {after}");
                at.push("E0203", found, None);
            }
        });
        at.at("levels", |at| {
            for (i, &level) in self.levels.iter().enumerate() {
                at.positive(&i.to_string(), Uncertain::from(level));
            }
            if self.levels.len() != self.years.len() || self.levels.is_empty() {
                let (levels, years) = (self.levels.len(), self.years.len());
                at.push(
                    "E0203",
                    format!("{levels} levels cannot stand at {years} dates"),
                    "write one level for every entry of `years`, and at least one"
                        .to_owned(),
                );
            }
            if let (Some(&t), Some(&level)) = (self.years.first(), self.levels.first())
                && t <= 0.0
                && (level - 1.0).abs() > 1e-12
            {
                at.push(
                    "E0203",
                    format!("the level of today must be 1, found {level}"),
                    "levels are relative to the quote; change the quote instead"
                        .to_owned(),
                );
            }
        });
    }
}

impl Process for Schedule {
    fn state_rows(&self) -> usize {
        0
    }

    fn uses_innovation(&self) -> bool {
        false
    }

    fn begin(&self, _: &Draws, _: &mut [Lane]) {}

    fn step(&self, month: u32, _: &Lane, _: &Draws, _: &mut [Lane], level: &mut Lane) {
        *level = splat(self.level_at(years_of(month)));
    }

    fn median_at(&self, years: f64) -> Option<f64> {
        Some(self.level_at(years))
    }

    fn log_variance_at(&self, _: f64) -> Option<f64> {
        Some(0.0)
    }

    fn support(&self) -> Support {
        // Interpolation may leave the points by a rounding.
        let levels = || self.levels.iter().copied();
        Support {
            low: levels().fold(1.0, f64::min) * (1.0 - 1e-12),
            high: levels().fold(1.0, f64::max) * (1.0 + 1e-12),
        }
    }
}

impl Schedule {
    fn level_at(&self, years: f64) -> f64 {
        let (mut since, mut from) = (0.0, 1.0);
        for (&until, &to) in self.years.iter().zip(&self.levels) {
            if years < until {
                let share = (years - since) / (until - since);
                let log = (ln(to) - ln(from)) * share;
                return from * exp(log.clamp(-LOG_BOUND, LOG_BOUND));
            }
            (since, from) = (until, to);
        }
        from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(years: &[f64], levels: &[f64]) -> Vec<String> {
        let mut at = Checker::new();
        Schedule { years: years.to_vec(), levels: levels.to_vec() }.check(&mut at);
        at.into_problems().into_iter().map(|p| p.key_path.join(".")).collect()
    }

    #[test]
    fn points_are_met_exactly_and_the_way_between_is_geometric() {
        let tariff = Schedule { years: vec![1.0, 3.0], levels: vec![2.0, 0.5] };
        for (years, wanted) in [
            (0.0, 1.0),
            (0.5, 2.0_f64.sqrt()),
            (1.0, 2.0),
            (2.0, 1.0),
            (3.0, 0.5),
            (9.0, 0.5),
        ] {
            assert!((tariff.level_at(years) - wanted).abs() < 1e-14, "{years}");
        }
    }

    #[test]
    fn a_schedule_may_begin_today() {
        let flat = Schedule { years: vec![0.0, 2.0], levels: vec![1.0, 4.0] };
        assert!((flat.level_at(1.0) - 2.0).abs() < 1e-14);
        assert!(problems(&flat.years, &flat.levels).is_empty());
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        assert_eq!(problems(&[2.0, 1.0], &[0.5]), ["years", "levels"]);
        assert_eq!(problems(&[1.0], &[-0.5]), ["levels.0"]);
        assert_eq!(problems(&[0.0], &[3.0]), ["levels"]);
        assert_eq!(problems(&[], &[]), ["levels"]);
    }

    #[test]
    fn an_unchecked_schedule_still_answers() {
        let odd = Schedule { years: vec![2.0, 2.0, 1.0], levels: vec![1.0, 3.0, 2.0] };
        assert!(odd.level_at(2.0).is_finite());
        let none = Schedule { years: vec![], levels: vec![] };
        assert!((none.level_at(2.0) - 1.0).abs() < 1e-15);
    }
}
