//! Cover a quantile of demand at arrival, up to the load of most hours.
//!
//! The base-stock rule of capacity planning: look ahead by the lead time, take the
//! wanted quantile of demand then, and order what is missing to carry it through the
//! wanted share of the hours.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Observed, SizingRule};
use crate::block::Lane;
use crate::input::{Check, Checker, Uncertain};
use crate::stats::normal_quantile;

/// Cover a quantile of demand at arrival.
///
/// ```text
/// target = N_q(t + L) · ℓ(h) · c
/// ```
/// where `N_q` is the `quantile` of the forecast of chips needed by the mean load when
/// an order of today arrives, as unsure as it is of the months until one of the next review
/// does, `ℓ(h)` the load not exceeded in the share
/// `hours_covered` of the hours, over the mean, and `c` the `share_covered`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DemandQuantile {
    /// Quantile of demand until the next review's order arrives; 0.5 is the middle.
    #[serde(default = "middle")]
    pub quantile: f64,
    /// Share of the hours in which no other source should be needed.
    #[serde(default = "most_hours")]
    pub hours_covered: f64,
    /// Share of that load that is covered, the rest left to other sources.
    #[serde(default = "all")]
    pub share_covered: f64,
    /// Months between reviews.
    #[serde(default = "quarterly")]
    pub review_months: u32,
    /// First month in which anything is ordered, to wait for the next generation or for
    /// the next budget. Default 0.
    #[serde(default)]
    pub from_month: u32,
    /// Last month in which anything is ordered; left out: no such month.
    #[serde(default)]
    pub until_month: Option<u32>,
}

fn middle() -> f64 {
    0.5
}
fn most_hours() -> f64 {
    0.95
}
fn all() -> f64 {
    1.0
}
fn quarterly() -> u32 {
    3
}

impl Default for DemandQuantile {
    fn default() -> Self {
        Self {
            quantile: middle(),
            hours_covered: most_hours(),
            share_covered: all(),
            review_months: quarterly(),
            from_month: 0,
            until_month: None,
        }
    }
}

impl SizingRule for DemandQuantile {
    fn reviews(&self, month: u32) -> bool {
        month >= self.from_month
            && (month - self.from_month).is_multiple_of(self.review_months.max(1))
            && self.until_month.is_none_or(|last| month <= last)
    }

    fn target(&self, seen: &Observed<'_>, out: &mut Lane) {
        let level = seen.belief().curve.level_covering(self.hours_covered);
        let times = level * self.share_covered;
        let middle = (self.quantile - 0.5).abs() < f64::EPSILON;
        let z = if middle { 0.0 } else { normal_quantile(self.quantile) };
        seen.forecast_with(z, self.review_months, times, out);
    }
}

impl Check for DemandQuantile {
    fn check(&self, at: &mut Checker) {
        at.ranged(
            "quantile",
            Uncertain::from(self.quantile),
            "above 0 and below 1",
            |x| x > 0.0 && x < 1.0,
        );
        at.share("hours_covered", Uncertain::from(self.hours_covered));
        at.share("share_covered", Uncertain::from(self.share_covered));
        at.positive("review_months", Uncertain::from(f64::from(self.review_months)));
        if let Some(last) = self.until_month
            && last < self.from_month
        {
            let first = self.from_month;
            at.at("until_month", |at| {
                at.push(
                    "E0203",
                    format!("orders from month {first} on cannot end in month {last}"),
                    "write a later `until_month`, or leave it out".to_owned(),
                );
            });
        }
    }
}
