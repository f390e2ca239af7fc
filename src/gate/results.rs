//! The metrics of a run: what of `results.json` is gated.
//!
//! Of a results file only what is gated is read: each strategy's mean net present cost,
//! the mean of its dearest 5 % (conditional value at risk), its median cost of 10⁶ tokens,
//! and how probable it is that the strategy with the lowest is the cheapest on a path. Of
//! the others that probability is none: when one strategy gets cheaper, the rest are the
//! cheapest less often, and none of them got worse. Read next: [`super::compare`].

use serde::Deserialize;

use super::baseline::{Baseline, Entry, PlanRun};
use super::verdict::Better;
use crate::engine::outcome::{MEDIAN, QUANTILES};
use crate::input::{Diagnostics, Text};
use crate::report::results::SCHEMA_VERSION;

/// The key that says how to read the others.
#[derive(Deserialize)]
struct Version {
    schema_version: u64,
}

/// What is gated of a results file.
#[derive(Deserialize)]
struct Gated {
    title: String,
    provenance: Provenance,
    decision: Decision,
    strategies: Vec<Strategy>,
}

#[derive(Deserialize)]
struct Provenance {
    seed: u64,
    paths: u64,
    sampler: String,
    plan_blake3: String,
}

#[derive(Deserialize)]
struct Decision {
    order: Vec<String>,
}

#[derive(Deserialize)]
struct Strategy {
    name: String,
    net_present_cost: Cost,
    best: Mean,
    #[serde(default)]
    usd_per_mtok: Option<Median>,
}

/// A cost with its tail; results of before the tail's error was known have none.
#[derive(Deserialize, Clone, Copy)]
struct Cost {
    #[serde(flatten)]
    mean: Mean,
    #[serde(default)]
    cvar95: Option<f64>,
    #[serde(default)]
    cvar95_standard_error: Option<f64>,
}

#[derive(Deserialize, Clone, Copy)]
struct Median {
    quantiles: [f64; QUANTILES.len()],
    #[serde(default)]
    median_standard_error: Option<f64>,
}

#[derive(Deserialize, Clone, Copy)]
struct Mean {
    mean: f64,
    standard_error: f64,
}

/// The metrics of the text of a `results.json`.
///
/// **Errors** E0701 to E0703, E0705 and E0707, at their places.
/// **Checked by** two real runs, and texts of all kinds, below.
pub fn baseline(text: &Text) -> Result<Baseline, Diagnostics> {
    let found = text.json::<Version>()?.schema_version;
    if found != u64::from(SCHEMA_VERSION) {
        return Err(text.refuse(
            "E0702",
            text.place("schema_version"),
            format!(
                "results of schema version {found}, this program reads {SCHEMA_VERSION}"
            ),
            "run the plan again".to_owned(),
        ));
    }
    let results: Gated = text.json()?;
    let mut metrics = Vec::new();
    let first = results.decision.order.first();
    for strategy in &results.strategies {
        let (name, cost) = (&strategy.name, strategy.net_present_cost);
        let lower = |title: String, unit: &str, value: f64, error: f64| {
            Entry::known(title, unit, Better::Lower, value, error)
        };
        let Mean { mean, standard_error } = cost.mean;
        let title = format!("net present cost of {name}");
        metrics.push(lower(title, "usd", mean, standard_error));
        if let Some((tail, error)) = cost.cvar95.zip(cost.cvar95_standard_error) {
            let title = format!("net present cost of {name}, CVaR95");
            metrics.push(lower(title, "usd", tail, error));
        }
        if let Some(of) = strategy.usd_per_mtok
            && let Some(error) = of.median_standard_error
        {
            let title = format!("cost per Mtok of {name}, median");
            metrics.push(lower(title, "usd/Mtok", of.quantiles[MEDIAN], error));
        }
        if first == Some(name) {
            metrics.push(probability(strategy));
        }
    }
    let run = results.provenance;
    let plan = PlanRun {
        title: results.title,
        seed: run.seed,
        paths: run.paths,
        sampler: run.sampler,
        plan_blake3: run.plan_blake3,
    };
    Baseline::of(Some(plan), metrics).checked(text)
}

fn probability(strategy: &Strategy) -> Entry {
    let title = probability_title(&strategy.name);
    let best = strategy.best;
    Entry::known(title, "", Better::Higher, best.mean, best.standard_error)
}

fn probability_title(name: &str) -> String {
    format!("probability that {name} is the cheapest")
}

/// The metric of a new run that a baseline asks for where another strategy has come first
/// since: the probability of the one that was first.
///
/// **Errors** as [`baseline`].
pub fn now(text: &Text, reviewed: &Baseline) -> Result<Baseline, Diagnostics> {
    let mut now = baseline(text)?;
    let results: Gated = text.json()?;
    now.metrics.retain(|metric| metric.better == Better::Lower);
    let asked = |s: &&Strategy| {
        let title = probability_title(&s.name);
        reviewed.metrics.iter().any(|m| m.name == title)
    };
    now.metrics.extend(results.strategies.iter().filter(asked).map(probability));
    Ok(Baseline::of(now.plan, now.metrics))
}

#[cfg(test)]
mod tests;
