//! What a training estimate must satisfy, and the published figures it reproduces.

use super::*;
use crate::hardware::fixture;

fn plan(tensor: u32, pipeline: u32, interleave: u32, micro_batch: u32) -> Plan {
    Plan {
        tensor,
        pipeline,
        interleave,
        context: 1,
        data: 1,
        expert: 1,
        micro_batch,
        sharding: Sharding::None,
        recompute: Recompute::None,
        recomputed: 1.0,
        sequence_parallel: SequenceParallel::Copied,
        searched: false,
    }
}

/// Model, layers, hidden, heads, plan, and GiB of state and of activations, with nothing
/// recomputed and with selective recomputation and sequence parallelism.
type Figure1 = (f64, u32, u32, u32, [u32; 4], f64, f64, f64);

const KORTHIKANTI_2022_FIGURE_1: [Figure1; 4] = [
    (22.0, 48, 6144, 64, [8, 1, 1, 4], 45.5625, 59.25, 9.5625),
    (175.0, 96, 12_288, 96, [8, 8, 3, 1], 45.5625, 66.843_75, 12.351_562_5),
    (530.0, 105, 20_480, 128, [8, 35, 3, 1], 31.640_625, 114.023_437_5, 23.076_171_875),
    (1000.0, 128, 25_600, 160, [8, 64, 1, 1], 32.958_984_375, 131.25, 26.5625),
];

fn case(micro_batches: f64) -> TrainCase {
    TrainCase {
        kernel: AttentionKernel::Unfused,
        attention: AttentionWork::Full,
        ..TrainCase::new(8, 2048.0, micro_batches)
    }
}

#[test]
fn activations_match_korthikanti_2022_figure_1() {
    // Korthikanti et al. (2022), arXiv:2205.05198, figure 1, as digitised in calculon.
    let gib = f64::from(1_u32 << 30);
    for (params, layers, hidden, heads, [t, p, v, b], state, none, selective) in
        KORTHIKANTI_2022_FIGURE_1
    {
        let work = Work::of(&fixture::megatron(params, layers, hidden, heads));
        let machine = Machine::of(&fixture::a100(), Precision::Bf16);
        let whole = plan(t, p, v, b);
        let split = Plan {
            recompute: Recompute::Selective,
            sequence_parallel: SequenceParallel::Split,
            ..whole
        };
        for (plan, activations) in [(whole, none), (split, selective)] {
            let case = case(f64::from(b * p) * 4.0);
            let m = memory::arithmetic(&machine, &work, &case, &plan, Task::Every);
            let of = |what: &str| -> f64 {
                let lines = m.lines.iter().filter(|l| l.what.contains(what));
                lines.map(|l| l.gb * 1e9 / gib).sum()
            };
            let got = of("activations");
            assert!((got / activations - 1.0).abs() < 0.05, "{got} GiB, {activations}");
            // The figure counts layers; a stage also holds an embedding table.
            let table = 18.0 * work.logits / f64::from(t) / gib;
            let got = of("weights in bf16") + of("gradients") + of("optimizer") - table;
            assert!((got / state - 1.0).abs() < 0.05, "{got} GiB, {state}");
        }
    }
}

#[test]
fn the_bubble_is_p_minus_one_over_v_m_of_the_work() {
    // Narayanan et al. (2021), §2.2: (p − 1)/(v m) of the ideal time.
    let mut c = TrainCase::new(8, 2048.0, 32.0);
    c.tensor = Some(1);
    c.pipeline = Some(8);
    c.micro_batch = Some(1);
    c.recompute = Some(Recompute::Full);
    let model = fixture::megatron(8.3, 40, 4096, 32);
    let mut machine = fixture::h100();
    machine.memory.capacity_gb = 1000.0.into();
    for v in [1, 5] {
        c.interleave = Some(v);
        let got = train(&machine, &model, &c).unwrap();
        // Sends grow with v and the optimizer is outside the pipeline: both are small.
        let ideal = got.explain.total_s() - got.explain.bubble_s;
        let share = got.explain.bubble_s / ideal * f64::from(v) * 32.0 / 7.0;
        assert!((share - 1.0).abs() < 0.15, "{share}");
    }
}

#[test]
fn utilisation_and_throughput_are_the_same_statement() {
    let c = TrainCase::new(64, 8192.0, 128.0);
    let got = train(&fixture::h100(), &fixture::llama3_70b(), &c).unwrap();
    let tokens = 128.0 * 8192.0 / (64.0 * got.step_s.p50);
    assert!((got.tokens_per_s_per_chip.p50 / tokens - 1.0).abs() < 1e-9);
    let flops = got.tokens_per_s_per_chip.p50 * got.flop_per_token;
    assert!((got.flop_per_s_per_chip.p50 / flops - 1.0).abs() < 1e-9);
    assert!((got.mfu.p50 - flops / 989.5e12).abs() < 1e-9);
    assert!((got.explain.total_s() / got.step_s.p50 - 1.0).abs() < 1e-9);
    assert!(got.memory.fits());
}

#[test]
fn an_infeasible_job_shows_its_arithmetic() {
    let c = TrainCase::new(8, 8192.0, 8.0);
    let why = train(&fixture::h100(), &fixture::llama3_405b(), &c).unwrap_err();
    assert!(!why.memory.unwrap().fits());
    assert!(why.reason.contains("optimizer"), "{}", why.reason);
}

#[test]
fn degrees_that_do_not_divide_the_chips_are_refused() {
    let mut c = TrainCase::new(24, 8192.0, 128.0);
    c.tensor = Some(7);
    let why = train(&fixture::h100(), &fixture::llama3_70b(), &c).unwrap_err();
    assert!(why.reason.contains("no split of 24 chips"), "{}", why.reason);
    c.tensor = Some(0);
    assert!(train(&fixture::h100(), &fixture::llama3_70b(), &c).is_err());
}

#[test]
fn more_chips_are_not_slower_where_their_number_is_odd() {
    let chip = fixture::h100();
    let step_s = |chips: u32, model: &Model| {
        let case = TrainCase::new(chips, 8192.0, 2048.0);
        train(&chip, model, &case).unwrap().step_s.p50
    };
    let model = fixture::llama3_405b();
    let mut before = f64::INFINITY;
    for chips in [1_536, 2_000, 4_000, 4_096, 12_000, 12_096, 16_384, 25_000, 25_013] {
        let now = step_s(chips, &model);
        // A chip more may cost a hair: its hop in a collective.
        assert!(now <= 1.02 * before, "{chips}: {now} s after {before} s");
        before = now;
    }
}

#[test]
fn a_split_that_is_searched_is_no_slower_than_one_that_is_given() {
    let (chip, model) = (fixture::h100(), fixture::llama3_405b());
    for chips in [12_096, 16_384] {
        let searched = TrainCase::new(chips, 8192.0, 2048.0);
        let found = train(&chip, &model, &searched).unwrap();
        assert!(found.plan.chips() <= chips);
        for pipeline in [7, 9, 14, 16, 18, 21] {
            let given = TrainCase { pipeline: Some(pipeline), ..searched.clone() };
            let Ok(given) = train(&chip, &model, &given) else { continue };
            let slower = found.explain.total_s() / given.explain.total_s();
            assert!(slower <= 1.0 + 1e-12, "{chips}, {pipeline} stages: {slower}");
        }
    }
}

#[test]
fn no_more_layers_are_computed_again_than_memory_asks_for() {
    let (chip, model) = (fixture::h100(), fixture::llama3_70b());
    let mut open = TrainCase::new(64, 8192.0, 128.0);
    open.tensor = Some(4);
    open.pipeline = Some(8);
    open.interleave = Some(1);
    open.micro_batch = Some(2);
    open.sharding = Some(Sharding::Optimizer);
    let found = train(&chip, &model, &open).unwrap();
    let p = found.plan;
    assert!(p.recompute == Recompute::Full && p.recomputed > 0.0 && p.recomputed < 1.0);
    assert!(found.memory.fits());
    // One layer less, of ten, and it would not fit.
    let machine = Machine::of(&chip, Precision::Bf16);
    let work = Work::of(&model);
    let less = Plan { recomputed: p.recomputed - 0.1, ..p };
    assert!(!memory::arithmetic(&machine, &work, &open, &less, Task::Every).fits());
    // Between nothing and everything, in memory and in time.
    let all = TrainCase { recompute: Some(Recompute::Full), ..open.clone() };
    let all = train(&chip, &model, &all).unwrap();
    assert!((all.plan.recomputed - 1.0).abs() < f64::EPSILON);
    assert!(found.explain.total_s() < all.explain.total_s());
    assert!(found.memory.used_gb() > all.memory.used_gb());
    let none = TrainCase { recompute: Some(Recompute::None), ..open };
    assert!(train(&chip, &model, &none).is_err());
}

#[test]
fn a_format_that_a_chip_lacks_is_as_fast_as_what_it_computes_in() {
    let (chip, model) = (fixture::a100(), fixture::llama3_70b());
    let bf16 = TrainCase::new(64, 4096.0, 64.0);
    let wanted = train(&chip, &model, &bf16).unwrap().step_s.p50;
    for precision in [Precision::Fp8, Precision::Fp4] {
        let case = TrainCase { precision, ..bf16.clone() };
        let got = train(&chip, &model, &case).unwrap();
        assert!((got.step_s.p50 / wanted - 1.0).abs() < 1e-12);
        assert!(!got.notes.is_empty());
    }
}

#[test]
fn few_tokens_an_expert_cost_the_traffic_of_its_weights() {
    // Experts on eight chips hold eight times the weights of experts on sixty-four, and
    // read them and sum their gradients once a microbatch: 4 + 8 bytes each at 0.8 of the
    // bandwidth.
    let (chip, model) = (fixture::h100(), fixture::deepseek_v3());
    let (machine, work) = (Machine::of(&chip, Precision::Bf16), Work::of(&model));
    let case = TrainCase::new(64, 4096.0, 64.0);
    let c = Calibration { data_overlap: 1.0, ..*Calibration::published() };
    let memory_s = |expert: u32, micro_batches: f64| {
        let case =
            TrainCase { global_batch_sequences: 64.0 * micro_batches, ..case.clone() };
        let job = step::Job {
            calibration: &c,
            machine: &machine,
            work: &work,
            case: &case,
            task: Task::Every,
        };
        let plan = Plan {
            data: 64,
            expert,
            sharding: Sharding::Optimizer,
            sequence_parallel: SequenceParallel::Split,
            ..plan(1, 1, 1, 1)
        };
        job.step(&plan).memory_s
    };
    let a_micro_batch = |expert| memory_s(expert, 2.0) - memory_s(expert, 1.0);
    let more = work.routed * (1.0 / 8.0 - 1.0 / 64.0);
    let wanted = more * 12.0 / (3.35e12 * c.memory_share);
    let got = a_micro_batch(8) - a_micro_batch(64);
    assert!((got / wanted - 1.0).abs() < 1e-9, "{got} s, {wanted} s");
}

#[test]
fn a_measured_utilisation_anchors_the_estimate_and_narrows_it() {
    let efficiency = crate::profile::accelerator::Efficiency {
        source: "measured".to_owned(),
        as_of: "2025-01".parse().unwrap(),
        dense_training_mfu: Some(0.5.into()),
        dense_training_mfu_fp8: None,
        fp8_source: None,
        expert_training_mfu: None,
        prefill_utilisation: None,
        decode_bandwidth_utilisation: None,
        decode_floor_us_per_layer: None,
    };
    let mut chip = fixture::h100();
    chip.efficiency = Some(efficiency.clone());
    let c = TrainCase::new(64, 8192.0, 128.0);
    let at_half = train(&chip, &fixture::llama3_70b(), &c).unwrap();
    chip.efficiency = Some(crate::profile::accelerator::Efficiency {
        dense_training_mfu: Some(0.25.into()),
        ..efficiency
    });
    let at_quarter = train(&chip, &fixture::llama3_70b(), &c).unwrap();
    assert!((at_half.mfu.p50 / at_quarter.mfu.p50 - 2.0).abs() < 1e-9);
    let blind = train(&fixture::h100(), &fixture::llama3_70b(), &c).unwrap();
    assert!(at_half.mfu.p90 / at_half.mfu.p10 < blind.mfu.p90 / blind.mfu.p10);
}

#[test]
fn a_sparse_model_reaches_a_lower_utilisation_with_a_wider_interval() {
    let c = TrainCase::new(512, 4096.0, 4096.0);
    let sparse = train(&fixture::h100(), &fixture::deepseek_v3(), &c).unwrap();
    let dense = train(&fixture::h100(), &fixture::llama3_405b(), &c).unwrap();
    assert!(sparse.mfu.p50 < dense.mfu.p50);
    assert!(sparse.mfu.p90 / sparse.mfu.p10 > dense.mfu.p90 / dense.mfu.p10);
}
