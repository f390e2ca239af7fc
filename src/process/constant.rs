//! Known: flat, or growing at a known rate.
//!
//! For quantities nobody doubts, and for switching a doubt off: a plan whose every
//! process is constant is a plain calculation. Read next: [`super::schedule`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::level::{level_of, years_of};
use super::{Draws, Process};
use crate::block::{Lane, splat};
use crate::input::{Check, Checker, Uncertain};

/// An index that every path agrees on.
///
/// ```text
/// I(t) = e^(g t)
/// ```
/// where `g` is `growth_per_year`, `t` in years.
///
/// **Shapes** no state. **Units** none: relative to the quote. **Errors** none;
/// parameters are checked on load (E0201).
/// **Source** the definition of continuous growth.
/// **Checked by** `process::laws`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    /// Growth of the natural logarithm a year; −0.1 is about 10 % down. Default 0.
    #[serde(default)]
    pub growth_per_year: f64,
}

impl Check for Constant {
    fn check(&self, at: &mut Checker) {
        let growth = Uncertain::from(self.growth_per_year);
        at.ranged("growth_per_year", growth, "a finite number", |_| true);
    }
}

impl Process for Constant {
    fn state_rows(&self) -> usize {
        0
    }

    fn uses_innovation(&self) -> bool {
        false
    }

    fn stays(&self) -> bool {
        self.growth_per_year == 0.0
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
}

impl Constant {
    fn level_at(&self, years: f64) -> f64 {
        level_of(self.growth_per_year * years)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_growth_the_index_is_exactly_one() {
        assert_eq!(
            Constant::default().median_at(7.3).unwrap().to_bits(),
            1.0_f64.to_bits()
        );
    }

    #[test]
    fn growth_is_of_the_logarithm() {
        let halving = Constant { growth_per_year: -std::f64::consts::LN_2 };
        assert!((halving.median_at(3.0).unwrap() - 0.125).abs() < 1e-15);
    }
}
