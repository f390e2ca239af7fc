//! Subscriptions by the user: a price a month with an allowance, and a price beyond it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::input::{Check, Checker, Uncertain};

/// Seats of a service that answers requests.
///
/// Every user of the workload has a seat, so spend follows adoption, not use; the
/// allowances of all seats are one pool, as providers sell them to companies.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatsSpec {
    /// The workload, which counts its users in `seats`; left out: the only such one.
    #[serde(default)]
    pub workload: Option<String>,
    /// Price of a seat, US dollars a month.
    pub usd_per_seat_month: Uncertain,
    /// Requests a month that a seat pays for.
    pub requests_per_seat_month: f64,
    /// Price of a request beyond, US dollars; left out: none are sold, and the next
    /// source of the stack serves them.
    #[serde(default)]
    pub usd_per_request_beyond: Option<Uncertain>,
    /// Name of the trajectory the prices follow; left out: list prices stay.
    #[serde(default)]
    pub trajectory: Option<String>,
}

impl Check for SeatsSpec {
    fn check(&self, at: &mut Checker) {
        at.non_negative("usd_per_seat_month", self.usd_per_seat_month);
        at.positive(
            "requests_per_seat_month",
            Uncertain::from(self.requests_per_seat_month),
        );
        at.non_negative("usd_per_request_beyond", self.usd_per_request_beyond);
    }
}
