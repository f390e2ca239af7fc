//! A request trace in the published forms → the lines of a plan's demand.
//!
//! Azure's CSV (`TIMESTAMP,ContextTokens,GeneratedTokens`) and Mooncake's lines of JSON
//! (`timestamp` in milliseconds, `input_length`, `output_length`), and tables like them.
//! What is found is what `rackcast calibrate demand` finds; here it becomes a file.
//! **Source** Azure/AzurePublicDataset; kvcache-ai/Mooncake. Read next:
//! [`crate::calibrate::demand`].

use std::fmt::Write as _;

use serde::Deserialize;

use super::{Dropped, Imported};
use crate::calibrate::demand::{self, Demand};
use crate::input::{Diagnostics, Table, Text, When};

/// A line of Mooncake's form; its hashes of prefixes are not read.
#[derive(Deserialize)]
struct Line {
    timestamp: f64,
    input_length: f64,
    output_length: f64,
}

/// A trace in JSON lines as a table, which all that read traces understand.
///
/// **Errors** E0701 at their places.
pub fn csv_of_lines(text: &Text) -> Result<String, Diagnostics> {
    let lines: Vec<Line> = text.json_lines()?;
    let mut csv = "timestamp_ms,input_length,output_length\n".to_owned();
    for line in &lines {
        // Writing to a string does not fail.
        let _ = writeln!(
            csv,
            "{},{},{}",
            line.timestamp, line.input_length, line.output_length
        );
    }
    Ok(csv)
}

/// Reads a trace; `workload` is the name the plan gives it.
///
/// **Errors** E0601, E0603, E0606, E0701 at their places, E0802 without a request.
pub fn import(
    text: &Text,
    workload: &str,
    title: &str,
    as_of: &When,
) -> Result<Imported, Diagnostics> {
    let table = if text.text().trim_start().starts_with('{') {
        Table::parse(text.name(), &csv_of_lines(text)?)?
    } else {
        Table::parse(text.name(), text.text())?
    };
    let kept = table.rows.len();
    let history = demand::read(table)?;
    let Some(found) = Demand::of(&history) else {
        return Err(text.refuse("E0802", 0..0, "the trace holds no request", None));
    };
    let quoted = |text: &str| text.replace('\n', " ");
    let mut out = format!(
        "# Demand of a trace, for a plan: paste it, or begin a plan with it.\n\
         # Source: {}, of {as_of}. Written by `rackcast import trace`.\n",
        quoted(title)
    );
    let hours = crate::units::count(history.counts.len()) * history.span_seconds / 3600.0;
    if hours < 24.0 {
        let _ = writeln!(
            out,
            "# {hours:.1} hours say nothing of a day: requests_per_day is this rate held all day."
        );
    }
    let _ = writeln!(
        out,
        "# Peak over mean {:.2}; bursts {:.2} of the level.\n\n[workloads.{workload}.inference]",
        found.peak, found.burst_variation
    );
    let _ = writeln!(out, "#model = \"\"\nrequests_per_day = {:.0}", found.per_day);
    if let Some((input, output)) = history.tokens {
        let _ = writeln!(out, "input_tokens = {input:.1}\noutput_tokens = {output:.1}");
    }
    let loads: Vec<String> = found.curve.iter().map(|x| format!("{x:.4}")).collect();
    let _ = writeln!(
        out,
        "\n# Loads over their mean, each for 1/{} of the time.\n\
         [workloads.{workload}.shape.loads]\nvalues = [",
        loads.len()
    );
    for line in loads.chunks(12) {
        let _ = writeln!(out, "    {},", line.join(", "));
    }
    out.push_str("]\n");
    Ok(Imported { text: out, kept, dropped: Dropped::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Imported, Diagnostics> {
        let as_of = "2026-11".parse().unwrap();
        import(&Text::of("trace", text), "chat", "a trace", &as_of)
    }

    /// A request a second for three minutes, in both forms.
    #[test]
    fn both_published_forms_say_the_same() {
        let mut azure = "TIMESTAMP,ContextTokens,GeneratedTokens\n".to_owned();
        let mut mooncake = String::new();
        for second in 0..181 {
            let _ = writeln!(
                azure,
                "2023-11-16 18:{:02}:{:02}.0000000,100,20",
                second / 60,
                second % 60
            );
            let _ = writeln!(
                mooncake,
                "{{\"timestamp\": {}, \"input_length\": 100, \"output_length\": 20, \
                 \"hash_ids\": [1]}}",
                1000 * second
            );
        }
        let (a, b) = (read(&azure).unwrap(), read(&mooncake).unwrap());
        assert_eq!(a.text, b.text);
        let value: toml::Table = toml::from_str(&a.text).unwrap();
        let chat = &value["workloads"]["chat"]["inference"];
        assert_eq!(chat["requests_per_day"].as_integer(), Some(86_400));
        assert_eq!(chat["input_tokens"].as_float(), Some(100.0));
        assert!(a.text.contains("say nothing of a day"), "{}", a.text);
    }

    #[test]
    fn a_trace_that_is_none_is_refused() {
        let codes = |text: &str| -> Vec<&'static str> {
            read(text).unwrap_err().iter().map(|d| d.code).collect()
        };
        assert_eq!(codes("a,b\n1,2\n"), ["E0601"]);
        assert_eq!(codes("{\"timestamp\": 1}\n"), ["E0701"]);
    }
}
