//! Measurements as their tools write them → metrics, and the cases behind them.
//!
//! Repeats are rows, lines or files of the same name; a file is told by what is in it, not
//! by what it is called. What is wrong is refused at its place and nothing is guessed, a
//! metric's direction least of all. Read next: [`super::Baseline`].

mod criterion;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::baseline::{Baseline, Entry};
use super::verdict::Better;
use crate::calibrate::hardware::{Row, ServingRun, Setup};
use crate::input::{Diagnostics, Text};

/// What some files measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    known: Vec<Entry>,
    repeats: BTreeMap<String, Repeats>,
    /// Cases whose figures the hardware profiles have an opinion on; their lines count
    /// from 1 over all files.
    pub cases: Vec<Row>,
    /// The name of each case, in their order.
    pub names: Vec<String>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
struct Repeats {
    unit: String,
    better: Better,
    max_regress: Option<f64>,
    values: Vec<f64>,
}

impl Measured {
    /// Reads files and folders.
    ///
    /// **Errors** all problems of all files, E0002 to E0004, E0601 to E0603, E0701, E0703
    /// to E0705, E0707 to E0710.
    pub fn read(paths: &[PathBuf], setup: &Setup) -> Result<Self, Diagnostics> {
        let (mut found, mut wrong) = (Self::default(), Diagnostics::new());
        let mut seen = BTreeSet::new();
        for path in paths {
            match files(path) {
                Ok(files) if files.is_empty() => {
                    let text = Text::of(&path.display().to_string(), "");
                    let message = "no file of measurements in this folder".to_owned();
                    let help = "name a file, or criterion's folder `target/criterion`";
                    wrong.extend(text.refuse("E0709", 0..0, message, help.to_owned()));
                }
                Ok(files) => {
                    for file in files {
                        // A file named twice is no second measurement.
                        let whole = file.canonicalize();
                        if !seen.insert(whole.unwrap_or_else(|_| file.clone())) {
                            found.note(format!(
                                "{} is named twice and counts once",
                                file.display()
                            ));
                            continue;
                        }
                        if let Err(problems) = found.file(&file, path, setup) {
                            wrong.extend(problems);
                        }
                    }
                }
                Err(problems) => wrong.extend(problems),
            }
        }
        for entry in &found.baseline().metrics {
            // Sums of finite numbers may not be finite.
            if let Err(why) = entry.reading() {
                let message = format!("`{}`: {why}", entry.name);
                wrong.extend(Text::of("", "").refuse("E0705", 0..0, message, None));
            }
        }
        if wrong.has_errors() { Err(wrong) } else { Ok(found) }
    }

    /// Why one more value of a metric is none of it, if so: repeats share what they are.
    fn conflict(
        &self,
        name: &str,
        unit: &str,
        better: Better,
        limit: Option<f64>,
    ) -> Option<String> {
        let known = self.repeats.get(name)?;
        let limits = known.max_regress.zip(limit);
        if known.unit != unit {
            Some(format!("`{name}` is in `{}` and in `{unit}`", known.unit))
        } else if known.better != better {
            Some(format!("`{name}` is better lower and better higher"))
        } else if limits.is_some_and(|(a, b)| a.to_bits() != b.to_bits()) {
            Some(format!("`{name}` has two limits"))
        } else {
            None
        }
    }

    /// The metrics, as a baseline has them.
    pub fn baseline(&self) -> Baseline {
        let repeated = self.repeats.iter().map(|(name, r)| Entry {
            max_regress: r.max_regress,
            ..Entry::repeated(name.clone(), &r.unit, r.better, r.values.clone())
        });
        Baseline::of(None, self.known.iter().cloned().chain(repeated).collect())
    }

    fn file(
        &mut self,
        path: &Path,
        root: &Path,
        setup: &Setup,
    ) -> Result<(), Diagnostics> {
        let text = Text::read(path)?;
        if !text.text().trim_start().starts_with(['{', '[']) {
            return self.table(&text);
        }
        let objects: Vec<serde_json::Value> =
            text.json().map(|one| vec![one]).or_else(|whole| {
                // What is no single value may be a value a line.
                let is_lines = text.text().trim_end().lines().count() > 1
                    && text.text().trim_start().starts_with("{\"");
                if is_lines { text.json_lines() } else { Err(whole) }
            })?;
        let objects: Vec<serde_json::Value> = objects
            .into_iter()
            .flat_map(|value| match value {
                serde_json::Value::Array(list) => list,
                other => vec![other],
            })
            .collect();
        if let [serde_json::Value::Object(one)] = objects.as_slice()
            && let Some(entry) = criterion::entry(one, path, root)
        {
            return self.know(&text, entry);
        }
        let runs: Option<Vec<ServingRun>> =
            objects.iter().map(|o| ServingRun::of(o.as_object()?)).collect();
        match runs.filter(|runs| !runs.is_empty()) {
            Some(runs) => runs.iter().try_for_each(|run| self.serving(&text, run, setup)),
            None => Err(unknown(&text)),
        }
    }

    fn know(&mut self, text: &Text, entry: Entry) -> Result<(), Diagnostics> {
        if self.known.iter().any(|e| e.name == entry.name) {
            let message = format!("`{}` is measured by two files", entry.name);
            let help = "give the folder above both, so that their paths tell them apart";
            return Err(text.refuse("E0703", 0..0, message, help.to_owned()));
        }
        if let Err(why) = entry.reading() {
            return Err(text.refuse(
                "E0705",
                0..0,
                format!("`{}`: {why}", entry.name),
                None,
            ));
        }
        self.known.push(entry);
        Ok(())
    }

    fn serving(
        &mut self,
        text: &Text,
        run: &ServingRun,
        setup: &Setup,
    ) -> Result<(), Diagnostics> {
        let name = run.name();
        if run.completed < 1.0 {
            let message = format!("`{name}`: no request was answered");
            let help = "run the benchmark again".to_owned();
            return Err(text.refuse("E0710", text.place("\"completed\""), message, help));
        }
        for (key, value) in &run.figures {
            let better = better_of(key).unwrap_or(Better::Lower);
            let unit = match (key.ends_with("_ms"), key.starts_with("request")) {
                (true, _) => "ms",
                (false, true) => "requests/s",
                (false, false) => "tokens/s",
            };
            self.add(text, format!("{name}: {key}"), unit, better, *value, None)?;
        }
        if let Some(sent) = run.sent.filter(|sent| *sent > 0.0) {
            let share = run.completed / sent;
            let metric = format!("{name}: share of requests answered");
            self.add(text, metric, "", Better::Higher, share, None)?;
        }
        if setup.accelerator.is_some() {
            let line = u64::try_from(self.cases.len() + 1).unwrap_or(u64::MAX);
            match run.row(setup, line) {
                Ok(row) => {
                    self.cases.push(row);
                    self.names.push(name);
                }
                Err(why) => {
                    self.note(format!(
                        "`{name}` is not compared with the profile: {why}"
                    ));
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// One more repeat of a metric.
    fn add(
        &mut self,
        text: &Text,
        name: String,
        unit: &str,
        better: Better,
        value: f64,
        max_regress: Option<f64>,
    ) -> Result<(), Diagnostics> {
        if !value.is_finite() {
            let message = format!("`{name}` must be a finite number, found {value}");
            return Err(text.refuse("E0705", 0..0, message, None));
        }
        let entry = self.repeats.entry(name).or_insert_with(|| Repeats {
            unit: unit.to_owned(),
            better,
            max_regress,
            values: Vec::new(),
        });
        entry.max_regress = entry.max_regress.or(max_regress);
        entry.values.push(value);
        Ok(())
    }
}

/// What a measured file could be, and is not.
fn unknown(text: &Text) -> Diagnostics {
    let message = "this is none of the forms of measurements that are read".to_owned();
    let help = "give CSV with `metric,value`, a vLLM or SGLang benchmark, or criterion's \
                `estimates.json`";
    text.refuse("E0709", 0..0, message, help.to_owned())
}

/// Which way a metric gets better, where its name says so.
pub fn better_of(name: &str) -> Option<Better> {
    let last = name.rsplit(": ").next().unwrap_or(name).to_lowercase();
    let is = |ends: &[&str]| ends.iter().any(|end| last.ends_with(end));
    let higher = [
        "_per_s",
        "_per_s_per_chip",
        "throughput",
        "mfu",
        "mfu_pct",
        "tflops",
        "tflops_per_chip",
        "goodput",
        "tokens/s",
    ];
    let lower = [
        "_s",
        "_ms",
        "_us",
        "_ns",
        "latency",
        "usd_per_mtok",
        "_usd",
        "$/mtok",
        "_seconds",
        "instructions",
    ];
    // Of what is bad, less a second is better; and dollars are paid or earned.
    let bad = ["error", "fail", "drop", "miss", "retr", "stall", "usd", "$"];
    let is_bad = bad.iter().any(|word| last.contains(word));
    if is(&higher) && last.contains("per_s") && is_bad {
        None
    } else if is(&higher) {
        Some(Better::Higher)
    } else if is(&lower) {
        Some(Better::Lower)
    } else {
        None
    }
}

/// A file by itself; of a folder criterion's new estimates, or else every JSON and CSV in
/// it, in the order of their paths.
fn files(path: &Path) -> Result<Vec<PathBuf>, Diagnostics> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let (mut all, mut folders) = (Vec::new(), vec![path.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|e| {
            let text = Text::of(&folder.display().to_string(), "");
            text.refuse("E0002", 0..0, format!("cannot read the folder: {e}"), None)
        })?;
        for entry in entries.flatten() {
            let (path, is_link) =
                (entry.path(), entry.file_type().is_ok_and(|t| t.is_symlink()));
            if path.is_dir() && !is_link {
                folders.push(path);
            } else {
                all.push(path);
            }
        }
    }
    all.sort();
    let is_new = |p: &&PathBuf| p.ends_with("new/estimates.json");
    if all.iter().any(|p| is_new(&p)) {
        return Ok(all.iter().filter(is_new).cloned().collect());
    }
    let ends = ["json", "jsonl", "csv"];
    let is_measured =
        |p: &PathBuf| p.extension().is_some_and(|e| ends.iter().any(|x| e == *x));
    Ok(all.into_iter().filter(is_measured).collect())
}

#[cfg(test)]
mod tests;
