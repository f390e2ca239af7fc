//! A job, event by event: nodes fail and are repaired, spares step in, work is lost.
//!
//! The same [`Job`] as the closed form takes. While the job has its nodes, failures of
//! nodes, domains and the job itself, slow nodes, corruption and reclaims each come as
//! their own process; a repair takes the time of its class. Between two events the work
//! of any number of checkpoints is one line of arithmetic, so a run costs what its
//! failures cost. Nodes that stand by and jobs that wait break nothing. Read next:
//! [`crate::hardware::failures::job`] for the closed form.

mod outcome;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

pub use outcome::{Counts, JobOutcome, Sampled};

use super::draw::Draws;
use crate::hardware::failures::Job;
use crate::hardware::infeasible::{Infeasible, positive};
use crate::random::{PathRng, Seed, Stream};
use outcome::Tally;

const DAY_S: f64 = 86_400.0;
const HOUR_S: f64 = 3600.0;

/// Events of all paths beyond which a case is refused: about ten minutes of one core. A job
/// that fails every second has no use for a simulation.
const MOST_EVENTS: f64 = 5e9;

/// How long and how often a job is played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JobRun {
    /// Days of a path.
    pub days: f64,
    /// Independent paths.
    pub paths: u32,
    /// Seed of all random numbers.
    pub seed: Seed,
}

/// Plays `job` on independent paths.
///
/// **Errors** as [`Job::check`], and when days or paths are none or events too many.
/// **Checked by** `tests/laws/failures.rs`: goodput and availability of the closed form
/// to 1 %.
pub fn job(job: &Job, run: &JobRun) -> Result<JobOutcome, Infeasible> {
    job.check()?;
    positive("days", run.days)?;
    positive("paths", f64::from(run.paths))?;
    let often = job.crashes_per_day()
        + job.slow.map_or(0.0, |s| f64::from(job.nodes) * s.per_node_day)
        + job.corruption.map_or(0.0, |c| f64::from(job.nodes) * c.per_node_day);
    let events = often * run.days * f64::from(run.paths);
    if events > MOST_EVENTS {
        return Err(Infeasible::new(
            format!(
                "about {events:.0e} events would be played, more than {MOST_EVENTS:.0e}"
            ),
            "give fewer days or paths, or lower rates",
        ));
    }
    let stream = Stream::new(run.seed, "simulate.job");
    let paths: Vec<Tally> = (0..run.paths)
        .into_par_iter()
        .map(|path| {
            let draws = Draws::new(PathRng::new(stream, u64::from(path), 0));
            Play::new(job, run.days * DAY_S, draws).run()
        })
        .collect();
    Ok(outcome::gather(job, run, &paths))
}

/// What a job is doing.
#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    /// Not enough nodes.
    Waiting,
    /// Taken back.
    Away,
    /// Loading; computes from the given time on.
    Restarting { until: f64 },
    /// Computing and writing checkpoints.
    Computing,
}

/// Work and where it stands.
#[derive(Debug, Clone, Copy, Default)]
struct Work {
    /// Saved by the last checkpoint, s at full speed.
    kept: f64,
    /// Done since, s at full speed.
    pending: f64,
    /// Time into the current cycle of compute and checkpoint, s.
    cycle: f64,
    /// What was kept when a corruption came that nobody has noticed.
    clean: Option<f64>,
    /// Stalls and speed lost in what is kept, and in what is pending.
    kept_stall: f64,
    kept_slow: f64,
    pending_slow: f64,
}

struct Play<'a> {
    job: &'a Job,
    draws: Draws,
    end: f64,
    now: f64,
    state: State,
    down: u32,
    slow: u32,
    work: Work,
    interval: f64,
    next: Next,
    repairs: BinaryHeap<Reverse<(u64, u32)>>,
    tally: Tally,
}

/// Times of the next event of every process; infinite while it does not run.
#[derive(Debug, Clone, Copy)]
struct Next {
    node: f64,
    domain: f64,
    job: f64,
    slow: f64,
    /// A slow node found.
    swapped: f64,
    corrupt: f64,
    noticed: f64,
    reclaim: f64,
    back: f64,
}

const NEVER: Next = Next {
    node: f64::INFINITY,
    domain: f64::INFINITY,
    job: f64::INFINITY,
    slow: f64::INFINITY,
    swapped: f64::INFINITY,
    corrupt: f64::INFINITY,
    noticed: f64::INFINITY,
    reclaim: f64::INFINITY,
    back: f64::INFINITY,
};

impl<'a> Play<'a> {
    fn new(job: &'a Job, end: f64, draws: Draws) -> Self {
        let mut play = Self {
            job,
            draws,
            end,
            now: 0.0,
            state: State::Computing,
            down: 0,
            slow: 0,
            work: Work::default(),
            interval: job.interval_s(),
            next: NEVER,
            repairs: BinaryHeap::new(),
            tally: Tally { wall: end, ..Tally::default() },
        };
        play.begin();
        play
    }

    fn run(mut self) -> Tally {
        loop {
            let (at, what) = self.earliest();
            let at_or_end = at.min(self.end);
            self.pass(at_or_end - self.now);
            self.now = at_or_end;
            if at >= self.end {
                break;
            }
            self.tally.counts.events += 1;
            self.happen(what);
        }
        // Work since the last checkpoint is neither kept nor lost yet: it counts.
        let w = self.work;
        self.tally.shares.progress = w.kept + w.pending;
        self.tally.shares.checkpoints = w.kept_stall;
        self.tally.shares.slow = w.kept_slow + w.pending_slow;
        self.tally
    }

    fn earliest(&self) -> (f64, Event) {
        let n = &self.next;
        let repair = self.repairs.peek().map_or(f64::INFINITY, |r| f64::from_bits(r.0.0));
        let restarted = match self.state {
            State::Restarting { until } => until,
            State::Waiting | State::Away | State::Computing => f64::INFINITY,
        };
        let mut first = (n.node, Event::Node);
        for candidate in [
            (n.domain, Event::Domain),
            (n.job, Event::Job),
            (n.slow, Event::Slow),
            (n.swapped, Event::Swapped),
            (n.corrupt, Event::Corrupt),
            (n.noticed, Event::Noticed),
            (n.reclaim, Event::Reclaim),
            (n.back, Event::Back),
            (repair, Event::Repair),
            (restarted, Event::Restarted),
        ] {
            if candidate.0 < first.0 {
                first = candidate;
            }
        }
        first
    }

    /// Lets time pass in the present state.
    fn pass(&mut self, dt: f64) {
        match self.state {
            State::Waiting => self.tally.shares.waiting += dt,
            State::Away => self.tally.shares.away += dt,
            State::Restarting { .. } => self.tally.up += dt,
            State::Computing => {
                self.tally.up += dt;
                self.compute(dt);
            }
        }
    }

    /// Computes for `dt`: whole cycles of compute and checkpoint, and what is left over.
    fn compute(&mut self, dt: f64) {
        let cost =
            if self.slow > 0 { self.job.slow.map_or(0.0, |s| s.slowdown) } else { 0.0 };
        let stall = self.job.checkpoint_s;
        let length = self.interval + stall;
        let w = &mut self.work;
        let reached = w.cycle + dt;
        let computed =
            |from: f64, to: f64| to.min(self.interval) - from.min(self.interval);
        if reached < length {
            let compute = computed(w.cycle, reached);
            w.pending += compute * (1.0 - cost);
            w.pending_slow += compute * cost;
            w.cycle = reached;
            return;
        }
        let compute = computed(w.cycle, length);
        w.kept += w.pending + compute * (1.0 - cost);
        w.kept_slow += w.pending_slow + compute * cost;
        let whole = ((reached - length) / length).floor();
        w.kept += whole * self.interval * (1.0 - cost);
        w.kept_slow += whole * self.interval * cost;
        w.kept_stall += (whole + 1.0) * stall;
        w.cycle = (reached - length - whole * length).max(0.0);
        let compute = computed(0.0, w.cycle);
        w.pending = compute * (1.0 - cost);
        w.pending_slow = compute * cost;
    }

    fn happen(&mut self, what: Event) {
        match what {
            Event::Node => {
                self.tally.counts.node_failures += 1;
                let (share, u) = (self.job.replacement_share, self.draws.uniform());
                let hours = if u < share {
                    self.job.replacement_hours
                } else {
                    self.job.reset_hours
                };
                self.break_down(1, hours);
                self.crash();
            }
            Event::Domain => {
                self.tally.counts.domain_failures += 1;
                if let Some(d) = self.job.domain {
                    self.break_down(d.nodes, d.repair_hours);
                }
                self.crash();
            }
            Event::Job => {
                self.tally.counts.job_failures += 1;
                self.crash();
            }
            Event::Slow => {
                self.tally.counts.slow_nodes += 1;
                self.slow += 1;
                self.draw_slow();
            }
            Event::Swapped => {
                self.slow = self.slow.saturating_sub(1);
                self.draw_slow();
            }
            Event::Corrupt => self.corrupt(),
            Event::Noticed => self.roll_back(),
            Event::Reclaim => self.reclaim(),
            Event::Back => {
                self.next.back = f64::INFINITY;
                self.restart_or_wait();
            }
            Event::Repair => self.repair(),
            Event::Restarted => self.state = State::Computing,
        }
    }

    fn break_down(&mut self, nodes: u32, hours: f64) {
        if hours > 0.0 {
            self.down = self.down.saturating_add(nodes);
            let done = self.now + hours * HOUR_S;
            self.repairs.push(Reverse((done.to_bits(), nodes)));
        }
    }

    /// The work since the last checkpoint is gone.
    fn crash(&mut self) {
        self.tally.interruptions += 1.0;
        self.lose_pending();
        self.restart_or_wait();
    }

    fn lose_pending(&mut self) {
        self.work.pending = 0.0;
        self.work.pending_slow = 0.0;
        self.work.cycle = 0.0;
    }

    fn restart_or_wait(&mut self) {
        if self.down > self.job.spares {
            self.state = State::Waiting;
            self.next = Next { noticed: self.next.noticed, ..NEVER };
        } else {
            self.tally.counts.restarts += 1;
            self.state = State::Restarting { until: self.now + self.job.restart_s };
            self.begin();
        }
    }

    fn repair(&mut self) {
        if let Some(Reverse((_, nodes))) = self.repairs.pop() {
            self.tally.counts.repairs += 1;
            self.down = self.down.saturating_sub(nodes);
        }
        if self.state == State::Waiting && self.down <= self.job.spares {
            self.restart_or_wait();
        }
    }

    /// Draws every process anew: their futures do not depend on their past.
    fn begin(&mut self) {
        let j = self.job;
        let nodes = f64::from(j.nodes);
        self.next.node = self.aged(nodes * j.node_failures_per_day);
        self.next.domain = self.aged(j.domain_failures_per_day());
        self.next.job = self.now + self.draws.after(j.job_failures_per_day / DAY_S);
        if let Some(r) = j.reclaim {
            self.next.reclaim = self.now + self.draws.after(r.per_day / DAY_S);
        }
        if j.slow.is_some() {
            self.draw_slow();
        }
        if let Some(c) = j.corruption.filter(|_| self.work.clean.is_none()) {
            let rate = nodes * c.per_node_day / DAY_S;
            self.next.corrupt = self.now + self.draws.after(rate);
        }
    }

    /// The next failure of a rate that falls with the age of the cluster.
    fn aged(&mut self, per_day: f64) -> f64 {
        let Some(early) = self.job.early else {
            return self.now + self.draws.after(per_day / DAY_S);
        };
        let passed = early.cumulative_days(self.now / DAY_S);
        let more = self.draws.after(per_day);
        // Rounding must not put an event before the present.
        (early.age_days(passed + more) * DAY_S).max(self.now)
    }

    fn draw_slow(&mut self) {
        let Some(s) = self.job.slow else { return };
        let rate = f64::from(self.job.nodes) * s.per_node_day / DAY_S;
        self.next.slow = self.now + self.draws.after(rate);
        let found = f64::from(self.slow) / (s.found_hours * HOUR_S).max(1e-9);
        self.next.swapped = self.now + self.draws.after(found);
    }

    fn corrupt(&mut self) {
        self.next.corrupt = f64::INFINITY;
        self.work.clean = Some(self.work.kept);
        let hours = self.job.corruption.map_or(0.0, |c| c.found_hours);
        self.next.noticed = self.now + hours * HOUR_S;
    }

    fn roll_back(&mut self) {
        self.next.noticed = f64::INFINITY;
        self.tally.counts.corruptions += 1;
        let w = &mut self.work;
        let clean = w.clean.take().unwrap_or(w.kept);
        self.tally.shares.corruption += w.kept + w.pending - clean;
        w.kept = clean;
        self.lose_pending();
        if matches!(self.state, State::Computing | State::Restarting { .. }) {
            self.restart_or_wait();
        }
    }

    fn reclaim(&mut self) {
        self.tally.counts.reclaims += 1;
        if self.job.is_warned() {
            // The last seconds before it goes are the checkpoint's.
            let stall = self.job.checkpoint_s;
            let w = &mut self.work;
            let cut = stall.min(w.pending);
            w.kept += w.pending - cut;
            w.kept_slow += w.pending_slow;
            w.kept_stall += cut;
        } else {
            self.tally.interruptions += 1.0;
        }
        self.lose_pending();
        self.state = State::Away;
        let away = self.job.reclaim.map_or(0.0, |r| r.away_hours);
        let back = self.now + self.draws.exponential() * away * HOUR_S;
        self.next = Next { noticed: self.next.noticed, back, ..NEVER };
    }
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Node,
    Domain,
    Job,
    Slow,
    Swapped,
    Corrupt,
    Noticed,
    Reclaim,
    Back,
    Repair,
    Restarted,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(job_: &Job, days: f64, paths: u32) -> JobOutcome {
        job(job_, &JobRun { days, paths, seed: Seed(7) }).unwrap()
    }

    #[test]
    fn a_job_that_never_fails_loses_its_checkpoints_only() {
        let quiet = Job { interval_s: Some(600.0), ..Job::plain(8, 0.0, 60.0, 300.0) };
        let got = play(&quiet, 10.0, 2);
        assert!((got.goodput.mean - 600.0 / 660.0).abs() < 1e-3, "{}", got.goodput.mean);
        assert_eq!(got.counts.events, 0);
        assert!(got.mtti_hours.is_infinite());
    }

    #[test]
    fn shares_add_up_and_none_is_negative() {
        let busy = Job {
            spares: 1,
            replacement_share: 0.3,
            reset_hours: 2.0,
            replacement_hours: 60.0,
            ..Job::plain(100, 0.02, 60.0, 600.0)
        };
        let s = play(&busy, 200.0, 20).shares;
        for share in [s.progress, s.waiting, s.checkpoints, s.failures] {
            assert!((0.0..1.0).contains(&share), "{s:?}");
        }
        let sum = s.progress + s.waiting + s.away + s.checkpoints + s.failures;
        assert!((sum - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_same_seed_gives_the_same_bits_on_any_number_of_threads() {
        let job_ = Job { reset_hours: 3.0, ..Job::plain(64, 0.01, 30.0, 300.0) };
        let run = JobRun { days: 60.0, paths: 17, seed: Seed(3) };
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap().install(|| job(&job_, &run).unwrap())
        };
        let one = on(1);
        assert_eq!(one, on(3));
        let other = job(&job_, &JobRun { seed: Seed(4), ..run }).unwrap();
        assert_ne!(one.goodput, other.goodput);
    }

    #[test]
    fn nonsense_is_refused() {
        let job_ = Job::plain(64, 0.01, 30.0, 300.0);
        let run = JobRun { days: 0.0, paths: 1, seed: Seed(1) };
        assert!(job(&job_, &run).is_err());
        assert!(job(&job_, &JobRun { days: 1.0, paths: 0, ..run }).is_err());
        let wild = Job { job_failures_per_day: 1e12, ..job_ };
        assert!(job(&wild, &JobRun { days: 10.0, paths: 1, ..run }).is_err());
    }
}
