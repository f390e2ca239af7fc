//! Failures: how often a job stops, what it loses, and what spares and repair give back.
//!
//! A job stops because one of its nodes failed or because of itself (software, file
//! system, pre-emption): at 1,024 chips the second is the larger, so both terms are
//! carried. Where a profile gives no rate, the range measured on large clusters is used
//! and said, never one number.
//!
//! ```text
//! FailureRates, Repair (of a profile) ─► capacity (owned, rented, spot) ─► Job ─► expected
//! early (infant mortality), domain (tray, rack), checkpoint (Young, Daly) ───┘
//! ```
//! The same [`Job`] is played event by event in [`crate::hardware::simulate`]. Read next:
//! [`job`], [`checkpoint`], [`spares`].

pub mod capacity;
pub mod checkpoint;
pub mod domain;
pub mod early;
pub mod job;
pub mod spares;

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Gamma};

use super::estimate::Estimate;
use super::infeasible::{Infeasible, positive};
use crate::input::Uncertain;
use crate::profile::Accelerator;
pub use capacity::{Capacity, held};
pub use domain::Domain;
pub use early::Early;
pub use job::{Corruption, Expected, Job, Reclaim, Shares, Slow};

/// The means with which a count this small or this large is still to be expected.
///
/// ```text
/// low = ½ χ²(α/2; 2n),   high = ½ χ²(1 − α/2; 2n + 2),   α = 1 − confidence
/// ```
/// **Errors** none; a confidence outside 0 to 1 gives the whole line.
/// **Source** Garwood (1936), Biometrika 28:437. **Checked by** `the_interval_of_ten_counts`.
pub fn poisson_interval(count: u32, confidence: f64) -> (f64, f64) {
    let tail = (1.0 - confidence) / 2.0;
    if !(tail > 0.0 && tail < 0.5) {
        return (0.0, f64::INFINITY);
    }
    let quantile = |shape: f64, p: f64| {
        Gamma::new(shape, 1.0).map_or(f64::NAN, |g| g.inverse_cdf(p))
    };
    let n = f64::from(count);
    let low = if count == 0 { 0.0 } else { quantile(n, tail) };
    (low, quantile(n + 1.0, 1.0 - tail))
}

/// Failures that stop a job, per 1,000 node-days, where a profile gives none.
///
/// **Source** Kokolis et al. (2024), arXiv:2410.21680: 2.34 on Meta RSC-2 and 6.50 on
/// RSC-1 (A100, 8 chips a node); Llama 3 (2024), arXiv:2407.21783, table 5: 419 in 54
/// days on 2,048 nodes, 3.79 (H100).
pub const NODE_FAILURES_PER_1000_DAYS: Uncertain =
    Uncertain::Between { p10: 2.34, p50: 3.79, p90: 6.5 };

/// Failures of a job that no node caused, per day, where a profile gives none.
///
/// **Source** the upper end is RSC-1 at 1,024 chips (Kokolis 2024): 7.9 h observed against
/// the 28.8 h its nodes explain leave 2.2 a day. The lower end is a job whose software has
/// settled: 78 % of Llama 3's 7.8 interruptions a day on 2,048 nodes were hardware, and
/// the rest grows with the job, so a tenth a day is put as one in ten; the middle is the
/// geometric mean.
pub const JOB_FAILURES_PER_DAY: Uncertain =
    Uncertain::Between { p10: 0.1, p50: 0.47, p90: 2.2 };

/// How often a job stops.
#[derive(Debug, Clone, PartialEq)]
pub struct FailureRates {
    /// Failures of a node that stop its job, per node-day.
    pub per_node_day: Uncertain,
    /// Failures of a running job that no node caused, per day.
    pub per_job_day: Uncertain,
    /// Which of them the profile does not give.
    pub notes: Vec<String>,
}

impl FailureRates {
    /// The profile's rates, or the measured ranges with a note.
    pub fn of(chip: &Accelerator) -> Self {
        let mut notes = Vec::new();
        let known = chip.reliability.as_ref();
        let mut pick = |given: Option<Uncertain>, prior: Uncertain, name: &str| {
            given.unwrap_or_else(|| {
                notes.push(format!(
                    "{name} of {} unknown: the range of large clusters, {prior}",
                    chip.name
                ));
                prior
            })
        };
        let per_node = pick(
            known.and_then(|r| r.failures_per_1000_node_days),
            NODE_FAILURES_PER_1000_DAYS,
            "failures per 1,000 node-days",
        );
        let per_job_day = pick(
            known.and_then(|r| r.job_failures_per_day),
            JOB_FAILURES_PER_DAY,
            "job failures per day",
        );
        Self { per_node_day: per_node.scaled(1e-3), per_job_day, notes }
    }

    /// Interruptions of a job of `nodes` nodes, per day, at 10, 50 and 90 %.
    ///
    /// ```text
    /// λ = n · r_node + r_job
    /// ```
    /// Quantiles are added as they are: when a cluster is unreliable, both terms are.
    pub fn per_day(&self, nodes: f64) -> [f64; 3] {
        let node = self.per_node_day.quantiles();
        let job = self.per_job_day.quantiles();
        std::array::from_fn(|i| nodes.max(0.0) * node[i] + job[i])
    }

    /// Mean time to interruption of a job, hours; infinite where nothing fails.
    ///
    /// **Checked by** `meta_rsc_1_and_llama_3_stop_as_often_as_published`.
    pub fn mtti_hours(&self, nodes: f64) -> Estimate {
        let [least, mid, most] = self.per_day(nodes).map(|rate| 24.0 / rate.max(1e-12));
        Estimate { p10: most, p50: mid, p90: least, reasons: self.notes.clone() }
    }
}

/// What a checkpoint and a restart cost a job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobCase {
    /// Nodes the job runs on.
    pub nodes: f64,
    /// Time a checkpoint keeps the job from computing, s (the stall, where it is
    /// asynchronous).
    pub checkpoint_stall_s: f64,
    /// Time from an interruption until the job computes again, s.
    pub restart_s: f64,
    /// Time between checkpoints, s; Daly's optimum where left out.
    pub interval_s: Option<f64>,
}

/// What a job keeps of its time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Goodput {
    /// Share of the wall time that is progress kept.
    pub share: Estimate,
    /// Mean time to interruption, hours.
    pub mtti_hours: Estimate,
    /// Time between checkpoints at the median rate, s.
    pub interval_s: f64,
    /// Interruptions per day at the median rate.
    pub interruptions_per_day: f64,
    /// Which rates the profile does not give.
    pub notes: Vec<String>,
}

/// Goodput of a job under failures with checkpoints.
///
/// The exact exponential form of Daly (2006) at each quantile of the failure rate, with
/// the interval a team would set: the optimum at the median rate.
///
/// **Errors** when a time is negative or not finite.
/// **Checked by** `llama_3_keeps_nine_tenths_of_its_time`.
pub fn goodput(chip: &Accelerator, case: &JobCase) -> Result<Goodput, Infeasible> {
    positive("nodes", case.nodes)?;
    positive("checkpoint_stall_s", case.checkpoint_stall_s)?;
    if !(case.restart_s >= 0.0 && case.restart_s.is_finite()) {
        positive("restart_s", case.restart_s)?;
    }
    let rates = FailureRates::of(chip);
    let seconds: [f64; 3] =
        rates.per_day(case.nodes).map(|rate| 86_400.0 / rate.max(1e-12));
    let interval_s = match case.interval_s {
        Some(interval) => positive("interval_s", interval)?,
        None => checkpoint::daly_interval_s(case.checkpoint_stall_s, seconds[1]),
    };
    let [best, mid, worst] = seconds.map(|mtti| {
        checkpoint::goodput(interval_s, case.checkpoint_stall_s, case.restart_s, mtti)
    });
    Ok(Goodput {
        share: Estimate { p10: worst, p50: mid, p90: best, reasons: rates.notes.clone() },
        mtti_hours: rates.mtti_hours(case.nodes),
        interval_s,
        interruptions_per_day: 86_400.0 / seconds[1],
        notes: rates.notes,
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn the_interval_of_ten_counts() {
        // Tables of exact limits: 10 counts, 95 %: 4.795 to 18.39; none: up to 3.689.
        let (low, high) = poisson_interval(10, 0.95);
        assert!(
            (low - 4.795).abs() < 5e-3 && (high - 18.39).abs() < 5e-3,
            "{low} {high}"
        );
        let (low, high) = poisson_interval(0, 0.95);
        assert!(low.abs() < f64::EPSILON && (high - 3.689).abs() < 5e-3, "{high}");
    }

    fn nodes_only(per_1000: f64) -> FailureRates {
        FailureRates {
            per_node_day: (per_1000 / 1000.0).into(),
            per_job_day: 0.0.into(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn meta_rsc_1_and_llama_3_stop_as_often_as_published() {
        // Kokolis 2024: 1.8 h at 16,384 and 0.23 h at 131,072 A100 in nodes of eight.
        for (chips, hours) in [(16_384.0, 1.8), (131_072.0, 0.23)] {
            let got = nodes_only(6.5).mtti_hours(chips / 8.0).p50;
            assert!((got / hours - 1.0).abs() < 0.025, "{got} h");
        }
        // Llama 3: 419 interruptions in 54 days on 16,384 H100 are one in 3.09 h.
        let rate: f64 = 419.0 / (2048.0 * 54.0) * 1000.0;
        assert!((rate - 3.79).abs() < 0.005);
        assert!((nodes_only(rate).mtti_hours(2048.0).p50 - 3.09).abs() < 0.01);
    }

    #[test]
    fn the_job_term_explains_what_nodes_do_not_at_1024_chips() {
        let nodes = nodes_only(6.5).mtti_hours(128.0).p50;
        assert!((nodes - 28.8).abs() < 0.1, "{nodes}");
        let both = FailureRates { per_job_day: 2.2.into(), ..nodes_only(6.5) };
        assert!((both.mtti_hours(128.0).p50 - 7.9).abs() < 0.1);
    }

    #[test]
    fn llama_3_keeps_nine_tenths_of_its_time() {
        // "Higher than 90 %" effective training time at 3.1 h between interruptions
        // (arXiv:2407.21783, §3.3.4), with a stall of 15 s and a restart of 8 minutes.
        let mut chip = fixture::with_rsc1_failures(fixture::h100());
        if let Some(r) = &mut chip.reliability {
            r.failures_per_1000_node_days = Some(3.79.into());
            r.job_failures_per_day = Some(0.0.into());
        }
        let case = JobCase {
            nodes: 2048.0,
            checkpoint_stall_s: 15.0,
            restart_s: 480.0,
            interval_s: None,
        };
        let got = goodput(&chip, &case).unwrap();
        assert!((got.share.p50 - 0.905).abs() < 0.01, "{}", got.share.p50);
        assert!((got.interval_s / 60.0 - 9.6).abs() < 0.3, "{}", got.interval_s);
    }

    #[test]
    fn an_unknown_rate_is_a_range_and_is_said() {
        let rates = FailureRates::of(&fixture::h100());
        assert_eq!(rates.notes.len(), 2);
        let mtti = rates.mtti_hours(128.0);
        assert!(mtti.p10 < mtti.p50 && mtti.p50 < mtti.p90);
        let known = FailureRates::of(&fixture::with_rsc1_failures(fixture::h100()));
        assert_eq!(known.notes.len(), 1);
    }

    #[test]
    fn senseless_times_are_refused_by_name() {
        let case = JobCase {
            nodes: 128.0,
            checkpoint_stall_s: 0.0,
            restart_s: 60.0,
            interval_s: None,
        };
        let why = goodput(&fixture::h100(), &case).unwrap_err();
        assert!(why.reason.contains("checkpoint_stall_s"));
        let case = JobCase { checkpoint_stall_s: 10.0, restart_s: f64::NAN, ..case };
        assert!(goodput(&fixture::h100(), &case).is_err());
    }
}
