//! Where the time of a run goes, by stage of a month.
//!
//! A lap costs 30 ns and there are six a month of a block of 256 paths, so it is only
//! read where somebody asked. Times are never part of a result.

use std::time::{Duration, Instant};

/// Stages told apart.
pub(super) const STAGES: usize = 6;

/// Their names, by room.
pub(super) const NAMES: [&str; STAGES] = [
    "random, process, trajectory: drawing the futures",
    "scenario, workload: demand and what chips do with it",
    "strategy, supply, finance: orders, dispatch, cash",
    "finance: accounts and present values",
    "decide: comparing strategies",
    "stats: counting",
];

/// A stage of a month.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    Future,
    Sight,
    Play,
    Accounts,
    Compare,
    Count,
}

/// Adds up time by stage.
#[derive(Debug)]
pub(super) struct Clock {
    last: Option<Instant>,
    pub(super) spent: [Duration; STAGES],
}

impl Clock {
    pub(super) fn new(on: bool) -> Self {
        Self { last: on.then(Instant::now), spent: [Duration::ZERO; STAGES] }
    }

    /// Books the time since the last lap on a stage.
    #[inline]
    pub(super) fn lap(&mut self, stage: Stage) {
        if let Some(last) = &mut self.last {
            let now = Instant::now();
            self.spent[stage as usize] += now - *last;
            *last = now;
        }
    }

    /// Forgets the time since the last lap.
    #[inline]
    pub(super) fn restart(&mut self) {
        if let Some(last) = &mut self.last {
            *last = Instant::now();
        }
    }
}
