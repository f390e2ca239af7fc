//! The comparison as a table: for a terminal, and in Markdown for a job's summary.

use std::fmt::Write as _;

use super::{change, interval, number, value};
use crate::gate::comparison::Comparison;
use crate::gate::verdict::Verdict;

const HEAD: [&str; 6] =
    ["metric", "baseline", "now", "worse by", "90 % interval", "verdict"];

/// Columns whose numbers stand at the right.
const NUMBERS: std::ops::Range<usize> = 1..5;

/// Lines as they are, those of most concern first.
fn rows(comparison: &Comparison) -> Vec<[String; 6]> {
    let rank = |verdict: Verdict| match verdict {
        Verdict::Regressed => 0,
        Verdict::Inconclusive => 1,
        Verdict::Improved => 2,
        Verdict::Pass => 3,
    };
    let mut judged: Vec<_> = comparison.metrics.iter().collect();
    judged.sort_by_key(|j| rank(j.verdict));
    judged
        .into_iter()
        .map(|j| {
            [
                printable(&j.name),
                value(j.baseline, &j.unit),
                value(j.now, &j.unit),
                change(j.worsening),
                interval(j),
                j.verdict.word().to_owned(),
            ]
        })
        .collect()
}

/// A name on one line and without control characters, which a terminal would obey.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// What a prediction says, in one line.
fn predictions(comparison: &Comparison) -> Vec<String> {
    comparison
        .predictions
        .iter()
        .map(|p| {
            let side = match p.verdict {
                Verdict::Regressed => "worse than the profile's 80 % interval",
                Verdict::Improved => "better than the profile's 80 % interval",
                Verdict::Pass | Verdict::Inconclusive => {
                    "inside the profile's 80 % interval"
                }
            };
            format!(
                "{}: measured {}, profile {} ({} to {}): {side}",
                p.name,
                number(p.measured, ""),
                number(p.p50, ""),
                number(p.p10, ""),
                number(p.p90, ""),
            )
        })
        .collect()
}

/// The count of each verdict and the one on all, in a line.
pub fn headline(comparison: &Comparison) -> String {
    let count =
        |verdict| comparison.metrics.iter().filter(|j| j.verdict == verdict).count();
    let counts: Vec<String> =
        [Verdict::Regressed, Verdict::Inconclusive, Verdict::Improved, Verdict::Pass]
            .into_iter()
            .filter(|v| count(*v) > 0)
            .map(|v| format!("{} {}", count(v), v.word()))
            .collect();
    let missing = match comparison.missing.len() {
        0 => String::new(),
        n => format!(", {n} missing"),
    };
    format!("{}: {}{missing}", comparison.verdict.word(), counts.join(", "))
}

/// What stands below the table.
fn remarks(comparison: &Comparison) -> Vec<String> {
    let list = |names: &[String]| {
        let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
        quoted.join(", ")
    };
    let mut lines = Vec::new();
    if !comparison.missing.is_empty() {
        lines.push(format!("no longer there: {}", list(&comparison.missing)));
    }
    if !comparison.new.is_empty() {
        lines.push(format!("not in the baseline: {}", list(&comparison.new)));
    }
    lines.extend(predictions(comparison));
    lines.extend(comparison.notes.iter().cloned());
    lines.iter().map(|line| printable(line)).collect()
}

/// The table for a terminal.
pub fn table(comparison: &Comparison) -> String {
    let rows = rows(comparison);
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEAD[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    let line = |cells: [&str; 6]| {
        let cells: Vec<String> = cells
            .into_iter()
            .zip(widths)
            .enumerate()
            .map(|(i, (cell, width))| {
                if NUMBERS.contains(&i) {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:width$}")
                }
            })
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    let mut text = format!("{}\n\n{}\n", headline(comparison), line(HEAD));
    for row in &rows {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", line(row.each_ref().map(String::as_str)));
    }
    let remarks = remarks(comparison);
    if !remarks.is_empty() {
        let _ = writeln!(text, "\n{}", remarks.join("\n"));
    }
    text
}

/// The same in Markdown.
pub fn markdown(comparison: &Comparison) -> String {
    let cell = |text: &str| text.replace('<', "&lt;").replace('|', "\\|");
    let line = |cells: [&str; 6]| format!("| {} |", cells.map(cell).join(" | "));
    let mut text = format!("### Gate: {}\n\n", headline(comparison));
    let rule = ["---", "--:", "--:", "--:", "--:", "---"];
    let _ = writeln!(text, "{}\n{}", line(HEAD), line(rule));
    for row in &rows(comparison) {
        let _ = writeln!(text, "{}", line(row.each_ref().map(String::as_str)));
    }
    let remarks: Vec<String> = remarks(comparison)
        .iter()
        .map(|r| format!("- {}", r.replace('<', "&lt;")))
        .collect();
    if !remarks.is_empty() {
        let _ = writeln!(text, "\n{}", remarks.join("\n"));
    }
    text
}
