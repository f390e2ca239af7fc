//! Knows the whole path: a yardstick, no strategy.
//!
//! The stated exception to the rule that a strategy sees nothing later than now. On every
//! path, with demand and prices of all months in hand, it commits what turns out to have
//! been best, chip by chip. What it would save is the value of a crystal ball, and a
//! bound on what any forecast can be worth; every output calls it a yardstick, and it is
//! neither ranked nor ever the cheapest. Read next: `engine::foresight`, which looks ahead.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Asks, Observed, SizingRule};
use crate::block::Lane;
use crate::input::{Check, Checker};

/// Knows the whole path: a yardstick, no strategy.
///
/// For each slice of the load, least cost over when to commit and when to rent:
/// ```text
/// V(t) = min(rent(t) + V(t+1), commit(t) + V(t + term))
/// ```
/// discounted, before tax; orders are whole lumps and limits hold as for any other rule.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PerfectForesight {}

impl SizingRule for PerfectForesight {
    fn reviews(&self, _month: u32) -> bool {
        true
    }

    fn asks(&self) -> Asks {
        Asks { prices: true, hindsight: true, ..Asks::default() }
    }

    fn target(&self, seen: &Observed<'_>, out: &mut Lane) {
        out.copy_from(seen.standing_at_arrival());
        if let Some(hindsight) = seen.hindsight() {
            for (out, order) in out.iter_mut().zip(hindsight) {
                *out += order;
            }
        }
    }
}

impl Check for PerfectForesight {
    fn check(&self, _at: &mut Checker) {}
}
