//! JSON for github-action-benchmark: a list of metrics that all get better one way.
//!
//! The action takes one direction a file, `customBiggerIsBetter` or
//! `customSmallerIsBetter`. **Source** benchmark-action/github-action-benchmark, README:
//! `name`, `unit`, `value`, and `range` and `extra` as texts.

use serde_json::json;

use super::{Z95, four};
use crate::gate::comparison::Comparison;
use crate::gate::verdict::Better;

/// The metrics that get better in one direction, as they are now.
pub fn json(
    comparison: &Comparison,
    better: Better,
) -> Result<String, serde_json::Error> {
    let list: Vec<serde_json::Value> = comparison
        .metrics
        .iter()
        .filter(|j| j.better == better)
        .map(|j| {
            let unit = if j.unit.is_empty() { "share" } else { &j.unit };
            let mut entry = json!({
                "name": j.name,
                "unit": unit,
                "value": j.now.value(),
                "extra": format!("verdict: {}", j.verdict.word()),
            });
            if let Some(error) = j.now.standard_error() {
                entry["range"] = json!(format!("± {}", four(Z95 * error)));
            }
            entry
        })
        .collect();
    serde_json::to_string_pretty(&list).map(|text| text + "\n")
}
