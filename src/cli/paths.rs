//! Plays the paths of a run: progress, an orderly stop, checkpoints, an error to reach.
//!
//! A run is played in waves. Between two of them everything is joined and, where there
//! is a folder for it, written: a run that is killed goes on from there to the same
//! bytes. Read next: [`crate::engine::play`].

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::engine::{self, Options, PATHS_PER_CHUNK, Played, played};
use crate::random::{Sampler, sobol};
use crate::report::part::{Inputs, Part};
use crate::report::write;
use crate::scenario::Scenario;
use crate::scenario::plan::PATHS_LIMIT;

use super::{Failure, say};

/// Paths of the first look where a run goes on until its error is small enough.
const FIRST_LOOK: u64 = 16 * PATHS_PER_CHUNK;

/// Set by a signal: no further chunk is begun.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// How to play.
pub(super) struct How {
    pub(super) threads: Option<usize>,
    pub(super) quiet: bool,
    pub(super) timed: bool,
    /// Where checkpoints go, and how long after the last.
    pub(super) checkpoint: Option<(PathBuf, Duration)>,
}

/// Asks the system to stop in order on ctrl-c and its like, at once on the second.
pub(super) fn listen() {
    let heard = || {
        if STOPPED.swap(true, Ordering::Relaxed) {
            #[expect(clippy::exit, reason = "asked twice: now")]
            std::process::exit(130);
        }
    };
    // A second listener, or a system without signals, is no reason not to play.
    let _ = ctrlc::set_handler(heard);
}

/// Plays the chunks that `so_far` lacks of `wanted`, a range of neighbours.
pub(super) fn play(
    scenario: &Scenario,
    inputs: &Inputs,
    wanted: std::ops::Range<u64>,
    mut so_far: Played,
    how: &How,
) -> Result<Played, Failure> {
    let mut from = so_far.chunks().last().map_or(wanted.start, |range| range.end);
    let bar = bar(scenario, &wanted, how.quiet);
    while from < wanted.end {
        let began = Instant::now();
        let pause = AtomicBool::new(false);
        let before = (from - wanted.start) * PATHS_PER_CHUNK;
        let progress = |done: u64| {
            if let Some(bar) = &bar {
                bar.set_position(before + done);
            }
            let due = how
                .checkpoint
                .as_ref()
                .is_some_and(|(_, every)| began.elapsed() >= *every);
            if due || STOPPED.load(Ordering::Relaxed) {
                pause.store(true, Ordering::Relaxed);
            }
        };
        let options = Options {
            threads: how.threads,
            progress: Some(&progress),
            stop: Some(&pause),
            timed: how.timed,
        };
        so_far.join(engine::play(scenario, from..wanted.end, &options)?);
        from = so_far.chunks().last().map_or(from, |range| range.end);
        let is_done = from >= wanted.end;
        if !is_done && let Some((file, _)) = &how.checkpoint {
            save(file, inputs, &so_far)?;
        }
        if !is_done && STOPPED.load(Ordering::Relaxed) {
            return Err(stopped(scenario, &so_far, how));
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    Ok(so_far)
}

/// Plays until the standard error of the cheapest strategy's mean cost is at most `share`
/// of that mean.
pub(super) fn play_until(
    scenario: &mut Scenario,
    inputs: &Inputs,
    share: f64,
    how: &How,
) -> Result<Played, Failure> {
    let mut so_far = Played::none(scenario);
    let mut paths = FIRST_LOOK;
    loop {
        scenario.paths = paths;
        so_far = play(scenario, inputs, played::chunks(scenario), so_far, how)?;
        let error = headline_error(&so_far.outcome(scenario));
        if error <= share || paths >= most_paths(scenario.world.sampler()) {
            return Ok(so_far);
        }
        let more = next_look(paths, error / share, scenario.world.sampler());
        if !how.quiet {
            let (error, share) = (100.0 * error, 100.0 * share);
            say(&format!(
                "error {error:.2} % after {paths} paths; {share} % needs about {more}"
            ));
        }
        paths = more;
    }
}

/// The standard error of the cheapest mean over that mean; 0 where nothing costs.
fn headline_error(outcome: &engine::Outcome) -> f64 {
    let costs = outcome.strategies.iter().filter_map(|s| s.net_present_cost.mean);
    let best = costs.min_by(|a, b| a.mean.total_cmp(&b.mean));
    best.filter(|m| m.mean != 0.0).map_or(0.0, |m| (m.standard_error / m.mean).abs())
}

/// Errors fall with the root of the paths: so many more, a little to spare, in whole
/// chunks, at most eight times as many at once.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "clamped to the paths a run may have"
)]
fn next_look(paths: u64, too_large_by: f64, sampler: Sampler) -> u64 {
    let factor = (1.05 * too_large_by * too_large_by).clamp(1.1, 8.0);
    let wanted = (paths as f64 * factor).min(PATHS_LIMIT as f64) as u64;
    let whole = wanted.div_ceil(PATHS_PER_CHUNK).saturating_mul(PATHS_PER_CHUNK);
    match sampler {
        Sampler::Plain => whole.min(PATHS_LIMIT),
        Sampler::Sobol => sobol::nearest_paths(whole).1,
    }
}

/// The most paths a run may have.
fn most_paths(sampler: Sampler) -> u64 {
    match sampler {
        Sampler::Plain => PATHS_LIMIT,
        Sampler::Sobol => sobol::MOST_PATHS,
    }
}

fn bar(
    scenario: &Scenario,
    wanted: &std::ops::Range<u64>,
    quiet: bool,
) -> Option<ProgressBar> {
    if quiet || !std::io::stderr().is_terminal() {
        return None;
    }
    let end = (wanted.end * PATHS_PER_CHUNK).min(scenario.paths);
    let bar = ProgressBar::new(end - wanted.start * PATHS_PER_CHUNK);
    let style = "{bar:40} {human_pos} of {human_len} paths, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    Some(bar)
}

fn stopped(scenario: &Scenario, so_far: &Played, how: &How) -> Failure {
    let (done, all) = (so_far.paths(scenario), scenario.paths);
    let next = match &how.checkpoint {
        Some(_) => "; the same command with --resume goes on from there".to_owned(),
        None => "; with --out a run that is stopped can be taken up again".to_owned(),
    };
    Failure::Stopped(format!("stopped after {done} of {all} paths{next}"))
}

/// Writes what has been played.
pub(super) fn save(file: &Path, inputs: &Inputs, played: &Played) -> Result<(), Failure> {
    let part = Part { inputs: inputs.clone(), played: played.clone() };
    let bytes = part
        .bytes()
        .map_err(|e| Failure::Report(format!("a part cannot be written as JSON: {e}")))?;
    Ok(write::file(file, &bytes)?)
}

/// Reads a part of a run.
pub(super) fn read(file: &Path) -> Result<Part, Failure> {
    let bytes = std::fs::read(file)
        .map_err(|source| Failure::Read { path: file.to_owned(), source })?;
    let name = file.display().to_string();
    Part::read(&name, &bytes).map_err(|e| Failure::Input(e.to_string()))
}

/// What a checkpoint holds of this run; nothing where there is none.
pub(super) fn resume(
    file: &Path,
    inputs: &Inputs,
    scenario: &Scenario,
) -> Result<Played, Failure> {
    if !file.exists() {
        return Ok(Played::none(scenario));
    }
    let part = read(file)?;
    if let Some(difference) = inputs.difference(&part.inputs) {
        let file = file.display();
        return Err(Failure::Input(format!(
            "{file} belongs to another run: {difference}. Play without --resume, or with \
             the plan, profiles, paths and seed it was made with"
        )));
    }
    Ok(part.played)
}
