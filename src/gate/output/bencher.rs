//! Bencher Metric Format (BMF): each metric under its measure, with its 95 % interval.
//!
//! The part of a name before `: ` is the benchmark, the part after it the measure; a name
//! without one has its unit for a measure. **Source** Bencher, reference "Bencher Metric
//! Format": `value`, `lower_value`, `upper_value`.

use serde_json::{Map, Value, json};

use super::Z95;
use crate::gate::comparison::Comparison;

/// Letters a measure may have.
const LONGEST: usize = 64;

/// The metrics as they are now.
pub fn json(comparison: &Comparison) -> Result<String, serde_json::Error> {
    let mut benchmarks = Map::new();
    for j in &comparison.metrics {
        let (benchmark, measure) = match j.name.rsplit_once(": ") {
            Some((benchmark, measure)) => (benchmark, measure),
            None if j.unit.is_empty() => (j.name.as_str(), "share"),
            None => (j.name.as_str(), j.unit.as_str()),
        };
        let measure: String = measure.chars().take(LONGEST).collect();
        let mut metric = json!({ "value": j.now.value() });
        if let Some(error) = j.now.standard_error() {
            metric["lower_value"] = json!(j.now.value() - Z95 * error);
            metric["upper_value"] = json!(j.now.value() + Z95 * error);
        }
        let entry = benchmarks
            .entry(benchmark.to_owned())
            .or_insert_with(|| Value::Object(Map::new()));
        entry[measure] = metric;
    }
    serde_json::to_string_pretty(&benchmarks).map(|text| text + "\n")
}
