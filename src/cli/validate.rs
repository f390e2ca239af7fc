//! `rackcast validate`: a file of measured cases against what this program says of them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::calibrate::hardware::scoreboard::rows_csv;
use crate::calibrate::hardware::{
    Judged, LeaveOut, Resolved, Scoreboard, judge, judge_left_out, read, resolve, score,
};
use crate::hardware::Fitted;
use crate::report::write;

use super::{Failure, hand_over, load, print, say};

#[derive(Debug, Args)]
pub(super) struct ValidateArguments {
    /// Measured cases (CSV): one a row, columns by their header
    file: PathBuf,
    /// Print the scoreboard as JSON
    #[arg(long)]
    json: bool,
    /// Write estimate, interval and error of every row
    #[arg(long, value_name = "OUT.csv")]
    rows: Option<PathBuf>,
    /// Fit on the file itself, leaving out one level at a time, and score what was left
    /// out
    #[arg(long, value_name = "WHAT")]
    leave_out: Option<What>,
    /// A fit written by `rackcast calibrate hardware`, instead of the shipped one
    #[arg(long, value_name = "FIT.toml", conflicts_with = "leave_out")]
    fit: Option<PathBuf>,
    /// Folder of your own profiles; wins over the shipped ones, id by id
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// One accelerator at a time
    Device,
    /// One engine, framework or publication at a time
    Source,
    /// One model at a time
    Model,
    /// A fifth of the rows at a time
    Rows,
}

/// Reads and resolves a file of cases; what is read by nothing is said.
pub(super) fn cases(file: &Path, profiles: Option<&Path>) -> Result<Resolved, Failure> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|e| {
        Failure::Input(format!("cannot read {shown}: {e}; give a CSV file in UTF-8"))
    })?;
    let cases = read(&text).map_err(|problems| {
        let lines: Vec<String> =
            problems.iter().map(|p| format!("{shown}: {p}")).collect();
        Failure::Input(lines.join("\n"))
    })?;
    if !cases.ignored.is_empty() {
        say(&format!("{shown}: columns that are not read: {}", cases.ignored.join(", ")));
    }
    let catalogue = load::catalogue(profiles)?;
    Ok(resolve(&cases.rows, &catalogue))
}

pub(super) fn validate(arguments: &ValidateArguments) -> Result<(), Failure> {
    let resolved = cases(&arguments.file, arguments.profiles.as_deref())?;
    let own;
    let (judged, how): (Vec<Judged<'_>>, String) = if let Some(what) = arguments.leave_out
    {
        let (by, named) = match what {
            What::Device => (LeaveOut::Device, "one accelerator"),
            What::Source => (LeaveOut::Source, "one engine or publication"),
            What::Model => (LeaveOut::Model, "one model"),
            What::Rows => (LeaveOut::Rows, "a fifth of the rows"),
        };
        let how = format!("fitted on this file, {named} left out at a time");
        (judge_left_out(&resolved.observations, by), how)
    } else {
        let fitted = match &arguments.fit {
            Some(path) => {
                own = fit_of(path)?;
                &own
            }
            None => Fitted::shipped(),
        };
        let how = format!("fit of {} on {}", fitted.as_of, fitted.source);
        (judge(&resolved.observations, fitted), how)
    };
    let board = score(&judged, &resolved.refused);
    if let Some(path) = &arguments.rows {
        write::file(path, rows_csv(&judged, &resolved.refused).as_bytes())?;
    }
    if arguments.json {
        let text = serde_json::to_string_pretty(&board)
            .map_err(|e| Failure::Report(e.to_string()))?;
        hand_over(&format!("{text}\n"))?;
    } else {
        print(&table(&board, &how))?;
    }
    Ok(())
}

fn fit_of(path: &Path) -> Result<Fitted, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|e| Failure::Input(format!("cannot read {shown}: {e}")))?;
    Fitted::read(&text).map_err(|e| {
        Failure::Input(format!(
            "{shown}: {e}; write one with `rackcast calibrate hardware CASES.csv`"
        ))
    })
}

fn table(board: &Scoreboard, how: &str) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "group",
        "accelerator",
        "metric",
        "cases",
        "answered",
        "median",
        "mean",
        "max",
        "bias",
        "in 80 %",
        "null",
        "skill",
    ]);
    let percent = |x: Option<f64>| {
        x.map_or_else(|| "-".to_owned(), |x| format!("{:.1} %", 100.0 * x))
    };
    let lines = board.groups.iter().chain(&board.overall);
    let mut reasons: Vec<String> = Vec::new();
    for s in lines {
        let metric = s.metric.strip_prefix("measured_").unwrap_or(&s.metric);
        table.add_row([
            s.group.clone(),
            s.accelerator.clone(),
            metric.to_owned(),
            s.cases.to_string(),
            s.answered.to_string(),
            percent(s.error_median),
            percent(s.error_mean),
            percent(s.error_max),
            percent(s.bias),
            percent(s.coverage80),
            percent(s.null_error_mean),
            s.skill.map_or_else(|| "-".to_owned(), |x| format!("{x:.2}")),
        ]);
    }
    for s in &board.groups {
        for r in &s.refused {
            reasons.push(format!(
                "{}, {}, {}: {} refused: {}",
                s.group, s.accelerator, s.metric, r.count, r.reason
            ));
        }
    }
    for column in table.column_iter_mut().skip(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text = format!("{}\n\n{table}\n", capital(how));
    reasons.dedup();
    for reason in reasons {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{reason}");
    }
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}
