//! Prompts and answers on chips of their own: how many workers of each, and of what shape.
//!
//! A prompt no longer interrupts the answers of others, so the time per output token is
//! that of decode alone; in return the slower side sets the pace, and workers come whole.
//! Shapes and counts are searched together for the most output tokens a second per chip
//! that meets the targets. Read next: `search`, which has both on the same chips.

use serde::Serialize;

use super::memory;
use super::queue;
use super::search::{
    BATCH_STEP, Candidate, LARGEST_BATCH_PER_CHIP, decode_step, degrees, keep_closest,
    misses_targets, replicas, whole,
};
use super::step::Replica;
use super::{Mode, ServeCase, describe_spread};
use crate::hardware::calibration::Calibration;
use crate::hardware::estimate::Estimate;
use crate::hardware::explain::Explain;
use crate::hardware::infeasible::Infeasible;
use crate::hardware::machine::Machine;
use crate::hardware::memory::Memory;
use crate::hardware::work::Work;
use crate::profile::{Accelerator, Model};

/// Workers of a kind tried at most: more only refine the ratio between the two.
const MOST_WORKERS: u32 = 16;
/// Throughput per chip that a service with fewer chips may be short of the best.
const NEARLY: f64 = 0.98;
/// Share of a peak that no engine's prefill exceeds, whatever a fit to mixtures gives.
const MOST_OF_THE_PEAK: f64 = 0.8;
/// Rounds in which the answers under way and the prompts that feed them are balanced.
const FED_ROUNDS: u32 = 6;

/// Workers of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Workers {
    /// How many.
    pub count: u32,
    /// Chips of each.
    pub chips: u32,
}

/// What a service with workers of two kinds delivers, per chip of all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApartEstimate {
    /// Output tokens/s per chip when the slower side is full.
    pub output_tokens_per_s_per_chip: Estimate,
    /// Mean time to first token at the stated load, queueing and the move of the KV cache
    /// included, s.
    pub ttft_s: Estimate,
    /// Mean time per output token, ms.
    pub tpot_ms: Estimate,
    /// Workers that compute prompts.
    pub prefill: Workers,
    /// Workers that compute answers.
    pub decode: Workers,
    /// Sequences in decode at once in a worker.
    pub batch: u32,
    /// What a chip that computes answers holds.
    pub memory: Memory,
    /// Where the time of an output token goes.
    pub explain: Explain,
    /// Fall-backs and assumptions.
    pub notes: Vec<String>,
}

/// A shape of prefill worker.
struct Prefill {
    tensor: u32,
    /// Seconds of a prompt.
    prompt_s: f64,
    /// Seconds to hand its cache over.
    hand_over_s: f64,
}

/// A shape of decode worker with its largest batch.
struct Decode<'a> {
    replica: Replica<'a>,
    batch: f64,
    resident: Memory,
    sequence_bytes: f64,
}

/// A whole service.
struct Found {
    prefill: Workers,
    decode: Workers,
    rate_per_chip: f64,
    candidate: Candidate,
}

impl Found {
    fn chips(&self) -> u32 {
        let of = |w: Workers| w.count.saturating_mul(w.chips);
        of(self.prefill).saturating_add(of(self.decode))
    }
}

/// The best service of `chip` for `model` with workers for prompts and for answers, or why
/// there is none.
///
/// ```text
/// X = min(P / prompt, D B / (osl T(B))),   tokens/s per chip = osl X / (P p + D d)
/// ```
/// for `P` prefill workers of `p` chips and `D` decode workers of `d`, both whole numbers.
///
/// **Units** as named in [`ApartEstimate`]. **Errors** [`Infeasible`] where no worker
/// holds the model, or none meets the targets.
/// **Source** Zhong et al. (2024), `DistServe`, for the separation; Little's law.
/// **Checked by** `workers_apart_are_balanced_whole_and_faster_per_token`.
pub fn serve_apart(
    chip: &Accelerator,
    model: &Model,
    case: &ServeCase,
) -> Result<ApartEstimate, Infeasible> {
    let c = Calibration::for_serving(chip);
    let work = Work::of(model);
    case.check(&work)?;
    let machine = Machine::of(chip, case.precision);
    let found = best(&c, &machine, &work, case)?;
    let kept = &found.candidate;
    let (shift, spread) =
        describe_spread(chip, model, &machine, &work, case, kept, "disaggregated");
    let slower = shift.log.exp();
    let mut first = spread.clone();
    first.widen(c.queue_sigma, "time to first token depends on how arrivals bunch");
    let step = kept.step.scaled(slower);
    let mut notes = machine.notes.clone();
    notes.push(format!(
        "{} chips in all: the ratio of the two kinds is kept at any size",
        found.chips()
    ));
    Ok(ApartEstimate {
        output_tokens_per_s_per_chip: Estimate::around(
            found.rate_per_chip / slower,
            &spread,
        ),
        ttft_s: Estimate::around(kept.ttft_s * slower, &first),
        tpot_ms: Estimate::around(step.total_s() * 1e3, &spread),
        prefill: found.prefill,
        decode: found.decode,
        batch: kept.batch,
        memory: kept.memory.clone(),
        explain: step,
        notes,
    })
}

fn best(
    c: &Calibration,
    machine: &Machine,
    work: &Work,
    case: &ServeCase,
) -> Result<Found, Infeasible> {
    let decodes = decodes(c, machine, work, case)?;
    let prefills = prefills(c, machine, work, case);
    let mut kept: Option<Found> = None;
    let mut closest: Option<Candidate> = None;
    for decode in &decodes {
        for prefill in &prefills {
            for d in 1..=MOST_WORKERS {
                for p in 1..=MOST_WORKERS {
                    let found = service(decode, prefill, [p, d], case);
                    if !found.candidate.meets(case) {
                        keep_closest(&mut closest, found.candidate, case);
                        continue;
                    }
                    if kept.as_ref().is_none_or(|k| is_better(&found, k)) {
                        kept = Some(found);
                    }
                }
            }
        }
    }
    match (kept, closest) {
        (Some(found), _) => Ok(found),
        (None, Some(closest)) => Err(misses_targets(case, machine, work, &closest)),
        (None, None) => Err(Infeasible::new(
            format!(
                "no worker of one scale-up domain of {} holds {} and a sequence",
                machine.name, work.name
            ),
            "store weights in fewer bits, shorten the context, or serve prompts and \
             answers on the same chips, which may be pipelined over domains",
        )),
    }
}

/// More tokens a chip, or as good as many on fewer chips.
fn is_better(new: &Found, old: &Found) -> bool {
    if new.chips() < old.chips() {
        new.rate_per_chip >= old.rate_per_chip * NEARLY
    } else {
        new.rate_per_chip * NEARLY > old.rate_per_chip
    }
}

/// Decode workers that hold the model, each with its largest batch and, where a time per
/// token is asked for, the largest that keeps it.
fn decodes<'a>(
    c: &'a Calibration,
    machine: &'a Machine,
    work: &'a Work,
    case: &ServeCase,
) -> Result<Vec<Decode<'a>>, Infeasible> {
    let mut found = Vec::new();
    for (tensor, groups) in replicas(&degrees(machine, work, case)?, work) {
        let replica = Replica {
            calibration: c,
            machine,
            work,
            precision: case.precision,
            kv_precision: case.kv_precision,
            tensor,
            groups,
        };
        let resident = memory::resident(&replica, 1);
        let sequence_bytes = memory::sequence_bytes(&replica, 1, case);
        let fits = memory::largest_batch(&resident, sequence_bytes).floor();
        let most = LARGEST_BATCH_PER_CHIP * f64::from(tensor);
        let mut batch = case.batch.map_or(most, f64::from).min(fits);
        if batch < 1.0 {
            continue;
        }
        let slow = |b: f64| {
            case.mode == Mode::Interactive
                && case
                    .tpot_target_ms
                    .is_some_and(|ms| decode_step(&replica, b, case).total_s() * 1e3 > ms)
        };
        while slow(batch) && batch > 1.0 && case.batch.is_none() {
            batch = (batch * BATCH_STEP).floor().max(1.0);
        }
        found.push(Decode { replica, batch, resident, sequence_bytes });
    }
    Ok(found)
}

/// Prefill workers that hold the model and one prompt.
fn prefills(
    c: &Calibration,
    machine: &Machine,
    work: &Work,
    case: &ServeCase,
) -> Vec<Prefill> {
    let free = ServeCase { tensor: None, ..case.clone() };
    let tensors = degrees(machine, work, &free).unwrap_or_default();
    let of = |tensor: u32| {
        let replica = Replica {
            calibration: c,
            machine,
            work,
            precision: case.precision,
            kv_precision: case.kv_precision,
            tensor,
            groups: 1.0,
        };
        let resident = memory::resident(&replica, 1);
        let sequence = memory::sequence_bytes(&replica, 1, case);
        if memory::largest_batch(&resident, sequence) < 1.0 {
            return None;
        }
        let token = replica.prompt_token(
            case.input_tokens,
            case.cached_input_share,
            c.apart_prefill_share.min(MOST_OF_THE_PEAK),
            c.prefill_half_width,
        );
        let cache = work.kv_bytes(case.input_tokens, case.kv_precision);
        Some(Prefill {
            tensor,
            prompt_s: token.total_s() * case.computed_input(),
            hand_over_s: machine.send_s(cache / f64::from(tensor), true, c),
        })
    };
    tensors.into_iter().filter_map(of).collect()
}

/// So many workers of each kind, at the pace of the slower.
fn service(
    decode: &Decode<'_>,
    prefill: &Prefill,
    [p, d]: [u32; 2],
    case: &ServeCase,
) -> Found {
    let replica = &decode.replica;
    let (count_p, count_d) = (f64::from(p), f64::from(d));
    let fed_per_s = count_p / prefill.prompt_s.max(1e-12);
    let mut batch = decode.batch;
    let mut step = decode_step(replica, batch, case);
    for _ in 0..FED_ROUNDS {
        // Little's law: answers under way when every prompt goes on to be answered.
        let fed = fed_per_s * case.output_tokens * step.total_s() / count_d;
        if fed >= batch {
            break;
        }
        batch = fed.max(1.0);
        step = decode_step(replica, batch, case);
    }
    let answered_per_s = count_d * batch / (case.output_tokens * step.total_s());
    let pace = answered_per_s.min(fed_per_s);
    let chips =
        p.saturating_mul(prefill.tensor).saturating_add(d.saturating_mul(replica.tensor));
    let wait = if case.mode == Mode::Batch {
        0.0
    } else {
        let hold = case.output_tokens * step.total_s();
        let busy = case.load * pace / fed_per_s;
        queue::wait_for_prompts_s(busy, prefill.prompt_s / count_p)
            + queue::wait_for_place_s(
                decode.batch * count_d,
                case.load * pace / answered_per_s,
                hold,
            )
    };
    Found {
        prefill: Workers { count: p, chips: prefill.tensor },
        decode: Workers { count: d, chips: replica.tensor },
        rate_per_chip: pace * case.output_tokens / f64::from(chips),
        candidate: Candidate {
            tensor: replica.tensor,
            pipeline: 1,
            batch: whole(batch),
            rate_per_chip: pace * case.output_tokens / f64::from(chips),
            step,
            ttft_s: prefill.prompt_s + prefill.hand_over_s + step.total_s() + wait,
            gap_s: step.total_s(),
            memory: memory::with_batch(
                decode.resident.clone(),
                case,
                batch,
                decode.sequence_bytes,
            ),
        },
    }
}
