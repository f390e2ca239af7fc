//! Generations: efficiency that arrives with them, and waiting for the next one.

use crate::played::{mean, near, plan, play};

/// A fleet bought new each year, that draws what its generation draws.
fn growing(own: &str, trajectories: &str) -> String {
    format!(
        "title = \"generations\"
[time]
start = \"2027-01\"
months = 48
[workloads.work.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = 0.8
[workloads.work.growth.constant]
growth_per_year = 0.3
[strategies.build]
stack = [{{ own = {{ accelerator = \"nvidia-h100-sxm\", facility = \"colocation-us\", \
         usd_per_chip = 30_000{own} }} }}]
{trajectories}
"
    )
}

#[test]
fn efficiency_that_grows_as_known_costs_what_the_known_gain_costs() {
    let given = growing(", efficiency_gain_per_year = 0.3", "");
    let moved =
        growing("", "[trajectories.energy_efficiency.constant]\ngrowth_per_year = 0.3");
    let (given, moved) = (play(&plan(&given), 500), play(&plan(&moved), 500));
    assert!(near(given.cost("build"), moved.cost("build"), 1e-9));
    let none = play(&plan(&growing(", efficiency_gain_per_year = 0", "")), 500);
    assert!(none.part("build", "energy") > 1.02 * moved.part("build", "energy"));
}

#[test]
fn the_key_of_a_source_wins_over_the_trajectory() {
    let steep = "[trajectories.energy_efficiency.constant]\ngrowth_per_year = 2.0";
    let both = growing(", efficiency_gain_per_year = 0.3", steep);
    let given = growing(", efficiency_gain_per_year = 0.3", "");
    let (both, given) = (play(&plan(&both), 500), play(&plan(&given), 500));
    assert_eq!(both.cost("build").to_bits(), given.cost("build").to_bits());
}

/// A generation that is sure to come in month 6 and halves the price of work: whoever
/// rents until then and buys later pays less than whoever buys now, and nobody gains by
/// waiting where none comes.
#[test]
fn waiting_pays_where_a_generation_comes_and_not_where_none_does() {
    let text = |gain: f64| {
        let own = "own = { accelerator = \"nvidia-h100-sxm\", facility = \"colocation-us\", \
                   usd_per_chip = 40_000, resale_share = 0.0 }";
        let rent = "{ on_demand = { accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 2.2 } }";
        format!(
            "title = \"wait\"
[time]
start = \"2027-01\"
months = 48
[simulation]
seed = 3
[workloads.work.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = 0.8
[strategies.now]
stack = [{{ {own}, sizing = {{ demand_quantile = {{ until_month = 0 }} }} }}, {rent}]
[strategies.wait]
stack = [{{ {own}, sizing = {{ demand_quantile = {{ from_month = 7, until_month = 7 }} }} }}, {rent}]
[trajectories.flop_per_usd.generations]
years_between = 2.0
years_since_last = 1.5
log_gain = {gain}
"
        )
    };
    let better_now = |gain: f64| {
        let played = play(&plan(&text(gain)), 1000);
        let [now, wait] = ["now", "wait"].map(|name| mean(played.strategy(name)));
        wait - now
    };
    assert!(better_now(0.7) < 0.0, "{}", better_now(0.7));
    assert!(better_now(0.0) > 0.0, "{}", better_now(0.0));
}
