//! The accounts of a strategy: cash beside books by fiscal year, levelised costs, and
//! what one strategy is worth as an investment against another.
//!
//! All of it is worked out from mean flows by month: means over paths, so that they add
//! up and every line can be traced. Costs are positive, nominal US dollars. The books
//! write machines off in a straight line whatever the tax office allows; what is sold
//! for less than is left in the books is a loss. Read next: [`crate::finance`].

use schemars::JsonSchema;
use serde::Serialize;

use crate::finance::{
    Irr, Part, Payback, discount_factor, equivalent_annual_cost, irr, levelised, payback,
};
use crate::scenario::{Scenario, StrategyPlay};
use crate::supply::own::Asset;
use crate::units::whole_months;

use super::flows::MeanFlows;

/// The accounts of a strategy, means over paths.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Accounts {
    /// Present value of all cash, receipts positive: the net present cost turned round.
    pub net_present_value_usd: f64,
    /// The same every year that is worth as much, at the ends of years.
    pub equivalent_annual_cost_usd: f64,
    /// Present cost over present hours of chips that stand or work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_per_chip_hour_powered: Option<f64>,
    /// Present cost over present hours of work done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_per_chip_hour_delivered: Option<f64>,
    /// Present cost over present 10⁶ tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_per_mtok: Option<f64>,
    /// Present cost over present training runs, where nothing else is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_per_training_run: Option<f64>,
    /// Cash and books, year by year.
    pub fiscal_years: Vec<FiscalYear>,
    /// Cash of each month.
    #[serde(skip)]
    pub monthly_cash: Vec<f64>,
}

/// A fiscal year: cash in the first half, books in the second.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct FiscalYear {
    /// Calendar year in which it begins.
    pub year: i32,
    /// Months of it that the plan plays.
    pub months: u32,
    /// Bought.
    pub capex_usd: f64,
    /// Run.
    pub opex_usd: f64,
    /// Loans repaid with interest, less loans taken.
    pub debt_usd: f64,
    /// Sold (negative).
    pub resale_usd: f64,
    /// Tax due, or saved (negative).
    pub tax_usd: f64,
    /// All cash: the sum of the above.
    pub cash_usd: f64,
    /// Written off in the books, straight line.
    pub depreciation_usd: f64,
    /// Interest.
    pub interest_usd: f64,
    /// What was left in the books of what was sold, less its proceeds.
    pub loss_on_disposal_usd: f64,
    /// Cost before tax as the books see it: opex, depreciation, interest, losses.
    pub expense_usd: f64,
    /// Interest and repayments that loans ask for, without the last settlement.
    pub debt_service_usd: f64,
}

/// One strategy as an investment against another, on mean flows.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Appraisal {
    /// What it saves, present value.
    pub net_present_value_usd: f64,
    /// The rate at which it saves nothing.
    pub irr_per_year: Irr,
    /// When what it costs more has come back, not discounted.
    pub payback_months: Payback,
    /// How often its savings pay for its loans, by fiscal year; nothing without loans.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub coverage: Vec<Coverage>,
    /// True where every year keeps the lender's covenant; nothing where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covenant_met: Option<bool>,
}

/// Coverage of a year's debt service (DSCR).
///
/// ```text
/// DSCR = (opex + tax of the other − opex − tax) / (interest + repayments)
/// ```
/// What the strategy earns is what the other would have cost to run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Coverage {
    /// Calendar year in which the fiscal year begins.
    pub year: i32,
    /// Cash available over debt service.
    pub ratio: f64,
}

impl Accounts {
    /// The accounts of a strategy; `mtok`: present tokens served.
    pub(super) fn of(
        scenario: &Scenario,
        strategy: &StrategyPlay,
        flows: &MeanFlows,
        mtok: f64,
    ) -> Self {
        let present = |row: &[f64]| -> f64 {
            let df = |month: u32| discount_factor(scenario.discount_rate, month);
            (0..).zip(row).map(|(month, x)| df(month) * x).sum()
        };
        let monthly_cash = flows.cash();
        let cost = present(&monthly_cash);
        let years = f64::from(scenario.months) / 12.0;
        let hours = |row: &[f64]| {
            let buys = strategy.buys_tokens();
            levelised(cost, present(row)).filter(|_| !buys)
        };
        let only_trains = scenario.workloads.iter().all(|w| w.run.is_some());
        Self {
            net_present_value_usd: -cost,
            equivalent_annual_cost_usd: equivalent_annual_cost(
                cost,
                scenario.discount_rate,
                years,
            ),
            usd_per_chip_hour_powered: hours(&flows.powered_hours),
            usd_per_chip_hour_delivered: hours(&flows.delivered_hours),
            usd_per_mtok: levelised(cost, mtok),
            usd_per_training_run: levelised(cost, present(&flows.runs))
                .filter(|_| only_trains),
            fiscal_years: fiscal_years(scenario, strategy, flows),
            monthly_cash,
        }
    }

    /// This strategy as an investment against another.
    pub(super) fn against(&self, other: &Self, scenario: &Scenario) -> Appraisal {
        let saved: Vec<f64> = other
            .monthly_cash
            .iter()
            .zip(&self.monthly_cash)
            .map(|(b, a)| b - a)
            .collect();
        let years = self.fiscal_years.iter().zip(&other.fiscal_years);
        let coverage: Vec<Coverage> = years
            .filter(|(a, _)| a.debt_service_usd > 0.0)
            .map(|(a, b)| {
                let cash = b.opex_usd + b.tax_usd - a.opex_usd - a.tax_usd;
                Coverage { year: a.year, ratio: cash / a.debt_service_usd }
            })
            .collect();
        let covenant = scenario.covenant_dscr.filter(|_| !coverage.is_empty());
        Appraisal {
            net_present_value_usd: self.net_present_value_usd
                - other.net_present_value_usd,
            irr_per_year: irr(&saved),
            payback_months: payback(&saved),
            covenant_met: covenant.map(|c| coverage.iter().all(|year| year.ratio >= c)),
            coverage,
        }
    }
}

fn fiscal_years(
    scenario: &Scenario,
    strategy: &StrategyPlay,
    flows: &MeanFlows,
) -> Vec<FiscalYear> {
    let books = Books::of(scenario, strategy, flows);
    let mut years: Vec<FiscalYear> = (0..scenario.years())
        .map(|y| FiscalYear { year: scenario.year_name(y), ..FiscalYear::default() })
        .collect();
    let service = |month: usize| -> f64 {
        flows.assets.iter().map(|own| own[Asset::DebtService as usize][month]).sum()
    };
    for month in 0..scenario.months {
        let Some(year) = years.get_mut(scenario.year_of(month)) else { continue };
        let m = month as usize;
        let at = |part: Part| flows.part(part)[m];
        year.months += 1;
        year.capex_usd += at(Part::Capex);
        let opex = Part::ALL.into_iter().filter(|part| part.is_opex());
        year.opex_usd += opex.map(at).sum::<f64>();
        year.debt_usd += at(Part::Debt);
        year.resale_usd += at(Part::Resale);
        year.tax_usd += at(Part::Tax);
        year.depreciation_usd += books.depreciation[m];
        year.interest_usd += books.interest[m];
        year.loss_on_disposal_usd += books.disposed[m] + at(Part::Resale);
        year.debt_service_usd += service(m);
    }
    for year in &mut years {
        year.cash_usd = year.capex_usd
            + year.opex_usd
            + year.debt_usd
            + year.resale_usd
            + year.tax_usd;
        year.expense_usd = year.opex_usd
            + year.depreciation_usd
            + year.interest_usd
            + year.loss_on_disposal_usd;
    }
    years
}

/// What the books say of what was bought, by month.
struct Books {
    depreciation: Vec<f64>,
    interest: Vec<f64>,
    /// Left in the books of what is sold.
    disposed: Vec<f64>,
}

impl Books {
    fn of(scenario: &Scenario, strategy: &StrategyPlay, flows: &MeanFlows) -> Self {
        let months = scenario.months as usize;
        let mut books = Self {
            depreciation: vec![0.0; months],
            interest: vec![0.0; months],
            disposed: vec![0.0; months],
        };
        for (own, terms) in flows.assets.iter().zip(strategy.own_terms()) {
            let row = |asset: Asset| &own[asset as usize];
            let life = terms.life_months as usize;
            let line = terms.depreciation_months as usize;
            if terms.sell.is_some() {
                books.as_played(row);
            } else {
                for (m, cost) in row(Asset::InService).iter().enumerate() {
                    books.write_off(m, *cost, line, life);
                }
            }
            let hall = terms
                .hall
                .as_ref()
                .map_or(1, |hall| whole_months(hall.life_months).max(1))
                as usize;
            for (m, cost) in row(Asset::HallReady).iter().enumerate() {
                books.write_off(m, *cost, hall, months);
            }
            let fit_out = terms.fit_out.as_ref().map_or(1, |f| f.life_months as usize);
            for (m, cost) in row(Asset::FitOut).iter().enumerate() {
                books.write_off(m, *cost, fit_out, months);
            }
            for (sum, x) in books.interest.iter_mut().zip(row(Asset::Interest)) {
                *sum += x;
            }
        }
        // Deposits on what has not come stand in the books until the orders are
        // cancelled, when the plan ends.
        let bought: f64 = flows.part(Part::Capex).iter().sum();
        let booked = |row: &[Vec<f64>; Asset::ALL.len()]| -> f64 {
            [Asset::InService, Asset::HallReady, Asset::FitOut]
                .iter()
                .flat_map(|asset| &row[*asset as usize])
                .sum()
        };
        let deposits = bought - flows.assets.iter().map(booked).sum::<f64>();
        if let Some(last) = books.disposed.last_mut() {
            *last += deposits;
        }
        books
    }

    /// Takes the books as they were played, where machines may be sold early; what is left
    /// in them goes in the last month.
    fn as_played<'a>(&mut self, row: impl Fn(Asset) -> &'a Vec<f64>) {
        let mut left: f64 = row(Asset::InService).iter().sum();
        for (sums, asset) in [
            (&mut self.depreciation, Asset::BookWriteOff),
            (&mut self.disposed, Asset::BookDisposed),
        ] {
            for (sum, x) in sums.iter_mut().zip(row(asset)) {
                *sum += x;
                left -= x;
            }
        }
        if let Some(last) = self.disposed.last_mut() {
            *last += left;
        }
    }

    /// Writes off what began to serve in a month, until it is sold after its life or at
    /// the end of the plan.
    fn write_off(&mut self, from: usize, cost: f64, line: usize, life: usize) {
        if cost == 0.0 {
            return;
        }
        let months = self.depreciation.len();
        let sold = (from + life).min(months);
        let share = cost / crate::units::count(line.max(1));
        let mut left = cost;
        for month in &mut self.depreciation[from..(from + line).min(sold)] {
            *month += share;
            left -= share;
        }
        // What is sold at the end of the plan is sold in its last month.
        if let Some(month) = self.disposed.get_mut(sold.min(months - 1)) {
            *month += left;
        }
    }
}
