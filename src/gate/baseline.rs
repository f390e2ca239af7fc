//! What was reviewed: metrics with their readings, in a file that diffs well.
//!
//! A baseline is of a plan's answer or of measurements, and so is what it is compared
//! with: both are a [`Baseline`], and rewriting the file is writing the new one. Each
//! metric stands on a line of its own, in the order of names. Read next:
//! [`super::compare`].

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reading::Reading;
use super::results;
use super::verdict::Better;
use crate::input::{Diagnostics, Text};

/// Version of the layout; changes when a key changes its meaning.
pub const SCHEMA_VERSION: u32 = 1;

/// How much worse a metric may get where nobody says: 0.05 is 5 %.
pub const MAX_REGRESS: f64 = 0.05;

/// Shares from which on a limit is taken for a slip.
const ABSURD: f64 = 10.0;

/// Reviewed metrics.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Layout of this file.
    pub schema_version: u32,
    /// Version of the program that wrote it.
    #[serde(default)]
    pub rackcast_version: String,
    /// How much worse metrics may get that have no limit of their own: 0.05 is 5 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_regress: Option<f64>,
    /// What was played; left out for measurements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanRun>,
    /// The metrics, in the order of names.
    pub metrics: Vec<Entry>,
}

/// The run of a plan that metrics come from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanRun {
    /// Title of the plan.
    pub title: String,
    /// Seed.
    pub seed: u64,
    /// Paths.
    pub paths: u64,
    /// How they were spread.
    pub sampler: String,
    /// BLAKE3 of the plan's text.
    pub plan_blake3: String,
}

impl PlanRun {
    /// True where both runs drew the same random numbers, so that what differs is no
    /// chance.
    fn shares_numbers(&self, other: &Self) -> bool {
        (self.seed, self.paths, &self.sampler)
            == (other.seed, other.paths, &other.sampler)
    }
}

/// A metric: either a value with a known standard error, or repeats.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Name; the same before and now.
    pub name: String,
    /// Unit, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Which way it gets better.
    pub better: Better,
    /// How much worse it may get; left out: what the file or the command says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_regress: Option<f64>,
    /// The value, where its standard error is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The standard error of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// Repeats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<f64>,
}

impl Entry {
    /// A metric with a known standard error.
    pub fn known(
        name: String,
        unit: &str,
        better: Better,
        value: f64,
        error: f64,
    ) -> Self {
        Self {
            value: Some(value),
            standard_error: Some(error),
            ..Self::repeated(name, unit, better, Vec::new())
        }
    }

    /// A metric with repeats, of which there may be one.
    pub fn repeated(name: String, unit: &str, better: Better, values: Vec<f64>) -> Self {
        let unit = unit.to_owned();
        Self {
            name,
            unit,
            better,
            max_regress: None,
            value: None,
            standard_error: None,
            values,
        }
    }

    /// What it says, or why it says nothing.
    pub fn reading(&self) -> Result<Reading, String> {
        match (self.value, self.standard_error, self.values.as_slice()) {
            (Some(value), Some(error), []) => {
                Reading::new(value, error).map_err(|e| e.to_string())
            }
            (None, None, values) => {
                Reading::of_repeats(values).map_err(|e| e.to_string())
            }
            _ => {
                Err("`value` and `standard_error` go together, without `values`"
                    .to_owned())
            }
        }
    }
}

impl Baseline {
    /// Metrics by their names, in their order.
    pub fn of(plan: Option<PlanRun>, mut metrics: Vec<Entry>) -> Self {
        metrics.sort_by(|a, b| a.name.cmp(&b.name));
        Self {
            schema_version: SCHEMA_VERSION,
            rackcast_version: env!("CARGO_PKG_VERSION").to_owned(),
            max_regress: None,
            plan,
            metrics,
        }
    }

    /// Reads a baseline, or what a run wrote as `results.json`.
    ///
    /// **Errors** E0701 to E0703, E0705, E0707 and E0708, at their places.
    pub fn read(text: &Text) -> Result<Self, Diagnostics> {
        let any: serde_json::Value = text.json()?;
        if any.get("strategies").is_some() {
            return results::baseline(text);
        }
        let version = any.get("schema_version").and_then(serde_json::Value::as_u64);
        if let Some(found) = version.filter(|v| *v != u64::from(SCHEMA_VERSION)) {
            return Err(text.refuse(
                "E0702",
                text.place("schema_version"),
                format!("schema version {found}, this program reads {SCHEMA_VERSION}"),
                "write it again with --update and review it".to_owned(),
            ));
        }
        let baseline: Self = text.json()?;
        baseline.checked(text)
    }

    /// Itself, where it makes sense.
    pub(super) fn checked(self, text: &Text) -> Result<Self, Diagnostics> {
        let mut wrong = Diagnostics::new();
        if self.metrics.is_empty() {
            let place = text.place("metrics");
            let message = "there are no metrics in it";
            wrong.extend(text.refuse("E0707", place, message, None));
        }
        let mut seen = BTreeSet::new();
        let limits = self.metrics.iter().filter_map(|m| m.max_regress);
        for limit in limits.chain(self.max_regress) {
            if !(0.0..ABSURD).contains(&limit) {
                let message =
                    format!("`max_regress` must be 0 to {ABSURD}, found {limit}");
                let place = text.place("max_regress");
                let help = "write 0.05 for 5 %".to_owned();
                wrong.extend(text.refuse("E0708", place, message, help));
            }
        }
        for metric in &self.metrics {
            let place = text.place(&metric.name);
            if !seen.insert(&metric.name) {
                let message = format!("`{}` stands twice", metric.name);
                let help = "keep one of them".to_owned();
                wrong.extend(text.refuse("E0703", place, message, help));
            } else if let Err(why) = metric.reading() {
                let message = format!("`{}`: {why}", metric.name);
                wrong.extend(text.refuse("E0705", place, message, None));
            }
        }
        if wrong.has_errors() { Err(wrong) } else { Ok(self) }
    }

    /// The file: one metric a line.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let head = serde_json::to_value(Self { metrics: Vec::new(), ..self.clone() })?;
        let mut lines = Vec::new();
        for key in ["schema_version", "rackcast_version", "max_regress", "plan"] {
            if let Some(value) = head.get(key) {
                lines.push(format!("  \"{key}\": {value}"));
            }
        }
        let metrics: Vec<String> = self
            .metrics
            .iter()
            .map(|m| Ok(format!("    {}", serde_json::to_string(m)?)))
            .collect::<Result<_, serde_json::Error>>()?;
        lines.push(format!("  \"metrics\": [\n{}\n  ]", metrics.join(",\n")));
        Ok(format!("{{\n{}\n}}\n", lines.join(",\n")))
    }

    /// Itself with the limits that another, reviewed one sets.
    #[must_use]
    pub fn with_limits_of(mut self, reviewed: &Self) -> Self {
        self.max_regress = reviewed.max_regress;
        for metric in &mut self.metrics {
            let before = reviewed.metrics.iter().find(|m| m.name == metric.name);
            metric.max_regress = before.and_then(|m| m.max_regress);
        }
        self
    }

    /// True where both are runs on the same random numbers.
    pub(super) fn shares_numbers(&self, other: &Self) -> bool {
        let both = self.plan.as_ref().zip(other.plan.as_ref());
        both.is_some_and(|(a, b)| a.shares_numbers(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(baseline: &str) -> Text {
        Text::of("baseline.json", baseline)
    }

    fn codes(baseline: &str) -> Vec<&'static str> {
        let wrong = Baseline::read(&text(baseline)).unwrap_err();
        wrong.iter().map(|d| d.code).collect()
    }

    #[test]
    fn a_baseline_is_read_as_it_is_written_a_metric_a_line() {
        let mut metrics = vec![
            Entry::repeated("b".to_owned(), "s", Better::Lower, vec![1.0, 1.25]),
            Entry::known("a".to_owned(), "usd", Better::Higher, 2.0, 0.1),
        ];
        metrics[0].max_regress = Some(0.03);
        let baseline = Baseline::of(None, metrics);
        let written = baseline.to_json().unwrap();
        assert_eq!(Baseline::read(&text(&written)).unwrap(), baseline);
        let lines: Vec<&str> = written.lines().collect();
        let a = r#"    {"name":"a","unit":"usd","better":"higher","value":2.0,"standard_error":0.1},"#;
        let b = r#"    {"name":"b","unit":"s","better":"lower","max_regress":0.03,"values":[1.0,1.25]}"#;
        assert_eq!(lines[3..], ["  \"metrics\": [", a, b, "  ]", "}"]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_all_at_once() {
        assert_eq!(codes("{"), ["E0701"]);
        assert_eq!(codes(r#"{"schema_version": 9}"#), ["E0702"]);
        assert_eq!(codes(r#"{"schema_version": 1, "metrics": []}"#), ["E0707"]);
        let metric =
            |rest: &str| format!(r#"{{"name": "a", "better": "lower", {rest}}}"#);
        let file = |metrics: &[String]| {
            format!(r#"{{"schema_version": 1, "metrics": [{}]}}"#, metrics.join(","))
        };
        let one = metric(r#""values": [1.0]"#);
        assert_eq!(codes(&file(&[one.clone(), one])), ["E0703"]);
        for wrong in [
            r#""value": 1.0"#,
            r#""values": []"#,
            r#""value": 1.0, "standard_error": -1.0"#,
            r#""value": 1.0, "standard_error": 0.1, "values": [1.0]"#,
        ] {
            assert_eq!(codes(&file(&[metric(wrong)])), ["E0705"], "{wrong}");
        }
        let limit = metric(r#""values": [1.0], "max_regress": 50"#);
        assert_eq!(codes(&file(&[limit])), ["E0708"]);
        let slip = metric(r#""values": [1.0], "max_regres": 0.1"#);
        assert_eq!(codes(&file(&[slip])), ["E0701"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
            let _ = Baseline::read(&Text::of("a", &text));
        }
    }
}
