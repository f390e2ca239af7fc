//! The rule from what is known today to what is ordered today; one file per rule.
//!
//! A rule is asked at its review months how many chips should stand when an order of
//! today arrives. It is shown an [`Observed`], which holds months up to now and
//! nothing later: looking ahead does not compile. Adding a rule is a file and a line
//! in the list below. Read next: [`Observed`], [`DemandQuantile`].
//!
//! **Laws** (checked for every rule): targets are finite and never negative, the same
//! months give the same targets, and months after now change nothing.

mod demand_quantile;
pub mod formula;
mod ladder;
mod leapfrog;
mod marginal;
mod min_max;
mod newsvendor;
mod observed;
mod online_floor;
mod perfect_foresight;
mod reserve_quantile;
mod rolling;
mod schedule;
mod trigger;
mod years_of_growth;

#[cfg(test)]
mod laws;

pub use demand_quantile::DemandQuantile;
pub use ladder::Ladder;
pub use leapfrog::Leapfrog;
pub use min_max::MinMax;
pub use newsvendor::Newsvendor;
pub use observed::{Asks, Belief, NextGeneration, Observed, Prices, Progress};
pub use online_floor::OnlineFloor;
pub use perfect_foresight::PerfectForesight;
pub use reserve_quantile::ReserveQuantile;
pub use rolling::Rolling;
pub use schedule::{Order, Schedule};
pub use trigger::Trigger;
pub use years_of_growth::YearsOfGrowth;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::block::Lane;
use crate::input::{Check, Checker};

/// A rule for how much to commit.
pub trait SizingRule: std::fmt::Debug + Send + Sync {
    /// True in the months in which the rule looks and may order.
    fn reviews(&self, month: u32) -> bool;

    /// What it asks to see beside demand.
    fn asks(&self) -> Asks {
        Asks::default()
    }

    /// Chips that should stand when an order of this month arrives.
    fn target(&self, seen: &Observed<'_>, out: &mut Lane);
}

macro_rules! sizing_rules {
    ($($(#[$doc:meta])* $name:ident = $tag:literal),* $(,)?) => {
        /// How much to commit, as a plan says it.
        #[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Sizing {
            $($(#[$doc])* $name($name),)*
        }

        impl Sizing {
            /// Names of all rules, as plans write them.
            pub const NAMES: &'static [&'static str] = &[$($tag),*];

            /// The rule itself.
            pub fn rule(&self) -> &dyn SizingRule {
                match self {
                    $(Self::$name(rule) => rule,)*
                }
            }
        }

        impl Check for Sizing {
            fn check(&self, at: &mut Checker) {
                match self {
                    $(Self::$name(rule) => at.at($tag, |at| rule.check(at)),)*
                }
            }
        }
    };
}

sizing_rules! {
    /// Orders fixed in advance.
    Schedule = "schedule",
    /// Cover a quantile of demand at arrival.
    DemandQuantile = "demand_quantile",
    /// Commit to the load that is there most hours.
    ReserveQuantile = "reserve_quantile",
    /// Order up to a high mark when what stands falls below a low one: (s, S).
    MinMax = "min_max",
    /// Commit the quantile of demand that prices of the day ask for.
    Newsvendor = "newsvendor",
    /// Many small commitments in place of one.
    Ladder = "ladder",
    /// Build some years of growth at a time.
    YearsOfGrowth = "years_of_growth",
    /// Buy when it is worth it by enough.
    Trigger = "trigger",
    /// Skip today's generation of hardware when the next is near.
    Leapfrog = "leapfrog",
    /// Commit when renting has cost as much as committing would have.
    OnlineFloor = "online_floor",
    /// Plan anew at every review.
    Rolling = "rolling",
    /// Knows the whole path: a yardstick, no strategy.
    PerfectForesight = "perfect_foresight",
}
