//! Every path × strategy, in blocks, in parallel, the same bits always.
//!
//! Paths are played in blocks of [`LANES`]; blocks are grouped in chunks; threads take
//! chunks as they come. Counts are integers, so their order does not matter; sums are
//! kept by chunk and added in the order of the chunks. Draws depend on the seed, the
//! name of the quantity, the path and the month alone. So one thread or eight give the
//! same bytes. Memory does not grow with the number of paths.
//! Read next: `table`, `play`, [`outcome`].

mod break_even;
pub mod outcome;
mod play;
mod record;
mod serve;
mod sight;
mod sums;
mod table;
#[cfg(test)]
mod tests;

pub use outcome::{Outcome, PairOutcome, StrategyOutcome};

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use thiserror::Error;

use crate::block::LANES;
use crate::scenario::Scenario;

use record::Record;
use sums::Sums;
use table::Table;

/// Blocks in a chunk: small enough to share work on few paths, large enough that the
/// order of addition costs nothing.
const BLOCKS_PER_CHUNK: u64 = 4;
const PATHS_PER_CHUNK: u64 = BLOCKS_PER_CHUNK * LANES as u64;

/// How to play, apart from what is played: none of it changes the result.
#[derive(Default)]
pub struct Options<'a> {
    /// Threads; left out: one per core.
    pub threads: Option<usize>,
    /// Called with the paths finished so far, from any thread.
    pub progress: Option<&'a (dyn Fn(u64) + Sync)>,
}

/// The machine could not do it.
#[derive(Debug, Error)]
pub enum EngineError {
    /// No thread pool.
    #[error("could not start {threads} threads: {source}")]
    Threads {
        /// Threads asked for.
        threads: usize,
        /// Why not.
        source: rayon::ThreadPoolBuildError,
    },
}

/// Plays every path of a scenario.
///
/// **Errors** only when threads cannot be started. **Checked by**
/// `tests/determinism.rs`: 1, 2, 3 and 8 threads give equal bytes.
pub fn run(scenario: &Scenario, options: &Options<'_>) -> Result<Outcome, EngineError> {
    let threads = options.threads.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|source| EngineError::Threads { threads, source })?;
    let paths = scenario.paths;
    let chunks = paths.div_ceil(PATHS_PER_CHUNK);
    let next = AtomicU64::new(0);
    let done = AtomicU64::new(0);
    let ordered = Mutex::new(Ordered::default());
    let records = pool.broadcast(|_| {
        let mut table = Table::new(scenario);
        let mut record = Record::new(scenario);
        loop {
            let chunk = next.fetch_add(1, Ordering::Relaxed);
            if chunk >= chunks {
                record.settle();
                return record;
            }
            let first = chunk * PATHS_PER_CHUNK;
            let last = (first + PATHS_PER_CHUNK).min(paths);
            let mut sums = Sums::new(scenario);
            for block in (first..last).step_by(LANES) {
                let valid = usize::try_from(last - block).map_or(LANES, |n| n.min(LANES));
                table.play(block, valid, &mut record, &mut sums);
            }
            ordered
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .push(chunk, sums);
            let finished = done.fetch_add(last - first, Ordering::Relaxed) + last - first;
            if let Some(progress) = options.progress {
                progress(finished);
            }
        }
    });
    let sums = ordered.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut records = records.into_iter();
    let mut record = records.next().unwrap_or_else(|| Record::new(scenario));
    for other in records {
        record.merge(other);
    }
    let sums = sums.total.unwrap_or_else(|| Sums::new(scenario));
    Ok(Outcome::new(scenario, &record, &sums))
}

/// Adds the sums of chunks in the order of the chunks, whenever they come.
#[derive(Default)]
struct Ordered {
    next: u64,
    total: Option<Sums>,
    waiting: BTreeMap<u64, Sums>,
}

impl Ordered {
    fn push(&mut self, chunk: u64, sums: Sums) {
        self.waiting.insert(chunk, sums);
        while let Some(sums) = self.waiting.remove(&self.next) {
            match &mut self.total {
                None => self.total = Some(sums),
                Some(total) => total.add(&sums),
            }
            self.next += 1;
        }
    }
}
