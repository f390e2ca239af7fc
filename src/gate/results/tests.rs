//! Real results against each other, and texts that are none.

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::decide::Decision as Answer;
use crate::engine::{Options, run};
use crate::gate::verdict::Verdict;
use crate::gate::{Comparison, compare};
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
    seeded(1, version, strategies)
}

fn seeded(seed: u64, version: u32, strategies: &[Value]) -> String {
    let order: Vec<&str> = strategies.iter().filter_map(|s| s["name"].as_str()).collect();
    json!({
        "schema_version": version,
        "title": "a plan",
        "provenance":
            { "seed": seed, "paths": 1000, "sampler": "plain", "plan_blake3": "" },
        "decision": { "order": order },
        "strategies": strategies,
    })
    .to_string()
}

fn usual() -> Vec<Value> {
    vec![strategy("rent", 1e6, 0.8), strategy("build", 1.2e6, 0.2)]
}

fn compared(before: &str, after: &str, limit: f64) -> Comparison {
    let before = baseline(&Text::of("before", before)).unwrap();
    let after = now(&Text::of("after", after), &before).unwrap();
    compare(&before, &after, Some(limit)).unwrap()
}

fn codes(text: &str) -> Vec<&'static str> {
    baseline(&Text::of("a", text)).unwrap_err().iter().map(|d| d.code).collect()
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
    let same = compared(&baseline, &played(1), 0.0);
    assert!(same.metrics.len() > 2 && same.exact);
    assert_eq!(same.verdict, Verdict::Pass);
    // A new pair of seeds would cry wolf at most once in 100, and only where it is also
    // 5 % dearer.
    let other = compared(&baseline, &played(2), 0.05);
    assert!(!other.exact);
    assert!(other.verdict != Verdict::Regressed, "{other:#?}");
}

#[test]
fn a_dearer_strategy_is_found_and_named() {
    let after = [strategy("build", 1.2e6, 0.31), strategy("rent", 1.1e6, 0.69)];
    let found = compared(&file(1, &usual()), &seeded(2, 1, &after), 0.05);
    let told: Vec<(&str, Verdict)> =
        found.metrics.iter().map(|j| (j.name.as_str(), j.verdict)).collect();
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
fn a_longer_tail_and_dearer_tokens_are_found_beside_the_same_mean() {
    let with = |tail: f64, tokens: f64| {
        let mut one = strategy("rent", 1e6, 1.0);
        one["net_present_cost"]["cvar95"] = json!(tail);
        one["net_present_cost"]["cvar95_standard_error"] = json!(0.004 * tail);
        let quantiles = [0.5, 0.6, 0.7, 0.8, 1.0, 1.2, 1.3, 1.4, 1.5].map(|x| x * tokens);
        one["usd_per_mtok"] =
            json!({ "quantiles": quantiles, "median_standard_error": 0.01 * tokens });
        vec![one]
    };
    let told = |found: &Comparison| -> Vec<(String, Verdict)> {
        found.metrics.iter().map(|j| (j.name.clone(), j.verdict)).collect()
    };
    let before = file(1, &with(2e6, 3.0));
    let found = compared(&before, &seeded(2, 1, &with(2.4e6, 3.5)), 0.05);
    let named = |tail: Verdict, tokens: Verdict| {
        [
            ("cost per Mtok of rent, median".to_owned(), tokens),
            ("net present cost of rent".to_owned(), Verdict::Pass),
            ("net present cost of rent, CVaR95".to_owned(), tail),
            ("probability that rent is the cheapest".to_owned(), Verdict::Pass),
        ]
    };
    assert_eq!(told(&found), named(Verdict::Regressed, Verdict::Regressed));
    assert_eq!(found.metrics[0].unit, "usd/Mtok");
    // 0.5 % and 2 % more, as well known as they are, is within the limit.
    let found = compared(&before, &seeded(2, 1, &with(2.01e6, 3.06)), 0.05);
    assert_eq!(told(&found), named(Verdict::Pass, Verdict::Pass));
    // What a baseline of before does not have is new, and no reason to fail.
    let old = file(1, &[strategy("rent", 1e6, 1.0)]);
    let found = compared(&old, &before, 0.05);
    assert_eq!((found.new.len(), found.verdict), (2, Verdict::Pass));
}

#[test]
fn on_the_same_random_numbers_the_limit_alone_decides() {
    // 6 % dearer with a standard error of 20 %: chance if the seeds differ.
    let noisy = |cost: f64| {
        let error = 0.2 * cost;
        let mut one = strategy("rent", cost, 1.0);
        one["net_present_cost"] = json!({ "mean": cost, "standard_error": error });
        vec![one]
    };
    let before = file(1, &noisy(1e6));
    let same = compared(&before, &file(1, &noisy(1.06e6)), 0.05);
    assert!(same.exact);
    assert_eq!(same.verdict, Verdict::Regressed);
    let other = compared(&before, &seeded(2, 1, &noisy(1.06e6)), 0.05);
    assert_eq!(other.verdict, Verdict::Inconclusive);
    let within = compared(&before, &file(1, &noisy(1.04e6)), 0.05);
    assert_eq!(within.verdict, Verdict::Pass);
}

#[test]
fn other_strategies_are_named() {
    let mut more = usual();
    more.push(strategy("api", 2e6, 0.0));
    let (two, three) = (file(1, &usual()), file(1, &more));
    let found = compared(&two, &three, 0.05);
    assert_eq!(found.new, ["net present cost of api"]);
    assert_eq!(found.verdict, Verdict::Pass);
    let found = compared(&three, &two, 0.05);
    assert_eq!(found.missing, ["net present cost of api"]);
    assert_eq!(found.verdict, Verdict::Inconclusive);
}

#[test]
fn what_is_no_results_file_is_refused_at_its_place() {
    assert_eq!(codes("no JSON"), ["E0701"]);
    assert_eq!(codes("{}"), ["E0701"]);
    assert_eq!(codes(r#"{"schema_version": 1}"#), ["E0701"]);
    assert_eq!(codes(&file(2, &usual())), ["E0702"]);
    assert_eq!(codes(&file(1, &[])), ["E0707"]);
    let twice = [strategy("rent", 1.0, 0.5), strategy("rent", 1.0, 0.5)];
    assert!(codes(&file(1, &twice)).contains(&"E0703"));
    let negative = file(1, &usual()).replace("2000.0", "-1.0");
    assert_eq!(codes(&negative), ["E0705"]);
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let whole = file(1, &usual());
    for end in 0..whole.len() {
        assert!(baseline(&Text::of("a", &whole[..end])).is_err());
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        let _ = baseline(&Text::of("a", &text));
    }

    #[test]
    fn any_numbers_are_compared_or_refused(a in any::<f64>(), b in any::<f64>()) {
        let one = |x: f64| file(1, &[strategy("rent", x, 0.5)]);
        let read = |x: f64| baseline(&Text::of("a", &one(x)));
        if let (Ok(before), Ok(after)) = (read(a), read(b)) {
            let _ = compare(&before, &after, None);
        }
    }
}
