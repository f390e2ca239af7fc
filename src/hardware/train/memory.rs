//! What a training chip must hold: weights, gradients, optimizer, activations.
//!
//! Mixed precision with Adam: 2 bytes of weight, 4 of gradient, 12 of master weight and
//! moments. Activations follow Korthikanti (2022), written so that grouped attention and
//! gated feed-forwards are the same formula. Read next: `step`.

use super::plan::{Plan, Recompute, Sharding};
use super::{AttentionKernel, SequenceParallel, Task, TrainCase};
use crate::hardware::machine::Machine;
use crate::hardware::memory::Memory;
use crate::hardware::work::Work;

/// Bytes of a weight, of its gradient and of its optimizer state.
///
/// **Source** Rajbhandari et al. (2020), `ZeRO`, §3.1, with the fp32 gradient
/// accumulation of Megatron-LM (18 bytes in all).
pub const WEIGHT_BYTES: f64 = 2.0;
/// See [`WEIGHT_BYTES`].
pub const GRADIENT_BYTES: f64 = 4.0;
/// See [`WEIGHT_BYTES`].
pub const OPTIMIZER_BYTES: f64 = 12.0;

/// Share of the memory a job can plan with; the rest is driver, communication buffers
/// and fragmentation. The fullest of `MosaicML`'s published jobs that ran needs 0.938 of
/// its chip by this arithmetic.
const USABLE_SHARE: f64 = 0.94;

/// Adapter parameters over the frozen ones: rank 16 on the attention projections of a
/// 70B model, the `MLPerf` llama2-70b `LoRA` benchmark, is 0.06 %; ranks in use reach 0.5 %.
const ADAPTER_SHARE: f64 = 0.005;

/// Activation bytes a layer keeps for the backward pass, on one chip.
///
/// ```text
/// nothing recomputed   s b h (10 + (24 + 5 a s/h)/t),  or /t throughout when split
/// selective            s b h (10 + 24/t),              or 34 s b h / t
/// full                 2 s b h                         (its input)
/// ```
/// for a GPT layer; `24` is `(4 + 4 kv/heads) w/h + 2 c f/h` with `c` feed-forward
/// matrices of width `f` and `w` the width of all heads, `10` is what tensor parallelism
/// leaves whole (norms, inputs, dropout masks). Flash attention has no `5 a s/h`, and
/// models of its time no dropout: `8` in place of `10`.
///
/// **Units** bytes. **Errors** none.
/// **Source** Korthikanti et al. (2022), Reducing Activation Recomputation in Large
/// Transformer Models, table 2.
/// **Checked by** `activations_match_korthikanti_2022_figure_1`.
pub fn activation_bytes_per_layer(
    work: &Work,
    plan: &Plan,
    kernel: AttentionKernel,
    sequence_tokens: f64,
) -> f64 {
    let tensor = f64::from(plan.tensor);
    let whole = match plan.sequence_parallel {
        SequenceParallel::Split => tensor,
        SequenceParallel::Copied => 1.0,
    };
    let tokens = sequence_tokens * f64::from(plan.micro_batch) / f64::from(plan.context);
    let stream = tokens * work.hidden;
    if plan.recompute == Recompute::Full {
        // Megatron keeps the whole input on every chip of the group.
        return 2.0 * stream / whole;
    }
    let outer = match kernel {
        AttentionKernel::Flash => 8.0,
        AttentionKernel::Unfused => 10.0,
    };
    let mut bytes = stream * (outer / whole + inner_bytes(work) / tensor);
    if kernel == AttentionKernel::Unfused && plan.recompute == Recompute::None {
        bytes += 5.0 * f64::from(work.heads) * sequence_tokens * tokens / tensor;
    }
    bytes
}

/// Bytes per token and unit of width that tensor parallelism splits: 24 for a GPT layer.
/// A token sent to `k` experts is copied to each and back: `4 k` bytes more.
pub(super) fn inner_bytes(work: &Work) -> f64 {
    let grouped = f64::from(work.kv_heads) / f64::from(work.heads);
    let grouped = if work.latent { 1.0 } else { grouped };
    (4.0 + 4.0 * grouped) * work.attention_width / work.hidden
        + 2.0 * work.ffn_matrices * work.ffn / work.hidden
        + 4.0 * work.experts_per_token * work.expert_layers / work.layers
}

/// Layers' worth of activations the fullest stage holds under 1F1B.
///
/// ```text
/// L/p · min(m, p) · (1 + (p−1)/(p v))   interleaved,   L/p · min(m, p)   for v = 1
/// ```
/// **Source** Korthikanti et al. (2022), §4.2.3.
fn layers_held(work: &Work, plan: &Plan, micro_batches: f64) -> f64 {
    let p = f64::from(plan.pipeline);
    let v = f64::from(plan.interleave);
    let extra = if plan.interleave > 1 { 1.0 + (p - 1.0) / (p * v) } else { 1.0 };
    plan.layers_per_stage(work) * micro_batches.min(p) * extra
}

/// The arithmetic of a plan.
pub(super) fn arithmetic(
    machine: &Machine,
    work: &Work,
    case: &TrainCase,
    plan: &Plan,
    task: Task,
) -> Memory {
    let (dense, routed) = plan.local_params(work);
    let (replicas, expert_replicas) = (plan.replicas(), plan.expert_replicas());
    let sharded = |bytes: f64, over: Sharding| {
        if plan.sharding >= over {
            bytes * (dense / replicas + routed / expert_replicas)
        } else {
            bytes * (dense + routed)
        }
    };
    let memory = Memory::new(machine.capacity * USABLE_SHARE);
    let memory = match task {
        // Fully sharded, only the master weights rest; the bf16 ones come and go.
        Task::Every if plan.sharding == Sharding::Full => memory
            .line("gradients in fp32", sharded(GRADIENT_BYTES, Sharding::Full))
            .line(
                "optimizer (master weights and two moments)",
                sharded(OPTIMIZER_BYTES, Sharding::Optimizer),
            ),
        Task::Every => memory
            .line("weights in bf16", sharded(WEIGHT_BYTES, Sharding::Full))
            .line("gradients in fp32", sharded(GRADIENT_BYTES, Sharding::Full))
            .line(
                "optimizer (master weights and two moments)",
                sharded(OPTIMIZER_BYTES, Sharding::Optimizer),
            ),
        Task::Adapters => memory
            .line(
                format!("frozen weights in {}", case.precision.name()),
                sharded(case.precision.bytes_per_weight(), Sharding::Full),
            )
            .line(
                "adapters, their gradients and optimizer",
                (WEIGHT_BYTES + GRADIENT_BYTES + OPTIMIZER_BYTES)
                    * ADAPTER_SHARE
                    * (dense + routed),
            ),
    };
    let micro_batches = plan.micro_batches(case.global_batch_sequences);
    let of_layer =
        |p: &Plan| activation_bytes_per_layer(work, p, case.kernel, case.sequence_tokens);
    let layer = plan.kept().map_or_else(
        || of_layer(plan),
        |kept| {
            plan.recomputed * of_layer(plan) + (1.0 - plan.recomputed) * of_layer(&kept)
        },
    );
    let held = layers_held(work, plan, micro_batches);
    let tokens =
        case.sequence_tokens * f64::from(plan.micro_batch) / f64::from(plan.context);
    // Scores of the vocabulary and their gradient in bf16, as fused losses keep them.
    let scores = tokens * work.vocab * 4.0 / f64::from(plan.tensor);
    let memory = memory
        .line(format!("activations ({held:.1} layers)"), layer * held)
        .line("vocabulary scores and loss", scores);
    let memory = if plan.recompute == Recompute::Full {
        let again = Plan { recompute: Recompute::Selective, ..*plan };
        memory.line("the layer being computed again", of_layer(&again))
    } else {
        memory
    };
    if plan.sharding == Sharding::Full {
        let (dense, routed) = plan.local_params(work);
        let layers = plan.layers_per_stage(work);
        // One layer in use and the next being gathered.
        let gathered = 2.0 * WEIGHT_BYTES * (dense + routed) / layers;
        memory.line("gathered weights of two layers", gathered)
    } else {
        memory
    }
}
