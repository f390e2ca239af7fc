//! Cash adds up, prices scale, loans at the discount rate are worth nothing, and tax
//! takes its share.

use proptest::prelude::*;
use rackcast::report::fan::fans;

use crate::played::{mean, near, plan, play};
use crate::{plans, tries};

proptest! {
    #![proptest_config(tries(16))]

    #[test]
    fn the_parts_of_the_cash_and_its_two_halves_are_the_cost(text in plans::valid()) {
        let played = play(&plan(&text), 300);
        for s in &played.outcome.strategies {
            let cost = mean(s);
            // Receipts are negative, so the size of what is added bounds the rounding.
            let size: f64 = s.parts.iter().map(|p| p.mean.mean.abs()).sum();
            let parts: f64 = s.parts.iter().map(|p| p.mean.mean).sum();
            prop_assert!((parts - cost).abs() <= 1e-9 * size, "{}: {parts} {cost}", s.name);
            let halves = s.fixed.mean + s.variable.mean;
            prop_assert!((halves - cost).abs() <= 1e-9 * size, "{}: {halves} {cost}", s.name);
        }
    }

    #[test]
    fn every_fan_is_finite_and_its_quantiles_rise(text in plans::valid()) {
        let played = play(&plan(&text), 300);
        for fan in fans(&played.scenario, &played.outcome) {
            for q in &fan.data.quantiles {
                prop_assert!(q.iter().all(|x| x.is_finite()), "{}: {q:?}", fan.key);
                prop_assert!(q.is_sorted(), "{}: {q:?}", fan.key);
            }
            let months = played.scenario.months as usize;
            prop_assert_eq!(fan.data.quantiles.len(), months);
        }
        for s in &played.outcome.strategies {
            prop_assert!((0.0..=1.0).contains(&s.unserved_share.mean));
            prop_assert!(s.utilisation.is_none_or(|u| (0.0..=1.0 + 1e-12).contains(&u)));
        }
    }

    #[test]
    fn all_prices_times_k_cost_k_times_as_much_and_change_no_decision(
        k in 0.2..9.0f64, seed in 0u64..1000, months in 6u32..40, tax in 0.0..0.4f64,
    ) {
        let one = play(&plan(&priced(1.0, seed, months, tax)), 300);
        let many = play(&plan(&priced(k, seed, months, tax)), 300);
        prop_assert_eq!(&one.decision.order, &many.decision.order);
        for (a, b) in one.outcome.strategies.iter().zip(&many.outcome.strategies) {
            prop_assert!(near(k * mean(a), mean(b), 1e-9), "{}: {} {}", a.name, mean(a), mean(b));
            prop_assert!(near(k * a.regret.mean, b.regret.mean, 1e-9) || a.regret.mean < 1e-9 * mean(a));
            prop_assert!((a.best.mean - b.best.mean).abs() < 1e-12, "{}", a.name);
            prop_assert_eq!(&a.chips, &b.chips, "{} orders otherwise", a.name);
            prop_assert!((a.unserved_share.mean - b.unserved_share.mean).abs() < 1e-12);
        }
    }

    #[test]
    fn a_loan_at_the_discount_rate_costs_what_cash_costs(
        rate in 0.0..0.2f64, share in 0.05..1.0f64, years in 1u32..8, months in 6u32..70,
        lead in 1u32..9, seed in 0u64..1000,
    ) {
        let debt = format!(
            "debt = {{ share_of_capex = {share:.4}, rate_per_year = {rate:.4}, years = {years} }}"
        );
        let cash = play(&plan(&financed(rate, "", months, lead, seed)), 256);
        let loan = play(&plan(&financed(rate, &debt, months, lead, seed)), 256);
        prop_assert!(
            near(cash.cost("own"), loan.cost("own"), 1e-6),
            "cash {}, loan {}", cash.cost("own"), loan.cost("own")
        );
        let worth = loan.part("own", "debt").abs();
        prop_assert!(worth <= 1e-6 * loan.part("own", "capex"), "the loan is worth {worth}");
    }

    #[test]
    fn tax_takes_its_share_of_a_strategy_that_only_runs(
        tax in 0.0..0.9f64, seed in 0u64..1000, quota in 1.0..80.0f64,
    ) {
        let untaxed = play(&plan(&running(0.0, seed, quota)), 256);
        let taxed = play(&plan(&running(tax, seed, quota)), 256);
        for name in ["rent", "reserved", "scarce"] {
            let (before, after) = (untaxed.cost(name), taxed.cost(name));
            prop_assert!(near(after, (1.0 - tax) * before, 1e-12), "{name}: {before} {after}");
        }
    }
}

#[test]
fn a_dearer_loan_costs_more_and_a_cheaper_one_less() {
    let cost = |rate: f64| {
        let debt = format!(
            "debt = {{ share_of_capex = 0.8, rate_per_year = {rate}, years = 4 }}"
        );
        play(&plan(&financed(0.08, &debt, 60, 3, 1)), 256).cost("own")
    };
    let cash = play(&plan(&financed(0.08, "", 60, 3, 1)), 256).cost("own");
    assert!(cost(0.04) < cash && cash < cost(0.12));
}

/// Every price is the plan's, times `k`; what is left to the facility is no price.
fn priced(k: f64, seed: u64, months: u32, tax: f64) -> String {
    let usd = |x: f64| format!("{:?}", k * x);
    let band = |x: f64| {
        let (low, mid, high) = (usd(x * 0.8), usd(x), usd(x * 1.3));
        format!("{{ p10 = {low}, p50 = {mid}, p90 = {high} }}")
    };
    let hourly = format!(
        "{{ on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = {} }} }}",
        band(3.0)
    );
    format!(
        "title = \"Every price explicit\"
[time]
start = \"2027-01\"
months = {months}
[money]
tax_rate = {tax:.3}
[simulation]
seed = {seed}
[workloads.cluster.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = {{ p10 = 30, p50 = 64, p90 = 150 }}
utilisation = 0.7
[workloads.cluster.growth.geometric]
drift_per_year = 0.2
volatility_per_sqrt_year = 0.4
[strategies]
rent.stack = [{hourly}]
scarce.stack = [{{ spot = {{ accelerator = \"nvidia-h100-sxm\", quota_chips = 40, \
                usd_per_chip_hour = {} }} }}]
reserved.stack = [{{ reserve = {{ accelerator = \"nvidia-h100-sxm\", term_years = 1, \
                  usd_per_chip_hour = {} }} }}, {hourly}]
[[strategies.own.stack]]
[strategies.own.stack.own]
accelerator = \"nvidia-h100-sxm\"
facility = \"colocation-us\"
usd_per_chip = {}
energy_usd_per_kwh = {}
space_usd_per_kw_month = {}
other_usd_per_chip_month = {}
[[strategies.own.stack]]
on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = {} }}
",
        band(1.1),
        band(2.2),
        band(31_000.0),
        band(0.08),
        band(150.0),
        usd(40.0),
        band(3.0),
    )
}

/// Machines that serve a schedule, bought on credit or not; every other thing moves.
fn financed(rate: f64, debt: &str, months: u32, lead: u32, seed: u64) -> String {
    format!(
        "title = \"Cash or credit\"
[time]
start = \"2027-01\"
months = {months}
[money]
discount_rate_per_year = {rate:.4}
tax_rate = 0
{debt}
[simulation]
seed = {seed}
[workloads.cluster.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = 0.7
[[strategies.own.stack]]
sizing.schedule.orders = [{{ month = 0, chips = 32 }}, {{ month = 5, chips = 32 }}]
[strategies.own.stack.own]
accelerator = \"nvidia-h100-sxm\"
facility = \"colocation-us\"
lead_time_months = {{ p10 = {lead}, p50 = {}, p90 = {} }}
[[strategies.own.stack]]
on_demand = {{ accelerator = \"nvidia-h100-sxm\" }}
",
        lead + 1,
        lead + 3
    )
}

fn running(tax: f64, seed: u64, quota: f64) -> String {
    let chip = "accelerator = \"nvidia-h100-sxm\"";
    format!(
        "title = \"Nothing bought\"
[time]
start = \"2027-01\"
months = 20
[money]
tax_rate = {tax:?}
[simulation]
seed = {seed}
[workloads.cluster.chip_hours]
{chip}
chips = {{ p10 = 30, p50 = 64, p90 = 150 }}
utilisation = 0.7
[strategies]
rent.stack = [{{ on_demand = {{ {chip} }} }}]
reserved.stack = [{{ reserve = {{ {chip}, term_years = 1, usd_per_chip_hour = 2.2 }} }}, \
                  {{ on_demand = {{ {chip} }} }}]
scarce.stack = [{{ spot = {{ {chip}, quota_chips = {quota:.2}, usd_per_chip_hour = 1 }} }}]
"
    )
}

#[test]
fn the_laws_plans_leave_some_work_unserved_and_some_not() {
    let played = play(&plan(&priced(1.0, 1, 24, 0.2)), 300);
    assert!(played.strategy("scarce").unserved_share.mean > 0.05);
    assert!(played.strategy("rent").unserved_share.mean < 1e-12);
    assert!(played.chips("own").quantiles.iter().any(|q| q[4] > 0.0));
}
