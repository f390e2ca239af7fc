//! Serving benchmarks of vLLM and SGLang → measured cases for `rackcast validate`.
//!
//! The machine is not in the file: [`Setup`] names it. A run under a rate of requests, and
//! not a number under way, is dropped: the closed form has no such case. Read next:
//! [`crate::calibrate::hardware::serving`].

use serde_json::{Map, Value};

use super::{Dropped, Imported};
use crate::calibrate::hardware::{ServingRun, Setup};
use crate::input::{Diagnostics, Text};

/// Reads a run, or one a line.
///
/// **Errors** E0701 where it is no JSON, E0709 where it is no such benchmark, E0803 where
/// the machine is not named, E0802 where nothing is left.
pub fn import(text: &Text, setup: &Setup) -> Result<Imported, Diagnostics> {
    let missing: Vec<&str> = [
        (setup.accelerator.is_none(), "--accelerator"),
        (setup.tensor.is_none(), "--tensor"),
        (setup.precision.is_none(), "--precision"),
    ]
    .into_iter()
    .filter_map(|(is_missing, flag)| is_missing.then_some(flag))
    .collect();
    if !missing.is_empty() {
        let message = "a benchmark does not say what machine it measured".to_owned();
        let help = format!("give {}", missing.join(", "));
        return Err(text.refuse("E0803", 0..0, message, help));
    }
    let objects: Vec<Map<String, Value>> = text
        .json::<Map<String, Value>>()
        .map(|one| vec![one])
        .or_else(|whole| text.json_lines().map_err(|_| whole))?;
    let mut dropped = Dropped::default();
    let mut rows: Vec<Vec<(String, String)>> = Vec::new();
    for object in &objects {
        let Some(run) = ServingRun::of(object) else {
            let message = "this is no benchmark of vLLM or SGLang".to_owned();
            let help = "give what `vllm bench serve --save-result` writes".to_owned();
            return Err(text.refuse("E0709", 0..0, message, help));
        };
        match run.cells(setup) {
            Ok(cells) => rows.push(cells),
            Err(reason) => dropped.note(&reason, &run.name()),
        }
    }
    let header: Vec<&str> =
        rows.iter().flatten().fold(Vec::new(), |mut known, (column, _)| {
            if !known.contains(&column.as_str()) {
                known.push(column);
            }
            known
        });
    if header.is_empty() {
        let message = format!("no case is left: {}", dropped.lines().join("; "));
        return Err(text.refuse("E0802", 0..0, message, None));
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = writer.write_record(header.iter().chain(&["source"]));
    for row in &rows {
        let cell = |column: &&str| {
            let found = row.iter().find(|(name, _)| name == column);
            found.map_or("", |(_, value)| value.as_str())
        };
        let cells = header.iter().map(cell).chain([text.name()]);
        let _ = writer.write_record(cells);
    }
    let bytes = writer.into_inner().unwrap_or_default();
    let text = String::from_utf8(bytes).unwrap_or_default();
    Ok(Imported { text, kept: rows.len(), dropped })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::hardware::read;

    const RUN: &str = "{\"backend\": \"vllm\", \"model_id\": \"meta-llama/Llama-3.1-8B\", \
         \"completed\": 4, \"max_concurrency\": 2, \"total_input_tokens\": 4096, \
         \"total_output_tokens\": 1024, \"output_throughput\": 200.5, \"mean_tpot_ms\": 9.5}\n";

    fn setup() -> Setup {
        Setup {
            accelerator: Some("h100".to_owned()),
            tensor: Some(1),
            precision: Some("fp8".to_owned()),
            model: None,
        }
    }

    #[test]
    fn runs_become_cases_that_can_be_validated() {
        let endless = RUN.replace("\"max_concurrency\": 2", "\"max_concurrency\": null");
        let text = Text::of("run, 1.json", &format!("{RUN}{endless}{RUN}"));
        let found = import(&text, &setup()).unwrap();
        assert_eq!(found.kept, 2);
        assert!(found.dropped.lines()[0].contains("--max-concurrency"));
        let cases = read(&found.text).unwrap();
        assert!(cases.ignored.is_empty(), "{:?}", cases.ignored);
        assert_eq!(cases.rows[1].number("measured_tokens_per_s"), Some(200.5));
        assert_eq!(cases.rows[1].number("output_tokens"), Some(256.0));
        assert_eq!(cases.rows[0].text("source"), Some("run, 1.json"));
    }

    #[test]
    fn the_machine_must_be_named_and_the_file_a_benchmark() {
        let codes = |text: &str, setup: &Setup| -> Vec<&'static str> {
            let wrong = import(&Text::of("a", text), setup).unwrap_err();
            wrong.iter().map(|d| d.code).collect()
        };
        assert_eq!(codes(RUN, &Setup::default()), ["E0803"]);
        assert_eq!(codes("{}", &setup()), ["E0709"]);
        assert_eq!(codes("no", &setup()), ["E0701"]);
        let endless = RUN.replace("\"max_concurrency\": 2", "\"max_concurrency\": null");
        assert_eq!(codes(&endless, &setup()), ["E0802"]);
    }
}
