//! Machines sold before their life is over: what they fetch, what they stop costing, and
//! what the books and the tax office make of it.

use crate::played::{Played, near, plan, play};

const PRICE: f64 = 30_000.0;
const WEAR: f64 = 0.2;
const MONTHS: i32 = 30;
/// The need halves in month 12; six months later half of the chips have had no work for
/// six months, the month of the sale counted.
const SOLD: i32 = 17;

/// 64 chips for work that halves after a year.
fn halved(money: &str, own: &str) -> Played {
    play(
        &plan(&format!(
            "title = \"Half of the work goes\"
[time]
start = \"2027-01\"
months = {MONTHS}
[money]
discount_rate_per_year = 0
inflation_per_year = 0
depreciation_years = 5
{money}
[results]
accounts = true
[simulation]
paths = 1
[trajectories]
hardware_price.constant = {{}}
resale.constant = {{}}
[workloads.cluster]
intensity.constant = {{}}
growth.schedule = {{ years = [0, 0.95, 1, 5], levels = [1, 1, 0.5, 0.5] }}
[workloads.cluster.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = 1
[[strategies.own.stack]]
sizing.schedule.orders = [{{ month = 0, chips = 64 }}]
[strategies.own.stack.own]
accelerator = \"nvidia-h100-sxm\"
facility = \"colocation-us\"
usd_per_chip = {PRICE}
network_share_of_capex = 0
spares_share = 0
lead_time_months = 0
generation = \"same\"
wear_per_year = {WEAR}
resale_share = 1
availability = 1
loss_per_year = 0
energy_usd_per_kwh = 0
space_usd_per_kw_month = 0
operation_share_of_capex_per_year = 0.1
{own}
[[strategies.own.stack]]
on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 2 }}
"
        )),
        1,
    )
}

const SELL: &str =
    "sell_unneeded = { after_months = 6, slack_share = 0, cost_share = 0.05 }";
const UNTAXED: &str = "tax_rate = 0";

/// What so many chips of an age in months fetch.
fn used(chips: f64, age: i32) -> f64 {
    chips * PRICE * (-WEAR * f64::from(age) / 12.0).exp()
}

#[test]
fn what_stood_idle_is_sold_at_the_price_of_the_path_less_the_cost_of_the_sale() {
    let played = halved(UNTAXED, SELL);
    let proceeds = 0.95 * used(32.0, SOLD) + used(32.0, MONTHS);
    assert!(near(played.part("own", "resale"), -proceeds, 1e-9));
    let chips = &played.chips("own").quantiles;
    let (before, after) = (chips[16][4], chips[17][4]);
    assert!(near(before, 64.0, 1e-12) && near(after, 32.0, 1e-12), "{before} {after}");
    // Sold machines need no care any more.
    let years = (64.0 * 17.0 + 32.0 * 13.0) / 12.0;
    assert!(near(played.part("own", "operation"), 0.1 * PRICE * years, 1e-9));
    assert!(played.part("own", "rent").abs() < 1e-6);
    // Nothing is sold where slack covers what stands, or where the key is not written.
    for none in ["", "sell_unneeded = { after_months = 6, slack_share = 1 }"] {
        let kept = halved(UNTAXED, none);
        assert!(near(kept.part("own", "resale"), -used(64.0, MONTHS), 1e-9), "{none}");
    }
}

#[test]
fn the_books_and_the_tax_office_write_off_what_was_bought_and_no_more() {
    let capex = 64.0 * PRICE;
    for method in ["", "depreciation.method = \"macrs_5\""] {
        let played = halved(&format!("tax_rate = 0.25\n{method}"), SELL);
        let years = &played.strategy("own").accounts.as_ref().expect("asked for");
        let years = &years.fiscal_years;
        let written: f64 = years.iter().map(|y| y.depreciation_usd).sum();
        let months = 64.0 * 17.0 + 32.0 * 13.0;
        assert!(near(written, PRICE / 60.0 * months, 1e-9), "{written}");
        let resale = played.part("own", "resale");
        let lost: f64 = years.iter().map(|y| y.loss_on_disposal_usd).sum();
        assert!(near(written + lost, capex + resale, 1e-9), "{lost}");
        // Over the whole plan profit is taxed as cash, whatever was written off when.
        let cost = played.part("own", "operation") + capex + resale;
        assert!(near(played.part("own", "tax"), -0.25 * cost, 1e-9), "{method}");
    }
}

#[test]
fn a_loan_on_what_is_sold_goes_on() {
    let debt = "tax_rate = 0\n\
                debt = { share_of_capex = 0.8, rate_per_year = 0.07, years = 2 }";
    let (sold, kept) = (halved(debt, SELL), halved(debt, ""));
    let (sold, kept) = (sold.part("own", "debt"), kept.part("own", "debt"));
    assert!(near(sold, kept, 1e-12) && sold > 0.0, "{sold} {kept}");
}

#[test]
fn what_is_taken_away_is_paid_for() {
    let removed = |own: &str| {
        halved(UNTAXED, &format!("decommissioning_usd_per_chip = 100\n{own}"))
            .part("own", "operation")
    };
    let plain = halved(UNTAXED, SELL).part("own", "operation");
    assert!(near(removed(SELL) - plain, 6_400.0, 1e-6));
}

#[test]
fn whole_lumps_are_sold() {
    let played = halved(UNTAXED, &format!("lump_chips = 24\n{SELL}"));
    // 72 chips came in lumps of 24; 40 stand above need, of which 24 go.
    let chips = &played.chips("own").quantiles;
    assert!(near(chips[17][4], 48.0, 1e-12), "{}", chips[17][4]);
}
