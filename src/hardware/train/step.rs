//! The time of a training step under a plan.
//!
//! A layer's forward and backward passes are priced operator class by operator class,
//! then multiplied out over layers, microbatches and stages. Communication that software
//! hides behind compute is charged only where it does not fit. Read next:
//! [`super::search`].

use super::memory::{
    GRADIENT_BYTES, OPTIMIZER_BYTES, WEIGHT_BYTES, activation_bytes_per_layer,
};
use super::plan::{Plan, Recompute, Sharding};
use super::{AttentionKernel, SequenceParallel, Task, TrainCase};
use crate::hardware::calibration::Calibration;
use crate::hardware::explain::Explain;
use crate::hardware::machine::Machine;
use crate::hardware::network::Group;
use crate::hardware::work::Work;
use crate::profile::Precision;

/// Operators of a dense layer in one pass: four matrix products, attention, and what
/// compilers leave of norms, rotations, activations and residuals.
const OPERATORS_PER_LAYER: f64 = 10.0;
/// Bytes an optimizer step reads and writes per parameter: all state in, all out.
const OPTIMIZER_TRAFFIC_BYTES: f64 =
    2.0 * OPTIMIZER_BYTES + GRADIENT_BYTES + WEIGHT_BYTES;
/// Exponent with which the width that fills a chip grows with its FLOP/s: twice as fast a
/// chip has more units to fill, over less time in which to start and drain them. Left-out
/// chips are met better at a half than at nought or one.
const WIDTH_EXPONENT: f64 = 0.5;
/// Times the bf16 peak that products in four bits are bound by, twice that of eight bits:
/// what is printed above it, on Blackwell Ultra, no training shows. Of two chips with the
/// same eight-bit peak, the one with half as much again in four bits is 3 % faster (`LoRA`
/// of Llama 2 70B, `MLPerf` Training v5.1, B200 and B300).
const FOUR_BIT_OVER_BF16: f64 = 4.0;
/// No library's largest products exceed this share of a dense peak.
const LARGEST_SHARE: f64 = 0.95;
/// Times the copies of a token for its experts go through memory in a pass: gathered by
/// expert and scattered back, each read and written.
const ROUTED_PASSES: f64 = 4.0;
/// Bytes of an activation on the wire.
const WIRE_BYTES: f64 = 2.0;

/// A job to be timed.
pub(super) struct Job<'a> {
    pub(super) calibration: &'a Calibration,
    pub(super) machine: &'a Machine,
    pub(super) work: &'a Work,
    pub(super) case: &'a TrainCase,
    pub(super) task: Task,
}

impl Job<'_> {
    /// Seconds of a step by cause.
    ///
    /// ```text
    /// T = m · stage + (p−1)/v · stage + sends + max(0, gradients − hidden) + optimizer
    /// ```
    /// **Source** Narayanan et al. (2021), §2.2 for the bubble.
    /// **Checked by** `the_bubble_is_p_minus_one_over_v_m_of_the_work`.
    pub(super) fn step(&self, plan: &Plan) -> Explain {
        let micro_batches = plan.micro_batches(self.case.global_batch_sequences);
        let again = self.layer(plan);
        let layer = plan.kept().map_or(again, |kept| {
            let rest = self.layer(&kept).scaled(1.0 - plan.recomputed);
            again.scaled(plan.recomputed).plus(&rest)
        });
        let head = self.head(plan);
        let most = plan.layers_per_stage(self.work);
        // The last stage has the head and may have fewer layers.
        let last = self.work.layers - most * (f64::from(plan.pipeline) - 1.0);
        let body = layer.scaled(most);
        let tail = layer.scaled(last.max(0.0)).plus(&head);
        let stage = if tail.total_s() > body.total_s() { tail } else { body };

        let mut step = stage.scaled(micro_batches);
        step.exposed_communication_s += self.sends(plan) * micro_batches;
        let p = f64::from(plan.pipeline);
        step.bubble_s = (p - 1.0) / f64::from(plan.interleave) * stage.total_s();
        if self.task == Task::Every {
            let hidden = self.calibration.data_overlap * stage.total_s();
            let gradients = self.gradients(plan);
            step.exposed_communication_s += (gradients - hidden).max(0.0);
            step.memory_s += self.optimizer(plan);
        }
        step
    }

    /// Passes over the matrix products: forward, activation gradient, weight gradient
    /// where weights learn, and forward again where all is recomputed.
    fn passes(&self, plan: &Plan) -> f64 {
        let learning = match self.task {
            Task::Every => 3.0,
            Task::Adapters => 2.0,
        };
        learning + if plan.recompute == Recompute::Full { 1.0 } else { 0.0 }
    }

    fn tokens(&self, plan: &Plan) -> f64 {
        self.case.sequence_tokens * f64::from(plan.micro_batch) / f64::from(plan.context)
    }

    fn matmul_rate(&self) -> f64 {
        let c = self.calibration;
        let m = self.machine;
        let (peak, share) = match m.computed_in {
            Precision::Bf16 | Precision::Int4 => (m.peak, c.matmul_share),
            Precision::Fp8 | Precision::Int8 => (m.peak, c.narrow_matmul_share),
            Precision::Fp4 => {
                (m.peak.min(FOUR_BIT_OVER_BF16 * m.bf16_peak), c.fp4_matmul_share)
            }
        };
        (peak * self.within_power(share)).min(LARGEST_SHARE * m.peak)
    }

    /// A share of the peak as far as the chip's own products, its power and the model's
    /// width carry it.
    ///
    /// ```text
    /// e · (e_chip / e_A100) · (W per FLOP/s over an A100's)^a · h / (h + h½ √speed)
    /// ```
    fn within_power(&self, share: f64) -> f64 {
        let (c, m) = (self.calibration, self.machine);
        let ratio = m.power_ratio.clamp(0.01, 100.0);
        let half = c.matmul_half_width * m.speed_ratio.max(0.0).powf(WIDTH_EXPONENT);
        let width = self.work.hidden / (self.work.hidden + half);
        share * width * m.matmul_ratio * ratio.powf(c.power_exponent)
    }

    /// One layer, forward and backward, of one microbatch on one chip.
    fn layer(&self, plan: &Plan) -> Explain {
        let (c, m, w) = (self.calibration, self.machine, self.work);
        let tensor = f64::from(plan.tensor);
        let tokens = self.tokens(plan);
        let passes = self.passes(plan);
        let mut t = Explain::default();

        let dense = 2.0 * w.dense / w.layers * tokens / tensor;
        t.compute_s += passes * dense / self.matmul_rate();
        let routed = 2.0 * w.routed * w.routed_share / w.layers * tokens / tensor;
        let experts =
            self.matmul_rate() * w.expert_training_efficiency(c.expert_half_width);
        t.compute_s += passes * routed / experts;
        let attention = self.attention_s(plan, tokens / tensor);
        t.compute_s += attention;

        t.memory_s += self.traffic(plan) + self.weight_traffic(plan);
        let sparse = w.expert_layers / w.layers;
        let copies = tokens / tensor * w.experts_per_token * w.hidden * WIRE_BYTES;
        t.memory_s += m.memory_s(sparse * passes * ROUTED_PASSES * copies, c);
        t.floor_s = passes
            * (OPERATORS_PER_LAYER * c.operator_floor_s + sparse * c.expert_pass_floor_s);

        // Software of the time before flash attention had not begun to hide them.
        let tensor_exposed = match self.case.kernel {
            AttentionKernel::Flash => c.tensor_exposed_share,
            AttentionKernel::Unfused => 1.0,
        };
        // Two collectives a pass whose activations move: the weight gradient has none.
        let moving = if plan.recompute == Recompute::Full { 3.0 } else { 2.0 };
        t.exposed_communication_s += 2.0
            * moving
            * tensor_exposed
            * m.all_reduce_s(
                WIRE_BYTES * tokens * w.hidden,
                Group::strided(plan.tensor, 1, m),
                c,
            );
        if plan.expert > 1 {
            let bytes = WIRE_BYTES * tokens / tensor * w.hidden;
            let group = Group::strided(plan.expert, 1, m);
            let exchange = m.dispatch_s(bytes, w.experts_per_token, group, c);
            t.exposed_communication_s +=
                sparse * 2.0 * moving * c.exchange_exposed_share * exchange;
        }
        t.exposed_communication_s += self.ring_attention(plan, attention);
        if plan.sharding == Sharding::Full {
            let hidden = c.data_overlap * t.total_s();
            t.exposed_communication_s += (self.layer_gathers(plan) - hidden).max(0.0);
        }
        t
    }

    fn attention_s(&self, plan: &Plan, tokens_per_chip: f64) -> f64 {
        let w = self.work;
        let forward = w.attention_flops(self.case.sequence_tokens, self.case.attention)
            / w.layers
            * tokens_per_chip;
        let again = match (plan.recompute, self.case.kernel) {
            (Recompute::Full, _) | (Recompute::Selective, AttentionKernel::Unfused) => {
                1.0
            }
            (Recompute::None, _) | (Recompute::Selective, AttentionKernel::Flash) => 0.0,
        };
        let share = match self.case.kernel {
            AttentionKernel::Flash => self.calibration.attention_share,
            AttentionKernel::Unfused => self.calibration.matmul_share,
        };
        let reached = (share * self.machine.matmul_ratio).min(LARGEST_SHARE);
        forward * (3.0 + again) / (self.machine.bf16_peak * reached)
    }

    /// Traffic of norms, activations and residuals: what a layer stores, several times.
    fn traffic(&self, plan: &Plan) -> f64 {
        let stored = Plan { recompute: Recompute::None, ..*plan };
        let bytes = activation_bytes_per_layer(
            self.work,
            &stored,
            self.case.kernel,
            self.case.sequence_tokens,
        );
        let again = if plan.recompute == Recompute::Full { 4.0 / 3.0 } else { 1.0 };
        let c = self.calibration;
        self.machine.memory_s(bytes * c.activation_passes * again, c)
    }

    /// Weights that go through memory beside the products, for one layer of a microbatch.
    ///
    /// Experts have few tokens each, so that their weights are read for every pass and
    /// their gradients added up in fp32 at the bandwidth. Of other layers the products hide
    /// both; but frozen weights are kept as they are and cast for every pass.
    fn weight_traffic(&self, plan: &Plan) -> f64 {
        let (dense, routed) = plan.local_params(self.work);
        let passes = 2.0 * WEIGHT_BYTES;
        let bytes = match self.task {
            Task::Every => routed * (passes + 2.0 * GRADIENT_BYTES),
            Task::Adapters => (dense + routed) * passes,
        };
        let layers = plan.layers_per_stage(self.work);
        self.machine.memory_s(bytes / layers, self.calibration)
    }

    /// Output projection and loss of one microbatch.
    fn head(&self, plan: &Plan) -> Explain {
        let tokens = self.tokens(plan) / f64::from(plan.tensor);
        let flops = 2.0 * self.work.logits * tokens * self.passes(plan).min(3.0);
        // Scores are written in bf16, read and written in fp32, and their gradient too.
        let bytes = tokens * self.work.vocab * 2.0 * (2.0 + 4.0);
        Explain {
            compute_s: flops
                / (self.machine.bf16_peak
                    * self
                        .within_power(self.calibration.matmul_share)
                        .min(LARGEST_SHARE)),
            memory_s: self.machine.memory_s(bytes, self.calibration),
            ..Explain::default()
        }
    }

    /// Key and value blocks passed round the ring, beyond what attention hides.
    fn ring_attention(&self, plan: &Plan, attention_s: f64) -> f64 {
        if plan.context <= 1 {
            return 0.0;
        }
        let w = self.work;
        let hops = f64::from(plan.context) - 1.0;
        let bytes =
            WIRE_BYTES * self.tokens(plan) * w.kv_per_layer / f64::from(plan.tensor);
        let crosses = plan.tensor.saturating_mul(plan.context) > self.machine.domain;
        // Forward once, backward with the gradients beside the values.
        let ring = 3.0 * hops * self.machine.send_s(bytes, crosses, self.calibration);
        (ring - attention_s).max(0.0)
    }

    /// Weights gathered forward and backward and gradients scattered, for one layer.
    fn layer_gathers(&self, plan: &Plan) -> f64 {
        let (dense, routed) = plan.local_params(self.work);
        let layers = plan.layers_per_stage(self.work);
        let times = if self.task == Task::Every { 3.0 } else { 2.0 };
        times
            * (self.over_replicas(plan, WEIGHT_BYTES * dense / layers)
                + self.over_expert_replicas(plan, WEIGHT_BYTES * routed / layers))
    }

    fn over_replicas(&self, plan: &Plan, bytes: f64) -> f64 {
        let chips = plan.data.saturating_mul(plan.context);
        let group = Group::strided(chips, plan.tensor, self.machine);
        self.machine.gather_s(bytes, group, self.calibration)
    }

    fn over_expert_replicas(&self, plan: &Plan, bytes: f64) -> f64 {
        if bytes <= 0.0 {
            return 0.0;
        }
        let chips = plan.data.saturating_mul(plan.context).saturating_mul(plan.tensor)
            / plan.expert.max(1);
        let group = Group::strided(chips.max(1), plan.expert, self.machine);
        self.machine.gather_s(bytes, group, self.calibration)
    }

    /// Gradients scattered and weights gathered once a step.
    fn gradients(&self, plan: &Plan) -> f64 {
        let (dense, routed) = plan.local_params(self.work);
        let bytes = match plan.sharding {
            // Sharded weights are gathered layer by layer in `layer_gathers`.
            Sharding::Full => return 0.0,
            Sharding::Optimizer => GRADIENT_BYTES + WEIGHT_BYTES,
            Sharding::None => 2.0 * GRADIENT_BYTES,
        };
        self.over_replicas(plan, bytes * dense)
            + self.over_expert_replicas(plan, bytes * routed)
    }

    fn optimizer(&self, plan: &Plan) -> f64 {
        let (dense, routed) = plan.local_params(self.work);
        let params = if plan.sharding == Sharding::None {
            dense + routed
        } else {
            dense / plan.replicas() + routed / plan.expert_replicas()
        };
        self.machine.memory_s(params * OPTIMIZER_TRAFFIC_BYTES, self.calibration)
    }

    /// Activations and their gradients handed between stages, per microbatch.
    fn sends(&self, plan: &Plan) -> f64 {
        if plan.pipeline <= 1 {
            return 0.0;
        }
        let split = match plan.sequence_parallel {
            SequenceParallel::Split => f64::from(plan.tensor),
            SequenceParallel::Copied => 1.0,
        };
        let bytes = WIRE_BYTES * self.tokens(plan) * self.work.hidden / split;
        let chips =
            plan.tensor.saturating_mul(plan.context).saturating_mul(plan.pipeline);
        let crosses = chips > self.machine.domain;
        2.0 * f64::from(plan.interleave)
            * self.machine.send_s(bytes, crosses, self.calibration)
    }
}
