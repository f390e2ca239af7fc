//! `results.json`: everything a run found, with what it rests on.
//!
//! Versioned and deterministic: no clock, no machine, no thread count. Inputs are named
//! by the BLAKE3 hash of their text.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::block::Arithmetic;
use crate::decide::Decision;
use crate::engine::Outcome;
use crate::engine::outcome::{FanData, PairOutcome, QUANTILES, StrategyOutcome};
use crate::random::Sampler;
use crate::scenario::{Assumptions, Scenario};

use super::fan::{Fan, fans};

/// Version of the layout of `results.json`; changes when a key changes its meaning.
pub const SCHEMA_VERSION: u32 = 1;

/// All of `results.json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Results<'a> {
    /// Layout of this file.
    pub schema_version: u32,
    /// Version of the program.
    pub rackcast_version: &'static str,
    /// What is asked.
    pub title: &'a str,
    /// What was played, and on what.
    pub provenance: Provenance<'a>,
    /// The answer.
    pub decision: &'a Decision,
    /// Every strategy.
    pub strategies: &'a [StrategyOutcome],
    /// Every ordered pair.
    pub pairs: &'a [PairOutcome],
    /// Quantiles of every distribution and fan below.
    pub quantile_levels: [f64; 9],
    /// Fans by name.
    pub fans: BTreeMap<String, FanResult<'a>>,
    /// What the answer rests on.
    pub assumptions: &'a Assumptions,
    /// What a reader must know.
    pub warnings: Vec<String>,
}

/// What was played, and on what.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Provenance<'a> {
    /// Seed.
    pub seed: u64,
    /// Paths.
    pub paths: u64,
    /// How they are spread.
    pub sampler: Sampler,
    /// First month.
    pub start: String,
    /// Months.
    pub months: u32,
    /// How numbers are calculated: `portable` gives the same bits on every machine,
    /// `fused` on every one with fused multiply-add.
    pub arithmetic: Arithmetic,
    /// How quantiles were found: `sketch` (within the width of a bin, 0.39 %), or `exact`.
    pub quantiles: &'static str,
    /// BLAKE3 of the plan's text.
    pub plan_blake3: &'a str,
    /// BLAKE3 of each profile used.
    pub profiles_blake3: &'a BTreeMap<String, String>,
    /// BLAKE3 of each file the plan names beside it; left out where it names none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files_blake3: &'a BTreeMap<String, String>,
}

/// A fan with its unit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FanResult<'a> {
    /// Title of its chart.
    pub title: String,
    /// Unit of its values.
    pub unit: String,
    /// Per month, at `quantile_levels`.
    #[serde(flatten)]
    pub data: &'a FanData,
}

/// Everything a run found, as JSON with two spaces and a final newline.
///
/// **Errors** when a number is not finite, which is a bug and never written.
pub fn json(
    scenario: &Scenario,
    outcome: &Outcome,
    decision: &Decision,
    plan_hash: &str,
) -> Result<String, serde_json::Error> {
    let fans = fans(scenario, outcome)
        .into_iter()
        .map(|Fan { key, title, unit, data, .. }| {
            (key, FanResult { title, unit: unit.to_string(), data })
        })
        .collect();
    let (year, month) = scenario.start;
    let results = Results {
        schema_version: SCHEMA_VERSION,
        rackcast_version: env!("CARGO_PKG_VERSION"),
        title: &scenario.title,
        provenance: Provenance {
            seed: scenario.seed.0,
            paths: outcome.paths,
            sampler: scenario.world.sampler(),
            start: format!("{year:04}-{month:02}"),
            months: scenario.months,
            arithmetic: scenario.arithmetic,
            quantiles: if outcome.exact { "exact" } else { "sketch" },
            plan_blake3: plan_hash,
            profiles_blake3: &scenario.profiles,
            files_blake3: &scenario.files,
        },
        decision,
        strategies: &outcome.strategies,
        pairs: &outcome.pairs,
        quantile_levels: QUANTILES,
        fans,
        assumptions: &scenario.assumptions,
        warnings: super::words::warnings(scenario, outcome),
    };
    let mut text = serde_json::to_string_pretty(&results)?;
    text.push('\n');
    Ok(text)
}
