//! The kinds of work: inference, fine-tuning, pretraining, plain chip-hours.
//!
//! Each kind says how much of its unit a month holds today; growth multiplies that.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::input::{Check, Checker, Uncertain};
use crate::profile::Precision;
use crate::units::{DAYS_PER_MONTH, HOURS_PER_MONTH, TOKENS_PER_MTOK};

/// Requests answered by a model.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inference {
    /// Id of a model of the catalogue.
    pub model: String,
    /// Requests a day at the plan's start; or `seats` and `requests_per_seat_day`.
    #[serde(default)]
    pub requests_per_day: Option<Uncertain>,
    /// Users at the plan's start: `growth` is their adoption, `intensity` their use.
    #[serde(default)]
    pub seats: Option<Uncertain>,
    /// Requests of a user a day.
    #[serde(default)]
    pub requests_per_seat_day: Option<Uncertain>,
    /// Mean input of a request, tokens.
    pub input_tokens: f64,
    /// Mean output of a request, tokens.
    pub output_tokens: f64,
    /// Share of the input found in the prefix cache.
    #[serde(default)]
    pub cached_input_share: f64,
    /// Type the weights are stored and multiplied in.
    #[serde(default)]
    pub precision: Option<Precision>,
    /// Time to first token a user accepts, s.
    #[serde(default)]
    pub time_to_first_token_s: Option<f64>,
    /// Time per output token a user accepts, ms.
    #[serde(default)]
    pub time_per_output_token_ms: Option<f64>,
    /// True when answers may wait until the machines are free.
    #[serde(default)]
    pub deferrable: bool,
    /// Share of the requests whose answers may wait, and fill the hours in which machines
    /// stand idle. Default 0.
    #[serde(default)]
    pub deferrable_share: f64,
}

/// Adapting a model to data, in many jobs.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FineTuning {
    /// Id of a model of the catalogue.
    pub model: String,
    /// Jobs a month at the plan's start.
    pub jobs_per_month: Uncertain,
    /// Tokens a job trains on, all epochs together, 10⁶.
    pub mtok_per_job: Uncertain,
    /// What is trained.
    #[serde(default)]
    pub method: Method,
    /// Length of a packed sequence, tokens.
    #[serde(default)]
    pub sequence_tokens: Option<u32>,
    /// Type of the matrix multiplications.
    #[serde(default)]
    pub precision: Option<Precision>,
    /// Chips a job runs on; left out: the smallest number that holds the model.
    #[serde(default)]
    pub chips_per_job: Option<u32>,
    /// Share of chip time spent outside training steps: loading, evaluation, queueing.
    #[serde(default)]
    pub overhead_share: Option<f64>,
}

/// What a fine-tuning job trains.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Low-rank adapters (LoRA): the weights stay as they are.
    #[default]
    Lora,
    /// Every weight.
    Full,
}

/// Pretraining a foundation model.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Id of a model of the catalogue that stands for the architecture.
    pub model: String,
    /// Tokens of one run, 10¹².
    pub tokens_trillion: Uncertain,
    /// Runs of that size a year, experiments counted as parts of a run.
    pub runs_per_year: Uncertain,
    /// Chips a run is planned on; sets communication and failures.
    pub chips_per_run: u32,
    /// Length of a sequence, tokens.
    #[serde(default)]
    pub sequence_tokens: Option<u32>,
    /// Sequences in a global batch.
    #[serde(default)]
    pub global_batch_sequences: Option<u32>,
    /// Type of the matrix multiplications.
    #[serde(default)]
    pub precision: Option<Precision>,
}

/// Work counted in hours of a named chip, as published calculators count it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChipHours {
    /// Id of the accelerator whose hours are counted.
    pub accelerator: String,
    /// Chips that would be busy all the time at full utilisation.
    pub chips: Uncertain,
    /// Share of the time they are busy.
    pub utilisation: Uncertain,
    /// True when the same work takes fewer hours as software gets better.
    #[serde(default)]
    pub gains_with_software: bool,
    /// Share of the time that is bound by memory bandwidth and not by FLOP/s, for what
    /// later generations do with it.
    #[serde(default)]
    pub bandwidth_bound_share: f64,
    /// Other accelerators that can do it, by id: their hours for an hour of the named one.
    #[serde(default)]
    pub served_by: BTreeMap<String, Uncertain>,
}

/// One of the kinds.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Requests answered by a model.
    Inference(Inference),
    /// Adapting a model to data.
    FineTuning(FineTuning),
    /// Pretraining.
    Training(Training),
    /// Hours of a named chip.
    ChipHours(ChipHours),
}

impl Kind {
    /// The unit the work is counted in.
    pub fn unit(&self) -> &'static str {
        match self {
            Self::Inference(_) => "requests",
            Self::FineTuning(_) => "Mtok trained",
            Self::Training(_) => "ZFLOP",
            Self::ChipHours(_) => "chip-hours",
        }
    }

    /// Tokens in one unit, for prices per Mtok; nothing where there are no tokens.
    pub fn mtok_per_unit(&self) -> Option<f64> {
        match self {
            Self::Inference(i) => {
                Some((i.input_tokens + i.output_tokens) / TOKENS_PER_MTOK)
            }
            Self::FineTuning(_) => Some(1.0),
            Self::Training(_) | Self::ChipHours(_) => None,
        }
    }

    /// True when the work may wait within the month.
    pub fn is_deferrable(&self) -> bool {
        match self {
            Self::Inference(i) => i.deferrable,
            Self::FineTuning(_) | Self::Training(_) => true,
            Self::ChipHours(_) => false,
        }
    }

    /// What cannot wait and what can, with their shares: two of a kind, or one whole.
    pub fn parts(self) -> Vec<(Self, f64)> {
        let Self::Inference(work) = &self else { return vec![(self, 1.0)] };
        let share = work.deferrable_share;
        if work.deferrable || share <= 0.0 {
            return vec![(self, 1.0)];
        }
        let waits = Inference { deferrable: true, ..work.clone() };
        if share >= 1.0 {
            return vec![(Self::Inference(waits), 1.0)];
        }
        vec![(self, 1.0 - share), (Self::Inference(waits), share)]
    }

    /// The model it runs, where it runs one.
    pub fn model(&self) -> Option<&str> {
        match self {
            Self::Inference(i) => Some(&i.model),
            Self::FineTuning(f) => Some(&f.model),
            Self::Training(t) => Some(&t.model),
            Self::ChipHours(_) => None,
        }
    }

    /// The table of a plan that holds it.
    pub fn table(&self) -> &'static str {
        match self {
            Self::Inference(_) => "inference",
            Self::FineTuning(_) => "fine_tuning",
            Self::Training(_) => "training",
            Self::ChipHours(_) => "chip_hours",
        }
    }

    /// Factors whose product is the work of a month at the plan's start, in units.
    ///
    /// `flop_per_token` is what one trained token takes (used by pretraining only).
    pub fn monthly_factors(
        &self,
        flop_per_token: f64,
    ) -> (f64, Vec<(&'static str, Uncertain)>) {
        match self {
            Self::Inference(i) => {
                let by_day = i.requests_per_day.map(|x| ("requests_per_day", x));
                let seats = i.seats.map(|x| ("seats", x));
                let each = i.requests_per_seat_day.map(|x| ("requests_per_seat_day", x));
                let factors = by_day.into_iter().chain(seats).chain(each);
                (DAYS_PER_MONTH, factors.collect())
            }
            Self::FineTuning(f) => (
                1.0,
                vec![
                    ("jobs_per_month", f.jobs_per_month),
                    ("mtok_per_job", f.mtok_per_job),
                ],
            ),
            Self::Training(t) => (
                1e12 * flop_per_token / 1e21 / 12.0,
                vec![
                    ("tokens_trillion", t.tokens_trillion),
                    ("runs_per_year", t.runs_per_year),
                ],
            ),
            Self::ChipHours(c) => (
                HOURS_PER_MONTH,
                vec![("chips", c.chips), ("utilisation", c.utilisation)],
            ),
        }
    }
}

impl Check for Inference {
    fn check(&self, at: &mut Checker) {
        at.positive("requests_per_day", self.requests_per_day);
        at.positive("seats", self.seats);
        at.positive("requests_per_seat_day", self.requests_per_seat_day);
        let by_seat = self.seats.is_some() && self.requests_per_seat_day.is_some();
        let some = self.seats.is_some() || self.requests_per_seat_day.is_some();
        if self.requests_per_day.is_some() == by_seat || some != by_seat {
            at.push(
                "E0321",
                "the number of requests is said in no way, or in two".to_owned(),
                "write `requests_per_day`, or both `seats` and `requests_per_seat_day`"
                    .to_owned(),
            );
        }
        at.share("deferrable_share", Uncertain::from(self.deferrable_share));
        at.positive("input_tokens", Uncertain::from(self.input_tokens));
        at.positive("output_tokens", Uncertain::from(self.output_tokens));
        at.share("cached_input_share", Uncertain::from(self.cached_input_share));
        at.positive(
            "time_to_first_token_s",
            self.time_to_first_token_s.map(Uncertain::from),
        );
        at.positive(
            "time_per_output_token_ms",
            self.time_per_output_token_ms.map(Uncertain::from),
        );
    }
}

impl Check for FineTuning {
    fn check(&self, at: &mut Checker) {
        at.positive("jobs_per_month", self.jobs_per_month);
        at.positive("mtok_per_job", self.mtok_per_job);
        at.positive("sequence_tokens", self.sequence_tokens.map(|n| f64::from(n).into()));
        at.positive("chips_per_job", self.chips_per_job.map(|n| f64::from(n).into()));
        at.ranged(
            "overhead_share",
            self.overhead_share.map(Uncertain::from),
            "0 or more and below 1",
            |x| (0.0..1.0).contains(&x),
        );
    }
}

impl Check for Training {
    fn check(&self, at: &mut Checker) {
        at.positive("tokens_trillion", self.tokens_trillion);
        at.positive("runs_per_year", self.runs_per_year);
        at.positive("chips_per_run", Uncertain::from(f64::from(self.chips_per_run)));
        at.positive("sequence_tokens", self.sequence_tokens.map(|n| f64::from(n).into()));
        at.positive(
            "global_batch_sequences",
            self.global_batch_sequences.map(|n| f64::from(n).into()),
        );
    }
}

impl Check for ChipHours {
    fn check(&self, at: &mut Checker) {
        at.positive("chips", self.chips);
        at.share("utilisation", self.utilisation);
        at.share("bandwidth_bound_share", Uncertain::from(self.bandwidth_bound_share));
        for (chip, hours) in &self.served_by {
            at.at("served_by", |at| at.positive(chip, *hours));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_holds_a_twelfth_of_a_year_of_requests() {
        let chat = Kind::Inference(Inference {
            model: "m".into(),
            requests_per_day: Some(1200.0.into()),
            seats: None,
            requests_per_seat_day: None,
            input_tokens: 700.0,
            output_tokens: 300.0,
            cached_input_share: 0.0,
            precision: None,
            time_to_first_token_s: None,
            time_per_output_token_ms: None,
            deferrable: false,
            deferrable_share: 0.0,
        });
        let (base, factors) = chat.monthly_factors(0.0);
        let units = factors.iter().fold(base, |a, (_, f)| a * f.median());
        assert!((units - 36_500.0).abs() < 1e-9);
        assert_eq!(chat.mtok_per_unit(), Some(0.001));
    }

    #[test]
    fn one_llama_405b_run_is_38_000_zettaflop() {
        // 405e9 parameters, 15.6e12 tokens, 6 FLOP each: 3.8e25 (arXiv:2407.21783).
        let run = Kind::Training(Training {
            model: "m".into(),
            tokens_trillion: 15.6.into(),
            runs_per_year: 1.0.into(),
            chips_per_run: 16_384,
            sequence_tokens: None,
            global_batch_sequences: None,
            precision: None,
        });
        let (base, factors) = run.monthly_factors(6.0 * 405e9);
        let per_year = 12.0 * factors.iter().fold(base, |a, (_, f)| a * f.median());
        assert!((per_year / 37_908.0 - 1.0).abs() < 1e-6, "{per_year}");
    }
}
