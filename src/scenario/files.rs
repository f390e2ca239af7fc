//! Reads the files a plan names beside it: forward curves.
//!
//! Read next: [`crate::input::Beside`], [`crate::process::Forward`].

use crate::input::{Beside, Checker, Table, When};
use crate::process::{Forward, ProcessSpec};

use super::plan::Plan;

const HELP: &str = "a CSV beside the plan with the columns month,value (the first 0) or \
                    date,value, one row a month and rising";

/// Reads every file that a plan names and puts what it says in its place; the texts go
/// to [`Plan::files`].
///
/// Problems are pushed to `at` at the key that names the file (E0320), all of them.
pub fn read_files(plan: &mut Plan, beside: &Beside, at: &mut Checker) {
    let mut texts = std::mem::take(&mut plan.files);
    for (path, forward) in curves(plan) {
        let Some(name) = forward.file.clone() else { continue };
        let read = beside.text(&name).map_err(|error| vec![error]);
        match read.and_then(|text| Ok((quotes(&name, &text)?, text))) {
            Ok((quotes, text)) => {
                (forward.months, forward.values) = quotes.into_iter().unzip();
                texts.insert(name, text);
            }
            Err(problems) => at.at_path(&path, |at| {
                for problem in problems {
                    at.push("E0320", problem, HELP.to_owned());
                }
            }),
        }
    }
    plan.files = texts;
}

/// Refuses a plan whose files nobody has read: its curves would be flat (E0320).
pub(super) fn check_read(plan: &Plan, at: &mut Checker) {
    for (path, forward) in curves(&mut plan.clone()) {
        if let Some(name) = &forward.file
            && forward.months.is_empty()
        {
            let message = format!("`{name}` has not been read");
            at.at_path(&path, |at| at.push("E0320", message, HELP.to_owned()));
        }
    }
}

/// Every forward curve of a plan, with the path of its key `file`.
fn curves(plan: &mut Plan) -> Vec<(Vec<String>, &mut Forward)> {
    let place = |parts: &[&str]| -> Vec<String> {
        parts.iter().chain(&["forward", "file"]).map(|p| (*p).to_owned()).collect()
    };
    let mut all: Vec<(Vec<String>, &mut ProcessSpec)> = Vec::new();
    for (name, process) in &mut plan.trajectories {
        all.push((place(&["trajectories", name]), process));
    }
    for (name, workload) in &mut plan.workloads {
        if let Some(process) = &mut workload.growth {
            all.push((place(&["workloads", name, "growth"]), process));
        }
        if let Some(process) = &mut workload.intensity {
            all.push((place(&["workloads", name, "intensity"]), process));
        }
    }
    all.into_iter()
        .filter_map(|(path, process)| match process {
            ProcessSpec::Forward(forward) => Some((path, forward)),
            _ => None,
        })
        .collect()
}

/// The quotes of a curve, or every problem of its file at its line.
fn quotes(name: &str, text: &str) -> Result<Vec<(u32, f64)>, Vec<String>> {
    let told = |found: &crate::input::Diagnostics| -> Vec<String> {
        let line = |d: &crate::input::Diagnostic| {
            format!("`{name}`, line {}: {}", d.line_column().0, d.message)
        };
        found.iter().map(line).collect()
    };
    let mut table = Table::parse(name, text).map_err(|found| told(&found))?;
    let columns = (table.column("date"), table.column("month"), table.column("value"));
    let (when, is_date, value) = match columns {
        (Some(date), None, Some(value)) => (date, true, value),
        (None, Some(month), Some(value)) => (month, false, value),
        _ => {
            let found = table.header.join(",");
            let message = format!("no curve is known with the columns {found}");
            table.header_problem("E0601", message, None);
            return Err(told(&table.diagnostics));
        }
    };
    let rows = table.rows.clone();
    let mut first_date: Option<When> = None;
    let mut quotes: Vec<(u32, f64)> = Vec::new();
    for (row, cells) in rows.iter().map(|row| &row.cells).enumerate() {
        let text = &cells[when];
        let month = if is_date {
            text.parse::<When>().map(|date| {
                let first = first_date.get_or_insert_with(|| date.clone());
                first.months_until(&date)
            })
        } else {
            text.parse::<u32>()
                .map(i64::from)
                .map_err(|_| format!("`{text}` is not a whole number of months"))
        };
        let number = cells[value].parse::<f64>().ok().filter(|x| *x > 0.0);
        let Some(number) = number.filter(|x| x.is_finite()) else {
            let message = format!("`{}` is not a price above 0", cells[value]);
            table.problem(row, "E0603", message, None);
            continue;
        };
        match month.map(u32::try_from) {
            Err(message) => table.problem(row, "E0603", message, None),
            Ok(month) => {
                let before = quotes.last().map(|(month, _)| *month);
                let next = month.ok().filter(|m| before.is_none_or(|b| b < *m));
                if let Some(month) = next {
                    quotes.push((month, number));
                } else {
                    let message = format!("`{text}` is no later month than the last");
                    table.problem(row, "E0604", message, None);
                }
            }
        }
    }
    if table.diagnostics.is_empty() {
        let first = quotes.first().map(|(month, _)| *month);
        if first != Some(0) {
            let message = "the first month must be 0, today's quote".to_owned();
            table.problem(0, "E0603", message, None);
        }
    }
    if table.diagnostics.is_empty() { Ok(quotes) } else { Err(told(&table.diagnostics)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_dates_say_the_same() {
        let by_month = quotes("a.csv", "month,value\n0,2.5\n3,2.6\n15,2.0\n").unwrap();
        let by_date = "# quoted in November\nvalue,date,note\n2.5,2026-11-20,spot\n\
                       2.6,2027-02,\n2.0,2028-02,\n";
        assert_eq!(by_month, [(0, 2.5), (3, 2.6), (15, 2.0)]);
        assert_eq!(quotes("a.csv", by_date).unwrap(), by_month);
    }

    #[test]
    fn every_problem_is_told_at_its_line() {
        let text = "month,value\n0,2.5\nsoon,2.5\n2,0\n2,nan\n0,2.6\n4\n3,2.1\n";
        assert_eq!(
            quotes("a.csv", text).unwrap_err(),
            [
                "`a.csv`, line 3: `soon` is not a whole number of months",
                "`a.csv`, line 4: `0` is not a price above 0",
                "`a.csv`, line 5: `nan` is not a price above 0",
                "`a.csv`, line 6: `0` is no later month than the last",
                "`a.csv`, line 7: the header names 2 columns, found 1 cells",
            ]
        );
        for (text, wanted) in [
            ("date,price\n2026-11,3\n", "line 1: no curve is known with the columns"),
            ("date,month,value\n2026-11,0,3\n", "line 1: no curve is known"),
            ("month,value\n1,3\n", "line 2: the first month must be 0"),
            ("month,value\n", "the first month must be 0"),
            ("", "the file holds no table"),
            ("date,value\n2026-11,3\n2026-11-20,3\n", "line 3: `2026-11-20` is no later"),
        ] {
            let problems = quotes("a.csv", text).unwrap_err();
            assert!(problems[0].contains(wanted), "{text:?}: {problems:?}");
        }
    }
}
