//! What serving benchmarks write: one run of vLLM's or SGLang's client, as JSON.
//!
//! Both clients write the same quantities under nearly the same keys: counts of requests
//! and tokens, throughputs per second, and mean, median and percentiles of the time to
//! the first token (TTFT), between tokens (ITL, TPOT) and of the whole request, in
//! milliseconds. Neither writes the machine it ran against: that is [`Setup`]. Read next:
//! [`super::columns`], whose row a run becomes.
//!
//! **Source** vllm-project/vllm, `vllm bench serve --save-result`; sgl-project/sglang,
//! `docs/developer_guide/bench_serving.md`, `--output-file`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::columns::Row;

/// What a benchmark client does not know of the machine it measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Setup {
    /// Name of the accelerator.
    pub accelerator: Option<String>,
    /// Degree of tensor parallelism: chips of a replica.
    pub tensor: Option<u32>,
    /// Precision of the weights, such as `fp8`.
    pub precision: Option<String>,
    /// The model, over the one the file names.
    pub model: Option<String>,
}

/// One run.
#[derive(Debug, Clone, PartialEq)]
pub struct ServingRun {
    /// The model as the client was told it.
    pub model: Option<String>,
    /// The engine's name.
    pub engine: Option<String>,
    /// When, as written.
    pub date: Option<String>,
    /// What tells one load from another, such as `prompts=1000 rate=inf concurrency=32`.
    pub load: String,
    /// Requests answered.
    pub completed: f64,
    /// Requests sent, where the file says so.
    pub sent: Option<f64>,
    /// Requests under way at most, where that was bounded.
    pub concurrency: Option<f64>,
    /// Mean tokens of a request, in and out.
    pub tokens: Option<(f64, f64)>,
    /// Throughputs and times by key, as written: per second, milliseconds.
    pub figures: BTreeMap<String, f64>,
}

/// Keys that tell loads apart, and what they are called in a name.
const LOAD: [(&str, &str); 8] = [
    ("dataset_name", "data"),
    ("num_prompts", "prompts"),
    ("request_rate", "rate"),
    ("burstiness", "burstiness"),
    ("max_concurrency", "concurrency"),
    ("random_input_len", "input"),
    ("random_output_len", "output"),
    ("sharegpt_output_len", "output"),
];

/// Throughputs by their keys.
const RATES: [&str; 5] = [
    "request_throughput",
    "input_throughput",
    "output_throughput",
    "total_token_throughput",
    "total_throughput",
];

impl ServingRun {
    /// The run an object stands for; nothing where it is none of theirs.
    pub fn of(object: &Map<String, Value>) -> Option<Self> {
        let number = |key: &str| object.get(key).and_then(Value::as_f64);
        let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
        let completed = number("completed")?;
        number("output_throughput")?;
        let is_time = |key: &str| {
            key.ends_with("_ms")
                && (key.starts_with("mean_")
                    || key.starts_with("median_")
                    || key.strip_prefix('p').is_some_and(|rest| {
                        rest.starts_with(|c: char| c.is_ascii_digit())
                    }))
        };
        let figures = object
            .iter()
            .filter(|(key, _)| RATES.contains(&key.as_str()) || is_time(key))
            .filter_map(|(key, value)| Some((key.clone(), value.as_f64()?)))
            .collect();
        let total = |key: &str| number(key).filter(|n| *n > 0.0 && completed > 0.0);
        let tokens = total("total_input_tokens")
            .zip(total("total_output_tokens"))
            .map(|(a, b)| (a / completed, b / completed));
        let load: Vec<String> = LOAD
            .iter()
            .filter_map(|(key, name)| {
                let value = match object.get(*key)? {
                    Value::Number(n) => n.to_string(),
                    Value::String(s) => s.clone(),
                    Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                        return None;
                    }
                };
                Some(format!("{name}={value}"))
            })
            .collect();
        Some(Self {
            model: text("model_id").or_else(|| text("model")),
            engine: text("backend"),
            date: text("date"),
            load: load.join(" "),
            completed,
            sent: number("num_prompts"),
            concurrency: number("max_concurrency").filter(|n| *n > 0.0),
            tokens,
            figures,
        })
    }

    /// Model and load, as a name of a metric begins.
    pub fn name(&self) -> String {
        let model = self.model.as_deref().unwrap_or("serving");
        format!("{model} {}", self.load).trim_end().to_owned()
    }

    /// The measured case for `rackcast validate`.
    ///
    /// **Errors** what is missing, in words: the machine, which is never guessed, or the
    /// number of requests under way.
    pub fn row(&self, setup: &Setup, line: u64) -> Result<Row, String> {
        Ok(Row::of(line, self.cells(setup)?))
    }

    /// The same as column and value pairs.
    ///
    /// **Errors** as [`ServingRun::row`].
    pub fn cells(&self, setup: &Setup) -> Result<Vec<(String, String)>, String> {
        let needed = |value: &Option<String>, what: &str| {
            value.clone().ok_or_else(|| format!("the file does not say {what}"))
        };
        let accelerator =
            needed(&setup.accelerator, "which accelerator; give --accelerator")?;
        let precision = needed(&setup.precision, "the precision; give --precision")?;
        let tensor = setup
            .tensor
            .ok_or("the file does not say how many chips a replica has; give --tensor")?;
        let model = setup.model.clone().or_else(|| self.model.clone());
        let model = needed(&model, "which model; give --model")?;
        let concurrency = self.concurrency.ok_or(
            "the load was a rate of requests, not a number under way: only runs with \
             --max-concurrency are compared with the profile",
        )?;
        let (input, output) =
            self.tokens.ok_or("the file does not count tokens in and out")?;
        let mut cells: Vec<(&str, String)> = vec![
            ("kind", "serve".to_owned()),
            ("group", self.engine.clone().unwrap_or_default()),
            ("date", self.date.clone().unwrap_or_default()),
            ("accelerator", accelerator),
            ("engine", self.engine.clone().unwrap_or_default()),
            ("model", model),
            ("precision", precision),
            ("chips", tensor.to_string()),
            ("tensor", tensor.to_string()),
            ("concurrency", concurrency.to_string()),
            ("input_tokens", input.to_string()),
            ("output_tokens", output.to_string()),
        ];
        for (column, key) in [
            ("measured_ttft_ms", "mean_ttft_ms"),
            ("measured_tpot_ms", "mean_tpot_ms"),
            ("measured_tokens_per_s", "output_throughput"),
        ] {
            if let Some(value) = self.figures.get(key).filter(|x| **x > 0.0) {
                cells.push((column, value.to_string()));
            }
        }
        Ok(cells.into_iter().map(|(column, cell)| (column.to_owned(), cell)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn vllm() -> Value {
        json!({
            "date": "20261101-120000", "backend": "vllm",
            "model_id": "meta-llama/Llama-3.1-8B-Instruct", "num_prompts": 100,
            "request_rate": "inf", "max_concurrency": 8, "duration": 30.0,
            "completed": 100, "total_input_tokens": 102_400, "total_output_tokens": 25_600,
            "request_throughput": 3.3, "output_throughput": 853.0,
            "mean_ttft_ms": 41.0, "std_ttft_ms": 9.0, "p99_ttft_ms": 80.0,
            "mean_tpot_ms": 9.1,
        })
    }

    #[test]
    fn a_run_has_its_figures_and_its_load() {
        let run = ServingRun::of(vllm().as_object().unwrap()).unwrap();
        assert_eq!(
            run.name(),
            "meta-llama/Llama-3.1-8B-Instruct prompts=100 rate=inf concurrency=8"
        );
        let keys: Vec<&str> = run.figures.keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "mean_tpot_ms",
                "mean_ttft_ms",
                "output_throughput",
                "p99_ttft_ms",
                "request_throughput"
            ]
        );
        assert_eq!(run.tokens, Some((1024.0, 256.0)));
    }

    #[test]
    fn a_case_needs_the_machine_that_no_file_names() {
        let run = ServingRun::of(vllm().as_object().unwrap()).unwrap();
        let bare = run.row(&Setup::default(), 1).unwrap_err();
        assert!(bare.contains("--accelerator"), "{bare}");
        let setup = Setup {
            accelerator: Some("h100".to_owned()),
            tensor: Some(1),
            precision: Some("bf16".to_owned()),
            model: None,
        };
        let row = run.row(&setup, 1).unwrap();
        assert_eq!(row.number("measured_tokens_per_s"), Some(853.0));
        assert_eq!(row.number("input_tokens"), Some(1024.0));
        let endless = ServingRun { concurrency: None, ..run };
        assert!(endless.row(&setup, 1).unwrap_err().contains("--max-concurrency"));
    }

    #[test]
    fn other_objects_are_no_runs() {
        for other in [json!({}), json!({ "completed": 3 }), json!({ "mean": 1.0 })] {
            assert_eq!(ServingRun::of(other.as_object().unwrap()), None);
        }
    }
}
