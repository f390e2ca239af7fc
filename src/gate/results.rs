//! Two `results.json` against each other: did the plan's answer get worse?
//!
//! Of a results file only what is gated is read: each strategy's mean net present cost,
//! and how probable it is that the strategy the baseline chose is the cheapest. Nothing
//! else of the two need agree; where they ask different questions (other strategies,
//! another layout) there is an error and no verdict. Read next: [`super::judge`].

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use thiserror::Error;

use super::reading::{Reading, ReadingError};
use super::verdict::{Better, Judgement, LimitError, Metric, judge};
use crate::report::results::SCHEMA_VERSION;

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What was reviewed.
    Baseline,
    /// What is to be judged.
    Now,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Baseline => "the baseline",
            Self::Now => "the new result",
        })
    }
}

/// Why two results cannot be compared.
#[derive(Debug, Error)]
pub enum CompareError {
    /// Not the JSON of a results file.
    #[error("{side} is no results.json: {source}")]
    Unreadable {
        /// Which file.
        side: Side,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The two have different layouts.
    #[error(
        "the baseline has schema version {baseline} and the new result {now}: \
         run the baseline's plan again with this version and review it"
    )]
    MixedVersions {
        /// Of the baseline.
        baseline: u64,
        /// Of the new result.
        now: u64,
    },
    /// A layout this program does not know.
    #[error(
        "both results have schema version {found}; this program reads {SCHEMA_VERSION}"
    )]
    UnknownVersion {
        /// Of both.
        found: u64,
    },
    /// The same name twice.
    #[error("{side} has two strategies called `{name}`")]
    Twice {
        /// Which file.
        side: Side,
        /// The name.
        name: String,
    },
    /// The two do not compare the same strategies.
    #[error(
        "the two results have different strategies: {}",
        differences(.missing, .added)
    )]
    DifferentStrategies {
        /// Only in the baseline.
        missing: Vec<String>,
        /// Only in the new result.
        added: Vec<String>,
    },
    /// No strategies.
    #[error("the results have no strategies: there is nothing to compare")]
    Empty,
    /// The strategy that comes first is none of them.
    #[error("the baseline puts `{name}` first, which is none of its strategies")]
    UnknownFirst {
        /// The name.
        name: String,
    },
    /// A number that is no reading.
    #[error("{side}, {metric}: {source}")]
    Reading {
        /// Which file.
        side: Side,
        /// Which metric.
        metric: String,
        /// What is wrong with it.
        source: ReadingError,
    },
    /// The limit makes no sense.
    #[error(transparent)]
    Limit(#[from] LimitError),
}

fn differences(missing: &[String], added: &[String]) -> String {
    let list = |names: &[String], side: Side| {
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        format!("only {side} has {}", quoted.join(", "))
    };
    let parts = [(missing, Side::Baseline), (added, Side::Now)];
    let told: Vec<String> = parts
        .into_iter()
        .filter(|(names, _)| !names.is_empty())
        .map(|(names, side)| list(names, side))
        .collect();
    told.join("; ")
}

/// The key that says how to read the others.
#[derive(Deserialize)]
struct Version {
    schema_version: u64,
}

/// What is gated of a results file.
#[derive(Deserialize)]
struct Gated {
    decision: Decision,
    strategies: Vec<Strategy>,
}

#[derive(Deserialize)]
struct Decision {
    order: Vec<String>,
}

#[derive(Deserialize)]
struct Strategy {
    name: String,
    net_present_cost: Mean,
    best: Mean,
}

#[derive(Deserialize, Clone, Copy)]
struct Mean {
    mean: f64,
    standard_error: f64,
}

impl Mean {
    fn reading(self, side: Side, metric: &str) -> Result<Reading, CompareError> {
        Reading::new(self.mean, self.standard_error).map_err(|source| {
            CompareError::Reading { side, metric: metric.to_owned(), source }
        })
    }
}

/// Judges the text of a `results.json` against that of a reviewed one.
///
/// Each strategy's mean net present cost is a metric, lower is better; so is the
/// probability of being the cheapest of the strategy the baseline puts first, higher is
/// better. Of the others it is none: when one strategy gets cheaper, the rest are the
/// cheapest less often, and none of them got worse.
///
/// **Units** `max_regression` is relative: 0.05 is 5 %. **Errors** [`CompareError`].
/// **Checked by** two real runs, and texts of all kinds, below.
pub fn compare(
    baseline: &str,
    now: &str,
    max_regression: f64,
) -> Result<Vec<Judgement>, CompareError> {
    let version = |text: &str, side| {
        parsed::<Version>(text, side).map(|version| version.schema_version)
    };
    let (old, new) = (version(baseline, Side::Baseline)?, version(now, Side::Now)?);
    if old != new {
        return Err(CompareError::MixedVersions { baseline: old, now: new });
    }
    if old != u64::from(SCHEMA_VERSION) {
        return Err(CompareError::UnknownVersion { found: old });
    }
    let before: Gated = parsed(baseline, Side::Baseline)?;
    let after: Gated = parsed(now, Side::Now)?;
    Ok(judge(&metrics(&before, &after, max_regression)?))
}

fn parsed<'a, T: Deserialize<'a>>(text: &'a str, side: Side) -> Result<T, CompareError> {
    serde_json::from_str(text).map_err(|source| CompareError::Unreadable { side, source })
}

fn by_name(
    results: &Gated,
    side: Side,
) -> Result<BTreeMap<&str, &Strategy>, CompareError> {
    let mut found = BTreeMap::new();
    for strategy in &results.strategies {
        if found.insert(strategy.name.as_str(), strategy).is_some() {
            return Err(CompareError::Twice { side, name: strategy.name.clone() });
        }
    }
    Ok(found)
}

fn metrics(
    before: &Gated,
    after: &Gated,
    max_regression: f64,
) -> Result<Vec<Metric>, CompareError> {
    let (old, new) = (by_name(before, Side::Baseline)?, by_name(after, Side::Now)?);
    let only = |a: &BTreeMap<&str, &Strategy>, b: &BTreeMap<&str, &Strategy>| {
        a.keys().filter(|name| !b.contains_key(*name)).map(|n| (*n).to_owned()).collect()
    };
    let (missing, added): (Vec<String>, Vec<String>) =
        (only(&old, &new), only(&new, &old));
    if !(missing.is_empty() && added.is_empty()) {
        return Err(CompareError::DifferentStrategies { missing, added });
    }
    let Some(first) = before.decision.order.first().filter(|_| !old.is_empty()) else {
        return Err(CompareError::Empty);
    };
    if !old.contains_key(first.as_str()) {
        return Err(CompareError::UnknownFirst { name: first.clone() });
    }
    let metric = |name: String, better, pair: [Mean; 2]| -> Result<_, CompareError> {
        let baseline = pair[0].reading(Side::Baseline, &name)?;
        let now = pair[1].reading(Side::Now, &name)?;
        Ok(Metric::new(name, better, max_regression, baseline, now)?)
    };
    let mut found: Vec<Metric> = Vec::new();
    for (strategy, (name, other)) in old.values().zip(&new) {
        let cost = [strategy.net_present_cost, other.net_present_cost];
        found.push(metric(format!("net present cost of {name}"), Better::Lower, cost)?);
        if name == first {
            let best = [strategy.best, other.best];
            let title = format!("probability that {name} is the cheapest");
            found.push(metric(title, Better::Higher, best)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
