//! What a plan probably does not mean: warnings that refuse nothing.
//!
//! The checks of a plan refuse what cannot be; here is what can be and is usually a slip:
//! cents for dollars, thousands left out, months where nothing is left of the plan. Read
//! next: [`super::plan`].

use crate::input::{Checker, Uncertain};
use crate::supply::OwnSpec;

use super::plan::{Entry, Plan};

/// First months outside these years are slips: no accelerator of the catalogue was sold
/// before, and no trajectory says anything of later.
const YEARS: std::ops::RangeInclusive<i32> = 2010..=2075;

/// What a figure usually lies between, and far outside of which it is in another unit.
struct Usual {
    key: &'static str,
    /// Beyond these it looks like a slip.
    least: f64,
    most: f64,
    /// What is usual, with its unit.
    said: &'static str,
}

/// Means of industry: US states 0.05 to 0.2 (EIA, Electric Power Monthly, 2025), EU states
/// 0.08 to 0.3 (Eurostat, 2025).
const ENERGY: Usual = Usual {
    key: "energy_usd_per_kwh",
    least: 0.002,
    most: 1.0,
    said: "industry pays 0.03 to 0.4 USD per kWh: 12 cents are 0.12",
};
/// Purchase quotes of the shipped accelerators.
const CHIP: Usual = Usual {
    key: "usd_per_chip",
    least: 300.0,
    most: 1e6,
    said: "a chip's share of its server costs 2000 to 150000 USD: 30 thousand is 30000",
};
/// Rate cards of the shipped offers.
const HOUR: Usual = Usual {
    key: "usd_per_chip_hour",
    least: 0.02,
    most: 100.0,
    said: "list prices are 0.3 to 15 USD per chip-hour; of a server of 8 chips, an eighth",
};

/// Pushes what is suspicious about a plan.
///
/// **Errors** none; every problem is a warning (W0301, W0302).
/// **Checked by** `slips_of_a_plan_are_told`.
pub(super) fn slips(plan: &Plan, at: &mut Checker) {
    let (year, _) = plan.time.start.month();
    if !YEARS.contains(&year) {
        at.at_path(&["time", "start"].map(str::to_owned), |at| {
            at.push(
                "W0301",
                format!("the plan starts in {year}: its prices are of today"),
                format!("write the first month, {} to {}", YEARS.start(), YEARS.end()),
            );
        });
    }
    for (name, strategy) in &plan.strategies {
        for (i, entry) in strategy.stack.iter().enumerate() {
            let place = ["strategies", name, "stack", &i.to_string()].map(str::to_owned);
            at.at_path(&place, |at| source(entry, plan.time.months, at));
        }
    }
}

fn source(entry: &Entry, months: u32, at: &mut Checker) {
    if let Some(own) = &entry.own {
        at.at("own", |at| machines(own, months, at));
    }
    if let Some(lease) = &entry.lease {
        at.at("lease", |at| {
            at.at("machines", |at| machines(&lease.machines, months, at));
        });
    }
    if let Some(reserve) = &entry.reserve {
        at.at("reserve", |at| {
            usual(&HOUR, reserve.usd_per_chip_hour, at);
            let lead = reserve.lead_time_months.map(|n| Uncertain::from(f64::from(n)));
            in_time("lead_time_months", "what is reserved comes", lead, months, at);
        });
    }
    if let Some(rented) = &entry.on_demand {
        at.at("on_demand", |at| usual(&HOUR, rented.usd_per_chip_hour, at));
    }
    if let Some(spot) = &entry.spot {
        at.at("spot", |at| usual(&HOUR, spot.usd_per_chip_hour, at));
    }
    if let Some(api) = &entry.api {
        at.at("api", |at| {
            let wait = api.qualification_months.map(|n| Uncertain::from(f64::from(n)));
            in_time("qualification_months", "the API is qualified", wait, months, at);
        });
    }
}

fn machines(own: &OwnSpec, months: u32, at: &mut Checker) {
    usual(&CHIP, own.usd_per_chip, at);
    usual(&ENERGY, own.energy_usd_per_kwh, at);
    let lead = own.lead_time_months;
    in_time("lead_time_months", "what is ordered comes", lead, months, at);
}

/// A figure of the order of magnitude that is usual (W0301). Nothing is free of charge
/// by a slip, and what is below zero is refused.
fn usual(usual: &Usual, value: Option<Uncertain>, at: &mut Checker) {
    let Some(median) = value.map(Uncertain::median) else { return };
    if median <= 0.0 || (usual.least..=usual.most).contains(&median) {
        return;
    }
    at.at(usual.key, |at| {
        let message = format!("`{}` of {median} looks like a slip", usual.key);
        at.push("W0301", message, usual.said.to_owned());
    });
}

/// A wait that ends before the plan does, at least in the middle of all paths (W0302).
fn in_time(
    key: &str,
    what: &str,
    wait: Option<Uncertain>,
    months: u32,
    at: &mut Checker,
) {
    let Some(median) = wait.map(Uncertain::median) else { return };
    if median < f64::from(months) {
        return;
    }
    at.at(key, |at| {
        at.push(
            "W0302",
            format!("{what} after {median} months, and the plan has {months}"),
            "shorten it, or play more months".to_owned(),
        );
    });
}
