//! Serving: output tokens a second a chip delivers, and the latency it does so at.
//!
//! Memory comes first: a batch that does not fit is not served, and skipping that check
//! is the largest error tools of this kind have made. Then the tensor-parallel degree
//! and the batch with the most tokens a second per chip that meet the targets. Prefill
//! and decode share the chips (continuous batching). Read next: `step` for the time
//! of a step, `memory` for what fits, `queue` for the wait.

mod apart;
mod memory;
pub mod point;
mod queue;
mod search;
mod step;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::correction::{Fitted, Quantity, Shift, Traits, generation};
use super::estimate::{Estimate, Spread};
use super::explain::Explain;
use super::infeasible::{Infeasible, positive, share};
use super::machine::Machine;
use super::memory::Memory;
use super::work::Work;
use crate::profile::Precision;
use crate::profile::{Accelerator, Model};
pub use apart::{ApartEstimate, Workers, serve_apart};

/// Whether somebody waits for the answer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A person waits: targets hold, requests queue at the stated load.
    #[default]
    Interactive,
    /// Nobody waits: the largest batch, no queue, targets ignored.
    Batch,
}

/// Tokens drafted ahead and checked together.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Speculation {
    /// Tokens drafted a step.
    pub drafted_tokens: u32,
    /// Share of drafted tokens that are accepted, each given those before it.
    pub acceptance: f64,
}

impl Speculation {
    /// Tokens a step yields.
    ///
    /// ```text
    /// (1 − a^(k+1)) / (1 − a)
    /// ```
    /// for `k` drafted tokens accepted with probability `a` each.
    ///
    /// **Source** Leviathan, Kalman and Matias (2023), Fast Inference from Transformers
    /// via Speculative Decoding, equation 1.
    /// **Checked by** `speculation_yields_what_leviathan_2023_gives`.
    pub fn tokens_a_step(&self) -> f64 {
        let k = f64::from(self.drafted_tokens);
        if self.acceptance >= 1.0 {
            return k + 1.0;
        }
        (1.0 - self.acceptance.powf(k + 1.0)) / (1.0 - self.acceptance)
    }
}

/// What is served, and how fast it must be.
#[derive(Debug, Clone, PartialEq)]
pub struct ServeCase {
    /// Mean tokens of a prompt.
    pub input_tokens: f64,
    /// Mean tokens of an answer.
    pub output_tokens: f64,
    /// Format of weights and products.
    pub precision: Precision,
    /// Format of the KV cache.
    pub kv_precision: Precision,
    /// Engine, as records of measurements name it; widens where left out.
    pub engine: Option<String>,
    /// Speculative decoding, where it is used.
    pub speculation: Option<Speculation>,
    /// Share of the prompt found in a prefix cache.
    pub cached_input_share: f64,
    /// Longest acceptable mean time to first token, s.
    pub ttft_target_s: Option<f64>,
    /// Longest acceptable time per output token, ms.
    pub tpot_target_ms: Option<f64>,
    /// Whether somebody waits.
    pub mode: Mode,
    /// Share of the capacity in use when the queue is judged.
    pub load: f64,
    /// Tensor-parallel degree, where it is given rather than searched.
    pub tensor: Option<u32>,
    /// Sequences in decode at once in a replica, where given.
    pub batch: Option<u32>,
    /// Tokens of a prompt that a step computes beside the answers of others (chunked
    /// prefill); whole prompts where left out.
    pub chunk_tokens: Option<u32>,
}

impl ServeCase {
    /// A case with a bf16 KV cache, no prefix cache, no targets, judged at 70 % load.
    pub fn new(input_tokens: f64, output_tokens: f64, precision: Precision) -> Self {
        Self {
            input_tokens,
            output_tokens,
            precision,
            kv_precision: Precision::Bf16,
            engine: None,
            speculation: None,
            cached_input_share: 0.0,
            ttft_target_s: None,
            tpot_target_ms: None,
            mode: Mode::Interactive,
            load: 0.7,
            tensor: None,
            batch: None,
            chunk_tokens: None,
        }
    }

    /// Prompt tokens that must be computed.
    fn computed_input(&self) -> f64 {
        self.input_tokens * (1.0 - self.cached_input_share)
    }

    /// Context of a sequence half way through its answer, tokens.
    fn mean_context(&self) -> f64 {
        self.input_tokens + self.output_tokens / 2.0
    }

    /// Context of a sequence at its end, tokens.
    fn last_context(&self) -> f64 {
        self.input_tokens + self.output_tokens
    }

    fn check(&self, work: &Work) -> Result<(), Infeasible> {
        positive("input_tokens", self.input_tokens)?;
        positive("output_tokens", self.output_tokens)?;
        share("cached_input_share", self.cached_input_share)?;
        share("load", self.load)?;
        if self.mode == Mode::Interactive && self.load >= 1.0 {
            return Err(Infeasible::new(
                "load must be below 1: at 1 those who wait grow without end".to_owned(),
                "judge at 0.7, the default, or another share of what the chips can do",
            ));
        }
        if let Some(batch) = self.batch {
            positive("batch", f64::from(batch))?;
        }
        if let Some(s) = &self.speculation {
            share("acceptance", s.acceptance)?;
        }
        if let Some(chunk) = self.chunk_tokens {
            positive("chunk_tokens", f64::from(chunk))?;
        }
        for (name, target) in [
            ("ttft_target_s", self.ttft_target_s),
            ("tpot_target_ms", self.tpot_target_ms),
        ] {
            if let Some(x) = target {
                positive(name, x)?;
            }
        }
        match work.max_context {
            Some(limit) if self.last_context() > limit => Err(Infeasible::new(
                format!(
                    "{} tokens of prompt and {} of answer exceed the context of {}, \
                     {limit} tokens",
                    self.input_tokens, self.output_tokens, work.name
                ),
                "shorten them or choose a model with a longer context",
            )),
            _ => Ok(()),
        }
    }
}

/// What a replica delivers, per chip.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServeEstimate {
    /// Output tokens/s per chip when the replica is full.
    pub output_tokens_per_s_per_chip: Estimate,
    /// Requests/s per chip when the replica is full.
    pub requests_per_s_per_chip: Estimate,
    /// Mean time to first token at the stated load, queueing included, s.
    pub ttft_s: Estimate,
    /// Mean time per output token of a full replica, prefill of others included, ms.
    pub tpot_ms: Estimate,
    /// Longest time between two tokens of an answer, while a prompt of another, or a chunk
    /// of it, is computed, ms.
    pub gap_ms: Estimate,
    /// Chips of a replica: tensor × pipeline degree.
    pub chips_per_replica: u32,
    /// Tensor-parallel degree.
    pub tensor: u32,
    /// Pipeline stages (more than one only where a domain cannot hold the model).
    pub pipeline: u32,
    /// Sequences in decode at once in a replica.
    pub batch: u32,
    /// What a chip holds.
    pub memory: Memory,
    /// Where the time of an output token goes, prefill of others included.
    pub explain: Explain,
    /// Fall-backs and assumptions.
    pub notes: Vec<String>,
}

/// The best replica of `chip` for `model` under the case, or why there is none.
///
/// ```text
/// T(B)    = Σ max(flops/peak, bytes/bandwidth) + collectives + floors
/// T_eff   = T(B) + (isl/osl) · B · t_prefill_token
/// tokens/s per replica = B / T_eff
/// ```
/// **Units** as named in [`ServeEstimate`]. **Errors** [`Infeasible`] with the memory
/// arithmetic when no replica holds the model and one sequence, or with the best
/// reachable latency when none meets the targets.
/// **Source** `AIConfigurator` and `LLMCompass` for the operator times; Little's law.
/// **Checked by** the tests of this room; the record of measured errors in
/// [`crate::hardware`].
pub fn serve(
    chip: &Accelerator,
    model: &Model,
    case: &ServeCase,
) -> Result<ServeEstimate, Infeasible> {
    serve_with(&Calibration::for_serving(chip), chip, model, case)
}

/// [`serve`] under a calibration of one's own.
pub fn serve_with(
    calibration: &Calibration,
    chip: &Accelerator,
    model: &Model,
    case: &ServeCase,
) -> Result<ServeEstimate, Infeasible> {
    let work = Work::of(model);
    case.check(&work)?;
    let machine = Machine::of(chip, case.precision);
    let best = search::best(calibration, &machine, &work, case)?;
    Ok(describe(calibration, chip, model, &machine, &work, case, &best))
}

/// Output tokens/s per chip of the best replica of at most `chips`, run flat out, by the
/// closed form alone.
pub(crate) fn flat_out(
    c: &Calibration,
    chip: &Accelerator,
    model: &Model,
    case: &ServeCase,
    chips: u32,
) -> Result<f64, Infeasible> {
    let work = Work::of(model);
    case.check(&work)?;
    let mut machine = Machine::of(chip, case.precision);
    machine.domain = machine.domain.min(chips.max(1));
    let case = ServeCase { mode: Mode::Batch, ..case.clone() };
    Ok(search::best(c, &machine, &work, &case)?.rate_per_chip)
}

fn describe(
    c: &Calibration,
    chip: &Accelerator,
    model: &Model,
    machine: &Machine,
    work: &Work,
    case: &ServeCase,
    best: &search::Candidate,
) -> ServeEstimate {
    let (shift, spread) =
        describe_spread(chip, model, machine, work, case, best, "aggregated");
    // The measured error of the closed form moves every part of the time alike.
    let slower = shift.log.exp();
    let step = best.step.scaled(slower);
    let rate = Estimate::around(best.rate_per_chip / slower, &spread);
    let mut first = spread.clone();
    first.widen(c.queue_sigma, "time to first token depends on how arrivals bunch");
    let mut notes = machine.notes.clone();
    if best.pipeline > 1 {
        notes.push(format!(
            "{} does not fit one domain of {} chips: {} pipeline stages over the network",
            work.name, machine.domain, best.pipeline
        ));
    }
    if case.batch.is_some_and(|asked| asked > best.batch) {
        notes.push(format!(
            "prompts in chunks of {} tokens keep {} requests under way: a larger batch waits",
            case.chunk_tokens.unwrap_or(0),
            best.batch
        ));
    }
    if case.mode == Mode::Interactive
        && case.ttft_target_s.is_none()
        && case.tpot_target_ms.is_none()
    {
        notes.push("no latency target: the batch is the largest that fits".to_owned());
    }
    if case.precision.bytes_per_weight() < 1.0 && work.is_sparse() {
        notes.push("routed experts in 4 bits, all other layers counted at 8".to_owned());
    }
    ServeEstimate {
        requests_per_s_per_chip: rate.scaled(1.0 / case.output_tokens),
        output_tokens_per_s_per_chip: rate,
        ttft_s: Estimate::around(best.ttft_s * slower, &first),
        tpot_ms: Estimate::around(step.total_s() * 1e3, &spread),
        gap_ms: Estimate::around(best.gap_s * slower * 1e3, &spread),
        chips_per_replica: best.tensor.saturating_mul(best.pipeline),
        tensor: best.tensor,
        pipeline: best.pipeline,
        batch: best.batch,
        memory: best.memory.clone(),
        explain: step,
        notes,
    }
}

/// Longest context and largest batch among the serving measurements the spread is from.
const MEASURED_CONTEXT_TOKENS: f64 = 16_384.0;
const MEASURED_BATCH_PER_CHIP: f64 = 512.0;

/// The traits by which measurements of serving are kept.
pub(crate) fn traits(
    chip: &Accelerator,
    model: Option<&str>,
    work: &Work,
    precision: Precision,
    sizes: [f64; 4],
) -> Traits {
    Traits {
        device: Some(chip.id.clone()),
        generation: Some(generation(chip)),
        model: model.map(str::to_owned),
        precision: Some(precision.name().to_owned()),
        shape: Some(shape(work).to_owned()),
        sizes: middling(sizes),
        ..Traits::default()
    }
}

/// Dense, mixture, or mixture with a cached latent.
pub(crate) fn shape(work: &Work) -> &'static str {
    match (work.is_sparse(), work.latent) {
        (false, _) => "dense",
        (true, false) => "mixture",
        (true, true) => "latent mixture",
    }
}

/// Batch, chips, prompt and answer as powers of two over a middling case, in thirds and
/// halves so that a slope is of the size of an offset.
fn middling([batch, chips, input, output]: [f64; 4]) -> [f64; 4] {
    let log2 = |x: f64| x.max(1.0).log2();
    [
        (log2(batch) - 5.0) / 3.0,
        (log2(chips) - 2.0) / 1.5,
        (log2(input) - 11.0) / 1.5,
        (log2(output) - 10.0) / 1.5,
    ]
}

/// What measurements of services of this mode say of a replica, and how surely.
fn describe_spread(
    chip: &Accelerator,
    model: &Model,
    machine: &Machine,
    work: &Work,
    case: &ServeCase,
    best: &search::Candidate,
    mode: &str,
) -> (Shift, Spread) {
    let shift = shift(chip, model, work, case, best, mode);
    let spread = spread(&shift, chip, machine, work, case, best);
    (shift, spread)
}

fn shift(
    chip: &Accelerator,
    model: &Model,
    work: &Work,
    case: &ServeCase,
    best: &search::Candidate,
    mode: &str,
) -> Shift {
    let sizes = [
        f64::from(best.batch),
        f64::from(best.tensor),
        case.input_tokens,
        case.output_tokens,
    ];
    let mut traits = traits(chip, Some(&model.id), work, case.precision, sizes);
    traits.mode = Some(mode.to_owned());
    traits.framework.clone_from(&case.engine);
    Fitted::shipped().shift(Quantity::OutputToken, &traits)
}

fn spread(
    shift: &Shift,
    chip: &Accelerator,
    machine: &Machine,
    work: &Work,
    case: &ServeCase,
    best: &search::Candidate,
) -> Spread {
    let mut spread = shift.spread();
    if case.last_context() > MEASURED_CONTEXT_TOKENS {
        spread.widen(
            0.1 * (case.last_context() / MEASURED_CONTEXT_TOKENS).log2(),
            format!("contexts above {MEASURED_CONTEXT_TOKENS} tokens were not measured"),
        );
    }
    let per_chip =
        f64::from(best.batch) / (f64::from(best.tensor) * f64::from(best.pipeline));
    if per_chip > MEASURED_BATCH_PER_CHIP {
        spread.widen(
            0.1 * (per_chip / MEASURED_BATCH_PER_CHIP).log2(),
            format!("batches above {MEASURED_BATCH_PER_CHIP} a chip were not measured"),
        );
    }
    if case.speculation.is_some() {
        spread.widen(0.15, "speculative decoding was not measured apart");
    }
    if best.pipeline > 1 {
        spread.widen(0.15, "pipelined serving over the network was not measured");
    }
    for (sigma, why) in &work.assumptions {
        spread.widen(*sigma, why.clone());
    }
    if let Some(floor) =
        chip.efficiency.as_ref().and_then(|e| e.decode_floor_us_per_layer)
    {
        let share = best.step.floor_s / best.step.total_s().max(f64::MIN_POSITIVE);
        spread.widen_by("the floor of a decode layer", floor, share);
    }
    let [(_, compute), (_, memory), (_, wires), ..] = best.step.shares();
    spread.join(&machine.doubt(compute, memory, wires));
    spread
}

#[cfg(test)]
mod tests;
