//! From a row to what can be computed and compared: one observation a measured figure.
//!
//! Everything that does not depend on the constants is resolved here once, so that a fit
//! can ask thousands of rows again for every trial of its constants. Read next:
//! [`super::fit()`].

use crate::hardware::correction::{Quantity, Shift, Traits};
use crate::hardware::serve::point::{Arrangement, Load, Point};
use crate::hardware::serve::{self, ServeCase};
use crate::hardware::train::{Prepared, Recompute, Sharding, Task, TrainCase};
use crate::hardware::{AttentionKernel, AttentionWork, Calibration, Fitted, Work};
use crate::profile::{Accelerator, Catalogue, Model, Precision};

use super::columns::Row;
use super::names::{self, whole};

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
        let seconds = match &self.form {
            Form::Step(job) => job.step(c).total_s(),
            Form::OutputToken(point) => point.output_token(c).total_s(),
            Form::FirstToken(point) => point.first_token_s(c),
            Form::Throughput(log) => return *log,
        };
        seconds.max(1e-12).ln()
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
    let (model, known, guess_sigma) = if let Some(name) = row.text("model") {
        match names::model(catalogue, name) {
            Some(model) => (model.clone(), Some(model.id.clone()), 0.0),
            None if row.number("params_billion").is_some()
                || row.number("layers").is_some() =>
            {
                let (model, sigma) = names::from_columns(row)?;
                (model, None, sigma)
            }
            None => return Err(format!("no model `{name}` in the catalogue")),
        }
    } else {
        let (model, sigma) = names::from_columns(row)?;
        (model, None, sigma)
    };
    let precision = precision(row.text("precision"))?;
    let base = Base { row, chip, model: &model, known, precision, guess_sigma };
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
    /// Id of the model where it is one of the catalogue.
    known: Option<String>,
    precision: Precision,
    guess_sigma: f64,
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
            traits: traits.clone(),
            moves_constants: true,
            guess_sigma: self.guess_sigma,
            form: form.clone(),
            factor: 1.0,
            is_rate: false,
            ideal_s: None,
        })
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
        traits.model.clone_from(&self.known);
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
        let domain =
            self.chip.scale_up.as_ref().map_or(8.0, |u| f64::from(u.domain_chips));
        let split = |prefix: &str| {
            let degree = |name: &str| of(&format!("{prefix}{name}")).unwrap_or(1.0);
            let groups = degree("data").max(degree("attention_data"));
            replica(
                degree("tensor"),
                degree("pipeline"),
                groups,
                degree("expert"),
                domain,
            )
        };
        let (chips, groups) = split(if apart { "decode_" } else { "" });
        let arrangement = if apart {
            let (each, _) = split("prefill_");
            Arrangement::Disaggregated {
                prefill_chips: each * of("prefill_workers").unwrap_or(1.0),
                decode_workers: of("decode_workers"),
            }
        } else {
            Arrangement::Aggregated
        };
        let load = Load {
            precision: self.precision,
            chips,
            groups,
            arrangement,
            concurrency,
            input_tokens,
            output_tokens,
        };
        let point = Point::new(self.chip, self.model, &load);
        let batch = point.batch(&Calibration::PRIOR);
        let sizes = [batch, point.chips, input_tokens, output_tokens];
        let work = Work::of(self.model);
        let mut traits =
            serve::traits(self.chip, self.known.as_deref(), &work, self.precision, sizes);
        traits.framework = framework;
        let unknown = apart && of("decode_workers").is_none();
        traits.mode = Some(
            match (apart, unknown) {
                (false, _) => "aggregated",
                (true, false) => "disaggregated",
                (true, true) => "disaggregated, workers unknown",
            }
            .to_owned(),
        );
        let expert = of(if apart { "decode_expert" } else { "expert" }).unwrap_or(1.0);
        traits.split = Some(format!("{}/{groups}/{expert}", point.chips));
        let all = of("chips").unwrap_or(point.all_chips());
        let moves_constants = !unknown && (apart || chips <= domain.min(8.0));
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
            serve::traits(self.chip, self.known.as_deref(), &work, self.precision, sizes);
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

/// Chips of a replica and the groups among them that take different sequences.
///
/// Records count the same chips in more than one way: the tensor degree with the expert
/// degree multiplied in (16 with 4 for a replica of 4), or the tensor degree once for
/// attention and once for experts. Expert parallelism needs no chips of its own.
fn replica(
    tensor: f64,
    pipeline: f64,
    groups: f64,
    expert: f64,
    domain: f64,
) -> (f64, f64) {
    let all = tensor * groups;
    let (chips, groups) = if groups > 1.0 && tensor > 1.0 && expert >= all {
        (tensor, groups.min(tensor))
    } else if expert > 1.0 && expert < all && (all > domain || all >= expert * expert) {
        (all / expert, (groups / expert).max(1.0))
    } else {
        (all, groups)
    };
    (chips * pipeline, groups)
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
