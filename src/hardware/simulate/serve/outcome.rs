//! What the requests of a simulation met, as distributions.
//!
//! Percentiles are exact: every latency is kept. Read next: [`super::serve`].

use serde::Serialize;

use super::replica::{Counted, Replica};
use super::{Fate, Request, Scheduler};
use crate::stats::quantile_of_sorted;
use crate::units::count;

/// A latency over requests, s.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    /// Mean.
    pub mean: f64,
    /// Half are below.
    pub p50: f64,
    /// Nine in ten are below.
    pub p90: f64,
    /// All but one in a hundred are below.
    pub p99: f64,
    /// The longest.
    pub most: f64,
}

impl Latency {
    fn of(mut values: Vec<f64>) -> Self {
        let mean = values.iter().fold(0.0, |s, x| s + x) / count(values.len());
        values.sort_by(f64::total_cmp);
        let [p50, p90, p99, most] =
            [0.5, 0.9, 0.99, 1.0].map(|p| quantile_of_sorted(&values, p));
        Self { mean, p50, p90, p99, most }
    }
}

/// One request and what it met.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Served {
    /// When it came, s.
    pub arrived_s: f64,
    /// Tokens of the prompt.
    pub input: u32,
    /// Tokens of the answer.
    pub output: u32,
    /// Time to first token, s.
    pub ttft_s: f64,
    /// Time per output token after the first, s; none for answers of one token.
    pub tpot_s: Option<f64>,
    /// Time to the last token, s.
    pub end_to_end_s: f64,
}

/// What a simulation of serving gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServeOutcome {
    /// Requests answered.
    pub requests: usize,
    /// Requests at the start that latencies leave out.
    pub warm_up: usize,
    /// Time from the first arrival to the last answer, s.
    pub makespan_s: f64,
    /// Time to first token, s.
    pub ttft_s: Latency,
    /// Time per output token, s; of answers of two tokens or more.
    pub tpot_s: Option<Latency>,
    /// Time from arrival to the last token, s.
    pub end_to_end_s: Latency,
    /// Output tokens a second, all replicas.
    pub output_tokens_per_s: f64,
    /// Prompt tokens computed a second, all replicas.
    pub prompt_tokens_per_s: f64,
    /// Requests answered a second.
    pub requests_per_s: f64,
    /// Share of the time in which a replica was at work, mean over replicas.
    pub utilisation: f64,
    /// Requests decoding at once in a replica, mean over time.
    pub running_mean: f64,
    /// The most at once in one replica.
    pub running_most: u32,
    /// Requests in the system, mean over time, all replicas.
    pub in_system_mean: f64,
    /// Share of the KV memory in use or reserved, mean over time and replicas.
    pub kv_mean: f64,
    /// The most of it at once in one replica.
    pub kv_most: f64,
    /// Times a request was put out and its cache computed again.
    pub preempted: u64,
    /// Steps of all replicas.
    pub steps: u64,
    /// Events processed: arrivals, steps, first tokens, answers, preemptions.
    pub events: u64,
    /// Every request, in the order of arrival.
    #[serde(skip)]
    pub served: Vec<Served>,
}

pub(super) fn of(
    requests: &[Request],
    fates: &[Fate],
    replicas: &[Replica],
    scheduler: &Scheduler,
    capacity: f64,
) -> ServeOutcome {
    let served: Vec<Served> =
        requests.iter().zip(fates).map(|(request, fate)| one(request, fate)).collect();
    let warm_up = left_out(requests.len(), scheduler.warm_up_share);
    let kept = &served[warm_up..];
    let tpots: Vec<f64> = kept.iter().filter_map(|s| s.tpot_s).collect();
    let start = fates.first().map_or(0.0, |f| f.arrived_s);
    let end = fates.iter().fold(start, |most, f| most.max(f.done_s));
    let span = (end - start).max(f64::MIN_POSITIVE);
    let sum = |get: fn(&Counted) -> f64| {
        replicas.iter().fold(0.0, |sum, r| sum + get(&r.counted))
    };
    let whole = |get: fn(&Counted) -> u64| replicas.iter().map(|r| get(&r.counted)).sum();
    let each = 1.0 / (span * count(replicas.len()));
    let most = |get: fn(&Counted) -> f64| {
        replicas.iter().fold(0.0, |most: f64, r| most.max(get(&r.counted)))
    };
    ServeOutcome {
        requests: requests.len(),
        warm_up,
        makespan_s: span,
        ttft_s: Latency::of(kept.iter().map(|s| s.ttft_s).collect()),
        tpot_s: (!tpots.is_empty()).then(|| Latency::of(tpots)),
        end_to_end_s: Latency::of(kept.iter().map(|s| s.end_to_end_s).collect()),
        output_tokens_per_s: sum(|c| c.answer_tokens) / span,
        prompt_tokens_per_s: sum(|c| c.prompt_tokens) / span,
        requests_per_s: count(requests.len()) / span,
        utilisation: sum(|c| c.busy_s) * each,
        running_mean: sum(|c| c.running_s) * each,
        running_most: replicas.iter().map(|r| r.counted.running_most).max().unwrap_or(0),
        in_system_mean: sum(|c| c.in_system_s) / span,
        kv_mean: sum(|c| c.kv_s) * each / capacity,
        kv_most: most(|c| c.kv_most) / capacity,
        preempted: whole(|c| c.preempted),
        steps: whole(|c| c.steps),
        events: whole(|c| c.events),
        served,
    }
}

fn one(request: &Request, fate: &Fate) -> Served {
    let after = f64::from(request.output) - 1.0;
    let tpot = (fate.done_s - fate.first_token_s) / after;
    Served {
        arrived_s: fate.arrived_s,
        input: request.input,
        output: request.output,
        ttft_s: fate.first_token_s - fate.arrived_s,
        tpot_s: (after > 0.0).then_some(tpot),
        end_to_end_s: fate.done_s - fate.arrived_s,
    }
}

/// Requests of the warm-up; at least one is left.
fn left_out(requests: usize, share: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share below one of a count"
    )]
    let out = (count(requests) * share) as usize;
    out.min(requests.saturating_sub(1))
}
