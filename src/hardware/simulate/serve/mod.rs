//! Requests, event by event: arrivals, batching, chunked prompts, KV memory.
//!
//! Replicas work step by step as engines do: each step decodes one token of every running
//! request and computes up to a budget of prompt tokens beside it. A request waits for a
//! place and for KV memory; what a step takes comes from the closed form, through
//! [`StepTimes`] alone. What comes out is the distribution that a mean cannot give: time
//! to first token, time per output token and end to end at 50, 90 and 99 %. Read next:
//! [`arrival`] and [`trace`] for what arrives, `replica` for the scheduler, [`times`] for
//! the steps.

pub mod arrival;
mod outcome;
mod replica;
pub mod times;
pub mod trace;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::Serialize;

pub use arrival::{Arrivals, Lengths, generate};
pub use outcome::{Latency, ServeOutcome, Served};
pub use times::{ClosedForm, StepTimes};
pub use trace::{TraceError, read_trace};

use crate::hardware::infeasible::{Infeasible, positive};
use replica::Replica;

/// A request: when it comes and how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Request {
    /// When it arrives, s from the start.
    pub at_s: f64,
    /// Tokens of the prompt, one or more.
    pub input: u32,
    /// Tokens of the answer, one or more.
    pub output: u32,
}

/// When a request may join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// When its whole length fits: nobody is ever put out again.
    #[default]
    Reserve,
    /// When its prompt fits: when memory runs out, the latest is put out and its cache
    /// computed again.
    Preempt,
}

/// How replicas are run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scheduler {
    /// Replicas; a request goes to the one with the fewest.
    pub replicas: u32,
    /// Requests a replica runs at once at most.
    pub most_running: u32,
    /// Tokens of a step at most, prompts and decodes together; none for whole prompts
    /// that hold up the decodes meanwhile.
    pub chunk_tokens: Option<u32>,
    /// When a request may join.
    pub admission: Admission,
    /// Share of every prompt that is found in a prefix cache and not computed.
    pub cached_share: f64,
    /// Requests in the system at most: the next arrives when one is answered, whatever
    /// its own time says.
    pub concurrency: Option<u32>,
    /// Share of the requests, the first ones, that latencies leave out.
    pub warm_up_share: f64,
}

impl Default for Scheduler {
    fn default() -> Self {
        Self {
            replicas: 1,
            most_running: 256,
            chunk_tokens: Some(8192),
            admission: Admission::Reserve,
            cached_share: 0.0,
            concurrency: None,
            warm_up_share: 0.0,
        }
    }
}

impl Scheduler {
    fn check(&self) -> Result<(), Infeasible> {
        positive("replicas", f64::from(self.replicas))?;
        positive("most_running", f64::from(self.most_running))?;
        for (name, n) in
            [("chunk_tokens", self.chunk_tokens), ("concurrency", self.concurrency)]
        {
            if let Some(n) = n {
                positive(name, f64::from(n))?;
            }
        }
        for (name, share) in
            [("cached_share", self.cached_share), ("warm_up_share", self.warm_up_share)]
        {
            if !(0.0..1.0).contains(&share) {
                return Err(Infeasible::new(
                    format!("`{name}` must be 0 or more and below 1, found {share}"),
                    format!("give `{name}` as a share below 1"),
                ));
            }
        }
        Ok(())
    }
}

/// What happened to one request.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(clippy::struct_field_names, reason = "the unit ends every name")]
pub(super) struct Fate {
    pub(super) arrived_s: f64,
    pub(super) first_token_s: f64,
    pub(super) done_s: f64,
}

/// Plays `requests`, in the order of their arrival, through replicas of `times`.
///
/// **Units** s and tokens. **Errors** when there are no requests, when one is longer than
/// the KV memory or out of order, or when a figure of the scheduler makes no sense.
/// **Source** continuous batching: Yu et al. (2022), Orca, OSDI '22; chunked prompts:
/// Agrawal et al. (2024), Sarathi-Serve, OSDI '24; preemption by computing again: Kwon et
/// al. (2023), vLLM, SOSP '23.
/// **Checked by** `tests/laws/serving.rs`: waits of M/D/1 and M/G/1, Little's law, and
/// the closed form's throughput of a full replica.
pub fn serve(
    times: &impl StepTimes,
    requests: &[Request],
    scheduler: &Scheduler,
) -> Result<ServeOutcome, Infeasible> {
    scheduler.check()?;
    refuse_impossible(times, requests)?;
    let mut cluster = Cluster::new(times, requests, scheduler);
    cluster.run();
    let Cluster { fates, replicas, .. } = cluster;
    Ok(outcome::of(requests, &fates, &replicas, scheduler, times.kv_capacity()))
}

fn refuse_impossible(
    times: &impl StepTimes,
    requests: &[Request],
) -> Result<(), Infeasible> {
    if requests.is_empty() {
        return Err(Infeasible::new(
            "there are no requests",
            "give a trace with at least one row, or a number of requests",
        ));
    }
    let mut last = 0.0;
    for (i, r) in requests.iter().enumerate() {
        if !(r.at_s.is_finite() && r.at_s >= last) || r.input == 0 || r.output == 0 {
            return Err(Infeasible::new(
                format!(
                    "request {} makes no sense: arrives at {} s after one at {last} s, \
                     {} tokens in, {} out",
                    i + 1,
                    r.at_s,
                    r.input,
                    r.output
                ),
                "sort by arrival and give at least one token each way",
            ));
        }
        last = r.at_s;
        let length = f64::from(r.input) + f64::from(r.output);
        let needed = times.kv_of(length);
        if needed > times.kv_capacity() || length > times.longest() {
            return Err(Infeasible::new(
                format!(
                    "request {} of {length} tokens does not fit a replica: it takes \
                     {:.3} of the KV memory, and contexts go up to {} tokens",
                    i + 1,
                    needed / times.kv_capacity(),
                    times.longest()
                ),
                "use a wider replica, a smaller KV format, or leave long requests out",
            ));
        }
    }
    Ok(())
}

/// All replicas and the one clock they share.
struct Cluster<'a, T> {
    times: &'a T,
    requests: &'a [Request],
    scheduler: &'a Scheduler,
    replicas: Vec<Replica>,
    fates: Vec<Fate>,
    /// Ends of the steps under way.
    ends: BinaryHeap<Reverse<(u64, u32)>>,
    next: usize,
}

impl<'a, T: StepTimes> Cluster<'a, T> {
    fn new(times: &'a T, requests: &'a [Request], scheduler: &'a Scheduler) -> Self {
        let fate = Fate { arrived_s: 0.0, first_token_s: f64::NAN, done_s: f64::NAN };
        Self {
            times,
            requests,
            scheduler,
            replicas: (0..scheduler.replicas).map(|_| Replica::default()).collect(),
            fates: vec![fate; requests.len()],
            ends: BinaryHeap::new(),
            next: 0,
        }
    }

    fn run(&mut self) {
        let mut now = 0.0;
        if let Some(most) = self.scheduler.concurrency {
            for _ in 0..most {
                self.arrive(now);
            }
        }
        loop {
            let arrival = match self.scheduler.concurrency {
                Some(_) => f64::INFINITY,
                None => self.requests.get(self.next).map_or(f64::INFINITY, |r| r.at_s),
            };
            let end = self.ends.peek().map_or(f64::INFINITY, |e| f64::from_bits(e.0.0));
            if arrival.is_infinite() && end.is_infinite() {
                break;
            }
            if arrival <= end {
                now = arrival;
                self.arrive(now);
            } else if let Some(Reverse((_, which))) = self.ends.pop() {
                now = end;
                self.step_ends(which, now);
            }
        }
        for replica in &mut self.replicas {
            replica.close(now);
        }
    }

    /// The next request joins the replica with the fewest, and wakes it.
    fn arrive(&mut self, now: f64) {
        let index = self.next;
        if index >= self.requests.len() {
            return;
        }
        self.next += 1;
        self.fates[index].arrived_s = now;
        let mut to = 0;
        for (i, replica) in self.replicas.iter().enumerate() {
            if replica.load() < self.replicas[to].load() {
                to = i;
            }
        }
        let replica = &mut self.replicas[to];
        replica.accept(index, now);
        if !replica.is_busy() {
            self.start_step(to, now);
        }
    }

    fn step_ends(&mut self, which: u32, now: f64) {
        let to = which as usize;
        let answered = self.replicas[to].finish_step(self.requests, &mut self.fates, now);
        if self.scheduler.concurrency.is_some() {
            for _ in 0..answered {
                self.arrive(now);
            }
        }
        if !self.replicas[to].is_busy() {
            self.start_step(to, now);
        }
    }

    fn start_step(&mut self, to: usize, now: f64) {
        let replica = &mut self.replicas[to];
        if let Some(end) =
            replica.start_step(self.times, self.requests, self.scheduler, now)
        {
            let which = u32::try_from(to).unwrap_or(u32::MAX);
            self.ends.push(Reverse((end.to_bits(), which)));
        }
    }
}
