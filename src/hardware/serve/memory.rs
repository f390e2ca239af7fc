//! What a serving replica must hold, and the largest batch that leaves room for.
//!
//! ```text
//! B_max = (u · capacity − weights − runtime) / (KV bytes of a whole sequence)
//! ```
//! A sequence is counted at its full length: it must be able to finish. Read next:
//! [`super::step`].

use super::ServeCase;
use super::step::{PREFILL_CHUNK_TOKENS, Replica};
use crate::hardware::memory::Memory;

/// Share of the memory engines give themselves: vLLM's `gpu_memory_utilization` default.
const USABLE_SHARE: f64 = 0.90;

/// Driver context, communication buffers and captured graphs, bytes: an allowance, of
/// the size vLLM reports at start as memory that is not PyTorch's.
const RUNTIME_BYTES: f64 = 2e9;

/// Weights and workspace of a chip, before any sequence.
pub(super) fn resident(replica: &Replica<'_>, pipeline: u32) -> Memory {
    let (w, stages) = (replica.work, f64::from(pipeline.max(1)));
    let chips = f64::from(replica.tensor) * stages;
    let (routed, dense, tables) = w.weight_bytes(replica.precision);
    // A chunk's residual stream in and out, and the feed-forward between, in bf16.
    let chunk = PREFILL_CHUNK_TOKENS
        * 2.0
        * (2.0 * w.hidden + 2.0 * w.ffn / f64::from(replica.tensor));
    Memory::new(replica.machine.capacity * USABLE_SHARE)
        .line(
            format!(
                "weights ({:.1}·10⁹ parameters in {} over {chips} chips)",
                w.params / 1e9,
                replica.precision.name()
            ),
            routed / chips + (dense + tables) / (replica.dense_split() * stages),
        )
        .line("runtime and a prefill chunk", RUNTIME_BYTES + chunk)
}

/// Bytes a sequence at its end takes on a chip.
pub(super) fn sequence_bytes(
    replica: &Replica<'_>,
    pipeline: u32,
    case: &ServeCase,
) -> f64 {
    replica.work.kv_bytes(case.last_context(), case.kv_precision)
        / (replica.kv_split() * f64::from(pipeline.max(1)))
}

/// Sequences that fit beside what is resident; below one when not even one does.
pub(super) fn largest_batch(resident: &Memory, sequence_bytes: f64) -> f64 {
    let free = (resident.usable_gb - resident.used_gb()) * 1e9;
    free / sequence_bytes.max(1.0)
}

/// The arithmetic with the KV cache of `batch` sequences.
pub(super) fn with_batch(
    resident: Memory,
    case: &ServeCase,
    batch: f64,
    sequence_bytes: f64,
) -> Memory {
    resident.line(
        format!(
            "KV cache ({batch:.0} sequences of {:.0} tokens in {})",
            case.last_context(),
            case.kv_precision.name()
        ),
        batch * sequence_bytes,
    )
}
