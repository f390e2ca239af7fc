//! The time of one decode step and of one prefill token, operator class by class.
//!
//! Matrix products, routed experts and attention follow one another, so each takes the
//! longer of its compute and memory time and the times add. What no operator explains is
//! an additive floor per layer, per collective and per step: a multiplicative efficiency
//! does not carry over to another device, the floor does. Read next: [`super::search`].

use crate::hardware::calibration::Calibration;
use crate::hardware::explain::Explain;
use crate::hardware::machine::Machine;
use crate::hardware::network::Group;
use crate::hardware::work::{AttentionWork, Work};
use crate::profile::Precision;

/// Bytes of an activation between layers: bf16 in every engine measured.
const ACTIVATION_BYTES: f64 = 2.0;

/// Collectives of a layer: after attention and after the feed-forward.
const COLLECTIVES_PER_LAYER: f64 = 2.0;

/// How the chips of a replica share attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttentionSplit {
    /// Each takes some heads of every sequence.
    Heads,
    /// Each takes some sequences, whole: the layers every token meets are copied, and
    /// tokens travel to their experts and back (attention data parallelism with expert
    /// parallelism, the practice of wide replicas of mixtures).
    Sequences,
}

/// What the steps of a replica have in common.
pub(super) struct Replica<'a> {
    pub(super) calibration: &'a Calibration,
    pub(super) machine: &'a Machine,
    pub(super) work: &'a Work,
    pub(super) precision: Precision,
    pub(super) kv_precision: Precision,
    pub(super) tensor: u32,
    pub(super) split: AttentionSplit,
}

impl Replica<'_> {
    /// Chips among which the KV cache of the replica is split.
    ///
    /// Grouped-query heads are split as far as there are heads and copied beyond that; a
    /// cached latent has no heads to split and is copied.
    pub(super) fn kv_split(&self) -> f64 {
        let chips = f64::from(self.tensor);
        match self.split {
            AttentionSplit::Heads => chips.min(f64::from(self.work.kv_heads)),
            AttentionSplit::Sequences => chips,
        }
    }

    /// Chips among which the weights every token meets are split.
    pub(super) fn dense_split(&self) -> f64 {
        match self.split {
            AttentionSplit::Heads => f64::from(self.tensor),
            AttentionSplit::Sequences => 1.0,
        }
    }

    /// A decode step of `batch` sequences at a mean context, all layers.
    ///
    /// ```text
    /// Σ over {dense, routed, attention} max(flops/(peak e_f), bytes/(bw e_m))
    ///   + 2 L (all-reduce(B h) + floor) + L floor + floor
    /// ```
    /// **Source** `AIConfigurator` (roofline with additive launch time);
    /// constants in [`Calibration`].
    /// **Checked by** `decode_of_one_sequence_is_bound_by_memory_and_floor`.
    pub(super) fn decode(&self, batch: f64, context: f64) -> Explain {
        let (c, m, w) = (self.calibration, self.machine, self.work);
        let chips = f64::from(self.tensor);
        let (routed, dense, tables) = w.weight_bytes(self.precision);
        let head = tables * w.logits / (w.logits + w.lookup).max(1.0);
        let peak = m.peak * c.decode_share * chips;
        let bytes_s = |bytes: f64| m.memory_s(bytes, c);

        let mut step = Explain::default();
        step.add_roofline(
            2.0 * (w.dense + w.logits) * batch / peak,
            bytes_s((dense + head) / self.dense_split()),
        );
        let touched = w.experts_touched(batch);
        step.add_roofline(
            2.0 * w.routed * w.routed_share * batch / peak,
            bytes_s(routed * touched / chips),
        );
        let width = if w.latent {
            f64::from(w.heads) * w.kv_per_layer
        } else {
            w.attention_width
        };
        step.add_roofline(
            4.0 * w.layers * width * w.span(context) * batch
                / (m.bf16_peak * c.attention_share * chips),
            bytes_s(batch * w.kv_bytes(context, self.kv_precision) / self.kv_split()),
        );
        step.exposed_communication_s += self.collectives(batch);
        step.floor_s += (w.layers - w.expert_layers) * c.layer_floor_s
            + w.expert_layers * c.expert_layer_floor_s
            + c.step_floor_s
            + c.sequence_floor_s * batch * self.dense_split() / chips;
        if self.tensor > 1 {
            step.floor_s += w.layers * COLLECTIVES_PER_LAYER * c.collective_floor_s;
        }
        step
    }

    /// A prompt token in a long chunk, with attention averaged over the prompt.
    ///
    /// ```text
    /// (2 P_active + attention) / (tp · peak e_f) + 2 L all-reduce
    /// ```
    /// Weights are read once a chunk and that reading is the decode step's.
    pub(super) fn prefill_token(&self, sequence: f64, cached: f64) -> Explain {
        let (c, m, w) = (self.calibration, self.machine, self.work);
        let chips = f64::from(self.tensor);
        let dense = 2.0 * w.dense / (m.peak * c.prefill_share);
        let experts = c.prefill_share * w.expert_efficiency(c.prefill_half_width);
        let routed = 2.0 * w.routed * w.routed_share / (m.peak * experts);
        // New tokens attend to the cached prefix as well as to each other.
        let attended =
            w.attention_flops(sequence * (1.0 + cached), AttentionWork::Causal);
        let attention = attended / (m.bf16_peak * c.attention_share);
        let mut token = Explain {
            compute_s: (dense + routed + attention) / chips,
            ..Explain::default()
        };
        if self.tensor > 1 {
            token.exposed_communication_s =
                self.collectives(PREFILL_CHUNK_TOKENS) / PREFILL_CHUNK_TOKENS;
        }
        token
    }

    /// Collectives of all layers for `tokens` tokens under way in the replica.
    fn collectives(&self, tokens: f64) -> f64 {
        if self.tensor <= 1 {
            return 0.0;
        }
        let (c, m, w) = (self.calibration, self.machine, self.work);
        let group = Group::strided(self.tensor, 1, m);
        let bytes = tokens * w.hidden * ACTIVATION_BYTES;
        let one = match self.split {
            AttentionSplit::Heads => m.all_reduce_s(bytes, group, c),
            AttentionSplit::Sequences => {
                let routed =
                    bytes * w.experts_per_token.max(1.0) / f64::from(self.tensor);
                m.all_to_all_s(routed, group, c)
            }
        };
        w.layers * COLLECTIVES_PER_LAYER * one
    }
}

/// Prompt tokens engines compute together; the default of vLLM's and `TensorRT-LLM`'s
/// schedulers for throughput.
pub(super) const PREFILL_CHUNK_TOKENS: f64 = 8192.0;
