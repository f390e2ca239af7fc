//! CSV of measurements: a repeat a row, or the measured cases of `rackcast validate`.

use super::{Measured, better_of, unknown};
use crate::calibrate::hardware;
use crate::gate::verdict::Better;
use crate::input::{Diagnostics, Table, Text};

impl Measured {
    /// Reads `metric,value` with `unit`, `better` and `max_regress` where they are there,
    /// or cases with `kind` and `accelerator`.
    pub(super) fn table(&mut self, text: &Text) -> Result<(), Diagnostics> {
        let table = Table::parse(text.name(), text.text())?;
        if table.column("metric").is_some() && table.column("value").is_some() {
            self.rows(text, table)
        } else if table.column("kind").is_some() && table.column("accelerator").is_some()
        {
            self.of_cases(text)
        } else {
            Err(unknown(text))
        }
    }

    fn rows(&mut self, text: &Text, mut table: Table) -> Result<(), Diagnostics> {
        let place = |name: &str| table.column(name);
        let (unit, better, limit) =
            (place("unit"), place("better"), place("max_regress"));
        let (Some(metric), Some(value)) = (place("metric"), place("value")) else {
            return Err(unknown(text));
        };
        let mut read = 0;
        for row in 0..table.rows.len() {
            let cells = std::mem::take(&mut table.rows[row].cells);
            let name = cells[metric].clone();
            let cell = |column: Option<usize>| {
                column.and_then(|c| cells.get(c)).map_or("", String::as_str)
            };
            let Some(number) = cells[value].parse::<f64>().ok().filter(|x| x.is_finite())
            else {
                let message =
                    format!("`value` must be a finite number, found `{}`", cells[value]);
                table.problem(row, "E0603", message, None);
                continue;
            };
            let better = match cell(better) {
                "lower" => Some(Better::Lower),
                "higher" => Some(Better::Higher),
                "" => better_of(&name),
                _ => None,
            };
            let Some(better) = better else {
                let message =
                    format!("it is not known whether `{name}` is better lower or higher");
                let help = "add a column `better` with `lower` or `higher`".to_owned();
                table.problem(row, "E0704", message, Some(help));
                continue;
            };
            let written = cell(limit);
            let limit = share(written);
            if !written.is_empty() && limit.is_none() {
                let message = format!("`max_regress` must be a share, found `{written}`");
                table.problem(row, "E0708", message, Some("write 5%".to_owned()));
                continue;
            }
            if let Some(message) = self.conflict(&name, cell(unit), better, limit) {
                let help = "rows of one name are repeats: name what differs apart";
                table.problem(row, "E0705", message, Some(help.to_owned()));
                continue;
            }
            self.add(text, name, cell(unit), better, number, limit)?;
            read += 1;
        }
        if read == 0 && !table.diagnostics.has_errors() {
            let message = "there is no measurement below the header".to_owned();
            table.header_problem("E0707", message, None);
        }
        if table.diagnostics.has_errors() { Err(table.diagnostics) } else { Ok(()) }
    }

    fn of_cases(&mut self, text: &Text) -> Result<(), Diagnostics> {
        let refused = |said: &str| text.refuse("E0603", text.place(""), said, None);
        let cases = hardware::read(text.text()).map_err(|problems| {
            let mut wrong = Diagnostics::new();
            for problem in &problems {
                wrong.extend(refused(problem));
            }
            wrong
        })?;
        for mut row in cases.rows {
            if let Some(why) = row.wrong.first() {
                return Err(refused(&format!("line {}: {why}", row.line)));
            }
            let case: Vec<String> = row
                .case()
                .into_iter()
                .map(|(column, value)| match column {
                    "accelerator" | "kind" | "model" | "precision" | "engine" => value,
                    _ => format!("{column}={value}"),
                })
                .collect();
            let name = case.join(" ");
            for (column, value) in row.figures() {
                let figure = column.trim_start_matches("measured_");
                let better = better_of(figure).unwrap_or(Better::Lower);
                let unit = figure.rsplit('_').next().unwrap_or_default();
                let unit = match figure {
                    "tokens_per_s" => "tokens/s",
                    "tokens_per_s_per_chip" => "tokens/s/chip",
                    "requests_per_s" => "requests/s",
                    "tflops_per_chip" => "TFLOP/s/chip",
                    "mfu_pct" => "%",
                    _ => unit,
                };
                self.add(text, format!("{name}: {figure}"), unit, better, value, None)?;
            }
            let line = u64::try_from(self.cases.len() + 1).unwrap_or(u64::MAX);
            row.line = line;
            self.cases.push(row);
            self.names.push(name);
        }
        for column in cases.ignored {
            self.note(format!("{}: the column {column} is not read", text.name()));
        }
        Ok(())
    }
}

/// A share written 0.05 or 5%.
fn share(text: &str) -> Option<f64> {
    let (number, unit) = match text.trim().strip_suffix('%') {
        Some(percent) => (percent, 0.01),
        None => (text, 1.0),
    };
    let share = number.trim().parse::<f64>().ok()? * unit;
    (0.0..10.0).contains(&share).then_some(share)
}
