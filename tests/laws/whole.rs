//! Whole plans of several workloads and every kind of source: chips, work and cash are
//! conserved on single paths, prices scale, and knowing the future is worth no less than
//! nothing.

use proptest::prelude::*;
use rackcast::engine::{Bill, bill, one_path};

use crate::played::{mean, near, plan, play, scenario};
use crate::tries;

const CHIP: &str = "accelerator = \"nvidia-h100-sxm\"";

/// What differs from plan to plan.
#[derive(Debug, Clone)]
struct Whole {
    seed: u64,
    months: u32,
    /// Discount, tax, share of capex borrowed.
    money: [f64; 3],
    requests: f64,
    chips: f64,
    jobs: f64,
    growth: [f64; 2],
    life: u32,
    loss: f64,
    sells: bool,
    quota: f64,
    rule: &'static str,
}

fn whole() -> impl Strategy<Value = Whole> {
    let rules = vec![
        "demand_quantile = { quantile = 0.7, hours_covered = 0.9 }",
        "min_max = { up_to_share = 1.3 }",
        "years_of_growth = {}",
        "newsvendor = {}",
        "rolling = {}",
    ];
    (
        (0u64..1000, 8u32..40, [0.0..0.15, 0.0..0.4, 0.0..0.9f64]),
        (1e4..3e6f64, 4.0..200.0f64, 1.0..60.0f64, [-0.6..0.5, 0.05..0.6f64]),
        (1u32..5, 0.0..0.3f64, any::<bool>(), 2.0..60.0f64, prop::sample::select(rules)),
    )
        .prop_map(|(a, b, c)| Whole {
            seed: a.0,
            months: a.1,
            money: a.2,
            requests: b.0,
            chips: b.1,
            jobs: b.2,
            growth: b.3,
            life: c.0,
            loss: c.1,
            sells: c.2,
            quota: c.3,
            rule: c.4,
        })
}

impl Whole {
    /// The plan with every price times `k`; no price is left to the catalogue.
    fn text(&self, k: f64) -> String {
        let usd = |x: f64| format!("{:?}", k * x);
        let band = |x: f64| {
            let (low, mid, high) = (usd(x * 0.8), usd(x), usd(x * 1.3));
            format!("{{ p10 = {low}, p50 = {mid}, p90 = {high} }}")
        };
        let [discount, tax, share] = self.money;
        let [drift, volatility] = self.growth;
        let sells = if self.sells { "sell_unneeded = {}" } else { "" };
        let machines = format!(
            "{CHIP}, facility = \"own-hall-us\", usd_per_chip = {}, energy_usd_per_kwh = {}, \
             space_usd_per_kw_month = {}, other_usd_per_chip_month = {}, \
             storage_usd_per_chip = {}, loss_per_year = {:.3}, \
             lead_time_months = {{ p10 = 1, p50 = 2, p90 = 5 }}, \
             staff = {{ usd_per_person_year = {}, chips_per_person = 200 }}",
            band(31_000.0),
            band(0.08),
            band(100.0),
            usd(30.0),
            usd(900.0),
            self.loss,
            usd(150_000.0),
        )
        // A hall's construction is priced by its facility; here space is rented.
        .replace("own-hall-us", "colocation-us");
        let hourly =
            format!("{{ on_demand = {{ {CHIP}, usd_per_chip_hour = {} }} }}", band(3.0));
        let spot = format!(
            "{{ spot = {{ {CHIP}, quota_chips = {:.1}, usd_per_chip_hour = {} }} }}",
            self.quota,
            band(1.2)
        );
        let reserve = format!(
            "{{ reserve = {{ {CHIP}, term_years = 1, usd_per_chip_hour = {}, upfront_share = 0.3, \
             fees = {{ once_usd = {}, support_share_of_spend = 0.05 }} }} }}",
            band(2.1),
            usd(700.0)
        );
        let api = format!(
            "{{ api = {{ input_usd_per_mtok = {}, output_usd_per_mtok = {}, \
             mtok_per_minute_limit = 0.4, qualification_months = 2, switching_usd = {}, \
             fees = {{ usd_per_month = {} }} }} }}",
            usd(0.1),
            usd(0.3),
            usd(9_000.0),
            usd(50.0)
        );
        let (seed, months, life) = (self.seed, self.months, self.life);
        let (requests, chips, jobs, rule) =
            (self.requests, self.chips, self.jobs, self.rule);
        format!(
            "title = \"Whole\"
[time]
start = \"2027-02\"
months = {months}
[money]
discount_rate_per_year = {discount:.3}
tax_rate = {tax:.3}
depreciation.method = \"macrs_5\"
debt = {{ share_of_capex = {share:.3}, rate_per_year = 0.07, years = 3 }}
[simulation]
seed = {seed}
[results]
accounts = true
[workloads.chat]
growth.geometric = {{ drift_per_year = {drift:.3}, volatility_per_sqrt_year = {volatility:.3} }}
[workloads.chat.inference]
model = \"llama-3.1-8b\"
requests_per_day = {requests:.0}
input_tokens = 900
output_tokens = 250
[workloads.cluster]
growth.geometric = {{ drift_per_year = {drift:.3}, volatility_per_sqrt_year = {volatility:.3} }}
[workloads.cluster.chip_hours]
{CHIP}
chips = {{ p10 = {:.2}, p50 = {chips:.2}, p90 = {:.2} }}
utilisation = 0.7
[workloads.tuning.fine_tuning]
model = \"llama-3.1-8b\"
jobs_per_month = {jobs:.1}
mtok_per_job = 9
[strategies]
own.stack = [{{ own = {{ {machines}, life_years = {life}, {} }}, sizing.{rule} }}, \
             {spot}, {api}, {hourly}]
mixed.stack = [{{ lease = {{ term_years = 2, rate_per_year = 0.09, machines = {{ {machines} }} }} }}, \
               {reserve}, {spot}]
rent.stack = [{hourly}]
",
            chips * 0.5,
            chips * 1.8,
            if sells.is_empty() { "deposit_share = 0.2" } else { sells },
        )
    }
}

/// Equal but for rounding of numbers of the size of `size`.
fn same(a: f64, b: f64, size: f64) -> bool {
    (a - b).abs() <= 1e-9 * size.abs().max(1.0)
}

fn conserved(bill: &Bill) -> Result<(), TestCaseError> {
    for (month, chips) in bill.chips.iter().enumerate() {
        let (arrived, gone) = (chips.arrived, chips.failed + chips.sold);
        prop_assert!(
            same(arrived, chips.standing + gone, arrived),
            "{} month {month}: {chips:?}",
            bill.strategy
        );
        prop_assert!(chips.standing >= 0.0 && chips.failed >= 0.0 && chips.sold >= 0.0);
    }
    for (work, chips) in bill.work.iter().zip(&bill.chips) {
        let mut hours = 0.0;
        for done in work {
            let sum = done.by_chips + done.bought + done.unserved;
            prop_assert!(same(done.demanded, sum, done.demanded), "{done:?}");
            let least = -1e-9 * done.demanded;
            prop_assert!(
                done.by_chips >= least && done.bought >= least && done.unserved >= least,
                "{}: {done:?}",
                bill.strategy
            );
            hours += done.by_chips * done.chip_hours_per_unit.unwrap_or(0.0);
        }
        // What committed chips worked is what nobody else served and was not left.
        prop_assert!(
            same(hours, chips.used_hours, hours.max(chips.used_hours)),
            "{}: {hours} {}",
            bill.strategy,
            chips.used_hours
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(tries(12))]

    #[test]
    fn chips_work_and_cash_are_conserved_on_every_path(whole in whole(), path in 0u64..300) {
        let scenario = scenario(&plan(&whole.text(1.0)), 300, None);
        let alone = one_path(&scenario, path);
        for (s, played) in alone.strategies.iter().enumerate() {
            let bill = bill(&scenario, s, path);
            conserved(&bill)?;
            let size: f64 = bill.lines.iter().map(|line| line.present.abs()).sum();
            let sum: f64 = bill.lines.iter().map(|line| line.present).sum();
            prop_assert!(same(sum, bill.net_present_cost, size), "{}", bill.strategy);
            let to_date = &played.cost_to_date.samples[0];
            let cost = *to_date.last().expect("a month was played");
            prop_assert!(same(sum, cost, size), "{}: {sum} {cost}", bill.strategy);
            // What is bought has its price: no line of rent or tokens without a quantity.
            for line in bill.lines.iter().filter(|l| l.part == "rent" || l.part == "tokens") {
                prop_assert!(!line.source.is_empty(), "{line:?}");
                prop_assert!(line.quantity.is_some() || line.amount < 0.0, "{line:?}");
            }
        }
    }

    #[test]
    fn all_prices_of_a_whole_plan_times_k_cost_k_times_as_much(
        whole in whole(), k in 0.1..20.0f64,
    ) {
        // Rules that weigh prices against each other do so whatever the currency.
        let (one, many) = (play(&plan(&whole.text(1.0)), 256), play(&plan(&whole.text(k)), 256));
        prop_assert_eq!(&one.decision.order, &many.decision.order);
        for (a, b) in one.outcome.strategies.iter().zip(&many.outcome.strategies) {
            prop_assert!(near(k * mean(a), mean(b), 1e-7), "{}: {} {}", a.name, mean(a), mean(b));
            prop_assert!((a.best.mean - b.best.mean).abs() < 1e-12, "{}", a.name);
            prop_assert!((a.unserved_share.mean - b.unserved_share.mean).abs() < 1e-9);
        }
    }

    #[test]
    fn knowing_the_path_is_worth_no_less_than_nothing(whole in whole()) {
        let text = whole.text(1.0);
        let played = play(&plan(&text), 256);
        let worth = played.decision.worth.as_ref().expect("strategies were played");
        prop_assert!(worth.perfect_information >= 0.0, "{worth:?}");
        // One strategy leaves nothing to choose, a frozen plan nothing to know.
        let one = text.replace("[time]", "compare = [\"own\"]\n[time]");
        let frozen = text.replace("[simulation]", "[simulation]\nfrozen = true\npaths = 1");
        for text in [one, frozen] {
            let paths = if text.contains("frozen") { 1 } else { 256 };
            let played = play(&plan(&text), paths);
            let worth = played.decision.worth.as_ref().expect("strategies were played");
            let size = mean(&played.outcome.strategies[0]).abs();
            prop_assert!(worth.perfect_information.abs() <= 1e-12 * size, "{worth:?}");
        }
    }
}
