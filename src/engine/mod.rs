//! Every path × strategy, in blocks, in parallel, the same bits always.
//!
//! Paths are played in blocks of [`LANES`]; blocks are grouped in chunks; threads take
//! chunks as they come. Counts are integers, so their order does not matter; sums are
//! kept by chunk and joined along a tree that the numbers of the paths fix. Draws depend
//! on the seed, the name of the quantity, the path and the month alone. So one thread or
//! eight, one machine or seven, in one go or resumed, give the same bytes. Memory does
//! not grow with the number of paths.
//! Read next: [`run`], `table`, [`outcome`].

pub mod accounts;
pub mod bill;
mod break_even;
mod clock;
mod curves;
mod flows;
mod foresight;
mod forest;
pub mod outcome;
mod play;
pub mod played;
mod ranked;
mod record;
mod serve;
mod sight;
mod sums;
mod table;
#[cfg(test)]
mod tests;

pub use bill::{Bill, BillLine, ChipCount, WorkDone, bill, nearest_path};
pub use outcome::{Outcome, PairOutcome, StrategyOutcome};
pub use played::Played;

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use thiserror::Error;

use crate::block::{LANES, with_arithmetic};
use crate::scenario::Scenario;

use clock::Clock;
use forest::Forest;
use record::{Record, Sampled};
use sums::Replicates;
use table::Table;

/// Blocks in a chunk: small enough to share work on few paths, large enough that the
/// order of addition costs nothing.
const BLOCKS_PER_CHUNK: u64 = 4;
/// Paths in a chunk: the least that is played, joined and written as one.
pub const PATHS_PER_CHUNK: u64 = BLOCKS_PER_CHUNK * LANES as u64;

/// How to play, apart from what is played: none of it changes the result.
#[derive(Default, Clone, Copy)]
pub struct Options<'a> {
    /// Threads; left out: one per core.
    pub threads: Option<usize>,
    /// Called with the paths finished so far, from any thread.
    pub progress: Option<&'a (dyn Fn(u64) + Sync)>,
    /// No further chunk is begun once it is true.
    pub stop: Option<&'a AtomicBool>,
    /// True to note where the time goes.
    pub timed: bool,
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
    Ok(play(scenario, played::chunks(scenario), options)?.outcome(scenario))
}

/// Plays chunks of a scenario's paths, in their order; fewer where it is told to stop.
pub fn play(
    scenario: &Scenario,
    chunks: Range<u64>,
    options: &Options<'_>,
) -> Result<Played, EngineError> {
    let pool = pool(options)?;
    let (mut played, records) =
        on_threads(&pool, scenario, chunks, options, || Record::new(scenario));
    pool.install(|| played.record.gather(records));
    Ok(played)
}

fn pool(options: &Options<'_>) -> Result<rayon::ThreadPool, EngineError> {
    let threads = options.threads.unwrap_or(0);
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|source| EngineError::Threads { threads, source })
}

/// Looks a second time at the paths that were played, for exact quantiles.
///
/// **Errors** as [`play()`]. **Checked by** a full sort of all paths, in `tests`.
pub fn exact(
    scenario: &Scenario,
    played: &mut Played,
    options: &Options<'_>,
) -> Result<(), EngineError> {
    played.record.want_exact();
    look_again(scenario, played, options, Record::found)
}

/// Looks a second time at the paths that were played, for bands that hold whole paths.
///
/// **Errors** as [`play()`]. **Checked by** counting paths, in `tests`.
pub fn curvewise(
    scenario: &Scenario,
    played: &mut Played,
    options: &Options<'_>,
) -> Result<(), EngineError> {
    played.record.want_curves();
    look_again(scenario, played, options, Record::found_curves)
}

/// Plays the same paths again, for what a record asks of a second look.
fn look_again(
    scenario: &Scenario,
    played: &mut Played,
    options: &Options<'_>,
    take: fn(&mut Record, Record),
) -> Result<(), EngineError> {
    let pool = pool(options)?;
    for chunks in played.chunks() {
        let empty = || played.record.emptied();
        let (looked, records) = on_threads(&pool, scenario, chunks, options, empty);
        for (a, b) in played.spent.iter_mut().zip(looked.spent) {
            *a += b;
        }
        for record in records {
            take(&mut played.record, record);
        }
    }
    Ok(())
}

/// Plays one path of a scenario: every series of it, month by month.
pub fn one_path(scenario: &Scenario, path: u64) -> Outcome {
    let first = path - path % LANES as u64;
    let mut record = Record::new(scenario).sampling(Sampled::Path(path));
    let mut sums = Replicates::new(scenario);
    let mut table = Table::new(scenario, Clock::new(false));
    with_arithmetic(scenario.arithmetic, || {
        table.play(first, LANES, &mut record, sums.of_block(first));
    });
    let mut all = Record::new(scenario);
    all.merge(record);
    Outcome::new(scenario, &all, &sums, LANES as u64)
}

/// Plays chunks on threads: the sums of all, and the record of each.
fn on_threads(
    pool: &rayon::ThreadPool,
    scenario: &Scenario,
    chunks: Range<u64>,
    options: &Options<'_>,
    record: impl Fn() -> Record + Sync,
) -> (Played, Vec<Record>) {
    let next = AtomicU64::new(chunks.start);
    let done = AtomicU64::new(0);
    let forest = Mutex::new(Forest::default());
    let stopped = || options.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
    let play = || {
        let mut table = Table::new(scenario, Clock::new(options.timed));
        let mut record = record();
        while !stopped() {
            let chunk = next.fetch_add(1, Ordering::Relaxed);
            if chunk >= chunks.end {
                break;
            }
            let first = chunk * PATHS_PER_CHUNK;
            let last = (first + PATHS_PER_CHUNK).min(scenario.paths);
            let mut sums = Replicates::new(scenario);
            for block in (first..last).step_by(LANES) {
                let valid = usize::try_from(last - block).map_or(LANES, |n| n.min(LANES));
                table.play(block, valid, &mut record, sums.of_block(block));
            }
            forest
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .add(chunk, sums);
            let finished = done.fetch_add(last - first, Ordering::Relaxed) + last - first;
            if let Some(progress) = options.progress {
                progress(finished);
            }
        }
        (table.clock.spent, record)
    };
    let found = pool.broadcast(|_| with_arithmetic(scenario.arithmetic, play));
    let mut played = Played::none(scenario);
    played.sums = forest.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut records = Vec::new();
    for (spent, record) in found {
        records.push(record);
        for (a, b) in played.spent.iter_mut().zip(spent) {
            *a += b;
        }
    }
    (played, records)
}
