//! Request-level serving against queues whose answers are known.
//!
//! Means come with the standard error of fifty batches of consecutive requests, and must
//! lie within four of them (one false alarm in 16,000 seeds; the seeds are fixed).

use rackcast::hardware::simulate::serve::{
    Admission, Arrivals, ClosedForm, Lengths, Request, Scheduler, ServeOutcome,
    StepTimes, generate, serve,
};
use rackcast::hardware::{self, ServeCase};
use rackcast::profile::{Catalogue, Precision};
use rackcast::random::Seed;
use rackcast::units::count;

/// Steps of a constant time and prompts of a time per token; memory in tokens.
struct Toy {
    step_s: f64,
    per_prompt_token_s: f64,
    memory: f64,
}

impl StepTimes for Toy {
    fn decode_s(&self, _: f64, _: f64) -> f64 {
        self.step_s
    }
    fn prompt_s(&self, _: f64, tokens: f64) -> f64 {
        self.per_prompt_token_s * tokens
    }
    fn kv_of(&self, context: f64) -> f64 {
        context
    }
    fn kv_capacity(&self) -> f64 {
        self.memory
    }
    fn longest(&self) -> f64 {
        1e9
    }
}

fn same(mean: f64) -> Lengths {
    Lengths { mean, spread: 0.0, most: 1_000_000 }
}

fn poisson(n: u32, per_s: f64, input: Lengths, output: Lengths) -> Vec<Request> {
    let arrivals = Arrivals { per_s, spread: 1.0 };
    generate(n, &arrivals, &input, &output, Seed(11)).expect("a load that makes sense")
}

/// Mean time to first token and its standard error over batches.
fn ttft(outcome: &ServeOutcome) -> (f64, f64) {
    let all: Vec<f64> = outcome.served.iter().map(|s| s.ttft_s).collect();
    let means: Vec<f64> = all
        .chunks(all.len() / 50)
        .map(|c| c.iter().sum::<f64>() / count(c.len()))
        .collect();
    let n = count(means.len());
    let mean = means.iter().sum::<f64>() / n;
    let squares: f64 = means.iter().map(|m| (m - mean) * (m - mean)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

const ONE_AT_A_TIME: Scheduler = Scheduler {
    replicas: 1,
    most_running: 1,
    chunk_tokens: Some(1_000_000),
    admission: Admission::Reserve,
    cached_share: 0.0,
    concurrency: None,
    warm_up_share: 0.0,
};

#[test]
fn one_request_at_a_time_of_one_length_waits_as_m_d_1() {
    for load in [0.3, 0.7, 0.85] {
        let toy = Toy { step_s: 1.0, per_prompt_token_s: 0.0, memory: 1e9 };
        let requests = poisson(1_000_000, load, same(10.0), same(1.0));
        let played = serve(&toy, &requests, &ONE_AT_A_TIME).expect("it fits");
        let (mean, error) = ttft(&played);
        // Pollaczek–Khinchine with constant service: W = ρ S / 2(1 − ρ).
        let wait = load / (2.0 * (1.0 - load));
        assert!(error / wait < 0.03, "{load}: standard error {error}");
        assert!((mean - 1.0 - wait).abs() < 4.0 * error, "{load}: {mean} against {wait}");
        assert!((played.utilisation - load).abs() < 0.01, "{}", played.utilisation);
    }
}

#[test]
fn one_request_at_a_time_of_many_lengths_waits_as_m_g_1() {
    let load = 0.6;
    let toy = Toy { step_s: 1e-9, per_prompt_token_s: 1e-3, memory: 1e9 };
    let input = Lengths { mean: 1000.0, spread: 1.5, most: 1_000_000 };
    let requests = poisson(1_000_000, load, input, same(1.0));
    let played = serve(&toy, &requests, &ONE_AT_A_TIME).expect("it fits");
    let n = count(requests.len());
    let service = |r: &Request| f64::from(r.input) * 1e-3;
    let first = requests.iter().map(service).sum::<f64>() / n;
    let second = requests.iter().map(|r| service(r).powi(2)).sum::<f64>() / n;
    let rate = n / requests[requests.len() - 1].at_s;
    // W = λ E[S²] / 2(1 − ρ), with the moments of the very requests.
    let wait = rate * second / (2.0 * (1.0 - rate * first));
    let (mean, error) = ttft(&played);
    assert!((mean - first - wait).abs() < 4.0 * error, "{mean} against {}", first + wait);
    assert!(error / wait < 0.05, "{error}");
}

#[test]
fn little_s_law_holds_to_rounding() {
    let toy = Toy { step_s: 0.02, per_prompt_token_s: 1e-5, memory: 60_000.0 };
    let input = Lengths { mean: 800.0, spread: 1.0, most: 20_000 };
    let output = Lengths { mean: 120.0, spread: 0.8, most: 4000 };
    let requests = poisson(20_000, 18.0, input, output);
    for admission in [Admission::Reserve, Admission::Preempt] {
        for replicas in [1, 3] {
            let scheduler = Scheduler { replicas, admission, ..Scheduler::default() };
            let played = serve(&toy, &requests, &scheduler).expect("it fits");
            let in_system: f64 =
                played.served.iter().map(|s| s.end_to_end_s).sum::<f64>()
                    / played.makespan_s;
            assert!(
                (played.in_system_mean / in_system - 1.0).abs() < 1e-9,
                "{} against {in_system}",
                played.in_system_mean
            );
        }
    }
}

#[test]
fn every_request_is_answered_once_and_memory_is_never_exceeded() {
    let input = Lengths { mean: 900.0, spread: 1.0, most: 4000 };
    let output = Lengths { mean: 300.0, spread: 1.0, most: 4000 };
    let requests = poisson(5000, 40.0, input, output);
    // Tight memory and more load than it can take: many are put out.
    let toy = Toy { step_s: 0.01, per_prompt_token_s: 1e-5, memory: 9000.0 };
    for admission in [Admission::Reserve, Admission::Preempt] {
        for chunk_tokens in [None, Some(512)] {
            let scheduler = Scheduler { admission, chunk_tokens, ..Scheduler::default() };
            let played = serve(&toy, &requests, &scheduler).expect("it fits");
            for s in &played.served {
                assert!(s.ttft_s > 0.0 && s.end_to_end_s >= s.ttft_s, "{s:?}");
                // No answer can be faster than its steps.
                let least = 0.01 * f64::from(s.output);
                assert!(s.end_to_end_s >= least * (1.0 - 1e-9), "{s:?}");
            }
            let answers: f64 = requests.iter().map(|r| f64::from(r.output)).sum();
            let counted = played.output_tokens_per_s * played.makespan_s;
            assert!((counted / answers - 1.0).abs() < 1e-9, "{counted} of {answers}");
            assert!(played.kv_most <= 1.0 + 1e-9, "{}", played.kv_most);
            assert_eq!(played.preempted > 0, admission == Admission::Preempt);
        }
    }
}

#[test]
fn more_replicas_than_requests_wait_for_nothing() {
    let toy = Toy { step_s: 1.0, per_prompt_token_s: 0.0, memory: 1e6 };
    let requests = poisson(50, 1.0, same(10.0), same(5.0));
    let scheduler = Scheduler { replicas: 60, ..ONE_AT_A_TIME };
    let played = serve(&toy, &requests, &scheduler).expect("it fits");
    assert!((played.ttft_s.most - 1.0).abs() < 1e-9);
    assert!((played.end_to_end_s.most - 5.0).abs() < 1e-9);
}

#[test]
fn a_full_replica_gives_what_the_closed_form_says() {
    let catalogue = Catalogue::shipped();
    for (chip, model, tensor, at_once, input, output) in [
        ("nvidia-h100-sxm", "llama-3.1-8b", 1, 64, 1000.0, 250.0),
        ("nvidia-h100-sxm", "llama-3.3-70b", 4, 48, 2000.0, 500.0),
        ("nvidia-b200-hgx", "deepseek-v3", 8, 64, 1024.0, 1024.0),
        ("amd-mi300x", "mixtral-8x7b", 2, 32, 500.0, 200.0),
        // Two domains of eight cards: a pipeline.
        ("nvidia-l40s", "llama-3.1-405b", 8, 32, 500.0, 200.0),
    ] {
        let chip = catalogue.accelerator(chip).expect("a shipped chip");
        let model = catalogue.model(model).expect("a shipped model");
        let case = ServeCase {
            tensor: Some(tensor),
            ..ServeCase::new(input, output, Precision::Fp8)
        };
        let times =
            ClosedForm::tabulate(chip, model, &case, input + output + 1.0, at_once)
                .expect("it fits");
        let requests = poisson(2000, 1.0, same(input), same(output));
        let scheduler = Scheduler {
            most_running: at_once,
            concurrency: Some(at_once),
            ..Scheduler::default()
        };
        let played = serve(&times, &requests, &scheduler).expect("it fits");
        let full = ServeCase { batch: Some(at_once), ..case };
        let closed = hardware::serve(chip, model, &full).expect("it fits");
        let rate =
            closed.output_tokens_per_s_per_chip.p50 * f64::from(closed.chips_per_replica);
        let off = played.output_tokens_per_s / rate - 1.0;
        assert!(off.abs() < 0.05, "{} on {}: {off}", model.name, chip.name);
    }
}

#[test]
fn the_same_load_gives_the_same_bits() {
    let toy = Toy { step_s: 0.02, per_prompt_token_s: 1e-5, memory: 60_000.0 };
    let requests = poisson(3000, 20.0, same(500.0), same(100.0));
    let once = serve(&toy, &requests, &Scheduler::default()).expect("it fits");
    assert_eq!(once, serve(&toy, &requests, &Scheduler::default()).expect("it fits"));
}

#[test]
fn what_cannot_be_served_is_refused_by_its_number() {
    let toy = Toy { step_s: 0.02, per_prompt_token_s: 1e-5, memory: 1000.0 };
    let long = [Request { at_s: 0.0, input: 900, output: 200 }];
    let why = serve(&toy, &long, &Scheduler::default()).expect_err("too long");
    assert!(why.reason.contains("request 1"), "{why}");
    assert!(serve(&toy, &[], &Scheduler::default()).is_err());
    let unsorted = [
        Request { at_s: 1.0, input: 1, output: 1 },
        Request { at_s: 0.0, input: 1, output: 1 },
    ];
    assert!(serve(&toy, &unsorted, &Scheduler::default()).is_err());
    let none = [Request { at_s: 0.0, input: 1, output: 0 }];
    assert!(serve(&toy, &none, &Scheduler::default()).is_err());
    let scheduler = Scheduler { replicas: 0, ..Scheduler::default() };
    let fine = [Request { at_s: 0.0, input: 1, output: 1 }];
    assert!(serve(&toy, &fine, &scheduler).is_err());
}
