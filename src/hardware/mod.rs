//! What a machine does with a workload: time, throughput, memory, power, failures.
//!
//! Closed-form answers to "how fast, how much memory, how many watts, how often does it
//! stop", each with an interval and the reasons for its width, each time split into what
//! it is spent on. A case that cannot run is an answer too ([`Infeasible`]), with its
//! arithmetic. Nothing here reads a file. The closed forms draw no random number: how
//! arrivals bunch, how a scheduler packs, are in their intervals; [`simulate`] plays jobs
//! and requests event by event, which is their check.
//!
//! ```text
//! precision ─► machine ─► network ─► serve (step, memory, queue, search) ─► ServeEstimate
//!      work ──────┴──────────┴─────► train (plan, memory, step, search)  ─► TrainEstimate
//! estimate, explain, memory, infeasible: how an answer is said        finetune ─► train
//! power, failures: what the machine draws and how often it stops
//! simulate: the same machine event by event, failures (job) and requests (serve)
//! ```
//!
//! # How far off it is
//!
//! Scored on 4,052 published cases, seen and left out by row, chip, framework and model;
//! the record is `docs/hardware-record.md`, printed by `rackcast validate`. Every interval
//! is as wide as left-out measurements of its kind ask for ([`correction`]).
//!
//! Read next: [`work`] for what a model asks, [`machine`] for what a chip offers,
//! [`calibration`] for every constant that was measured, [`correction`] for the rest.

pub mod calibration;
pub mod correction;
mod dated;
pub mod estimate;
pub mod explain;
pub mod failures;
mod finetune;
mod gain;
mod infeasible;
pub mod machine;
pub mod memory;
mod network;
pub mod power;
pub mod serve;
pub mod simulate;
pub mod train;
pub mod work;

#[cfg(test)]
mod fixture;

pub use calibration::Calibration;
pub use correction::{Fitted, Quantity, Traits};
pub use dated::software_date;
pub use estimate::{Estimate, Spread};
pub use explain::Explain;
pub use failures::{FailureRates, Goodput, JobCase, goodput};
pub use finetune::{FinetuneCase, FinetuneEstimate, Method, finetune, finetune_with};
pub use gain::{Gains, PeakGains};
pub use infeasible::Infeasible;
pub use machine::Machine;
pub use memory::{Memory, MemoryLine};
pub use power::{PowerEstimate, power};
pub use serve::{
    ApartEstimate, Mode, ServeCase, ServeEstimate, Workers, serve, serve_apart,
    serve_with,
};
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
