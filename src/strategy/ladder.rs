//! Many small commitments in place of one: a ladder whose rungs end one by one.
//!
//! Each rung covers an equal part of the load that is wanted, so that a share of the
//! commitment comes up for renewal, at what rents then are, every few months.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Observed, SizingRule};
use crate::block::Lane;
use crate::input::{Check, Checker, Uncertain};

/// Many small commitments in place of one.
///
/// ```text
/// target = min(B, standing + B/k),   B = N_½(t + L) · ℓ(h)
/// ```
/// every `every_months`, with `k` the `rungs`. Terms of `k · every_months` months make a
/// full ladder.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// Rungs `k` of the full ladder. Default 4.
    #[serde(default = "four")]
    pub rungs: u32,
    /// Months from rung to rung. Default 3.
    #[serde(default = "quarterly")]
    pub every_months: u32,
    /// Share of the hours in which the full ladder should be enough. Default 0.5.
    #[serde(default = "half")]
    pub hours_covered: f64,
}

fn four() -> u32 {
    4
}
fn quarterly() -> u32 {
    3
}
fn half() -> f64 {
    0.5
}

impl Default for Ladder {
    fn default() -> Self {
        Self { rungs: four(), every_months: quarterly(), hours_covered: half() }
    }
}

impl SizingRule for Ladder {
    fn reviews(&self, month: u32) -> bool {
        month.is_multiple_of(self.every_months.max(1))
    }

    fn target(&self, seen: &Observed<'_>, out: &mut Lane) {
        seen.forecast(seen.belief().curve.level_covering(self.hours_covered), out);
        let rung = 1.0 / f64::from(self.rungs.max(1));
        for (out, standing) in out.iter_mut().zip(seen.standing_at_arrival()) {
            *out = out.min(standing + *out * rung);
        }
    }
}

impl Check for Ladder {
    fn check(&self, at: &mut Checker) {
        at.positive("rungs", Uncertain::from(f64::from(self.rungs)));
        at.positive("every_months", Uncertain::from(f64::from(self.every_months)));
        at.share("hours_covered", Uncertain::from(self.hours_covered));
    }
}
