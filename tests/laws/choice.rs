//! Who is best: shares add up, regret is no less than nothing, and more choice is no
//! loss.

use proptest::prelude::*;

use crate::played::{mean, plan, play};
use crate::{plans, tries};

proptest! {
    #![proptest_config(tries(16))]

    #[test]
    fn someone_is_best_on_every_path_and_regret_follows_the_means(text in plans::valid()) {
        let played = play(&plan(&text), 300);
        let strategies = &played.outcome.strategies;
        let all: f64 = strategies.iter().map(|s| s.best.mean).sum();
        prop_assert!((all - 1.0).abs() < 1e-12, "P(cheapest) adds up to {all}");
        let first = &strategies[played.decision.ranking[0]];
        for s in strategies {
            prop_assert!(s.regret.mean >= 0.0, "{}", s.name);
            prop_assert!((0.0..=1.0).contains(&s.best.mean), "{}", s.name);
            prop_assert!(mean(first) <= mean(s));
            // regret(s) − regret(first) = cost(s) − cost(first), path by path.
            let (regret, cost) = (s.regret.mean - first.regret.mean, mean(s) - mean(first));
            let size = mean(s).abs().max(mean(first).abs());
            prop_assert!((regret - cost).abs() <= 1e-9 * size, "{}: {regret} {cost}", s.name);
        }
        // What separates the first two is what their means differ by.
        if let Some(margin) = &played.decision.margin {
            let second = &strategies[played.decision.ranking[1]];
            let saving = mean(second) - mean(first);
            prop_assert!((margin.saving - saving).abs() <= 1e-9 * mean(second).abs());
        }
    }

    #[test]
    fn one_more_strategy_never_raises_the_cost_of_the_best(
        seed in 0u64..1000, quota in 1.0..60.0f64, usd in 0.5..4.0f64,
    ) {
        let chip = "accelerator = \"nvidia-h100-sxm\"";
        let hourly = format!("{{ on_demand = {{ {chip}, usd_per_chip_hour = 3 }} }}");
        let few = format!(
            "title = \"Few\"
[time]
start = \"2027-01\"
months = 24
[simulation]
seed = {seed}
[workloads.cluster.chip_hours]
{chip}
chips = {{ p10 = 30, p50 = 64, p90 = 150 }}
utilisation = 0.7
[strategies]
own.stack = [{{ own = {{ {chip}, facility = \"colocation-us\" }} }}, {hourly}]
rent.stack = [{hourly}]
"
        );
        // Every stack ends in chips without a limit: nothing is unserved, so no penalty
        // hangs on what else the plan compares.
        let more = format!(
            "{few}spot.stack = [{{ spot = {{ {chip}, quota_chips = {quota:.1}, \
             usd_per_chip_hour = {usd:.2} }} }}, {hourly}]\n"
        );
        let (few, more) = (play(&plan(&few), 300), play(&plan(&more), 300));
        let best = |p: &crate::played::Played| {
            p.outcome.strategies.iter().map(mean).fold(f64::INFINITY, f64::min)
        };
        prop_assert!(best(&more) <= best(&few), "{} {}", best(&more), best(&few));
    }
}

/// A price that is drawn once and moves the saving along a curve: the ranks follow exactly,
/// the straight line less than that.
#[test]
fn ranks_follow_a_driver_along_any_curve() {
    let text = "title = \"One thing is uncertain\"
[time]
start = \"2027-01\"
months = 24
[money]
discount_rate_per_year = 0
tax_rate = 0
[workloads.cluster]
intensity.constant = {}
[workloads.cluster.chip_hours]
accelerator = \"nvidia-h100-sxm\"
chips = 64
utilisation = 1
[trajectories]
rent.constant = {}
\"rent.nvidia-h100-sxm\".constant = {}
[strategies]
dear.stack = [{ on_demand = { accelerator = \"nvidia-h100-sxm\", usd_per_chip_hour = 5 } }]
drawn.stack = [{ on_demand = { accelerator = \"nvidia-h100-sxm\", \
usd_per_chip_hour = { p10 = 0.2, p50 = 1, p90 = 8 } } }]
";
    let played = play(&plan(text), 512);
    let driver = &played.decision.drivers[0];
    let rank = driver.rank_correlation.expect("512 paths can be ranked");
    assert!((rank.abs() - 1.0).abs() < 1e-9, "{driver:?}");
    assert!(rank * driver.correlation > 0.0, "{driver:?}");
    let few = play(&plan(text), 20);
    assert_eq!(few.decision.drivers[0].rank_correlation, None);
}
