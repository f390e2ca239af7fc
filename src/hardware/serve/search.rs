//! The replica with the most output tokens a second per chip that meets the targets.
//!
//! Throughput per chip rises with the batch and so does the time per token, so for each
//! tensor-parallel degree the answer is the largest batch that fits and meets the
//! targets. Pipeline stages are added only where no domain holds the model: they buy
//! memory, never latency. Read next: [`super::step`].

use super::step::Replica;
use super::{Mode, ServeCase, memory, queue};
use crate::hardware::calibration::Calibration;
use crate::hardware::explain::Explain;
use crate::hardware::infeasible::Infeasible;
use crate::hardware::machine::Machine;
use crate::hardware::memory::Memory;
use crate::hardware::work::Work;

/// Sequences a scheduler keeps at most, per chip: beyond it engines gain nothing, and
/// sampling on the host costs more than it brings.
pub(super) const LARGEST_BATCH_PER_CHIP: f64 = 1024.0;

/// Time to draft a token over the time of a step of the model: a layer or two of sixty,
/// as the multi-token prediction module of DeepSeek-V3 (arXiv:2412.19437) is.
const DRAFT_SHARE: f64 = 0.03;

/// Pipeline stages tried, in order, until the model fits.
const STAGES: [u32; 5] = [1, 2, 4, 8, 16];

/// Each next smaller batch tried: five per cent steps cost under five of throughput.
pub(super) const BATCH_STEP: f64 = 0.95;

/// One replica, evaluated.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    pub(super) tensor: u32,
    pub(super) pipeline: u32,
    pub(super) batch: u32,
    /// Output tokens/s per chip.
    pub(super) rate_per_chip: f64,
    /// Time of an output token, prefill of others included.
    pub(super) step: Explain,
    pub(super) ttft_s: f64,
    /// Longest time between two tokens, while a prompt of another is computed.
    pub(super) gap_s: f64,
    pub(super) memory: Memory,
}

pub(super) fn best(
    c: &Calibration,
    machine: &Machine,
    work: &Work,
    case: &ServeCase,
) -> Result<Candidate, Infeasible> {
    let degrees = degrees(machine, work, case)?;
    let mut nearest: Option<Memory> = None;
    for stages in STAGES {
        if f64::from(stages) > work.layers {
            break;
        }
        let mut best: Option<Candidate> = None;
        let mut closest: Option<Candidate> = None;
        for (tensor, groups) in replicas(&degrees, work) {
            let replica = Replica {
                calibration: c,
                machine,
                work,
                precision: case.precision,
                kv_precision: case.kv_precision,
                tensor,
                groups,
            };
            match of_degree(&replica, stages, case) {
                Tried::Meets(found) => {
                    if best.as_ref().is_none_or(|b| found.rate_per_chip > b.rate_per_chip)
                    {
                        best = Some(found);
                    }
                }
                Tried::Misses(found) => {
                    keep_closest(&mut closest, found, case);
                }
                Tried::DoesNotFit(arithmetic) => {
                    let used = arithmetic.used_gb();
                    if nearest.as_ref().is_none_or(|n| used < n.used_gb()) {
                        nearest = Some(arithmetic);
                    }
                }
            }
        }
        if let Some(best) = best {
            return Ok(best);
        }
        if let Some(closest) = closest {
            return Err(misses_targets(case, machine, work, &closest));
        }
    }
    Err(does_not_fit(machine, work, case, nearest))
}

/// Every degree with the ways to share attention that it allows.
pub(super) fn replicas(degrees: &[u32], work: &Work) -> impl Iterator<Item = (u32, f64)> {
    let sparse = work.is_sparse();
    degrees.iter().flat_map(move |&tensor| {
        let whole = (sparse && tensor > 1).then_some(f64::from(tensor));
        std::iter::once(1.0).chain(whole).map(move |groups| (tensor, groups))
    })
}

/// Powers of two up to the domain, and the domain itself, that divide the heads.
pub(super) fn degrees(
    machine: &Machine,
    work: &Work,
    case: &ServeCase,
) -> Result<Vec<u32>, Infeasible> {
    if let Some(tensor) = case.tensor {
        if tensor == 0 || tensor > machine.domain {
            return Err(Infeasible::new(
                format!(
                    "a tensor-parallel degree of {tensor} does not lie within the \
                     scale-up domain of {} ({} chips)",
                    machine.name, machine.domain
                ),
                format!("give a degree of 1 to {}", machine.domain),
            ));
        }
        if !work.heads.is_multiple_of(tensor) {
            return Err(Infeasible::new(
                format!(
                    "a tensor-parallel degree of {tensor} does not divide the {} heads of \
                     {}",
                    work.heads, work.name
                ),
                "give a degree that does, such as a power of two",
            ));
        }
        return Ok(vec![tensor]);
    }
    let powers = (0..=10).map(|n| 1_u32 << n).take_while(|n| *n <= machine.domain);
    let mut degrees: Vec<u32> = powers.collect();
    if !degrees.contains(&machine.domain) && machine.domain <= 1024 {
        degrees.push(machine.domain);
    }
    degrees.retain(|n| *n == 1 || work.heads.is_multiple_of(*n));
    Ok(degrees)
}

enum Tried {
    Meets(Candidate),
    Misses(Candidate),
    DoesNotFit(Memory),
}

fn of_degree(replica: &Replica<'_>, pipeline: u32, case: &ServeCase) -> Tried {
    let resident = memory::resident(replica, pipeline);
    let sequence = memory::sequence_bytes(replica, pipeline, case);
    let fits = memory::largest_batch(&resident, sequence).floor();
    let chips = f64::from(replica.tensor) * f64::from(pipeline);
    let stages = f64::from(pipeline);
    let wanted =
        case.batch.map_or(LARGEST_BATCH_PER_CHIP * chips, |b| f64::from(b.max(1)));
    let least = case.batch.map_or(stages, |b| f64::from(b.max(1)));
    if fits < least {
        return Tried::DoesNotFit(memory::with_batch(resident, case, least, sequence));
    }
    let candidate = |batch: f64| {
        let times = latency(replica, pipeline, case, batch);
        Candidate {
            tensor: replica.tensor,
            pipeline,
            batch: whole(batch),
            rate_per_chip: batch / (times.step.total_s() * chips),
            step: times.step,
            ttft_s: times.ttft_s,
            gap_s: times.gap_s,
            memory: Memory::default(),
        }
    };
    let mut batch = fits.min(wanted).min(fed(case) * stages).max(1.0);
    let mut found = candidate(batch);
    let mut nearest = found.clone();
    while !found.meets(case) && batch > least {
        batch = (batch * BATCH_STEP).floor().max(least);
        found = candidate(batch);
        if found.misses_by(case) < nearest.misses_by(case) {
            nearest = found.clone();
        }
    }
    if found.meets(case) {
        let memory = memory::with_batch(resident, case, batch, sequence);
        Tried::Meets(Candidate { memory, ..found })
    } else {
        Tried::Misses(nearest)
    }
}

/// Requests that prompts in chunks keep under way: a step has one chunk, so an answer
/// begins every `computed / chunk` steps and lasts as many as it has tokens.
pub(super) fn fed(case: &ServeCase) -> f64 {
    let Some(chunk) = case.chunk_tokens else { return f64::INFINITY };
    let chunks = (case.computed_input() / f64::from(chunk.max(1))).ceil().max(1.0);
    (case.output_tokens / chunks).floor().max(1.0)
}

/// Time per output token of a decode step alone, drafted tokens counted.
pub(super) fn decode_step(
    replica: &Replica<'_>,
    batch: f64,
    case: &ServeCase,
) -> Explain {
    match case.speculation {
        None => replica.decode(batch, case.mean_context()),
        Some(s) => {
            let drafted = f64::from(s.drafted_tokens);
            let step = replica.verify(batch, case.mean_context(), drafted + 1.0);
            let draft = 1.0 + DRAFT_SHARE * drafted;
            step.scaled(draft / s.tokens_a_step())
        }
    }
}

/// Times of a replica at a batch.
struct Times {
    /// Time per output token, prefill of others included.
    step: Explain,
    ttft_s: f64,
    gap_s: f64,
}

/// Time per output token and mean time to first token of a replica.
///
/// With `p` stages, `p` microbatches of `B/p` are under way; each passes all layers, so
/// the time per token is that of a microbatch and the replica holds `p` times as many.
fn latency(replica: &Replica<'_>, pipeline: u32, case: &ServeCase, batch: f64) -> Times {
    let stages = f64::from(pipeline);
    let micro = batch / stages;
    let mut decode = decode_step(replica, micro, case);
    if pipeline > 1 {
        let bytes = micro * replica.work.hidden * 2.0;
        decode.exposed_communication_s +=
            stages * replica.machine.send_s(bytes, true, replica.calibration);
    }
    let token = replica.prefill_token(case.input_tokens, case.cached_input_share);
    let prompt = token.scaled(case.computed_input());
    let interference = replica.calibration.prefill_interference;
    let step = decode.plus(&prompt.scaled(interference * micro / case.output_tokens));

    // A prompt in chunks goes through as many decode steps, and no step has more of it.
    let computed = case.computed_input();
    let chunk =
        case.chunk_tokens.map_or(computed, f64::from).clamp(1.0, computed.max(1.0));
    let chunks = (computed / chunk).ceil().max(1.0);
    let gap_s = decode.total_s() + token.scaled(chunk.min(computed)).total_s();

    let service = prompt.total_s() + chunks * decode.total_s();
    let wait = if case.mode == Mode::Batch {
        0.0
    } else {
        let hold = case.output_tokens * step.total_s();
        let arrivals_per_s = case.load * batch / hold;
        // Stages work on different prompts at once, so each is busy for a share of it.
        let busy = arrivals_per_s * prompt.total_s() / stages;
        queue::wait_for_place_s(batch, case.load, hold)
            + queue::wait_for_prompts_s(busy, prompt.total_s())
    };
    // Where more than a chunk comes a step, the mean step is the longer one.
    Times { step, ttft_s: service + wait, gap_s: gap_s.max(step.total_s()) }
}

impl Candidate {
    /// True where no target is missed, or none is asked for.
    pub(super) fn meets(&self, case: &ServeCase) -> bool {
        case.mode == Mode::Batch || self.misses_by(case) <= 1.0
    }

    /// Times over its targets, the larger of the two; none is missed at 1 or below.
    fn misses_by(&self, case: &ServeCase) -> f64 {
        let token = case.tpot_target_ms.map_or(0.0, |ms| self.step.total_s() * 1e3 / ms);
        token.max(case.ttft_target_s.map_or(0.0, |s| self.ttft_s / s))
    }
}

/// Keeps the one of two that misses its targets least, the first of equals.
pub(super) fn keep_closest(
    closest: &mut Option<Candidate>,
    found: Candidate,
    case: &ServeCase,
) {
    let missed = found.misses_by(case);
    if closest.as_ref().is_none_or(|known| missed < known.misses_by(case)) {
        *closest = Some(found);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a batch is a whole number between one and the cap, far inside u32"
)]
pub(super) fn whole(batch: f64) -> u32 {
    batch.clamp(1.0, f64::from(u32::MAX)) as u32
}

pub(super) fn misses_targets(
    case: &ServeCase,
    machine: &Machine,
    work: &Work,
    closest: &Candidate,
) -> Infeasible {
    let targets = [
        case.ttft_target_s.map(|s| format!("first token within {s} s")),
        case.tpot_target_ms.map(|ms| format!("{ms} ms per output token")),
    ];
    let targets: Vec<String> = targets.into_iter().flatten().collect();
    Infeasible::new(
        format!(
            "{} on {} meets no replica's targets ({}): the nearest, {} chips at batch {}, \
             takes {:.3} s to the first token and {:.1} ms per output token",
            work.name,
            machine.name,
            targets.join(", "),
            closest.tensor.saturating_mul(closest.pipeline),
            closest.batch,
            closest.ttft_s,
            closest.step.total_s() * 1e3
        ),
        "relax the targets, shorten the prompt, store weights in fewer bits, or choose a \
         chip with more memory bandwidth",
    )
}

fn does_not_fit(
    machine: &Machine,
    work: &Work,
    case: &ServeCase,
    nearest: Option<Memory>,
) -> Infeasible {
    let what = nearest.as_ref().map_or_else(
        || "no tensor-parallel degree divides its heads".to_owned(),
        ToString::to_string,
    );
    let infeasible = Infeasible::new(
        format!("{} does not fit {}: per chip {what}", work.name, machine.name),
        format!(
            "store weights in fewer bits than {}, shorten the context of {:.0} tokens, or \
             choose a chip with more memory or a larger domain",
            case.precision.name(),
            case.last_context()
        ),
    );
    match nearest {
        Some(memory) => infeasible.with_memory(memory),
        None => infeasible,
    }
}
