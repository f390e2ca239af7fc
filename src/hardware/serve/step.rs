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

/// What the steps of a replica have in common.
pub(super) struct Replica<'a> {
    pub(super) calibration: &'a Calibration,
    pub(super) machine: &'a Machine,
    pub(super) work: &'a Work,
    pub(super) precision: Precision,
    pub(super) kv_precision: Precision,
    /// Chips of the replica.
    pub(super) tensor: u32,
    /// Groups of chips that take different sequences: one where all share every
    /// sequence's heads, as many as there are chips where each takes whole sequences
    /// (attention data parallelism with expert parallelism, the practice of wide
    /// replicas of mixtures). The layers every token meets are copied once a group.
    pub(super) groups: f64,
}

impl Replica<'_> {
    /// Chips among which the KV cache of the replica is split.
    ///
    /// Grouped-query heads are split as far as there are heads and copied beyond that; a
    /// cached latent has no heads to split and is copied.
    pub(super) fn kv_split(&self) -> f64 {
        self.groups * self.dense_split().min(f64::from(self.work.kv_heads))
    }

    /// Chips among which the weights every token meets are split.
    pub(super) fn dense_split(&self) -> f64 {
        (f64::from(self.tensor) / self.groups).max(1.0)
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
        self.verify(batch, context, 1.0)
    }

    /// [`Self::decode`] of several tokens of each sequence at once, as when drafted
    /// tokens are checked: weights and caches are read once for all of them.
    pub(super) fn verify(&self, batch: f64, context: f64, each: f64) -> Explain {
        let tokens = batch * each;
        let (c, m, w) = (self.calibration, self.machine, self.work);
        let chips = f64::from(self.tensor);
        let (routed, dense, tables) = w.weight_bytes(self.precision);
        let head = tables * w.logits / (w.logits + w.lookup).max(1.0);
        let peak = m.peak * c.decode_share * chips;
        let bytes_s = |bytes: f64, share: f64| bytes / (m.bandwidth * share);

        let mut step = Explain::default();
        step.add_roofline(
            2.0 * (w.dense + w.logits) * tokens / peak,
            bytes_s((dense + head) / self.dense_split(), c.decode_memory_share),
        );
        let touched = w.experts_touched(tokens);
        step.add_roofline(
            2.0 * w.routed * w.routed_share * tokens / peak,
            bytes_s(routed * touched / chips, c.expert_memory_share),
        );
        let width = if w.latent {
            f64::from(w.heads) * w.kv_per_layer
        } else {
            w.attention_width
        };
        step.add_roofline(
            4.0 * w.layers * width * w.span(context) * tokens
                / (m.bf16_peak * c.serve_attention_share * chips),
            bytes_s(
                batch * w.kv_bytes(context, self.kv_precision) / self.kv_split(),
                c.cache_share,
            ),
        );
        step.exposed_communication_s += self.collectives(tokens);
        step.floor_s += (w.layers - w.expert_layers) * c.layer_floor_s
            + w.expert_layers * c.expert_layer_floor_s
            + c.step_floor_s
            + c.sequence_floor_s * batch / self.groups;
        if self.tensor > 1 {
            step.floor_s +=
                w.layers * COLLECTIVES_PER_LAYER * c.collective_floor_s * chips.log2();
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
        let c = self.calibration;
        self.prompt_token(sequence, cached, c.prefill_share, c.prefill_half_width)
    }

    /// [`Self::prefill_token`] at a stated share of the peak.
    pub(super) fn prompt_token(
        &self,
        sequence: f64,
        cached: f64,
        share: f64,
        half_width: f64,
    ) -> Explain {
        let (c, m, w) = (self.calibration, self.machine, self.work);
        let chips = f64::from(self.tensor);
        let dense = 2.0 * w.dense / (m.peak * share);
        let experts = share * w.expert_efficiency(half_width);
        let routed = 2.0 * w.routed * w.routed_share / (m.peak * experts);
        // New tokens attend to the cached prefix as well as to each other.
        let attended =
            w.attention_flops(sequence * (1.0 + cached), AttentionWork::Causal);
        let attention = attended / (m.bf16_peak * c.serve_attention_share);
        let mut token = Explain {
            compute_s: (dense + routed + attention) / chips,
            ..Explain::default()
        };
        if self.tensor > 1 {
            let bytes = w.hidden * ACTIVATION_BYTES * (chips - 1.0) / chips;
            let reduce = 2.0 * bytes / (m.link * c.serve_link_share);
            token.exposed_communication_s = w.layers * COLLECTIVES_PER_LAYER * reduce;
        }
        token
    }

    /// Collectives of all layers for `tokens` tokens under way in the replica.
    fn collectives(&self, tokens: f64) -> f64 {
        if self.tensor <= 1 {
            return 0.0;
        }
        let (m, w) = (self.machine, self.work);
        // Floors are counted apart; a collective here is its bytes on the wire.
        let c = &Calibration {
            link_share: self.calibration.serve_link_share,
            network_share: self.calibration.serve_network_share,
            link_latency_s: 0.0,
            ..*self.calibration
        };
        let group = Group::strided(self.tensor, 1, m);
        let bytes = tokens * w.hidden * ACTIVATION_BYTES;
        let one = if self.groups > 1.0 {
            // Tokens go out to their experts in the format of the products, at eight bits
            // the narrowest, and come back in bf16: two exchanges a layer.
            let copies = tokens * w.hidden * w.experts_per_token.max(1.0) / self.groups;
            let out = self.precision.bytes_per_activation().max(1.0);
            let there = m.all_to_all_s(copies * out, group, c);
            let back = m.all_to_all_s(copies * ACTIVATION_BYTES, group, c);
            (there + back) / COLLECTIVES_PER_LAYER
        } else {
            m.all_reduce_s(bytes, group, c)
        };
        w.layers * COLLECTIVES_PER_LAYER * one
    }
}

/// Prompt tokens engines compute together; the default of vLLM's and `TensorRT-LLM`'s
/// schedulers for throughput.
pub(super) const PREFILL_CHUNK_TOKENS: f64 = 8192.0;
