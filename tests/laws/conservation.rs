//! Chips and work: what comes in is what stands, what went, and what is left over.

use proptest::prelude::*;
use rackcast::block::{LANES, Lane, splat};
use rackcast::finance::{Ledger, Part};
use rackcast::process::ProcessSpec;
use rackcast::random::Seed;
use rackcast::supply::dispatch::{
    NO_LIMIT, capacity_before, pool_capacity, serve_after, take_from_chips,
};
use rackcast::supply::own::{Extras, HallTerms};
use rackcast::supply::{Own, OwnTerms, SellSpec};
use rackcast::trajectory::{Future, LevelId, Quantity, World};

use crate::tries;

/// A machine park of a world by hand.
#[derive(Debug, Clone)]
struct Park {
    life_months: u32,
    loss_per_year: f64,
    lead: [f64; 3],
    lump: f64,
    deposit: f64,
    has_hall: bool,
    sells: bool,
    targets: Vec<f64>,
}

fn park() -> impl Strategy<Value = Park> {
    (
        1u32..30,
        0.0..0.6,
        0.0..12.0,
        prop::sample::select(vec![0.0, 1.0, 8.0, 72.0]),
        0.0..1.0,
        any::<[bool; 2]>(),
        prop::collection::vec(0.0..5_000.0, 1..30),
    )
        .prop_map(
            |(
                life_months,
                loss_per_year,
                lead,
                lump,
                deposit,
                [has_hall, sells],
                targets,
            )| Park {
                life_months,
                loss_per_year,
                lead: [lead * 0.5, lead, lead * 1.7],
                lump,
                deposit,
                has_hall,
                sells,
                targets,
            },
        )
}

const PRICE: f64 = 31_000.0;
const HALL_USD_PER_KW: f64 = 12_000.0;
const NAMEPLATE_KW: f64 = 1.3;

fn level(world: &mut World, name: &str, process: ProcessSpec) -> LevelId {
    world.level(Quantity { name: name.to_owned(), process, lead_in_months: 0 })
}

fn terms(park: &Park, world: &mut World) -> OwnTerms {
    let [p10, p50, p90] = park.lead;
    let lead = rackcast::input::Uncertain::Between { p10, p50, p90 };
    let walk: ProcessSpec = toml::from_str(
        "mean_reverting = { half_life_years = 1.0, long_run_log_sd = 0.4 }",
    )
    .expect("the process parses");
    let still = ProcessSpec::default;
    let hall = park.has_hall.then(|| HallTerms {
        usd_per_kw: world.number("hall", HALL_USD_PER_KW),
        build_months: world.number("build", 5.5),
        life_months: 240.0,
    });
    OwnTerms {
        usd_per_chip: world.number("price", PRICE),
        network_share: world.number("network", 0.0),
        spares_share: 0.0,
        lead_time_months: world.number("lead", lead),
        deposit_share: park.deposit,
        life_months: park.life_months,
        depreciation_months: 36,
        tax: None,
        wear_per_year: world.number("wear", 0.2),
        resale_share: world.number("share", 0.9),
        resale_by: None,
        efficiency_gain_per_year: 0.0,
        energy_efficiency: None,
        successors: None,
        lump_chips: park.lump,
        chips_limit: NO_LIMIT,
        power_limit_kw: NO_LIMIT,
        budget_usd_per_year: NO_LIMIT,
        power_kw: world.number("power", 1.0),
        nameplate_kw: world.number("nameplate", NAMEPLATE_KW),
        idle_share: world.number("idle", 0.3),
        pue: world.number("pue", 1.2),
        energy_usd_per_kwh: world.number("energy", 0.08),
        space_usd_per_kw_month: world.number("space", 150.0),
        operation_share: world.number("operation", 0.08),
        other_usd_per_chip_month: world.number("other", 0.0),
        capital_charge_per_year: 0.0,
        availability: world.number("availability", 0.97),
        loss_per_year: world.number("loss", park.loss_per_year),
        hall,
        fit_out: None,
        sell: park.sells.then(SellSpec::default),
        extras: Extras::default(),
        lease: None,
        debt: None,
        inflation_per_year: 0.0,
        hardware_price: level(world, "hardware_price", still()),
        flop_per_usd: None,
        resale: level(world, "resale", still()),
        lead_time: level(world, "lead_time", walk),
        pue_level: level(world, "pue", still()),
        energy_price: level(world, "energy_price", still()),
    }
}

/// Chips counted in months of aging round on each: so far apart they may be.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

proptest! {
    #![proptest_config(tries(24))]

    #[test]
    fn every_chip_that_arrived_stands_failed_or_was_sold(park in park(), block in 0u64..9) {
        let mut world = World::new(Seed(3));
        let terms = terms(&park, &mut world);
        let mut future = Future::new(&world);
        let mut ledger = Ledger::default();
        let mut paid = splat(0.0);
        future.begin(block * LANES as u64);
        // Long enough for the last order to come, 12 · 1.7 months late at a level that
        // may well be four times the median, and to stand and go.
        let months = u32::try_from(park.targets.len()).expect("few months") + 160;
        let mut own = Own::new(terms, months, &world, false).counting();
        own.begin(&future);
        for month in 0..months {
            if month > 0 {
                future.step(month);
            }
            ledger.clear();
            // A need that comes and goes: at times much stands above it.
            let need = 900.0 * f64::from(1 + month % 4);
            own.sell_unneeded(month, &splat(need), &future, &mut ledger);
            own.quote(month, &future);
            if let Some(target) = park.targets.get(month as usize) {
                own.look_ahead(month);
                own.order(month, &splat(*target), &future, &mut ledger);
            }
            own.age(month, &future, &mut ledger);
            for (sum, capex) in paid.iter_mut().zip(ledger.part(Part::Capex)) {
                *sum += capex;
            }
            let [arrived, failed, sold] = own.totals().expect("it counts");
            for i in 0..LANES {
                let fleet = own.fleet()[i];
                prop_assert!(
                    same(arrived[i], fleet + failed[i] + sold[i]),
                    "month {}, path {}: {} arrived, {} stand, {} failed, {} sold",
                    month, i, arrived[i], fleet, failed[i], sold[i]
                );
                prop_assert!(fleet >= 0.0 && failed[i] >= 0.0 && sold[i] >= 0.0);
                prop_assert!(same(own.capacity()[i], 0.97 * fleet));
            }
        }
        // All that was bought has come, and all that has come was paid: machines at their
        // price, halls at theirs, which without a hall is the whole of capex.
        let [arrived, failed, sold] = own.totals().expect("it counts");
        for i in 0..LANES {
            prop_assert!(same(arrived[i], failed[i] + sold[i]), "path {}", i);
            let machines = arrived[i] * PRICE;
            let least = if park.has_hall { machines } else { paid[i] };
            prop_assert!(same(paid[i].min(machines), machines) && least <= paid[i] * (1.0 + 1e-9));
            if !park.has_hall {
                prop_assert!(same(paid[i], machines), "paid {}, bought {}", paid[i], machines);
            }
        }
    }

    #[test]
    fn what_is_served_and_what_is_not_is_what_was_asked(
        need in 0.0..1e6f64,
        hours_per_unit in 1e-4..10.0f64,
        chips in 0.0..300.0f64,
        prices in prop::collection::vec(prop::sample::select(vec![0.5, 1.0, 1.0, 2.0]), 1..5),
        quotas in prop::collection::vec(prop_oneof![Just(NO_LIMIT), 0.0..400.0], 5),
    ) {
        let hours = 730.0;
        let demanded = lanes(need);
        let h = splat(hours_per_unit);
        let mut left_to_serve = demanded;
        let (mut left, mut used) = (splat(chips), splat(0.0));
        take_from_chips(&mut left_to_serve, &mut left, &h, hours, &mut used);
        let mut rest = left_to_serve;
        let mut served = vec![splat(0.0); prices.len()];
        let mut capacities = vec![splat(0.0); prices.len()];
        for (capacity, quota) in capacities.iter_mut().zip(&quotas) {
            pool_capacity(capacity, &splat(*quota), &h, hours);
        }
        let mut take = splat(0.0);
        for i in 0..prices.len() {
            let mut before = splat(0.0);
            for j in (0..prices.len()).filter(|j| *j != i) {
                let (mine, other) = (splat(prices[i]), splat(prices[j]));
                capacity_before(&mut before, &mine, &other, &capacities[j], j < i);
            }
            let (out, capacity) = (&mut served[i], &capacities[i]);
            serve_after(&left_to_serve, &before, capacity, &mut take, out, &mut rest);
        }
        for i in 0..LANES {
            let by_chips = used[i] / hours_per_unit;
            let by_pools: f64 = served.iter().map(|s| s[i]).sum();
            prop_assert!(
                same(demanded[i], by_chips + by_pools + rest[i]),
                "asked {}, chips {}, pools {}, left {}", demanded[i], by_chips, by_pools, rest[i]
            );
            prop_assert!(rest[i] >= -1e-9 * demanded[i].max(1.0));
            prop_assert!(used[i] <= chips * hours * (1.0 + 1e-12));
            for (s, capacity) in served.iter().zip(&capacities) {
                prop_assert!(s[i] >= 0.0 && s[i] <= capacity[i]);
            }
            // A dearer pool serves only where every cheaper one is full.
            for (a, price) in prices.iter().enumerate() {
                for (b, other) in prices.iter().enumerate() {
                    if price < other && served[b][i] > 1e-9 * demanded[i] {
                        prop_assert!(same(served[a][i], capacities[a][i]));
                    }
                }
            }
        }
    }
}

/// Demands around `need`, another on each path.
fn lanes(need: f64) -> Lane {
    let mut lane = splat(need);
    let mut factor = 0.0;
    for x in &mut lane {
        *x *= factor;
        factor += 2.0 / 256.0;
    }
    lane
}
