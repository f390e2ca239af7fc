//! Ways to pay: each source costs what its terms say, to the dollar.

use crate::finance::certain;
use crate::played::{near, plan, play};

const CHIPS: f64 = 64.0;
const CHEAP: &str = "discount_rate_per_year = 0\ntax_rate = 0";

#[test]
fn people_licences_insurance_and_a_stepped_network_cost_what_they_say() {
    let own = "storage_usd_per_chip = 1000
install_usd_per_chip = 500
network = { switch_ports = 16, usd_per_switch = 1000, usd_per_link = 50 }
staff = { usd_per_person_year = 120_000, chips_per_person = 50 }
software_usd_per_chip_year = 600
insurance_share_of_capex_per_year = 0.012
decommissioning_usd_per_chip = 100";
    let played = certain("2027-01", 12, CHEAP, own);
    // Two layers join 64 chips: 8 leaves, 4 spines, a link a chip in each.
    let capex = CHIPS * 31_500.0 + 12.0 * 1_000.0 + 2.0 * CHIPS * 50.0;
    assert!(near(played.part("own", "capex"), capex, 1e-12));
    // 64 chips need two people.
    let people = 2.0 * 120_000.0;
    let running = people + CHIPS * 600.0 + 0.012 * capex + CHIPS * 100.0;
    let space = certain("2027-01", 12, CHEAP, "").part("own", "operation");
    let found = played.part("own", "operation") - space;
    assert!(near(found, running, 1e-9), "{found} {running}");
}

#[test]
fn land_is_bought_with_a_hall_and_sold_for_what_it_then_costs() {
    let hall = |land: &str| {
        play(
            &plan(&format!(
                "title = \"A hall\"
[time]
start = \"2027-01\"
months = 36
[money]
discount_rate_per_year = 0
tax_rate = 0
inflation_per_year = 0
[simulation]
paths = 1
frozen = true
[workloads.cluster.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = 1
[[strategies.own.stack]]
sizing.schedule.orders = [{{ month = 0, chips = 64 }}]
[strategies.own.stack.own]
accelerator = \"nvidia-h100-sxm\"
facility = \"own-hall-us\"
nameplate_kw_per_chip = 1.5
{land}
[[strategies.own.stack]]
on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 2 }}
"
            )),
            1,
        )
    };
    let (without, with) =
        (hall(""), hall("land_usd_per_kw = 400\nland_growth_per_year = 0.05"));
    let land = CHIPS * 1.5 * 400.0;
    let more = |part: &str| with.part("own", part) - without.part("own", part);
    assert!(near(more("capex"), land, 1e-9), "{}", more("capex"));
    assert!(near(more("resale"), -land * 1.05_f64.powi(3), 1e-9), "{}", more("resale"));
}

/// What serves 64 chips' work in a plan without anything uncertain.
fn served_by(months: u32, stack: &str) -> crate::played::Played {
    play(
        &plan(&format!(
            "title = \"64 chips\"
[time]
start = \"2027-01\"
months = {months}
[money]
discount_rate_per_year = 0
tax_rate = 0
inflation_per_year = 0
[results]
accounts = true
[simulation]
paths = 1
frozen = true
[workloads.cluster.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = 1
[[strategies.it.stack]]
{stack}
"
        )),
        1,
    )
}

fn leased(kind: &str, rest: &str) -> crate::played::Played {
    served_by(
        60,
        &format!(
            "sizing.schedule.orders = [{{ month = 0, chips = 64 }}]
[strategies.it.stack.lease]
kind = \"{kind}\"
term_years = 3
rate_per_year = 0.08
{rest}
[strategies.it.stack.lease.machines]
accelerator = \"nvidia-h100-sxm\"
facility = \"colocation-us\"
usd_per_chip = 30_000
network_share_of_capex = 0
spares_share = 0
lead_time_months = 0
resale_share = 0
availability = 1
loss_per_year = 0
operation_share_of_capex_per_year = 0
[[strategies.it.stack]]
on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 2 }}"
        ),
    )
}

#[test]
fn an_operating_lease_pays_its_rents_and_gives_the_machines_back() {
    let price = CHIPS * 30_000.0;
    let played = leased("operating", "residual_share = 0.25");
    let v = 1.08_f64.powf(-1.0 / 12.0);
    let worth = (1.0 - v.powi(36)) / (1.0 - v);
    let rent = price * (1.0 - 0.25 * v.powi(36)) / worth;
    // 36 rents, then two years by the hour.
    let hourly = 24.0 * CHIPS * 730.0 * 2.0;
    assert!(near(played.part("it", "rent"), 36.0 * rent + hourly, 1e-9));
    assert!(played.part("it", "capex").abs() < 1e-6);
    let chips = &played.chips("it").quantiles;
    assert!(near(chips[35][4], CHIPS, 1e-12) && chips[36][4] < 1e-9);
}

#[test]
fn a_finance_lease_is_a_loan_of_the_whole_price() {
    let price = CHIPS * 30_000.0;
    let played = leased("finance", "");
    let i = 1.08_f64.powf(1.0 / 12.0) - 1.0;
    let payment = price * i / (1.0 - (1.0 + i).powi(-36));
    let paid = played.part("it", "capex") + played.part("it", "debt");
    assert!(near(paid, 36.0 * payment, 1e-9), "{paid}");
    let years = &played.strategy("it").accounts.as_ref().expect("asked for").fiscal_years;
    let interest: f64 = years.iter().map(|y| y.interest_usd).sum();
    assert!(near(interest, 36.0 * payment - price, 1e-9), "{interest}");
}

#[test]
fn what_is_paid_upfront_and_monthly_is_the_price_of_the_months_of_the_plan() {
    let cost = |months: u32, share: f64| {
        let stack = format!(
            "sizing.schedule.orders = [{{ month = 0, chips = 64 }}]
reserve = {{ accelerator = \"nvidia-h100-sxm\", term_years = 3, usd_per_chip_hour = 1.5, \
             upfront_share = {share} }}
[[strategies.it.stack]]
on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 2 }}"
        );
        served_by(months, &stack)
    };
    for share in [0.0, 0.5, 1.0] {
        for months in [12, 36] {
            let played = cost(months, share);
            let all = f64::from(months) * CHIPS * 730.0 * 1.5;
            assert!(near(played.cost("it"), all, 1e-12), "{share} {months}");
            let first = played.strategy("it").accounts.as_ref().expect("asked for");
            let first = first.monthly_cash[0] / (CHIPS * 730.0 * 1.5);
            assert!((first - (36.0 * share + 1.0 - share)).abs() < 1e-9, "{first}");
        }
    }
}
