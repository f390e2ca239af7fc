//! Every empirical constant of this room, each with where it comes from.
//!
//! The closed form has few of them on purpose: a share of each peak, an additive floor
//! for each operator, layer and collective, and the spread that a comparison with
//! measurements left. An operator-level model grows here: it would fill one table of
//! these per device, operator and size. Read next: [`super::serve`](mod@super::serve), [`super::train`](mod@super::train).

use crate::input::Uncertain;
use crate::profile::Accelerator;

/// Declares the constants once: the struct, its starting values, and access by name.
macro_rules! constants {
    ($($(#[$doc:meta])* $name:ident = $start:expr;)*) => {
        /// Shares of peaks and floors.
        ///
        /// The values in use are fitted on measurements and stand, with their date and
        /// source, in `fitted.toml` beside this file; what a fit does not move keeps the
        /// value of [`Calibration::PRIOR`]. *Fitted* at a field means that.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct Calibration {
            $($(#[$doc])* pub $name: f64,)*
        }

        impl Calibration {
            /// Names of all constants, in the order of the struct.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            /// Where a fit starts: published or physically plausible values.
            pub const PRIOR: Self = Self { $($name: $start),* };

            /// The constant of this name.
            pub fn constant(&self, name: &str) -> Option<f64> {
                match name {
                    $(stringify!($name) => Some(self.$name),)*
                    _ => None,
                }
            }

            /// Replaces the constant of this name; false where there is none.
            pub fn set(&mut self, name: &str, value: f64) -> bool {
                match name {
                    $(stringify!($name) => self.$name = value,)*
                    _ => return false,
                }
                true
            }
        }
    };
}

constants! {
    /// Share of the bf16 peak a large matrix product reaches in training.
    /// Fitted: training; alone, MPT on A100 asks for 0.74 and on H100 for 0.54, Megatron on
    /// A100 for 0.80.
    matmul_share = 0.75;
    /// Share of the 8-bit peak it reaches in training, casts included. Fitted: training;
    /// alone, the fp8 rows of Megatron Bridge 25.11 and of MPT differ by a factor of two.
    narrow_matmul_share = 0.57;
    /// What it reaches in 4 bits in training, over four times the bf16 peak: as in 8 bits
    /// where nothing is known. Fitted to the Llama rows of `MLPerf` Training v5.1 on B200
    /// and B300 and of Megatron Bridge on GB200 and GB300.
    fp4_matmul_share = 0.57;
    /// Width of the residual stream at which products reach half their share on an A100:
    /// tiles are not filled and pipelines drain below a few thousand. Fitted.
    matmul_half_width = 500.0;
    /// Exponent with which a chip's share of its peak falls with the power it has for it:
    /// watts of design power per FLOP/s in bf16, over those of an A100. A chip with many
    /// FLOP/s for its power lowers its clock in long products; a third would be the whole
    /// of it, of which the share that its products reach alone holds a part. Fitted.
    power_exponent = 0.2;
    /// Share of the bf16 peak of flash attention, forward and backward.
    /// Dao (2023), `FlashAttention-2`: 50 to 73 % on A100, 35 to 50 % on H100.
    attention_share = 0.5;
    /// Width of an expert at which training reaches half the share of a dense layer.
    /// Fitted to the mixtures of Megatron Bridge and the pages beside it.
    expert_half_width = 2000.0;
    /// Floor of a layer with routed experts, each pass of training, s: routing and sorting,
    /// some fifty short launches, and a host that waits to hear how many tokens each expert
    /// got. Fitted.
    expert_pass_floor_s = 500e-6;
    /// Share of the collectives of tensor parallelism that nothing hides: software splits
    /// them and the products beside them into pieces that run at the same time. Fitted.
    tensor_exposed_share = 0.8;
    /// Share of the exchange of tokens between experts that nothing hides: software computes
    /// one microbatch, or the shared layers, while it sends another's tokens. Fitted.
    exchange_exposed_share = 0.7;
    /// Share of the memory bandwidth of large transfers. `AIConfigurator`; Calculon has
    /// 0.75 to 0.95 above 10 MB.
    memory_share = 0.8;
    /// Floor of an operator, s. `AIConfigurator` adds 3 µs; Calculon's steps (0.6 of an
    /// A100's peak at 1 `GFLOP`, 0.9 above 16) are what 2 µs give.
    operator_floor_s = 3e-6;
    /// Activation bytes moved by what is not a matrix product, over those a layer stores:
    /// written forward, read and rewritten backward, where compilers fuse the rest. A100
    /// with 40 and with 80 GB, whose bandwidths differ by a third, train alike, so it is
    /// small. Fitted: training.
    activation_passes = 3.0;
    /// Share of a scale-up link a collective reaches. Calculon, `NVLink`.
    link_share = 0.65;
    /// Share of the network between domains a collective reaches. Calculon, `InfiniBand`.
    network_share = 0.9;
    /// Latency of a step of a collective inside a domain, s. Fitted: serving.
    link_latency_s = 0.6e-6;
    /// The same between domains, s. `AIConfigurator`, point to point.
    network_latency_s = 10e-6;
    /// Share of the compute behind which data-parallel traffic hides: all but the first
    /// and last layers' buckets. Ours.
    data_overlap = 0.8;
    /// Share of the peak of dense layers in prefill. Fitted: serving.
    prefill_share = 0.48;
    /// Share of the peak of dense layers in prefill on chips that do nothing else.
    /// Fitted: serving, on mixtures nearly alone, where `prefill_half_width` scales it.
    apart_prefill_share = 0.7;
    /// Width of an expert at which prefill reaches half the share of a dense layer.
    /// Fitted: serving.
    prefill_half_width = 5000.0;
    /// Share of the peak of a matrix product in decode. The serving fit does not move
    /// it: decode is seldom bound by compute.
    decode_share = 0.7;
    /// Floor of a dense layer in decode, s. Fitted: serving.
    layer_floor_s = 16e-6;
    /// Floor of a layer with routed experts in decode, s. Fitted: serving.
    expert_layer_floor_s = 58e-6;
    /// Floor of a collective in decode, s. Fitted: serving.
    collective_floor_s = 5e-6;
    /// Floor of a decode step: scheduling and launching it, s. Fitted: serving.
    step_floor_s = 1.5e-3;
    /// Sampling, detokenising and attention launches for each sequence of a batch, s.
    /// Fitted: serving.
    sequence_floor_s = 30e-6;
    /// Spread added where the split over chips is searched rather than given. Ours.
    search_sigma = 0.08;
    /// Spread from a measured case of a chip to another: constant utilisation is off by
    /// 5 to 10 % within one device, framework and family.
    transfer_sigma = 0.1;
    /// The same for mixtures of experts, in addition: errors of 5 to 150 % on seven jobs,
    /// and 40 % and more in published comparisons.
    expert_transfer_sigma = 0.4;
    /// Spread added to the time to first token: published values are of closed loops in
    /// which all requests start at once, so the queueing term is unchecked. Ours.
    queue_sigma = 0.5;
    /// Share of the memory bandwidth at which a decode step reads the weights of dense layers.
    decode_memory_share = 0.75;
    /// The same for the weights of the experts a batch meets.
    expert_memory_share = 0.95;
    /// The same for the KV cache; above one where caches are kept in fewer bits than counted.
    cache_share = 1.0;
    /// Share of a scale-up link a collective reaches while serving; above one where the
    /// switch reduces, so that a chip sends once what a ring sends twice, and where part
    /// of it hides.
    serve_link_share = 0.7;
    /// Share of the network between domains that an exchange of a replica reaches while
    /// serving.
    serve_network_share = 0.9;
    /// Share of the bf16 peak of attention while serving: prompts have no backward pass.
    /// Dao (2023), `FlashAttention-2`, forward. Fitted: serving.
    serve_attention_share = 0.5;
    /// Time a decode step waits for the prompts of others, over the time these take alone.
    prefill_interference = 1.0;
    /// Decode replicas of a disaggregated service with few requests, where their number is
    /// not known: four or five in most published ones that say.
    unknown_workers = 4.5;
    /// Floor of a first token: transport, tokenising, scheduling, s.
    first_floor_s = 0.06;
    /// What each request under way adds to it, s.
    first_sequence_floor_s = 3e-4;
    /// Share of the peak of dense layers in a prompt that is waited for.
    first_prefill_share = 0.6;
    /// Width of an expert at which it reaches half that share.
    first_half_width = 5000.0;
    /// Prompts of others a first token waits for, over requests under way to the power `first_burst_power`.
    first_burst = 0.2;
    /// See `first_burst`.
    first_burst_power = 0.85;
    /// Decode steps a first token waits for.
    first_steps = 3.0;
    /// Share of the backlog of a full replica that a first token waits for.
    first_backlog = 0.3;
}

impl Calibration {
    /// The constants in use, as fitted and shipped.
    pub fn published() -> &'static Self {
        &super::correction::Fitted::shipped().calibration
    }

    /// The constants with what a profile has measured on its chip in their place.
    pub fn for_serving(chip: &Accelerator) -> Self {
        let mut c = *Self::published();
        let Some(e) = &chip.efficiency else { return c };
        let positive =
            |u: Option<Uncertain>| u.map(Uncertain::median).filter(|x| *x > 0.0);
        if let Some(share) = positive(e.prefill_utilisation) {
            c.prefill_share = share;
        }
        if let Some(share) = positive(e.decode_bandwidth_utilisation) {
            c.decode_memory_share = share;
            c.expert_memory_share = share;
        }
        if let Some(floor_us) = positive(e.decode_floor_us_per_layer) {
            // One measurement for all layers: those with experts keep what they add.
            let added = c.expert_layer_floor_s - c.layer_floor_s;
            c.layer_floor_s = floor_us * 1e-6;
            c.expert_layer_floor_s = c.layer_floor_s + added;
        }
        c
    }
}
