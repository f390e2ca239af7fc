//! What an accelerator does with a workload, as chip-hours per unit with a band.
//!
//! The adapter between the plan's kinds of work and [`crate::hardware`]. The band of an
//! estimate is drawn once a path, from one stream per workload: what a model of the
//! hardware gets wrong for one machine, it mostly gets wrong for all.

use crate::hardware::{
    self, FinetuneCase, Gains, Infeasible, JobCase, Mode, PeakGains, Quantity, ServeCase,
    TrainCase, TrainEstimate,
};
use crate::input::{Checker, Uncertain, When, nearest};
use crate::process::ProcessSpec;
use crate::profile::{Accelerator, Model, Precision};
use crate::trajectory::LevelId;
use crate::units::{SECONDS_PER_HOUR, TOKENS_PER_MTOK, count};
use crate::workload::{FineTuning, Inference, Kind, Method, Training};

use super::default::FINE_TUNING_OVERHEAD;
use super::play::Conversion;
use super::resolve::Builder;

/// Length of a sequence where a plan names none, tokens.
const SEQUENCE_TOKENS: u32 = 4096;
/// Tokens of a global batch where a plan names none: 4 million, as frontier runs use
/// early on (Llama 3, arXiv:2407.21783, §3.4.1).
const BATCH_TOKENS: f64 = 4e6;
/// Length of a packed fine-tuning sequence where a plan names none, tokens.
const FINE_TUNING_SEQUENCE_TOKENS: u32 = 2048;
/// Sequences of a fine-tuning step at least: small jobs use small batches (prior).
const FINE_TUNING_BATCH_SEQUENCES: u32 = 16;
/// Time an asynchronous checkpoint keeps a run from computing, s, and time from an
/// interruption until it computes again, s: with these Llama 3 405B comes out at the
/// 90 % effective training time it reports (arXiv:2407.21783, §3.3.4).
const CHECKPOINT_STALL_S: f64 = 15.0;
const RESTART_S: f64 = 480.0;

impl Builder<'_> {
    /// FLOP of one trained token, for kinds counted in FLOP.
    pub(super) fn flop_per_token(
        &mut self,
        name: &str,
        kind: &Kind,
        at: &mut Checker,
    ) -> f64 {
        let Some(id) = kind.model() else { return 0.0 };
        let Ok(model) = self.catalogue.model(id) else {
            let table = kind.table();
            let known: Vec<&str> =
                self.catalogue.models.keys().map(String::as_str).collect();
            unknown(at, &["workloads", name, table, "model"], "model", id, &known);
            return 0.0;
        };
        self.note_profile("models", &model.id);
        match kind {
            Kind::Training(t) => {
                let sequence = f64::from(t.sequence_tokens.unwrap_or(SEQUENCE_TOKENS));
                hardware::Work::of(model)
                    .training_flops(sequence, hardware::AttentionWork::Causal)
            }
            _ => 0.0,
        }
    }

    /// The conversion of workload `w` on an accelerator; nothing where it cannot serve
    /// it, with the reason kept in `refusals`.
    pub(super) fn conversion(&mut self, w: usize, accelerator: &str) -> Option<usize> {
        let found = self
            .conversions
            .iter()
            .position(|c| c.workload == w && c.accelerator == accelerator);
        if found.is_some() {
            return found;
        }
        let place = (w, accelerator.to_owned());
        if self.refusals.contains_key(&place) {
            return None;
        }
        match self.units_per_chip_hour(w, accelerator) {
            Ok(units) => {
                let [p10, p50, p90] = units.quantiles();
                let hours = if units.is_uncertain() {
                    Uncertain::Between { p10: 1.0 / p90, p50: 1.0 / p50, p90: 1.0 / p10 }
                } else {
                    Uncertain::Exactly(1.0 / p50)
                };
                let name = self.workloads[w].name.clone();
                let date = self.software_date(w, accelerator);
                self.assumptions.note(
                    format!("workloads.{name}.throughput.{accelerator}"),
                    units,
                    &format!("{} per chip-hour", self.workloads[w].unit),
                    "closed-form estimate of the hardware room, software of the date given: \
                     `software_efficiency` moves it from there",
                    date.as_ref().map(When::as_str),
                    false,
                );
                let software = self.software(w, accelerator, date.as_ref());
                let hours_per_unit =
                    self.world.number(format!("throughput.{name}"), hours);
                self.conversions.push(Conversion {
                    workload: w,
                    accelerator: accelerator.to_owned(),
                    hours_per_unit,
                    software,
                });
                Some(self.conversions.len() - 1)
            }
            Err(reason) => {
                self.refusals.insert(place, reason);
                None
            }
        }
    }

    /// The date of the software behind a throughput; nothing where the plan counts hours.
    fn software_date(&self, w: usize, accelerator: &str) -> Option<When> {
        let quantity = match &self.kinds[w] {
            Kind::Inference(_) => Quantity::OutputToken,
            Kind::FineTuning(_) | Kind::Training(_) => Quantity::Step,
            Kind::ChipHours(_) => return None,
        };
        hardware::software_date(self.catalogue.accelerator(accelerator).ok()?, quantity)
    }

    /// What software has gained since `date`, or since the plan's figures hold.
    ///
    /// One quantity for all chips of the program's own fit; a chip that rests on a table of
    /// its own, of another date, has one of its own.
    fn software(&mut self, w: usize, accelerator: &str, date: Option<&When>) -> LevelId {
        const NAME: &str = "software_efficiency";
        match (&self.kinds[w], date) {
            (Kind::ChipHours(c), _) if !c.gains_with_software => {
                self.world.level(crate::trajectory::Quantity {
                    name: "no_progress".to_owned(),
                    process: ProcessSpec::default(),
                    lead_in_months: 0,
                })
            }
            (Kind::ChipHours(_), _) | (_, None) => {
                let as_of = self.plan.time.as_of.as_ref();
                self.standard_level(NAME, as_of)
            }
            (_, Some(date)) if date.as_str() == hardware::Fitted::shipped().as_of => {
                self.standard_level(NAME, Some(date))
            }
            (_, Some(date)) => self.own_level(NAME, accelerator, date),
        }
    }

    fn units_per_chip_hour(
        &mut self,
        w: usize,
        accelerator: &str,
    ) -> Result<Uncertain, String> {
        let kind = self.kinds[w].clone();
        if let Kind::ChipHours(c) = &kind {
            let served = c.served_by.iter();
            let other =
                served.into_iter().find(|(id, _)| self.same_chip(id, accelerator));
            return if self.same_chip(&c.accelerator, accelerator) {
                Ok(Uncertain::Exactly(1.0))
            } else if let Some((_, hours)) = other {
                let [p10, p50, p90] = hours.quantiles();
                Ok(if hours.is_uncertain() {
                    Uncertain::Between { p10: 1.0 / p90, p50: 1.0 / p50, p90: 1.0 / p10 }
                } else {
                    Uncertain::Exactly(1.0 / p50)
                })
            } else {
                Err(format!(
                    "it is counted in hours of `{}`, not of `{accelerator}`",
                    c.accelerator
                ))
            };
        }
        let chip = self
            .catalogue
            .accelerator(accelerator)
            .map_err(|unknown| unknown.to_string())?;
        let model = kind
            .model()
            .and_then(|id| self.catalogue.model(id).ok())
            .ok_or_else(|| "its model is not in the catalogue".to_owned())?;
        let units = units_on(&kind, chip, model)?;
        let Kind::FineTuning(f) = &kind else { return Ok(units) };
        let overhead = f.overhead_share.unwrap_or_else(|| {
            self.assumptions
                .take("fine_tuning.overhead_share", None, &FINE_TUNING_OVERHEAD)
                .median()
        });
        Ok(units.scaled(1.0 - overhead))
    }

    /// What later parts gain at workload `w`, which the accelerator can serve.
    pub(super) fn gains(&self, w: usize, accelerator: &str) -> Option<Gains> {
        let kind = &self.kinds[w];
        if let Kind::ChipHours(work) = kind {
            let bandwidth_share = work.bandwidth_bound_share;
            return Some(Gains::Shares { bandwidth_share });
        }
        let chip = self.catalogue.accelerator(accelerator).ok()?;
        let model = kind.model().and_then(|id| self.catalogue.model(id).ok())?;
        Gains::asked(|gains: PeakGains| {
            let units = units_on(kind, &gains.applied_to(chip), model).ok()?;
            Some(units.median())
        })
    }
}

/// Units a chip-hour does, the time outside the steps of a job not counted.
fn units_on(kind: &Kind, chip: &Accelerator, model: &Model) -> Result<Uncertain, String> {
    match kind {
        Kind::Inference(i) => serve(chip, model, i),
        Kind::FineTuning(f) => fine_tune(chip, model, f),
        Kind::Training(t) => train(chip, model, t),
        Kind::ChipHours(_) => unreachable!("bug: hours of a chip are counted, not asked"),
    }
}

fn serve(
    chip: &Accelerator,
    model: &Model,
    work: &Inference,
) -> Result<Uncertain, String> {
    let precision = work.precision.unwrap_or(Precision::Bf16);
    let mut case = ServeCase::new(work.input_tokens, work.output_tokens, precision);
    case.cached_input_share = work.cached_input_share;
    case.ttft_target_s = work.time_to_first_token_s;
    case.tpot_target_ms = work.time_per_output_token_ms;
    case.mode = if work.deferrable { Mode::Batch } else { Mode::Interactive };
    let estimate = hardware::serve(chip, model, &case).map_err(|no| sentence(&no))?;
    Ok(estimate.requests_per_s_per_chip.uncertain().scaled(SECONDS_PER_HOUR))
}

fn fine_tune(
    chip: &Accelerator,
    model: &Model,
    work: &FineTuning,
) -> Result<Uncertain, String> {
    let sequence = f64::from(work.sequence_tokens.unwrap_or(FINE_TUNING_SEQUENCE_TOKENS));
    let method = match work.method {
        Method::Lora => hardware::Method::Lora,
        Method::Full => hardware::Method::Full,
    };
    let sizes: Vec<u32> = match work.chips_per_job {
        Some(chips) => vec![chips],
        None => vec![1, 2, 4, 8, 16, 32, 64],
    };
    let mut last = String::new();
    for chips in sizes {
        let batch = f64::from(chips.max(FINE_TUNING_BATCH_SEQUENCES));
        let mut case = FinetuneCase::new(method, chips, sequence, batch);
        if let Some(precision) = work.precision {
            case.precision = precision;
        }
        match hardware::finetune(chip, model, &case) {
            Ok(estimate) => {
                let tokens = estimate.tokens_per_s_per_chip.uncertain();
                return Ok(tokens.scaled(SECONDS_PER_HOUR / TOKENS_PER_MTOK));
            }
            Err(no) => last = sentence(&no),
        }
    }
    Err(last)
}

fn train(
    chip: &Accelerator,
    model: &Model,
    work: &Training,
) -> Result<Uncertain, String> {
    let sequence = f64::from(work.sequence_tokens.unwrap_or(SEQUENCE_TOKENS));
    let batch = work.global_batch_sequences.map_or_else(
        || (BATCH_TOKENS / sequence).max(f64::from(work.chips_per_run)).ceil(),
        f64::from,
    );
    let mut case = TrainCase::new(work.chips_per_run, sequence, batch);
    if let Some(precision) = work.precision {
        case.precision = precision;
    }
    let estimate: TrainEstimate =
        hardware::train(chip, model, &case).map_err(|no| sentence(&no))?;
    let nodes =
        f64::from(work.chips_per_run) / f64::from(chip.node.chips_per_node.max(1));
    let job = JobCase {
        nodes: nodes.ceil(),
        checkpoint_stall_s: CHECKPOINT_STALL_S,
        restart_s: RESTART_S,
        interval_s: None,
    };
    let goodput =
        hardware::goodput(chip, &job).map_err(|no| sentence(&no))?.share.uncertain();
    let per_hour = SECONDS_PER_HOUR / 1e21;
    let [p10, p50, p90] = estimate.flop_per_s_per_chip.uncertain().quantiles();
    let [g10, g50, g90] = goodput.quantiles();
    Ok(Uncertain::Between {
        p10: p10 * g10 * per_hour,
        p50: p50 * g50 * per_hour,
        p90: p90 * g90 * per_hour,
    })
}

fn sentence(no: &Infeasible) -> String {
    format!("{}; {}", no.reason, no.next_step)
}

/// An id that names nothing, with the nearest one that does (E0401).
pub(super) fn unknown(
    at: &mut Checker,
    place: &[&str],
    what: &str,
    id: &str,
    known: &[&str],
) {
    let Some((first, rest)) = place.split_first() else {
        let help = meant(id, known).map_or_else(
            || {
                let listed: Vec<&str> = known.iter().take(12).copied().collect();
                format!("known: {}{}", listed.join(", "), more(known.len(), 12))
            },
            |n| format!("write `{n}`"),
        );
        at.push("E0401", format!("no {what} `{id}` in the catalogue"), help);
        return;
    };
    at.at(*first, |at| unknown(at, rest, what, id, known));
}

/// The id that was meant: one that holds what was written or is held by it, before one
/// of a like spelling, so that `nvidia-h100` is `nvidia-h100-sxm` and not `nvidia-l40s`.
fn meant<'a>(id: &str, known: &[&'a str]) -> Option<&'a str> {
    /// Letters below which a part of a name says nothing.
    const LEAST: usize = 3;
    let wanted = id.trim().to_lowercase().replace(['_', ' '], "-");
    let holds = |a: &str, b: &str| b.len() >= LEAST && a.contains(b);
    known
        .iter()
        .copied()
        .filter(|k| holds(k, &wanted) || holds(&wanted, k))
        .min_by_key(|k| k.len().abs_diff(wanted.len()))
        .or_else(|| nearest(id, known.iter().copied()))
}

fn more(all: usize, shown: usize) -> String {
    if all > shown {
        format!(" and {:.0} more; `rackcast profiles` lists all", count(all - shown))
    } else {
        String::new()
    }
}
