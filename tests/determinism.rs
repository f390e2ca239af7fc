//! The same seed, the same bytes: on any number of threads, on any instruction set, and
//! whatever else the plan plays.
//!
//! Everything here is compared byte by byte; there is no tolerance.

mod played;

use assert_cmd::Command;
use played::{Played, example, plan, play, play_on, scenario};

const EXAMPLES: [&str; 3] =
    ["assistant/plan.toml", "fine-tuning-shop/plan.toml", "frontier-lab/plan.toml"];

/// Not a multiple of the block of 256 paths: the last block is cut.
const PATHS: u64 = 3_000;

fn assert_same(a: &Played, b: &Played, what: &str) {
    assert!(a.json() == b.json(), "{what}: results.json differs");
    assert!(a.csv() == b.csv(), "{what}: fans.csv differs");
}

/// What a strategy did, with nothing of the others in it: regret and P(cheapest) speak
/// of the others too.
fn alone(played: &Played, name: &str) -> String {
    let mut strategy = played.strategy(name).clone();
    strategy.best = rackcast::engine::outcome::Mean::default();
    strategy.regret = rackcast::engine::outcome::Mean::default();
    let fans = (&strategy.monthly_cost, &strategy.cost_to_date, &strategy.chips);
    let whole = serde_json::to_string(&strategy).expect("numbers are finite");
    let fans = serde_json::to_string(&fans).expect("numbers are finite");
    format!("{whole}\n{fans}")
}

#[test]
fn one_two_three_or_eight_threads_give_the_same_bytes() {
    for name in EXAMPLES {
        let plan = example(name);
        let one = play_on(scenario(&plan, PATHS, None), Some(1));
        for threads in [2, 3, 8] {
            let many = play_on(scenario(&plan, PATHS, None), Some(threads));
            assert_same(&one, &many, &format!("{name} on {threads} threads"));
        }
    }
}

#[test]
fn the_same_seed_twice_gives_the_same_bytes_and_another_seed_others() {
    for name in EXAMPLES {
        let plan = example(name);
        let first = play_on(scenario(&plan, PATHS, Some(7)), Some(2));
        let again = play_on(scenario(&plan, PATHS, Some(7)), Some(2));
        assert_same(&first, &again, name);
        let other = play_on(scenario(&plan, PATHS, Some(8)), Some(2));
        for (a, b) in first.outcome.strategies.iter().zip(&other.outcome.strategies) {
            assert_ne!(
                a.net_present_cost.mean, b.net_present_cost.mean,
                "{name}: `{}` costs the same whatever the seed",
                a.name
            );
        }
        assert!(first.csv() != other.csv(), "{name}: the seed moves no fan");
    }
}

/// A plan whose prices are all its own, so that nothing of it is dated.
const BASE: &str = r#"
title = "Streams go by name"
[time]
start = "2027-01"
months = 30
[workloads.cluster.chip_hours]
accelerator = "nvidia-h100-sxm"
chips = { p10 = 40, p50 = 64, p90 = 120 }
utilisation = { p10 = 0.4, p50 = 0.6, p90 = 0.8 }
[workloads.cluster.growth.geometric]
drift_per_year = 0.2
volatility_per_sqrt_year = 0.3
[strategies.rent]
stack = [{ on_demand = { accelerator = "nvidia-h100-sxm", usd_per_chip_hour = { p10 = 2, p50 = 3, p90 = 4 } } }]
[[strategies.own.stack]]
own = { accelerator = "nvidia-h100-sxm", facility = "colocation-us", usd_per_chip = { p10 = 28_000, p50 = 31_000, p90 = 36_000 }, energy_usd_per_kwh = 0.08 }
[[strategies.own.stack]]
on_demand = { accelerator = "nvidia-h100-sxm", usd_per_chip_hour = { p10 = 2, p50 = 3, p90 = 4 } }
"#;

#[test]
fn a_strategy_costs_the_same_bytes_whatever_else_is_compared() {
    let both = play(&plan(BASE), PATHS);
    // Another committed source, another accelerator, another price of rent: new numbers
    // and new levels, none of which `rent` and `own` look at.
    let more = format!(
        "{BASE}
[[strategies.other.stack]]
spot = {{ accelerator = \"nvidia-h100-sxm\", quota_chips = 16, usd_per_chip_hour = {{ p10 = 0.5, p50 = 1, p90 = 2 }} }}
[[strategies.other.stack]]
own = {{ accelerator = \"nvidia-h100-sxm\", facility = \"own-hall-us\", usd_per_chip = 40_000, energy_usd_per_kwh = 0.05 }}
[[strategies.other.stack]]
on_demand = {{ accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 2.5 }}
"
    );
    let three = play(&plan(&more), PATHS);
    for name in ["rent", "own"] {
        assert!(
            alone(&both, name) == alone(&three, name),
            "`{name}` is not what it was beside another strategy"
        );
    }
}

#[test]
fn a_strategy_costs_the_same_bytes_when_one_with_older_quotes_joins() {
    // `rent` looks at a rent quoted this year; `own` adds a price that is years old.
    let rent = "
[strategies.rent]
stack = [{ on_demand = { accelerator = \"nvidia-b200-hgx\", offer = \"lambda\" } }]
";
    let own = "
[[strategies.own.stack]]
own = { accelerator = \"nvidia-h100-sxm\", facility = \"colocation-us\" }
[[strategies.own.stack]]
on_demand = { accelerator = \"nvidia-b200-hgx\", offer = \"lambda\" }
";
    let head = "
title = \"Old quotes\"
[time]
start = \"2027-01\"
months = 24
[workloads.chat.inference]
model = \"llama-3.3-70b\"
requests_per_day = 4_000_000
input_tokens = 1_500
output_tokens = 300
precision = \"fp8\"
";
    let alone_rent = play(&plan(&format!("{head}{rent}")), PATHS);
    let both = play(&plan(&format!("{head}{rent}{own}")), PATHS);
    assert!(
        alone(&alone_rent, "rent") == alone(&both, "rent"),
        "the date of another strategy's quote moves the numbers of `rent`"
    );
}

#[test]
fn a_workload_added_to_the_plan_leaves_the_demand_of_the_other_as_it_was() {
    let one = play(&plan(BASE), PATHS);
    let more = format!(
        "{BASE}
[workloads.batch.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = {{ p10 = 4, p50 = 8, p90 = 16 }}
utilisation = 0.5
[workloads.batch.growth.geometric]
drift_per_year = 0.1
volatility_per_sqrt_year = 0.4
"
    );
    let two = play(&plan(&more), PATHS);
    for key in ["demand.cluster", "rent.nvidia-h100-sxm", "price.nvidia-h100-sxm"] {
        assert_eq!(fan(&one, key), fan(&two, key), "{key}");
    }
}

fn fan(played: &Played, key: &str) -> rackcast::engine::outcome::FanData {
    let place = played.scenario.shown.iter().position(|s| s.key == key);
    played.outcome.shown[place.expect("a fan of the plan")].clone()
}

#[test]
fn every_instruction_set_gives_the_same_results() {
    let folder = env!("CARGO_MANIFEST_DIR");
    for name in EXAMPLES {
        let play = |simd: Option<&str>| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_rackcast"));
            command.current_dir(folder).env_remove("RACKCAST_SIMD");
            if let Some(simd) = simd {
                command.env("RACKCAST_SIMD", simd);
            }
            let plan = format!("examples/{name}");
            command.args(["run", "--json", "--threads", "2", "--paths", "3000", &plan]);
            command.assert().success().get_output().stdout.clone()
        };
        let best = play(None);
        assert!(!best.is_empty());
        for simd in ["baseline", "avx2"] {
            assert!(best == play(Some(simd)), "{name}: {simd} gives other bytes");
        }
    }
}
