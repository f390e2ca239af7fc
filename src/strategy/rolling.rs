//! Plan anew at every review: order what pays over the months in sight.
//!
//! Takes the forecast as if it were certain, over a fixed horizon, and orders every chip
//! whose rent saved within it exceeds what it costs over the same months; at the next
//! review the plan is made anew from what has then been seen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::marginal::Pile;
use super::{Asks, Observed, SizingRule};
use crate::block::{LANES, Lane, splat};
use crate::input::{Check, Checker, Uncertain};

/// Plan anew at every review.
///
/// ```text
/// target = the greatest x with  mean over H of P(load > x) · (p − v) ≥ c
/// ```
/// where the load is the median forecast from the arrival over `horizon_months` H times
/// the load-duration curve, `c` what a committed chip costs a month, `p` the rent it
/// saves, `v` what it costs to run.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rolling {
    /// Months of the forecast that count. Default 24.
    #[serde(default = "two_years")]
    pub horizon_months: u32,
    /// Months between reviews. Default 3.
    #[serde(default = "quarterly")]
    pub review_months: u32,
}

fn two_years() -> u32 {
    24
}
fn quarterly() -> u32 {
    3
}

impl Default for Rolling {
    fn default() -> Self {
        Self { horizon_months: two_years(), review_months: quarterly() }
    }
}

/// Dates of the horizon at which the forecast is looked at.
const DATES: usize = 9;

impl SizingRule for Rolling {
    fn reviews(&self, month: u32) -> bool {
        month.is_multiple_of(self.review_months.max(1))
    }

    fn asks(&self) -> Asks {
        Asks { prices: true, ..Asks::default() }
    }

    fn target(&self, seen: &Observed<'_>, out: &mut Lane) {
        seen.forecast(1.0, out);
        let Some(prices) = seen.prices() else { return };
        let mut last = splat(0.0);
        seen.forecast_beyond(f64::from(self.horizon_months), 1.0, &mut last);
        let mut pile = Pile::default();
        let dates = crate::units::count(DATES);
        for i in 0..LANES {
            let saved = prices.rent_usd_per_month[i] - prices.run_usd_per_month[i];
            let cost = prices.commit_usd[i] / prices.term_months;
            let (first, last) = (out[i], last[i]);
            out[i] = 0.0;
            if first <= 0.0 || saved <= cost {
                continue;
            }
            pile.clear();
            for date in 0..DATES {
                let share = crate::units::count(date) / (dates - 1.0);
                let mean = first + share * (last - first);
                pile.add(mean, 0.0, &seen.belief().curve, 1.0 / dates);
            }
            out[i] = pile.height(cost / saved);
        }
    }
}

impl Check for Rolling {
    fn check(&self, at: &mut Checker) {
        at.positive("horizon_months", Uncertain::from(f64::from(self.horizon_months)));
        at.positive("review_months", Uncertain::from(f64::from(self.review_months)));
    }
}
