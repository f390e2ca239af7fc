//! What changed between two results: inputs first, then outputs with their errors.
//!
//! A difference of outputs is read beside the inputs that explain it, so those come first:
//! the seed and paths, the plan and profiles by their hashes, and every figure the answer
//! rests on. It explains and does not judge: that is [`super::compare`].

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::baseline::SCHEMA_VERSION;
use crate::input::{Diagnostics, Text};

/// Everything that differs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Difference {
    /// Layout of this file.
    pub schema_version: u32,
    /// What was played, by key: seed, paths, hashes of plan and profiles.
    pub run: Vec<Changed>,
    /// Figures the answer rests on, by key.
    pub figures: Vec<Changed>,
    /// Strategies by mean cost, cheapest first, in both.
    pub order: [Vec<String>; 2],
    /// Outputs that both have, changed or not.
    pub outputs: Vec<Moved>,
}

/// A text or figure that is not the same; nothing where one of the two has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Changed {
    /// Which one.
    pub key: String,
    /// In the first.
    pub before: Option<String>,
    /// In the second.
    pub after: Option<String>,
}

/// An output in both, with standard errors where they are known.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Moved {
    /// Which strategy.
    pub strategy: String,
    /// Which output.
    pub output: String,
    /// In the first.
    pub before: f64,
    /// In the second.
    pub after: f64,
    /// Standard error of the difference, the two counted as independent; nothing where
    /// they drew the same random numbers or none is known.
    pub standard_error: Option<f64>,
}

#[derive(Deserialize)]
struct Results {
    provenance: BTreeMap<String, Value>,
    decision: Decision,
    strategies: Vec<BTreeMap<String, Value>>,
    #[serde(default)]
    assumptions: Vec<Figure>,
}

#[derive(Deserialize)]
struct Decision {
    order: Vec<String>,
}

#[derive(Deserialize)]
struct Figure {
    key: String,
    value: Value,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    source: String,
}

/// Where a mean and its error stand in an output.
const MEAN: (&str, &str) = ("/mean", "/standard_error");

/// Outputs of a strategy, where their value and its error stand, and what they are called.
const OUTPUTS: [(&str, (&str, &str), &str); 8] = [
    ("net_present_cost", MEAN, "net present cost, usd"),
    (
        "net_present_cost",
        ("/cvar95", "/cvar95_standard_error"),
        "net present cost, CVaR95, usd",
    ),
    (
        "usd_per_mtok",
        // The median is the fifth of nine quantiles.
        ("/quantiles/4", "/median_standard_error"),
        "cost per Mtok, median, usd/Mtok",
    ),
    ("best", MEAN, "probability of being the cheapest"),
    ("regret", MEAN, "expected regret, usd"),
    ("fixed", MEAN, "fixed cost, usd"),
    ("variable", MEAN, "variable cost, usd"),
    ("unserved_share", MEAN, "share not served"),
];

/// Compares two `results.json`. **Errors** E0701, E0702.
pub fn difference(before: &Text, after: &Text) -> Result<Difference, Diagnostics> {
    let mut wrong = Diagnostics::new();
    let mut read = |text: &Text| match results(text) {
        Ok(found) => Some(found),
        Err(problems) => {
            wrong.extend(problems);
            None
        }
    };
    let (Some(old), Some(new)) = (read(before), read(after)) else { return Err(wrong) };
    let same = |key: &str| old.provenance.get(key) == new.provenance.get(key);
    let shares_numbers = ["seed", "paths", "sampler"].iter().all(|key| same(key));
    Ok(Difference {
        schema_version: SCHEMA_VERSION,
        run: changed(&flat(&old.provenance), &flat(&new.provenance)),
        figures: changed(
            &figures(&old.assumptions, &new.assumptions),
            &figures(&new.assumptions, &old.assumptions),
        ),
        outputs: moved(&old, &new, shares_numbers),
        order: [old.decision.order, new.decision.order],
    })
}

fn results(text: &Text) -> Result<Results, Diagnostics> {
    let any: Value = text.json()?;
    let version = any.get("schema_version").and_then(Value::as_u64);
    let known = u64::from(crate::report::results::SCHEMA_VERSION);
    match version.filter(|v| *v != known) {
        None => text.json(),
        Some(found) => Err(text.refuse(
            "E0702",
            text.place("schema_version"),
            format!("results of schema version {found}, this program reads {known}"),
            "run the plan again".to_owned(),
        )),
    }
}

/// Keys of tables within tables, joined by dots.
fn flat(table: &BTreeMap<String, Value>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (key, value) in table {
        if let Value::Object(inner) = value {
            for (name, value) in inner {
                all.insert(format!("{key}.{name}"), shown(value));
            }
        } else {
            all.insert(key.clone(), shown(value));
        }
    }
    all
}

/// The figures of one result, with their source where the other has another one.
fn figures(list: &[Figure], other: &[Figure]) -> BTreeMap<String, String> {
    let text = |f: &Figure| {
        let there = other.iter().find(|o| o.key == f.key);
        let is_known = there.is_some_and(|o| o.source == f.source);
        let source = if is_known { String::new() } else { format!(" ({})", f.source) };
        // Rounded, unless what differs is beyond the digits shown.
        let is_close =
            |o: &Figure| o.value != f.value && figure(&o.value) == figure(&f.value);
        let value =
            if there.is_some_and(is_close) { shown(&f.value) } else { figure(&f.value) };
        format!("{value} {}{source}", f.unit).trim_end().to_owned()
    };
    list.iter().map(|f| (f.key.clone(), text(f))).collect()
}

/// A number or a band with four digits.
fn figure(value: &Value) -> String {
    let at = |key: &str| value.get(key).and_then(Value::as_f64).map(super::output::four);
    match (at("p10"), at("p50"), at("p90"), value.as_f64()) {
        (Some(low), Some(middle), Some(high), _) => format!("{middle} ({low} to {high})"),
        (_, _, _, Some(x)) => super::output::four(x),
        _ => shown(value),
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn changed(
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> Vec<Changed> {
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    keys.into_iter()
        .filter(|key| old.get(*key) != new.get(*key))
        .map(|key| Changed {
            key: key.clone(),
            before: old.get(key).cloned(),
            after: new.get(key).cloned(),
        })
        .collect()
}

fn moved(old: &Results, new: &Results, shares_numbers: bool) -> Vec<Moved> {
    let name = |s: &BTreeMap<String, Value>| s.get("name").map(shown).unwrap_or_default();
    let mut all = Vec::new();
    for before in &old.strategies {
        let strategy = name(before);
        let Some(after) = new.strategies.iter().find(|s| name(s) == strategy) else {
            continue;
        };
        for (key, (value, error), output) in OUTPUTS {
            let part =
                |s: &BTreeMap<String, Value>, at: &str| s.get(key)?.pointer(at)?.as_f64();
            if let (Some(a), Some(b)) = (part(before, value), part(after, value)) {
                let errors = part(before, error).zip(part(after, error));
                let standard_error =
                    errors.filter(|_| !shares_numbers).map(|(a, b)| a.hypot(b));
                let output = output.to_owned();
                let strategy = strategy.clone();
                all.push(Moved { strategy, output, before: a, after: b, standard_error });
            }
        }
        let utilisation = |s: &BTreeMap<String, Value>| s.get("utilisation")?.as_f64();
        if let (Some(a), Some(b)) = (utilisation(before), utilisation(after)) {
            all.push(Moved {
                strategy,
                output: "utilisation of committed chips".to_owned(),
                before: a,
                after: b,
                standard_error: None,
            });
        }
    }
    all
}

impl Difference {
    /// True where nothing differs.
    pub fn is_empty(&self) -> bool {
        self.run.is_empty()
            && self.figures.is_empty()
            && self.order[0] == self.order[1]
            && !self.outputs.iter().any(Moved::is_moved)
    }

    /// In words, a line a difference.
    pub fn text(&self) -> String {
        if self.is_empty() {
            return "no difference\n".to_owned();
        }
        let mut lines = Vec::new();
        let short = |text: &Option<String>| match text {
            None => "nothing".to_owned(),
            // Hashes are told apart by their beginnings.
            Some(text)
                if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) =>
            {
                text.chars().take(12).collect()
            }
            Some(text) => text.clone(),
        };
        for (title, list) in [("Run", &self.run), ("Figures", &self.figures)] {
            lines.push(format!("{title}: {} changed", list.len()));
            lines.extend(list.iter().map(|c| {
                format!("  {}: {} -> {}", c.key, short(&c.before), short(&c.after))
            }));
        }
        let [before, after] = &self.order;
        if before == after {
            lines.push(format!("Order: {}, as before", before.join(", ")));
        } else {
            lines.push(format!("Order: {} -> {}", before.join(", "), after.join(", ")));
        }
        let of = self.outputs.len();
        let moved: Vec<&Moved> = self.outputs.iter().filter(|m| m.is_moved()).collect();
        lines.push(format!("Outputs: {} of {of} changed", moved.len()));
        lines.extend(moved.into_iter().map(line));
        lines.join("\n") + "\n"
    }
}

/// Dollars and shares below this are what rounding leaves of 0.
const NOTHING: f64 = 1e-6;

impl Moved {
    fn is_moved(&self) -> bool {
        self.before.to_bits() != self.after.to_bits()
            && self.before.abs().max(self.after.abs()) > NOTHING
    }
}

fn line(moved: &Moved) -> String {
    let number = |x: f64| super::output::four(x);
    let by = moved.after - moved.before;
    let share = by / moved.before.abs();
    let relative = if share.is_finite() {
        format!(", {:+.2} %", 100.0 * share)
    } else {
        String::new()
    };
    let error = match moved.standard_error {
        Some(error) if error > 0.0 => {
            format!(" ± {} ({:.1} standard errors)", number(error), (by / error).abs())
        }
        Some(_) | None => String::new(),
    };
    format!(
        "  {}, {}: {} -> {}, by {}{error}{relative}",
        moved.strategy,
        moved.output,
        number(moved.before),
        number(moved.after),
        number(by),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(seed: u64, price: f64, cost: f64) -> Text {
        let results = json!({
            "schema_version": 1,
            "provenance": { "seed": seed, "paths": 100, "sampler": "plain",
                "profiles_blake3": { "offers/a": "x" } },
            "decision": { "order": ["rent"] },
            "strategies": [{ "name": "rent", "utilisation": 0.5,
                "net_present_cost": { "mean": cost, "standard_error": 3.0 } }],
            "assumptions": [{ "key": "rent.price", "value": price, "unit": "usd",
                "source": "the plan" }],
        });
        Text::of("a", &results.to_string())
    }

    #[test]
    fn the_same_has_no_difference() {
        let found = difference(&text(1, 2.0, 100.0), &text(1, 2.0, 100.0)).unwrap();
        assert!(found.is_empty());
        assert_eq!(found.text(), "no difference\n");
    }

    #[test]
    fn inputs_come_first_and_outputs_have_their_errors() {
        let found = difference(&text(1, 2.0, 100.0), &text(2, 2.5, 110.0)).unwrap();
        assert_eq!(
            found.text(),
            "Run: 1 changed\n  seed: 1 -> 2\n\
             Figures: 1 changed\n  rent.price: 2.000 usd -> 2.500 usd\n\
             Order: rent, as before\n\
             Outputs: 1 of 2 changed\n  rent, net present cost, usd: 100.0 -> 110.0, \
             by 10.00 ± 4.243 (2.4 standard errors), +10.00 %\n"
        );
        // On the same random numbers the difference has no such error.
        let found = difference(&text(1, 2.0, 100.0), &text(1, 2.5, 110.0)).unwrap();
        assert_eq!(found.outputs[0].standard_error, None);
    }

    #[test]
    fn what_is_no_results_file_is_refused() {
        let (good, bad) = (text(1, 2.0, 100.0), Text::of("b", "{\"schema_version\": 9}"));
        let codes = |a: &Text, b: &Text| {
            let wrong = difference(a, b).unwrap_err();
            wrong.iter().map(|d| d.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(&good, &bad), ["E0702"]);
        assert_eq!(codes(&Text::of("c", "{}"), &bad), ["E0701", "E0702"]);
    }
}
