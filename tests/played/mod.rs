//! A plan, read, resolved and played through the library: what tests of the whole need.
//!
//! Every reader here panics with what the person would have been shown, so that a plan
//! of a test that is wrong says so itself.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::path::Path;
use std::sync::LazyLock;

use rackcast::decide::Decision;
use rackcast::engine::outcome::{FanData, StrategyOutcome};
use rackcast::engine::{self, Options, Outcome};
use rackcast::input::{Checker, Read, read_file, read_str};
use rackcast::profile::Catalogue;
use rackcast::report::{results, table};
use rackcast::scenario::{Overrides, Plan, Scenario, resolve};

/// The shipped catalogue, read once.
pub(crate) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::shipped);

/// A scenario and what came of playing it.
pub(crate) struct Played {
    pub(crate) scenario: Scenario,
    pub(crate) outcome: Outcome,
    pub(crate) decision: Decision,
}

/// The text of an example's plan, by its path below `examples`.
pub(crate) fn example(name: &str) -> Plan {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    valid(read_file(&path))
}

/// The plan of a text.
pub(crate) fn plan(text: &str) -> Plan {
    valid(read_str("plan.toml", text))
}

fn valid(read: Read<Plan>) -> Plan {
    assert!(!read.diagnostics.has_errors(), "{}", read.diagnostics.render(false));
    read.value.expect("a plan without problems has a value")
}

/// The scenario of a plan on `paths` paths.
pub(crate) fn scenario(plan: &Plan, paths: u64, seed: Option<u64>) -> Scenario {
    let mut at = Checker::new();
    let overrides = Overrides { paths: Some(paths), seed, ..Overrides::default() };
    let scenario = resolve(plan, &CATALOGUE, overrides, &mut at);
    assert_eq!(at.errors(), 0, "{:?}", at.into_problems());
    scenario.expect("a plan without problems resolves")
}

/// Plays a scenario.
pub(crate) fn play_on(scenario: Scenario, threads: Option<usize>) -> Played {
    let options = Options { threads, ..Options::default() };
    let outcome = engine::run(&scenario, &options).expect("threads start");
    let decision = Decision::of(&scenario, &outcome);
    Played { scenario, outcome, decision }
}

/// Plays a plan on `paths` paths with its own seed, on two threads.
pub(crate) fn play(plan: &Plan, paths: u64) -> Played {
    play_on(scenario(plan, paths, None), Some(2))
}

impl Played {
    /// The text of `results.json`.
    pub(crate) fn json(&self) -> String {
        results::json(&self.scenario, &self.outcome, &self.decision, "hash")
            .expect("every number is finite")
    }

    /// The bytes of `fans.csv`.
    pub(crate) fn csv(&self) -> Vec<u8> {
        table::csv(&self.scenario, &self.outcome)
            .expect("memory takes all that is written")
    }

    /// What came of a strategy.
    pub(crate) fn strategy(&self, name: &str) -> &StrategyOutcome {
        let found = self.outcome.strategies.iter().find(|s| s.name == name);
        found.expect("a strategy of the plan")
    }

    /// Mean net present cost of a strategy.
    pub(crate) fn cost(&self, name: &str) -> f64 {
        mean(self.strategy(name))
    }

    /// Present value of a part of a strategy's cost, mean over paths.
    pub(crate) fn part(&self, name: &str, part: &str) -> f64 {
        let parts = &self.strategy(name).parts;
        parts.iter().find(|p| p.part == part).expect("a part of the ledger").mean.mean
    }

    /// Committed chips of a strategy month by month.
    pub(crate) fn chips(&self, name: &str) -> &FanData {
        self.strategy(name).chips.as_ref().expect("a strategy that commits")
    }
}

/// Mean net present cost.
pub(crate) fn mean(strategy: &StrategyOutcome) -> f64 {
    strategy.net_present_cost.mean.expect("costs have a mean").mean
}

/// True where two numbers agree but for rounding of relative size `share`.
pub(crate) fn near(a: f64, b: f64, share: f64) -> bool {
    (a - b).abs() <= share * a.abs().max(b.abs())
}
