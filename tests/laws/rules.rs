//! Every sizing rule in a whole plan: cash adds up, threads change nothing, and the
//! floor that needs no forecast keeps its promise against renting and against committing.

use std::fmt::Write as _;

use crate::played::{mean, plan, play, play_on, scenario};

/// The rules by their tables, for machines of one's own and for commitments.
const RULES: [&str; 10] = [
    "demand_quantile = {}",
    "min_max = { reorder_share = 0.9, up_to_share = 1.4 }",
    "newsvendor = {}",
    "ladder = { rungs = 4 }",
    "years_of_growth = {}",
    "trigger = { threshold = 1.2 }",
    "leapfrog = { price_drift_per_year = 0.0 }",
    "online_floor = {}",
    "online_floor = { randomised = true }",
    "rolling = {}",
];

fn ruled() -> String {
    let chip = "accelerator = \"nvidia-h100-sxm\"";
    let hourly = format!("{{ on_demand = {{ {chip}, usd_per_chip_hour = 3.4 }} }}");
    let mut text = format!(
        "title = \"Every rule\"
[time]
start = \"2027-01\"
months = 40
[results]
accounts = true
[workloads.cluster.chip_hours]
{chip}
chips = {{ p10 = 100, p50 = 200, p90 = 400 }}
utilisation = 0.7
[workloads.cluster]
shape.around_the_clock = {{}}
growth.geometric = {{ drift_per_year = 0.3, volatility_per_sqrt_year = 0.4 }}
[strategies]
rent.stack = [{hourly}]
"
    );
    for (i, rule) in RULES.iter().enumerate() {
        let _ = write!(
            text,
            "own-{i}.stack = [{{ own = {{ {chip}, facility = \"colocation-us\" }}, \
             sizing.{rule} }}, {hourly}]
reserve-{i}.stack = [{{ reserve = {{ {chip}, term_years = 1, usd_per_chip_hour = 1.9 }}, \
             sizing.{rule} }}, {hourly}]\n"
        );
    }
    text
}

#[test]
fn every_rule_plays_and_commits_and_its_cash_adds_up() {
    let plan = plan(&ruled());
    let played = play_on(scenario(&plan, 256, None), Some(1));
    for s in &played.outcome.strategies {
        let parts: f64 = s.parts.iter().map(|p| p.mean.mean).sum();
        let size: f64 = s.parts.iter().map(|p| p.mean.mean.abs()).sum();
        assert!((parts - mean(s)).abs() <= 1e-9 * size, "{}", s.name);
        assert!(s.unserved_share.mean < 1e-12, "{}", s.name);
        if s.name != "rent" {
            let most = played.chips(&s.name).quantiles.iter().map(|q| q[8]);
            assert!(most.fold(0.0, f64::max) > 8.0, "{} commits nothing", s.name);
        }
    }
    let again = play_on(scenario(&plan, 256, None), Some(3));
    assert_eq!(played.json(), again.json());
}

#[test]
fn rules_that_read_prices_leave_to_renting_what_is_cheaper_rented() {
    let text = ruled().replace("usd_per_chip_hour = 3.4", "usd_per_chip_hour = 0.3");
    let played = play(&plan(&text), 256);
    // The randomised floor draws a low threshold on some paths, and commits there.
    for rule in ["newsvendor", "trigger", "online_floor = {}", "rolling"] {
        let which = RULES.iter().enumerate().filter(|(_, r)| r.starts_with(rule));
        for (i, _) in which {
            for name in [format!("own-{i}"), format!("reserve-{i}")] {
                let most = played.chips(&name).quantiles.iter().map(|q| q[8]);
                let most = most.fold(0.0, f64::max);
                assert!(most < 1e-9, "{name} ({rule}) commits {most}");
            }
        }
    }
}

#[test]
fn a_yardstick_beats_every_rule_and_is_ranked_nowhere() {
    let mut text = ruled()
        .replace("p10 = 100, p50 = 200, p90 = 400", "p10 = 1e3, p50 = 2e3, p90 = 4e3");
    let chip = "accelerator = \"nvidia-h100-sxm\"";
    let hourly = format!("{{ on_demand = {{ {chip}, usd_per_chip_hour = 3.4 }} }}");
    let _ = writeln!(
        text,
        "seer-reserve.stack = [{{ reserve = {{ {chip}, term_years = 1, usd_per_chip_hour = 1.9 }}, \
         sizing.perfect_foresight = {{}} }}, {hourly}]
seer-own.stack = [{{ own = {{ {chip}, facility = \"colocation-us\" }}, \
         sizing.perfect_foresight = {{}} }}, {hourly}]"
    );
    let played = play(&plan(&text), 256);
    for kind in ["reserve", "own"] {
        let seer = played.strategy(&format!("seer-{kind}"));
        assert!(seer.yardstick && seer.label.contains("yardstick"));
        assert!(seer.best.mean.abs() < 1e-12, "{kind}");
        for (i, rule) in RULES.iter().enumerate() {
            let other = played.strategy(&format!("{kind}-{i}"));
            assert!(
                mean(seer) < mean(other),
                "{kind} {rule}: {} {}",
                mean(seer),
                mean(other)
            );
        }
        assert!(!played.decision.order.contains(&seer.name));
    }
    let best: f64 = played.outcome.strategies.iter().map(|s| s.best.mean).sum();
    assert!((best - 1.0).abs() < 1e-12);
    let yardsticks = &played.decision.yardsticks;
    assert_eq!(yardsticks.len(), 2);
    assert!(yardsticks.iter().any(|y| y.saving.is_some_and(|saving| saving > 0.0)));
    let said = rackcast::report::summary::summary(
        &played.scenario,
        &played.outcome,
        &played.decision,
    );
    assert!(said.contains("yardstick"), "{said}");
}
