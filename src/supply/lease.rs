//! Machines leased: rented whole for a term, or paid for like a loan.
//!
//! The lessee houses, powers and runs them, as one would one's own; what differs is who
//! pays the price. Under an *operating* lease the lessor does, and takes the machines back
//! after the term; under a *finance* lease they are on the lessee's books from delivery,
//! and the payments are interest and repayment. Read next: [`super::own`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finance::{annuity_payment, monthly_rate};
use crate::input::{Check, Checker, Uncertain};

use super::spec::OwnSpec;

/// Machines leased for a term.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaseSpec {
    /// Years from delivery.
    pub term_years: f64,
    /// Who carries the machine. Default `operating`.
    #[serde(default)]
    pub kind: LeaseKind,
    /// The rate the lessor reckons with, a year.
    pub rate_per_year: f64,
    /// What the lessor expects of a machine after the term, share of its price; of an
    /// operating lease alone. Default 0.
    #[serde(default)]
    pub residual_share: Option<f64>,
    /// The machines, with the keys of `own`; what they cost to buy sets the rent.
    pub machines: OwnSpec,
}

/// Who carries a leased machine.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LeaseKind {
    /// The lessor: rent is a running cost, machines go back after the term.
    #[default]
    Operating,
    /// The lessee: a loan of the whole price, machines stay.
    Finance,
}

/// What an operating lease costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeaseTerms {
    /// Payments, the first at delivery.
    pub months: u32,
    /// Each, per dollar of the price.
    pub payment: f64,
}

/// The monthly rent of an operating lease per dollar of the price, paid in advance.
///
/// ```text
/// p = (1 − R v^n) / (1 + v + … + v^(n−1)),   v = 1/(1 + i)
/// ```
/// where `R` is the residual share, `n` the months and `i` the monthly rate.
///
/// **Law** at the lessor's rate the rents and the residual are worth the price.
/// **Source** Brealey, Myers, Allen (2020), Principles of Corporate Finance, §25.4.
/// **Checked by** `the_rents_and_the_residual_are_worth_the_price`.
pub fn lease_payment(rate_per_year: f64, months: u32, residual_share: f64) -> f64 {
    let (i, n) = (monthly_rate(rate_per_year), f64::from(months));
    let left = residual_share * (1.0 + i).powf(-n);
    // An annuity in advance is one in arrears a month earlier.
    (1.0 - left) * annuity_payment(i, n) / (1.0 + i)
}

impl LeaseSpec {
    /// What of the keys of one's own is the lessor's to say (E0323, E0327, W0304).
    fn check_machines(&self, at: &mut Checker) {
        let m = &self.machines;
        if m.deposit_share.is_some() {
            let why = "a lease begins with the delivery, and no deposit comes before";
            at.idle("deposit_share", why, "leave it out");
        }
        if self.kind == LeaseKind::Finance {
            return;
        }
        if m.sell_unneeded.is_some() {
            at.at("sell_unneeded", |at| {
                at.push(
                    "E0323",
                    "machines under an operating lease are the lessor's to sell",
                    "leave it out, or write `kind = \"finance\"`".to_owned(),
                );
            });
        }
        if m.capital_charge_per_year.is_some_and(|share| share > 0.0) {
            at.at("capital_charge_per_year", |at| {
                at.push(
                    "E0327",
                    "the rent of an operating lease already carries the capital",
                    "leave it out, or write `kind = \"finance\"`".to_owned(),
                );
            });
        }
        if m.life_years.is_some() {
            let why = "machines under an operating lease go back after the term";
            at.idle("life_years", why, "write it in `term_years`, or leave it out");
        }
        for (key, is_given) in [
            ("wear_per_year", m.wear_per_year.is_some()),
            ("resale_by", m.resale_by.is_some()),
            ("resale_share", m.resale_share.is_some()),
        ] {
            if is_given {
                at.idle(
                    key,
                    "machines under an operating lease are not sold by who leases them",
                    "write what the lessor expects in `residual_share`, or leave it out",
                );
            }
        }
    }
}

impl Check for LeaseSpec {
    fn check(&self, at: &mut Checker) {
        at.ranged(
            "term_years",
            Uncertain::from(self.term_years),
            "above 0 and at most 40",
            |x| x > 0.0 && x <= 40.0,
        );
        at.ranged(
            "rate_per_year",
            Uncertain::from(self.rate_per_year),
            "0 or more and below 1",
            |x| (0.0..1.0).contains(&x),
        );
        let residual = self.residual_share.map(Uncertain::from);
        match self.kind {
            LeaseKind::Operating => at.share("residual_share", residual),
            LeaseKind::Finance => {
                at.ranged(
                    "residual_share",
                    residual,
                    "0 for a finance lease, which pays the whole price",
                    |x| x == 0.0,
                );
            }
        }
        at.at("machines", |at| self.check_machines(at));
        at.at("machines", |at| self.machines.check(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rents_and_the_residual_are_worth_the_price() {
        for (rate, months, residual) in
            [(0.0, 36, 0.2), (0.08, 36, 0.0), (0.12, 48, 0.15)]
        {
            let payment = lease_payment(rate, months, residual);
            let v = 1.0 / (1.0 + monthly_rate(rate));
            let mut worth = residual * v.powi(i32::try_from(months).unwrap());
            for month in 0..i32::try_from(months).unwrap() {
                worth += payment * v.powi(month);
            }
            assert!((worth - 1.0).abs() < 1e-12, "{rate}: {worth}");
        }
    }

    #[test]
    fn what_is_the_lessors_is_not_sold_and_what_is_paid_for_may_be() {
        let problems = |kind: LeaseKind| {
            let spec = LeaseSpec {
                term_years: 2.0,
                kind,
                rate_per_year: 0.08,
                residual_share: None,
                machines: OwnSpec {
                    sell_unneeded: Some(crate::supply::SellSpec::default()),
                    ..OwnSpec::default()
                },
            };
            let mut at = Checker::new();
            spec.check(&mut at);
            at.into_problems().iter().map(|p| p.code).collect::<Vec<_>>()
        };
        assert_eq!(problems(LeaseKind::Operating), ["E0323"]);
        assert!(problems(LeaseKind::Finance).is_empty());
    }
}
