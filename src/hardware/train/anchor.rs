//! A profile's measured utilisation as the anchor of the closed form.
//!
//! The closed form says how time changes from case to case; where a profile has measured
//! model FLOP utilisation, that says how well this chip's software does at a typical one.
//! The ratio of the two at a reference case scales every estimate of the chip. Read next:
//! [`super::step`].

use super::plan::{Plan, Recompute, Sharding};
use super::step::Job;
use super::{SequenceParallel, Task, TrainCase};
use crate::hardware::calibration::Calibration;
use crate::hardware::correction::{Fitted, Quantity, Traits};
use crate::hardware::estimate::Spread;
use crate::hardware::machine::{Machine, measured};
use crate::hardware::work::Work;
use crate::profile::Accelerator;
use crate::profile::Precision;
use crate::profile::model::{Architecture, Experts, Model};

/// How a measurement moves the estimates of a chip.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Anchor {
    /// Measured over closed-form utilisation at the reference case; one without one.
    pub(super) factor: f64,
    pub(super) spread: Spread,
    pub(super) note: Option<String>,
}

/// What measurements say of a case: the fit behind this program, the utilisation that
/// the profile has measured, or both, each weighted by how sure it is.
///
/// Dense training in fp8 is anchored at what was measured in fp8, where anything was:
/// what runs narrower than bf16 differs by recipe and by chip.
pub(super) fn of(
    c: &Calibration,
    chip: &Accelerator,
    work: &Work,
    computed_in: Precision,
    traits: &Traits,
) -> Anchor {
    let fitted = Fitted::shipped();
    let shift = fitted.shift(Quantity::Step, traits);
    let known =
        fitted.tables.get(&Quantity::Step).is_some_and(|t| t.knows_device(traits));
    let alone = Anchor { factor: (-shift.log).exp(), spread: shift.spread(), note: None };
    let Some(anchor) = profiled(c, chip, work, computed_in) else { return alone };
    if !known {
        return anchor;
    }
    let weight = |sigma: f64| 1.0 / sigma.max(0.01).powi(2);
    let (ours, theirs) = (weight(shift.sigma), weight(anchor.spread.sigma()));
    let log = (theirs * anchor.factor.ln() - ours * shift.log) / (ours + theirs);
    let narrower = if ours > theirs { alone.spread } else { anchor.spread };
    Anchor { factor: log.exp(), spread: narrower, note: anchor.note }
}

fn profiled(
    c: &Calibration,
    chip: &Accelerator,
    work: &Work,
    computed_in: Precision,
) -> Option<Anchor> {
    let in_fp8 = measured(chip, |e| e.dense_training_mfu_fp8);
    let (mfu, kind, precision) = if work.is_sparse() {
        let mfu = measured(chip, |e| e.expert_training_mfu);
        (mfu, "mixture-of-experts", Precision::Bf16)
    } else if computed_in == Precision::Fp8 && in_fp8.is_some() {
        (in_fp8, "dense fp8", Precision::Fp8)
    } else {
        (measured(chip, |e| e.dense_training_mfu), "dense", Precision::Bf16)
    };
    let mfu = mfu?;
    let reference = reference_mfu(c, chip, work.is_sparse(), precision);
    let mut spread = Spread::of(
        c.transfer_sigma,
        "from the case measured on this chip to this one (constant-utilisation error)",
    );
    spread.widen_by("measured training utilisation", mfu, 1.0);
    if work.is_sparse() {
        spread.widen(
            c.expert_transfer_sigma,
            "mixtures of experts: kernels, routing balance and overlap differ widely",
        );
    }
    Some(Anchor {
        factor: mfu.median() / reference.max(1e-6),
        spread,
        note: Some(format!(
            "with the profile's measured {kind} training utilisation of {mfu}, where the \
             closed form gives {reference:.2}"
        )),
    })
}

/// Utilisation the closed form gives the reference case, memory not asked.
fn reference_mfu(
    c: &Calibration,
    chip: &Accelerator,
    sparse: bool,
    precision: Precision,
) -> f64 {
    let machine = Machine::of(chip, precision);
    let work = Work::of(&reference_model(sparse));
    let case = TrainCase::new(64, 8192.0, 256.0);
    let plan = Plan {
        tensor: 1,
        pipeline: 1,
        interleave: 1,
        context: 1,
        data: 64,
        expert: if sparse { 8 } else { 1 },
        micro_batch: 1,
        sharding: Sharding::Full,
        recompute: Recompute::Selective,
        recomputed: 1.0,
        sequence_parallel: SequenceParallel::Split,
        searched: false,
    };
    let job = Job {
        calibration: c,
        machine: &machine,
        work: &work,
        case: &case,
        task: Task::Every,
    };
    let flops = work.training_flops(case.sequence_tokens, case.attention)
        * case.sequence_tokens
        * case.global_batch_sequences;
    flops / (f64::from(case.chips) * machine.peak * job.step(&plan).total_s())
}

/// The dimensions of Llama 3 8B, and of Qwen3 30B-A3B: the models that published
/// training benchmarks have in common.
fn reference_model(sparse: bool) -> Model {
    let dense = Architecture {
        source: String::new(),
        params_billion: 8.03,
        active_params_billion: None,
        layers: 32,
        hidden: 4096,
        heads: 32,
        kv_heads: 8,
        head_dim: 128,
        ffn: 14_336,
        ffn_matrices: 3,
        tied_embeddings: false,
        latent_query_dim: None,
        rope_head_dim: None,
        vocab: 128_256,
        max_context_tokens: None,
        latent_kv_dim: None,
        sliding_window_tokens: None,
        sliding_window_share: None,
        experts: None,
    };
    let architecture = if sparse {
        Architecture {
            params_billion: 30.5,
            active_params_billion: Some(3.3),
            layers: 48,
            hidden: 2048,
            kv_heads: 4,
            ffn: 6144,
            ffn_matrices: 3,
            tied_embeddings: false,
            latent_query_dim: None,
            rope_head_dim: None,
            vocab: 151_936,
            experts: Some(Experts {
                count: 128,
                per_token: 8,
                shared: 0,
                ffn: 768,
                dense_layers: 0,
            }),
            ..dense
        }
    } else {
        dense
    };
    Model {
        id: "reference".to_owned(),
        name: "reference".to_owned(),
        aliases: Vec::new(),
        released: None,
        doubts: Vec::new(),
        sources: std::collections::BTreeMap::new(),
        architecture,
    }
}
