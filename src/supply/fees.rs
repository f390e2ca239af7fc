//! What a provider charges beside the price of what is used.
//!
//! Support plans, storage, egress, a setup, and discounts for a promised spend.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::input::{Check, Checker, Uncertain};

/// Charges beside the price, nominal and constant; each is nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeesSpec {
    /// Paid once, in the first month in which the source may serve, US dollars.
    #[serde(default)]
    pub once_usd: f64,
    /// Paid every month from then on, US dollars.
    #[serde(default)]
    pub usd_per_month: f64,
    /// Support plan, share of the spend.
    #[serde(default)]
    pub support_share_of_spend: f64,
    /// Data stored, 10¹² bytes.
    #[serde(default)]
    pub storage_tb: f64,
    /// Price of storing it, US dollars per 10¹² bytes and month.
    #[serde(default)]
    pub storage_usd_per_tb_month: f64,
    /// Data that leaves the provider with a unit of work served, 10⁹ bytes.
    #[serde(default)]
    pub egress_gb_per_unit: f64,
    /// Price of what leaves, US dollars per 10⁹ bytes.
    #[serde(default)]
    pub egress_usd_per_gb: f64,
    /// Spend promised every month, paid whether used or not, US dollars.
    #[serde(default)]
    pub committed_usd_per_month: f64,
    /// Discount on the price for that promise, share.
    #[serde(default)]
    pub committed_discount_share: f64,
}

impl FeesSpec {
    /// What the price is multiplied by: discount and support.
    pub fn price_factor(&self) -> f64 {
        (1.0 - self.committed_discount_share) * (1.0 + self.support_share_of_spend)
    }

    /// What is added to the price of a unit, US dollars.
    pub fn usd_per_unit(&self) -> f64 {
        self.egress_gb_per_unit * self.egress_usd_per_gb
    }

    /// What is due in a month whatever is used, US dollars; `is_first`: the first one.
    pub fn fixed_usd(&self, is_first: bool) -> f64 {
        let once = if is_first { self.once_usd } else { 0.0 };
        once + self.usd_per_month + self.storage_tb * self.storage_usd_per_tb_month
    }

    /// What of the promise is not used up, when so much was paid for `units` of work.
    ///
    /// Egress and support are no part of the promised spend.
    pub fn shortfall_usd(&self, paid_usd: f64, units: f64) -> f64 {
        let spend = (paid_usd - units * self.usd_per_unit())
            / (1.0 + self.support_share_of_spend);
        (self.committed_usd_per_month - spend).max(0.0)
    }
}

impl Check for FeesSpec {
    fn check(&self, at: &mut Checker) {
        for (key, value) in [
            ("once_usd", self.once_usd),
            ("usd_per_month", self.usd_per_month),
            ("support_share_of_spend", self.support_share_of_spend),
            ("storage_tb", self.storage_tb),
            ("storage_usd_per_tb_month", self.storage_usd_per_tb_month),
            ("egress_gb_per_unit", self.egress_gb_per_unit),
            ("egress_usd_per_gb", self.egress_usd_per_gb),
            ("committed_usd_per_month", self.committed_usd_per_month),
        ] {
            at.non_negative(key, Uncertain::from(value));
        }
        at.share(
            "committed_discount_share",
            Uncertain::from(self.committed_discount_share),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_promised_and_not_used_is_paid() {
        let fees = FeesSpec {
            support_share_of_spend: 0.1,
            egress_gb_per_unit: 2.0,
            egress_usd_per_gb: 0.05,
            committed_usd_per_month: 1_000.0,
            committed_discount_share: 0.2,
            ..FeesSpec::default()
        };
        // 100 units at 5 dollars: 400 after the discount, 440 with support, 10 of egress.
        let paid = 100.0 * (5.0 * fees.price_factor() + fees.usd_per_unit());
        assert!((paid - 450.0).abs() < 1e-9);
        assert!((fees.shortfall_usd(paid, 100.0) - 600.0).abs() < 1e-9);
        assert!(fees.shortfall_usd(3.0 * paid, 300.0).abs() < 1e-9);
    }
}
