//! What the paths of a job gave, gathered.
//!
//! Means come with their Monte Carlo error and their spread between paths. Read next:
//! [`super::job`].

use serde::Serialize;

use super::{DAY_S, HOUR_S, JobRun};
use crate::hardware::failures::{Job, Shares};
use crate::stats::quantile_of_sorted;
use crate::units::count;

/// Events by kind, over all paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Failures of single nodes.
    pub node_failures: u64,
    /// Failures of domains.
    pub domain_failures: u64,
    /// Failures of the job that no node caused.
    pub job_failures: u64,
    /// Times capacity was taken back.
    pub reclaims: u64,
    /// Nodes that turned slow.
    pub slow_nodes: u64,
    /// Corruptions noticed.
    pub corruptions: u64,
    /// Repairs finished.
    pub repairs: u64,
    /// Times the job began to restart.
    pub restarts: u64,
    /// Everything processed, ends of restarts and found slow nodes included.
    pub events: u64,
}

/// A mean over paths with its Monte Carlo error and its spread between paths.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sampled {
    /// Mean over paths.
    pub mean: f64,
    /// Standard error of the mean; zero for one path.
    pub standard_error: f64,
    /// One path in ten lies below.
    pub p10: f64,
    /// Half lie below.
    pub p50: f64,
    /// One in ten lies above.
    pub p90: f64,
}

impl Sampled {
    fn of(mut values: Vec<f64>) -> Self {
        let n = count(values.len());
        let mean = values.iter().fold(0.0, |s, x| s + x) / n;
        let squares = values.iter().fold(0.0, |s, x| s + (x - mean) * (x - mean));
        let standard_error = if n > 1.0 { (squares / (n - 1.0) / n).sqrt() } else { 0.0 };
        values.sort_by(f64::total_cmp);
        let [p10, p50, p90] = [0.1, 0.5, 0.9].map(|p| quantile_of_sorted(&values, p));
        Self { mean, standard_error, p10, p50, p90 }
    }
}

/// What the paths of a job gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobOutcome {
    /// Share of the wall time that is progress kept.
    pub goodput: Sampled,
    /// Share of the wall time in which the job had its nodes.
    pub availability: Sampled,
    /// Interruptions of a path: failures of nodes, domains and the job.
    pub interruptions: Sampled,
    /// Time the job had its nodes over its interruptions, hours; infinite without any.
    pub mtti_hours: f64,
    /// Where the wall time went, mean over paths.
    pub shares: Shares,
    /// Events by kind.
    pub counts: Counts,
    /// Time computed between checkpoints, s.
    pub interval_s: f64,
}

/// What one path adds up, in seconds of wall time.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) wall: f64,
    pub(super) up: f64,
    pub(super) interruptions: f64,
    pub(super) shares: Shares,
    pub(super) counts: Counts,
}

pub(super) fn gather(job: &Job, run: &JobRun, paths: &[Tally]) -> JobOutcome {
    let wall = run.days * DAY_S;
    let of = |get: fn(&Tally) -> f64| Sampled::of(paths.iter().map(get).collect());
    let mut counts = Counts::default();
    let (mut up, mut total) = (0.0, Shares::default());
    for t in paths {
        up += t.up;
        add(&mut counts, &t.counts);
        total.progress += t.shares.progress;
        total.waiting += t.shares.waiting;
        total.away += t.shares.away;
        total.checkpoints += t.shares.checkpoints;
        total.slow += t.shares.slow;
        total.corruption += t.shares.corruption;
    }
    let each = 1.0 / (wall * count(paths.len()));
    let scaled = |x: f64| x * each;
    let mut shares = Shares {
        progress: scaled(total.progress),
        waiting: scaled(total.waiting),
        away: scaled(total.away),
        checkpoints: scaled(total.checkpoints),
        failures: 0.0,
        slow: scaled(total.slow),
        corruption: scaled(total.corruption),
    };
    shares.failures = 1.0
        - shares.progress
        - shares.waiting
        - shares.away
        - shares.checkpoints
        - shares.slow
        - shares.corruption;
    let stops = of(|t| t.interruptions);
    JobOutcome {
        goodput: of(|t| t.shares.progress / t.wall),
        availability: of(|t| t.up / t.wall),
        interruptions: stops,
        mtti_hours: up / HOUR_S / (stops.mean * count(paths.len())),
        shares,
        counts,
        interval_s: job.interval_s(),
    }
}

fn add(sum: &mut Counts, more: &Counts) {
    sum.node_failures += more.node_failures;
    sum.domain_failures += more.domain_failures;
    sum.job_failures += more.job_failures;
    sum.reclaims += more.reclaims;
    sum.slow_nodes += more.slow_nodes;
    sum.corruptions += more.corruptions;
    sum.repairs += more.repairs;
    sum.restarts += more.restarts;
    sum.events += more.events;
}
