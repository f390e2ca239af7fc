//! Build some years of growth at a time: Manne's rule.
//!
//! With economies of scale it pays to build ahead of demand, the further the cheaper a
//! larger order is per chip and the cheaper money is. When what stands no longer covers
//! the need at arrival, order what will be needed `years` later.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::formula::growth::{equivalent_rate, increment_years};
use super::{Observed, SizingRule};
use crate::block::Lane;
use crate::input::{Check, Checker, Uncertain};

/// Build some years of growth at a time.
///
/// ```text
/// target = N_½(t + L + x) · ℓ(h)  where N_½(t + L) · ℓ(h) > standing;  else what stands
/// ```
/// where `x` is `years`, or the increment of least cost for the plan's growth and its spread where it is left
/// out ([`super::formula::growth`]).
///
/// **Source** Manne (1961), Capacity Expansion and Probabilistic Growth, Econometrica
/// 29(4).
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
            // Demand that does not grow, or a size that gains nothing: no year ahead.
            equivalent_rate(rate, growth, spread * spread)
                .and_then(|lambda| increment_years(self.scale_exponent, lambda * growth))
                .unwrap_or(0.0)
        });
        let months = 12.0 * years.min(MOST_YEARS);
        let level = belief.curve.level_covering(self.hours_covered);
        let mut now = crate::block::splat(0.0);
        seen.forecast(level, &mut now);
        seen.forecast_beyond(months, level, out);
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
        if self.years.is_some() {
            let standard = Self::default();
            for (key, given, default) in [
                ("scale_exponent", self.scale_exponent, standard.scale_exponent),
                (
                    "discount_rate_per_year",
                    self.discount_rate_per_year,
                    standard.discount_rate_per_year,
                ),
            ] {
                // What says what is so without it misleads nobody.
                if given.to_bits() != default.to_bits() {
                    at.idle(
                        key,
                        "it is for the best number of years, and one is given",
                        "leave `years` out, or this",
                    );
                }
            }
        }
        at.share("hours_covered", Uncertain::from(self.hours_covered));
        at.positive("review_months", Uncertain::from(f64::from(self.review_months)));
    }
}
