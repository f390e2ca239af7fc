//! Machines of one's own that are sold before their life is over, for want of work.
//!
//! What has stood above the highest need of the last months goes, oldest first, at the
//! resale price of the path. Read next: [`super::own`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::input::{Check, Checker, Uncertain};

/// When machines are sold early, and what that costs.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SellSpec {
    /// Months whose highest need counts, this one included. Default 6.
    pub after_months: u32,
    /// Kept above that need, a share of it. Default 0.25.
    pub slack_share: f64,
    /// Cost of the sale (broker, transport, wiping), share of the proceeds. Default 0.05.
    pub cost_share: f64,
}

impl Default for SellSpec {
    fn default() -> Self {
        Self { after_months: 6, slack_share: 0.25, cost_share: 0.05 }
    }
}

impl Check for SellSpec {
    fn check(&self, at: &mut Checker) {
        at.ranged(
            "after_months",
            Uncertain::from(f64::from(self.after_months)),
            "1 or more",
            |x| x >= 1.0,
        );
        at.non_negative("slack_share", Uncertain::from(self.slack_share));
        at.share("cost_share", Uncertain::from(self.cost_share));
    }
}
