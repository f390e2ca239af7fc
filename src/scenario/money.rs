//! The money of a plan: rates, tax, depreciation, debt.
//!
//! Every key is optional; what is left out is a default that the results list. Read
//! next: [`crate::finance`] for what is done with them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finance::{Depreciation, monthly_rate};
use crate::input::{Check, Checker, Uncertain};
use crate::supply::own::DebtTerms;

/// Rates of money, a year.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Discount rate (WACC, weighted average cost of capital), nominal.
    #[serde(default)]
    pub discount_rate_per_year: Option<f64>,
    /// Tax on profit.
    #[serde(default)]
    pub tax_rate: Option<f64>,
    /// Rise of wages, space and construction.
    #[serde(default)]
    pub inflation_per_year: Option<f64>,
    /// Years over which machines are written off, straight line: in the books, and for
    /// tax where `depreciation` says no other method.
    #[serde(default)]
    pub depreciation_years: Option<f64>,
    /// How machines and halls are written off for tax.
    #[serde(default)]
    pub depreciation: Option<Depreciation>,
    /// Month in which the fiscal and the tax year begin, 1 to 12. Left out: years of the
    /// results are twelve months from the plan's start, tax years begin in January.
    #[serde(default)]
    pub fiscal_year_start_month: Option<u32>,
    /// Loan on what is bought.
    #[serde(default)]
    pub debt: Option<Debt>,
    /// What work nobody serves costs, over the same work on demand today.
    #[serde(default)]
    pub unserved_cost_multiple: Option<f64>,
}

/// A loan on machines, repaid as an annuity from the month after they arrive.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Debt {
    /// Share of machine capex borrowed.
    pub share_of_capex: f64,
    /// Interest a year.
    pub rate_per_year: f64,
    /// Years of payments, those of the grace included.
    pub years: f64,
    /// Months in which interest alone is paid; the annuity runs over the rest. Default 0.
    #[serde(default)]
    pub grace_months: u32,
    /// Debt service coverage ratio (DSCR) that the lender asks for, each fiscal year.
    #[serde(default)]
    pub covenant_dscr: Option<f64>,
}

impl Debt {
    /// Whole months of payments, at least one.
    fn months(&self) -> f64 {
        (self.years * 12.0).round().max(1.0)
    }

    /// The loan as machines carry it.
    pub(super) fn terms(&self) -> DebtTerms {
        DebtTerms {
            share: self.share_of_capex,
            monthly_rate: monthly_rate(self.rate_per_year),
            months: self.months(),
            grace_months: f64::from(self.grace_months),
        }
    }
}

impl Check for Money {
    fn check(&self, at: &mut Checker) {
        let known = |x: Option<f64>| x.map(Uncertain::from);
        let rate = |x: f64| (0.0..1.0).contains(&x);
        let wanted = "0 or more and below 1";
        at.ranged(
            "discount_rate_per_year",
            known(self.discount_rate_per_year),
            wanted,
            rate,
        );
        at.ranged("tax_rate", known(self.tax_rate), wanted, rate);
        at.ranged("inflation_per_year", known(self.inflation_per_year), wanted, rate);
        at.ranged(
            "depreciation_years",
            known(self.depreciation_years),
            "above 0 and at most 40",
            |x| x > 0.0 && x <= 40.0,
        );
        at.non_negative("unserved_cost_multiple", known(self.unserved_cost_multiple));
        at.ranged(
            "fiscal_year_start_month",
            known(self.fiscal_year_start_month.map(f64::from)),
            "a month from 1 to 12",
            |x| (1.0..=12.0).contains(&x),
        );
        if let Some(depreciation) = &self.depreciation {
            at.at("depreciation", |at| depreciation.check(at));
        }
        if let Some(debt) = &self.debt {
            at.at("debt", |at| debt.check(at));
        }
    }
}

impl Check for Debt {
    fn check(&self, at: &mut Checker) {
        at.share("share_of_capex", Uncertain::from(self.share_of_capex));
        at.ranged(
            "rate_per_year",
            Uncertain::from(self.rate_per_year),
            "0 or more and below 1",
            |x| (0.0..1.0).contains(&x),
        );
        at.ranged("years", Uncertain::from(self.years), "above 0 and at most 40", |x| {
            x > 0.0 && x <= 40.0
        });
        at.positive("covenant_dscr", self.covenant_dscr.map(Uncertain::from));
        let months = self.months();
        at.ranged(
            "grace_months",
            Uncertain::from(f64::from(self.grace_months)),
            "fewer than the months of the loan",
            |x| x < months,
        );
    }
}
