//! What a machine does with a workload: time, throughput, memory, power, failures.
//!
//! Closed-form answers to "how fast, how much memory, how many watts, how often does it
//! stop", each with an interval and the reasons for its width, each time split into what
//! it is spent on. A case that cannot run is an answer too ([`Infeasible`]), with its
//! arithmetic. Nothing here reads a file or draws a random number. It does not simulate:
//! how arrivals bunch, how routing drifts, how a scheduler packs, are in the intervals.
//!
//! ```text
//! precision ─► machine ─► network ─► serve (step, memory, queue, search) ─► ServeEstimate
//!      work ──────┴──────────┴─────► train (plan, memory, step, search)  ─► TrainEstimate
//! estimate, explain, memory, infeasible: how an answer is said        finetune ─► train
//! power, failures: what the machine draws and how often it stops
//! ```
//!
//! # How far off it is
//!
//! Compared once with published measurements, on profiles without an `[efficiency]`
//! table, so with the same constants for every chip. "Inside" is the share of rows in the
//! 80 % interval. Error is estimate over measurement, less one.
//!
//! | what | rows | median error | 9 in 10 below | inside |
//! | --- | --- | --- | --- | --- |
//! | time per output token, H100, dense (fitted here) | 579 | 11 % | 28 % | 90 % |
//! | the same, mixtures (fitted here) | 142 | 10 % | 28 % | 97 % |
//! | B200, dense (not fitted) | 265 | 7 % | 20 % | 99 % |
//! | B200, mixtures (not fitted) | 951 | 16 % | 37 % | 83 % |
//! | B300, mixtures (not fitted) | 219 | 12 % | 29 % | 94 % |
//! | GB200, replicas of 24 to 72 chips (not fitted) | 57 | 27 % | 56 % | 58 % |
//! | offline tokens/s, Llama 2 70B, H100 SXM (not fitted) | 44 | 15 % | 17 % | 95 % |
//! | the same, B200 in fp4 | 5 | 23 % | 26 % | 100 % |
//! | the same, L40S | 4 | 17 % | 322 % | 75 % |
//! | offline tokens/s, Mixtral 8x7B, H100 SXM | 10 | 53 % | 53 % | 0 % |
//! | training step, Korthikanti 2022, A100 | 8 | 12 % | 20 % | 100 % |
//! | MPT, A100 | 65 | 6 % | 15 % | 100 % |
//! | MPT, H100, bf16 | 43 | 21 % | 40 % | 84 % |
//! | `MaxText`, TPU v4 and v5e, dimensions assumed | 26 | 21 % | 27 % | 85 % |
//! | Megatron Bridge, dense, fp8 | 5 | 31 % | 34 % | 60 % |
//! | Megatron Bridge, mixtures | 7 | 41 % | 150 % | 86 % |
//! | `MLPerf` Llama 2 70B `LoRA`, H100 to B300, MI300X, MI325X | 64 | 17 % | 33 % | 91 % |
//!
//! Sources: the `AIConfigurator` silicon set (aggregated rows), `MLPerf` Inference v4.0 to
//! v5.0 and Training v4.0 to v5.1, Korthikanti et al. (2022) table 5, `MosaicML`
//! llm-foundry, `MaxText` and Megatron Bridge performance pages. Not answered: 281 serving
//! rows whose replica is wider than its scale-up domain. Not to be read as: a check of
//! time to first token, whose published values come from loops in which all requests
//! start at once; the Mixtral rows, whose mean prompt is not in the record; 20 GB200 rows
//! of a dense model, off by a factor of three, whose conditions are not in the record.
//!
//! Read next: [`work`] for what a model asks, [`machine`] for what a chip offers,
//! [`calibration`] for every constant that was measured.

pub mod calibration;
pub mod correction;
pub mod estimate;
pub mod explain;
pub mod failures;
mod finetune;
mod infeasible;
pub mod machine;
pub mod memory;
mod network;
pub mod power;
pub mod serve;
pub mod train;
pub mod work;

#[cfg(test)]
mod fixture;

pub use calibration::Calibration;
pub use correction::{Fitted, Quantity, Traits};
pub use estimate::{Estimate, Spread};
pub use explain::Explain;
pub use failures::{FailureRates, Goodput, JobCase, goodput};
pub use finetune::{FinetuneCase, FinetuneEstimate, Method, finetune, finetune_with};
pub use infeasible::Infeasible;
pub use machine::Machine;
pub use memory::{Memory, MemoryLine};
pub use power::{PowerEstimate, power};
pub use serve::{Mode, ServeCase, ServeEstimate, serve, serve_with};
pub use train::{
    AttentionKernel, Plan, Recompute, SequenceParallel, Sharding, TrainCase,
    TrainEstimate, train, train_with,
};
pub use work::{AttentionWork, Work};

#[cfg(test)]
mod laws {
    //! What holds for every machine and model: answers or reasons, never a panic.

    use proptest::prelude::*;

    use super::*;

    fn anything() -> impl Strategy<Value = f64> {
        prop_oneof![
            Just(0.0),
            Just(-1.0),
            Just(f64::NAN),
            Just(f64::INFINITY),
            1e-3..1e6_f64
        ]
    }

    proptest! {
        #[test]
        fn no_figures_make_serving_or_training_panic(
            peak in anything(), gb in anything(), bandwidth in anything(),
            link in anything(), params in anything(), active in anything(),
            tokens in anything(), batch in anything(), chips in 0_u32..5000,
            degree in proptest::option::of(0_u32..70), layers in 0_u32..200,
            heads in 0_u32..130,
        ) {
            let mut chip = fixture::b200();
            chip.compute.bf16_tflops = peak.into();
            chip.memory.capacity_gb = gb.into();
            chip.memory.bandwidth_gb_per_s = bandwidth.into();
            if let Some(up) = &mut chip.scale_up {
                up.per_direction_gb_per_s = link.into();
                up.domain_chips = layers;
            }
            let mut model = fixture::deepseek_v3();
            model.architecture.params_billion = params;
            model.architecture.active_params_billion = Some(active);
            model.architecture.layers = layers;
            model.architecture.heads = heads;
            let mut case = ServeCase::new(tokens, batch, crate::profile::Precision::Fp4);
            case.tensor = degree;
            let _ = serve(&chip, &model, &case);
            let mut job = TrainCase::new(chips, tokens, batch);
            job.tensor = degree;
            let _ = train(&chip, &model, &job);
            let _ = power(&chip, tokens);
        }

        #[test]
        fn every_answer_has_an_ordered_interval(
            input in 1.0..30_000_f64, output in 1.0..4000_f64, load in 0.05..0.95_f64,
        ) {
            let case = ServeCase { load, ..ServeCase::new(input, output, crate::profile::Precision::Fp8) };
            let got = serve(&fixture::h100(), &fixture::llama3_70b(), &case).unwrap();
            for e in [&got.output_tokens_per_s_per_chip, &got.tpot_ms, &got.ttft_s] {
                prop_assert!(0.0 < e.p10 && e.p10 < e.p50 && e.p50 < e.p90);
                prop_assert!(e.p90.is_finite() && !e.reasons.is_empty());
            }
            prop_assert!(got.memory.fits());
        }
    }
}
