//! What a job keeps of its time: failures, repair, spares, checkpoints, slow nodes.
//!
//! One set of plain numbers ([`Job`]) that the closed form below and the simulator of
//! [`crate::hardware::simulate`] both take, so that each checks the other. Rates that are
//! only known as ranges are the caller's to vary. Read next: [`super::capacity`] for how
//! a profile and a way to hold machines become such a job.

use serde::Serialize;

use super::checkpoint;
use super::domain::{Domain, up_with_spares};
use super::early::Early;
use crate::hardware::infeasible::{Infeasible, positive, share};

/// Hours in a day.
const DAY_HOURS: f64 = 24.0;
/// Seconds in an hour and in a day.
const HOUR_S: f64 = 3600.0;
const DAY_S: f64 = 86_400.0;

/// Nodes that slow the whole job, because every step waits for the slowest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Slow {
    /// Nodes that turn slow, per node and day.
    pub per_node_day: f64,
    /// Share of the speed that one or more slow nodes cost the job.
    pub slowdown: f64,
    /// Time until a slow node is found and swapped, hours.
    pub found_hours: f64,
}

/// Silent data corruption: work is lost back to the checkpoint before it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Corruption {
    /// Corruptions per node and day.
    pub per_node_day: f64,
    /// Time until a corruption is noticed, hours.
    pub found_hours: f64,
}

/// Capacity that its owner takes back as a whole (spot).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Reclaim {
    /// Times the capacity is taken back, per day held.
    pub per_day: f64,
    /// Time until as much is to be had again, hours.
    pub away_hours: f64,
    /// Warning before it goes, s: enough for a checkpoint, or not.
    pub notice_s: f64,
}

/// A job on nodes that fail, in plain numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Job {
    /// Nodes the job needs.
    pub nodes: u32,
    /// Further nodes that stand by.
    pub spares: u32,
    /// Failures of a node that stop the job, per node and day, once settled.
    pub node_failures_per_day: f64,
    /// Failures of the job that no node caused, per day.
    pub job_failures_per_day: f64,
    /// Share of node failures that need a part replaced rather than a reset.
    pub replacement_share: f64,
    /// Time of a reset, hours.
    pub reset_hours: f64,
    /// Time until a replaced node serves again, hours.
    pub replacement_hours: f64,
    /// Time a checkpoint keeps the job from computing, s.
    pub checkpoint_s: f64,
    /// Time from having the nodes until the job computes again, s.
    pub restart_s: f64,
    /// Time computed between checkpoints, s; the optimum where left out.
    pub interval_s: Option<f64>,
    /// Nodes that fail together.
    pub domain: Option<Domain>,
    /// Slow nodes.
    pub slow: Option<Slow>,
    /// Early failures.
    pub early: Option<Early>,
    /// Silent data corruption.
    pub corruption: Option<Corruption>,
    /// Spot capacity.
    pub reclaim: Option<Reclaim>,
}

/// Shares of the wall time by what they went to; they add up to one.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Shares {
    /// Progress kept.
    pub progress: f64,
    /// Waiting for enough nodes.
    pub waiting: f64,
    /// Capacity taken back.
    pub away: f64,
    /// Writing checkpoints.
    pub checkpoints: f64,
    /// Restarts, and work lost to failures and done again.
    pub failures: f64,
    /// Speed lost to slow nodes.
    pub slow: f64,
    /// Work thrown away because of corruption.
    pub corruption: f64,
}

/// What a job is expected to keep.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Expected {
    /// Share of the wall time that is progress kept.
    pub goodput: f64,
    /// Share of the wall time in which the job has its nodes.
    pub availability: f64,
    /// Mean time between failures of a job that has its nodes, hours.
    pub mtti_hours: f64,
    /// Time computed between checkpoints, s.
    pub interval_s: f64,
    /// Where the wall time goes.
    pub shares: Shares,
    /// Which of the figures are approximate, and why.
    pub notes: Vec<String>,
}

impl Job {
    /// A job without spares, domains, slow nodes, early failures, corruption or reclaims.
    pub fn plain(
        nodes: u32,
        node_failures_per_day: f64,
        checkpoint_s: f64,
        restart_s: f64,
    ) -> Self {
        Self {
            nodes,
            spares: 0,
            node_failures_per_day,
            job_failures_per_day: 0.0,
            replacement_share: 0.0,
            reset_hours: 0.0,
            replacement_hours: 0.0,
            checkpoint_s,
            restart_s,
            interval_s: None,
            domain: None,
            slow: None,
            early: None,
            corruption: None,
            reclaim: None,
        }
    }

    /// Refuses figures that make no sense, by name.
    pub fn check(&self) -> Result<(), Infeasible> {
        positive("nodes", f64::from(self.nodes))?;
        positive("checkpoint_s", self.checkpoint_s)?;
        if let Some(interval) = self.interval_s {
            positive("interval_s", interval)?;
        }
        share("replacement_share", self.replacement_share)?;
        let mut amounts = vec![
            ("node_failures_per_day", self.node_failures_per_day),
            ("job_failures_per_day", self.job_failures_per_day),
            ("reset_hours", self.reset_hours),
            ("replacement_hours", self.replacement_hours),
            ("restart_s", self.restart_s),
        ];
        if let Some(d) = &self.domain {
            positive("domain nodes", f64::from(d.nodes))?;
            amounts.push(("domain failures_per_day", d.failures_per_day));
            amounts.push(("domain repair_hours", d.repair_hours));
        }
        if let Some(s) = &self.slow {
            share("slowdown", s.slowdown)?;
            amounts.push(("slow per_node_day", s.per_node_day));
            amounts.push(("slow found_hours", s.found_hours));
        }
        if let Some(e) = &self.early {
            positive("early shape", e.shape)?;
            share("early shape", e.shape)?;
            positive("early days", e.days)?;
        }
        if let Some(c) = &self.corruption {
            amounts.push(("corruption per_node_day", c.per_node_day));
            amounts.push(("corruption found_hours", c.found_hours));
        }
        if let Some(r) = &self.reclaim {
            amounts.push(("reclaim per_day", r.per_day));
            amounts.push(("reclaim away_hours", r.away_hours));
            amounts.push(("reclaim notice_s", r.notice_s));
        }
        for (name, x) in amounts {
            if !(x.is_finite() && x >= 0.0) {
                return Err(Infeasible::new(
                    format!(
                        "`{name}` must be a finite number of zero or more, found {x}"
                    ),
                    format!("give `{name}` as zero or more"),
                ));
            }
        }
        Ok(())
    }

    /// Mean time of a repair, hours: the mixture of its two classes.
    pub fn repair_hours(&self) -> f64 {
        self.replacement_share * self.replacement_hours
            + (1.0 - self.replacement_share) * self.reset_hours
    }

    /// Failures of domains that the job spans, per day.
    pub fn domain_failures_per_day(&self) -> f64 {
        self.domain.map_or(0.0, |d| {
            f64::from(self.nodes) / f64::from(d.nodes.max(1)) * d.failures_per_day
        })
    }

    /// True when a reclaim leaves time to write a checkpoint.
    pub fn is_warned(&self) -> bool {
        self.reclaim.is_some_and(|r| r.notice_s >= self.checkpoint_s)
    }

    /// Events per day that throw away the work since the last checkpoint, once settled.
    pub fn crashes_per_day(&self) -> f64 {
        let unwarned =
            self.reclaim.map_or(0.0, |r| if self.is_warned() { 0.0 } else { r.per_day });
        f64::from(self.nodes) * self.node_failures_per_day
            + self.job_failures_per_day
            + self.domain_failures_per_day()
            + unwarned
    }

    /// Time computed between checkpoints: the given one, or the best, s.
    pub fn interval_s(&self) -> f64 {
        self.interval_s.unwrap_or_else(|| {
            let mtti_s = DAY_S / self.crashes_per_day().max(1e-9);
            checkpoint::optimal_interval_s(self.checkpoint_s, mtti_s).max(1.0)
        })
    }

    /// What the job is expected to keep over a run of `horizon_days`.
    ///
    /// ```text
    /// goodput = A · Daly(τ, C, R, M) · (1 − s (1 − e^{−m})) · K_sdc · K_reclaim
    /// A       = 1 / (1/A_nodes + λ_r T_away),   A_nodes = 1 − B(k+1, N r MTTR)
    /// K_sdc   = (1 − λ_c (τ + C)/2) / (1 + λ_c (D + R))       K_reclaim = 1 / (1 + λ_r (R + C))
    /// ```
    /// `B` is Erlang's loss probability: the nodes in repair are the customers of a loss
    /// system of `k + 1` servers, because a job that waits breaks nothing further; it
    /// holds whatever the distribution of repair times. `m` is the mean number of slow
    /// nodes, `D` the time until a corruption is noticed.
    ///
    /// **Units** shares of the wall time. **Errors** as [`Job::check`].
    /// **Source** Daly (2006), eq. 13; Erlang (1917); the rest is renewal reward.
    /// **Checked by** `tests/laws/failures.rs`, against simulation to 1 %.
    pub fn expected(&self, horizon_days: f64) -> Result<Expected, Infeasible> {
        self.check()?;
        let mut notes = Vec::new();
        let factor = self.early.map_or(1.0, |e| e.mean_factor(horizon_days));
        if self.early.is_some() {
            notes.push(format!(
                "early failures enter by their mean over {horizon_days} days, \
                 {factor:.2} times the settled rate"
            ));
        }
        let nodes = f64::from(self.nodes);
        let node_rate = nodes * self.node_failures_per_day * factor;
        let domain_rate = self.domain_failures_per_day() * factor;
        let settled = self.crashes_per_day()
            - nodes * self.node_failures_per_day
            - self.domain_failures_per_day();
        let crashes = (node_rate + domain_rate + settled).max(1e-12);
        let mtti_s = DAY_S / crashes;
        let interval = self.interval_s();

        // Reclaims and failures come only while the job has its nodes, so the times to
        // wait and to be away are ratios to that time.
        let nodes_up = self.nodes_up(node_rate, domain_rate, &mut notes);
        let waits = if nodes_up > 0.0 { 1.0 / nodes_up - 1.0 } else { f64::INFINITY };
        let (goes, restarts) = self.reclaimed();
        let availability =
            if waits.is_finite() { 1.0 / (1.0 + waits + goes) } else { 0.0 };
        let kept =
            checkpoint::goodput(interval, self.checkpoint_s, self.restart_s, mtti_s);
        let stalls = kept * self.checkpoint_s / interval;
        let slow = self.slow.map_or(0.0, |s| {
            let mean = nodes * s.per_node_day * s.found_hours / DAY_HOURS;
            s.slowdown * -(-mean).exp_m1()
        });
        let sound = self.corruption.map_or(1.0, |c| {
            let rate = nodes * c.per_node_day / DAY_S;
            let void_s = c.found_hours * HOUR_S + self.restart_s;
            let cut = rate * (interval + self.checkpoint_s) / 2.0;
            (1.0 - cut).max(0.0) / (1.0 + rate * void_s)
        });

        let progress = availability * restarts * kept * (1.0 - slow) * sound;
        let running = availability * restarts;
        let shares = Shares {
            progress,
            waiting: if waits.is_finite() { availability * waits } else { 1.0 },
            away: availability * goes,
            checkpoints: running * stalls * sound,
            failures: availability * (1.0 - restarts)
                + running * (1.0 - kept - stalls) * sound,
            slow: running * kept * slow * sound,
            corruption: running * (1.0 - sound),
        };
        Ok(Expected {
            goodput: progress,
            availability,
            mtti_hours: mtti_s / HOUR_S,
            interval_s: interval,
            shares,
            notes,
        })
    }

    /// Share of the time held in which at most the spares are down.
    fn nodes_up(&self, node_rate: f64, domain_rate: f64, notes: &mut Vec<String>) -> f64 {
        let down = node_rate * self.repair_hours() / DAY_HOURS;
        let Some(d) = self.domain.filter(|_| domain_rate > 0.0) else {
            return 1.0 - erlang_loss(f64::from(self.spares) + 1.0, down);
        };
        notes.push(
            "with domains, the number of nodes down is taken as growing on while the job \
             waits: availability is a lower bound"
                .to_owned(),
        );
        up_with_spares(
            down,
            domain_rate * d.repair_hours / DAY_HOURS,
            d.nodes,
            self.spares,
        )
    }

    /// Time that spot capacity is away over the time the job has its nodes, and the share
    /// of the latter that announced reclaims leave.
    fn reclaimed(&self) -> (f64, f64) {
        let Some(r) = self.reclaim else { return (0.0, 1.0) };
        let away = r.per_day * r.away_hours / DAY_HOURS;
        if !self.is_warned() {
            return (away, 1.0);
        }
        let each_s = self.restart_s + self.checkpoint_s;
        (away, 1.0 / (1.0 + r.per_day * each_s / DAY_S))
    }
}

/// Erlang's loss probability of `servers` (a whole number) at `offered` load.
fn erlang_loss(servers: f64, offered: f64) -> f64 {
    let (mut blocked, mut i) = (1.0, 1.0);
    while i <= servers {
        blocked = offered * blocked / (i + offered * blocked);
        i += 1.0;
    }
    blocked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Job {
            spares: 2,
            job_failures_per_day: 0.5,
            replacement_share: 0.3,
            reset_hours: 2.0,
            replacement_hours: 100.0,
            ..Job::plain(128, 0.004, 30.0, 300.0)
        }
    }

    #[test]
    fn erlang_by_hand() {
        // B(1, a) = a/(1+a); B(2, 1) = (1/2)/(1 + 1 + 1/2) = 0.2.
        assert!((erlang_loss(1.0, 0.5) - 1.0 / 3.0).abs() < 1e-12);
        assert!((erlang_loss(2.0, 1.0) - 0.2).abs() < 1e-12);
    }

    #[test]
    fn shares_add_up_to_one() {
        let full = Job {
            slow: Some(Slow { per_node_day: 1e-3, slowdown: 0.2, found_hours: 6.0 }),
            corruption: Some(Corruption { per_node_day: 2e-4, found_hours: 5.0 }),
            reclaim: Some(Reclaim { per_day: 2.0, away_hours: 1.0, notice_s: 120.0 }),
            early: Some(Early { shape: 0.6, days: 20.0 }),
            domain: Some(Domain {
                nodes: 16,
                failures_per_day: 0.002,
                repair_hours: 4.0,
            }),
            ..job()
        };
        for j in [job(), full] {
            let s = j.expected(60.0).unwrap().shares;
            let sum = s.progress
                + s.waiting
                + s.away
                + s.checkpoints
                + s.failures
                + s.slow
                + s.corruption;
            assert!((sum - 1.0).abs() < 1e-9, "{sum}: {s:?}");
        }
    }

    #[test]
    fn every_part_costs_something() {
        let base = job().expected(30.0).unwrap().goodput;
        let worse = [
            Job { spares: 0, ..job() },
            Job { job_failures_per_day: 3.0, ..job() },
            Job { restart_s: 1200.0, ..job() },
            Job { checkpoint_s: 120.0, ..job() },
            Job { replacement_hours: 300.0, ..job() },
            Job {
                domain: Some(Domain {
                    nodes: 16,
                    failures_per_day: 0.01,
                    repair_hours: 4.0,
                }),
                ..job()
            },
            Job {
                slow: Some(Slow { per_node_day: 1e-3, slowdown: 0.2, found_hours: 6.0 }),
                ..job()
            },
            Job { early: Some(Early { shape: 0.5, days: 30.0 }), ..job() },
            Job {
                corruption: Some(Corruption { per_node_day: 1e-3, found_hours: 5.0 }),
                ..job()
            },
            Job {
                reclaim: Some(Reclaim { per_day: 2.0, away_hours: 1.0, notice_s: 0.0 }),
                ..job()
            },
        ];
        for j in worse {
            let got = j.expected(30.0).unwrap().goodput;
            assert!(got < base, "{got} against {base}: {j:?}");
        }
    }

    #[test]
    fn a_warned_reclaim_loses_less_than_an_unwarned_one() {
        let with = |notice_s| {
            let reclaim = Some(Reclaim { per_day: 6.0, away_hours: 1.0, notice_s });
            Job { reclaim, interval_s: Some(1800.0), ..job() }
                .expected(30.0)
                .unwrap()
                .goodput
        };
        assert!(with(120.0) > with(0.0));
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let why = Job { restart_s: f64::NAN, ..job() }.expected(1.0).unwrap_err();
        assert!(why.reason.contains("restart_s"), "{why}");
        let early = Some(Early { shape: 2.0, days: 10.0 });
        assert!(Job { early, ..job() }.expected(1.0).is_err());
        assert!(Job { nodes: 0, ..job() }.expected(1.0).is_err());
    }
}
