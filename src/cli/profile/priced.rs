//! What follows from a price list and from a facility: prices per work and per kW.
//!
//! The same rule as for machines holds: a figure that moves none of these is one that
//! nothing uses. Read next: [`super::implied`].

use super::implied::{Implied, figure, missing, over};
use crate::input::Uncertain;
use crate::profile::{Catalogue, Facility, Offer};
use crate::units::HOURS_PER_MONTH;

/// Tokens of the request that prices are shown for.
const INPUT_MTOK: f64 = 1000.0 / 1e6;
const OUTPUT_MTOK: f64 = 250.0 / 1e6;

fn sum(a: Uncertain, b: Uncertain) -> Uncertain {
    let (a, b) = (a.quantiles(), b.quantiles());
    Uncertain::Between { p10: a[0] + b[0], p50: a[1] + b[1], p90: a[2] + b[2] }
}

/// What follows from a price list.
pub(super) fn offer(offer: &Offer, catalogue: &Catalogue) -> Vec<Implied> {
    let mut all = Vec::new();
    for price in &offer.chips {
        let sku = price.sku.as_deref().unwrap_or(&price.accelerator);
        let Ok(chip) = catalogue.accelerator(&price.accelerator) else {
            let why = "no such accelerator in the catalogue";
            all.push(missing(format!("{sku}: bf16 work"), "$/EFLOP", why));
            continue;
        };
        for (name, hourly) in [
            ("on demand", price.on_demand_usd_per_chip_hour),
            ("reserved 1 year", price.reserved_1y_usd_per_chip_hour),
            ("reserved 3 years", price.reserved_3y_usd_per_chip_hour),
            ("reserved 5 years", price.reserved_5y_usd_per_chip_hour),
            ("spot", price.spot_usd_per_chip_hour),
        ] {
            let Some(hourly) = hourly else { continue };
            // 10¹² FLOP/s for an hour are 0.0036 EFLOP.
            let hour_eflop = chip.compute.bf16_tflops.scaled(3600.0 / 1e6);
            let region =
                price.region.as_deref().map_or(String::new(), |r| format!(", {r}"));
            let what =
                format!("{sku}{region}, {name} ({}): bf16 work at the peak", price.as_of);
            all.push(figure(what, "$/EFLOP", over(hourly, hour_eflop)));
        }
    }
    for price in &offer.api {
        let model = price.sku.as_deref().unwrap_or(&price.model);
        let (input, output) = (price.input_usd_per_mtok, price.output_usd_per_mtok);
        let of = |input: Uncertain, output: Uncertain| {
            sum(input.scaled(INPUT_MTOK * 1e3), output.scaled(OUTPUT_MTOK * 1e3))
        };
        let what = |how: &str| {
            format!(
                "{model} ({}), 1,000 requests of 1,000 in and 250 out{how}",
                price.as_of
            )
        };
        all.push(figure(what(""), "$", of(input, output)));
        if let Some(cached) = price.cached_input_usd_per_mtok {
            all.push(figure(what(", prompts cached"), "$", of(cached, output)));
        }
        let batch = (price.batch_input_usd_per_mtok, price.batch_output_usd_per_mtok);
        if batch.0.is_some() || batch.1.is_some() {
            let price = of(batch.0.unwrap_or(input), batch.1.unwrap_or(output));
            all.push(figure(what(", in batches"), "$", price));
        }
    }
    all
}

/// Machines that the people of a facility are shown for: a node of this price and draw.
const NODE_USD: f64 = 250_000.0;
const NODE_KW: f64 = 10.0;

/// What follows from a facility.
pub(super) fn facility(facility: &Facility) -> Vec<Implied> {
    let mut all = Vec::new();
    let unit = "$ per kW and month";
    let p = &facility.power;
    let [pue, energy] = [p.pue, p.energy_usd_per_kwh].map(Uncertain::quantiles);
    let bill = |i: usize| pue[i] * energy[i] * HOURS_PER_MONTH;
    let what = format!("energy of machines that always run ({})", p.as_of);
    let bills = Uncertain::Between { p10: bill(0), p50: bill(1), p90: bill(2) };
    all.push(figure(what, unit, bills));
    if let Some(space) = &facility.space {
        all.push(figure(format!("rent ({})", space.as_of), unit, space.usd_per_kw_month));
    }
    if let Some(hall) = &facility.construction {
        let what = "the hall over its life, no interest";
        let months = hall.life_years * 12.0;
        all.push(figure(what, unit, hall.usd_per_kw.scaled(1.0 / months)));
        all.push(figure("until there is power", "months", hall.build_months));
    }
    if let Some(operation) = &facility.operation {
        let what = "people and contracts, nodes of 10 kW and $250,000";
        let capex = operation
            .share_of_capex_per_year
            .map_or(Uncertain::from(0.0), |s| s.scaled(NODE_USD / 12.0 / NODE_KW));
        let staff = operation
            .staff_usd_per_node_year
            .map_or(Uncertain::from(0.0), |s| s.scaled(1.0 / 12.0 / NODE_KW));
        all.push(figure(what, unit, sum(capex, staff)));
    }
    all
}
