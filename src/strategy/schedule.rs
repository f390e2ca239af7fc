//! Orders fixed in advance: so many chips in such a month.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Observed, SizingRule};
use crate::block::Lane;
use crate::input::{Check, Checker, Uncertain};

/// Orders fixed in advance.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// The orders.
    pub orders: Vec<Order>,
}

/// One order.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Month of the plan, 0 is the first.
    pub month: u32,
    /// Chips ordered.
    pub chips: f64,
}

impl SizingRule for Schedule {
    fn reviews(&self, month: u32) -> bool {
        self.orders.iter().any(|o| o.month == month)
    }

    fn target(&self, seen: &Observed<'_>, out: &mut Lane) {
        let now = seen.now();
        let due = self.orders.iter().filter(|o| usize::try_from(o.month) == Ok(now));
        let chips: f64 = due.map(|o| o.chips).sum();
        for (target, standing) in out.iter_mut().zip(seen.standing_at_arrival()) {
            *target = standing + chips;
        }
    }
}

impl Check for Schedule {
    fn check(&self, at: &mut Checker) {
        for (i, order) in self.orders.iter().enumerate() {
            at.at("orders", |at| {
                at.at(i, |at| at.positive("chips", Uncertain::from(order.chips)));
            });
        }
    }
}
