//! Paths of a scenario that have been played, and all that an answer needs of them.
//!
//! What threads, shards and resumed runs bring together. Two of them join to the same
//! bits in any order: counts are integers, sums join along a tree that the numbers of the
//! paths fix. It can be written and read back. Read next: [`super::play()`].

use std::ops::Range;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::scenario::Scenario;

use super::PATHS_PER_CHUNK;
use super::clock::STAGES;
use super::forest::Forest;
use super::outcome::Outcome;
use super::record::Record;
use super::sums::Replicates;

/// Paths that have been played.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Played {
    pub(super) record: Record,
    pub(super) sums: Forest,
    /// Time by stage, over all threads; of this machine alone, so not written.
    #[serde(skip)]
    pub(super) spent: [Duration; STAGES],
}

impl Played {
    /// No paths of a scenario.
    pub fn none(scenario: &Scenario) -> Self {
        Self {
            record: Record::new(scenario),
            sums: Forest::default(),
            spent: [Duration::ZERO; STAGES],
        }
    }

    /// Adds other paths of the same scenario; none of them is in both.
    pub fn join(&mut self, other: Self) {
        let spent = other.spent;
        if self.chunks().is_empty() {
            *self = Self { spent: self.spent, ..other };
        } else {
            self.record.merge(other.record);
            self.sums.merge(other.sums);
        }
        for (a, b) in self.spent.iter_mut().zip(spent) {
            *a += b;
        }
    }

    /// Chunks of paths in it, as ranges of neighbours.
    pub fn chunks(&self) -> Vec<Range<u64>> {
        self.sums.ranges()
    }

    /// True if two hold some path both.
    pub fn overlaps(&self, other: &Self) -> bool {
        let ours = self.chunks();
        other
            .chunks()
            .iter()
            .any(|b| ours.iter().any(|a| a.start < b.end && b.start < a.end))
    }

    /// What the paths show, where they are all paths from the first to the last of them.
    pub fn outcome(&self, scenario: &Scenario) -> Outcome {
        let sums = self.sums.total().unwrap_or_else(|| Replicates::new(scenario));
        Outcome::new(scenario, &self.record, &sums, self.paths(scenario))
    }

    /// Paths in it.
    pub fn paths(&self, scenario: &Scenario) -> u64 {
        let end = |chunk: u64| (chunk * PATHS_PER_CHUNK).min(scenario.paths);
        self.chunks().iter().map(|range| end(range.end) - end(range.start)).sum()
    }

    /// Time by stage and its name, over all threads; nothing unless it was asked for.
    pub fn time_by_stage(&self) -> Vec<(&'static str, Duration)> {
        super::clock::NAMES.into_iter().zip(self.spent).collect()
    }
}

/// Chunks that the paths of a scenario make.
pub fn chunks(scenario: &Scenario) -> Range<u64> {
    0..scenario.paths.div_ceil(PATHS_PER_CHUNK)
}

/// The `index`-th of `of` shares of all chunks: none empty where there are enough.
pub fn share(scenario: &Scenario, index: u64, of: u64) -> Range<u64> {
    let all = u128::from(chunks(scenario).end);
    let cut = |i: u64| {
        let at = all * u128::from(i) / u128::from(of.max(1));
        u64::try_from(at).unwrap_or(u64::MAX)
    };
    cut(index)..cut(index + 1)
}
