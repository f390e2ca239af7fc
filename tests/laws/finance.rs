//! Accounts add up, tax follows its tables, loans are repaid, investments have their rate.

use proptest::prelude::*;
use rackcast::engine::accounts::{Accounts, Appraisal};
use rackcast::finance::{Irr, Payback};

use crate::played::{Played, mean, near, plan, play};
use crate::{plans, tries};

fn accounts<'a>(played: &'a Played, name: &str) -> &'a Accounts {
    played.strategy(name).accounts.as_ref().expect("the plan asks for accounts")
}

fn appraisal<'a>(played: &'a Played, first: &str, second: &str) -> &'a Appraisal {
    let pair = played.outcome.pairs.iter();
    let mut pair = pair.filter(|p| p.first == first && p.second == second);
    let pair = pair.next().expect("a pair of the plan");
    pair.appraisal.as_ref().expect("the plan asks for accounts")
}

proptest! {
    #![proptest_config(tries(16))]

    #[test]
    fn books_and_cash_come_to_the_same_in_the_end(
        text in plans::valid(), first in 1u32..13, grace in 0u32..11, bonus in 0.0..1.0f64,
        method in prop::sample::select(vec!["straight_line", "macrs_5", "macrs_15"]),
    ) {
        let text = text
            .replace("[simulation]", "[results]\naccounts = true\n[simulation]")
            .replace("debt = { ", &format!("debt = {{ grace_months = {grace}, "))
            .replace(
                "inflation_per_year",
                &format!(
                    "fiscal_year_start_month = {first}\ndepreciation = {{ method = \
                     \"{method}\", hall_method = \"macrs_39\", bonus_share = {bonus:.2} }}\n\
                     inflation_per_year"
                ),
            );
        let played = play(&plan(&text), 300);
        for s in &played.outcome.strategies {
            let accounts = accounts(&played, &s.name);
            let size: f64 = accounts.fiscal_years.iter().map(|y| {
                y.capex_usd.abs() + y.opex_usd.abs() + y.debt_usd.abs() + y.tax_usd.abs()
            }).sum();
            prop_assert!(near(-accounts.net_present_value_usd, mean(s), 1e-9));
            let months: u32 = accounts.fiscal_years.iter().map(|y| y.months).sum();
            prop_assert_eq!(months, played.scenario.months);
            let over = |get: fn(&rackcast::engine::accounts::FiscalYear) -> f64| -> f64 {
                accounts.fiscal_years.iter().map(get).sum()
            };
            // Nothing stands and nothing is owed after the last month: what was spent
            // has become cost.
            let cash = over(|y| y.cash_usd - y.tax_usd);
            let expense = over(|y| y.expense_usd);
            prop_assert!((cash - expense).abs() <= 1e-9 * size, "{}: {cash} {expense}", s.name);
            let all: f64 = accounts.monthly_cash.iter().sum();
            prop_assert!((all - over(|y| y.cash_usd)).abs() <= 1e-9 * size);
            // The years are those of the distributions.
            for (a, b) in accounts.fiscal_years.iter().zip(&s.years) {
                prop_assert_eq!(a.year, b.year);
                let capex = b.capex.mean.expect("years have means").mean;
                prop_assert!((a.capex_usd - capex).abs() <= 1e-9 * size);
            }
        }
        for p in &played.outcome.pairs {
            let found = appraisal(&played, &p.first, &p.second);
            let saved = -p.difference.mean.expect("pairs have means").mean;
            let size = saved.abs() + played.cost(&p.first).abs();
            prop_assert!((found.net_present_value_usd - saved).abs() <= 1e-9 * size);
        }
    }
}

/// 64 chips for 30,000 USD each that serve from the first month on, or rent; nothing
/// uncertain. `money` and `own` are what else is said.
pub(crate) fn certain(start: &str, months: u32, money: &str, own: &str) -> Played {
    let order = "sizing.schedule.orders = [{ month = 0, chips = 64 }]";
    scheduled(start, months, money, &format!("{order}#{own}"))
}

/// The same with orders of its own: `what` is the sizing and, after `#`, what else is said.
fn scheduled(start: &str, months: u32, money: &str, what: &str) -> Played {
    let (sizing, own) = what.split_once('#').unwrap_or((what, "lump_chips = 0"));
    let share = if own.contains("network") { "" } else { "network_share_of_capex = 0" };
    play(
        &plan(&format!(
            "title = \"Certain\"
[time]
start = \"{start}\"
months = {months}
[money]
inflation_per_year = 0
{money}
[results]
accounts = true
[simulation]
paths = 1
frozen = true
[workloads.cluster.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = 1
[[strategies.own.stack]]
{sizing}
[strategies.own.stack.own]
accelerator = \"nvidia-h100-sxm\"
facility = \"colocation-us\"
usd_per_chip = 30_000
spares_share = 0
lead_time_months = 0
resale_share = 0
availability = 1
loss_per_year = 0
power_kw_per_chip = 0
operation_share_of_capex_per_year = 0
life_years = 10
{own}
{share}
[strategies.rent]
stack = [{{ on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 2 }} }}]
"
        )),
        1,
    )
}

const CAPEX: f64 = 64.0 * 30_000.0;
const RENT: f64 = 64.0 * 730.0 * 2.0;

#[test]
fn the_tax_shield_of_macrs_is_that_of_its_table() {
    // Publication 946, table A-1: six tax years; the plan starts with the tax year, so
    // each share is spread over twelve months.
    let table = [0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576];
    let money = "discount_rate_per_year = 0.1\ntax_rate = 0.25\n\
                 depreciation = { method = \"macrs_5\" }";
    let played = certain("2027-01", 84, money, "");
    let mut shield = 0.0;
    for month in 0..72_i32 {
        let share = table[usize::try_from(month / 12).expect("a year")] / 12.0;
        shield += 0.25 * share * CAPEX * 1.1_f64.powf(-f64::from(month) / 12.0);
    }
    assert!(near(played.part("own", "tax"), -shield, 1e-12));
    // In July half of the first tax year is left, and by the seventh nothing is.
    let played = certain("2027-07", 84, money, "");
    let years = &accounts(&played, "own").fiscal_years;
    assert_eq!(years.len(), 7);
    let found: f64 = years.iter().map(|y| -y.tax_usd).sum();
    assert!(near(found, 0.25 * CAPEX, 1e-12), "{found}");
}

/// Publication 946, chapter 4 and table A-5: all that is bought begins to serve in the last
/// quarter of the tax year, so 5 % of it are written off by its end, not 20.
#[test]
fn what_is_bought_late_in_a_tax_year_earns_by_the_quarter() {
    let of = |start: &str, years: u32, convention: &str| {
        let money = format!(
            "discount_rate_per_year = 0\ntax_rate = 0.25\nfiscal_year_start_month = 1\n\
             depreciation = {{ method = \"macrs_5\"{convention} }}"
        );
        let played = certain(start, 12 * years, &money, "");
        let years = &accounts(&played, "own").fiscal_years;
        years.iter().map(|y| -y.tax_usd / (0.25 * CAPEX)).collect::<Vec<_>>()
    };
    let close = |found: &[f64], wanted: &[f64]| {
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-9, "{found} for {wanted}");
        }
    };
    let late = [0.05, 0.38, 0.228, 0.1368, 0.1094, 0.0958];
    close(&of("2027-10", 7, ""), &late);
    close(&of("2027-12", 7, ""), &late);
    let half = [0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576];
    close(&of("2027-09", 7, ""), &half);
    close(&of("2027-10", 7, ", convention = \"half_year\""), &half);
    // Sold in the third tax year: what is left is deducted then, 57 % less nine months' 22.8.
    let sold = of("2027-10", 2, "");
    close(&sold[..2], &late[..2]);
    assert!((sold.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{sold:?}");
}

#[test]
fn forty_percent_in_the_last_quarter_is_not_yet_more_than_forty() {
    let first_year = |late: f64| {
        let money = "discount_rate_per_year = 0\ntax_rate = 0.25\n\
                     fiscal_year_start_month = 1\ndepreciation = { method = \"macrs_5\" }";
        let text = format!(
            "sizing.schedule.orders = [{{ month = 0, chips = {} }}, {{ month = 9, chips = {late} }}]",
            200.0 - late
        );
        let played = scheduled("2027-01", 84, money, &text);
        -accounts(&played, "own").fiscal_years[0].tax_usd / (0.25 * 200.0 * 30_000.0)
    };
    assert!((first_year(80.0) - 0.2).abs() < 1e-9, "{}", first_year(80.0));
    let found = first_year(96.0);
    assert!((found - (0.52 * 0.35 + 0.48 * 0.05)).abs() < 1e-9, "{found}");
}

#[test]
fn all_of_a_bonus_is_deducted_in_the_first_month() {
    let money = "tax_rate = 0.25\ndepreciation = { bonus_share = 1 }";
    let played = certain("2027-01", 24, money, "");
    assert!(near(played.part("own", "tax"), -0.25 * CAPEX, 1e-12));
}

#[test]
fn what_is_sold_before_it_is_written_off_is_taxed_on_the_difference() {
    // Sold at the end of two years for nothing: the other 48 % are deducted then.
    let money = "discount_rate_per_year = 0\ntax_rate = 0.25\ndepreciation = { method = \"macrs_5\" }";
    let played = certain("2027-01", 24, money, "");
    assert!(near(played.part("own", "tax"), -0.25 * CAPEX, 1e-12));
}

#[test]
fn an_investment_has_the_rate_and_payback_of_its_annuity() {
    let played =
        certain("2027-01", 60, "discount_rate_per_year = 0.08\ntax_rate = 0", "");
    let found = appraisal(&played, "own", "rent");
    // Rent is saved from the first month on, in the month in which chips are bought.
    let Irr::At(rate) = found.irr_per_year else { panic!("{found:?}") };
    let v = (1.0 + rate).powf(-1.0 / 12.0);
    let worth = RENT * (1.0 - v.powi(60)) / (1.0 - v);
    assert!(near(worth, CAPEX, 1e-9), "{rate}: {worth}");
    // 1,920,000 / 93,440 a month.
    let Payback::At(months) = found.payback_months else { panic!("{found:?}") };
    assert!((months - CAPEX / RENT).abs() < 1e-9, "{months}");
    assert_eq!(appraisal(&played, "rent", "own").payback_months, Payback::Never);
    // Rent's own equivalent annual cost, from tables of 8 % over 5 years: 0.250456.
    let rent = accounts(&played, "rent");
    let cost = -rent.net_present_value_usd;
    assert!(near(rent.equivalent_annual_cost_usd, cost * 0.250_456_454_6, 1e-9));
    // Chips work all the time: powered and delivered cost the same, two dollars rented.
    let hourly = rent.usd_per_chip_hour_delivered.expect("chips deliver");
    assert!(near(hourly, 2.0, 1e-12) && rent.usd_per_chip_hour_powered == Some(hourly));
}

#[test]
fn a_shorter_plan_never_pays_back() {
    let played = certain("2027-01", 12, "discount_rate_per_year = 0\ntax_rate = 0", "");
    let found = appraisal(&played, "own", "rent");
    assert_eq!(found.payback_months, Payback::Never);
    // Less comes back than was laid out: the rate is below zero.
    assert!(matches!(found.irr_per_year, Irr::At(rate) if rate < 0.0), "{found:?}");
}

#[test]
fn a_grace_pays_interest_alone_and_the_annuity_repays_the_rest() {
    let money = "discount_rate_per_year = 0\ntax_rate = 0\ndebt = { share_of_capex = 0.5, \
                 rate_per_year = 0.12, years = 3, grace_months = 12, covenant_dscr = 1.3 }";
    let played = certain("2027-01", 61, money, "");
    let years = &accounts(&played, "own").fiscal_years;
    let loan = 0.5 * CAPEX;
    let i = 1.12_f64.powf(1.0 / 12.0) - 1.0;
    // The first payment is due in the second month: eleven of interest in the first year.
    assert!(near(years[0].debt_service_usd, 11.0 * i * loan, 1e-9));
    assert!(near(years[0].debt_usd, 11.0 * i * loan - loan, 1e-9));
    let annuity = loan * i / (1.0 - (1.0 + i).powi(-24));
    assert!(near(years[1].debt_service_usd, i * loan + 11.0 * annuity, 1e-9));
    assert!(near(years[2].debt_service_usd, 12.0 * annuity, 1e-9));
    assert!(near(years[3].debt_service_usd, annuity, 1e-9));
    assert!(years[4].debt_service_usd.abs() < 1e-6);
    let paid: f64 = years.iter().map(|y| y.debt_usd).sum();
    let interest: f64 = years.iter().map(|y| y.interest_usd).sum();
    assert!((paid - interest).abs() < 1e-6 * loan, "{paid} {interest}");
    // What renting would cost pays for the loan.
    let found = appraisal(&played, "own", "rent");
    assert_eq!(found.coverage.len(), 4);
    let ratio = found.coverage[2].ratio;
    assert!(near(ratio, 12.0 * RENT / (12.0 * annuity), 1e-9), "{ratio}");
    assert_eq!(found.covenant_met, Some(ratio >= 1.3));
    assert!(appraisal(&played, "rent", "own").coverage.is_empty());
}

/// What is borrowed is drawn when the machines are paid, not through the month: half of the
/// price on credit, free of interest, leaves C/2 at the start, and from the second month on
/// a payment p beside the rent R that is saved. So C/2 − tR + (t − 1)p = 0.
#[test]
fn a_loan_is_drawn_when_the_machines_are_paid() {
    let after = |share: f64| {
        let money = format!(
            "discount_rate_per_year = 0\ntax_rate = 0\ndebt = {{ share_of_capex = {share}, \
             rate_per_year = 0, years = 5 }}"
        );
        let played = certain("2027-01", 60, &money, "");
        let decision = &played.decision;
        match decision.break_even_of("own", "rent").expect("a pair of the plan").months {
            rackcast::decide::Threshold::Always => 0.0,
            rackcast::decide::Threshold::At(months) => months,
            rackcast::decide::Threshold::Never(x) => panic!("never: {x:?}"),
        }
    };
    for share in [0.0, 0.5, 0.8] {
        let (owed, paid) = (share * CAPEX, (1.0 - share) * CAPEX);
        let p = owed / 60.0;
        let months = (paid - p) / (RENT - p);
        assert!(near(after(share), months, 0.01), "{share}: {} {months}", after(share));
    }
    // Nothing of one's own is put in: it is never dearer.
    assert!(after(1.0).abs() < 1e-12, "{}", after(1.0));
}

#[test]
fn fiscal_years_begin_where_the_plan_says() {
    let money = "tax_rate = 0\nfiscal_year_start_month = 7";
    let played = certain("2027-05", 24, money, "");
    let years = &accounts(&played, "own").fiscal_years;
    let found: Vec<(i32, u32)> = years.iter().map(|y| (y.year, y.months)).collect();
    assert_eq!(found, [(2026, 2), (2027, 12), (2028, 10)]);
    assert!(near(years[0].capex_usd, CAPEX, 1e-12));
    let rent = &accounts(&played, "rent").fiscal_years;
    assert!(near(rent[0].opex_usd, 2.0 * RENT, 1e-12));
}

#[test]
fn a_training_run_costs_what_its_share_of_the_hours_costs() {
    let text = "title = \"Runs\"
[time]
start = \"2027-01\"
months = 24
[money]
tax_rate = 0
[results]
accounts = true
[simulation]
paths = 1
frozen = true
[workloads.pretraining.training]
model = \"llama-3.1-8b\"
tokens_trillion = 2
runs_per_year = 6
chips_per_run = 1024
[strategies]
rent.stack = [{ on_demand = { accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 2 } }]
";
    let played = play(&plan(text), 1);
    let found = accounts(&played, "rent").usd_per_training_run.expect("runs are served");
    // Half a run a month, frozen: a month costs half of what a run does.
    let month = accounts(&played, "rent").monthly_cash[0];
    assert!(near(found, 2.0 * month, 1e-9), "{found} {month}");
}
