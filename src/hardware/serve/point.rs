//! A service as it was measured: so many requests under way on a replica of given shape.
//!
//! Benchmarks keep a number of requests going in a closed loop and report the mean times
//! per output token and to the first token. Here the shape is given, nothing is searched,
//! and all that does not change from case to case is worked out once, so that a case
//! costs a fraction of a microsecond. Read next: `step`.

use super::step::Replica;
use crate::hardware::calibration::Calibration;
use crate::hardware::explain::Explain;
use crate::hardware::machine::Machine;
use crate::hardware::work::Work;
use crate::profile::{Accelerator, Model, Precision};

/// Chips above which a decode replica of a mixture is run as one, each chip with
/// sequences of its own, where a record does not say how.
const WIDE_REPLICA: f64 = 8.0;
/// Requests in a replica above which it is run so too. Of the published services whose
/// split is known, those with fewer a replica share each sequence over its chips.
const MANY_IN_A_REPLICA: f64 = 200.0;
/// Requests under way at which half the decode replicas beyond the first are left: with
/// few, services are many small replicas, with many, one wide one. Published services
/// whose workers are known have four or five below a hundred, one or two above a thousand.
const HALF_OF_THE_WORKERS: f64 = 500.0;
/// Chips that compute prompts, over those that compute answers, of a published service
/// run at its limit with prompts as long as answers.
const PREFILL_OVER_DECODE: f64 = 0.45;
/// Share of the memory a measured engine may have had: its settings are not known.
const MEASURED_SHARE: f64 = 0.93;
/// Driver context and captured graphs, bytes.
const RUNTIME_BYTES: f64 = 2e9;
/// Rounds in which answers under way and the prompts that feed them are balanced.
const FED_ROUNDS: u32 = 4;
/// Sequences a replica that ran held at least, whatever the memory arithmetic says.
const FEWEST_SEQUENCES: f64 = 4.0;

/// How prompts and answers share the chips of a measured service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrangement {
    /// The same chips do both.
    Aggregated,
    /// Some chips compute prompts, others answers.
    Disaggregated {
        /// Chips of a worker that computes prompts.
        prefill_chips: f64,
        /// Workers that compute prompts, where known.
        prefill_workers: Option<f64>,
        /// Replicas that compute answers, where known.
        decode_workers: Option<f64>,
    },
}

/// A measured service, resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    machine: Machine,
    work: Work,
    precision: Precision,
    kv_precision: Precision,
    /// Chips of a (decode) replica.
    pub chips: f64,
    /// Groups of chips that take different sequences.
    pub groups: f64,
    /// Where prompts are computed elsewhere.
    apart: Option<Apart>,
    /// Requests under way in all.
    pub concurrency: f64,
    input: f64,
    output: f64,
    largest: f64,
}

/// Prompts and answers on chips of their own, resolved.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Apart {
    /// Chips that compute prompts, all workers together.
    prefill_chips: f64,
    /// Replicas that compute answers.
    decode_workers: f64,
}

/// What a measured service is asked to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Format of weights and products.
    pub precision: Precision,
    /// Chips of a (decode) replica.
    pub chips: f64,
    /// Groups of chips that take different sequences.
    pub groups: f64,
    /// How prompts and answers share the chips.
    pub arrangement: Arrangement,
    /// Requests under way in all.
    pub concurrency: f64,
    /// Tokens of a prompt.
    pub input_tokens: f64,
    /// Tokens of an answer.
    pub output_tokens: f64,
}

impl Point {
    /// Resolves chip and model once.
    ///
    /// A replica whose weights do not fit its chips was recorded with one of its degrees
    /// left out; chips are doubled until they fit.
    pub fn new(chip: &Accelerator, model: &Model, load: &Load) -> Self {
        let machine = Machine::of(chip, load.precision);
        let work = Work::of(model);
        let narrow = machine.computed_in != Precision::Bf16;
        let (routed, dense, tables) = work.weight_bytes(load.precision);
        let fitting = |mut chips: f64| {
            while (routed + dense + tables) / chips > 0.95 * machine.capacity
                && chips < 1024.0
            {
                chips *= 2.0;
            }
            chips
        };
        let chips = fitting(load.chips.max(1.0).round());
        let concurrency = load.concurrency.max(1.0);
        let apart = match load.arrangement {
            Arrangement::Aggregated => None,
            Arrangement::Disaggregated {
                prefill_chips,
                prefill_workers,
                decode_workers,
            } => {
                let decode_workers = decode_workers
                    .map_or_else(|| unknown_workers(chips, concurrency), |n| n.max(1.0));
                let each = fitting(prefill_chips.max(1.0));
                let all = prefill_workers.map_or_else(
                    || {
                        let over =
                            prefill_over_decode(load.input_tokens, load.output_tokens);
                        each.max(over * chips * decode_workers)
                    },
                    |n| each * n.max(1.0),
                );
                Some(Apart { prefill_chips: all, decode_workers })
            }
        };
        // Records of a service whose workers are not known do not say either whether
        // a replica shares each sequence or has groups with sequences of their own.
        let unsaid = match load.arrangement {
            Arrangement::Aggregated => true,
            Arrangement::Disaggregated { decode_workers, .. } => decode_workers.is_none(),
        };
        let in_a_replica = concurrency / apart.map_or(1.0, |a| a.decode_workers);
        let many = apart.is_some() && in_a_replica > MANY_IN_A_REPLICA;
        let wide = unsaid && work.is_sparse() && (chips > WIDE_REPLICA || many);
        let groups = if wide { chips } else { load.groups.clamp(1.0, chips) };
        let mut point = Self {
            machine,
            work,
            precision: load.precision,
            kv_precision: if narrow { Precision::Fp8 } else { Precision::Bf16 },
            chips,
            groups,
            apart,
            concurrency,
            input: load.input_tokens.max(1.0),
            output: load.output_tokens.max(1.0),
            largest: 0.0,
        };
        point.largest = point.largest_batch();
        point
    }

    fn replica<'a>(&'a self, c: &'a Calibration) -> Replica<'a> {
        Replica {
            calibration: c,
            machine: &self.machine,
            work: &self.work,
            precision: self.precision,
            kv_precision: self.kv_precision,
            tensor: whole(self.chips),
            groups: self.groups,
        }
    }

    fn largest_batch(&self) -> f64 {
        let replica = self.replica(&Calibration::PRIOR);
        let (routed, dense, tables) = self.work.weight_bytes(self.precision);
        let resident = routed / self.chips + (dense + tables) / replica.dense_split();
        let sequence = self.work.kv_bytes(self.input + self.output, self.kv_precision)
            / replica.kv_split();
        let free = self.machine.capacity * MEASURED_SHARE - resident - RUNTIME_BYTES;
        (free / sequence.max(1.0)).max(FEWEST_SEQUENCES)
    }

    /// Requests under way in one (decode) replica, as memory allows.
    pub fn batch(&self) -> f64 {
        let per_replica = self.concurrency / self.apart.map_or(1.0, |a| a.decode_workers);
        per_replica.clamp(1.0, self.largest)
    }

    /// Seconds to compute a prompt on the chips that compute prompts.
    fn prompt_s(&self, c: &Calibration, share: f64, half_width: f64) -> f64 {
        let mut replica = self.replica(c);
        if let Some(apart) = self.apart {
            replica.tensor = whole(apart.prefill_chips);
            replica.groups = 1.0;
        }
        replica.prompt_token(self.input, 0.0, share, half_width).total_s() * self.input
    }

    /// Time of an output token, prompts of others included, by cause.
    ///
    /// ```text
    /// T = decode(B) + k · B · prompt/osl,   B = N osl T / (osl T + prompt)
    /// ```
    /// with `N` requests under way, of which `B` are past their prompt (Little's law),
    /// and no prompts in between where other chips compute them; there `B` is at most what
    /// the prompts computed meanwhile feed, `osl T / prompt`.
    ///
    /// **Units** s. **Errors** none.
    /// **Checked by** `more_requests_take_longer_each_and_less_in_all`.
    pub fn output_token(&self, c: &Calibration) -> Explain {
        let replica = self.replica(c);
        let context = self.input + self.output / 2.0;
        let under_way = self.batch();
        if let Some(apart) = self.apart {
            // Answers under way cannot outnumber the prompts computed meanwhile.
            let prompt =
                self.prompt_s(c, c.apart_prefill_share, c.prefill_half_width).max(1e-12);
            let mut step = replica.decode(under_way, context);
            for _ in 0..FED_ROUNDS {
                let fed = self.output * step.total_s() / (prompt * apart.decode_workers);
                if fed >= under_way {
                    break;
                }
                step = replica.decode(fed.max(1.0), context);
            }
            return step;
        }
        let prompt = replica.prefill_token(self.input, 0.0).scaled(self.input);
        let alone = prompt.total_s();
        let others = c.prefill_interference / self.output;
        let step = |batch: f64| {
            replica.decode(batch, context).plus(&prompt.scaled(others * batch))
        };
        let mut batch = under_way;
        for _ in 0..2 {
            let answer = self.output * step(batch).total_s();
            batch = (under_way * answer / (answer + alone)).max(1.0);
        }
        step(batch)
    }

    /// Mean time to first token when all requests are kept going in a closed loop.
    ///
    /// ```text
    /// floor + N f + prompt + n T + √(burst² + backlog²)
    /// burst = b N^q prompt,   backlog: what a replica or its prefill cannot take
    /// ```
    /// **Units** s. **Errors** none.
    /// **Source** Little's law for the backlog; the burst term is fitted.
    pub fn first_token_s(&self, c: &Calibration) -> f64 {
        let prompt = self.prompt_s(c, c.first_prefill_share, c.first_half_width);
        let token = self.output_token(c).total_s();
        let answer = self.output * token;
        let (under_way, backlog) = match self.apart {
            None => {
                let beyond = (self.concurrency / self.largest - 1.0).max(0.0);
                (self.concurrency.min(self.largest), beyond * (answer + prompt))
            }
            Some(_) => (self.concurrency, (self.concurrency * prompt - answer).max(0.0)),
        };
        let burst = c.first_burst * prompt * under_way.powf(c.first_burst_power);
        c.first_floor_s
            + c.first_sequence_floor_s * under_way
            + prompt
            + c.first_steps * token
            + burst.hypot(c.first_backlog * backlog)
    }

    /// Chips of the whole service.
    pub fn all_chips(&self) -> f64 {
        self.apart.map_or(self.chips, |a| a.prefill_chips + self.chips * a.decode_workers)
    }
}

/// Chips that compute prompts over those that compute answers, to be expected of a service
/// that does not say.
///
/// ```text
/// 0.45 √(isl/osl)
/// ```
/// Published services with known workers that are run at their limit have 0.1 to 1 at
/// equal lengths and 1.1 to 1.8 at prompts eight times as long.
pub fn prefill_over_decode(input_tokens: f64, output_tokens: f64) -> f64 {
    PREFILL_OVER_DECODE * (input_tokens.max(1.0) / output_tokens.max(1.0)).sqrt()
}

/// Decode replicas to expect of a service that does not say.
fn unknown_workers(chips: f64, concurrency: f64) -> f64 {
    if chips > WIDE_REPLICA {
        return 1.0;
    }
    let more = Calibration::PRIOR.unknown_workers - 1.0;
    1.0 + more / (1.0 + concurrency / HALF_OF_THE_WORKERS)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "chips of a replica are a whole number far inside u32"
)]
fn whole(chips: f64) -> u32 {
    chips.round().clamp(1.0, 65_536.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hardware::fixture;

    fn load(concurrency: f64) -> Load {
        Load {
            precision: Precision::Fp8,
            chips: 8.0,
            groups: 1.0,
            arrangement: Arrangement::Aggregated,
            concurrency,
            input_tokens: 1024.0,
            output_tokens: 1024.0,
        }
    }

    #[test]
    fn more_requests_take_longer_each_and_less_in_all() {
        let c = Calibration::PRIOR;
        let of = |n: f64| {
            Point::new(&fixture::h100(), &fixture::llama3_70b(), &load(n))
                .output_token(&c)
                .total_s()
        };
        assert!(of(4.0) < of(64.0));
        assert!(of(64.0) / 64.0 < of(4.0) / 4.0);
    }

    #[test]
    fn chips_that_compute_no_prompts_answer_faster() {
        let c = Calibration::PRIOR;
        let together = load(64.0);
        let apart = Load {
            arrangement: Arrangement::Disaggregated {
                prefill_chips: 8.0,
                prefill_workers: Some(1.0),
                decode_workers: Some(1.0),
            },
            ..together
        };
        let of = |l: &Load| {
            Point::new(&fixture::h100(), &fixture::llama3_70b(), l).output_token(&c)
        };
        assert!(of(&apart).total_s() < of(&together).total_s());
    }

    #[test]
    fn a_full_replica_makes_the_first_token_wait() {
        let c = Calibration::PRIOR;
        let of = |n: f64| {
            Point::new(&fixture::h100(), &fixture::llama3_70b(), &load(n))
                .first_token_s(&c)
        };
        assert!(of(16.0) < of(256.0));
        assert!(of(20_000.0) > 10.0 * of(256.0));
    }

    #[test]
    fn weights_that_do_not_fit_are_put_on_more_chips() {
        let mut l = load(4.0);
        l.chips = 1.0;
        // 141 GB on chips of 80.
        l.precision = Precision::Bf16;
        let point = Point::new(&fixture::h100(), &fixture::llama3_70b(), &l);
        assert!((point.chips - 2.0).abs() < f64::EPSILON);
    }
}
