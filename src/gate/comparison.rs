//! A baseline against what is now: which metrics are compared, with which limits.
//!
//! A metric that is no longer measured is no pass: a benchmark that was deleted, or that
//! crashed, would otherwise look like one. Runs on the same random numbers are compared
//! exactly, others with their standard errors. Read next: [`super::judge`].

use schemars::JsonSchema;
use serde::Serialize;

use super::baseline::{Baseline, MAX_REGRESS, SCHEMA_VERSION};
use super::predicted::Prediction;
use super::verdict::{Judgement, Metric, Verdict, judge, overall};

/// Verdicts on all metrics of a baseline, and the one on all of them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// Layout of this file.
    pub schema_version: u32,
    /// Version of the program.
    pub rackcast_version: String,
    /// The verdict on all: the worst there is.
    pub verdict: Verdict,
    /// True where both are runs on the same random numbers: what differs is no chance.
    pub exact: bool,
    /// Each metric that both have, in the order of names.
    pub metrics: Vec<Judgement>,
    /// Metrics of the baseline that are not there now: they make the verdict
    /// inconclusive.
    pub missing: Vec<String>,
    /// Metrics that the baseline does not have yet.
    pub new: Vec<String>,
    /// What the hardware profiles say of what was measured.
    pub predictions: Vec<Prediction>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// Why two cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apart {
    /// One is of a plan, the other of measurements.
    Kinds,
    /// They have no metric in common.
    Names,
}

/// Judges what is now against a baseline.
///
/// A metric's limit is its own in the baseline, else `max_regress` (the command's), else
/// the baseline's, else 5 %. **Errors** [`Apart`]. **Checked by** `gate::results::tests`,
/// `tests/cli/gate.rs`.
pub fn compare(
    baseline: &Baseline,
    now: &Baseline,
    max_regress: Option<f64>,
) -> Result<Comparison, Apart> {
    if baseline.plan.is_some() != now.plan.is_some() {
        return Err(Apart::Kinds);
    }
    let exact = baseline.shares_numbers(now);
    let limit = max_regress.or(baseline.max_regress).unwrap_or(MAX_REGRESS);
    let (mut metrics, mut missing, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for before in &baseline.metrics {
        let Some(after) = now.metrics.iter().find(|m| m.name == before.name) else {
            missing.push(before.name.clone());
            continue;
        };
        let (Ok(mut old), Ok(mut new)) = (before.reading(), after.reading()) else {
            missing.push(before.name.clone());
            continue;
        };
        if !before.unit.is_empty() && !after.unit.is_empty() && before.unit != after.unit
        {
            notes.push(format!(
                "`{}` was in {} and is in {} now: it is not compared",
                before.name, before.unit, after.unit
            ));
            missing.push(before.name.clone());
            continue;
        }
        if exact {
            (old, new) = (old.exact(), new.exact());
        }
        if before.better != after.better {
            notes.push(format!(
                "`{}` is better the other way round in the baseline, which counts",
                before.name
            ));
        }
        let own = before.max_regress.unwrap_or(limit);
        let metric = Metric::new(&before.name, before.better, own, old, new);
        metrics.extend(metric.map(|metric| metric.in_unit(&before.unit)));
    }
    if metrics.is_empty() {
        return Err(Apart::Names);
    }
    let new = now
        .metrics
        .iter()
        .filter(|m| !baseline.metrics.iter().any(|b| b.name == m.name))
        .map(|m| m.name.clone())
        .collect();
    let judged = judge(&metrics);
    let mut verdict = overall(&judged);
    if !missing.is_empty() && verdict != Verdict::Regressed {
        verdict = Verdict::Inconclusive;
    }
    if exact {
        notes.push(
            "both runs drew the same random numbers: differences are exact, not chance"
                .to_owned(),
        );
    }
    Ok(Comparison {
        schema_version: SCHEMA_VERSION,
        rackcast_version: env!("CARGO_PKG_VERSION").to_owned(),
        verdict,
        exact,
        metrics: judged,
        missing,
        new,
        predictions: Vec::new(),
        notes,
    })
}
