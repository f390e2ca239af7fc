//! `rackcast run --sweep key=a,b,c`: the same plan at several values of its keys.
//!
//! A value is written into the plan where its dotted key says, so that all a plan can say
//! can be swept, and a key that does not exist is refused as in any plan. Paths are the
//! same for every value: differences are not luck of the draw.

use std::path::Path;

use crate::decide::Decision;
use crate::engine::{self, Options};
use crate::report::sweep::{self, Row};
use crate::report::write;

use super::args::RunArguments;
use super::{Failure, hand_over, load, print, say};

/// Most runs of one sweep.
const MOST_RUNS: usize = 400;

/// One key and its values, as texts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sweep {
    pub(super) key: String,
    pub(super) values: Vec<f64>,
}

/// Reads `key=a,b,c`.
pub(super) fn parse(text: &str) -> Result<Sweep, String> {
    let wanted = "write it as money.depreciation_years=3,5,6";
    let (key, list) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` names no values: {wanted}"))?;
    let values: Vec<f64> = list
        .split(',')
        .map(|value| value.trim().parse().ok().filter(|x: &f64| x.is_finite()))
        .collect::<Option<_>>()
        .ok_or_else(|| format!("`{list}` is no list of numbers: {wanted}"))?;
    let key = key.trim().to_owned();
    if key.is_empty() || key.split('.').any(str::is_empty) {
        return Err(format!("`{key}` is no key of a plan: {wanted}"));
    }
    Ok(Sweep { key, values })
}

/// Plays every combination of values and prints one table.
pub(super) fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let sweeps = &arguments.sweep;
    let runs = sweeps.iter().map(|s| s.values.len()).product::<usize>();
    if runs > MOST_RUNS {
        return Err(Failure::Input(format!(
            "the values make {runs} runs, at most {MOST_RUNS} are played: sweep fewer"
        )));
    }
    let plan = &arguments.what.plan;
    let text = std::fs::read_to_string(plan)
        .map_err(|source| Failure::Read { path: plan.clone(), source })?;
    let mut rows = Vec::new();
    let mut title = String::new();
    for number in 0..runs {
        let values = combination(sweeps, number);
        let edited = edited(plan, &text, sweeps, &values)?;
        let what = &arguments.what;
        let loaded =
            load::edited(plan, &edited, what.profiles.as_deref(), what.overrides())?;
        let options = Options { threads: what.threads(), ..Options::default() };
        let outcome = engine::run(&loaded.scenario, &options)?;
        let decision = Decision::of(&loaded.scenario, &outcome);
        title.clone_from(&loaded.scenario.title);
        rows.push(Row::of(values, &outcome, &decision));
        if !arguments.output.quiet && runs > 1 {
            say(&format!("Played {} of {runs}", number + 1));
        }
    }
    let keys: Vec<&str> = sweeps.iter().map(|s| s.key.as_str()).collect();
    if let Some(folder) = &arguments.output.out {
        write::folder(folder)?;
        let csv = sweep::csv(&keys, &rows).map_err(|e| Failure::Report(e.to_string()))?;
        write::file(&folder.join("sweep.csv"), &csv)?;
        write::file(&folder.join("sweep.json"), json(&keys, &rows)?.as_bytes())?;
    }
    if arguments.output.json {
        hand_over(&json(&keys, &rows)?)
    } else {
        print(&sweep::text(&title, &keys, &rows))
    }
}

fn json(keys: &[&str], rows: &[Row]) -> Result<String, Failure> {
    let all = serde_json::json!({ "keys": keys, "rows": rows });
    let text = serde_json::to_string_pretty(&all)
        .map_err(|e| Failure::Report(format!("the sweep cannot be written: {e}")))?;
    Ok(text + "\n")
}

/// The `number`-th combination of values; the last key turns fastest.
fn combination(sweeps: &[Sweep], mut number: usize) -> Vec<f64> {
    let mut values: Vec<f64> = Vec::new();
    for sweep in sweeps.iter().rev() {
        let n = sweep.values.len();
        values.extend(sweep.values.get(number % n));
        number /= n;
    }
    values.reverse();
    values
}

/// The text of the plan with values at their keys.
fn edited(
    plan: &Path,
    text: &str,
    sweeps: &[Sweep],
    values: &[f64],
) -> Result<String, Failure> {
    let Ok(mut root) = text.parse::<toml::Table>() else {
        // What is wrong with the file is for the reader of plans to say, at its place.
        return Ok(text.to_owned());
    };
    for (sweep, value) in sweeps.iter().zip(values) {
        let parts: Vec<&str> = sweep.key.split('.').collect();
        set(&mut root, &parts, *value).map_err(|at| {
            Failure::Input(format!(
                "--sweep {}: {} has no table or list at `{at}` to hold it",
                sweep.key,
                plan.display()
            ))
        })?;
    }
    toml::to_string(&root)
        .map_err(|e| Failure::Report(format!("the swept plan cannot be written: {e}")))
}

/// Sets a number at a dotted key; a list is entered by position.
fn set(root: &mut toml::Table, parts: &[&str], value: f64) -> Result<(), String> {
    let Some((last, path)) = parts.split_last() else { return Ok(()) };
    let mut at = toml::Value::Table(std::mem::take(root));
    let done = entered(&mut at, path).and_then(|place| match place {
        toml::Value::Table(table) => {
            table.insert((*last).to_owned(), number(value));
            Ok(())
        }
        toml::Value::Array(list) => {
            let slot = last.parse().ok().and_then(|i: usize| list.get_mut(i));
            slot.map(|slot| *slot = number(value)).ok_or_else(|| (*last).to_owned())
        }
        _ => Err((*last).to_owned()),
    });
    if let toml::Value::Table(table) = at {
        *root = table;
    }
    done
}

fn entered<'a>(
    mut at: &'a mut toml::Value,
    path: &[&str],
) -> Result<&'a mut toml::Value, String> {
    for part in path {
        at = match at {
            toml::Value::Table(table) => table
                .entry((*part).to_owned())
                .or_insert_with(|| toml::Value::Table(toml::Table::new())),
            toml::Value::Array(list) => part
                .parse()
                .ok()
                .and_then(|i: usize| list.get_mut(i))
                .ok_or_else(|| (*part).to_owned())?,
            _ => return Err((*part).to_owned()),
        };
    }
    Ok(at)
}

/// Whole numbers as such: counts of months do not take a fraction.
#[expect(clippy::cast_possible_truncation, reason = "whole and below 2⁵³, as checked")]
fn number(value: f64) -> toml::Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        toml::Value::Integer(value as i64)
    } else {
        toml::Value::Float(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_where_their_dotted_key_says() {
        let mut root: toml::Table =
            "[time]\nmonths = 60\n[[s.b.stack]]\nown = { a = 1 }\n".parse().unwrap();
        set(&mut root, &["money", "tax_rate"], 0.3).unwrap();
        set(&mut root, &["s", "b", "stack", "0", "own", "a"], 2.0).unwrap();
        set(&mut root, &["time", "months"], 36.0).unwrap();
        assert_eq!(root["money"]["tax_rate"].as_float(), Some(0.3));
        assert_eq!(root["s"]["b"]["stack"][0]["own"]["a"].as_integer(), Some(2));
        assert_eq!(root["time"]["months"].as_integer(), Some(36));
        let none = set(&mut root, &["s", "b", "stack", "7", "own"], 1.0);
        assert_eq!(none, Err("7".to_owned()));
        assert_eq!(set(&mut root, &["time", "months", "x"], 1.0), Err("x".to_owned()));
    }

    #[test]
    fn combinations_turn_the_last_key_fastest() {
        let sweeps = [parse("a=1,2").unwrap(), parse("b.c=3, 4,5").unwrap()];
        let all: Vec<Vec<f64>> = (0..6).map(|i| combination(&sweeps, i)).collect();
        assert_eq!(all[0], [1.0, 3.0]);
        assert_eq!(all[1], [1.0, 4.0]);
        assert_eq!(all[5], [2.0, 5.0]);
        for wrong in ["a", "a=", "=1", "a=x", "a..b=1"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
