//! Commit to the load that is there most hours; leave the peaks to others.
//!
//! The newsvendor rule: an hour committed at price c and not needed costs c, one needed
//! and not committed costs p − c more, so commit the load exceeded in a share c/p of the
//! hours: `hours_covered = 1 − c/p`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Observed, SizingRule};
use crate::block::Lane;
use crate::input::{Check, Checker, Uncertain};

/// Commit to the load that is there most hours.
///
/// ```text
/// target = N_½(t + L) · ℓ(h)
/// ```
/// **Source** newsvendor: Arrow, Harris, Marschak (1951), Econometrica 19(3).
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReserveQuantile {
    /// Share of the hours in which the commitment should be enough.
    #[serde(default = "half")]
    pub hours_covered: f64,
    /// Months between reviews.
    #[serde(default = "quarterly")]
    pub review_months: u32,
}

fn half() -> f64 {
    0.5
}
fn quarterly() -> u32 {
    3
}

impl Default for ReserveQuantile {
    fn default() -> Self {
        Self { hours_covered: half(), review_months: quarterly() }
    }
}

impl SizingRule for ReserveQuantile {
    fn reviews(&self, month: u32) -> bool {
        month.is_multiple_of(self.review_months.max(1))
    }

    fn target(&self, seen: &Observed<'_>, out: &mut Lane) {
        seen.forecast(1.0, out);
        let level = seen.belief().curve.level_covering(self.hours_covered);
        for chips in out.iter_mut() {
            *chips *= level;
        }
    }
}

impl Check for ReserveQuantile {
    fn check(&self, at: &mut Checker) {
        at.share("hours_covered", Uncertain::from(self.hours_covered));
        at.positive("review_months", Uncertain::from(f64::from(self.review_months)));
    }
}
