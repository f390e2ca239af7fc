//! What a replica must do: fit, scale, meet targets, and say why when it cannot.

use super::*;
use crate::hardware::fixture;

fn case() -> ServeCase {
    ServeCase::new(1024.0, 256.0, Precision::Fp8)
}

#[test]
fn decode_of_one_sequence_is_bound_by_memory_and_floor() {
    let mut one = case();
    one.batch = Some(1);
    one.tensor = Some(1);
    one.input_tokens = 16.0;
    let got = serve(&fixture::b200(), &fixture::llama3_70b(), &one).unwrap();
    // 70 GB of fp8 weights at 7.7 TB/s are 9.1 ms: the least a step can take.
    assert!(got.tpot_ms.p50 > 70.0 / 7700.0 * 1e3);
    assert!(got.explain.memory_s + got.explain.floor_s > 0.9 * got.explain.total_s());
}

#[test]
fn the_parts_of_the_explanation_add_to_the_time_per_token() {
    let got = serve(&fixture::h100(), &fixture::llama3_70b(), &case()).unwrap();
    assert!((got.explain.total_s() * 1e3 / got.tpot_ms.p50 - 1.0).abs() < 1e-12);
}

#[test]
fn throughput_is_batch_over_time_per_token() {
    let got = serve(&fixture::h100(), &fixture::llama3_70b(), &case()).unwrap();
    let little =
        f64::from(got.batch) / (got.tpot_ms.p50 / 1e3) / f64::from(got.chips_per_replica);
    assert!((got.output_tokens_per_s_per_chip.p50 / little - 1.0).abs() < 1e-12);
}

#[test]
fn the_memory_of_every_answer_fits() {
    for precision in [Precision::Bf16, Precision::Fp8, Precision::Fp4] {
        for chip in [fixture::a100(), fixture::h100(), fixture::b200()] {
            for model in
                [fixture::llama3_70b(), fixture::llama3_405b(), fixture::deepseek_v3()]
            {
                let c = ServeCase { precision, ..case() };
                let got = serve(&chip, &model, &c).unwrap();
                assert!(got.memory.fits(), "{}", got.memory);
            }
        }
    }
}

#[test]
fn a_tighter_target_never_raises_throughput() {
    let mut last = f64::INFINITY;
    for tpot_ms in [200.0, 100.0, 50.0, 30.0, 20.0] {
        let c = ServeCase { tpot_target_ms: Some(tpot_ms), ..case() };
        let got = serve(&fixture::h100(), &fixture::llama3_70b(), &c).unwrap();
        assert!(got.tpot_ms.p50 <= tpot_ms);
        assert!(got.output_tokens_per_s_per_chip.p50 <= last);
        last = got.output_tokens_per_s_per_chip.p50;
    }
}

#[test]
fn an_impossible_target_names_the_best_that_can_be_reached() {
    let c = ServeCase { tpot_target_ms: Some(0.5), ..case() };
    let why = serve(&fixture::h100(), &fixture::llama3_70b(), &c).unwrap_err();
    assert!(why.reason.contains("0.5 ms per output token"), "{why}");
    assert!(why.reason.contains("the nearest"), "{why}");
}

#[test]
fn a_model_that_does_not_fit_is_refused_with_its_arithmetic() {
    let mut chip = fixture::h100();
    chip.memory.capacity_gb = 4.0.into();
    let why = serve(&chip, &fixture::llama3_405b(), &case()).unwrap_err();
    let memory = why.memory.unwrap();
    assert!(!memory.fits());
    assert!(why.reason.contains("405.9·10⁹ parameters in fp8"), "{}", why.reason);
}

#[test]
fn a_model_larger_than_a_domain_is_served_over_several() {
    let c = ServeCase { precision: Precision::Bf16, ..case() };
    let got = serve(&fixture::h100(), &fixture::llama3_405b(), &c).unwrap();
    assert!(got.pipeline >= 2 && got.chips_per_replica >= 16);
    assert!(got.notes.iter().any(|n| n.contains("pipeline stages")));
}

#[test]
fn a_prefix_cache_raises_throughput_and_shortens_the_first_token() {
    let long =
        ServeCase { input_tokens: 8192.0, batch: Some(32), tensor: Some(8), ..case() };
    let cached = ServeCase { cached_input_share: 0.8, ..long.clone() };
    let without = serve(&fixture::h100(), &fixture::llama3_70b(), &long).unwrap();
    let with = serve(&fixture::h100(), &fixture::llama3_70b(), &cached).unwrap();
    assert!(with.ttft_s.p50 < without.ttft_s.p50);
    assert!(
        with.output_tokens_per_s_per_chip.p50 > without.output_tokens_per_s_per_chip.p50
    );
}

#[test]
fn unknown_links_widen_the_interval() {
    let mut blind = fixture::h100();
    blind.scale_up = None;
    blind.scale_out = None;
    let c = ServeCase { tensor: Some(8), ..case() };
    let known = serve(&fixture::h100(), &fixture::llama3_70b(), &c).unwrap();
    let unknown = serve(&blind, &fixture::llama3_70b(), &c).unwrap();
    let width = |e: &Estimate| e.p90 / e.p10;
    assert!(width(&unknown.tpot_ms) > width(&known.tpot_ms));
    assert!(unknown.notes.iter().any(|n| n.contains("PCIe")));
}

#[test]
fn what_makes_no_sense_is_refused_by_name() {
    for (bad, name) in [
        (ServeCase { input_tokens: f64::NAN, ..case() }, "input_tokens"),
        (ServeCase { output_tokens: 0.0, ..case() }, "output_tokens"),
        (ServeCase { cached_input_share: 1.5, ..case() }, "cached_input_share"),
        (ServeCase { load: -0.1, ..case() }, "load"),
        (ServeCase { load: 1.0, ..case() }, "load must be below 1"),
        (ServeCase { batch: Some(0), ..case() }, "batch"),
        (ServeCase { tensor: Some(3), ..case() }, "does not divide the 64 heads"),
        (ServeCase { tpot_target_ms: Some(-1.0), ..case() }, "tpot_target_ms"),
        (ServeCase { tensor: Some(0), ..case() }, "tensor-parallel degree of 0"),
    ] {
        let why = serve(&fixture::h100(), &fixture::llama3_70b(), &bad).unwrap_err();
        assert!(why.reason.contains(name), "{}", why.reason);
    }
}

#[test]
fn speculation_yields_what_leviathan_2023_gives() {
    // α = 0.8, γ = 5: (1 − 0.8⁶)/0.2 = 3.69.
    let s = Speculation { drafted_tokens: 5, acceptance: 0.8 };
    assert!((s.tokens_a_step() - 3.68928).abs() < 1e-9);
    let sure = Speculation { acceptance: 1.0, ..s };
    assert!((sure.tokens_a_step() - 6.0).abs() < f64::EPSILON);
}

#[test]
fn speculation_helps_a_small_batch_and_an_engine_that_is_named_narrows() {
    let small = ServeCase { batch: Some(1), tensor: Some(8), ..case() };
    let drafting = ServeCase {
        speculation: Some(Speculation { drafted_tokens: 3, acceptance: 0.8 }),
        ..small.clone()
    };
    let without = serve(&fixture::h100(), &fixture::llama3_70b(), &small).unwrap();
    let with = serve(&fixture::h100(), &fixture::llama3_70b(), &drafting).unwrap();
    assert!(with.tpot_ms.p50 < without.tpot_ms.p50);
    let never = ServeCase {
        speculation: Some(Speculation { drafted_tokens: 3, acceptance: 0.0 }),
        ..small
    };
    let never = serve(&fixture::h100(), &fixture::llama3_70b(), &never).unwrap();
    assert!(never.tpot_ms.p50 > without.tpot_ms.p50);
}

#[test]
fn workers_apart_are_balanced_whole_and_faster_per_token() {
    let (chip, model) = (fixture::b200(), fixture::deepseek_v3());
    let c =
        ServeCase { mode: Mode::Batch, ..ServeCase::new(8192.0, 1024.0, Precision::Fp8) };
    let got = serve_apart(&chip, &model, &c).unwrap();
    assert!(got.memory.fits());
    // Long prompts need more chips for prompts than short ones do, for the same answers.
    let share = |e: &ApartEstimate| {
        let [p, d] = [e.prefill, e.decode].map(|w| f64::from(w.count * w.chips));
        p / (p + d)
    };
    let short = ServeCase { input_tokens: 512.0, ..c.clone() };
    let short = serve_apart(&chip, &model, &short).unwrap();
    assert!(share(&got) > share(&short), "{} {}", share(&got), share(&short));
    // Without prompts in between, a token of the same batch on the same chips comes sooner.
    let together = serve(
        &chip,
        &model,
        &ServeCase { tensor: Some(got.decode.chips), batch: Some(got.batch), ..c },
    );
    let together = together.unwrap();
    let alone = got.explain.total_s() - got.explain.floor_s;
    assert!(alone < together.explain.total_s(), "{alone}");
}

#[test]
fn no_side_of_a_service_apart_outruns_its_pace() {
    // Output per chip × chips over answers' length is the requests a second of the
    // service; the worker with the larger share of the chips is not idle by half.
    let (chip, model) = (fixture::h100(), fixture::llama3_70b());
    let c =
        ServeCase { mode: Mode::Batch, ..ServeCase::new(2048.0, 512.0, Precision::Fp8) };
    let got = serve_apart(&chip, &model, &c).unwrap();
    assert!(got.prefill.count >= 1 && got.decode.count >= 1 && got.batch >= 1);
    let one_of_each = f64::from(got.prefill.chips + got.decode.chips);
    assert!(one_of_each <= 16.0, "one domain a worker");
}

#[test]
fn a_time_per_token_target_holds_apart_or_is_refused_with_the_reason() {
    let (chip, model) = (fixture::h100(), fixture::llama3_70b());
    let c = ServeCase {
        tpot_target_ms: Some(30.0),
        ttft_target_s: Some(2.0),
        ..ServeCase::new(2048.0, 512.0, Precision::Fp8)
    };
    let free = ServeCase { tpot_target_ms: None, ttft_target_s: None, ..c.clone() };
    let (held, free) = (
        serve_apart(&chip, &model, &c).unwrap(),
        serve_apart(&chip, &model, &free).unwrap(),
    );
    let (a, b) = (&held.output_tokens_per_s_per_chip, &free.output_tokens_per_s_per_chip);
    assert!(a.p50 <= b.p50 * 1.03);
    let never = ServeCase { tpot_target_ms: Some(0.01), ..c };
    let why = serve_apart(&chip, &model, &never).unwrap_err();
    assert!(why.reason.contains("meets no replica's targets"), "{why}");
}

#[test]
fn smaller_chunks_shorten_the_gap_and_lengthen_the_first_token() {
    let (chip, model) = (fixture::h100(), fixture::llama3_70b());
    let c = ServeCase {
        tensor: Some(8),
        batch: Some(16),
        ..ServeCase::new(8192.0, 512.0, Precision::Fp8)
    };
    let of =
        |chunk_tokens| serve(&chip, &model, &ServeCase { chunk_tokens, ..c.clone() });
    let (whole, small) = (of(None).unwrap(), of(Some(512)).unwrap());
    assert!(small.gap_ms.p50 < whole.gap_ms.p50 / 4.0);
    assert!(small.ttft_s.p50 > whole.ttft_s.p50);
    // The sum of the work is the same: throughput does not move.
    let (a, b) = (small.tpot_ms.p50, whole.tpot_ms.p50);
    assert!((a / b - 1.0).abs() < 1e-12);
    assert!(of(Some(0)).is_err());
}

#[test]
fn prompts_in_chunks_keep_no_more_requests_under_way_than_they_feed() {
    let (chip, model) = (fixture::h100(), fixture::llama3_70b());
    let case = |chunk_tokens| ServeCase {
        tensor: Some(4),
        batch: Some(64),
        chunk_tokens,
        ..ServeCase::new(1000.0, 200.0, Precision::Fp8)
    };
    let of = |chunk_tokens| serve(&chip, &model, &case(chunk_tokens)).unwrap();
    // 1000 tokens in chunks of 64 are 16 steps: 200 / 16 = 12 answers at a time.
    assert_eq!(of(Some(64)).batch, 12);
    assert!(of(Some(64)).notes.iter().any(|n| n.contains("keep 12 requests")));
    assert_eq!((of(Some(512)).batch, of(None).batch), (64, 64));
    let rate = |chunk| of(chunk).output_tokens_per_s_per_chip.p50;
    assert!(rate(Some(64)) < 0.5 * rate(None));
}

#[test]
fn the_longest_wait_for_a_token_is_no_shorter_than_the_mean() {
    for (input, output) in [(1000.0, 200.0), (8000.0, 50.0), (100.0, 1000.0)] {
        let c = ServeCase::new(input, output, Precision::Fp8);
        let got = serve(&fixture::h100(), &fixture::llama3_70b(), &c).unwrap();
        assert!(got.gap_ms.p50 >= got.tpot_ms.p50, "{input} to {output}");
    }
}

#[test]
fn a_refusal_names_the_replica_that_misses_least() {
    let case = |ttft_target_s| ServeCase {
        ttft_target_s,
        ..ServeCase::new(1000.0, 200.0, Precision::Fp8)
    };
    let (chip, model) = (fixture::h100(), fixture::llama3_70b());
    let first_s = |target: f64, apart: bool| -> Option<f64> {
        let case = case(Some(target));
        let why = if apart {
            serve_apart(&chip, &model, &case).err()?
        } else {
            serve(&chip, &model, &case).err()?
        };
        let said = why.reason.split("takes ").nth(1)?;
        said.split(' ').next()?.parse().ok()
    };
    for apart in [false, true] {
        let said = first_s(0.001, apart).expect("nothing is that fast");
        assert!(first_s(said * 1.01, apart).is_none(), "{said} s is said to be in reach");
    }
}
