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

/// 64 chips in a hall of one's own, nothing uncertain; `money` and `land` are what else is
/// said.
fn in_a_hall(money: &str, land: &str) -> crate::played::Played {
    play(
        &plan(&format!(
            "title = \"A hall\"
[time]
start = \"2027-01\"
months = 36
[money]
discount_rate_per_year = 0
inflation_per_year = 0
{money}
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
}

#[test]
fn a_fit_out_has_a_life_of_its_own_and_is_bought_again_after_it() {
    let key = "fit_out = { usd_per_kw = 700, life_years = 2 }";
    let cost = CHIPS * 1.5 * 700.0;
    for money in [
        "tax_rate = 0",
        "tax_rate = 0.25",
        "tax_rate = 0.25\ndepreciation = { method = \"macrs_5\", fit_out_method = \"macrs_15\" }",
    ] {
        let (without, with) = (in_a_hall(money, ""), in_a_hall(money, key));
        let more = |part: &str| with.part("own", part) - without.part("own", part);
        // Bought at the start, it serves from month 15: 21 of its 24 months are gone. That
        // it is bought again a life later is in `owning`.
        assert!(near(more("capex"), cost, 1e-9), "{}", more("capex"));
        assert!(near(more("resale"), -cost / 8.0, 1e-9), "{}", more("resale"));
        let rate = if money.contains("0.25") { 0.25 } else { 0.0 };
        assert!((more("tax") + rate * 0.875 * cost).abs() < 1e-6, "{}", more("tax"));
    }
    // The shell is left over on its own life: 21 months of 10 years are gone, or of 30.
    let left = |years: u32| {
        let key = format!("hall_life_years = {years}");
        in_a_hall("tax_rate = 0", &key).part("own", "resale")
    };
    let shell = in_a_hall("tax_rate = 0", "").part("own", "capex") - machines();
    assert!(
        near(left(10) - left(30), shell * 1.75 * (1.0 / 10.0 - 1.0 / 30.0), 1e-9),
        "{}",
        left(10) - left(30)
    );
}

/// What the 64 machines of [`in_a_hall`] cost without a hall.
fn machines() -> f64 {
    let rented = in_a_hall("tax_rate = 0", "").scenario;
    let own = rented.strategies[0].own_terms().next().expect("it owns");
    let price = rented.world.value_of(own.usd_per_chip).median();
    let share = rented.world.value_of(own.network_share).median();
    CHIPS * price * (1.0 + own.spares_share) / (1.0 - share)
}

#[test]
fn land_is_bought_with_a_hall_and_sold_for_what_it_then_costs() {
    let hall = |land: &str| in_a_hall("tax_rate = 0", land);
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

/// A million requests a day of 900 and 100 tokens, the same every hour.
fn requests(months: u32, counted: &str, stack: &str) -> crate::played::Played {
    play(
        &plan(&format!(
            "title = \"Requests\"
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
[workloads.chat]
shape.flat = {{}}
[workloads.chat.inference]
model = \"llama-3.1-8b\"
{counted}
input_tokens = 900
output_tokens = 100
[strategies]
it.stack = [{stack}]
"
        )),
        1,
    )
}

const A_DAY: &str = "requests_per_day = 1_000_000";
/// Requests of a month.
const MONTH: f64 = 1e6 * 365.0 / 12.0;

/// An API that asks so much for a Mtok of input, twice that for output.
fn api(usd: f64, rest: &str) -> String {
    let output = 2.0 * usd;
    format!(
        "{{ api = {{ input_usd_per_mtok = {usd}, output_usd_per_mtok = {output}{rest} }} }}"
    )
}

/// What a request of 900 and 100 tokens costs there.
fn request(usd: f64) -> f64 {
    usd * (900.0 + 2.0 * 100.0) / 1e6
}

#[test]
fn an_api_serves_from_its_qualification_on_and_changing_to_it_costs() {
    let rest = ", qualification_months = 3, switching_usd = 10_000, \
                requalification_usd_per_year = 2400";
    let stack = format!("{}, {}", api(1.0, rest), api(10.0, ""));
    let played = requests(12, A_DAY, &stack);
    let cost =
        MONTH * (3.0 * request(10.0) + 9.0 * request(1.0)) + 10_000.0 + 9.0 * 200.0;
    assert!(near(played.cost("it"), cost, 1e-9), "{} {cost}", played.cost("it"));
}

#[test]
fn what_is_beyond_a_rate_limit_goes_to_the_next() {
    // 10⁶ requests of 1,000 tokens a day are 0.694 Mtok a minute; half of them pass.
    let limit = 1000.0 / 1440.0 / 2.0;
    let rest = format!(", mtok_per_minute_limit = {limit:?}");
    let stack = format!("{}, {}", api(1.0, &rest), api(10.0, ""));
    let played = requests(2, A_DAY, &stack);
    let cost = 2.0 * MONTH * 0.5 * (request(1.0) + request(10.0));
    assert!(near(played.cost("it"), cost, 1e-9), "{} {cost}", played.cost("it"));
}

#[test]
fn batch_long_context_and_cache_writes_have_their_prices() {
    let batch = ", batch_share = 0.4, batch_input_usd_per_mtok = 0.5, \
                 batch_output_usd_per_mtok = 1";
    let played = requests(1, A_DAY, &api(1.0, batch));
    assert!(near(played.cost("it"), MONTH * request(0.8), 1e-9));
    let long = ", long_context_share = 0.1";
    let played = requests(1, A_DAY, &api(1.0, long));
    let cost = MONTH * (900.0 * 1.1 + 200.0 * 1.05) / 1e6;
    assert!(near(played.cost("it"), cost, 1e-9));
    let write = ", cache_write_share = 0.2";
    let played = requests(1, A_DAY, &api(1.0, write));
    assert!(near(played.cost("it"), MONTH * (900.0 * 1.05 + 200.0) / 1e6, 1e-9));
}

#[test]
fn fees_and_promises_are_paid_beside_the_price() {
    let fees = ", fees = { once_usd = 500, usd_per_month = 40, support_share_of_spend = 0.1, \
                storage_tb = 3, storage_usd_per_tb_month = 20, egress_gb_per_unit = 0.001, \
                egress_usd_per_gb = 0.05, committed_usd_per_month = 50_000, \
                committed_discount_share = 0.2 }";
    let played = requests(4, A_DAY, &api(1.0, fees));
    let spend = MONTH * request(1.0) * 0.8;
    let monthly = spend * 1.1 + MONTH * 5e-5 + 100.0 + (50_000.0 - spend);
    let cost = 500.0 + 4.0 * monthly;
    assert!(near(played.cost("it"), cost, 1e-9), "{} {cost}", played.cost("it"));
}

#[test]
fn seats_are_paid_by_the_user_and_requests_beyond_by_the_request() {
    let counted = "seats = 1000\nrequests_per_seat_day = 10";
    let seats = "{ seats = { usd_per_seat_month = 30, requests_per_seat_month = 200, \
                 usd_per_request_beyond = 0.01 } }";
    let played = requests(6, counted, seats);
    let beyond = 1000.0 * (10.0 * 365.0 / 12.0 - 200.0);
    let cost = 6.0 * (30_000.0 + 0.01 * beyond);
    assert!(near(played.cost("it"), cost, 1e-9), "{} {cost}", played.cost("it"));
    assert!(played.strategy("it").unserved_share.mean < 1e-12);
    // None sold beyond: the API takes the rest.
    let seats = "{ seats = { usd_per_seat_month = 30, requests_per_seat_month = 200 } }";
    let played = requests(6, counted, &format!("{seats}, {}", api(1.0, "")));
    let cost = 6.0 * (30_000.0 + beyond * request(1.0));
    assert!(near(played.cost("it"), cost, 1e-9), "{} {cost}", played.cost("it"));
}

#[test]
fn requests_that_may_wait_fill_the_hours_in_which_machines_stand_idle() {
    let cost = |share: f64| {
        let text = format!(
            "title = \"Waiting\"
[time]
start = \"2027-01\"
months = 6
[money]
discount_rate_per_year = 0
tax_rate = 0
[simulation]
paths = 1
frozen = true
[workloads.chat.inference]
model = \"llama-3.1-8b\"
requests_per_day = 4_000_000
input_tokens = 900
output_tokens = 250
deferrable_share = {share}
[strategies]
it.stack = [{{ reserve = {{ accelerator = \"nvidia-h100-sxm\", term_years = 1, \
            usd_per_chip_hour = 1 }}, sizing.schedule.orders = [{{ month = 0, chips = 8 }}] }}, \
            {{ on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 3 }} }}]
"
        );
        let played = play(&plan(&text), 1);
        let used = played.strategy("it").utilisation.expect("chips are committed");
        (played.cost("it"), used)
    };
    let (none, half) = (cost(0.0), cost(0.5));
    assert!(half.0 < none.0 && half.1 > none.1, "{none:?} {half:?}");
}

#[test]
fn fees_of_a_reservation_are_paid_while_chips_are_committed() {
    let stack = |fees: &str| {
        format!(
            "sizing.schedule.orders = [{{ month = 2, chips = 64 }}]
reserve = {{ accelerator = \"nvidia-h100-sxm\", term_years = 1, usd_per_chip_hour = 1.5{fees} }}
[[strategies.it.stack]]
on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 2 }}"
        )
    };
    let fees = ", fees = { once_usd = 500, usd_per_month = 40, support_share_of_spend = 0.1, \
                storage_tb = 3, storage_usd_per_tb_month = 20 }";
    for (months, standing) in [(10, 8.0), (36, 12.0)] {
        let with = served_by(months, &stack(fees)).cost("it");
        let without = served_by(months, &stack("")).cost("it");
        let support = 0.1 * CHIPS * 730.0 * 1.5 * standing;
        let wanted = support + 500.0 + standing * 100.0;
        assert!(near(with - without, wanted, 1e-9), "{} {wanted}", with - without);
    }
}
