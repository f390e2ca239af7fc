//! From a row to what can be computed and compared: one observation a measured figure.
//!
//! Everything that does not depend on the constants is resolved here once, so that a fit
//! can ask thousands of rows again for every trial of its constants. Read next:
//! [`super::fit()`].

use crate::hardware::correction::{Quantity, SOFTWARE_OF, Shift, Traits};
use crate::hardware::serve::point::{Load, Point};
use crate::hardware::serve::{self, ServeCase};
use crate::hardware::train::{Prepared, Recompute, Sharding, Task, TrainCase};
use crate::hardware::{AttentionKernel, AttentionWork, Calibration, Fitted, Work};
use crate::profile::{Accelerator, Catalogue, Model, Precision};

use super::columns::Row;
use super::names::{self, whole};
use super::service::Service;

/// What is computed for an observation.
#[derive(Debug, Clone)]
enum Form {
    Step(Box<Prepared>),
    OutputToken(Box<Point>),
    FirstToken(Box<Point>),
    /// Logarithm of seconds per output token and chip, searched once.
    Throughput(f64),
}

/// A measured figure with what the closed form needs to say it.
#[derive(Debug, Clone)]
pub struct Observation {
    /// Line in the file.
    pub line: u64,
    /// `train`, `finetune` or `serve`.
    pub kind: String,
    /// The row's group.
    pub group: String,
    /// The accelerator as the row names it.
    pub accelerator: String,
    /// The measured column.
    pub metric: &'static str,
    /// What was measured, in the unit of its column.
    pub measured: f64,
    /// Which fitted table it belongs to.
    pub quantity: Quantity,
    /// What measurements are kept by.
    pub traits: Traits,
    /// What tells one measurement from another: records of several publications may be
    /// of one, which is then left out, and counts, as one.
    pub measurement: String,
    /// Whether the row may move constants: its shape is known and physical.
    pub moves_constants: bool,
    /// Spread that guesses about the row bring.
    guess_sigma: f64,
    form: Form,
    /// `metric = factor · time`, or `factor / time` for a rate.
    factor: f64,
    is_rate: bool,
    /// Seconds at the peak, where a constant utilisation is the null.
    ideal_s: Option<f64>,
}

impl Observation {
    /// Logarithm of the closed form's seconds.
    pub fn log_form(&self, c: &Calibration) -> f64 {
        let software = self.traits.software_log();
        let seconds = match &self.form {
            Form::Step(job) => job.step(c).total_s(),
            Form::OutputToken(point) => point.output_token(c).total_s(),
            Form::FirstToken(point) => point.first_token_s(c),
            Form::Throughput(log) => return *log + software,
        };
        seconds.max(1e-12).ln() + software
    }

    /// Logarithm of the seconds the measurement says.
    pub fn log_measured(&self) -> f64 {
        let seconds = if self.is_rate {
            self.factor / self.measured
        } else {
            self.measured / self.factor
        };
        seconds.max(1e-12).ln()
    }

    /// A figure in the unit of the column for a logarithm of seconds.
    pub fn figure(&self, log_seconds: f64) -> f64 {
        let seconds = log_seconds.exp();
        if self.is_rate { self.factor / seconds } else { self.factor * seconds }
    }

    /// What the null model keeps constant: utilisation in training, else the figure.
    pub fn null_log(&self) -> f64 {
        self.ideal_s.map_or(0.0, |s| s.max(1e-12).ln())
    }

    /// The error of the closed form to expect, its guesses included.
    pub fn shift(&self, fitted: &Fitted) -> Shift {
        let mut shift = fitted.shift(self.quantity, &self.traits);
        shift.sigma = shift.sigma.hypot(self.guess_sigma);
        shift
    }
}

/// Why a row has no answer.
pub type Refusal = String;

/// The observations of a row.
///
/// **Errors** a reason without figures of the row, so that equal reasons can be counted.
pub fn observations(
    row: &Row,
    catalogue: &Catalogue,
) -> Result<Vec<Observation>, Refusal> {
    if let Some(wrong) = row.wrong.first() {
        return Err(wrong.clone());
    }
    let Some(name) = row.text("accelerator") else {
        return Err("no accelerator is named".to_owned());
    };
    let chip = names::accelerator(catalogue, name)
        .ok_or_else(|| format!("no accelerator `{name}` in the catalogue"))?;
    let (model, guess_sigma) = if let Some(name) = row.text("model") {
        match names::model(catalogue, name) {
            Some(model) => (model.clone(), 0.0),
            None if row.number("params_billion").is_some()
                || row.number("layers").is_some() =>
            {
                names::from_columns(row)?
            }
            None => return Err(format!("no model `{name}` in the catalogue")),
        }
    } else {
        names::from_columns(row)?
    };
    let precision = precision(row.text("precision"))?;
    let years = years(row.text("date"))?;
    let base = Base { row, chip, model: &model, precision, guess_sigma, years };
    match row.text("kind") {
        Some("train" | "finetune") => base.train(),
        Some("serve") => base.serve(),
        Some(other) => Err(format!("`kind` is `{other}`: train, finetune or serve")),
        None => Err("`kind` is empty: train, finetune or serve".to_owned()),
    }
}

fn precision(name: Option<&str>) -> Result<Precision, Refusal> {
    Ok(match name.map(str::to_lowercase).as_deref() {
        None | Some("bf16" | "fp16" | "bfloat16" | "float16") => Precision::Bf16,
        Some("fp8") => Precision::Fp8,
        Some("fp4" | "nvfp4" | "mxfp4") => Precision::Fp4,
        Some("int8") => Precision::Int8,
        Some("int4") => Precision::Int4,
        Some(other) => {
            return Err(format!(
                "`precision` is `{other}`: bf16, fp16, fp8, fp4, int8 or int4"
            ));
        }
    })
}

struct Base<'a> {
    row: &'a Row,
    chip: &'a Accelerator,
    model: &'a Model,
    precision: Precision,
    guess_sigma: f64,
    years: f64,
}

/// Years from the month of the software that estimates are of to a date such as `2026-04`,
/// `2026-04-30` or `20260430-120000`; none where there is no date.
fn years(date: Option<&str>) -> Result<f64, Refusal> {
    let Some(date) = date else { return Ok(0.0) };
    let digits: String = date.chars().filter(char::is_ascii_digit).take(6).collect();
    let year = digits.get(..4).and_then(|d| d.parse::<f64>().ok());
    let month = match digits.get(4..6) {
        Some(d) => d.parse::<f64>().ok(),
        None => Some(6.5),
    };
    match (year, month) {
        (Some(year), Some(month))
            if (2017.0..2100.0).contains(&year) && (1.0..13.0).contains(&month) =>
        {
            Ok(year - SOFTWARE_OF.0 + (month - SOFTWARE_OF.1) / 12.0)
        }
        _ => Err("`date` must be a year and month such as 2026-04".to_owned()),
    }
}

/// Tokens of a sequence where a row names none, and the spread that brings.
const SEQUENCE_TOKENS: f64 = 2048.0;
/// Sequences a chip has in a step where a row names no batch.
const SEQUENCES_A_CHIP: f64 = 8.0;
/// Spread of a step for a sequence length or a batch that had to be assumed.
const ASSUMED_SIGMA: f64 = 0.05;

impl Base<'_> {
    fn group(&self) -> String {
        self.row.text("group").unwrap_or_default().to_owned()
    }

    fn observation(
        &self,
        metric: &'static str,
        quantity: Quantity,
        form: &Form,
        traits: &Traits,
    ) -> Option<Observation> {
        let measured = self.row.above_zero(metric)?;
        Some(Observation {
            line: self.row.line,
            kind: self.row.text("kind").unwrap_or_default().to_owned(),
            group: self.group(),
            accelerator: self.row.text("accelerator").unwrap_or_default().to_owned(),
            metric,
            measured,
            quantity,
            traits: Traits { years: self.years, ..traits.clone() },
            measurement: self.measurement(),
            moves_constants: true,
            guess_sigma: self.guess_sigma,
            form: form.clone(),
            factor: 1.0,
            is_rate: false,
            ideal_s: None,
        })
    }

    /// The same load on the same chips with the same figures to the last digit is the same
    /// measurement, whatever the record calls its model and split; a row without a load
    /// is one of its own.
    fn measurement(&self) -> String {
        let row = self.row;
        let load = ["concurrency", "input_tokens", "output_tokens"];
        if load.iter().any(|column| row.above_zero(column).is_none()) {
            return format!("line {}", row.line);
        }
        let engine = row.text("engine").unwrap_or_default();
        let load = load.map(|column| row.number(column).unwrap_or_default());
        let figures: Vec<(&str, f64)> = row.figures().collect();
        format!("{} {engine} {:?} {load:?} {figures:?}", self.chip.id, self.precision)
    }

    fn train(&self) -> Result<Vec<Observation>, Refusal> {
        let row = self.row;
        let adapters = match row.text("method") {
            None => row.text("kind") == Some("finetune"),
            Some("full") => false,
            Some("lora") => true,
            Some(other) => return Err(format!("`method` is `{other}`: full or lora")),
        };
        let task = if adapters { Task::Adapters } else { Task::Every };
        let mut guess_sigma = self.guess_sigma;
        let mut assumed = |value: Option<f64>, guess: f64| {
            value.unwrap_or_else(|| {
                guess_sigma = guess_sigma.hypot(ASSUMED_SIGMA);
                guess
            })
        };
        let degree = |column: &str| row.above_zero(column).map(whole);
        let degrees = ["tensor", "pipeline", "context", "data"];
        let product: f64 =
            degrees.iter().map(|d| row.above_zero(d).unwrap_or(1.0)).product();
        let chips = row.above_zero("chips").unwrap_or(product);
        let sequence = assumed(row.above_zero("sequence_tokens"), SEQUENCE_TOKENS);
        let batch =
            assumed(row.above_zero("global_batch_sequences"), chips * SEQUENCES_A_CHIP);
        let mut case = TrainCase::new(whole(chips), sequence, batch);
        case.precision = self.precision;
        case.tensor = degree("tensor");
        case.pipeline = degree("pipeline");
        case.interleave = degree("interleave");
        case.context = degree("context");
        case.expert = degree("expert");
        case.micro_batch = degree("micro_batch_sequences");
        case.sharding = match row.text("sharding") {
            None => None,
            Some("none") => Some(Sharding::None),
            Some("zero1" | "zero2") => Some(Sharding::Optimizer),
            Some("zero3" | "fsdp") => Some(Sharding::Full),
            Some(other) => {
                return Err(format!(
                    "`sharding` is `{other}`: none, zero1, zero2, zero3 or fsdp"
                ));
            }
        };
        case.recompute = match row.text("recompute") {
            None => None,
            Some("none") => Some(Recompute::None),
            Some("selective") => Some(Recompute::Selective),
            Some("full") => Some(Recompute::Full),
            Some(other) => {
                return Err(format!("`recompute` is `{other}`: none, selective or full"));
            }
        };
        let (convention, recomputed) = match row.text("flops_convention") {
            None | Some("causal") => (AttentionWork::Causal, false),
            Some("full") => (AttentionWork::Full, false),
            Some("hardware") => (AttentionWork::Full, true),
            Some(other) => {
                return Err(format!(
                    "`flops_convention` is `{other}`: causal, full or hardware"
                ));
            }
        };
        // Before flash attention the whole matrix was computed, and kept unless asked.
        if convention != AttentionWork::Causal
            && case.recompute == Some(Recompute::Selective)
        {
            case.kernel = AttentionKernel::Unfused;
            case.attention = AttentionWork::Full;
        }
        let job = Prepared::of_a_job_that_ran(self.chip, self.model, &case, task)
            .map_err(|no| short(&no.reason, self.chip))?;
        let mut traits = job.traits.clone();
        traits.framework = Some(self.group()).filter(|g| !g.is_empty());
        let flop = job.flop_per_token(convention, recomputed);
        let (tokens, peak) = (job.tokens_per_chip(), job.peak());
        let ideal_s = tokens * job.flop_per_token(AttentionWork::Causal, false) / peak;
        let form = Form::Step(Box::new(job));
        let metrics = [
            ("measured_step_s", 1.0, false),
            ("measured_tokens_per_s_per_chip", tokens, true),
            ("measured_tflops_per_chip", tokens * flop / 1e12, true),
            ("measured_mfu_pct", tokens * flop / peak * 100.0, true),
        ];
        let found = metrics.into_iter().filter_map(|(metric, factor, is_rate)| {
            let o = self.observation(metric, Quantity::Step, &form, &traits)?;
            Some(Observation {
                factor,
                is_rate,
                guess_sigma,
                ideal_s: Some(ideal_s),
                ..o
            })
        });
        measured(found.collect())
    }

    fn serve(&self) -> Result<Vec<Observation>, Refusal> {
        let row = self.row;
        let mut guess_sigma = self.guess_sigma;
        let mut assumed = |column: &str, guess: f64| {
            row.above_zero(column).unwrap_or_else(|| {
                guess_sigma = guess_sigma.hypot(2.0 * ASSUMED_SIGMA);
                guess
            })
        };
        let input_tokens = assumed("input_tokens", 1024.0);
        let output_tokens = assumed("output_tokens", 256.0);
        let of = |column: &str| row.above_zero(column);
        let apart = match row.text("mode") {
            Some("disaggregated") => true,
            Some("aggregated") => false,
            None => of("decode_tensor").is_some() || of("prefill_tensor").is_some(),
            Some(other) => {
                return Err(format!("`mode` is `{other}`: aggregated or disaggregated"));
            }
        };
        let under_way = of("concurrency")
            .or_else(|| of("batch"))
            .or_else(|| Some(of("decode_batch")? * of("decode_workers").unwrap_or(1.0)));
        let framework = row.text("engine").map(str::to_lowercase);
        let Some(concurrency) = under_way else {
            return self.flat_out(input_tokens, output_tokens, guess_sigma, framework);
        };
        let service = Service::of(
            row,
            self.chip,
            apart,
            concurrency,
            [input_tokens, output_tokens],
        );
        let load = Load {
            precision: self.precision,
            chips: service.chips,
            groups: service.groups,
            arrangement: service.arrangement,
            concurrency,
            input_tokens,
            output_tokens,
        };
        let point = Point::new(self.chip, self.model, &load);
        let batch = point.batch();
        let sizes = [batch, point.chips, input_tokens, output_tokens];
        let work = Work::of(self.model);
        let mut traits =
            serve::traits(self.chip, Some(&self.model.id), &work, self.precision, sizes);
        traits.framework = framework;
        traits.mode = Some(service.mode.to_owned());
        traits.split =
            Some(format!("{}/{}/{}", point.chips, service.groups, service.expert));
        let all = of("chips").unwrap_or(point.all_chips());
        let moves_constants = service.is_known;
        let mut found = Vec::new();
        let mut add = |metric, quantity, form: &Form, factor: f64, is_rate| {
            if let Some(o) = self.observation(metric, quantity, form, &traits) {
                found.push(Observation {
                    moves_constants,
                    guess_sigma,
                    factor,
                    is_rate,
                    ..o
                });
            }
        };
        let first = Form::FirstToken(Box::new(point.clone()));
        let token = Form::OutputToken(Box::new(point));
        add("measured_ttft_ms", Quantity::FirstToken, &first, 1e3, false);
        let q = Quantity::OutputToken;
        add("measured_tpot_ms", q, &token, 1e3, false);
        add("measured_tokens_per_s_per_chip", q, &token, concurrency / all, true);
        add("measured_tokens_per_s", q, &token, concurrency, true);
        measured(found)
    }

    /// A service run as hard as it goes: batch and split are searched.
    fn flat_out(
        &self,
        input_tokens: f64,
        output_tokens: f64,
        guess_sigma: f64,
        framework: Option<String>,
    ) -> Result<Vec<Observation>, Refusal> {
        let row = self.row;
        let chips = row
            .above_zero("chips")
            .unwrap_or_else(|| f64::from(self.chip.node.chips_per_node));
        let case = ServeCase::new(input_tokens, output_tokens, self.precision);
        let c = &Calibration::PRIOR;
        let rate = serve::flat_out(c, self.chip, self.model, &case, whole(chips))
            .map_err(|no| short(&no.reason, self.chip))?;
        let work = Work::of(self.model);
        let sizes = [32.0, chips, input_tokens, output_tokens];
        let mut traits =
            serve::traits(self.chip, Some(&self.model.id), &work, self.precision, sizes);
        let group = Some(self.group()).filter(|g| !g.is_empty());
        traits.framework = framework.or_else(|| group.clone());
        traits.mode = group;
        let form = Form::Throughput(-rate.max(1e-12).ln());
        let found =
            [("measured_tokens_per_s_per_chip", 1.0), ("measured_tokens_per_s", chips)]
                .into_iter()
                .filter_map(|(metric, factor)| {
                    let o =
                        self.observation(metric, Quantity::Throughput, &form, &traits)?;
                    Some(Observation {
                        factor,
                        is_rate: true,
                        guess_sigma,
                        moves_constants: false,
                        ..o
                    })
                });
        measured(found.collect())
    }
}

fn measured(found: Vec<Observation>) -> Result<Vec<Observation>, Refusal> {
    if found.is_empty() {
        return Err("the row has no measured figure".to_owned());
    }
    Ok(found)
}

/// A reason without the figures of the row.
fn short(reason: &str, chip: &Accelerator) -> String {
    if reason.contains("does not fit") {
        format!("the model does not fit {} by the memory arithmetic", chip.name)
    } else {
        let cut: String = reason.chars().filter(|c| !c.is_ascii_digit()).collect();
        cut.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
