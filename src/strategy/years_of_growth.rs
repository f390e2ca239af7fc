//! Build some years of growth at a time: Manne's rule.
//!
//! With economies of scale it pays to build ahead of demand, the further the cheaper a
//! larger order is per chip and the cheaper money is. When what stands no longer covers
//! the need at arrival, order what will be needed `years` later.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Observed, SizingRule};
use crate::block::Lane;
use crate::input::{Check, Checker, Uncertain};

/// Build some years of growth at a time.
///
/// ```text
/// target = N_½(t + L + x) · ℓ(h)  where N_½(t + L) · ℓ(h) > standing;  else what stands
/// ```
/// where `x` is `years`, or [`manne_years`] of the plan's growth where it is left out.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct YearsOfGrowth {
    /// Years of growth in an order; left out: the optimum for the next two.
    #[serde(default)]
    pub years: Option<f64>,
    /// An order of twice the size costs 2 to this power times as much. Default 0.9.
    #[serde(default = "nearly_linear")]
    pub scale_exponent: f64,
    /// Discount rate for the optimum. Default 0.08.
    #[serde(default = "eight_percent")]
    pub discount_rate_per_year: f64,
    /// Share of the hours in which no other source should be needed. Default 0.95.
    #[serde(default = "most_hours")]
    pub hours_covered: f64,
    /// Months between reviews. Default 1.
    #[serde(default = "monthly")]
    pub review_months: u32,
}

fn nearly_linear() -> f64 {
    0.9
}
fn eight_percent() -> f64 {
    0.08
}
fn most_hours() -> f64 {
    0.95
}
fn monthly() -> u32 {
    1
}

impl Default for YearsOfGrowth {
    fn default() -> Self {
        Self {
            years: None,
            scale_exponent: nearly_linear(),
            discount_rate_per_year: eight_percent(),
            hours_covered: most_hours(),
            review_months: monthly(),
        }
    }
}

/// The years of growth to build at once when demand grows by `growth` units a year with
/// variance `variance` a year, and an order of n units costs n to the power `exponent`.
///
/// ```text
/// a = λx / (e^(λx) − 1),   λ = (μ/σ²) (√(1 + 2 r σ²/μ²) − 1),   λ = r where σ = 0
/// ```
/// **Units** `discount` a year, continuously compounded; years come back, 0 where demand
/// does not grow or nothing is gained by size.
/// **Source** Manne (1961), Capacity Expansion and Probabilistic Growth, Econometrica
/// 29(4).
/// **Checked by** `the_increments_are_mannes`.
pub fn manne_years(exponent: f64, discount: f64, growth: f64, variance: f64) -> f64 {
    if growth <= 0.0 || discount <= 0.0 || !(0.0..1.0).contains(&exponent) {
        return 0.0;
    }
    let spread = variance / (growth * growth);
    let rate = if spread > 1e-9 {
        ((1.0 + 2.0 * discount * spread).sqrt() - 1.0) / spread
    } else {
        discount
    };
    // The share falls from 1 at 0 to 0: bisection on λx.
    let (mut low, mut high) = (0.0, 60.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if middle / f64::exp_m1(middle) > exponent {
            low = middle;
        } else {
            high = middle;
        }
    }
    low / rate
}

/// Most years that are built at once, whatever the optimum says.
const MOST_YEARS: f64 = 10.0;

impl SizingRule for YearsOfGrowth {
    fn reviews(&self, month: u32) -> bool {
        month.is_multiple_of(self.review_months.max(1))
    }

    fn target(&self, seen: &Observed<'_>, out: &mut Lane) {
        let belief = seen.belief();
        let years = self.years.unwrap_or_else(|| {
            // In units of today's demand, as the plan expects it to grow.
            let growth = f64::exp_m1(12.0 * belief.growth_from(seen.now()));
            let spread = belief.spread_per_sqrt_year;
            let rate = f64::ln_1p(self.discount_rate_per_year);
            manne_years(self.scale_exponent, rate, growth, spread * spread)
        });
        let months = 12.0 * years.min(MOST_YEARS);
        let level = belief.curve.level_covering(self.hours_covered);
        let mut now = crate::block::splat(0.0);
        seen.forecast(0.0, level, &mut now);
        seen.forecast_beyond(months, 0.0, level, out);
        for ((out, now), standing) in
            out.iter_mut().zip(&now).zip(seen.standing_at_arrival())
        {
            *out = if now > standing { out.max(*now) } else { *standing };
        }
    }
}

impl Check for YearsOfGrowth {
    fn check(&self, at: &mut Checker) {
        at.ranged("years", self.years.map(Uncertain::from), "0 to 10", |x| {
            (0.0..=MOST_YEARS).contains(&x)
        });
        at.ranged(
            "scale_exponent",
            Uncertain::from(self.scale_exponent),
            "above 0 and at most 1",
            |x| x > 0.0 && x <= 1.0,
        );
        at.ranged(
            "discount_rate_per_year",
            Uncertain::from(self.discount_rate_per_year),
            "above 0 and below 1",
            |x| x > 0.0 && x < 1.0,
        );
        at.share("hours_covered", Uncertain::from(self.hours_covered));
        at.positive("review_months", Uncertain::from(f64::from(self.review_months)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Manne (1961): years of growth by scale exponent, discount rate and variance, for a
    /// demand that grows by one unit a year; solved from his condition.
    #[test]
    fn the_increments_are_mannes() {
        for (exponent, rate, variance, years) in [
            (0.5, 0.05, 0.0, 25.128_624_17),
            (0.7, 0.10, 0.0, 6.754_715_929),
            (0.9, 0.20, 0.0, 1.035_732_515),
            (0.7, 0.10, 0.5, 6.919_560_881),
            (0.7, 0.10, 1.0, 7.077_068_249),
            (0.7, 0.10, 4.0, 7.908_559_161),
        ] {
            let found = manne_years(exponent, rate, 1.0, variance);
            assert!((found / years - 1.0).abs() < 1e-8, "{found} {years}");
        }
        assert!(manne_years(0.7, 0.1, 0.0, 0.0).abs() < 1e-12);
    }
}
