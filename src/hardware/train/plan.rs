//! How a job is split over chips: tensor, pipeline, context, expert and data degrees.
//!
//! `chips = tensor × context × pipeline × data`, and what a search leaves idle; experts are spread over chips that
//! already exist (`expert` divides `data × context × tensor`). Groups are placed in that
//! order, the chattiest nearest. Read next: [`super::memory`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SequenceParallel, TrainCase};
use crate::hardware::work::Work;

/// Activations computed a second time to save memory.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Recompute {
    /// Nothing.
    #[default]
    None,
    /// The core of attention (Korthikanti 2022); free with flash attention.
    Selective,
    /// Every layer: only its input is kept.
    Full,
}

/// What data-parallel replicas share out instead of copying, each what the one before
/// does and more.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    Deserialize,
    Serialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Sharding {
    /// Nothing: gradients are all-reduced.
    None,
    /// Optimizer state (`ZeRO-1`).
    #[default]
    Optimizer,
    /// Weights, gradients and optimizer state (`ZeRO-3`, FSDP).
    Full,
}

/// The degrees of a job.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Plan {
    /// Chips that share each matrix product.
    pub tensor: u32,
    /// Pipeline stages.
    pub pipeline: u32,
    /// Model chunks per stage.
    pub interleave: u32,
    /// Chips that share a sequence.
    pub context: u32,
    /// Replicas.
    pub data: u32,
    /// Chips the experts of a layer are spread over.
    pub expert: u32,
    /// Sequences of a microbatch.
    pub micro_batch: u32,
    /// What replicas share out.
    pub sharding: Sharding,
    /// What is computed twice.
    pub recompute: Recompute,
    /// Share of the layers in which it is: a search recomputes no more of them than it
    /// must.
    pub recomputed: f64,
    /// Whether tensor parallelism splits the sequence too.
    pub sequence_parallel: SequenceParallel,
    /// True when any degree was searched rather than given.
    pub searched: bool,
}

impl Plan {
    /// Microbatches a replica runs in a step, rounded up as schedulers must.
    pub fn micro_batches(&self, global_batch_sequences: f64) -> f64 {
        let per_step = f64::from(self.data) * f64::from(self.micro_batch);
        (global_batch_sequences / per_step).ceil().max(1.0)
    }

    /// Chips that work.
    pub fn chips(&self) -> u32 {
        [self.pipeline, self.context, self.data]
            .into_iter()
            .fold(self.tensor, u32::saturating_mul)
    }

    /// The plan of the layers that are not computed again in full, where only some are.
    pub(super) fn kept(&self) -> Option<Self> {
        (self.recompute == Recompute::Full && self.recomputed < 1.0)
            .then_some(Self { recompute: Recompute::Selective, ..*self })
    }

    /// Layers of the fullest stage.
    pub(super) fn layers_per_stage(&self, work: &Work) -> f64 {
        (work.layers / f64::from(self.pipeline)).ceil()
    }

    /// Chips that hold the same layer's weights, over which `ZeRO` shards them.
    pub(super) fn replicas(&self) -> f64 {
        f64::from(self.data) * f64::from(self.context)
    }

    /// Chips that hold the same experts.
    pub(super) fn expert_replicas(&self) -> f64 {
        (self.replicas() * f64::from(self.tensor) / f64::from(self.expert)).max(1.0)
    }

    /// Parameters of the fullest stage on one chip: (not routed, routed).
    pub(super) fn local_params(&self, work: &Work) -> (f64, f64) {
        let share = self.layers_per_stage(work) / work.layers;
        let tables =
            if self.pipeline > 1 { work.logits } else { work.logits + work.lookup };
        (
            (work.dense * share + tables) / f64::from(self.tensor),
            work.routed * share / f64::from(self.expert),
        )
    }
}

/// Values a degree may take: the given one, or powers of two up to a limit.
fn choices(given: Option<u32>, limit: u32) -> Vec<u32> {
    match given {
        Some(n) => vec![n],
        None => (0..=12).map(|n| 1_u32 << n).take_while(|n| *n <= limit.max(1)).collect(),
    }
}

/// Largest degrees the search tries; beyond them published jobs do not go.
const LARGEST_TENSOR: u32 = 16;
const LARGEST_CONTEXT: u32 = 16;
const LARGEST_PIPELINE: u32 = 64;
const LARGEST_EXPERT: u32 = 64;
const LARGEST_MICRO_BATCH: u32 = 16;

/// Stages a pipeline may have: the given number, or powers of two and what divides the
/// chips or the layers, so that few chips stand idle and no stage is fuller than another.
fn pipelines(work: &Work, case: &TrainCase) -> Vec<u32> {
    let limit = case.chips.min(LARGEST_PIPELINE);
    let mut stages = choices(case.pipeline, limit);
    if case.pipeline.is_none() {
        stages.extend((1..=limit).filter(|n| {
            let shares_layers = (work.layers / f64::from(*n)).fract() == 0.0;
            case.chips.is_multiple_of(*n) || shares_layers
        }));
        stages.sort_unstable();
        stages.dedup();
    }
    stages
}

/// Every plan that fits the case, in a fixed order: degrees that are given divide the
/// chips; what searched ones leave of them stands idle.
pub(super) fn plans(work: &Work, domain: u32, case: &TrainCase) -> Vec<Plan> {
    let mut plans = Vec::new();
    let chips = u64::from(case.chips);
    let given = [case.tensor, case.pipeline, case.context].into_iter().flatten();
    let given = given.map(u64::from).fold(1, u64::saturating_mul);
    if given == 0 || !chips.is_multiple_of(given) {
        return plans;
    }
    for tensor in choices(case.tensor, domain.min(case.chips).min(LARGEST_TENSOR)) {
        if case.tensor.is_none() && !work.heads.is_multiple_of(tensor) {
            continue;
        }
        for pipeline in pipelines(work, case) {
            for context in contexts(case) {
                let replica = u64::from(tensor)
                    .saturating_mul(u64::from(pipeline))
                    .saturating_mul(u64::from(context));
                if replica > chips || f64::from(pipeline) > work.layers {
                    continue;
                }
                let data = u32::try_from(chips / replica).unwrap_or(1);
                let degrees = Degrees { tensor, pipeline, context, data };
                extend(&mut plans, work, case, &degrees);
            }
        }
    }
    plans
}

struct Degrees {
    tensor: u32,
    pipeline: u32,
    context: u32,
    data: u32,
}

/// Adds what can vary once the chips are divided.
fn extend(plans: &mut Vec<Plan>, work: &Work, case: &TrainCase, d: &Degrees) {
    let searched =
        case.tensor.is_none() || case.pipeline.is_none() || case.micro_batch.is_none();
    let shardings = match case.sharding {
        Some(sharding) => vec![sharding],
        // Gathering weights for every microbatch of a pipeline is never worth it.
        None if d.pipeline > 1 => vec![Sharding::Optimizer],
        None => vec![Sharding::Optimizer, Sharding::Full],
    };
    let recomputes = match case.recompute {
        Some(recompute) => vec![recompute],
        None => vec![Recompute::Selective, Recompute::Full],
    };
    let micro_batches: Vec<u32> = choices(case.micro_batch, LARGEST_MICRO_BATCH)
        .into_iter()
        .filter(|b| {
            let least = f64::from(d.data) * f64::from(*b);
            case.micro_batch.is_some() || *b == 1 || least <= case.global_batch_sequences
        })
        .collect();
    let experts = experts(work, case, d);
    let blank = Plan {
        tensor: d.tensor,
        pipeline: d.pipeline,
        interleave: 1,
        context: d.context,
        data: d.data,
        expert: 1,
        micro_batch: 1,
        sharding: Sharding::Optimizer,
        recompute: Recompute::None,
        recomputed: 1.0,
        sequence_parallel: case.sequence_parallel,
        searched,
    };
    for interleave in interleaves(work, case, d.pipeline) {
        for &expert in &experts {
            for &micro_batch in &micro_batches {
                for &sharding in &shardings {
                    plans.extend(recomputes.iter().map(|&recompute| Plan {
                        interleave,
                        expert,
                        micro_batch,
                        sharding,
                        recompute,
                        ..blank
                    }));
                }
            }
        }
    }
}

/// A sequence is split over chips when asked for, or where there are more chips than
/// sequences to give them.
fn contexts(case: &TrainCase) -> Vec<u32> {
    if case.context.is_none() && f64::from(case.chips) <= case.global_batch_sequences {
        return vec![1];
    }
    choices(case.context, LARGEST_CONTEXT.min(case.chips))
}

fn interleaves(work: &Work, case: &TrainCase, pipeline: u32) -> Vec<u32> {
    match case.interleave {
        Some(v) => vec![v],
        None if pipeline == 1 => vec![1],
        None => [1, 2, 4]
            .into_iter()
            .filter(|v| f64::from(pipeline) * f64::from(*v) <= work.layers)
            .collect(),
    }
}

fn experts(work: &Work, case: &TrainCase, d: &Degrees) -> Vec<u32> {
    if !work.is_sparse() {
        return vec![1];
    }
    let chips = u64::from(d.data)
        .saturating_mul(u64::from(d.context))
        .saturating_mul(u64::from(d.tensor));
    let limit = u32::try_from(chips).unwrap_or(u32::MAX).min(LARGEST_EXPERT);
    let mut experts = choices(case.expert, limit);
    if work.experts >= 1.0 && case.expert.is_none() {
        experts.retain(|n| {
            f64::from(*n) <= work.experts && chips.is_multiple_of(u64::from(*n))
        });
    }
    experts
}
