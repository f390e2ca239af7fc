//! Valid plans, changed at random: a result of finite numbers or a diagnostic, never a
//! panic.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use rackcast::decide::Decision;
use rackcast::engine::{self, Options};
use rackcast::input::{CODES, Checker, read_str};
use rackcast::profile::Catalogue;
use rackcast::report::{fan::fans, results, summary::summary};
use rackcast::scenario::{Overrides, Plan, resolve};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::shipped);

/// A plan that names most of what a plan can name.
const RICH: &str = include_str!("rich.toml");

/// What may stand where a value stood.
const VALUES: &[&str] = &[
    "0",
    "-1",
    "1",
    "2",
    "0.5",
    "7",
    "64",
    "1e9",
    "1e12",
    "1e-9",
    "true",
    "\"x\"",
    "[]",
    "{}",
    "{ p10 = 0, p50 = 1, p90 = 2 }",
    "{ p10 = 0.001, p50 = 1, p90 = 1000 }",
    "{ p10 = 1, p50 = 1, p90 = 1 }",
    "{ p10 = 0.9, p50 = 0.95, p90 = 1 }",
    "\"nvidia-h100-sxm\"",
    "\"google-tpu-v5p\"",
    "\"llama-3.1-405b\"",
    "\"lambda\"",
    "\"2027-01\"",
    "nan",
    "1e999",
];

/// A plan as the command would take it: read, resolved and, where nothing is wrong,
/// played on one block of paths for a few months.
fn survives(text: &str) -> Result<(), TestCaseError> {
    let mut read = read_str::<Plan>("plan.toml", text);
    let Some(mut plan) = read.value.clone() else {
        prop_assert!(read.diagnostics.has_errors());
        return Ok(());
    };
    let mut at = Checker::new();
    plan.time.months = plan.time.months.min(5);
    let overrides = Overrides { paths: Some(256), seed: None, ..Overrides::default() };
    let scenario = resolve(&plan, &CATALOGUE, overrides, &mut at);
    for problem in at.into_problems() {
        prop_assert!(CODES.iter().any(|c| c.code == problem.code), "{}", problem.code);
        prop_assert!(!problem.message.is_empty());
        read.push(problem);
    }
    if read.diagnostics.has_errors() {
        prop_assert!(!read.diagnostics.render(false).is_empty());
        return Ok(());
    }
    let scenario = scenario.expect("a plan without problems resolves");
    let options = Options { threads: Some(1), ..Options::default() };
    let outcome = engine::run(&scenario, &options).expect("a thread starts");
    let decision = Decision::of(&scenario, &outcome);
    for fan in fans(&scenario, &outcome) {
        for q in &fan.data.quantiles {
            prop_assert!(q.iter().all(|x| x.is_finite()), "{}: {q:?}\n{text}", fan.key);
            prop_assert!(q.is_sorted(), "{}: {q:?}", fan.key);
        }
    }
    for s in &outcome.strategies {
        let mean = s.net_present_cost.mean.expect("costs have means");
        prop_assert!(mean.mean.is_finite() && mean.standard_error.is_finite());
    }
    prop_assert!(results::json(&scenario, &outcome, &decision, "").is_ok());
    prop_assert!(!summary(&scenario, &outcome, &decision).contains("NaN"));
    Ok(())
}

/// A change of the lines of a plan.
#[derive(Debug, Clone)]
enum Change {
    /// The value of a line becomes another.
    Value(prop::sample::Index, &'static str),
    /// A line goes.
    Gone(prop::sample::Index),
    /// A line comes twice, somewhere.
    Again(prop::sample::Index, prop::sample::Index),
    /// A letter of a line becomes another.
    Letter(prop::sample::Index, prop::sample::Index, char),
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<prop::sample::Index>;
    prop_oneof![
        6 => (place(), prop::sample::select(VALUES)).prop_map(|(a, v)| Change::Value(a, v)),
        2 => place().prop_map(Change::Gone),
        1 => (place(), place()).prop_map(|(a, b)| Change::Again(a, b)),
        1 => (place(), place(), any::<char>()).prop_map(|(a, b, c)| Change::Letter(a, b, c)),
    ]
}

fn changed(changes: &[Change]) -> String {
    let mut lines: Vec<String> = RICH.lines().map(ToOwned::to_owned).collect();
    for change in changes {
        match change {
            Change::Value(at, value) => {
                let values: Vec<usize> =
                    (0..lines.len()).filter(|i| lines[*i].contains(" = ")).collect();
                let Some(i) =
                    (!values.is_empty()).then(|| values[at.index(values.len())])
                else {
                    continue;
                };
                let key = lines[i].split(" = ").next().unwrap_or_default().to_owned();
                lines[i] = format!("{key} = {value}");
            }
            Change::Gone(at) if lines.len() > 1 => {
                lines.remove(at.index(lines.len()));
            }
            Change::Gone(_) => {}
            Change::Again(from, to) => {
                let line = lines[from.index(lines.len())].clone();
                lines.insert(to.index(lines.len()), line);
            }
            Change::Letter(line, letter, new) => {
                let line = line.index(lines.len());
                let mut letters: Vec<char> = lines[line].chars().collect();
                if !letters.is_empty() {
                    let place = letter.index(letters.len());
                    letters[place] = *new;
                    lines[line] = letters.into_iter().collect();
                }
            }
        }
    }
    lines.join("\n")
}

/// So many tries from a fixed seed; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for
/// others.
fn tries(cases: u32) -> Config {
    let asked = Config::default();
    let is_asked = std::env::var_os("PROPTEST_CASES").is_some();
    let rng_seed = match asked.rng_seed {
        RngSeed::Random => RngSeed::Fixed(20_261_124),
        seed @ RngSeed::Fixed(_) => seed,
    };
    let cases = if is_asked { asked.cases } else { cases };
    Config { cases, rng_seed, failure_persistence: None, ..asked }
}

proptest! {
    #![proptest_config(tries(200))]

    #[test]
    fn a_plan_changed_at_random_is_a_result_or_a_diagnostic(
        changes in prop::collection::vec(change(), 1..4)
    ) {
        survives(&changed(&changes))?;
    }
}

#[test]
fn the_plan_that_is_changed_is_valid() {
    survives(RICH).unwrap();
    assert!(!read_str::<Plan>("plan.toml", RICH).diagnostics.has_errors());
}
