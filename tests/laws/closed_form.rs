//! Sixty-four chips without uncertainty cost what a page of arithmetic says.
//!
//! The page below is written apart from the engine: months one by one, one path, plain
//! numbers, each line a sentence of the model.

use proptest::prelude::*;

use crate::played::{near, plan, play};
use crate::tries;

#[derive(Debug, Clone)]
struct Case {
    months: u32,
    lead: u32,
    life_years: u32,
    depreciation_years: u32,
    discount: f64,
    inflation: f64,
    tax: f64,
    price: f64,
    network: f64,
    spares: f64,
    deposit: f64,
    power: f64,
    nameplate: f64,
    idle: f64,
    pue: f64,
    energy: f64,
    space: f64,
    operation: f64,
    other: f64,
    utilisation: f64,
    availability: f64,
    loss: f64,
    wear: f64,
    resale: f64,
    rent: f64,
}

fn case() -> impl Strategy<Value = Case> {
    let times = (3u32..61, 0u32..14, 1u32..7, 1u32..7);
    let money = (0.0..0.2, 0.0..0.06, 0.0..0.4);
    let buying = (5_000.0..60_000.0, 0.0..0.4, 0.0..0.1, 0.0..1.0);
    let running = (0.2..2.0, 0.2..2.5, 0.0..1.0, 1.0..1.8, 0.02..0.3, 0.0..300.0);
    let rest = (0.0..0.2, 0.0..100.0, 0.0..1.0, 0.5..1.0, 0.0..0.3);
    let selling = (0.0..0.6, 0.0..1.3, 0.5..9.0);
    (times, money, buying, running, rest, selling).prop_map(
        |(times, money, buying, running, rest, selling)| Case {
            months: times.0,
            lead: times.1,
            life_years: times.2,
            depreciation_years: times.3,
            discount: money.0,
            inflation: money.1,
            tax: money.2,
            price: buying.0,
            network: buying.1,
            spares: buying.2,
            deposit: buying.3,
            power: running.0,
            nameplate: running.1,
            idle: running.2,
            pue: running.3,
            energy: running.4,
            space: running.5,
            operation: rest.0,
            other: rest.1,
            utilisation: rest.2,
            availability: rest.3,
            loss: rest.4,
            wear: selling.0,
            resale: selling.1,
            rent: selling.2,
        },
    )
}

impl Case {
    fn plan(&self) -> String {
        format!(
            "title = \"64 chips by hand\"
[time]
start = \"2027-01\"
months = {months}
[money]
discount_rate_per_year = {discount:?}
tax_rate = {tax:?}
inflation_per_year = {inflation:?}
depreciation_years = {depreciation_years}
[simulation]
paths = 1
frozen = true
[workloads.cluster.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = {utilisation:?}
[[strategies.own.stack]]
sizing.schedule.orders = [{{ month = 0, chips = 64 }}]
[strategies.own.stack.own]
accelerator = \"nvidia-h100-sxm\"
facility = \"colocation-us\"
usd_per_chip = {price:?}
network_share_of_capex = {network:?}
spares_share = {spares:?}
lead_time_months = {lead}
deposit_share = {deposit:?}
life_years = {life_years}
wear_per_year = {wear:?}
resale_share = {resale:?}
availability = {availability:?}
loss_per_year = {loss:?}
power_kw_per_chip = {power:?}
nameplate_kw_per_chip = {nameplate:?}
idle_power_share = {idle:?}
pue = {pue:?}
energy_usd_per_kwh = {energy:?}
space_usd_per_kw_month = {space:?}
operation_share_of_capex_per_year = {operation:?}
other_usd_per_chip_month = {other:?}
[[strategies.own.stack]]
on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = {rent:?} }}
",
            months = self.months,
            discount = self.discount,
            tax = self.tax,
            inflation = self.inflation,
            depreciation_years = self.depreciation_years,
            utilisation = self.utilisation,
            price = self.price,
            network = self.network,
            spares = self.spares,
            lead = self.lead,
            deposit = self.deposit,
            life_years = self.life_years,
            wear = self.wear,
            resale = self.resale,
            availability = self.availability,
            loss = self.loss,
            power = self.power,
            nameplate = self.nameplate,
            idle = self.idle,
            pue = self.pue,
            energy = self.energy,
            space = self.space,
            operation = self.operation,
            other = self.other,
            rent = self.rent,
        )
    }

    /// Net present cost, and the sum of the sizes of what went into it.
    fn by_hand(&self) -> (f64, f64) {
        let life = 12 * self.life_years;
        let write_off = f64::from(12 * self.depreciation_years);
        // A chip's share of the cluster, spares and network included.
        let price = self.price * (1.0 + self.spares) / (1.0 - self.network);
        let capex = 64.0 * price;
        let kept = (1.0 - self.loss).powf(1.0 / 12.0);
        let (mut total, mut size) = (0.0, 0.0);
        for month in 0..self.months {
            let now = (1.0 + self.discount).powf(-f64::from(month) / 12.0);
            let mut pay = |usd: f64| {
                total += usd * now;
                size += usd.abs() * now;
            };
            let last = month + 1 == self.months;
            if month == 0 {
                pay(self.deposit * capex);
            }
            if month == self.lead {
                pay((1.0 - self.deposit) * capex);
            }
            let stands = month >= self.lead && month < self.lead + life;
            let age = f64::from(month.saturating_sub(self.lead));
            let fleet = if stands { 64.0 * kept.powf(age) } else { 0.0 };
            let asked = 64.0 * self.utilisation * 730.0;
            let worked = asked.min(fleet * self.availability * 730.0);
            let load = if stands { worked / (fleet * 730.0) } else { 0.0 };
            let kwh = fleet * self.power * 730.0 * self.pue;
            let energy = kwh * self.energy * (self.idle + (1.0 - self.idle) * load);
            let rise = (1.0 + self.inflation).powf(f64::from(month) / 12.0);
            let support = if stands { capex * self.operation / 12.0 } else { 0.0 };
            let space = fleet * (self.other + self.nameplate * self.space) * rise;
            let rent = (asked - worked) * self.rent;
            pay((1.0 - self.tax) * (energy + support + space + rent));
            if stands && age < write_off {
                pay(-self.tax * capex / write_off);
            }
            let sold_at = |age: f64| {
                let worth = price * (-self.wear * age / 12.0).exp() * self.resale;
                (worth, capex * (1.0 - age / write_off).max(0.0))
            };
            if month == self.lead + life {
                let (worth, book) = sold_at(f64::from(life));
                let proceeds = 64.0 * kept.powf(f64::from(life)) * worth;
                pay(-proceeds);
                pay(self.tax * (proceeds - book));
            }
            if last && stands {
                let (worth, book) = sold_at(age + 1.0);
                pay(-fleet * worth);
                pay(self.tax * (fleet * worth - book));
            }
            if last && month < self.lead {
                pay(-self.deposit * capex);
            }
        }
        (total, size)
    }
}

proptest! {
    #![proptest_config(tries(48))]

    #[test]
    fn sixty_four_chips_cost_what_the_page_says(case in case()) {
        let played = play(&plan(&case.plan()), 1);
        let (cost, size) = case.by_hand();
        let found = played.cost("own");
        // Rounding of a few thousand additions, relative to what was added.
        prop_assert!((found - cost).abs() <= 1e-9 * size, "found {found}, by hand {cost}");
    }
}

#[test]
fn sixty_four_chips_for_nothing_but_rent_are_an_annuity() {
    // Never delivered within the plan: 64 chips rented for 24 months, paid at the start
    // of each: 64 · 730 · 3 · (1 − v²⁴) / (1 − v), v = 1.08^(−1/12).
    let mut found = Vec::new();
    for discount in [0.0, 0.08] {
        let text = format!(
            "title = \"Rent\"
[time]
start = \"2027-01\"
months = 24
[money]
discount_rate_per_year = {discount}
tax_rate = 0
[simulation]
paths = 1
frozen = true
[workloads.cluster.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = 1
[strategies.rent]
stack = [{{ on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 3 }} }}]
"
        );
        found.push(play(&plan(&text), 1).cost("rent"));
    }
    let month = 64.0 * 730.0 * 3.0;
    let v = 1.08_f64.powf(-1.0 / 12.0);
    let annuity = month * (1.0 - v.powi(24)) / (1.0 - v);
    assert!(near(found[0], 24.0 * month, 1e-12), "{}", found[0]);
    assert!(near(found[1], annuity, 1e-12), "{} {annuity}", found[1]);
}
