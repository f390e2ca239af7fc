//! A file of measured cases: columns by their header, in any order, empty is unknown.
//!
//! A column that is missing is unknown for every row. What is wrong with a row refuses
//! that row with a reason; what is wrong with the file refuses the file with all its
//! problems. Read next: [`super::case`].

use std::collections::BTreeMap;

use crate::input::nearest;

/// Columns that hold text.
pub const TEXT: [&str; 11] = [
    "kind",
    "group",
    "accelerator",
    "precision",
    "date",
    "source",
    "model",
    "sharding",
    "recompute",
    "method",
    "flops_convention",
];
/// Columns that hold text for serving.
pub const SERVE_TEXT: [&str; 2] = ["engine", "mode"];
/// Columns that hold numbers.
pub const NUMBERS: [&str; 50] = [
    "chips",
    "params_billion",
    "active_params_billion",
    "layers",
    "hidden",
    "heads",
    "kv_heads",
    "head_dim",
    "ffn",
    "vocab",
    "experts",
    "experts_per_token",
    "expert_ffn",
    "sequence_tokens",
    "global_batch_sequences",
    "micro_batch_sequences",
    "tensor",
    "pipeline",
    "interleave",
    "data",
    "context",
    "expert",
    "slices",
    "input_tokens",
    "output_tokens",
    "concurrency",
    "batch",
    "attention_data",
    "prefill_workers",
    "prefill_tensor",
    "prefill_pipeline",
    "prefill_data",
    "prefill_attention_data",
    "prefill_expert",
    "prefill_batch",
    "decode_workers",
    "decode_tensor",
    "decode_pipeline",
    "decode_data",
    "decode_attention_data",
    "decode_expert",
    "decode_batch",
    "measured_step_s",
    "measured_tflops_per_chip",
    "measured_mfu_pct",
    "measured_tokens_per_s_per_chip",
    "measured_ttft_ms",
    "measured_tpot_ms",
    "measured_tokens_per_s",
    "measured_requests_per_s",
];

/// One line of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// Line in the file, the header being the first.
    pub line: u64,
    text: BTreeMap<String, String>,
    numbers: BTreeMap<String, f64>,
    /// What could not be read: the row is refused for it.
    pub wrong: Vec<String>,
}

impl Row {
    /// The text of a column, where the row has one.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.text.get(column).map(String::as_str)
    }

    /// The number of a column, where the row has one.
    pub fn number(&self, column: &str) -> Option<f64> {
        self.numbers.get(column).copied()
    }

    /// The number of a column where it is above zero; zero stands for "none" in records
    /// of degrees.
    pub fn above_zero(&self, column: &str) -> Option<f64> {
        self.number(column).filter(|x| *x > 0.0)
    }

    /// Columns and values that say what was measured, without its figures, in the order
    /// of the columns' names; nor when and by whom, which is the same case.
    pub fn case(&self) -> Vec<(&str, String)> {
        let text = self.text.iter().map(|(column, x)| (column.as_str(), x.clone()));
        let numbers =
            self.numbers.iter().map(|(column, x)| (column.as_str(), x.to_string()));
        let is_case = |(column, _): &(&str, String)| {
            !column.starts_with("measured_")
                && !["date", "source", "group"].contains(column)
        };
        text.chain(numbers).filter(is_case).collect()
    }

    /// Columns that were measured, with their figures.
    pub fn figures(&self) -> impl Iterator<Item = (&str, f64)> {
        let measured = self.numbers.iter().filter(|(c, _)| c.starts_with("measured_"));
        measured.map(|(column, x)| (column.as_str(), *x))
    }

    /// A row from column and value pairs, as the reader makes it.
    pub fn of(line: u64, cells: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut row = Self { line, ..Self::default() };
        for (column, cell) in cells {
            let cell = cell.trim();
            if cell.is_empty() {
                continue;
            }
            if !NUMBERS.contains(&column.as_str()) {
                row.text.insert(column, cell.to_owned());
                continue;
            }
            match cell.parse::<f64>() {
                Ok(x) if x.is_finite() && x >= 0.0 => {
                    row.numbers.insert(column, x);
                }
                Ok(_) => row.wrong.push(format!("`{column}` must not be negative")),
                Err(_) => row.wrong.push(format!("`{column}` must be a number")),
            }
        }
        row
    }
}

/// A file of cases.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cases {
    /// Its rows, in order.
    pub rows: Vec<Row>,
    /// Columns that no part of the program reads, with what was probably meant.
    pub ignored: Vec<String>,
}

/// Reads the text of a file.
///
/// **Errors** every problem of the header, or of the CSV, a line each.
pub fn read(text: &str) -> Result<Cases, Vec<String>> {
    // The reader counts a line after its carriage return, so that it would name the one
    // before.
    let text = text.replace("\r\n", "\n");
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header
            .iter()
            .map(|h| h.trim().trim_start_matches('\u{feff}').to_owned())
            .collect(),
        Err(e) => return Err(vec![format!("line 1: {e}")]),
    };
    let mut problems = Vec::new();
    for needed in ["kind", "accelerator"] {
        if !header.iter().any(|h| h == needed) {
            let near = nearest(needed, header.iter().map(String::as_str));
            let hint = near.map_or_else(
                || format!("add a column `{needed}`"),
                |n| format!("rename `{n}`, or add a column `{needed}`"),
            );
            problems.push(format!("line 1: there is no column `{needed}`; {hint}"));
        }
    }
    let mut ignored = Vec::new();
    for (i, name) in header.iter().enumerate() {
        if header[..i].contains(name) {
            problems.push(format!("line 1: column `{name}` stands twice; keep one"));
        }
        let known: Vec<&str> =
            TEXT.iter().chain(&SERVE_TEXT).chain(&NUMBERS).copied().collect();
        if !known.contains(&name.as_str()) {
            let meant = nearest(name, known.iter().copied());
            let meant = meant.map_or_else(String::new, |n| format!(" (is `{n}` meant?)"));
            ignored.push(format!("`{name}`{meant}"));
        }
    }
    let mut rows = Vec::new();
    for (i, record) in reader.records().enumerate() {
        let record = match record {
            Ok(record) => record,
            Err(e) => {
                problems.push(format!("line {}: {e}", i + 2));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let cells = header.iter().cloned().zip(record.iter().map(str::to_owned));
        let mut row = Row::of(line, cells);
        if record.len() != header.len() {
            row.wrong.push(format!(
                "the row has {} cells, the header {}",
                record.len(),
                header.len()
            ));
        }
        rows.push(row);
    }
    if problems.is_empty() && rows.is_empty() {
        problems.push("the file has no rows under its header".to_owned());
    }
    if problems.is_empty() { Ok(Cases { rows, ignored }) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        let cases = read("chips,accelerator,kind\n8,h100,train\n,h200,serve\n").unwrap();
        assert_eq!(cases.rows[0].number("chips"), Some(8.0));
        assert_eq!(cases.rows[1].number("chips"), None);
        assert_eq!(cases.rows[1].text("accelerator"), Some("h200"));
        assert_eq!(cases.rows[1].line, 3);
    }

    #[test]
    fn lines_are_counted_alike_however_they_end() {
        for end in ["\n", "\r\n"] {
            let text = ["kind,accelerator", "train,h100", "serve,h200", ""].join(end);
            let lines: Vec<u64> =
                read(&text).unwrap().rows.iter().map(|r| r.line).collect();
            assert_eq!(lines, [2, 3]);
        }
    }

    #[test]
    fn every_problem_of_a_header_is_named() {
        let wrong = read("kinds,chips,chips\ntrain,8,8\n").unwrap_err();
        assert_eq!(
            wrong,
            [
                "line 1: there is no column `kind`; rename `kinds`, or add a column `kind`",
                "line 1: there is no column `accelerator`; add a column `accelerator`",
                "line 1: column `chips` stands twice; keep one",
            ]
        );
    }

    #[test]
    fn a_bad_cell_refuses_its_row_alone() {
        let cases =
            read("kind,accelerator,chips,tenser\ntrain,h100,eight,1\ntrain,h100,8,1\n")
                .unwrap();
        assert_eq!(cases.rows[0].wrong, ["`chips` must be a number"]);
        assert!(cases.rows[1].wrong.is_empty());
        assert_eq!(cases.ignored, ["`tenser` (is `tensor` meant?)"]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_reading_panic(text in "\\PC{0,200}") {
            let _ = read(&text);
            let _ = read(&format!("kind,accelerator\n{text}"));
        }
    }
}
