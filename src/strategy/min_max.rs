//! Order up to a high mark when what stands falls below a low one: (s, S).
//!
//! Orders have a cost of their own (a project, a delivery, a minimum lot), so that few
//! large ones are better than many small ones: wait until less than `reorder_share` of
//! what will be needed would stand, then order `up_to_share` of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Observed, SizingRule};
use crate::block::Lane;
use crate::input::{Check, Checker, Uncertain};

/// Order up to a high mark when what stands falls below a low one.
///
/// ```text
/// target = S · N,  where standing < s · N;  else what stands
/// N = N_½(t + L) · ℓ(h)
/// ```
/// **Source** Scarf (1960), The Optimality of (S, s) Policies in the Dynamic Inventory
/// Problem, in Mathematical Methods in the Social Sciences, Stanford.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MinMax {
    /// Low mark `s`, share of what is needed. Default 1.
    #[serde(default = "one")]
    pub reorder_share: f64,
    /// High mark `S`, share of what is needed. Default 1.25.
    #[serde(default = "five_quarters")]
    pub up_to_share: f64,
    /// Share of the hours in which no other source should be needed. Default 0.95.
    #[serde(default = "most_hours")]
    pub hours_covered: f64,
    /// Months between reviews. Default 1.
    #[serde(default = "monthly")]
    pub review_months: u32,
}

fn one() -> f64 {
    1.0
}
fn five_quarters() -> f64 {
    1.25
}
fn most_hours() -> f64 {
    0.95
}
fn monthly() -> u32 {
    1
}

impl Default for MinMax {
    fn default() -> Self {
        Self {
            reorder_share: one(),
            up_to_share: five_quarters(),
            hours_covered: most_hours(),
            review_months: monthly(),
        }
    }
}

impl SizingRule for MinMax {
    fn reviews(&self, month: u32) -> bool {
        month.is_multiple_of(self.review_months.max(1))
    }

    fn target(&self, seen: &Observed<'_>, out: &mut Lane) {
        seen.forecast(seen.belief().curve.level_covering(self.hours_covered), out);
        for (out, standing) in out.iter_mut().zip(seen.standing_at_arrival()) {
            let low = *standing < self.reorder_share * *out;
            *out = if low { self.up_to_share * *out } else { *standing };
        }
    }
}

impl Check for MinMax {
    fn check(&self, at: &mut Checker) {
        at.non_negative("reorder_share", Uncertain::from(self.reorder_share));
        let low = self.reorder_share;
        at.ranged(
            "up_to_share",
            Uncertain::from(self.up_to_share),
            "at least `reorder_share`",
            |x| x >= low,
        );
        at.share("hours_covered", Uncertain::from(self.hours_covered));
        at.positive("review_months", Uncertain::from(f64::from(self.review_months)));
    }
}
