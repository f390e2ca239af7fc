//! Every empirical constant of this room, each with where it comes from.
//!
//! The closed form has few of them on purpose: a share of each peak, an additive floor
//! for each operator, layer and collective, and the spread that a comparison with
//! measurements left. An operator-level model grows here: it would fill one table of
//! these per device, operator and size. Read next: [`super::serve`](mod@super::serve), [`super::train`](mod@super::train).

use crate::input::Uncertain;
use crate::profile::Accelerator;

/// Shares of peaks, floors and spreads.
///
/// *Fitted: serving* means least mean absolute log error of time per output token over
/// the 721 rows measured on H100 (three engines, dense and sparse models) of the public
/// benchmark set of `AIConfigurator`; every other device was left out of the fit.
/// *Fitted: training* means over `MosaicML`'s MPT table (A100 and H100, bf16) and table 5
/// of Korthikanti et al. (2022), then moved towards H100 with all training sources in
/// view: a constant share cannot serve both devices, and a profile's measured utilisation
/// is the remedy. The spreads were set with all rows in view.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Share of the bf16 peak a large matrix product reaches in training.
    /// Fitted: training; alone, MPT on A100 asks for 0.74 and on H100 for 0.54, Megatron on
    /// A100 for 0.80.
    pub matmul_share: f64,
    /// Share of the 8-bit peak it reaches in training, casts included. Fitted to the dense
    /// fp8 rows of Megatron Bridge 25.11 and MPT, which differ by a factor of two.
    pub narrow_matmul_share: f64,
    /// Share of the 4-bit peak it reaches in training: part runs in 8 or 16 bits. Fitted
    /// to the Llama 3.1 rows of `MLPerf` Training v5.1 on B200.
    pub fp4_matmul_share: f64,
    /// Share of the bf16 peak of flash attention, forward and backward.
    /// Dao (2023), `FlashAttention-2`: 50 to 73 % on A100, 35 to 50 % on H100.
    pub attention_share: f64,
    /// Width of an expert at which training reaches half the share of a dense layer.
    /// Fitted to the seven mixture rows of Megatron Bridge 25.11.
    pub expert_half_width: f64,
    /// Floor of a layer with routed experts, each pass of training, s: routing, sorting
    /// and some ten short launches. Put at the decode floor of such a layer.
    pub expert_pass_floor_s: f64,
    /// Share of the memory bandwidth of large transfers. `AIConfigurator`; Calculon has
    /// 0.75 to 0.95 above 10 MB.
    pub memory_share: f64,
    /// Floor of an operator, s. `AIConfigurator` adds 3 µs; Calculon's steps (0.6 of an
    /// A100's peak at 1 `GFLOP`, 0.9 above 16) are what 2 µs give.
    pub operator_floor_s: f64,
    /// Activation bytes moved by what is not a matrix product, over those a layer stores:
    /// written and read forward, read and rewritten backward. Fitted: training.
    pub activation_passes: f64,
    /// Share of a scale-up link a collective reaches. Calculon, `NVLink`.
    pub link_share: f64,
    /// Share of the network between domains a collective reaches. Calculon, `InfiniBand`.
    pub network_share: f64,
    /// Latency of a step of a collective inside a domain, s. Fitted: serving.
    pub link_latency_s: f64,
    /// The same between domains, s. `AIConfigurator`, point to point.
    pub network_latency_s: f64,
    /// Share of the compute behind which data-parallel traffic hides: all but the first
    /// and last layers' buckets. Ours.
    pub data_overlap: f64,

    /// Share of the peak of dense layers in prefill. Fitted: serving.
    pub prefill_share: f64,
    /// Width of an expert at which prefill reaches half the share of a dense layer.
    /// Fitted: serving.
    pub prefill_half_width: f64,
    /// Share of the peak of a matrix product in decode. The serving fit does not move
    /// it: decode is seldom bound by compute.
    pub decode_share: f64,
    /// Floor of a dense layer in decode, s. Fitted: serving.
    pub layer_floor_s: f64,
    /// Floor of a layer with routed experts in decode, s. Fitted: serving.
    pub expert_layer_floor_s: f64,
    /// Floor of a collective in decode, s. Fitted: serving.
    pub collective_floor_s: f64,
    /// Floor of a decode step: scheduling and launching it, s. Fitted: serving.
    pub step_floor_s: f64,
    /// Sampling, detokenising and attention launches for each sequence of a batch, s.
    /// Fitted: serving.
    pub sequence_floor_s: f64,

    /// Spread of training throughput, dense models. With `unmeasured_sigma` it holds
    /// 91 % of 186 measured dense jobs.
    pub train_sigma: f64,
    /// Spread added for mixtures of experts: errors of 5 to 150 % on seven jobs, and
    /// 40 % and more in published comparisons.
    pub train_expert_sigma: f64,
    /// Spread added for products narrower than bf16: the two fp8 sources lie a third
    /// above and below.
    pub narrow_sigma: f64,
    /// Spread added where the split over chips is searched rather than given. Ours.
    pub search_sigma: f64,
    /// Spread from a measured case of a chip to another: constant utilisation is off by
    /// 5 to 10 % within one device, framework and family.
    pub transfer_sigma: f64,
    /// Spread of serving throughput, dense models. With `unmeasured_sigma` it holds
    /// 90 % of the H100 rows it was fitted on and 99 % of the B200 rows it was not.
    pub serve_sigma: f64,
    /// Spread added for mixtures of experts: 83 to 94 % of the held-out B200 and B300
    /// rows lie inside.
    pub serve_expert_sigma: f64,
    /// Spread added to the time to first token: published values are of closed loops in
    /// which all requests start at once, so the queueing term is unchecked. Ours.
    pub queue_sigma: f64,
    /// Spread added where the profile measured nothing on its chip: between devices the
    /// same constants are off by about this much more.
    pub unmeasured_sigma: f64,
}

impl Calibration {
    /// The constants in use; their sources are at the fields.
    pub const PUBLISHED: Self = Self {
        matmul_share: 0.67,
        narrow_matmul_share: 0.57,
        fp4_matmul_share: 0.27,
        attention_share: 0.5,
        expert_half_width: 2000.0,
        expert_pass_floor_s: 50e-6,
        memory_share: 0.8,
        operator_floor_s: 3e-6,
        activation_passes: 7.0,
        link_share: 0.65,
        network_share: 0.9,
        link_latency_s: 0.6e-6,
        network_latency_s: 10e-6,
        data_overlap: 0.8,
        prefill_share: 0.48,
        prefill_half_width: 2500.0,
        decode_share: 0.7,
        layer_floor_s: 33e-6,
        expert_layer_floor_s: 48e-6,
        collective_floor_s: 4e-6,
        step_floor_s: 1.3e-3,
        sequence_floor_s: 36e-6,
        train_sigma: 0.2,
        train_expert_sigma: 0.4,
        narrow_sigma: 0.12,
        search_sigma: 0.08,
        transfer_sigma: 0.1,
        serve_sigma: 0.2,
        serve_expert_sigma: 0.2,
        queue_sigma: 0.5,
        unmeasured_sigma: 0.1,
    };

    /// The constants with what a profile has measured on its chip in their place.
    pub fn for_serving(chip: &Accelerator) -> Self {
        let mut c = Self::PUBLISHED;
        let Some(e) = &chip.efficiency else { return c };
        let positive =
            |u: Option<Uncertain>| u.map(Uncertain::median).filter(|x| *x > 0.0);
        if let Some(share) = positive(e.prefill_utilisation) {
            c.prefill_share = share;
        }
        if let Some(share) = positive(e.decode_bandwidth_utilisation) {
            c.memory_share = share;
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
