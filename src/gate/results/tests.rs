//! Real results against each other, and texts that are none.

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::decide::Decision as Answer;
use crate::engine::{Options, run};
use crate::gate::verdict::{Verdict, overall};
use crate::input::{Checker, read_file};
use crate::profile::Catalogue;
use crate::report::results;
use crate::scenario::{Overrides, Plan, resolve};

fn strategy(name: &str, cost: f64, best: f64) -> Value {
    json!({
        "name": name,
        "net_present_cost": { "mean": cost, "standard_error": 0.002 * cost.abs() },
        "best": { "mean": best, "standard_error": 0.002 },
        "label": "not read",
    })
}

fn file(version: u32, strategies: &[Value]) -> String {
    let order: Vec<&str> = strategies.iter().filter_map(|s| s["name"].as_str()).collect();
    json!({
        "schema_version": version,
        "decision": { "order": order },
        "strategies": strategies,
    })
    .to_string()
}

fn usual() -> Vec<Value> {
    vec![strategy("rent", 1e6, 0.8), strategy("build", 1.2e6, 0.2)]
}

fn error(baseline: &str, now: &str) -> String {
    compare(baseline, now, 0.05).unwrap_err().to_string()
}

fn played(seed: u64) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/assistant/plan.toml");
    let plan = read_file::<Plan>(&path).value.expect("the example has no problems");
    let overrides =
        Overrides { paths: Some(1024), seed: Some(seed), ..Overrides::default() };
    let mut at = Checker::new();
    let scenario = resolve(&plan, &Catalogue::shipped(), overrides, &mut at)
        .expect("the example resolves");
    let outcome = run(&scenario, &Options::default()).expect("threads start");
    let answer = Answer::of(&scenario, &outcome);
    results::json(&scenario, &outcome, &answer, "no hash").expect("numbers are finite")
}

#[test]
fn a_run_passes_against_itself_and_another_seed_is_no_regression() {
    let baseline = played(1);
    let same = compare(&baseline, &played(1), 0.0).unwrap();
    assert!(same.len() > 2);
    assert_eq!(overall(&same), Verdict::Pass);
    // Holm over all metrics: a new pair of seeds would cry wolf at most once in 20, and
    // only where it is also 5 % dearer.
    let other = compare(&baseline, &played(2), 0.05).unwrap();
    assert!(other.iter().all(|j| j.verdict != Verdict::Regressed), "{other:#?}");
}

#[test]
fn a_dearer_strategy_is_found_and_named() {
    let now = [strategy("build", 1.2e6, 0.31), strategy("rent", 1.1e6, 0.69)];
    let found = compare(&file(1, &usual()), &file(1, &now), 0.05).unwrap();
    let told: Vec<(&str, Verdict)> =
        found.iter().map(|j| (j.name.as_str(), j.verdict)).collect();
    assert_eq!(
        told,
        [
            ("net present cost of build", Verdict::Pass),
            ("net present cost of rent", Verdict::Regressed),
            ("probability that rent is the cheapest", Verdict::Regressed),
        ]
    );
}

#[test]
fn versions_that_are_mixed_or_unknown_are_refused() {
    let found = error(&file(1, &usual()), &file(2, &usual()));
    assert!(found.starts_with("the baseline has schema version 1 and the new result 2"));
    let found = error(&file(2, &usual()), &file(2, &usual()));
    assert_eq!(found, "both results have schema version 2; this program reads 1");
}

#[test]
fn other_strategies_are_refused_by_name() {
    let now = [strategy("rent", 1e6, 0.8), strategy("api", 1e6, 0.1)];
    assert_eq!(
        error(&file(1, &usual()), &file(1, &now)),
        "the two results have different strategies: only the baseline has `build`; \
         only the new result has `api`"
    );
    assert_eq!(
        error(&file(1, &usual()), &file(1, &usual()[..1])),
        "the two results have different strategies: only the baseline has `build`"
    );
    let twice = [usual(), usual()].concat();
    assert_eq!(
        error(&file(1, &usual()), &file(1, &twice)),
        "the new result has two strategies called `rent`"
    );
}

#[test]
fn what_is_no_results_file_is_refused() {
    let good = file(1, &usual());
    assert!(error("", &good).starts_with("the baseline is no results.json: EOF"));
    assert!(error(&good, "{}").contains("missing field `schema_version`"));
    let bare = r#"{ "schema_version": 1 }"#;
    assert!(error(&good, bare).starts_with("the new result is no results.json: missing"));
    assert!(error(&file(1, &[]), &file(1, &[])).contains("no strategies"));
    let first = good.replace(r#""order":["rent""#, r#""order":["lease""#);
    assert!(error(&first, &good).contains("puts `lease` first"));
    let negative = good.replace("0.002}", "-0.002}");
    assert_eq!(
        error(&good, &negative),
        "the new result, probability that rent is the cheapest: \
         a standard error must be finite and not negative, found -0.002"
    );
    assert!(compare(&good, &good, -1.0).is_err());
}

proptest! {
    #[test]
    fn any_text_is_compared_or_refused(text in ".*", json in "[\\[\\]{}:,\"0-9a-z_ ]*") {
        let good = file(1, &usual());
        for text in [text, json] {
            prop_assert!(compare(&text, &good, 0.05).is_err());
            prop_assert!(compare(&good, &text, 0.05).is_err());
        }
    }

    #[test]
    fn any_numbers_are_compared_or_refused(
        costs in any::<[f64; 2]>(),
        best in any::<[f64; 2]>(),
        limit in any::<f64>(),
    ) {
        let now: Vec<Value> = ["rent", "build"]
            .iter()
            .zip(costs.iter().zip(&best))
            .map(|(name, (cost, best))| strategy(name, *cost, *best))
            .collect();
        let _ = compare(&file(1, &usual()), &file(1, &now), limit);
    }

    #[test]
    fn a_file_cut_anywhere_is_refused(at in 0.0..1.0) {
        let good = file(1, &usual());
        let bytes = crate::units::count(good.len()) * at;
        let end = (0..good.len()).find(|i| crate::units::count(*i) >= bytes).unwrap_or(0);
        prop_assert!(compare(&good, &good[..end], 0.05).is_err());
    }
}
