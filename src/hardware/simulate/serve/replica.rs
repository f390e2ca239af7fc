//! One replica's scheduler: who joins, what a step computes, who is put out.
//!
//! A step costs a constant number of operations whatever the batch: running requests are
//! known by the number of the decode step at which they end, and the memory they take
//! grows by the batch each step. Read next: [`super::times`].

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::{Admission, Fate, Request, Scheduler, StepTimes};

/// A request of this replica that is not answered yet.
#[derive(Debug, Clone, Copy)]
struct Guest {
    index: usize,
    /// Tokens answered before it was put out.
    answered: u32,
}

/// A request whose prompt is being computed.
#[derive(Debug, Clone, Copy)]
struct Prompt {
    guest: Guest,
    /// Tokens to have in the cache, those found there at the start included.
    total: f64,
    /// Tokens that are there.
    done: f64,
    /// KV memory it holds.
    held: f64,
    /// Time its first token takes beyond its steps.
    fill_s: f64,
}

/// A request that decodes.
#[derive(Debug, Clone, Copy)]
struct Running {
    guest: Guest,
    /// Decode step after which it is answered.
    ends: u64,
    /// Decode step at which it began, for how much it has answered.
    began: u64,
    /// KV memory reserved for it; nothing where memory is counted as it grows.
    held: f64,
}

/// What a step under way will bring.
#[derive(Debug, Clone, Copy, Default)]
struct Step {
    decodes: u32,
    /// Prompts, from the front of the queue, that are whole at its end.
    whole: usize,
}

/// What a replica counted, in seconds and tokens.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counted {
    pub(super) busy_s: f64,
    pub(super) until_s: f64,
    pub(super) steps: u64,
    pub(super) events: u64,
    pub(super) preempted: u64,
    pub(super) prompt_tokens: f64,
    pub(super) answer_tokens: f64,
    /// Integrals over time: requests in the system, running requests, KV memory.
    pub(super) in_system_s: f64,
    pub(super) running_s: f64,
    pub(super) kv_s: f64,
    pub(super) kv_most: f64,
    pub(super) running_most: u32,
}

/// One replica.
#[derive(Debug, Default)]
pub(super) struct Replica {
    waiting: VecDeque<Guest>,
    prompts: VecDeque<Prompt>,
    /// Slots of running requests by the decode step at which they end.
    ends: BinaryHeap<Reverse<(u64, u32)>>,
    slots: Vec<Option<Running>>,
    free: Vec<u32>,
    /// Slots in the order in which they were taken, the latest last; stale ones are
    /// recognised by their starting step.
    order: Vec<(u32, u64)>,
    /// True where requests may be put out, so that their order is kept.
    puts_out: bool,
    decodes: u32,
    decode_steps: u64,
    /// Tokens in the caches of the running requests.
    context: f64,
    /// KV memory in use or reserved.
    used: f64,
    step: Option<Step>,
    pub(super) counted: Counted,
}

impl Replica {
    /// Requests that are here.
    pub(super) fn load(&self) -> usize {
        self.waiting.len() + self.prompts.len() + self.decodes as usize
    }

    pub(super) fn is_busy(&self) -> bool {
        self.step.is_some()
    }

    /// Lets the integrals run up to now.
    pub(super) fn close(&mut self, now: f64) {
        let c = &mut self.counted;
        let dt = now - c.until_s;
        if dt > 0.0 {
            let here = self.waiting.len() + self.prompts.len();
            c.in_system_s += dt * (f64::from(self.decodes) + crate::units::count(here));
            c.running_s += dt * f64::from(self.decodes);
            c.kv_s += dt * self.used;
            c.until_s = now;
        }
    }

    pub(super) fn accept(&mut self, index: usize, now: f64) {
        self.close(now);
        self.counted.events += 1;
        self.waiting.push_back(Guest { index, answered: 0 });
    }

    /// Begins a step and says when it ends; nothing where there is nothing to do.
    pub(super) fn start_step(
        &mut self,
        times: &impl StepTimes,
        requests: &[Request],
        scheduler: &Scheduler,
        now: f64,
    ) -> Option<f64> {
        self.close(now);
        let grows = scheduler.admission == Admission::Preempt;
        self.puts_out = grows;
        if grows {
            self.used = self.grown(times);
        }
        self.admit(times, requests, scheduler);
        if grows {
            self.make_room(times, requests);
        }
        let stalls = scheduler.chunk_tokens.is_none() && !self.prompts.is_empty();
        let decodes = if stalls { 0 } else { self.decodes };
        let mut budget = match scheduler.chunk_tokens {
            Some(tokens) => f64::from(tokens.saturating_sub(decodes).max(1)),
            None => f64::INFINITY,
        };
        let mut step = Step { decodes, whole: 0 };
        let (mut prompt_s, mut finishing) = (0.0, 0.0);
        let mut finishing_context = 0.0;
        for prompt in &mut self.prompts {
            if budget <= 0.0 {
                break;
            }
            let take = budget.min(prompt.total - prompt.done);
            prompt_s += times.prompt_s(prompt.done, take);
            prompt.done += take;
            budget -= take;
            self.counted.prompt_tokens += take;
            if prompt.done >= prompt.total {
                step.whole += 1;
                finishing += 1.0;
                finishing_context += prompt.total;
            }
        }
        if decodes == 0 && self.prompts.is_empty() {
            return None;
        }
        // The last token of a prompt is decoded with the batch; a chunk without any
        // still passes through every layer once.
        let mut batch = f64::from(decodes) + finishing;
        let mut context = finishing_context;
        if decodes > 0 {
            context += self.context;
        }
        if batch == 0.0 {
            batch = 1.0;
            context = self.prompts.front().map_or(1.0, |p| p.done);
        }
        let dt = times.decode_s(batch, (context / batch).max(1.0)) + prompt_s;
        self.step = Some(step);
        self.counted.busy_s += dt;
        self.counted.steps += 1;
        self.counted.events += 1;
        self.counted.running_most = self.counted.running_most.max(decodes);
        Some(now + dt)
    }

    /// Books what the step brought; the number of requests answered.
    pub(super) fn finish_step(
        &mut self,
        requests: &[Request],
        fates: &mut [Fate],
        now: f64,
    ) -> u32 {
        self.close(now);
        let Some(step) = self.step.take() else { return 0 };
        let mut answered = 0;
        if step.decodes > 0 {
            self.decode_steps += 1;
            self.context += f64::from(step.decodes);
            self.counted.answer_tokens += f64::from(step.decodes);
            while let Some(&Reverse((ends, slot))) = self.ends.peek() {
                if ends > self.decode_steps {
                    break;
                }
                self.ends.pop();
                answered += self.leave(slot, ends, requests, fates, now);
            }
        }
        for _ in 0..step.whole {
            answered += self.first_token(requests, fates, now);
        }
        answered
    }

    /// A running request is answered.
    fn leave(
        &mut self,
        slot: u32,
        ends: u64,
        requests: &[Request],
        fates: &mut [Fate],
        now: f64,
    ) -> u32 {
        self.free.push(slot);
        // The place of a request that was put out is free only now.
        let Some(running) = self.slots[slot as usize].take() else { return 0 };
        debug_assert_eq!(running.ends, ends, "bug: a slot was taken twice");
        let request = &requests[running.guest.index];
        self.decodes -= 1;
        self.context -= f64::from(request.input) + f64::from(request.output);
        self.used = (self.used - running.held).max(0.0);
        let fate = &mut fates[running.guest.index];
        fate.done_s = now.max(fate.first_token_s);
        self.counted.events += 1;
        if self.decodes == 0 {
            self.order.clear();
        }
        1
    }

    /// The prompt at the front is whole: its next token is there.
    fn first_token(&mut self, requests: &[Request], fates: &mut [Fate], now: f64) -> u32 {
        let Some(prompt) = self.prompts.pop_front() else { return 0 };
        let guest = prompt.guest;
        let request = &requests[guest.index];
        self.counted.events += 1;
        self.counted.answer_tokens += 1.0;
        if guest.answered == 0 {
            fates[guest.index].first_token_s = now + prompt.fill_s;
        }
        let left = request.output - guest.answered - 1;
        if left == 0 {
            self.used = (self.used - prompt.held).max(0.0);
            fates[guest.index].done_s = now.max(fates[guest.index].first_token_s);
            return 1;
        }
        let running = Running {
            guest: Guest { answered: guest.answered + 1, ..guest },
            ends: self.decode_steps + u64::from(left),
            began: self.decode_steps,
            held: prompt.held,
        };
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        self.slots[slot as usize] = Some(running);
        self.ends.push(Reverse((running.ends, slot)));
        self.decodes += 1;
        if self.puts_out {
            self.order.push((slot, running.ends));
            self.forget_stale();
        }
        self.context += f64::from(request.input) + f64::from(guest.answered) + 1.0;
        0
    }

    /// Drops those that have left from the order, once they are most of it.
    fn forget_stale(&mut self) {
        if self.order.len() > 1024 + 4 * self.decodes as usize {
            let slots = &self.slots;
            self.order.retain(|(slot, ends)| {
                slots[*slot as usize].is_some_and(|r| r.ends == *ends)
            });
        }
    }

    /// Lets requests join while there is a place and memory.
    fn admit(
        &mut self,
        times: &impl StepTimes,
        requests: &[Request],
        scheduler: &Scheduler,
    ) {
        while let Some(&guest) = self.waiting.front() {
            let running = self.prompts.len() + self.decodes as usize;
            if running >= scheduler.most_running as usize {
                break;
            }
            let request = &requests[guest.index];
            let prompt = f64::from(request.input) + f64::from(guest.answered);
            let length = match scheduler.admission {
                Admission::Reserve => {
                    f64::from(request.input) + f64::from(request.output)
                }
                Admission::Preempt => prompt + 1.0,
            };
            let held = times.kv_of(length);
            // An empty replica takes whatever fits at all.
            if self.used + held > times.kv_capacity() && running > 0 {
                break;
            }
            self.waiting.pop_front();
            self.used += held;
            self.counted.kv_most = self.counted.kv_most.max(self.used);
            let cached = f64::from(request.input) * scheduler.cached_share;
            let total = prompt;
            let done = cached.min(total - 1.0).max(0.0).floor();
            let fill_s = times.fill_s(total - done);
            self.prompts.push_back(Prompt { guest, total, done, held, fill_s });
        }
    }

    /// Memory after the next step, where it is taken as it grows.
    fn grown(&self, times: &impl StepTimes) -> f64 {
        let prompts = self.prompts.iter().fold(0.0, |sum, p| sum + p.held);
        if self.decodes == 0 {
            return prompts;
        }
        let decodes = f64::from(self.decodes);
        prompts + decodes * times.kv_of(self.context / decodes + 1.0)
    }

    /// Puts the latest running requests out until the next step's tokens fit.
    fn make_room(&mut self, times: &impl StepTimes, requests: &[Request]) {
        loop {
            self.used = self.grown(times);
            let is_alone = self.prompts.len() + self.decodes as usize <= 1;
            let fits = self.used <= times.kv_capacity();
            if fits || is_alone || !self.put_out(requests) {
                break;
            }
        }
        self.counted.kv_most = self.counted.kv_most.max(self.used);
    }

    /// Puts the latest running request out, to the front of those that wait.
    fn put_out(&mut self, requests: &[Request]) -> bool {
        while let Some((slot, ends)) = self.order.pop() {
            let place = &mut self.slots[slot as usize];
            if place.is_none_or(|r| r.ends != ends) {
                continue;
            }
            let Some(running) = place.take() else { continue };
            // The slot is not free before its entry in `ends` has gone by.
            let done = self.decode_steps - running.began;
            let answered =
                running.guest.answered + u32::try_from(done).unwrap_or(u32::MAX);
            let request = &requests[running.guest.index];
            self.decodes -= 1;
            self.context -= f64::from(request.input) + f64::from(answered);
            self.counted.preempted += 1;
            self.counted.events += 1;
            self.waiting.push_front(Guest { answered, ..running.guest });
            return true;
        }
        false
    }
}
