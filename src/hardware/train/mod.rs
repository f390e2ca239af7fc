//! Training: the time of a step, and what share of the peak it turns into model FLOPs.
//!
//! A step is layers of matrix products, attention and element-wise traffic, tensor and
//! expert collectives between them, a pipeline that fills and drains, and gradients
//! that must meet. Where a plan names no parallelism, the feasible one with the most
//! tokens a second is searched. Read next: `step` for the time, [`memory`] for what
//! fits, [`plan`] for the degrees.

mod anchor;
pub mod memory;
pub mod plan;
pub mod prepared;
mod search;
mod step;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::correction::{Traits, generation};
use super::estimate::{Estimate, Spread};
use super::explain::Explain;
use super::infeasible::{Infeasible, positive};
use super::machine::Machine;
use super::memory::Memory;
use super::work::{AttentionWork, Work};
use crate::profile::Precision;
use crate::profile::{Accelerator, Model};
pub use plan::{Plan, Recompute, Sharding};
pub use prepared::Prepared;

/// How attention is computed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AttentionKernel {
    /// Flash attention: the score matrix never reaches memory.
    #[default]
    Flash,
    /// The score matrix is written and read, as before 2022.
    Unfused,
}

/// What is trained, on how many chips, and how it is split where that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainCase {
    /// Chips of the job.
    pub chips: u32,
    /// Tokens of a sequence.
    pub sequence_tokens: f64,
    /// Sequences of a step over all chips.
    pub global_batch_sequences: f64,
    /// Training framework, as records of measurements name it; widens where left out.
    pub framework: Option<String>,
    /// Format of the matrix products; weights are kept in 16 and 32 bits.
    pub precision: Precision,
    /// Which part of the attention matrix is computed and counted.
    pub attention: AttentionWork,
    /// How attention is computed.
    pub kernel: AttentionKernel,
    /// Activations computed again in the backward pass; searched where left out.
    pub recompute: Option<Recompute>,
    /// Tensor-parallel degree; searched where left out.
    pub tensor: Option<u32>,
    /// Pipeline stages; searched where left out.
    pub pipeline: Option<u32>,
    /// Model chunks a pipeline stage holds; searched where left out.
    pub interleave: Option<u32>,
    /// Chips a sequence is split over (context parallelism); one where left out.
    pub context: Option<u32>,
    /// Expert-parallel degree; searched where left out.
    pub expert: Option<u32>,
    /// Sequences of a microbatch; searched where left out.
    pub micro_batch: Option<u32>,
    /// What data-parallel replicas share out; searched where left out.
    pub sharding: Option<Sharding>,
    /// Whether tensor parallelism splits the sequence between its regions as well.
    pub sequence_parallel: SequenceParallel,
}

/// Whether what tensor parallelism leaves whole is split along the sequence.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SequenceParallel {
    /// Split (Korthikanti 2022), the practice since.
    #[default]
    Split,
    /// Copied on every chip of the group.
    Copied,
}

impl TrainCase {
    /// A bf16 case with flash attention and causal counting; everything else searched.
    pub fn new(chips: u32, sequence_tokens: f64, global_batch_sequences: f64) -> Self {
        Self {
            chips,
            sequence_tokens,
            global_batch_sequences,
            framework: None,
            precision: Precision::Bf16,
            attention: AttentionWork::Causal,
            kernel: AttentionKernel::Flash,
            recompute: None,
            tensor: None,
            pipeline: None,
            interleave: None,
            context: None,
            expert: None,
            micro_batch: None,
            sharding: None,
            sequence_parallel: SequenceParallel::Split,
        }
    }

    pub(super) fn check(&self) -> Result<(), Infeasible> {
        positive("chips", f64::from(self.chips))?;
        positive("sequence_tokens", self.sequence_tokens)?;
        positive("global_batch_sequences", self.global_batch_sequences)?;
        for (name, degree) in [
            ("tensor", self.tensor),
            ("pipeline", self.pipeline),
            ("interleave", self.interleave),
            ("context", self.context),
            ("expert", self.expert),
            ("micro_batch", self.micro_batch),
        ] {
            if degree == Some(0) {
                positive(name, 0.0)?;
            }
        }
        Ok(())
    }
}

/// What is learned: decides which passes run and what must be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Every weight: gradients and optimizer state for all of them.
    Every,
    /// Adapters beside frozen weights.
    Adapters,
}

/// What a training job delivers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrainEstimate {
    /// Time of a step, s.
    pub step_s: Estimate,
    /// Model FLOP utilisation: model FLOPs over the peak of the format computed in.
    pub mfu: Estimate,
    /// Tokens/s per chip.
    pub tokens_per_s_per_chip: Estimate,
    /// Model FLOP/s per chip (nothing recomputed counted).
    pub flop_per_s_per_chip: Estimate,
    /// Model FLOPs of a token under the case's attention convention.
    pub flop_per_token: f64,
    /// How the job is split.
    pub plan: Plan,
    /// What a chip holds.
    pub memory: Memory,
    /// Where the step's time goes.
    pub explain: Explain,
    /// Fall-backs and assumptions.
    pub notes: Vec<String>,
}

/// The time and utilisation of a training step, or why the job cannot run.
///
/// ```text
/// step = m · stage · (1 + (p−1)/(v m)) + exposed gradients + optimizer
/// MFU  = tokens · (6 P + attention) / (chips · peak · step)
/// ```
/// **Units** as named in [`TrainEstimate`]. **Errors** [`Infeasible`] with the memory
/// arithmetic of the nearest plan.
/// **Source** Narayanan et al. (2021) for the pipeline, Korthikanti et al. (2022) for
/// activations, Rajbhandari et al. (2020) for sharding.
/// **Checked by** the tests of this room; the record of measured errors in
/// [`crate::hardware`].
pub fn train(
    chip: &Accelerator,
    model: &Model,
    case: &TrainCase,
) -> Result<TrainEstimate, Infeasible> {
    train_with(Calibration::published(), chip, model, case)
}

/// [`train`] under a calibration of one's own.
pub fn train_with(
    calibration: &Calibration,
    chip: &Accelerator,
    model: &Model,
    case: &TrainCase,
) -> Result<TrainEstimate, Infeasible> {
    run(calibration, chip, model, case, Task::Every)
}

pub(super) fn run(
    c: &Calibration,
    chip: &Accelerator,
    model: &Model,
    case: &TrainCase,
    task: Task,
) -> Result<TrainEstimate, Infeasible> {
    case.check()?;
    let work = Work::of(model);
    if let Some(expert) = case.expert
        && work.experts >= 1.0
        && f64::from(expert) > work.experts
    {
        return Err(Infeasible::new(
            format!(
                "an expert-parallel degree of {expert} exceeds the {} experts of {}",
                work.experts, work.name
            ),
            "give a degree that divides the experts, or leave it out",
        ));
    }
    let machine = Machine::of(chip, case.precision);
    let found = search::best(c, &machine, &work, case, task)?;
    let traits = traits(chip, model, &work, case, &found.plan, task);
    let anchor = anchor::of(c, chip, &work, machine.computed_in, &traits);

    let flop_per_token = match task {
        Task::Every => work.training_flops(case.sequence_tokens, case.attention),
        Task::Adapters => {
            2.0 * work.matmul_flops()
                + 3.0 * work.attention_flops(case.sequence_tokens, case.attention)
        }
    };
    let chips = f64::from(case.chips);
    let tokens = case.global_batch_sequences * case.sequence_tokens;
    let ideal_s = tokens * flop_per_token / (chips * machine.peak);
    // No machine exceeds its peak, whatever a profile's measurement says.
    let slower = (1.0 / anchor.factor).max(ideal_s / found.step.total_s());
    let explain = found.step.scaled(slower);
    let step_s = explain.total_s();

    let mut spread = spread(c, &work, case, &found.plan, &anchor);
    let [(_, compute), (_, memory), (_, wires), ..] = explain.shares();
    spread.join(&machine.doubt(compute, memory, wires));
    let mfu = Estimate::around(ideal_s / step_s, &spread).capped(1.0);
    let mut notes = machine.notes.clone();
    notes.extend(anchor.note);
    let idle = case.chips.saturating_sub(found.plan.chips());
    if idle > 0 {
        notes.push(format!(
            "{idle} of {} chips stand idle: no split found that uses them is faster",
            case.chips
        ));
    }
    if case.sequence_tokens > work.max_context.unwrap_or(f64::INFINITY) {
        notes.push(format!(
            "sequences of {} tokens exceed the published context of {}",
            case.sequence_tokens, work.name
        ));
    }
    Ok(TrainEstimate {
        step_s: Estimate::around(step_s, &spread),
        tokens_per_s_per_chip: mfu.scaled(machine.peak / flop_per_token),
        flop_per_s_per_chip: mfu.scaled(machine.peak),
        mfu,
        flop_per_token,
        plan: found.plan,
        memory: found.memory,
        explain,
        notes,
    })
}

/// The traits by which measurements of training are kept.
pub(crate) fn traits(
    chip: &Accelerator,
    model: &Model,
    work: &Work,
    case: &TrainCase,
    plan: &Plan,
    task: Task,
) -> Traits {
    let log2 = |x: f64| x.max(1e-3).log2();
    let kind = match (task, work.is_sparse()) {
        (Task::Every, false) => "train",
        (Task::Every, true) => "train a mixture",
        (Task::Adapters, _) => "train adapters",
    };
    let together = case.sequence_tokens * f64::from(plan.micro_batch);
    Traits {
        device: Some(chip.id.clone()),
        generation: Some(generation(chip)),
        framework: case.framework.clone(),
        model: Some(model.id.clone()),
        // What a format the chip lacks is computed in decides its speed.
        precision: Some(case.precision.peak_on(chip).computed_in.name().to_owned()),
        mode: Some(kind.to_owned()),
        shape: Some(super::serve::shape(work).to_owned()),
        split: Some(if plan.searched { "searched" } else { "given" }.to_owned()),
        sizes: [
            (log2(work.active / 1e9) - 3.0) / 3.0,
            (log2(f64::from(case.chips)) - 6.0) / 3.0,
            (log2(case.sequence_tokens) - 12.0) / 1.5,
            (log2(together) - 13.0) / 2.0,
        ],
        years: 0.0,
    }
}

/// Most chips among the training measurements the spread is from.
const MEASURED_CHIPS: f64 = 4096.0;

fn spread(
    c: &Calibration,
    work: &Work,
    case: &TrainCase,
    plan: &Plan,
    anchor: &anchor::Anchor,
) -> Spread {
    let mut spread = anchor.spread.clone();
    let chips = f64::from(case.chips);
    if chips > MEASURED_CHIPS {
        spread.widen(
            0.05 * (chips / MEASURED_CHIPS).log2(),
            format!("jobs above {MEASURED_CHIPS} chips were not measured"),
        );
    }
    if plan.searched {
        spread.widen(
            c.search_sigma,
            "the split over chips is searched: who runs it may choose another",
        );
    }
    for (sigma, why) in &work.assumptions {
        spread.widen(*sigma, why.clone());
    }
    spread
}

#[cfg(test)]
mod tests;
