//! `rackcast hardware train|finetune|serve`: one case, and where its time goes.
//!
//! The same estimates a plan uses, from flags. Every figure is said with its interval;
//! `--explain` splits the time and gives the reasons for the width.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::json;

use crate::hardware::serve::Speculation;
use crate::hardware::{
    ApartEstimate, Estimate, Explain, FinetuneCase, Infeasible, JobCase, Memory, Method,
    Mode, PowerEstimate, Recompute, ServeCase, Sharding, TrainCase, TrainEstimate,
    finetune, goodput, power, serve, serve_apart, train,
};
use crate::profile::{Accelerator, Catalogue, Model, Precision};

use super::{Failure, hand_over, load, print};

/// Time an asynchronous checkpoint keeps a run from computing, s, and from an
/// interruption until it computes again, s: with these Llama 3 405B comes out at the 90 %
/// effective training time it reports (arXiv:2407.21783, §3.3.4).
const CHECKPOINT_STALL_S: f64 = 15.0;
const RESTART_S: f64 = 480.0;

#[derive(Debug, Args)]
pub(super) struct HardwareArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The time of a training step, its utilisation, memory and failure loss
    Train(TrainArguments),
    /// The same for fine-tuning, in full or through low-rank adapters (`LoRA`)
    Finetune(FinetuneArguments),
    /// Tokens per second, latency and memory of the best replica
    Serve(ServeArguments),
}

#[derive(Debug, Args)]
struct Common {
    /// The accelerator: id, name or alias
    #[arg(long, value_name = "NAME")]
    accelerator: String,
    /// The model: id, name or alias
    #[arg(long, value_name = "NAME")]
    model: String,
    /// Format of weights and products
    #[arg(long, value_enum, default_value = "bf16")]
    precision: Format,
    /// Split the time into its causes and give the reasons of the interval
    #[arg(long)]
    explain: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Folder of your own profiles; wins over the shipped ones, id by id
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Degrees {
    /// Training framework, as the record of measurements names it
    #[arg(long, value_name = "NAME")]
    framework: Option<String>,
    /// Chips of the job
    #[arg(long)]
    chips: u32,
    /// Tokens of a sequence
    #[arg(long, default_value_t = 4096.0)]
    sequence_tokens: f64,
    /// Sequences of a step over all chips
    #[arg(long)]
    global_batch_sequences: f64,
    /// Activations computed again; searched where left out
    #[arg(long, value_enum)]
    recompute: Option<Again>,
}

#[derive(Debug, Args)]
struct TrainArguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    job: Degrees,
    /// Tensor-parallel degree; searched where left out, as the following are
    #[arg(long)]
    tensor: Option<u32>,
    /// Pipeline stages
    #[arg(long)]
    pipeline: Option<u32>,
    /// Model chunks a pipeline stage holds
    #[arg(long)]
    interleave: Option<u32>,
    /// Chips a sequence is split over
    #[arg(long)]
    context: Option<u32>,
    /// Expert-parallel degree
    #[arg(long)]
    expert: Option<u32>,
    /// Sequences of a microbatch
    #[arg(long)]
    micro_batch: Option<u32>,
    /// What data-parallel replicas share out
    #[arg(long, value_enum)]
    sharding: Option<Shared>,
}

#[derive(Debug, Args)]
struct FinetuneArguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    job: Degrees,
    /// What learns
    #[arg(long, value_enum, default_value = "lora")]
    method: Learns,
    /// Share of the positions that hold tokens of examples: one where they are packed
    #[arg(long, default_value_t = 1.0)]
    filled_share: f64,
}

#[derive(Debug, Args)]
struct ServeArguments {
    #[command(flatten)]
    common: Common,
    /// Engine, as the record of measurements names it: vllm, sglang, trtllm
    #[arg(long, value_name = "NAME")]
    engine: Option<String>,
    /// Mean tokens of a prompt
    #[arg(long)]
    input_tokens: f64,
    /// Mean tokens of an answer
    #[arg(long)]
    output_tokens: f64,
    /// Share of the prompt found in a prefix cache
    #[arg(long, default_value_t = 0.0)]
    cached_input_share: f64,
    /// Longest acceptable mean time to first token, s
    #[arg(long)]
    ttft_target_s: Option<f64>,
    /// Longest acceptable time per output token, ms
    #[arg(long)]
    tpot_target_ms: Option<f64>,
    /// Nobody waits: the largest batch, no queue, targets ignored
    #[arg(long)]
    offline: bool,
    /// Share of the capacity in use when the queue is judged
    #[arg(long, default_value_t = 0.7)]
    load: f64,
    /// Tensor-parallel degree; searched where left out
    #[arg(long)]
    tensor: Option<u32>,
    /// Sequences in decode at once; searched where left out
    #[arg(long)]
    batch: Option<u32>,
    /// Tokens of a prompt computed a step beside the answers of others (chunked prefill);
    /// whole prompts where left out
    #[arg(long, conflicts_with = "disaggregated")]
    chunk_tokens: Option<u32>,
    /// Prompts and answers on chips of their own: how many workers of each is searched
    #[arg(long)]
    disaggregated: bool,
    /// Tokens drafted ahead and checked together (speculative decoding)
    #[arg(long, requires = "acceptance")]
    drafted_tokens: Option<u32>,
    /// Share of drafted tokens that are accepted
    #[arg(long, requires = "drafted_tokens")]
    acceptance: Option<f64>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Bf16,
    Fp8,
    Fp4,
    Int8,
    Int4,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Again {
    None,
    Selective,
    Full,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shared {
    None,
    Zero1,
    Zero3,
    Fsdp,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Learns {
    Full,
    Lora,
}

impl Format {
    fn precision(self) -> Precision {
        match self {
            Self::Bf16 => Precision::Bf16,
            Self::Fp8 => Precision::Fp8,
            Self::Fp4 => Precision::Fp4,
            Self::Int8 => Precision::Int8,
            Self::Int4 => Precision::Int4,
        }
    }
}

impl Again {
    fn recompute(self) -> Recompute {
        match self {
            Self::None => Recompute::None,
            Self::Selective => Recompute::Selective,
            Self::Full => Recompute::Full,
        }
    }
}

pub(super) fn hardware(arguments: &HardwareArguments) -> Result<(), Failure> {
    match &arguments.what {
        What::Train(a) => of_training(a),
        What::Finetune(a) => of_fine_tuning(a),
        What::Serve(a) => of_serving(a),
    }
}

impl Common {
    fn catalogue(&self) -> Result<Catalogue, Failure> {
        load::catalogue(self.profiles.as_deref())
    }

    fn named<'a>(
        &self,
        catalogue: &'a Catalogue,
    ) -> Result<(&'a Accelerator, &'a Model), Failure> {
        let wrong = |unknown: crate::profile::catalogue::Unknown| {
            Failure::Input(format!("{unknown}; `rackcast profiles` lists all"))
        };
        let chip = catalogue.accelerator(&self.accelerator).map_err(wrong)?;
        let model = catalogue.model(&self.model).map_err(wrong)?;
        Ok((chip, model))
    }
}

fn refused(no: &Infeasible) -> Failure {
    Failure::Input(format!("{}; {}", no.reason, no.next_step))
}

fn of_training(a: &TrainArguments) -> Result<(), Failure> {
    let catalogue = a.common.catalogue()?;
    let (chip, model) = a.common.named(&catalogue)?;
    let j = &a.job;
    let mut case = TrainCase::new(j.chips, j.sequence_tokens, j.global_batch_sequences);
    case.framework.clone_from(&j.framework);
    case.precision = a.common.precision.precision();
    case.recompute = j.recompute.map(Again::recompute);
    case.tensor = a.tensor;
    case.pipeline = a.pipeline;
    case.interleave = a.interleave;
    case.context = a.context;
    case.expert = a.expert;
    case.micro_batch = a.micro_batch;
    case.sharding = a.sharding.map(|s| match s {
        Shared::None => Sharding::None,
        Shared::Zero1 => Sharding::Optimizer,
        Shared::Zero3 | Shared::Fsdp => Sharding::Full,
    });
    let got = train(chip, model, &case).map_err(|no| refused(&no))?;
    job(&a.common, chip, model, j.chips, &got, None)
}

fn of_fine_tuning(a: &FinetuneArguments) -> Result<(), Failure> {
    let catalogue = a.common.catalogue()?;
    let (chip, model) = a.common.named(&catalogue)?;
    let method = match a.method {
        Learns::Full => Method::Full,
        Learns::Lora => Method::Lora,
    };
    let j = &a.job;
    let mut case =
        FinetuneCase::new(method, j.chips, j.sequence_tokens, j.global_batch_sequences);
    case.framework.clone_from(&j.framework);
    case.precision = a.common.precision.precision();
    case.filled_share = a.filled_share;
    case.recompute = j.recompute.map(Again::recompute);
    let got = finetune(chip, model, &case).map_err(|no| refused(&no))?;
    job(&a.common, chip, model, j.chips, &got.training, Some(&got.tokens_per_s_per_chip))
}

fn job(
    common: &Common,
    chip: &Accelerator,
    model: &Model,
    chips: u32,
    got: &TrainEstimate,
    tokens: Option<&Estimate>,
) -> Result<(), Failure> {
    let nodes = f64::from(chips) / f64::from(chip.node.chips_per_node.max(1));
    let failures = JobCase {
        nodes: nodes.ceil(),
        checkpoint_stall_s: CHECKPOINT_STALL_S,
        restart_s: RESTART_S,
        interval_s: None,
    };
    let kept = goodput(chip, &failures).map_err(|no| refused(&no))?;
    let draw = power(chip, 1.0).map_err(|no| refused(&no))?;
    let tokens = tokens.unwrap_or(&got.tokens_per_s_per_chip);
    let loss_s = got.explain.total_s() * (1.0 / kept.share.p50.max(1e-6) - 1.0);
    if common.json {
        return json(&json!({
            "accelerator": chip.id,
            "model": model.id,
            "precision": common.precision.precision().name(),
            "chips": chips,
            "estimate": got,
            "tokens_per_s_per_chip": tokens,
            "failures": kept,
            "failure_loss_s_per_step": loss_s,
            "power": draw,
        }));
    }
    let mut text = headline(chip, model, common, &load::counted(chips, "chip"));
    figure(&mut text, "time of a step", &got.step_s, "s");
    figure(&mut text, "tokens per second and chip", tokens, "");
    figure(&mut text, "model FLOP utilisation (MFU)", &got.mfu.scaled(100.0), "%");
    figure(&mut text, "draw at the wall per chip", &draw.load_w, "W");
    figure(&mut text, "kept under failures (goodput)", &kept.share.scaled(100.0), "%");
    let p = &got.plan;
    let _ = writeln!(
        text,
        "{:<32}tensor {}, pipeline {} × {}, context {}, data {}, expert {}, microbatch {}, \
         {} recomputed{}",
        "split",
        p.tensor,
        p.pipeline,
        p.interleave,
        p.context,
        p.data,
        p.expert,
        p.micro_batch,
        match p.recompute {
            Recompute::None => "nothing".to_owned(),
            Recompute::Selective => "attention".to_owned(),
            Recompute::Full if p.recomputed < 1.0 => {
                format!("{:.0} % of the layers", 100.0 * p.recomputed)
            }
            Recompute::Full => "everything".to_owned(),
        },
        if p.searched { " (searched)" } else { "" }
    );
    memory(&mut text, &got.memory);
    if common.explain {
        let lost = ("failure loss", loss_s);
        split(&mut text, "a step", &got.explain, Some(lost));
        reasons(&mut text, &got.step_s);
    }
    notes(&mut text, &[&got.notes, &kept.notes, &draw.notes]);
    print(&text)?;
    Ok(())
}

fn of_serving(a: &ServeArguments) -> Result<(), Failure> {
    let catalogue = a.common.catalogue()?;
    let (chip, model) = a.common.named(&catalogue)?;
    let precision = a.common.precision.precision();
    let mut case = ServeCase::new(a.input_tokens, a.output_tokens, precision);
    case.engine = a.engine.as_ref().map(|e| e.to_lowercase());
    case.cached_input_share = a.cached_input_share;
    case.ttft_target_s = a.ttft_target_s;
    case.tpot_target_ms = a.tpot_target_ms;
    case.mode = if a.offline { Mode::Batch } else { Mode::Interactive };
    case.load = a.load;
    case.tensor = a.tensor;
    case.batch = a.batch;
    case.chunk_tokens = a.chunk_tokens;
    case.speculation = a
        .drafted_tokens
        .zip(a.acceptance)
        .map(|(drafted_tokens, acceptance)| Speculation { drafted_tokens, acceptance });
    let draw = power(chip, 1.0).map_err(|no| refused(&no))?;
    if a.disaggregated {
        let got = serve_apart(chip, model, &case).map_err(|no| refused(&no))?;
        return apart(&a.common, chip, model, &got, &draw);
    }
    let got = serve(chip, model, &case).map_err(|no| refused(&no))?;
    // J per token: watts over tokens a second.
    let joules = draw.load_w.p50 / got.output_tokens_per_s_per_chip.p50;
    if a.common.json {
        return json(&json!({
            "accelerator": chip.id,
            "model": model.id,
            "precision": precision.name(),
            "estimate": got,
            "power": draw,
            "joules_per_output_token": joules,
        }));
    }
    let replica = format!("{} a replica", load::counted(got.chips_per_replica, "chip"));
    let mut text = headline(chip, model, &a.common, &replica);
    let rate = &got.output_tokens_per_s_per_chip;
    figure(&mut text, "output tokens per second, chip", rate, "");
    let requests = got.requests_per_s_per_chip.scaled(3600.0);
    figure(&mut text, "requests per hour and chip", &requests, "");
    figure(&mut text, "time to first token (TTFT)", &got.ttft_s, "s");
    figure(&mut text, "time per output token (TPOT)", &got.tpot_ms, "ms");
    figure(&mut text, "longest wait between tokens", &got.gap_ms, "ms");
    figure(&mut text, "draw at the wall per chip", &draw.load_w, "W");
    let _ = writeln!(text, "{:<32}{joules:.3} J", "energy per output token");
    let _ = writeln!(
        text,
        "{:<32}tensor {}, pipeline {}, {} sequences in decode",
        "replica", got.tensor, got.pipeline, got.batch
    );
    memory(&mut text, &got.memory);
    if a.common.explain {
        split(&mut text, "an output token", &got.explain, None);
        reasons(&mut text, &got.tpot_ms);
    }
    notes(&mut text, &[&got.notes, &draw.notes]);
    print(&text)?;
    Ok(())
}

fn apart(
    common: &Common,
    chip: &Accelerator,
    model: &Model,
    got: &ApartEstimate,
    draw: &PowerEstimate,
) -> Result<(), Failure> {
    let joules = draw.load_w.p50 / got.output_tokens_per_s_per_chip.p50;
    if common.json {
        return json(&json!({
            "accelerator": chip.id,
            "model": model.id,
            "precision": common.precision.precision().name(),
            "estimate": got,
            "power": draw,
            "joules_per_output_token": joules,
        }));
    }
    let (p, d) = (got.prefill, got.decode);
    let chips = p.count * p.chips + d.count * d.chips;
    let size = format!("{chips} chips, prompts and answers apart");
    let mut text = headline(chip, model, common, &size);
    let rate = &got.output_tokens_per_s_per_chip;
    figure(&mut text, "output tokens per second, chip", rate, "");
    figure(&mut text, "time to first token (TTFT)", &got.ttft_s, "s");
    figure(&mut text, "time per output token (TPOT)", &got.tpot_ms, "ms");
    figure(&mut text, "draw at the wall per chip", &draw.load_w, "W");
    let _ = writeln!(text, "{:<32}{joules:.3} J", "energy per output token");
    let _ = writeln!(
        text,
        "{:<32}{} for prompts of {} chips, {} for answers of {} chips, {} sequences each",
        "workers", p.count, p.chips, d.count, d.chips, got.batch
    );
    memory(&mut text, &got.memory);
    if common.explain {
        split(&mut text, "an output token", &got.explain, None);
        reasons(&mut text, &got.tpot_ms);
    }
    notes(&mut text, &[&got.notes, &draw.notes]);
    print(&text)?;
    Ok(())
}

fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| Failure::Report(e.to_string()))?;
    hand_over(&format!("{text}\n"))?;
    Ok(())
}

fn headline(chip: &Accelerator, model: &Model, common: &Common, size: &str) -> String {
    let format = common.precision.precision().name();
    format!("{} on {}, {size}, {format}\n\n", model.name, chip.name)
}

/// A figure with the interval that holds it in four cases of five.
fn figure(text: &mut String, name: &str, e: &Estimate, unit: &str) {
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "{name:<32}{}{unit}  ({} to {}{unit} in 4 cases of 5)",
        three(e.p50),
        three(e.p10),
        three(e.p90)
    );
}

/// Three significant digits.
fn three(x: f64) -> String {
    if !x.is_finite() || x == 0.0 {
        return format!("{x}");
    }
    let before = x.abs().log10().floor();
    let places = (2.0 - before).clamp(0.0, 9.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..9 above"
    )]
    let places = places as usize;
    format!("{x:.places$}")
}

fn memory(text: &mut String, memory: &Memory) {
    let _ = writeln!(text, "\nmemory per chip");
    for line in &memory.lines {
        let _ = writeln!(text, "  {:>8.2} GB  {}", line.gb, line.what);
    }
    let (used, usable) = (memory.used_gb(), memory.usable_gb);
    let _ = writeln!(text, "  {used:>8.2} GB  of {usable:.1} GB usable");
}

fn split(text: &mut String, of: &str, e: &Explain, lost: Option<(&str, f64)>) {
    let _ = writeln!(text, "\nwhere the time of {of} goes");
    let total = e.total_s();
    let parts = e.shares().map(|(name, share)| (name, share * total));
    for (name, seconds) in parts.into_iter().chain(lost) {
        let _ = writeln!(
            text,
            "  {name:<24}{:>12} ms {:>6.1} %",
            three(seconds * 1e3),
            100.0 * seconds / total
        );
    }
    if lost.is_some() {
        let _ = writeln!(text, "  failure loss comes on top of the step");
    }
}

fn reasons(text: &mut String, e: &Estimate) {
    let _ = writeln!(text, "\nwhy the interval is as wide as it is");
    for reason in &e.reasons {
        let _ = writeln!(text, "  {reason}");
    }
}

fn notes(text: &mut String, notes: &[&Vec<String>]) {
    let all: Vec<&String> = notes.iter().flat_map(|n| n.iter()).collect();
    if !all.is_empty() {
        let _ = writeln!(text, "\nassumed");
    }
    for note in all {
        let _ = writeln!(text, "  {note}");
    }
}
